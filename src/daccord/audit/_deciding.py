"""From what counts in a record to a round and its decision: the same steps for an operator and for a verifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from daccord.errors import InputError
from daccord.formats import check_files
from daccord.pipeline import Decision, decide
from daccord.record.state import Outcome, Replay, conclude
from daccord.round import Round

__all__ = ["Readable", "decide_record", "readable"]


@dataclass(frozen=True)
class Readable:
    """A record's round, with what the round folder's rules refuse left out.

    Attributes:
        outcome: What counts.
        round: Read from the outcome's files.
        void: Entry hashes that are left out, in ascending order.
    """

    outcome: Outcome
    round: Round
    void: tuple[str, ...]


def readable(
    replay: Replay,
    *,
    inputs: int | None = None,
    openings: Mapping[str, bytes] | None = None,
    sound: Outcome | None = None,
) -> Readable:
    """Read the round that a record comes to, leaving out entries whose rows are refused until nothing is.

    Args:
        replay: Of the log.
        inputs: Entries that are inputs; those of the result if None.
        openings: Entry hash → opening of secret commits, for trustees.
        sound: What counts if nothing is left out, where it is known already.

    Raises:
        InputError: What is wrong stands in the manifest's files, so there is nothing to leave out.
        IntegrityError: There is no manifest.
    """
    void: set[str] = set()
    while True:
        known = None if void else sound
        outcome = known or conclude(replay, void=void, inputs=inputs, openings=openings)
        round_, problems = check_files(outcome.files.bytes_of)
        if round_ is not None:
            digests = {name: sha256(data).hexdigest() for name, data in outcome.public.bytes_of.items()}
            return Readable(outcome, replace(round_, digests=digests), tuple(sorted(void)))
        found = {entry for one in problems for entry in outcome.files.entry_of(one.file, one.row)} - void
        if not found:
            raise InputError(problems)
        void |= found


def _silent(_: str) -> None:
    pass


def decide_record(found: Readable, tell: Callable[[str], None] = _silent) -> Decision:
    """Decide a record's round.

    Raises:
        NoPeopleError: Only models judged.
        InputError: A rule cannot use the answers.
        ConvergenceError: A fit did not settle.
    """
    return decide(found.round, tell=tell)
