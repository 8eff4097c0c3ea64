"""The method of equal shares with its completions and the comparison step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from daccord.allocation.elections._election import Election
from daccord.allocation.elections._greedy import eligible, greedy, ineligible
from daccord.allocation.elections._raise import raised
from daccord.allocation.elections._spend import Spending, spend
from daccord.allocation.elections._trace import Comparison, Missed, Outcome

__all__ = ["compare", "equal_shares"]


def equal_shares(
    election: Election,
    *,
    completion: str = "add1-greedy",
    comparison: bool = False,
    utility: str = "cost",
    threshold: Fraction = Fraction(0),
    unit: int = 1,
    until_full: bool = False,
) -> Outcome:
    """Decide an election by equal shares.

    Args:
        election: What to decide.
        completion: `none`; `add1`, raise endowments (see `_raise.py`); `greedy`, go on by score with what is left of
            the pot; `add1-greedy`, the first and then the second.
        comparison: True to let the outcome of `greedy` win if more voters are better off with it.
        utility: See `Election.worth`.
        threshold: Least score of a project, in points.
        unit: A step of `add1`, minor units, positive.
        until_full: See `raised`.
    """
    if unit <= 0:
        raise ValueError("a step is above zero")
    candidates = [i for i in eligible(election, threshold) if election.costs[i] <= election.budget]
    endowment, spending = election.share, Spending((), (Fraction(0),) * len(election.groups))
    if candidates and completion.startswith("add1"):
        endowment, spending = raised(election, utility, candidates, unit, until_full=until_full)
    elif candidates:
        spending = spend(election, endowment, utility, candidates)
    missed = tuple(_missed(election, i, spending, threshold) for i in range(len(election)) if i not in spending.winners)
    outcome = Outcome(election, spending.purchases, missed, endowment, spending.left)
    if completion.endswith("greedy"):
        more = greedy(election, threshold, before=spending.purchases)
        outcome = replace(outcome, purchases=more.purchases, missed=more.missed)
    return _compared(outcome, greedy(election, threshold)) if comparison else outcome


def _missed(election: Election, project: int, spending: Spending, threshold: Fraction) -> Missed:
    reason = ineligible(election, project, threshold)
    if reason is None and election.costs[project] > election.budget:
        reason = "too_dear"
    if reason is not None:
        return Missed(project, reason)
    money = sum((election.sizes[g] * spending.left[g] for g, _ in election.supporters[project]), Fraction(0))
    return Missed(project, "short", money)


def compare(election: Election, shares: Collection[int], other: Collection[int]) -> Comparison:
    """How many voters gave more points to the projects of one outcome than to those of the other."""
    better = worse = 0
    for group, size in zip(election.groups, election.sizes, strict=True):
        ours = sum(points for project, points in group.ballot if project in shares)
        theirs = sum(points for project, points in group.ballot if project in other)
        better += size * (ours > theirs)
        worse += size * (theirs > ours)
    return Comparison(better, worse)


def _compared(outcome: Outcome, other: Outcome) -> Outcome:
    found = compare(outcome.election, set(outcome.winners), set(other.winners))
    if not found.switches:
        return replace(outcome, comparison=found)
    lost = set(outcome.winners)
    missed = tuple(replace(one, reason="less_popular") if one.project in lost else one for one in other.missed)
    return replace(outcome, purchases=other.purchases, missed=missed, comparison=found)
