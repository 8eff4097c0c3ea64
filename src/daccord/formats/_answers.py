"""What all tables of answers share: what answers may refer to, quick and careful reading, and answers given again.

A batch is read twice over. The quick way looks at whole columns and takes the rows that are beyond doubt; the careful
way reads the others one by one and says what is wrong with them. The careful way is the format; the quick way only has
to agree with it, and tests hold it to that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from daccord.formats._cells import ODD, VALUE, Batch, Cells
from daccord.formats._instants import microseconds
from daccord.formats._problems import FileReport, Names
from daccord.formats._repeats import MISSING, among
from daccord.formats._tables import Table
from daccord.formats._values import Fault, parse_time
from daccord.judging import NEVER
from daccord.round import Criterion

__all__ = [
    "BATCH_ROWS",
    "Answers",
    "Lookup",
    "Reader",
    "Tell",
    "careful_time",
    "careful_times",
    "chosen",
    "joined",
    "quick_times",
    "read_answers",
    "read_batch",
    "read_by_row",
    "untold",
]

Answers = npt.NDArray[Any]
"""Sound answers, a structured array with one element a row of the file."""

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Tell = Callable[[int, int | None], None]
"""Called with the number of rows read so far, and of all rows if it is known."""

BATCH_ROWS: Final = 1 << 18


@dataclass(frozen=True)
class Lookup:
    """What answers may refer to.

    Attributes:
        projects: Of the portfolio.
        judges: Of the panel.
        asked: Criteria.
        criteria: The same, with their scales; None where a criterion's table could not be read.
        models: Positions in the panel of the judges that are models.
    """

    projects: Names
    judges: Names
    asked: Names
    criteria: Mapping[str, Criterion | None]
    models: frozenset[int] = frozenset()

    @cached_property
    def is_person(self) -> BoolArray:
        """True for each judge who is a person, by position in the panel."""
        size = max(self.judges.index.values(), default=-1) + 1
        return np.array([seat not in self.models for seat in range(size)], dtype=np.bool_)


class Reader(Protocol):
    """Reads the rows of one kind of table.

    Attributes:
        dtype: Of the answers it gives; each has at least the fields `row` and `time`.
    """

    dtype: np.dtype[np.void]

    def quick(self, batch: Batch) -> tuple[Answers, BoolArray]:
        """The answers of a batch, and which of them are beyond doubt, both of shape (n_rows,)."""

    def careful(self, row: int, cells: tuple[str, ...]) -> tuple[Any, ...] | None:
        """The answer in one row; None, after reporting why, if there is none."""


def read_batch(reader: Reader, batch: Batch) -> Answers:
    """The sound answers of a batch, in the order of its rows."""
    answers, sound = reader.quick(batch)
    for i in np.flatnonzero(~sound).tolist():
        cells = batch.texts(i)
        answer = reader.careful(int(batch.row[i]), cells) if any(cells) else None
        if answer is not None:
            answers[i] = answer
            sound[i] = True
    return answers if sound.all() else answers[sound]


def read_by_row(reader: Reader, table: Table) -> Answers:
    """The sound answers of a table, read the careful way only: what `read_answers` has to agree with."""
    read = (reader.careful(row, cells) for row, cells in table.rows())
    return np.array([answer for answer in read if answer is not None], dtype=reader.dtype)


def untold(done: int, size: int | None) -> None:
    """Tell nobody."""


def read_answers(
    reader: Reader, table: Table, tell: Tell = untold, batch_rows: int = BATCH_ROWS, without: Collection[str] = ()
) -> Iterator[Answers]:
    """The sound answers of a table, batch by batch, in the order of its rows.

    Args:
        reader: Of its rows.
        table: What to read.
        tell: Told how far reading has come.
        batch_rows: Rows that are read together.
        without: Columns to leave out.
    """
    done = 0
    for batch in table.batches(batch_rows, without):
        yield read_batch(reader, batch)
        done += len(batch)
        tell(done, table.size)


def chosen(parts: Iterable[Answers], criterion: int, aside: IntArray) -> list[Answers]:
    """What is on one criterion, without the rows that were set aside."""
    found = []
    for part in parts:
        which = part["criterion"] == criterion
        if aside.size:
            which &= ~among(part["row"], aside)
        found.append(part if which.all() else part[which])
    return [part for part in found if len(part)]


def joined(parts: Sequence[Answers], name: str) -> npt.NDArray[Any]:
    """One field of all parts."""
    return np.concatenate([part[name] for part in parts])


def quick_times(answers: Answers, time: Cells, revealed: Cells) -> BoolArray:
    """Fill the fields `time` and `revealed`; True where both are beyond doubt, shape (n_rows,)."""
    given, shown = time.times(), revealed.times()
    answers["time"] = given.spread(np.where(given.kind == VALUE, given.value, MISSING))
    seconds = np.floor_divide(shown.value, 1_000_000)
    answers["revealed"] = shown.spread(np.where(shown.kind == VALUE, seconds, NEVER))
    sound: BoolArray = given.spread(given.kind != ODD) & shown.spread(shown.kind != ODD)
    if (shown.kind == VALUE).any():
        both = given.spread(given.kind == VALUE) & shown.spread(shown.kind == VALUE)
        sound &= ~(both & (shown.spread(shown.value) < given.spread(given.value)))
    return sound


def careful_times(row: int, time: str, revealed: str, report: FileReport) -> tuple[int, int] | None:
    """When an answer was given (microseconds since 1970, or `MISSING`) and revealed (seconds since 1970, or `NEVER`).

    Returns:
        None, after reporting why, if one of them is not sound.
    """
    given, shown = careful_time(row, "time", time, report), careful_time(row, "revealed", revealed, report)
    if (time and given is None) or (revealed and shown is None):
        return None
    if given is not None and shown is not None and shown < given:
        message = f"the answer was revealed at {revealed}, before it was given at {time}"
        report.add(row, "revealed", message, "write when models could first see it; a date alone is its first second")
        return None
    return (
        MISSING if given is None else microseconds(given),
        NEVER if shown is None else microseconds(shown) // 1_000_000,
    )


def careful_time(row: int, column: str, text: str, report: FileReport) -> datetime | None:
    """A time; None if there is none, or after reporting why it is not sound."""
    if not text:
        return None
    try:
        return parse_time(text)
    except Fault as fault:
        report.add(row, column, fault.message, fault.remedy)
        return None
