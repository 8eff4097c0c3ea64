"""The factorisation of `bridging` against alternating least squares that can be read, and against small refits."""

from __future__ import annotations

import numpy as np
import pytest

from daccord.errors import ConvergenceError
from daccord.fusion.peers import _bridging_fit
from daccord.fusion.peers._bridging_fit import (
    FACTOR_PENALTY,
    INTERCEPT_PENALTY,
    Opinions,
    factorise,
    note_bounds,
    objective,
)

SEEDS = range(4)


def two_camps(seed: int, raters: int = 14, projects: int = 9, share: float = 0.6) -> Opinions:
    """Raters of two camps; what both see in a project, and what one camp likes in it more than the other."""
    rng = np.random.default_rng(seed)
    camp, taste, merit = np.arange(raters) % 2 * 2 - 1, rng.normal(0, 0.3, projects), rng.normal(0, 0.2, projects)
    table = merit + camp[:, None] * taste + rng.normal(0, 0.1, (raters, projects))
    said = rng.random(table.shape) < share
    said[0], said[:, 0] = True, True
    rater, project = np.nonzero(said)
    return Opinions(raters, projects, rater, project, np.clip(table[said], -0.5, 0.5))


def loss_by_hand(opinions: Opinions, middle, generosity, intercept, rater_factor, factor) -> float:
    errors = [
        (r - middle - generosity[u] - intercept[n] - rater_factor[u] * factor[n]) ** 2
        for u, n, r in zip(opinions.rater, opinions.project, opinions.value, strict=True)
    ]
    intercepts = np.mean(generosity**2) + np.mean(intercept**2) + middle**2
    factors = np.mean(rater_factor**2) + np.mean(factor**2)
    return float(np.mean(errors) + INTERCEPT_PENALTY * intercepts + FACTOR_PENALTY * factors)


def alternating(opinions: Opinions, rater_factor: np.ndarray, factor: np.ndarray):
    """One side after the other by ridge regression, until nothing moves."""
    count = len(opinions)
    middle, generosity, intercept = 0.0, np.zeros(opinions.raters), np.zeros(opinions.projects)
    rater_factor, factor = rater_factor.copy(), factor.copy()

    def ridge(left: np.ndarray, other: np.ndarray, number: int) -> np.ndarray:
        design = np.stack([np.ones(len(other)), other], axis=1)
        penalty = np.diag([INTERCEPT_PENALTY, FACTOR_PENALTY]) * count / number
        return np.linalg.solve(design.T @ design + penalty, design.T @ left)

    for _ in range(20_000):
        before = np.concatenate([generosity, intercept, rater_factor, factor])
        rest = opinions.value - generosity[opinions.rater] - intercept[opinions.project]
        rest = rest - rater_factor[opinions.rater] * factor[opinions.project]
        middle = rest.mean() / (1 + INTERCEPT_PENALTY)
        for u in range(opinions.raters):
            own = opinions.rater == u
            n = opinions.project[own]
            generosity[u], rater_factor[u] = ridge(
                opinions.value[own] - middle - intercept[n], factor[n], opinions.raters
            )
        for n in range(opinions.projects):
            own = opinions.project == n
            u = opinions.rater[own]
            left = opinions.value[own] - middle - generosity[u]
            intercept[n], factor[n] = ridge(left, rater_factor[u], opinions.projects)
        if np.abs(np.concatenate([generosity, intercept, rater_factor, factor]) - before).max() < 1e-9:
            break
    return middle, generosity, intercept, rater_factor, factor


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fit_is_the_best_that_alternating_least_squares_finds(seed):
    opinions = two_camps(seed)
    fit = factorise(opinions)
    assert fit.residual < 1e-7
    assert fit.loss == pytest.approx(
        loss_by_hand(opinions, fit.middle, fit.generosity, fit.intercept, fit.rater_factor, fit.factor), rel=1e-12
    )
    rng = np.random.default_rng(seed)
    found = [
        alternating(opinions, rng.normal(size=opinions.raters), rng.normal(size=opinions.projects)) for _ in range(2)
    ]
    losses = [loss_by_hand(opinions, *parts) for parts in found]
    assert fit.loss <= min(losses) + 1e-9
    best = found[int(np.argmin(losses))]
    if min(losses) <= fit.loss + 1e-9:
        assert fit.intercept == pytest.approx(best[2], abs=1e-5)
        assert np.outer(fit.rater_factor, fit.factor) == pytest.approx(np.outer(best[3], best[4]), abs=1e-4)


def test_gradient_and_curvature_are_the_derivatives():
    opinions = two_camps(1, raters=5, projects=4)
    rng = np.random.default_rng(0)
    point, direction = rng.normal(size=(2, 1 + 2 * 9))
    step = 1e-6
    _, gradient = objective(opinions, point)
    ahead, behind = (objective(opinions, point + sign * step * direction) for sign in (1, -1))
    assert gradient @ direction == pytest.approx((ahead[0] - behind[0]) / (2 * step), rel=1e-7)
    bent = _bridging_fit._curvature(opinions, point, direction)
    assert bent == pytest.approx((ahead[1] - behind[1]) / (2 * step), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds_are_those_of_refits_with_one_more_opinion(seed):
    opinions = two_camps(seed)
    fit = factorise(opinions)
    low, high = note_bounds(opinions, fit, 0.5)
    assert np.all(low <= fit.intercept)
    assert np.all(fit.intercept <= high)
    price = len(opinions) / opinions.projects
    penalty = np.diag([INTERCEPT_PENALTY, FACTOR_PENALTY]) * price
    for n in range(opinions.projects):
        own = opinions.project == n
        u = opinions.rater[own]
        found = []
        for generosity in (fit.generosity.min(), fit.generosity.max()):
            for factor in (fit.rater_factor.min(), 0.0, fit.rater_factor.max()):
                for opinion in (-0.5, 0.5):
                    told = np.append(
                        opinions.value[own] - fit.middle - fit.generosity[u], opinion - fit.middle - generosity
                    )
                    design = np.stack([np.ones(len(told)), np.append(fit.rater_factor[u], factor)], axis=1)
                    found.append(np.linalg.solve(design.T @ design + penalty, design.T @ told)[0])
        assert low[n] == pytest.approx(min(*found, fit.intercept[n]))
        assert high[n] == pytest.approx(max(*found, fit.intercept[n]))


def test_one_camp_only_leaves_no_axis():
    rng = np.random.default_rng(4)
    merit = rng.normal(0, 0.2, 6)
    rater, project = (grid.ravel() for grid in np.meshgrid(np.arange(8), np.arange(6), indexing="ij"))
    opinions = Opinions(8, 6, rater, project, merit[project])
    fit = factorise(opinions)
    assert np.abs(np.outer(fit.rater_factor, fit.factor)).max() < 0.1
    assert np.argsort(fit.intercept).tolist() == np.argsort(merit).tolist()


def test_a_fit_that_does_not_settle_is_an_error(monkeypatch):
    monkeypatch.setattr(_bridging_fit, "TOLERANCE", 0.0)
    with pytest.raises(ConvergenceError):
        factorise(two_camps(0))


@pytest.mark.parametrize("seed", range(3))
def test_the_fit_does_not_depend_on_an_order(seed):
    opinions = two_camps(seed)
    rng = np.random.default_rng(seed)
    raters, projects, rows = (rng.permutation(k) for k in (opinions.raters, opinions.projects, len(opinions)))
    moved = Opinions(
        opinions.raters,
        opinions.projects,
        raters[opinions.rater][rows],
        projects[opinions.project][rows],
        opinions.value[rows],
    )
    assert factorise(moved).intercept[projects] == pytest.approx(factorise(opinions).intercept, abs=1e-6)
