"""The registered rule: one part of the pot for results, the rest by another rule.

The order is fixed. The part for results is levelled up first, within asks, team caps and the smallest viable grant.
What it cannot spend goes to the prospective part, which the base rule divides within what asks and team caps have left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._exact import as_written, decimal_text
from daccord.allocation._proportional import round_quotas
from daccord.allocation._rules import (
    MONEY_RULES,
    MoneyResult,
    MoneyRule,
    MoneyTask,
    TeamCap,
    evidence_limits,
    register,
)
from daccord.allocation.retroactive._levelling import Levelled, level_up
from daccord.allocation.retroactive._worth import Results, results
from daccord.round import Budget, MoneyRules

__all__ = ["RETROACTIVE", "solve"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Rest(MoneyTask):
    """The task of the base rule: its team caps are what the part for results has left of them."""

    left: tuple[TeamCap, ...] = ()

    @cached_property
    def team_caps(self) -> tuple[TeamCap, ...]:
        """As left."""
        return self.left


@dataclass(frozen=True)
class _Paid:
    """The part for results.

    Attributes:
        amounts: Minor units, shape (n,).
        small: Whether a project was left out for the smallest viable grant, shape (n,).
        levelled: Exact quotas behind the amounts.
        found: What came of the projects.
    """

    amounts: list[int]
    small: list[bool]
    levelled: Levelled
    found: Results


def _for_results(task: MoneyTask) -> _Paid:
    """Divide the part for results.

    All whose quota is below the smallest viable grant are left out at once, and the money is levelled once more; that
    only raises what the others get.
    """
    found = results(task)
    share = as_written(task.rules.retroactive.share) * task.budget.amount
    money = share.numerator // share.denominator
    levelled = level_up(found.worth, found.credit, task.bounds, money, task.team_caps)
    small = [
        value > 0 and 0 < quota < task.rules.minimum for value, quota in zip(found.worth, levelled.quotas, strict=True)
    ]
    if any(small):
        worth = [Fraction(0) if out else value for value, out in zip(found.worth, small, strict=True)]
        # Who owed its nothing to a credit may be reached by the risen price, and get too little again.
        while True:
            levelled = level_up(worth, found.credit, task.bounds, money, task.team_caps)
            again = [i for i, quota in enumerate(levelled.quotas) if 0 < quota < task.rules.minimum]
            if not again:
                break
            for i in again:
                small[i], worth[i] = True, Fraction(0)
    return _Paid(round_quotas(task, levelled.quotas), small, levelled, found)


def _rest(task: MoneyTask, base: MoneyRule, paid: Sequence[int]) -> MoneyTask:
    """What is left to the base rule."""
    projects = tuple(
        project if project.ask is None else replace(project, ask=project.ask - amount)
        for project, amount in zip(task.projects, paid, strict=True)
    )
    caps = tuple(replace(cap, amount=cap.amount - sum(paid[i] for i in cap.members)) for cap in task.team_caps)
    budget = Budget(task.budget.amount - sum(paid), task.budget.currency)
    evidence = evidence_limits(task.scores, task.rules, budget) if base.reads_scores else ()
    return _Rest(projects, task.scores, task.rules, budget, task.inputs, task.places, evidence, caps)


def _base(rules: MoneyRules) -> MoneyRule | None:
    """The rule of the prospective part; None if there is no such part."""
    return None if rules.retroactive.share == 1 else MONEY_RULES.find(rules.retroactive.base)


def solve(task: MoneyTask) -> MoneyResult:
    """Pay for results, then divide the rest."""
    paid = _for_results(task)
    amounts = list(paid.amounts)
    limits = [_limit(task, paid, i) for i in range(len(task))]
    worth = paid.found.worth
    certificate = {"for results, minor units": str(sum(amounts))}
    if paid.levelled.price is not None:
        certificate["minor units per unit of worth"] = decimal_text(paid.levelled.price)
    warnings = []
    if unjudged := sum(not value for value in worth):
        warnings.append(
            f"What came of {unjudged} of {len(task)} projects is worth nothing, or was judged by too few people; they "
            "get nothing from the part of the pot for results."
        )
    base = _base(task.rules)
    if base is not None:
        rest = base.solve(_rest(task, base, paid.amounts))
        amounts = [mine + more for mine, more in zip(amounts, rest.amounts, strict=True)]
        limits = [limit or result for limit, result in zip(rest.limited_by, limits, strict=True)]
        certificate |= {"base rule": base.name, **{f"base: {name}": text for name, text in rest.certificate.items()}}
        warnings += rest.warnings
    scale = 10**9
    weights = [value.numerator * scale // value.denominator for value in worth]
    return MoneyResult(amounts, weights, limits, certificate, tuple(warnings))


def _limit(task: MoneyTask, paid: _Paid, i: int) -> str:
    """Why a project did not get more for its results."""
    if paid.small[i]:
        return "minimum"
    if paid.levelled.capped[i]:
        return "team_cap"
    if not paid.amounts[i] and paid.found.worth[i] and paid.found.credit[i]:
        return "paid"
    return task.bound_name(i) if paid.amounts[i] == task.bounds[i] else ""


def draws(task: MoneyTask, log_values: FloatArray) -> FloatArray:
    """The part for results as it stands, and the base rule for each draw; see `MoneyRule.draws`."""
    paid = _for_results(task).amounts
    out = np.tile(np.array(paid, dtype=np.float64), (len(log_values), 1))
    base = _base(task.rules)
    if base is not None and base.draws is not None:
        out += base.draws(_rest(task, base, paid), log_values)
    return out


def resamples(task: MoneyTask, electorates: int, seed: int) -> FloatArray:
    """The part for results as it stands, and the base rule for each electorate; see `MoneyRule.resamples`."""
    paid = _for_results(task).amounts
    out = np.tile(np.array(paid, dtype=np.float64), (electorates, 1))
    base = _base(task.rules)
    if base is not None and base.resamples is not None:
        out += base.resamples(_rest(task, base, paid), electorates, seed)
    return out


def follows_values(rules: MoneyRules) -> bool:
    """Whether the prospective part follows from the projects' values, so that draws of these give the intervals."""
    base = _base(rules)
    return base is not None and base.draws is not None and base.follows_values(rules)


def story(task: MoneyTask) -> Callable[[int], tuple[str, ...]]:
    """What a project was due for its results, and got; see `MoneyRule.story`."""
    paid = _for_results(task)
    need, price, money = task.rules.retroactive.judges, paid.levelled.price, task.budget.currency.format

    def tell(i: int) -> tuple[str, ...]:
        worth, judges = paid.found.worth[i], paid.found.judges[i]
        people = "one person" if judges == 1 else f"{judges or 'no'} people"
        if judges < need:
            return (f"What came of it was judged by {people}; {need} are needed before it is paid for that.",)
        due = "" if price is None or not worth else f"; at this round's price that is {money(int(price * worth))}"
        out = [f"What came of it was judged by {people} and is worth {_plain(worth)}, the median{due}."]
        if credit := paid.found.credit[i]:
            out.append(f"{money(int(credit))} of this counts as paid already.")
        return (*out, f"For its results it gets {money(paid.amounts[i])}.")

    return tell


def _plain(value: Fraction) -> str:
    """A number for people, to four digits."""
    return f"{float(value):.4g}"


def missing(task: MoneyTask) -> str:
    """What a round lacks for this rule, in words; empty if nothing."""
    if not task.inputs.outcomes:
        return "nobody has judged what came of the projects: add outcomes.csv"
    rows: dict[str, tuple[int, int]] = {}
    for outcome in task.inputs.outcomes:
        if rows.setdefault(outcome.project, (outcome.paid, outcome.earned)) != (outcome.paid, outcome.earned):
            return f"what `{outcome.project}` was paid or has earned differs between its rows: write it once"
    base = _base(task.rules)
    if base is None:
        return ""
    if base is RETROACTIVE:
        return "the rule for the prospective part is `retroactive` itself: name another as rules.money.retroactive.base"
    nothing = [0] * len(task)
    return base.lacks(_rest(task, base, nothing))


RETROACTIVE: Final = register(
    MoneyRule(
        name="retroactive",
        title="Pay for results shown, and the rest for what is to come",
        model=(
            "Part of the pot is paid for what came of projects, as people judged it afterwards. A project is owed one "
            "price for each unit of worth, the same for all, less what funders have paid for these results already "
            "and a part, as the round says, of what it earned in other ways; the price is the one at which this part "
            "of the pot is used up. The rest is divided by another rule."
        ),
        assumptions=(
            "It is easier to agree on what was useful than on what will be.",
            "All who judge results use one scale, on which twice the number is twice the worth.",
            "What a project was paid and earned is known.",
        ),
        failure_modes=(
            "Projects hide what they earn where the means test is strong: keep it mild.",
            "Those close to the judges do better: look at who judged what.",
            "Projects whose results nobody measured get nothing from this part.",
            "Intervals do not show how far the people who judged results disagree.",
        ),
        source=(
            "V. Buterin and Optimism, Retroactive public goods funding (2021); V. Buterin, Review of Optimism retro "
            "funding round 1 (2021), for the means test. Levelling up to one price is daccord's own."
        ),
        solve=solve,
        draws=draws,
        resamples=resamples,
        follows_values=follows_values,
        lacks=missing,
        reads_scores=False,
        story=story,
    )
)
