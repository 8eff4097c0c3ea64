"""Comparisons in the shapes Deep Funding and its contestants publish, read row by row and changed in nothing.

Every shape names two projects and the better one. `choice` is 1 or 2 and points at a column; `winner` repeats a name.
The multiplier is at least 1 and always belongs to the chosen project, never to the first one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError, Problem
from daccord.formats._deepfunding_table import Table, column_values, read_table
from daccord.formats._values import Fault, parse_number

__all__ = ["ComparisonTable", "read_comparisons"]

_SHAPES = "repo_a, repo_b (or item_a, item_b) with choice or winner"


@dataclass(frozen=True, eq=False)
class ComparisonTable:
    """All rows of a file of comparisons, in the order of the file; arrays and tuples have shape (n_rows,).

    Attributes:
        file: The file as the caller named it.
        digest: SHA-256 of the file's bytes, hexadecimal.
        columns: Names of the two columns of projects.
        juror: Who answered, as the file names them; empty strings throughout if the file has no such column.
        a: First project, without `https://github.com/` and closing slash.
        b: Second project, likewise; some published files compare a project with itself.
        outcome: +1 if `a` was chosen, -1 if `b` was, also where the multiplier is 1; 0 where both are the same project.
        log_ratio: ln(value of a / value of b), natural log; NaN if the file gives an order only; 0 where both are the
            same project and there is a multiplier.
        multiplier: As written, 1 or more, of the chosen project over the other; NaN if the file gives an order only.
        time: When, with time zone; None where the file does not say.
        row: Line on which the row begins, as an editor counts.
    """

    file: str
    digest: str
    columns: tuple[str, str]
    juror: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]
    outcome: npt.NDArray[np.int64]
    log_ratio: npt.NDArray[np.float64]
    multiplier: npt.NDArray[np.float64]
    time: tuple[datetime | None, ...]
    row: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.a)

    @property
    def has_jurors(self) -> bool:
        """True if the file says who answered."""
        return any(self.juror)

    def take(self, which: npt.NDArray[np.bool_]) -> Self:
        """The rows selected by a mask of shape (n_rows,)."""
        keep = np.flatnonzero(which).tolist()
        return type(self)(
            self.file,
            self.digest,
            self.columns,
            tuple(self.juror[i] for i in keep),
            tuple(self.a[i] for i in keep),
            tuple(self.b[i] for i in keep),
            self.outcome[which],
            self.log_ratio[which],
            self.multiplier[which],
            tuple(self.time[i] for i in keep),
            self.row[which],
        )


def read_comparisons(path: Path, label: str | None = None) -> ComparisonTable:
    """Read a file of comparisons; the shape is told by the header.

    Columns: `repo_a`, `repo_b` or `item_a`, `item_b`; exactly one of `choice` (1 or 2) and `winner`; optionally
    `multiplier`, `juror` or `juror_id`, `timestamp` or `comparison_created_at` (ISO 8601 with time zone), `parent` and
    `competition_id`, which must not vary. Other columns, such as the reasoning, are not read.

    Args:
        path: The file.
        label: What to call it in messages; its path if None.

    Returns:
        Every row of the file: none is merged, dropped or renamed.

    Raises:
        InputError: The header fits no shape, or rows are wrong; every problem is listed with row and column.
    """
    table = read_table(path, label)
    first, second = _pair_columns(table)
    problems: list[Problem] = []
    a = column_values(table, first, problems)
    b = column_values(table, second, problems)
    outcome = _outcomes(table, a, b, problems)
    multiplier = _multipliers(table, problems)
    juror = _jurors(table, problems)
    time = _times(table, problems)
    problems += _varying(table, "parent") + _varying(table, "competition_id")
    log_ratio: npt.NDArray[np.float64] = np.log(multiplier)
    outcome[[one == other for one, other in zip(a, b, strict=True)]] = 0
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.row or 0))
    return ComparisonTable(
        file=table.file,
        digest=table.digest,
        columns=(table.header[first], table.header[second]),
        juror=juror,
        a=a,
        b=b,
        outcome=outcome,
        log_ratio=outcome * log_ratio + 0.0,  # no negative zero where the multiplier is 1
        multiplier=multiplier,
        time=time,
        row=np.array(table.lines, dtype=np.int64),
    )


def _pair_columns(table: Table) -> tuple[int, int]:
    for first, second in (("repo_a", "repo_b"), ("item_a", "item_b")):
        if first in table.header and second in table.header:
            return table.header.index(first), table.header.index(second)
    found = ", ".join(table.header)
    raise InputError.single(table.file, f"has the columns {found}", row=1, remedy=f"comparisons need {_SHAPES}")


def _outcomes(table: Table, a: tuple[str, ...], b: tuple[str, ...], problems: list[Problem]) -> npt.NDArray[np.int64]:
    choice, winner = table.first_of("choice"), table.first_of("winner")
    if (choice is None) == (winner is None):
        said = "neither choice nor winner" if choice is None else "both choice and winner"
        raise InputError.single(table.file, f"has {said}", row=1, remedy=f"comparisons need {_SHAPES}")
    outcome = np.zeros(len(table.rows), dtype=np.int64)
    if choice is not None:
        for i, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
            if row[choice] not in ("1", "2"):
                problems.append(
                    Problem(table.file, line, "choice", f"{row[choice]!r} is neither 1 nor 2", "write 1 or 2")
                )
            outcome[i] = 1 if row[choice] == "1" else -1
        return outcome
    assert winner is not None  # said by the test above, which mypy cannot follow
    names = column_values(table, winner, problems)
    for i, name in enumerate(names):
        if name == a[i]:
            outcome[i] = 1
        elif name == b[i]:
            outcome[i] = -1
        elif name:
            remedy = "write the winner exactly as in its own column"
            message = f"{name!r} is neither {a[i]!r} nor {b[i]!r}"
            problems.append(Problem(table.file, table.lines[i], "winner", message, remedy))
    return outcome


def _multipliers(table: Table, problems: list[Problem]) -> npt.NDArray[np.float64]:
    column = table.first_of("multiplier")
    values = np.full(len(table.rows), math.nan)
    if column is None:
        return values
    for i, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        try:
            value = parse_number(row[column])
        except Fault as fault:
            problems.append(Problem(table.file, line, "multiplier", fault.message, fault.remedy))
            continue
        if value < 1:
            remedy = "the multiplier belongs to the chosen project and is 1 or more"
            problems.append(Problem(table.file, line, "multiplier", f"{row[column]} is below 1", remedy))
            continue
        values[i] = value
    return values


def _jurors(table: Table, problems: list[Problem]) -> tuple[str, ...]:
    column = table.first_of("juror", "juror_id")
    if column is None:
        return ("",) * len(table.rows)
    for row, line in zip(table.rows, table.lines, strict=True):
        if not row[column] or row[column] != row[column].strip():
            message = f"{row[column]!r} is no juror id"
            problems.append(Problem(table.file, line, table.header[column], message, "name the juror in every row"))
    return tuple(row[column] for row in table.rows)


def _times(table: Table, problems: list[Problem]) -> tuple[datetime | None, ...]:
    column = table.first_of("timestamp", "comparison_created_at")
    if column is None:
        return (None,) * len(table.rows)
    values: list[datetime | None] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        value = None
        if row[column]:
            try:
                value = datetime.fromisoformat(row[column])
            except ValueError:
                value = None
            if value is None or value.tzinfo is None:
                message = f"{row[column]!r} is not a time with time zone"
                remedy = "write e.g. 2025-01-31T12:00:00Z"
                problems.append(Problem(table.file, line, table.header[column], message, remedy))
        values.append(value)
    return tuple(values)


def _varying(table: Table, name: str) -> list[Problem]:
    """A round asks one question about one parent; rows about another one must not be mixed in unseen."""
    column = table.first_of(name)
    if column is None or not table.rows:
        return []
    first = table.rows[0][column]
    for row, line in zip(table.rows, table.lines, strict=True):
        if row[column] != first:
            message = f"{row[column]!r} differs from {first!r} in the first row"
            return [Problem(table.file, line, name, message, f"keep one {name} to a file")]
    return []
