"""`ballots.csv`: whom voters gave their votes, points or money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal

import numpy as np

from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, clean_text, shown
from daccord.formats._table import CsvTable, read_csv
from daccord.formats._values import Fault, amount_text, parse_amount
from daccord.formats.inputs._table import Context, InputTable
from daccord.judging import Ballots
from daccord.round import Round

__all__ = ["BALLOTS", "BALLOTS_TABLE", "MAX_DIGITS", "points_text", "read_ballots"]

MAX_DIGITS: Final = 6
"""Decimal digits that points may have."""

_MOST: Final = 10**12
_POINTS = re.compile(rf"[0-9]{{1,12}}(\.[0-9]{{1,{MAX_DIGITS}}})?")

BALLOTS: Final = Sheet(
    "ballots.csv",
    "What a voter gives to a project. The rows of one voter are a ballot; a row without a project says that somebody "
    "took part and chose nothing.",
    (
        Column("voter", "Who voted; a pseudonym.", required=True, shape={"type": "string", "minLength": 1}),
        Column("project", "Id of a project, or empty.", required=True, shape={"type": "string"}),
        Column(
            "points",
            f"How much, above zero, with at most {MAX_DIGITS} decimals; an empty cell is one vote.",
            shape={"type": "string", "pattern": rf"^([0-9]{{1,12}}(\.[0-9]{{1,{MAX_DIGITS}}})?)?$"},
        ),
        Column(
            "amount",
            "Instead of points: what the voter would give, in whole units of the budget's currency, above zero.",
            shape={"type": "string", "pattern": r"^([0-9][0-9_]*(\.[0-9]+)?)?$"},
        ),
    ),
)


def read_ballots(data: bytes, context: Context, report: FileReport) -> Ballots:
    """Read ballots.csv.

    Args:
        data: Its bytes.
        context: What rows may refer to.
        report: Takes every problem.

    Returns:
        Voters in the order in which they first occur; of a file with problems, what could be read.
    """
    table = read_csv(BALLOTS, data, report)
    if table is None:
        return Ballots.empty()
    return _Reading(context, report).read(table)


class _Reading:
    """Ballots as they are read."""

    def __init__(self, context: Context, report: FileReport) -> None:
        self.context, self.report = context, report
        self.voters: dict[str, int] = {}
        self.given: dict[tuple[int, int], tuple[Decimal | int, int]] = {}
        self.kinds: dict[str, dict[int, list[int]]] = {"points": {}, "amount": {}}  # kind → voter → lines
        self.blank: dict[int, int] = {}

    def read(self, table: CsvTable) -> Ballots:
        for line, (voter, project, points, amount) in table.rows():
            if not voter:
                self.report.add(
                    line, "voter", "the vote has no voter", "write a pseudonym, the same in all rows of one"
                )
                continue
            if (fault := clean_text(voter)) is not None:
                self.report.add(line, "voter", *fault)
            position = self.voters.setdefault(voter, len(self.voters))
            if not project:
                self._empty(position, voter, points or amount, line)
                continue
            self.kinds["amount" if amount else "points"].setdefault(position, []).append(line)
            if amount and points:
                self.report.add(line, "amount", "the row has points and an amount", "leave one of the two empty")
            self._vote(position, voter, project, (points, amount), line)
        self._one_kind()
        return self._ballots("amount" if self.kinds["amount"] else "points")

    def _one_kind(self) -> None:
        """Points or amounts, not both: wrong are the rows of the kind that fewer voters gave; of as many, the later.

        So no voter alone can make the rows of all others wrong.
        """
        points, amounts = self.kinds["points"], self.kinds["amount"]
        if not points or not amounts:
            return
        fewer = min((points, amounts), key=lambda kind: (len(kind), -min(map(min, kind.values()))))
        for line in sorted(line for lines in fewer.values() for line in lines):
            message = "some rows have an amount and others do not"
            self.report.add(line, "amount", message, "give all of them, or none")

    def _empty(self, position: int, voter: str, value: str, line: int) -> None:
        """A row that names no project."""
        if value:
            self.report.add(line, "project", f"{shown(value)} is given to no project", "name the project")
        elif position in self.blank:
            message = f"{shown(voter)} has an empty row already (row {self.blank[position]})"
            self.report.add(line, "voter", message, "keep one of the two")
        self.blank.setdefault(position, line)

    def _vote(self, position: int, voter: str, project: str, cells: tuple[str, str], line: int) -> None:
        where = self.context.projects.check(project, line, "project", self.report)
        if where is None:
            return
        first = self.given.get((position, where))
        if first is not None:
            message = f"{shown(voter)} votes for {shown(project)} already (row {first[1]})"
            self.report.add(line, "project", message, "keep one of the two rows")
            return
        points, amount = cells
        value: Decimal | int
        column = "amount" if amount else "points"
        try:
            if amount:
                value = 1 if self.context.currency is None else parse_amount(amount, self.context.currency)
            else:
                value = _points(points)
        except Fault as fault:
            self.report.add(line, column, fault.message, fault.remedy)
            return
        if value == 0:
            self.report.add(line, column, f"{shown(project)} is given zero", "remove the row; no row says the same")
        elif value >= _MOST * 10**6:
            self.report.add(line, column, f"{shown(points or amount)} is too large", "write a smaller number")
        else:
            self.given[position, where] = (value, line)

    def _ballots(self, kind: Literal["points", "amount"]) -> Ballots:
        values = [value for value, _ in self.given.values()]
        digits = max((_decimals(value) for value in values), default=0)
        pairs = np.array(list(self.given), dtype=np.int64).reshape(-1, 2)
        if kind == "points" and all(value == 1 for value in values):
            return Ballots(tuple(self.voters), pairs[:, 0], pairs[:, 1], np.ones(len(values), dtype=np.int64))
        whole = np.array([int(value * 10**digits) for value in values], dtype=np.int64)
        return Ballots(tuple(self.voters), pairs[:, 0], pairs[:, 1], whole, digits, kind)


def _points(text: str) -> Decimal:
    """Read points; an empty cell is one vote.

    Raises:
        Fault: They are no plain number, or have too many decimals.
    """
    if not text:
        return Decimal(1)
    if _POINTS.fullmatch(text) is None:
        raise Fault(f"{shown(text)} is no number of points", f"write 3 or 2.5, with at most {MAX_DIGITS} decimals")
    return Decimal(text)


def _decimals(value: Decimal | int) -> int:
    if isinstance(value, int):
        return 0
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def points_text(points: int, digits: int) -> str:
    """Points in units of 10^-digits, as `read_ballots` reads them."""
    whole, part = divmod(points, 10**digits)
    return f"{whole}.{part:0{digits}d}".rstrip("0").rstrip(".") if digits else str(whole)


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    ballots, ids = round_.inputs.ballots, round_.portfolio.ids
    rows: list[list[tuple[str, str]]] = [[] for _ in ballots.voters]
    for voter, project, points in zip(
        ballots.voter.tolist(), ballots.project.tolist(), ballots.points.tolist(), strict=True
    ):
        if ballots.kind == "amount":
            text = amount_text(points, round_.budget.currency)
        else:
            text = "" if ballots.kind == "approval" else points_text(points, ballots.digits)
        rows[voter].append((ids[project], text))
    for voter, row in zip(ballots.voters, rows, strict=True):
        if not row:
            yield voter, "", "", ""
        for project, text in row:
            yield (voter, project, "", text) if ballots.kind == "amount" else (voter, project, text, "")


BALLOTS_TABLE: Final = InputTable(BALLOTS, "ballots", read_ballots, _rows)
