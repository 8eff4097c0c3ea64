"""Greedy by score: the project with the most points first, as long as it fits into what is left of the pot."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from daccord.allocation.elections._election import Election
from daccord.allocation.elections._trace import Missed, Outcome, Purchase, Reason

__all__ = ["by_score", "eligible", "greedy", "ineligible"]


def ineligible(election: Election, project: int, threshold: Fraction) -> Reason | None:
    """Why a project is no candidate at all, whatever is left of the pot; None if it is one."""
    if election.scores[project] == 0:
        return "nobody"
    if election.scores[project] < threshold * 10**election.digits:
        return "below_threshold"
    return None


def eligible(election: Election, threshold: Fraction) -> tuple[int, ...]:
    """Projects that have points, and as many as the threshold asks for."""
    return tuple(i for i in range(len(election)) if ineligible(election, i, threshold) is None)


def by_score(election: Election, projects: Collection[int]) -> list[int]:
    """Projects by score, highest first; ties as in `Election.ties`."""
    return sorted(projects, key=lambda i: (-election.scores[i], election.ties[i]))


def greedy(
    election: Election,
    threshold: Fraction = Fraction(0),
    *,
    skips: bool = True,
    before: tuple[Purchase, ...] = (),
) -> Outcome:
    """Buy by score while the pot lasts.

    Args:
        election: What to decide.
        threshold: Least score of a project, in points.
        skips: True to pass over a project that does not fit and go on with the next; False to stop there.
        before: What has been bought already.
    """
    bought = {purchase.project for purchase in before}
    left = election.budget - sum(election.costs[project] for project in bought)
    purchases, missed = list(before), []
    stopped = False
    for project in by_score(election, [i for i in range(len(election)) if i not in bought]):
        reason = ineligible(election, project, threshold)
        if reason is not None:
            missed.append(Missed(project, reason))
        elif stopped:
            missed.append(Missed(project, "stopped", Fraction(left)))
        elif election.costs[project] <= left:
            purchases.append(Purchase(project, "greedy"))
            left -= election.costs[project]
        else:
            too_dear = election.costs[project] > election.budget
            missed.append(Missed(project, "too_dear" if too_dear else "no_room", Fraction(left)))
            stopped = not skips
    return Outcome(election, tuple(purchases), tuple(sorted(missed, key=lambda one: one.project)))
