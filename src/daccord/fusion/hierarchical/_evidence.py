"""People's answers of one criterion as arrays the hierarchical model can fit.

Every answer k but a ranking is about a *contrast* of projects, `δ_k = θ_a − θ_b` for a comparison and `δ_k = θ_a` for a
rating, and its juror sees `η_k = exp(ℓ_j) δ_k`, for a rating `η_k = exp(ℓ_j + λ) δ_k + α + o_j`:

* `ℓ_j` is the juror's log-stretch and `o_j` his or her offset on the rating scale,
* `λ` and `α` belong to the scale: how many rating units a natural-log unit is worth, and where a project with θ = 0
  lies.

Ratings are measured from the middle of their scale in sixths of it, so that a scale filled end to end spans six units.
A rating at an end of its declared scale says that the juror's value lies there or beyond.

Of a ranking's projects its juror sees `exp(ℓ_j) θ_i` (`_rankings`). Rankings stand behind all other answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._layout import Layout, lay_out, sums
from daccord.fusion.hierarchical._rankings import Ranked

__all__ = ["ORDER", "RATING", "RATINGS_SPAN", "RATIO", "Evidence", "gather", "rating_units"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

RATIO: Final = 0
ORDER: Final = 1
RATING: Final = 2

RATINGS_SPAN: Final = 6.0
"""Units from the lowest to the highest rating."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Answers of people in a common form: arrays of shape (n_rows,), and rankings behind them.

    Attributes:
        size: Number of projects.
        jurors: Number of people who answered.
        kind: `RATIO`, `ORDER` or `RATING`.
        juror: Position among the people who answered, 0 to `jurors` − 1.
        judge: Position in the panel.
        a: First project, or the rated one.
        b: Second project; −1 for a rating.
        y: ln ratio (natural log) for `RATIO`; +1, 0, −1 for `ORDER`; rating in sixths of its scale for `RATING`.
        stated: Standard deviation the judge's own interval claims, in the units of `y`; 0 where none was given.
        end: +1 for a rating at the upper end of its scale, −1 at the lower, else 0; empty if none is.
        ranked: Rankings.
        seen: True where a voice of models could have seen the row, shape (n_rows, n_voices); empty if none could.
    """

    size: int
    jurors: int
    kind: IntArray
    juror: IntArray
    judge: IntArray
    a: IntArray
    b: IntArray
    y: FloatArray
    stated: FloatArray
    end: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    ranked: Ranked = field(default_factory=Ranked)
    seen: BoolArray = field(default_factory=lambda: np.empty((0, 0), dtype=np.bool_))

    def __len__(self) -> int:
        return len(self.y) + len(self.ranked)

    @property
    def rows(self) -> int:
        """Answers that are not rankings."""
        return len(self.y)

    def take(self, which: BoolArray | IntArray) -> Evidence:
        """Some of the answers, rankings counted behind all others; jurors keep their numbers."""
        at = np.arange(len(self))[which]
        row = at[at < self.rows]
        return Evidence(
            self.size,
            self.jurors,
            self.kind[row],
            self.juror[row],
            self.judge[row],
            self.a[row],
            self.b[row],
            self.y[row],
            self.stated[row],
            self.end[row] if len(self.end) else self.end,
            self.ranked.take(at[at >= self.rows] - self.rows) if len(self.ranked) else self.ranked,
            self.seen[row] if len(self.seen) else self.seen,
        )

    @cached_property
    def answered_by(self) -> IntArray:
        """Juror of each answer, shape (n_answers,)."""
        return np.concatenate([self.juror, self.ranked.juror])

    @cached_property
    def judged_by(self) -> IntArray:
        """Position in the panel of each answer's juror, shape (n_answers,)."""
        return np.concatenate([self.judge, self.ranked.judge])

    @cached_property
    def choices(self) -> IntArray:
        """What each answer counts, shape (n_answers,): 1, a ranking the number of choices behind it."""
        return np.concatenate([np.ones(self.rows, dtype=np.int64), self.ranked.choices])

    @cached_property
    def total(self) -> int:
        """What all answers count."""
        return int(self.choices.sum())

    @cached_property
    def repeats(self) -> FloatArray:
        """How often its juror spoke of what an answer is about, shape (n_answers,).

        Of a comparison, the project he or she spoke of more often counts; of a ranking, the mean over its projects.
        """
        layout, pairs = self.layout, self.b >= 0
        slot = np.concatenate([layout.slot_first, layout.slot_second[pairs], layout.slot_place])
        count = np.bincount(slot, minlength=len(layout.slot_juror)).astype(np.float64)
        rows = count[layout.slot_first]
        rows[pairs] = np.maximum(rows[pairs], count[layout.slot_second[pairs]])
        if not len(self.ranked):
            return rows
        placed = np.add.reduceat(count[layout.slot_place], self.ranked.start[:-1]) / self.ranked.size
        return np.concatenate([rows, placed])

    @cached_property
    def share(self) -> FloatArray:
        """Each juror's share of what all answers count, shape (n_jurors,)."""
        return sums(self.answered_by, self.choices, self.jurors) / max(self.total, 1)

    @cached_property
    def layout(self) -> Layout:
        """Where each answer's entries of the normal equations belong."""
        ranked = self.ranked
        places = (ranked.juror[ranked.owner], ranked.project)
        return lay_out(self.size, self.jurors, (self.juror, self.a, self.b), places)

    @cached_property
    def orders(self) -> IntArray:
        """Rows that tell an order."""
        return np.flatnonzero(self.kind == ORDER)

    @cached_property
    def ends(self) -> IntArray:
        """Ratings at an end of their scale."""
        return np.flatnonzero(self.end)

    @cached_property
    def touched(self) -> BoolArray:
        """Which projects an answer is about, shape (n_projects,)."""
        found = np.zeros(self.size, dtype=np.bool_)
        found[self.a] = True
        found[self.b[self.b >= 0]] = True
        found[self.ranked.project] = True
        return found

    @property
    def has_order(self) -> bool:
        """Whether an answer tells an order only: an order or a tie, or a ranking."""
        return len(self.orders) > 0 or len(self.ranked) > 0

    def has(self, kind: int) -> bool:
        """Whether there is an answer of this kind."""
        return bool(np.any(self.kind == kind))

    def contrast(self, values: FloatArray) -> FloatArray:
        """`values[a] − values[b]`, or `values[a]` for ratings; shape (n_rows, …)."""
        nothing = np.zeros((1, *values.shape[1:]))  # what position −1 stands for
        return np.asarray(values[self.a] - np.concatenate([values, nothing])[self.b])

    def readings(self, values: FloatArray) -> FloatArray:
        """Contrasts, and behind them each ranking's places less their mean; shape (n_rows + n_places, …)."""
        ranked = self.ranked
        if not len(ranked):
            return self.contrast(values)
        placed = values[ranked.project]
        size = ranked.size.reshape(-1, *[1] * (values.ndim - 1))
        mean = np.add.reduceat(placed, ranked.start[:-1], axis=0) / size
        return np.concatenate([self.contrast(values), placed - mean[ranked.owner]])


def rating_units(task: FusionTask) -> tuple[float, float]:
    """Middle of the rating scale and rating units per unit of `y`.

    Without a declared scale the answers' own range is the scale.
    """
    scale = task.criterion.scale
    if scale is not None:
        return (scale.low + scale.high) / 2, (scale.high - scale.low) / RATINGS_SPAN
    values = task.ratings.value
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    return (low + high) / 2, (high - low) / RATINGS_SPAN or 1.0


def _ends(task: FusionTask) -> IntArray:
    """Which ratings lie at an end of the declared scale: +1 above, −1 below; empty if none does."""
    scale, value = task.criterion.scale, task.ratings.value
    if scale is None:
        return np.empty(0, dtype=np.int64)
    end = (value >= scale.high).astype(np.int64) - (value <= scale.low)
    return end if end.any() else np.empty(0, dtype=np.int64)


def gather(task: FusionTask) -> Evidence:
    """Collect people's comparisons, ratings and rankings."""
    comparisons, ratings, rankings = task.comparisons, task.ratings, task.rankings
    middle, unit = rating_units(task)
    ratio = comparisons.has_ratio
    kind = np.concatenate([np.where(ratio, RATIO, ORDER), np.full(len(ratings), RATING)])
    y = np.concatenate([np.where(ratio, comparisons.log_ratio, comparisons.outcome), (ratings.value - middle) / unit])
    interval = task.criterion.scale.interval if task.criterion.scale is not None else 0.8
    claimed = (ratings.high - ratings.low) / unit / (2 * float(ndtri((1 + interval) / 2)))
    judge = np.concatenate([comparisons.judge, ratings.judge])
    people, juror = np.unique(np.concatenate([judge, rankings.judge]), return_inverse=True)
    end = _ends(task)
    return Evidence(
        size=len(task.projects),
        jurors=len(people),
        kind=kind.astype(np.int64),
        juror=juror[: len(judge)].astype(np.int64),
        judge=judge,
        a=np.concatenate([comparisons.a, ratings.project]),
        b=np.concatenate([comparisons.b, np.full(len(ratings), -1)]),
        y=y,
        stated=np.concatenate([np.zeros(len(comparisons)), np.nan_to_num(claimed, nan=0.0)]),
        end=np.concatenate([np.zeros(len(comparisons), dtype=np.int64), end]) if len(end) else end,
        ranked=Ranked(juror[len(judge) :], rankings.judge, rankings.start, rankings.placed, rankings.project),
    )
