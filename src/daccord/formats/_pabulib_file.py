"""A Pabulib file as it stands: its three sections, and nothing understood yet."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daccord.errors import InputError, Problem
from daccord.formats._problems import shown

__all__ = ["PabulibFile", "Section", "pabulib_bytes", "parse_pabulib", "read_pabulib"]

_SECTIONS: Final = ("META", "PROJECTS", "VOTES")
_NEEDED: Final = {"META": ("key", "value"), "PROJECTS": ("project_id", "cost"), "VOTES": ("voter_id", "vote")}


@dataclass(frozen=True)
class Section:
    """A table of the file.

    Attributes:
        header: Column names, distinct.
        rows: Cells of each row, without spaces around them, each as long as the header.
        lines: Line on which each row begins, as an editor counts.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...] = ()

    def column(self, name: str) -> tuple[str, ...] | None:
        """Cells of a column; None if there is none of that name."""
        if name not in self.header:
            return None
        at = self.header.index(name)
        return tuple(row[at] for row in self.rows)


@dataclass(frozen=True)
class PabulibFile:
    """A Pabulib file.

    Attributes:
        name: What messages call it.
        meta: Section META, key → value, in order.
        projects: Section PROJECTS.
        votes: Section VOTES.
        digest: SHA-256 of its bytes, hexadecimal; empty if it was not read from any.
        meta_lines: Key → line.
    """

    name: str
    meta: Mapping[str, str]
    projects: Section
    votes: Section
    digest: str = ""
    meta_lines: Mapping[str, int] | None = None


def read_pabulib(path: Path) -> PabulibFile:
    """Read a `.pb` file.

    Raises:
        InputError: It is missing, or not in the format; every fault has its row.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError.single(str(path), f"cannot be read: {error.strerror or error}") from error
    return parse_pabulib(data, path.name)


def parse_pabulib(data: bytes, name: str) -> PabulibFile:
    """Take the bytes of a `.pb` file apart: UTF-8, semicolons, double quotes.

    Args:
        data: The bytes.
        name: What to call the file in messages.

    Raises:
        InputError: They are not in the format; every fault has its row.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError([Problem(name, row, None, "is not UTF-8", "save it as UTF-8")]) from None
    problems: list[Problem] = []
    sections = _sections(name, text, problems)
    if problems:
        raise InputError(problems)
    meta = sections["META"]
    lines: dict[str, int] = {}
    for (key, *_), line in zip(meta.rows, meta.lines, strict=True):
        if key in lines:
            message = f"META says {shown(key)} already (row {lines[key]})"
            problems.append(Problem(name, line, key, message, "keep one of the two rows"))
        lines.setdefault(key, line)
    if problems:
        raise InputError(problems)
    values = {row[0]: row[1] for row in meta.rows}
    digest = hashlib.sha256(data).hexdigest()
    return PabulibFile(name, values, sections["PROJECTS"], sections["VOTES"], digest, lines)


def _records(name: str, text: str, problems: list[Problem]) -> Iterable[tuple[int, list[str]]]:
    """Line and cells of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    begin = 1
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if any(row):
                yield begin, row
            begin = reader.line_num + 1
    except csv.Error as error:
        remedy = "put a cell with a semicolon or a quote in double quotes, and write each quote inside twice"
        problems.append(Problem(name, begin, None, f"is not readable from here on: {error}", remedy))


def _sections(name: str, text: str, problems: list[Problem]) -> dict[str, Section]:
    found: dict[str, tuple[list[str], list[tuple[str, ...]], list[int]]] = {}
    where: dict[str, int] = {}
    widths: list[Problem] = []
    current = ""
    for line, row in _records(name, text, problems):
        title = row[0].upper() if not any(row[1:]) else ""
        if title in _SECTIONS:
            if title in where:
                problems.append(
                    Problem(name, line, None, f"a second section {title}", f"row {where[title]} is the first")
                )
            current, where[title] = title, line
            found[title] = ([], [], [])
        elif not current:
            problems.append(Problem(name, line, None, "stands before META", "begin the file with META"))
            return {}
        elif not found[current][0]:
            found[current][0].extend(cell.lower() for cell in row)
        else:
            _add(name, current, line, row, found[current], widths)
    absent = [title for title in _SECTIONS if title not in found]
    if absent and not problems:  # rows of another length most likely follow from this
        remedy = "add it, its name on a line alone"
        problems += [Problem(name, None, None, f"has no section {title}", remedy) for title in absent]
    else:
        problems += widths
    if problems:
        return {}
    for title in _SECTIONS:
        header = found[title][0]
        if missing := [column for column in _NEEDED[title] if column not in header]:
            message = f"{title} has no column {' and '.join(missing)}"
            problems.append(Problem(name, where[title] + 1, missing[0], message, "name it in the line below the title"))
        elif twice := [column for column in header if header.count(column) > 1]:
            problems.append(Problem(name, where[title] + 1, twice[0], f"{title} has {twice[0]} twice", "remove one"))
    return {title: Section(tuple(parts[0]), tuple(parts[1]), tuple(parts[2])) for title, parts in found.items()}


def _add(
    name: str,
    title: str,
    line: int,
    row: list[str],
    parts: tuple[list[str], list[tuple[str, ...]], list[int]],
    problems: list[Problem],
) -> None:
    header, rows, lines = parts
    while len(row) > len(header) and not row[-1]:
        row.pop()  # separators at the end of a line
    if len(row) != len(header):
        message = f"the row has {len(row)} cells, {title} has {len(header)} columns"
        remedy = "put double quotes around a cell with a semicolon; an empty cell still needs its semicolon"
        problems.append(Problem(name, line, None, message, remedy))
        return
    rows.append(tuple(row))
    lines.append(line)


def pabulib_bytes(file: PabulibFile) -> bytes:
    """The file, as `parse_pabulib` reads it back."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\n")
    meta = Section(("key", "value"), tuple(file.meta.items()))
    for title, section in zip(_SECTIONS, (meta, file.projects, file.votes), strict=True):
        rows: Sequence[Sequence[str]] = [(title,), section.header, *section.rows]
        writer.writerows(rows)
    return stream.getvalue().encode()
