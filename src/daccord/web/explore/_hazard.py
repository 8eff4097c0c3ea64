"""Hazard at a given year, from who has arrived by then: the formula of `docs/futures/world.md`, read aloud.

    h_r = h⁰_r · Σ_{j source} w_jr D_j Π_{k → j}(1 − e_kj D_k) · {f_r + (1 − f_r) Π_{k defends r}(1 − e_kr D_k)}

Only for showing it year by year; lives are valued by the kernel, whose integral of the same hazard a test compares.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from daccord.futures.world import Draws

__all__ = ["hazard_at"]

FloatArray = npt.NDArray[np.float64]


def hazard_at(draws: Draws, time: FloatArray, year: float) -> FloatArray:
    """Events a year, by world and risk; shape (n, R).

    Args:
        draws: The worlds.
        time: When technologies arrive; shape (n, K).
        year: From now.
    """
    world = draws.world
    place = {name: k for k, name in enumerate(world.ids)}
    here = time <= year
    used = here.astype(float)
    left = np.ones((draws.size, len(world.risks)))
    sources: dict[str, list[tuple[int, int]]] = {}
    for e, role in enumerate(world.roles):
        k = place[role.technology]
        if role.kind in {"makes_safe", "substitutes"}:
            used[:, place[role.target]] *= 1 - draws.strength[:, e] * here[:, k]
        elif role.kind == "defends":
            left[:, world.risk_ids.index(role.target)] *= 1 - draws.strength[:, e] * here[:, k]
        elif role.kind == "source":
            sources.setdefault(role.target, []).append((e, k))
    found = draws.hazard * (draws.floor + (1 - draws.floor) * left)
    for r, name in enumerate(world.risk_ids):
        if name in sources:
            found[:, r] *= sum(draws.strength[:, e] * used[:, k] for e, k in sources[name])
    return np.asarray(found)
