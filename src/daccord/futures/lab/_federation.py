"""The d/acc federation: part of the world funds together and launches by one pooled judgement.

The share `share` of money is divided as planned, the rest as now; the same share of places are members. Their beliefs
are pooled but kept as a mixture: a launch needs that weighted members who believe V ≥ 0 make up the share `needed`, not
that the mean belief is positive. Weights grow with the square root of compute, and none is above `cap_weight`. A member
launches by its own choice once the pool says so, with full safety. What the pool holds binds each outsider with
probability `binding`, until a leak; the others launch as in the market. Outsiders race among the effective actors
outside.

Share 0 is the market. Share 1 with perfect signals is the planner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from daccord.futures.lab._conditions import Conditions, race_safety
from daccord.futures.lab._constitution import Constitution, Friction, Moment, Scene, bound, outsiders_act
from daccord.futures.lab._market import Market, slowed

__all__ = ["Federation"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Federation(Market):
    """d/acc federation.

    Attributes:
        share: Of money and places, in [0, 1].
        needed: Weight of those for it that lets a member launch.
        cap_weight: Largest weight of one member before normalising, in shares.
        joint: κ inside: what coordination comes to when all are members.
        binding: Share of outsiders whom a hold of the pool binds, up to leaks; the others are free.
    """

    title: ClassVar[str] = "d/acc federation"
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {"needed": (1e-6, 1.0)}

    share: float = 0.5
    needed: float = 0.5
    cap_weight: float = 0.2
    joint: float = 0.5
    binding: float = 0.5

    def money(self, scene: Scene) -> FloatArray:
        """Mixed by share."""
        mine = 1.0 if self.planned else self.share
        return mine * scene.stage.planned + (1 - mine) * scene.stage.spread

    def members(self, scene: Scene) -> int:
        """Places that are members: the first."""
        return round(self.share * scene.conditions.actors)

    def _kappa(self) -> float:
        return self.coordination + self.share * (max(self.joint, self.coordination) - self.coordination)

    def decide(self, now: Moment, beliefs: FloatArray) -> tuple[BoolArray, FloatArray]:
        """Members by pooled judgement; else outsiders who are free, in haste."""
        count = self.members(now.scene)
        if not count:
            return super().decide(now, beliefs)
        rushed = outsiders_act(now, beliefs, self._outside(now) & ~bound(now, self.binding))
        weights = self.weights(now.scene)[:count].T[now.rows]
        pooled = np.where(beliefs[:, :count] >= 0, weights, 0.0).sum(axis=1) >= self.needed - 1e-12
        return pooled | rushed, np.where(pooled, 1.0, self.hurried(now))

    def comply(self, now: Moment, beliefs: FloatArray) -> BoolArray:
        """Outsiders leak."""
        if not self.members(now.scene):
            return super().comply(now, beliefs)
        return outsiders_act(now, beliefs, self._outside(now) & now.chance(now.scene.conditions.leak))

    def _outside(self, now: Moment) -> BoolArray:
        return np.arange(now.scene.conditions.actors) >= self.members(now.scene)

    def hurried(self, now: Moment) -> FloatArray:
        """Only those outside race."""
        racing = now.scene.effective[now.rows] * (1 - self.members(now.scene) / now.scene.conditions.actors)
        return race_safety(now.scene.conditions, racing, coordination=self._kappa())

    def evolve(self, scene: Scene, pull: FloatArray) -> FloatArray:
        """The leader is slowed, the more the more join."""
        return slowed(scene, pull, self._kappa(), self.cap)

    def weights(self, scene: Scene) -> FloatArray:
        """Of members, adding up to 1; shape (N, n)."""
        return scene.yearly("weights", lambda: self._weights(scene))

    def _weights(self, scene: Scene) -> FloatArray:
        count = self.members(scene)
        raw = np.sqrt(scene.units)
        raw[count:] = 0.0
        shares = np.minimum(raw / raw.sum(axis=0), max(self.cap_weight, 1 / max(count, 1)))
        return np.asarray(shares / shares.sum(axis=0))

    def purse(self, scene: Scene) -> FloatArray:
        """Members by weight over what they pool, everybody by compute over the rest."""
        if not self.members(scene):
            return scene.shares
        return np.asarray(self.share * self.weights(scene) + (1 - self.share) * scene.shares)

    def votes(self, scene: Scene) -> tuple[FloatArray, float]:
        """Members' weights in the pool; what outsiders can do alone is not in it."""
        return (self.weights(scene), self.needed) if self.members(scene) else super().votes(scene)

    def say(self, scene: Scene) -> FloatArray:
        """Members by weight, others by compute."""
        count = self.members(scene)
        if not count:
            return scene.shares
        inside = scene.shares[:count].sum(axis=0)
        return np.concatenate([self.weights(scene)[:count] * inside, scene.shares[count:]])

    def without(self, friction: Friction, conditions: Conditions) -> tuple[Constitution, Conditions]:
        """Leak: all are bound."""
        same, changed = super().without(friction, conditions)
        assert isinstance(same, Federation)
        return (replace(same, binding=1.0) if friction == "leak" else same), changed
