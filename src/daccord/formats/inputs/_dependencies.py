"""`dependencies.csv`: shares of a project's credit that it keeps and passes on.

Deep Funding's columns `repo,parent,weight` are read too. Its weights are numbers of a model, which never add up to 1 in
the last digit, so there only their ratios count; in daccord's own columns shares are exact and sum to 1 exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from daccord.formats._columns import Column, Sheet
from daccord.formats._problems import FileReport, Names, shown
from daccord.formats._table import CsvTable, read_csv
from daccord.formats._values import Fault, parse_exact, share_text
from daccord.formats.inputs._table import Context, InputTable
from daccord.portfolio import Dependency
from daccord.round import Round

__all__ = ["DEPENDENCIES", "DEPENDENCIES_TABLE", "read_dependencies"]

_NAME: Final = {"type": "string", "minLength": 1}

DEPENDENCIES: Final = Sheet(
    "dependencies.csv",
    "What share of a project's credit belongs to a project it depends on, or to itself.",
    (
        Column("project", "Id of the project that depends.", required=True, shape=_NAME),
        Column("on", "Id of the project it depends on, or its own id for what it keeps.", required=True, shape=_NAME),
        Column(
            "weight",
            "Share above 0, a decimal or a fraction such as 1/3; the rows of a project sum to 1 exactly.",
            required=True,
            shape=_NAME,
        ),
    ),
)

_DEEP_FUNDING: Final = Sheet(
    "dependencies.csv",
    DEPENDENCIES.about,
    (
        Column("repo", "Id of the project that is depended on.", required=True),
        Column("parent", "Id of the project that depends.", required=True),
        Column("weight", "Above 0; only ratios matter.", required=True),
    ),
)


def read_dependencies(data: bytes, context: Context, report: FileReport) -> tuple[Dependency, ...]:
    """Read dependencies.csv.

    Args:
        data: Its bytes.
        context: What rows may refer to.
        report: Takes every problem.

    Returns:
        Edges, in order; of Deep Funding's columns with weights divided by their sum, and a notice.
    """
    header = data.split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip().replace('"', "").split(",")
    theirs = {"repo", "parent"} <= {name.strip() for name in header}
    table = read_csv(_DEEP_FUNDING if theirs else DEPENDENCIES, data, report)
    if table is None:
        return ()
    edges: list[Dependency] = []
    last: dict[str, int] = {}
    seen: dict[tuple[str, str], int] = {}
    broken: set[str] = set()
    for line, project, on, cell in _edges(table, turned=theirs):
        known = _known(context.projects, line, project, on, report, turned=theirs)
        weight = _weight(cell, line, report)
        if not known or weight is None:
            broken.add(project)
            continue
        if (project, on) in seen:
            message = f"{shown(project)} depends on {shown(on)} twice, here and in row {seen[project, on]}"
            report.add(line, None, message, "keep one of the two rows")
            broken.add(project)
            continue
        seen[project, on] = last[project] = line
        edges.append(Dependency(project, on, weight))
    totals: dict[str, Fraction] = {}
    for edge in edges:
        totals[edge.project] = totals.get(edge.project, Fraction(0)) + edge.weight
    if theirs:
        report.notice("the weights are those of Deep Funding's columns and were divided by their sum, parent by parent")
        return tuple(Dependency(edge.project, edge.on, edge.weight / totals[edge.project]) for edge in edges)
    for project, total in totals.items():
        if total != 1 and project not in broken:
            _wrong_sum(project, total, last[project], report)
    return tuple(edges)


def _edges(table: CsvTable, *, turned: bool) -> Iterator[tuple[int, str, str, str]]:
    for line, (one, other, weight) in table.rows():
        yield (line, other, one, weight) if turned else (line, one, other, weight)


def _known(projects: Names, line: int, project: str, on: str, report: FileReport, *, turned: bool) -> bool:
    names = ("parent", "repo") if turned else ("project", "on")
    places = [projects.check(one, line, name, report) for one, name in zip((project, on), names, strict=True)]
    return None not in places


def _weight(cell: str, line: int, report: FileReport) -> Fraction | None:
    try:
        weight = parse_exact(cell)
    except Fault as fault:
        report.add(line, "weight", fault.message, fault.remedy)
        return None
    if not weight:
        report.add(line, "weight", "the weight is zero", "remove the row")
        return None
    return weight


def _wrong_sum(project: str, total: Fraction, line: int, report: FileReport) -> None:
    text = str(total) if total.denominator < 1000 else f"about {float(total):.15g}"
    message = f"the shares of {shown(project)} sum to {text}, not to 1"
    if total < 1:
        rest = share_text(1 - total)
        remedy = f"if the rest is its own, give it to itself: {project},{project},{rest}"
    else:
        remedy = "lower them; fractions such as 1/3 are exact"
    report.add(line, "weight", message, remedy)


def _rows(round_: Round) -> Iterator[tuple[str, ...]]:
    for edge in round_.inputs.dependencies:
        yield edge.project, edge.on, share_text(edge.weight)


DEPENDENCIES_TABLE: Final = InputTable(DEPENDENCIES, "dependencies", read_dependencies, _rows)
