"""Reading other people's CSV strictly: what is not plainly a table or a name is refused with its place."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daccord.errors import InputError, Problem

__all__ = ["PREFIX", "Table", "column_values", "plain_name", "read_table"]

PREFIX: Final = "https://github.com/"
"""Written before repository names in some files and not in others."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Table:
    """A CSV file as it stands, before anything is understood.

    Attributes:
        file: The file as the caller named it, for messages.
        digest: SHA-256 of the file's bytes, hexadecimal.
        header: Column names, in order, distinct.
        rows: Cells of each row, each as long as `header`; blank lines are left out.
        lines: Line on which each row begins, as an editor counts (a quoted cell may hold line breaks).
    """

    file: str
    digest: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def first_of(self, *names: str) -> int | None:
        """Position of the first of these columns that the file has; None if it has none of them."""
        return next((self.header.index(name) for name in names if name in self.header), None)


def read_table(path: Path, label: str | None = None) -> Table:
    """Read a comma-separated UTF-8 file with a header; a byte-order mark is allowed.

    Args:
        path: The file.
        label: What to call it in messages; its path if None.

    Raises:
        InputError: The file is missing or not readable, is not UTF-8, has a repeated column, a broken quote, or rows
            of the wrong length; every such row is named.
    """
    file = str(path) if label is None else label
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError.single(file, f"cannot be read: {error.strerror}", remedy="check the path") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise InputError.single(file, "is not UTF-8 text", row=row, remedy="save it as UTF-8 CSV") from error
    header, rows, lines = _parse(file, text)
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise InputError.single(file, f"column {repeated[0]!r} appears twice", row=1, remedy="rename one of them")
    problems = [
        Problem(file, line, None, f"has {len(row)} cells, the header has {len(header)}", "check commas and quotes")
        for row, line in zip(rows, lines, strict=True)
        if len(row) != len(header)
    ]
    if problems:
        raise InputError(problems)
    return Table(file, hashlib.sha256(data).hexdigest(), header, tuple(rows), tuple(lines))


def _parse(file: str, text: str) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: tuple[str, ...] | None = None
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    begins = 1
    try:
        for cells in reader:
            if header is None:
                header = tuple(name.strip() for name in cells)
            elif cells:
                rows.append(tuple(cells))
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError.single(file, f"is not valid CSV: {error}", row=begins, remedy="check the quotes") from error
    if not header:
        raise InputError.single(file, "is empty", remedy="give a CSV file with a header")
    return header, rows, lines


def plain_name(text: str) -> str:
    """A repository's name without `https://github.com/` before it and a slash behind it; nothing else is changed.

    Raises:
        ValueError: Nothing is left, or it holds blanks at its ends or unprintable characters.
    """
    name = text.removeprefix(PREFIX).removesuffix("/")
    if not name:
        raise ValueError("is empty")
    if name != name.strip() or _UNPRINTABLE.search(name):
        raise ValueError(f"{text!r} has blanks at its ends or unprintable characters")
    return name


def column_values(table: Table, column: int, problems: list[Problem]) -> tuple[str, ...]:
    """The plain names in a column; a problem is appended for each cell that holds none."""
    known: dict[str, str] = {}
    values = []
    for row, line in zip(table.rows, table.lines, strict=True):
        text = row[column]
        name = known.get(text)
        if name is None:
            try:
                name = plain_name(text)
            except ValueError as error:
                problems.append(Problem(table.file, line, table.header[column], str(error), "write owner/name"))
                name = ""
            else:
                known[text] = name
        values.append(name)
    return tuple(values)
