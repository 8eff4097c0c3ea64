"""The turns: each spender spends the same share of its money in every turn, and sees what all have spent before.

The order is that of the SHA-256 of the spenders' names, moved on by one place each turn. A turn that is not used is
lost, so nobody gains by waiting for others to pay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from daccord.allocation._rules import MoneyTask
from daccord.allocation.s_process._fill import Spender
from daccord.allocation.s_process._spenders import Purse, purses

__all__ = ["Bought", "Round", "play", "schedule", "settle"]


@dataclass(frozen=True)
class Bought:
    """Units that one purse bought of one project: those from `start` to before `stop`."""

    purse: int
    project: int
    start: int
    stop: int


@dataclass(frozen=True)
class Round:
    """What came of the turns.

    Attributes:
        purses: Who spent.
        amounts: Minor units, shape (n,).
        bought: Which units each purse paid, in the order of the turns, adjoining ones together.
        left: Minor units that each purse did not spend.
        closed: Positions of projects kept out because they would have got less than the minimum.
        full: Positions of projects whose team is at its cap.
    """

    purses: tuple[Purse, ...]
    amounts: tuple[int, ...]
    bought: tuple[Bought, ...]
    left: tuple[int, ...]
    closed: frozenset[int] = frozenset()
    full: frozenset[int] = frozenset()


def schedule(money: Sequence[int], turns: int) -> Iterator[tuple[int, int]]:
    """(purse, units to spend), turn by turn; what a purse has had to spend by then is the same share for all."""
    for turn in range(turns):
        for place in range(len(money)):
            purse = (place + turn) % len(money)
            part = money[purse] * (turn + 1) // turns - money[purse] * turn // turns
            if part:
                yield purse, part


def _room(task: MoneyTask, had: Sequence[int], shut: frozenset[int]) -> list[int]:
    return [0 if i in shut else bound - x for i, (bound, x) in enumerate(zip(task.bounds, had, strict=True))]


def _spend(task: MoneyTask, spender: Spender, money: int, had: Sequence[int], room: list[int]) -> dict[int, int]:
    """One part of a purse, first inside each team with a cap as if it were alone, then over all."""
    everybody = range(len(task))
    for cap in task.team_caps:
        free = cap.amount - sum(had[i] for i in cap.members)
        inside = spender.fill(min(free, money), had, room, cap.members) if free > 0 else {}
        for i in cap.members:
            room[i] = inside.get(i, 0)
    return spender.fill(money, had, room, everybody)


def play(task: MoneyTask, shut: frozenset[int] = frozenset(), spent: Sequence[Purse] | None = None) -> Round:
    """Play all turns.

    Args:
        task: The round.
        shut: Positions that get nothing.
        spent: The purses, if they are known already.

    Returns:
        What came of them; amounts and what is left sum to the purses' money.
    """
    found = purses(task) if spent is None else tuple(spent)
    spenders = [Spender(purse.curves, task.ties) for purse in found]
    had = [0] * len(task)
    left = [0] * len(found)
    done = [False] * len(found)
    blocks: list[Bought] = []
    last: dict[tuple[int, int], int] = {}
    # With one purse the line of units is the same however it is cut into turns.
    turns = task.rules.s_process.turns if len(found) > 1 else 1
    for a, part in schedule([purse.money for purse in found], turns):
        if done[a]:
            left[a] += part
            continue
        taken = _spend(task, spenders[a], part, had, _room(task, had, shut))
        for i, units in taken.items():
            where = last.get((a, i))
            if where is not None and blocks[where].stop == had[i]:
                blocks[where] = Bought(a, i, blocks[where].start, had[i] + units)
            else:
                last[a, i] = len(blocks)
                blocks.append(Bought(a, i, had[i], had[i] + units))
            had[i] += units
        rest = part - sum(taken.values())
        left[a] += rest
        done[a] = rest > 0  # values and room only fall, so this purse is done
    full = frozenset(i for cap in task.team_caps if sum(had[i] for i in cap.members) >= cap.amount for i in cap.members)
    return Round(found, tuple(had), tuple(blocks), tuple(left), shut, full)


def settle(task: MoneyTask, once: Callable[[MoneyTask, frozenset[int], Sequence[Purse] | None], Round] = play) -> Round:
    """Play the turns so that nobody gets less than the smallest viable grant.

    Who would get less, and the least of all, is kept out, and the turns are played again.
    """
    minimum = task.rules.minimum
    shut = frozenset(i for i, bound in enumerate(task.bounds) if bound < minimum)
    found = once(task, shut, None)
    while small := [i for i, x in enumerate(found.amounts) if 0 < x < minimum]:
        shut |= {min(small, key=lambda i: (found.amounts[i], -task.ties[i]))}
        found = once(task, shut, found.purses)
    return found
