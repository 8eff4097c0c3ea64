"""The sweep compiled: one world after the other, on two threads. `_kernel` has the model, `_sweep` the same in numpy.

Needs numba, and is imported only where there are enough worlds to pay for that. Worlds do not depend on each other, so
neither does any number on how they are split between threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from daccord.futures.world._draw import Draws
from daccord.futures.world._kernel import ALMOST_SURE, Lived, Structure, Values, structure

__all__ = ["sweep"]

FloatArray = npt.NDArray[np.float64]
F = TypeVar("F", bound=Callable[..., Any])

_LOGARITHMIC: Final = 1e-9

_SPLIT_FROM: Final = 80_000
"""Arrivals from which on a second thread gains more than it costs to start."""


def _compiled(function: F) -> F:
    return cast("F", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def sweep(draws: Draws, time: FloatArray, values: Values, *, gradient: bool) -> Lived:
    """As `_sweep.sweep`."""
    n, k = time.shape
    roles = _positions(structure(draws.world), k)
    wide = k if gradient else 0
    out = [np.empty(n), np.empty(n), np.empty(n), *(np.zeros((n, wide)) for _ in range(3))]
    world = draws.world
    tables = (
        time, draws.lift, draws.growth, draws.longevity, draws.transition, draws.decline, draws.hazard, draws.floor,
        draws.severity, draws.strength, draws.lead,
    )  # fmt: skip
    inputs = tuple(np.ascontiguousarray(table) for table in tables)
    lives = (values.gamma, values.life, values.rate, values.growth, values.mortality, values.future)
    args = (inputs, lives, roles, (world.horizon, world.edge), gradient, tuple(out))
    middle = n // 2
    if n * k < _SPLIT_FROM:
        _worlds(0, n, *args)
        return Lived(*out)
    with ThreadPoolExecutor(2) as pool:
        for job in (pool.submit(_worlds, 0, middle, *args), pool.submit(_worlds, middle, n, *args)):
            job.result()
    return Lived(*out)


def _positions(plan: Structure, techs: int) -> tuple[Any, ...]:
    """Defences and calming roles in the order of who plays them, with where each technology's begin; sources."""

    def by_player(roles: tuple[tuple[int, int, int], ...]) -> tuple[Any, Any, Any]:
        table = np.array(sorted(roles, key=lambda role: role[1]), np.intp).reshape(-1, 3)
        return np.searchsorted(table[:, 1], np.arange(techs + 1)), table[:, 0].copy(), table[:, 2].copy()

    calms = np.array(sorted(plan.calms, key=lambda role: role[1]), np.intp).reshape(-1, 3)
    sources = np.array(plan.sources, np.intp).reshape(-1, 3)
    return (
        *by_player(plan.defends), *by_player(plan.calms), calms[:, 1].copy(),
        sources[:, 0].copy(), sources[:, 1].copy(), sources[:, 2].copy(), plan.free, plan.catastrophic,
    )  # fmt: skip


@_compiled
def _integral(rate: float, years: float) -> float:
    x = rate * years
    if abs(x) < 1e-8:
        return years * (1 - 0.5 * x)
    return -math.expm1(-x) / rate


@_compiled
def _first_moment(rate: float, years: float) -> float:
    x = rate * years
    if abs(x) < 1e-4:
        return years**2 * (0.5 - x / 3 + x * x / 8 - x**3 / 30)
    return (-math.expm1(-x) - x * math.exp(-x)) / rate**2


@_compiled
def _worth(level: float, steep: float, life: float) -> float:
    if abs(steep) < _LOGARITHMIC:
        return 1 + level / life
    return 1 - math.expm1(-steep * level) / steep / life


@_compiled
def _flow(rate: float, level: float, growth: float, years: float, steep: float, life: float) -> tuple[float, float]:
    plain = _integral(rate, years)
    if abs(steep) < _LOGARITHMIC:
        return plain * (1 + level / life) + growth * _first_moment(rate, years) / life, plain / life
    fall = math.exp(-steep * level) * _integral(rate + steep * growth, years)
    return plain + (plain - fall) / steep / life, fall / life


@_compiled
def _worlds(
    start: int,
    stop: int,
    tables: tuple[FloatArray, ...],
    lives: tuple[FloatArray, ...],
    roles: tuple[Any, ...],
    years_of: tuple[float, float],
    gradient: bool,
    out: tuple[FloatArray, ...],
) -> None:
    """Worlds `start` to `stop`; writes into `out`."""
    time, lift, growth, longevity, transition, decline, hazard, floor, severity, strength, lead = tables
    gamma, life, base_rate, base_growth, mortality, future = lives
    d_at, d_role, d_risk, c_at, c_role, c_target, c_player, s_role, s_player, s_risk, free, catastrophic = roles
    horizon, edge = years_of
    out_w, out_h, out_b, out_gain, out_risk, out_slope = out
    techs, risks, calms, sources = time.shape[1], hazard.shape[1], len(c_role), len(s_role)
    order = np.empty(techs, np.intp)
    t, q, own = np.empty(techs), np.empty(techs), np.empty(techs)
    cross = np.empty(calms)
    left, share, base = np.empty(risks), np.empty(risks), np.empty(risks)
    calm, there = np.empty(techs), np.empty(techs)
    fade, cat, disc = np.empty(techs + 1), np.empty(techs + 1), np.empty(techs + 1)
    flows, marginal = np.empty(techs + 2), np.empty(techs + 2)
    level, weight, chance = np.empty(techs + 1), np.empty(techs + 1), np.empty(techs)
    after_of = np.empty(techs)
    for n in range(start, stop):
        for k in range(techs):  # sorted by insertion: few, and nearly free
            t[k] = min(time[n, k], horizon)
            i = k
            while i > 0 and t[order[i - 1]] > t[k]:
                order[i] = order[i - 1]
                i -= 1
            order[i] = k
            calm[k], there[k] = 1.0, 0.0
            ahead = (horizon - t[k]) / edge
            q[k], own[k] = transition[n, k], -decline[n, k]
            if q[k] > 0:
                q[k] *= math.exp(-decline[n, k] * t[k]) * min(ahead, 1.0)
                if 0 < ahead < 1:
                    own[k] -= 1 / (horizon - t[k])
        for c in range(calms):
            j, e = c_target[c], strength[n, c_role[c]]
            early = (t[j] - t[c_player[c]]) / lead[n, c_role[c]]
            cross[c] = 0.0
            if early > 0:
                kept = 1 - e * min(early, 1.0)
                q[j] *= kept
                if early < 1 and kept > 0:
                    cross[c] = e / lead[n, c_role[c]] / kept
                    own[j] -= cross[c]
        for r in range(risks):
            left[r], base[r] = 1.0, hazard[n, r]
        steep, worth_of = gamma[n] - 1, life[n]
        deaths, g, rich, now = mortality[n], base_growth[n], 0.0, 0.0
        spent, clear, dread = 0.0, 0.0, 0.0
        total, benefit = 0.0, 0.0
        for i in range(techs + 1):
            if i > 0:
                k = order[i - 1]
                there[k] = 1.0
                for d in range(d_at[k], d_at[k + 1]):
                    left[d_risk[d]] *= 1 - strength[n, d_role[d]]
                for c in range(c_at[k], c_at[k + 1]):
                    calm[c_target[c]] *= 1 - strength[n, c_role[c]]
                deaths *= 1 - longevity[n, k]
                g += growth[n, k]
                rich += lift[n, k]
                q[k] = min(q[k], ALMOST_SURE)
                if q[k] > 0:
                    lost = -math.log1p(-q[k])
                    spent += lost
                    dread += lost
                chance[k] = q[k] / (1 - q[k])
            until = t[order[i]] if i < techs else horizon
            years = until - now
            for r in range(risks):
                share[r] = 1.0 if free[r] else 0.0
            for s in range(sources):
                share[s_risk[s]] += strength[n, s_role[s]] * there[s_player[s]] * calm[s_player[s]]
            fade[i], cat[i] = 0.0, 0.0
            for r in range(risks):
                h = base[r] * share[r] * (floor[n, r] + (1 - floor[n, r]) * left[r])
                fade[i] += severity[n, r] * h
                if catastrophic[r]:
                    cat[i] += h
            disc[i] = base_rate[n] + deaths
            level[i], weight[i] = rich, math.exp(-spent)
            rate = fade[i] + disc[i]
            flow, slope = 0.0, 0.0
            if years > 0:
                flow, slope = _flow(rate, rich, g, years, steep, worth_of)
                benefit += math.exp(-clear) * _flow(disc[i], rich, g, years, steep, worth_of)[0]
            flows[i], marginal[i] = weight[i] * flow, weight[i] * slope
            total += flows[i]
            spent += rate * years
            clear += disc[i] * years
            dread += cat[i] * years
            rich += g * years
            now = until
        top, end = _worth(rich, steep, worth_of), math.exp(-spent)
        flows[techs + 1] = end * future[n] * top
        bend = 1.0 if abs(steep) < _LOGARITHMIC else math.exp(-steep * rich)
        marginal[techs + 1] = end * future[n] * bend / worth_of
        out_w[n], out_h[n] = total + flows[techs + 1], dread
        out_b[n] = benefit + math.exp(-clear) * future[n] * top
        if not gradient:
            continue
        after, more = flows[techs + 1], marginal[techs + 1]
        for i in range(techs, 0, -1):
            k = order[i - 1]
            after += flows[i]
            more += marginal[i]
            after_of[k] = after
            if t[k] >= horizon:
                continue
            gain = (disc[i] - disc[i - 1]) * after - growth[n, k] * more
            risk = (fade[i] - fade[i - 1]) * after
            if lift[n, k] != 0 or q[k] > 0:
                here = _worth(level[i], steep, worth_of)
                before = weight[i] / (1 - q[k])
                gain -= before * (here - _worth(level[i] - lift[n, k], steep, worth_of))
                risk += (before - weight[i]) * here - own[k] * after * chance[k]
            out_gain[n, k] = gain
            out_risk[n, k] = risk
            out_slope[n, k] = cat[i - 1] - cat[i] + own[k] * chance[k]
        for c in range(calms):
            j, k = c_target[c], c_player[c]
            if cross[c] > 0:
                out_risk[n, k] -= cross[c] * after_of[j] * chance[j]
                out_slope[n, k] += cross[c] * chance[j]
