"""The stage: worlds, what launches are truly worth in them, and the chances that every constitution shares.

Model. A technology is *frontier* if its arrival carries a transition risk or it is a source of a risk; frontier
technologies can be held back when they are mature, all others arrive when they are. With money as planned and full
safety, let W_j(t) be the world's welfare if technology j is held back until year t (and never, at last). Then

    V_j(t) = W_j(t) − max_{s > t} W_j(s)

is at least 0 exactly if letting it go now is at least as good as any later year. A typical stake, the unit in which
errors are counted, is the root mean square over worlds of max_t W_j − min_t W_j. Other frontier technologies are taken
to come when mature: two of them are judged one at a time.

Everything random is a function of seed, world and name, so that constitutions meet the same worlds, the same errors
and the same chances (common random numbers), and world i is the same whatever else is run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from daccord.errors import InputError
from daccord.futures.planner import Objective, solve, starts
from daccord.futures.world import Draws, Schedule, Welfare, World, draw, live, uniforms

__all__ = ["Stage", "frontier", "prepare"]

FloatArray = npt.NDArray[np.float64]


def frontier(world: World) -> tuple[int, ...]:
    """Positions of the technologies that can be held back."""
    sources = {role.technology for role in world.roles_of("source")}
    risky = draw(world, 64, 0).transition.max(axis=0) > 0
    return tuple(k for k, name in enumerate(world.ids) if risky[k] or name in sources)


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
        truth: V in typical stakes; shape (G, n, Y).
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
    best: FloatArray
    scale: FloatArray
    seed: int
    start: int = 0

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
        return uniforms(self.seed, self.size, self.start)(f"lab:{name}")

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
        planned = _plan(world, budget, seed, care, lives)
    spread = planned.sum() * spending / spending.sum()
    held = frontier(world)
    years = int(np.ceil(world.horizon))
    stage = Stage(
        draws, lives, care, planned, spread, held, np.zeros((0, size, years)), np.zeros((0, size)),
        np.ones(0), seed, start,
    )  # fmt: skip
    return _with_stakes(stage, years, scale) if held else stage


def _plan(world: World, budget: float, seed: int, care: float, welfare: Welfare) -> FloatArray:
    count = len(world.technologies)
    if not budget:
        return np.zeros(count)
    others = draw(world, 384, seed ^ 0x5EED)
    careful = replace(others, transition=others.transition * (1 - care))
    objective = Objective(careful, budget, welfare, np.ones(count, bool))
    return solve(objective, starts(objective, 4, seed), steps=40).shares * budget


def _with_stakes(stage: Stage, years: int, given: FloatArray | None) -> Stage:
    size, count = stage.size, len(stage.held)
    careful = stage.launched(np.ones((size, len(stage.planned))))
    truth, best = np.empty((count, size, years)), np.empty((count, size))
    scale = np.empty(count)
    for g, k in enumerate(stage.held):
        worth = np.empty((years + 1, size))
        for year in range(years + 1):
            until = np.zeros(len(stage.planned))
            until[k] = year if year < years else np.inf
            schedule = Schedule(np.array([stage.draws.world.window]), stage.planned[None, :], None, until)
            worth[year] = live(careful, schedule, stage.welfare, gradient=False).welfare
        later = np.maximum.accumulate(worth[::-1], axis=0)[::-1]
        measured = np.sqrt(np.mean((worth.max(axis=0) - worth.min(axis=0)) ** 2)) or 1.0
        scale[g] = measured if given is None else given[g]
        truth[g] = ((worth[:-1] - later[1:]) / scale[g]).T
        first = years - np.argmax(worth[::-1], axis=0)  # the latest of equally good years
        best[g] = np.where(first == years, np.inf, first)
    return replace(stage, truth=truth, best=best, scale=scale)
