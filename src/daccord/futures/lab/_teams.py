"""People and AI together: AI proposes, people can veto, and trust grows.

*Judging.* The AI's signal is one for all who use it (errors correlate by `sameness`); people see as the conditions say.
Working together moves a person's signal by g noise deviations towards the truth, where g is drawn once a world from
N(−0.23, 0.082²): below zero, because a meta-analysis of 106 experiments found teams *worse* than the better of the two
(Hedges' g −0.23, 95 % interval −0.39 to −0.07). Reading g as a shift of the signal is ours.

*Deciding.* A launch needs a majority of AIs for it and fewer than `veto` people against it. Automation bias: a person
who would object stays silent with probability `bias_most` (1 − e^{−bias_rate · years})

*Outside.* Places without teams judge by themselves, as in every other constitution. A hold binds each of them with
probability `binding`, until a leak; the others are as free as in the market. Nothing in the idea of teams says that
those without any wait; the federation has the same number.

*Four levers*, each with a price where one is known:

    tightness        of the loop between people and AI: both learn faster, learning · (1 + tightness); people keep more
                     of the say, loss · (1 − tightness); whoever waits for people gains less compute, advantage ·
                     (1 − tightness)
    openness         of models and methods: AIs err less alike, sameness · (1 − openness/2); those without teams have
                     the share `openness` of the advantage; and more of them can break a hold, at the yearly rate
                     `spill` · openness on top of leaks
    unequal access   the share `access` of places has teams, and pulls new compute more strongly by the advantage; the
                     others are outside
    irreversibility  the share of decisions passed to machines that cannot be taken back; of the rest, the share
                     `regain` is taken back every year

All three paths for AI (consortium, market, teams) have a pause of fixed length, `Pause(signers=0)`, as the baseline of
delay.

Source: M. Vaccaro, A. Almaatouq, T. Malone, "When combinations of humans and AI are useful", Nature Human Behaviour 8
(2024).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from daccord.futures.lab._conditions import Conditions
from daccord.futures.lab._constitution import Constitution, Friction, Moment, Scene, bound, outsiders_act
from daccord.futures.lab._measures import judging

__all__ = ["Teams"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Teams(Constitution):
    """Human–AI teams.

    Attributes:
        effect: Mean of g.
        doubt: Standard deviation of g.
        sameness: Correlation of the AIs' errors, if nothing is open.
        veto: People against who stop a launch; at least 1.
        people: Who are asked; at most the number of actors.
        bias_most: Largest automation bias.
        bias_rate: How fast trust grows, per year.
        access: Share of places with teams.
        advantage: Their stronger pull on new compute, at no tightness.
        tightness: Of the loop between people and AI, in [0, 1].
        openness: Of models and methods, in [0, 1].
        spill: Yearly rate at which full openness lets a given outsider break a hold.
        binding: Share of outsiders whom a hold binds, up to leaks; the others are free.
        irreversibility: Share of what passed to machines that cannot be taken back.
        regain: Share of the rest that is taken back, per year.
    """

    title: ClassVar[str] = "human–AI teams"
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {
        "effect": (-math.inf, math.inf),
        "doubt": (0.0, math.inf),
        "veto": (1, math.inf),
        "people": (1, math.inf),
        "bias_rate": (0.0, math.inf),
        "advantage": (0.0, math.inf),
    }

    grip: float = 0.2
    effect: float = -0.23
    doubt: float = 0.082
    sameness: float = 0.8
    veto: int = 2
    people: int = 5
    bias_most: float = 0.6
    bias_rate: float = 0.05
    access: float = 0.5
    advantage: float = 0.6
    tightness: float = 0.5
    openness: float = 0.2
    spill: float = 0.05
    binding: float = 0.5
    irreversibility: float = 0.8
    regain: float = 0.05

    @property
    def alike(self) -> float:
        """Correlation of the AIs' errors as open as they are."""
        return self.sameness * (1 - self.openness / 2)

    def judge(self, now: Moment) -> FloatArray:
        """The first half of the columns are people in teams, the second the AIs; shape (m, 2N)."""
        use = now.scene.conditions
        now = replace(now, learning=use.learning * (1 + self.tightness))
        g = self.effect + self.doubt * now.scene.stage.normal("team effect")[now.rows]
        people = self.believed(now, use.correlation)
        if use.noise:
            people = people + (g * now.blur * np.hypot(now.gain, now.danger) * np.sign(now.truth))[:, None]
        machines = self.believed(now, self.alike)
        return np.concatenate([people, machines], axis=1)

    def decide(self, now: Moment, beliefs: FloatArray) -> tuple[BoolArray, FloatArray]:
        """AIs propose, people veto."""
        count = now.scene.conditions.actors
        proposed = (beliefs[:, count:] >= 0).mean(axis=1) >= 0.5
        asked = min(self.people, count)
        silent = self.bias_most * -np.expm1(-self.bias_rate * now.scene.year)
        speaks = now.scene.table("uniform", "speaks")[now.rows, :asked] >= silent
        against = ((beliefs[:, :asked] < 0) & speaks).sum(axis=1)
        return proposed & (against < self.veto), np.ones(len(now.rows))

    def comply(self, now: Moment, beliefs: FloatArray) -> BoolArray:  # noqa: ARG002 - those are of people in teams
        """Whoever has no team is outside, and judges alone."""
        use = now.scene.conditions
        rate = 1 - (1 - use.leak) * (1 - self.spill * self.openness)
        free = ~self.teamed(now.scene) & (now.chance(rate) | ~bound(now, self.binding))
        return outsiders_act(now, self.believed(now, use.correlation), free)

    def teamed(self, scene: Scene) -> BoolArray:
        """Which places have teams; shape (N,)."""
        return np.asarray(np.arange(scene.conditions.actors) < round(self.access * scene.conditions.actors))

    def evolve(self, scene: Scene, pull: FloatArray) -> FloatArray:
        """Those with teams pull more, and the others as far as what they use is open."""
        gain = self.advantage * (1 - self.tightness)
        return np.asarray(pull * (1 + gain * np.where(self.teamed(scene), 1.0, self.openness))[:, None])

    def steered(self, scene: Scene) -> FloatArray:
        """Tight loops keep the say, and some of it is taken back."""
        if scene.there is None:
            return scene.agency
        gone = scene.conditions.yielding * (1 - self.grip) * (1 - self.tightness) * scene.there
        back = self.regain * (1 - self.irreversibility)
        return np.asarray(scene.agency * (1 - gone) + back * (1 - scene.agency))

    def judges(self, scene: Scene) -> FloatArray:
        """Half people who are asked, half AIs; each with a common source of errors of their own."""
        people, _ = self.votes(scene)
        there = scene.units > 0
        return np.concatenate(
            [
                judging(people, scene.conditions.correlation) / 2,
                judging(there / there.sum(axis=0), self.alike) / 2,
            ]
        )

    def votes(self, scene: Scene) -> tuple[FloatArray, float]:
        """People asked, of whom all but `veto` − 1 must not object; those who have AIs propose what they see."""
        asked = min(self.people, scene.conditions.actors)
        found = np.zeros_like(scene.units)
        found[:asked] = 1 / asked
        return found, max(1, asked - self.veto + 1) / asked

    def without(self, friction: Friction, conditions: Conditions) -> tuple[Constitution, Conditions]:
        """Capture: no automation bias. Delay: one more veto than there are people. Leak: none."""
        same, changed = super().without(friction, conditions)
        assert isinstance(same, Teams)
        if friction == "capture":
            return replace(same, bias_most=0.0), changed
        if friction == "leak":
            return replace(same, spill=0.0, binding=1.0), changed
        return (replace(same, veto=same.people + 1) if friction == "delay" else same), changed
