"""What a verification says: step by step, and the first one that fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = ["STEPS", "Step", "StepFailure", "Verification"]

STEPS: Final[Mapping[str, str]] = {
    "tree": "every entry is in the tree that the log signed and witnesses saw",
    "history": "the log grew from what was seen before",
    "keys": "the keys of roles follow from the pinned ones",
    "entries": "every entry keeps to the rules",
    "openings": "sealed answers are opened as they were given",
    "decision": "the decision follows from the entries",
    "payout": "the payouts are the awards",
    "chain": "the contract pays this result",
}
"""Steps in their order, and what each one establishes."""

State = Literal["ok", "failed", "skipped", "not checked"]


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: One of `STEPS`.
        state: `ok`; `failed`; `skipped` behind one that failed; `not checked` if something for it is not there.
        message: What was found.
        entry: Place in the log of the entry that fails; None if it is no single one.
    """

    name: str
    state: State
    message: str
    entry: int | None = None

    def value(self) -> dict[str, Any]:
        """As data for JSON."""
        return {"step": self.name, "state": self.state, "entry": self.entry, "message": self.message}


class StepFailure(Exception):  # noqa: N818 - it never leaves this room
    """A step fails.

    Args:
        step: Name.
        message: Why.
        entry: Place in the log, if it is one entry's fault.
    """

    def __init__(self, step: str, message: str, entry: int | None = None) -> None:
        super().__init__(message)
        self.step, self.entry = step, entry


@dataclass(frozen=True)
class Verification:
    """What a verifier found.

    Attributes:
        steps: All of `STEPS`, in order.
        notes: What to know beside, and what to compare.
        round: Id of the round; empty if it is not known.
        size: Entries of the log.
        root: Of their tree, hexadecimal.
        ends: Phase → size at which it ended.
        counted: Answers, lists and contributions that count.
        late: Places of entries that came too late.
        void: Entry hashes that the round folder's rules refuse.
        unopened: Places of commits that nobody opened.
        files: SHA-256 of the replayed files; None if it came not so far.
        awards: Project id → minor units, from the decision that was checked.
    """

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    round: str = ""
    size: int = 0
    root: str = ""
    ends: Mapping[str, int | None] = field(default_factory=dict)
    counted: int = 0
    late: tuple[int, ...] = ()
    void: tuple[str, ...] = ()
    unopened: tuple[int, ...] = ()
    files: str | None = None
    awards: Mapping[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> Step | None:
        """The step that fails; None if the record holds."""
        return next((step for step in self.steps if step.state == "failed"), None)

    @property
    def ok(self) -> bool:
        """Whether no step fails."""
        return self.failed is None

    def value(self) -> dict[str, Any]:
        """As data for JSON."""
        return {
            "ok": self.ok,
            "round": self.round,
            "size": self.size,
            "root": self.root,
            "steps": [step.value() for step in self.steps],
            "ended": dict(self.ends),
            "counted": self.counted,
            "late": list(self.late),
            "void": list(self.void),
            "unopened": list(self.unopened),
            "files": self.files,
            "awards": dict(self.awards),
            "notes": list(self.notes),
        }
