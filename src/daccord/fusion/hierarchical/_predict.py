"""What the rest of the answers say about those held out, for any prior, without fitting again.

A fold's fit leaves an information matrix S and a pull p on (θ, α). With prior N(Σ_f c_f z_f, τ²) and a factor ν on the
noise, θ is Gaussian with precision `S/ν² + τ⁻²` and mean `(S/ν² + τ⁻²)⁻¹ (p/ν² + τ⁻² Σ_f c_f z_f)`, linear in c.

Up to `DIAGONALISED` projects S is diagonalised once, and every prior is then a division. Beyond, each prior takes a
linear solve, and variances of single projects, known at the fit's own prior, are carried over as if projects were
independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from daccord.fusion.hierarchical._covariance import contrast_variance, posterior_covariance, variances_of
from daccord.fusion.hierarchical._evidence import ORDER, RATING, Evidence
from daccord.fusion.hierarchical._likelihood import order_slopes, student_slopes
from daccord.fusion.hierarchical._posterior import Fit
from daccord.fusion.hierarchical._scales import MIDDLE_SD, Scales

__all__ = ["DIAGONALISED", "DiagonalFold", "Fold", "Linear", "Outlook", "SolvedFold", "linearise", "look_out"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DIAGONALISED: Final = 1_500
"""Most projects whose information is diagonalised."""


class Fold(Protocol):
    """One fold's posterior as a function of the prior."""

    held: Evidence
    middle: float

    def contrasts(self, tau: float, noise: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Held-out contrasts `base + slope · c` and their variance.

        Args:
            tau: Prior standard deviation, natural log.
            noise: Factor on the noise of the answers.

        Returns:
            Shapes (n_held,), (n_held, n_voices) and (n_held,).
        """
        ...


class DiagonalFold:
    """A fold whose information is diagonalised once.

    Args:
        held: Answers held out.
        fit: Fit to the others.
        voices: The voices' vectors, shape (n, n_voices).
        tau: Not needed; both kinds of folds are made alike.
    """

    def __init__(self, held: Evidence, fit: Fit, voices: FloatArray, tau: float) -> None:  # noqa: ARG002
        n = held.size
        self.held, self.middle = held, fit.middle
        matrix = fit.information.matrix
        edge, corner = matrix[:n, n], matrix[n, n] + MIDDLE_SD**-2
        values, vectors = eigh(matrix[:n, :n] - np.outer(edge, edge) / corner)
        self._values = np.maximum(values, 0.0)
        self._pull = vectors.T @ (fit.pull[:n] - edge * (fit.pull[n] / corner))
        self._voices = vectors.T @ voices
        self._contrast = held.contrast(vectors)

    def contrasts(self, tau: float, noise: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        precision = self._values / noise**2 + tau**-2
        base = self._contrast @ (self._pull / noise**2 / precision)
        slope = self._contrast @ (self._voices / (tau**2 * precision[:, None]))
        return base, slope, (self._contrast**2) @ (1 / precision)


class SolvedFold:
    """A fold that solves anew for every prior.

    Args:
        held: Answers held out.
        fit: Fit to the others.
        voices: The voices' vectors, shape (n, n_voices).
        tau: Prior standard deviation of the fit, natural log.
    """

    def __init__(self, held: Evidence, fit: Fit, voices: FloatArray, tau: float) -> None:
        self.held, self.middle = held, fit.middle
        self._fit, self._voices, self._tau = fit, voices, tau
        own = variances_of(posterior_covariance(fit, tau))
        self._told = np.maximum(1 / own[: held.size] - tau**-2, 0.0)

    def contrasts(self, tau: float, noise: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        n = self.held.size
        precision = np.append(np.full(n, tau**-2), MIDDLE_SD**-2)
        right = np.zeros((n + 1, 1 + self._voices.shape[1]))
        right[:, 0] = self._fit.pull / noise**2
        right[:n, 1:] = self._voices / tau**2
        solved = self._fit.information.solve(noise**2 * precision, noise**2 * right)[:n]
        contrast = self.held.contrast(solved)
        variance = contrast_variance(self.held, 1 / (self._told / noise**2 + tau**-2))
        return contrast[:, 0], contrast[:, 1:], variance


@dataclass(frozen=True, eq=False)
class Outlook:
    """Held-out contrasts of all folds at one grid point, stacked: `base + slope · c`, with their variance."""

    kind: IntArray
    y: FloatArray
    stated: FloatArray
    middle: FloatArray
    base: FloatArray
    slope: FloatArray
    variance: FloatArray
    noise: float


@dataclass(frozen=True, eq=False)
class Linear:
    """Held-out η as `base + slope · c` with its standard deviation, at one grid point, all folds stacked."""

    kind: IntArray
    y: FloatArray
    base: FloatArray
    slope: FloatArray
    scale: FloatArray
    tie: float

    def density(self, c: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log predictive density of each answer and its derivative in c."""
        eta = self.base + self.slope @ c
        log_density, gradient, _, _ = student_slopes(self.y - eta, self.scale)
        is_order = self.kind == ORDER
        if np.any(is_order):
            order = order_slopes(self.y, eta, self.scale, self.tie)
            log_density = np.where(is_order, order.log_density, log_density)
            gradient = np.where(is_order, order.gradient, gradient)
        return log_density, gradient[:, None] * self.slope


def look_out(folds: list[Fold], tau: float, noise: float) -> Outlook:
    """What all folds expect of their held-out answers at a grid point."""
    found = [fold.contrasts(tau, noise) for fold in folds]
    base, slope, variance = (np.concatenate(column) for column in zip(*found, strict=True))
    return Outlook(
        kind=np.concatenate([fold.held.kind for fold in folds]),
        y=np.concatenate([fold.held.y for fold in folds]),
        stated=np.concatenate([fold.held.stated for fold in folds]),
        middle=np.concatenate([np.full(len(fold.held), fold.middle) for fold in folds]),
        base=base,
        slope=slope,
        variance=variance,
        noise=noise,
    )


def linearise(outlook: Outlook, scales: Scales, c: FloatArray, *, new_juror: bool) -> Linear:
    """Held-out predictions as linear functions of the voices' coefficients, with the spread they have at c.

    Args:
        outlook: Contrasts at a grid point.
        scales: Noise scales.
        c: Coefficients at which a new juror's stretch is spread out.
        new_juror: Whether held-out answers come from jurors never seen, who stretch and shift in an unknown way.
    """
    is_rating = outlook.kind == RATING
    variance = outlook.variance
    if new_juror:
        variance = variance + (scales.stretch_sd * (outlook.base + outlook.slope @ c)) ** 2
    factor = np.where(is_rating, np.exp(scales.rating_slope), 1.0)
    spread = factor**2 * variance + (scales.offset_sd**2 * is_rating if new_juror else 0.0)
    sigma = np.where(is_rating, scales.rating, scales.ratio)
    sigma = outlook.noise * np.where(outlook.stated > 0, scales.inflation * outlook.stated, sigma)
    return Linear(
        kind=outlook.kind,
        y=outlook.y,
        base=factor * outlook.base + np.where(is_rating, outlook.middle, 0.0),
        slope=factor[:, None] * outlook.slope,
        scale=np.sqrt(sigma**2 + spread),
        tie=scales.tie,
    )
