"""The plan in a few sentences: what to fund, what it is worth, how flat the optimum is, what to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from daccord.futures.planner import Knowing, Plan
from daccord.futures.world import budget_plan, draw, live
from daccord.report._words import join
from daccord.report.futures._questions import question_words
from daccord.report.futures._words import amount, share, years

__all__ = ["clear_questions", "plan_summary", "shown", "titles_of"]

_WORLDS: Final = 2048
_FLAT: Final = 0.1
"""Width of a near-optimal range, as a share of the budget, from which on an optimum is called flat."""


def titles_of(plan: Plan) -> list[str]:
    """Titles of the technologies, in the world's order."""
    return [item.title or item.id for item in plan.world.technologies]


def shown(plan: Plan) -> list[int]:
    """Technologies that somebody can do something about, most money first."""
    own = [k for k, item in enumerate(plan.world.technologies) if not item.given]
    return sorted(own, key=lambda k: (-plan.amounts[k], k))


def plan_summary(plan: Plan, seed: int) -> tuple[str, ...]:
    """The plan in a few sentences."""
    titles, unit = titles_of(plan), plan.world.unit
    funded = [k for k in shown(plan) if plan.amounts[k] > 0.005 * plan.budget]
    if funded:
        parts = [f"{titles[k]} {share(plan.amounts[k] / plan.budget)}" for k in funded[:4]]
        first = f"Of {amount(plan.budget)} {unit}, the best split found gives {join(parts)}"
        words = [first + (f", and the rest to {len(funded) - 4} others." if len(funded) > 4 else ".")]
    else:
        words = [f"Of {amount(plan.budget)} {unit}, all is better kept: nothing to fund is worth more than nothing."]
    before, after = plan.nothing, plan.fresh
    low, high = _catastrophe(plan, seed)
    words.append(
        f"It is worth {years(plan.gain, plan.error)} of life per person over doing nothing (γ = "
        f"{plan.welfare.gamma:g}; ± is a standard error), on worlds that it was not made with. The probability of "
        f"catastrophe before year {plan.world.horizon:g} goes from {share(before.catastrophe, 1)} to "
        f"{share(after.catastrophe, 1)}: from {share(low, 1)} to {share(high, 1)} in nine of ten worlds under the "
        f"plan, and in the worst 5 % of worlds its mean (CVaR) goes from {share(before.tail, 1)} to "
        f"{share(after.tail, 1)}."
    )
    words.append(f"{_flatness(plan, funded, titles)} {_bound(plan)}")
    clear = clear_questions(plan)
    if clear:
        asked = [question_words(item.question, plan.world) for item in clear[:3]]
        told = "; ".join(text[0].lower() + text[1:] for text in asked)
        words.append(f"Most worth knowing before the money is divided: {told}.")
    else:
        words.append("No question matters: no single answer is worth more than the noise of estimating it.")
    return tuple(words)


def _catastrophe(plan: Plan, seed: int) -> tuple[float, float]:
    """Between what nine of ten worlds are under the plan."""
    draws = draw(plan.world, _WORLDS, seed)
    found = live(draws, budget_plan(plan.world, plan.amounts), plan.welfare, gradient=False).catastrophe
    low, high = np.quantile(found, (0.05, 0.95))
    return float(low), float(high)


def _flatness(plan: Plan, funded: Sequence[int], titles: Sequence[str]) -> str:
    if not funded:
        return "There is nothing to divide."
    widest = max(funded, key=lambda k: float(plan.high[k] - plan.low[k]))
    if plan.high[widest] - plan.low[widest] < 1e-3 * plan.budget:
        return "The optimum is sharp: no clearly other split was found that keeps 99.5 % of the gain."
    kind = "flat" if plan.high[widest] - plan.low[widest] > _FLAT * plan.budget else "sharp"
    return (
        f"The optimum is {kind}: splits that keep 99.5 % of the gain were found with anything from "
        f"{amount(plan.low[widest])} to {amount(plan.high[widest])} for {titles[widest]}, the widest of the ranges "
        "below."
    )


def _bound(plan: Plan) -> str:
    if plan.evpi < 1e-6:
        return "Whoever knew everything beforehand would gain nothing more."
    money = plan.in_money(plan.evpi)
    told = "" if money is None else f", worth {amount(money)} {plan.world.unit} at the plan's price"
    return (
        f"Whoever knew everything beforehand could gain {years(plan.evpi)} more{told}; no plan can beat that, as far "
        "as each world's best was found."
    )


def clear_questions(plan: Plan) -> list[Knowing]:
    """Questions whose answers are worth more than noise, the highest first."""
    found = [item for item in plan.questions if item.clear and item.value > 1e-9]
    return sorted(found, key=lambda item: (-item.value, item.question))
