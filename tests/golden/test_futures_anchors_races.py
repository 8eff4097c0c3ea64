"""Equilibria of the races against best responses, other solutions of the same chain and sampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.futures.anchors.compute_price import Labs, equilibrium
from daccord.futures.anchors.precipice import Teams
from daccord.futures.anchors.race import Race, fixation, reference_fixation, stationary, transitions, zones
from daccord.futures.anchors.setbacks import STRATEGIES, SetbackRace, payoff_table

payoffs = st.lists(st.floats(-3, 3), min_size=9, max_size=9).map(lambda values: np.array(values).reshape(3, 3))


# --- DSAIR ------------------------------------------------------------------------------------------------------------


@given(table=payoffs, population=st.integers(2, 40), itself=st.booleans())
@settings(max_examples=50)
def test_fixation_solves_the_birth_and_death_chain(table: np.ndarray, population: int, itself: bool) -> None:
    for mutant, resident in ((0, 1), (1, 0), (2, 1)):
        options = {"population": population, "self_interaction": itself}
        fast = fixation(table, mutant, resident, **options)
        assert fast == pytest.approx(reference_fixation(table, mutant, resident, **options), rel=1e-6, abs=1e-12)


def test_neutral_mutants_take_over_once_in_the_population() -> None:
    assert fixation(np.ones((2, 2)), 0, 1, population=50) == pytest.approx(1 / 50)


@given(table=payoffs, itself=st.booleans())
@settings(max_examples=50)
def test_stationary_shares_are_stationary(table: np.ndarray, itself: bool) -> None:
    shares = stationary(table, population=20, self_interaction=itself)
    rates = transitions(table, population=20, self_interaction=itself)
    assert shares.sum() == pytest.approx(1)
    assert shares.min() >= 0
    assert shares @ rates == pytest.approx(shares * rates.sum(axis=1), abs=1e-9)


def test_extreme_prizes_do_not_overflow() -> None:
    shares = stationary(Race(2, 0.0, 0.0, prize=1e6).payoffs())
    assert np.isfinite(shares).all()
    assert shares[1] == pytest.approx(1)


@pytest.mark.parametrize("disaster", [0.1, 0.5, 0.7, 0.85, 0.95])
def test_selection_changes_where_the_zones_say(disaster: float) -> None:
    """With a prize that dwarfs everything else, unsafe wins below the compliance boundary and safe above."""
    shares = stationary(Race(100, 0.0, disaster, prize=1e6).payoffs())
    safe = shares[0] + shares[2]
    assert (safe > 0.5) == (disaster > zones(1.5).compliance)


def test_zones_are_named() -> None:
    assert [zones(1.5).of(disaster) for disaster in (0.2, 0.5, 0.9)] == ["innovation", "dilemma", "compliance"]
    assert zones(1.5, teams=9).compliance > zones(1.5).compliance


# --- setbacks ---------------------------------------------------------------------------------------------------------


def test_setback_payoffs_by_sampling() -> None:
    race = SetbackRace(0.6)
    random = np.random.Generator(np.random.Philox(5))
    lengths = 4 + random.geometric(race.stop, 4_000)
    stage = {(0, 0): 1.0, (0, 1): 0.6, (1, 0): 2.4, (1, 1): 2.0}
    table = payoff_table(race)
    for own, other in ((2, 3), (3, 2), (1, 2), (3, 0)):
        sampled = []
        for length in lengths:
            mine, theirs = int(own in (1, 3)), int(other in (1, 3))
            earned, moves, other_moves = 0.0, 0, 0
            for _ in range(length):
                earned += stage[mine, theirs]
                moves, other_moves = moves + mine, other_moves + theirs
                mine, theirs = theirs if own in (2, 3) else mine, mine if other in (2, 3) else theirs
            prize = 100.0 if moves > other_moves else 50.0 if moves == other_moves else None
            sampled.append(earned if prize is None else (earned + prize) * (1 - 0.6 * moves / length))
        error = np.std(sampled, ddof=1) / len(sampled) ** 0.5
        assert abs(np.mean(sampled) - table[own, other]) < 4 * error, (STRATEGIES[own], STRATEGIES[other])


# --- compute prices ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("alpha", "beta"), [(0.5, 0.5), (0.3, 0.7), (0.7, 0.3)])
@pytest.mark.parametrize("price", [0.02, 0.2])
def test_no_lab_gains_by_buying_otherwise(alpha: float, beta: float, price: float) -> None:
    labs = Labs(alpha, beta)
    played = equilibrium(labs, price)
    bundle = (played.safety, played.performance)
    best = labs.utility(price, bundle, bundle)
    for factor in np.geomspace(0.02, 20, 31):
        for other in np.geomspace(0.02, 20, 31):
            assert labs.utility(price, (bundle[0] * factor, bundle[1] * other), bundle) <= best + 1e-9


@given(alpha=st.floats(0.2, 0.8), beta=st.floats(0.2, 0.8), erosion=st.floats(0.5, 1.5), count=st.integers(2, 6))
def test_dearer_compute_helps_exactly_below_neutrality(alpha: float, beta: float, erosion: float, count: int) -> None:
    cheap, dear = (equilibrium(Labs(alpha, beta, erosion, count), price).risk for price in (0.01, 0.02))
    gap = beta * erosion - alpha
    if abs(gap) > 1e-3:
        assert (dear < cheap) == (gap > 0)


@given(beta=st.floats(0.2, 0.8), erosion=st.floats(0.5, 1.2), price=st.floats(1e-4, 10.0))
def test_compute_prices_are_neutral_exactly_at_equality(beta: float, erosion: float, price: float) -> None:
    labs = Labs(beta * erosion, beta, erosion)
    assert equilibrium(labs, price).risk == pytest.approx(equilibrium(labs, 0.1).risk, abs=1e-12)


# --- precipice --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capability", [0.4, 1.0, 1.6])
def test_private_equilibrium_is_a_best_response(capability: float) -> None:
    teams = Teams(5, 1.0, 2.0)
    levels = np.linspace(0, 1, 101)
    values = [teams.private_value(capability, float(level), draws=40_000, seed=3) for level in levels]
    at_equilibrium = teams.private_value(capability, capability / teams.private_slope, draws=40_000, seed=3)
    assert at_equilibrium >= max(values) - 0.005


@given(count=st.integers(2, 8), enmity=st.floats(0.05, 1.0), capability=st.floats(0.2, 6.0), seed=st.integers(0, 9))
@settings(max_examples=25)
def test_risks_by_sampling(count: int, enmity: float, capability: float, seed: int) -> None:
    teams = Teams(count, enmity, capability)
    drawn = np.sort(np.random.Generator(np.random.Philox(seed)).random((20_000, count)) * capability, axis=1)
    private = 1 - np.minimum(1, drawn[:, -1] / teams.private_slope)
    public = 1 - np.minimum(1, (drawn[:, -1] - drawn[:, -2]) / enmity)
    assert private.mean() == pytest.approx(teams.risk_with_private_information, abs=0.02)
    assert public.mean() == pytest.approx(teams.risk_with_public_information, abs=0.02)


@given(count=st.integers(2, 8), enmity=st.floats(0.05, 0.9), capability=st.floats(0.2, 6.0))
def test_more_teams_and_more_enmity_are_more_dangerous(count: int, enmity: float, capability: float) -> None:
    for risk in ("risk_without_information", "risk_with_private_information", "risk_with_public_information"):
        here = getattr(Teams(count, enmity, capability), risk)
        assert getattr(Teams(count, enmity + 0.1, capability), risk) >= here - 1e-9
        if risk != "risk_with_private_information":
            assert getattr(Teams(count + 1, enmity, capability), risk) >= here - 1e-9


def test_a_third_team_without_enmity_may_be_safer() -> None:
    """The exception: each knows only itself, and the most capable of three is so capable that it can afford safety."""
    two, three = (Teams(count, 0.125, 1.0).risk_with_private_information for count in (2, 3))
    assert (two, three) == pytest.approx((0.4074, 0.4), abs=5e-5)
