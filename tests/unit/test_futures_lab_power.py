"""Prices on lost power against plain integration; lock-in, passing half, deciders and judges in cases one can count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from daccord.futures.lab import (
    Centre,
    Conditions,
    Consortium,
    Federation,
    Market,
    Stage,
    Teams,
    deciders,
    governance_gap,
    hold,
    judging,
    nakamoto,
    perfect,
    prepare,
    run,
)
from daccord.futures.world import Risk, Role, Technology, Welfare, World, draw, fixed, interval, live, nothing, share

WORLD = World(
    (
        Technology("machine", interval(3, 20), lift=fixed(0.4), growth=fixed(0.01), longevity=fixed(0.2)),
        Technology("shield", interval(5, 30), elasticity=fixed(0.5)),
    ),
    (Risk("misuse", interval(0.002, 0.02), floor=fixed(0.2)),),
    (Role("source", "machine", "misuse"), Role("defends", "shield", "misuse", share(0.3, 0.8))),
    horizon=40.0,
)


@pytest.fixture(scope="module")
def stage() -> Stage:
    return prepare(WORLD, 40, 5, planned=np.zeros(2))


def _before(stage: Stage, year: int) -> npt.NDArray[np.float64]:
    """Welfare that falls before a year, if everything comes when it is mature: the world with its horizon there."""
    short = replace(WORLD, horizon=float(year), window=min(10.0, year), edge=0.1)
    lives = replace(WORLD.welfare, future=0.0)
    return live(draw(short, stage.size, stage.seed), nothing(short), lives, gradient=False).welfare


def test_a_dictator_costs_what_comes_after_the_tenth_year(stage: Stage) -> None:
    """A centre holds all from the start, so that from year 9 on the share is lost."""
    use = Conditions(noise=0.0, bias=1.0, leak=0.0, capture=0.0)  # nobody sees a risk: all is launched at once
    centre = Centre(trust=1.0, planned=False)
    free, priced = (run(stage, centre, replace(use, dictator=price)) for price in (0.0, 0.3))
    assert (free.dictated == 9).all()
    early = _before(stage, 9)
    assert (early > 8.0).all()
    assert priced.welfare == pytest.approx(early + 0.7 * (free.welfare - early), rel=1e-6)


def test_loss_of_say_costs_in_proportion(stage: Stage) -> None:
    """With prices on loss alone: a year's worth times the decisions that people can still take in it."""
    use = Conditions(rush=100.0, leak=0.0, yielding=0.1)
    free, priced = run(stage, Market(), use), run(stage, Market(), replace(use, loss=0.4))
    ends = np.stack([_before(stage, year) for year in range(1, 40)])
    came = np.floor(stage.draws.time[:, 0])
    years = np.arange(40)[:, None]
    kept = 0.9 ** np.maximum(0, years - came)
    factor = 1 - 0.4 * (1 - kept)
    by_year = np.diff(np.concatenate([np.zeros((1, stage.size)), ends, free.welfare[None, :]]), axis=0)
    assert priced.welfare == pytest.approx((by_year * factor).sum(axis=0), rel=1e-6)
    nobody_yields = replace(use, yielding=0.0)
    assert run(stage, Market(), replace(nobody_yields, loss=1.0)).welfare == pytest.approx(
        run(stage, Market(), nobody_yields).welfare
    )


def test_the_planner_is_a_yardstick_and_pays_no_price(stage: Stage) -> None:
    dear = Conditions(dictator=0.5, loss=0.5)
    assert np.array_equal(perfect(stage, dear).welfare, perfect(stage).welfare)
    gap = governance_gap(stage, Centre(trust=1.0), replace(dear, noise=0.0, leak=0.0, capture=0.0))
    assert gap.rest > 1.0  # what one pays for the power itself is no friction's part


def test_a_rule_that_one_alone_can_keep_is_a_lock_in(stage: Stage) -> None:
    use = Conditions(actors=5, returns=0.5, capture=0.0)
    equal = Consortium(trust=1.0, exit_rate=0.0, weights=(1.0,) * 5)
    assert not run(stage, replace(equal, supermajority=0.6), use).locked.any()
    unanimous = run(stage, replace(equal, supermajority=1.0), use)
    assert (unanimous.blocked == 9).all()
    assert unanimous.locked.all()
    assert np.isinf(unanimous.half).all()
    assert (run(stage, Teams(veto=1), use).blocked == 9).all()
    big = run(stage, replace(equal, weights=(4.0, 1.0, 1.0, 1.0, 1.0)), use)  # one half of the votes, two thirds needed
    assert np.isfinite(big.blocked).all()
    assert np.isinf(big.half).all()


def test_four_kinds_of_power_are_counted_apart(stage: Stage) -> None:
    use = Conditions(actors=9, correlation=0.0)
    centre = run(stage, Centre(), use)
    assert centre.fewest["money"][0] == centre.fewest["judgement"][0] == centre.fewest["say"][0] == 1
    assert centre.fewest["compute"][0] == 5
    assert (centre.nakamoto == 1).all()
    market = run(stage, Market(), use)
    assert {market.fewest[kind][0] for kind in ("compute", "say", "money", "judgement")} == {5}
    assert run(stage, Market(), replace(use, correlation=0.6)).nakamoto[0] == 1  # one source of most errors
    shared = run(stage, Federation(share=1.0), use)
    assert shared.fewest["money"][0] == 5
    assert market.marks == (0, 10, 20, 30, 39)


def test_judges_with_a_common_source_are_partly_one() -> None:
    equal = np.full((10, 1), 0.1)
    assert nakamoto(judging(equal, 0.0)).tolist() == [6]
    assert nakamoto(judging(equal, 0.3)).tolist() == [4]  # 0.3 and three times 0.07
    assert nakamoto(judging(equal, 0.6)).tolist() == [1]
    assert judging(equal, 0.3).sum() == pytest.approx(1.0)


def test_deciders_of_a_large_body_are_counted_exactly() -> None:
    """More than fifty: whole numbers of Python's take over."""
    say = np.arange(1.0, 61.0)
    say /= say.sum()
    assert deciders(say[None, :], 0.5)[0] == pytest.approx(hold(say, np.ones(60), 0.5).deciders, rel=1e-12)
    assert deciders(np.full((2, 7), 1 / 7), 0.5).tolist() == pytest.approx([7.0, 7.0])


def test_prices_do_not_touch_what_is_not_priced() -> None:
    """No lock-in, nobody yields: worth what it was, to the last digit that a second way keeps."""
    stage = prepare(WORLD, 10, 1, planned=np.zeros(2), welfare=Welfare(gamma=1.5))
    use = Conditions(actors=6, returns=0.5, yielding=0.0)
    for constitution in (Market(), Federation()):
        plain = run(stage, constitution, use)
        assert np.array_equal(run(stage, constitution, replace(use, dictator=1.0, loss=1.0)).welfare, plain.welfare)
