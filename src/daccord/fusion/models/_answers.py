"""People's answers in one unit, and which of them each model could have seen.

To weigh models against each other, all kinds of answers are put on one footing. Answer k of juror j says by how much
one thing is ahead of another, `y_k`, and a list z says the same about the same, its *contrast* `x_k`:

* a comparison: `y = ln r`, or +1, 0, −1 where only an order was given; `x = z_a − z_b`;
* a rating: `y` = rating less the juror's mean rating; `x` = z of that project less the juror's mean of z over the
  projects he or she rated;
* a ranking: one order for each neighbouring pair of its places, and for its last place against each project below.

`y` is counted in typical answers of its kind (1.4826 times the median of |y|, which is one standard deviation of a
normal distribution), and what lies beyond `FAR` typical answers counts as that: no single answer decides about a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.judging import NEVER, Rankings

__all__ = ["FAR", "KINDS", "MOST", "Answers", "gather_answers", "seen_by"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

RATIO, ORDER, RATING, RANKING = range(4)
KINDS: Final = ("ratio", "order", "rating", "ranking")
"""Names of the kinds of answers."""

FAR: Final = 3.0
"""Typical answers beyond which an answer counts no more."""

MOST: Final = 20_000
"""Most answers that models are weighed on; of more, so many are taken evenly. More tell nothing more."""

_NORMAL: Final = 1.4826
_BY_JUROR: Final = 5
"""Least number of jurors who can be told apart."""


@dataclass(frozen=True, eq=False)
class Answers:
    """People's answers on one criterion, arrays of shape (n_answers,).

    Attributes:
        size: Number of projects.
        kind: Position in `KINDS`.
        judge: Position in the panel.
        a: First project, or the rated one.
        b: Second project; −1 for a rating.
        y: How far the first is ahead, in typical answers of the kind, within ±`FAR`.
        revealed: Seconds since 1970 (UTC) from which models could see the answer; `NEVER` if they could not.
    """

    size: int
    kind: IntArray
    judge: IntArray
    a: IntArray
    b: IntArray
    y: FloatArray
    revealed: IntArray

    def __len__(self) -> int:
        return len(self.y)

    def take(self, which: BoolArray | IntArray) -> Answers:
        """Some of the answers."""
        return Answers(
            self.size,
            self.kind[which],
            self.judge[which],
            self.a[which],
            self.b[which],
            self.y[which],
            self.revealed[which],
        )

    def thinned(self) -> Answers:
        """The answers, or `MOST` of them, evenly spaced."""
        if len(self) <= MOST:
            return self
        return self.take(((np.arange(MOST) + 0.5) * (len(self) / MOST)).astype(np.int64))

    @cached_property
    def _rated(self) -> tuple[IntArray, FloatArray]:
        """Raters of the ratings as 0, 1, …, and how many projects each rated."""
        _, rater = np.unique(self.judge[self.kind == RATING], return_inverse=True)
        return rater.astype(np.int64), np.bincount(rater).astype(np.float64)

    def contrast(self, values: FloatArray) -> FloatArray:
        """What lists of values say about the same as each answer.

        Args:
            values: Shape (n_projects, n_lists).

        Returns:
            Shape (n_answers, n_lists).
        """
        found = values[self.a] - np.where(self.b[:, None] < 0, 0.0, values[self.b])
        rating = self.kind == RATING
        if rating.any():
            rater, count = self._rated
            total = np.array([np.bincount(rater, column) for column in found[rating].T]).reshape(-1, len(count)).T
            found[rating] -= (total / count[:, None])[rater]
        return np.asarray(found)

    def votes(self) -> tuple[FloatArray, BoolArray]:
        """What all answers add up to for each project, and which projects they are about; each shape (n_projects,)."""
        sides = self.b >= 0
        total = np.bincount(self.a, self.y, minlength=self.size)
        total = total - np.bincount(self.b[sides], self.y[sides], minlength=self.size)
        touched = np.zeros(self.size, dtype=np.bool_)
        touched[self.a] = True
        touched[self.b[sides]] = True
        return np.asarray(total, dtype=np.float64), touched

    @cached_property
    def groups(self) -> tuple[IntArray, str]:
        """What hangs together, as 0, 1, …, and how it was grouped: by `juror`, or by `pair` where one juror dominates.

        Groups are numbered by what they contain (size and amounts), never by names.
        """
        count = np.unique(self.judge, return_counts=True)[1]
        by_juror = len(count) >= _BY_JUROR and count.max() <= len(self) / 2
        low, high = np.minimum(self.a, self.b), np.maximum(self.a, self.b)
        key = self.judge if by_juror else low * (self.size + 1) + high
        _, group = np.unique(key, return_inverse=True)
        size = np.bincount(group)
        votes = np.abs(self.votes()[0])
        content = np.bincount(group, np.abs(self.y) + votes[self.a] + np.where(self.b < 0, 0.0, votes[self.b]))
        order = np.lexsort((np.round(content, 9), -size))
        place = np.empty(len(size), dtype=np.int64)
        place[order] = np.arange(len(size))
        return place[group], "juror" if by_juror else "pair"


def _pairs(rankings: Rankings) -> tuple[IntArray, IntArray, IntArray]:
    """Judge, better and worse project of each order that rankings tell."""
    judge: list[int] = []
    better: list[int] = []
    worse: list[int] = []
    for k in range(len(rankings)):
        own = rankings.project[rankings.start[k] : rankings.start[k + 1]].tolist()
        placed = int(rankings.placed[k])
        told = list(pairwise(own[:placed]))
        told += [(own[placed - 1], below) for below in own[placed:]]
        judge += [int(rankings.judge[k])] * len(told)
        better += [one for one, _ in told]
        worse += [other for _, other in told]
    return np.array(judge, dtype=np.int64), np.array(better, dtype=np.int64), np.array(worse, dtype=np.int64)


def _in_typical_answers(y: FloatArray, kind: IntArray) -> FloatArray:
    found = y.copy()
    for which in np.unique(kind):
        own = kind == which
        size = np.abs(y[own])
        typical = _NORMAL * float(np.median(size)) or float(np.sqrt(np.mean(size**2))) or 1.0
        found[own] = np.clip(y[own] / (1.0 if which in (ORDER, RANKING) else typical), -FAR, FAR)
    return found


def _times(revealed: IntArray | None, size: int) -> IntArray:
    return np.full(size, NEVER, dtype=np.int64) if revealed is None else revealed


def gather_answers(task: FusionTask) -> Answers:
    """People's comparisons, then their ratings, then the orders their rankings tell, each in the task's order."""
    comparisons, ratings = task.comparisons, task.ratings
    ranker, better, worse = _pairs(task.rankings)
    told = np.where(comparisons.has_ratio, comparisons.log_ratio, comparisons.outcome)
    raters, rater = np.unique(ratings.judge, return_inverse=True)
    mean = np.bincount(rater, ratings.value, minlength=len(raters)) / np.maximum(np.bincount(rater), 1)
    kind = np.concatenate(
        [np.where(comparisons.has_ratio, RATIO, ORDER), np.full(len(ratings), RATING), np.full(len(ranker), RANKING)]
    ).astype(np.int64)
    y = np.concatenate([told, ratings.value - mean[rater], np.ones(len(ranker))])
    return Answers(
        size=len(task.projects),
        kind=kind,
        judge=np.concatenate([comparisons.judge, ratings.judge, ranker]),
        a=np.concatenate([comparisons.a, ratings.project, better]),
        b=np.concatenate([comparisons.b, np.full(len(ratings), -1, dtype=np.int64), worse]),
        y=_in_typical_answers(y, kind),
        revealed=np.concatenate(
            [
                _times(comparisons.revealed, len(comparisons)),
                _times(ratings.revealed, len(ratings)),
                np.full(len(ranker), NEVER, dtype=np.int64),
            ]
        ),
    )


def seen_by(task: FusionTask, models: tuple[str, ...], answers: Answers | None = None) -> BoolArray:
    """Which answers of people each model could have seen before its own were fixed.

    A model declared as `seen` has seen them all. Otherwise an answer is seen if it was revealed at or before the time
    the model committed; a model whose time is not known has seen none.

    Args:
        task: Judgments of one criterion.
        models: Ids.
        answers: What `gather_answers(task)` returns, if it is at hand.

    Returns:
        Shape (n_models, n_answers). The first columns are the task's comparisons, then its ratings, in their order.
    """
    told = gather_answers(task) if answers is None else answers
    found = np.zeros((len(models), len(told)), dtype=np.bool_)
    for row, model in zip(found, models, strict=True):
        judge = task.panel[model]
        if judge.exposure == "seen":
            row[:] = True
        elif judge.committed is not None:
            row[:] = told.revealed <= judge.committed
    return found
