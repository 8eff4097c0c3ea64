"""Writing a table as a Parquet or Arrow file (extra `data`)."""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from daccord.formats._cells import EMPTY, ODD, VALUE, Cells, Quantities
from daccord.formats._columns import Column
from daccord.formats._tables import Table
from daccord.formats._values import number_text

__all__ = ["arrow_bytes"]

_ROWS: Final = 1 << 18
_TYPES: Final = {"number": pa.float64(), "whole": pa.int32(), "time": pa.timestamp("us", "UTC")}
_WORDS: Final = pa.dictionary(pa.int32(), pa.string())


def arrow_bytes(table: Table, ending: str) -> bytes:
    """A table as the bytes of another file.

    Ids and words are kept by dictionary, numbers as floats, times as microseconds in UTC. A column of numbers in which
    words stand, such as ratings that were left open, is kept as text.

    Args:
        table: What to write; its rows are used up.
        ending: `.parquet` or `.arrow`.
    """
    columns = [column for column in table.sheet.columns if column.name in table.present]
    places = [table.sheet.names.index(column.name) for column in columns]
    parts: list[list[Any]] = [[] for _ in columns]
    for batch in table.batches(_ROWS):
        filled = [i for i in range(len(batch)) if any(batch.texts(i))] if _may_have_blank_rows(batch.cells) else None
        for column, place, part in zip(columns, places, parts, strict=True):
            array = _array(column, batch.cells[place])
            part.append(array if filled is None else array.take(pa.array(filled, pa.int64())))
    kinds = {**_TYPES, "text": _WORDS}
    joined = {column.name: _joined(part, kinds[column.kind]) for column, part in zip(columns, parts, strict=True)}
    whole = pa.table(joined).unify_dictionaries()
    out = io.BytesIO()
    if ending == ".parquet":
        pq.write_table(whole, out, row_group_size=1 << 20, compression="zstd", write_page_checksum=True)
    else:
        with pa.ipc.new_file(out, whole.schema) as file:
            file.write_table(whole, max_chunksize=_ROWS)
    return out.getvalue()


def _may_have_blank_rows(cells: tuple[Cells, ...]) -> bool:
    """Whether some cell of the first column, which no sound row leaves empty, is empty."""
    codes, texts = cells[0].distinct()
    return bool(np.array([not text for text in texts])[codes].any())


def _array(column: Column, cells: Cells) -> Any:  # noqa: ANN401
    if column.kind == "time":
        read = cells.times()
    elif column.kind != "text":
        read = cells.numbers()
    else:
        return _words(cells)
    if (read.spread(read.kind) == ODD).any():
        return _words(cells)
    return _quantities(read, _TYPES[column.kind])


def _words(cells: Cells) -> Any:  # noqa: ANN401
    codes, texts = cells.distinct()
    empty = np.array([not text for text in texts])[codes]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=empty), pa.array(list(texts), pa.string()))


def _quantities(read: Quantities, kind: Any) -> Any:  # noqa: ANN401
    values, empty = read.spread(np.where(read.kind == VALUE, read.value, 0)), read.spread(read.kind == EMPTY)
    if pa.types.is_integer(kind):
        values = values.astype(np.int32)
    return pa.array(values, mask=empty).cast(kind)


def _joined(parts: list[Any], kind: Any) -> Any:  # noqa: ANN401
    """The parts as one column; as text, if one of them is text."""
    if any(pa.types.is_dictionary(part.type) for part in parts):
        parts = [part if pa.types.is_dictionary(part.type) else _as_words(part) for part in parts]
    return pa.chunked_array(parts, type=None if parts else kind)


def _as_words(numbers: Any) -> Any:  # noqa: ANN401
    texts = [None if value is None else number_text(value) for value in numbers.to_pylist()]
    return pa.array(texts, pa.string()).dictionary_encode()
