"""Whatever the parameters: nobody beats the planner, shares stay shares, worlds do not touch each other."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.futures.lab import (
    FRICTIONS,
    Centre,
    Conditions,
    Consortium,
    Constitution,
    Federation,
    Friction,
    Market,
    Pause,
    Stage,
    Teams,
    hold,
    holds,
    perfect,
    prepare,
    race_safety,
    run,
)
from daccord.futures.world import Role, Technology, World, fixed, interval, share

WORLD = World(
    (
        Technology(
            "machine", interval(3, 20), elasticity=fixed(0.3), leak=fixed(0.3), lift=fixed(0.8), growth=fixed(0.01),
            transition=share(0.05, 0.6), decline=fixed(0.06),
        ),
        Technology("alignment", interval(4, 30), elasticity=fixed(0.5)),
    ),
    roles=(Role("makes_safe", "alignment", "machine", share(0.2, 0.9), lead=fixed(3.0)),),
    horizon=40.0,
)  # fmt: skip
MONEY = np.array([0.0, 2.0])


@cache
def stage_of(size: int) -> Stage:
    return prepare(WORLD, size, 11, planned=MONEY)


@cache
def piece() -> Stage:
    return prepare(WORLD, 6, 11, planned=MONEY, start=9, scale=stage_of(24).scale)


shares = st.floats(0.0, 1.0)
conditions = st.builds(
    Conditions,
    actors=st.integers(1, 7),
    noise=st.floats(0.0, 2.0),
    bias=st.floats(-0.5, 0.5),
    correlation=shares,
    learning=shares,
    rush=st.floats(0.0, 1.0),
    capability=st.floats(0.1, 5.0),
    enmity=shares,
    leak=st.floats(0.0, 0.3),
    capture=st.floats(0.0, 0.3),
    returns=st.floats(0.0, 2.5),
    improvement=st.floats(0.0, 1.0),
    diffusion=shares,
    pace=st.integers(0, 6),
    yielding=shares,
    dictator=st.one_of(st.just(0.0), shares),
    loss=st.one_of(st.just(0.0), shares),
)
constitutions = st.one_of(
    st.builds(Constitution, grip=shares),
    st.builds(Market, coordination=shares, cap=st.floats(0.05, 1.0)),
    st.builds(
        Pause, years=st.integers(0, 40), signers=st.integers(0, 4), slowing=shares, overhang=shares,
        exempt=st.booleans(), secret=st.booleans(), military=shares,
    ),
    st.builds(Centre, trust=shares, binding=shares),
    st.builds(
        Consortium, trust=shares, supermajority=st.floats(0.5, 1.0), exclusivity=shares, secrecy=shares, theft=shares,
        sharing=shares, exit_rate=st.floats(0.0, 0.2), binding=shares,
    ),
    st.builds(
        Teams, effect=st.floats(-1.0, 1.0), sameness=shares, veto=st.integers(1, 5), access=shares, tightness=shares,
        openness=shares, binding=shares, irreversibility=shares, regain=shares,
    ),
    st.builds(
        Federation, share=shares, needed=st.floats(0.1, 1.0), cap_weight=st.floats(0.05, 1.0), binding=shares,
    ),
)  # fmt: skip


@given(constitutions, conditions)
@settings(max_examples=60, deadline=None)
def test_measures_are_what_they_say(constitution: Constitution, use: Conditions) -> None:
    found = run(stage_of(24), constitution, use)
    assert np.isfinite(found.welfare).all()
    assert ((found.catastrophe >= 0) & (found.catastrophe <= 1)).all()
    assert ((found.safety >= 0) & (found.safety <= 1)).all()
    for power in (found.largest, found.hhi):
        assert ((power >= 1 / use.actors - 1e-9) & (power <= 1 + 1e-9)).all()
    assert (found.hhi <= found.largest + 1e-9).all()
    assert ((found.agency >= 0) & (found.agency <= 1)).all()
    assert (np.diff(found.agency) <= 1e-12).all()
    assert all(0 <= rate <= 1 for rate in (found.bad, found.missed, found.deadlock))
    assert (found.half <= found.dictated).all()
    assert found.locked[np.isfinite(found.dictated) | np.isfinite(found.blocked)].all()
    assert len(found.marks) == len(found.nakamoto) == len(found.deciders)
    for fewest in found.fewest.values():
        assert ((fewest >= 1) & (found.nakamoto <= fewest + 1e-12)).all()
    assert ((found.deciders >= 1 - 1e-12) & (found.deciders <= use.actors + 1e-9)).all()
    for held in found.holds:
        assert 1 <= held.deciders <= use.actors + 1e-9
        assert 0 < held.to_pass <= 1
        assert 0 < held.to_block <= 1


@given(constitutions, conditions)
@settings(max_examples=40, deadline=None)
def test_nobody_beats_the_planner_with_its_money(constitution: Constitution, use: Conditions) -> None:
    """Same arrivals, less safety, other years of launch: no world may come out better.

    A pause or a moratorium slows arrivals, which can help where nothing else may be held: they are left to other tests.
    """
    planned, _ = constitution.without("money", use)
    if isinstance(planned, Pause | Consortium):
        return
    best, found = perfect(stage_of(24), use), run(stage_of(24), planned, use)
    assert (found.welfare <= best.welfare + 1e-9).all()


@given(constitutions, conditions)
@settings(max_examples=15, deadline=None)
def test_worlds_do_not_touch_each_other(constitution: Constitution, use: Conditions) -> None:
    """Worlds 9 to 14 alone, with the same unit of stakes, are what they were among the first 24."""
    whole, part = run(stage_of(24), constitution, use), run(piece(), constitution, use)
    assert np.array_equal(whole.welfare[9:15], part.welfare)
    assert np.array_equal(whole.launched[:, 9:15], part.launched)


@given(conditions, st.floats(1.0, 50.0), st.floats(1.0, 50.0), shares)
def test_more_racers_are_never_safer(use: Conditions, one: float, other: float, coordination: float) -> None:
    few, many = race_safety(use, np.sort([one, other]), coordination=coordination)
    assert many <= few + 1e-12


@given(constitutions, conditions, st.sampled_from(FRICTIONS))
@settings(max_examples=30, deadline=None)
def test_switching_off_twice_is_switching_off_once(
    constitution: Constitution, use: Conditions, friction: Friction
) -> None:
    once = constitution.without(friction, use)
    assert once[0].without(friction, once[1]) == once
    assert type(once[0]) is type(constitution)


@given(constitutions, conditions, shares, shares)
@settings(max_examples=20, deadline=None)
def test_prices_only_lower_what_is_reported(
    constitution: Constitution, use: Conditions, dictator: float, loss: float
) -> None:
    """At 0 nothing changes; a higher price is never a gain; nobody decides otherwise."""
    free = run(stage_of(24), constitution, replace(use, dictator=0.0, loss=0.0))
    some = run(stage_of(24), constitution, replace(use, dictator=dictator, loss=loss))
    all_of_it = run(stage_of(24), constitution, replace(use, dictator=1.0, loss=1.0))
    assert (some.welfare <= free.welfare + 1e-6).all()
    assert (all_of_it.welfare <= some.welfare + 1e-6).all()
    assert np.array_equal(some.launched, free.launched)
    assert np.array_equal(some.catastrophe, free.catastrophe)
    if not (dictator or loss):
        assert np.array_equal(some.welfare, free.welfare)


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(
            st.lists(st.lists(st.floats(0.0, 1.0), min_size=n, max_size=n), min_size=1, max_size=4),
            st.lists(st.integers(0, 40), min_size=n, max_size=n),
        )
    ),
    st.sampled_from([0.0, 0.4, 0.5, 0.505, 2 / 3, 0.9, 1.0]),
)
@settings(max_examples=60, deadline=None)
def test_many_games_are_counted_as_one_by_one(game: tuple[list[list[float]], list[int]], quota: float) -> None:
    """The fast count against exact fractions."""
    votes, units = np.array(game[0]), np.array(game[1], float)
    votes[:, 0] += 0.1
    votes /= votes.sum(axis=1, keepdims=True)
    found = holds(votes, np.broadcast_to(units, votes.shape), quota)
    for row, fast in zip(votes, found, strict=True):
        slow = hold(row, units, quota)
        assert fast.pivotal == slow.pivotal
        assert fast.deciders == pytest.approx(slow.deciders, rel=1e-12)
        assert (fast.to_pass, fast.to_block) == pytest.approx((slow.to_pass, slow.to_block), rel=1e-12)
