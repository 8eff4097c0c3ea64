"""Distilled human judgement against every support, and against the optimiser that the published code calls."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from daccord.fusion.peers._distilled_fit import fit_distilled
from daccord.fusion.peers._distilled_weights import fit_simplex, kkt_residual
from daccord.fusion.peers._ratio_answers import RatioAnswers

# Four of the five lists of github.com/deepfunding/scoring, example.py: shares of credit for defeating Sauron.
LISTS = {
    "gpt": (25, 20, 15, 10, 3, 3, 3, 3, 2, 2, 3, 2, 2, 3, 1, 2, 1, 1, 3, 1),
    "claude": (20, 18, 12, 8, 3, 3, 2, 2, 2, 2, 4, 2, 2, 3, 5, 5, 1, 2, 3, 1),
    "human": (17, 10, 10, 10, 5, 5, 5, 5, 3, 3, 1, 2, 2, 5, 2, 2, 1, 1, 3, 1),
    "egalitarian": (5,) * 20,
}


def published_lists() -> np.ndarray:
    return np.log(np.array(list(LISTS.values()), dtype=float).T)


@st.composite
def problems(draw) -> tuple[np.ndarray, np.ndarray]:
    """Any least squares on the simplex: copies, more lists than answers, tiny and huge numbers."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    answers, lists = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    design = rng.normal(size=(answers, lists)) * draw(st.sampled_from([0.01, 1.0, 300.0]))
    if draw(st.booleans()):
        design = np.round(design)
    if lists > 1 and draw(st.booleans()):
        design[:, -1] = design[:, 0]
    return design, rng.normal(size=answers) * draw(st.sampled_from([0.1, 1.0, 300.0]))


def best_support(design: np.ndarray, y: np.ndarray) -> float:
    """The smallest cost over all supports whose own optimum has no negative weight."""
    costs = []
    for size in range(1, design.shape[1] + 1):
        for support in combinations(range(design.shape[1]), size):
            own = design[:, support]
            moved = np.linalg.lstsq(own[:, 1:] - own[:, :1], y - own[:, 0], rcond=None)[0]
            weights = np.append(1 - moved.sum(), moved)
            if (weights >= -1e-12).all():
                costs.append(float(((own @ weights - y) ** 2).sum()))
    return min(costs)


@given(problems())
def test_no_support_fits_better(problem):
    design, y = problem
    fit = fit_simplex(design, y)
    assert fit.weights.min() >= 0
    assert fit.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert fit.residual < 1e-9
    best = best_support(design, y)
    assert ((design @ fit.weights - y) ** 2).sum() <= best + 1e-8 * (1 + best)


@given(problems())
def test_the_certificate_is_no_rubber_stamp(problem):
    design, y = problem
    if design.shape[1] < 2:
        return
    centre = np.full(design.shape[1], 1 / design.shape[1])
    better = best_support(design, y) < ((design @ centre - y) ** 2).sum() * (1 - 1e-3) - 1e-6
    assert (kkt_residual(design, y, centre) > 1e-9) or not better


def answers(seed: int, size: int = 20, count: int = 5) -> RatioAnswers:
    """A few whole ratios, as in the published example."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, size, count)
    b = (a + rng.integers(1, size, count)) % size
    return RatioAnswers(size, a, b, np.log(rng.integers(1, 11, count)) * rng.choice([-1, 1], count))


@pytest.mark.parametrize("seed", range(12))
def test_published_lists_are_combined_as_the_published_code_does(seed):
    """The same loss, from equal weights, by the sequential quadratic programming that the published code calls."""
    told, lists = answers(seed), published_lists()

    def cost(weights: np.ndarray) -> float:
        combined = lists @ weights
        return float(((combined[told.a] - combined[told.b] - told.log_ratio) ** 2).sum())

    slow = minimize(
        cost,
        np.full(4, 0.25),
        bounds=[(0, 1)] * 4,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
    )
    fit = fit_distilled(told, lists)
    assert fit.cost == pytest.approx(cost(fit.weights))
    assert fit.cost <= slow.fun + 1e-9
    assert fit.cost == pytest.approx(slow.fun, abs=1e-4)
    assert [cost(row) for row in np.eye(4)] == pytest.approx(
        [float((told.residuals(lists[:, k]) ** 2).sum()) for k in range(4)]
    )


def test_by_hand():
    """One answer "four times"; one list says twice, the other eight times: half of each log is exact."""
    told = RatioAnswers(2, np.array([0]), np.array([1]), np.log([4.0]))
    lists = np.log(np.array([[2.0, 8.0], [1.0, 1.0]]))
    fit = fit_distilled(told, lists)
    assert fit.weights == pytest.approx([0.5, 0.5])
    assert fit.cost == pytest.approx(0.0, abs=1e-20)
    # Shares 2/3 and 8/9 of the first project: w·2/3 + (1 − w)·8/9 = 4/5.
    shares = fit_distilled(told, lists, "arithmetic")
    assert shares.weights == pytest.approx([0.4, 0.6], abs=1e-6)
    assert shares.cost == pytest.approx(0.0, abs=1e-12)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 1.0, 3.0]))
def test_no_random_weights_fit_shares_better(seed, spread):
    rng = np.random.default_rng(seed)
    told = answers(seed, size=6, count=int(rng.integers(1, 15)))
    lists = rng.normal(0, spread, (6, int(rng.integers(1, 5))))
    fit = fit_distilled(told, lists, "arithmetic")
    assert fit.weights.min() >= 0
    assert fit.weights.sum() == pytest.approx(1.0)
    assert fit.residual < 1e-5
    shares = np.exp(lists) / np.exp(lists).sum(axis=0)
    theta = np.log(rng.dirichlet(np.full(lists.shape[1], 0.7), 2000) @ shares.T)
    misfit = told.log_ratio - (theta[:, told.a] - theta[:, told.b])
    assert fit.cost <= (misfit**2).sum(axis=1).min() + 1e-9


@given(st.integers(0, 10**6), st.floats(-50, 50))
def test_neither_sums_nor_sides_nor_the_order_of_answers_matter(seed, shift):
    rng = np.random.default_rng(seed)
    told, lists = answers(seed, size=7, count=9), rng.normal(size=(7, 3))
    order, turn = rng.permutation(9), rng.random(9) < 0.5
    a, b = np.where(turn, told.b, told.a)[order], np.where(turn, told.a, told.b)[order]
    other = RatioAnswers(7, a, b, np.where(turn, -told.log_ratio, told.log_ratio)[order])
    one, two = fit_distilled(told, lists), fit_distilled(other, lists + shift * np.array([1, 0, -2]))
    assert two.weights == pytest.approx(one.weights, abs=1e-8)
    assert np.diff(two.theta) == pytest.approx(np.diff(one.theta), abs=1e-7)


def test_lists_that_differ_by_hundreds_of_powers_of_ten_are_combined():
    told = RatioAnswers(3, np.array([0, 1]), np.array([1, 2]), np.array([690.0, -690.0]))
    lists = np.array([[690.0, -690.0, 0.0], [-690.0, 690.0, 0.0], [0.0, 0.0, 0.0]])
    for combination in ("geometric", "arithmetic"):
        fit = fit_distilled(told, lists, combination)
        assert np.isfinite(fit.theta).all()
        assert fit.weights.sum() == pytest.approx(1.0)
        assert np.isfinite([fit.cost, fit.residual]).all()
