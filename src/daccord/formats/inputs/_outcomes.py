"""`outcomes.csv`: what came of projects, as people judged it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daccord.errors import ExternalError
from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, Names, Report, RoundFolderError, clean_text, shown
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, amount_text, parse_amount, parse_exact, share_text
from daccord.formats.inputs._table import Context, InputTable
from daccord.judging import Outcome
from daccord.round import Round

__all__ = ["OUTCOMES", "OUTCOMES_TABLE", "load_outcomes", "read_outcomes"]

_MONEY: Final = {"type": "string", "pattern": r"^([0-9][0-9_]*(\.[0-9]+)?)?$"}

OUTCOMES: Final = Sheet(
    "outcomes.csv",
    "What came of a project, as one person judged it afterwards.",
    (
        Column("project", "Id of a project.", required=True, shape={"type": "string", "minLength": 1}),
        Column(
            "worth",
            "What its results were worth, not negative. All who judge use one scale; only ratios matter.",
            required=True,
            shape={"type": "string", "minLength": 1},
        ),
        Column("judge", "Who judged it: a pseudonym. May be empty if only one person judged."),
        Column(
            "paid",
            "What funders have paid for these results already, in whole units of the budget's currency. Once a project "
            "is enough; empty means nothing, or what another row of the project says.",
            shape=_MONEY,
        ),
        Column("earned", "What the project has earned with them in other ways; likewise.", shape=_MONEY),
    ),
)


def read_outcomes(data: bytes, context: Context, report: FileReport) -> tuple[Outcome, ...]:
    """Read outcomes.csv.

    Args:
        data: Its bytes.
        context: What rows may refer to.
        report: Takes every problem.

    Returns:
        Outcomes, in order; what a project was paid and earned is in each of its rows.
    """
    table = read_csv(OUTCOMES, data, report)
    if table is None:
        return ()
    found: dict[tuple[str, str], int] = {}
    money: dict[tuple[str, str], tuple[int, int]] = {}
    outcomes: list[Outcome] = []
    for line, (project, worth, judge, paid, earned) in table.rows():
        context.projects.check(project, line, "project", report)
        if (fault := clean_text(judge)) is not None:
            report.add(line, "judge", *fault)
        if (first := found.setdefault((project, judge), line)) != line:
            message = f"what came of {shown(project)} is judged by {shown(judge)} already (row {first})"
            report.add(line, "judge", message, "keep one of the two rows, or name another judge")
        for column, cell in (("paid", paid), ("earned", earned)):
            _note_money(project, column, cell, line, context, money, report)
        try:
            outcomes.append(Outcome(project, parse_exact(worth), judge))
        except Fault as fault_found:
            report.add(line, "worth", fault_found.message, fault_found.remedy)
    nothing = (0, 0)
    return tuple(
        Outcome(
            row.project,
            row.worth,
            row.judge,
            money.get((row.project, "paid"), nothing)[0],
            money.get((row.project, "earned"), nothing)[0],
        )
        for row in outcomes
    )


def load_outcomes(path: str | Path, round_: Round) -> tuple[Outcome, ...]:
    """Read a file of outcomes that does not lie in the folder of its round.

    Raises:
        InputError: Something is wrong; all problems are listed.
        ExternalError: The disk refuses.
    """
    place = Path(path)
    try:
        data = place.read_bytes()
    except OSError as error:
        raise ExternalError(f"{place} cannot be read: {error.strerror}") from error
    report = Report()
    projects = Names("project", "the round", round_.portfolio.ids)
    judges = Names("judge", "the round", (judge.id for judge in round_.panel))
    context = Context(round_.budget.currency, round_.portfolio, projects, judges, round_.panel)
    outcomes = read_outcomes(data, context, report.file(place.name))
    if report.problems:
        raise RoundFolderError(report.problems)
    return outcomes


def _note_money(
    project: str,
    column: str,
    cell: str,
    line: int,
    context: Context,
    money: dict[tuple[str, str], tuple[int, int]],
    report: FileReport,
) -> None:
    """Remember an amount with its row; two different ones for one project are a problem."""
    if not cell or context.currency is None:
        return
    try:
        amount = parse_amount(cell, context.currency)
    except Fault as fault:
        report.add(line, column, fault.message, fault.remedy)
        return
    known, first = money.setdefault((project, column), (amount, line))
    if known != amount:
        message = f"what {shown(project)} has {column} differs from row {first}"
        report.add(line, column, message, "write it once, or the same in all rows of the project")


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    currency = round_.budget.currency

    def text(amount: int) -> str:
        return amount_text(amount, currency) if amount else ""

    for row in round_.inputs.outcomes:
        yield row.project, share_text(row.worth), row.judge, text(row.paid), text(row.earned)


OUTCOMES_TABLE: Final = InputTable(OUTCOMES, "outcomes", read_outcomes, _rows)
