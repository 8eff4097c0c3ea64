"""A pause: everything on the frontier is slowed and held, as long as all signers sign.

*Soft pause.* Each year, for at most `years`, the pause goes on only if every one of N signers signs; a missing
signature ends it for good. A signer signs if it believes that waiting beats launching, once mature. All but one share
the error of the conditions' correlation; the last is independent. With no signers the pause simply lasts `years`.

*Slowing* s cuts compute; the share `overhang` of what it delays is caught up at once on release, so that the work done
in a paused year is 1 − s (1 − overhang)(1 − leak of the technology), and what is mature then waits for release or for a
leak: an outsider's first chance at the conditions' yearly rate.

*Compute.* What would be built in a paused year is not built with probability s.

*Military exemption.* One actor goes on: the share `military` of the work that others may not do is done by it, so that
its compute grows while theirs hardly does, and it may launch from maturity on, judging alone and racing. If it works in
secret, everybody races as if it had no more than others have on average: who knows nothing of the others is not calmed
by who leads (Armstrong, Bostrom, Shulman 2016). If all see that one is far ahead, the race is calmer. Levers in devices
cannot make such an exception, laws can.

After release, launches are as in the market. Without leaks, exemption and hazards that exist anyway, a paused year
carries no risk: waiting costs only the benefits delayed, and years of life lost in the meantime (Bostrom's timing).

Source: V. Buterin, "d/acc: one year later" (2025), for the soft pause: renewed only if all of three bodies sign, one of
them not military.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from daccord.futures.lab._conditions import Conditions, race_safety
from daccord.futures.lab._constitution import Constitution, Friction, Moment, Proposal, Scene, outsiders_act
from daccord.futures.lab._market import Market

__all__ = ["Pause"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pause(Market):
    """Pause.

    Attributes:
        years: It lasts at most.
        signers: N who must all sign each year; 0 if nobody is asked.
        slowing: s, in [0, 1].
        overhang: Share of the delay caught up on release, in [0, 1].
        exempt: Whether the military is exempt.
        military: Share of what others may not do that it does instead.
        secret: Whether others do not see its compute.
    """

    title: ClassVar[str] = "pause"
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {"years": (0, math.inf), "signers": (0, math.inf)}

    years: int = 10
    signers: int = 3
    slowing: float = 0.9
    overhang: float = 0.3
    exempt: bool = False
    military: float = 0.2
    secret: bool = True

    def propose(self, scene: Scene) -> Proposal:
        """Slow and hold while all sign."""
        stage = scene.stage
        length = min(self.years, stage.years)
        if not stage.held or not length:
            return Proposal(self.money(scene))
        signed = np.logical_and.accumulate(self._signed(scene, length), axis=1)
        holding = np.zeros((stage.size, stage.years), bool)
        holding[:, :length] = signed
        cut = self.slowing * (1 - self.overhang) * (1 - self.military * self.exempt)
        slowing = np.zeros((stage.size, length, len(stage.planned)))
        slowing[:, :, list(stage.held)] = (cut * signed)[:, :, None]
        return Proposal(self.money(scene), slowing, holding)

    def _signed(self, scene: Scene, length: int) -> BoolArray:
        """Whether all signers would sign in each year; shape (n, length)."""
        stage, use = scene.stage, scene.conditions
        every = np.ones((stage.size, length), bool)
        for signer in range(self.signers):
            rho = 0.0 if signer == self.signers - 1 else use.correlation
            wants = np.zeros((stage.size, length), bool)
            for g in range(len(stage.held)):
                gain, danger = stage.gain[g, :, :length], stage.danger[g, :, :length]
                seen = stage.truth[g, :, :length] + use.bias * (np.abs(gain) + np.abs(danger))
                for sign, table, about in ((1, gain, f"benefit:{g}"), (-1, danger, f"risk:{g}")):
                    own, shared = stage.normal(f"signer:{signer}:{about}"), stage.normal(f"error:{about}")
                    error = use.noise * (np.sqrt(rho) * shared + np.sqrt(1 - rho) * own)
                    seen += sign * error[:, None] * table
                wants |= seen < 0
            every &= wants
        return every

    def decide(self, now: Moment, beliefs: FloatArray) -> tuple[BoolArray, FloatArray]:
        """Nothing while held; then any one may."""
        free, safety = super().decide(now, beliefs)
        return free & ~now.held, safety

    def comply(self, now: Moment, beliefs: FloatArray) -> BoolArray:
        """Outsiders leak; the exempt actor need not."""
        able = now.chance(now.scene.conditions.leak)
        if self.exempt:
            able[:, 0] = True
        return outsiders_act(now, beliefs, able) & now.held

    def hurried(self, now: Moment) -> FloatArray:
        """As in the market, among those who are seen."""
        if not (self.exempt and self.secret):
            return super().hurried(now)
        seen = now.scene.yearly("seen", lambda: _seen(now.scene.units))
        return race_safety(now.scene.conditions, seen[now.rows], coordination=self.coordination)

    def built(self, scene: Scene, winner: IntArray, unit: int) -> IntArray:
        """What is paused is not built, but for what the exempt actor builds instead."""
        plan = scene.proposal
        if not self.slowing or plan is None or plan.holding is None or not plan.holding[:, scene.year].any():
            return winner
        stopped = np.where(plan.holding[:, scene.year], self.slowing, 0.0)
        chance = scene.stage.uniform(f"paused:{scene.year}:{unit}")
        if not self.exempt:
            return np.where(chance < stopped, -1, winner)
        moved = np.where(chance < self.military * stopped, 0, -1)
        return np.where((chance < stopped) & (winner > 0), moved, winner)

    def without(self, friction: Friction, conditions: Conditions) -> tuple[Constitution, Conditions]:
        """Delay: nothing is slowed or held. Leak: nobody is exempt."""
        same, changed = super().without(friction, conditions)
        assert isinstance(same, Pause)
        if friction == "delay":
            return replace(same, years=0), changed
        return (replace(same, exempt=False) if friction == "leak" else same), changed


def _seen(units: FloatArray) -> FloatArray:
    """Effective number of actors if the first had what the others have on average; shape (n,)."""
    others = units[1:]
    there = np.maximum(1, (others > 0).sum(axis=0))
    total = others.sum(axis=0)
    first = np.where(total > 0, total / there, 1.0)
    return np.asarray((total + first) ** 2 / (np.einsum("in,in->n", others, others) + first**2))
