"""Whose money and whose judgment each unit of an award is.

Whose money is a fact. Whose judgment: a juror who spends alone moved all of it. Where jurors speak together, the
money that a funder gave to a project is theirs in proportion to the worth that each, by weight, saw in these units.
Cells are whole units (largest remainder) and sum to the award exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from daccord.allocation._rules import MoneyTask
from daccord.allocation.s_process._spenders import juror_curves, without
from daccord.allocation.s_process._turns import Round, settle
from daccord.money import apportion

__all__ = ["Cell", "juror_effects", "trace"]


@dataclass(frozen=True)
class Cell:
    """Money of one funder for one project that one juror's judgment moved.

    Attributes:
        funder: Id.
        juror: Id.
        project: Id.
        amount: Minor units, above zero.
    """

    funder: str
    juror: str
    project: str
    amount: int


def trace(task: MoneyTask, found: Round) -> tuple[Cell, ...]:
    """All money, cell by cell, in the order of the projects, then of the purses, then of the jurors.

    Args:
        task: The round.
        found: What came of its turns.

    Returns:
        Cells; those of a project sum to its award, those of a funder to what it spent.
    """
    curves = juror_curves(task)
    units: dict[tuple[int, int], int] = {}
    seen: dict[tuple[int, int], dict[str, Fraction]] = {}
    for block in found.bought:
        key = block.project, block.purse
        units[key] = units.get(key, 0) + block.stop - block.start
        worth = seen.setdefault(key, {})
        for juror, weight in found.purses[block.purse].voices[block.project].items():
            saw = weight * curves[juror][block.project].worth(block.start, block.stop)
            worth[juror] = worth.get(juror, Fraction(0)) + saw
    cells = []
    for key in sorted(units):
        i, a = key
        parts = _divided(units[key], seen[key])
        cells += [
            Cell(found.purses[a].funder, juror, task.projects[i].id, part) for juror, part in parts.items() if part
        ]
    return tuple(cells)


def _divided(amount: int, worth: Mapping[str, Fraction]) -> dict[str, int]:
    scale = lcm(*(share.denominator for share in worth.values()))
    weights = [int(share * scale) for share in worth.values()]
    return dict(zip(worth, apportion(weights, amount, list(worth)), strict=True))


def juror_effects(task: MoneyTask) -> dict[str, tuple[int, ...]]:
    """What everybody would get without a juror: juror → minor units, shape (n,), each by playing all turns again."""
    return {juror: settle(without(task, juror)).amounts for juror in juror_curves(task)}
