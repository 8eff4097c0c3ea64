"""How far projects are above a threshold that is stated relative to the round's typical project."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from daccord.round import Threshold

__all__ = ["relative_margin"]

FloatArray = npt.NDArray[np.float64]


def relative_margin(
    mean: FloatArray, covariance: FloatArray, threshold: Threshold | None
) -> tuple[FloatArray, FloatArray] | None:
    """Margin of every project over a `relative` threshold, with its standard deviation.

    The typical project is the geometric mean of the round, so on the log scale the bar lies at
    `mean(θ) + ln(value)` and moves with θ: margin_i = θ_i − mean(θ) − ln(value). Its variance is the one of θ_i minus
    the average, C_ii − 2·mean_j(C_ij) + mean_jk(C_jk), so a shift common to all projects adds nothing.

    Args:
        mean: Log-values θ, natural log, shape (n_projects,).
        covariance: Of θ, shape (n_projects, n_projects); or variances alone, shape (n_projects,), with which projects
            count as independent.
        threshold: The criterion's; None if it has none.

    Returns:
        Margins and their standard deviations, natural-log units, each of shape (n_projects,); None if there is no
        threshold, or if it is a point on a rating scale, which log-values alone say nothing about.

    Raises:
        ValueError: A relative threshold is not a positive finite number.
    """
    if threshold is None or threshold.kind != "relative":
        return None
    if not (np.isfinite(threshold.value) and threshold.value > 0):
        raise ValueError(f"a relative threshold is a positive number of times, not {threshold.value!r}")
    own = covariance if covariance.ndim == 1 else np.diag(covariance)
    rows = covariance / len(mean) if covariance.ndim == 1 else covariance.mean(axis=1)
    variance = own - 2.0 * rows + rows.mean()
    margin = mean - mean.mean() - np.log(threshold.value)
    # Rounding can leave a variance a hair below zero where it is zero.
    return margin, np.sqrt(np.maximum(variance, 0.0))
