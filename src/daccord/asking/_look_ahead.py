"""What an answer can be expected to change: one step ahead, for all questions at once.

Model. Let q be a question about the contrast δ = θ_a − θ_b of one criterion (a rating: θ_a − θ̄, the typical project).
The juror answers y = s δ + ε (see `_answerer`). Let x_i be what would be decided about i if the truth were known
(`_prospect`). Over truths, x and y have the covariance s Cov(x_i, δ), and the best linear guess of x_i after the answer
has the variance

    Var(x_i | y) = Var(x_i) − κ Cov(x_i, δ)²,      κ = s² / (s² Var(δ) + σ²),

for every answer, so it is known before anybody is asked. It is exact where x and δ are jointly Gaussian. What is not
known of the juror is noise: σ² = Var(ε) + ς² s² E[δ²] + Var(o), so that pairs far apart tell less through an unknown
stretch. An answer that is only an order tells the sign of y. By Stein's lemma its covariance with x_i is
Cov(x_i, δ) s φ(u) / √(s² Var(δ) + σ²), which gives

    κ_order = κ φ(u)² / (Φ(u) Φ(−u)),      u = s E[δ] / √(s² Var(δ) + σ²),

at most 2/π of κ, and next to nothing where the answer is foreseen.

The *expected error* of the allocation is ½ Σ_i E|x_i − E x_i|, the share of the pot that is expected to lie elsewhere.
Each term shrinks with its standard deviation, so the *effect* of a question is

    ½ Σ_i E|x_i − E x_i| (1 − √(1 − κ Cov(x_i, δ)² / Var(x_i))).

After a question is chosen, x and θ are conditioned on its answer, so that the next one does not ask the same again.

Covariances of x come from D draws, of θ from the posterior. A sample covariance of independent quantities is not 0 but
has the mean square Var(x) Var(δ) / D. That is taken off, otherwise pairs with wide contrasts would seem to move
everything; a single term can thereby fall below 0, their sum has the right mean.

Source: linear-Gaussian preposterior analysis after H. Raiffa and R. Schlaifer, *Applied Statistical Decision Theory*
(1961), chapter 5; C. Stein, Annals of Statistics 9 (1981) 1135–1151, lemma 2.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from daccord.asking._answerer import Answerer
from daccord.fusion import CriterionBeliefs

__all__ = ["LookAhead"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_CHUNK: Final = 4096
_FLAT: Final = 1e-12
"""Targets whose variance is below this do not move."""


class LookAhead:
    """Effects of questions on one criterion, and what is left to learn after some of them.

    Args:
        beliefs: On the criterion.
        log_values: Draws of the criterion's truth, natural log, shape (n_truths, n_projects).
        targets: What would be decided, for the same truths, shape (n_truths, n_targets).
        at: Positions of the projects that questions are about, shape (n_candidates,).
    """

    def __init__(self, beliefs: CriterionBeliefs, log_values: FloatArray, targets: FloatArray, at: IntArray) -> None:
        self._draws = len(targets)
        # The typical project stands in the last column, so that a rating is a contrast like any other.
        own = np.column_stack([log_values[:, at], log_values.mean(axis=1)])
        x = targets - targets.mean(axis=0)
        moving = x.var(axis=0) > _FLAT
        x = x[:, moving]
        self._cross = x.T @ (own - own.mean(axis=0)) / max(self._draws - 1, 1)
        self._spread = x.var(axis=0, ddof=1) if self._draws > 1 else np.zeros(x.shape[1])
        self._error = np.abs(x).mean(axis=0)
        self._mean, self._covariance = _moments(beliefs, at)

    @property
    def error(self) -> float:
        """Expected error of the targets, ½ Σ E|x − E x|, in their unit."""
        return float(0.5 * self._error.sum())

    def contrast(self, a: IntArray, b: IntArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of δ for questions about candidates `a` and `b`; −1 stands for the typical project."""
        own = np.diag(self._covariance)
        variance = own[a] + own[b] - 2 * self._covariance[a, b]
        return self._mean[a] - self._mean[b], np.maximum(variance, 0.0)

    def gain(self, a: IntArray, b: IntArray, answerer: Answerer) -> FloatArray:
        """κ of each question, per squared natural-log unit."""
        mean, variance = self.contrast(a, b)
        s = answerer.stretch
        noise = answerer.noise + answerer.offset
        unsure = noise + (answerer.stretch_sd * s) ** 2 * (mean**2 + variance)
        ratio = s**2 / (s**2 * variance + unsure)
        total = s**2 * variance + noise
        u = s * mean / np.sqrt(total)
        density = np.exp(-(u**2)) / (2 * np.pi)
        order = s**2 / total * density / np.maximum(ndtr(u) * ndtr(-u), 1e-300)
        return np.asarray(answerer.ratios * ratio + (1 - answerer.ratios) * order)

    def effects(self, a: IntArray, b: IntArray, answerer: Answerer, near: float = 0.0) -> FloatArray:
        """Expected reduction of the error by each question, in the targets' unit, shape (n_questions,).

        Args:
            a: Candidates that are the first project of each question.
            b: Candidates that are the second one; −1 for a rating.
            answerer: Who is asked.
            near: Questions that cannot reach this share of the largest effect get a lower bound of theirs instead,
                which spares most of the work: l/2 ≤ 1 − √(1 − l) ≤ l for l in [0, 1], and the sum of l/2 over all
                targets follows from one product of matrices.
        """
        kappa = self.gain(a, b, answerer)
        _, variance = self.contrast(a, b)
        found = self._linear(a, b, variance, kappa)
        wanted = np.flatnonzero(found >= 0.5 * near * found.max(initial=0.0) - _FLAT) if near > 0 else np.arange(len(a))
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            learned = self._learned(a[part], b[part], variance[part], kappa[part])
            found[part] = 0.5 * self._error @ (1 - np.sqrt(1 - learned))
        return found

    def _linear(self, a: IntArray, b: IntArray, variance: FloatArray, kappa: FloatArray) -> FloatArray:
        """Effects to first order in the share of variance that is learned."""
        weight = self._error / np.maximum(self._spread, _FLAT)
        gram = self._cross.T @ (weight[:, None] * self._cross)
        own = np.diag(gram)
        squared = own[a] + own[b] - 2 * gram[a, b] - variance / self._draws * self._error.sum()
        return np.asarray(0.25 * kappa * squared / (1 + 1 / self._draws))

    def _learned(self, a: IntArray, b: IntArray, variance: FloatArray, kappa: FloatArray) -> FloatArray:
        """Share of each target's variance that an answer takes away, shape (n_targets, n_questions)."""
        covariance = self._cross[:, a] - self._cross[:, b]
        spread = np.maximum(self._spread, _FLAT)[:, None]
        squared = (covariance**2 - spread * variance / self._draws) / (1 + 1 / self._draws)
        return np.asarray(np.clip(kappa * squared / spread, -1.0, 1.0))

    def learn(self, a: int, b: int, answerer: Answerer) -> None:
        """Condition on the answer to a question: what is still open afterwards is the same for every answer."""
        one, other = np.array([a]), np.array([b])
        kappa = self.gain(one, other, answerer)
        _, variance = self.contrast(one, other)
        learned = self._learned(one, other, variance, kappa)[:, 0].clip(0.0)
        self._error = self._error * np.sqrt(1 - learned)
        self._spread = self._spread * (1 - learned)
        seen = self._covariance[:, a] - self._covariance[:, b]
        self._cross = self._cross - kappa[0] * np.outer(self._cross[:, a] - self._cross[:, b], seen)
        self._covariance = self._covariance - kappa[0] * np.outer(seen, seen)


def _moments(beliefs: CriterionBeliefs, at: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of the log-values at some positions and, last, of the average over all projects."""
    size = len(beliefs.mean)
    mean = np.append(beliefs.mean[at], beliefs.mean.mean())
    total = np.zeros((len(at) + 1, len(at) + 1))
    for c in beliefs.components:
        if c.covariance.ndim == 2:
            rows = c.covariance.mean(axis=0)
            within = np.block([[c.covariance[np.ix_(at, at)], rows[at][:, None]], [rows[at], rows.mean()]])
        else:
            rows = c.covariance / size
            within = np.block([[np.diag(c.covariance[at]), rows[at][:, None]], [rows[at], rows.mean()]])
        shift = np.append(c.mean[at], c.mean.mean()) - mean
        total += c.weight * (within + np.outer(shift, shift))
    return mean, total
