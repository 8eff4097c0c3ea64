"""One paragraph a project: what it gets, why, what would change it, and what moves its money most.

Every number in it is published or comes from a rerun; see `_counterfactual` and `_movers`.
"""

from __future__ import annotations

from dataclasses import dataclass

from daccord.allocation._types import LABELS, Allocation, Verdict
from daccord.allocation.stories._counterfactual import Counterfactual, confirmed, counterfactuals, rerun
from daccord.allocation.stories._movers import Move, movers
from daccord.allocation.verdicts import FUNDABLE, probability_text, share_percent, threshold_text
from daccord.fusion import NANO, Scores
from daccord.portfolio import Portfolio
from daccord.round import Budget, MoneyInputs, Rules

__all__ = ["Story", "story", "unchangeable"]


@dataclass(frozen=True)
class Story:
    """The story of one project.

    Attributes:
        project: Id.
        title: Name for people.
        text: One paragraph.
        changes: Single changes that would change the verdict, each confirmed by deciding the round again.
        nothing_changes: Why no single change would; empty if one does.
        amounts: Award after each of `changes`, minor units, by rerun.
        moves: What moves the award, the largest difference first.
    """

    project: str
    title: str
    text: str
    changes: tuple[Counterfactual, ...]
    nothing_changes: str
    amounts: tuple[int, ...]
    moves: tuple[Move, ...]


def unchangeable(verdict: Verdict) -> str:
    """Why no single change of a published quantity would change a verdict that has no counterfactual."""
    if any(reason.code == "hard_constraint" for reason in verdict.reasons):
        return "No score lifts a hard constraint: nothing that judges believe would change this."
    return "No single published quantity, changed alone, would change this verdict."


def story(
    portfolio: Portfolio,
    scores: Scores,
    rules: Rules,
    budget: Budget,
    allocation: Allocation,
    project: str,
    inputs: MoneyInputs | None = None,
    interval: tuple[int, int] | None = None,
) -> Story:
    """Tell why a project gets what it gets.

    Args:
        portfolio: What was judged.
        scores: As published.
        rules: As decided by.
        budget: The pot.
        allocation: As decided.
        project: Id.
        inputs: What the money rule reads beside scores.
        interval: 80 % interval of its award, minor units, if known.

    Raises:
        KeyError: The portfolio has no such project.
        RuntimeError: A rerun does not confirm a counterfactual, which is an error of the program.
    """
    verdict, award = allocation.verdict_of[project], allocation.award_of[project]
    changes = counterfactuals(portfolio, scores, rules, verdict)
    for one in changes:
        if not confirmed(one):
            raise RuntimeError(f"a rerun does not confirm: {one.project}: {one.text}")
    amounts = tuple(rerun(one, budget, inputs).award_of[project].amount for one in changes)
    moves = movers(portfolio, scores, rules, budget, allocation, project, inputs)
    title = portfolio[project].title
    parts = [
        _award(title, verdict, award.amount, budget, interval),
        *(reason.text for reason in verdict.reasons),
        verdict.cost_of_delay if verdict.label == "hold" else "",
        _expiry(verdict),
        *_said(changes, amounts, award.amount, budget),
        "" if changes else unchangeable(verdict),
        _most(moves, award.amount, verdict, budget),
    ]
    return Story(
        project,
        title,
        " ".join(part for part in parts if part),
        changes,
        "" if changes else unchangeable(verdict),
        amounts,
        moves,
    )


def _chance(verdict: Verdict) -> str:
    if verdict.probability is None or any(reason.code == "hard_constraint" for reason in verdict.reasons):
        return ""
    if verdict.at_least:
        return f", with a probability of at least {threshold_text(verdict.probability)} {verdict.probability_of}"
    return f", with a probability of {probability_text(verdict.probability)} {verdict.probability_of}"


def _award(title: str, verdict: Verdict, amount: int, budget: Budget, interval: tuple[int, int] | None) -> str:
    label = f"the verdict is “{LABELS[verdict.label]}”{_chance(verdict)}"
    if not amount:
        return f"{title} gets nothing; {label}."
    money = budget.currency.format
    share = f", {share_percent(amount * NANO // budget.amount)} of the pot" if amount < budget.amount else ""
    spread = ""
    if interval is not None and interval[0] != interval[1]:
        spread = f" (80 % interval {money(interval[0], code=False)} to {money(interval[1], code=False)})"
    return f"{title} gets {money(amount)}{share}{spread}; {label}."


def _expiry(verdict: Verdict) -> str:
    if verdict.label != "hold":
        return ""
    return f"The hold expires after {verdict.reopens_after_days} days; then the project is open again by itself."


def _said(
    changes: tuple[Counterfactual, ...], amounts: tuple[int, ...], before: int, budget: Budget
) -> tuple[str, ...]:
    """The nearest change for the better and the nearest for the worse, each with what it does to the money."""
    out = []
    for better in (True, False):
        found = next(
            ((one, amount) for one, amount in zip(changes, amounts, strict=True) if one.better is better), None
        )
        if found is None:
            continue
        one, amount = found
        money = ""
        if amount != before:
            money = f" and get {budget.currency.format(amount)}" if amount else " and get nothing"
        out.append(f"It would become “{LABELS[one.label_after]}”{money} if {one.condition}.")
    return tuple(out)


def _most(moves: tuple[Move, ...], before: int, verdict: Verdict, budget: Budget) -> str:
    """What moves the award most."""
    if not moves:
        return ""
    top = moves[0]
    if not top.difference:
        return "No single log-value, moved by one standard deviation, would move its money."
    money = budget.currency.format(top.amount_after) if top.amount_after else "nothing"
    label = "" if top.label_after == verdict.label else f", as “{LABELS[top.label_after]}”"
    moved = "What would move its money most" if before or verdict.label in FUNDABLE else "What would bring it most"
    return f"{moved}: if {top.condition}, it would get {money}{label}."
