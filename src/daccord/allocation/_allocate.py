"""`allocate`: published scores → verdicts and money; `award_draws`: the spread of the money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._rules import MoneyResult, MoneyTask, money_rule
from daccord.allocation._types import Allocation, Award, Verdict
from daccord.allocation.verdicts import FUNDABLE, decide_verdicts
from daccord.errors import InputError
from daccord.fusion import Scores
from daccord.portfolio import Portfolio
from daccord.round import Budget, MoneyInputs, Rules

__all__ = ["ELECTORATES", "allocate", "award_draws", "paid_positions"]

FloatArray = npt.NDArray[np.float64]

ELECTORATES: Final = 200
"""Electorates drawn anew for the intervals of a rule that follows from ballots or donations."""

_SET: Final = (
    "Set one that is a number of times the typical project, which every fusion rule can place, or use another rule."
)


def allocate(
    portfolio: Portfolio, scores: Scores, rules: Rules, budget: Budget, inputs: MoneyInputs | None = None
) -> Allocation:
    """Verdicts and money, exact to the last minor unit and the same on every machine.

    Only projects that are *accelerate* or *with safeguards* get money, or all that are not *hold* where the rules say
    so (`VerdictRules.pays`). What they cannot take stays unallocated.

    Args:
        portfolio: What was judged.
        scores: Published integers of the same projects, in the same order.
        rules: Fixed before judging began.
        budget: The pot.
        inputs: What the money rule reads beside scores; None for nothing.

    Returns:
        Verdicts and awards in the portfolio's order; awards and `unallocated` sum to the pot.

    Raises:
        InputError: The rules name no registered money rule, parameters it cannot work with, or one for which the round
            lacks something.
        ConvergenceError: Floors per domain cell could not be solved to their tolerance.
        ValueError: Scores and portfolio do not match, or the pot is negative.
    """
    if budget.amount < 0:
        raise ValueError(f"the pot is negative: {budget.amount}")
    rule = money_rule(rules.money.rule)
    verdicts = decide_verdicts(portfolio, scores, rules)
    fundable = paid_positions(verdicts, rules)
    warnings = _warnings(scores)
    result = MoneyResult((), (), ())
    if fundable:
        task = _task(portfolio, scores, rules, budget, inputs, fundable)
        if lack := rule.lacks(task):
            raise InputError.single("rules.money.rule", f"`{rule.name}` cannot divide this round: {lack}")
        result = rule.solve(task)
    else:
        warnings.append("No project can be funded, so the whole pot stays unallocated.")
    awards = [Award(project.id, 0, 0, "verdict") for project in portfolio]
    for i, amount, weight, limit in zip(fundable, result.amounts, result.weights, result.limited_by, strict=True):
        awards[i] = Award(portfolio.projects[i].id, amount, weight, limit)
    unallocated = budget.amount - sum(result.amounts)
    if fundable and unallocated > (len(fundable) if rules.money.floors else 0):
        money = budget.currency.format
        warnings.append(
            f"{money(unallocated)} of {money(budget.amount)} stays unallocated: the projects that may be funded cannot "
            "take more under the round's rules."
        )
    return Allocation(
        verdicts, tuple(awards), unallocated, {"rule": rule.name, **result.certificate}, (*warnings, *result.warnings)
    )


def award_draws(
    portfolio: Portfolio,
    scores: Scores,
    verdicts: Sequence[Verdict],
    rules: Rules,
    budget: Budget,
    log_values: FloatArray,
    inputs: MoneyInputs | None = None,
    seed: int = 0,
) -> FloatArray:
    """What each project would get if its value were known, for many draws of the values; verdicts stand.

    The same money rule in floating point: no discount for uncertainty, and the multipliers for defence and diffusion
    and the probabilities of harm are those of the published scores. A rule that follows from ballots or donations
    instead is run for electorates drawn anew from those who took part. For intervals of awards, never for awards.

    Args:
        portfolio: What was judged.
        scores: Published integers.
        verdicts: Of all projects, in the portfolio's order.
        rules: As decided by.
        budget: The pot.
        log_values: Benefit log-values θ, natural log, shape (n_draws, n_projects); finite.
        inputs: What the money rule reads beside scores; None for nothing.
        seed: Start of the drawing of electorates.

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
    out = np.zeros((len(log_values) if rule.draws else ELECTORATES, len(portfolio)))
    fundable = paid_positions(verdicts, rules)
    if not fundable or not len(out):
        return out
    task = _task(portfolio, scores, rules, budget, inputs, fundable)
    if rule.draws is not None:
        out[:, fundable] = rule.draws(task, np.asarray(log_values[:, fundable], dtype=np.float64))
    elif rule.resamples is not None:
        out[:, fundable] = rule.resamples(task, ELECTORATES, seed)
    return out


def paid_positions(verdicts: Sequence[Verdict], rules: Rules) -> list[int]:
    """Positions of the projects whose verdict lets money flow."""
    if rules.verdicts.pays == "not_held":
        return [i for i, verdict in enumerate(verdicts) if verdict.label != "hold"]
    return [i for i, verdict in enumerate(verdicts) if verdict.label in FUNDABLE]


def _task(
    portfolio: Portfolio,
    scores: Scores,
    rules: Rules,
    budget: Budget,
    inputs: MoneyInputs | None,
    fundable: Sequence[int],
) -> MoneyTask:
    return MoneyTask(
        tuple(portfolio.projects[i] for i in fundable),
        tuple(scores.projects[i] for i in fundable),
        rules.money,
        budget,
        inputs or MoneyInputs(),
        tuple(fundable),
    )


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
