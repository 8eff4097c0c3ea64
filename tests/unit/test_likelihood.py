"""Answers' log densities and derivatives, against the closed form of Student's t with 4 degrees of freedom.

The reference works with 100 digits, so its numerical differences are exact to far more digits than what they check.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.fusion.hierarchical._likelihood import DOF, Slopes, order_slopes, student_slopes

DIGITS = 100
STEP = Decimal("1e-15")
GAMMA_RATIO = Decimal("0.375")  # Γ(5/2) / (Γ(2)·√(4π)), the density at 0

etas = st.floats(-200, 200)
scales = st.floats(0.05, 8)
ties = st.floats(0.01, 3)
outcomes = st.sampled_from([-1, 0, 1])


def density(u: Decimal) -> Decimal:
    """Student's t with 4 degrees of freedom: 3/8 · (1 + u²/4)^(−5/2)."""
    q = 1 + u * u / 4
    return GAMMA_RATIO / (q * q * q.sqrt())


def below(u: Decimal) -> Decimal:
    """Its distribution function, in closed form."""
    q = 1 + u * u / 4
    return Decimal("0.5") + GAMMA_RATIO * u / q.sqrt() * (1 - u * u / (12 * q))


def log_value(y: float, eta: Decimal, sigma: float) -> Decimal:
    """ln p of an answer that tells the value y."""
    return (density((Decimal(y) - eta) / Decimal(sigma)) / Decimal(sigma)).ln()


def chance(outcome: int, eta: Decimal, sigma: float, tie: float) -> Decimal:
    """Probability of an order or a tie."""
    t, s = Decimal(tie), Decimal(sigma)
    win, lose = below((eta - t) / s), below((-eta - t) / s)
    return {1: win, -1: lose, 0: below((t - eta) / s) - below((-t - eta) / s)}[outcome]


def differences(function, eta: float) -> tuple[float, float, float]:
    """A function's value and its first and second derivatives by central differences."""
    with localcontext() as context:
        context.prec = DIGITS
        x = Decimal(eta)
        low, middle, high = function(x - STEP), function(x), function(x + STEP)
        return float(middle), float((high - low) / (2 * STEP)), float((high - 2 * middle + low) / STEP**2)


def one(slopes: Slopes) -> tuple[float, float, float, float]:
    return tuple(float(part[0]) for part in slopes)


def order(outcome: float, eta: float, sigma: float, tie: float) -> tuple[float, float, float, float]:
    return one(order_slopes(np.array([float(outcome)]), np.array([eta]), np.array([sigma]), tie))


def test_reference_is_the_distribution_the_module_names():
    with localcontext() as context:
        context.prec = DIGITS
        slope = (below(Decimal("0.7") + STEP) - below(Decimal("0.7") - STEP)) / (2 * STEP)
        assert abs(slope - density(Decimal("0.7"))) < Decimal("1e-25")
        assert abs(below(Decimal(10**12)) - 1) < Decimal("1e-40")
        # 2.131847 is the 95 % quantile in every table of the t-distribution with 4 degrees of freedom.
        assert float(below(Decimal("2.131847"))) == pytest.approx(0.95, abs=1e-6)
    assert DOF == 4


@given(st.floats(-50, 50), etas, scales)
def test_derivatives_of_a_told_value(y, eta, sigma):
    found = one(student_slopes(np.array([y - eta]), np.array([sigma])))
    log_density, gradient, bend = differences(lambda x: log_value(y, x, sigma), eta)
    # y − η was rounded once; near y = η the derivatives feel that.
    rounding = 1e-12 / sigma**2 * max(1.0, abs(y), abs(eta))
    assert found[0] == pytest.approx(log_density, rel=1e-10, abs=1e-10)
    assert found[1] == pytest.approx(gradient, rel=1e-9, abs=rounding)
    assert found[3] == pytest.approx(-bend, rel=1e-8, abs=rounding)


@given(outcomes, etas, scales, ties)
def test_derivatives_of_an_order(outcome, eta, sigma, tie):
    found = order(outcome, eta, sigma, tie)
    log_density, gradient, bend = differences(lambda x: chance(outcome, x, sigma, tie).ln(), eta)
    # A narrow tie is a small difference of two large numbers, and its curvature one of two small ones.
    narrow = max(1.0, sigma / tie)
    assert found[0] == pytest.approx(log_density, rel=1e-10, abs=1e-12 * narrow)
    assert found[1] == pytest.approx(gradient, rel=1e-9 * narrow, abs=1e-11 * narrow / sigma)
    assert found[3] == pytest.approx(-bend, rel=1e-8 * narrow, abs=1e-10 * narrow / sigma**2)


@pytest.mark.parametrize("eta", [-3e4, -400.0, -30.0, 30.0, 400.0, 3e4])
def test_a_far_off_tie_keeps_its_digits_on_both_sides(eta):
    found = order(0, eta, 1.0, 0.3)
    log_density, gradient, bend = differences(lambda x: chance(0, x, 1.0, 0.3).ln(), eta)
    assert found[0] == pytest.approx(log_density, rel=1e-9)
    assert found[1] == pytest.approx(gradient, rel=1e-6)
    assert found[3] == pytest.approx(-bend, rel=1e-6)


@given(etas, scales, ties)
def test_win_tie_and_loss_are_all_that_can_happen(eta, sigma, tie):
    assert sum(np.exp(order(outcome, eta, sigma, tie)[0]) for outcome in (-1, 0, 1)) == pytest.approx(1, abs=1e-12)


@given(outcomes, etas, scales, ties)
def test_which_side_a_project_stood_on_does_not_matter(outcome, eta, sigma, tie):
    seen, mirrored = order(outcome, eta, sigma, tie), order(-outcome, -eta, sigma, tie)
    assert seen[0] == mirrored[0]
    assert seen[1] == -mirrored[1]
    assert seen[2:] == mirrored[2:]


@given(st.floats(-50, 50), etas, scales)
def test_a_value_is_as_far_from_both_sides(y, eta, sigma):
    seen = one(student_slopes(np.array([y - eta]), np.array([sigma])))
    mirrored = one(student_slopes(np.array([eta - y]), np.array([sigma])))
    assert (seen[0], seen[1], seen[2:]) == (mirrored[0], -mirrored[1], mirrored[2:])


@given(outcomes, st.floats(-50, 50), etas, scales, ties)
def test_steps_are_taken_with_positive_curvature_and_information_is_never_negative(outcome, y, eta, sigma, tie):
    graded = student_slopes(np.array([y - eta]), np.array([sigma]))
    ordered = order_slopes(np.array([float(outcome)]), np.array([eta]), np.array([sigma]), tie)
    for slopes in (graded, ordered):
        assert slopes.weight[0] >= 0
        assert slopes.information[0] == max(float(slopes.curvature[0]), 0.0)
        assert slopes.weight[0] >= slopes.information[0]
    assert graded.weight[0] > 0


@given(st.floats(0.05, 8))
def test_a_wild_answer_cannot_pull_without_bound(sigma):
    pulls = np.abs(student_slopes(np.linspace(0, 400, 4001), np.full(4001, sigma)).gradient)
    # The strongest pull of a Student-t is (ν + 1)/(2√ν σ), at a residual of √ν σ.
    assert max(pulls) <= (DOF + 1) / (2 * np.sqrt(DOF) * sigma) * (1 + 1e-12)
    assert pulls[-1] < max(pulls)
    wild = np.abs(order_slopes(np.full(401, -1.0), np.linspace(0, 400, 401), np.full(401, sigma), 0.1).gradient)
    assert wild[-1] < max(wild)


def test_without_ties_the_threshold_vanishes_and_an_order_tells_the_sign():
    eta = np.linspace(-3, 3, 13)
    won = order_slopes(np.ones(13), eta, np.full(13, 0.7), 0.0)
    assert np.exp(won.log_density[6]) == pytest.approx(0.5, abs=1e-15)
    assert np.all(np.diff(won.log_density) > 0)
