"""Who is to be paid where: the recipients file, checked against the decision.

The file is CSV with the columns `project` and `address`; a column `amount` may repeat each award in the round's
currency, and is then compared. Problems are said all at once, with file, row and column. No message repeats an address.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from daccord.errors import InputError, Problem
from daccord.ethereum import parse_address
from daccord.money import Currency

__all__ = ["read_recipients"]

_REQUIRED: Final = ("project", "address")
_KNOWN: Final = (*_REQUIRED, "amount")
_MOST: Final = 100
"""Problems listed at most; a file of another kind has them everywhere."""


@dataclass(frozen=True)
class _Line:
    row: int
    cells: Mapping[str, str]


def read_recipients(
    data: bytes, awards: Mapping[str, int], currency: Currency, *, file: str, allow_shared: bool = False
) -> dict[str, bytes]:
    """Read where each project is to be paid.

    Args:
        data: Bytes of the file.
        awards: Id of every project of the decision → award in minor units, which may be 0.
        currency: Of the awards.
        file: What to call the file in messages.
        allow_shared: One address may stand for several projects.

    Returns:
        Project → account, 20 bytes, of the projects with an award. Rows of projects without one are checked and left
        out.

    Raises:
        InputError: The file is no such table; a project is unknown, given twice, or has an award and no row; an address
            is malformed, fails its checksum, is the zero address or is given twice; an amount differs from the award.
        ExternalError: The extra `ethereum` is not installed.
    """
    problems: list[Problem] = []
    accounts: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    owners: dict[bytes, int] = {}

    def add(row: int | None, column: str | None, message: str, remedy: str) -> None:
        problems.append(Problem(file, row, column, message, remedy))

    for line in _lines(data, file):
        project = line.cells["project"]
        if project not in awards:
            add(line.row, "project", f"{project!r} is no project of the decision", "take an id from awards.csv")
            continue
        if project in rows:
            add(line.row, "project", f"{project!r} stands in row {rows[project]} already", "keep one row a project")
            continue
        rows[project] = line.row
        stated = line.cells.get("amount", "")
        if stated and (message := _differs(stated, awards[project], currency)):
            add(line.row, "amount", message, "correct it, or leave the column out: the decision says what is paid")
        try:
            account = parse_address(line.cells["address"])
        except ValueError as error:
            add(line.row, "address", str(error), "copy it from the recipient's own message, checksum and all")
            continue
        if account in owners and not allow_shared:
            remedy = "ask both, or allow it: --allow-shared-address"
            add(line.row, "address", f"the address of row {owners[account]} is given again", remedy)
        owners.setdefault(account, line.row)
        if awards[project]:
            accounts[project] = account
    for project, amount in awards.items():
        if amount and project not in rows:
            add(None, "project", f"{project!r} has an award and no row", "add a row with its address")
    if problems:
        raise InputError(problems[:_MOST])
    return accounts


def _differs(stated: str, award: int, currency: Currency) -> str:
    try:
        amount = currency.parse(stated)
    except ValueError as error:
        return str(error)
    if amount != award:
        return f"{stated} is not the award of the decision, {currency.format(award)}"
    return ""


def _lines(data: bytes, file: str) -> Iterator[_Line]:
    """Rows below the header with their cells by column; blank lines are passed over."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise InputError.single(file, "the file is not UTF-8 text", row=row, remedy="save it as UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    header: list[str] | None = None
    before = 0
    try:
        for cells in reader:
            row, before = before + 1, reader.line_num
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if header is None:
                header = _header(stripped, row, file)
            elif len(stripped) != len(header):
                message = f"the row has {len(stripped)} cells, the header {len(header)}"
                raise InputError.single(file, message, row=row, remedy="one cell a column; quote cells with commas")
            else:
                yield _Line(row, dict(zip(header, stripped, strict=True)))
    except csv.Error as error:
        raise InputError.single(file, f"this is not CSV: {error}", row=before + 1, remedy="mend the quotes") from None
    if header is None:
        raise InputError.single(file, "the file is empty", remedy="give it the columns project and address")


def _header(names: list[str], row: int, file: str) -> list[str]:
    problems = [
        Problem(file, row, name, "there is no such column", f"the columns are {', '.join(_KNOWN)}")
        for name in names
        if name not in _KNOWN
    ]
    problems += [Problem(file, row, name, "the column is missing", "add it") for name in _REQUIRED if name not in names]
    if len(set(names)) < len(names):
        problems.append(Problem(file, row, None, "a column is given twice", "keep one of each name"))
    if problems:
        raise InputError(problems)
    return names
