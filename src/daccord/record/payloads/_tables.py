"""Tables of signed answers: which columns say what is asked, and which say the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from daccord.record._canonical import Json

__all__ = ["TABLES", "Answers"]

_MOST_ROWS: Final = 1_000


def _is_cell(value: Json) -> bool:
    return isinstance(value, str) and "\n" not in value and "\r" not in value


@dataclass(frozen=True)
class Answers:
    """A table of a round folder whose rows are signed by those who answer.

    Attributes:
        name: Of the table, without `.csv`.
        who: Column with the juror's id.
        subject: Columns that say what is asked.
        answer: Columns that say the answer, in the order of the folder's table.
        most: Rows that one answer may have.
        models: Whether a model's answers may come as a file.
    """

    name: str
    who: str
    subject: tuple[str, ...]
    answer: tuple[str, ...]
    most: int = 1
    models: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the replayed table."""
        return (self.who, *self.subject, *self.answer)

    def fault(self, subject: Json, rows: Json) -> str:
        """What is wrong with an answer; empty if nothing is."""
        if not isinstance(subject, dict) or subject.keys() != frozenset(self.subject):
            return f"the subject of {self.name} has the keys {', '.join(self.subject) or '(none)'}"
        if not all(_is_cell(value) for value in subject.values()):
            return "a value of the subject is no text, or has a line end in it"
        if self.name == "comparisons" and str(subject["a"]).encode() >= str(subject["b"]).encode():
            return "a stands before b by its bytes"
        if not isinstance(rows, list) or len(rows) > self.most:
            return f"an answer in {self.name} has at most {self.most} rows"
        for row in rows:
            if not isinstance(row, dict) or not row.keys() <= frozenset(self.answer):
                return f"a row of {self.name} has no other keys than {', '.join(self.answer)}"
            if not all(_is_cell(value) for value in row.values()):
                return "a value in a row is no text, or has a line end in it"
        return ""


_TIMED: Final = ("time", "revealed")

TABLES: Final[Mapping[str, Answers]] = {
    table.name: table
    for table in (
        Answers("comparisons", "juror", ("criterion", "a", "b"), ("winner", "ratio", *_TIMED), models=True),
        Answers("ratings", "juror", ("criterion", "project"), ("value", "low", "high", *_TIMED), models=True),
        Answers("rankings", "juror", ("criterion", "ranking"), ("project", "place", "time"), most=_MOST_ROWS),
        Answers(
            "roles",
            "juror",
            ("project", "kind", "target", "horizon"),
            ("efficacy_low", "efficacy_high", "lead_low", "lead_high", "skip", "time"),
            models=True,
        ),
        Answers("values", "juror", ("project",), ("amount", "value"), most=_MOST_ROWS),
        Answers("ballots", "voter", (), ("project", "points", "amount"), most=_MOST_ROWS),
        Answers("metric-weights", "voter", ("metric",), ("weight",), most=_MOST_ROWS),
    )
}
"""Name → table of signed answers."""
