"""Whether a juror is heard: whether his or her answers have to do with the projects at all.

Heavy tails bound what one wild answer can do, and a juror's own noise factor quiets a careless one. Neither is enough
against people who answer at random, at an extreme, or the wrong way round: each of their answers is mild, and there
are many. So each juror is, with probability `PRIOR`, one who tells what he or she sees; and otherwise one whose answers
would be the same whatever the projects are worth:

* a ratio around 1, a rating around the middle one, as widely as the round's answers spread;
* an order or a tie as often as the round's orders and ties.

The odds that a juror is heard are the prior odds times how much likelier the first makes all of his or her answers,
the values being known only so well. In the fit, noise variance is divided by that probability, so the answers of a
juror who is not heard say next to nothing, and no threshold decides about anybody. Nor does such a juror define the
unit of stretch. Rankings do not enter: a juror who only ranks is heard.

Source: for the mixture, J. Tukey's contaminated normal (1960) with jurors in place of answers; probabilities by
expectation maximisation (A. P. Dempster, N. M. Laird, D. B. Rubin, JRSS B 39, 1977).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._metrics import student_t_log_density
from daccord.fusion.hierarchical._evidence import RATING, RATIO, Evidence
from daccord.fusion.hierarchical._layout import sums
from daccord.fusion.hierarchical._likelihood import DOF, order_slopes
from daccord.fusion.hierarchical._noise import SHARPEST, Expected
from daccord.fusion.hierarchical._scales import Scales

__all__ = ["FAINTEST", "PRIOR", "heard"]

FloatArray = npt.NDArray[np.float64]

PRIOR: Final = 0.8
"""Probability that a juror is heard, before he or she has said anything."""

FAINTEST: Final = 0.02
"""Least probability: nobody is struck out, and the fit keeps a way back."""

_MEDIAN: Final = 0.741
"""Median of |t| for a Student-t with 4 degrees of freedom and scale 1."""
_SURE: Final = 30.0


def heard(evidence: Evidence, scales: Scales, expected: Expected) -> FloatArray:
    """Probability that each juror's answers have to do with the projects.

    Args:
        evidence: People's answers.
        scales: Noise scales.
        expected: What jurors see, and how surely that is known.

    Returns:
        In [`FAINTEST`, 1], shape (n_jurors,).
    """
    gain = np.zeros(len(evidence.y))
    spread = np.sqrt(scales.sigma(evidence, heard=False) ** 2 + expected.variance)
    for kind in (RATIO, RATING):
        rows = evidence.kind == kind
        if rows.any():
            y = evidence.y[rows]
            centre = float(np.median(y)) if kind == RATING else 0.0
            wide = max(float(np.median(np.abs(y - centre))) / _MEDIAN, SHARPEST)
            gain[rows] = student_t_log_density(y - expected.eta[rows], spread[rows], DOF)
            gain[rows] -= student_t_log_density(y - centre, wide, DOF)
    rows = evidence.orders
    if len(rows):
        y = evidence.y[rows]
        ties = (float((y == 0).sum()) + 0.5) / (len(rows) + 1)
        blank = np.where(y == 0, np.log(ties), np.log((1 - ties) / 2))
        gain[rows] = order_slopes(y, expected.eta[rows], spread[rows], scales.tie).log_density - blank
    odds = np.log(PRIOR / (1 - PRIOR)) + sums(evidence.juror, gain, evidence.jurors)
    found = 1 / (1 + np.exp(-np.clip(odds, -_SURE, _SURE)))
    answered = np.bincount(evidence.juror, minlength=evidence.jurors) > 0
    return np.where(answered, np.maximum(found, FAINTEST), 1.0)
