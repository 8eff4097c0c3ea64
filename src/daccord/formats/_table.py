"""Reading and writing CSV strictly: UTF-8, commas, double quotes (RFC 4180), one header line.

Accepted without a word: a byte order mark, CRLF or CR line ends, blank lines, rows of empty cells, and spaces around
cells of columns that hold ids, numbers or keywords. Everything else out of shape is a problem with its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import itemgetter
from pathlib import Path

import numpy as np

from daccord.formats._cells import Batch, Blank, Cells, TextCells
from daccord.formats._columns import Sheet
from daccord.formats._header import check_header
from daccord.formats._problems import FileReport

__all__ = ["CsvTable", "csv_bytes", "csv_row", "decode", "read_csv", "stream_csv"]


def decode(data: bytes, report: FileReport) -> str | None:
    """The text of a file, without its byte order mark; None, after reporting why, if there is none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _not_utf8(data, data.count(b"\n", 0, error.start) + 1, data[error.start], report)
        return None
    if not text.strip():
        report.add(None, None, *_NOTHING)
        return None
    return text


_NOTHING = ("the file is empty", "fill it, or remove it if the round does not need it")


def _not_utf8(beginning: bytes, row: int, byte: int, report: FileReport) -> None:
    remedy = "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
    if beginning[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        report.add(1, None, "the file is UTF-16, not UTF-8", remedy)
    else:
        report.add(row, None, f"the byte 0x{byte:02x} is not valid UTF-8", remedy)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from stream


class _Records:
    """First line and cells of each record, blank lines left out; stops where CSV ends to make sense.

    Attributes:
        complete: False, with a report, once a record could not be read.
    """

    def __init__(self, source: str | Path, report: FileReport) -> None:
        self.complete = True
        lines = _lines(source) if isinstance(source, Path) else io.StringIO(source, newline="")
        self._reader = csv.reader(lines, strict=True, skipinitialspace=True)
        self._source = source
        self._report = report

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        reader = self._reader
        while True:
            line = reader.line_num + 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.complete = False
                self._report.add(line, None, *_csv_fault(error))
                return
            except UnicodeDecodeError:  # only of a file that is read piece by piece
                self.complete = False
                self._find_bad_byte()
                return
            if record:
                yield line, record

    def _find_bad_byte(self) -> None:
        """Report the row of the first byte that is not UTF-8, which the decoder met in some block."""
        assert isinstance(self._source, Path)
        with self._source.open("rb") as stream:
            beginning = stream.read(2)
            stream.seek(0)
            for row, line in enumerate(stream, start=1):
                try:
                    line.decode()
                except UnicodeDecodeError as error:
                    _not_utf8(beginning, row, line[error.start], self._report)
                    return


def _csv_fault(error: csv.Error) -> tuple[str, str]:
    if "unexpected end" in str(error):
        return "a double quote is opened and never closed", "close it, or write it twice"
    if "field limit" in str(error):
        limit = f"{csv.field_size_limit():,} characters"
        return f"a cell is longer than {limit}", "shorten it, or close an open double quote"
    remedy = 'put double quotes around the whole cell and write a quote inside it twice: "a ""b"" c"'
    return f"the row is not valid CSV ({error}); nothing below it was read", remedy


class CsvTable:
    """A CSV file whose header is understood; its rows are read once, when they are asked for.

    Args:
        sheet: What the file should hold.
        report: Of the file.
        header: Column names found, in order.
        records: Where rows come from.
        rest: Line and cells of every row after the header.

    Attributes:
        complete: After reading: False if a row could not be read at all, so that ids may be missing.
        size: Number of rows, None because nobody knows before reading.
    """

    size: int | None = None

    def __init__(
        self,
        sheet: Sheet,
        report: FileReport,
        header: list[str],
        records: _Records,
        rest: Iterator[tuple[int, list[str]]],
    ) -> None:
        self.sheet = sheet
        self.report = report
        self.present = tuple(header)
        self._width = len(header)
        self._records = records
        self._rest = rest
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
        for line, record in self._rest:
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

    def batches(self, size: int) -> Iterator[Batch]:
        """The same rows, some `size` at a time and column by column; blank rows may be among them."""
        while chunk := list(islice(self._rest, size)):
            if any(len(record) != self._width for _, record in chunk):
                for line, record in chunk:
                    if len(record) != self._width and any(cell.strip() for cell in record):
                        self._wrong_width(line, len(record))
                chunk = [entry for entry in chunk if len(entry[1]) == self._width]
            columns = list(zip(*(record for _, record in chunk), strict=True))
            if not columns:
                continue
            found: dict[str, Cells] = {
                name: TextCells(cells) for name, cells in zip(self.present, columns, strict=True)
            }
            rows = np.fromiter((line for line, _ in chunk), dtype=np.int64, count=len(chunk))
            yield Batch(rows, tuple(found.get(name, Blank(len(chunk))) for name in self.sheet.names))

    def _wrong_width(self, line: int, found: int) -> None:
        self._all_wide = False
        message = f"the row has {found} cells, the header has {self._width}"
        remedy = (
            "put double quotes around a cell that contains a comma, or remove the extra cells"
            if found > self._width
            else "add the missing cells; an empty cell still needs its comma"
        )
        self.report.add(line, None, message, remedy)


def read_csv(sheet: Sheet, data: bytes, report: FileReport) -> CsvTable | None:
    """Open a CSV file; its rows are read when they are asked for.

    Args:
        sheet: What the file should hold.
        data: Its bytes.
        report: Of the file.

    Returns:
        The table; None, after reporting why, if its rows cannot be understood.
    """
    text = decode(data, report)
    return None if text is None else _open(sheet, text, report)


def stream_csv(sheet: Sheet, path: Path, report: FileReport) -> CsvTable | None:
    """The same for a file on a disk, of which only some lines at a time are held in memory."""
    return _open(sheet, path, report)


def _open(sheet: Sheet, source: str | Path, report: FileReport) -> CsvTable | None:
    records = _Records(source, report)
    rest = iter(records)
    first = next(rest, None)
    if first is None:
        if records.complete:
            report.add(None, None, *_NOTHING)
        return None
    line, cells = first
    header = [cell.strip() for cell in cells]
    return CsvTable(sheet, report, header, records, rest) if check_header(sheet, line, header, report) else None


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
