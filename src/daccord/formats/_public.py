"""Tables of answers without those on harm, and the digests by which a published decision names its inputs.

A digest of a file that holds secret answers would give them away: they are few and of few kinds, so whoever knows the
rest of the file can try them all. So a table that holds people's answers on harm, or on roles that raise a risk, is
named by the digest of what may be published of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, compress
from pathlib import Path

from daccord.formats._columns import ROLES, SHEETS, Sheet
from daccord.formats._problems import Report
from daccord.formats._table import csv_row
from daccord.formats._tables import TABLES, ending, open_table
from daccord.round import HARMS, Criterion

__all__ = ["digest_of", "digests_of", "public_lines"]


def digests_of(files: Mapping[str, bytes], criteria: Iterable[Criterion]) -> dict[str, str]:
    """File name → SHA-256 of what may be published of the file, sorted by name.

    Args:
        files: Of a sound round folder: name → bytes.
        criteria: That the round asks.
    """
    asked = tuple(criteria)
    return {name: digest_of(name, data, asked) for name, data in sorted(files.items())}


def digest_of(name: str, source: bytes | Path, criteria: Iterable[Criterion]) -> str:
    """SHA-256 of what may be published of a file: of its bytes, or of `public_lines` where it holds answers on harm.

    Args:
        name: Of the file in the round folder.
        source: Its bytes, or where it lies; then it is never held in memory as a whole.
        criteria: That the round asks.
    """
    asked = name == ROLES.file or any(criterion.id in HARMS for criterion in criteria)
    lines = public_lines(name, source) if asked else None
    if lines is not None:
        digest = hashlib.sha256()
        for line in lines:
            digest.update(line)
        return digest.hexdigest()
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def public_lines(name: str, source: bytes | Path) -> Iterator[bytes] | None:
    """A table of people's answers without its rows on harm, as lines of a CSV file.

    Args:
        name: Of the file in the round folder.
        source: Its bytes, sound, or where it lies.

    Returns:
        All other rows in their order, cells as `daccord convert --to csv` writes them; None if the file is no table of
        answers or has no such row, so that it may be published as it is.

    Raises:
        ExternalError: The file needs pyarrow, which is not installed.
    """
    sheet = _sheet(name)
    if sheet is None:
        return None
    column, words = ("kind", frozenset({"raises"})) if sheet is ROLES else ("criterion", frozenset(HARMS))
    if isinstance(source, bytes) and name.endswith(".csv") and not any(word.encode() in source for word in words):
        return None
    place, secret = sheet.names.index(column), False
    filled = [column.required for column in sheet.columns]
    for cells in _rows(sheet, name, source):
        if cells[place] in words:
            secret = True
        else:
            filled = [known or bool(cell) for known, cell in zip(filled, cells, strict=True)]
    if not secret:
        return None
    rows = (cells for cells in _rows(sheet, name, source) if cells[place] not in words)
    return (f"{csv_row(compress(cells, filled))}\n".encode() for cells in chain([sheet.names], rows))


def _rows(sheet: Sheet, name: str, source: bytes | Path) -> Iterator[tuple[str, ...]]:
    table = open_table(sheet, source, Report().file(name))
    return iter(()) if table is None else (cells for _, cells in table.rows())


def _sheet(name: str) -> Sheet | None:
    """The table of people's answers that a file holds."""
    if name == ROLES.file:
        return ROLES
    if name not in TABLES:
        return None
    sheet = next(one for one in SHEETS if one.stem == name.removesuffix(ending(name)))
    return sheet if "criterion" in sheet.names else None
