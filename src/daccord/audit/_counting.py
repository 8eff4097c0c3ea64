"""Steps `entries` and `openings`: what counts, what was promised or in time and is missing, what trustees attest."""

from __future__ import annotations

from collections.abc import Sequence

from daccord.audit._steps import StepFailure
from daccord.errors import InputError, IntegrityError
from daccord.record import from_leaf
from daccord.record.log import entry_hash, open_receipt
from daccord.record.payloads import kind_of, parse_payload
from daccord.record.state import Outcome, Replay, RoundState, check_signers, conclude

__all__ = ["check_counting", "check_openings"]


def check_counting(
    replay: Replay, receipts: Sequence[tuple[bytes, bytes]], promises: Sequence[bytes], notes: list[str]
) -> Outcome:
    """What counts, and that nothing that was promised or in time is missing.

    Raises:
        StepFailure: It is.
        InputError: A promise or receipt is none.
    """
    try:
        outcome = conclude(replay)
    except IntegrityError as error:
        raise StepFailure("entries", str(error)) from None
    state = replay.state
    if state is None:
        raise TypeError("a round without a manifest was concluded")
    for entry, receipt in receipts:
        _check_receipt(replay, state, outcome, entry, receipt)
    for promise in promises:
        _check_promise(replay, state, promise)
    if outcome.late:
        notes.append(f"{len(outcome.late)} entries came too late and do not count")
    if outcome.unopened:
        notes.append(f"{len(outcome.unopened)} commits were not opened, or are not sound, and do not count")
    if replay.passed_over:
        notes.append(f"{replay.passed_over} entries of other rounds were passed over")
    if state.manifest.policy.quorum == "none":
        notes.append("the round asks for no witness: no time is proven, deadlines are the operator's word")
    if state.manifest.unsigned:
        notes.append(f"not signed by those who answered: {', '.join(sorted(state.manifest.unsigned))}")
    return outcome


def _check_receipt(replay: Replay, state: RoundState, outcome: Outcome, entry: bytes, data: bytes) -> None:
    """An entry with a receipt is in the log; if the receipt shows that it was in time, it was not cut off."""
    try:
        receipt = open_receipt(data)
        witnessed = receipt.check(entry, replay.keys.log_policy(state.manifest.policy))
    except IntegrityError as error:
        raise InputError.single("a receipt", str(error), remedy="name the entry and the receipt it came with") from None
    place = replay.holds(entry_hash(entry))
    if place != receipt.index:
        raise StepFailure("entries", f"the log gave a receipt for entry {receipt.index} and does not have it there")
    phase = "reveal" if kind_of(from_leaf(entry)) == "reveal" else "judging"
    deadline, end = state.manifest.deadline(phase), outcome.ends[phase]
    time = state.manifest.policy.quorum_time(witnessed.times)
    if end is not None and time is not None and deadline is not None and time <= deadline and place >= end:
        raise StepFailure(
            "entries", f"entry {place} was in the log by {time}, in time, and {phase} ended at {end} without it", place
        )


def _check_promise(replay: Replay, state: RoundState, data: bytes) -> None:
    """An entry that was promised is in the log, by itself or by a complaint."""
    try:
        promise = parse_payload(from_leaf(data), "promise")
        check_signers(promise.envelope, replay.keys.operators, 1, 1, "those who are or were operators")
    except IntegrityError as error:
        raise InputError.single("a promise", str(error), remedy="name a promise that an operator signed") from None
    if promise["origin"] != state.manifest.origin or promise.round != state.manifest.round:
        raise InputError.single("a promise", "it is of another log or round", remedy="name one of this round")
    if replay.holds(bytes.fromhex(promise["leaf"])) is None:
        raise StepFailure(
            "entries", f"the entry {promise['leaf']} was promised by {promise['due']} and is not in the log"
        )


def check_openings(replay: Replay, outcome: Outcome, notes: list[str]) -> str:
    """That trustees attest all secret commits that count.

    Returns:
        What was found.

    Raises:
        StepFailure: They do not.
    """
    if outcome.secret:
        attested = () if outcome.attestation is None else outcome.attestation.payload["commits"]
        missing = [entry for entry in outcome.secret if entry.hash not in attested]
        if missing and outcome.result is not None:
            raise StepFailure(
                "openings",
                f"{len(missing)} secret commits in time are not among those that the trustees attest, "
                f"the first is entry {missing[0].place}",
                missing[0].place,
            )
        if not missing:
            notes.append(f"what follows from {len(outcome.secret)} secret answers is as the trustees attest it")
    state = replay.state
    sealed = [] if state is None else [commit for commit in state.book.commits.values() if not commit.secret]
    said = [f"{len(sealed):,} sealed answers, {len(outcome.unopened):,} of them not opened"] if sealed else []
    if outcome.secret:
        said.append(f"{len(outcome.secret):,} secret answers that only trustees opened")
    return "; ".join(said) or "nothing was sealed"
