"""Folds of held-out answers: dealing, thinning, and fitting the rest of each fold.

Each fold is fitted to the other folds' answers once. Because the posterior for any other prior follows from that fit's
information matrix (`_predict`), predictions for every prior spread, noise and choice of the voices' coefficients cost
no new fit.

A voice can show what it is worth where people have said little: with a thousand answers on a project, what was the
prior hardly moves a prediction, and coefficients would be read off noise. So where answers are plenty, a fold is fitted
to some of them only (`_sample`), and of the held-out ones at most `SCORED` are scored.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._evidence import Evidence
from daccord.fusion.hierarchical._layout import sums
from daccord.fusion.hierarchical._posterior import fit_conditional
from daccord.fusion.hierarchical._predict import DIAGONALISED, DiagonalFold, Fold, SolvedFold
from daccord.fusion.hierarchical._sample import content_of, evenly, thinned
from daccord.fusion.hierarchical._scales import Scales

__all__ = ["FOLDS", "ROUGH", "SCORED", "deal_folds", "fit_folds"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FOLDS: Final = 5
ROUGH: Final = 1e-5
"""Tolerance of fits that only serve to compare."""
SCORED: Final = 20_000
"""Most held-out answers that are scored: more tell nothing more."""


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
    count = sums(evidence.answered_by, evidence.choices, evidence.jurors)
    if (count > 0).sum() >= folds and count.max() <= evidence.total / 2:
        group, how = evidence.answered_by, "juror"
    else:
        group, how = _compared(evidence), "pair"
    size = np.bincount(group)
    content, project = content_of(evidence)
    # Of two that said as much about the same, whoever favoured the more discussed project comes later.
    second = np.where(evidence.b < 0, 0.0, project[evidence.b])
    favour = np.concatenate([evidence.y * (project[evidence.a] - second), content[evidence.rows :]])
    content, favour = sums(group, content, len(size)), sums(group, favour, len(size))
    order = np.lexsort((np.round(favour, 9), np.round(content, 9), -size))
    position = np.empty(len(size), dtype=np.int64)
    position[order] = np.arange(len(size))
    return ((position + repeat * (position // folds)) % folds)[group], how


def _compared(evidence: Evidence) -> IntArray:
    """Group of each answer by what was compared: a pair, a rated project, or a set of ranked projects."""
    other = np.where(evidence.b < 0, evidence.a, evidence.b)
    key = np.minimum(evidence.a, other) * (evidence.size + 1) + np.maximum(evidence.a, other)
    _, group = np.unique(key, return_inverse=True)
    ranked, known = evidence.ranked, dict[tuple[int, ...], int]()
    sets = (
        [tuple(sorted(part.tolist())) for part in np.split(ranked.project, ranked.start[1:-1])] if len(ranked) else []
    )
    of_set = [known.setdefault(projects, len(known)) for projects in sets]
    return np.concatenate([group, np.array(of_set, dtype=np.int64) + group.max(initial=-1) + 1])


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
    parts = np.unique(fold)
    kind = DiagonalFold if evidence.size <= DIAGONALISED else SolvedFold
    found: list[Fold] = []
    for k in parts:
        rest = thinned(evidence.take(fold != k))
        if not len(rest):
            continue
        held = evidence.take(fold == k)
        held = held.take(evenly(held, SCORED // len(parts)))
        found.append(kind(held, fit_conditional(rest, mean, tau, scales, tolerance=ROUGH), voices, tau))
    return found
