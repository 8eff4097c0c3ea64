"""A model's answers to a table, as a file of its own."""

from __future__ import annotations

from collections.abc import Mapping

from daccord.errors import IntegrityError
from daccord.record.payloads import Answers
from daccord.record.state._text import csv_rows

__all__ = ["model_rows"]


def model_rows(table: Answers, model: str, data: bytes) -> list[Mapping[str, str]]:
    """Rows of a model's file.

    Args:
        table: That it answers to.
        model: Id.
        data: The file, UTF-8.

    Raises:
        IntegrityError: It is no such table, or another judge's rows stand in it.
    """
    what = f"the answers of {model!r} to {table.name}"
    header, *rows = [*csv_rows(data.decode().removeprefix("\ufeff"), what)] or [[]]
    names = [name.strip() for name in header]
    if table.who not in names or len(set(names)) != len(names) or not set(names) <= set(table.columns):
        raise IntegrityError(f"{what}: its columns are not those of the table")
    found: list[Mapping[str, str]] = []
    for row in rows:
        cells = dict(zip(names, row, strict=False))
        if len(row) != len(names) or cells[table.who].strip() != model:
            raise IntegrityError(f"{what}: a row has another number of cells, or is another judge's")
        if any("\n" in cell or "\r" in cell for cell in row):
            raise IntegrityError(f"{what}: a cell has a line end in it")
        found.append(cells)
    return found
