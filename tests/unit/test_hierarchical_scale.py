"""What makes large rounds fast, compared with the plain way on rounds small enough for both."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.hierarchical_cases import simulate

from daccord.fusion import CriterionBeliefs, fusion_rule
from daccord.fusion.hierarchical import _folds, _heldout, _normal, _pilot, _posterior, _sample, _views
from daccord.fusion.hierarchical._evidence import gather
from daccord.fusion.hierarchical._grid import NOISES, TAUS, explore
from daccord.fusion.hierarchical._posterior import fit_conditional
from daccord.fusion.hierarchical._predict import DiagonalFold, SolvedFold, linearise, look_out
from daccord.fusion.hierarchical._sample import EACH, LEAST, evenly, thinned
from daccord.fusion.models._voices import voices

EVERY = {"ratios": 120, "orders": 60, "ratings": 80, "rankings": 3}


def fit(told) -> CriterionBeliefs:
    return fusion_rule("hierarchical").fit(told.task)


# --- some answers out of many -----------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(1, 60))
def test_answers_are_taken_evenly(seed, most):
    evidence = gather(simulate(seed, projects=8, ratios=20, orders=10, ratings=10, rankings=1).task)
    at = evenly(evidence, most)
    if most >= evidence.total:
        assert len(at) == len(evidence)
    else:
        assert len(at) == max(1, int(most * (len(evidence) / evidence.total)))
    assert (np.diff(at) > 0).all()
    place = np.empty(len(evidence), dtype=int)
    place[np.argsort(np.round(_sample.content_of(evidence)[0], 9), kind="stable")] = np.arange(len(evidence))
    gaps = np.diff(np.sort(place[at]), prepend=-1, append=len(evidence))
    assert gaps.max() <= np.ceil(len(evidence) / len(at)) + 1


@given(st.integers(0, 10**6), st.integers(1, 30))
def test_which_answers_are_taken_depends_on_no_name_and_no_file(seed, most):
    evidence = gather(simulate(seed, projects=8, ratios=30, ratings=10).task)
    rows = np.random.default_rng(seed).permutation(len(evidence))
    taken, moved = evidence.take(evenly(evidence, most)), evidence.take(rows)
    again = moved.take(evenly(moved, most))
    assert np.array_equal(np.sort(taken.y), np.sort(again.y))


def test_rounds_of_some_hundred_answers_are_not_thinned():
    evidence = gather(simulate(1, **EVERY).task)
    assert thinned(evidence) is evidence
    assert len(evidence) < LEAST
    many = gather(simulate(1, projects=120, ratios=3000).task)
    assert len(thinned(many)) == EACH * 120
    assert len(thinned(gather(simulate(1, ratios=3000).task))) == LEAST


def test_thinning_finds_what_a_list_is_worth_where_answers_are_plenty(monkeypatch):
    """Thousands of answers on few projects: coefficients are those of a regression of the values on the lists.

    Fitted to all answers, held-out ones hardly depend on the prior, and coefficients are read off noise.
    """
    off = {}
    for most in (LEAST, 10**9):
        monkeypatch.setattr(_sample, "LEAST", most)
        found = []
        for seed in range(3):
            told = simulate(seed, projects=40, jurors=60, ratios=6000, lists=(0.6, 0.6))
            vectors = {voice.name: voice.vector for voice in voices(told.task)[0]}
            names = sorted(vectors)
            best = np.linalg.lstsq(np.array([vectors[name] for name in names]).T, told.values, rcond=None)[0]
            learned = {voice.voice: voice.coefficient for voice in fit(told).voices}
            found += [learned[name] - value for name, value in zip(names, best, strict=True)]
        off[most] = np.sqrt(np.mean(np.square(found)))
    assert off[LEAST] < 0.3
    assert off[LEAST] < 0.8 * off[10**9]


# --- the grid ---------------------------------------------------------------------------------------------------------


@given(st.floats(-1, 7), st.floats(-1, 4), st.floats(0.05, 3), st.floats(0.05, 3), st.floats(-0.9, 0.9), st.data())
def test_climbing_finds_all_that_counts_on_one_hill(x, y, wide, high, lean, data):
    def height(at, _near) -> float:
        dx, dy = (at[0] - x) / wide, (at[1] - y) / high
        return -(dx**2 + dy**2 + 2 * lean * dx * dy) / 2

    # A hill that leans is one hill on the plane; on the grid it may fall apart, so it must not be too narrow.
    if min(wide, high) * np.sqrt(1 - lean**2) < 0.7:
        return
    start = data.draw(st.tuples(st.integers(0, len(TAUS) - 1), st.integers(0, len(NOISES) - 1)))
    found = explore(start, height, 12.0)
    everywhere = {(i, j): height((i, j), None) for i in range(len(TAUS)) for j in range(len(NOISES))}
    top = max(everywhere.values())
    assert {at for at, value in everywhere.items() if value > top - 12} <= set(found)
    assert all(found[at] == everywhere[at] for at in found)


def test_climbing_stays_among_the_points_it_is_given():
    among = {(2, 2), (3, 2), (4, 2)}
    found = explore((3, 2), lambda at, _near: -abs(at[0] - 4.0), 12.0, among)
    assert set(found) == among


def test_climbing_leaves_out_what_is_hopeless():
    visited = explore((3, 2), lambda at, _near: -50.0 * (abs(at[0] - 3) + abs(at[1] - 2)), 12.0)
    assert len(visited) == 5


# --- the same result as the plain way ---------------------------------------------------------------------------------


def test_a_nearby_start_leads_to_the_same_fit():
    told = simulate(3, **EVERY)
    evidence = gather(told.task)
    scales, tau = _pilot.learn_scales(evidence, np.zeros(evidence.size))
    cold = fit_conditional(evidence, np.zeros(evidence.size), tau, scales)
    near = fit_conditional(evidence, np.zeros(evidence.size), 1.3 * tau, scales, noise=0.9)
    warm = fit_conditional(evidence, np.zeros(evidence.size), tau, scales, start=near.state)
    assert np.allclose(warm.theta, cold.theta, rtol=0, atol=1e-6)
    assert warm.log_posterior == pytest.approx(cold.log_posterior, abs=1e-8)
    assert warm.steps <= cold.steps


def test_large_and_small_rounds_are_fused_alike(monkeypatch):
    """Warm starts, a pilot that begins with some of the answers and nearby factors change only the last digits."""
    told = simulate(4, projects=20, jurors=20, ratios=700, orders=200, ratings=300, rankings=2, lists=(0.4,))
    monkeypatch.setattr(_sample, "LEAST", 10**9)
    plain = fit(told)
    for module in (_posterior, _pilot, _views):
        monkeypatch.setattr(module, "MANY", 100)
    monkeypatch.setattr(_pilot, "thinned", lambda evidence: evidence.take(evenly(evidence, 900)))
    many = fit(told)
    assert np.allclose(many.mean, plain.mean, rtol=0, atol=0.02)
    assert np.allclose(np.log(many.variance / plain.variance), 0, atol=0.05)
    for name, view in plain.community_views.items():
        assert np.allclose(view.mean, many.community_views[name].mean, rtol=0, atol=0.03)


def test_projects_beyond_the_limit_are_fused_alike_with_variances_alone(monkeypatch):
    told = simulate(5, projects=120, jurors=30, ratios=1500, ratings=400, rankings=2, lists=(0.4,))
    plain = fit(told)
    monkeypatch.setattr(_normal, "DENSE", 100)
    monkeypatch.setattr(_folds, "DIAGONALISED", 100)
    sparse = fit(told)
    assert sparse.is_diagonal
    assert not plain.is_diagonal
    assert np.abs(sparse.mean - plain.mean).max() < 0.05
    assert np.abs(np.log(sparse.variance / plain.variance)).mean() < 0.15
    assert sparse.above is not None
    assert plain.above is not None
    assert np.abs(sparse.above - plain.above).max() < 0.1
    for name, view in plain.community_views.items():
        assert np.nanmax(np.abs(view.mean - sparse.community_views[name].mean)) < 0.2
    assert np.isfinite([view.stretch_sd for view in sparse.juror_views]).all()


def test_folds_that_solve_predict_as_folds_that_are_diagonalised():
    told = simulate(6, projects=30, jurors=10, ratios=200, ratings=60, rankings=2, lists=(0.3, 0.9))
    evidence = gather(told.task)
    scales, tau = _pilot.learn_scales(evidence, np.zeros(evidence.size))
    vectors = np.array([voice.vector for voice in voices(told.task)[0]]).T
    c = np.array([0.3, 0.1])
    held = evidence.answered_by < 2
    rest = fit_conditional(evidence.take(~held), vectors @ c, tau, scales)
    made = [kind(evidence.take(held), rest, vectors, tau) for kind in (DiagonalFold, SolvedFold)]
    for at, noise in ((tau, 1.0), (0.35, 1.0), (1.6, 0.85)):
        one, other = (linearise(look_out([fold], at, noise), scales, c, new_juror=True) for fold in made)
        # α's part of the information is not rescaled with the noise by the first; a small difference.
        atol = 1e-8 if noise == 1.0 else 0.02
        assert np.allclose(one.base, other.base, rtol=0, atol=atol)
        assert np.allclose(one.slope, other.slope, rtol=0, atol=atol)
        assert np.allclose(one.scale, other.scale, rtol=0.1)
        density = [linear.density(c)[0] for linear in (one, other)]
        assert len(density[0]) == held.sum()
        assert np.abs(density[0] - density[1]).mean() < 0.05


def test_predictions_have_the_gradient_they_say():
    told = simulate(7, projects=20, jurors=10, ratios=60, orders=60, ratings=60, rankings=2, lists=(0.3, 0.9))
    evidence = gather(told.task)
    scales, tau = _pilot.learn_scales(evidence, np.zeros(evidence.size))
    vectors = np.array([voice.vector for voice in voices(told.task)[0]]).T
    fold, _ = _folds.deal_folds(evidence, 0)
    folds = _folds.fit_folds(evidence, fold, vectors, scales, np.zeros(evidence.size), tau)
    linear = linearise(look_out(folds, tau, 1.0), scales, np.array([0.2, 0.2]), new_juror=True)
    c, step = np.array([0.4, 0.1]), 1e-6
    _, gradient = linear.density(c)
    for voice in range(2):
        shift = step * np.eye(2)[voice]
        slope = (linear.density(c + shift)[0] - linear.density(c - shift)[0]).sum() / (2 * step)
        assert gradient[voice] == pytest.approx(slope, rel=1e-5, abs=1e-5)
        alone = linear.only(voice).density(c[[voice]])[0]
        assert np.allclose(alone, linear.density(np.where(np.arange(2) == voice, c, 0.0))[0])


def test_only_so_many_held_out_answers_are_scored(monkeypatch):
    monkeypatch.setattr(_folds, "SCORED", 100)
    monkeypatch.setattr(_heldout, "SCORED", 100)
    beliefs = fit(simulate(8, ratios=300, rankings=2))
    # 300 ratios and 20 rankings of 4 choices each: 320 answers that count 380.
    assert 80 <= beliefs.diagnostics["held_out_answers"] <= 100


def test_a_round_of_thirty_thousand_answers_takes_seconds():
    told = simulate(9, projects=150, jurors=300, ratios=30_000, lists=(0.4, 0.8, 1.6))
    start = time.process_time()
    beliefs = fit(told)
    assert time.process_time() - start < 10
    assert np.sqrt(np.mean((beliefs.centred[0] - told.values) ** 2)) < 0.06
