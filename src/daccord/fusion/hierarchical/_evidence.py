"""People's answers of one criterion as arrays the hierarchical model can fit.

Every answer k is about a *contrast* of projects, `δ_k = θ_a − θ_b` for a comparison and `δ_k = θ_a` for a rating, and
its juror sees `η_k = exp(ℓ_j) δ_k`, for a rating `η_k = exp(ℓ_j + λ) δ_k + α + o_j`:

* `ℓ_j` is the juror's log-stretch and `o_j` his or her offset on the rating scale,
* `λ` and `α` belong to the scale: how many rating units a natural-log unit is worth, and where a project with θ = 0
  lies.

Ratings are measured from the middle of their scale in sixths of it, so that a scale filled end to end spans six units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._layout import Layout, lay_out

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
    """Answers of people in a common form, arrays of shape (n_answers,).

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

    def __len__(self) -> int:
        return len(self.y)

    def take(self, which: BoolArray | IntArray) -> Evidence:
        """Some of the answers; jurors keep their numbers."""
        return Evidence(
            self.size,
            self.jurors,
            self.kind[which],
            self.juror[which],
            self.judge[which],
            self.a[which],
            self.b[which],
            self.y[which],
            self.stated[which],
        )

    @cached_property
    def layout(self) -> Layout:
        """Where each answer's entries of the normal equations belong."""
        return lay_out(self.size, self.jurors, self.juror, self.a, self.b)

    @cached_property
    def orders(self) -> IntArray:
        """Positions of the answers that tell an order."""
        return np.flatnonzero(self.kind == ORDER)

    def has(self, kind: int) -> bool:
        """Whether there is an answer of this kind."""
        return bool(np.any(self.kind == kind))

    def contrast(self, values: FloatArray) -> FloatArray:
        """`values[a] − values[b]`, or `values[a]` for ratings; shape (n_answers, …)."""
        nothing = np.zeros((1, *values.shape[1:]))  # what position −1 stands for
        return np.asarray(values[self.a] - np.concatenate([values, nothing])[self.b])


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


def gather(task: FusionTask) -> Evidence:
    """Collect people's comparisons and ratings."""
    comparisons, ratings = task.comparisons, task.ratings
    middle, unit = rating_units(task)
    ratio = comparisons.has_ratio
    kind = np.concatenate([np.where(ratio, RATIO, ORDER), np.full(len(ratings), RATING)])
    y = np.concatenate([np.where(ratio, comparisons.log_ratio, comparisons.outcome), (ratings.value - middle) / unit])
    interval = task.criterion.scale.interval if task.criterion.scale is not None else 0.8
    claimed = (ratings.high - ratings.low) / unit / (2 * float(ndtri((1 + interval) / 2)))
    judge = np.concatenate([comparisons.judge, ratings.judge])
    people, juror = np.unique(judge, return_inverse=True)
    return Evidence(
        size=len(task.projects),
        jurors=len(people),
        kind=kind.astype(np.int64),
        juror=juror.astype(np.int64),
        judge=judge,
        a=np.concatenate([comparisons.a, ratings.project]),
        b=np.concatenate([comparisons.b, np.full(len(ratings), -1)]),
        y=y,
        stated=np.concatenate([np.zeros(len(comparisons)), np.nan_to_num(claimed, nan=0.0)]),
    )
