"""The stage: worlds, what launches are truly worth in them, and the chances that every constitution shares.

Model. A technology is *frontier* if its arrival carries a transition risk or it is a source of a risk, and it does not
come by itself (`Technology.given`). Frontier technologies can be held back when they are mature, all others arrive when
they are. With money as planned and full safety, let W_j(t) be the world's welfare if technology j is held back until
year t (and never, at last). Then

    V_j(t) = W_j(t) − max_{s > t} W_j(s) = B_j(t) − R_j(t)

is at least 0 exactly if letting it go now is at least as good as any later year. With s* the first of the best later
years, B is the benefit of now rather than s*: what W would gain if no hazard were there; R, the rest, is the risk added
by now rather than s*. B and R are what actors err about: near the best year, and when nothing is at stake, both are
small. Before a technology is mature V, B and R are those of the year in which it will be.

A typical stake, the unit of all of them, is the root mean square over worlds of max_t W_j − min_t W_j. Other frontier
technologies are taken to come when mature: two of them are judged one at a time.

Everything random is a function of seed, world and name, so that constitutions meet the same worlds, the same errors
and the same chances (common random numbers), and world i is the same whatever else is run.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from daccord.errors import InputError
from daccord.futures.planner import Objective, solve, starts
from daccord.futures.world import Draws, Schedule, Welfare, World, arrivals, draw, live_at, uniforms

__all__ = ["Stage", "frontier", "prepare", "taken"]

FloatArray = npt.NDArray[np.float64]

_AT_ONCE: Final = 65_536
"""World-years lived through in one call: a few dozen megabytes."""
_NOTHING: Final = 1e-9
"""Stakes this small are none: the last digits of two ways to the same world."""
_KEPT: Final = 2048
"""Worlds up to which chances are kept from one constitution to the next."""


def frontier(world: World) -> tuple[int, ...]:
    """Positions of the technologies that can be held back."""
    sources = {role.technology for role in world.roles_of("source")}
    risky = draw(world, 64, 0).transition.max(axis=0) > 0
    return tuple(k for k, item in enumerate(world.technologies) if not item.given and (risky[k] or item.id in sources))


@dataclass(frozen=True)
class Stage:
    """What is prepared once for all constitutions; n worlds, G frontier technologies, Y years.

    Attributes:
        draws: The worlds, launched without any safety.
        welfare: How lives are valued.
        care: Share of transition risks that full safety at launch removes.
        planned: Money a year that the planner gives each technology; shape (K,).
        spread: The same money, divided as the world spends now.
        held: Positions of the frontier technologies.
        truth: V in typical stakes; shape (G, n, Y), as the next two.
        gain: B.
        danger: R.
        best: Year until which it is best to hold each back, infinite for ever; shape (G, n).
        scale: Typical stakes, years of life; shape (G,).
        seed: Where chances start.
        start: First world.
    """

    draws: Draws
    welfare: Welfare
    care: float
    planned: FloatArray
    spread: FloatArray
    held: tuple[int, ...]
    truth: FloatArray
    gain: FloatArray
    danger: FloatArray
    best: FloatArray
    scale: FloatArray
    seed: int
    start: int = 0
    _chances: dict[str, FloatArray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def size(self) -> int:
        """n."""
        return self.draws.size

    @property
    def years(self) -> int:
        """Y."""
        return int(self.truth.shape[2])

    def uniform(self, name: str) -> FloatArray:
        """Numbers in (0, 1) that belong to a name; shape (n,)."""
        found = self._chances.get(name)
        if found is None:
            found = uniforms(self.seed, self.size, self.start)(f"lab:{name}")
            if self.size <= _KEPT:
                found.flags.writeable = False
                self._chances[name] = found
        return found

    def normal(self, name: str) -> FloatArray:
        """Standard normals that belong to a name; shape (n,)."""
        return np.asarray(ndtri(self.uniform(name)))

    def wait(self, name: str) -> FloatArray:
        """Standard exponentials that belong to a name; shape (n,)."""
        return np.asarray(-np.log(self.uniform(name)))

    def launched(self, safety: FloatArray) -> Draws:
        """The worlds if technologies are launched with some safety; shape (n, K)."""
        return replace(self.draws, transition=self.draws.transition * (1 - self.care * safety))


def prepare(
    world: World,
    size: int,
    seed: int,
    *,
    budget: float = 0.0,
    planned: FloatArray | None = None,
    care: float = 0.5,
    welfare: Welfare | None = None,
    start: int = 0,
    scale: FloatArray | None = None,
    fundable: tuple[str, ...] | None = None,
) -> Stage:
    """Prepare worlds for constitutions.

    Args:
        world: The description; years are those of its horizon.
        size: Number of worlds.
        seed: Where randomness starts.
        budget: Money a year that constitutions divide; in the units of the technologies' spending.
        planned: The planner's division, shape (K,); None looks for it, on worlds that take no part here.
        care: Share of transition risks that full safety at launch removes.
        welfare: How lives are valued; the world's if None.
        start: First world.
        scale: Typical stakes, shape (G,); None measures them on these worlds. Pieces of one ensemble must share them,
            and `planned`, or they differ from the whole.
        fundable: Technologies that the planner can fund; all if None. Money that goes as the world spends now goes to
            all.

    Raises:
        InputError: The world is refused, or a number is outside its domain.
    """
    if not (np.isfinite(budget) and budget >= 0 and 0 <= care <= 1 and size >= 1):
        raise InputError.single(
            "lab",
            f"budget {budget}, care {care}, {size} worlds",
            remedy="use a budget of at least 0, care from 0 to 1 and at least one world",
        )
    draws, lives = draw(world, size, seed, start=start), welfare or world.welfare
    spending = np.array([technology.spending for technology in world.technologies])
    if planned is None:
        planned = _plan(world, budget, seed, care, lives, fundable)
    spread = planned.sum() * spending / spending.sum()
    held = frontier(world)
    years = int(np.ceil(world.horizon))
    none = np.zeros((0, size, years))
    stage = Stage(
        draws, lives, care, planned, spread, held, none, none, none, np.zeros((0, size)), np.ones(0), seed, start
    )
    return _with_stakes(stage, years, scale) if held else stage


def _plan(
    world: World, budget: float, seed: int, care: float, welfare: Welfare, fundable: tuple[str, ...] | None
) -> FloatArray:
    count = len(world.technologies)
    if not budget:
        return np.zeros(count)
    others = draw(world, 384, seed ^ 0x5EED)
    careful = replace(others, transition=others.transition * (1 - care))
    objective = Objective(
        careful, budget, welfare, np.array([fundable is None or name in fundable for name in world.ids])
    )
    return solve(objective, starts(objective, 4, seed), steps=40).shares * budget


def _with_stakes(stage: Stage, years: int, given: FloatArray | None) -> Stage:
    size, count = stage.size, len(stage.held)
    truth, gain, danger = (np.empty((count, size, years)) for _ in range(3))
    best, scale = np.empty((count, size)), np.empty(count)
    every = np.arange(size)
    for g, k in enumerate(stage.held):
        worth, benefit, mature = _held_back(stage, k, years)
        scale[g] = np.sqrt(np.mean((worth.max(axis=0) - worth.min(axis=0)) ** 2)) or 1.0
        if given is not None:
            scale[g] = given[g]
        later = np.full(size, years)  # the first of the best later years
        for year in reversed(range(years)):
            # a year that only ties with a later one by its last digits is as good, and nearer
            nearer = worth[year + 1] >= worth[later, every] - _NOTHING * scale[g]
            later = np.where(nearer, year + 1, later)
            margin = (worth[year] - worth[later, every]) / scale[g]
            truth[g, :, year] = np.where(np.abs(margin) <= _NOTHING, 0.0, margin)
            gain[g, :, year] = (benefit[year] - benefit[later, every]) / scale[g]
        danger[g] = gain[g] - truth[g]
        first = np.minimum(np.floor(np.minimum(mature, years)), years - 1).astype(int)
        shown = np.maximum(np.arange(years), first[:, None])
        for table in (truth, gain, danger):
            table[g] = np.take_along_axis(table[g], shown, axis=1)
        latest = years - np.argmax(worth[::-1] >= worth.max(axis=0) - _NOTHING * scale[g], axis=0)
        best[g] = np.where(latest == years, np.inf, latest)
    return replace(stage, truth=truth, gain=gain, danger=danger, best=best, scale=scale)


def _held_back(stage: Stage, k: int, years: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """W, and W if no hazard were there, with technology k held back until year 0, 1 … and never; when it is mature.

    Shapes (Y + 1, n) and (n,). A year before the technology is mature is as good as none, so that only the others are
    lived through, many world-years at once.
    """
    careful = stage.launched(np.ones((stage.size, len(stage.planned))))
    window, spending = np.array([stage.draws.world.window]), stage.planned[None, :]
    world_of = stage.draws.world
    alone = all(role.target != world_of.ids[k] for role in world_of.roles_of("requires"))  # nobody waits for it
    came = arrivals(careful, Schedule(window, spending)).time
    mature = came[:, k]
    worth, benefit = np.empty((2, years + 1, stage.size))
    until = np.append(np.arange(float(years)), np.inf)
    block = max(1, _AT_ONCE // (years + 1))
    for start in range(0, stage.size, block):
        part = mature[start : start + block]
        matters = until[:, None] > part
        matters[0] = True
        year, world = np.nonzero(matters)
        worlds = taken(careful, start + world)
        if alone:
            when = came[start + world]
            when[:, k] = np.maximum(when[:, k], until[year])
        else:
            held = np.zeros((len(world), len(stage.planned)))
            held[:, k] = until[year]
            when = arrivals(worlds, Schedule(window, spending, None, held)).time
        lived = live_at(worlds, when, stage.welfare, gradient=False)
        for table, found in ((worth, lived.welfare), (benefit, lived.benefit)):
            table[:, start : start + block] = found[: len(part)]
            table[year, start + world] = found
    return worth, benefit, mature


def taken(draws: Draws, rows: npt.NDArray[np.intp]) -> Draws:
    """Some worlds, or some of them several times."""
    tables = {f.name: getattr(draws, f.name) for f in fields(draws)}
    chosen: dict[str, Any] = {name: table[rows] for name, table in tables.items() if isinstance(table, np.ndarray)}
    return replace(draws, size=len(rows), answers={}, answered_by={}, **chosen)
