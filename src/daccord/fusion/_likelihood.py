"""How likely an answer is, given what its juror sees: log densities with first and second derivatives in `η`.

* ratio and rating: `y = η + ε`, ε Student-t with `DOF` degrees of freedom and scale σ (heavy tails: one wild answer
  cannot pull without bound);
* order: Rao–Kupper, `P(a wins) = logistic(η − t)`, `P(b wins) = logistic(−η − t)`, a tie otherwise, t > 0.

Source: P. V. Rao and L. L. Kupper, "Ties in paired-comparison experiments", JASA 62 (1967), eq. 2.1, with t = ln θ.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit, gammaln

__all__ = ["DOF", "Slopes", "order_slopes", "student_slopes"]

FloatArray = npt.NDArray[np.float64]

DOF: Final = 4.0
"""Degrees of freedom of the answers' noise."""

_TINY = 1e-300


class Slopes(NamedTuple):
    """Log density and its derivatives in η, arrays of shape (n_answers,).

    Attributes:
        log_density: Natural log.
        gradient: First derivative.
        weight: Curvature to step with: the second derivative, kept positive where the density is not log-concave.
        information: −second derivative, where negative set to 0: what the answer tells about η.
    """

    log_density: FloatArray
    gradient: FloatArray
    weight: FloatArray
    information: FloatArray


def student_slopes(residual: FloatArray, scale: FloatArray) -> Slopes:
    """Student-t noise with `DOF` degrees of freedom.

    Args:
        residual: y − η, shape (n,).
        scale: σ > 0 in the units of y, shape (n,).
    """
    u = (residual / scale) ** 2
    constant = gammaln((DOF + 1) / 2) - gammaln(DOF / 2) - 0.5 * np.log(DOF * np.pi)
    log_density = constant - np.log(scale) - (DOF + 1) / 2 * np.log1p(u / DOF)
    pull = (DOF + 1) / (DOF + u) / scale**2
    information = np.maximum((DOF + 1) * (DOF - u) / (DOF + u) ** 2, 0.0) / scale**2
    return Slopes(log_density, pull * residual, np.maximum(information, 0.25 * pull), information)


def order_slopes(outcome: FloatArray, eta: FloatArray, tie: float) -> Slopes:
    """Wins and ties.

    Args:
        outcome: +1 if a won, −1 if b won, 0 for a tie, shape (n,).
        eta: What the juror sees, log-odds, shape (n,).
        tie: Threshold t ≥ 0; answers without any tie have t = 0.
    """
    win, lose = expit(eta - tie), expit(-eta - tie)
    # P(tie) = (e^{2t} − 1) · P(a wins) · P(b wins), which gives the tie its derivatives.
    even = np.expm1(2 * tie) * win * lose
    log_density = np.log(np.maximum(np.select([outcome > 0, outcome < 0], [win, lose], even), _TINY))
    gradient = np.select([outcome > 0, outcome < 0], [1 - win, -(1 - lose)], lose - win)
    curve_win, curve_lose = win * (1 - win), lose * (1 - lose)
    information = np.select([outcome > 0, outcome < 0], [curve_win, curve_lose], curve_win + curve_lose)
    return Slopes(log_density, gradient, information, information)
