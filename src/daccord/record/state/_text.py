"""Tables as text: as much of CSV (RFC 4180) as replaying a record needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from daccord.errors import IntegrityError

__all__ = ["csv_line", "csv_rows"]

_QUOTED: Final = frozenset(',"\r\n')
_MARKS: Final = re.compile('["\r\n]')
_CELL: Final = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\Z)')


def csv_line(cells: Iterable[str]) -> str:
    """A line, its end included; a cell is quoted only if it holds a comma, a quote, CR or LF."""
    row = list(cells)
    plain = ",".join(row)
    if plain.count(",") == len(row) - 1 and _MARKS.search(plain) is None:
        return plain + "\n"
    quoted = ('"' + cell.replace('"', '""') + '"' if _QUOTED.intersection(cell) else cell for cell in row)
    return ",".join(quoted) + "\n"


def csv_rows(text: str, what: str) -> Iterator[list[str]]:
    """Rows of a table, the header among them; lines end with LF or CR LF, and empty ones are passed over.

    Raises:
        IntegrityError: Quotes stand where none may.
    """
    at, row = 0, list[str]()
    while at < len(text):
        match = _CELL.match(text, at)
        if match is None:
            raise IntegrityError(f"{what}: character {at} belongs to no cell")
        quoted, plain, end = match.groups()
        row.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if end == "," and at == len(text):
            row.append("")
        if end != "," or at == len(text):
            if row != [""]:
                yield row
            row = []
