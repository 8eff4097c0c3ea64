"""One decides: a single centre, and the consortium that alone may build advanced AI.

*Single centre.* One actor sees one signal, divides the money as planned and lets a technology go when it believes that
no later year is better, with full safety. With perfect signals, nobody outside and no capture it is the planner. Each
actor accepts it with probability `trust`; the others are outsiders. That holds bind all of them until a leak
(`binding` = 1) is what makes it a centre; nothing says how it is brought about.

*Consortium.* Each actor joins with probability `trust`; members vote with weights, and a weighted supermajority lets a
technology go. Its levers:

    exclusivity      frontier work slows by what outsiders stop doing: s = exclusivity · (their share of compute)
    two caps         inner and outer compute; outsiders are behind by log10(inner/outer) / progress years
    secrecy          lowers theft, which spares outsiders that lag; and leaves fewer independent eyes, so that members'
                     errors correlate more: ρ' = ρ + (1 − ρ) · secrecy · blinding
    benefit sharing  lowers exit: a member leaves at the yearly rate `exit_rate` · (1 − sharing); and spreads compute

Capture: after an exponential time the strongest member decides alone, for itself (V + rush) and in haste.

*Trust.* Nine small, self-selected polls asked whom people would trust with an AI monopoly rather than delay AI for ten
years: delay won all nine. Pooled, about 33 % accept a multinational body, 25 % a corporation, 17 % the US government.
They are used as probabilities that an actor accepts, which is a stretch; set `trust=1` to leave them out.

Sources: J. Hausenloy, A. Miotti, C. Dennis, "Multinational AGI Consortium (MAGIC)", arXiv 2310.09217, abstract only:
it leaves enforcement and feasibility open, so leak, exit, capture and weights are ours. Caps 2.5e25 and 1e23 FLOP: the
treaty draft that pairs them (TAISC), retold. Polls: V. Buterin, "My techno-optimism" (2023), recounted from figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from daccord.futures.lab._conditions import Conditions
from daccord.futures.lab._constitution import Constitution, Friction, Moment, Proposal, Scene, bound, outsiders_act
from daccord.futures.lab._measures import judging

__all__ = ["TRUST", "Centre", "Consortium"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

TRUST = {"multinational body": 0.33, "corporation": 0.25, "US government": 0.17}
"""Share that accepts each as a monopolist rather than ten years' delay; about, from nine polls."""


@dataclass(frozen=True)
class Centre(Constitution):
    """Single centre.

    Attributes:
        trust: Probability that an actor accepts it.
        binding: Share of outsiders whom a hold binds, up to leaks; the others are free.
    """

    title: ClassVar[str] = "single centre"

    grip: float = 0.5
    planned: bool = True
    trust: float = TRUST["US government"]
    binding: float = 1.0

    def inside(self, scene: Scene) -> BoolArray:
        """Who accepts; the first always does. Shape (n, N)."""
        found = scene.table("uniform", "trust") < self.trust
        found[:, 0] = True
        return found

    def outside(self, now: Moment) -> BoolArray:
        """Who does not; shape (m, N)."""
        return ~self.inside(now.scene)[now.rows]

    def decide(self, now: Moment, beliefs: FloatArray) -> tuple[BoolArray, FloatArray]:
        """The first actor does; for itself once captured."""
        return self._for_itself(now, beliefs[:, 0], beliefs[:, 0] >= 0)

    def _for_itself(self, now: Moment, own: FloatArray, together: BoolArray) -> tuple[BoolArray, FloatArray]:
        captured = now.captured
        allowed = np.where(captured, own + now.scene.conditions.rush >= 0, together)
        return allowed, np.where(captured, self.hurried(now), 1.0)

    def comply(self, now: Moment, beliefs: FloatArray) -> BoolArray:
        """Outsiders leak."""
        free = now.chance(now.scene.conditions.leak) | ~bound(now, self.binding)
        return outsiders_act(now, beliefs, self.outside(now) & free)

    def say(self, scene: Scene) -> FloatArray:
        """All of it."""
        found = np.zeros_like(scene.units)
        found[0] = 1.0
        return found

    def purse(self, scene: Scene) -> FloatArray:
        """Whoever decides divides the money."""
        return self.say(scene)

    def judges(self, scene: Scene) -> FloatArray:
        """One."""
        return self.say(scene)

    def votes(self, scene: Scene) -> tuple[FloatArray, float]:
        """One vote."""
        return self.say(scene), 1.0

    def without(self, friction: Friction, conditions: Conditions) -> tuple[Constitution, Conditions]:
        """Leak: everybody accepts."""
        same, changed = super().without(friction, conditions)
        assert isinstance(same, Centre)
        return (replace(same, trust=1.0) if friction == "leak" else same), changed


@dataclass(frozen=True)
class Consortium(Centre):
    """Consortium (MAGIC).

    Attributes:
        trust: Probability that an actor joins; the first always does.
        supermajority: Share of weights that lets a technology go.
        weights: Votes of each place, normalised over members; None for votes by compute.
        exclusivity: Share of outsiders' frontier work that the moratorium stops, before leaks.
        inner: Compute cap inside, FLOP a training run.
        outer: The same outside.
        progress: How fast the compute that a capability needs falls, orders of magnitude a year.
        secrecy: In [0, 1].
        theft: Yearly probability that a given outsider steals what is mature inside, without secrecy.
        blinding: How much of members' independence secrecy costs, in [0, 1].
        sharing: Share of benefits shared, in [0, 1].
        exit_rate: Yearly probability that a member leaves if nothing is shared.
    """

    title: ClassVar[str] = "consortium"
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {
        "inner": (1.0, math.inf), "outer": (1.0, math.inf), "progress": (1e-6, math.inf),
        "supermajority": (1e-6, 1.0),
    }  # fmt: skip

    trust: float = TRUST["multinational body"]
    supermajority: float = 2 / 3
    weights: tuple[float, ...] | None = None
    exclusivity: float = 0.8
    inner: float = 2.5e25
    outer: float = 1e23
    progress: float = 0.5
    secrecy: float = 0.5
    theft: float = 0.05
    blinding: float = 0.5
    sharing: float = 0.5
    exit_rate: float = 0.02

    @property
    def lag(self) -> float:
        """Years by which outsiders are behind."""
        return max(0.0, math.log10(self.inner / self.outer)) / self.progress

    def inside(self, scene: Scene) -> BoolArray:
        """Who has joined and not left; shape (n, N)."""
        return scene.yearly("members", lambda: self._members(scene))

    def _members(self, scene: Scene) -> BoolArray:
        found = super().inside(scene)
        rate = self.exit_rate * (1 - self.sharing)
        if rate > 0:
            gone = scene.table("wait", "exit") <= -np.log1p(-min(rate, 1 - 1e-12)) * scene.year
            gone[:, 0] = False
            found &= ~gone
        return found

    def propose(self, scene: Scene) -> Proposal:
        """Frontier work outside is slowed, as long as money and slowing act."""
        stage = scene.stage
        if not stage.held or not self.exclusivity:
            return Proposal(self.money(scene))
        members = np.where(self.inside(scene).T, scene.shares, 0.0).sum(axis=0)
        years = max(1, int(stage.draws.world.window))
        slowing = np.zeros((stage.size, years, len(stage.planned)))
        slowing[:, :, list(stage.held)] = (self.exclusivity * np.clip(1 - members, 0.0, 1.0))[:, None, None]
        return Proposal(self.money(scene), slowing)

    def judge(self, now: Moment) -> FloatArray:
        """Secrecy leaves fewer independent eyes."""
        return self.believed(now, self._alike(now.scene.conditions))

    def _alike(self, use: Conditions) -> float:
        return use.correlation + (1 - use.correlation) * self.secrecy * self.blinding

    def judges(self, scene: Scene) -> FloatArray:
        """Members by their votes."""
        return judging(self.say(scene), self._alike(scene.conditions))

    def decide(self, now: Moment, beliefs: FloatArray) -> tuple[BoolArray, FloatArray]:
        """A weighted supermajority does; the strongest member once captured."""
        votes = self.say(now.scene).T[now.rows]
        together = np.where(beliefs >= 0, votes, 0.0).sum(axis=1) >= self.supermajority - 1e-12
        strongest = np.argmax(votes, axis=1)
        return self._for_itself(now, beliefs[np.arange(len(votes)), strongest], together)

    def comply(self, now: Moment, beliefs: FloatArray) -> BoolArray:
        """Outsiders leak once they can do it themselves, or steal it."""
        able = now.chance(now.scene.conditions.leak, lag=self.lag)
        able |= now.chance(self.theft * (1 - self.secrecy), of="theft")
        return outsiders_act(now, beliefs, self.outside(now) & (able | ~bound(now, self.binding)))

    def evolve(self, scene: Scene, pull: FloatArray) -> FloatArray:
        """Shared benefits pull members' compute together."""
        if not self.sharing:
            return pull
        inside = self.inside(scene).T & (scene.units > 0)
        mean = np.where(inside, pull, 0.0).sum(axis=0) / inside.sum(axis=0)
        return np.where(inside, (1 - self.sharing) * pull + self.sharing * mean, pull)

    def say(self, scene: Scene) -> FloatArray:
        """Votes of members; all of it once captured."""
        return scene.yearly("votes", lambda: self._votes(scene))

    def _votes(self, scene: Scene) -> FloatArray:
        raw = scene.units if self.weights is None else np.asarray(self.weights, float)[:, None]
        votes = np.where(self.inside(scene).T, np.broadcast_to(raw, scene.units.shape), 0.0)
        votes = votes / votes.sum(axis=0)
        captured = scene.captured <= scene.year
        if captured.any():
            alone = np.zeros_like(votes)
            alone[np.argmax(votes, axis=0), np.arange(votes.shape[1])] = 1.0
            votes = np.where(captured, alone, votes)
        return np.asarray(votes)

    def votes(self, scene: Scene) -> tuple[FloatArray, float]:
        """Members, by the supermajority."""
        return self.say(scene), self.supermajority

    def without(self, friction: Friction, conditions: Conditions) -> tuple[Constitution, Conditions]:
        """Delay: simple majority, nothing slowed. Leak: all join, nobody leaves or steals."""
        same, changed = super().without(friction, conditions)
        assert isinstance(same, Consortium)
        if friction == "delay":
            same = replace(same, supermajority=0.5, exclusivity=0.0)
        if friction == "leak":
            same = replace(same, theft=0.0, exit_rate=0.0)
        return same, changed
