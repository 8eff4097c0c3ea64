"""Whatever the parameters: nobody beats the planner, shares stay shares, worlds do not touch each other."""

from __future__ import annotations

from functools import cache

import numpy as np
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
    diffusion=shares,
    pace=st.integers(0, 6),
    yielding=shares,
)
constitutions = st.one_of(
    st.builds(Constitution, grip=shares),
    st.builds(Market, coordination=shares, cap=st.floats(0.05, 1.0)),
    st.builds(
        Pause, years=st.integers(0, 40), signers=st.integers(0, 4), slowing=shares, overhang=shares,
        exempt=st.booleans(),
    ),
    st.builds(Centre, trust=shares),
    st.builds(
        Consortium, trust=shares, supermajority=st.floats(0.5, 1.0), exclusivity=shares, secrecy=shares, theft=shares,
        sharing=shares, exit_rate=st.floats(0.0, 0.2),
    ),
    st.builds(Teams, effect=st.floats(-1.0, 1.0), sameness=shares, veto=st.integers(1, 5), access=shares),
    st.builds(Federation, share=shares, needed=st.floats(0.1, 1.0), cap_weight=st.floats(0.05, 1.0)),
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
