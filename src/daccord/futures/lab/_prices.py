"""What lives are worth if power is lost: the reader's own prices on lock-in and on loss of say, 0 unless set.

Model. In year t a life is worth its u(t) times f(t) in [0, 1]; after the horizon, times the last f. With W(t) the part
of welfare that falls before year t,

    welfare = Σ_t (f(t) − f(t + 1)) W(t + 1) + f(last) W

and W(t) is the world's welfare if a certain end comes in year t: a phantom technology that is the source of a hazard so
large that nothing is left after it. So one kernel values everything. Only years in which f changes are lived through.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from daccord.futures.lab._stage import taken
from daccord.futures.world import Draws, Risk, Role, Technology, Welfare, fixed, live_at

__all__ = ["priced"]

FloatArray = npt.NDArray[np.float64]

_END: Final = "(end)"
_CERTAIN: Final = 1e9
"""Hazard a year of the certain end: what falls after it is off by 1e-9 years."""
_AT_ONCE: Final = 65_536


def priced(draws: Draws, time: FloatArray, welfare: Welfare, worth: FloatArray, factor: FloatArray) -> FloatArray:
    """Welfare at the reader's prices.

    Args:
        draws: The worlds as they were launched.
        time: Arrivals; shape (n, K).
        welfare: How lives are valued otherwise.
        worth: Welfare without prices; shape (n,).
        factor: f of each year; shape (Y, n).
    """
    change = factor[:-1] - factor[1:]
    year, world = np.nonzero(change)
    found = factor[-1] * worth
    ending = _ending(draws)
    for start in range(0, len(year), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        when = np.column_stack([time[world[part]], year[part] + 1.0])
        before = live_at(taken(ending, world[part]), when, welfare, gradient=False).welfare
        np.add.at(found, world[part], change[year[part], world[part]] * before)
    return np.asarray(found)


def _ending(draws: Draws) -> Draws:
    """The worlds with the phantom at the end of their tables."""
    world = replace(
        draws.world,
        technologies=(*draws.world.technologies, Technology(_END, fixed(1.0))),
        risks=(*draws.world.risks, Risk(_END, fixed(_CERTAIN))),
        roles=(*draws.world.roles, Role("source", _END, _END)),
    )

    def wider(name: str, value: float) -> FloatArray:
        return np.column_stack([getattr(draws, name), np.full(draws.size, value)])

    none, hazard, role = (
        {name: wider(name, value) for name, value in table.items()}
        for table in (
            dict.fromkeys(_OF_TECHNOLOGIES, 0.0),
            {"hazard": _CERTAIN, "floor": 0.0, "severity": 1.0},
            {"strength": 1.0, "lead": 1.0, "delay": 0.0},
        )
    )
    tables: dict[str, Any] = none | hazard | role
    return replace(draws, world=world, **tables)


_OF_TECHNOLOGIES: Final = (
    "time", "elasticity", "leak", "lift", "growth", "longevity", "transition", "decline"
)  # fmt: skip
