"""Matrix factorisation with intercepts, in which only agreement across camps can lift a project.

Model: rater u's opinion of project n is

    r_un = μ + i_u + i_n + f_u·f_n + error,

i_u the rater's generosity, i_n what everybody sees in the project, f_u·f_n what only one side of the main axis of
disagreement sees. Minimise, with means over opinions, raters and projects,

    mean (r − r̂)² + 0.15·(mean i_u² + mean i_n² + μ²) + 0.03·(mean f_u² + mean f_n²).

Intercepts cost five times as much as factors, so what a camp likes goes into the factors, and i_n keeps what is left.

The objective is a polynomial of degree four and may have several minima. Starts are the ridge regression without
factors and the leading singular vectors of its residuals, so they depend on what was said and on no order; of the
minima found the lowest counts. Each is found by a trust-region Newton method to a vanishing gradient.

**Bounds.** As in Community Notes: one more opinion is added, of a rater with the smallest, largest or no factor and the
smallest or largest intercept, for or against with all might. Raters are held as they are and the project's i_n and f_n
are fitted anew. The least and the largest i_n over the twelve are its bounds: what one more person could do to it.

Source: S. Wojcik et al., "Birdwatch: crowd wisdom and bridging algorithms can inform understanding and reduce the
spread of misinformation" (2022); github.com/twitter/communitynotes, whose published code takes means as here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from daccord.errors import ConvergenceError

__all__ = [
    "FACTOR_PENALTY",
    "INTERCEPT_PENALTY",
    "Factorisation",
    "Opinions",
    "factorise",
    "note_bounds",
    "objective",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

INTERCEPT_PENALTY: Final = 0.15
FACTOR_PENALTY: Final = 0.03

STARTS: Final = 2
"""Leading singular vectors tried as first guesses of the factors."""

TOLERANCE: Final = 1e-8
"""Norm of the gradient, in the units of `_descend`, at which a fit counts as settled."""


@dataclass(frozen=True, eq=False)
class Opinions:
    """Who thinks what of which project; arrays of shape (n_opinions,).

    Attributes:
        raters: Number of raters, each with at least one opinion.
        projects: Number of projects, each with at least one opinion.
        rater: Position of the rater.
        project: Position of the project.
        value: r; the middle of the scale is 0.
    """

    raters: int
    projects: int
    rater: IntArray
    project: IntArray
    value: FloatArray

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def penalties(self) -> tuple[FloatArray, FloatArray]:
        """What one opinion's worth of squared error weighs a squared intercept and a squared factor.

        Returns:
            Of (μ, i_u…, i_n…) and of (f_u…, f_n…).
        """
        share = np.concatenate([np.full(self.raters, 1 / self.raters), np.full(self.projects, 1 / self.projects)])
        return INTERCEPT_PENALTY * np.concatenate([[1.0], share]), FACTOR_PENALTY * share


@dataclass(frozen=True, eq=False)
class Factorisation:
    """A fitted model.

    Attributes:
        middle: μ.
        generosity: i_u, shape (raters,).
        intercept: i_n, shape (projects,).
        rater_factor: f_u, shape (raters,).
        factor: f_n, shape (projects,). The larger group of raters has a negative factor.
        loss: Value of the objective.
        residual: Norm of its gradient.
        iterations: Newton steps.
    """

    middle: float
    generosity: FloatArray
    intercept: FloatArray
    rater_factor: FloatArray
    factor: FloatArray
    loss: float
    residual: float
    iterations: int


def _split(opinions: Opinions, point: FloatArray) -> tuple[float, FloatArray, FloatArray, FloatArray, FloatArray]:
    """μ, i_u, i_n, f_u, f_n out of one vector."""
    ends = np.cumsum([1, opinions.raters, opinions.projects, opinions.raters])
    middle, generosity, intercept, rater_factor, factor = np.split(point, ends)
    return float(middle[0]), generosity, intercept, rater_factor, factor


def objective(opinions: Opinions, point: FloatArray) -> tuple[float, FloatArray]:
    """Value and gradient.

    Args:
        opinions: At least one.
        point: (μ, i_u…, i_n…, f_u…, f_n…).
    """
    u, n, count = opinions.rater, opinions.project, len(opinions)
    middle, generosity, intercept, f_u, f_n = _split(opinions, point)
    error = middle + generosity[u] + intercept[n] + f_u[u] * f_n[n] - opinions.value
    weight = np.concatenate(opinions.penalties)
    pull = 2 * error / count
    gradient = np.concatenate(
        [
            [pull.sum()],
            np.bincount(u, pull, opinions.raters),
            np.bincount(n, pull, opinions.projects),
            np.bincount(u, pull * f_n[n], opinions.raters),
            np.bincount(n, pull * f_u[u], opinions.projects),
        ]
    )
    return float(error @ error / count + weight @ point**2), gradient + 2 * weight * point


def _curvature(opinions: Opinions, point: FloatArray, direction: FloatArray) -> FloatArray:
    """Product of the objective's second derivative with a direction."""
    u, n, count = opinions.rater, opinions.project, len(opinions)
    middle, generosity, intercept, f_u, f_n = _split(opinions, point)
    d_middle, d_generosity, d_intercept, d_u, d_n = _split(opinions, direction)
    error = middle + generosity[u] + intercept[n] + f_u[u] * f_n[n] - opinions.value
    moved = d_middle + d_generosity[u] + d_intercept[n] + d_u[u] * f_n[n] + f_u[u] * d_n[n]
    pull, bend = 2 * moved / count, 2 * error / count
    product = np.concatenate(
        [
            [pull.sum()],
            np.bincount(u, pull, opinions.raters),
            np.bincount(n, pull, opinions.projects),
            np.bincount(u, pull * f_n[n] + bend * d_n[n], opinions.raters),
            np.bincount(n, pull * f_u[u] + bend * d_u[u], opinions.projects),
        ]
    )
    return product + 2 * np.concatenate(opinions.penalties) * direction


def _descend(opinions: Opinions, start: FloatArray) -> tuple[FloatArray, float, float, int]:
    """Minimum near a start: point, value, gradient norm, steps.

    Parameters are measured in units of the square root of their number, because the objective averages over raters and
    projects: without that its second derivatives differ by the number of raters.
    """
    many, few = np.full(opinions.raters, opinions.raters**0.5), np.full(opinions.projects, opinions.projects**0.5)
    unit = np.concatenate([[1.0], many, few, many, few])

    def value(scaled: FloatArray) -> float:
        return objective(opinions, unit * scaled)[0]

    def slope(scaled: FloatArray) -> FloatArray:
        return unit * objective(opinions, unit * scaled)[1]

    def bend(scaled: FloatArray, direction: FloatArray) -> FloatArray:
        return unit * _curvature(opinions, unit * scaled, unit * direction)

    found = minimize(
        value,
        start / unit,
        method="trust-ncg",
        jac=slope,
        hessp=bend,
        options={"gtol": TOLERANCE, "maxiter": 1_000},
    )
    return unit * found.x, float(found.fun), float(np.linalg.norm(found.jac)), int(found.nit)


def _starts(opinions: Opinions) -> list[FloatArray]:
    """The fit without factors, and the same with each leading singular vector of its residuals."""
    size = 1 + opinions.raters + opinions.projects
    # With all factors at zero their gradient is zero, so Newton's method stays where there are none.
    plain, _, _, _ = _descend(opinions, np.zeros(size + opinions.raters + opinions.projects))
    middle, generosity, intercept, _, _ = _split(opinions, plain)
    cells = np.zeros((opinions.raters, opinions.projects))
    cells[opinions.rater, opinions.project] = opinions.value - (
        middle + generosity[opinions.rater] + intercept[opinions.project]
    )
    tall = opinions.raters >= opinions.projects
    values, vectors = np.linalg.eigh(cells.T @ cells if tall else cells @ cells.T)
    found = [plain]
    for k in range(1, min(STARTS, len(values)) + 1):
        strength = float(np.sqrt(max(values[-k], 0.0)))
        if strength <= 1e-9:
            break
        one = vectors[:, -k]
        other = (cells @ one if tall else cells.T @ one) / strength
        by_rater, by_project = (other, one) if tall else (one, other)
        # Both factors with the same mean square, as at any minimum.
        balance = (opinions.raters / opinions.projects) ** 0.25
        root = np.sqrt(strength)
        found.append(np.concatenate([plain[:size], root * balance * by_rater, root / balance * by_project]))
    return found


def factorise(opinions: Opinions) -> Factorisation:
    """The lowest minimum found from all starts.

    Args:
        opinions: At least one; one a rater and project.

    Raises:
        ConvergenceError: From no start did the gradient vanish.
    """
    minima = [_descend(opinions, start) for start in _starts(opinions)]
    settled = [minimum for minimum in minima if minimum[2] <= 10 * TOLERANCE]
    if not settled:
        closest = min(minima, key=lambda minimum: minimum[2])
        raise ConvergenceError("bridging factorisation", closest[3], closest[2])
    point, loss, residual, iterations = min(settled, key=lambda minimum: minimum[1])
    middle, generosity, intercept, rater_factor, factor = _split(opinions, point)
    sign = -1.0 if np.sign(rater_factor).sum() > 0 else 1.0
    return Factorisation(middle, generosity, intercept, sign * rater_factor, sign * factor, loss, residual, iterations)


def note_bounds(opinions: Opinions, fit: Factorisation, extreme: float) -> tuple[FloatArray, FloatArray]:
    """Least and largest i_n that one more opinion could bring about, raters held as they are.

    Args:
        opinions: Behind the fit.
        fit: The fit.
        extreme: Largest opinion r; the smallest is its negative.

    Returns:
        Bounds, each of shape (projects,), around i_n.
    """
    u, n, size = opinions.rater, opinions.project, opinions.projects
    f = fit.rater_factor[u]
    left = opinions.value - fit.middle - fit.generosity[u]
    # Normal equations of (i_n, f_n); the penalties count per opinion, so they are multiplied by their number.
    price = len(opinions) / size
    count = np.bincount(n, minlength=size) + INTERCEPT_PENALTY * price
    cross, square = np.bincount(n, f, size), np.bincount(n, f * f, size) + FACTOR_PENALTY * price
    plain, tilted = np.bincount(n, left, size), np.bincount(n, f * left, size)
    found = [fit.intercept]
    for generosity in (fit.generosity.min(), fit.generosity.max()):
        for factor in (fit.rater_factor.min(), 0.0, fit.rater_factor.max()):
            for opinion in (-extreme, extreme):
                told = opinion - fit.middle - generosity
                a, b, c = count + 1, cross + factor, square + factor**2
                found.append((c * (plain + told) - b * (tilted + factor * told)) / (a * c - b * b))
    return np.min(found, axis=0), np.max(found, axis=0)
