"""Who was put above whom: what the baselines read, and the beliefs they give back.

`elo`, `pagerank` and `rank-centrality` are what peers print beside their own method. They read people's comparisons as
games, a tie as half a win for either side, and know no uncertainty. Their standard deviations are **nominal**: what a
Bradley–Terry fit would know of project i if all projects were equal,

    1 / (d_i / 4 + 1 / v),   d_i its answers, v = max(1, mean θ² of the compared projects),

because the outcome of a game between equals tells 1/4 about the squared log-odds. A project nobody compared gets √v.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from daccord.errors import InputError, NoPeopleError, Problem
from daccord.fusion._beliefs import Component, CriterionBeliefs
from daccord.fusion._task import FusionTask
from daccord.judging import Comparisons

__all__ = ["WinMatrix", "baseline_beliefs", "games_of", "score_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

EQUAL_GAME: Final = 0.25
"""What the outcome of a game between equals tells about the difference of their log-odds."""

_NAMED = 5
"""Projects listed by name in a warning."""


def score_of(games: Comparisons) -> FloatArray:
    """1 where the first project was put above the second, 0 where below, ½ for a tie; shape (n_games,)."""
    return np.asarray((games.outcome + 1) / 2, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class WinMatrix:
    """Wins between projects.

    Attributes:
        wins: Element (i, j) is how much says that i is above j, at least 0; sparse, shape (size, size).
    """

    wins: csr_array

    @classmethod
    def of(cls, games: Comparisons, size: int, weight: FloatArray | None = None) -> WinMatrix:
        """Add up comparisons.

        Args:
            games: Comparisons; only who was above whom is read.
            size: Number of projects, compared or not.
            weight: What each comparison counts for, above 0, shape (n_games,); 1 if None.
        """
        one = np.ones(len(games)) if weight is None else weight
        for_a = score_of(games) * one
        values = np.concatenate([for_a, one - for_a])
        at = (np.concatenate([games.a, games.b]), np.concatenate([games.b, games.a]))
        wins = csr_array(coo_array((values, at), shape=(size, size)))
        wins.eliminate_zeros()
        return cls(wins)

    @property
    def size(self) -> int:
        """Number of projects."""
        return int(self.wins.shape[0])

    @cached_property
    def group(self) -> IntArray:
        """Connected group of every project, shape (size,); a project nobody compared is a group of its own."""
        return np.asarray(connected_components(self.wins, directed=False)[1], dtype=np.int64)

    @cached_property
    def members(self) -> tuple[IntArray, ...]:
        """Positions of the projects of every group with at least two projects."""
        return tuple(np.flatnonzero(self.group == g) for g in np.flatnonzero(np.bincount(self.group) > 1))


def games_of(task: FusionTask, rule: str) -> Comparisons:
    """People's comparisons.

    Raises:
        NoPeopleError: People answered nothing.
        InputError: They answered, but compared nothing.
    """
    if len(task.comparisons):
        return task.comparisons
    if len(task.ratings) or len(task.rankings):
        raise InputError.single(
            "comparisons.csv",
            f"no person compared two projects on {task.criterion.id!r}, and rule {rule!r} reads nothing else",
            remedy="ask for comparisons, or choose a fusion rule that reads ratings and rankings",
        )
    raise NoPeopleError(
        [
            Problem(
                "comparisons.csv",
                None,
                None,
                f"no comparison by a person on {task.criterion.id!r}",
                "add people's comparisons; models alone never decide",
            )
        ]
    )


def _nominal_variance(theta: FloatArray, answers: IntArray) -> FloatArray:
    wide = max(1.0, float(np.mean(theta[answers > 0] ** 2)))
    return np.asarray(1.0 / (EQUAL_GAME * answers + 1.0 / wide))


def _component(task: FusionTask, theta: FloatArray, variance: FloatArray) -> Component:
    """The beliefs' one component; the projects count as independent, also in the margin over a relative bar."""
    threshold = task.criterion.threshold
    if threshold is None or threshold.kind != "relative":
        return Component(1.0, theta, variance)
    size = len(theta)
    spread = np.sqrt(variance * (1 - 2 / size) + variance.mean() / size)
    return Component(1.0, theta, variance, theta - theta.mean() - np.log(threshold.value), spread)


def _warnings(task: FusionTask, rule: str, matrix: WinMatrix, answers: IntArray) -> list[str]:
    """What was not used and what is not known, in words for people."""
    unused = {
        "ratings of people": len(task.ratings),
        "rankings of people": len(task.rankings),
        "comparisons by models": len(task.model_comparisons),
        "lists of models": len(task.judgments.lists),
    }
    notes = [f"{rule} is a baseline without intervals of its own; its standard deviations are nominal"]
    notes += [f"rule {rule} does not use {what}: {count} set aside" for what, count in unused.items() if count]
    alone = [task.projects[i] for i in np.flatnonzero(answers == 0)]
    if alone:
        more = f" and {len(alone) - _NAMED} more" if len(alone) > _NAMED else ""
        notes.append(f"nobody compared {', '.join(alone[:_NAMED])}{more}: nothing is known of their value")
    if len(matrix.members) > 1:
        notes.append(
            f"no comparison links the {len(matrix.members)} groups that the compared projects fall into: "
            "values of different groups are not known against each other"
        )
    threshold = task.criterion.threshold
    if threshold is not None and threshold.kind == "rating":
        notes.append(
            f"rule {rule} has no rating level: nothing is said about the threshold {threshold.value:g}; "
            "state it relative to the typical project, or use another rule"
        )
    return notes


def baseline_beliefs(
    task: FusionTask,
    rule: str,
    games: Comparisons,
    theta: FloatArray,
    *,
    parameters: Mapping[str, float],
    diagnostics: Mapping[str, float],
) -> CriterionBeliefs:
    """Beliefs with a baseline's values and nominal standard deviations.

    Args:
        task: What was said.
        rule: Name of the rule.
        games: The comparisons it read.
        theta: Log-values, natural log, shape (n_projects,).
        parameters: What the rule fixed.
        diagnostics: How well its computation settled.
    """
    size = len(task.projects)
    matrix = WinMatrix.of(games, size)
    said = np.stack([np.concatenate([games.a, games.b]), np.concatenate([games.judge, games.judge])])
    answers = np.bincount(said[0], minlength=size)
    return CriterionBeliefs(
        criterion=task.criterion.id,
        rule=rule,
        components=(_component(task, theta - theta.mean(), _nominal_variance(theta - theta.mean(), answers)),),
        judgments=answers,
        jurors=np.bincount(np.unique(said, axis=1)[0], minlength=size),
        parameters=parameters,
        diagnostics={"answers": float(len(games)), "groups": float(len(matrix.members)), **diagnostics},
        warnings=tuple(f"{task.criterion.id}: {text}" for text in _warnings(task, rule, matrix, answers)),
    )
