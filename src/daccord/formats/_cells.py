"""Columns of a batch of rows, read whole: distinct cells once, and for each row which of them it holds.

Tables of answers repeat themselves: a million rows name a thousand projects. So a column is read as its distinct cells
with a code for each row, what must be parsed is parsed once, and everything else is arithmetic on codes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from daccord.formats._instants import microseconds, plain_instants
from daccord.formats._values import Fault, parse_number, parse_time

__all__ = [
    "EMPTY",
    "ODD",
    "VALUE",
    "Batch",
    "Blank",
    "Cells",
    "Codes",
    "Places",
    "Quantities",
    "TextCells",
    "parsed_numbers",
    "parsed_times",
]

IntArray = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

VALUE: Final = 0
EMPTY: Final = 1
ODD: Final = 2
"""What a cell holds: a sound value; nothing; or something that only careful reading can tell or refuse."""


@dataclass(frozen=True, eq=False)
class Quantities:
    """Numbers or times of a column, by distinct cells.

    Attributes:
        codes: Which distinct cell each row holds, shape (n_rows,); None if every row has a cell of its own.
        value: Number, or microseconds since 1970 (UTC), of each distinct cell; 0 where it has none.
        kind: `VALUE`, `EMPTY` or `ODD` for each distinct cell.
    """

    codes: Codes | None
    value: npt.NDArray[Any]
    kind: npt.NDArray[np.int8]

    def spread(self, distinct: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """For each row what was found for its distinct cell, shape (n_rows,)."""
        return distinct if self.codes is None else distinct[self.codes]


class Cells(Protocol):
    """One column of a batch."""

    def text(self, row: int) -> str:
        """A cell as a CSV file would hold it, without spaces around it."""

    def distinct(self) -> tuple[Codes, Sequence[str]]:
        """Codes of shape (n_rows,), and the texts they stand for; a text may occur under several codes."""

    def numbers(self) -> Quantities:
        """The column as numbers."""

    def times(self) -> Quantities:
        """The column as times."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Rows that are read together.

    Attributes:
        row: What messages call each row, shape (n_rows,).
        cells: A column each, in the order of the sheet.
    """

    row: IntArray
    cells: tuple[Cells, ...]

    def __len__(self) -> int:
        return len(self.row)

    def texts(self, i: int) -> tuple[str, ...]:
        """The i-th row as a CSV file would hold it."""
        return tuple(column.text(i) for column in self.cells)


@dataclass(frozen=True, eq=False)
class TextCells:
    """A column of text, as CSV files hold it."""

    raw: Sequence[str]

    def text(self, row: int) -> str:
        """Documented with `Cells`, as are the methods below."""
        return self.raw[row].strip()

    def distinct(self) -> tuple[Codes, Sequence[str]]:
        """See `Cells`."""
        codes: defaultdict[str, int] = defaultdict(count().__next__)  # a new text takes the next number
        which = np.fromiter(map(codes.__getitem__, self.raw), dtype=np.int32, count=len(self.raw))
        return which, list(map(str.strip, codes))

    def numbers(self) -> Quantities:
        """See `Cells`."""
        return parsed_numbers(*self.distinct())

    def times(self) -> Quantities:
        """See `Cells`."""
        return parsed_times(*self.distinct())


@dataclass(frozen=True)
class Blank:
    """A column that the file leaves out; its methods are documented with `Cells`."""

    size: int

    def text(self, row: int) -> str:  # noqa: ARG002 - every cell is empty
        return ""

    def distinct(self) -> tuple[Codes, Sequence[str]]:
        return np.zeros(self.size, dtype=np.int32), [""]

    def numbers(self) -> Quantities:
        return parsed_numbers(*self.distinct())

    def times(self) -> Quantities:
        return parsed_times(*self.distinct())


def parsed_numbers(codes: Codes, texts: Sequence[str]) -> Quantities:
    """A column of text as numbers.

    Args:
        codes: Which text each row holds, shape (n_rows,).
        texts: The distinct texts.
    """
    return _parsed(codes, texts, parse_number, np.float64)


def parsed_times(codes: Codes, texts: Sequence[str]) -> Quantities:
    """A column of text as times; see `parsed_numbers`."""
    written = [text for text in texts if text]
    instants = plain_instants(written)
    if instants is None:
        return _parsed(codes, texts, lambda text: microseconds(parse_time(text)), np.int64)
    empty = np.array([not text for text in texts])
    value = np.zeros(len(texts), dtype=np.int64)
    value[~empty] = instants
    return Quantities(codes, value, np.where(empty, EMPTY, VALUE).astype(np.int8))


def _parsed(
    codes: Codes, texts: Sequence[str], parse: Callable[[str], float], dtype: type[np.float64 | np.int64]
) -> Quantities:
    value: npt.NDArray[Any] = np.zeros(len(texts), dtype=dtype)
    kind = np.full(len(texts), VALUE, dtype=np.int8)
    for i, text in enumerate(texts):
        if not text:
            kind[i] = EMPTY
            continue
        try:
            value[i] = parse(text)
        except Fault:
            kind[i] = ODD
    return Quantities(codes, value, kind)


class Places:
    """Finds the position of texts in an index; what it found for a list of distinct texts it need not look up again."""

    def __init__(self, index: Mapping[str, int]) -> None:
        self._index = index
        self._texts: Sequence[str] | None = None
        self._found: Codes = np.empty(0, dtype=np.int32)

    def of(self, cells: Cells) -> Codes:
        """Position of each row's text, −1 where it is not in the index, shape (n_rows,)."""
        codes, texts = cells.distinct()
        if texts is not self._texts:
            places = (self._index.get(text, -1) for text in texts)
            self._texts, self._found = texts, np.fromiter(places, dtype=np.int32, count=len(texts))
        return self._found[codes]
