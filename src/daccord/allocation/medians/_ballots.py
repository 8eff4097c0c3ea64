"""What each voter would give to each project, as integers.

A voter either names amounts, or weights for metrics. Weights become amounts in three steps. The values of a metric are
divided by their sum over the projects, marked projects being multiplied first by what the voter wants the mark to
multiply by; a project's score is the sum of these shares times the voter's weights; and the pot is divided in
proportion to scores, `min(cap, t · score)` with the one t at which it is used up. With the voter's multiplier u_i
(1 for a project without the mark), weights w_k and values c_ik:

    s_i = Σ_k w_k · u_i c_ik / Σ_j u_j c_jk        a_i = min(cap, t s_i)

All this is in integers over one common denominator a ballot; only the amounts themselves are rounded, down, to
`1 / FINE` of a minor unit. A ballot that says nothing (no weight, or weight only for metrics that no project has) is no
ballot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from daccord.allocation._exact import as_written
from daccord.allocation._rules import MoneyTask

__all__ = ["FINE", "Stated", "missing", "stated", "top_amount"]

FINE: Final = 10**12
"""Parts of a minor unit in which a voter's amounts are stated."""


@dataclass(frozen=True)
class Stated:
    """What voters said, without those who said nothing.

    Attributes:
        voters: Ids, in order.
        amounts: For each voter: position of a project → amount in `1 / FINE` minor units; a project that is not there
            was not voted on.
        whole: True if every voter speaks of every project, which weights for metrics do.
    """

    voters: tuple[str, ...]
    amounts: tuple[Mapping[int, int], ...]
    whole: bool


def top_amount(task: MoneyTask) -> int:
    """Most that one project may get by the rule's cap, minor units, rounded down."""
    cap = task.rules.metric_median.cap
    pot = task.budget.amount
    return pot if cap is None else math.floor(as_written(cap) * pot)


def missing(task: MoneyTask) -> str:
    """What a round lacks for this rule, in words; empty if nothing."""
    inputs = task.inputs
    ballots = inputs.ballots
    if inputs.metric_weights and len(ballots):
        return "it has both ballots and weights for metrics, and nothing says which count: leave one of them out"
    if not inputs.metric_weights:
        if not len(ballots):
            return "nobody has voted: add metrics.csv and metric-weights.csv, or ballots of amounts"
        if ballots.kind != "amount":
            return f"its ballots hold {ballots.kind}, and medians need amounts of money: say so in ballots.csv"
        return ""
    mark = task.rules.metric_median.multiplier
    known = {value.metric for value in inputs.metrics}
    strange = sorted({weight.metric for weight in inputs.metric_weights} - known - {mark})
    if strange:
        return f"a voter weighs the metric `{strange[0]}`, which no project has: correct its name, or add its values"
    if any(value.value not in {0, 1} for value in inputs.metrics if value.metric == mark):
        return f"the metric `{mark}` marks projects, and a value of it is neither 0 nor 1: correct it"
    if any(weight.weight == 0 for weight in inputs.metric_weights if weight.metric == mark):
        return f"a voter multiplies marked projects by zero (`{mark}`): write a number above zero, or no row"
    return ""


def stated(task: MoneyTask) -> Stated:
    """What each voter would give to each project of the task."""
    return _by_metrics(task) if task.inputs.metric_weights else _by_amounts(task)


def _by_amounts(task: MoneyTask) -> Stated:
    ballots = task.inputs.ballots
    here = {place: i for i, place in enumerate(task.places)}
    found: dict[int, dict[int, int]] = {}
    for voter, place, points in zip(
        ballots.voter.tolist(), ballots.project.tolist(), ballots.points.tolist(), strict=True
    ):
        if place in here:
            found.setdefault(voter, {})[here[place]] = points * FINE // 10**ballots.digits
    order = sorted(found)
    return Stated(tuple(ballots.voters[v] for v in order), tuple(found[v] for v in order), whole=False)


def _by_metrics(task: MoneyTask) -> Stated:
    mark = task.rules.metric_median.multiplier
    table = _Metrics.of(task)
    weights: dict[str, dict[str, Fraction]] = {}
    factors: dict[str, Fraction] = {}
    for row in task.inputs.metric_weights:
        if row.metric == mark:
            factors[row.voter] = row.weight
        elif row.weight and row.metric in table.columns:
            weights.setdefault(row.voter, {})[row.metric] = row.weight
    pot, cap = task.budget.amount, top_amount(task)
    amounts = []
    for voter, wanted in weights.items():
        scores = table.scores(wanted, factors.get(voter, Fraction(1)))
        amounts.append(dict(enumerate(divided(scores, pot, cap))))
    return Stated(tuple(weights), tuple(amounts), whole=True)


class _Metrics:
    """Values of metrics as integers, and their shares by multiplier.

    Args:
        columns: Metric → values, shape (n,), not all zero.
        marked: Whether a project has the mark, shape (n,).
    """

    def __init__(self, columns: Mapping[str, Sequence[int]], marked: Sequence[bool]) -> None:
        self.columns = columns
        self._marked = marked
        self._multiplied: dict[tuple[str, Fraction], tuple[list[int], int]] = {}

    @classmethod
    def of(cls, task: MoneyTask) -> _Metrics:
        """The metrics of the task's projects; one that is zero for all of them is left out."""
        mark = task.rules.metric_median.multiplier
        values: dict[str, dict[int, Fraction]] = {}
        marked = [False] * len(task)
        for row in task.inputs.metrics:
            i = task.index.get(row.project)
            if i is None or not row.value:
                continue
            if row.metric == mark:
                marked[i] = True
            else:
                values.setdefault(row.metric, {})[i] = row.value
        columns = {}
        for metric, by_project in values.items():
            common = math.lcm(*(value.denominator for value in by_project.values()))
            columns[metric] = [int(by_project.get(i, Fraction(0)) * common) for i in range(len(task))]
        return cls(columns, marked)

    def _column(self, metric: str, factor: Fraction) -> tuple[list[int], int]:
        """Multiplied values and their sum, on one integer scale."""
        key = (metric, factor)
        if key not in self._multiplied:
            times = [
                value * (factor.numerator if marked else factor.denominator)
                for value, marked in zip(self.columns[metric], self._marked, strict=True)
            ]
            self._multiplied[key] = times, sum(times)
        return self._multiplied[key]

    def scores(self, wanted: Mapping[str, Fraction], factor: Fraction) -> list[int]:
        """A voter's scores of the projects, on one integer scale, shape (n,)."""
        parts = [(weight, *self._column(metric, factor)) for metric, weight in wanted.items()]
        common = math.lcm(*(total * weight.denominator for weight, _, total in parts))
        scores = [0] * len(self._marked)
        for weight, values, total in parts:
            times = weight.numerator * (common // (total * weight.denominator))
            for i, value in enumerate(values):
                scores[i] += times * value
        return scores


def divided(scores: Sequence[int], pot: int, cap: int) -> list[int]:
    """`min(cap, t · score)` with the one t at which the pot is used up, in `1 / FINE` minor units, rounded down.

    The capped projects are a beginning of the list by score: a project is among them if its share of what the larger
    ones leave is above the cap.
    """
    rest, left = sum(scores), pot
    full = 0
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    for i in order:
        if not scores[i] or scores[i] * left <= cap * rest:
            break
        rest -= scores[i]
        left -= cap
        full += 1
    out = [0] * len(scores)
    for rank, i in enumerate(order):
        if scores[i]:
            out[i] = cap * FINE if rank < full else scores[i] * left * FINE // rest
    return out
