"""Scores of one person from his or her own comparisons: the generalised Bradley–Terry model, uniform on [−1, 1].

Model: a graded answer r ∈ [−1, 1] about projects a and b has density ∝ e^{rδ} with δ = θ_a − θ_b. The normalising
constant is e^{Φ(δ)} up to a factor, with the cumulant function of the uniform distribution,

    Φ(δ) = ln(sinh δ / δ),   Φ'(δ) = coth δ − 1/δ = E[r],   Φ''(δ) = 1/δ² − 1/sinh² δ = Var[r],

and P(r > 0) = 1/(1 + e^{−δ}): who wins follows the ordinary Bradley–Terry model, so δ is in log-odds. Scores minimise

    Σ_k [Φ(δ_k) − r_k δ_k] + Σ_i θ_i² / (2σ²),   σ = 7.

The problem is strictly convex. It falls apart into one problem a person, and each person's scores sum to zero.

**How answers become grades.** A ratio q becomes r = Φ'(ln q), which rises with q and is the grade at which a single
answer puts δ = ln q: whoever answers in consistent ratios gets exactly those as scores (but for the prior). An order
without a ratio is ±1, a tie 0.

**How sure.** Left and right uncertainty of θ_i: how far it can move, the person's other scores fixed, until the
negative log-likelihood (without the prior) has risen by 1. Either is infinite where the answers put no limit on that
side, as for a project that won all its comparisons outright.

Source: J. Fageot, S. Farhadkhani, L. N. Hoang, O. Villemaud, "Generalized Bradley–Terry models for score estimation
from paired comparisons", AAAI 2024; σ and the rise by 1 as in Tournesol's pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import ConvergenceError
from daccord.judging import Comparisons

__all__ = [
    "PRIOR_SD",
    "GradedAnswers",
    "cumulant",
    "cumulant_curvature",
    "cumulant_slope",
    "fit_scores",
    "grades",
    "gradient",
    "uncertainties",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PRIOR_SD: Final = 7.0
"""σ, prior standard deviation of a score, log-odds."""

RISE: Final = 1.0
"""Rise of the negative log-likelihood that bounds a score."""

TOLERANCE: Final = 1e-9
"""Largest gradient element at which a fit counts as settled. A score is then off by at most TOLERANCE·σ²."""

_SMALL, _LARGE = 1e-2, 1e100
_FAR = 1e12


def cumulant(delta: FloatArray) -> FloatArray:
    """Φ(δ) = ln(sinh δ / δ), even, 0 at 0; finite for every finite δ."""
    size = np.abs(delta)
    safe = np.maximum(size, _SMALL)
    far = safe + np.log1p(-np.exp(-2 * safe)) - np.log(2 * safe)
    square = np.minimum(size, _SMALL) ** 2
    return np.asarray(np.where(size < _SMALL, square / 6 - square**2 / 180, far))


def cumulant_slope(delta: FloatArray) -> FloatArray:
    """Φ'(δ) = coth δ − 1/δ, odd, rising from −1 to 1: the expected grade."""
    size = np.abs(delta)
    safe, near = np.maximum(size, _SMALL), np.minimum(size, _SMALL)
    far = 1 / np.tanh(safe) - 1 / safe
    series = near / 3 - near**3 / 45 + 2 * near**5 / 945
    return np.asarray(np.copysign(np.where(size < _SMALL, series, far), delta))


def cumulant_curvature(delta: FloatArray) -> FloatArray:
    """Φ''(δ) = 1/δ² − 1/sinh² δ, in (0, 1/3]: the variance of a grade."""
    size = np.abs(delta)
    safe = np.clip(size, _SMALL, _LARGE)
    # 1/sinh² = 4e^{−2δ}/(1 − e^{−2δ})², which does not overflow.
    shrunk = np.exp(-2 * safe)
    far = 1 / safe**2 - 4 * shrunk / (1 - shrunk) ** 2
    square = np.minimum(size, _SMALL) ** 2
    return np.asarray(np.where(size < _SMALL, 1 / 3 - square / 15 + 2 * square**2 / 189, far))


@dataclass(frozen=True, eq=False)
class GradedAnswers:
    """Graded answers about `size` unknown scores. Several people's answers fit in one: each has scores of his own.

    Attributes:
        size: Number of scores.
        a: Position of the first score, shape (n_answers,).
        b: Position of the second, differs from `a`, shape (n_answers,).
        grade: r, finite, shape (n_answers,). In the model r ∈ [−1, 1], and 1 puts a as far above b as the scale goes;
            the objective has its minimum for any r.
    """

    size: int
    a: IntArray
    b: IntArray
    grade: FloatArray

    def __len__(self) -> int:
        return len(self.grade)

    def differences(self, values: FloatArray) -> FloatArray:
        """`values[a] − values[b]`, shape (n_answers,)."""
        return np.asarray(values[self.a] - values[self.b])

    def collect(self, values: FloatArray) -> FloatArray:
        """Sum over answers of `values`, plus at a and minus at b, shape (size,)."""
        collected = np.bincount(self.a, values, self.size) - np.bincount(self.b, values, self.size)
        return np.asarray(collected, dtype=np.float64)

    @cached_property
    def both_sides(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Every answer seen from each of its two scores: own position, the other's, grade; each (2·n_answers,)."""
        own = np.concatenate([self.a, self.b])
        other = np.concatenate([self.b, self.a])
        return own, other, np.concatenate([self.grade, -self.grade])


def grades(comparisons: Comparisons) -> FloatArray:
    """Comparisons on the graded scale: Φ'(ln ratio); ±1 for an order without a ratio, 0 for a tie.

    Returns:
        r ∈ [−1, 1], above zero where the first project is said to be worth more, shape (n_comparisons,).
    """
    ratio = comparisons.has_ratio
    told = np.where(ratio, comparisons.log_ratio, 0.0)
    return np.asarray(np.where(ratio, cumulant_slope(told), comparisons.outcome), dtype=np.float64)


def gradient(answers: GradedAnswers, theta: FloatArray, sd: float = PRIOR_SD) -> FloatArray:
    """Derivative of the objective by each score, shape (size,)."""
    return answers.collect(cumulant_slope(answers.differences(theta)) - answers.grade) + theta / sd**2


def _objective(answers: GradedAnswers, theta: FloatArray, sd: float) -> float:
    delta = answers.differences(theta)
    return float(np.sum(cumulant(delta) - answers.grade * delta) + theta @ theta / (2 * sd**2))


def _newton_step(answers: GradedAnswers, curvature: FloatArray, right: FloatArray, precision: float) -> FloatArray:
    """(XᵀCX + precision·I)⁻¹·right by conjugate gradients, preconditioned by the diagonal.

    The matrix is a Laplacian a person plus a multiple of the identity; it is never formed, because ten thousand people
    with a hundred projects each are a million unknowns.
    """
    own, _, _ = answers.both_sides
    diagonal = np.bincount(own, np.concatenate([curvature, curvature]), answers.size) + precision
    step = np.zeros(answers.size)
    residual = right.copy()
    preconditioned = residual / diagonal
    direction = preconditioned
    power = float(residual @ preconditioned)
    target = 1e-16 * power
    for _ in range(2_000):
        if power <= target:
            break
        moved = answers.collect(curvature * answers.differences(direction)) + precision * direction
        length = power / float(direction @ moved)
        step = step + length * direction
        residual = residual - length * moved
        preconditioned = residual / diagonal
        power, before = float(residual @ preconditioned), power
        direction = preconditioned + power / before * direction
    return step


def fit_scores(answers: GradedAnswers, sd: float = PRIOR_SD, *, max_iterations: int = 100) -> FloatArray:
    """Scores with the highest posterior density, by Newton's method with halved steps where a full one overshoots.

    Args:
        answers: Of any number of people.
        sd: σ, above zero, log-odds.
        max_iterations: Newton steps before giving up.

    Returns:
        θ, log-odds, shape (size,).

    Raises:
        ConvergenceError: The gradient did not vanish.
    """
    theta = np.zeros(answers.size)
    slope = gradient(answers, theta, sd)
    for _ in range(max_iterations):
        if np.max(np.abs(slope), initial=0.0) <= TOLERANCE:
            return theta
        curvature = cumulant_curvature(answers.differences(theta))
        step = _newton_step(answers, curvature, slope, 1 / sd**2)
        theta = _descend(answers, theta, step, float(slope @ step), sd)
        slope = gradient(answers, theta, sd)
    raise ConvergenceError("individual scores", max_iterations, float(np.max(np.abs(slope))))


def _descend(answers: GradedAnswers, theta: FloatArray, step: FloatArray, promise: float, sd: float) -> FloatArray:
    """The longest of the steps 1, ½, ¼, … that lowers the objective as a quadratic would lead one to expect."""
    start = _objective(answers, theta, sd)
    length = 1.0
    # Near the optimum the fall drowns in the rounding of the objective, and a full step is right.
    while promise > 1e-12 * (1 + abs(start)) and length > 1e-6:
        if _objective(answers, theta - length * step, sd) <= start - 1e-4 * length * promise:
            break
        length /= 2
    return np.asarray(theta - length * step)


def uncertainties(answers: GradedAnswers, theta: FloatArray, rise: float = RISE) -> tuple[FloatArray, FloatArray]:
    """How far each score can fall and rise until the negative log-likelihood has grown by `rise`.

    Args:
        answers: The answers behind the scores.
        theta: Scores, shape (size,).
        rise: Above zero, natural log.

    Returns:
        Left and right uncertainty, log-odds, each of shape (size,) and at least 0; infinite where nothing limits a
        side, as for scores without answers.
    """
    return _reach(answers, theta, -1.0, rise), _reach(answers, theta, 1.0, rise)


def _reach(answers: GradedAnswers, theta: FloatArray, side: float, rise: float) -> FloatArray:
    """Root t > 0 of g(t) = Σ [Φ(δ + side·t) − Φ(δ) − r·side·t] − rise, every score by itself.

    g is convex and −rise at 0, so it has one root or none. Its slope tends to Σ(1 − side·r): without a positive limit
    there is none. Newton's method from the right of the root falls onto it without passing it.
    """
    own, other, grade = answers.both_sides
    delta = theta[own] - theta[other]
    base = cumulant(delta)
    limit = np.bincount(own, 1 - side * grade, answers.size)
    bounded = limit > 1e-12

    def excess(reach: FloatArray) -> tuple[FloatArray, FloatArray]:
        shift = side * reach[own]
        value = np.bincount(own, cumulant(delta + shift) - base - grade * shift, answers.size) - rise
        slope = np.bincount(own, side * (cumulant_slope(delta + shift) - grade), answers.size)
        return np.asarray(value), np.asarray(slope, dtype=np.float64)

    reach = np.where(bounded, 1.0, 0.0)
    short = bounded & (excess(reach)[0] < 0)
    while np.any(short):
        reach = np.where(short, 2 * reach, reach)
        bounded &= reach < _FAR
        short = bounded & (excess(reach)[0] < 0)
    for _ in range(100):
        value, slope = excess(reach)
        move = np.where(bounded & (value > 0), value / np.where(slope > 0, slope, 1.0), 0.0)
        reach = reach - move
        if np.all(move <= 1e-12 * (1 + reach)):
            break
    return np.where(bounded, reach, np.inf)
