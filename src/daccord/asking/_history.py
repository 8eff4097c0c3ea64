"""What was asked so far on one criterion: of every project, and of one juror."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.judging import Judge, Judgments, Rankings
from daccord.round import Round

__all__ = ["History", "history_of", "tied_to"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class History:
    """What was asked on one criterion; arrays of shape (n_projects,) unless said otherwise.

    Attributes:
        asked: Questions put to people about each project, those left open included. A comparison counts for both
            projects, a ranking for each of its own.
        answered: This juror's answers.
        compared: This juror's comparisons.
        with_ratio: How many of them gave a ratio.
        heard: True for projects this juror has given an answer about.
        tied: True for projects this juror has a declared tie to.
        rated: True for projects this juror has rated.
        left_open: True for projects this juror could not tell anything about when asked about them alone.
        pairs: Pairs this juror answered, ranked or left open, as `low * n_projects + high`, rising, shape (n_pairs,).
    """

    asked: IntArray
    answered: int
    compared: int
    with_ratio: int
    heard: BoolArray
    tied: BoolArray
    rated: BoolArray
    left_open: BoolArray
    pairs: IntArray

    def had(self, a: IntArray, b: IntArray) -> BoolArray:
        """True for the pairs this juror has had already; positions `a` and `b` of equal shape."""
        return np.isin(np.minimum(a, b) * len(self.asked) + np.maximum(a, b), self.pairs)


def tied_to(round_: Round, judge: Judge) -> BoolArray:
    """True for projects that a judge has a declared tie to, directly or through their team, shape (n_projects,)."""
    ties = set(judge.conflicts)
    return np.array(
        [project.id in ties or (project.team != "" and project.team in ties) for project in round_.portfolio]
    )


def _by(said: Judgments, keep: BoolArray) -> Judgments:
    """What some of the judges said, without lists; `keep` has shape (n_judges,)."""
    tables = (said.comparisons, said.ratings, said.rankings, said.skips)
    comparisons, ratings, rankings, skips = (table.take(keep[table.judge]) for table in tables)
    return Judgments(comparisons, ratings, (), rankings, skips)  # type: ignore[arg-type]


def _ranked_pairs(rankings: Rankings) -> tuple[IntArray, IntArray]:
    """The two projects of every pair whose order a ranking tells: at least one of them has a place."""
    found = [
        (rankings.project[i], rankings.project[j])
        for k in range(len(rankings))
        for i in range(rankings.start[k], rankings.start[k] + rankings.placed[k])
        for j in range(i + 1, rankings.start[k + 1])
    ]
    a, b = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return a, b


def history_of(round_: Round, criterion: str, juror: Judge) -> History:
    """What was asked on a criterion.

    Args:
        round_: The round.
        criterion: Id of one of its criteria.
        juror: Whose own answers are wanted, a judge of the round.
    """
    size = len(round_.portfolio)
    people = _by(round_.judgments[criterion], np.array([judge.is_person for judge in round_.panel], dtype=np.bool_))
    own = _by(people, np.array([judge.id == juror.id for judge in round_.panel], dtype=np.bool_))
    c, pair = own.comparisons, own.skips.b >= 0
    one, other = _ranked_pairs(own.rankings)
    a = np.concatenate([c.a, own.skips.a[pair], one])
    b = np.concatenate([c.b, own.skips.b[pair], other])
    return History(
        asked=np.bincount(np.concatenate([_projects(people), _open(people)]), minlength=size),
        answered=len(c) + len(own.ratings) + len(own.rankings),
        compared=len(c),
        with_ratio=int(c.has_ratio.sum()),
        heard=np.bincount(_projects(own), minlength=size) > 0,
        tied=tied_to(round_, juror),
        rated=np.bincount(own.ratings.project, minlength=size) > 0,
        left_open=np.bincount(own.skips.a[~pair], minlength=size) > 0,
        pairs=np.unique(np.minimum(a, b) * size + np.maximum(a, b)),
    )


def _projects(said: Judgments) -> IntArray:
    """Project of every answer, one entry for each project that it is about."""
    return np.concatenate([said.comparisons.a, said.comparisons.b, said.ratings.project, said.rankings.project])


def _open(said: Judgments) -> IntArray:
    """Project of every question that was left open, likewise."""
    return np.concatenate([said.skips.a, said.skips.b[said.skips.b >= 0]])
