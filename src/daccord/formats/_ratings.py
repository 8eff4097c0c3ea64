"""The table `ratings` → arrays. Of people and models only the last rating of a project counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from daccord.formats._answers import (
    Answers,
    Lookup,
    Tell,
    careful_times,
    chosen,
    joined,
    quick_times,
    read_answers,
    untold,
)
from daccord.formats._cells import EMPTY, VALUE, Batch, Places, Quantities
from daccord.formats._columns import RATINGS, SKIP
from daccord.formats._problems import FileReport, fold, shown
from daccord.formats._repeats import MISSING, rows_given_again
from daccord.formats._tables import open_table
from daccord.formats._values import Fault, parse_number
from daccord.judging import NEVER, Ratings, Skips
from daccord.round import HARMS, Criterion

__all__ = ["RATED", "RatingReader", "read_ratings"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

RATED: Final[np.dtype[np.void]] = np.dtype(
    [
        ("row", np.int64),
        ("criterion", np.int16),
        ("judge", np.int32),
        ("project", np.int32),
        ("skipped", np.bool_),
        ("value", np.float64),
        ("low", np.float64),
        ("high", np.float64),
        ("time", np.int64),
        ("revealed", np.int64),
    ]
)


class RatingReader:
    """Reads rows of ratings.

    Args:
        lookup: What they may refer to.
        report: Takes every problem.
    """

    dtype = RATED

    def __init__(self, lookup: Lookup, report: FileReport) -> None:
        self._lookup = lookup
        self._report = report
        self._unscaled: set[str] = set()
        self._judges, self._asked = Places(lookup.judges.index), Places(lookup.asked.index)
        self._places = Places(lookup.projects.index)
        scales = [rated.scale if (rated := lookup.criteria.get(name)) else None for name in lookup.asked.index]
        self._ends = np.array([(scale.low, scale.high) if scale else (math.nan, math.nan) for scale in scales])

    def careful(self, row: int, cells: tuple[str, ...]) -> tuple[Any, ...] | None:
        """Documented with `Reader`."""
        lookup, report = self._lookup, self._report
        juror, criterion, project, value, low, high, time, revealed = cells
        judge = lookup.judges.check(juror, row, "juror", report)
        place = lookup.projects.check(project, row, "project", report)
        times = careful_times(row, time, revealed, report)
        asked = lookup.asked.check(criterion, row, "criterion", report)
        rated = lookup.criteria.get(criterion)
        if rated is not None and rated.scale is None:
            self._report_unscaled(row, criterion)
        left_open = value == SKIP
        numbers = self._skipped(row, low, high) if left_open else _rating(row, (value, low, high), rated, report)
        if judge is None or place is None or asked is None or times is None or numbers is None:
            return None
        return row, asked, judge, place, left_open, *numbers, *times

    def _report_unscaled(self, row: int, criterion: str) -> None:
        """Once is enough."""
        if criterion not in self._unscaled:
            message = f"the criterion {criterion} has no rating scale"
            remedy = f"add rating = {{ low = 0, high = 10 }} to [criteria.{criterion}] in round.toml"
            self._report.add(row, "criterion", message, remedy)
        self._unscaled.add(criterion)

    def _skipped(self, row: int, low: str, high: str) -> tuple[float, float, float] | None:
        if low or high:
            message = f"a rating that was left open has the interval {low} to {high}"
            self._report.add(row, "low" if low else "high", message, f"empty low and high, or give a value for {SKIP}")
            return None
        return math.nan, math.nan, math.nan

    def quick(self, batch: Batch) -> tuple[Answers, BoolArray]:
        """Documented with `Reader`; what was left open is read the careful way."""
        juror, criterion, project, value, low, high, time, revealed = batch.cells
        answers = np.empty(len(batch), dtype=RATED)
        judge, asked, place = self._judges.of(juror), self._asked.of(criterion), self._places.of(project)
        least, most = self._ends[asked].T if len(self._ends) else np.full((2, len(batch)), np.nan)
        sound = quick_times(answers, time, revealed)
        numbers = {}
        for name, cells in (("value", value), ("low", low), ("high", high)):
            numbers[name], beyond_doubt = _numbers(cells.numbers(), least, most)
            sound &= beyond_doubt
        given, bottom, top = numbers.values()
        open_ended = np.isnan(bottom) & np.isnan(top)
        sound &= ~np.isnan(given) & (open_ended | ((bottom <= given) & (given <= top)))
        sound &= (judge >= 0) & (asked >= 0) & (place >= 0)
        named = {"row": batch.row, "criterion": asked, "judge": judge, "project": place, "skipped": False, **numbers}
        for field, values in named.items():
            answers[field] = values
        return answers, sound


def _numbers(read: Quantities, least: FloatArray, most: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Numbers, NaN where there is none, and whether the cell is on the scale or empty; both of shape (n_rows,)."""
    number = read.spread(np.where(read.kind == VALUE, read.value, np.nan))
    sound: BoolArray = ((least <= number) & (number <= most)) | read.spread(read.kind == EMPTY)
    return number, sound


def _rating(
    row: int, texts: tuple[str, str, str], criterion: Criterion | None, report: FileReport
) -> tuple[float, float, float] | None:
    """Value, low and high of a rating; None, after reporting why, if they are not sound."""
    scale = criterion.scale if criterion else None
    numbers: list[float] = []
    sound = True
    for column, text in zip(("value", "low", "high"), texts, strict=True):
        number = math.nan
        if text or column == "value":
            try:
                number = parse_number(text)
            except Fault as fault:
                remedy = f"write {SKIP}" if column == "value" and fold(text) == SKIP else fault.remedy
                report.add(row, column, fault.message, remedy)
                sound = False
            else:
                if scale is not None and not scale.low <= number <= scale.high:
                    message = f"{shown(text)} is off the scale {scale.low:g} to {scale.high:g}"
                    report.add(row, column, message, "write a point on the scale")
                    sound = False
        numbers.append(number)
    value, low, high = numbers
    if not sound:
        return None
    if bool(texts[1]) != bool(texts[2]):
        missing = "high" if texts[1] else "low"
        report.add(row, missing, f"the interval has no {missing} end", "give both ends, or neither")
        return None
    if texts[1] and not low <= value <= high:
        column = "low" if low > value else "high"
        message = f"the interval {texts[1]} to {texts[2]} does not hold the value {texts[0]}"
        report.add(row, column, message, "write low ≤ value ≤ high")
        return None
    return value, low, high


def read_ratings(
    source: bytes, lookup: Lookup, report: FileReport, tell: Tell = untold
) -> Mapping[str, tuple[Ratings, Skips]]:
    """Read a table of ratings.

    Args:
        source: Bytes of the file.
        lookup: What answers may refer to.
        report: Takes every problem.
        tell: Told how far reading has come.

    Returns:
        Criterion → its ratings and what was left open, in order; criteria without any are left out.
    """
    table = open_table(RATINGS, source, report)
    if table is None:
        return {}
    parts = list(read_answers(RatingReader(lookup, report), table, tell))

    def keys(part: Answers) -> IntArray:
        criterion, judge, project = (part[name].astype(np.int64) for name in ("criterion", "judge", "project"))
        return (criterion * len(lookup.is_person) + judge) * len(lookup.projects.index) + project

    questions = len(lookup.is_person) * len(lookup.projects.index)
    secret = {k for name, k in lookup.asked.index.items() if name in HARMS}
    aside = rows_given_again(
        lambda _: parts, keys, "this project", report, stands=lambda key: key // questions in secret
    )
    on_each = ((name, chosen(parts, k, aside)) for name, k in lookup.asked.index.items())
    return {name: _columns(answers, timed=name in HARMS) for name, answers in on_each if answers}


def _columns(parts: Sequence[Answers], *, timed: bool) -> tuple[Ratings, Skips]:
    left = np.concatenate([part[part["skipped"]] for part in parts])
    told = [part[~part["skipped"]] for part in parts]
    named = {name: joined(told, name) for name in ("judge", "project", "value", "low", "high")}
    revealed = joined(told, "revealed")
    given = joined(told, "time") if timed and any((part["time"] != MISSING).any() for part in told) else None
    ratings = Ratings(**named, revealed=revealed if (revealed != NEVER).any() else None, given=given)
    return ratings, Skips(left["judge"], left["project"], np.full(len(left), -1))
