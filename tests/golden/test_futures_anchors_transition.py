"""The backward integration of Aschenbrenner's model: its first-order conditions against forward simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from daccord.futures.anchors.safety_growth import SafetyGrowth
from daccord.futures.anchors.safety_transition import Terminal, _System, backward_path

BASE = Terminal(0.0155)


@pytest.fixture(scope="module")
def system() -> _System:
    return _System(SafetyGrowth(), BASE)


def test_the_path_near_its_end_grows_as_the_closed_forms_say(system: _System) -> None:
    motion = system.motion(0.0, system.start())
    rates = system.rates
    assert motion[:3] == pytest.approx([rates.consumption_technology, rates.safety_technology, 0.01], rel=1e-9)
    assert motion[3] == pytest.approx(0.0, abs=1e-3)
    # The values of both technologies nearly follow δv, which falls with the hazard.
    assert motion[4] == pytest.approx(rates.hazard + rates.consumption_share, abs=2e-3)
    assert motion[5] == pytest.approx(rates.hazard, abs=2e-3)


def test_no_other_plan_does_better(system: _System) -> None:
    """Forward from 300 years before T with shares shifted for a while: welfare is flat, and falls on both sides.

    At T the future is worth M_T (v_T + P_A log(A/A_T) + P_B log(B/B_T)) to first order.
    """
    back = solve_ivp(system.motion, (0.0, -300.0), system.start(), rtol=1e-10, atol=1e-12, dense_output=True)
    years = np.linspace(-300.0, 0.0, 601)
    plans = [system.shares(back.sol(year)) for year in years]
    log_odds = CubicSpline(years, np.array([[*odds, np.log(s / (1 - s))] for odds, s in plans]))
    end = system.start()

    def welfare(shift: np.ndarray) -> float:
        def forward(year: float, state: np.ndarray) -> np.ndarray:
            bump = np.sin(np.pi * (year + 300) / 300) ** 2
            odds = log_odds(year) + shift * bump
            flows = system.flows(np.concatenate([state[:3], np.zeros(4)]), odds[:2], float(1 / (1 + np.exp(-odds[2]))))
            alive = np.exp(-state[3] - 0.02 * (year + 300))
            return np.array([flows[2], flows[3], 0.01, np.exp(flows[1]), alive * system.utility(flows[0])])

        first = np.concatenate([back.sol(-300.0)[:3], [0.0, 0.0]])
        last = solve_ivp(forward, (-300.0, 0.0), first, rtol=1e-10, atol=1e-13).y[:, -1]
        future = np.exp(end[3]) + np.exp(end[4]) * last[0] + np.exp(end[5]) * last[1]
        return float(last[4] + np.exp(-last[3] - 0.02 * 300) * future)

    best = welfare(np.zeros(3))
    for share in range(3):
        step = np.zeros(3)
        step[share] = 0.2
        up, down = welfare(step), welfare(-step)
        assert up < best
        assert down < best
        # Flat: the slope is small beside the curvature that the same step shows.
        assert abs(up - down) < 0.2 * (2 * best - up - down)
    assert best == pytest.approx(np.exp(back.y[3, -1]), rel=1e-4)


def test_survival_depends_on_where_the_long_run_is_taken_to_begin() -> None:
    found = {share: backward_path(Terminal(share)) for share in (0.005, 0.0155, 0.03)}
    survivals = [path.survival for path in found.values()]
    assert max(survivals) - min(survivals) > 0.015  # more than the 1.5 points the paper draws from its comparison
    middle = found[0.0155]
    assert middle.years == pytest.approx(1_067, abs=5)
    assert middle.peak == pytest.approx(0.00215, abs=5e-5)
    assert middle.life_value == pytest.approx(100.8, abs=0.5)


@pytest.mark.parametrize("what", ["workers_off", "scientists_off"])
def test_one_per_cent_at_the_end_is_a_large_change_today(what: str) -> None:
    less, more = (backward_path(replace(BASE, **{what: factor})).survival for factor in (0.99, 1.01))
    assert more - less > 0.01


def test_bad_ends_are_refused() -> None:
    with pytest.raises(ArithmeticError, match="not reached"):
        backward_path(Terminal(0.1))
    with pytest.raises(ValueError, match="between 0 and 1"):
        backward_path(Terminal(0.5, workers_off=2.5))
