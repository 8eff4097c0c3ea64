"""Rankings by people, whole or only the first few: how likely they are (Plackett–Luce).

A ranking is a chain of choices: the best of all, then the best of what is left, until the places that were given are
taken. In each, project i is chosen among those left with probability `exp(κ η_i) / Σ exp(κ η_q)`, η_i = exp(ℓ_j) θ_i
being what the juror sees and `κ = LOG_ODDS / σ` from the noise σ of his or her comparisons: two projects put in order
say what a comparison of them says, because a logistic distribution and Student's t with 4 degrees of freedom and scale
`LOG_ODDS` are close. What stands below all places was left in every choice and is in no order.

The log density is concave in η. Its gradient is `κ Σ (e_chosen − p)` and minus its second derivative
`κ² Σ (diag(p) − p pᵀ)`, summed over the choices.

Source: R. L. Plackett, JRSS C 24 (1975) 193–202; R. D. Luce, *Individual Choice Behavior* (1959).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

__all__ = ["LOG_ODDS", "Block", "Ranked", "RankingSlopes", "ranking_density", "ranking_slopes"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LOG_ODDS: Final = 1.4
"""A Student-t with 4 degrees of freedom and this scale is close to the standard logistic distribution."""

_BLOCK: Final = 2_000_000
"""Probabilities in one block of rankings."""
_SAFE: Final = 600.0
"""Log-odds between the first and the last of a ranking up to which sums of exponentials keep their digits."""


class Block(NamedTuple):
    """Rankings of the same length with the same number of choices.

    Attributes:
        at: Positions among all rankings, shape (n,).
        juror: Shape (n,).
        project: In the order given, what was not placed behind it, shape (n, length).
        place: Where these stand among all places, shape (n, length).
        choices: Number of choices, at least 1.
    """

    at: IntArray
    juror: IntArray
    project: IntArray
    place: IntArray
    choices: int


def _none() -> IntArray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Rankings in a common form.

    Attributes:
        juror: Position among the people who answered, shape (n_rankings,).
        judge: Position in the panel, shape (n_rankings,).
        start: Where each ranking begins in `project`, then its length, shape (n_rankings + 1,).
        placed: Projects in order, shape (n_rankings,).
        project: Shape (n_places,).
    """

    juror: IntArray = field(default_factory=_none)
    judge: IntArray = field(default_factory=_none)
    start: IntArray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    placed: IntArray = field(default_factory=_none)
    project: IntArray = field(default_factory=_none)

    def __len__(self) -> int:
        return len(self.juror)

    @property
    def size(self) -> IntArray:
        """Projects in each ranking, shape (n_rankings,)."""
        return np.diff(self.start)

    @property
    def choices(self) -> IntArray:
        """Choices behind each ranking, shape (n_rankings,): the last of all is none."""
        return np.minimum(self.placed, self.size - 1)

    @cached_property
    def owner(self) -> IntArray:
        """Ranking of each place, shape (n_places,)."""
        return np.repeat(np.arange(len(self)), self.size)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All rankings, in blocks of one shape."""
        found: list[Block] = []
        if not len(self):
            return ()
        shapes, shape = np.unique(np.stack([self.size, self.choices]), axis=1, return_inverse=True)
        for s, (length, choices) in enumerate(shapes.T.tolist()):
            of_shape = np.flatnonzero(shape.ravel() == s)
            step = max(1, _BLOCK // (length * max(choices, length)))
            for begin in range(0, len(of_shape), step):
                at = of_shape[begin : begin + step]
                place = self.start[at][:, None] + np.arange(length)
                found.append(Block(at, self.juror[at], self.project[place], place, choices))
        return tuple(found)

    def take(self, which: BoolArray | IntArray) -> Self:
        """Some of the rankings."""
        at = np.arange(len(self))[which]
        start = np.concatenate([[0], np.cumsum(self.size[at])])
        places = np.repeat(self.start[at] - start[:-1], self.size[at]) + np.arange(start[-1])
        return type(self)(self.juror[at], self.judge[at], start, self.placed[at], self.project[places])


class RankingSlopes(NamedTuple):
    """Log density of a block of rankings and its derivatives in what jurors see.

    Attributes:
        log_density: Natural log, shape (n,).
        gradient: Shape (n, length); sums to 0 over a ranking.
        bend: Minus the second derivative, shape (n, length, length).
    """

    log_density: FloatArray
    gradient: FloatArray
    bend: FloatArray


def _left(score: FloatArray, choices: int) -> FloatArray:
    """Logarithm of the sum over all that is left at each choice, shape (n, choices)."""
    top = score.max(axis=1, keepdims=True)
    if np.all(score > top - _SAFE):
        return np.asarray(np.log(np.cumsum(np.exp(score - top)[:, ::-1], axis=1)[:, ::-1][:, :choices]) + top)
    return np.asarray(np.logaddexp.accumulate(score[:, ::-1], axis=1)[:, ::-1][:, :choices])


def _scores(eta: FloatArray, lift: FloatArray) -> FloatArray:
    return np.asarray(lift[:, None] * (eta - eta.mean(axis=1, keepdims=True)))


def ranking_density(eta: FloatArray, lift: FloatArray, choices: int) -> tuple[FloatArray, FloatArray]:
    """Plackett–Luce log densities and their gradients alone, without building each choice's probabilities.

    Args:
        eta: What jurors see of the projects in the order they gave, natural log, shape (n, length).
        lift: κ, shape (n,).
        choices: Number of choices, 1 to length − 1.
    """
    score = _scores(eta, lift)
    left = _left(score, choices)
    # A project is left at all choices up to its own place: the sum of exp(−left) over these, as a logarithm.
    fallen = left[:, :1] - left
    if np.all(fallen < _SAFE):
        so_far = np.log(np.cumsum(np.exp(fallen), axis=1)) - left[:, :1]
    else:
        so_far = np.logaddexp.accumulate(-left, axis=1)
    chance = score + np.concatenate([so_far, np.repeat(so_far[:, -1:], score.shape[1] - choices, axis=1)], axis=1)
    gradient = -np.exp(chance)
    gradient[:, :choices] += 1.0
    return (score[:, :choices] - left).sum(axis=1), lift[:, None] * gradient


def ranking_slopes(eta: FloatArray, lift: FloatArray, choices: int) -> RankingSlopes:
    """Plackett–Luce log densities.

    Args:
        eta: What jurors see of the projects in the order they gave, natural log, shape (n, length).
        lift: κ, shape (n,).
        choices: Number of choices, 1 to length − 1.
    """
    length = eta.shape[1]
    score = _scores(eta, lift)
    left = _left(score, choices)
    open_ = np.arange(length)[None, :] >= np.arange(choices)[:, None]
    chance = np.exp(np.where(open_, score[:, None, :] - left[:, :, None], -np.inf))
    gradient = -chance.sum(axis=1)
    bend = -(np.swapaxes(chance, 1, 2) @ chance)
    bend[:, np.arange(length), np.arange(length)] -= gradient
    gradient[:, :choices] += 1.0
    log_density = (score[:, :choices] - left).sum(axis=1)
    return RankingSlopes(log_density, lift[:, None] * gradient, (lift**2)[:, None, None] * bend)
