"""Reading and writing CSV strictly: UTF-8, commas, double quotes (RFC 4180), one header line.

Accepted without a word: a byte order mark, CRLF or CR line ends, blank lines, rows of empty cells, and spaces around
cells of columns that hold ids, numbers or keywords. Everything else out of shape is a problem with its line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path

import numpy as np
import numpy.typing as npt

from daccord.formats._cells import Batch, Blank, Cells, TextCells
from daccord.formats._columns import Sheet
from daccord.formats._csv_text import EMPTY_FILE, Opener, Records, decode, opener, plain_blocks
from daccord.formats._header import check_header
from daccord.formats._problems import FileReport

__all__ = ["CsvTable", "csv_bytes", "csv_row", "read_csv"]

IntArray = npt.NDArray[np.int64]


class CsvTable:
    """A CSV file whose header is understood; its rows are read once, when they are asked for.

    Args:
        sheet: What the file should hold.
        source: Opens the file.
        report: Of the file.
        records: Where rows come from, after the header.
        header: Column names found, in order.

    Attributes:
        complete: After reading: False if a row could not be read at all, so that ids may be missing.
        size: Number of rows, None because nobody knows before reading.
    """

    size: int | None = None

    def __init__(self, sheet: Sheet, source: Opener, report: FileReport, records: Records, header: list[str]) -> None:
        self.sheet = sheet
        self.report = report
        self.present = tuple(header)
        self._width = len(header)
        self._source = source
        self._records = records
        self._all_wide = True
        # A column that the file leaves out is read from an empty cell put behind each row.
        places = [header.index(name) if name in self.present else self._width for name in sheet.names]
        self._pick = itemgetter(*places)
        self._strip = tuple(not column.verbatim for column in sheet.columns)

    @property
    def complete(self) -> bool:
        """Documented with the class."""
        return self._records.complete and self._all_wide

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Line and cells of each row, in the order of the sheet's columns; "" where a column is left out."""
        width, pick, strip = self._width, self._pick, self._strip
        trim_all = all(strip)
        for line, record in self._records:
            if len(record) != width:
                if any(cell.strip() for cell in record):
                    self._wrong_width(line, len(record))
                continue
            record.append("")
            cells = pick(record)
            cells = (
                tuple(map(str.strip, cells))
                if trim_all
                else tuple(cell.strip() if trim else cell for cell, trim in zip(cells, strip, strict=True))
            )
            if any(cells):
                yield line, cells

    def batches(self, size: int, without: Collection[str] = ()) -> Iterator[Batch]:
        """The same rows, at most `size` at a time and column by column; rows of empty cells may be among them.

        Args:
            size: Rows in a batch.
            without: Columns to leave out.
        """
        width, lines = self._width, 1
        if self._records.line == 1:  # the header, and nothing before or after it
            offset = 0
            for end, cells in plain_blocks(self._source, width):
                rows = np.arange(lines + 1, lines + len(cells) // width + 1)
                for start in range(0, len(rows), size):
                    part = slice(start * width, (start + size) * width)
                    columns = [cells[part][k::width] for k in range(width)]
                    yield self._batch(rows[start : start + size], columns, without)
                lines, offset = lines + len(rows), end
            if offset:
                self._records = Records(self._source, self.report, offset, lines)
        rest = iter(self._records)
        while chunk := list(islice(rest, size)):
            whole = [entry for entry in chunk if len(entry[1]) == width]
            if len(whole) != len(chunk):
                for line, record in chunk:
                    if len(record) != width and any(cell.strip() for cell in record):
                        self._wrong_width(line, len(record))
            if whole:
                rows = np.array([line for line, _ in whole])
                yield self._batch(rows, list(zip(*(record for _, record in whole), strict=True)), without)

    def _batch(self, rows: IntArray, columns: Sequence[Sequence[str]], without: Collection[str]) -> Batch:
        named = zip(self.present, columns, strict=True)
        found: dict[str, Cells] = {name: TextCells(cells) for name, cells in named if name not in without}
        return Batch(rows, tuple(found.get(name, Blank(len(rows))) for name in self.sheet.names))

    def _wrong_width(self, line: int, found: int) -> None:
        self._all_wide = False
        message = f"the row has {found} cells, the header has {self._width}"
        remedy = (
            "put double quotes around a cell that contains a comma, or remove the extra cells"
            if found > self._width
            else "add the missing cells; an empty cell still needs its comma"
        )
        self.report.add(line, None, message, remedy)


def read_csv(sheet: Sheet, source: bytes | Path, report: FileReport) -> CsvTable | None:
    """Open a CSV file; its rows are read when they are asked for.

    Args:
        sheet: What the file should hold.
        source: Its bytes, or where it lies on a disk; then only some lines at a time are held in memory.
        report: Of the file.

    Returns:
        The table; None, after reporting why, if its rows cannot be understood.
    """
    if isinstance(source, bytes) and decode(source, report) is None:
        return None
    opened = opener(source)
    records = Records(opened, report)
    first = next(iter(records), None)
    if first is None:
        if records.complete:
            report.add(None, None, *EMPTY_FILE)
        return None
    line, cells = first
    header = [cell.strip() for cell in cells]
    return CsvTable(sheet, opened, report, records, header) if check_header(sheet, line, header, report) else None


def csv_bytes(sheet: Sheet, rows: Iterable[tuple[str, ...]]) -> bytes:
    """Write rows under the sheet's header; columns that are optional and empty throughout are left out."""
    table = list(rows)
    keep = [i for i, column in enumerate(sheet.columns) if column.required or any(row[i] for row in table)]
    lines = [",".join(sheet.names[i] for i in keep)]
    lines += [csv_row(row[i] for i in keep) for row in table]
    return ("\n".join(lines) + "\n").encode()


def csv_row(cells: Iterable[str]) -> str:
    """A row without its line end."""
    return ",".join(map(_quoted, cells))


def _quoted(cell: str) -> str:
    plain = not any(mark in cell for mark in ',"\r\n') and cell == cell.strip()
    return cell if plain else '"' + cell.replace('"', '""') + '"'
