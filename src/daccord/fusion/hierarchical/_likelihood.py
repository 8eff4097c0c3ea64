"""How likely an answer is, given what its juror sees: log densities with first and second derivatives in `η`.

One noise for every kind of answer: what a juror would tell is `η + ε`, ε Student-t with `DOF` degrees of freedom and
scale σ (heavy tails: one wild answer cannot pull without bound).

* A ratio or a rating tells the value itself.
* An order tells its sign, and a tie that it lies within ±t: `P(a wins) = F((η − t)/σ)`, `P(b wins) = F((−η − t)/σ)`,
  a tie otherwise, with F the Student-t distribution function ("robit" regression). A logistic link has thinner tails
  than the ratios' noise, and where orders and ratios meet, every wild order would count for too much.

With 4 degrees of freedom F has a closed form. For u ≥ 0 and x = u/√(4 + u²), `1 − F(u) = (1 − x)² (2 + x) / 4`, which
keeps all its digits far out, as `1 − x = 4 / (√(4 + u²) (√(4 + u²) + u))` does.

Source: C. Liu, "Robit regression", in Gelman and Meng (eds.), *Applied Bayesian Modeling and Causal Inference from
Incomplete-Data Perspectives* (2004); ties by threshold after W. A. Glenn and H. A. David, Biometrics 16 (1960).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

__all__ = ["DOF", "Slopes", "below", "order_slopes", "student_curvature", "student_slopes"]

FloatArray = npt.NDArray[np.float64]

DOF: Final = 4.0
"""Degrees of freedom of the answers' noise."""

_TINY = 1e-300
_LOG_CONSTANT = float(gammaln((DOF + 1) / 2) - gammaln(DOF / 2) - 0.5 * np.log(DOF * np.pi))
_KEEP = 1.0
"""Share of the majorising curvature (expectation maximisation) in each guarded step."""


class Slopes(NamedTuple):
    """Log density and its derivatives in η, arrays of shape (n_answers,).

    Attributes:
        log_density: Natural log.
        gradient: First derivative.
        weight: Curvature to step with: the second derivative, kept positive where the density is not log-concave.
        curvature: −second derivative; negative where the answer is so far off that moving closer gains ever more.
    """

    log_density: FloatArray
    gradient: FloatArray
    weight: FloatArray
    curvature: FloatArray

    @property
    def information(self) -> FloatArray:
        """What the answer tells about η at this point: the curvature, where negative set to 0."""
        return np.maximum(self.curvature, 0.0)


def below(u: FloatArray) -> FloatArray:
    """Distribution function of Student's t with 4 degrees of freedom, exact to rounding in the lower tail."""
    far = np.abs(u)
    root = np.sqrt(DOF + far**2)
    gap = DOF / (root * (root + far))
    tail = gap**2 * (3.0 - gap) / 4.0
    return np.asarray(np.where(u < 0, tail, 1.0 - tail))


def student_slopes(residual: FloatArray, scale: FloatArray) -> Slopes:
    """An answer that tells the value.

    Args:
        residual: y − η, shape (n,).
        scale: σ > 0 in the units of y, shape (n,).
    """
    u = (residual / scale) ** 2
    log_density = _LOG_CONSTANT - np.log(scale) - (DOF + 1) / 2 * np.log1p(u / DOF)
    pull = (DOF + 1) / ((DOF + u) * scale**2)
    curvature = pull * ((DOF - u) / (DOF + u))
    return Slopes(log_density, pull * residual, np.maximum(curvature, _KEEP * pull), curvature)


def student_curvature(residual: FloatArray, scale: FloatArray) -> FloatArray:
    """The curvature of `student_slopes` alone."""
    square = scale**2
    u = residual**2 / square
    spread = DOF + u
    return np.asarray((DOF + 1) * (DOF - u) / (spread * spread * square))


def _density(u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Student-t density at u and its derivative."""
    f = np.exp(_LOG_CONSTANT) * (1 + u**2 / DOF) ** (-(DOF + 1) / 2)
    return f, -f * (DOF + 1) * u / (DOF + u**2)


def order_slopes(outcome: FloatArray, eta: FloatArray, scale: FloatArray, tie: float) -> Slopes:
    """An answer that tells an order, or a tie.

    Args:
        outcome: +1 if a won, −1 if b won, 0 for a tie, shape (n,).
        eta: What the juror sees, natural log, shape (n,).
        scale: σ > 0, natural log, shape (n,).
        tie: Threshold t ≥ 0, natural log; answers without any tie have t = 0.
    """
    is_tie = outcome == 0
    # A tie is as likely at η as at −η. It is computed where η is positive, so that both ends lie in the lower tail,
    # where the distribution function keeps its digits.
    sign = np.where(is_tie, np.where(eta < 0, -1.0, 1.0), np.sign(outcome))
    # For a win: P = F(upper), lower end at −∞. For a tie: P = F(upper) − F(lower).
    upper = np.where(is_tie, tie - sign * eta, sign * eta - tie) / scale
    lower = (-tie - sign * eta) / scale
    chance = np.maximum(below(upper) - np.where(is_tie, below(lower), 0.0), _TINY)
    (f, df), (g, dg) = _density(upper), _density(lower)
    g, dg = np.where(is_tie, g, 0.0), np.where(is_tie, dg, 0.0)
    slope = np.where(is_tie, -sign, sign) / scale
    gradient = slope * (f - g) / chance
    curvature = gradient**2 - (df - dg) / chance / scale**2
    return Slopes(np.log(chance), gradient, np.maximum(curvature, _KEEP * gradient**2), curvature)
