"""A pause: everything on the frontier is slowed and held, as long as all signers sign.

*Soft pause.* Each year, for at most `years`, the pause goes on only if every one of N signers signs; a missing
signature ends it for good. A signer signs if it believes that waiting beats launching, once mature. All but one share
the error of the conditions' correlation; the last is independent. With no signers the pause simply lasts `years`.

*Slowing* s cuts compute; the share `overhang` of what it delays is caught up at once on release, so that the work done
in a paused year is 1 − s (1 − overhang)(1 − leak of the technology), and what is mature then waits for release or for a
leak: an outsider's first chance at the conditions' yearly rate.

*Military exemption.* One actor goes on: it keeps the share `military` of all compute out of the slowing, and may launch
from maturity on, judging alone and racing. Device-independent levers cannot make such an exception, laws can.

After release, launches are as in the market. Without leaks, exemption and hazards that exist anyway, a paused year
carries no risk: waiting costs only the benefits delayed, and years of life lost in the meantime (Bostrom's timing).

Source: V. Buterin, "d/acc: one year later" (2025), for the soft pause: renewed only if all of three bodies sign, one of
them not military.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from daccord.futures.lab._conditions import Conditions
from daccord.futures.lab._constitution import Constitution, Friction, Moment, Proposal, Scene, outsiders_act
from daccord.futures.lab._market import Market

__all__ = ["Pause"]

FloatArray = npt.NDArray[np.float64]
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
        military: Its share of compute.
    """

    title: ClassVar[str] = "pause"

    years: int = 10
    signers: int = 3
    slowing: float = 0.9
    overhang: float = 0.3
    exempt: bool = False
    military: float = 0.2

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

    def without(self, friction: Friction, conditions: Conditions) -> tuple[Constitution, Conditions]:
        """Delay: nothing is slowed or held. Leak: nobody is exempt."""
        same, changed = super().without(friction, conditions)
        assert isinstance(same, Pause)
        if friction == "delay":
            return replace(same, years=0), changed
        return (replace(same, exempt=False) if friction == "leak" else same), changed
