"""Power indices, architectures of decision, returns and methods against slow references and sampling."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.futures.anchors.deciding import committee, hierarchy, majority, polyarchy, unilateral_action
from daccord.futures.anchors.information import normal_evpi, sample_evpi, sample_evppi
from daccord.futures.anchors.lake import Lake
from daccord.futures.anchors.returns import final_shares, linear_concentration, stable_share
from daccord.futures.anchors.sensitivity import ishigami_indices, sobol_indices
from daccord.futures.power import Body, Quota, cheapest_to_block, cheapest_to_pass, concentration, power
from daccord.futures.power._count import by_enumeration, by_generating_function, by_halves, winning


@st.composite
def bodies(draw: st.DrawFn, most: int = 7) -> Body:
    count = draw(st.integers(1, most))
    quotas = []
    for _ in range(draw(st.integers(1, 3))):
        weights = draw(st.lists(st.integers(0, 6), min_size=count, max_size=count).filter(any))
        quotas.append(Quota(draw(st.integers(1, sum(weights))), tuple(weights)))
    return Body(tuple(f"member {k}" for k in range(count)), tuple(quotas))


# --- power ------------------------------------------------------------------------------------------------------------


@given(body=bodies())
@settings(max_examples=80, deadline=None)
def test_three_ways_to_count_coalitions_agree(body: Body) -> None:
    assert by_generating_function(body) == by_halves(body) == by_enumeration(body)


@given(body=bodies(most=5))
@settings(max_examples=40, deadline=None)
def test_shapley_shubik_counts_orders(body: Body) -> None:
    members = range(len(body.members))
    pivots = [0] * len(body.members)
    for order in permutations(members):
        pivots[next(order[k] for k in members if body.wins(order[: k + 1]))] += 1
    indices = power(body)
    assert indices.shapley_shubik == tuple(Fraction(n, math.factorial(len(members))) for n in pivots)
    assert sum(indices.banzhaf) == sum(indices.shapley_shubik) == 1


@given(body=bodies())
@settings(max_examples=40, deadline=None)
def test_fewest_to_pass_and_to_block_exist(body: Body) -> None:
    indices = power(body)
    everybody = range(len(body.members))
    subsets = [{k for k in everybody if number >> k & 1} for number in range(2 ** len(body.members))]
    assert indices.fewest_to_pass == min(len(chosen) for chosen in subsets if body.wins(chosen))
    assert indices.fewest_to_block == min(len(chosen) for chosen in subsets if body.blocks(chosen))


def test_more_members_than_machine_integers_count() -> None:
    """A hundred equal members: everything is known in closed form."""
    indices = power(Body.weighted(61, *[1] * 100))
    assert set(indices.shapley_shubik) == {Fraction(1, 100)}
    assert indices.decisive[0] == Fraction(math.comb(99, 60), 2**99)
    assert indices.passage == Fraction(sum(math.comb(100, k) for k in range(61, 101)), 2**100)


def test_a_chair_among_a_hundred_with_weights() -> None:
    """One member of weight 10 among 70 of weight 1: an ordering has the chair pivotal at 10 of 71 places."""
    indices = power(Body.weighted(41, 10, *[1] * 70))
    assert indices.shapley_shubik[0] == Fraction(10, 71)


def test_large_weights_are_counted_by_halves() -> None:
    weights = tuple(10_007 * (k + 1) for k in range(12))
    small, large = Body.weighted(40, *range(1, 13)), Body.weighted(40 * 10_007, *weights)
    assert winning(large) == winning(small)
    assert by_halves(large) == winning(large)


def test_bodies_too_large_to_count_say_what_to_do() -> None:
    with pytest.raises(ValueError, match="larger units"):
        power(Body.weighted(5_000_000, *[1_000_003 + k for k in range(40)]))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Quota(0, (1, 2)), "never decisive"),
        (lambda: Quota(4, (1, 2)), "never decisive"),
        (lambda: Quota(1, (-1, 3)), "at least 0"),
        (lambda: Body(("a", "a"), (Quota(1, (1, 1)),)), "each name once"),
        (lambda: Body(("a", "b"), (Quota(1, (1,)),)), "1 weights for 2 members"),
        (lambda: Body(("a", "b"), ()), "at least one quota"),
        (lambda: concentration([Fraction(1, 2)]), "add up"),
    ],
)
def test_bad_bodies_are_refused(build: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()  # type: ignore[operator]


def test_shares_needed_are_rounded_up() -> None:
    assert Quota.of_share(Fraction(62, 100), [500, 500]).needed == 620
    assert Quota.of_share(Fraction(62, 100), [500, 501]).needed == 621


def test_concentration_of_equal_shares_is_their_number() -> None:
    assert concentration([Fraction(1, 4)] * 4) == (Fraction(1, 4), 4)


@given(body=bodies(), data=st.data())
@settings(max_examples=80, deadline=None)
def test_cheapest_coalitions_by_trying_all(body: Body, data: st.DataObject) -> None:
    everybody = range(len(body.members))
    prices = data.draw(st.lists(st.integers(0, 9), min_size=len(everybody), max_size=len(everybody)))
    subsets = [{k for k in everybody if number >> k & 1} for number in range(2 ** len(everybody))]
    for bought, works in ((cheapest_to_pass(body, prices), body.wins), (cheapest_to_block(body, prices), body.blocks)):
        assert works(bought.members)
        assert bought.price == sum(prices[k] for k in bought.members)
        assert bought.price == min(sum(prices[k] for k in chosen) for chosen in subsets if works(chosen))


def test_large_bodies_are_bought_by_members_at_one_price_each() -> None:
    weights = tuple(range(1, 101))
    assert cheapest_to_pass(Body.weighted(3_000, *weights), [1] * 100).price == 37
    three = Body(tuple(map(str, weights)), (Quota(3_000, weights), Quota.of_members(50, 100), Quota(1, weights[::-1])))
    with pytest.raises(ValueError, match="too many"):
        cheapest_to_pass(three, [1] * 100)


# --- architectures ----------------------------------------------------------------------------------------------------


@given(accept=st.floats(0, 1), people=st.integers(1, 9))
def test_hierarchies_and_polyarchies_are_mirrored(accept: float, people: int) -> None:
    assert polyarchy(accept, people) == pytest.approx(1 - hierarchy(1 - accept, people), abs=1e-12)


def test_correlated_committee_by_sampling() -> None:
    """Votes that copy one draw with probability ρ have correlation ρ, and the committee is right as often as stated."""
    random = np.random.Generator(np.random.Philox(2))
    runs, right, correlation = 200_000, 0.6, 0.3
    common = random.random(runs) < correlation
    votes = np.where(common[:, None], random.random((runs, 1)), random.random((runs, 5))) < right
    assert np.corrcoef(votes[:, 0], votes[:, 1])[0, 1] == pytest.approx(correlation, abs=0.01)
    assert (votes.sum(axis=1) >= 3).mean() == pytest.approx(majority(right, 5, correlation=correlation), abs=0.005)
    assert majority(right, 5, correlation=1.0) == right


def test_majorities_need_an_odd_number() -> None:
    with pytest.raises(ValueError, match="ties"):
        majority(0.6, 4)


def test_a_crowd_of_unilateralists_acts_on_anything() -> None:
    assert unilateral_action(-2.0, 1) < 0.05
    assert unilateral_action(-2.0, 300) > 0.99
    assert committee(unilateral_action(-1.0, 1), 3, 5) < unilateral_action(-1.0, 1)


# --- returns ----------------------------------------------------------------------------------------------------------


def test_linear_urn_has_the_exact_concentration_after_few_steps() -> None:
    squares = (final_shares(4, 1.0, steps=10, runs=50_000, seed=1) ** 2).sum(axis=1)
    assert squares.mean() == pytest.approx(linear_concentration(4, 10), abs=4 * squares.std() / 50_000**0.5)
    assert linear_concentration(4, 0) == pytest.approx(1 / 4)
    assert linear_concentration(4, 10**9) == pytest.approx(linear_concentration(4))


def test_urn_is_seeded_and_conserves() -> None:
    one, two = (final_shares(5, 1.3, steps=50, runs=20, seed=4) for _ in range(2))
    assert np.array_equal(one, two)
    assert one.sum(axis=1) == pytest.approx(np.ones(20))


def test_complexity_undoes_stability() -> None:
    calm, wild = (stable_share(60, 0.25, complexity, communities=10, seed=1) for complexity in (0.5, 1.6))
    assert (calm, wild) == (1.0, 0.0)


# --- methods ----------------------------------------------------------------------------------------------------------


@given(mean=st.floats(-3, 3), deviation=st.floats(0.1, 4))
@settings(max_examples=20)
def test_normal_evpi_by_quadrature(mean: float, deviation: float) -> None:
    nodes, weights = np.polynomial.legendre.leggauss(400)
    spread = 12 * deviation
    values = mean + spread * nodes
    density = np.exp(-(((values - mean) / deviation) ** 2) / 2) / (deviation * math.sqrt(2 * math.pi))
    positive = float((np.maximum(values, 0) * density * weights).sum() * spread)
    assert normal_evpi(mean, deviation) == pytest.approx(positive - max(mean, 0), abs=2e-3 * deviation)
    assert normal_evpi(mean, deviation) == normal_evpi(-mean, deviation)


def test_a_question_about_nothing_is_worth_nothing() -> None:
    random = np.random.Generator(np.random.Philox(3))
    benefits = np.stack([random.normal(0.3, 1, 20_000), np.zeros(20_000)], axis=1)
    noise = random.normal(size=20_000)
    assert 0 <= sample_evppi(benefits, noise) < 0.01 < sample_evpi(benefits)
    with pytest.raises(ValueError, match="too few"):
        sample_evppi(benefits[:50], noise[:50])


def test_lake_stays_below_its_tipping_point_or_leaves_it() -> None:
    lake = Lake()
    edge = lake.tipping_point
    recycled = edge**lake.recycling / (1 + edge**lake.recycling)
    assert recycled == pytest.approx(lake.removal * edge)
    with pytest.raises(ValueError, match="no tipping point"):
        _ = Lake(removal=0.6).tipping_point


def test_sobol_indices_of_a_sum_are_its_variances() -> None:
    estimate = sobol_indices(lambda unit: unit @ np.array([1.0, 2.0, 0.0]), 3, doublings=12, seed=1)
    assert estimate.alone == pytest.approx((0.2, 0.8, 0.0), abs=0.01)
    assert estimate.total == pytest.approx((0.2, 0.8, 0.0), abs=0.01)
    exact = ishigami_indices()
    assert exact.alone[0] + exact.alone[1] + exact.total[2] == pytest.approx(1)
