"""The text of a CSV file, in two ways: record by record, and whole blocks of plain rows at once.

A block is *plain* if each line has as many cells as the header, and quotes only around whole cells without commas, line
ends or quotes in them. Splitting at commas is then all there is to CSV, and ten times faster. At the first block that
is not plain the careful way takes over, and explains.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from daccord.formats._problems import FileReport

__all__ = ["BLOCK", "EMPTY_FILE", "Records", "decode", "opener", "plain_blocks", "plain_cells"]

Opener = Callable[[], BinaryIO]

EMPTY_FILE: Final = ("the file is empty", "fill it, or remove it if the round does not need it")

BLOCK: Final = 1 << 23
"""Bytes that are looked at together."""

_COMMA, _LINE_END, _QUOTE = b',\n"'


def opener(source: bytes | Path) -> Opener:
    """Opens a file on a disk, or bytes as if they were one."""
    return (lambda: source.open("rb")) if isinstance(source, Path) else (lambda: io.BytesIO(source))


def decode(data: bytes, report: FileReport) -> str | None:
    """The text of a file, without its byte order mark; None, after reporting why, if there is none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _not_utf8(data, data.count(b"\n", 0, error.start) + 1, data[error.start], report)
        return None
    if not text.strip():
        report.add(None, None, *EMPTY_FILE)
        return None
    return text


def _not_utf8(beginning: bytes, row: int, byte: int, report: FileReport) -> None:
    remedy = "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
    if beginning[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        report.add(1, None, "the file is UTF-16, not UTF-8", remedy)
    else:
        report.add(row, None, f"the byte 0x{byte:02x} is not valid UTF-8", remedy)


class Records:
    """First line and cells of each record, blank lines left out; stops where CSV ends to make sense.

    Args:
        source: Opens the file.
        report: Takes what is wrong.
        offset: Where to begin, bytes; at the beginning of a record.
        lines: Lines before that.

    Attributes:
        complete: False, with a report, once a record could not be read.
    """

    def __init__(self, source: Opener, report: FileReport, offset: int = 0, lines: int = 0) -> None:
        self.complete = True
        self._reader = csv.reader(self._text(source, offset), strict=True, skipinitialspace=True)
        self._source = source
        self._report = report
        self._lines = lines

    @staticmethod
    def _text(source: Opener, offset: int) -> Iterator[str]:
        with source() as stream:
            stream.seek(offset)
            with io.TextIOWrapper(stream, encoding="utf-8" if offset else "utf-8-sig", newline="") as text:
                yield from text

    @property
    def line(self) -> int:
        """Lines read so far, those before the beginning included."""
        return self._lines + self._reader.line_num

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        reader, before = self._reader, self._lines + 1
        while True:
            line = before + reader.line_num
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.complete = False
                self._report.add(line, None, *_csv_fault(error))
                return
            except UnicodeDecodeError:
                self.complete = False
                self._find_bad_byte()
                return
            if record:
                yield line, record

    def _find_bad_byte(self) -> None:
        """Report the first byte that is not UTF-8; the decoder met it in some block, ahead of the reader."""
        with self._source() as stream:
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


def plain_blocks(source: Opener, width: int) -> Iterator[tuple[int, list[str]]]:
    """Plain blocks of rows below the first line, up to the first that is not plain.

    Args:
        source: Opens the file, whose first line is a header.
        width: Cells in a row.

    Yields:
        Where the block ends in the file, bytes; and its cells, row after row.
    """
    with source() as stream:
        header = stream.readline()
        if header.count(b"\r") != header.endswith(b"\r\n"):
            return
        end = len(header)
        rest = b""
        while block := stream.read(BLOCK):
            whole, line_end, rest = (rest + block).rpartition(b"\n")
            cells = plain_cells(whole + line_end, width) if line_end else None
            if cells is None:
                return
            end += len(whole) + 1
            yield end, cells
        if rest and (cells := plain_cells(rest + b"\n", width)) is not None:
            yield end + len(rest), cells


def plain_cells(block: bytes, width: int) -> list[str] | None:
    """Cells of whole lines, row after row; None if the block is not plain.

    Args:
        block: Ends with a line end.
        width: Cells in a row.
    """
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    raw = np.frombuffer(block, dtype=np.uint8)
    place = np.flatnonzero((raw == _COMMA) | (raw == _LINE_END) | (raw == _QUOTE))
    mark = raw[place]
    quoted = mark == _QUOTE
    if quoted.any():
        if not _encloses_cells(raw, place, np.flatnonzero(quoted)):
            return None
        place, mark = place[~quoted], mark[~quoted]
        block = block.replace(b'"', b"")
    rows, ragged = divmod(len(mark), width)
    if ragged or b"\r" in block or np.diff(place, prepend=-1).max() > csv.field_size_limit():
        return None
    ends = mark.reshape(rows, width) == _LINE_END
    if ends[:, :-1].any() or not ends[:, -1].all():
        return None
    try:
        cells = block.decode().replace("\n", ",").split(",")
    except UnicodeDecodeError:
        return None
    cells.pop()  # behind the last line end
    return cells


def _encloses_cells(raw: np.ndarray, place: np.ndarray, quotes: np.ndarray) -> bool:
    """Whether each pair of quotes stands right around a cell, with nothing in it that divides cells.

    Args:
        raw: Bytes of the block.
        place: Where commas, line ends and quotes are.
        quotes: Which of these are quotes.
    """
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing) or (closing != opening + 1).any():
        return False
    before, after = raw[place[opening] - 1], raw[place[closing] + 1]
    before[place[opening] == 0] = _LINE_END
    return bool(((before == _COMMA) | (before == _LINE_END)).all() and ((after == _COMMA) | (after == _LINE_END)).all())
