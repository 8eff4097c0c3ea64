"""Three ways to live through a world agree, step by step, swept and compiled; slopes are finite differences."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from daccord.futures.world import (
    Draws,
    Lived,
    Quantity,
    Risk,
    Role,
    Schedule,
    Technology,
    Welfare,
    World,
    arrivals,
    draw,
    fixed,
    interval,
    live,
    share,
    values_of,
)
from daccord.futures.world._reference import reference_life


def tangled_world(seed: int = 0) -> World:
    """A small world with every kind of role, every effect and two evaluators; simulated."""
    rng = np.random.default_rng(seed)

    def years(low: float, high: float) -> dict[str, Quantity]:
        shift = float(rng.uniform(0.7, 1.4))
        return {"a": interval(low, high), "b": interval(low * shift, high * shift)}

    technologies = (
        Technology("ai", years(4, 30), lift=share(0.05, 0.4), growth=interval(0.005, 0.03), elasticity=share(0.2, 0.7),
                   transition=share(0.02, 0.3), decline=interval(0.01, 0.05), leak=share(0.1, 0.5), spending=5.0),
        Technology("alignment", years(3, 30), elasticity=share(0.2, 0.8), never=share(0.05, 0.3), crowding=0.2),
        Technology("bio", years(2, 20), lift=fixed(0.1), longevity=share(0.05, 0.3), elasticity=fixed(0.3)),
        Technology("vaccines", years(3, 25), elasticity=share(0.3, 0.9), general=True),
        Technology("tools", years(3, 25), growth=fixed(0.002), elasticity=fixed(0.5), factor=0.0),
    )  # fmt: skip
    risks = (
        Risk("takeover", interval(0.001, 0.02), share(0.1, 0.5)),
        Risk("pandemic", interval(0.002, 0.02), share(0.05, 0.3), share(0.1, 0.9), catastrophic=False),
        Risk("war", interval(0.0005, 0.005)),
        Risk("unlisted", interval(0.0002, 0.003), fixed(0.3), listed=False),
    )
    roles = (
        Role("source", "ai", "takeover"),
        Role("source", "bio", "pandemic", interval(0.5, 2)),
        Role("source", "ai", "pandemic", fixed(0.5)),
        Role("makes_safe", "alignment", "ai", share(0.3, 0.9), lead=interval(1, 6)),
        Role("substitutes", "tools", "ai", share(0.1, 0.5), lead=interval(1, 3)),
        Role("defends", "vaccines", "pandemic", share(0.3, 0.9)),
        Role("defends", "tools", "takeover", share(0.1, 0.4)),
        Role("defends", "vaccines", "unlisted", share(0.1, 0.4)),
        Role("requires", "alignment", "tools", delay=interval(0.5, 3)),
    )
    return World(technologies, risks, roles, ("a", "b"), window=12.0, horizon=70.0)


def schedule_of(draws: Draws, *, wiggly: bool) -> Schedule:
    rng = np.random.default_rng(5)
    techs = len(draws.world.technologies)
    if not wiggly:
        return Schedule(np.array([12.0]), np.full((1, techs), 1.0))
    shape = (draws.size, 3, techs)
    held = np.where(rng.random(techs) < 0.3, 9.0, 0.0)
    return Schedule(np.array([2.0, 5.0, 12.0]), rng.uniform(0.1, 3, shape), rng.uniform(0.1, 0.8, shape), held)


@pytest.mark.parametrize("welfare", [Welfare(gamma=1.0), Welfare(), Welfare(gamma=3.0, person_affecting=True)])
def test_sweep_is_step_by_step(welfare: Welfare) -> None:
    draws = draw(tangled_world(), 12, 7)
    schedule = schedule_of(draws, wiggly=True)
    outcome, values = live(draws, schedule, welfare, engine="numpy"), values_of(welfare, draws.size)
    for n in range(draws.size):
        slow = reference_life(draws, outcome.arrivals.time, values, n, steps=1500)
        assert outcome.welfare[n] == pytest.approx(slow.welfare, rel=2e-6)
        assert outcome.benefit[n] == pytest.approx(slow.benefit, rel=2e-6)
        assert outcome.lived.hazard_sum[n] == pytest.approx(slow.hazard_sum, rel=1e-9)


@pytest.mark.parametrize("gamma", [1.0, 1.5, "mixed"])
def test_compiled_is_numpy(gamma: float | str) -> None:
    pytest.importorskip("numba")
    draws = draw(tangled_world(), 700, 11)
    values = values_of(Welfare(gamma=2.0 if isinstance(gamma, str) else gamma), draws.size)
    if gamma == "mixed":
        values = replace(values, gamma=np.resize([1.0, 1.5, 2.0, 3.0], draws.size))
    schedule = schedule_of(draws, wiggly=True)
    plain, fast = (live(draws, schedule, values, engine=engine).lived for engine in ("numpy", "numba"))
    for field in fields(Lived):
        np.testing.assert_allclose(getattr(fast, field.name), getattr(plain, field.name), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("gamma", [1.0, 2.0])
@pytest.mark.parametrize("lever", ["spending", "slowing"])
def test_slopes_are_finite_differences(gamma: float, lever: str) -> None:
    draws = draw(tangled_world(), 300, 13)
    schedule, welfare = replace(schedule_of(draws, wiggly=True), not_before=None), Welfare(gamma=gamma)
    outcome = live(draws, schedule, welfare, engine="numpy")
    slopes = {
        "welfare": outcome.money if lever == "spending" else outcome.slowing,
        "catastrophe": (outcome.arrivals.to_money if lever == "spending" else outcome.arrivals.to_slowing)(
            outcome.catastrophe_slope
        ),
    }
    step = 1e-5
    for p in range(3):
        for k in range(len(draws.world.technologies)):
            bump = np.zeros_like(schedule.spending)
            bump[:, p, k] = step
            moved = [
                live(draws, replace(schedule, **{lever: getattr(schedule, lever) + sign * bump}), welfare,
                     gradient=False, engine="numpy")
                for sign in (1, -1)
            ]  # fmt: skip
            for name, slope in slopes.items():
                difference = (getattr(moved[0], name) - getattr(moved[1], name)) / (2 * step)
                off = np.abs(difference - slope[:, p, k]) > 1e-4 * np.abs(slope[:, p, k]) + 1e-7  # rounding
                assert off.sum() <= 2, f"{name} {p} {k}"  # a kink may lie inside a step
                assert name == "catastrophe" or np.abs(slope[:, p, k]).max() > 1e-3


def test_one_period_is_the_formula() -> None:
    draws = draw(tangled_world(), 500, 17)
    world = replace(draws.world, roles=())
    draws = replace(draws, world=world, strength=np.zeros((500, 0)))
    came = arrivals(draws, Schedule(np.array([12.0]), np.full((1, 5), 2.0)))
    for k, technology in enumerate(world.technologies):
        money = 2.0 * (1 - technology.crowding) / technology.spending
        v = (1 + money) ** draws.elasticity[:, k]
        base = draws.time[:, k]
        np.testing.assert_allclose(came.time[:, k], np.where(base <= v * 12, base / v, base - (v - 1) * 12), rtol=1e-12)


def test_a_plan_year_by_year_is_the_plan() -> None:
    """A controller that writes every year what the plan says has lived the plan."""
    draws = draw(tangled_world(), 200, 19)
    money = np.array([1.0, 2.0, 0.5, 3.0, 1.0])
    whole = live(draws, Schedule(np.array([12.0]), money[None, :]))
    lived = Schedule(np.array([1.0]), money[None, :])
    for year in range(2, 13):
        lived = lived.then(float(year), np.broadcast_to(money, (draws.size, 5)))
    np.testing.assert_allclose(live(draws, lived).welfare, whole.welfare, rtol=1e-12)
    np.testing.assert_allclose(live(draws, lived).money.sum(axis=1), whole.money.sum(axis=1), rtol=1e-9, atol=1e-12)


def test_compiled_is_numpy_without_risks() -> None:
    pytest.importorskip("numba")
    world = World((Technology("x", interval(1, 90), lift=fixed(0.3)), Technology("y", fixed(500.0), never=fixed(1.0))))
    draws = draw(world, 100, 3)
    plain, fast = (live(draws, Schedule(np.ones(1), np.zeros((1, 2))), engine=e).lived for e in ("numpy", "numba"))
    for field in fields(Lived):
        np.testing.assert_allclose(getattr(fast, field.name), getattr(plain, field.name), rtol=1e-12, atol=1e-14)
    assert (fast.risk_slope == 0).all()


def test_later_periods_do_not_change_what_has_arrived() -> None:
    """So a controller may decide on what it sees."""
    draws = draw(tangled_world(), 300, 23)
    rng = np.random.default_rng(1)
    here = Schedule(np.array([4.0]), np.full((1, 5), 1.0))
    for end in (6.0, 9.0, 20.0):
        seen = arrivals(draws, here).time
        past = seen <= here.ends[-1]
        there = here.then(end, rng.uniform(0, 9, (draws.size, 5)), rng.uniform(0, 1, (draws.size, 5)))
        then = arrivals(draws, there).time
        np.testing.assert_array_equal(then[past], seen[past])
        assert (then[~past] > here.ends[-1]).all()
        here = there
