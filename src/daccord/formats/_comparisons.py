"""The table `comparisons` → arrays.

Of a person the last answer to a pair counts. A model may be asked for the same comparison many times and every answer
counts, because models only shape the prior.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
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
from daccord.formats._columns import COMPARISONS, SKIP, TIE
from daccord.formats._problems import FileReport, fold, shown
from daccord.formats._repeats import MISSING, rows_given_again
from daccord.formats._tables import open_table
from daccord.formats._values import MAX_RATIO, Fault, parse_ratio
from daccord.judging import NEVER, Comparisons, Skips
from daccord.round import HARMS

__all__ = ["COMPARED", "PAIR", "ComparisonReader", "columns", "first_counts", "pair_keys", "read_comparisons"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

PAIR: Final = "this pair"

SKIPPED: Final = 2
"""Outcome of a comparison that the judge left open."""

_NOBODY: Final = 3
_SAID: Final = {TIE: -2, SKIP: -3}  # what a winner's text may say instead of a project; −1 is anything else

COMPARED: Final[np.dtype[np.void]] = np.dtype(
    [
        ("row", np.int64),
        ("criterion", np.int16),
        ("judge", np.int32),
        ("a", np.int32),
        ("b", np.int32),
        ("outcome", np.int8),
        ("log_ratio", np.float64),
        ("time", np.int64),
        ("revealed", np.int64),
    ]
)


class ComparisonReader:
    """Reads rows of comparisons.

    Args:
        lookup: What they may refer to.
        report: Takes every problem.
    """

    dtype = COMPARED

    def __init__(self, lookup: Lookup, report: FileReport) -> None:
        self._lookup = lookup
        self._report = report
        self._log_ratio = lru_cache(maxsize=100_000)(parse_ratio)  # the same few ratios come again and again
        self._judges, self._asked = Places(lookup.judges.index), Places(lookup.asked.index)
        self._firsts, self._seconds = Places(lookup.projects.index), Places(lookup.projects.index)
        self._winners = Places({**_SAID, **lookup.projects.index})

    def careful(self, row: int, cells: tuple[str, ...]) -> tuple[Any, ...] | None:
        """Documented with `Reader`."""
        lookup, report = self._lookup, self._report
        juror, criterion, a, b, winner, ratio, time, revealed = cells
        judge = lookup.judges.check(juror, row, "juror", report)
        asked = lookup.asked.check(criterion, row, "criterion", report)
        first = lookup.projects.check(a, row, "a", report)
        second = lookup.projects.check(b, row, "b", report)
        times = careful_times(row, time, revealed, report)
        if a == b:
            if a:
                report.add(row, "b", f"{shown(a)} is compared with itself", "name two different projects")
            return None
        outcome = 1 if winner == a else -1 if winner == b else SKIPPED if winner == SKIP else 0
        if outcome == 0 and winner != TIE:
            report.add(row, "winner", *_no_winner(winner, a, b))
            return None
        size = math.nan
        if ratio:
            try:
                size = self._log_ratio(ratio)
            except Fault as fault:
                report.add(row, "ratio", fault.message, fault.remedy)
                return None
            if outcome == SKIPPED or (outcome == 0 and size != 0):
                message = f"a {winner} has the ratio {ratio}"
                report.add(row, "ratio", message, "leave the ratio empty, or name the winner")
                return None
        if judge is None or asked is None or first is None or second is None or times is None:
            return None
        return row, asked, judge, first, second, outcome, outcome * size, *times

    def quick(self, batch: Batch) -> tuple[Answers, BoolArray]:
        """Documented with `Reader`."""
        juror, criterion, a, b, winner, ratio, time, revealed = batch.cells
        answers = np.empty(len(batch), dtype=COMPARED)
        judge, asked = self._judges.of(juror), self._asked.of(criterion)
        first, second, won = self._firsts.of(a), self._seconds.of(b), self._winners.of(winner)
        outcome = (won == first).astype(np.int8) - (won == second)
        outcome[won == _SAID[SKIP]] = SKIPPED
        outcome[(outcome == 0) & (won != _SAID[TIE])] = _NOBODY
        size, sound = self._log_ratios(ratio.numbers())
        sound &= quick_times(answers, time, revealed)
        sound &= (judge >= 0) & (asked >= 0) & (first >= 0) & (second >= 0) & (first != second) & (outcome != _NOBODY)
        sound &= ~((outcome == 0) & (size > 0)) & ~((outcome == SKIPPED) & ~np.isnan(size))
        named = zip(
            ("row", "criterion", "judge", "a", "b", "outcome", "log_ratio"),
            (batch.row, asked, judge, first, second, outcome, outcome * size),
            strict=True,
        )
        for name, values in named:
            answers[name] = values
        return answers, sound

    @staticmethod
    def _log_ratios(ratio: Quantities) -> tuple[FloatArray, BoolArray]:
        """Natural logarithms, NaN where there is none, and whether the cell is beyond doubt; both (n_rows,)."""
        sound = (ratio.kind == VALUE) & (ratio.value >= 1) & (ratio.value <= MAX_RATIO)
        size = np.full(len(ratio.value), np.nan)
        # The library's logarithm, as for a single cell: numpy's may differ from it in the last bit.
        size[sound] = np.fromiter(map(math.log, ratio.value[sound].tolist()), dtype=np.float64)
        return ratio.spread(size), ratio.spread(sound | (ratio.kind == EMPTY))


def _no_winner(winner: str, a: str, b: str) -> tuple[str, str]:
    remedy = f"write {a} or {b}, exactly as in this row, {TIE} or {SKIP}"
    if not winner:
        return "no winner is named", remedy
    for right in (a, b, TIE, SKIP):
        if fold(winner) == fold(right):
            return f"the winner {shown(winner)} differs from {shown(right)} in case or encoding", f"write {right}"
    return f"the winner {shown(winner)} is neither {shown(a)} nor {shown(b)}", remedy


def pair_keys(answers: Answers, lookup: Lookup) -> IntArray:
    """Who answered which pair, without its sides, on which criterion, as one number; −1 for models; (n_answers,)."""
    criterion, judge, a, b = (answers[name].astype(np.int64) for name in ("criterion", "judge", "a", "b"))
    low, high = np.minimum(a, b), np.maximum(a, b)
    projects, seats = len(lookup.projects.index), len(lookup.is_person)
    pairs = projects * (projects - 1) // 2
    if max(len(lookup.asked.index), 1) * seats * pairs > np.iinfo(np.int64).max:
        raise InputError.single("judges.csv", "there are too many judges and projects to number their pairs")
    keys = (criterion * seats + judge) * pairs + high * (high - 1) // 2 + low
    return np.where(lookup.is_person[judge], keys, -1)


def first_counts(lookup: Lookup) -> Callable[[int], bool]:
    """Whether of answers with a key of `pair_keys` the first one counts: on harm."""
    projects = len(lookup.projects.index)
    pairs = len(lookup.is_person) * (projects * (projects - 1) // 2)
    secret = {k for name, k in lookup.asked.index.items() if name in HARMS}
    return lambda key: key // max(pairs, 1) in secret


def columns(parts: Sequence[Answers], *, timed: bool = False) -> tuple[Comparisons, Skips]:
    """Answers on one criterion, given in parts, as the engine holds them; `timed` if it is to know when they came."""
    if not parts:
        return Comparisons.empty(), Skips.empty()
    left = np.concatenate([part[part["outcome"] == SKIPPED] for part in parts])
    told = [part[part["outcome"] != SKIPPED] for part in parts] if len(left) else parts
    named = {name: joined(told, name) for name in ("judge", "a", "b", "outcome", "log_ratio")}
    revealed = joined(told, "revealed") if any((part["revealed"] != NEVER).any() for part in told) else None
    given = joined(told, "time") if timed and any((part["time"] != MISSING).any() for part in told) else None
    return Comparisons(**named, revealed=revealed, given=given), Skips(left["judge"], left["a"], left["b"])


def read_comparisons(
    source: bytes, lookup: Lookup, report: FileReport, tell: Tell = untold
) -> Mapping[str, tuple[Comparisons, Skips]]:
    """Read a table of comparisons.

    Args:
        source: Bytes of the file.
        lookup: What answers may refer to.
        report: Takes every problem.
        tell: Told how far reading has come.

    Returns:
        Criterion → its comparisons and what was left open, in order, with every answer of a model and the last one of
        a person to each pair; criteria without any are left out.
    """
    table = open_table(COMPARISONS, source, report)
    if table is None:
        return {}
    parts = list(read_answers(ComparisonReader(lookup, report), table, tell))
    aside = rows_given_again(
        lambda _: parts, lambda part: pair_keys(part, lookup), PAIR, report, stands=first_counts(lookup)
    )
    on_each = ((name, chosen(parts, k, aside)) for name, k in lookup.asked.index.items())
    return {name: columns(answers, timed=name in HARMS) for name, answers in on_each if answers}
