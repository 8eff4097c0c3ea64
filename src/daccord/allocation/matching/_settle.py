"""From matches to awards: the pool by match, within asks, cap, team caps and the smallest viable grant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from daccord.allocation._exact import as_written
from daccord.allocation._proportional import quotas, round_quotas
from daccord.allocation._rules import MoneyTask

__all__ = ["Settled", "settle", "tops"]

_NUDGE: Final = Fraction(1, 10**9)
"""Roots are rounded down, so a match of 90 comes as 89.99…; so many minor units are given back before rounding."""


@dataclass(frozen=True)
class Settled:
    """Who gets what.

    Attributes:
        amounts: Minor units, shape (n,).
        limited_by: See `Award.limited_by`, shape (n,).
        factor: Largest ratio of an award, before it is rounded, to its match; 0 if nothing is matched.
    """

    amounts: tuple[int, ...]
    limited_by: tuple[str, ...]
    factor: Fraction


def tops(task: MoneyTask) -> tuple[int, ...]:
    """Most that each project may get by ask, pot and the cap on one project, minor units."""
    cap = task.rules.quadratic.cap
    if cap is None:
        return task.bounds
    top = int(as_written(cap) * task.budget.amount)
    return tuple(min(bound, top) for bound in task.bounds)


def settle(task: MoneyTask, matches: Sequence[int], unit: Fraction, ceilings: Sequence[Fraction]) -> Settled:
    """Divide the pool in proportion to matches; it is scaled down to the pool, never up.

    What asks, the cap, team caps and the minimum cut off goes to the others in proportion, to nobody more than the
    ceiling. The smallest quota below the minimum is dropped, one at a time, as `proportional` does.

    Args:
        task: Projects, pot and parameters.
        matches: On any scale, shape (n,).
        unit: One unit of the scale, in minor units.
        ceilings: Most that the rule itself would pay each project, minor units, shape (n,).
    """
    minimum = task.rules.minimum
    limits = tops(task)
    bounds = [min(limit, int(ceiling + _NUDGE)) for limit, ceiling in zip(limits, ceilings, strict=True)]
    kept = {i for i, match in enumerate(matches) if match > 0 and (minimum <= 1 or bounds[i] >= minimum)}
    while True:
        weights = [match if i in kept else 0 for i, match in enumerate(matches)]
        total = min(task.budget.amount, int(sum(matches) * unit + _NUDGE))
        exact, capped, _ = quotas(weights, bounds, total, task.team_caps)
        amounts = round_quotas(task, exact)
        small = [i for i in kept if amounts[i] < minimum] if minimum > 1 else []
        if not small:
            break
        kept.remove(min(small, key=lambda i: (exact[i], -task.ties[i])))
    limited = tuple(
        "minimum"
        if matches[i] and i not in kept
        else ("ask" if amounts[i] == task.projects[i].ask else "cap")
        if amounts[i] == limits[i] < task.budget.amount
        else "team_cap"
        if capped[i]
        else ""
        for i in range(len(task))
    )
    factor = max((exact[i] / (matches[i] * unit + _NUDGE) for i in kept), default=Fraction(0))
    return Settled(tuple(amounts), limited, factor)
