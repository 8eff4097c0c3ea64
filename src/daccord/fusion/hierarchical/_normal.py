"""The normal equations of the hierarchical fit, with jurors eliminated.

Unknowns are u = (θ, α, λ), which all jurors share, and v = (ℓ_j, o_j), two for each juror. A juror's block of the
equations touches nobody else's, so jurors are eliminated exactly (Schur complement) and cost is linear in jurors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from daccord.fusion.hierarchical._evidence import ORDER, RATING, Evidence
from daccord.fusion.hierarchical._likelihood import Slopes, order_slopes, student_slopes
from daccord.fusion.hierarchical._scales import Scales

__all__ = ["Eliminated", "State", "normal_equations", "seen_by", "slopes_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass
class State:
    """Current values during the ascent."""

    u: FloatArray  # θ, then α
    stretch: FloatArray
    offset: FloatArray

    def moved(self, du: FloatArray, dv: FloatArray, by: float) -> State:
        return State(self.u + by * du, self.stretch + by * dv[:, 0], self.offset + by * dv[:, 1])


def seen_by(evidence: Evidence, scales: Scales, state: State) -> tuple[FloatArray, FloatArray, FloatArray]:
    """η, the slope dη/dδ and δ of each answer."""
    slope = np.exp(state.stretch[evidence.juror] + scales.rating_slope * (evidence.kind == RATING))
    delta = evidence.contrast(state.u[:-1])
    level = np.where(evidence.kind == RATING, state.u[-1] + state.offset[evidence.juror], 0.0)
    return slope * delta + level, slope, delta


def slopes_of(evidence: Evidence, eta: FloatArray, sigma: FloatArray, tie: float) -> Slopes:
    """Log density of each answer and its derivatives, given what its juror sees."""
    graded = student_slopes(evidence.y - eta, sigma)
    if not evidence.has(ORDER):
        return graded
    order = order_slopes(evidence.y, eta, sigma, tie)
    is_order = evidence.kind == ORDER
    return Slopes(*(np.where(is_order, o, g) for o, g in zip(order, graded, strict=True)))


def normal_equations(
    evidence: Evidence,
    slope: FloatArray,
    delta: FloatArray,
    gradient: FloatArray,
    weight: FloatArray,
    *,
    exact: bool = False,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Blocks of JᵀWJ and Jᵀg for u = (θ, α, λ) and v = (ℓ_j, o_j) of the answers alone.

    With `exact`, the curvature of η itself (stretch times contrast) is taken off, which gives the negative Hessian in
    (θ, α) and v if `weight` is the answers' curvature.
    """
    n, size = evidence.size, evidence.size + 2
    is_rating = (evidence.kind == RATING).astype(float)
    on_stretch = slope * delta
    # Every answer touches these columns of u, with these derivatives: a and b, or for a rating its project, α and λ.
    columns = np.stack([evidence.a, np.where(evidence.b >= 0, evidence.b, n), np.full(len(evidence), n + 1)])
    values = np.stack([slope, np.where(evidence.b >= 0, -slope, 1.0), is_rating * on_stretch])
    uu = np.zeros(size * size)
    for i in range(3):
        for j in range(3):
            uu += np.bincount(columns[i] * size + columns[j], weight * values[i] * values[j], minlength=size * size)
    gu = np.bincount(columns.ravel(), (gradient * values).ravel(), minlength=size).astype(np.float64)
    by_juror = np.stack([on_stretch, is_rating])
    uv = np.zeros(size * 2 * evidence.jurors)
    for i in range(3):
        for j in range(2):
            at = (columns[i] * evidence.jurors + evidence.juror) * 2 + j
            entry = weight * values[i] * by_juror[j]
            if exact and j == 0:
                entry = entry - gradient * np.where(columns[i] == n, 0.0, values[i])
            uv += np.bincount(at, entry, minlength=len(uv))
    vv = np.empty((evidence.jurors, 2, 2))
    for i in range(2):
        for j in range(2):
            vv[:, i, j] = np.bincount(evidence.juror, weight * by_juror[i] * by_juror[j], minlength=evidence.jurors)
    if exact:
        vv[:, 0, 0] -= np.bincount(evidence.juror, gradient * on_stretch, minlength=evidence.jurors)
    gv = np.empty((evidence.jurors, 2))
    for j in range(2):
        gv[:, j] = np.bincount(evidence.juror, gradient * by_juror[j], minlength=evidence.jurors)
    return uu.reshape(size, size), gu, uv.reshape(size, evidence.jurors, 2), vv, gv


class Eliminated:
    """The normal equations with jurors eliminated, under the constraint `share · ℓ = 0`.

    The typical juror defines the unit of θ: without the constraint, stretching every juror and shrinking every
    project would fit as well and only please the prior. The constraint's multiplier is one more unknown, eliminated
    last.
    """

    def __init__(self, uu: FloatArray, uv: FloatArray, vv: FloatArray, share: FloatArray, own: FloatArray) -> None:
        size, jurors = len(uu), len(share)
        self.inverse = np.linalg.inv(vv + np.diag(own))
        self._uv = np.zeros((size + 1, jurors, 2))
        self._uv[:size] = uv
        self._uv[size, :, 0] = share
        self._carried = np.einsum("ija,jab->ijb", self._uv, self.inverse)
        full = np.zeros((size + 1, size + 1))
        full[:size, :size] = uu
        full -= self._carried.reshape(size + 1, -1) @ self._uv.reshape(size + 1, -1).T
        self._edge, self._corner = full[:size, size], full[size, size]
        self.matrix = full[:size, :size] - np.outer(self._edge, self._edge) / self._corner

    def step(self, gu: FloatArray, gv: FloatArray, precision: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Step in u and v for these gradients, with the prior's precision added to u.

        Raises:
            LinAlgError: The equations are not positive definite, so their solution need not lead up.
        """
        if np.any(np.linalg.det(self.inverse) <= 0) or np.any(self.inverse[:, 0, 0] <= 0):
            raise np.linalg.LinAlgError
        right = -np.einsum("ija,ja->i", self._carried, gv)
        reduced = gu + right[:-1] - self._edge * (right[-1] / self._corner)
        factor = cho_factor(self.matrix + np.diag(precision), lower=True)
        du = cho_solve(factor, reduced)
        multiplier = (right[-1] - self._edge @ du) / self._corner
        back = gv - np.einsum("ija,i->ja", self._uv, np.append(du, multiplier))
        return du, np.einsum("jab,jb->ja", self.inverse, back)
