"""`allocate`: published scores → verdicts and money; `award_draws`: the spread of the money."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._rules import MoneyResult, MoneyTask, evidence_limits, money_rule
from daccord.allocation._types import Allocation, Award, Verdict
from daccord.allocation.accounts import Plan, settle
from daccord.allocation.graph import worse_holder
from daccord.allocation.verdicts import FUNDABLE, decide_verdicts
from daccord.errors import InputError
from daccord.fusion import Scores
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, MoneyInputs, Rules

__all__ = ["ELECTORATES", "allocate", "award_draws", "money_stories", "money_task", "paid_positions"]

FloatArray = npt.NDArray[np.float64]

ELECTORATES: Final = 200
"""Electorates drawn anew for the intervals of a rule that follows from ballots or donations."""

_SET: Final = (
    "Set one that is a number of times the typical project, which every fusion rule can place, or use another rule."
)


def allocate(
    portfolio: Portfolio,
    scores: Scores,
    rules: Rules,
    budget: Budget,
    inputs: MoneyInputs | None = None,
    *,
    verdicts: Sequence[Verdict] | None = None,
) -> Allocation:
    """Verdicts and money, exact to the last minor unit and the same on every machine.

    Only projects that are *accelerate* or *with safeguards* get money, or all that are not *hold* where the rules say
    so (`VerdictRules.pays`). What they cannot take stays unallocated. Entries in the books are applied around the
    rule: it divides what they leave, and they are added to what it gives (see `daccord.allocation.accounts`).

    Args:
        portfolio: What was judged.
        scores: Published integers of the same projects, in the same order.
        rules: Fixed before judging began.
        budget: The pot.
        inputs: What the money rule reads beside scores; None for nothing.
        verdicts: For what-if questions: verdicts in the portfolio's order that stand in place of those that the scores
            give. A decision never passes any.

    Returns:
        Verdicts and awards in the portfolio's order; awards and `unallocated` sum to the pot.

    Raises:
        InputError: The rules name no registered money rule, parameters it cannot work with, or one for which the round
            lacks something; or entries take more than the pot.
        ConvergenceError: Floors per domain cell could not be solved to their tolerance.
        ValueError: Scores and portfolio do not match, or the pot is negative.
    """
    if budget.amount < 0:
        raise ValueError(f"the pot is negative: {budget.amount}")
    rule = money_rule(rules.money.rule)
    verdicts = decide_verdicts(portfolio, scores, rules) if verdicts is None else tuple(verdicts)
    fundable = paid_positions(verdicts, rules)
    warnings = _warnings(scores)
    results: dict[int, MoneyResult] = {}
    entries = () if inputs is None else inputs.entries
    plan = Plan.of(entries, {verdict.project for verdict in verdicts if verdict.stopped})

    def divide(pot: int) -> Mapping[str, int]:
        if not fundable:
            return {}
        task = money_task(portfolio, scores, rules, replace(budget, amount=pot), inputs, fundable, plan)
        if lack := rule.lacks(task):
            raise InputError.single("rules.money.rule", f"`{rule.name}` cannot divide this round: {lack}")
        results[pot] = rule.solve(task)
        return dict(zip(task.ids, results[pot].amounts, strict=True))

    books = settle(budget.amount, plan, entries, budget.currency, divide)
    result = results[books.divided] if fundable else MoneyResult((), (), ())
    awards = [Award(project.id, 0, 0, "verdict") for project in portfolio]
    for i, amount, weight, limit in zip(fundable, result.amounts, result.weights, result.limited_by, strict=True):
        awards[i] = Award(portfolio.projects[i].id, amount, weight, limit)
    for project, amount in books.entries.items():
        i = portfolio.index[project]
        awards[i] = replace(awards[i], amount=awards[i].amount + amount, entries=amount)
    unallocated = budget.amount - sum(award.amount for award in awards)
    warnings += _left(budget, rules, books.divided - sum(result.amounts), len(fundable))
    warnings += [
        f"{budget.currency.format(abs(posting.open))} for {portfolio[posting.entry.project].title}: {posting.note}."
        for posting in books.postings
        if posting.open
    ]
    return Allocation(
        verdicts,
        tuple(awards),
        unallocated,
        {"rule": rule.name, **result.certificate},
        (*warnings, *result.warnings),
        books.divided,
        books.postings,
    )


def _left(budget: Budget, rules: Rules, left: int, fundable: int) -> list[str]:
    """A warning about money that the rule could not divide."""
    if not fundable:
        return ["No project can be funded, so the whole pot stays unallocated."]
    if left <= (fundable if rules.money.floors else 0):
        return []
    money = budget.currency.format
    text = f"{money(left)} of {money(budget.amount)} stays unallocated"
    return [f"{text}: the projects that may be funded cannot take more under the round's rules."]


def award_draws(
    portfolio: Portfolio,
    scores: Scores,
    verdicts: Sequence[Verdict],
    rules: Rules,
    budget: Budget,
    log_values: FloatArray,
    inputs: MoneyInputs | None = None,
    seed: int = 0,
    divided: int | None = None,
) -> FloatArray:
    """What each project would get if its value were known, for many draws of the values; verdicts stand.

    The same money rule in floating point: no discount for uncertainty, and the multipliers for defence and diffusion
    and the probabilities of harm are those of the published scores. A rule that follows from ballots or donations
    instead is run for electorates drawn anew from those who took part. What the rule divides stays as it was decided,
    and entries are applied to each draw. For intervals of awards, never for awards.

    Args:
        portfolio: What was judged.
        scores: Published integers.
        verdicts: Of all projects, in the portfolio's order.
        rules: As decided by.
        budget: The pot.
        log_values: Benefit log-values θ, natural log, shape (n_draws, n_projects); finite.
        inputs: What the money rule reads beside scores; None for nothing.
        seed: Start of the drawing of electorates.
        divided: What the rule divided when the awards were decided (`Allocation.divided`); None for what entries leave
            of the pot before minimum grants and what corrections ask back.

    Returns:
        Amounts in minor units, shape (n_draws, n_projects), or `ELECTORATES` rows for a rule that follows from ballots
        or donations; 0 for projects that may not be funded.

    Raises:
        ValueError: The draws have another shape or are not finite.
    """
    if log_values.ndim != 2 or log_values.shape[1] != len(portfolio):
        raise ValueError(f"log_values has shape {log_values.shape}, not (n_draws, {len(portfolio)})")
    if not np.all(np.isfinite(log_values)):
        raise ValueError("log_values: a draw is not finite")
    rule = money_rule(rules.money.rule)
    draws = rule.draws_under(rules.money)
    out = np.zeros((ELECTORATES if draws is None else len(log_values), len(portfolio)))
    fundable = paid_positions(verdicts, rules)
    if not len(out):
        return out
    entries = () if inputs is None else inputs.entries
    plan = Plan.of(entries, {verdict.project for verdict in verdicts if verdict.stopped})
    if divided is None:
        divided = max(0, budget.amount - plan.reserved)
    if fundable:
        task = money_task(portfolio, scores, rules, replace(budget, amount=divided), inputs, fundable, plan)
        if draws is not None:
            out[:, fundable] = draws(task, np.asarray(log_values[:, fundable], dtype=np.float64))
        elif rule.resamples is not None:
            out[:, fundable] = rule.resamples(task, ELECTORATES, seed)
    for project in plan.first.keys() | plan.least.keys() | plan.back.keys():
        column = out[:, portfolio.index[project]]
        before = np.maximum(column + plan.owed_first(project), plan.least.get(project, 0))
        out[:, portfolio.index[project]] = np.maximum(before - plan.back.get(project, 0), 0.0)
    return out


def money_stories(
    portfolio: Portfolio,
    scores: Scores,
    allocation: Allocation,
    rules: Rules,
    budget: Budget,
    inputs: MoneyInputs | None,
) -> Callable[[str], tuple[str, ...]]:
    """Who or what moved each project's money, in sentences of the money rule.

    Args:
        portfolio: What was judged.
        scores: Published integers.
        allocation: As decided.
        rules: As decided by.
        budget: The pot.
        inputs: What the money rule reads beside scores; None for nothing.

    Returns:
        Project id → sentences; none if the rule has nothing to say, or the project may not be funded.
    """
    rule = money_rule(rules.money.rule)
    fundable = paid_positions(allocation.verdicts, rules)
    if rule.story is None or not fundable:
        return lambda _: ()
    entries = () if inputs is None else inputs.entries
    plan = Plan.of(entries, {verdict.project for verdict in allocation.verdicts if verdict.stopped})
    pot = replace(budget, amount=allocation.divided)
    tell = rule.story(money_task(portfolio, scores, rules, pot, inputs, fundable, plan))
    place = {portfolio.ids[position]: i for i, position in enumerate(fundable)}
    return lambda project: tell(place[project]) if project in place else ()


def paid_positions(verdicts: Sequence[Verdict], rules: Rules) -> list[int]:
    """Positions of the projects whose verdict lets money flow."""
    if rules.verdicts.pays == "not_held":
        return [i for i, verdict in enumerate(verdicts) if not verdict.stopped]
    return [i for i, verdict in enumerate(verdicts) if verdict.label in FUNDABLE]


def money_task(
    portfolio: Portfolio,
    scores: Scores,
    rules: Rules,
    budget: Budget,
    inputs: MoneyInputs | None,
    fundable: Sequence[int],
    plan: Plan,
) -> MoneyTask:
    """What the round's money rule gets to see.

    Args:
        portfolio: What was judged.
        scores: Published integers.
        rules: As decided by.
        budget: What the rule divides: the pot, less what entries take out of it.
        inputs: What the money rule reads beside scores; None for nothing.
        fundable: Positions of the projects that may be funded, at least one.
        plan: Entries; a fixed grant counts towards its project's ask.
    """
    projects = [portfolio.projects[i] for i in fundable]
    if plan.fixed:
        projects = [_less(project, plan.fixed.get(project.id, 0)) for project in projects]
    chosen = tuple(worse_holder(scores.projects[i]) for i in fundable)
    evidence = evidence_limits(chosen, rules.money, budget) if money_rule(rules.money.rule).reads_scores else ()
    return MoneyTask(tuple(projects), chosen, rules.money, budget, inputs or MoneyInputs(), tuple(fundable), evidence)


def _less(project: Project, fixed: int) -> Project:
    return project if project.ask is None or not fixed else replace(project, ask=max(0, project.ask - fixed))


def _warnings(scores: Scores) -> list[str]:
    """What about the round as a whole keeps verdicts from being made."""
    out = []
    benefits = [score.criteria["benefit"] for score in scores if "benefit" in score.criteria]
    harms = [score.criteria["harm"] for score in scores if "harm" in score.criteria]
    if any(benefit.above is None for benefit in benefits):
        out.append(
            "No probability that benefit is above a bar is known, so no project can be cleared for money: either no "
            f"bar is set, or the fusion rule cannot place it. {_SET}"
        )
    if any(harm.above is None for harm in harms):
        out.append(
            "Harm is judged, but no probability that it is above a limit is known, so no project can be cleared for "
            f"money: either no limit is set, or the fusion rule cannot place it. {_SET}"
        )
    if benefits and not harms:
        out.append("Harm was not judged in this round; it counts as none.")
    return out
