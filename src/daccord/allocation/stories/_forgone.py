"""What a held project would have got, had it been cleared: the round's own rule, run again with it among the paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from daccord.allocation._allocate import allocate
from daccord.allocation._types import Allocation, Reason, Verdict
from daccord.allocation.verdicts import delay_text
from daccord.errors import DaccordError
from daccord.fusion import Scores
from daccord.portfolio import Portfolio
from daccord.round import Budget, MoneyInputs, Rules

__all__ = ["MOST", "forgone", "with_forgone"]

MOST: Final = 200_000
"""Projects times holds up to which `with_forgone` computes; beyond, the money is left open."""


def forgone(
    portfolio: Portfolio,
    scores: Scores,
    rules: Rules,
    budget: Budget,
    verdicts: tuple[Verdict, ...],
    project: str,
    inputs: MoneyInputs | None = None,
) -> int | None:
    """What one project would have got by the same rule had it alone been cleared, minor units.

    Args:
        portfolio: What was judged.
        scores: As published.
        rules: As decided by.
        budget: The pot.
        verdicts: As decided, in the portfolio's order.
        project: Id of a held project.
        inputs: What the money rule reads beside scores.

    Returns:
        None if the rule cannot say, as where nobody judged the benefit that it reads.
    """
    cleared = Verdict(project, "accelerate", None, "", (Reason("what_if", "What if it had been cleared."),))
    instead = tuple(cleared if verdict.project == project else verdict for verdict in verdicts)
    try:
        return allocate(portfolio, scores, rules, budget, inputs, verdicts=instead).award_of[project].amount
    except DaccordError:
        return None


def with_forgone(
    portfolio: Portfolio,
    scores: Scores,
    rules: Rules,
    budget: Budget,
    allocation: Allocation,
    inputs: MoneyInputs | None = None,
) -> Allocation:
    """The allocation with the money in the cost of each hold's delay; nothing else changes.

    Args:
        portfolio: What was judged.
        scores: As published.
        rules: As decided by.
        budget: The pot.
        allocation: As decided.
        inputs: What the money rule reads beside scores.
    """
    held = [verdict for verdict in allocation.verdicts if verdict.label == "hold"]
    if not held or len(held) * len(portfolio) > MOST:
        return allocation
    costs = {}
    for verdict in held:
        if verdict.delay is None or verdict.reopens_after_days is None:
            raise ValueError(f"the hold on {verdict.project!r} has no cost of delay or no expiry")
        amount = forgone(portfolio, scores, rules, budget, allocation.verdicts, verdict.project, inputs)
        delay = replace(verdict.delay, forgone=amount)
        text = delay_text(delay, verdict.reopens_after_days, budget.currency)
        costs[verdict.project] = replace(verdict, delay=delay, cost_of_delay=text)
    return replace(allocation, verdicts=tuple(costs.get(one.project, one) for one in allocation.verdicts))
