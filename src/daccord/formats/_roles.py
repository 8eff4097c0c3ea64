"""`roles.csv`: what judges say of the edges of the technology graph, and of when risks are there."""

from __future__ import annotations

from collections.abc import Iterator

from daccord.formats._answers import careful_time
from daccord.formats._columns import ROLES, SKIP
from daccord.formats._edges import POINTS_AT_RISKS, parse_horizon
from daccord.formats._instants import instant_text, microseconds
from daccord.formats._problems import FileReport, Names, nearest, shown
from daccord.formats._repeats import MISSING, rows_set_aside
from daccord.formats._table import read_csv
from daccord.formats._values import Fault, number_text, parse_number
from daccord.judging import ARRIVES, LONG_AGO, MOST_ADDED, MOST_YEARS, Interval, RoleAnswer
from daccord.portfolio import ROLE_KINDS, Portfolio
from daccord.round import Round

__all__ = ["read_roles", "role_rows"]

_KINDS = (*ROLE_KINDS, ARRIVES)


def read_roles(
    data: bytes, portfolio: Portfolio, projects: Names, judges: Names, report: FileReport
) -> tuple[RoleAnswer, ...]:
    """Read roles.csv.

    A judge may speak about a role that the project does not declare: a harm that nobody admits is a harm all the same.

    Args:
        data: Its bytes.
        portfolio: As far as it could be read.
        projects: Says whether it is complete.
        judges: Ids of judges.
        report: Takes every problem.

    Returns:
        The answers that count, in the order of their rows.
    """
    table = read_csv(ROLES, data, report)
    if table is None:
        return ()
    items = Names("project or technology", projects.where, portfolio.known, complete=projects.complete)
    targets = Names("project or risk", f"{projects.where} or [[risks]]", portfolio.titles, complete=projects.complete)
    reader = _Reader(items, targets, judges, report)
    read = [
        (line, answer, time)
        for line, cells in table.rows()
        if (found := reader.row(line, cells))
        for answer, time in [found]
    ]
    keys: dict[tuple[str, str, str, str, int], int] = {}
    given = []
    for line, answer, time in read:
        question = (answer.judge, answer.project, answer.kind, answer.target, answer.horizon)
        given.append((keys.setdefault(question, len(keys)), line, time))
    counts = [0] * len(keys)
    for key, _, _ in given:
        counts[key] += 1
    aside = set(rows_set_aside([entry for entry in given if counts[entry[0]] > 1], "this role", report).tolist())
    return tuple(answer for line, answer, _ in read if line not in aside)


class _Reader:
    """Reads single rows."""

    def __init__(self, items: Names, targets: Names, judges: Names, report: FileReport) -> None:
        self._items, self._targets, self._judges, self._report = items, targets, judges, report

    def row(self, line: int, cells: tuple[str, ...]) -> tuple[RoleAnswer, int] | None:
        """An answer and its time in microseconds; None, after reporting why, if there is none."""
        juror, project, kind, target, horizon, *numbers, skip, time = cells
        before = self._report.count
        self._judges.check(juror, line, "juror", self._report)
        self._edge(line, project, kind, target)
        years = self._horizon(line, horizon)
        moment = careful_time(line, "time", time, self._report)
        most = MOST_ADDED if kind == "raises" else 1.0
        efficacy = self._interval(line, "efficacy", numbers[0], numbers[1], most)
        lead = self._interval(line, "lead", numbers[2], numbers[3], MOST_YEARS)
        if skip and skip != SKIP:
            self._report.add(line, "skip", f"{shown(skip)} is not understood", f"write {SKIP}, or nothing")
        elif skip and any(numbers):
            message = "an answer that was left open has numbers"
            self._report.add(line, "skip", message, f"empty the numbers, or remove {SKIP}")
        elif not skip and not any(numbers):
            message = "the answer says neither how much nor when"
            remedy = f"give efficacy_low and efficacy_high, or lead_low and lead_high, or write {SKIP} under skip"
            self._report.add(line, "efficacy_low", message, remedy)
        if kind == ARRIVES and any(numbers[:2]):
            message = f"`{ARRIVES}` says when a risk is there, and has no efficacy"
            self._report.add(line, "efficacy_low", message, "empty both, or name the role as kind")
        if self._report.count != before or (time and moment is None):
            return None
        given = MISSING if moment is None else microseconds(moment)
        return RoleAnswer(juror, project, kind, target, years, efficacy, lead, bool(skip), given), given

    def _edge(self, line: int, project: str, kind: str, target: str) -> None:
        report = self._report
        if kind not in _KINDS:
            meant = nearest(kind, _KINDS)
            remedy = f"did you mean {meant}?" if meant else f"use one of {', '.join(_KINDS)}"
            report.add(line, "kind", f"{shown(kind)} is no kind of role", remedy)
        elif kind == ARRIVES and project:
            message = f"`{ARRIVES}` is about the target alone, but names the project {shown(project)}"
            report.add(line, "project", message, "empty the project")
        elif kind != ARRIVES:
            self._items.check(project, line, "project", report)
        if not target and kind == "defends":
            message = "a defence claim needs to say against what: the target is empty"
            report.add(line, "target", message, "write the id of a risk or a project")
        elif target and target == project:
            report.add(line, "target", "the role points at the project itself", "name what it acts on")
        elif (
            kind in ROLE_KINDS and kind not in POINTS_AT_RISKS and target in self._targets and target not in self._items
        ):
            message = f"{kind} points at a technology, but {shown(target)} is a risk"
            report.add(line, "target", message, "write defends as kind, or name a project")
        else:
            self._targets.check(target, line, "target", report)

    def _horizon(self, line: int, text: str) -> int:
        try:
            return parse_horizon(text) if text else 0
        except Fault as fault:
            self._report.add(line, "horizon", fault.message, fault.remedy)
            return 0

    def _interval(self, line: int, name: str, low: str, high: str, most: float) -> Interval | None:
        if not low and not high:
            return None
        if not low or not high:
            missing = f"{name}_high" if low else f"{name}_low"
            message = f"the interval has no {'high' if low else 'low'} end"
            self._report.add(line, missing, message, "give both ends, or neither")
            return None
        ends = []
        for column, text in ((f"{name}_low", low), (f"{name}_high", high)):
            try:
                ends.append(parse_number(text))
            except Fault as fault:
                self._report.add(line, column, fault.message, fault.remedy)
                return None
            if not 0 <= ends[-1] <= most:
                message = f"{text} is outside 0 to {most:g}"
                self._report.add(line, column, message, _REMEDY[name])
                return None
        if ends[0] > ends[1]:
            message = f"the interval {low} to {high} ends before it begins"
            self._report.add(line, f"{name}_high", message, "write low ≤ high")
            return None
        return ends[0], ends[1]


_REMEDY = {
    "efficacy": "write a share: 0.3 for thirty per cent of the risk",
    "lead": f"write years; {MOST_YEARS:g} stands for never",
}


def role_rows(round_: Round) -> Iterator[tuple[str, ...]]:
    """The rows of roles.csv."""
    for answer in round_.roles:
        yield (
            answer.judge,
            answer.project,
            answer.kind,
            answer.target,
            str(answer.horizon or ""),
            *_ends(answer.efficacy),
            *_ends(answer.lead),
            SKIP if answer.skipped else "",
            "" if answer.given == LONG_AGO else instant_text(answer.given),
        )


def _ends(interval: Interval | None) -> tuple[str, str]:
    return ("", "") if interval is None else (number_text(interval[0]), number_text(interval[1]))
