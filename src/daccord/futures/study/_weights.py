"""Orders by weights, and how much they hang on them.

Model. C constitutions, M measures. A measure is brought to 0 … 1 over the constitutions,

    u_cm = (v_cm − worst_m) / (best_m − worst_m)        1 for all if all are equal: it carries no weight then

and a constitution's score under weights w ≥ 0, Σ w = 1, is Σ_m w_m u_cm. Bringing values to 0 … 1 makes a measure's
weight the worth of going from the worst to the best *of these constitutions*, and so adding a constitution can change
the order of the others. Weighed are the measures that the reader names, those with weight 0 too; all of them, if fewer
than two are named.

*Switches.* If measure m gets the share t of all weight and the others keep their proportions, every score is a straight
line in t, and the first place is the upper envelope of C lines: it is walked from crossing to crossing, exactly. If
nothing but m has weight, there are no proportions to keep and no switches.

*Acceptability.* With weights spread evenly over the simplex, the share of them that puts a constitution at a rank, and
the mean of those that put it first (central weights). Even over the simplex is Dirichlet(1, …, 1): exponentials over
their sum, from the generator of `world.uniforms` with the study's seed; `SAMPLE` of them, so a share is known to about
half a point. Equal scores share their ranks. Measures that say nearly the same count twice here: a reader who names
five measures of power and one of welfare has asked mostly about power.

Source: R. Lahdelma, J. Hokkanen & P. Salminen, "SMAA: stochastic multiobjective acceptability analysis", European
Journal of Operational Research 106 (1998).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
from daccord.futures.study._comparison import Ranking, Switch
from daccord.futures.study._study import MEASURES
from daccord.futures.world import uniforms

__all__ = [
    "SAMPLE",
    "Weighed",
    "acceptability",
    "even_weights",
    "rank",
    "switches",
    "to_unit",
    "weigh",
    "weighed_measures",
]

FloatArray = npt.NDArray[np.float64]

SAMPLE: Final = 10_000
"""Weights drawn."""
_DIGITS: Final = 12
"""Scores that agree to so many places are equal."""
_CLOSE: Final = 1e-12


@dataclass(frozen=True)
class Weighed:
    """Constitutions in order.

    Attributes:
        unit: Constitution × measure on 0 … 1; shape (C, M).
        weights: Adding up to 1; shape (M,).
        scores: By constitution; shape (C,).
        order: Positions of constitutions, best first; equals by name.
    """

    unit: FloatArray
    weights: FloatArray
    scores: FloatArray
    order: tuple[int, ...]


def weighed_measures(weights: Mapping[str, float]) -> tuple[str, ...]:
    """Measures that are weighed: those named, in the order of `MEASURES`; all if fewer than two are named."""
    named = tuple(name for name in MEASURES if name in weights)
    return named if len(named) > 1 else tuple(MEASURES)


def to_unit(values: FloatArray, measures: Sequence[str]) -> FloatArray:
    """Bring measures to 0 (worst of the constitutions) … 1 (best).

    Args:
        values: Constitution × measure, in the measure's own units; shape (C, M).
        measures: Names, of `MEASURES`.

    Returns:
        Shape (C, M); 1 throughout where all are equal up to rounding.
    """
    way = np.array([1.0 if MEASURES[name] == "more" else -1.0 for name in measures])
    signed = values * way
    low, high = signed.min(axis=0), signed.max(axis=0)
    width = high - low
    same = width <= _CLOSE * np.maximum(1.0, np.maximum(np.abs(low), np.abs(high)))
    return np.where(same, 1.0, (signed - low) / np.where(same, 1.0, width))


def weigh(
    values: FloatArray, measures: Sequence[str], weights: Mapping[str, float], constitutions: Sequence[str]
) -> Weighed:
    """Order constitutions by weights.

    Args:
        values: Constitution × measure, in the measure's own units; shape (C, M).
        measures: Names, of `MEASURES`.
        weights: Measure → weight, at least 0; measures without one have 0.
        constitutions: Names.

    Raises:
        InputError: No measure here has a positive weight.
    """
    share = np.array([float(weights.get(name, 0.0)) for name in measures])
    if not share.sum() > 0:
        raise InputError.single("study", "all are zero", column="weights", remedy="give some measure a weight")
    share = share / share.sum()
    unit = to_unit(values, measures)
    scores = unit @ share
    order = sorted(range(len(constitutions)), key=lambda c: (-round(float(scores[c]), _DIGITS), constitutions[c]))
    return Weighed(unit, share, scores, tuple(order))


def switches(weighed: Weighed, measures: Sequence[str], constitutions: Sequence[str]) -> tuple[Switch, ...]:
    """Where the first place changes as one weight moves from 0 to 1, measure by measure.

    Args:
        weighed: The order.
        measures: Names.
        constitutions: Names.
    """
    found: list[Switch] = []
    for m, name in enumerate(measures):
        rest = np.delete(weighed.weights, m)
        if not rest.sum() > 0:
            continue
        start = np.delete(weighed.unit, m, axis=1) @ (rest / rest.sum())
        slope = weighed.unit[:, m] - start
        first = _first(start, slope, constitutions)
        for at, after in _envelope(start, slope, first, constitutions):
            found.append(Switch(name, at, constitutions[first], constitutions[after]))
            first = after
    return tuple(found)


def _first(start: FloatArray, slope: FloatArray, names: Sequence[str]) -> int:
    """The highest line just above 0; of equals the first name."""
    return min(
        range(len(start)), key=lambda c: (-round(float(start[c]), _DIGITS), -round(float(slope[c]), _DIGITS), names[c])
    )


def _envelope(start: FloatArray, slope: FloatArray, first: int, names: Sequence[str]) -> list[tuple[float, int]]:
    """Crossings of the upper envelope of start + slope · t within (0, 1), and which line is highest after each."""
    passed: list[tuple[float, int]] = []
    while True:
        steeper = [c for c in range(len(start)) if slope[c] > slope[first] + _CLOSE]
        crossings = {c: float((start[first] - start[c]) / (slope[c] - slope[first])) for c in steeper}
        ahead = {c: at for c, at in crossings.items() if _CLOSE < at < 1 - _CLOSE}
        if not ahead:
            return passed
        at = min(ahead.values())
        together = [c for c in ahead if ahead[c] <= at + _CLOSE]
        first = min(together, key=lambda c: (-round(float(slope[c]), _DIGITS), names[c]))
        passed.append((at, first))


def acceptability(unit: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shares of ranks and central weights over a sample of weights.

    Args:
        unit: Constitution × measure on 0 … 1; shape (C, M).
        weights: Rows adding up to 1; shape (n, M).

    Returns:
        Share of the rows that put a constitution at a rank, shape (C, C), and the mean of those that put each first,
        shape (C, M); where several are first, each has its part of the row.
    """
    scores = np.round(weights @ unit.T, _DIGITS)
    before = (scores[:, None, :] > scores[:, :, None]).sum(axis=2)
    equal = (scores[:, None, :] == scores[:, :, None]).sum(axis=2)
    ranks = np.stack(
        [((before <= r) & (r < before + equal)) / equal for r in range(len(unit))], axis=2
    )  # row × constitution × rank
    parts = ranks[:, :, 0]
    sums = parts.sum(axis=0)
    central = parts.T @ weights / np.where(sums > 0, sums, 1.0)[:, None]
    return np.asarray(ranks.mean(axis=0)), np.asarray(central)


def even_weights(count: int, seed: int, size: int = SAMPLE) -> FloatArray:
    """Weights spread evenly over the simplex of `count` measures; shape (size, count)."""
    numbers = uniforms(seed, size)
    parts = -np.log(np.stack([numbers(f"weights:{m}") for m in range(count)], axis=1))
    return np.asarray(parts / parts.sum(axis=1, keepdims=True))


def rank(
    group: str, values: FloatArray, weights: Mapping[str, float], constitutions: Sequence[str], seed: int
) -> Ranking:
    """Rank the constitutions of one class, or of all.

    Args:
        group: Name of the class; "" for all.
        values: Means, columns in the order of `MEASURES`; shape (C, all measures).
        weights: The reader's, by measure; at least 0, some positive.
        constitutions: Names.
        seed: Where randomness starts.
    """
    measures = weighed_measures(weights)
    known = list(MEASURES)
    chosen = values[:, [known.index(name) for name in measures]]
    weighed = weigh(chosen, measures, weights, constitutions)
    shares, central = acceptability(weighed.unit, even_weights(len(measures), seed))
    return Ranking(
        group,
        measures,
        weighed.unit,
        weighed.weights,
        weighed.scores,
        weighed.order,
        switches(weighed, measures, constitutions),
        shares,
        central,
    )
