"""Distilled human judgement: combine models' lists so that the combination fits people's ratios best.

With p_k(i) the share that list k gives to project i, and weights w ≥ 0 that sum to 1, minimise

    Σ_answers (θ_a − θ_b − ln r)²,     geometric:   θ = Σ_k w_k ln p_k,
                                       arithmetic:  θ = ln Σ_k w_k p_k.

The geometric combination averages logs, as the published code does; it is linear in w, so the optimum is global and
certified. The arithmetic one averages shares, as the prose that introduced the method says; there the same problem is
solved for the linearised combination again and again (Gauss–Newton with a line search) from the equal weights, from
the best single lists and from the geometric optimum. Each end satisfies the optimality conditions; the best of them is
taken, and nothing proves that it is the best there is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares
from scipy.special import logsumexp, softmax

from daccord.fusion.peers._distilled_weights import fit_simplex, kkt_residual
from daccord.fusion.peers._ratio_answers import RatioAnswers

__all__ = ["Combination", "DistilledFit", "fit_distilled"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

Combination = Literal["geometric", "arithmetic"]

_LARGEST: Final = 300.0
"""Natural-log units beyond which the slope of an arithmetic combination is cut, so that its square stays finite."""

_LEAST: Final = 1e-4
_SHORTEST: Final = 1e-6
_POLISHING: Final = 20
_EVALUATIONS: Final = 100
_SINGLE: Final = 5
"""Single lists to start from, the best ones."""


@dataclass(frozen=True, eq=False)
class DistilledFit:
    """A combination of lists.

    Attributes:
        weights: Of the lists, at least 0, summing to 1, shape (n_lists,).
        theta: Log-values of the combination, natural log, shape (n_projects,).
        slope: ∂θ/∂w at the solution, shape (n_projects, n_lists).
        cost: Sum of squared misfits of the answers, squared natural-log units.
        residual: Violation of the optimality conditions over its scale; 0 is an exact optimum.
        iterations: Spent.
    """

    weights: FloatArray
    theta: FloatArray
    slope: FloatArray
    cost: float
    residual: float
    iterations: int


def _shares(lists: FloatArray) -> FloatArray:
    """Log-shares: each list less the log of its sum."""
    return np.asarray(lists - logsumexp(lists, axis=0))


def _geometric(lists: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    return lists @ weights, lists


def _arithmetic(shares: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    used = weights > 0
    parts = shares[:, used] + np.log(weights[used])
    top = parts.max(axis=1)
    theta = top + np.log(np.exp(parts - top[:, None]).sum(axis=1))
    return theta, np.exp(np.minimum(shares - theta[:, None], _LARGEST))


def fit_distilled(
    answers: RatioAnswers, lists: FloatArray, combination: Combination = "geometric", place: IntArray | None = None
) -> DistilledFit:
    """Weights of the lists under which their combination fits the answers best.

    Args:
        answers: People's ratios, at least one.
        lists: Log-weights, one column a list, any sum, shape (n_projects, n_lists), at least one list.
        combination: Of logs, or of shares.
        place: Of each list among equals, shape (n_lists,); their order if None.

    Raises:
        ConvergenceError: The weights did not settle.

    Source: github.com/deepfunding/scoring (the loss and the geometric combination).
    """
    shares = _shares(lists)
    if combination == "geometric":
        fit = fit_simplex(shares[answers.a] - shares[answers.b], answers.log_ratio, place)
        return _finish(answers, _geometric, shares, fit.weights, fit.iterations)
    count = lists.shape[1]
    alone = [_misfit(answers, shares[:, k]) for k in range(count)]
    starts = [np.full(count, 1.0 / count), fit_distilled(answers, lists, place=place).weights]
    starts += [np.eye(count)[k] for k in np.argsort(alone, kind="stable")[:_SINGLE]]
    ends = [_descend(answers, shares, start) for start in starts]
    weights, _ = min(ends, key=lambda end: _misfit(answers, _arithmetic(shares, end[0])[0]))
    return _finish(answers, _arithmetic, shares, weights, sum(spent for _, spent in ends))


def _misfit(answers: RatioAnswers, theta: FloatArray) -> float:
    residuals = answers.residuals(theta)
    return float(residuals @ residuals)


def _descend(answers: RatioAnswers, shares: FloatArray, start: FloatArray) -> tuple[FloatArray, int]:
    """An optimum near one start: weights, and evaluations spent.

    Weights are first moved on the log scale, where lists that differ by many powers of ten do no harm, and then on the
    simplex itself, where a weight can become exactly zero.
    """

    def residuals(v: FloatArray) -> FloatArray:
        return answers.residuals(_arithmetic(shares, softmax(v))[0])

    def slopes(v: FloatArray) -> FloatArray:
        weights = softmax(v)
        slope = (_arithmetic(shares, weights)[1] - 1.0) * weights
        return np.asarray(slope[answers.b] - slope[answers.a])

    begin = np.log(np.maximum(start, _LEAST))
    found = least_squares(residuals, begin, slopes, ftol=1e-14, xtol=1e-14, gtol=1e-14, max_nfev=_EVALUATIONS)
    return _polished(answers, shares, softmax(found.x)), int(found.nfev)


def _polished(answers: RatioAnswers, shares: FloatArray, weights: FloatArray) -> FloatArray:
    """The same optimum by Gauss–Newton on the simplex, as long as steps go down."""
    for _ in range(_POLISHING):
        theta, slope = _arithmetic(shares, weights)
        design, left = slope[answers.a] - slope[answers.b], answers.residuals(theta)
        towards = fit_simplex(design, left).weights - weights
        cost, by = float(left @ left), 1.0
        while by > _SHORTEST and not _misfit(answers, _arithmetic(shares, weights + by * towards)[0]) < cost:
            by /= 2
        if by <= _SHORTEST:
            break
        weights = weights + by * towards
    return weights


def _violation(design: FloatArray, left: FloatArray, weights: FloatArray) -> float:
    """`kkt_residual` of the linearised problem, which has the gradient of the true one."""
    return kkt_residual(design, design @ weights + left, weights)


def _finish(
    answers: RatioAnswers,
    combine: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    shares: FloatArray,
    weights: FloatArray,
    iterations: int,
) -> DistilledFit:
    theta, slope = combine(shares, weights)
    design, left = slope[answers.a] - slope[answers.b], answers.residuals(theta)
    return DistilledFit(
        weights=weights,
        theta=theta,
        slope=slope,
        cost=float(left @ left),
        residual=_violation(design, left, weights),
        iterations=iterations,
    )
