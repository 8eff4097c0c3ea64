"""How well beliefs foretell answers: losses on pairs, predictive densities, coverage of intervals, errors of means.

Losses are means over answers; lower is better for `brier`, `log_loss` and `log_ratio_loss`, higher for `accuracy` and
for the log densities. Weights are judged against an answer "a is r times b" as the Deep Funding trial's public analysis
does: the answer becomes a soft target p = r/(1 + r), the weights a prediction q = w_a/(w_a + w_b), and on the log scale
q = 1/(1 + e^{−(θ_a − θ_b)}) for θ = ln w.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit, gammaln, stdtrit, xlog1py, xlogy

__all__ = [
    "accuracy",
    "brier",
    "clustered_error",
    "coverage",
    "expected_soft_target",
    "gaussian_log_density",
    "log_loss",
    "log_ratio_loss",
    "pair_probability",
    "soft_target",
    "student_t_log_density",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_NODES = 48


def _same_shape(**arrays: npt.NDArray[np.generic]) -> None:
    """Refuse empty arrays, arrays of different shapes, and NaN, each of which would hide in a mean.

    Raises:
        ValueError: One of these.
    """
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) != 1:
        raise ValueError(f"shapes differ: {shapes}")
    for name, array in arrays.items():
        if array.size == 0:
            raise ValueError("no answers: a mean over nothing is not a number")
        if np.any(np.isnan(array)):
            raise ValueError(f"{name} holds a NaN; leave unanswered pairs out")


def soft_target(log_ratio: FloatArray) -> FloatArray:
    """Probability an answer gives to its first project: r/(1 + r).

    Args:
        log_ratio: ln r, natural log, any shape.

    Returns:
        In [0, 1], same shape.

    Source: public analysis of the Deep Funding trial (davidgasquez/deepfunding-trial-data-analysis, README).
    """
    return np.asarray(expit(log_ratio))


def pair_probability(weights: FloatArray, a: IntArray, b: IntArray) -> FloatArray:
    """Probability that weights give to the first project of each pair: w_a/(w_a + w_b).

    Args:
        weights: Above zero and finite, any sum, shape (n_projects,).
        a: Position of the first project, shape (n_pairs,).
        b: Position of the second, shape (n_pairs,).

    Returns:
        In (0, 1), shape (n_pairs,).

    Raises:
        ValueError: A weight is zero, negative or not finite. A zero makes the loss of the whole list infinite; a typo
            read as zero put one list of the 2025 trial last.
    """
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))
    if len(wrong):
        raise ValueError(f"weight {wrong[0]} is {weights[wrong[0]]!r}: weights must be finite and above zero")
    return np.asarray(weights[a] / (weights[a] + weights[b]))


def brier(target: FloatArray, prediction: FloatArray) -> float:
    """Mean of (q − p)²; in [0, 1], lower is better.

    Args:
        target: p in [0, 1], soft or 0/1, shape (n,).
        prediction: q in [0, 1], shape (n,).

    Raises:
        ValueError: Shapes differ, an array is empty, or a value is NaN.

    Source: G. W. Brier, Monthly Weather Review 78 (1950) 1–3, with soft targets.
    """
    _same_shape(target=target, prediction=prediction)
    return float(np.mean((prediction - target) ** 2))


def log_loss(target: FloatArray, prediction: FloatArray, *, clip: float = 0.0) -> float:
    """Mean of −p·ln q − (1 − p)·ln(1 − q), natural log, at least 0, lower is better.

    Infinite when a prediction of exactly 0 or 1 is contradicted, unless `clip` keeps predictions in [clip, 1 − clip].
    The trial's public analysis clips at 1e-12 (found by reproducing its figure for a list with a weight of zero).

    Args:
        target: p in [0, 1], soft or 0/1, shape (n,).
        prediction: q in [0, 1], shape (n,).
        clip: In [0, 0.5).

    Raises:
        ValueError: Shapes differ, an array is empty, or a value is NaN.

    Source: I. J. Good, J. R. Stat. Soc. B 14 (1952) 107–114, with soft targets.
    """
    _same_shape(target=target, prediction=prediction)
    q = np.clip(prediction, clip, 1.0 - clip)
    return float(-np.mean(xlogy(target, q) + xlog1py(1.0 - target, -q)))


def accuracy(difference: FloatArray, outcome: IntArray) -> float:
    """Share of answers whose winner is also the larger in the prediction; a predicted tie counts one half.

    Args:
        difference: Predicted value of the first project minus the second, any scale, shape (n,).
        outcome: +1 if the first was chosen, -1 if the second; leave answered ties out, shape (n,).

    Returns:
        In [0, 1], higher is better.

    Raises:
        ValueError: Shapes differ, an array is empty, a difference is NaN, or an outcome is not ±1.

    Source: public analysis of the Deep Funding trial (davidgasquez/deepfunding-trial-data-analysis, README).
    """
    _same_shape(difference=difference, outcome=outcome)
    if not np.all(np.abs(outcome) == 1):
        raise ValueError("an outcome is neither +1 nor -1: a tie has no winner to foretell, leave it out")
    return float(np.mean((1.0 + np.sign(difference) * outcome) / 2.0))


def log_ratio_loss(log_ratio: FloatArray, difference: FloatArray) -> float:
    """Mean of (θ_a − θ_b − ln r)², squared natural-log units, lower is better.

    Args:
        log_ratio: ln r as answered, shape (n,).
        difference: θ_a − θ_b as predicted, shape (n,).

    Raises:
        ValueError: Shapes differ, an array is empty, or a value is NaN.

    Source: the loss of Deep Funding's scoring (github.com/deepfunding/scoring) and of its 2025 contest.
    """
    _same_shape(log_ratio=log_ratio, difference=difference)
    return float(np.mean((difference - log_ratio) ** 2))


def gaussian_log_density(residual: FloatArray, sd: FloatArray | float) -> FloatArray:
    """Log density of a normal with mean 0: −(e/σ)²/2 − ln σ − ln(2π)/2.

    Args:
        residual: e, answer minus prediction, any shape.
        sd: σ above zero, same unit; broadcasts against `residual`.

    Returns:
        Natural log, per unit of `residual`, higher is better.

    Raises:
        ValueError: A standard deviation is not above zero.
    """
    _require_positive(sd=sd)
    return np.asarray(-0.5 * (residual / sd) ** 2 - np.log(sd) - 0.5 * np.log(2.0 * np.pi))


def student_t_log_density(residual: FloatArray, scale: FloatArray | float, dof: FloatArray | float) -> FloatArray:
    """Log density of a Student t with location 0.

    ln Γ((ν + 1)/2) − ln Γ(ν/2) − ln(νπ)/2 − ln s − (ν + 1)/2·ln(1 + (e/s)²/ν)

    Args:
        residual: e, answer minus prediction, any shape.
        scale: s above zero, same unit; it is not the standard deviation, which is s·√(ν/(ν − 2)).
        dof: ν above zero.

    Returns:
        Natural log, per unit of `residual`, higher is better.

    Raises:
        ValueError: A scale or the degrees of freedom are not above zero.
    """
    _require_positive(scale=scale, dof=dof)
    freedom = np.asarray(dof, dtype=np.float64)
    constant = gammaln((freedom + 1.0) / 2.0) - gammaln(freedom / 2.0) - 0.5 * np.log(freedom * np.pi)
    tail = -(freedom + 1.0) / 2.0 * np.log1p((residual / scale) ** 2 / freedom)
    return np.asarray(constant - np.log(scale) + tail)


def coverage(low: FloatArray, high: FloatArray, observed: FloatArray) -> float:
    """Share of observations inside their interval, ends included; compare with the stated probability.

    Args:
        low: Lower ends, shape (n,).
        high: Upper ends, not below `low`, shape (n,).
        observed: What came, shape (n,).

    Returns:
        In [0, 1].

    Raises:
        ValueError: Shapes differ, an array is empty, a value is NaN, or an interval is upside down.
    """
    _same_shape(low=low, high=high, observed=observed)
    if np.any(low > high):
        raise ValueError("an interval's lower end is above its upper end")
    return float(np.mean((low <= observed) & (observed <= high)))


def expected_soft_target(centre: FloatArray, scale: FloatArray, dof: float = 4.0) -> FloatArray:
    """Mean of r/(1 + r) if ln r is Student-t around `centre`: what an answer is expected to give to its first side.

    Of all predictions it has the smallest expected log loss and the smallest expected Brier score against soft targets.
    It is the integral of r/(1 + r) over the quantiles u of the t, by Gauss–Legendre quadrature in v with
    u = v²(3 − 2v), which puts nodes where the tails are; within 1e-5 of the integral.

    Args:
        centre: Of ln r, natural log, any shape.
        scale: Of the t, above zero, same unit; broadcasts against `centre`.
        dof: ν above zero.

    Returns:
        In (0, 1), same shape.

    Raises:
        ValueError: A scale is not above zero.
    """
    _require_positive(scale=scale)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    v = (nodes + 1.0) / 2.0
    quantiles = stdtrit(dof, v**2 * (3.0 - 2.0 * v))
    total = np.zeros(np.broadcast_shapes(np.shape(centre), np.shape(scale)))
    for quantile, weight in zip(quantiles, weights * 3.0 * v * (1.0 - v), strict=True):
        total += weight * expit(centre + scale * quantile)
    return np.asarray(total)


def clustered_error(values: FloatArray, group: IntArray, weight: FloatArray | None = None) -> float:
    """Standard error of a weighted mean, with whole groups as the unit.

    √( G/(G − 1) · Σ_g (Σ_{k of g} w_k (x_k − x̄))² ) / Σ w, because answers of one juror err together.

    Args:
        values: x, shape (n,).
        group: Group of each value, numbered from 0, shape (n,).
        weight: w, at least 0; 1 if None.

    Returns:
        In the unit of the values; NaN with fewer than two groups.

    Source: K.-Y. Liang and S. L. Zeger, Biometrika 73 (1986) 13–22.
    """
    w = np.ones(len(values)) if weight is None else weight
    centred = values - float(np.average(values, weights=w))
    total = np.bincount(group, w * centred)
    groups = int(np.count_nonzero(np.bincount(group, w)))
    if groups < 2:
        return float("nan")
    return float(np.sqrt(groups / (groups - 1) * (total @ total)) / w.sum())


def _require_positive(**values: FloatArray | float) -> None:
    for name, value in values.items():
        if not np.all(np.asarray(value) > 0):
            raise ValueError(f"{name} must be above zero")
