"""Worlds nest published and closed-form results, and refuse what makes no sense."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.optimize import brentq

from daccord.errors import InputError
from daccord.futures.world import (
    Belief,
    Quantity,
    Risk,
    Role,
    Schedule,
    Technology,
    Welfare,
    World,
    budget_plan,
    draw,
    exponential,
    fixed,
    inputs_of,
    interval,
    live,
    nothing,
    share,
)

LIFE_ONLY = Welfare(gamma=1.0, rho=0.0, growth=0.0, mortality=0.0, births=0.0, future=0.0)
"""A year is a year, and only survival counts."""


def one(world: World, welfare: Welfare | None = None) -> float:
    """Welfare of a world in which nothing is uncertain."""
    return float(live(draw(world, 1, 0), nothing(world), welfare).welfare[0])


# Jones, "The A.I. dilemma" (NBER 31837), Table 1: consumption, years of use and risk at the optimum
TABLE_1 = [
    (1.0, 0.01, 54.60, 40.0, 0.33),
    (2.0, 0.01, 1.57, 4.5, 0.04),
    (3.0, 0.01, 1.27, 2.4, 0.02),
    (1.0, 0.02, 1.0, 0.0, 0.0),
    (2.0, 0.02, 1.0, 0.0, 0.0),
    (3.0, 0.02, 1.0, 0.0, 0.0),
]


@pytest.mark.parametrize(("gamma", "delta", "consumption", "years", "risk"), TABLE_1)
def test_jones_table_1(gamma: float, delta: float, consumption: float, years: float, risk: float) -> None:
    """Growth of 10 % and a hazard until a second technology ends both; the future dwarfs the years until then."""
    welfare = Welfare(gamma=gamma, life=6.0, rho=0.0, growth=0.0, mortality=0.0, births=0.0, future=1e12)

    def until(end: float) -> tuple[float, float]:
        stop = Technology("stop", fixed(end), growth=fixed(-0.1))
        world = World(
            (Technology("ai", fixed(1e-9), growth=fixed(0.1)), stop),
            (Risk("doom", fixed(delta)),),
            (Role("source", "ai", "doom"), Role("substitutes", "stop", "ai")),
        )
        lived = live(draw(world, 1, 0), nothing(world), welfare)
        return float(lived.slope[0, 1]) / float(lived.welfare[0]), float(lived.catastrophe[0])

    best = 0.0 if until(1e-6)[0] < 1e-9 else brentq(lambda end: until(end)[0], 1e-6, 99.0, xtol=1e-10)
    assert round(best, 1) == years
    assert round(math.exp(0.1 * best), 2) == consumption
    assert round(until(best)[1] if best else 0.0, 2) == risk


# Tables 2 and 3: γ, then cut-offs for m = 1 % and 0.5 % at g = 10 %, g = ∞, and g = ∞ with ρ − b = −0.45 %
TABLES_2_3 = [
    (1.01, (0.350, 0.572), (0.934, 0.951), (0.910, 0.992)),
    (2.0, (0.049, 0.290), (0.071, 0.304), (0.031, 0.912)),
    (3.0, (0.019, 0.265), (0.026, 0.269), (0.009, 0.910)),
]


@pytest.mark.parametrize("row", TABLES_2_3)
@pytest.mark.parametrize("case", range(6))
def test_jones_tables_2_and_3(row: tuple[Any, ...], case: int) -> None:
    """One technology that comes now: the one-off risk at which it is worth as much as no technology."""
    gamma, printed = row[0], row[1 + case // 2][case % 2]
    births = 0.0 if case < 4 else 0.0145
    welfare = Welfare(gamma=gamma, rho=0.01, growth=0.02, mortality=0.01, births=births, future=0.0)
    gains: dict[str, Belief] = {"growth": fixed(0.08)} if case < 2 else {"lift": fixed(1e7)}
    longevity = fixed(0.5 if case % 2 else 0.0)
    ai = Technology("ai", fixed(1e-9), longevity=longevity, **gains)
    world = World((ai,), horizon=60_000.0)
    never = one(replace(world, technologies=(replace(ai, never=fixed(1.0)),)), welfare)
    cut_off = 1 - never / one(world, welfare)
    assert cut_off == pytest.approx(printed, abs=0.0006)
    risky = replace(world, technologies=(replace(ai, transition=fixed(cut_off)),))
    assert one(risky, welfare) == pytest.approx(never, rel=1e-8)


def test_race_of_two() -> None:
    """P(catastrophe) = a/(a+b) · h/(h+b)."""
    a, b, h = 0.1, 0.05, 0.02
    world = World(
        (Technology("threat", exponential(1 / a)), Technology("shield", exponential(1 / b))),
        (Risk("doom", fixed(h)),),
        (Role("source", "threat", "doom"), Role("defends", "shield", "doom")),
        progress=0.0,
        horizon=2000.0,
    )
    found = live(draw(world, 100_000, 3), nothing(world), LIFE_ONLY, gradient=False).catastrophe
    assert found.mean() == pytest.approx(a / (a + b) * h / (h + b), abs=4 * found.std() / math.sqrt(100_000))


@pytest.mark.parametrize(
    ("rates", "exact"), [((0.1, 0.05, 0.08), 0.234342), ((0.1, 0.1, 0.08), 0.199750), ((0.2, 0.05, 0.08), 0.273398)]
)
def test_race_of_three(rates: tuple[float, ...], exact: float) -> None:
    """Exponential arrivals make a Markov chain on who has arrived; its matrix exponential is exact."""
    efficacy, h, horizon = (1.0, 0.6, 0.5), 0.02, 50.0
    chain = np.zeros((9, 9))
    for state in range(8):
        for k, rate in enumerate(rates):
            if not state >> k & 1:
                chain[state, state | 1 << k] = rate
        if state & 1:
            chain[state, 8] = h * math.prod(1 - efficacy[k] for k in (1, 2) if state >> k & 1)
        chain[state, state] = -chain[state].sum()
    assert expm(chain * horizon)[0, 8] == pytest.approx(exact, abs=5e-7)
    world = World(
        tuple(Technology(f"t{k}", exponential(1 / rate)) for k, rate in enumerate(rates)),
        (Risk("doom", fixed(h)),),
        (Role("source", "t0", "doom"), Role("defends", "t1", "doom", fixed(0.6)),
         Role("defends", "t2", "doom", fixed(0.5))),
        progress=0.0, optimism=0.0, horizon=horizon,
    )  # fmt: skip
    found = live(draw(world, 100_000, 5), nothing(world), LIFE_ONLY, gradient=False).catastrophe
    assert found.mean() == pytest.approx(exact, abs=4 * found.std() / math.sqrt(100_000))


BOSTROM = {0.01: (0, 0, 0, 14.3, 31.4, 35.5), 0.1: (0, 0.7, 9.4, 13.8, 15.5, 15.9), 0.5: (0.6, 2.6, 3.9, 4.6, 4.8, 4.9)}


@pytest.mark.parametrize("fall", BOSTROM)
def test_best_delay_of_a_falling_launch_risk(fall: float) -> None:
    """Mortality 1/40 before and 1/1400 after a launch whose one-off risk falls by itself: closed form for its year."""
    before, after, k = 1 / 40, 1 / 1400, -math.log1p(-fall)
    welfare = Welfare(gamma=1.0, rho=0.0, growth=0.0, mortality=before, births=0.0, person_affecting=True, future=1400)
    for first, printed in zip((0.05, 0.2, 0.5, 0.8, 0.95, 0.99), BOSTROM[fall], strict=True):

        def slope(when: float, first: float = first) -> float:
            launch = Technology("launch", fixed(when), longevity=fixed(1 - after / before), transition=fixed(first),
                                decline=fixed(k))  # fmt: skip
            world = World((launch,))
            return float(live(draw(world, 1, 0), nothing(world), welfare).slope[0, 0])

        exact = max(0.0, math.log(first * (1400 * before + 1400 * k) / (1400 * before - 1)) / k)
        best = 0.0 if slope(1e-9) < 0 else brentq(slope, 1e-9, 90.0, xtol=1e-9)
        assert best == pytest.approx(exact, abs=1e-5)
        assert round(best, 1) == printed


def test_waiting_is_free_without_leak_and_hazard() -> None:
    """A full pause of a launch that brings no benefit costs nothing, and its one-off risk falls meanwhile."""
    launch = Technology("launch", fixed(5.0), transition=fixed(0.5), decline=fixed(0.1), leak=fixed(0.0))
    world = World((launch,), horizon=60.0, window=20.0)
    drawn = draw(world, 1, 0)

    def paused(years: float, leak: float = 0.0) -> float:
        base = replace(drawn, leak=np.full((1, 1), leak))
        pause = Schedule(np.array([years]), np.zeros((1, 1)), np.ones((1, 1)))
        return float(live(base, pause, LIFE_ONLY).survival[0])

    assert paused(10.0) == pytest.approx(1 - 0.5 * math.exp(-0.1 * 15))
    assert paused(10.0, leak=1.0) == pytest.approx(1 - 0.5 * math.exp(-0.1 * 5))
    assert paused(20.0) > paused(10.0) > paused(10.0, leak=0.5)


def test_intervals_are_kept_by_the_common_factor() -> None:
    told = {"ada": interval(5, 40), "ben": interval(10, 20)}
    world = World(
        (Technology("x", told), Technology("y", interval(2, 30))),
        evaluators=("ada", "ben"),
        progress=0.8,
        weights=(3, 1),
    )
    drawn = draw(world, 40_000, 9)
    assert (drawn.evaluator == 0).mean() == pytest.approx(0.75, abs=0.01)
    for e, (low, high) in enumerate([(5, 40), (10, 20)]):
        mine = drawn.time[drawn.evaluator == e, 0]
        np.testing.assert_allclose(np.quantile(mine, [0.05, 0.95]), [low, high], rtol=0.04)
    mine = np.log(drawn.time[drawn.evaluator == 0])
    assert np.corrcoef(mine.T)[0, 1] == pytest.approx(0.64, abs=0.02)


def test_who_did_not_answer_is_stood_in_for() -> None:
    told = {"ada": fixed(1.0), "ben": fixed(2.0)}
    world = World((Technology("x", told),), evaluators=("ada", "ben", "cy"))
    drawn = draw(world, 30_000, 1)
    silent = drawn.evaluator == 2
    assert (drawn.time[silent, 0] == 1).mean() == pytest.approx(0.5, abs=0.02)
    assert (drawn.time[drawn.evaluator == 1, 0] == 2).all()
    anew = draw(world, 30_000, 1, mixing="question")
    assert np.corrcoef(anew.answered_by["arrival:x"], anew.evaluator)[0, 1] == pytest.approx(0, abs=0.02)


def test_shapes_have_their_quantiles() -> None:
    z = np.array([-1.6448536269514722, 0.0, 1.6448536269514722])
    np.testing.assert_allclose(interval(2, 8).at(z), [2, 4, 8], rtol=1e-12)
    np.testing.assert_allclose(share(0.2, 0.8).at(z), [0.2, 0.5, 0.8], rtol=1e-12)
    np.testing.assert_allclose(Quantity(-1, 3, "normal").at(z), [-1, 1, 3], atol=1e-12)
    np.testing.assert_allclose(Quantity(0, 1, "uniform").at(z), [0.05, 0.5, 0.95], rtol=1e-12)
    np.testing.assert_allclose(exponential(10).at(z), -10 * np.log([0.95, 0.5, 0.05]), rtol=1e-12)


def test_the_unlisted_threat_is_met_by_general_resilience_only() -> None:
    world = World((Technology("x", fixed(1.0)),), (Risk("dark", fixed(0.1), listed=False),),
                  (Role("defends", "x", "dark", fixed(0.5)),), horizon=11.0)  # fmt: skip
    with pytest.raises(InputError, match="general resilience"):
        one(world)
    able = replace(world, technologies=(replace(world.technologies[0], general=True),))
    lived = live(draw(able, 1, 0), nothing(able), LIFE_ONLY)
    assert lived.survival[0] == pytest.approx(math.exp(-0.1 - 0.5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"technologies": ()}, "there are none"),
        ({"technologies": (Technology("x", fixed(1.0)), Technology("x", fixed(1.0)))}, "used twice"),
        ({"technologies": (Technology("x", fixed(1.0), never=interval(0.1, 2)),)}, "leaves 0.0 to 1.0"),
        ({"technologies": (Technology("x", {"eve": fixed(1.0)}),)}, "not listed"),
        ({"technologies": (Technology("x", fixed(1.0), spending=0.0),)}, "must be positive"),
        ({"roles": (Role("defends", "x", "nowhere"),)}, "no risk"),
        ({"roles": (Role("requires", "x", "y"), Role("requires", "y", "x"))}, "circle"),
        ({"roles": (Role("makes_safe", "y", "x", lead=fixed(0.0)),)}, "makes welfare jump"),
        ({"roles": (Role("makes_safe", "y", "x"), Role("makes_safe", "y", "x"))}, "given twice"),
        ({"window": 0.0}, "window"),
        ({"progress": 2.0}, "correlation"),
        ({"weights": (1.0,)}, "one weight"),
        ({"welfare": Welfare(life=0.0)}, "nothing to compare"),
    ],
)
def test_worlds_that_make_no_sense(change: dict[str, Any], message: str) -> None:
    world = World((Technology("x", fixed(1.0)), Technology("y", fixed(1.0))), (Risk("r", fixed(0.1)),))
    with pytest.raises(InputError) as refused:
        draw(replace(world, **change), 1, 0)
    assert message in refused.value.diagnostics()


def test_schedules_and_quantities_that_make_no_sense() -> None:
    world = World((Technology("x", fixed(1.0)),))
    with pytest.raises(InputError, match="no interval"):
        interval(3, 2)
    with pytest.raises(InputError, match="inside"):
        share(0.0, 0.5)
    with pytest.raises(InputError, match="at least 0"):
        budget_plan(world, np.array([-1.0]))
    with pytest.raises(InputError, match="does not fit"):
        live(draw(world, 3, 0), budget_plan(world, np.zeros(2)))
    with pytest.raises(InputError, match="not finite"):
        one(replace(world, horizon=1e5), Welfare(gamma=1.0, births=0.9))


def test_inputs_are_what_is_uncertain() -> None:
    world = World(
        (
            Technology("x", {"ada": interval(1, 2), "ben": fixed(3.0)}, never=share(0.1, 0.2)),
            Technology("y", fixed(1.0)),
        ),
        evaluators=("ada", "ben"),
    )
    assert set(inputs_of(world)) == {"evaluator", "factor:progress", "arrival:x", "never:x", "ever:x"}
