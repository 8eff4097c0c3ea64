"""People's answers of one criterion as rows that can be held out and foreseen, and how they are dealt into folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from daccord.fusion._task import FusionTask
from daccord.judging import Rankings

__all__ = ["ORDER", "RATING", "RATIO", "Answers", "answers_of", "deal", "without"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

RATIO: Final = 0
ORDER: Final = 1
RATING: Final = 2

_COMPARISON, _RATED, _RANKED = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers that a rule reads, arrays of shape (n_answers,); a ranking is the orders of its neighbours.

    Attributes:
        kind: `RATIO`, `ORDER` or `RATING`.
        judge: Position in the panel.
        a: First project, or the rated one.
        b: Second project; −1 for a rating.
        y: ln ratio; +1, 0, −1 for an order; a rating on its own scale.
        outcome: +1 if a is ahead, −1 if b is, 0 for a tie and for a rating.
        stated: Standard deviation that a rating's own interval claims, on its scale; 0 where none was given.
        table: Which table of the task the answer stands in.
        row: Its row there.
    """

    kind: IntArray
    judge: IntArray
    a: IntArray
    b: IntArray
    y: FloatArray
    outcome: IntArray
    stated: FloatArray
    table: IntArray
    row: IntArray

    def __len__(self) -> int:
        return len(self.y)


def _neighbours(rankings: Rankings) -> tuple[IntArray, IntArray, IntArray]:
    """Ranking, upper and lower project of every two neighbours whose order was told."""
    owner = np.repeat(np.arange(len(rankings)), rankings.size)
    place = np.arange(len(rankings.project)) - rankings.start[owner]
    upper = np.flatnonzero((place < rankings.placed[owner]) & (place + 1 < rankings.size[owner]))
    return owner[upper], rankings.project[upper], rankings.project[upper + 1]


def answers_of(task: FusionTask, reads: tuple[str, ...]) -> Answers:
    """People's answers of the kinds that a rule reads.

    A ratio counts as an order for a rule that reads orders alone.

    Args:
        task: What was said.
        reads: Kinds, out of `daccord.fusion.EVIDENCE`.
    """
    told = task.judgments
    parts: list[tuple[npt.NDArray[np.generic], ...]] = []

    def add(kind: IntArray, judge: IntArray, a: IntArray, b: IntArray, y: FloatArray, outcome: IntArray,
            stated: FloatArray, table: int, row: IntArray) -> None:  # fmt: skip
        parts.append((kind, judge, a, b, y, outcome, stated, np.full(len(row), table), row))

    c = told.comparisons
    graded = c.has_ratio & ("ratios" in reads)
    ordered = ~graded & np.where(c.outcome == 0, "ties" in reads, "orders" in reads)
    rows = np.flatnonzero(task.is_person[c.judge] & (graded | ordered))
    y = np.where(graded, np.nan_to_num(c.log_ratio), c.outcome)[rows]
    kind = np.where(graded, RATIO, ORDER)[rows]
    add(kind, c.judge[rows], c.a[rows], c.b[rows], y, c.outcome[rows], np.zeros(len(rows)), _COMPARISON, rows)
    if "ratings" in reads:
        r = told.ratings
        rows = np.flatnonzero(task.is_person[r.judge])
        interval = task.criterion.scale.interval if task.criterion.scale is not None else 0.8
        stated = np.nan_to_num((r.high - r.low)[rows] / (2 * float(ndtri((1 + interval) / 2))), nan=0.0)
        none = np.zeros(len(rows), dtype=np.int64)
        add(none + RATING, r.judge[rows], r.project[rows], none - 1, r.value[rows], none, stated, _RATED, rows)
    if "rankings" in reads:
        k = told.rankings
        owner, upper, lower = _neighbours(k)
        own = task.is_person[k.judge[owner]]
        owner, upper, lower = owner[own], upper[own], lower[own]
        one = np.ones(len(owner), dtype=np.int64)
        ahead = one.astype(np.float64)
        add(one * ORDER, k.judge[owner], upper, lower, ahead, one, np.zeros(len(owner)), _RANKED, owner)
    return Answers(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def deal(answers: Answers, size: int, folds: int, seed: int) -> tuple[IntArray, IntArray, bool]:
    """Deal answers into folds, whole jurors together, or whatever was compared where jurors are not told apart.

    Args:
        answers: At least one.
        size: Number of projects.
        folds: Number of folds.
        seed: Of the deal.

    Returns:
        Fold and group of each answer, shape (n_answers,), and whether groups are jurors.
    """
    _, juror, count = np.unique(answers.judge, return_inverse=True, return_counts=True)
    by_juror = bool(len(count) >= folds and count.max() <= len(answers) / 2)
    if by_juror:
        group = juror
    else:
        other = np.where(answers.b < 0, answers.a, answers.b)
        key = np.minimum(answers.a, other) * (size + 1) + np.maximum(answers.a, other)
        # A ranking stays whole: its neighbours are one answer.
        key = np.where(answers.table == _RANKED, (size + 1) ** 2 + answers.row, key)
        _, group = np.unique(key, return_inverse=True)
    groups = int(group.max()) + 1
    order = np.argsort(np.random.Philox(key=seed & (2**64 - 1)).random_raw(groups), kind="stable")
    fold = np.empty(groups, dtype=np.int64)
    fold[order] = np.arange(groups) % folds
    return fold[group], group, by_juror


def without(task: FusionTask, answers: Answers, held: BoolArray) -> FusionTask:
    """The task without some of its answers.

    Args:
        task: What was said.
        answers: Its answers.
        held: True for those to be left out, shape (n_answers,).
    """
    told = task.judgments

    def rest(table: int, length: int) -> BoolArray:
        keep = np.ones(length, dtype=np.bool_)
        keep[answers.row[held & (answers.table == table)]] = False
        return keep

    judgments = replace(
        told,
        comparisons=told.comparisons.take(rest(_COMPARISON, len(told.comparisons))),
        ratings=told.ratings.take(rest(_RATED, len(told.ratings))),
        rankings=told.rankings.take(rest(_RANKED, len(told.rankings))),
    )
    return replace(task, judgments=judgments)
