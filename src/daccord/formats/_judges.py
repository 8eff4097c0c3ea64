"""`judges.csv` → `Panel`."""

from __future__ import annotations

from typing import Literal

from daccord.formats._columns import JUDGES
from daccord.formats._instants import microseconds
from daccord.formats._manifest import Manifest
from daccord.formats._problems import FileReport, Names, check_ids, nearest, shown
from daccord.formats._projects import split_items
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, parse_time
from daccord.judging import EXPOSURES, Judge, Panel
from daccord.portfolio import Portfolio

__all__ = ["read_judges"]

_KINDS = ("person", "model")


def read_judges(
    data: bytes, manifest: Manifest | None, portfolio: Portfolio, projects: Names, report: FileReport
) -> tuple[Panel, bool]:
    """Read judges.csv.

    Args:
        data: Its bytes.
        manifest: Of the round; without it communities and families go unchecked.
        portfolio: Its projects and teams are what conflicts may name.
        projects: Says whether the portfolio is complete.
        report: Takes every problem.

    Returns:
        The judges that have an id, and whether the file could be read as a whole.
    """
    table = read_csv(JUDGES, data, report)
    if table is None:
        return Panel(()), False
    ties = Names(
        "project or team",
        projects.where,
        [*projects.index, *(project.team for project in portfolio if project.team)],
        complete=projects.complete,
    )
    judges: list[Judge] = []
    rows: list[tuple[str, int | None]] = []
    for line, (identifier, kind, community, family, conflicts, exposure, committed) in table.rows():
        rows.append((identifier, line))
        person = kind == "person"
        _check_group(line, "community", community, manifest.communities if manifest else None, report, wanted=person)
        _check_group(line, "family", family, manifest.families if manifest else None, report, wanted=not person)
        judges.append(
            Judge(
                id=identifier,
                kind=_kind(line, kind, report),
                community=community,
                family=family,
                conflicts=_conflicts(line, conflicts, ties, report),
                exposure=_exposure(line, exposure, kind, report),
                committed=_committed(line, committed, kind, report),
            )
        )
    check_ids(rows, "judge", "id", report)
    return Panel(tuple(judges)), table.complete


def _kind(line: int, kind: str, report: FileReport) -> Literal["person", "model"]:
    if kind not in _KINDS:
        meant = nearest(kind, _KINDS)
        remedy = f"did you mean {meant}?" if meant else "write person for a juror, model for an AI"
        report.add(line, "kind", f"{shown(kind)} is no kind of judge", remedy)
    # What is neither is taken as a model, because lists and repeated answers are right for models only.
    return "person" if kind == "person" else "model"


def _check_group(
    line: int, column: str, value: str, declared: Names | None, report: FileReport, *, wanted: bool
) -> None:
    if not value:
        return
    if not wanted:
        whom, other = ("a model", "community") if column == "community" else ("a person", "family")
        message = f"{whom} has no {other}; found {shown(value)}"
        remedy = "communities are of people, families of models; empty this cell, or correct the kind"
        report.add(line, column, message, remedy)
    elif declared is not None:
        declared.check(value, line, column, report)


def _conflicts(line: int, text: str, ties: Names, report: FileReport) -> tuple[str, ...]:
    names = split_items(text)
    for i, name in enumerate(names):
        if name in names[:i]:
            report.add(line, "conflicts", f"{shown(name)} is named twice", "remove one of the two")
        else:
            ties.check(name, line, "conflicts", report)
    return names


def _exposure(line: int, exposure: str, kind: str, report: FileReport) -> Literal["blind", "seen"]:
    if exposure and exposure not in EXPOSURES:
        meant = nearest(exposure, EXPOSURES)
        remedy = f"did you mean {meant}?" if meant else "write blind or seen, or leave it empty"
        report.add(line, "exposure", f"{shown(exposure)} is no exposure", remedy)
    elif exposure == "seen" and kind == "person":
        message = "exposure is about models: whether people's answers were visible to them"
        report.add(line, "exposure", message, "empty this cell, or correct the kind")
    return "seen" if exposure == "seen" else "blind"


def _committed(line: int, text: str, kind: str, report: FileReport) -> int | None:
    if not text:
        return None
    if kind == "person":
        message = "committed is about models: when their answers were fixed"
        report.add(line, "committed", message, "empty this cell, or correct the kind")
        return None
    try:
        return microseconds(parse_time(text)) // 1_000_000
    except Fault as fault:
        report.add(line, "committed", fault.message, fault.remedy)
        return None
