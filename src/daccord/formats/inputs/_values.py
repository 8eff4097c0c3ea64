"""`values.csv`: what jurors say further money is worth, project by project."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, shown
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, amount_text, parse_amount, parse_exact, share_text
from daccord.formats.inputs._table import Context, InputTable
from daccord.judging import MarginalValue
from daccord.round import Round

__all__ = ["VALUES", "VALUES_TABLE", "read_values"]

VALUES: Final = Sheet(
    "values.csv",
    "A point of a juror's curve for a project: what the next unit of money is worth once it has so much.",
    (
        Column("juror", "Id of a judge who is a person.", required=True, shape={"type": "string", "minLength": 1}),
        Column("project", "Id of a project.", required=True, shape={"type": "string", "minLength": 1}),
        Column(
            "amount",
            "What the project has already, in whole units of the budget's currency; a curve begins at 0.",
            required=True,
            shape={"type": "string", "pattern": r"^[0-9][0-9_]*(\.[0-9]+)?$"},
        ),
        Column(
            "value",
            "Worth of the next unit there, not negative and on the juror's own scale: a decimal, or a fraction such "
            "as 1/3. Between points the curve is a straight line, from its last point on it is 0, and it never rises.",
            required=True,
            shape={"type": "string", "minLength": 1},
        ),
    ),
)


def read_values(data: bytes, context: Context, report: FileReport) -> tuple[MarginalValue, ...]:
    """Read values.csv.

    What a juror says about a project it has declared a tie to is set aside, with a notice.

    Args:
        data: Its bytes.
        context: What rows may refer to.
        report: Takes every problem.

    Returns:
        Points, in order.
    """
    table = read_csv(VALUES, data, report)
    if table is None:
        return ()
    points: list[MarginalValue] = []
    curves: dict[tuple[str, str], list[tuple[int, MarginalValue]]] = {}
    tied: dict[tuple[str, str], int] = {}
    for line, (juror, project, amount_cell, value_cell) in table.rows():
        seat = context.judges.check(juror, line, "juror", report)
        place = context.projects.check(project, line, "project", report)
        if seat is not None and seat < len(context.panel) and not context.panel.judges[seat].is_person:
            message = f"{shown(juror)} is a model, and models do not say what money is worth"
            report.add(line, "juror", message, "remove the row: only people's curves divide money")
        try:
            value = parse_exact(value_cell)
        except Fault as fault:
            report.add(line, "value", fault.message, fault.remedy)
            continue
        if context.currency is None:
            continue
        try:
            amount = parse_amount(amount_cell, context.currency)
        except Fault as fault:
            report.add(line, "amount", fault.message, fault.remedy)
            continue
        if seat is not None and place is not None and _is_tied(context, seat, place):
            tied[juror, project] = tied.get((juror, project), 0) + 1
            continue
        point = MarginalValue(juror, project, amount, value)
        points.append(point)
        curves.setdefault((juror, project), []).append((line, point))
    for curve in curves.values():
        _check(curve, report)
    for juror, project in tied:
        report.notice(f"what {juror} says about {project} is set aside: {juror} has declared a tie to it")
    return tuple(points)


def _is_tied(context: Context, seat: int, place: int) -> bool:
    if seat >= len(context.panel) or place >= len(context.portfolio):
        return False  # their own file has a problem, which is reported there
    conflicts, project = context.panel.judges[seat].conflicts, context.portfolio.projects[place]
    return project.id in conflicts or bool(project.team and project.team in conflicts)


def _check(curve: list[tuple[int, MarginalValue]], report: FileReport) -> None:
    """Report a curve that is none: no beginning, two values at one amount, or rising."""
    curve.sort(key=lambda row: row[1].amount)
    line, first = curve[0]
    whose = f"the curve of {shown(first.juror)} for {shown(first.project)}"
    if first.amount:
        report.add(
            line, "amount", f"{whose} does not begin at 0", "add a row with amount 0: the worth of the first unit"
        )
    if len(curve) == 1 and first.value:
        remedy = "add the amount from which more money is worth nothing"
        report.add(line, "amount", f"{whose} is a single point, so it values no money", remedy)
    for (_, before), (row, point) in pairwise(curve):
        if point.amount == before.amount:
            report.add(row, "amount", f"{whose} has two values at one amount", "keep one of the two rows")
        elif point.value > before.value:
            remedy = "let the value fall or stay: the next unit is never worth more than the one before"
            report.add(row, "value", f"{whose} rises", remedy)


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    currency = round_.budget.currency
    for point in round_.inputs.values:
        yield point.juror, point.project, amount_text(point.amount, currency), share_text(point.value)


VALUES_TABLE: Final = InputTable(VALUES, "values", read_values, _rows)
