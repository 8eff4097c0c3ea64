"""How alike the answers of one juror about one project err.

Who speaks of a project ten times has not seen it ten times anew: what the juror believes of it comes back in every
answer. With ρ the correlation of the errors of such answers, r of them know as much as r / (1 + ρ (r − 1)). So the
noise variance of an answer is multiplied by

    1 + ρ (r − 1),

r being how often its juror spoke of the one of its projects that he or she spoke of most; of a ranking, on average over
its projects.

ρ is learned by moments from ψ, the score of each answer in units of its noise (its derivative in what the juror sees),
with the sign of the project in the contrast: over all pairs of answers by one juror about one project,

    ρ = Σ ψ_k ψ_l / Σ (ψ_k² + ψ_l²) / 2,

together with `BELIEF` pairs that say one half. Where errors have nothing to do with each other it comes out near 0 and
costs nothing. Where a few speak of one project all the time it comes out near 1, and they have one vote. With fewer
than `FEWEST` jurors it is 0.

Source: L. Kish, *Survey Sampling* (1965), the design effect of clusters.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._evidence import Evidence
from daccord.fusion.hierarchical._layout import sums
from daccord.fusion.hierarchical._scales import Scales
from daccord.fusion.hierarchical._seeing import State, seen_by, told

__all__ = ["BELIEF", "FEWEST", "learn_alike"]

FloatArray = npt.NDArray[np.float64]

BELIEF: Final = 20.0
"""Pairs of answers whose word the prior mean of ρ, one half, has against the round's own."""
_MEAN: Final = 0.5

FEWEST: Final = 5
"""Jurors below whom ρ is 0: with so few nobody can tell a view of one's own from the truth."""


def _scores(evidence: Evidence, scales: Scales, state: State) -> tuple[FloatArray, FloatArray]:
    """ψ of each row, shape (n_rows,), and of each place of a ranking, shape (n_places,)."""
    bare = replace(scales, heard=None, alike=0.0, juror=np.ones(evidence.jurors))
    sigma = bare.sigma(evidence)
    found = told(evidence, bare, seen_by(evidence, bare, state), sigma, 1.0)
    places = np.zeros(len(evidence.ranked.project))
    for block, slopes in zip(evidence.ranked.blocks, found.ranked, strict=True):
        places[block.place] = slopes.gradient / bare.lift(block, evidence)[:, None]
    return found.rows.gradient * sigma, places


def learn_alike(evidence: Evidence, scales: Scales, state: State) -> float:
    """ρ, from 0 to 1.

    Args:
        evidence: People's answers.
        scales: Noise scales; jurors' own factors do not count, for they may follow from the very answers in question.
        state: Most probable values at these scales.
    """
    if evidence.jurors < FEWEST:
        return 0.0
    rows, places = _scores(evidence, scales, state)
    layout, pairs = evidence.layout, evidence.b >= 0
    slot = np.concatenate([layout.slot_first, layout.slot_second[pairs], layout.slot_place])
    score = np.concatenate([rows, -rows[pairs], places])
    slots = len(layout.slot_juror)
    count, total = np.bincount(slot, minlength=slots), sums(slot, score, slots)
    square = sums(slot, score**2, slots)
    typical = float(np.mean(score**2)) if len(score) else 0.0
    if typical == 0.0:
        return _MEAN
    together = float((total**2 - square).sum()) + BELIEF * _MEAN * typical
    return float(np.clip(together / (float((count - 1.0).clip(0) @ square) + BELIEF * typical), 0.0, 1.0))
