"""What one more unit of budget does, and one less: by deciding again, exactly, under whatever money rule.

No derivative is assumed to exist: rules round, drop what is below a minimum, and buy whole projects. So the round is
decided with the pot, with a step more and with a step less, and the differences are reported as they are. A rule under
which somebody gets less out of a larger pot is not monotone in the budget at this place; those projects are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from daccord.allocation._allocate import allocate
from daccord.allocation._types import Allocation
from daccord.errors import InputError
from daccord.fusion import Scores
from daccord.portfolio import Portfolio
from daccord.round import Budget, MoneyInputs, Rules

__all__ = ["BudgetChange", "budget_change"]


@dataclass(frozen=True)
class BudgetChange:
    """The same round with another pot.

    Attributes:
        step: How much larger the pot is, minor units; negative if it is smaller.
        change: Project id → how its award moves, minor units, for all projects whose award moves.
        unallocated: How what stays in the pot moves, minor units; with `change` it adds up to `step`.
    """

    step: int
    change: Mapping[str, int]
    unallocated: int

    @cached_property
    def against(self) -> Mapping[str, int]:
        """Projects that lose out of a larger pot, or gain out of a smaller one, and how much."""
        return {name: moved for name, moved in self.change.items() if moved * self.step < 0}


def budget_change(
    portfolio: Portfolio,
    scores: Scores,
    rules: Rules,
    budget: Budget,
    inputs: MoneyInputs | None,
    step: int,
    *,
    base: Allocation | None = None,
) -> BudgetChange:
    """Decide the round again with a larger or smaller pot.

    Args:
        portfolio: What was judged.
        scores: Published integers.
        rules: As decided by.
        budget: The pot.
        inputs: What the money rule reads beside scores.
        step: Minor units more; negative for less.
        base: The round's own allocation, if it is known already.

    Raises:
        InputError: The pot would be negative, or the money rule cannot divide the other pot.
    """
    if budget.amount + step < 0:
        raise InputError.single(
            "budget.amount",
            f"{budget.currency.format(-step)} less than {budget.currency.format(budget.amount)} is no pot",
            remedy="take a smaller step",
        )
    before = base or allocate(portfolio, scores, rules, budget, inputs)
    after = allocate(portfolio, scores, rules, replace(budget, amount=budget.amount + step), inputs)
    pairs = zip(before.awards, after.awards, strict=True)
    change = {old.project: new.amount - old.amount for old, new in pairs if new.amount != old.amount}
    return BudgetChange(step, change, after.unallocated - before.unallocated)
