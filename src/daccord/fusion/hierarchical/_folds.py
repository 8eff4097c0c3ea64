"""Folds of held-out answers: dealing, fitting the rest, and predicting what was held out.

Each fold is fitted to the other folds' answers once. Because the posterior for any other prior follows from that fit's
information matrix, predictions for every prior spread, noise and choice of the voices' coefficients cost no new fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from daccord.fusion.hierarchical._evidence import ORDER, RATING, Evidence
from daccord.fusion.hierarchical._likelihood import order_slopes, student_slopes
from daccord.fusion.hierarchical._posterior import fit_conditional
from daccord.fusion.hierarchical._scales import MIDDLE_SD, Scales

__all__ = ["FOLDS", "ROUGH", "Fold", "Linear", "deal_folds", "fit_folds", "linearise"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FOLDS: Final = 5
ROUGH: Final = 1e-5
"""Tolerance of fits that only serve to compare."""


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold's posterior as a function of the prior, diagonalised once.

    Attributes:
        held: Answers held out.
        middle: α of the fold's fit.
        values: Eigenvalues of the other folds' information on θ, shape (n,).
        pull: Their pull in the eigenbasis, shape (n,).
        voices: The voices' vectors in the eigenbasis, shape (n, n_voices).
        contrast: Held-out contrasts in the eigenbasis, shape (n_held, n).
    """

    held: Evidence
    middle: float
    values: FloatArray
    pull: FloatArray
    voices: FloatArray
    contrast: FloatArray


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


def deal_folds(evidence: Evidence, repeat: int, folds: int = FOLDS) -> tuple[IntArray, str]:
    """Deal answers into folds by juror, or by what was compared if one juror dominates.

    Groups are sorted by what they contain (sizes and amounts, never names or positions in a file) and dealt out like
    cards, differently in each repeat, so that renaming or reordering changes nothing.

    Args:
        evidence: People's answers.
        repeat: 0, 1, …: which of several deals.
        folds: Number of folds.

    Returns:
        Fold of each answer, shape (n_answers,), and `juror` or `pair`.
    """
    count = np.bincount(evidence.juror, minlength=evidence.jurors)
    if (count > 0).sum() >= folds and count.max() <= len(evidence) / 2:
        group, how = evidence.juror, "juror"
    else:
        other = np.where(evidence.b < 0, evidence.a, evidence.b)
        key = np.minimum(evidence.a, other) * (evidence.size + 1) + np.maximum(evidence.a, other)
        _, group = np.unique(key, return_inverse=True)
        how = "pair"
    size = np.bincount(group)
    amount = np.abs(evidence.y) + 0.1 * evidence.kind
    second = np.where(evidence.b < 0, evidence.a, evidence.b)
    project = np.bincount(np.concatenate([evidence.a, second]), np.tile(amount, 2) + 1, minlength=evidence.size)
    content = np.bincount(group, amount + np.sqrt(project[evidence.a]) + np.sqrt(project[second]))
    # Of two that said as much about the same, whoever favoured the more discussed project comes later.
    favour = np.bincount(group, evidence.y * (project[evidence.a] - np.where(evidence.b < 0, 0.0, project[second])))
    order = np.lexsort((np.round(favour, 9), np.round(content, 9), -size))
    position = np.empty(len(size), dtype=np.int64)
    position[order] = np.arange(len(size))
    return ((position + repeat * (position // folds)) % folds)[group], how


def fit_folds(
    evidence: Evidence, fold: IntArray, voices: FloatArray, scales: Scales, mean: FloatArray, tau: float
) -> list[Fold]:
    """Fit the rest of each fold.

    Args:
        evidence: People's answers.
        fold: Fold of each answer, shape (n_answers,).
        voices: Standardised vectors, shape (n_projects, n_voices).
        scales: Noise scales.
        mean: Prior mean at which the fits are made, natural log, shape (n_projects,).
        tau: Prior standard deviation at which they are made, natural log.

    Returns:
        One a fold; a fold that would leave nothing to fit is left out.
    """
    n = evidence.size
    found = []
    for k in np.unique(fold):
        rest = evidence.take(fold != k)
        held = evidence.take(fold == k)
        if not len(rest):
            continue
        fit = fit_conditional(rest, mean, tau, scales, tolerance=ROUGH)
        matrix = fit.information.matrix
        edge, corner = matrix[:n, n], matrix[n, n] + MIDDLE_SD**-2
        values, vectors = eigh(matrix[:n, :n] - np.outer(edge, edge) / corner)
        pull = fit.pull[:n] - edge * (fit.pull[n] / corner)
        found.append(
            Fold(
                held=held,
                middle=fit.middle,
                values=np.maximum(values, 0.0),
                pull=vectors.T @ pull,
                voices=vectors.T @ voices,
                contrast=held.contrast(vectors),
            )
        )
    return found


def linearise(folds: list[Fold], scales: Scales, tau: float, noise: float, c: FloatArray, *, new_juror: bool) -> Linear:
    """Held-out predictions at a grid point as linear functions of the voices' coefficients."""
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    for fold in folds:
        held = fold.held
        precision = fold.values / noise**2 + tau**-2
        base = fold.contrast @ (fold.pull / noise**2 / precision)
        slope = fold.contrast @ (fold.voices / (tau**2 * precision[:, None]))
        variance = (fold.contrast**2) @ (1 / precision)
        if new_juror:  # a juror never seen stretches and shifts in an unknown way
            variance = variance + (scales.stretch_sd * (base + slope @ c)) ** 2
        is_rating = held.kind == RATING
        factor = np.where(is_rating, np.exp(scales.rating_slope), 1.0)
        spread = factor**2 * variance + (scales.offset_sd**2 * is_rating if new_juror else 0.0)
        sigma = np.where(is_rating, scales.rating, scales.ratio)
        sigma = noise * np.where(held.stated > 0, scales.inflation * held.stated, sigma)
        parts.append(
            (
                held.kind,
                held.y,
                factor * base + np.where(is_rating, fold.middle, 0.0),
                factor[:, None] * slope,
                np.sqrt(sigma**2 + spread),
            )
        )
    kind, y, base, slope, scale = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Linear(kind, y, base, slope, scale, scales.tie)
