"""One step of expectation maximisation for the noise: scales of ratios and ratings, jurors' factors, inflation, ties.

Log scales move by Fisher scoring. A Student-t answer with expected squared residual `u` in units of σ² has the score
`(ν + 1) u / (ν + u) − 1` in ln σ, and the information `2ν / (ν + 3)`. An answer that lies at an end of the rating scale
or beyond has, with z the distance of its juror's value from that end in units of `s = √(σ² + variance)`, the score
`−z f(z) / F(z) · σ² / s²`.

Source: Student-t weights after K. L. Lange, R. J. A. Little, J. M. G. Taylor, JASA 84 (1989).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._evidence import ORDER, RATING, RATIO, Evidence
from daccord.fusion.hierarchical._layout import sums
from daccord.fusion.hierarchical._likelihood import DOF, order_slopes
from daccord.fusion.hierarchical._scales import JUROR_NOISE_SD, Scales

__all__ = ["LOG_INFLATION", "LOG_SIGMA", "SHARPEST", "Expected", "learn_noise", "learn_ties"]

FloatArray = npt.NDArray[np.float64]

SHARPEST: Final = 0.1
"""Least noise: no answer is taken to be good to better than a tenth, however well answers agree."""
LOG_SIGMA: Final = (float(np.log(0.7)), 1.0)
"""Prior mean and standard deviation of ln σ."""
LOG_INFLATION: Final = (float(np.log(1.3)), 0.7)
"""Prior mean and standard deviation of the log inflation of stated intervals."""
_INFORMATION: Final = 2 * DOF / (DOF + 3)
_STEPS: Final = 8
_TRIES: Final = np.exp(np.linspace(-0.4, 0.4, 21))


@dataclass(frozen=True, eq=False)
class Expected:
    """What is known of η, answers that are no rankings.

    Attributes:
        eta: Mean, shape (n_rows,).
        variance: Its posterior variance, shape (n_rows,).
    """

    eta: FloatArray
    variance: FloatArray


def _fisher(log_scale: float, prior: tuple[float, float], score: FloatArray) -> float:
    """One Fisher-scoring step for a log scale from the answers' scores."""
    mean, sd = prior
    gradient = score.sum() - (log_scale - mean) / sd**2
    return float(log_scale + gradient / (len(score) * _INFORMATION + 1 / sd**2))


def _scores(evidence: Evidence, scales: Scales, expected: Expected, square: FloatArray) -> FloatArray:
    """Derivative of each answer's expected log density in ln σ, shape (n_rows,)."""
    sigma = scales.sigma(evidence, heard=False)
    u = square / sigma**2
    found = (DOF + 1) * u / (DOF + u) - 1
    if len(evidence.ends):
        at = evidence.ends
        spread = np.sqrt(sigma[at] ** 2 + expected.variance[at])
        away = expected.eta[at] - evidence.y[at]
        pull = order_slopes(evidence.end[at].astype(np.float64), away, spread, 0.0).gradient
        found[at] = -pull * away * (sigma[at] / spread) ** 2
    return np.asarray(found)


def learn_noise(evidence: Evidence, scales: Scales, expected: Expected) -> Scales:
    """Noise scales, jurors' factors and inflation that fit expected residuals best.

    What is common to all is learned from those who are more likely heard than not (see `_heard`); each juror's own
    factor is what it would be if he or she were.
    """
    listened = np.ones(len(evidence.y), dtype=np.bool_)
    if scales.heard is not None:
        listened = scales.heard[evidence.juror] > 0.5
    stated = (evidence.stated > 0) & listened
    is_ratio = (evidence.kind == RATIO) & listened
    is_plain = (evidence.kind == RATING) & (evidence.stated == 0) & listened
    graded = evidence.kind != ORDER
    has_ratio = evidence.has(RATIO)
    count = sums(evidence.juror, graded, evidence.jurors) * _INFORMATION
    square = (evidence.y - expected.eta) ** 2 + expected.variance
    for _ in range(_STEPS):
        score = _scores(evidence, scales, expected, square)
        ratio = float(np.exp(_fisher(np.log(scales.ratio), LOG_SIGMA, score[is_ratio])))
        scales = replace(
            scales,
            ratio=max(SHARPEST, ratio) if has_ratio else scales.ratio,
            rating=max(SHARPEST, float(np.exp(_fisher(np.log(scales.rating), LOG_SIGMA, score[is_plain])))),
            inflation=max(1.0, float(np.exp(_fisher(np.log(scales.inflation), LOG_INFLATION, score[stated])))),
        )
        score = _scores(evidence, scales, expected, square)
        of_juror = sums(evidence.juror, graded * score, evidence.jurors)
        log_juror = np.log(scales.juror)
        log_juror = log_juror + (of_juror - log_juror / JUROR_NOISE_SD**2) / (count + JUROR_NOISE_SD**-2)
        # The typical juror's factor is 1; what all share belongs to the kinds.
        scales = replace(scales, juror=np.exp(log_juror - (count @ log_juror) / max(float(count.sum()), 1.0)))
    return scales


def learn_ties(evidence: Evidence, scales: Scales, expected: Expected) -> Scales:
    """Tie threshold by search on the orders' likelihood."""
    rows = evidence.orders
    spread = np.sqrt(scales.sigma(evidence) ** 2 + expected.variance)[rows]
    outcome, seen = evidence.y[rows], expected.eta[rows]
    tried = scales.tie * _TRIES
    likelihood = [order_slopes(outcome, seen, spread, float(tie)).log_density.sum() for tie in tried]
    return replace(scales, tie=float(tried[int(np.argmax(likelihood))]))
