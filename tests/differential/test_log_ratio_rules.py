"""The fast log-ratio fits against slow readable ones, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import least_squares

from daccord.fusion.peers._huber import default_delta, fit_huber
from daccord.fusion.peers._least_squares import fit_least_squares, relative_gradient
from daccord.fusion.peers._ratio_answers import RatioAnswers


@st.composite
def ratio_answers(draw) -> RatioAnswers:
    """Any graph: projects nobody compared, several groups, repeated and contradictory pairs."""
    size = draw(st.integers(2, 9))
    pair = st.tuples(st.integers(0, size - 1), st.integers(1, size - 1))
    ratio = st.one_of(st.floats(-7, 7), st.sampled_from([0.0, np.log(2), -np.log(10), np.log(999)]))
    said = draw(st.lists(st.tuples(pair, ratio), min_size=1, max_size=30))
    a = np.array([first for (first, _), _ in said])
    b = (a + np.array([step for (_, step), _ in said])) % size
    return RatioAnswers(size, a, b, np.array([value for _, value in said]))


def design(answers: RatioAnswers) -> np.ndarray:
    """X row by row: +1 at the first project, -1 at the second."""
    matrix = np.zeros((len(answers), answers.size))
    for row, (first, second) in enumerate(zip(answers.a, answers.b, strict=True)):
        matrix[row, first] += 1
        matrix[row, second] -= 1
    return matrix


def huber_loss(residuals: np.ndarray, delta: float) -> float:
    size = np.abs(residuals)
    return float(np.sum(np.where(size <= delta, size**2 / 2, delta * (size - delta / 2))))


@given(ratio_answers())
def test_least_squares_agrees_with_the_design_matrix(answers):
    matrix = design(answers)
    theta, _, rank, _ = np.linalg.lstsq(matrix, answers.log_ratio, rcond=None)
    fit = fit_least_squares(answers)
    assert np.allclose(fit.theta, theta, rtol=0, atol=1e-9)
    assert answers.rank == rank
    assert np.allclose(answers.pseudo_inverse, np.linalg.pinv(matrix.T @ matrix), rtol=0, atol=1e-9)
    assert fit.residual < 1e-12


@given(ratio_answers())
def test_huber_is_as_good_as_a_general_optimiser(answers):
    delta = default_delta(answers.log_ratio)
    matrix = design(answers)
    # SciPy's cost is δ²·ρ((e/δ)²)/2 with ρ(z) = z or 2√z − 1: the loss above.
    slow = least_squares(
        lambda theta: matrix @ theta - answers.log_ratio,
        np.zeros(answers.size),
        jac=lambda _: matrix,
        loss="huber",
        f_scale=delta,
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-12,
        max_nfev=5_000,
    )
    fit = fit_huber(answers)
    mine = huber_loss(answers.residuals(fit.theta), delta)
    assert slow.cost == pytest.approx(huber_loss(answers.residuals(slow.x), delta), rel=1e-9, abs=1e-12)
    assert mine == pytest.approx(slow.cost, rel=1e-6, abs=1e-9)
    # The loss is convex: a vanishing gradient proves the optimum, whatever the other optimiser found.
    pulls = np.clip(answers.residuals(fit.theta), -delta, delta)
    assert relative_gradient(answers, pulls) <= 1e-12


@given(ratio_answers())
def test_huber_with_a_wide_delta_is_least_squares(answers):
    wide, plain = fit_huber(answers, delta=1e3), fit_least_squares(answers)
    assert np.allclose(wide.theta, plain.theta, rtol=0, atol=1e-9)
    assert wide.noise == pytest.approx(plain.noise, rel=1e-9)
    assert wide.parameters["share_clipped"] == 0


@given(ratio_answers(), st.randoms(use_true_random=False))
@pytest.mark.parametrize("fit", [fit_least_squares, fit_huber])
def test_which_side_a_project_stood_on_does_not_matter(fit, answers, random):
    swap = np.array([random.random() < 0.5 for _ in range(len(answers))])
    swapped = RatioAnswers(
        answers.size,
        np.where(swap, answers.b, answers.a),
        np.where(swap, answers.a, answers.b),
        np.where(swap, -answers.log_ratio, answers.log_ratio),
    )
    # 1e-7: where the Huber loss has a flat bottom, rounding decides where on it the fit stops to that extent.
    assert np.allclose(fit(answers).theta, fit(swapped).theta, rtol=0, atol=1e-7)


@given(ratio_answers())
@pytest.mark.parametrize("fit", [fit_least_squares, fit_huber])
def test_every_group_is_centred_and_strangers_stay_at_zero(fit, answers):
    theta = fit(answers).theta
    for group in np.unique(answers.group):
        assert abs(theta[answers.group == group].mean()) < 1e-9
    assert np.all(theta[answers.degree == 0] == 0)


@pytest.mark.parametrize("fit", [fit_least_squares, fit_huber])
@pytest.mark.parametrize("tails", ["normal", "heavy"])
def test_standard_errors_are_the_spread_of_repeated_rounds(fit, tails):
    """Simulated rounds: the mean of (estimate − truth)²/variance is one."""
    random = np.random.default_rng(20250117)
    size, answers, repeats = 8, 80, 400
    truth = random.normal(size=size)
    truth -= truth.mean()
    ratios = []
    for _ in range(repeats):
        a = random.integers(size, size=answers)
        b = (a + random.integers(1, size, size=answers)) % size
        noise = random.normal(size=answers) if tails == "normal" else random.standard_t(3, size=answers)
        round_ = RatioAnswers(size, a, b, truth[a] - truth[b] + noise)
        fitted = fit(round_)
        variance = fitted.noise * np.diag(round_.pseudo_inverse)
        ratios.append(np.mean((fitted.theta - truth) ** 2 / variance))
    # The standard error of this mean over 400 rounds is about 0.03.
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.1)


def test_huber_is_nearer_the_truth_than_least_squares_under_heavy_tails():
    random = np.random.default_rng(7)
    errors = {"least-squares": 0.0, "huber": 0.0}
    for _ in range(100):
        a = random.integers(10, size=100)
        b = (a + random.integers(1, 10, size=100)) % 10
        answers = RatioAnswers(10, a, b, random.standard_t(2, size=100))  # the truth is zero everywhere
        errors["least-squares"] += float(np.sum(fit_least_squares(answers).theta ** 2))
        errors["huber"] += float(np.sum(fit_huber(answers).theta ** 2))
    assert errors["huber"] < 0.8 * errors["least-squares"]
