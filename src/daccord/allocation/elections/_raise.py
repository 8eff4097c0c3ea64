"""Completion by raising: everybody is given one unit more, again and again, until the pot would be overspent.

The endowment starts at the equal share of the pot. From its whole units on it goes up one unit at a time; the last
outcome that the pot can pay for stands. (Outcomes do not grow steadily: a project may be bought, then not, then again.
So no step may be left out unless it is certain that it changes nothing, which is what `_sweep.py` is for.)
"""

from __future__ import annotations

import math
from collections.abc import Collection
from fractions import Fraction

from daccord.allocation.elections._election import Election
from daccord.allocation.elections._spend import Spending, spend
from daccord.allocation.elections._sweep import Run, Sweep

__all__ = ["raised", "raised_step_by_step"]


def _cost(election: Election, winners: Collection[int]) -> int:
    return sum(election.costs[i] for i in winners)


def _done(election: Election, winners: Collection[int], candidates: Collection[int], *, until_full: bool) -> bool:
    """Whether nothing more is to be had: all candidates are bought, or, if that is to end it, no other one fits."""
    rest = [i for i in candidates if i not in winners]
    left = election.budget - _cost(election, winners)
    return not rest or (until_full and all(election.costs[i] > left for i in rest))


def raised_step_by_step(
    election: Election, utility: str, candidates: Collection[int], unit: int, *, until_full: bool
) -> tuple[Fraction, Spending]:
    """`raised`, exactly at every single step: slow, and the reference for it."""
    endowment, best = election.share, spend(election, election.share, utility, candidates)
    following = Fraction(endowment // unit * unit)
    while not _done(election, best.winners, candidates, until_full=until_full):
        following += unit
        spending = spend(election, following, utility, candidates)
        if _cost(election, spending.winners) > election.budget:
            break
        endowment, best = following, spending
    return endowment, best


def raised(
    election: Election, utility: str, candidates: Collection[int], unit: int, *, until_full: bool
) -> tuple[Fraction, Spending]:
    """The last endowment whose outcome the pot can pay for, and that outcome.

    Args:
        election: What to decide; somebody votes.
        utility: See `Election.worth`.
        candidates: Projects that can be bought, each with supporters and within the pot.
        unit: One step, minor units, positive.
        until_full: True to end as soon as no other candidate fits into what is left of the pot.
    """
    first = spend(election, election.share, utility, candidates)
    if _done(election, first.winners, candidates, until_full=until_full):
        return election.share, first
    sweep = Sweep(election, utility, candidates)
    whole, last, step = election.share // unit * unit, 0, 1
    while True:
        run = _run(sweep, election, whole + step * unit, utility, candidates)
        if _cost(election, run.winners) > election.budget:
            break
        last = step
        if _done(election, run.winners, candidates, until_full=until_full) or run.until == math.inf:
            break
        last = max(step, int((run.until - whole) // unit))
        step = last + 1
    if last == 0:
        return election.share, first
    endowment = Fraction(whole + last * unit)
    return endowment, spend(election, endowment, utility, candidates)


def _run(sweep: Sweep, election: Election, endowment: int, utility: str, candidates: Collection[int]) -> Run:
    """What is bought at an endowment: by the sweep if it is certain, else exactly."""
    run = sweep.run(float(endowment))
    if run.certain:
        return run
    exact = spend(election, Fraction(endowment), utility, candidates)
    return Run(tuple(purchase.project for purchase in exact.purchases), float(endowment), certain=True)
