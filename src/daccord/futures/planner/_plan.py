"""A budget planned: the best split, how sure that is, what else is as good, and what would change it.

Steps: climb from several starts on a small set of worlds; polish the best on a larger one; judge it on fresh worlds
that took no part (what was optimised looks better than it is); then ranges, margins, information, regrets, verdicts.
Welfare is in years of life now, per person; money is a year during the funding window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
from daccord.futures.planner._influence import Influence, Slowing, grid, influences, slowings
from daccord.futures.planner._information import Knowing, evpi, hindsight, knowing
from daccord.futures.planner._objective import Objective, Score
from daccord.futures.planner._solve import Found, cap_tail, near_optimal, solve, starts
from daccord.futures.planner._verdicts import Verdict, verdicts
from daccord.futures.world import Outcome, Welfare, World, draw

__all__ = ["Margin", "Plan", "Regret", "Settings", "plan"]

FloatArray = npt.NDArray[np.float64]

_ROUGH: Final = 1e-5
"""Relative gain a step that ends the first climbs: the worlds themselves make a hundred times more difference."""

_FINE: Final = 1e-7


@dataclass(frozen=True)
class Settings:
    """How hard to look.

    Attributes:
        starts: Climbs.
        worlds: Worlds for the climbs.
        polish: Worlds for the last climb, ranges, information and verdicts.
        fresh: Worlds that only judge.
        tolerance: Share of the gain that near-optimal portfolios may lose.
        sure: Probability that a verdict asks for.
        steps: Gradients a climb, at most.
        tail_cap: Whether the tail must not be above that of doing nothing.
    """

    starts: int = 8
    worlds: int = 1024
    polish: int = 2048
    fresh: int = 8192
    tolerance: float = 0.005
    sure: float = 0.8
    steps: int = 120
    tail_cap: bool = False


@dataclass(frozen=True)
class Margin:
    """What one more unit of money a year is worth for a technology, at the plan; over fresh worlds.

    Attributes:
        technology: Its id.
        mean: Years of life per unit of money.
        low: 5 % quantile over worlds.
        high: 95 % quantile.
        benefit: Part of the mean that comes through utility, growth and longevity.
        risk: Part that comes through hazards and transition risks.
        error: Standard error of the mean.
    """

    technology: str
    mean: float
    low: float
    high: float
    benefit: float
    risk: float
    error: float


@dataclass(frozen=True)
class Regret:
    """What a portfolio loses if one evaluator is right, against the best for that evaluator; years of life.

    Attributes:
        evaluator: Who is right.
        best: The best shares if so.
        losses: Portfolio → loss, at least 0 up to the error of the search.
    """

    evaluator: str
    best: FloatArray
    losses: dict[str, float]


@dataclass(frozen=True)
class Plan:
    """A planned budget.

    Attributes:
        world: The description.
        budget: Money a year.
        welfare: How lives were valued.
        amounts: Money a year for each technology; shape (K,). The rest is better kept.
        found: The search, on the worlds it saw.
        low: Smallest amount of each technology in near-optimal portfolios seen.
        high: Largest.
        fresh: The plan on fresh worlds.
        nothing: Doing nothing on them.
        error: Standard error of the gain on fresh worlds.
        optimism: Gain on the worlds of the search less gain on fresh ones.
        price: Shadow price: years of life per unit of money a year; 0 if money is left.
        margins: By technology.
        hindsight: Estimate of E max_x W: no plan can be better, as far as each world's best was found.
        evpi: That less the plan's worth on the same worlds: bounds what better search or knowledge could add.
        questions: Worth of answers, the highest first; years of life.
        disagreements: Worth of knowing whose answer to a question is right, the highest first.
        who: Worth of knowing which evaluator is right on everything; None with fewer than two.
        regrets: By evaluator.
        verdicts: By technology.
        influences: Without each evaluator, the most influential first; empty with fewer than three.
        slowings: Worth of slowing each technology by a tenth, at the plan, over fresh worlds.
        grid_gap: With at most three fundable technologies: goal of the best point of a grid less the plan's, on the
            same worlds; above 0 the climbs missed something. None otherwise.
    """

    world: World
    budget: float
    welfare: Welfare
    amounts: FloatArray
    found: Found
    low: FloatArray
    high: FloatArray
    fresh: Score
    nothing: Score
    error: float
    optimism: float
    price: float
    margins: tuple[Margin, ...]
    hindsight: float
    evpi: float
    questions: tuple[Knowing, ...]
    disagreements: tuple[Knowing, ...]
    who: Knowing | None
    regrets: tuple[Regret, ...]
    verdicts: tuple[Verdict, ...]
    influences: tuple[Influence, ...] = ()
    slowings: tuple[Slowing, ...] = ()
    grid_gap: float | None = None

    @property
    def gain(self) -> float:
        """Welfare over doing nothing, on fresh worlds."""
        return self.fresh.welfare - self.nothing.welfare

    def in_money(self, value: float) -> float | None:
        """A worth in years of life as money a year at the shadow price; None if money is left over."""
        return value / self.price if self.price > 0 else None


def plan(
    world: World,
    budget: float,
    *,
    seed: int,
    welfare: Welfare | None = None,
    fundable: tuple[str, ...] | None = None,
    settings: Settings | None = None,
    tell: Callable[[str], None] | None = None,
) -> Plan:
    """Plan a budget.

    Args:
        world: The description.
        budget: Money a year during the window; positive, in the units of the technologies' spending.
        seed: Where randomness starts.
        welfare: How lives are valued; the world's if None.
        fundable: Technologies that can be funded; all if None.
        settings: How hard to look.
        tell: Called with what is being done.

    Raises:
        InputError: The world or the budget makes no sense, or no plan keeps the tail below that of doing nothing.
    """
    if not (np.isfinite(budget) and budget > 0):
        raise InputError.single("plan", f"a budget of {budget}", column="budget", remedy="use a positive number")
    unknown = sorted(set(fundable or ()) - set(world.ids))
    if unknown:
        raise InputError.single(
            "plan", f"no technology {unknown[0]!r}", column="fundable", remedy="use ids of the world"
        )
    use, lives, say = settings or Settings(), welfare or world.welfare, tell or _silent
    can = np.array([fundable is None or name in fundable for name in world.ids])
    say("looking for the best split")
    small = Objective(draw(world, use.worlds, seed), budget, lives, can)
    begin = starts(small, use.starts, seed)
    found = solve(small, begin, steps=use.steps, tolerance=_ROUGH)
    large = replace(small, draws=draw(world, use.polish, seed, start=use.worlds))
    point = None if use.tail_cap else grid(large)
    best = _polish(large, found, begin if point is None else [*begin, point[0]], use)
    zero = np.zeros(len(can))
    say("looking for splits that are nearly as good")
    low, high = near_optimal(large, best.shares, tolerance=use.tolerance)
    say("judging on fresh worlds")
    judged = replace(small, draws=draw(world, use.fresh, seed, start=use.worlds + use.polish))
    on_fresh, idle = judged(best.shares), judged(zero)
    funded, unfunded = judged.outcome(best.shares), judged.outcome(zero, gradient=False)
    gains = funded.welfare - unfunded.welfare
    price = best.price / budget
    optimism = best.score.welfare - large(zero).welfare - float(gains.mean())

    say("asking what each evaluator would lose")
    regrets = _regrets(large, best.shares, begin[1], seed)
    moved = influences(large, best.shares, begin[1], seed)
    say("asking what knowing more is worth")
    candidates = np.unique(np.round([zero, best.shares, *begin[1:4], *(r.best for r in regrets)], 9), axis=0)
    worth = np.stack([large.outcome(c, gradient=False).welfare for c in candidates], axis=1)
    top, _ = hindsight(large, candidates)
    questions = [knowing(q, worth, values, seed) for q, values in large.draws.answers.items()]
    who = knowing("evaluator", worth, large.draws.evaluator, seed) if len(world.evaluators) > 1 else None
    disagreements = _disagreements(large, candidates, seed)
    say("judging each technology")
    return Plan(
        world, budget, lives, best.shares * budget, best, low * budget, high * budget, on_fresh, idle,
        float(gains.std() / np.sqrt(len(gains))), optimism, price,
        tuple(_margins(judged, funded)), float(top.mean()),
        max(0.0, float(top.mean()) - best.score.welfare, evpi(worth)),
        _ranked(questions), _ranked(disagreements), who, regrets,
        verdicts(large, price, sure=use.sure), moved, slowings(funded, world.ids),
        None if point is None else point[1] - best.score.goal,
    )  # fmt: skip


def _silent(_: str) -> None:
    """Tell nobody."""


def _polish(large: Objective, found: Found, begin: list[FloatArray], use: Settings) -> Found:
    if use.tail_cap:
        limit = large(np.zeros_like(found.shares)).tail
        capped = cap_tail(large, [begin[0], found.shares, *begin[1:3]], limit)
        if capped is None:
            raise InputError.single("plan", "no plan keeps the tail below that of doing nothing", column="tail_cap")
        return capped
    last = solve(large, [found.shares, begin[0], *begin[use.starts :]], steps=use.steps, tolerance=_FINE)
    return replace(last, ends=found.ends, spread=found.spread, steps=found.steps + last.steps)


def _ranked(items: list[Knowing]) -> tuple[Knowing, ...]:
    return tuple(sorted(items, key=lambda item: (-item.value, item.question)))


def _margins(judged: Objective, outcome: Outcome) -> list[Margin]:
    parts = [
        outcome.arrivals.to_money(slope)[:, 0] for slope in (outcome.lived.benefit_slope, outcome.lived.risk_slope)
    ]
    both = parts[0] + parts[1]
    low, high = np.quantile(both, [0.05, 0.95], axis=0)
    error = both.std(axis=0) / np.sqrt(len(both))
    return [
        Margin(name, float(both[:, k].mean()), float(low[k]), float(high[k]), float(parts[0][:, k].mean()),
               float(parts[1][:, k].mean()), float(error[k]))
        for k, name in enumerate(judged.draws.world.ids)
    ]  # fmt: skip


def _regrets(large: Objective, best: FloatArray, even: FloatArray, seed: int) -> tuple[Regret, ...]:
    """Each evaluator's best portfolio, and what others lose in that evaluator's worlds."""
    world, names = large.draws.world, large.draws.world.evaluators
    if len(names) < 2:
        return ()
    own = []
    for e in range(len(names)):
        weights = tuple(float(i == e) for i in range(len(names)))
        draws = draw(replace(world, weights=weights), large.draws.size // 2, seed)
        objective = replace(large, draws=draws)
        own.append((objective, solve(objective, [best, even], steps=60, tolerance=_ROUGH).shares))
    zero = np.zeros_like(best)
    table = {"plan": best, "nothing": zero, "even": even} | {
        f"best for {n}": s for n, (_, s) in zip(names, own, strict=True)
    }
    found = []
    for name, (objective, shares) in zip(names, own, strict=True):
        top = objective.value(shares)
        found.append(Regret(name, shares, {key: top - objective.value(value) for key, value in table.items()}))
    return tuple(found)


def _disagreements(large: Objective, candidates: FloatArray, seed: int) -> list[Knowing]:
    """Worth of knowing whose answer is right, question by question: evaluators dealt out anew for each question."""
    world = large.draws.world
    if len(world.evaluators) < 2:
        return []
    mixed = replace(large, draws=draw(world, large.draws.size, seed, mixing="question"))
    worth = np.stack([mixed.outcome(c, gradient=False).welfare for c in candidates], axis=1)
    return [knowing(question, worth, who, seed) for question, who in mixed.draws.answered_by.items()]
