"""How far one evaluator moves the plan, what slowing would be worth, and an exact look at few technologies.

Influence is leave-one-out: the budget is planned again without an evaluator's worlds, all other weights in proportion.
`moved` is the share of the budget that then goes elsewhere (half the sum of absolute differences, money kept counting
as one more place). An evaluator who moves much need not be wrong, and one who moves little may still be.

Slowing has no price in the model: whoever slows a technology pays in politics, which nobody has measured. So its worth
is reported and not optimised: W by a first small slowing, per tenth of speed, during the window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.planner._objective import Objective
from daccord.futures.planner._solve import solve
from daccord.futures.world import Outcome, draw

__all__ = ["Influence", "Slowing", "grid", "influences", "slowings"]

FloatArray = npt.NDArray[np.float64]

_TENTH: Final = 0.1
_ROUGH: Final = 1e-5


@dataclass(frozen=True)
class Influence:
    """What the plan would be without an evaluator.

    Attributes:
        evaluator: Its name.
        moved: Share of the budget that would go elsewhere; in [0, 1].
        shares: Of the budget, then; shape (K,).
    """

    evaluator: str
    moved: float
    shares: FloatArray


@dataclass(frozen=True)
class Slowing:
    """What slowing a technology by a tenth during the window would be worth, years of life, at the plan.

    Attributes:
        technology: Its id.
        mean: Over worlds; a political cost below this would be worth paying.
        low: 5 % quantile over worlds.
        high: 95 % quantile.
        helps: Probability that it is above 0, over worlds in which it makes a difference; 0 if there are none.
    """

    technology: str
    mean: float
    low: float
    high: float
    helps: float


def influences(objective: Objective, best: FloatArray, even: FloatArray, seed: int) -> tuple[Influence, ...]:
    """Leave each evaluator out.

    Args:
        objective: Its worlds give the size.
        best: The plan's shares; shape (K,).
        even: Another start.
        seed: Where randomness starts.

    Returns:
        The most influential first; empty with fewer than three evaluators, where leaving one out leaves a single view.
    """
    world = objective.draws.world
    names = world.evaluators
    weights = world.weights or (1.0,) * len(names)
    if len(names) < 3:
        return ()
    size = objective.draws.size // 2
    found = []
    together = solve(replace(objective, draws=draw(world, size, seed)), [best, even], steps=60, tolerance=_ROUGH).shares
    for e, name in enumerate(names):
        others = tuple(0.0 if i == e else weight for i, weight in enumerate(weights))
        if not sum(others):
            continue
        without = replace(objective, draws=draw(replace(world, weights=others), size, seed))
        shares = solve(without, [best, even], steps=60, tolerance=_ROUGH).shares
        kept = abs(float(shares.sum() - together.sum()))
        found.append(Influence(name, 0.5 * (float(np.abs(shares - together).sum()) + kept), shares))
    return tuple(sorted(found, key=lambda item: (-item.moved, item.evaluator)))


def slowings(outcome: Outcome, ids: tuple[str, ...]) -> tuple[Slowing, ...]:
    """Worth of slowing by a tenth, for every technology.

    Args:
        outcome: Worlds lived under the plan, with gradient.
        ids: Of the technologies.
    """
    worth = _TENTH * outcome.slowing[:, 0]
    low, high = np.quantile(worth, [0.05, 0.95], axis=0)
    found = []
    for k, name in enumerate(ids):
        counts = worth[:, k] != 0
        helps = float((worth[counts, k] > 0).mean()) if counts.any() else 0.0
        found.append(Slowing(name, float(worth[:, k].mean()), float(low[k]), float(high[k]), helps))
    return tuple(found)


def grid(objective: Objective, parts: int = 12) -> tuple[FloatArray, float] | None:
    """The best of all portfolios on a grid: exact up to its step, whatever the shape of the goal.

    Args:
        objective: What is maximised.
        parts: Steps of the budget; the step is 1/parts.

    Returns:
        Shares and goal; None with more than three fundable technologies, where the grid has too many points.
    """
    can = np.flatnonzero(objective.fundable)
    if not 1 <= len(can) <= 3:
        return None
    best: tuple[FloatArray, float] | None = None
    for chosen in combinations_with_replacement(range(len(can) + 1), parts):  # the last place is money kept
        shares = np.zeros(len(objective.fundable))
        shares[can] = np.bincount(chosen, minlength=len(can) + 1)[: len(can)] / parts
        goal = objective.value(shares)
        if best is None or goal > best[1]:
            best = (shares, goal)
    return best
