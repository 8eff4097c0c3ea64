"""Tables of answers by name: in a CSV, Parquet or Arrow file, exactly one of them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from daccord.errors import ExternalError
from daccord.formats._columns import SHEETS, Sheet
from daccord.formats._problems import FileReport, Report
from daccord.formats._table import CsvTable, read_csv

if TYPE_CHECKING:
    from daccord.formats._arrow import ArrowTable

__all__ = ["ENDINGS", "TABLES", "Table", "ending", "find_table", "missing_arrow", "open_table"]

Table: TypeAlias = "CsvTable | ArrowTable"

ENDINGS: Final = (".csv", ".parquet", ".arrow")
"""What the name of a table of answers may end in."""

TABLES: Final = tuple(
    sheet.stem + ending for sheet in SHEETS if sheet.columnar and "/" not in sheet.file for ending in ENDINGS
)
"""Files of a round folder that hold answers, beside those in `lists/`."""


def ending(name: str) -> str:
    """The ending of a name, if it is one of a table; else nothing."""
    return next((end for end in ENDINGS if name.endswith(end)), "")


def find_table(sheet: Sheet, names: Collection[str], report: Report) -> str | None:
    """The file that holds a table.

    Args:
        sheet: The table.
        names: Files of the folder.
        report: Takes the problem if there are two.

    Returns:
        Its name; None if there is none.
    """
    found = [sheet.stem + end for end in ENDINGS if sheet.stem + end in names]
    for other in found[1:]:
        message = f"{sheet.stem} stand in {found[0]} and in {other}"
        report.file(other).add(None, None, message, "keep one of the two files")
    return found[0] if found else None


def open_table(sheet: Sheet, source: bytes | Path, report: FileReport) -> Table | None:
    """Open a table by the ending of its file's name; its rows are read when they are asked for.

    Args:
        sheet: What the file should hold.
        source: Its bytes, or where it lies on a disk; then only some rows at a time are held in memory.
        report: Of the file.

    Returns:
        The table; None, after reporting why, if its rows cannot be understood.

    Raises:
        ExternalError: The file needs pyarrow, which is not installed.
    """
    if not report.name.endswith(ENDINGS[1:]):
        return read_csv(sheet, source, report)
    try:
        from daccord.formats._arrow import open_arrow  # noqa: PLC0415 in the extra `data`
    except ImportError as error:
        raise missing_arrow(report.name, error) from error
    return open_arrow(sheet, source, report)


def missing_arrow(what: str, error: ImportError) -> ExternalError:
    """The error that a library of the extra `data` is not installed."""
    return ExternalError(f"{what} needs {error.name or 'a library'}, which is not installed: install daccord[data]")
