"""From credit to money: exact units within asks, team caps and the minimum.

Credit is counted in whole multiples of 10^-30 of a minor unit, far coarser than the error of its computation and far
finer than money, so equal shares are equal numbers here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from daccord.allocation._rules import MoneyTask
from daccord.allocation.deep._flow import DIGITS, decimal_of, reached
from daccord.allocation.deep._graph import graph_of
from daccord.money import apportion

__all__ = ["UNIT", "Settled", "settle"]

_PLACES: Final = 30
UNIT: Final = 10**_PLACES
"""Credit of one minor unit."""

_WIDE: Final = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Settled:
    """What credit comes to.

    Attributes:
        amounts: Minor units, shape (n,), in the task's order.
        limited_by: What cut each, or "", shape (n,).
        reached: Credit that comes to each project, in 10^-30 minor units, shape (n,).
        kept: The part of it that each keeps, shape (n,).
        lost: Id of a project that may not be funded → credit that stopped there.
        stopped: All of that.
        cut: Minor units that asks, team caps and the minimum took.
    """

    amounts: tuple[int, ...]
    limited_by: tuple[str, ...]
    reached: tuple[int, ...]
    kept: tuple[int, ...]
    lost: tuple[tuple[str, int], ...]
    stopped: int
    cut: int


def settle(task: MoneyTask, seeds: Sequence[int]) -> Settled:
    """Pass the seeds on and round what is kept.

    Args:
        task: The round.
        seeds: Minor units that begin at each project, shape (n,).

    Returns:
        Money; awards, what was cut and what stopped, rounded up to a whole unit, sum to the seeds.
    """
    graph = graph_of(task)
    place = [task.index[identifier] for identifier in graph.ids]
    credit = reached(graph, [seeds[i] for i in place])
    came, kept = [0] * len(task), [0] * len(task)
    lost: dict[str, Decimal] = {}
    stopped = Decimal(0)
    for node, value in enumerate(credit):
        came[place[node]] = _counted(value)
        kept[place[node]] = _counted(_WIDE.multiply(value, decimal_of(graph.own[node])))
        for identifier, share in graph.lost[node]:
            part = _WIDE.multiply(value, decimal_of(share))
            lost[identifier] = _WIDE.add(lost.get(identifier, Decimal(0)), part)
            stopped = _WIDE.add(stopped, part)
    full = _round(task, kept, sum(seeds) + -_counted(stopped) // UNIT)
    amounts, limits = _limit(task, full)
    return Settled(
        tuple(amounts),
        tuple(limits),
        tuple(came),
        tuple(kept),
        tuple((identifier, _counted(value)) for identifier, value in sorted(lost.items()) if value),
        _counted(stopped),
        sum(full) - sum(amounts),
    )


def _counted(value: Decimal) -> int:
    return int(_WIDE.to_integral_value(_WIDE.scaleb(value, _PLACES)))


def _round(task: MoneyTask, kept: Sequence[int], total: int) -> list[int]:
    """Largest remainder: down, and what is left of the total to the largest remainders, the smaller hash first."""
    amounts = [value // UNIT for value in kept]
    order = sorted(range(len(kept)), key=lambda i: (-(kept[i] % UNIT), task.ties[i]))
    for i in order[: max(0, total - sum(amounts))]:
        amounts[i] += 1
    return amounts


def _limit(task: MoneyTask, full: Sequence[int]) -> tuple[list[int], list[str]]:
    """Asks, then team caps in proportion, then the minimum; what they take stays in the pot."""
    amounts = [min(amount, bound) for amount, bound in zip(full, task.bounds, strict=True)]
    limits = [task.bound_name(i) if amounts[i] < full[i] else "" for i in range(len(task))]
    for cap in task.team_caps:
        if sum(amounts[i] for i in cap.members) > cap.amount:
            own = [i for i in cap.members if amounts[i]]
            parts = apportion([amounts[i] for i in own], cap.amount, [task.ids[i] for i in own])
            for i, part in zip(own, parts, strict=True):
                amounts[i], limits[i] = part, "team_cap"
    for i, amount in enumerate(amounts):
        if 0 < amount < task.rules.minimum:
            amounts[i], limits[i] = 0, "minimum"
    return amounts, limits
