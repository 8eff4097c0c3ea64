"""What the rule `bradley-terry` reads of a task: people's comparisons as games, their rankings broken into pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError, NoPeopleError, Problem
from daccord.fusion._task import FusionTask
from daccord.judging import Comparisons, Rankings

__all__ = ["Games", "games_of", "ranked_pairs"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Games:
    """Who was put above whom, arrays of shape (n_games,).

    Attributes:
        judge: Position in the panel.
        a: Position of the first project.
        b: Position of the second.
        outcome: +1 if the first was put above, −1 if below, 0 for a tie.
        answers: Answers behind each project, shape (n_projects,); a ranking counts once for each of its own.
        jurors: Different people behind each project, shape (n_projects,).
    """

    judge: IntArray
    a: IntArray
    b: IntArray
    outcome: IntArray
    answers: IntArray
    jurors: IntArray

    def __len__(self) -> int:
        return len(self.judge)

    @classmethod
    def of(cls, comparisons: Comparisons, rankings: Rankings, size: int) -> Games:
        """The games of some answers about `size` projects."""
        judge, above, below = ranked_pairs(rankings)
        places = np.repeat(rankings.judge, rankings.size)
        told = np.concatenate([comparisons.a, comparisons.b, rankings.project])
        tellers = np.concatenate([comparisons.judge, comparisons.judge, places])
        people = int(tellers.max(initial=-1)) + 1
        pairs = np.unique(told * people + tellers)
        return cls(
            judge=np.concatenate([comparisons.judge, judge]),
            a=np.concatenate([comparisons.a, above]),
            b=np.concatenate([comparisons.b, below]),
            outcome=np.concatenate([comparisons.outcome, np.ones_like(above)]),
            answers=np.bincount(told, minlength=size),
            jurors=np.bincount(pairs // max(people, 1), minlength=size),
        )


def ranked_pairs(rankings: Rankings) -> tuple[IntArray, IntArray, IntArray]:
    """Judge, upper and lower project of every two projects of a ranking whose order it tells.

    Where a ranking comes about by choosing the best, then the best of the rest, and so on (Plackett and Luce), any two
    projects of it stand in Bradley and Terry's model; the pairs of one ranking are not independent.
    """
    empty = np.empty(0, dtype=np.int64)
    judges, uppers, lowers = [empty], [empty], [empty]
    for k in range(len(rankings)):
        own = rankings.project[rankings.start[k] : rankings.start[k + 1]]
        upper, lower = np.triu_indices(len(own), 1)
        told = upper < rankings.placed[k]
        uppers.append(own[upper[told]])
        lowers.append(own[lower[told]])
        judges.append(np.full(int(told.sum()), rankings.judge[k]))
    return np.concatenate(judges), np.concatenate(uppers), np.concatenate(lowers)


def games_of(task: FusionTask, rule: str) -> Games:
    """People's games.

    Raises:
        NoPeopleError: People answered nothing.
        InputError: They answered, but put nothing above anything.
    """
    games = Games.of(task.comparisons, task.rankings, len(task.projects))
    if len(games):
        return games
    if len(task.ratings):
        raise InputError.single(
            "comparisons.csv",
            f"no person compared two projects on {task.criterion.id!r}, and rule {rule!r} does not read ratings",
            remedy="ask for comparisons or rankings, or choose a fusion rule that reads ratings",
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
