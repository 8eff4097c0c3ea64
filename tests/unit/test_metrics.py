"""Losses, densities and coverage against hand-computed values and independent implementations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from daccord.fusion._metrics import (
    accuracy,
    brier,
    coverage,
    gaussian_log_density,
    log_loss,
    log_ratio_loss,
    pair_probability,
    soft_target,
    student_t_log_density,
)

finite = st.floats(-8, 8)


def test_a_ratio_of_three_is_three_quarters():
    assert soft_target(np.log([3.0, 1.0, 1 / 3])) == pytest.approx([0.75, 0.5, 0.25])
    weights = np.array([30.0, 10.0])
    assert pair_probability(weights, np.array([0, 1]), np.array([1, 0])) == pytest.approx([0.75, 0.25])


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=20))
def test_weights_and_log_values_predict_the_same(values):
    theta = np.array(values)
    a, b = np.arange(len(theta)), len(theta) + np.arange(len(theta))
    flat = np.concatenate([theta[:, 0], theta[:, 1]])
    assert np.allclose(pair_probability(np.exp(flat), a, b), soft_target(flat[a] - flat[b]), rtol=1e-12)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_weights_without_a_ratio_are_refused(bad):
    with pytest.raises(ValueError, match="weight 1 is"):
        pair_probability(np.array([1.0, bad]), np.array([0]), np.array([1]))


def test_brier_and_log_loss_by_hand():
    target, prediction = np.array([0.75, 0.0]), np.array([0.5, 0.25])
    assert brier(target, prediction) == pytest.approx((0.25**2 + 0.25**2) / 2)
    assert log_loss(target, prediction) == pytest.approx(-(np.log(0.5) + np.log(0.75)) / 2)


@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)), min_size=1, max_size=20))
def test_no_prediction_beats_the_target_itself(pairs):
    target, prediction = np.array(pairs).T
    assert brier(target, target) == 0
    assert log_loss(target, target) <= log_loss(target, prediction) + 1e-12


def test_a_certain_prediction_is_infinitely_wrong_unless_clipped():
    target, prediction = np.array([0.2]), np.array([0.0])
    assert log_loss(target, prediction) == np.inf
    assert log_loss(target, prediction, clip=1e-12) == pytest.approx(-0.2 * np.log(1e-12))
    assert log_loss(np.array([0.0, 1.0]), np.array([0.0, 1.0])) == 0


def test_accuracy_counts_predicted_ties_half():
    assert accuracy(np.array([2.0, -1.0, 0.0, 3.0]), np.array([1, 1, -1, 1])) == pytest.approx((1 + 0 + 0.5 + 1) / 4)


def test_accuracy_refuses_answered_ties():
    with pytest.raises(ValueError, match="tie"):
        accuracy(np.array([1.0, 1.0]), np.array([1, 0]))


def test_log_ratio_loss_by_hand():
    assert log_ratio_loss(np.array([1.0, -2.0]), np.array([0.0, 1.0])) == pytest.approx(5.0)


@given(finite, st.floats(0.01, 20), st.floats(0.5, 200))
def test_densities_are_those_of_scipy(residual, scale, dof):
    error = np.array([residual])
    assert np.allclose(gaussian_log_density(error, scale), stats.norm(scale=scale).logpdf(residual), atol=1e-9)
    assert np.allclose(student_t_log_density(error, scale, dof), stats.t(dof, scale=scale).logpdf(residual), atol=1e-9)


def test_densities_broadcast_and_refuse_a_scale_of_zero():
    residual = np.array([0.0, 1.0])
    assert gaussian_log_density(residual, np.array([1.0, 2.0])).shape == (2,)
    assert student_t_log_density(residual, np.array([1.0, 2.0]), 4.0).shape == (2,)
    for call in (
        lambda: gaussian_log_density(residual, 0.0),
        lambda: student_t_log_density(residual, np.array([1.0, 0.0]), 4.0),
        lambda: student_t_log_density(residual, 1.0, 0.0),
        lambda: gaussian_log_density(residual, np.nan),
    ):
        with pytest.raises(ValueError, match="above zero"):
            call()


def test_coverage_includes_the_ends():
    low, high = np.zeros(4), np.ones(4)
    assert coverage(low, high, np.array([0.0, 1.0, 1.1, 0.5])) == pytest.approx(0.75)
    with pytest.raises(ValueError, match="lower end"):
        coverage(high, low, np.zeros(4))


@pytest.mark.parametrize("metric", [brier, log_loss, log_ratio_loss, accuracy])
def test_nothing_hides_in_a_mean(metric):
    with pytest.raises(ValueError, match="no answers"):
        metric(np.empty(0), np.empty(0))
    with pytest.raises(ValueError, match="shapes"):
        metric(np.zeros(2), np.ones(3))
    with pytest.raises(ValueError, match="NaN"):
        metric(np.array([np.nan, 0.5]), np.array([1.0, 1.0]))
