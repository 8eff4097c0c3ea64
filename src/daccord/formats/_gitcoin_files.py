"""Donations and results of a Gitcoin round as they were published, read strictly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from daccord.errors import InputError, Problem
from daccord.formats._deepfunding_table import Table, read_table
from daccord.formats._problems import shown

__all__ = ["Donation", "Result", "read_donations", "read_results"]

AMOUNTS: Final = ("amount_in_usdt", "amount_usd", "amount")
GRANTS: Final = ("grant_id", "project_id", "project", "recipient")
DONORS: Final = ("address", "voter", "donor", "from")

_DECIMAL = re.compile(r"[0-9]{1,40}(?:\.[0-9]{0,80})?(?:[eE]-?[0-9]{1,2})?")


@dataclass(frozen=True)
class Donation:
    """One row.

    Attributes:
        donor: Address in small letters, or name. Never to be shown.
        grant: As written.
        amount: Whole units, exactly as written, above zero.
        line: Of the file.
    """

    donor: str
    grant: str
    amount: Fraction
    line: int


@dataclass(frozen=True)
class Result:
    """What was published about a grant.

    Attributes:
        title: For people.
        count: How many donations; None if that was not published.
        total: Their sum, whole units; None likewise.
        match: Whole units.
    """

    title: str
    count: int | None
    total: Fraction | None
    match: Fraction


def _column(table: Table, what: str, names: Sequence[str]) -> int:
    column = table.first_of(*names)
    if column is None:
        raise InputError.single(
            table.file,
            f"has no column of {what}s",
            row=1,
            remedy=f"name it {' or '.join(names)}; the columns are known",
        )
    return column


def _amount(table: Table, row: Sequence[str], line: int, column: int, problems: list[Problem]) -> Fraction:
    """A plain decimal; reported, and 0, if it is none."""
    text = row[column].strip()
    if _DECIMAL.fullmatch(text) is None:
        problems.append(
            Problem(
                table.file,
                line,
                table.header[column],
                f"{shown(text)} is no amount",
                "write a number such as 12.5, not below zero",
            )
        )
        return Fraction(0)
    return Fraction(text)


def read_donations(path: Path) -> tuple[Table, tuple[Donation, ...]]:
    """Read a file of donations: an address, a grant and an amount in each row; other columns are not read.

    Raises:
        InputError: A column is missing, or rows are wrong; addresses are not repeated in messages.
    """
    table = read_table(path, path.name)
    donor, grant = _column(table, "donor", DONORS), _column(table, "grant", GRANTS)
    amount = _column(table, "amount", AMOUNTS)
    problems: list[Problem] = []
    found = []
    for row, line in zip(table.rows, table.lines, strict=True):
        who, what = row[donor].strip(), row[grant].strip()
        for column, text in ((donor, who), (grant, what)):
            if not text:
                problems.append(
                    Problem(table.file, line, table.header[column], "is empty", "fill it in, or remove the row")
                )
        value = _amount(table, row, line, amount, problems)
        # The letters of a hexadecimal address are written small or large with the same meaning.
        found.append(Donation(who.lower() if who[:2].lower() == "0x" else who, what, value, line))
    if problems:
        raise InputError(problems)
    if not found:
        raise InputError.single(table.file, "holds no donation", remedy="give a file with rows")
    return table, tuple(found)


def read_results(path: Path) -> tuple[Table, tuple[Result, ...]]:
    """Read published results: title, number and sum of donations, and match of each grant.

    Raises:
        InputError: A column is missing, or rows are wrong.
    """
    table = read_table(path, path.name)
    title = _column(table, "title", ("title",))
    count = _column(table, "number of donation", ("total_contributions",))
    total = _column(table, "sum of donation", ("total_crowdfund_amount",))
    match = _column(table, "match amount", ("total_match_amount",))
    problems: list[Problem] = []
    found = []
    for row, line in zip(table.rows, table.lines, strict=True):
        number, given = (
            _amount(table, row, line, column, problems) if row[column].strip() else None for column in (count, total)
        )
        if number is not None and number.denominator != 1:
            remedy = "write how many there were"
            problems.append(Problem(table.file, line, table.header[count], "is no whole number", remedy))
        matched = _amount(table, row, line, match, problems)
        title_text = " ".join(row[title].split())
        found.append(Result(title_text, None if number is None else int(number), given, matched))
    if problems:
        raise InputError(problems)
    return table, tuple(found)
