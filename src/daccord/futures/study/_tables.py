"""Tables over classes: means, regret, goals held, the worst worlds, power over time, reversals.

Model. Scenario s has a mean welfare W_sc under constitution c, in years of life now per person.

    regret_sc = max_c' W_sc' − W_sc           best and worst of these constitutions only
    gap_sc = planner_s − W_sc

Standard errors are over the scenarios of a class, deviation / √n. Scenarios are dealt evenly, not independently, so
true errors are smaller, if anything. A class says what is possible, not how likely: no mean is taken over classes but
in the ranking over all, which says so.

The worst 5 % of worlds are those of all scenarios of a class together; of a world that lies on the line, only the part
below it counts (Rockafellar & Uryasev, "Conditional value-at-risk for general loss distributions", 2002).

A *reversal* is a pair of constitutions of which one has more mean welfare in one class, and the other in another (or
under two ways of valuing lives), each by more than twice the standard error of the difference in the same scenarios.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.study._check import OVER
from daccord.futures.study._comparison import Row
from daccord.futures.study._piece import Piece
from daccord.futures.study._study import MEASURES, Goal, Study

__all__ = ["BASE", "Cases", "gained", "over_time", "reversals", "rows", "satisfied", "worst_mean"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

BASE: Final = "no steering"
"""The constitution that goals can be measured against."""
TAIL: Final = 0.05
"""Share of worlds that are the worst."""
_CLOSE: Final = 1e-9
_ERRORS: Final = 2.0


@dataclass(frozen=True)
class Cases:
    """Pieces as arrays; P scenarios in the order of their index, C constitutions, F factors.

    Attributes:
        study: Where they are from.
        pieces: In order.
        names: Of the constitutions.
        groups: Classes with at least one piece, in the study's order.
        factors: Names of what varied.
        measures: Shape (P, C, M).
        welfare: Shape (P, C).
        values: Factors; shape (P, F).
    """

    study: Study
    pieces: tuple[Piece, ...]
    names: tuple[str, ...]
    groups: tuple[str, ...]
    factors: tuple[str, ...]
    measures: FloatArray
    welfare: FloatArray
    values: FloatArray

    def of(self, group: str) -> IntArray:
        """Positions of a class's scenarios."""
        return np.flatnonzero([piece.scenario.group == group for piece in self.pieces])

    @property
    def regret(self) -> FloatArray:
        """Shape (P, C)."""
        return np.asarray(self.welfare.max(axis=1, keepdims=True) - self.welfare)


def gained(first: FloatArray, second: FloatArray) -> FloatArray:
    """`first` less `second`, with differences that are only rounding brought to 0."""
    apart = first - second
    return np.where(np.abs(apart) <= _CLOSE * np.maximum(1.0, np.abs(first) + np.abs(second)), 0.0, apart)


def worst_mean(welfare: FloatArray, share: float = TAIL) -> float:
    """Mean of the lowest `share` of the values, the last one in part; the lowest itself if that is less than one.

    Args:
        welfare: Any number of values, at least one.
        share: In (0, 1].
    """
    ordered = np.sort(welfare, axis=None)
    size = max(1.0, share * len(ordered))
    part = np.clip(size - np.arange(len(ordered)), 0.0, 1.0)
    return float(ordered @ part / part.sum())


def satisfied(cases: Cases) -> BoolArray | None:
    """Which scenarios hold every goal, by constitution; shape (P, C). None if there are no goals."""
    goals = cases.study.goals
    if not goals:
        return None
    held = np.ones(cases.welfare.shape, np.bool_)
    for goal in goals:
        found = _goal_values(cases, goal)
        if goal.at_least is not None:
            held &= found >= goal.at_least
        if goal.at_most is not None:
            held &= found <= goal.at_most
    return held


def _goal_values(cases: Cases, goal: Goal) -> FloatArray:
    if goal.measure == OVER:
        return gained(cases.welfare, cases.welfare[:, [cases.names.index(BASE)]])
    return cases.measures[:, :, list(MEASURES).index(goal.measure)]


def rows(cases: Cases) -> tuple[Row, ...]:
    """A row for each class and constitution."""
    held, regret = satisfied(cases), cases.regret
    return tuple(_row(cases, group, c, held, regret) for group in cases.groups for c in range(len(cases.names)))


def _row(cases: Cases, group: str, c: int, held: BoolArray | None, regret: FloatArray) -> Row:
    mine = cases.of(group)
    measured, lost = cases.measures[mine, c], regret[mine]
    best = gained(cases.welfare[mine].max(axis=1, keepdims=True), cases.welfare[mine]) == 0
    error = measured.std(axis=0, ddof=1) / np.sqrt(len(mine)) if len(mine) > 1 else np.zeros(measured.shape[1])
    planner = np.array([cases.pieces[s].planner for s in mine])
    most = int(np.argmax(lost[:, c]))
    return Row(
        group,
        cases.names[c],
        _named(measured.mean(axis=0)),
        _named(error),
        worst_mean(np.concatenate([cases.pieces[s].welfare[c] for s in mine])),
        float(lost[:, c].mean()),
        float(lost[most, c]),
        dict(cases.pieces[mine[most]].scenario.factors),
        float((best[:, c] / best.sum(axis=1)).mean()),
        None if held is None else float(held[mine, c].mean()),
        float((planner - cases.welfare[mine, c]).mean()),
    )


def _named(values: FloatArray) -> Mapping[str, float]:
    return {name: float(value) for name, value in zip(MEASURES, values, strict=True)}


def over_time(cases: Cases, what: str) -> FloatArray:
    """Mean of a piece's `largest`, `hhi` or `agency` by class, constitution and year; shape (S, C, Y)."""
    return np.stack([np.mean([getattr(cases.pieces[s], what) for s in cases.of(group)], axis=0)
                     for group in cases.groups])  # fmt: skip


def reversals(cases: Cases) -> tuple[str, ...]:
    """Pairs of constitutions whose order by mean welfare differs between classes or ways of valuing lives."""
    classes = [(f"class {group}", cases.of(group)) for group in cases.groups]
    ways = sorted({piece.scenario.values for piece in cases.pieces})
    by_values = [
        (_way(cases.study, v), np.flatnonzero([piece.scenario.values == v for piece in cases.pieces])) for v in ways
    ]
    return (*_reversed(cases, classes), *_reversed(cases, by_values))


def _way(study: Study, values: int) -> str:
    """A way of valuing lives by what tells it from the others."""
    ways = study.values or (study.world.welfare,)
    own = vars(ways[values])
    telling = [f"{name} {own[name]:g}" for name in own if len({vars(way)[name] for way in ways}) > 1]
    return f"values {', '.join(telling) or values + 1}"


def _reversed(cases: Cases, parts: Sequence[tuple[str, IntArray]]) -> Iterator[str]:
    for a, b in combinations(range(len(cases.names)), 2):
        found = [(*_difference(cases, mine, a, b), label, mine) for label, mine in parts]
        clear = [(mean, label, mine) for mean, error, label, mine in found if abs(mean) > _ERRORS * error]
        if not clear:
            continue
        most, least = max(clear, key=lambda item: item[0]), min(clear, key=lambda item: item[0])
        if most[0] > 0 > least[0]:
            (_, here, mine), (_, there, others) = most, least
            one, two = cases.welfare[mine].mean(axis=0), cases.welfare[others].mean(axis=0)
            yield (
                f"{cases.names[a]} has more welfare than {cases.names[b]} in {here} ({one[a]:.2f} against {one[b]:.2f} "
                f"years of life), and less in {there} ({two[a]:.2f} against {two[b]:.2f})"
            )


def _difference(cases: Cases, mine: IntArray, a: int, b: int) -> tuple[float, float]:
    """Mean difference in welfare and its standard error: over scenarios, or over the worlds of a single one."""
    if len(mine) > 1:
        apart = gained(cases.welfare[mine, a], cases.welfare[mine, b])
    else:
        lived = cases.pieces[mine[0]].welfare
        apart = gained(lived[a], lived[b])
    error = float(apart.std(ddof=1) / np.sqrt(len(apart))) if len(apart) > 1 else 0.0
    return float(apart.mean()), error
