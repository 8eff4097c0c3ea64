"""`comparisons.csv` and `ratings.csv` → arrays, one loop over plain cells because there may be millions.

A person who answers the same question twice is taken at the last word, by `time`, with a notice; where a time is
missing or equal nobody can know the last word, and it is an error. A model may be asked for the same comparison many
times and every answer counts, because models only shape the prior; ratings by models follow the rule for people.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import numpy as np

from daccord.formats._columns import COMPARISONS, RATINGS, TIE
from daccord.formats._problems import FileReport, Names, fold, shown
from daccord.formats._table import read_table
from daccord.formats._values import Fault, parse_number, parse_ratio, parse_time
from daccord.judging import Comparisons, Ratings
from daccord.round import Criterion

__all__ = ["Lookup", "read_comparisons", "read_ratings"]

NAN = float("nan")


@dataclass(frozen=True)
class Lookup:
    """What answers may refer to.

    Attributes:
        projects: Of the portfolio.
        judges: Of the panel.
        asked: Criteria.
        criteria: The same, with their scales; None where a criterion's table could not be read.
        models: Positions in the panel of the judges that are models.
    """

    projects: Names
    judges: Names
    asked: Names
    criteria: Mapping[str, Criterion | None]
    models: frozenset[int] = frozenset()


@dataclass
class _Answers:
    """Valid answers as they are read, with what is needed to find repeated ones."""

    report: FileReport
    what: str
    values: list[tuple[float, ...]] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    times: list[datetime | None] = field(default_factory=list)
    first: dict[Hashable, int] = field(default_factory=dict)
    again: dict[Hashable, list[int]] = field(default_factory=dict)

    def add(
        self, line: int, criterion: str, key: Hashable | None, time: datetime | None, values: tuple[float, ...]
    ) -> None:
        """Keep an answer; `key` is the question and who answered it, None if it may be answered again and again."""
        place = len(self.lines)
        if key is not None:
            earlier = self.first.setdefault(key, place)
            if earlier != place:
                self.again.setdefault(key, [earlier]).append(place)
        self.lines.append(line)
        self.criteria.append(criterion)
        self.times.append(time)
        self.values.append(values)

    def kept(self) -> dict[str, list[tuple[float, ...]]]:
        """Criterion → answers in order, without those that their judge replaced."""
        dropped: set[int] = set()
        for places in self.again.values():
            dropped.update(self._replaced(places))
        if dropped:
            rows = [self.lines[place] for place in sorted(dropped)]
            some = ", ".join(map(str, rows[:10])) + (", …" if len(rows) > 10 else "")
            count = "1 answer was" if len(rows) == 1 else f"{len(rows)} answers were"
            self.report.notice(
                f"{count} set aside because the same judge answered {self.what} again later (row {some})"
            )
        kept: dict[str, list[tuple[float, ...]]] = {criterion: [] for criterion in dict.fromkeys(self.criteria)}
        for place, (criterion, values) in enumerate(zip(self.criteria, self.values, strict=True)):
            if place not in dropped:
                kept[criterion].append(values)
        return kept

    def _replaced(self, places: list[int]) -> list[int]:
        times = [time for place in places if (time := self.times[place]) is not None]
        latest = max(times, default=None)
        if len(times) == len(places) and times.count(max(times)) == 1:
            return [place for place in places if self.times[place] != latest]
        for place in places[1:]:
            message = f"the same judge answered {self.what} before, in row {self.lines[places[0]]}"
            remedy = "keep one of the rows, or give each of them a different time, so that the last one counts"
            self.report.add(self.lines[place], "time", message, remedy)
        return []


def _time(text: str, line: int, report: FileReport) -> datetime | None:
    if not text:
        return None
    try:
        return parse_time(text)
    except Fault as fault:
        report.add(line, "time", fault.message, fault.remedy)
        return None


def read_comparisons(data: bytes, lookup: Lookup, report: FileReport) -> dict[str, Comparisons]:
    """Read comparisons.csv.

    Args:
        data: Its bytes.
        lookup: What answers may refer to.
        report: Takes every problem.

    Returns:
        Criterion → its comparisons, in order, with every answer of a model and the last one of a person to each
        pair; criteria without any are left out.
    """
    table = read_table(COMPARISONS, data, report)
    if table is None:
        return {}
    answers = _Answers(report, "this pair")
    projects, judges, asked, models = lookup.projects, lookup.judges, lookup.asked, lookup.models
    log_ratio = lru_cache(maxsize=100_000)(parse_ratio)  # the same few ratios come again and again
    place_of, seat_of = projects.index, judges.index  # looked up here: a call for each of millions of cells costs more
    for line, (juror, criterion, a, b, winner, ratio, when) in table.rows():
        if (judge := seat_of.get(juror)) is None:
            judges.check(juror, line, "juror", report)
        if criterion not in asked.index:
            asked.check(criterion, line, "criterion", report)
        if (first := place_of.get(a)) is None:
            projects.check(a, line, "a", report)
        if (second := place_of.get(b)) is None:
            projects.check(b, line, "b", report)
        time = _time(when, line, report) if when else None
        if a == b:
            if a:
                report.add(line, "b", f"{shown(a)} is compared with itself", "name two different projects")
            continue
        outcome = 1 if winner == a else -1 if winner == b else 0
        if outcome == 0 and winner != TIE:
            report.add(line, "winner", *_no_winner(winner, a, b))
            continue
        size = NAN
        if ratio:
            try:
                size = log_ratio(ratio)
            except Fault as fault:
                report.add(line, "ratio", fault.message, fault.remedy)
                continue
            if outcome == 0 and size != 0:
                message = f"a tie has the ratio {ratio}"
                report.add(line, "ratio", message, "leave the ratio empty, or name the winner")
                continue
        if judge is None or first is None or second is None:
            continue
        key = None
        if judge not in models:
            key = (criterion, judge, first, second) if first < second else (criterion, judge, second, first)
        answers.add(line, criterion, key, time, (judge, first, second, outcome, outcome * size))
    return {
        criterion: Comparisons(*(np.array(column) for column in zip(*rows, strict=True)))
        for criterion, rows in answers.kept().items()
    }


def _no_winner(winner: str, a: str, b: str) -> tuple[str, str]:
    remedy = f"write {a} or {b}, exactly as in this row, or {TIE}"
    if not winner:
        return "no winner is named", remedy
    for right in (a, b, TIE):
        if fold(winner) == fold(right):
            return f"the winner {shown(winner)} differs from {shown(right)} in case or encoding", f"write {right}"
    return f"the winner {shown(winner)} is neither {shown(a)} nor {shown(b)}", remedy


def read_ratings(data: bytes, lookup: Lookup, report: FileReport) -> dict[str, Ratings]:
    """Read ratings.csv; see `read_comparisons`, but of a model too only the last rating of a project counts."""
    table = read_table(RATINGS, data, report)
    if table is None:
        return {}
    answers = _Answers(report, "this project")
    unscaled: set[str] = set()
    for line, (juror, criterion, project, value, low, high, when) in table.rows():
        judge = lookup.judges.check(juror, line, "juror", report)
        place = lookup.projects.check(project, line, "project", report)
        time = _time(when, line, report)
        rated = lookup.criteria.get(criterion)
        if criterion not in lookup.asked:
            lookup.asked.check(criterion, line, "criterion", report)
        elif rated is not None and rated.scale is None:
            if criterion not in unscaled:
                message = f"the criterion {criterion} has no rating scale"
                remedy = f"add rating = {{ low = 0, high = 10 }} to [criteria.{criterion}] in round.toml"
                report.add(line, "criterion", message, remedy)
            unscaled.add(criterion)
        numbers = _rating(line, (value, low, high), rated, report)
        if numbers is not None and judge is not None and place is not None:
            answers.add(line, criterion, (criterion, judge, place), time, (judge, place, *numbers))
    return {
        criterion: Ratings(*(np.array(column) for column in zip(*rows, strict=True)))
        for criterion, rows in answers.kept().items()
    }


def _rating(
    line: int, texts: tuple[str, str, str], criterion: Criterion | None, report: FileReport
) -> tuple[float, float, float] | None:
    """Value, low and high of a rating; None, after reporting why, if they are not sound."""
    scale = criterion.scale if criterion else None
    numbers: list[float] = []
    sound = True
    for column, text in zip(("value", "low", "high"), texts, strict=True):
        number = NAN
        if text or column == "value":
            try:
                number = parse_number(text)
            except Fault as fault:
                report.add(line, column, fault.message, fault.remedy)
                sound = False
            else:
                if scale is not None and not scale.low <= number <= scale.high:
                    message = f"{text} is off the scale {scale.low:g} to {scale.high:g}"
                    report.add(line, column, message, "write a point on the scale")
                    sound = False
        numbers.append(number)
    value, low, high = numbers
    if not sound:
        return None
    if bool(texts[1]) != bool(texts[2]):
        missing = "high" if texts[1] else "low"
        message = f"the interval has no {missing} end"
        report.add(line, missing, message, "give both ends, or neither")
        return None
    if texts[1] and not low <= value <= high:
        column = "low" if low > value else "high"
        message = f"the interval {texts[1]} to {texts[2]} does not hold the value {texts[0]}"
        report.add(line, column, message, "write low ≤ value ≤ high")
        return None
    return value, low, high
