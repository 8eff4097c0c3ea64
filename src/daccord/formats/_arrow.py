"""Tables of answers in Parquet and Arrow files (extra `data`), read in batches with the strictness of CSV.

The columns are those of the CSV file. Ids are text; numbers and times may be text or have a type of their own. Rows
count from 1, because such a file has no lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from daccord.formats._arrow_cells import ArrowColumn, is_number, is_text, is_time
from daccord.formats._cells import Batch, Blank, Cells
from daccord.formats._columns import Column, Sheet
from daccord.formats._header import check_header
from daccord.formats._problems import FileReport, shown

__all__ = ["ArrowTable", "open_arrow"]

_BROKEN: Final = (pa.lib.ArrowException, OSError, ValueError, OverflowError)
"""What pyarrow raises on a file that is not what it says it is."""

_ROWS: Final = 1 << 16
_HELD: Final = {
    "text": "text",
    "number": "numbers or text",
    "whole": "whole numbers or text",
    "time": "timestamps, dates or text",
}


class ArrowTable:
    """A Parquet or Arrow file whose columns are understood; its rows are read once, when they are asked for.

    Args:
        sheet: What the file should hold.
        report: Of the file.
        file: The opened file.

    Attributes:
        complete: After reading: False if some rows could not be read at all.
        size: Number of rows; None if the file does not say.
    """

    def __init__(self, sheet: Sheet, report: FileReport, file: _Parquet | _Ipc) -> None:
        self.sheet = sheet
        self.report = report
        self.present = tuple(name for name in sheet.names if name in file.schema.names)
        self.size = file.size
        self.complete = True
        self._file = file

    def batches(self, size: int, without: Collection[str] = ()) -> Iterator[Batch]:
        """The rows, at most `size` at a time and column by column.

        Args:
            size: Rows in a batch.
            without: Columns to leave out.
        """
        columns = {name: ArrowColumn() for name in self.present if name not in without}
        done = 0
        try:
            for part in self._file.batches(list(columns), size):
                found: dict[str, Cells] = {name: column.cells(part.column(name)) for name, column in columns.items()}
                count = part.num_rows
                rows = np.arange(done + 1, done + count + 1, dtype=np.int64)
                yield Batch(rows, tuple(found.get(name, Blank(count)) for name in self.sheet.names))
                done += count
        except _BROKEN as error:
            _check_disk(error)
            self.complete = False
            message = f"what follows row {done} cannot be read ({_words(error)})"
            self.report.add(None, None, message, "the file is damaged: write or copy it again")

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Number and cells of each row, as a CSV file would hold them."""
        for batch in self.batches(_ROWS):
            for i, row in enumerate(batch.row.tolist()):
                if any(cells := batch.texts(i)):
                    yield row, cells


class _Parquet:
    def __init__(self, source: bytes | Path) -> None:
        # Text that the file keeps by dictionary is wanted so; pyarrow must be told before it reads.
        with self._open(source) as file:
            words = [field.name for field in file.schema_arrow if is_text(field.type)]
        self._file = self._open(source, words)
        self.schema = self._file.schema_arrow
        self.size: int | None = self._file.metadata.num_rows

    @staticmethod
    def _open(source: bytes | Path, words: list[str] | None = None) -> Any:  # noqa: ANN401
        whole = pa.BufferReader(source) if isinstance(source, bytes) else source
        return pq.ParquetFile(
            whole, read_dictionary=words, memory_map=not isinstance(source, bytes), page_checksum_verification=True
        )

    def batches(self, names: list[str], size: int) -> Iterator[Any]:
        with self._file as file:
            yield from file.iter_batches(batch_size=size, columns=names)


class _Ipc:
    size: int | None = None

    def __init__(self, source: bytes | Path) -> None:
        self._input = pa.BufferReader(source) if isinstance(source, bytes) else pa.memory_map(str(source))
        self._file = pa.ipc.open_file(self._input)
        self.schema = self._file.schema

    def batches(self, names: list[str], size: int) -> Iterator[Any]:
        with self._input:
            for i in range(self._file.num_record_batches):
                whole = self._file.get_batch(i).select(names)
                for start in range(0, whole.num_rows, size):
                    yield whole.slice(start, size)


def open_arrow(sheet: Sheet, source: bytes | Path, report: FileReport) -> ArrowTable | None:
    """Open a Parquet or Arrow file (by the ending of its name); its rows are read when they are asked for.

    Args:
        sheet: What the file should hold.
        source: Its bytes, or where it lies on a disk; then only some rows at a time are held in memory.
        report: Of the file.

    Returns:
        The table; None, after reporting why, if its rows cannot be understood.
    """
    kind, name = (_Parquet, "Parquet") if report.name.endswith(".parquet") else (_Ipc, "Arrow")
    try:
        file = kind(source)
        names = list(file.schema.names)
    except _BROKEN as error:
        _check_disk(error)
        remedy = f"write it again as {name}, or as {sheet.file}"
        report.add(None, None, f"the file is no {name} file that can be read ({_words(error)})", remedy)
        return None
    usable = check_header(sheet, None, names, report)
    for column in sheet.columns:
        if column.name in names and usable:
            usable = _check_type(column, file.schema.field(column.name).type, report) and usable
    return ArrowTable(sheet, report, file) if usable else None


def _check_type(column: Column, kind: Any, report: FileReport) -> bool:  # noqa: ANN401
    typed = {"text": is_text, "number": is_number, "whole": is_number, "time": is_time}[column.kind]
    sound = is_text(kind) or typed(kind)
    if not sound:
        message = f"the column {column.name} holds {kind}"
        report.add(None, column.name, message, f"write it as {_HELD[column.kind]}")
    return sound


def _check_disk(error: Exception) -> None:
    """Raise what the system said; what has no number is the library's word on the file."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error


def _words(error: Exception) -> str:
    """The first sentence of what pyarrow says, which may be long."""
    return shown(str(error).partition("\n")[0] or type(error).__name__).strip("'\"")
