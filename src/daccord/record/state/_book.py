"""What was said in a round, entry by entry, before it is known what of it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from daccord.record._canonical import Json
from daccord.record.payloads import TABLES, Payload
from daccord.record.sealed import Context, Sealed

__all__ = ["Answer", "Book", "Close", "Commit", "Entry", "Fault", "Given", "ListedAnswers"]


@dataclass(frozen=True)
class Entry:
    """An entry of the round.

    Attributes:
        place: In the log.
        hash: Entry hash.
        payload: What it says.
        in_time: True of an entry that was withheld and had been received in time, wherever it stands.
        complaint: Entry hash of the complaint that brought it in; empty if it stands in the log itself.
    """

    place: int
    hash: str
    payload: Payload
    in_time: bool = False
    complaint: str = ""


@dataclass(frozen=True)
class Fault:
    """A rule that an entry breaks.

    Attributes:
        place: In the log.
        hash: Entry hash.
        step: Of the verifier that finds it: `keys`, `entries` or `openings`.
        message: What is wrong.
        lifted: Whether an intervention may lift it.
    """

    place: int
    hash: str
    step: str
    message: str
    lifted: bool = True


@dataclass(frozen=True)
class Answer:
    """An answer to one subject.

    Attributes:
        entry: Where it stands: a judgment's, or a commit's entry.
        juror: Id.
        table: Name of the table.
        subject: Values of the table's columns of the subject.
        rows: Column → value; none if the answer is withdrawn.
    """

    entry: Entry
    juror: str
    table: str
    subject: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    @classmethod
    def of(cls, entry: Entry, said: Mapping[str, Json]) -> Answer:
        """From the checked parts of a payload or an opening."""
        table, subject, rows = TABLES[str(said["table"])], said["subject"], said["rows"]
        if not isinstance(subject, dict) or not isinstance(rows, list):
            raise TypeError("an answer was not checked")
        return cls(
            entry,
            str(said["juror"]),
            table.name,
            tuple(str(subject[name]) for name in table.subject),
            tuple({name: str(value) for name, value in row.items()} for row in rows if isinstance(row, dict)),
        )


@dataclass
class Commit:
    """A sealed answer.

    Attributes:
        entry: Where it stands.
        juror: Id.
        secret: Whether it is never opened in the log.
        sealed: What trustees open.
        revealed: Reveals by the juror, and the answer in each.
        shares: Index of a trustee → (entry, share), each time that it was given.
    """

    entry: Entry
    juror: str
    secret: bool
    sealed: Sealed
    revealed: list[tuple[Entry, Answer]] = field(default_factory=list)
    shares: dict[int, list[tuple[Entry, bytes]]] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        """What the opening has to say of its place."""
        said = self.entry.payload
        return Context(said["origin"], said.round, said["manifest"], self.juror, said["seq"])


@dataclass(frozen=True)
class ListedAnswers:
    """Answers of a model that stand in a file."""

    entry: Entry
    model: str
    table: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Given:
    """A contribution."""

    entry: Entry
    donor: str
    project: str
    amount: str


@dataclass(frozen=True)
class Close:
    """A checkpoint whose time is proven.

    Attributes:
        entry: Where it stands.
        phase: `judging` or `reveal`.
        size: Of the checkpoint's tree.
        time: By when a quorum had cosigned, seconds since 1970; None if the round asks for no witness.
    """

    entry: Entry
    phase: str
    size: int
    time: int | None


@dataclass
class Book:
    """All of it, each in the order of the log; `over` are the phases after which a time was proven."""

    bindings: list[Entry] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    commits: dict[str, Commit] = field(default_factory=dict)
    lists: list[ListedAnswers] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    closes: list[Close] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    interventions: list[Entry] = field(default_factory=list)
    attestations: list[Entry] = field(default_factory=list)
    results: dict[str, Entry] = field(default_factory=dict)
    approved: dict[str, set[str]] = field(default_factory=dict)
    in_force: list[str] = field(default_factory=list)
