"""What judges said, in columns.

Comparisons and ratings are kept as arrays, one element an answer, because rounds hold from a hundred to tens of
millions of them. Projects and judges are referred to by their position in the round's portfolio and panel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
import numpy.typing as npt

__all__ = ["LONG_AGO", "NEVER", "Comparisons", "Contribution", "Judgments", "ModelList", "Rankings", "Ratings", "Skips"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

NEVER: Final = int(np.iinfo(np.int64).max)
"""Time of revealing of an answer that nobody could see before the round closed."""

LONG_AGO: Final = int(np.iinfo(np.int64).min)
"""Time of an answer of which nobody noted when it was given: before all others."""


def _freeze(array: npt.NDArray[np.generic]) -> None:
    array.setflags(write=False)


def _times(what: str, name: str, told: IntArray | None, size: tuple[int, ...]) -> IntArray | None:
    """A read-only copy of times; None if there are none."""
    if told is None:
        return None
    times = np.array(told, dtype=np.int64)
    if times.shape != size:
        raise ValueError(f"{what}: {name} has shape {times.shape}, judge has {size}")
    _freeze(times)
    return times


def _some(times: IntArray | None, which: npt.NDArray[np.bool_] | IntArray) -> IntArray | None:
    """The times of some answers; None if there are none."""
    return None if times is None else times[which]


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
        revealed: Seconds since 1970 (UTC) from which models could see the answer, `NEVER` if they could not; None if
            no answer was revealed before the round closed.
        given: Microseconds since 1970 (UTC) at which each answer was given, `LONG_AGO` where that is not known; None if
            it is known of none. Only the harm channel asks for it, which hears answers in the order they came.
    """

    judge: IntArray
    a: IntArray
    b: IntArray
    outcome: IntArray
    log_ratio: FloatArray
    revealed: IntArray | None = None
    given: IntArray | None = None

    def __post_init__(self) -> None:
        for name in ("judge", "a", "b", "outcome"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.int64))
        object.__setattr__(self, "log_ratio", np.array(self.log_ratio, dtype=np.float64))
        size = self.judge.shape
        object.__setattr__(self, "revealed", _times("comparisons", "revealed", self.revealed, size))
        object.__setattr__(self, "given", _times("comparisons", "given", self.given, size))
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
        revealed, given = _some(self.revealed, which), _some(self.given, which)
        return type(self)(
            self.judge[which], self.a[which], self.b[which], self.outcome[which], self.log_ratio[which], revealed, given
        )

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
        revealed: As in `Comparisons`.
        given: As in `Comparisons`.
    """

    judge: IntArray
    project: IntArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    revealed: IntArray | None = None
    given: IntArray | None = None

    def __post_init__(self) -> None:
        for name in ("judge", "project"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.int64))
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.float64))
        size = self.judge.shape
        object.__setattr__(self, "revealed", _times("ratings", "revealed", self.revealed, size))
        object.__setattr__(self, "given", _times("ratings", "given", self.given, size))
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
        revealed, given = _some(self.revealed, which), _some(self.given, which)
        numbers = (self.value[which], self.low[which], self.high[which])
        return type(self)(self.judge[which], self.project[which], *numbers, revealed, given)

    @classmethod
    def empty(cls) -> Self:
        """No answers."""
        none = np.empty(0, dtype=np.int64)
        nothing = np.empty(0)
        return cls(none, none, nothing, nothing, nothing)


@dataclass(frozen=True, eq=False)
class Rankings:
    """Answers "put these in order", whole or only the first few.

    Ranking k is about the projects `project[start[k]:start[k + 1]]`. The first `placed[k]` of them stand in their
    order, best first; the rest were shown and left below all of these, in no order. A whole ranking has all but one, or
    all, of its projects placed.

    Attributes:
        judge: Position in the panel, shape (n_rankings,).
        start: Where each ranking begins in `project`, then its length, shape (n_rankings + 1,), not falling.
        placed: Number of projects in order, at least 1, shape (n_rankings,).
        project: Positions in the portfolio, no project twice in a ranking, shape (n_places,).
        given: As in `Comparisons`, shape (n_rankings,).
    """

    judge: IntArray
    start: IntArray
    placed: IntArray
    project: IntArray
    given: IntArray | None = None

    def __post_init__(self) -> None:
        for name in ("judge", "start", "placed", "project"):
            array = np.array(getattr(self, name), dtype=np.int64)
            object.__setattr__(self, name, array)
            _freeze(array)
        object.__setattr__(self, "given", _times("rankings", "given", self.given, self.judge.shape))
        size = self.size
        if self.judge.ndim != 1 or self.placed.shape != self.judge.shape or self.start.shape != (len(self.judge) + 1,):
            raise ValueError("rankings: judge, placed and start do not fit together")
        if self.start[0] != 0 or self.start[-1] != len(self.project) or np.any(size < 2):
            raise ValueError("rankings: each ranking has at least two projects, and start covers them all")
        if np.any(self.placed < 1) or np.any(self.placed > size):
            raise ValueError("rankings: placed lies between 1 and the number of projects")
        pairs = np.stack([np.repeat(np.arange(len(self.judge)), size), self.project])
        if np.unique(pairs, axis=1).shape != pairs.shape:
            raise ValueError("rankings: a project stands twice in one ranking")

    def __len__(self) -> int:
        return len(self.judge)

    @property
    def size(self) -> IntArray:
        """Number of projects in each ranking, shape (n_rankings,)."""
        return np.diff(self.start)

    def take(self, which: npt.NDArray[np.bool_] | IntArray) -> Self:
        """The rankings selected by a mask or by positions."""
        chosen = np.arange(len(self))[which]
        places = [self.project[self.start[k] : self.start[k + 1]] for k in chosen]
        start = np.concatenate([[0], np.cumsum(self.size[chosen])])
        given = _some(self.given, chosen)
        return type(self)(self.judge[chosen], start, self.placed[chosen], np.concatenate([[], *places]), given)

    @classmethod
    def empty(cls) -> Self:
        """No answers."""
        none = np.empty(0, dtype=np.int64)
        return cls(none, np.zeros(1, dtype=np.int64), none, none)


@dataclass(frozen=True, eq=False)
class Skips:
    """Questions that a judge was asked and left open ("cannot tell"): coverage, never a vote.

    Attributes:
        judge: Position in the panel, shape (n_skips,).
        a: Position of the first project, or of the only one, shape (n_skips,).
        b: Position of the second project; −1 where the question was about one project, shape (n_skips,).
    """

    judge: IntArray
    a: IntArray
    b: IntArray

    def __post_init__(self) -> None:
        for name in ("judge", "a", "b"):
            array = np.array(getattr(self, name), dtype=np.int64)
            object.__setattr__(self, name, array)
            _freeze(array)
            if array.shape != self.judge.shape or array.ndim != 1:
                raise ValueError(f"skips: {name} has shape {array.shape}, judge has {self.judge.shape}")

    def __len__(self) -> int:
        return len(self.judge)

    def take(self, which: npt.NDArray[np.bool_] | IntArray) -> Self:
        """The questions selected by a mask or by positions."""
        return type(self)(self.judge[which], self.a[which], self.b[which])

    @classmethod
    def empty(cls) -> Self:
        """No question left open."""
        none = np.empty(0, dtype=np.int64)
        return cls(none, none, none)


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
    rankings: Rankings = field(default_factory=Rankings.empty)
    skips: Skips = field(default_factory=Skips.empty)
