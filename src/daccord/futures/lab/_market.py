"""Many AIs in balance: any one may launch; whether a balance lasts hangs on returns and coordination.

Whoever thinks that a launch is worth it *to itself* launches: with n actors and a bad launch of value −v, somebody does
with probability 1 − Φ(v)ⁿ if errors are independent with deviation 1 (the unilateralist's curse). Safety is that of a
race among the effective number of actors. Coordination κ lowers enmity by that share and slows whoever is above the cap

    pull_i ← pull_i (1 − κ)   if share_i > cap

Even where the balance lasts, people may lose their say to machines: `yielding` in the conditions, apart from shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from daccord.futures.lab._conditions import race_safety
from daccord.futures.lab._constitution import Constitution, Moment, Scene, outsiders_act

__all__ = ["Market", "slowed"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Market(Constitution):
    """Polytheistic market.

    Attributes:
        coordination: κ, in [0, 1].
        cap: Share of compute above which coordination slows an actor.
    """

    title: ClassVar[str] = "polytheistic market"

    coordination: float = 0.0
    cap: float = 0.3

    def decide(self, now: Moment, beliefs: FloatArray) -> tuple[BoolArray, FloatArray]:
        """Any one may."""
        return outsiders_act(now, beliefs, np.ones(beliefs.shape, bool)), self.hurried(now)

    def hurried(self, now: Moment) -> FloatArray:
        """Coordination lowers enmity."""
        return race_safety(now.scene.conditions, now.scene.effective[now.rows], coordination=self.coordination)

    def evolve(self, scene: Scene, pull: FloatArray) -> FloatArray:
        """The leader is slowed."""
        return slowed(scene, pull, self.coordination, self.cap)


def slowed(scene: Scene, pull: FloatArray, coordination: float, cap: float) -> FloatArray:
    """Pull with whoever is above the cap slowed; shape (N, n)."""
    if not coordination:
        return pull
    above = scene.units > cap * scene.units.sum(axis=0)
    return np.where(above, pull * (1 - coordination), pull)
