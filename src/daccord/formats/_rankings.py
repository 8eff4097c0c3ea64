"""The table `rankings` → arrays: one row a project, and rows that belong together are put together.

Only people rank. A model that can order projects can weigh them, and lists of weights say more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

import numpy as np

from daccord.formats._answers import Lookup, Tell, careful_time, untold
from daccord.formats._columns import RANKINGS
from daccord.formats._instants import microseconds
from daccord.formats._lists import list_file
from daccord.formats._problems import FileReport, clean_text, shown
from daccord.formats._repeats import MISSING, rows_set_aside
from daccord.formats._tables import open_table
from daccord.judging import Rankings
from daccord.round import HARMS

__all__ = ["read_rankings"]

_PLACE: Final = re.compile("[1-9][0-9]{0,8}")
_MAX_NAME: Final = 200


@dataclass
class _Ranking:
    """The rows of one ranking.

    Attributes:
        row: The first of them.
        judge: Position in the panel.
        criterion: Its name.
        places: Row, project and place, which is 0 if there is none, in the order of rows.
        time: The latest, microseconds since 1970, or `MISSING`.
        sound: False once a row could not be read.
    """

    row: int
    judge: int
    criterion: str
    places: list[tuple[int, int, int]] = field(default_factory=list)
    time: int = MISSING
    sound: bool = True

    @property
    def in_order(self) -> list[int]:
        """Projects, best first; those without a place stand last, in the order of rows."""
        placed = sorted((place, project) for _, project, place in self.places if place)
        return [project for _, project in placed] + [project for _, project, place in self.places if not place]


def read_rankings(source: bytes, lookup: Lookup, report: FileReport, tell: Tell = untold) -> Mapping[str, Rankings]:
    """Read a table of rankings.

    Args:
        source: Bytes of the file.
        lookup: What rankings may refer to.
        report: Takes every problem.
        tell: Told how far reading has come.

    Returns:
        Criterion → its rankings, in the order of their first rows; of two by one person that are about the same
        projects the last one.
    """
    table = open_table(RANKINGS, source, report)
    if table is None:
        return {}
    rankings: dict[tuple[int, str, str], _Ranking] = {}
    models: set[str] = set()
    for done, (row, cells) in enumerate(table.rows(), start=1):
        _read_row(row, cells, rankings, models, lookup, report)
        if done % 10_000 == 0:
            tell(done, table.size)
    ids = list(lookup.projects.index)
    sound = [
        ranking
        for ranking in rankings.values()
        if ranking.sound and table.complete and _is_ranking(ranking, ids, report)
    ]
    aside = _set_aside(sound, report)
    kept: dict[str, list[_Ranking]] = {}
    for ranking in sound:
        if ranking.row not in aside:
            kept.setdefault(ranking.criterion, []).append(ranking)
    return {criterion: _columns(of_it, timed=criterion in HARMS) for criterion, of_it in kept.items()}


def _read_row(
    row: int,
    cells: tuple[str, ...],
    rankings: dict[tuple[int, str, str], _Ranking],
    models: set[str],
    lookup: Lookup,
    report: FileReport,
) -> None:
    juror, criterion, name, project, place, when = cells
    judge = lookup.judges.check(juror, row, "juror", report)
    asked = lookup.asked.check(criterion, row, "criterion", report)
    position = lookup.projects.check(project, row, "project", report)
    time = careful_time(row, "time", when, report)
    named = _check_name(row, name, report)
    if judge in lookup.models and juror not in models:
        models.add(juror)  # once is enough
        message = f"{shown(juror)} is a model, and rankings are of people"
        report.add(row, "juror", message, f"give the model's weights in {list_file(juror)}, or its comparisons")
    number = int(place) if _PLACE.fullmatch(place) else 0
    if place and not number:
        message = f"{shown(place)} is no place"
        report.add(row, "place", message, "write 1 for the best, then 2, 3 …, or nothing if it has no place")
    if judge is None or asked is None:
        return
    ranking = rankings.setdefault((judge, criterion, name), _Ranking(row, judge, criterion))
    if position is None or not named or (place and not number) or (when and time is None) or judge in lookup.models:
        ranking.sound = False
        return
    ranking.places.append((row, position, number))
    if time is not None:
        ranking.time = max(ranking.time, microseconds(time))


def _check_name(row: int, name: str, report: FileReport) -> bool:
    fault = clean_text(name)
    if fault is None and len(name) > _MAX_NAME:
        fault = f"the name {shown(name)} has {len(name)} characters", f"use at most {_MAX_NAME}"
    if fault is not None:
        report.add(row, "ranking", *fault)
    return fault is None


def _is_ranking(ranking: _Ranking, ids: list[str], report: FileReport) -> bool:
    """Whether the rows make a ranking; why not is reported."""
    sound = True
    by_project: dict[int, int] = {}
    by_place: dict[int, int] = {}
    for row, project, place in ranking.places:
        if (other := by_project.setdefault(project, row)) != row:
            message = f"{shown(ids[project])} stands in this ranking already, in row {other}"
            report.add(row, "project", message, "remove one of the two, or name the rankings in a column ranking")
            sound = False
        elif place and (other := by_place.setdefault(place, row)) != row:
            message = f"the place {place} is taken already, in row {other}"
            report.add(row, "place", message, "give each project a place of its own; ties can be said in comparisons")
            sound = False
    if not sound:
        return False
    if len(ranking.places) < 2:
        message = "the ranking has one project only"
        report.add(ranking.row, "project", message, "add the other projects that the juror was shown, or remove it")
        return False
    if not by_place:
        message = "no project of the ranking has a place"
        report.add(ranking.row, "place", message, "write 1 for the best, or remove the ranking")
        return False
    if missing := next((place for place in range(1, len(by_place) + 1) if place not in by_place), 0):
        row = next(by_place[place] for place in sorted(by_place) if place > missing)
        message = f"the ranking that begins in row {ranking.row} has no place {missing}"
        report.add(row, "place", message, "number the places 1, 2, 3 … without a gap")
        return False
    return True


def _set_aside(rankings: list[_Ranking], report: FileReport) -> frozenset[int]:
    """First rows of rankings that were replaced by a later one of the same person about the same projects."""
    keys: dict[tuple[int, str, frozenset[int]], int] = {}
    found: dict[int, list[_Ranking]] = {}
    for ranking in rankings:
        question = (ranking.judge, ranking.criterion, frozenset(project for _, project, _ in ranking.places))
        found.setdefault(keys.setdefault(question, len(keys)), []).append(ranking)
    again = sorted((one.row, key, one.time) for key, given in found.items() if len(given) > 1 for one in given)
    repeats = ((key, row, time) for row, key, time in again)
    secret = {key for question, key in keys.items() if question[1] in HARMS}
    what = "with a ranking of the same projects"
    return frozenset(rows_set_aside(repeats, what, report, secret.__contains__).tolist())


def _columns(rankings: list[_Ranking], *, timed: bool) -> Rankings:
    given = np.array([ranking.time for ranking in rankings], dtype=np.int64)
    orders = [ranking.in_order for ranking in rankings]
    return Rankings(
        np.array([ranking.judge for ranking in rankings], dtype=np.int64),
        np.array(list(accumulate(map(len, orders), initial=0)), dtype=np.int64),
        np.array([sum(place > 0 for _, _, place in ranking.places) for ranking in rankings], dtype=np.int64),
        np.array([project for order in orders for project in order], dtype=np.int64),
        given if timed and (given != MISSING).any() else None,
    )
