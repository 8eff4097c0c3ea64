"""Value of information: exact for normal net benefits, and by regression for any sample.

A decision d has net benefit U_d(θ). Knowing everything first, or only φ, is worth

    EVPI = E max_d U_d − max_d E U_d
    EVPPI(φ) = E_φ max_d E[U_d | φ] − max_d E U_d

For a choice between nothing and an incremental net benefit X ~ N(μ, σ²),

    EVPI = σ φ(μ/σ) − |μ| Φ(−|μ|/σ)

and the EVPPI of a part of X whose own standard deviation is σ_φ is the same with σ_φ for σ, the conditional mean being
N(μ, σ_φ²). From samples, E[U_d | φ] is the fit of U_d on φ by least squares with cubic B-splines (tensor products for
two questions): no further runs of the model.

Sources: M. Strong, J. E. Oakley, A. Brennan, "Estimating multiparameter partial expected value of perfect information
from a probabilistic sensitivity analysis sample", Medical Decision Making 34 (2014); the vignette and tests of the R
package voi (C. Jackson).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.special import ndtr

__all__ = ["normal_evpi", "sample_evpi", "sample_evppi"]


def normal_evpi(mean: float, deviation: float) -> float:
    """EVPI of taking or leaving N(mean, deviation²), in units of the net benefit.

    Raises:
        ValueError: The deviation is negative.
    """
    if deviation < 0:
        raise ValueError(f"a standard deviation is at least 0, not {deviation}")
    if deviation == 0:
        return 0.0
    ratio = abs(mean) / deviation
    density = math.exp(-(ratio**2) / 2) / math.sqrt(2 * math.pi)
    return deviation * density - abs(mean) * float(ndtr(-ratio))


def sample_evpi(benefits: NDArray[np.float64]) -> float:
    """EVPI from net benefits of shape (draws, decisions)."""
    return float(benefits.max(axis=1).mean() - benefits.mean(axis=0).max())


def _basis(values: NDArray[np.float64], pieces: int) -> NDArray[np.float64]:
    """Cubic B-splines with knots at quantiles, shape (draws, pieces + 3)."""
    knots = np.quantile(values, np.linspace(0, 1, pieces + 1))
    if np.any(np.diff(knots) <= 0):
        raise ValueError("the question takes too few different values for splines; ask for fewer pieces")
    padded = np.concatenate([np.repeat(knots[0], 3), knots, np.repeat(knots[-1], 3)])
    return np.asarray(BSpline.design_matrix(values, padded, 3).toarray())


def sample_evppi(benefits: NDArray[np.float64], *questions: NDArray[np.float64], pieces: int = 6) -> float:
    """EVPPI of one or more questions known together, from a sample of the model.

    Args:
        benefits: Net benefits, shape (draws, decisions).
        questions: One array of shape (draws,) for each question; two at most are sensible for tensor splines.
        pieces: Polynomial pieces in each direction.

    Raises:
        ValueError: No question, or more coefficients than a tenth of the draws.
    """
    if not questions:
        raise ValueError("name at least one question")
    design = _basis(questions[0], pieces)
    for values in questions[1:]:
        other = _basis(values, pieces)
        design = (design[:, :, None] * other[:, None, :]).reshape(len(design), -1)
    if design.shape[1] * 10 > len(design):
        raise ValueError(f"{len(design)} draws are too few for {design.shape[1]} coefficients")
    fitted = design @ np.linalg.lstsq(design, benefits, rcond=None)[0]
    return float(fitted.max(axis=1).mean() - benefits.mean(axis=0).max())
