"""Completion by raising: everybody is given one unit more, again and again, until the pot would be overspent.

The endowment starts at the equal share of the pot. From its whole units on it goes up one unit at a time; the last
outcome that the pot can pay for stands. (Outcomes do not grow steadily: a project may be bought, then not, then again.
So no step may be left out unless it is certain that it changes nothing, which is what `_sweep.py` is for.) Where it
ends is checked exactly on both sides, and if that does not agree with the sweep, every step is taken.
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
    sweep = Sweep(election, utility, candidates)
    whole, step = election.share // unit * unit, 0
    last, run = election.share, _run(sweep, election, election.share, utility, candidates)
    overspends: Fraction | None = None
    while not _done(election, run.winners, candidates, until_full=until_full) and run.until < math.inf:
        step = max(step, int((run.until - whole) // unit))
        last = max(last, Fraction(whole + step * unit))
        step += 1
        following = Fraction(whole + step * unit)
        found = _run(sweep, election, following, utility, candidates)
        if _cost(election, found.winners) > election.budget:
            overspends = following
            break
        last, run = following, found
    best = spend(election, last, utility, candidates)
    if best.winners != set(run.winners) or not _overspent(election, overspends, utility, candidates):
        return raised_step_by_step(election, utility, candidates, unit, until_full=until_full)
    return last, best


def _overspent(election: Election, endowment: Fraction | None, utility: str, candidates: Collection[int]) -> bool:
    """Whether the sweep was right that this endowment overspends the pot; there is nothing to check without one."""
    if endowment is None:
        return True
    return _cost(election, spend(election, endowment, utility, candidates).winners) > election.budget


def _run(sweep: Sweep, election: Election, endowment: Fraction, utility: str, candidates: Collection[int]) -> Run:
    """What is bought at an endowment: by the sweep if it is certain, else exactly."""
    run = sweep.run(float(endowment))
    if run.certain:
        return run
    exact = spend(election, endowment, utility, candidates)
    return Run(tuple(purchase.project for purchase in exact.purchases), float(endowment), certain=True)
