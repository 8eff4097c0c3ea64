"""Closed forms of growth, arrival and timing against searches, integrals and sampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.optimize import minimize_scalar

from daccord.futures.anchors.arrivals import (
    Arrival,
    catastrophe,
    generator,
    mean_field_bound,
    sampled_catastrophe,
    two_technology_race,
)
from daccord.futures.anchors.jones import Utility, Wellbeing, blocs, cut_off, wager
from daccord.futures.anchors.safety_growth import SafetyGrowth
from daccord.futures.anchors.timing import Launch, acceptable_risk, state_or_transition_delay

CASE = (Arrival(0.1, threat=True), Arrival(0.05, 0.6), Arrival(0.08, 0.5))

rates = st.floats(0.001, 2.0)
shares = st.floats(0.0, 1.0)


# --- Jones ------------------------------------------------------------------------------------------------------------


@given(gamma=st.floats(1.0, 4.0), growth=st.floats(0.02, 0.3), hazard=st.floats(0.001, 0.1))
def test_wager_is_the_best_time(gamma: float, growth: float, hazard: float) -> None:
    utility = Utility.calibrated(gamma)
    best = wager(utility, growth=growth, hazard=hazard)

    def log_worth(years: float) -> float:
        return math.log(utility.of(math.exp(growth * years))) - hazard * years

    for years in (*np.linspace(0, 2 * best.years + 5, 50),):
        assert log_worth(best.years) >= log_worth(float(years)) - 1e-12


@given(gamma=st.floats(0.5, 4.0), consumption=st.floats(0.8, 5.0))
def test_value_of_life_is_inverted(gamma: float, consumption: float) -> None:
    utility = Utility.calibrated(gamma)
    assert utility.life_value(1.0) == pytest.approx(6.0)
    if abs(gamma - 1) > 1e-3:  # close to 1 the bounded form cancels
        assert utility.consumption_at(utility.life_value(consumption)) == pytest.approx(consumption, rel=1e-6)


@pytest.mark.parametrize("gamma", [1.0, 1.01, 2.0, 3.0])
@pytest.mark.parametrize(("growth", "mortality"), [(0.02, 0.01), (0.1, 0.005)])
def test_wellbeing_is_the_integral(gamma: float, growth: float, mortality: float) -> None:
    wellbeing = Wellbeing(Utility.calibrated(gamma))

    def flow(year: float) -> float:
        return math.exp(-(wellbeing.discount + mortality) * year) * wellbeing.utility.of(math.exp(growth * year))

    assert wellbeing.of(growth, mortality) == pytest.approx(quad(flow, 0, 3000, limit=500)[0], rel=1e-6)


def test_wellbeing_is_continuous_at_logarithmic_utility() -> None:
    near, at = (Wellbeing(Utility.calibrated(gamma)).of(0.1, 0.01) for gamma in (1 + 1e-7, 1.0))
    assert near == pytest.approx(at, rel=1e-5)


def test_a_world_like_today_is_worth_no_risk() -> None:
    assert cut_off(Wellbeing(Utility.calibrated(2.0)), growth=0.02, mortality=0.01) == 0


def test_infinite_wellbeing_is_refused() -> None:
    with pytest.raises(ValueError, match="infinite"):
        Wellbeing(Utility.calibrated(2.0), -0.02).of(0.02, 0.01)
    with pytest.raises(ValueError, match="unbounded"):
        Wellbeing(Utility.calibrated(1.0)).of(math.inf, 0.01)


@given(count=st.integers(1, 20), hazard=st.floats(0.001, 0.05), gamma=st.floats(1.0, 3.0))
def test_blocs_alone_never_risk_less_than_together(count: int, hazard: float, gamma: float) -> None:
    both = blocs(Utility.calibrated(gamma), growth=0.1, hazard=hazard, count=count)
    assert both.alone_risk >= both.joint_risk - 1e-12
    assert both.alone_years >= both.joint_years


# --- arrivals ---------------------------------------------------------------------------------------------------------


@given(threat=rates, defence=rates, hazard=rates)
@settings(max_examples=40)
def test_chain_without_horizon_is_the_closed_form(threat: float, defence: float, hazard: float) -> None:
    exact = two_technology_race(threat, defence, hazard)
    chain = catastrophe((Arrival(threat, threat=True), Arrival(defence, 1.0)), hazard, 100_000.0)
    assert chain == pytest.approx(exact, rel=1e-7)


def test_chain_agrees_with_sampling() -> None:
    mean, error = sampled_catastrophe(CASE, 0.02, 50.0, worlds=200_000, seed=1)
    assert error < 3e-4
    assert abs(mean - catastrophe(CASE, 0.02, 50.0)) < 4 * error


def test_generator_rows_add_up_to_nothing_and_catastrophe_absorbs() -> None:
    rates_matrix = generator(CASE, 0.02)
    assert rates_matrix.sum(axis=1) == pytest.approx(np.zeros(9))
    assert not rates_matrix[-1].any()


def test_mean_field_bound_by_the_chain_without_catastrophe() -> None:
    """E[Λ] = Σ over states of hazard × expected time there: the second derivation of the figure that differs."""
    full = generator(CASE, 0.02)
    hazards = full[:-1, -1].copy()
    chain = full[:-1, :-1] + np.diag(hazards)
    # The integral of e^{Qt} is a block of the exponential of a matrix twice as large.
    block = np.block([[chain, np.eye(8)], [np.zeros((8, 16))]])
    exposure = float(expm(block * 50.0)[0, 8:] @ hazards)
    assert mean_field_bound(CASE, 0.02, 50.0) == pytest.approx(-math.expm1(-exposure), abs=1e-10)


@given(threat=rates, defences=st.lists(st.tuples(rates, shares), max_size=3), hazard=st.floats(0.0, 0.5))
@settings(max_examples=40, deadline=None)
def test_mean_field_is_never_below(threat: float, defences: list[tuple[float, float]], hazard: float) -> None:
    case = (Arrival(threat, threat=True), *(Arrival(rate, efficacy) for rate, efficacy in defences))
    assert mean_field_bound(case, hazard, 30.0) >= catastrophe(case, hazard, 30.0) - 1e-9


# --- timing -----------------------------------------------------------------------------------------------------------


@given(risk=shares, progress=st.floats(0.005, 1.0), years=st.floats(100.0, 3000.0))
def test_best_delay_is_best(risk: float, progress: float, years: float) -> None:
    launch = Launch(risk, progress, years_after=years)
    found = minimize_scalar(lambda t: -launch.life_years(t), bounds=(0, 500), method="bounded", options={"xatol": 1e-6})
    assert launch.life_years(launch.best_delay) >= -found.fun - 1e-6


def test_waiting_pays_most_at_intermediate_progress() -> None:
    waits = [Launch(0.8, -math.log1p(-fall)).best_delay for fall in (0.001, 0.05, 0.5)]
    assert waits[1] > max(waits[0], waits[2])


def test_state_risk_ends_waiting() -> None:
    best = state_or_transition_delay(0.3, 0.1, 0.002)

    def survival(years: float) -> float:
        return math.exp(-0.002 * years) * (1 - 0.3 * math.exp(-0.1 * years))

    assert survival(best) >= max(survival(float(years)) for years in np.linspace(0, 100, 2001))
    assert state_or_transition_delay(0.3, 0.1, 1.0) == 0


def test_go_or_no_go_breaks_even() -> None:
    risk = acceptable_risk(40, 1400)
    assert (1 - risk) * 1400 == pytest.approx(40)


# --- safety and growth ------------------------------------------------------------------------------------------------


@given(
    gamma=st.floats(1.05, 4.0),
    protection=st.floats(0.1, 0.6),
    excess=st.floats(0.01, 0.4),
    congestion=st.floats(0.1, 1.0),
    carry_over=st.floats(0.0, 0.9),
)
def test_identities_hold_for_all_parameters(
    gamma: float, protection: float, excess: float, congestion: float, carry_over: float
) -> None:
    model = SafetyGrowth(gamma, protection + excess, protection, congestion=congestion, carry_over=carry_over)
    if not model.survival_possible:
        with pytest.raises(ValueError, match="closed forms need"):
            model.long_run()
        return
    assert max(map(abs, model.residuals())) < 1e-12
    assert model.long_run().hazard < 0
    assert 0 < model.long_run().scientists < 1


def test_without_a_planner_the_hazard_grows() -> None:
    assert SafetyGrowth().rule_of_thumb_hazard == pytest.approx(0.0028)
    assert not SafetyGrowth(gamma=0.9).survival_possible
