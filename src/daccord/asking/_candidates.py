"""Questions that one juror may be asked on one criterion, in an order that no file decides.

Never asked are projects the juror has a declared tie to, projects that a hard constraint holds whatever anybody says,
projects this juror could tell nothing about when asked about them alone, and what this juror has answered or left open
before.

Up to `WIDEST` projects all pairs are candidates. Beyond, all pairs of `WIDEST` projects are: up to half of them lack
evidence, half of the rest have the least certain awards, and the others are drawn.

Each candidate has a random number: Philox, keyed by the round's seed, the juror, the criterion and the number of this
juror's answers so far. It decides between questions that are nearly as good, and its last bit decides the sides. So
everybody who has the record can draw again what was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.asking._history import History
from daccord.asking._prospect import Prospect, key_of
from daccord.asking._types import Form

__all__ = ["WIDEST", "Candidates", "candidates_of"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
DrawArray = npt.NDArray[np.uint64]

WIDEST: Final = 300
"""Projects up to which all pairs are considered."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Questions one juror may be asked on one criterion.

    Attributes:
        at: Positions of the projects they are about, in the order of their ids, shape (n_at,).
        a: Index into `at` of the first project of each question, shape (n_questions,).
        b: Of the second one; −1 for a rating.
        priority: Random numbers, shape (n_questions,); the smallest of several good questions is asked.
        key: Where they start.
    """

    at: IntArray
    a: IntArray
    b: IntArray
    priority: DrawArray
    key: int

    def __len__(self) -> int:
        return len(self.a)

    def ends(self, values: IntArray | BoolArray) -> IntArray:
        """Sum of `values`, shape (n_projects,), over the one or two projects of each question."""
        own = values[self.at].astype(np.int64)
        return np.asarray(own[self.a] + np.where(self.b >= 0, own[self.b], 0))

    def touch(self, values: BoolArray) -> BoolArray:
        """Whether `values`, shape (n_projects,), is true for at least one of each question's projects."""
        return np.asarray(self.ends(values) > 0)


def _widest(open_: IntArray, lacking: BoolArray, spread: FloatArray, key: int) -> IntArray:
    """At most `WIDEST` of the open projects: some that lack evidence, some with unsure awards, some at random."""
    if len(open_) <= WIDEST:
        return open_
    drawn = open_[np.argsort(np.random.Philox(key=key).random_raw(len(open_)), kind="stable")]
    chosen = drawn[lacking[drawn]][: WIDEST // 2]
    rest = drawn[~np.isin(drawn, chosen)]
    unsure = rest[np.argsort(-spread[rest], kind="stable")][: (WIDEST - len(chosen)) // 2]
    others = rest[~np.isin(rest, unsure)][: WIDEST - len(chosen) - len(unsure)]
    return np.sort(np.concatenate([chosen, unsure, others]))


def candidates_of(
    prospect: Prospect, juror: str, criterion: str, form: Form, history: History, lacking: BoolArray
) -> Candidates:
    """All questions this juror may be asked.

    Args:
        prospect: The round.
        juror: Id.
        criterion: Id.
        form: Comparisons or ratings.
        history: Of this juror on this criterion.
        lacking: True for projects that lack evidence, shape (n_projects,).
    """
    key = key_of("ask", prospect.round.seed, juror, criterion, history.answered)
    barred = history.tied | prospect.held | history.left_open
    spread = np.zeros(len(barred)) if prospect.known is None else prospect.known.std(axis=0)[:-1]
    # Ranks by id, so that what is drawn does not hang on the order of a file.
    in_order = np.argsort(np.array(prospect.round.portfolio.ids), kind="stable").astype(np.int64)
    open_ = np.flatnonzero(~barred[in_order]).astype(np.int64)
    at = in_order[_widest(open_, lacking[in_order], spread[in_order], key)]
    if form == "rating":
        a, b = np.arange(len(at)), np.full(len(at), -1)
        fresh = ~history.rated[at]
    else:
        a, b = np.triu_indices(len(at), 1)
        fresh = ~history.had(at[a], at[b])
    priority = np.random.Philox(key=key, counter=1).random_raw(max(len(a), 1))[: len(a)]
    return Candidates(at, a[fresh].astype(np.int64), b[fresh].astype(np.int64), priority[fresh], key)
