"""The posterior at one grid point, with margins over the criterion's bar."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from daccord.fusion._beliefs import Component
from daccord.fusion._margins import relative_margin
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._covariance import smoothed_covariance
from daccord.fusion.hierarchical._evidence import RATING, Evidence, rating_units
from daccord.fusion.hierarchical._grid import GridPoint
from daccord.fusion.hierarchical._heldout import HeldOut
from daccord.fusion.hierarchical._posterior import Fit, fit_conditional
from daccord.fusion.hierarchical._scales import Scales

__all__ = ["component_at"]

FloatArray = npt.NDArray[np.float64]


def _rating_margin(
    fit: Fit, covariance: FloatArray, bar: float, scales: Scales, task: FusionTask
) -> tuple[FloatArray, FloatArray]:
    """How far a typical juror's rating of each project is above the bar, in natural-log units, with its sd."""
    middle, unit = rating_units(task)
    n = len(fit.theta)
    slope = float(np.exp(scales.rating_slope))
    above = fit.middle + slope * fit.theta - (bar - middle) / unit
    # Derivatives in θ_i, α and λ.
    gradient = np.stack([np.full(n, slope), np.ones(n), slope * fit.theta])
    at = np.stack([np.arange(n), np.full(n, n), np.full(n, n + 1)])
    if covariance.ndim == 1:
        variance = (gradient**2 * covariance[at]).sum(axis=0)
    else:
        variance = np.einsum("ik,jk,ijk->k", gradient, gradient, covariance[at[:, None], at[None, :]])
    return above / slope, np.sqrt(np.maximum(variance, 0.0)) / slope


def component_at(
    task: FusionTask, evidence: Evidence, mean: FloatArray, point: GridPoint, held_out: HeldOut
) -> tuple[Component, Fit, FloatArray]:
    """The posterior at a grid point.

    Args:
        task: What the criterion asks.
        evidence: People's answers, all or some.
        mean: Prior mean of log-values, natural log, shape (n_projects,).
        point: The grid point.
        held_out: Noise scales and widening.

    Returns:
        The component, the fit behind it, and the covariance of (θ, α, λ).
    """
    scales, widening = held_out.scales, held_out.widening
    fit = fit_conditional(evidence, mean, point.tau, scales, noise=point.noise, start=point.start)
    n = slice(evidence.size)
    sampled = held_out.grouped_by == "juror"
    covariance = smoothed_covariance(evidence, fit, point.tau, scales, noise=point.noise, sampled=sampled)
    covariance *= widening**2
    own = covariance[n] if covariance.ndim == 1 else covariance[n, n]
    threshold = task.criterion.threshold
    margin: tuple[FloatArray, FloatArray] | None = relative_margin(fit.theta, own, threshold)
    if threshold is not None and threshold.kind == "rating" and evidence.has(RATING):
        margin = _rating_margin(fit, covariance, threshold.value, scales, task)
    parameters = {
        "tau": point.tau,
        "noise_ratio": point.noise * scales.ratio * widening,
        "stretch_sd": scales.stretch_sd,
        **{f"c[{i}]": float(c) for i, c in enumerate(point.coefficients)},
    }
    component = Component(
        weight=point.weight,
        mean=fit.theta,
        covariance=own,
        margin=None if margin is None else margin[0],
        margin_sd=None if margin is None else margin[1],
        parameters=parameters,
    )
    return component, fit, covariance
