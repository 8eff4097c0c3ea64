"""Whatever is scaled: the belief moves as its number would, stays in its domain, and can be moved back."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.futures.lab import Constitution, Market
from daccord.futures.study import ScenarioClass, Study, factors_of, scaled, scenarios, setting
from daccord.futures.world import Quantity, Risk, Role, Technology, World, exponential, fixed, interval, share

Z = np.linspace(-3, 3, 13)

sizes = st.floats(0.01, 100.0)
odds = st.floats(0.01, 100.0)
wide = st.floats(1.0, 8.0)
times = st.one_of(
    st.builds(lambda low, by: interval(low, low * by), sizes, wide),
    st.builds(lambda low, by: Quantity(low, low * by, "uniform"), sizes, wide),
    st.builds(exponential, sizes),
    st.builds(fixed, sizes),
)
inner = st.floats(0.001, 0.999)
shares = st.one_of(
    st.tuples(inner, inner).map(lambda pair: share(*sorted(pair))), st.builds(fixed, st.floats(0.0, 1.0))
)


def world_of(time: Quantity, chance: Quantity) -> World:
    """One technology and one risk with the same beliefs in every place that is scaled."""
    technology = Technology("machine", time, transition=chance, lift=chance)
    roles = (Role("defends", "shield", "plague", chance), Role("substitutes", "shield", "machine", chance))
    return World((technology, Technology("shield", time)), (Risk("plague", time, floor=chance),), roles)


@given(times, shares, odds)
def test_times_and_hazards_are_multiplied(time: Quantity, chance: Quantity, factor: float) -> None:
    world = world_of(time, chance)
    moved = scaled(world, {"world.arrival": factor, "world.hazard": factor})
    for found in (moved.technologies[0].arrival, moved.risks[0].hazard):
        np.testing.assert_allclose(found.at(Z), factor * time.at(Z), rtol=1e-9)
    assert moved.roles == world.roles
    assert (moved.technologies[0].transition, moved.risks[0].floor) == (chance, chance)


@given(times, shares, odds)
def test_odds_are_multiplied(time: Quantity, chance: Quantity, factor: float) -> None:
    world = world_of(time, chance)
    moved = scaled(world, {"world.transition": factor, "world.efficacy": factor})
    p = chance.at(Z)
    for found in (moved.technologies[0].transition, moved.roles[0].strength):
        np.testing.assert_allclose(found.at(Z), factor * p / (1 - p + factor * p), rtol=1e-9, atol=1e-12)
    assert moved.roles[1] == world.roles[1]
    assert (moved.technologies[0].lift, moved.technologies[0].arrival) == (chance, time)
    assert moved.risks == world.risks


@given(times, shares, odds)
def test_what_is_scaled_can_be_scaled_back(time: Quantity, chance: Quantity, factor: float) -> None:
    world = world_of(time, chance)
    names = ("world.arrival", "world.hazard", "world.transition", "world.efficacy")
    back = scaled(scaled(world, dict.fromkeys(names, factor)), dict.fromkeys(names, 1 / factor))
    for old, new in (
        (world.technologies[0].arrival, back.technologies[0].arrival),
        (world.risks[0].hazard, back.risks[0].hazard),
        (world.technologies[0].transition, back.technologies[0].transition),
        (world.roles[0].strength, back.roles[0].strength),
    ):
        assert new.shape == old.shape
        np.testing.assert_allclose([new.low, new.high], [old.low, old.high], rtol=1e-9)
    assert scaled(world, dict.fromkeys(names, 1.0)) == world


uniform = st.floats(0.001, 0.999).flatmap(
    lambda low: st.builds(
        lambda high, shape: Quantity(low, max(low, high), shape),
        st.floats(0.001, 0.999),
        st.sampled_from(["uniform", "log", "share"]),
    )
)


@given(uniform, uniform, st.integers(2, 9), st.integers(0, 4), st.integers(1, 12), st.integers(0, 2**64 - 1))
@settings(max_examples=40)
def test_scenarios_keep_their_limits(
    leak: Quantity, cap: Quantity, actors: int, more: int, count: int, seed: int
) -> None:
    group = ScenarioClass(
        "any", {"leak": leak, "market.cap": cap, "actors": Quantity(actors, actors + more, "uniform")}
    )
    world = world_of(interval(1, 2), fixed(0.1))
    study = Study(
        world, 0.0, {"market": Market(), "none": Constitution()}, classes=(group,), scenarios=count, seed=seed
    )
    found = scenarios(study)
    assert len(found) == count
    for s in found:
        assert leak.low <= s.factors["leak"] <= leak.high
        assert cap.low <= s.factors["market.cap"] <= cap.high
        assert actors <= s.factors["actors"] <= actors + more
        assert setting(study, s.factors).conditions.actors == s.factors["actors"]
        assert tuple(s.factors) == tuple(name for name in factors_of(study) if name in group.ranges)
    drawn = [s.factors["actors"] for s in found]
    often = [drawn.count(a) for a in range(actors, actors + more + 1)]
    assert max(often) - min(often) <= 2  # a Latin hypercube: never far from even
