"""A constitution: five functions on the same stage; and the yearly state they see.

    propose   how money is divided, what is slowed and for which years everything on the frontier is held
    judge     what each actor believes the worth of letting a technology go now to be
    decide    whether the institution lets it go, and how carefully that is done
    comply    whether somebody outside breaks the hold, who then launches as in a race
    evolve    how compute, and with it power, moves

The base class is a world in which nobody judges or holds anything. Every other constitution changes some of the five.
What a constitution adds as parameters is in its own module; what is the same for all is in `_conditions`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError, Problem
from daccord.futures.lab._conditions import Conditions, race_safety
from daccord.futures.lab._measures import judging
from daccord.futures.lab._stage import Stage

__all__ = ["FRICTIONS", "Constitution", "Friction", "Moment", "Proposal", "Scene", "bound", "outsiders_act"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

Friction = Literal["error", "delay", "race", "leak", "capture", "money"]
FRICTIONS: tuple[Friction, ...] = ("error", "delay", "race", "leak", "capture", "money")
"""What can be switched off, one at a time."""


@dataclass(frozen=True)
class Proposal:
    """What a constitution does whatever happens; see `world.Schedule` for the shapes.

    Attributes:
        spending: Money a year during the window; shape (K,).
        slowing: By year from now on, shape (n, P, K); None for none.
        holding: Years in which nothing on the frontier may be launched; shape (n, Y), None for none.
    """

    spending: FloatArray
    slowing: FloatArray | None = None
    holding: BoolArray | None = None


@dataclass
class Scene:
    """One constitution on one stage, as it unfolds; N places for actors.

    Attributes:
        stage: The stage.
        conditions: The scenario.
        units: Compute of each actor; shape (N, n).
        year: Years from now.
        agency: Share of decisions that people can still take; shape (n,).
        captured: Year of capture, infinite if never; shape (n,).
        proposal: What the constitution does whatever happens.
        there: Whether the machine has come; shape (n,). None while it has nowhere.
    """

    stage: Stage
    conditions: Conditions
    units: FloatArray
    year: int = 0
    agency: FloatArray = field(default_factory=lambda: np.ones(0))
    captured: FloatArray = field(default_factory=lambda: np.ones(0))
    proposal: Proposal | None = None
    there: BoolArray | None = None
    _made: dict[tuple[object, ...], FloatArray] = field(default_factory=dict)
    _this_year: dict[str, tuple[int, npt.NDArray[Any]]] = field(default_factory=dict)

    @property
    def shares(self) -> FloatArray:
        """Of compute; shape (N, n)."""
        return np.asarray(self.units / self.units.sum(axis=0))

    @property
    def returns(self) -> float | FloatArray:
        """Exponent of returns to own compute; shape (n,) once it differs between worlds."""
        use = self.conditions
        return use.returns if self.there is None else np.asarray(use.returns + use.improvement * self.there)

    @property
    def effective(self) -> FloatArray:
        """Effective number of actors by compute; shape (n,)."""
        return self.yearly(
            "effective", lambda: self.units.sum(axis=0) ** 2 / np.einsum("in,in->n", self.units, self.units)
        )

    def yearly(self, name: str, make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What is made once a year, before compute moves."""
        if self._this_year.get(name, (-1,))[0] != self.year:
            self._this_year[name] = (self.year, make())
        return self._this_year[name][1]

    def table(self, kind: Literal["normal", "wait", "uniform"], name: str) -> FloatArray:
        """A column of chances for each actor; shape (n, N)."""
        key = (kind, name)
        if key not in self._made:
            make = getattr(self.stage, kind)
            self._made[key] = np.stack([make(f"{name}:{i}") for i in range(self.conditions.actors)], axis=1)
        return self._made[key]

    def errors(self, about: str, correlation: float) -> FloatArray:
        """√ρ z + √(1−ρ) z_i about something; shape (n, N)."""
        key = ("errors", about, correlation)
        if key not in self._made:
            own, shared = self.table("normal", f"error:{about}"), self.stage.normal(f"error:{about}")
            self._made[key] = np.sqrt(correlation) * shared[:, None] + np.sqrt(1 - correlation) * own
        return self._made[key]


@dataclass(frozen=True)
class Moment:
    """One technology in the m worlds in which it is mature and not launched.

    Attributes:
        scene: As it stands.
        g: Which frontier technology.
        rows: Which worlds; shape (m,).
        since: Years since it was mature; shape (m,).
        truth: V; shape (m,), as all that follow.
        gain: B, the benefit of now rather than the best later year.
        danger: R, the risk that this adds.
        held: Whether the proposal holds everything now.
        learning: How fast errors shrink, if it is not as the conditions say.
    """

    scene: Scene
    g: int
    rows: IntArray
    since: FloatArray
    truth: FloatArray
    gain: FloatArray
    danger: FloatArray
    held: BoolArray
    learning: float | None = None

    @property
    def blur(self) -> FloatArray:
        """Relative error of one actor about B and about R; shape (m,)."""
        use = self.scene.conditions
        learning = use.learning if self.learning is None else self.learning
        return np.asarray(use.noise / np.sqrt(1 + learning * self.since))

    @property
    def captured(self) -> BoolArray:
        """Whether the institution has been captured; shape (m,)."""
        return np.asarray(self.scene.captured[self.rows] <= self.scene.year)

    @property
    def active(self) -> BoolArray:
        """Whether an actor is there; shape (m, N)."""
        return np.asarray(self.scene.units.T[self.rows] > 0)

    def chance(self, rate: float, *, lag: float = 0.0, of: str = "chance") -> BoolArray:
        """Whether each actor has had its first chance, at a yearly probability, `lag` years after maturity; (m, N).

        Chances `of` different things are independent.
        """
        if rate <= 0:
            return np.zeros((len(self.rows), self.scene.conditions.actors), bool)
        waits = self.scene.table("wait", f"{of}:{self.g}")[self.rows]
        pace = -np.log1p(-min(rate, 1 - 1e-12))
        return np.asarray(pace * np.maximum(self.since + 1 - lag, 0.0)[:, None] >= waits)


@dataclass(frozen=True)
class Constitution:
    """No steering: everything comes when it comes, in a race, and money goes where it goes now.

    Attributes:
        grip: Share of the passing of decisions to machines that this constitution prevents; an assumption.
        planned: Whether money is divided as planned; otherwise as the world spends now.

    Raises:
        InputError: A number is outside its domain: its `limits`, or from 0 to 1.
    """

    title: ClassVar[str] = "no steering"
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {}
    """Domains of parameters that are not shares."""

    grip: float = 0.0
    planned: bool = False

    def __post_init__(self) -> None:
        faults = []
        for entry in fields(self):
            value = getattr(self, entry.name)
            low, high = self.limits.get(entry.name, (0.0, 1.0))
            if isinstance(value, int | float) and not (math.isfinite(value) and low <= value <= high):
                remedy = f"use a finite number from {low:g} to {high:g}"
                faults.append(Problem("constitution", None, entry.name, f"{value} in {self.title}", remedy))
        if faults:
            raise InputError(faults)

    def propose(self, scene: Scene) -> Proposal:
        """Money, and nothing slowed or held."""
        return Proposal(self.money(scene))

    def money(self, scene: Scene) -> FloatArray:
        """Money a year by technology; shape (K,)."""
        return scene.stage.planned if self.planned else scene.stage.spread

    def judge(self, now: Moment) -> FloatArray:
        """Beliefs about V; shape (m, N)."""
        return self.believed(now, now.scene.conditions.correlation)

    def decide(self, now: Moment, beliefs: FloatArray) -> tuple[BoolArray, FloatArray]:  # noqa: ARG002 - nobody asks
        """Whether it is let go, and with which safety; shapes (m,)."""
        return np.ones(len(now.rows), bool), self.hurried(now)

    def comply(self, now: Moment, beliefs: FloatArray) -> BoolArray:  # noqa: ARG002 - there is no hold
        """Whether a hold is broken; shape (m,)."""
        return np.zeros(len(now.rows), bool)

    def evolve(self, scene: Scene, pull: FloatArray) -> FloatArray:  # noqa: ARG002 - nothing bends it
        """Pull of each actor on new compute, from units^returns; shape (N, n)."""
        return pull

    def built(self, scene: Scene, winner: IntArray, unit: int) -> IntArray:  # noqa: ARG002 - nothing is stopped
        """Who builds a unit of compute that `winner` would build, −1 for nobody; shape (n,)."""
        return winner

    def steered(self, scene: Scene) -> FloatArray:
        """Share of decisions that people can take after this year; shape (n,)."""
        gone = scene.conditions.yielding * (1 - self.grip)
        return scene.agency if scene.there is None else np.asarray(scene.agency * (1 - gone * scene.there))

    def say(self, scene: Scene) -> FloatArray:
        """Share of each actor in decisions; shape (N, n)."""
        return scene.shares

    def purse(self, scene: Scene) -> FloatArray:
        """Share of each actor in dividing the money; shape (N, n)."""
        return scene.shares

    def judges(self, scene: Scene) -> FloatArray:
        """Shares of judgement, a common source of errors counting as one more judge; shape (judges, n)."""
        there = scene.units > 0
        return judging(there / there.sum(axis=0), scene.conditions.correlation)

    def votes(self, scene: Scene) -> tuple[FloatArray, float]:
        """Votes of the institution, shape (N, n), and the share of them that lets a technology go: 0 if any one can."""
        return self.say(scene), 0.0

    def hurried(self, now: Moment) -> FloatArray:
        """Safety of those who race; shape (m,)."""
        return race_safety(now.scene.conditions, now.scene.effective[now.rows])

    def believed(self, now: Moment, correlation: float) -> FloatArray:
        """B and R as actors see them, one less the other; shape (m, N)."""
        use = now.scene.conditions
        middle = now.truth + use.bias * (np.abs(now.gain) + np.abs(now.danger))
        if not use.noise:
            return np.repeat(middle[:, None], use.actors, axis=1)
        blur = now.blur
        found = now.scene.errors(f"benefit:{now.g}", correlation)[now.rows]
        found *= (blur * now.gain)[:, None]
        found -= (blur * now.danger)[:, None] * now.scene.errors(f"risk:{now.g}", correlation)[now.rows]
        found += middle[:, None]
        return found

    def without(self, friction: Friction, conditions: Conditions) -> tuple[Constitution, Conditions]:
        """The same with one friction switched off."""
        off: dict[Friction, Conditions] = {
            "error": replace(conditions, noise=0.0, bias=0.0),
            "race": replace(conditions, rush=0.0, enmity=0.0, labs=None),
            "leak": replace(conditions, leak=0.0),
            "capture": replace(conditions, capture=0.0),
        }
        return replace(self, planned=self.planned or friction == "money"), off.get(friction, conditions)


def bound(now: Moment, binding: float) -> BoolArray:
    """Whom a hold binds until a leak, each with probability `binding` and for good; shape (m, N)."""
    return np.asarray(now.scene.table("uniform", "bound")[now.rows] < binding)


def outsiders_act(now: Moment, beliefs: FloatArray, free: BoolArray) -> BoolArray:
    """Whether any actor that is free to act thinks a launch is worth it to itself; shape (m,)."""
    return np.asarray(((beliefs + now.scene.conditions.rush >= 0) & free & now.active).any(axis=1))
