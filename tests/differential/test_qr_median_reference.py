"""Fast paths of `qr-median` against slow ones that can be read: coordinate descent, root finders, quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from daccord.fusion._margins import relative_margin
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._generalised_bradley_terry import (
    PRIOR_SD,
    GradedAnswers,
    cumulant,
    cumulant_curvature,
    cumulant_slope,
    fit_scores,
    grades,
    gradient,
    uncertainties,
)
from daccord.fusion.peers._qr_median_beliefs import independent_margin
from daccord.fusion.peers._qr_median_quantile import Voters, qr_deviation, qr_quantile, qr_spread
from daccord.judging import Comparisons, Judgments, Panel, Ratings
from daccord.round import Criterion, Threshold

SEEDS = range(3)


def random_answers(seed: int, size: int = 7, count: int = 18, *, extreme: bool = False) -> GradedAnswers:
    rng = np.random.default_rng(seed)
    a = rng.integers(0, size, count)
    b = (a + rng.integers(1, size, count)) % size
    grade = np.sign(rng.normal(size=count)) if extreme else rng.uniform(-1, 1, count)
    return GradedAnswers(size, a, b, grade)


def scores_by_coordinates(answers: GradedAnswers, sd: float) -> np.ndarray:
    """One score after the other is set to the root of its derivative, until none moves: as Tournesol does it."""
    theta = np.zeros(answers.size)
    pairs = [(int(a), int(b), float(r)) for a, b, r in zip(answers.a, answers.b, answers.grade, strict=True)]
    for _ in range(3_000):
        before = theta.copy()
        for i in range(answers.size):
            own = [(b, r) for a, b, r in pairs if a == i] + [(a, -r) for a, b, r in pairs if b == i]

            def pull(value: float, own: list = own) -> float:
                return value / sd**2 + sum(slope_by_hand(value - theta[j]) - r for j, r in own)

            reach = sd**2 * 2 * (len(own) + 1)
            theta[i] = brentq(pull, -reach, reach, xtol=1e-13)
        if np.abs(theta - before).max() < 1e-12:
            break
    return theta


def slope_by_hand(delta: float) -> float:
    return delta / 3 if abs(delta) < 1e-5 else 1 / np.tanh(delta) - 1 / delta


def cost_by_hand(answers: GradedAnswers, theta: np.ndarray) -> float:
    total = 0.0
    for a, b, r in zip(answers.a, answers.b, answers.grade, strict=True):
        delta = float(theta[a] - theta[b])
        size = abs(delta)
        total += (size - np.log(2 * size) + np.log1p(-np.exp(-2 * size)) if size > 1e-3 else size**2 / 6) - r * delta
    return total


@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_scores_are_those_of_coordinate_descent(seed, extreme):
    answers = random_answers(seed, extreme=extreme)
    fast = fit_scores(answers)
    assert np.abs(fast - scores_by_coordinates(answers, PRIOR_SD)).max() < 1e-6
    assert np.abs(gradient(answers, fast)).max() < 1e-9
    assert abs(fast.sum()) < 1e-6


@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_uncertainties_are_where_the_likelihood_has_fallen_by_e(seed, extreme):
    answers = random_answers(seed, extreme=extreme)
    theta = fit_scores(answers)
    base = cost_by_hand(answers, theta)
    for side, found in zip((-1.0, 1.0), uncertainties(answers, theta), strict=True):
        for i in range(answers.size):

            def rise(reach: float, i: int = i, side: float = side) -> float:
                return cost_by_hand(answers, theta + side * reach * (np.arange(answers.size) == i)) - base - 1.0

            if np.isinf(found[i]):
                assert rise(1e6) < 0
            else:
                assert found[i] == pytest.approx(brentq(rise, 0.0, 2 * found[i] + 1), rel=1e-6, abs=1e-9)


def test_cumulant_and_its_derivatives_fit_together():
    delta = np.concatenate([np.linspace(-30, 30, 601), [1e-8, -1e-4, 0.0099, 0.0101, 700.0, -1e6]])
    step = 1e-5
    assert cumulant_slope(delta) == pytest.approx(
        (cumulant(delta + step) - cumulant(delta - step)) / (2 * step), abs=1e-5
    )
    by_slope = (cumulant_slope(delta + step) - cumulant_slope(delta - step)) / (2 * step)
    assert cumulant_curvature(delta) == pytest.approx(by_slope, abs=1e-5)
    # Φ is the logarithm of the mean of e^{rδ} over r uniform in [−1, 1].
    for value in (0.3, 2.0, -5.0):
        assert cumulant(np.array([value]))[0] == pytest.approx(
            np.log(quad(lambda r, value=value: np.exp(r * value) / 2, -1, 1)[0])
        )


def test_grades_put_a_single_ratio_where_it_was_said_to_be():
    told = np.array([np.log(3.0), -np.log(50.0), np.nan, np.nan, np.nan])
    zeros = np.zeros(5, dtype=np.int64)
    comparisons = Comparisons(zeros, zeros, zeros + 1, np.array([1, -1, 1, 0, -1]), told)
    found = grades(comparisons)
    assert found[2:].tolist() == [1.0, 0.0, -1.0]
    for k in (0, 1):
        one = GradedAnswers(2, zeros[:1], zeros[:1] + 1, found[k : k + 1])
        theta = fit_scores(one, sd=1e4)
        assert theta[0] - theta[1] == pytest.approx(told[k], abs=1e-4)


def random_voters(seed: int, questions: int = 9) -> Voters:
    rng = np.random.default_rng([seed, 7])
    count = 30
    return Voters(
        questions,
        rng.integers(0, questions - 1, count),  # nobody votes on the last
        rng.normal(0, 3, count),
        rng.choice([0.0, 0.1, 1.0, np.inf], count),
        rng.choice([0.0, 0.3, 2.0, np.inf], count),
        rng.uniform(0.1, 1, count),
    )


def median_by_hand(voters: Voters, question: int, resilience: float, default: float, quantile: float) -> float:
    def force(x: float) -> float:
        total = (x - default) / resilience
        for k in np.flatnonzero(voters.at == question):
            distance = x - voters.value[k]
            unsure = voters.left[k] if distance < 0 else voters.right[k]
            if distance == 0 or np.isinf(unsure):
                continue
            part = voters.weight[k] * distance / np.sqrt(unsure**2 + distance**2)
            total += part * min(1, quantile / (1 - quantile) if part < 0 else (1 - quantile) / quantile)
        return total

    reach = resilience * 40
    return brentq(force, default - reach, default + reach, xtol=1e-13)


@pytest.mark.parametrize("quantile", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("resilience", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_qr_quantile_is_the_root_of_its_forces(seed, resilience, quantile):
    voters = random_voters(seed)
    found = qr_quantile(voters, resilience, 0.5, quantile)
    slow = [median_by_hand(voters, q, resilience, 0.5, quantile) for q in range(voters.size)]
    assert found == pytest.approx(slow, abs=1e-9)
    assert found[-1] == 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_deviation_is_the_median_of_distances(seed):
    voters = random_voters(seed)
    middle = qr_quantile(voters, 1.0)
    found = qr_deviation(voters, middle, 1.0)
    assert np.all(found >= 0)
    assert found[-1] == 1.0
    plain = Voters(1, np.zeros(3, np.int64), np.array([1.0, 2.0, 9.0]), *np.zeros((2, 3)), np.ones(3))
    assert qr_deviation(plain, np.array([2.0]), 1e6)[0] == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_spread_is_that_of_the_density(seed):
    voters = random_voters(seed, questions=4)
    middle = qr_quantile(voters, 0.8)
    found = qr_spread(voters, 0.8, middle)

    for q in range(voters.size):
        own = np.flatnonzero(voters.at == q)

        def density(x: float, own: np.ndarray = own) -> float:
            cost = x**2 / 1.6
            for k in own:
                distance = x - voters.value[k]
                unsure = voters.left[k] if distance < 0 else voters.right[k]
                cost += 0.0 if np.isinf(unsure) else voters.weight[k] * (np.hypot(unsure, distance) - unsure)
            return float(np.exp(-cost))

        ends, kinks = (-12.0, 12.0), sorted(voters.value[own])
        mass, first, second = (
            quad(lambda x, p=p, d=density: x**p * d(x), *ends, points=kinks or None, limit=200)[0] for p in range(3)
        )
        assert found[q] == pytest.approx(np.sqrt(second / mass - (first / mass) ** 2), rel=2e-3)


def test_margin_of_independent_projects_is_that_of_a_diagonal_covariance():
    rng = np.random.default_rng(3)
    value, variance = rng.normal(size=6), rng.uniform(0.1, 2, 6)
    threshold = Threshold("relative", 1.7)
    task = FusionTask(
        Criterion("benefit", "?", threshold=threshold),
        tuple("abcdef"),
        Panel(()),
        Judgments(Comparisons.empty(), Ratings.empty()),
    )
    slow = relative_margin(value, np.diag(variance), threshold)
    fast = independent_margin(value, variance, task, on_rating_scale=False)
    assert fast is not None
    assert slow is not None
    assert fast[0] == pytest.approx(slow[0])
    assert fast[1] == pytest.approx(slow[1])
