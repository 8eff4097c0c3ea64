"""The paired-comparison engine against slow and plain ways to the same figures."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from daccord.fusion.pairwise import PairCounts, _counts, _curvature, _plain, _spread, _voters, bradley_terry
from daccord.fusion.pairwise._backend import kernels
from daccord.fusion.pairwise._bootstrap import full_bootstrap, one_step_bootstrap
from daccord.fusion.pairwise._fit import fit_pairs
from daccord.fusion.pairwise._spread import independent_trace, model_spread
from daccord.fusion.pairwise._voters import VoterSums, voter_spread

needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")


def simulated(size: int, comparisons: int, voters: int, *, seed: int, tie: float = 0.0, lean: float = 0.0):
    """Comparisons told from the model; `lean` is how far each voter's own values stray from the common ones."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(0, 1, size)
    voter = rng.integers(0, voters, comparisons)
    a = rng.integers(0, size, comparisons)
    b = (a + rng.integers(1, size, comparisons)) % size
    own = lean * rng.normal(0, 1, (voters, size)) if lean else np.zeros((1, size))
    row = voter if lean else np.zeros_like(voter)
    strength = np.exp((theta[a] + own[row, a] - theta[b] - own[row, b]) / 2)
    win, lose = strength, 1 / strength
    spin = rng.random(comparisons) * (win + lose + tie)
    outcome = np.where(spin < win, 1, np.where(spin < win + lose, -1, 0))
    return theta - theta.mean(), a, b, outcome, voter


# --- the fit against a general optimiser, and its curvature against differences ---------------------------------------


def log_likelihood(theta: np.ndarray, tie: float, a, b, outcome) -> float:
    """Written from the definition, one comparison at a time."""
    total = 0.0
    for i, j, y in zip(a, b, outcome, strict=True):
        up, down = np.exp((theta[i] - theta[j]) / 2), np.exp((theta[j] - theta[i]) / 2)
        whole = up + down + tie
        if y:
            total += np.log((up if y > 0 else down) / whole)
        elif tie:
            total += np.log(tie / whole)
        else:
            total += (np.log(up / whole) + np.log(down / whole)) / 2
    return float(total)


@pytest.mark.parametrize("ties", ["davidson", "half"])
@pytest.mark.parametrize("prior_sd", [None, 1.2])
def test_fit_is_the_optimum_of_the_log_likelihood(ties: str, prior_sd: float | None) -> None:
    _, a, b, outcome, _ = simulated(6, 200, 5, seed=1, tie=0.8)
    found = bradley_terry(a, b, outcome, 6, ties=ties, prior_sd=prior_sd)
    precision = prior_sd**-2 if prior_sd else 0.0

    def loss(x: np.ndarray) -> float:
        tie = np.exp(x[-1]) if ties == "davidson" else 0.0
        return precision / 2 * float(x[:-1] @ x[:-1]) - log_likelihood(x[:-1], tie, a, b, outcome)

    other = minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-6}).x
    assert found.scores == pytest.approx(other[:-1] - other[:-1].mean(), abs=2e-5)
    if ties == "davidson":
        assert found.tie_parameter == pytest.approx(np.exp(other[-1]), rel=1e-4)
    # The optimiser starts from zero and a shift common to all scores changes nothing, so it stays at mean zero.
    here = np.append(found.scores, np.log(found.tie_parameter) if found.tie_parameter else 0.0)
    assert loss(here) <= loss(other) + 1e-9

    # The model's errors are those of the numerical second derivatives.
    free = 7 if ties == "davidson" else 6
    step, hessian = 1e-4, np.empty((free, free))
    for i in range(free):
        for j in range(free):
            at = [here + step * (s * np.eye(7)[i] + t * np.eye(7)[j]) for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
            hessian[i, j] = (loss(at[0]) - loss(at[1]) - loss(at[2]) + loss(at[3])) / (4 * step**2)
    pad = np.zeros((free, free))
    pad[:6, :6] = 1 / 6
    inverse = np.linalg.inv(hessian + 10 * pad)[:6, :6]
    centre = np.eye(6) - 1 / 6
    assert found.model_errors == pytest.approx(np.sqrt(np.diag(centre @ inverse @ centre)), rel=1e-3)


# --- voters: the sandwich against a loop over voters ------------------------------------------------------------------


@pytest.mark.parametrize("tie", [0.0, 0.7])
def test_sandwich_is_the_sum_over_voters(tie: float) -> None:
    _, a, b, outcome, voter = simulated(9, 600, 40, seed=2, tie=tie, lean=0.5)
    counts = PairCounts.of(a, b, outcome, 9)
    fit = fit_pairs(counts)
    found = bradley_terry(a, b, outcome, 9, voter)
    win, lose, even = _plain.chances(a, b, fit.theta, fit.tie)
    joint = np.zeros((10, 10))
    total = np.zeros((10, 10))
    for v in range(40):
        gradient = np.zeros(10)
        for k in np.flatnonzero(voter == v):
            gradient[a[k]] += (outcome[k] - win[k] + lose[k]) / 2
            gradient[b[k]] -= (outcome[k] - win[k] + lose[k]) / 2
            gradient[9] += ((outcome[k] == 0) - even[k]) if tie else 0.0
        total += np.outer(gradient, gradient)
    for k in range(len(a)):
        lean = win[k] - lose[k]
        row = np.zeros(10)
        row[a[k]], row[b[k]] = 1.0, -1.0
        joint += (win[k] + lose[k] - lean**2) / 4 * np.outer(row, row)
        corner = np.zeros(10)
        corner[9] = 1.0
        if tie:
            sway = -lean * even[k] / 2
            joint += sway * (np.outer(row, corner) + np.outer(corner, row))
            joint += even[k] * (1 - even[k]) * np.outer(corner, corner)
    inverse = np.linalg.pinv(joint, rcond=1e-12)
    expected = np.sqrt(np.diag(inverse @ total @ inverse)[:9] * 40 / 39)
    assert found.standard_errors == pytest.approx(expected, rel=1e-8)
    assert found.voters == 40
    assert found.approximation == 0.0


def test_trace_of_independent_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 30
    _, a, b, outcome, _ = simulated(size, 900, 1, seed=3)
    fit = fit_pairs(PairCounts.of(a, b, outcome, size), precision=1.0)
    curvature = fit.curvature
    told = np.diag(curvature.degree) - curvature.neighbours(np.eye(size))
    inverse = np.linalg.inv(told + np.eye(size))
    expected = np.trace(inverse @ told @ inverse)
    assert independent_trace(fit, model_spread(fit)) == pytest.approx(expected, rel=1e-9)
    assert expected < 0.95 * model_spread(fit).variance.sum()
    with_dense(10, monkeypatch)
    assert independent_trace(fit, model_spread(fit)) == pytest.approx(expected, rel=0.05)


def test_design_effect_is_about_one_if_answers_are_independent() -> None:
    _, a, b, outcome, _ = simulated(12, 5_000, 1, seed=3)
    fit = fit_pairs(PairCounts.of(a, b, outcome, 12), precision=1.5**-2)
    model = model_spread(fit)
    sums = VoterSums(fit, 4_999, squares=True)
    sums.add(a, b, outcome, np.arange(5_000))
    assert voter_spread(fit, sums, model).variance.sum() == pytest.approx(independent_trace(fit, model), rel=0.03)


# --- approximations against what they approximate ---------------------------------------------------------------------


def with_dense(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat more than `limit` projects as many."""
    for module in (_counts, _curvature, _spread, _voters):
        monkeypatch.setattr(module, "DENSE", limit)


@pytest.mark.parametrize("opponents", [6, 40])
def test_many_projects_get_nearly_the_exact_errors(opponents: int, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 400
    _, a, b, outcome, voter = simulated(size, size * opponents // 2, 5_000, seed=4, tie=0.3, lean=0.4)
    monkeypatch.setattr(_voters, "_EXACT", 1 << 40)
    exact = bradley_terry(a, b, outcome, size, voter, prior_sd=1.5)
    assert exact.approximation == 0.0
    with_dense(100, monkeypatch)
    monkeypatch.setattr(_voters, "_EXACT", 0)
    monkeypatch.setattr(_voters, "_DEALT", 1 << 18)
    many = bradley_terry(a, b, outcome, size, voter, prior_sd=1.5)
    assert_allclose(many.scores, exact.scores, atol=1e-7)
    assert many.tie_parameter == pytest.approx(exact.tie_parameter, rel=1e-7)
    off = np.sqrt(np.mean((many.standard_errors / exact.standard_errors - 1) ** 2))
    assert many.approximation > 0.0
    assert off == pytest.approx(many.approximation, rel=0.4)  # the reported error is the real one, about
    assert off < 0.5 / np.sqrt(opponents)
    assert np.sqrt(np.mean((many.model_errors / exact.model_errors - 1) ** 2)) < 0.01


def test_dealt_voters_are_right_on_average_and_the_control_variate_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 60
    _, a, b, outcome, voter = simulated(size, 30_000, 3_000, seed=5, lean=0.3)
    exact = bradley_terry(a, b, outcome, size, voter)
    assert exact.approximation == 0.0
    monkeypatch.setattr(_voters, "_EXACT", 0)
    monkeypatch.setattr(_voters, "_DEALT", 0)
    dealt = bradley_terry(a, b, outcome, size, voter)
    off = np.sqrt(np.mean((dealt.standard_errors / exact.standard_errors - 1) ** 2))
    assert off == pytest.approx(dealt.approximation, rel=0.4)
    assert dealt.approximation < 0.012
    fit = fit_pairs(PairCounts.of(a, b, outcome, size))
    sums = VoterSums(fit, 2_999, squares=False)
    sums.add(a, b, outcome, voter)
    assert len(sums.table) == 256
    rough = voter_spread(fit, sums, model_spread(fit))
    assert rough.error > 3 * dealt.approximation
    assert np.sqrt(rough.variance) == pytest.approx(exact.standard_errors, rel=0.2)


# --- compiled code against plain code ---------------------------------------------------------------------------------


@needs_numba
@pytest.mark.parametrize("size", [2, 40, 500])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_compiled_passes_do_what_the_plain_ones_do(size: int, dtype: type) -> None:
    fast = kernels(0, compiled=True)
    theta, a, b, outcome, voter = simulated(size, 30_000, 700, seed=size, tie=0.5)
    a, b, outcome, voter = a.astype(dtype), b.astype(dtype), outcome.astype(np.int8), voter.astype(dtype)

    assert fast.first_bad(a, b, outcome, size) == -1
    for column, value in ((a, size), (b, -1), (outcome, 2)):
        kept, column[[20_011, 25_000]] = column[[20_011, 25_000]], value
        assert fast.first_bad(a, b, outcome, size) == _plain.first_bad(a, b, outcome, size) == 20_011
        column[[20_011, 25_000]] = kept

    tables = [np.zeros((2, size, size), dtype=np.int64) for _ in range(2)]
    for _ in range(2):  # adding twice, to what is there
        fast.count_dense(a, b, outcome, *tables[0])
        _plain.count_dense(a, b, outcome, *tables[1])
    assert np.array_equal(*tables)
    for one, two in zip(fast.pairs_of(*tables[0]), _plain.pairs_of(*tables[0]), strict=True):
        assert np.array_equal(one, two)
    sparse = _plain.count_sparse(a, b, outcome, size)
    for one, two in zip(fast.count_sparse(a, b, outcome, size), sparse, strict=True):
        assert np.array_equal(one, two)
        assert one.dtype == two.dtype

    low, high, *_ = sparse
    total = np.sum(sparse[2:], axis=0).astype(float)
    for tie in (0.0, 0.5):
        ours, theirs = fast.curve(low, high, total, theta, tie), _plain.curve(low, high, total, theta, tie)
        for one, two in zip(ours, theirs, strict=True):
            assert_allclose(one, two, rtol=1e-10, atol=1e-9)
        for buckets, seed in ((16, 9), (1024, 9), (700, None)):
            ours, theirs = np.ones((2, buckets, size + 1))
            for _ in range(2):  # adding twice, to what is there
                fast.deal_pulls(a, b, outcome, voter, theta, tie, ours, seed)
                _plain.deal_pulls(a, b, outcome, voter, theta, tie, theirs, seed)
            assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
        for many in (voter, voter + 3_000_000):
            ours, theirs = np.ones((2, 32, size + 1))
            one = fast.deal_voters(a, b, outcome, many, theta, tie, ours, 5)
            two = _plain.deal_voters(a, b, outcome, many, theta, tie, theirs, 5)
            assert one[1] == two[1] == 700
            assert_allclose(one[0], two[0], rtol=1e-9)
            assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    weight = _plain.curve(low, high, total, theta, 0.5)[0]
    x = np.random.default_rng(0).normal(size=(size, 5))
    for columns in (x, x[:, :1]):
        ours, theirs = (work.neighbours(low, high, weight, size)(columns) for work in (fast, _plain))
        assert_allclose(ours, theirs, rtol=1e-10, atol=1e-9)
    noise = (low, high, weight, 3, 17, size)
    assert_allclose(fast.edge_noise(*noise), _plain.edge_noise(*noise), rtol=1e-10, atol=1e-9)


@needs_numba
def test_compiled_and_plain_scores_agree() -> None:
    _, a, b, outcome, voter = simulated(30, 20_000, 900, seed=8, tie=0.4, lean=0.2)
    one = bradley_terry(a, b, outcome, 30, voter, compiled=True)
    two = bradley_terry(a, b, outcome, 30, voter, compiled=False)
    assert one.scores == pytest.approx(two.scores, abs=1e-9)
    assert one.standard_errors == pytest.approx(two.standard_errors, rel=1e-8)
    assert one.method == two.method


@needs_numba
def test_far_values_go_through_plain_code() -> None:
    fast = kernels(0, compiled=True)
    theta = np.array([-700.0, 0.0, 700.0])
    a, b, total = np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([3.0, 1.0, 2.0])
    for one, two in zip(fast.curve(a, b, total, theta, 0.2), _plain.curve(a, b, total, theta, 0.2), strict=True):
        assert np.array_equal(one, two)
    outcome, voter = np.array([1, -1, 0]), np.array([0, 1, 1])
    table = np.zeros((2, 4))
    fast.deal_pulls(a, b, outcome, voter, theta, 0.2, table, None)
    assert np.isfinite(table).all()
    assert np.abs(table).sum() > 0
    assert np.isfinite(fast.deal_voters(a, b, outcome, voter, theta, 0.2, table, 1)[0]).all()


# --- bootstraps over voters against the sandwich ----------------------------------------------------------------------


def test_bootstraps_over_voters_agree_with_the_sandwich() -> None:
    """Voters differ here, so that the model's own errors are too small by a quarter."""
    size, voters, resamples = 20, 300, 400
    _, a, b, outcome, voter = simulated(size, 20_000, voters, seed=11, tie=0.4, lean=1.0)
    found = bradley_terry(a, b, outcome, size, voter)
    fit = fit_pairs(PairCounts.of(a, b, outcome, size))
    luck = 1 / np.sqrt(2 * resamples)  # relative error of a standard deviation from so many draws
    full = full_bootstrap(fit, a, b, outcome, voter, resamples=resamples, seed=1)
    one_step = one_step_bootstrap(fit, a, b, outcome, voter, resamples=resamples, seed=1)
    for draws in (full, one_step):
        ratio = draws.std(axis=0, ddof=1) / found.standard_errors
        assert np.median(ratio) == pytest.approx(1.0, abs=0.03)
        assert ratio == pytest.approx(1.0, abs=4.5 * luck)
        assert draws.mean(axis=0) == pytest.approx(found.scores, abs=0.02)
    assert np.median(found.model_errors / found.standard_errors) < 0.8
    # The same voters are drawn, so the two differ only by the curvature.
    assert full == pytest.approx(one_step, abs=0.03)
