"""Some answers out of many, taken evenly in an order of their content, so that neither files nor names choose them."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._evidence import Evidence
from daccord.fusion.hierarchical._layout import sums

__all__ = ["EACH", "LEAST", "content_of", "evenly", "thinned"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

EACH: Final = 10
"""Answers a project, on average, that a thinned round has at most."""
LEAST: Final = 500
"""Answers that a thinned round may have in any case."""


def content_of(evidence: Evidence) -> tuple[FloatArray, FloatArray]:
    """What answers are about, without names, sides or positions in a file.

    Returns:
        A number that stands for what each answer says, shape (n_answers,), and how much is said of each project, shape
        (n_projects,).
    """
    amount = np.abs(evidence.y) + 0.1 * evidence.kind
    second = np.where(evidence.b < 0, evidence.a, evidence.b)
    ranked = evidence.ranked
    at = np.concatenate([evidence.a, second, ranked.project])
    project = sums(at, np.concatenate([amount, amount, np.zeros(len(ranked.project))]) + 1, evidence.size)
    content = amount + np.sqrt(project[evidence.a]) + np.sqrt(project[second])
    # Where a project stands in a ranking counts, or two rankings of the same projects could not be told apart.
    place = np.arange(len(ranked.project)) - ranked.start[ranked.owner]
    weight = 1 / (1 + np.minimum(place, ranked.placed[ranked.owner]))
    places = sums(ranked.owner, np.sqrt(project[ranked.project]) * weight, len(ranked))
    return np.concatenate([content, places]), project


def evenly(evidence: Evidence, most: int) -> IntArray:
    """Positions of at most so many answers, rising, taken evenly from all of them in an order of their content.

    A ranking counts as the choices behind it, on average.
    """
    if evidence.total <= most:
        return np.arange(len(evidence))
    most = max(1, int(most * (len(evidence) / evidence.total)))
    order = np.argsort(np.round(content_of(evidence)[0], 9), kind="stable")
    return np.sort(order[((np.arange(most) + 0.5) * (len(evidence) / most)).astype(np.int64)])


def thinned(evidence: Evidence) -> Evidence:
    """The answers, or some of them: on average at most `EACH` a project."""
    most = max(LEAST, EACH * evidence.size)
    return evidence if evidence.total <= most else evidence.take(evenly(evidence, most))
