"""Columns of Parquet and Arrow files as `Cells`: text, numbers and times, whichever type holds them.

Each class reads as the CSV file of the same table would: a missing value is an empty cell, and `text` is what a person
would have written.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from daccord.formats._cells import (
    EMPTY,
    ODD,
    VALUE,
    Cells,
    Codes,
    Quantities,
    TextCells,
    parsed_numbers,
    parsed_times,
)
from daccord.formats._instants import FIRST_INSTANT, LAST_INSTANT, instant_text
from daccord.formats._values import number_text

__all__ = ["ArrowColumn", "is_number", "is_text", "is_time"]


def is_text(kind: Any) -> bool:  # noqa: ANN401 - pyarrow has no types of its own
    """Whether an Arrow type is text, once a word or by dictionary."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_null(kind)
    )


def is_number(kind: Any) -> bool:  # noqa: ANN401
    """Whether an Arrow type is a number."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def is_time(kind: Any) -> bool:  # noqa: ANN401
    """Whether an Arrow type is a point in time or a day."""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


class ArrowColumn:
    """Turns the parts of one column, batch after batch, into cells."""

    def __init__(self) -> None:
        self._dictionary: Any = None
        self._texts: list[str] = []

    def cells(self, array: Any) -> Cells:  # noqa: ANN401
        """A part of the column.

        Raises:
            pyarrow.ArrowInvalid: Its bytes are not what its type says.
        """
        array.validate(full=True)  # words that are not UTF-8, codes that stand for nothing
        if is_number(array.type):
            return _NumberCells(array)
        return _TimeCells(array) if is_time(array.type) else _WordCells(*self._coded(array))

    def _coded(self, array: Any) -> tuple[Codes, list[str]]:  # noqa: ANN401
        """Codes and stripped texts; code −1, and so the last text, is the empty cell.

        The texts are the same list as long as the file's own dictionary is the same, as it is for many batches.
        """
        if not pa.types.is_dictionary(array.type):
            # Views cannot be put into a dictionary, and null is a type of its own.
            array = array if pa.types.is_large_string(array.type) else array.cast(pa.string())
            array = array.dictionary_encode()
        if self._dictionary is None or not array.dictionary.equals(self._dictionary):
            self._dictionary = array.dictionary
            self._texts = [*((text or "").strip() for text in array.dictionary.to_pylist()), ""]
        return _codes(array.indices), self._texts


def _codes(indices: Any) -> Codes:  # noqa: ANN401
    """Codes of a dictionary, −1 where the cell is missing."""
    indices = indices.cast(pa.int32())
    codes: Codes = (indices.fill_null(-1) if indices.null_count else indices).to_numpy(zero_copy_only=False)
    return codes


class _WordCells:
    def __init__(self, codes: Codes, texts: list[str]) -> None:
        self._coded = codes, texts

    def text(self, row: int) -> str:
        codes, texts = self._coded
        return texts[int(codes[row])]

    def distinct(self) -> tuple[Codes, Sequence[str]]:
        return self._coded

    def numbers(self) -> Quantities:
        return parsed_numbers(*self._coded)

    def times(self) -> Quantities:
        return parsed_times(*self._coded)


class _TypedCells(ABC):
    """What numbers and times share: as text they are read cell by cell, which only odd tables need."""

    def __init__(self, array: Any) -> None:  # noqa: ANN401
        self._array = array

    @abstractmethod
    def text(self, row: int) -> str:
        """The cell as a person would have written it."""

    @cached_property
    def _texts(self) -> TextCells:
        return TextCells([self.text(row) for row in range(len(self._array))])

    def distinct(self) -> tuple[Codes, Sequence[str]]:
        return self._texts.distinct()

    def numbers(self) -> Quantities:
        return self._texts.numbers()

    def times(self) -> Quantities:
        return self._texts.times()


class _NumberCells(_TypedCells):
    def text(self, row: int) -> str:
        value = self._array[row].as_py()
        if isinstance(value, float) and math.isfinite(value):
            return number_text(value)
        return "" if value is None else str(value)

    def numbers(self) -> Quantities:
        if pa.types.is_decimal(self._array.type):  # Arrow does not promise the nearest float
            return self._texts.numbers()
        coded = self._array.cast(pa.float64(), safe=False).dictionary_encode()
        value = np.append(coded.dictionary.to_numpy(zero_copy_only=False), 0.0)
        kind = np.where(np.isfinite(value), VALUE, ODD).astype(np.int8)
        kind[-1] = EMPTY
        return Quantities(_codes(coded.indices), np.where(kind == VALUE, value, 0.0), kind)


class _TimeCells(_TypedCells):
    @cached_property
    def _instants(self) -> tuple[Any, Any]:
        """Microseconds since 1970 (UTC), rounded down, and whether there are any, both of shape (n_rows,)."""
        array = self._array
        if pa.types.is_date(array.type):
            array = array.cast(pa.timestamp("s" if pa.types.is_date32(array.type) else "ms"))
        count = array.cast(pa.int64())
        valid = array.is_valid().to_numpy(zero_copy_only=False)
        count = (count.fill_null(0) if count.null_count else count).to_numpy(zero_copy_only=False)
        if array.type.unit == "us":
            return count, valid
        per_second = {"s": 1, "ms": 1_000, "ns": 1_000_000_000}[array.type.unit]
        seconds, rest = np.divmod(count, per_second)
        # Outside the years that a time can have any instant will do, and microseconds might overflow.
        seconds = np.clip(seconds, FIRST_INSTANT // 1_000_000 - 1, LAST_INSTANT // 1_000_000 + 1)
        return seconds * 1_000_000 + rest * 1_000_000 // per_second, valid

    def text(self, row: int) -> str:
        instants, valid = self._instants
        return instant_text(int(instants[row])) if valid[row] else ""

    def times(self) -> Quantities:
        instants, valid = self._instants
        kind = np.where((instants < FIRST_INSTANT) | (instants > LAST_INSTANT), ODD, VALUE)
        kind = np.where(valid, kind, EMPTY).astype(np.int8)
        return Quantities(None, np.where(kind == VALUE, instants, 0), kind)
