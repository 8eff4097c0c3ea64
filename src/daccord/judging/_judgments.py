"""What judges said, in columns.

Comparisons and ratings are kept as arrays, one element an answer, because rounds hold from a hundred to tens of
millions of them. Projects and judges are referred to by their position in the round's portfolio and panel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

__all__ = ["Comparisons", "Contribution", "Judgments", "ModelList", "Ratings"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def _freeze(array: npt.NDArray[np.generic]) -> None:
    array.setflags(write=False)


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Answers "which of two, and perhaps how many times", all arrays of shape (n_comparisons,).

    Attributes:
        judge: Position in the panel.
        a: Position of the first project.
        b: Position of the second project; differs from `a`.
        outcome: +1 if `a` won, -1 if `b` won, 0 for a tie.
        log_ratio: ln(value of a / value of b), natural log; NaN exactly where only an order was given.
            Its sign agrees with `outcome`.
    """

    judge: IntArray
    a: IntArray
    b: IntArray
    outcome: IntArray
    log_ratio: FloatArray

    def __post_init__(self) -> None:
        for name in ("judge", "a", "b", "outcome"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.int64))
        object.__setattr__(self, "log_ratio", np.array(self.log_ratio, dtype=np.float64))
        size = self.judge.shape
        for name in ("judge", "a", "b", "outcome", "log_ratio"):
            array = getattr(self, name)
            if array.shape != size or array.ndim != 1:
                raise ValueError(f"comparisons: {name} has shape {array.shape}, judge has {size}")
            _freeze(array)
        if np.any(self.a == self.b):
            raise ValueError("comparisons: a project is compared with itself")
        if np.any(np.isinf(self.log_ratio)):
            raise ValueError("comparisons: a log ratio is infinite")

    def __len__(self) -> int:
        return len(self.judge)

    @property
    def has_ratio(self) -> npt.NDArray[np.bool_]:
        """True where a ratio was given, shape (n_comparisons,)."""
        return ~np.isnan(self.log_ratio)

    def take(self, which: npt.NDArray[np.bool_] | IntArray) -> Self:
        """The answers selected by a mask or by positions."""
        return type(self)(self.judge[which], self.a[which], self.b[which], self.outcome[which], self.log_ratio[which])

    @classmethod
    def empty(cls) -> Self:
        """No answers."""
        none = np.empty(0, dtype=np.int64)
        return cls(none, none, none, none, np.empty(0))


@dataclass(frozen=True, eq=False)
class Ratings:
    """Answers on the criterion's rating scale, all arrays of shape (n_ratings,).

    Attributes:
        judge: Position in the panel.
        project: Position in the portfolio.
        value: On the criterion's own scale.
        low: Lower end of the judge's interval, same scale; NaN exactly where none was given.
        high: Upper end; NaN exactly where `low` is.
    """

    judge: IntArray
    project: IntArray
    value: FloatArray
    low: FloatArray
    high: FloatArray

    def __post_init__(self) -> None:
        for name in ("judge", "project"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.int64))
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.float64))
        size = self.judge.shape
        for name in ("judge", "project", "value", "low", "high"):
            array = getattr(self, name)
            if array.shape != size or array.ndim != 1:
                raise ValueError(f"ratings: {name} has shape {array.shape}, judge has {size}")
            _freeze(array)
        if not np.all(np.isfinite(self.value)):
            raise ValueError("ratings: a value is not finite")

    def __len__(self) -> int:
        return len(self.judge)

    def take(self, which: npt.NDArray[np.bool_] | IntArray) -> Self:
        """The answers selected by a mask or by positions."""
        return type(self)(self.judge[which], self.project[which], self.value[which], self.low[which], self.high[which])

    @classmethod
    def empty(cls) -> Self:
        """No answers."""
        none = np.empty(0, dtype=np.int64)
        nothing = np.empty(0)
        return cls(none, none, nothing, nothing, nothing)


@dataclass(frozen=True)
class ModelList:
    """A model's full answer list: a positive weight for each project it covers.

    Attributes:
        model: Id of the judge.
        weights: Project id → weight, finite and above zero; only ratios matter, never the sum.
    """

    model: str
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Contribution:
    """A donation to a project, minor units."""

    donor: str
    project: str
    amount: int


@dataclass(frozen=True)
class Judgments:
    """Everything said about one criterion."""

    comparisons: Comparisons
    ratings: Ratings
    lists: tuple[ModelList, ...] = ()
