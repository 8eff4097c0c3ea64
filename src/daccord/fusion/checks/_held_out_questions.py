"""What held-out scoring asks: which of two projects is worth more, and how many times, as people answered.

Every answer becomes questions about a pair with a target p, the probability that it gives to the first project:

* a **ratio** r: p = r/(1 + r), as the public analysis of the Deep Funding trial does;
* an **order**: p = 1 or 0, a tie ½;
* **ratings**: every two projects that one juror rated, p = 1 or 0 by which was rated higher, ½ if neither; a juror with
  m ratings makes m(m − 1)/2 pairs, each of weight 1/(m − 1), so m ratings count for m/2 answers;
* **rankings**: every two projects whose order the ranking tells, likewise with weight 1/(m − 1).

Whole jurors are held out with everything they said, if at least five people answered and none gave more than half. If
not, pairs are held out whoever compared them; then only comparisons are asked about, and ratings and rankings stay
evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._metrics import soft_target
from daccord.fusion._task import FusionTask

__all__ = ["KINDS", "ORDER", "RANKED", "RATED", "RATIO", "Questions", "questions_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Columns = dict[str, npt.NDArray[Any]]

RATIO: Final = 0
ORDER: Final = 1
RATED: Final = 2
RANKED: Final = 3

KINDS: Final = ("ratios", "orders", "pairs of ratings", "pairs from rankings")
"""Names of the kinds of questions, by their number."""

FEWEST_JURORS: Final = 5
"""People who must have answered before whole jurors are held out."""


@dataclass(frozen=True, eq=False)
class Questions:
    """Questions about pairs with people's answers; arrays of shape (n_questions,).

    Attributes:
        task: What was said.
        kind: `RATIO`, `ORDER`, `RATED` or `RANKED`.
        judge: Position in the panel of who answered.
        a: First project.
        b: Second project.
        log_ratio: ln r; NaN where no ratio was given.
        target: Probability that the answer gives to the first project.
        weight: What the question counts for.
        row: Row in the task's table of comparisons; −1 for ratings and rankings.
        by_juror: Whether whole jurors are held out.
    """

    task: FusionTask
    kind: IntArray
    judge: IntArray
    a: IntArray
    b: IntArray
    log_ratio: FloatArray
    target: FloatArray
    weight: FloatArray
    row: IntArray
    by_juror: bool

    def __len__(self) -> int:
        return len(self.target)

    @cached_property
    def is_ratio(self) -> BoolArray:
        """True where a ratio was given."""
        return np.asarray(self.kind == RATIO)

    @cached_property
    def group(self) -> IntArray:
        """What is never split between fitting and scoring: jurors or pairs, numbered from 0."""
        low, high = np.minimum(self.a, self.b), np.maximum(self.a, self.b)
        key = self.judge if self.by_juror else low * len(self.task.projects) + high
        return np.asarray(np.unique(key, return_inverse=True)[1])

    def folds(self, seed: int, repeat: int, folds: int) -> IntArray:
        """Fold of each question; whole groups, dealt at random from the seed."""
        groups = int(self.group.max()) + 1
        # Deals lie 2^64 numbers apart in the generator's stream, so none is a shifted copy of another.
        key = np.random.Philox(key=seed & (2**64 - 1), counter=repeat << 64).random_raw(groups)
        fold = np.empty(groups, dtype=np.int64)
        fold[np.argsort(key, kind="stable")] = np.arange(groups) % folds
        return np.asarray(fold[self.group])

    def without(self, held: IntArray, *, models: bool = True) -> FusionTask:
        """The task as somebody knows it who has not heard the held questions' answers.

        Args:
            held: Positions of whole groups.
            models: False to leave out what models said, too.
        """
        task = self.task
        if self.by_juror:
            keep = np.ones(len(task.panel), dtype=np.bool_)
            keep[self.judge[held]] = False
            task = task.only(keep)
        else:
            rest = np.ones(len(task.judgments.comparisons), dtype=np.bool_)
            rest[self.row[held]] = False
            table = task.judgments.comparisons.take(rest)
            task = replace(task, judgments=replace(task.judgments, comparisons=table))
        return task if models else task.only(task.is_person)


def _comparisons(task: FusionTask) -> Columns:
    table = task.judgments.comparisons
    row = np.flatnonzero(task.is_person[table.judge])
    ratio = table.log_ratio[row]
    graded = ~np.isnan(ratio)
    return {
        "kind": np.where(graded, RATIO, ORDER),
        "judge": table.judge[row],
        "a": table.a[row],
        "b": table.b[row],
        "log_ratio": ratio,
        "target": np.where(graded, soft_target(np.where(graded, ratio, 0.0)), (table.outcome[row] + 1) / 2),
        "weight": np.ones(len(row)),
        "row": row,
    }


def _pairs(kind: int, judge: int, a: IntArray, b: IntArray, target: FloatArray, size: int) -> Columns:
    """Questions about pairs that one juror put in order, `size` projects together."""
    many = len(a)
    return {
        "kind": np.full(many, kind),
        "judge": np.full(many, judge),
        "a": a,
        "b": b,
        "log_ratio": np.full(many, np.nan),
        "target": target,
        "weight": np.full(many, 1.0 / (size - 1)),
        "row": np.full(many, -1),
    }


def _rated(task: FusionTask) -> list[Columns]:
    table = task.ratings
    found = []
    for judge in np.unique(table.judge):
        own = table.take(table.judge == judge)
        one, other = np.triu_indices(len(own), 1)
        apart = own.project[one] != own.project[other]
        one, other = one[apart], other[apart]
        if not len(one):
            continue
        target = (np.sign(own.value[one] - own.value[other]) + 1) / 2
        found.append(_pairs(RATED, int(judge), own.project[one], own.project[other], target, len(own)))
    return found


def _ranked(task: FusionTask) -> list[Columns]:
    table = task.rankings
    found = []
    for k in range(len(table)):
        own = table.project[table.start[k] : table.start[k + 1]]
        upper, lower = np.triu_indices(len(own), 1)
        told = upper < table.placed[k]
        a, b = own[upper[told]], own[lower[told]]
        found.append(_pairs(RANKED, int(table.judge[k]), a, b, np.ones(len(a)), len(own)))
    return found


def questions_of(task: FusionTask) -> Questions:
    """All questions that people's answers make."""
    parts = [_comparisons(task), *_rated(task), *_ranked(task)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    told = np.bincount(columns["judge"], columns["weight"], minlength=1)
    by_juror = bool((told > 0).sum() >= FEWEST_JURORS and told.max() <= told.sum() / 2)
    if not by_juror:
        compared = columns["row"] >= 0
        columns = {name: column[compared] for name, column in columns.items()}
    return Questions(task=task, by_juror=by_juror, **columns)
