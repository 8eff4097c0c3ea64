"""What a single ballot can have changed: every voter left out in turn, exactly."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from daccord.allocation._rules import MoneyTask
from daccord.allocation.medians._ballots import Stated, stated
from daccord.allocation.medians._median import columns, divide, twice_median

__all__ = ["MOST_CELLS", "BallotEffect", "ballot_effects"]

MOST_CELLS: Final = 300_000
"""Ballots times projects up to which a decision measures the effect of every ballot (some seconds)."""


@dataclass(frozen=True)
class BallotEffect:
    """What leaving one ballot out changes.

    Attributes:
        voter: Id.
        project: Position of the project whose award changes most; among equals the smaller SHA-256 of the id.
        change: Its award with the ballot less its award without it, minor units.
        moved: The same of every project, shape (n,).
    """

    voter: str
    project: int
    change: int
    moved: tuple[int, ...]


def ballot_effects(task: MoneyTask, said: Stated | None = None) -> tuple[BallotEffect, ...]:
    """Leave every ballot out in turn.

    Args:
        task: As for the rule; it has at least one project.
        said: What voters said, if it is known already.

    Returns:
        One for every voter who said something, in their order.
    """
    said = stated(task) if said is None else said
    quorum = task.rules.metric_median.quorum
    ordered = columns(said, len(task))
    medians = [twice_median(column, quorum) for column in ordered]
    full = divide(task, medians).amounts
    out = []
    for voter, ballot in zip(said.voters, said.amounts, strict=True):
        without = list(medians)
        for project, amount in ballot.items():
            column = ordered[project]
            without[project] = twice_median(column, quorum, bisect_left(column, amount))
        amounts = divide(task, without).amounts
        moved = tuple(mine - theirs for mine, theirs in zip(full, amounts, strict=True))
        most = min(range(len(moved)), key=lambda i: (-abs(moved[i]), task.ties[i]))
        out.append(BallotEffect(voter, most, moved[most], moved))
    return tuple(out)
