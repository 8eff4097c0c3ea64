"""The header of a table: are the columns those of its sheet?"""

from __future__ import annotations

from daccord.formats._columns import Sheet
from daccord.formats._problems import FileReport, nearest, shown

__all__ = ["check_header"]


def check_header(sheet: Sheet, line: int | None, header: list[str], report: FileReport) -> bool:
    """Whether a table has the columns of its sheet; every fault is reported.

    Args:
        sheet: What the file should hold.
        line: Where the header stands; None in a file without lines.
        header: Names of the columns found.
        report: Of the file.

    Returns:
        False if the rows cannot be understood.
    """
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
            if line is None and name.startswith("__index_level_"):
                remedy = "write the file without the data frame's index"
            report.add(line, name, f"{shown(name)} is no column of {sheet.file}", remedy)
    for column in sheet.columns:
        if column.required and column.name not in header:
            where = "" if line is None else " to the first line"
            remedy = f"add a column named {column.name}{where}: {column.about}"
            report.add(line, column.name, f"the column {column.name} is missing", remedy)
            usable = False
    return usable
