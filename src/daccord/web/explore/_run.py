"""Running settings: money and constitutions in the same small set of worlds, with what was done before kept at hand.

Worlds, errors and chances depend on the seed and on names alone, so two runs with the same seed meet the same worlds,
and their differences have paired standard errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.formats.worlds import WorldFile
from daccord.futures.lab import Conditions, Constitution, Market, Pause, Result, Stage, frontier, perfect, prepare, run
from daccord.futures.planner import Objective, solve, starts
from daccord.futures.study import scaled
from daccord.futures.world import Outcome, Schedule, Welfare, World, draw, live, nothing
from daccord.web.explore._desk import Turn
from daccord.web.explore._fields import fields_of, fundable_of
from daccord.web.explore._form import Form, Settings
from daccord.web.explore._hazard import hazard_at

__all__ = ["PLANNER", "Explorer", "Run", "Steer"]

FloatArray = npt.NDArray[np.float64]

PLANNER: Final = "planner"
"""Name of the bound: a single centre with perfect signals, everybody inside and no capture."""

_CONDITIONS: Final = (
    "returns", "diffusion", "leak", "capture", "noise", "correlation", "actors", "dictator", "loss",
)  # fmt: skip
_SIGNERS: Final = 3
"""Of a pause that is made soft though the file has no signers."""
_SECONDS: Final = 2.0
"""What a run may take on a slow machine."""
_STAGES: Final = 6
_PLAYS: Final = 240


@dataclass(frozen=True)
class Steer:
    """What a split of money and slowing comes to; n worlds, K technologies, R risks.

    Attributes:
        outcome: Under it, with slopes.
        without: Under nothing.
        years: At which hazards are given.
        hazard: Mean events a year that count as catastrophes, by year and risk; shape (len(years), R).
        hazard_without: The same under nothing.
    """

    outcome: Outcome
    without: Outcome
    years: tuple[float, ...]
    hazard: FloatArray
    hazard_without: FloatArray


@dataclass(frozen=True)
class Run:
    """What settings come to.

    Attributes:
        settings: Which.
        steer: Of money.
        results: Constitution → what came out.
        planner: The bound.
    """

    settings: Settings
    steer: Steer
    results: Mapping[str, Result]
    planner: Result


@dataclass(frozen=True)
class _Ground:
    """What a stage hangs on; `scale` are the factors of the world."""

    scale: tuple[tuple[str, float], ...]
    welfare: Welfare
    money: tuple[float, ...]
    worlds: int
    seed: int


class Explorer:
    """A file, its form, and runs.

    Args:
        file: The world file.
        worlds: Most worlds of a run.
        seed: Where randomness starts; the study's if None.
    """

    def __init__(self, file: WorldFile, worlds: int, seed: int | None) -> None:
        self.file = file
        study = file.study
        start = (study.seed if seed is None else seed) % 2**31
        fundable = set(fundable_of(file))
        self.fundable = np.array([name in fundable for name in file.world.ids])
        worlds = _affordable(file, worlds)
        split = self._best(file.world, file.world.welfare, start)
        self.form = Form(fields_of(file, split, worlds, start), study.budget, file.world.unit, file.digest)
        self._stage = lru_cache(_STAGES)(self._prepare)
        self._play = lru_cache(_PLAYS)(self._played)
        self._steer = lru_cache(_STAGES)(self._steered)

    @property
    def steps(self) -> int:
        """Of one run."""
        return len(self.file.study.constitutions) + 3

    def run(self, settings: Settings, turn: Turn) -> Run:
        """Run settings.

        Args:
            settings: Which.
            turn: Told of every step; a superseded one ends the run.

        Raises:
            InputError: The settings do not go together, as when welfare is infinite.
            SupersededError: There is no use in going on.
        """
        ground = self._ground(settings)
        slow = settings.among("slow.")
        slowing = tuple(slow.get(name, 0.0) for name in self.file.world.ids)
        turn.step()
        steer = self._steer(ground, slowing)
        turn.step()
        self._stage(ground)
        conditions = self.conditions(settings)
        results = {}
        for name, constitution in self.constitutions(settings).items():
            turn.step()
            results[name] = self._play(ground, constitution, conditions)
        turn.step()
        return Run(settings, steer, results, self._play(ground, None, conditions))

    def best(self, settings: Settings) -> Settings:
        """The same with the planner's split under these values and this world."""
        ground = self._ground(settings)
        found = self._best(self._world(ground.scale), ground.welfare, ground.seed)
        return settings.changed({f"money.{name}": amount for name, amount in found.items()})

    def even(self, settings: Settings) -> Settings:
        """The same with the budget divided evenly."""
        part = _cut(self.file.study.budget / max(1, self.fundable.sum()), self.file.study.budget)
        return settings.changed({f"money.{name}": part for name in fundable_of(self.file)})

    def none(self, settings: Settings) -> Settings:
        """The same without money and slowing."""
        return settings.changed({name: 0.0 for name, _ in settings.values if name.startswith(("money.", "slow."))})

    def world(self, settings: Settings) -> World:
        """The world with its scale factors."""
        return self._world(tuple(settings.among("world.").items()))

    def welfare(self, settings: Settings) -> Welfare:
        """How lives are valued."""
        return replace(
            self.file.world.welfare,
            gamma=settings.number("gamma"),
            rho=settings.number("rho"),
            future=settings.number("future"),
            person_affecting=settings["who"] == "living",
        )

    def conditions(self, settings: Settings) -> Conditions:
        """The scenario."""
        new = {name: settings.number(name) for name in _CONDITIONS}
        return replace(self.file.study.conditions, **new | {"actors": int(new["actors"])})  # type: ignore[arg-type]

    def constitutions(self, settings: Settings) -> dict[str, Constitution]:
        """The file's, with coordination, exemption and soft pause as set. What is as in the file leaves them alone."""
        own, told = dict(self.form.own.values), dict(settings.values)
        found = {}
        for name, constitution in self.file.study.constitutions.items():
            new = constitution
            if isinstance(new, Market) and new.coordination == own["coordination"]:
                new = replace(new, coordination=float(told["coordination"]))
            if isinstance(new, Pause) and told["exempt"] != own["exempt"]:
                new = replace(new, exempt=told["exempt"] == "yes")
            if isinstance(new, Pause) and told["soft"] != own["soft"]:
                new = replace(new, signers=_SIGNERS if told["soft"] == "yes" else 0)
            found[name] = new
        return found

    def _ground(self, settings: Settings) -> _Ground:
        money = settings.among("money.")
        return _Ground(
            tuple(settings.among("world.").items()),
            self.welfare(settings),
            tuple(money.get(name, 0.0) for name in self.file.world.ids),
            int(settings.number("worlds")),
            int(settings.number("seed")),
        )

    def _best(self, world: World, welfare: Welfare, seed: int) -> dict[str, float]:
        """The planner's split, found on other worlds than those of the run, in round numbers."""
        budget = self.file.study.budget
        if not budget:
            return {}
        objective = Objective(draw(world, 512, seed ^ 0x5EED), budget, welfare, self.fundable)
        shares = solve(objective, starts(objective, 4, seed), steps=40).shares
        return {
            name: _cut(float(share) * budget, budget)
            for name, share, can in zip(world.ids, shares, self.fundable, strict=True)
            if can
        }

    def _world(self, scale: tuple[tuple[str, float], ...]) -> World:
        return scaled(self.file.world, {f"world.{name}": factor for name, factor in scale})

    def _prepare(self, ground: _Ground) -> Stage:
        return prepare(
            self._world(ground.scale),
            ground.worlds,
            ground.seed,
            planned=np.array(ground.money),
            care=self.file.study.care,
            welfare=ground.welfare,
        )

    def _played(self, ground: _Ground, constitution: Constitution | None, conditions: Conditions) -> Result:
        stage = self._stage(ground)
        return perfect(stage, conditions) if constitution is None else run(stage, constitution, conditions)

    def _steered(self, ground: _Ground, slowing: tuple[float, ...]) -> Steer:
        world = self._world(ground.scale)
        draws = draw(world, ground.worlds, ground.seed)
        slowed = np.array(slowing)[None, :] if any(slowing) else None
        schedule = Schedule(np.array([world.window]), np.array(ground.money)[None, :], slowed)
        outcome = live(draws, schedule, ground.welfare)
        without = live(draws, nothing(world), ground.welfare, gradient=False)
        years = tuple(float(year) for year in range(int(world.horizon) + 1))
        counts = np.array([risk.catastrophic for risk in world.risks], float)
        both = [
            np.array([hazard_at(draws, came.arrivals.time, year).mean(axis=0) * counts for year in years])
            for came in (outcome, without)
        ]
        return Steer(outcome, without, years, *both)


def _affordable(file: WorldFile, worlds: int) -> int:
    """As many worlds as asked for, or fewer if technologies, years and constitutions make runs long.

    A rough measure, the same on every machine, so that the same file has the same worlds everywhere.
    """
    world = file.world
    stage = len(frontier(world)) * world.horizon * len(world.technologies) / 7000
    plays = (len(file.study.constitutions) + 1) * world.horizon / 550
    most = int(512 * _SECONDS / (stage + plays)) // 64 * 64
    return max(2, min(worlds, max(64, most)))


def _cut(amount: float, budget: float) -> float:
    """Rounded down to four digits of the budget, so that parts never come to more than it."""
    if budget <= 0:
        return 0.0
    digits = 3 - int(np.floor(np.log10(budget)))
    scale = 10.0**digits
    return round(float(np.floor(amount * scale + 1e-9)) / scale, max(digits, 0))
