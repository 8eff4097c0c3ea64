"""The fast path: all arrivals of a block of worlds swept at once. The model is in `_kernel`.

Arrivals are sorted by world; interval 0 ends with the first arrival, interval i begins with the i-th. Hazards, levels
and weights of all intervals are cumulative products and sums along that order; what comes after an arrival is a
cumulative sum from the end. Blocks of worlds are small enough that their arrays stay in the processor's cache.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.world._draw import Draws
from daccord.futures.world._kernel import ALMOST_SURE, Lived, Structure, Values, flow, structure, worth

__all__ = ["sweep"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

_BLOCK: Final = 512
"""Worlds at a time: 24 technologies × 8 risks then take 0.8 MB."""


def sweep(draws: Draws, time: FloatArray, values: Values, *, gradient: bool) -> Lived:
    """Live through worlds with given arrival times.

    Args:
        draws: The worlds.
        time: Years until arrival, infinite if never; shape (n, K).
        values: How lives are valued, by world.
        gradient: Whether slopes by arrival time are wanted.
    """
    plan = structure(draws.world)
    parts = [
        _Block(draws, plan, time, values, slice(start, min(start + _BLOCK, draws.size))).lived(gradient=gradient)
        for start in range(0, draws.size, _BLOCK)
    ]
    return Lived(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Lived)))


class _Block:
    """A block of b worlds, its arrivals sorted."""

    def __init__(self, draws: Draws, plan: Structure, time: FloatArray, values: Values, rows: slice) -> None:
        self.draws, self.plan, self.rows = draws, plan, rows
        self.horizon = draws.world.horizon
        self.time = np.minimum(time[rows], self.horizon)
        self.values = Values(*(getattr(values, f.name)[rows, None] for f in fields(Values)))
        self.order = np.argsort(self.time, axis=1, kind="stable")
        self.sorted = np.take_along_axis(self.time, self.order, axis=1)
        self.size, self.techs = self.time.shape
        self.years = np.diff(self.sorted, axis=1, prepend=0.0, append=self.horizon)
        self.rank = np.empty_like(self.order)
        np.put_along_axis(self.rank, self.order, np.arange(self.techs)[None, :], axis=1)

    def _in_order(self, table: FloatArray) -> FloatArray | None:
        """A column for each technology, sorted by arrival; None if all are 0."""
        block = table[self.rows]
        return np.take_along_axis(block, self.order, axis=1) if block.any() else None

    def _hazards(self) -> tuple[FloatArray, FloatArray]:
        """Severity-weighted and catastrophic hazard in each interval; shape (b, K + 1)."""
        draws, plan, rows = self.draws, self.plan, self.rows
        base, floor = draws.hazard[rows], draws.floor[rows]
        risks = base.shape[1]
        if not risks:
            return (none := np.zeros((self.size, self.techs + 1))), none
        factor = np.ones((self.size, self.techs, risks))
        for e, k, r in plan.defends:
            factor[:, k, r] -= draws.strength[rows, e]
        first = np.arange(0, self.size * self.techs, self.techs)[:, None]
        ordered = factor.reshape(-1, risks)[first + self.order]
        left = np.empty((self.size, self.techs + 1, risks))
        left[:, 0] = 1.0
        for i in range(self.techs):
            np.multiply(left[:, i], ordered[:, i], out=left[:, i + 1])
        left *= (base * (1 - floor))[:, None, :]
        left += (base * floor)[:, None, :]
        active: dict[int, FloatArray] = {}
        shares: dict[int, FloatArray] = {}
        for e, j, r in plan.sources:
            if j not in active:
                active[j] = self._active(j)
            part = draws.strength[rows, e, None] * active[j]
            shares[r] = shares[r] + part if r in shares else part
        for r, share in shares.items():
            left[:, :, r] *= share
        severity = draws.severity[rows]
        catastrophic = left @ plan.catastrophic.astype(float)
        if plan.catastrophic.all() and (severity == 1).all():
            return catastrophic, catastrophic
        return np.einsum("bir,br->bi", left, severity), catastrophic

    def _active(self, j: int) -> FloatArray:
        """How much technology j contributes to hazards in each interval: 0 before it, its unsafe share after."""
        interval = np.arange(self.techs + 1)
        found = (interval > self.rank[:, j, None]).astype(float)
        for e, k, target in self.plan.calms:
            if target == j:
                strength = self.draws.strength[self.rows, e, None]
                found *= np.where(interval > self.rank[:, k, None], 1 - strength, 1.0)
        return found

    def _transitions(self) -> tuple[FloatArray, FloatArray, list[tuple[int, int, FloatArray]]] | None:
        """q by technology, ∂ln q_j/∂T_j, and (k, j, ∂ln q_j/∂T_k); None if no arrival is risky."""
        draws, rows, time = self.draws, self.rows, self.time
        if not draws.transition[rows].any():
            return None
        ahead = (self.horizon - time) / draws.world.edge
        q = draws.transition[rows] * np.exp(-draws.decline[rows] * time) * np.minimum(ahead, 1.0)
        fading = (ahead < 1) & (ahead > 0)
        own = -draws.decline[rows] - np.where(fading, 1 / np.where(fading, self.horizon - time, 1.0), 0.0)
        cross = []
        for e, k, j in self.plan.calms:
            strength, lead = draws.strength[rows, e], draws.lead[rows, e]
            early = (time[:, j] - time[:, k]) / lead
            kept = 1 - strength * np.clip(early, 0.0, 1.0)
            q[:, j] *= kept
            slope = np.where((early > 0) & (early < 1), strength / lead / np.where(kept > 0, kept, 1.0), 0.0)
            own[:, j] -= slope
            cross.append((k, j, slope))
        return np.minimum(q, ALMOST_SURE), own, cross

    def lived(self, *, gradient: bool) -> Lived:
        """The block's worth and slopes."""
        v = self.values
        steep = v.gamma - 1
        fading, hazard = self._hazards()
        longevity = self._in_order(self.draws.longevity)
        calm_rate = v.rate + v.mortality
        if longevity is not None:
            ones = np.ones((self.size, 1))
            calm_rate = v.rate + v.mortality * np.concatenate([ones, np.cumprod(1 - longevity, axis=1)], axis=1)
        rate = fading + calm_rate
        gains, lifts = self._in_order(self.draws.growth), self._in_order(self.draws.lift)
        growth = np.broadcast_to(v.growth, (self.size, self.techs + 1))
        if gains is not None:
            growth = np.concatenate([v.growth, v.growth + np.cumsum(gains, axis=1)], axis=1)
        climbed = np.cumsum(growth * self.years, axis=1)
        level = climbed - growth * self.years
        if lifts is not None:
            level[:, 1:] += np.cumsum(lifts, axis=1)
        top, top_slope = worth(level[:, -1:] + (growth * self.years)[:, -1:], steep, v.life)

        risky = self._transitions()
        spent = np.cumsum(rate * self.years, axis=1)
        exponent = np.concatenate([np.zeros((self.size, 1)), spent], axis=1)
        hazard_sum = np.einsum("bi,bi->b", hazard, self.years)
        if risky is not None:
            q = risky[0]
            ordered_q = np.take_along_axis(q, self.order, axis=1)
            lost = -np.log1p(-ordered_q)
            gone = np.cumsum(lost, axis=1)
            exponent[:, 1:-1] += gone
            exponent[:, -1] += gone[:, -1]
            hazard_sum = hazard_sum + gone[:, -1]
        weight = np.exp(-exponent)
        flows, marginal = flow(rate, level, growth, self.years, steep, v.life)
        flows = np.concatenate([weight[:, :-1] * flows, weight[:, -1:] * v.future * top], axis=1)
        welfare = flows.sum(axis=1)
        benefit = self._benefit(calm_rate, level, growth, top)
        none = np.zeros((self.size, 0))
        if not gradient:
            return Lived(welfare, hazard_sum, benefit, none, none, none)

        after = np.cumsum(flows[:, ::-1], axis=1)[:, ::-1][:, 1:-1]  # V at each arrival
        risk = np.diff(fading, axis=1) * after
        gain = np.zeros_like(risk)
        weight_after = weight[:, 1:-1]
        before = weight_after if risky is None else weight_after / (1 - ordered_q)
        if longevity is not None:
            gain += np.diff(calm_rate, axis=1) * after
        if gains is not None:
            marginal = np.concatenate([weight[:, :-1] * marginal, weight[:, -1:] * v.future * top_slope], axis=1)
            gain -= gains * np.cumsum(marginal[:, ::-1], axis=1)[:, ::-1][:, 1:-1]
        if lifts is not None or risky is not None:
            here = worth(level[:, 1:], steep, v.life)[0]
            if lifts is not None:
                gain -= before * (here - worth(level[:, 1:] - lifts, steep, v.life)[0])
            risk += (before - weight_after) * here
        reached = self.sorted < self.horizon
        slopes = [self._back(part * reached) for part in (gain, risk, -np.diff(hazard, axis=1))]
        if risky is not None:
            _, own, cross = risky
            chance = q / (1 - q)
            future = self._back(after) * chance
            slopes[1] -= own * future
            slopes[2] += own * chance
            for k, j, slope in cross:
                slopes[1][:, k] -= slope * future[:, j]
                slopes[2][:, k] += slope * chance[:, j]
        return Lived(welfare, hazard_sum, benefit, *slopes)

    def _back(self, ordered: FloatArray) -> FloatArray:
        return np.take_along_axis(ordered, self.rank, axis=1)

    def _benefit(self, rate: FloatArray, level: FloatArray, growth: FloatArray, top: FloatArray) -> FloatArray:
        """Worth without any hazard."""
        rate = np.broadcast_to(rate, level.shape)
        spent = np.cumsum(rate * self.years, axis=1)
        weight = np.exp(rate * self.years - spent)
        flows, _ = flow(rate, level, growth, self.years, self.values.gamma - 1, self.values.life)
        ends = np.exp(-spent[:, -1]) * self.values.future[:, 0] * top[:, 0]
        return np.asarray(np.einsum("bi,bi->b", weight, flows) + ends)
