"""The normal equations of the hierarchical fit: what answers add up to.

Unknowns are u = (θ, α, λ), which all jurors share, and v = (ℓ_j, o_j), two for each juror. An answer touches two or
three columns of u and its own juror's v, so everything is a sum over answers by pair of columns, by juror, and by
juror and column (`_layout`). `_eliminate` solves the equations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from daccord.fusion.hierarchical._evidence import Evidence
from daccord.fusion.hierarchical._layout import sums
from daccord.fusion.hierarchical._likelihood import Slopes, order_slopes, student_curvature, student_slopes
from daccord.fusion.hierarchical._scales import Scales

__all__ = ["DENSE", "Equations", "State", "normal_equations", "seen_by", "slopes_of", "smoothed_curvature"]

FloatArray = npt.NDArray[np.float64]

DENSE: Final = 4_000
"""Most projects for which all pairs are kept; beyond, matrices are sparse and equations are solved by iteration."""

_HERMITE = np.polynomial.hermite_e.hermegauss(9)
_NODES: Final = (_HERMITE[0], _HERMITE[1] / _HERMITE[1].sum())
"""Nodes and weights that average over a standard normal."""


@dataclass(frozen=True, eq=False)
class State:
    """Values during the ascent.

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
class Equations:
    """Blocks of JᵀWJ and Jᵀg of the answers alone.

    Attributes:
        uu: Shared unknowns, shape (n + 2, n + 2), symmetric; sparse beyond `DENSE` projects.
        gu: Their gradient, shape (n + 2,).
        uv: Shared unknowns against each juror's own two, by slot of the layout, shape (n_slots, 2).
        vv: Each juror's own block, shape (n_jurors, 2, 2).
        gv: Gradient in (ℓ_j, o_j), shape (n_jurors, 2).
    """

    uu: FloatArray | sparse.csr_array
    gu: FloatArray
    uv: FloatArray
    vv: FloatArray
    gv: FloatArray


def seen_by(evidence: Evidence, scales: Scales, state: State) -> tuple[FloatArray, FloatArray, FloatArray]:
    """η, the slope dη/dδ and δ of each answer."""
    slope = np.exp(state.stretch)[evidence.juror]
    delta = evidence.contrast(state.u[:-1])
    rated = evidence.layout.rated
    slope[rated] *= np.exp(scales.rating_slope)
    eta = slope * delta
    eta[rated] += state.u[-1] + state.offset[evidence.juror[rated]]
    return eta, slope, delta


def slopes_of(evidence: Evidence, eta: FloatArray, sigma: FloatArray, tie: float) -> Slopes:
    """Log density of each answer and its derivatives, given what its juror sees."""
    orders = evidence.orders
    if not len(orders):
        return student_slopes(evidence.y - eta, sigma)
    if len(orders) == len(eta):
        return order_slopes(evidence.y, eta, sigma, tie)
    found = student_slopes(evidence.y - eta, sigma)
    for whole, part in zip(found, order_slopes(evidence.y[orders], eta[orders], sigma[orders], tie), strict=True):
        whole[orders] = part
    return found


def smoothed_curvature(
    evidence: Evidence, eta: FloatArray, spread: FloatArray, sigma: FloatArray, tie: float
) -> FloatArray:
    """Each answer's curvature averaged over η normal with this standard deviation, shape (n_answers,).

    Args:
        evidence: People's answers.
        eta: Mean of what jurors see, shape (n_answers,).
        spread: Its standard deviation, shape (n_answers,).
        sigma: Noise scales, shape (n_answers,).
        tie: Threshold of orders, natural log.
    """
    orders, total = evidence.orders, np.zeros(len(eta))
    y, eta_there, spread_there, sigma_there = (part[orders] for part in (evidence.y, eta, spread, sigma))
    for node, weight in zip(*_NODES, strict=True):
        found = student_curvature(evidence.y - eta - node * spread, sigma)
        if len(orders):
            found[orders] = order_slopes(y, eta_there + node * spread_there, sigma_there, tie).curvature
        total += weight * found
    return total


def normal_equations(
    evidence: Evidence,
    slope: FloatArray,
    delta: FloatArray,
    gradient: FloatArray,
    weight: FloatArray,
    *,
    exact: bool = False,
) -> Equations:
    """Blocks of JᵀWJ and Jᵀg for u = (θ, α, λ) and v = (ℓ_j, o_j) of the answers alone.

    With `exact`, the curvature of η itself (stretch times contrast) is taken off, which gives the negative Hessian in
    (θ, α) and v if `weight` is the answers' curvature.
    """
    n, layout, jurors, juror = evidence.size, evidence.layout, evidence.jurors, evidence.juror
    size, rated = n + 2, layout.rated
    first = slope  # derivative of η in an answer's first column; in its second it is minus that, or 1 for α
    second = -slope
    second[rated] = 1.0
    by_stretch = slope * delta
    weighted, pulled = weight * by_stretch, gradient * by_stretch
    off = sums(layout.pair, weight * first * second, len(layout.low))
    diagonal = sums(evidence.a, weight * first**2, size)
    diagonal += sums(layout.second, weight * second**2, size)
    gu = sums(evidence.a, gradient * first, size)
    gu += sums(layout.second, gradient * second, size)

    slots = len(layout.slot_juror)
    bend = gradient * slope if exact else 0.0
    uv = np.zeros((slots, 2))
    uv[:, 0] = sums(layout.slot_first, weighted * first - bend, slots)
    curved = weighted * second + bend
    if exact:
        curved[rated] = weighted[rated]  # α enters η on its own
    uv[:, 0] += sums(layout.slot_second, curved, slots)
    vv = np.zeros((jurors, 2, 2))
    vv[:, 0, 0] = sums(juror, weighted * by_stretch - (pulled if exact else 0.0), jurors)
    gv = np.zeros((jurors, 2))
    gv[:, 0] = sums(juror, pulled, jurors)
    edge = np.zeros(size)
    if len(rated):
        w, x, s, who, project = weight[rated], by_stretch[rated], slope[rated], juror[rated], evidence.a[rated]
        uv[:, 0] += sums(layout.slot_slope, w * x * x - (pulled[rated] if exact else 0.0), slots)
        for at, value in ((layout.slot_first[rated], s), (layout.slot_second[rated], 1.0), (layout.slot_slope, x)):
            uv[:, 1] += sums(at, w * value, slots)
        vv[:, 0, 1] = vv[:, 1, 0] = sums(who, w * x, jurors)
        vv[:, 1, 1] = sums(who, w, jurors)
        gv[:, 1] = sums(who, gradient[rated], jurors)
        edge = sums(project, w * x * s, size)
        edge[n], edge[n + 1] = (w * x).sum(), (w * x * x).sum()
        gu[n + 1] = pulled[rated].sum()
    return Equations(_symmetric(layout.low, layout.high, off, diagonal, edge), gu, uv, vv, gv)


def _symmetric(
    low: npt.NDArray[np.int64], high: npt.NDArray[np.int64], off: FloatArray, diagonal: FloatArray, edge: FloatArray
) -> FloatArray | sparse.csr_array:
    """The matrix with these entries off the diagonal, this diagonal, and λ's row and column in `edge`."""
    size = len(diagonal)
    diagonal = diagonal.copy()
    diagonal[-1] += edge[-1]
    if size - 2 <= DENSE:
        uu = np.zeros((size, size))
        uu[low, high] = off
        uu[high, low] = off
        uu[-1, :-1] = uu[:-1, -1] = edge[:-1]
        uu[np.arange(size), np.arange(size)] = diagonal
        return uu
    every, last = np.arange(size), np.full(size - 1, size - 1)
    rows = np.concatenate([low, high, every, every[:-1], last])
    columns = np.concatenate([high, low, every, last, every[:-1]])
    values = np.concatenate([off, off, diagonal, edge[:-1], edge[:-1]])
    return sparse.csr_array((values, (rows, columns)), shape=(size, size))
