"""Rule `least-squares`: plain least squares on log ratios, as in Deep Funding's scoring.

Model: ln r_k = θ_a(k) − θ_b(k) + ε_k with independent ε_k of one variance σ². Minimise

    Σ_k (θ_a(k) − θ_b(k) − ln r_k)²

with θ centred in every connected group of projects (the minimum-norm solution). Then Cov(θ) = σ²·L⁺, L the Laplacian
of the answers, with σ² estimated by RSS / (m − (compared projects − groups)); projects and groups that no answer
links get the wide variance of `_log_ratios`. Solved through the normal equations, one dense Cholesky factor a group:
O(m + n³) for m answers and n projects.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._log_ratios import LogRatioFit, fit_beliefs, noise_variance
from daccord.fusion.peers._ratio_answers import RatioAnswers

__all__ = ["LEAST_SQUARES", "fit_least_squares", "relative_gradient"]

FloatArray = npt.NDArray[np.float64]


def fit_least_squares(answers: RatioAnswers) -> LogRatioFit:
    """Least-squares log-values.

    Args:
        answers: At least one.

    Returns:
        Fit whose `residual` is `relative_gradient` of the residuals: how exactly the normal equations are solved.

    Source: github.com/deepfunding/scoring (the loss); Gauss–Markov for the covariance.
    """
    theta = answers.solve(answers.collect(answers.log_ratio))
    residuals = answers.residuals(theta)
    freedom = len(answers) - answers.rank
    noise, warnings = noise_variance(answers.log_ratio, float(residuals @ residuals), freedom)
    return LogRatioFit(theta=theta, noise=noise, residual=relative_gradient(answers, residuals), warnings=warnings)


def relative_gradient(answers: RatioAnswers, pulls: FloatArray) -> float:
    """How far the pulls of the answers are from balance: max |Xᵀ·pulls| over the largest total pull on a project.

    Total pulls below one natural-log unit count as one, so that a perfect fit has no gradient to speak of.

    Args:
        answers: The answers.
        pulls: Derivative of the loss by each residual, shape (n_answers,).

    Returns:
        0 at an exact optimum; rounding leaves about 1e-16 to 1e-14.
    """
    total = np.bincount(answers.a, np.abs(pulls), answers.size) + np.bincount(answers.b, np.abs(pulls), answers.size)
    return float(np.abs(answers.collect(pulls)).max() / max(total.max(), 1.0))


def _fit(task: FusionTask) -> CriterionBeliefs:
    return fit_beliefs(task, "least-squares", fit_least_squares)


LEAST_SQUARES = register(
    FusionRule(
        name="least-squares",
        title="Least squares on log ratios (Deep Funding)",
        model=(
            "The log of every stated ratio is the difference of two projects' log-values plus noise of one size; "
            "the values minimise the sum of squared differences. Only people's answers with a ratio are used."
        ),
        assumptions=(
            "all answers are equally exact and independent of each other, also those of one juror",
            "errors on the log scale are symmetric with light tails",
            "every juror means the same by 'ten times'",
            "answers link all projects, directly or through others",
        ),
        failure_modes=(
            (
                "one extreme answer moves the pot: on the 2025 trial, leaving out one juror of 37 moves the largest "
                "weight by 0.141; compare with `huber` and look at the influence of each juror"
            ),
            (
                "if the answers of one juror lean the same way, intervals are too narrow; look at the coverage on "
                "jurors left out"
            ),
            "orders, ratings and models are set aside; the warnings say how many",
            "values of projects in groups that no answer links are only known within their group; a warning says so",
        ),
        source="Deep Funding, github.com/deepfunding/scoring; checked against the published weights of the 2025 trial",
        fit=_fit,
        reads=("ratios",),
        sure="covariance of a least-squares fit",
    )
)
"""Deep Funding's least squares as a named rule."""
