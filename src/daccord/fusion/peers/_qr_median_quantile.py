"""Quadratically regularised medians and quantiles: estimates that no single voter can move far.

Voters v say x_v with left and right uncertainty Δ_v and voting right w_v. The QrMedian x of *resilience* L around a
default x₀ minimises

    (x − x₀)² / (2L) + Σ_v w_v · (√(Δ_v² + (x − x_v)²) − Δ_v),

that is, it is the root of

    (x − x₀) / L + Σ_v w_v · (x − x_v) / √(Δ_v² + (x − x_v)²) = 0,

with Δ_v the left uncertainty where x < x_v and the right one where x > x_v. An infinite uncertainty does not pull.

**What L does.** No term of the sum is larger than w_v, and the left side rises at least as fast as x/L. So a voter who
joins or leaves moves x by at most **L·w_v**, whatever he says, and one who changes his mind by at most 2·L·w_v. A
larger L lets a voter move more: it is *less* resilient, and closer to the plain median. With few voters x stays near
x₀: it is never further away than L·Σ_v w_v.

For a quantile q ≠ ½ voters above x pull with min(1, q/(1 − q)) and voters below with min(1, (1 − q)/q) of their right,
so the bound stands: at q = 0.2 a voice below pulls four times as hard as one above.

Source: Y. Allouah, R. Guerraoui, L. N. Hoang, O. Villemaud, "Robust sparse voting", AISTATS 2024 (arXiv 2202.08656);
asymmetric uncertainties and quantiles as in Tournesol's pipeline, whose description of L has the direction reversed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["Voters", "qr_deviation", "qr_quantile", "qr_spread"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_STEPS = 200
_PATIENCE = 20
_MEDIAN = 0.5
_FAR = 1e100
_PRECISION = 1e-12
_GRID = 241


@dataclass(frozen=True, eq=False)
class Voters:
    """What voters say about many questions at once; arrays of shape (n_voices,) unless said otherwise.

    Attributes:
        size: Number of questions.
        at: Question, 0 to `size` − 1.
        value: x_v, finite.
        left: Left uncertainty, at least 0, possibly infinite.
        right: Right uncertainty, likewise.
        weight: Voting right w_v, at least 0.
    """

    size: int
    at: IntArray
    value: FloatArray
    left: FloatArray
    right: FloatArray
    weight: FloatArray

    @cached_property
    def squares(self) -> tuple[FloatArray, FloatArray]:
        """Δ² to the left and to the right; an infinite Δ stands as one that leaves no pull to speak of."""
        return np.minimum(self.left, _FAR) ** 2, np.minimum(self.right, _FAR) ** 2

    def total(self) -> FloatArray:
        """Voting rights on each question, shape (size,)."""
        return np.asarray(np.bincount(self.at, self.weight, self.size), dtype=np.float64)

    def take(self, which: npt.NDArray[np.bool_]) -> Voters:
        """Some of the voices; questions keep their numbers."""
        return Voters(
            self.size, self.at[which], self.value[which], self.left[which], self.right[which], self.weight[which]
        )


def _pull(voters: Voters, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Each voice's (x − x_v)/√(Δ² + (x − x_v)²), in [−1, 1], and its derivative by x."""
    distance = x[voters.at] - voters.value
    left, right = voters.squares
    reach = np.sqrt(np.where(distance < 0, left, right) + distance * distance)
    # A voice without doubt does not pull where it is, and its pull is a step: no derivative.
    apart = 1 / np.where(reach > 0, reach, np.inf)
    pull = distance * apart
    return pull, (1 - pull * pull) * apart


def _bias(quantile: float, pull: FloatArray) -> FloatArray:
    """How much of its voting right a voice uses: all for the median."""
    below, above = min(1.0, (1 - quantile) / quantile), min(1.0, quantile / (1 - quantile))
    return np.where(pull > 0, below, above)


def qr_quantile(
    voters: Voters,
    resilience: float | FloatArray,
    default: float | FloatArray = 0.0,
    quantile: float = _MEDIAN,
) -> FloatArray:
    """QrQuantile of every question, by Newton's method inside a shrinking bracket.

    Args:
        voters: The voices.
        resilience: L, above zero; one for all or one a question.
        default: x₀, one for all or one a question.
        quantile: q in (0, 1); ½ is the QrMedian.

    Returns:
        x, shape (size,); the default where nobody votes.
    """
    if not 0 < quantile < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not {quantile!r}")
    scale = np.broadcast_to(np.asarray(resilience, dtype=np.float64), (voters.size,))
    start = np.broadcast_to(np.asarray(default, dtype=np.float64), (voters.size,))
    if not np.all(scale > 0):
        raise ValueError("resilience is above zero")
    low, high = _bracket(voters, scale, start)
    found = (low + high) / 2
    left = np.arange(voters.size)  # questions not settled yet
    x = found.copy()
    for step in range(_STEPS):
        pull, steep = _pull(voters, x)
        used = voters.weight if quantile == _MEDIAN else voters.weight * _bias(quantile, pull)
        force = (x - start) / scale + np.bincount(voters.at, used * pull, len(x))
        slope = 1 / scale + np.bincount(voters.at, used * steep, len(x))
        low, high = np.where(force <= 0, x, low), np.where(force >= 0, x, high)
        newton = x - force / slope
        # Where Newton has not settled soon, a voice without doubt makes the force a step: halve the bracket instead.
        inside = (newton > low) & (newton < high) & (step < _PATIENCE or step % 2 == 0)
        following = np.where(inside, newton, (low + high) / 2)
        near = _PRECISION * (1 + np.abs(x))
        open_ = (high - low > near) & (np.abs(following - x) > near)
        x = following
        if np.count_nonzero(open_) <= len(x) / 2:
            found[left] = x
            left, voters = left[open_], _only(voters, open_)
            x, low, high, scale, start = x[open_], low[open_], high[open_], scale[open_], start[open_]
            if not len(left):
                break
    found[left] = x
    return found


def _only(voters: Voters, questions: npt.NDArray[np.bool_]) -> Voters:
    """The voices on some of the questions, numbered anew."""
    kept = voters.take(questions[voters.at])
    return replace(kept, size=int(np.count_nonzero(questions)), at=(np.cumsum(questions) - 1)[kept.at])


def _bracket(voters: Voters, scale: FloatArray, start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Between the default and the furthest voices, and no further from the default than all pulls together reach."""
    far = scale * voters.total()
    low, high = start.copy(), start.copy()
    np.minimum.at(low, voters.at, voters.value)
    np.maximum.at(high, voters.at, voters.value)
    return np.maximum(low, start - far), np.minimum(high, start + far)


def qr_deviation(voters: Voters, middle: FloatArray, resilience: float, default: float = 1.0) -> FloatArray:
    """How far voters are from `middle`: QrMedian of |x_v − middle|, a measure of disagreement, not of error.

    Args:
        voters: The voices.
        middle: QrMedian of every question, shape (size,).
        resilience: L, above zero.
        default: Deviation where nobody votes.

    Returns:
        Shape (size,), at least 0.
    """
    signed = voters.value - middle[voters.at]
    inward = np.where(signed > 0, voters.left, voters.right)
    outward = np.where(signed > 0, voters.right, voters.left)
    away = Voters(voters.size, voters.at, np.abs(signed), np.minimum(inward, np.abs(signed)), outward, voters.weight)
    return np.maximum(qr_quantile(away, resilience, default), 0.0)


def qr_spread(voters: Voters, resilience: float, middle: FloatArray, default: float = 0.0) -> FloatArray:
    """Standard deviation of the density ∝ exp(−objective) of every question's QrMedian.

    Read as a posterior, the objective is a normal prior N(x₀, L) and one double-exponential error a voice. By
    quadrature.

    Args:
        voters: The voices.
        resilience: L, above zero.
        middle: QrMedian, shape (size,).
        default: x₀.

    Returns:
        Shape (size,); √L where nobody votes.
    """
    half = 6 * float(np.sqrt(resilience))
    offsets = np.linspace(-half, half, _GRID)
    height = np.stack([_objective(voters, middle + offset, resilience, default) for offset in offsets])
    density = np.exp(height.min(axis=0) - height)
    density /= density.sum(axis=0)
    mean = offsets @ density
    return np.asarray(np.sqrt(np.maximum((offsets**2) @ density - mean**2, 0.0)))


def _objective(voters: Voters, x: FloatArray, resilience: float, default: float) -> FloatArray:
    distance = x[voters.at] - voters.value
    unsure = np.where(distance < 0, voters.left, voters.right)
    finite = np.isfinite(unsure)
    known = np.where(finite, unsure, 0.0)
    cost = np.where(finite, np.hypot(known, distance) - known, 0.0)
    return np.asarray((x - default) ** 2 / (2 * resilience) + np.bincount(voters.at, voters.weight * cost, voters.size))
