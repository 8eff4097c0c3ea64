"""Everybody's own scores, before anything is put together: one voice a person and kind of answer.

A person who compares speaks through generalised Bradley–Terry scores of the projects he or she compared
(`_generalised_bradley_terry`), in log-odds. A person who rates speaks through the ratings themselves, counted in sixths
of the rating scale, one of which is taken for one natural-log unit. Several ratings of one project by one person count
as their mean. Both kinds of scores are relative to the person's own typical project: they average to zero.

Whoever does both has two voices with half a voting right each, because nothing says how the two relate.

Models have no voice. What was said about skips, rankings and lists is not used here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._evidence import rating_units
from daccord.fusion.peers._generalised_bradley_terry import (
    GradedAnswers,
    fit_scores,
    grades,
    uncertainties,
)

__all__ = ["RATING_UNSURE", "PersonalScores", "mean_ratings", "personal_scores"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

RATING_UNSURE: Final = 1.0
"""Uncertainty to both sides of a rating without a stated interval, sixths of the scale."""


@dataclass(frozen=True, eq=False)
class PersonalScores:
    """Scores by voice; arrays of shape (n_scores,) unless said otherwise.

    Attributes:
        size: Number of projects.
        judge: Position in the panel of the person behind each voice, shape (n_voices,).
        voice: Position of the voice, not falling.
        project: Position of the project; a voice scores it once.
        value: Natural-log units; averages to zero over a voice's projects.
        left: How far it may lie below, at least 0, possibly infinite.
        right: How far it may lie above, likewise.
    """

    size: int
    judge: IntArray
    voice: IntArray
    project: IntArray
    value: FloatArray
    left: FloatArray
    right: FloatArray

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def weight(self) -> FloatArray:
        """Voting right of each voice: one a person, shared by his or her voices; shape (n_voices,)."""
        _, person, voices = np.unique(self.judge, return_inverse=True, return_counts=True)
        return np.asarray(1.0 / voices[person])

    def norm(self) -> FloatArray:
        """Largest absolute score of each voice, shape (n_voices,)."""
        largest = np.zeros(len(self.judge))
        np.maximum.at(largest, self.voice, np.abs(self.value))
        return largest

    def table(self, values: FloatArray) -> FloatArray:
        """`values` by voice and project, NaN where there is no score, shape (n_voices, size)."""
        cells = np.full((len(self.judge), self.size), np.nan)
        cells[self.voice, self.project] = values
        return cells


def personal_scores(task: FusionTask) -> PersonalScores:
    """Scores of everybody who compared or rated.

    Raises:
        ConvergenceError: A fit did not settle.
    """
    compared, rated = _compared(task), _rated(task)
    voices = len(compared.judge)
    return PersonalScores(
        size=len(task.projects),
        judge=np.concatenate([compared.judge, rated.judge]),
        voice=np.concatenate([compared.voice, rated.voice + voices]),
        project=np.concatenate([compared.project, rated.project]),
        value=np.concatenate([compared.value, rated.value]),
        left=np.concatenate([compared.left, rated.left]),
        right=np.concatenate([compared.right, rated.right]),
    )


def _compared(task: FusionTask) -> PersonalScores:
    """Voices of those who compared: one fit for all of them, which falls apart into one a person."""
    table, size = task.comparisons, len(task.projects)
    cells, place = np.unique(
        np.concatenate([table.judge * size + table.a, table.judge * size + table.b]), return_inverse=True
    )
    answers = GradedAnswers(len(cells), place[: len(table)], place[len(table) :], grades(table))
    value = fit_scores(answers)
    left, right = uncertainties(answers, value)
    judge, voice = np.unique(cells // max(size, 1), return_inverse=True)
    return PersonalScores(size, judge, voice, cells % max(size, 1), value, left, right)


def mean_ratings(task: FusionTask) -> tuple[IntArray, IntArray, FloatArray, FloatArray, FloatArray]:
    """People's ratings in sixths of the scale from its middle, several of one project by one person averaged.

    Returns:
        Position of the judge in the panel, position of the project, rating, and how far the stated interval reaches
        below and above it (`RATING_UNSURE` where none was stated), each of shape (n_scores,), by judge and project.
    """
    table, size = task.ratings, len(task.projects)
    middle, unit = rating_units(task)
    cells, place, times = np.unique(table.judge * size + table.project, return_inverse=True, return_counts=True)

    def average(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(place, values, len(cells)) / times)

    below = np.nan_to_num((table.value - table.low) / unit, nan=RATING_UNSURE)
    above = np.nan_to_num((table.high - table.value) / unit, nan=RATING_UNSURE)
    value = average((table.value - middle) / unit)
    left, right = average(np.maximum(below, 0.0)), average(np.maximum(above, 0.0))
    return cells // max(size, 1), cells % max(size, 1), value, left, right


def _rated(task: FusionTask) -> PersonalScores:
    """Voices of those who rated."""
    rater, project, value, left, right = mean_ratings(task)
    judge, voice, times = np.unique(rater, return_inverse=True, return_counts=True)
    own = np.bincount(voice, value, len(judge)) / np.maximum(times, 1)
    return PersonalScores(len(task.projects), judge, voice, project, value - own[voice], left, right)
