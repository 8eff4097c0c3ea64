"""The model of `_kernel` read aloud: one world, plain Python, small steps of time. Slow, and only for tests.

Every hazard is computed anew at every step from who is there at that time; nothing is carried along but the weight,
log consumption and the sums. Steps end at arrivals, so that the midpoint rule keeps its order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from daccord.futures.world._draw import Draws
from daccord.futures.world._kernel import ALMOST_SURE, Values

__all__ = ["Life", "reference_life"]


@dataclass(frozen=True)
class Life:
    """One world's welfare W, hazard sum Λ, and W without hazards."""

    welfare: float
    hazard_sum: float
    benefit: float


def reference_life(draws: Draws, time: npt.NDArray[np.float64], values: Values, n: int, *, steps: int = 2000) -> Life:
    """Live through world `n` step by step.

    Args:
        draws: The worlds.
        time: Years until arrival, shape (n, K).
        values: How lives are valued.
        n: Which world.
        steps: Steps over the horizon, at least; the error falls with their square.
    """
    world = draws.world
    arrival = {name: float(time[n, k]) for k, name in enumerate(world.ids)}
    strength = {role.name: float(draws.strength[n, e]) for e, role in enumerate(world.roles)}
    lead = {role.name: float(draws.lead[n, e]) for e, role in enumerate(world.roles)}
    steep, life = float(values.gamma[n]) - 1, float(values.life[n])

    def use(technology: str, when: float) -> float:
        """How much of a technology's danger is there at a time."""
        if arrival[technology] > when:
            return 0.0
        found = 1.0
        for role in world.roles_of("makes_safe", "substitutes"):
            if role.target == technology and arrival[role.technology] <= when:
                found *= 1 - strength[role.name]
        return found

    def hazards(when: float) -> tuple[float, float]:
        fading = dread = 0.0
        for r, risk in enumerate(world.risks):
            sources = [role for role in world.roles_of("source") if role.target == risk.id]
            there = sum(strength[role.name] * use(role.technology, when) for role in sources) if sources else 1.0
            left = 1.0
            for role in world.roles_of("defends"):
                if role.target == risk.id and arrival[role.technology] <= when:
                    left *= 1 - strength[role.name]
            floor = float(draws.floor[n, r])
            hazard = float(draws.hazard[n, r]) * there * (floor + (1 - floor) * left)
            fading += float(draws.severity[n, r]) * hazard
            dread += hazard if risk.catastrophic else 0.0
        return fading, dread

    def transition(k: int) -> float:
        name = world.ids[k]
        when = arrival[name]
        q = float(draws.transition[n, k]) * math.exp(-float(draws.decline[n, k]) * when)
        for role in world.roles_of("makes_safe", "substitutes"):
            if role.target == name:
                early = (when - arrival[role.technology]) / lead[role.name]
                q *= 1 - strength[role.name] * min(max(early, 0.0), 1.0)
        return min(q * min((world.horizon - when) / world.edge, 1.0), ALMOST_SURE)

    def worth(level: float) -> float:
        return 1 + (level if abs(steep) < 1e-9 else (1 - math.exp(-steep * level)) / steep) / life

    came = sorted((when, k) for k, when in enumerate(arrival.values()) if when < world.horizon)
    ends = [0.0, *(when for when, _ in came), world.horizon]
    weight = clear = 1.0
    level = welfare = benefit = hazard_sum = 0.0
    for i, (start, end) in enumerate(pairwise(ends)):
        if i:
            k = came[i - 1][1]
            q = transition(k)
            weight *= 1 - q
            hazard_sum -= math.log(1 - q)
            level += float(draws.lift[n, k])
        count = max(1, math.ceil((end - start) / world.horizon * steps))
        dt = (end - start) / count
        for step in range(count):
            middle = start + (step + 0.5) * dt
            here = [k for when, k in came if when <= middle]
            deaths = float(values.mortality[n]) * math.prod(1 - float(draws.longevity[n, k]) for k in here)
            growth = float(values.growth[n]) + sum(float(draws.growth[n, k]) for k in here)
            rate = float(values.rate[n]) + deaths
            fading, dread = hazards(middle)
            worth_here = worth(level + growth * dt / 2) * dt
            welfare += weight * math.exp(-(rate + fading) * dt / 2) * worth_here
            benefit += clear * math.exp(-rate * dt / 2) * worth_here
            weight *= math.exp(-(rate + fading) * dt)
            clear *= math.exp(-rate * dt)
            hazard_sum += dread * dt
            level += growth * dt
    end_worth = float(values.future[n]) * worth(level)
    return Life(welfare + weight * end_worth, hazard_sum, benefit + clear * end_worth)
