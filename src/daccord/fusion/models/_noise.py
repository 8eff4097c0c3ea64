"""How much of people's answers no list can foretell: the noise floor.

Give every project a value of its own and fit the values to all answers by least squares. What is left over are answers
that contradict each other: cycles, and different answers to the same question. No list can foretell that, because a
list is values of projects, too. With N answers and r independent differences between values,

    σ² = Σ (y − fit)² / (N − r)

is the variance of what is left, and `N − r` its degrees of freedom: how often people repeated each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.models._answers import Answers

__all__ = ["MOST_PROJECTS", "NoiseFloor", "noise_floor"]

FloatArray = npt.NDArray[np.float64]

MOST_PROJECTS: Final = 3_000
"""Projects beyond which the floor is not computed."""

_ZERO: Final = 1e-9


@dataclass(frozen=True, eq=False)
class NoiseFloor:
    """The noise floor of a criterion's answers.

    Attributes:
        variance: σ², in squared typical answers; NaN without degrees of freedom.
        degrees: N − r.
        rank: r.
        fitted: Sum of squares that projects' own values explain.
        gram: Σ x xᵀ of the answers over the projects, shape (n_projects, n_projects).
        votes: Σ x y, shape (n_projects,).
    """

    variance: float
    degrees: int
    rank: int
    fitted: float
    gram: FloatArray
    votes: FloatArray


def gram_of(answers: Answers) -> FloatArray:
    """Σ x xᵀ over all answers, x being an answer's row of the design; shape (n_projects, n_projects)."""
    size = answers.size
    pair = answers.b >= 0
    a, b = answers.a[pair], answers.b[pair]
    flat = np.bincount(a * size + b, minlength=size * size).reshape(size, size).astype(np.float64)
    flat = -(flat + flat.T)
    found = flat - np.diag(flat.sum(axis=1))
    judges, rater = np.unique(answers.judge[~pair], return_inverse=True)
    rated = answers.a[~pair]
    for j in range(len(judges)):
        own = np.bincount(rated[rater == j], minlength=size).astype(np.float64)
        found += np.diag(own) - np.outer(own, own) / own.sum()
    return found


def noise_floor(answers: Answers) -> NoiseFloor:
    """The noise floor; without degrees of freedom where answers never meet, or there are too many projects."""
    votes = answers.votes()[0]
    if answers.size > MOST_PROJECTS or not len(answers):
        return NoiseFloor(float("nan"), 0, 0, 0.0, np.zeros((0, 0)), votes)
    gram = gram_of(answers)
    values, vectors = np.linalg.eigh(gram)
    kept = values > _ZERO * max(float(values[-1]), 1.0)
    fitted = float(((vectors[:, kept].T @ votes) ** 2 / values[kept]).sum())
    rank = int(kept.sum())
    degrees = len(answers) - rank - len(np.unique(answers.judge[answers.b < 0]))
    left = max(float(answers.y @ answers.y) - fitted, 0.0)
    return NoiseFloor(left / degrees if degrees > 0 else float("nan"), max(degrees, 0), rank, fitted, gram, votes)
