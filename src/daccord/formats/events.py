"""`events.csv` for `daccord timeline`: what matures when.

| column | what |
|---|---|
| `project` | id of a project or a technology of the round |
| `maturity` | `idea`, `prototype` or `deployed` |
| `day` | days after the award; or |
| `date` | the day, such as 2027-03-01, if the round states the day of its decision |
| `day_low`, `day_high` | days between which it comes with 80 % probability, if its lead time is a distribution |
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from daccord.allocation import Maturing
from daccord.errors import ExternalError, InputError
from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, Names, Report, nearest, shown
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, parse_date
from daccord.portfolio import MATURITIES
from daccord.round import Round

__all__ = ["EVENTS", "read_events"]

_MOST: Final = 100_000
"""Days that an event may lie ahead."""

_DAY: Final = "write whole days after the award, such as 180"

EVENTS: Final = Sheet(
    "events.csv",
    "What matures when.",
    (
        Column("project", "Id of a project or a technology.", required=True),
        Column("maturity", "idea, prototype or deployed.", required=True),
        Column("day", "Days after the award."),
        Column("date", "The day itself, ISO 8601, in place of `day`."),
        Column("day_low", "Day before which it comes with 10 % probability."),
        Column("day_high", "Day after which it comes with 10 % probability."),
    ),
)


def read_events(path: str | Path, round_: Round) -> tuple[Maturing, ...]:
    """Read dated events.

    Args:
        path: Of the CSV file.
        round_: Whose projects and technologies they name.

    Raises:
        InputError: There is no such file, or a row is wrong; every problem is listed.
        ExternalError: The disk refuses.
    """
    name = str(path)
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        remedy = "write a CSV file with the columns project, maturity and day"
        raise InputError.single(name, "there is no such file", remedy=remedy) from None
    except OSError as error:
        raise ExternalError(f"{name} cannot be read: {error.strerror or error}") from error
    whole = Report()
    report = FileReport(whole, name)
    known = Names("project or technology", "projects.csv", round_.portfolio.known)
    events: list[Maturing] = []
    table = read_csv(EVENTS, data, report)
    for line, cells in table.rows() if table is not None else ():
        before = report.count
        project, maturity, *when = cells
        known.check(project, line, "project", report)
        if maturity not in MATURITIES:
            meant = nearest(maturity, MATURITIES)
            remedy = f"did you mean {meant}?" if meant else f"use one of {', '.join(MATURITIES)}"
            report.add(line, "maturity", f"{shown(maturity)} is no maturity", remedy)
        day, low, high = _days(when, round_.rules.decided_on, line, report)
        if report.count == before and day is not None:
            events.append(Maturing(project, maturity, day, low, high))
    if whole.problems:
        raise InputError(whole.problems)
    return tuple(events)


def _days(cells: list[str], start: str, line: int, report: FileReport) -> tuple[int | None, int | None, int | None]:
    """Day, early day and late day of a row; what is wrong is reported."""
    text, on, low_text, high_text = cells
    day = _whole(text, "day", line, report)
    low, high = _whole(low_text, "day_low", line, report), _whole(high_text, "day_high", line, report)
    if bool(text) == bool(on):
        report.add(line, "day", "exactly one of day and date is needed", _DAY)
    elif on and not start:
        remedy = "write decided_on in [rules] of round.toml, or write days"
        report.add(line, "date", "the round states no day of its decision to count from", remedy)
    elif on:
        try:
            day = (date.fromisoformat(parse_date(on)) - date.fromisoformat(start)).days
        except Fault as fault:
            report.add(line, "date", fault.message, fault.remedy)
        else:
            if day < 0:
                report.add(line, "date", f"{on} lies before the decision on {start}", "write a later day")
    if (low_text and not high_text) or (high_text and not low_text):
        report.add(line, "day_low", "day_low and day_high belong together", "write both or neither")
    elif day is not None and low is not None and high is not None and not low <= day <= high:
        message = f"the days {low}, {day}, {high} are not in order"
        report.add(line, "day_low", message, "write day_low before the day and day_high after it")
    return day, low, high


def _whole(text: str, column: str, line: int, report: FileReport) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text) <= _MOST):
        report.add(line, column, f"{shown(text)} is no day", _DAY)
        return None
    return int(text)
