"""Bad jurors: the same questions, answered by a share of people who do not say what they see.

Adversaries are drawn at random among the people who answered. They keep their number of answers; what they say is, by
kind of attack:

    random      ratios and orders with a random sign and the size of somebody's answer, ratings anywhere on the scale
    promotion   together for one project: it wins every comparison (those not about it are turned to it) by a large but
                ordinary ratio, gets the highest rating, and comes first wherever it is ranked
    flipped     the opposite of what they see
    extreme     what they see, as far out as it goes: every ratio `EXTREME`, every rating at an end of the scale

Pure: the same seed gives the same adversaries and the same answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.judging import Comparisons, Rankings, Ratings

__all__ = ["ATTACKS", "EXTREME", "Contaminated", "contaminate"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

ATTACKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "random": "answers at random",
        "promotion": "together for one project",
        "flipped": "the opposite of what they see",
        "extreme": "every answer as far out as it goes",
    }
)
"""Attack → what adversaries do, for people."""

EXTREME: Final = float(np.log(1000.0))
"""ln ratio of an extreme answer: a thousand times."""

_LARGE: Final = 0.95
"""Quantile of the round's own ratios that a promoter gives: large, yet nothing a check of single answers would find."""


@dataclass(frozen=True, eq=False)
class Contaminated:
    """A task with bad jurors in it.

    Attributes:
        task: With the adversaries' answers in place of their own.
        adversaries: Positions in the panel, rising.
        target: Position of the promoted project; −1 if none is.
    """

    task: FusionTask
    adversaries: IntArray
    target: int


def _sign_of(table: Comparisons) -> FloatArray:
    return np.asarray(np.where(table.has_ratio, np.sign(np.nan_to_num(table.log_ratio)), table.outcome), dtype=float)


def _sized(table: Comparisons, bad: BoolArray, sign: FloatArray, size: FloatArray) -> Comparisons:
    """The table with bad answers of this sign and, where a ratio was given, this |ln ratio|."""
    ratio = np.where(bad & table.has_ratio, sign * size, table.log_ratio)
    outcome = np.where(bad, sign, table.outcome).astype(np.int64)
    return Comparisons(table.judge, table.a, table.b, outcome, ratio, table.revealed)


def _sizes(table: Comparisons) -> FloatArray:
    """|ln ratio| of the round's own answers that are no ties; the one of "twice" if there are none."""
    found = np.abs(table.log_ratio[table.has_ratio])
    found = found[found > 0]
    return found if len(found) else np.array([np.log(2.0)])


def _scale(task: FusionTask) -> tuple[float, float]:
    scale, value = task.criterion.scale, task.judgments.ratings.value
    if scale is not None:
        return scale.low, scale.high
    return (float(value.min()), float(value.max())) if len(value) else (0.0, 1.0)


def _rated(table: Ratings, bad: BoolArray, value: FloatArray) -> Ratings:
    """The table with bad ratings of this value; an interval keeps its width and moves along."""
    shift = np.where(bad, value - table.value, 0.0)
    return Ratings(
        table.judge, table.project, table.value + shift, table.low + shift, table.high + shift, table.revealed
    )


def _ranked(table: Rankings, bad: BoolArray, order: Mapping[int, IntArray]) -> Rankings:
    """The table with the places of bad rankings in another order; `order` has one for each of them."""
    places = [order[k] if bad[k] else table.project[table.start[k] : table.start[k + 1]] for k in range(len(table))]
    return Rankings(table.judge, table.start, table.placed, np.concatenate(places) if places else table.project)


def _to_target(table: Comparisons, bad: BoolArray, target: int) -> Comparisons:
    """Bad comparisons turned to the target: it takes the first project's place where it is not there."""
    elsewhere = bad & (table.a != target) & (table.b != target)
    return Comparisons(
        table.judge, np.where(elsewhere, target, table.a), table.b, table.outcome, table.log_ratio, table.revealed
    )


def contaminate(task: FusionTask, share: float, attack: str, seed: int, *, target: int | None = None) -> Contaminated:
    """Turn a share of the people who answered into adversaries.

    Args:
        task: What was said.
        share: Of the people who answered, in [0, 1]; rounded to whole people.
        attack: Key of `ATTACKS`.
        seed: Of who is bad and of what they say.
        target: Position of the project that `promotion` promotes; drawn from the seed if None.

    Raises:
        ValueError: There is no such attack, the share is not in [0, 1], or there is no such project.
    """
    if attack not in ATTACKS:
        raise ValueError(f"no attack is called {attack!r}: choose one of {', '.join(ATTACKS)}")
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"a share of people lies between 0 and 1, not at {share!r}")
    if target is not None and not 0 <= target < len(task.projects):
        raise ValueError(f"there is no project {target}")
    rng = np.random.default_rng([seed, 41])
    people = task.answering
    adversaries = np.sort(rng.choice(people, size=round(share * len(people)), replace=False))
    told = task.judgments
    comparisons, ratings, rankings = told.comparisons, told.ratings, told.rankings
    is_bad = np.zeros(len(task.panel), dtype=np.bool_)
    is_bad[adversaries] = True
    bad, rated, ranked = (is_bad[table.judge] for table in (comparisons, ratings, rankings))
    low, high = _scale(task)
    own = {k: rankings.project[rankings.start[k] : rankings.start[k + 1]] for k in np.flatnonzero(ranked).tolist()}
    chosen = -1
    if attack == "random":
        sign = rng.choice([-1.0, 1.0], len(comparisons))
        comparisons = _sized(comparisons, bad, sign, rng.choice(_sizes(task.comparisons), len(comparisons)))
        ratings = _rated(ratings, rated, rng.uniform(low, high, len(ratings)))
        order = {k: rng.permutation(places) for k, places in own.items()}
    elif attack == "promotion":
        chosen = int(rng.integers(len(task.projects))) if target is None else target
        comparisons = _to_target(comparisons, bad, chosen)
        sign = np.where(comparisons.a == chosen, 1.0, -1.0)
        large = float(np.quantile(_sizes(task.comparisons), _LARGE))
        comparisons = _sized(comparisons, bad, sign, np.full(len(comparisons), large))
        ratings = _rated(ratings, rated & (ratings.project == chosen), np.full(len(ratings), high))
        order = {k: places[np.argsort(places != chosen, kind="stable")] for k, places in own.items()}
    elif attack == "flipped":
        comparisons = _sized(comparisons, bad, -_sign_of(comparisons), np.abs(comparisons.log_ratio))
        ratings = _rated(ratings, rated, low + high - ratings.value)
        order = {k: places[::-1] for k, places in own.items()}
    else:
        comparisons = _sized(comparisons, bad, _sign_of(comparisons), np.full(len(comparisons), EXTREME))
        ratings = _rated(ratings, rated, np.where(ratings.value >= (low + high) / 2, high, low))
        order = own
    judgments = replace(told, comparisons=comparisons, ratings=ratings, rankings=_ranked(rankings, ranked, order))
    return Contaminated(replace(task, judgments=judgments), adversaries, chosen)
