"""The planner on worlds whose best plan is known, against published figures, and on what it must never say."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from daccord.errors import InputError
from daccord.futures.planner import (
    Objective,
    Settings,
    cap_tail,
    climb,
    conclusion,
    evpi,
    evppi,
    grid,
    hindsight,
    knowing,
    near_optimal,
    plan,
    project,
    sobol,
    solve,
    starts,
    tail_mean,
    verdicts,
)
from daccord.futures.world import (
    Risk,
    Role,
    Technology,
    Welfare,
    World,
    budget_plan,
    draw,
    fixed,
    interval,
    nothing,
    share,
)

QUICK = Settings(starts=4, worlds=256, polish=512, fresh=1024, steps=60)


def race(elasticity: Any = None, evaluators: tuple[str, ...] = ()) -> World:
    """A danger without use, its safety technique, two defences and a substitute-free world; simulated."""
    e = share(0.3, 0.6) if elasticity is None else elasticity
    hazard: Any = interval(0.002, 0.02)
    if evaluators:
        hazard = {name: interval(0.002 * 4**i, 0.02 * 4**i) for i, name in enumerate(evaluators)}
    return World(
        (
            Technology("ai", interval(5, 25), lift=share(0.1, 0.4), transition=fixed(0.2), elasticity=e),
            Technology("safety", interval(5, 30), elasticity=e),
            Technology("shield", interval(5, 30), elasticity=e, spending=2.0),
            Technology("weapon", interval(5, 30), elasticity=e),
        ),
        (Risk("doom", hazard), Risk("war", interval(0.001, 0.01))),
        (
            Role("source", "ai", "doom"),
            Role("source", "weapon", "war"),
            Role("makes_safe", "safety", "ai", share(0.6, 0.95), lead=interval(1, 4)),
            Role("defends", "shield", "doom", share(0.3, 0.8)),
            Role("defends", "shield", "war", share(0.3, 0.8)),
        ),
        evaluators,
        horizon=60.0,
    )


def objective_of(world: World, size: int = 300, budget: float = 6.0, welfare: Welfare | None = None) -> Objective:
    return Objective(draw(world, size, 5), budget, welfare or world.welfare, np.ones(len(world.technologies), bool))


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=8))
def test_projection_is_nearest(values: list[float]) -> None:
    point = np.array(values)
    found = project(point)
    assert (found >= 0).all()
    assert found.sum() <= 1 + 1e-12
    rng = np.random.default_rng(1)
    for _ in range(20):  # nearest to a convex set: the angle to any other member is not acute
        other = rng.exponential(size=len(point))
        other *= rng.uniform() / other.sum()
        assert (point - found) @ (other - found) <= 1e-9
    np.testing.assert_allclose(project(np.stack([point, point + 1])), [found, project(point + 1)], atol=1e-12)


def test_three_technologies_against_a_grid() -> None:
    objective = replace(objective_of(race()), fundable=np.array([False, True, True, False]))
    found = solve(objective, starts(objective, 5, 1))
    grid = [objective.value(np.array([0, a / 40, b / 40, 0])) for a, b in product(range(41), repeat=2) if a + b <= 40]
    assert found.score.goal >= max(grid) - 1e-9
    assert found.score.goal == pytest.approx(max(grid), rel=1e-3)
    assert found.spread < 1e-5 * found.score.goal
    assert found.shares[[0, 3]].sum() == 0
    funded = found.shares > 1e-6
    np.testing.assert_allclose(found.score.slope[funded], found.price, rtol=1e-2)


def test_equal_defences_share_equally() -> None:
    shields = tuple(Technology(f"s{i}", fixed(20.0), elasticity=fixed(0.5)) for i in range(3))
    world = World(shields, tuple(Risk(f"r{i}", fixed(0.01)) for i in range(3)),
                  tuple(Role("defends", f"s{i}", f"r{i}", fixed(0.8)) for i in range(3)), progress=0.0)  # fmt: skip
    objective = objective_of(world, size=1)
    shares, _, _ = climb(objective, np.array([0.7, 0.2, 0.1]))
    np.testing.assert_allclose(shares, 1 / 3, atol=2e-3)


def test_money_without_effect() -> None:
    """Then nothing is best, no price is paid, and knowing everything is worth nothing."""
    found = plan(race(elasticity=fixed(0.0)), 6.0, seed=1, settings=QUICK)
    assert (found.amounts == 0).all()
    assert found.price == found.gain == 0
    assert found.evpi == pytest.approx(0, abs=1e-10)
    assert all(question.value == pytest.approx(0, abs=1e-10) for question in found.questions)
    assert found.in_money(1.0) is None


def test_harmful_money_is_kept() -> None:
    world = World(
        (Technology("weapon", interval(5, 30), elasticity=fixed(0.5)),), (Risk("war", fixed(0.01)),),
        (Role("source", "weapon", "war"),),
    )  # fmt: skip
    found = plan(world, 6.0, seed=1, settings=QUICK)
    assert found.amounts[0] == 0
    assert found.verdicts[0].verdict == "hold"
    assert found.margins[0].mean < 0
    assert found.margins[0].benefit == 0


def test_a_plan_of_a_race() -> None:
    world = race(evaluators=("ada", "ben"))
    found = plan(world, 6.0, seed=3, settings=QUICK)
    again = plan(world, 6.0, seed=3, settings=QUICK)
    assert (found.amounts == again.amounts).all()
    assert found.amounts.sum() <= 6 + 1e-9
    assert found.gain > 3 * found.error > 0
    assert (found.low <= found.amounts + 1e-9).all()
    assert (found.high >= found.amounts - 1e-9).all()
    assert found.amounts[3] == 0
    assert found.evpi >= max(question.value for question in found.questions) * 0.9
    assert found.hindsight > found.found.score.welfare
    for margin in found.margins:
        assert margin.mean == pytest.approx(margin.benefit + margin.risk)
        assert margin.low <= margin.high
    for regret in found.regrets:
        assert regret.losses[f"best for {regret.evaluator}"] == 0
        assert min(regret.losses.values()) > -1e-3 * found.gain
        assert regret.losses["plan"] < regret.losses["nothing"]
    assert {item.question for item in found.disagreements} == {"hazard:doom"}
    assert found.who is not None
    told = {verdict.technology: verdict.verdict for verdict in found.verdicts}
    assert told["weapon"] == "hold"
    assert found.in_money(found.price * 2) == pytest.approx(2)


def test_safeguards_name_the_partner() -> None:
    """Alone a danger, with its safety technique built in a boon."""
    ai = Technology(
        "ai", interval(10, 15), lift=fixed(0.8), transition=fixed(0.5), decline=fixed(0.06), elasticity=fixed(0.5)
    )
    world = World(
        (ai, Technology("safety", interval(20, 40), elasticity=fixed(0.5))), (),
        (Role("makes_safe", "safety", "ai", fixed(0.99), lead=fixed(3.0)),),
    )  # fmt: skip
    told = verdicts(objective_of(world, welfare=Welfare(gamma=1.5)), price=10.0)
    assert told[0].verdict == "with safeguards"
    assert told[0].pairings[0].partner == "safety"
    assert told[0].pairings[0].lead == 3.0
    assert told[0].pairings[0].worth > 0
    assert told[0].later_better > 0.8


def test_both_signs() -> None:
    """A faster AI helps where danger is there anyway and it ends it, and harms where it is the danger."""
    ai = Technology("ai", interval(10, 30), elasticity=fixed(0.5))
    risk = (Risk("doom", interval(0.005, 0.02)),)
    helps, harms = (World((ai,), risk, (Role(kind, "ai", "doom", fixed(0.8)),)) for kind in ("defends", "source"))
    assert objective_of(helps)(np.zeros(1)).slope[0] > 0 > objective_of(harms)(np.zeros(1)).slope[0]


def test_the_tail_is_kept_down() -> None:
    """Riches lure into risk; the constraint gives them up."""
    world = World(
        (Technology("ai", interval(15, 25), lift=fixed(3.0), elasticity=fixed(0.5)),
         Technology("shield", interval(15, 25), elasticity=fixed(0.3))),
        (Risk("doom", share(0.001, 0.01)),),
        (Role("source", "ai", "doom"), Role("defends", "shield", "doom", fixed(0.5))),
    )  # fmt: skip
    objective = objective_of(world, welfare=Welfare(gamma=1.0, future=10))
    begin = starts(objective, 4, 1)
    limit = objective(np.zeros(2)).tail
    free, capped = solve(objective, begin), cap_tail(objective, begin, limit)
    assert free.score.tail > limit
    assert capped is not None
    assert capped.score.tail <= limit + 1e-9
    assert capped.score.welfare < free.score.welfare
    assert capped.score.welfare > objective(np.zeros(2)).welfare


def test_tail_is_the_mean_of_the_worst() -> None:
    values = np.random.default_rng(1).permutation(100.0 + np.arange(200))
    mean, worst = tail_mean(values, 0.95)
    assert mean == np.mean(np.arange(290, 300))
    assert sorted(values[worst]) == list(range(290, 300))


def test_every_end_of_a_range_is_nearly_as_good() -> None:
    objective = objective_of(race())
    best = solve(objective, starts(objective, 4, 1)).shares
    seen: list[tuple[np.ndarray, float]] = []

    class Watched(Objective):
        def __call__(self, shares: np.ndarray) -> Any:
            score = super().__call__(shares)
            seen.append((shares, score.goal))
            return score

    watched = Watched(objective.draws, objective.budget, objective.welfare, objective.fundable)
    low, high = near_optimal(watched, best, tolerance=0.05)
    top = objective.value(best)
    bar = top - 0.05 * (top - objective.value(np.zeros(4)))
    good = np.array([shares for shares, goal in seen if goal >= bar])
    np.testing.assert_array_equal(low, good.min(axis=0))
    np.testing.assert_array_equal(high, good.max(axis=0))
    assert (good.sum(axis=1) <= 1 + 1e-9).all()
    assert (high - low).max() > 0.1


def test_hindsight_of_one_world_is_its_plan() -> None:
    objective = objective_of(race(), size=20)
    begin = [np.zeros(4), np.full(4, 0.25), *np.eye(4)]
    alone = np.array(
        [solve(replace(objective, draws=draw(race(), 1, 5, start=n)), begin).score.welfare for n in range(20)]
    )
    welfare, shares = hindsight(objective, np.array(begin[:2]), steps=60)
    off = np.abs(welfare / alone - 1) > 2e-4
    assert off.sum() <= 2, (welfare[off], alone[off])  # not concave: one climb may stop short of five
    assert welfare.mean() == pytest.approx(alone.mean(), rel=1e-3)
    assert (shares.sum(axis=1) <= 1 + 1e-9).all()


def test_information_of_a_normal_benefit() -> None:
    """Net benefit p₁ − p₂, p₁ ~ N(1, 1), p₂ ~ N(0, 2²), against not acting: exact figures (`voi`, the vignette)."""

    def exact(mean: float, sd: float) -> float:
        return sd * norm.pdf(mean / sd) - mean * norm.cdf(-mean / sd)

    np.testing.assert_allclose(
        [exact(1, math.sqrt(5)), exact(1, 1), exact(1, 2)], [0.479811, 0.083315, 0.395593], atol=5e-7
    )
    points = norm.ppf((np.arange(500) + 0.5) / 500)
    p1, p2 = (grid.ravel() for grid in np.meshgrid(1 + points, 2 * points))
    utilities = np.stack([np.zeros_like(p1), p1 - p2], axis=1)
    assert evpi(utilities) == pytest.approx(0.479811, abs=1e-3)
    assert evppi(utilities, p1) == pytest.approx(0.083315, abs=3e-4)
    assert evppi(utilities, p2) == pytest.approx(0.395593, abs=1e-3)
    assert evppi(utilities, (p2 > 0).astype(np.intp)) < evppi(utilities, p2)


def test_noise_is_seen_as_noise() -> None:
    rng = np.random.default_rng(2)
    useful, useless = rng.normal(size=(2, 2000))
    utilities = np.stack([np.zeros(2000), useful + rng.normal(size=2000)], axis=1)
    assert knowing("useful", utilities, useful, 1).clear
    assert not knowing("useless", utilities, useless, 1).clear


def test_ishigami() -> None:
    """Analytic indices for a = 7, b = 0.1: S = (.3139, .4424, 0), ST = (.5576, .4424, .2437)."""

    def ishigami(uniform: np.ndarray) -> np.ndarray:
        x = math.pi * (2 * uniform - 1)
        return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    groups = {"1": [0], "2": [1], "3": [2], "all": [0, 1, 2], "1 and 3": [0, 2]}
    found = {index.group: index for index in sobol(ishigami, groups, 3, size=60_000, seed=4)}
    for name, first, total in [("1", 0.3139, 0.5576), ("2", 0.4424, 0.4424), ("3", 0.0, 0.2437)]:
        assert found[name].first == pytest.approx(first, abs=1e-3)
        assert found[name].total == pytest.approx(total, abs=4 * found[name].error)
    assert found["all"].first == pytest.approx(1, abs=2e-3)
    assert found["all"].total == pytest.approx(1, abs=4 * found["all"].error)
    assert found["1 and 3"].total == pytest.approx(1 - 0.4424, abs=4 * found["1 and 3"].error)


def test_values_and_beliefs_share_a_conclusion() -> None:
    world = race()
    plans = budget_plan(world, np.array([0.0, 3.0, 3.0, 0.0])), nothing(world)
    found = {index.group: index for index in conclusion(world, *plans, size=8192, seed=1)}
    values, beliefs = found["values"], found["beliefs"]
    assert values.first + beliefs.total == pytest.approx(1, abs=4 * beliefs.error)
    assert beliefs.first + values.total == pytest.approx(1, abs=4 * beliefs.error)
    assert found["value:future"].total > found["value:rho"].total > 0
    sure = conclusion(world, plans[0], plans[0], single=False, size=64)
    assert [index.total for index in sure] == [0.0, 0.0]


@pytest.mark.parametrize(("budget", "fundable"), [(-1.0, None), (math.nan, None), (1.0, ("nowhere",))])
def test_plans_that_make_no_sense(budget: float, fundable: tuple[str, ...] | None) -> None:
    with pytest.raises(InputError):
        plan(race(), budget, seed=1, fundable=fundable, settings=QUICK)


def test_leaving_an_evaluator_out() -> None:
    """Only Cleo thinks that the shield works: without her the other defence gets all, without another she gets more."""
    works = {"ada": fixed(0.05), "ben": fixed(0.05), "cleo": fixed(0.9)}
    half = fixed(0.5)
    world = World(
        (
            Technology("shield", interval(10, 30), elasticity=half),
            Technology("wall", interval(10, 30), elasticity=half),
        ),
        (Risk("doom", fixed(0.01)),),
        (Role("defends", "shield", "doom", works), Role("defends", "wall", "doom", fixed(0.3))),
        ("ada", "ben", "cleo"),
    )
    found = plan(world, 6.0, seed=3, settings=QUICK)
    assert [item.evaluator for item in found.influences] == ["cleo", "ada", "ben"]
    cleo, ada, _ = found.influences
    assert cleo.shares[0] < 0.01
    assert 0.5 < found.amounts[0] / 6 < ada.shares[0]
    assert cleo.moved == pytest.approx(found.amounts[0] / 6, abs=0.1)
    assert plan(race(evaluators=("ada", "ben")), 6.0, seed=3, settings=QUICK).influences == ()


def test_slowing_a_danger_is_worth_something_and_a_defence_costs() -> None:
    found = {item.technology: item for item in plan(race(), 6.0, seed=3, settings=QUICK).slowings}
    assert found["weapon"].mean > 0 > found["shield"].mean
    assert found["weapon"].helps == 1.0
    assert found["shield"].helps < 0.1
    assert found["weapon"].low <= found["weapon"].mean <= found["weapon"].high
    still = World((replace(race().technologies[3], leak=fixed(1.0)),), (Risk("war", fixed(0.01)),),
                  (Role("source", "weapon", "war"),))  # fmt: skip
    lost = plan(still, 6.0, seed=3, settings=QUICK).slowings[0]  # all of it leaks
    assert lost.mean == lost.helps == 0


def test_few_technologies_are_looked_at_on_a_grid() -> None:
    found = plan(race(), 6.0, seed=3, fundable=("shield", "safety"), settings=QUICK)
    assert found.grid_gap is not None
    assert found.grid_gap <= 1e-9
    assert plan(race(), 6.0, seed=3, settings=QUICK).grid_gap is None
    objective = replace(objective_of(race()), fundable=np.array([False, True, True, False]))
    best = grid(objective, parts=8)
    assert best is not None
    by_hand = max(objective.value(np.array([0, a / 8, b / 8, 0])) for a, b in product(range(9), repeat=2) if a + b <= 8)
    assert best[1] == by_hand
    assert objective.value(best[0]) == best[1]


def test_progress_is_told() -> None:
    said: list[str] = []
    plan(race(), 6.0, seed=3, settings=QUICK, tell=said.append)
    assert said[0] == "looking for the best split"
    assert len(said) == len(set(said)) == 6
