"""What jurors see at given values, and how likely that makes their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._evidence import Evidence
from daccord.fusion.hierarchical._likelihood import Slopes, order_slopes, student_curvature, student_slopes
from daccord.fusion.hierarchical._rankings import RankingSlopes, ranking_slopes
from daccord.fusion.hierarchical._scales import Scales

__all__ = ["Seen", "State", "Told", "seen_by", "smoothed_curvature", "told"]

FloatArray = npt.NDArray[np.float64]

_HERMITE = np.polynomial.hermite_e.hermegauss(9)
_NODES: Final = (_HERMITE[0], _HERMITE[1] / _HERMITE[1].sum())
"""Nodes and weights that average over a standard normal."""


@dataclass(frozen=True, eq=False)
class State:
    """Values of everything a fit looks for.

    Attributes:
        u: θ, then α, shape (n + 1,).
        stretch: ℓ_j, shape (n_jurors,).
        offset: o_j, shape (n_jurors,).
        near: Cholesky factor of the equations at a nearby point, to solve others with; None if there is none.
    """

    u: FloatArray
    stretch: FloatArray
    offset: FloatArray
    near: tuple[FloatArray, bool] | None = None

    def moved(self, du: FloatArray, dv: FloatArray, by: float) -> State:
        return State(self.u + by * du, self.stretch + by * dv[:, 0], self.offset + by * dv[:, 1])


@dataclass(frozen=True, eq=False)
class Seen:
    """What jurors see.

    Attributes:
        eta: η of each answer, shape (n_rows,).
        slope: dη/dδ, shape (n_rows,).
        delta: δ, shape (n_rows,).
        ranked: What they see of the projects in each block of rankings, shape (n, length).
        stretched: Their stretch exp(ℓ_j) in each block, shape (n,).
    """

    eta: FloatArray
    slope: FloatArray
    delta: FloatArray
    ranked: tuple[FloatArray, ...]
    stretched: tuple[FloatArray, ...]


@dataclass(frozen=True, eq=False)
class Told:
    """Log densities of all answers with their derivatives in what jurors see.

    Attributes:
        rows: Of the answers that are no rankings.
        ranked: Of each block of rankings.
    """

    rows: Slopes
    ranked: tuple[RankingSlopes, ...]

    @property
    def log_density(self) -> float:
        """Sum over all answers, natural log."""
        return float(self.rows.log_density.sum()) + sum(float(block.log_density.sum()) for block in self.ranked)

    @property
    def bends(self) -> tuple[tuple[FloatArray, FloatArray], ...]:
        """Gradient and bend of each block of rankings, whose density is concave."""
        return tuple((block.gradient, block.bend) for block in self.ranked)


def seen_by(evidence: Evidence, scales: Scales, state: State) -> Seen:
    """What each juror sees at these values."""
    stretched = np.exp(state.stretch)
    slope, rated = stretched[evidence.juror], evidence.layout.rated
    delta = evidence.contrast(state.u[:-1])
    slope[rated] *= np.exp(scales.rating_slope)
    eta = slope * delta
    eta[rated] += state.u[-1] + state.offset[evidence.juror[rated]]
    blocks = evidence.ranked.blocks
    own = tuple(stretched[block.juror] for block in blocks)
    ranked = tuple(s[:, None] * state.u[block.project] for s, block in zip(own, blocks, strict=True))
    return Seen(eta, slope, delta, ranked, own)


def told(evidence: Evidence, scales: Scales, seen: Seen, sigma: FloatArray, noise: float) -> Told:
    """How likely the answers are.

    Args:
        evidence: People's answers.
        scales: Noise scales.
        seen: What jurors see.
        sigma: Noise scale of each answer that is no ranking, shape (n_rows,).
        noise: Factor on the noise behind rankings.
    """
    rows = student_slopes(evidence.y - seen.eta, sigma)
    for at, outcome, shift, tie in _one_sided(evidence, scales.tie):
        part = order_slopes(outcome, seen.eta[at] - shift, sigma[at], tie)
        for whole, some in zip(rows, part, strict=True):
            whole[at] = some
    blocks = zip(evidence.ranked.blocks, seen.ranked, strict=True)
    return Told(
        rows, tuple(ranking_slopes(eta, scales.lift(block, evidence, noise), block.choices) for block, eta in blocks)
    )


def _one_sided(
    evidence: Evidence, tie: float
) -> list[tuple[npt.NDArray[np.int64], FloatArray, FloatArray | float, float]]:
    """Answers that tell on which side of something the juror's value lies: rows, side, of what, and tie threshold.

    An order tells it of 0, a rating at an end of its scale of that end.
    """
    found: list[tuple[npt.NDArray[np.int64], FloatArray, FloatArray | float, float]] = []
    if len(evidence.orders):
        found.append((evidence.orders, evidence.y[evidence.orders], 0.0, tie))
    if len(evidence.ends):
        found.append((evidence.ends, evidence.end[evidence.ends].astype(np.float64), evidence.y[evidence.ends], 0.0))
    return found


def smoothed_curvature(
    evidence: Evidence, scales: Scales, seen: Seen, spread: FloatArray, sigma: FloatArray
) -> FloatArray:
    """Curvature of each answer that is no ranking, averaged over η normal with this standard deviation.

    Args:
        evidence: People's answers.
        scales: Noise scales.
        seen: Mean of what jurors see.
        spread: Its standard deviation, shape (n_rows,).
        sigma: Noise scales, shape (n_rows,).
    """
    total = np.zeros(len(seen.eta))
    sides = _one_sided(evidence, scales.tie)
    for node, weight in zip(*_NODES, strict=True):
        eta = seen.eta + node * spread
        found = student_curvature(evidence.y - eta, sigma)
        for at, outcome, shift, tie in sides:
            found[at] = order_slopes(outcome, eta[at] - shift, sigma[at], tie).curvature
        total += weight * found
    return total
