"""Reading and writing CSV strictly: UTF-8, commas, double quotes (RFC 4180), one header line.

Accepted without a word: a byte order mark, CRLF or CR line ends, blank lines, rows of empty cells, and spaces around
cells of columns that hold ids, numbers or keywords. Everything else out of shape is a problem with its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from operator import itemgetter

from daccord.formats._columns import Sheet
from daccord.formats._problems import FileReport, nearest, shown

__all__ = ["Table", "csv_bytes", "decode", "read_table"]


def decode(data: bytes, report: FileReport) -> str | None:
    """The text of a file, without its byte order mark; None, after reporting why, if there is none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            report.add(1, None, "the file is UTF-16, not UTF-8", "save it as UTF-8 (in a spreadsheet: CSV UTF-8)")
        else:
            message = f"the byte 0x{data[error.start]:02x} is not valid UTF-8"
            report.add(row, None, message, "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)")
        return None
    if not text.strip():
        report.add(None, None, "the file is empty", "fill it, or remove it if the round does not need it")
        return None
    return text


class _Records:
    """First line and cells of each record, blank lines left out; stops where CSV ends to make sense.

    Attributes:
        complete: False, with a report, once a record could not be read.
    """

    def __init__(self, text: str, report: FileReport) -> None:
        self.complete = True
        self._reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
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
            if record:
                yield line, record


def _csv_fault(error: csv.Error) -> tuple[str, str]:
    if "unexpected end" in str(error):
        return "a double quote is opened and never closed", "close it, or write it twice"
    if "field limit" in str(error):
        limit = f"{csv.field_size_limit():,} characters"
        return f"a cell is longer than {limit}", "shorten it, or close an open double quote"
    remedy = 'put double quotes around the whole cell and write a quote inside it twice: "a ""b"" c"'
    return f"the row is not valid CSV ({error}); nothing below it was read", remedy


class Table:
    """A CSV file whose header is understood.

    Args:
        sheet: What the file should hold.
        report: Of the file.
        header: Column names found, in order.
        records: Where rows come from.
        rest: Line and cells of every row after the header.

    Attributes:
        complete: After `rows`: False if a row could not be read at all, so that ids may be missing.
    """

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
        self.present = frozenset(header)
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

    def _wrong_width(self, line: int, found: int) -> None:
        self._all_wide = False
        message = f"the row has {found} cells, the header has {self._width}"
        remedy = (
            "put double quotes around a cell that contains a comma, or remove the extra cells"
            if found > self._width
            else "add the missing cells; an empty cell still needs its comma"
        )
        self.report.add(line, None, message, remedy)


def _check_header(sheet: Sheet, line: int, header: list[str], report: FileReport) -> bool:
    usable = True
    known = sheet.names
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        message = f"the header {shown(header[0])} is one cell"
        report.add(line, None, message, "separate columns by commas (in a spreadsheet: save as CSV UTF-8)")
        return False
    for i, name in enumerate(header):
        if name in header[:i]:
            report.add(line, name, f"the column {shown(name)} stands in the header twice", "remove one of the two")
            usable = False
        elif not name:
            message = f"column {i + 1} has no name"
            report.add(line, None, message, "remove the column (often a trailing comma), or name it")
        elif name not in known:
            meant = nearest(name, [column for column in known if column not in header])
            remedy = f"did you mean {meant}?" if meant else f"remove it; there are {', '.join(known)}"
            report.add(line, name, f"{shown(name)} is no column of {sheet.file}", remedy)
    for column in sheet.columns:
        if column.required and column.name not in header:
            remedy = f"add a column named {column.name} to the first line: {column.about}"
            report.add(line, column.name, f"the column {column.name} is missing", remedy)
            usable = False
    return usable


def read_table(sheet: Sheet, data: bytes, report: FileReport) -> Table | None:
    """Open a CSV file; its rows are read when they are asked for.

    Args:
        sheet: What the file should hold.
        data: Its bytes.
        report: Of the file.

    Returns:
        The table; None, after reporting why, if its rows cannot be understood.
    """
    text = decode(data, report)
    if text is None:
        return None
    records = _Records(text, report)
    rest = iter(records)
    first = next(rest, None)
    if first is None:
        return None
    line, cells = first
    header = [cell.strip() for cell in cells]
    return Table(sheet, report, header, records, rest) if _check_header(sheet, line, header, report) else None


def csv_bytes(sheet: Sheet, rows: Iterable[tuple[str, ...]]) -> bytes:
    """Write rows under the sheet's header; columns that are optional and empty throughout are left out."""
    table = list(rows)
    keep = [i for i, column in enumerate(sheet.columns) if column.required or any(row[i] for row in table)]
    lines = [",".join(sheet.names[i] for i in keep)]
    lines += [",".join(_quoted(row[i]) for i in keep) for row in table]
    return ("\n".join(lines) + "\n").encode()


def _quoted(cell: str) -> str:
    plain = not any(mark in cell for mark in ',"\r\n') and cell == cell.strip()
    return cell if plain else '"' + cell.replace('"', '""') + '"'
