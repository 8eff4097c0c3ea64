"""From what voters would give to what projects get.

The median of a project is over the voters who speak of it, and counts if at least `quorum` of them give it something.
The pot is divided in proportion to medians, `min(bound, t · median)` with the one t at which it is used up; the bound
is the smaller of ask and cap, and teams have caps of their own. Then all that would get less than the smallest viable
grant get nothing, and the pot is divided once more among the others. That is the end: leaving projects out only raises
what the others get, so nobody falls below the smallest grant in the second division.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from daccord.allocation._proportional import quotas, round_quotas
from daccord.allocation._rules import MoneyTask
from daccord.allocation.medians._ballots import Stated, top_amount
from daccord.allocation.medians._fill import fill

__all__ = ["Divided", "columns", "divide", "twice_median"]


@dataclass(frozen=True)
class Divided:
    """What projects get.

    Attributes:
        amounts: Minor units, shape (n,).
        capped: Whether a team cap binds, shape (n,).
        small: Whether a project was left out for the smallest viable grant, shape (n,).
        bounds: Smaller of ask and cap, minor units, shape (n,).
        level: Minor units per unit of twice the median; None if the pot is not the limit.
    """

    amounts: list[int]
    capped: list[bool]
    small: list[bool]
    bounds: list[int]
    level: Fraction | None


def columns(said: Stated, size: int) -> list[list[int]]:
    """The amounts that voters name for each project, smallest first; shape (size,) of lists."""
    out: list[list[int]] = [[] for _ in range(size)]
    for ballot in said.amounts:
        for project, amount in ballot.items():
            insort(out[project], amount)
    return out


def twice_median(ordered: Sequence[int], quorum: int, without: int | None = None) -> int:
    """Twice the median of an ordered list, so that it is an integer; 0 where fewer than `quorum` gave something.

    Args:
        ordered: Smallest first.
        quorum: At least 1.
        without: Position of an element that is left out; None for none.
    """
    cut = len(ordered) if without is None else without
    size = len(ordered) - (without is not None)

    def at(k: int) -> int:
        return ordered[k] if k < cut else ordered[k + 1]

    if size < quorum or at(size - quorum) == 0:
        return 0
    return at((size - 1) // 2) + at(size // 2)


def divide(task: MoneyTask, medians: Sequence[int]) -> Divided:
    """Divide the pot in proportion to medians, within asks, cap, team caps and the smallest viable grant.

    Args:
        task: Projects, pot and parameters.
        medians: Non-negative, on any scale, shape (n,).
    """
    pot, cap, minimum = task.budget.amount, top_amount(task), task.rules.minimum
    bounds = [min(bound, cap) for bound in task.bounds]
    if task.team_caps:
        return _divide_in_teams(task, medians, bounds)
    filled = fill(medians, bounds, pot)
    small = filled.below(minimum)
    if any(small):
        filled = fill([0 if out else median for median, out in zip(medians, small, strict=True)], bounds, pot)
    return Divided(filled.rounded(task.ties), [False] * len(bounds), small, bounds, filled.level)


def _divide_in_teams(task: MoneyTask, medians: Sequence[int], bounds: list[int]) -> Divided:
    """The same with team caps, by the quotas of the rule `proportional`."""
    pot, minimum = task.budget.amount, task.rules.minimum
    exact, capped, level = quotas(medians, bounds, pot, task.team_caps)
    small = [median > 0 and quota < minimum for median, quota in zip(medians, exact, strict=True)]
    if any(small):
        kept = [0 if out else median for median, out in zip(medians, small, strict=True)]
        exact, capped, level = quotas(kept, bounds, pot, task.team_caps)
    return Divided(round_quotas(task, exact), capped, small, bounds, level)
