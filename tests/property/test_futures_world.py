"""What holds in every world: the same seed, the same world; more defence, less danger; labels do not matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.futures.world import (
    Risk,
    Role,
    Technology,
    Welfare,
    World,
    budget_plan,
    draw,
    interval,
    live,
    nothing,
    share,
)

years = st.tuples(st.floats(0.5, 30), st.floats(1.1, 5)).map(lambda pair: interval(pair[0], pair[0] * pair[1]))
shares = st.tuples(st.floats(0.05, 0.8), st.floats(0.0, 0.15)).map(lambda pair: share(pair[0], pair[0] + pair[1]))
seeds = st.integers(0, 2**64 - 1)


@st.composite
def worlds(draws_from: st.DrawFn) -> World:
    """A danger, its safety technique, two defences and two risks."""
    pick = draws_from
    technologies = (
        Technology("ai", pick(years), lift=pick(shares), transition=pick(shares), elasticity=pick(shares)),
        Technology("safety", pick(years), elasticity=pick(shares), never=pick(shares)),
        Technology("shield", pick(years), elasticity=pick(shares)),
        Technology("watch", pick(years), elasticity=pick(shares), general=True),
    )
    risks = (Risk("doom", interval(0.001, 0.05), pick(shares)), Risk("dark", interval(0.001, 0.01), listed=False))
    roles = (
        Role("source", "ai", "doom"),
        Role("makes_safe", "safety", "ai", pick(shares), lead=pick(years)),
        Role("defends", "shield", "doom", pick(shares)),
        Role("defends", "watch", "dark", pick(shares)),
    )
    return World(technologies, risks, roles, horizon=80.0)


@given(worlds(), seeds, st.integers(0, 40))
@settings(max_examples=25)
def test_a_world_is_the_same_wherever_it_is_drawn(world: World, seed: int, start: int) -> None:
    whole, part = draw(world, 50, seed), draw(world, 10, seed, start=start)
    assert (part.time == whole.time[start : start + 10]).all()
    assert (part.strength == whole.strength[start : start + 10]).all()
    more = replace(world, technologies=(*world.technologies, Technology("new", interval(1, 2))))
    assert (draw(more, 50, seed).time[:, :4] == whole.time).all()


@given(worlds(), seeds)
@settings(max_examples=25)
def test_order_of_the_description_does_not_matter(world: World, seed: int) -> None:
    turned = replace(world, technologies=world.technologies[::-1], risks=world.risks[::-1], roles=world.roles[::-1])
    a, b = draw(world, 30, seed), draw(turned, 30, seed)
    money = np.array([1.0, 2.0, 0.0, 3.0])
    first = live(a, budget_plan(world, money))
    second = live(b, budget_plan(turned, money[::-1]))
    np.testing.assert_allclose(first.welfare, second.welfare, rtol=1e-12)
    np.testing.assert_allclose(first.slope, second.slope[:, ::-1], rtol=1e-9, atol=1e-12)


@given(worlds(), seeds, st.sampled_from([1.0, 1.5, 3.0]))
@settings(max_examples=25)
def test_protection_never_hurts(world: World, seed: int, gamma: float) -> None:
    welfare = Welfare(gamma=gamma)
    drawn = draw(world, 40, seed)
    base = live(drawn, nothing(world), welfare)
    funded = live(drawn, budget_plan(world, np.array([0.0, 5.0, 5.0, 5.0])), welfare)
    assert (funded.arrivals.time <= base.arrivals.time).all()
    assert (funded.catastrophe <= base.catastrophe + 1e-12).all()
    assert (funded.welfare >= base.welfare * (1 - 1e-12)).all()
    assert (base.welfare <= base.benefit * (1 + 1e-12)).all()
    assert ((base.catastrophe >= 0) & (base.catastrophe <= 1)).all()
    assert (base.lived.risk_slope[:, 1:] <= 1e-12).all()  # a later defence is never better


@given(worlds(), seeds)
@settings(max_examples=15)
def test_stronger_roles_less_danger(world: World, seed: int) -> None:
    drawn = draw(world, 40, seed)
    base = live(drawn, nothing(world))
    for e in (1, 2, 3):
        strength = drawn.strength.copy()
        strength[:, e] = (1 + strength[:, e]) / 2
        assert (live(replace(drawn, strength=strength), nothing(world)).catastrophe <= base.catastrophe + 1e-12).all()
