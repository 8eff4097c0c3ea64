"""Verifying a record: every step, from the bytes of an exported log to the last unit of money.

Nothing is believed but what the caller pins: the first root metadata, a policy of witnesses, checkpoints and receipts
that were kept. Where nothing is pinned the record's own is used, and the notes say what to compare.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from daccord.audit._counting import check_counting, check_openings
from daccord.audit._decision import check_decision
from daccord.audit._payouts import check_payouts
from daccord.audit._steps import STEPS, Step, StepFailure, Verification
from daccord.errors import DaccordError, InputError, IntegrityError
from daccord.record.log import Checkpoint, Policy, open_checkpoint, parse_policy
from daccord.record.state import Outcome, Replay
from daccord.settlement import ReadPayouts
from daccord.store import LogCopy, Place, open_place

__all__ = ["Pins", "verify_record"]

Chain: TypeAlias = Callable[[bytes, ReadPayouts], str]

_ENTRY: Final = re.compile(r"\bentry (\d+)\b")


@dataclass(frozen=True)
class Pins:
    """What a verifier trusts or kept, beside the record.

    Attributes:
        root: SHA-256, hexadecimal, of the leaf of the first root metadata.
        policy: A C2SP policy that the last checkpoint has to satisfy.
        seen: Checkpoints that were seen before.
        receipts: (entry, `.tlog-proof`) pairs, of jurors who kept them.
        promises: Promises that an operator signed.
        wheel: The engine's wheel, to compare with the manifest.
        round: Id of the round, where a log has several.
    """

    root: str | None = None
    policy: bytes | None = None
    seen: Sequence[bytes] = ()
    receipts: Sequence[tuple[bytes, bytes]] = ()
    promises: Sequence[bytes] = ()
    wheel: bytes | None = None
    round: str | None = None


@dataclass
class _Found:
    """What was found so far."""

    steps: dict[str, Step] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    head: Checkpoint | None = None
    replay: Replay | None = None
    outcome: Outcome | None = None
    awards: dict[str, int] = field(default_factory=dict)

    def ok(self, step: str, message: str) -> None:
        """A step holds."""
        self.steps[step] = Step(step, "ok", message)

    def verification(self) -> Verification:
        """As it is told."""
        failed = False
        steps = []
        for name in STEPS:
            step = self.steps.get(name) or Step(name, "skipped" if failed else "not checked", "")
            failed = failed or step.state == "failed"
            steps.append(step)
        found = Verification(tuple(steps), tuple(self.notes))
        if self.head is not None:
            found = replace(found, size=self.head.size, root=self.head.root.hex())
        state = self.replay.state if self.replay is not None else None
        if state is not None:
            found = replace(found, round=state.manifest.round)
        if (outcome := self.outcome) is not None:
            found = replace(
                found,
                ends=outcome.ends,
                counted=outcome.counted,
                late=tuple(entry.place for entry in outcome.late),
                void=() if outcome.result is None else tuple(outcome.result.payload["void"]),
                unopened=tuple(entry.place for entry in outcome.unopened),
                files=outcome.files_hash,
                awards=self.awards,
            )
        return found


def _silent(_: str) -> None:
    pass


def verify_record(
    record: Place | str | Path,
    pins: Pins = Pins(),
    *,
    chain: Chain | None = None,
    tell: Callable[[str], None] = _silent,
) -> Verification:
    """Verify a record.

    Args:
        record: Where it lies, or what names that: a folder, a zip of it, the log's own file, a web address.
        pins: What is trusted beside.
        chain: Given SHA-256 of the decision file and the payouts, compares a contract with them and says what it found;
            raises IntegrityError if it differs. See `daccord.settlement.check_chain`.
        tell: Called with a few words on how far it has come.

    Returns:
        What was found; `ok` tells whether the record holds.

    Raises:
        InputError: The log has several rounds and none was named, or a pin cannot be read.
        ExternalError: The place, or something else outside, does not answer.
    """
    found = _Found()
    place = open_place(record) if isinstance(record, str | Path) else record
    try:
        _steps(found, place, pins, chain, tell)
    except StepFailure as failure:
        found.steps[failure.step] = Step(failure.step, "failed", str(failure), failure.entry)
    return found.verification()


def _steps(found: _Found, place: Place, pins: Pins, chain: Chain | None, tell: Callable[[str], None]) -> None:
    replay, note = _tree(found, place, pins, tell)
    _signature(found, replay, note)
    _history(found, replay, pins)
    _keys(found, replay, pins)
    _entries(found, replay, pins)
    outcome = check_counting(replay, pins.receipts, pins.promises, found.notes)
    found.outcome = outcome
    found.ok("entries", f"{replay.size:,} entries, {outcome.counted:,} answers, lists and contributions count")
    found.ok("openings", check_openings(replay, outcome, found.notes))
    if outcome.result is None:
        found.notes.append("there is no result yet: the round is open, or waits for one")
        return
    document, message = check_decision(replay, outcome, pins.wheel, found.notes, tell)
    found.awards = {project["id"]: project["award"]["amount"] for project in document["projects"]}
    found.ok("decision", message)
    message, payouts = check_payouts(replay, outcome, document)
    found.steps["payout"] = Step("payout", "not checked" if payouts is None else "ok", message)
    if chain is None or payouts is None:
        why = "no contract was named" if chain is None else "without payouts in the record there is nothing to compare"
        found.steps["chain"] = Step("chain", "not checked", why)
        return
    try:
        found.ok("chain", chain(bytes.fromhex(outcome.result.payload["decision"]["sha256"]), payouts))
    except IntegrityError as error:
        raise StepFailure("chain", str(error)) from None


def _tree(found: _Found, place: Place, pins: Pins, tell: Callable[[str], None]) -> tuple[Replay, bytes]:
    """Read all leaves and check them against the checkpoint's tree; its signatures are checked with the keys later."""
    copy = LogCopy(place)
    try:
        note = copy.checkpoint()
        head = open_checkpoint(note)[0]
        found.head = head
        if pins.policy is not None:
            _read_policy(pins.policy).accept(note)
        replay = found.replay = Replay(pins.round)
        step = max(1, head.size // 100)
        for i, leaf in enumerate(copy.entries(head)):
            if i % step == 0:
                tell(f"reading entry {i:,} of {head.size:,}")
            replay.add(leaf)
    except IntegrityError as error:
        raise _failure("tree", error) from None
    if head.size and replay.root(head.size) != head.root:
        raise StepFailure("tree", "the entries do not give the root of the checkpoint")
    return replay, note


def _failure(step: str, error: DaccordError) -> StepFailure:
    match = _ENTRY.search(str(error))
    return StepFailure(step, str(error), int(match[1]) if match else None)


def _read_policy(data: bytes) -> Policy:
    try:
        return parse_policy(data)
    except IntegrityError as error:
        raise InputError.single("the policy", str(error), remedy="name a C2SP policy file") from None


def _history(found: _Found, replay: Replay, pins: Pins) -> None:
    head = found.head
    for data in pins.seen:
        try:
            seen = open_checkpoint(data)[0]
        except IntegrityError as error:
            raise InputError.single(
                "a checkpoint that was seen before", str(error), remedy="name a checkpoint"
            ) from None
        if head is None or seen.origin != head.origin:
            raise StepFailure("history", f"the checkpoint that was seen before is of the log {seen.origin!r}")
        if seen.size > head.size:
            raise StepFailure(
                "history", f"the log had {seen.size:,} entries before and shows {head.size:,}: it was set back"
            )
        if replay.root(seen.size) != seen.root:
            raise StepFailure("history", f"the first {seen.size:,} entries are not those that were seen before")
    message = f"{len(pins.seen)} checkpoints seen before agree" if pins.seen else "no checkpoint was seen before"
    found.steps["history"] = Step("history", "ok" if pins.seen else "not checked", message)


def _keys(found: _Found, replay: Replay, pins: Pins) -> None:
    """The chain of root metadata, and the checkpoint's signature by a log key of the last one."""
    for fault in replay.faults:
        if fault.step == "keys":
            raise StepFailure("keys", f"entry {fault.place}: {fault.message}", fault.place)
    root, head = replay.keys.root, found.head
    if root is None or head is None:
        raise StepFailure("keys", "the log does not begin with root metadata", 0)
    if pins.root is not None and pins.root != replay.keys.first:
        raise StepFailure("keys", f"the first root metadata is {replay.keys.first}, not the pinned {pins.root}", 0)
    if pins.root is None:
        found.notes.append(f"no root metadata was pinned; compare with what the stewards say: {replay.keys.first}")
    if root.origin != head.origin:
        raise StepFailure("keys", f"the root metadata is of the log {root.origin!r}, the checkpoint of {head.origin!r}")
    found.ok("keys", f"root metadata version {root.version}, {len(root.keys)} keys")


def _signature(found: _Found, replay: Replay, note: bytes) -> None:
    """The checkpoint is signed by an operator of the last root metadata, and cosigned as the manifest wants it."""
    if replay.keys.root is None:
        return  # what the log begins with is told in the step `keys`
    policy = Policy((), {}, {}, "none") if replay.state is None else replay.state.manifest.policy
    try:
        witnessed = replay.keys.log_policy(policy).accept(note)
    except IntegrityError as error:
        raise StepFailure("tree", str(error)) from None
    found.ok("tree", f"{replay.size:,} entries; signed by the log, cosigned by {len(witnessed.times)} known witnesses")


def _entries(found: _Found, replay: Replay, pins: Pins) -> None:
    """Which round is meant, and faults that nobody lifted."""
    if pins.round is None and len(replay.rounds) > 1:
        rounds = ", ".join(replay.rounds)
        raise InputError.single("--round", f"the log has the rounds {rounds}", remedy="name one of them")
    state = replay.state
    if pins.policy is None:
        found.notes.append("no policy was pinned; the witnesses are those that the manifest names")
    lifted: set[str] = set()
    if state is not None:
        lifted = {name for entry in state.book.interventions for name in entry.payload["entries"] or ()}
    standing = [fault for fault in replay.faults if not (fault.lifted and fault.hash in lifted)]
    for fault in sorted(standing, key=lambda one: (one.step == "openings", one.place)):
        if fault.step == "openings":
            found.ok("entries", f"{replay.size:,} entries")
        raise StepFailure(fault.step, f"entry {fault.place}: {fault.message}", fault.place)
    if state is None:
        named = f"the round {pins.round!r}" if pins.round else "a round"
        raise StepFailure("entries", f"the log has no manifest of {named}")
    if replay.faults:
        found.notes.append(f"{len(replay.faults)} entries at fault were voided by stewards")
