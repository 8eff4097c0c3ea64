"""The linear algebra of `hierarchical`: sums by pair and slot, jurors eliminated, and solutions by iteration.

Each fast path is compared with plain loops or with the whole system of equations written out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.differential.test_hierarchical_rankings import mixed

from daccord.errors import ConvergenceError
from daccord.fusion.hierarchical import _eliminate, _layout, _normal, _rows
from daccord.fusion.hierarchical._eliminate import Eliminated
from daccord.fusion.hierarchical._evidence import ORDER, RATING, RATIO, Evidence
from daccord.fusion.hierarchical._iterate import conjugate_gradients, divided_by, inverse_diagonal, log_determinant
from daccord.fusion.hierarchical._likelihood import below, student_curvature, student_slopes
from daccord.fusion.hierarchical._normal import Equations, normal_equations
from daccord.fusion.hierarchical._posterior import fit_conditional
from daccord.fusion.hierarchical._seeing import Seen, State, seen_by, told

KINDS = (RATIO, ORDER, RATING)


def at_random(seed: int) -> tuple[Evidence, Seen, np.ndarray, np.ndarray, tuple]:
    """Answers of every kind, what is seen at random values, and derivatives that any likelihood could have."""
    case = mixed(seed, KINDS)
    evidence, rng = case.evidence, np.random.default_rng([seed, 9])
    state = State(rng.normal(size=evidence.size + 1), *rng.normal(0, 0.3, (2, evidence.jurors)))
    seen = seen_by(evidence, case.scales, state)
    answers = told(evidence, case.scales, seen, case.scales.sigma(evidence), 1.0)
    return evidence, seen, answers.rows.gradient, answers.rows.weight, answers.bends


# --- sums -------------------------------------------------------------------------------------------------------------


def plainly(evidence: Evidence, seen: Seen, gradient, weight, ranked, *, exact: bool) -> tuple[np.ndarray, np.ndarray]:
    """JᵀWJ and Jᵀg of all unknowns (θ, α, λ, then ℓ, then o), answer by answer with dense Jacobians."""
    n, jurors = evidence.size, evidence.jurors
    size = n + 2 + 2 * jurors
    matrix, pull = np.zeros((size, size)), np.zeros(size)

    def add(jacobian: np.ndarray, bend: np.ndarray, slope: np.ndarray, second: np.ndarray) -> None:
        matrix[:] += jacobian.T @ bend @ jacobian - (second if exact else 0)
        pull[:] += jacobian.T @ slope

    for k in range(evidence.rows):
        j, jacobian, second = int(evidence.juror[k]), np.zeros((1, size)), np.zeros((size, size))
        stretch, x = n + 2 + j, float(seen.slope[k] * seen.delta[k])
        jacobian[0, evidence.a[k]] = seen.slope[k]
        jacobian[0, stretch] = x
        touched = {int(evidence.a[k]): float(seen.slope[k])}
        if evidence.b[k] >= 0:
            jacobian[0, evidence.b[k]] = -seen.slope[k]
            touched[int(evidence.b[k])] = -float(seen.slope[k])
        else:
            jacobian[0, n], jacobian[0, n + 1], jacobian[0, n + 2 + jurors + j] = 1.0, x, 1.0
            touched[n + 1] = x
        for column, value in touched.items():
            second[column, stretch] = second[stretch, column] = gradient[k] * value
        second[stretch, stretch] = gradient[k] * x
        add(jacobian, weight[k : k + 1, None], gradient[k : k + 1], second)
    for block, eta, own, (slope, bend) in zip(evidence.ranked.blocks, seen.ranked, seen.stretched, ranked, strict=True):
        for i, projects in enumerate(block.project):
            stretch, second = n + 2 + int(block.juror[i]), np.zeros((size, size))
            jacobian = np.zeros((len(projects), size))
            jacobian[np.arange(len(projects)), projects] = own[i]
            jacobian[:, stretch] = eta[i]
            second[projects, stretch] = second[stretch, projects] = slope[i] * own[i]
            second[stretch, stretch] = slope[i] @ eta[i]
            add(jacobian, bend[i], slope[i], second)
    return matrix, pull


def written_out(evidence: Evidence, found: Equations) -> tuple[np.ndarray, np.ndarray]:
    """The blocks in one matrix."""
    n, jurors, layout = evidence.size, evidence.jurors, evidence.layout
    uu = found.uu if isinstance(found.uu, np.ndarray) else found.uu.toarray()
    matrix = np.zeros((n + 2 + 2 * jurors,) * 2)
    matrix[: n + 2, : n + 2] = uu
    for side in range(2):
        rows = n + 2 + side * jurors + layout.slot_juror
        matrix[rows, layout.slot_column] = matrix[layout.slot_column, rows] = found.uv[:, side]
        for other in range(2):
            at = n + 2 + np.arange(jurors)
            matrix[at + side * jurors, at + other * jurors] = found.vv[:, side, other]
    return matrix, np.concatenate([found.gu, found.gv.T.ravel()])


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("dense", [4_000, 1])
@pytest.mark.parametrize("seed", range(3))
def test_sums_are_those_of_plain_loops(seed, dense, exact, monkeypatch):
    monkeypatch.setattr(_normal, "DENSE", dense)
    evidence, seen, gradient, weight, ranked = at_random(seed)
    found = normal_equations(evidence, seen, gradient, weight, ranked, exact=exact)
    matrix, pull = written_out(evidence, found)
    expected, slope = plainly(evidence, seen, gradient, weight, ranked, exact=exact)
    # What λ bends with a stretch is left to the approximation: λ is given in every exact step.
    expected[evidence.size + 1, evidence.size + 2 :] = matrix[evidence.size + 1, evidence.size + 2 :]
    expected[evidence.size + 2 :, evidence.size + 1] = matrix[evidence.size + 2 :, evidence.size + 1]
    assert np.allclose(matrix, expected, rtol=0, atol=1e-10 * np.abs(expected).max())
    assert np.allclose(pull, slope, rtol=0, atol=1e-10 * np.abs(slope).max())


def test_what_bends_lambda_is_summed_without_the_curvature_of_eta():
    evidence, seen, gradient, weight, ranked = at_random(4)
    matrix, _ = written_out(evidence, normal_equations(evidence, seen, gradient, weight, ranked))
    expected, _ = plainly(evidence, seen, gradient, weight, ranked, exact=False)
    assert np.allclose(matrix[evidence.size + 1], expected[evidence.size + 1], rtol=0, atol=1e-10)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80))
def test_keys_are_found_by_table_and_by_sorting(keys):
    by_table = _layout._distinct(np.array(keys), 61)
    by_sorting = _layout._distinct(np.array(keys), 10**9)
    for one, other in zip(by_table, by_sorting, strict=True):
        assert np.array_equal(one, other)


# --- jurors eliminated ------------------------------------------------------------------------------------------------


def whole_system(evidence: Evidence, equations: Equations, own: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Everything but λ, with priors, bordered by the constraint on the jurors' mean stretch."""
    n, jurors = evidence.size, evidence.jurors
    matrix, _ = written_out(evidence, equations)
    keep = np.delete(np.arange(len(matrix)), n + 1)
    matrix = matrix[np.ix_(keep, keep)] + np.diag(np.concatenate([precision, np.repeat(own, jurors)]))
    border = np.concatenate([np.zeros(n + 1), evidence.share, np.zeros(jurors)])
    return np.block([[matrix, border[:, None]], [border[None, :], np.zeros((1, 1))]])


@pytest.mark.parametrize("block", [4_000_000, 1])
@pytest.mark.parametrize("seed", range(3))
def test_eliminating_jurors_solves_the_whole_system(seed, block, monkeypatch):
    for module in (_rows, _eliminate):
        monkeypatch.setattr(module, "BLOCK", block)
    evidence, seen, gradient, weight, ranked = at_random(20 + seed)
    equations = normal_equations(evidence, seen, gradient, weight, ranked)
    n, own, precision = evidence.size, np.array([9.0, 4.0]), np.full(evidence.size + 1, 0.7)
    found = Eliminated(equations, evidence.layout, evidence.share, own, n + 1)
    whole = whole_system(evidence, equations, own, precision)
    right = np.concatenate([equations.gu[: n + 1], equations.gv.T.ravel(), [0.0]])
    solved = np.linalg.solve(whole, right)
    du, dv = found.step(equations.gu[: n + 1], equations.gv, precision)
    assert np.allclose(du, solved[: n + 1], rtol=0, atol=1e-9)
    assert np.allclose(dv.T.ravel(), solved[n + 1 : -1], rtol=0, atol=1e-9)
    assert evidence.share @ dv[:, 0] == pytest.approx(0, abs=1e-12)
    inverse = np.linalg.inv(whole)[: n + 1, : n + 1]
    assert np.allclose(found.covariance(precision), inverse, rtol=0, atol=1e-9)
    assert np.allclose(found @ du, found.matrix @ du, rtol=0, atol=1e-9)
    determinant = found.log_determinant(precision) + found.jurors_log_determinant
    assert determinant == pytest.approx(np.linalg.slogdet(whole)[1], abs=1e-8)
    blocks = equations.vv + np.diag(own)
    assert np.allclose(found.juror_variance, np.linalg.inv(blocks)[:, [0, 1], [0, 1]])


def test_a_juror_whose_block_bends_the_wrong_way_is_refused():
    evidence, seen, gradient, weight, ranked = at_random(30)
    equations = normal_equations(evidence, seen, gradient, weight, ranked)
    for index in ((0, 0), (1, 1)):
        vv = equations.vv.copy()
        vv[0][index] = -100.0
        with pytest.raises(np.linalg.LinAlgError):
            Eliminated(replace(equations, vv=vv), evidence.layout, evidence.share, np.ones(2), evidence.size + 1)


@pytest.mark.parametrize("seed", range(3))
def test_sparse_equations_and_nearby_factors_lead_to_the_same_fit(seed, monkeypatch):
    case = mixed(40 + seed, KINDS)
    plain = case.fit()
    # Rows of F kept sparse and every product taken for a long one, so that steps are solved with a nearby factor.
    monkeypatch.setattr(_rows, "BLOCK", 1)
    monkeypatch.setattr(_rows, "_BLAS", 10**9)
    near = case.fit()
    start = replace(near.state, u=near.state.u + 0.01)
    assert start.near is not None
    again = fit_conditional(
        case.evidence, case.mean, case.tau, case.scales, noise=case.noise, start=start, tolerance=1e-10
    )
    monkeypatch.setattr(_normal, "DENSE", 1)
    sparse = case.fit()
    assert not sparse.information.is_dense
    for other in (near, again, sparse):
        assert np.allclose(other.theta, plain.theta, rtol=0, atol=1e-7)
        assert np.allclose(other.stretch, plain.stretch, rtol=0, atol=1e-7)
        assert np.allclose(other.pull, plain.pull, rtol=0, atol=1e-5)
    matrix = sparse.information @ np.eye(case.evidence.size + 1)
    assert np.allclose(matrix, plain.information.matrix, rtol=0, atol=1e-5)
    assert np.allclose(sparse.information.diagonal, np.diag(matrix), rtol=0, atol=1e-9)


# --- by iteration -----------------------------------------------------------------------------------------------------


def graph_matrix(seed: int, size: int, edges: int) -> np.ndarray:
    """Laplacian of a random graph with random weights."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, size, edges)
    b = (a + rng.integers(1, size, edges)) % size
    matrix, weight = np.zeros((size, size)), rng.uniform(0.5, 2.0, edges)
    for i, j, sign in ((a, a, 1), (b, b, 1), (a, b, -1), (b, a, -1)):
        np.add.at(matrix, (i, j), sign * weight)
    return matrix


def test_iteration_solves_as_a_factor_does():
    matrix, precision = graph_matrix(1, 300, 2_000), np.full(300, 0.8)
    whole = matrix + np.diag(precision)
    right = np.random.default_rng(1).normal(size=(300, 3))
    near = divided_by(np.diag(whole))
    assert np.allclose(conjugate_gradients(matrix, precision, near, right), np.linalg.solve(whole, right), atol=1e-8)
    found = conjugate_gradients(matrix, precision, near, right[:, 0])
    assert np.allclose(found, np.linalg.solve(whole, right[:, 0]), rtol=0, atol=1e-8)
    with pytest.raises(ConvergenceError):
        conjugate_gradients(matrix, precision, near, right, steps=3)


def test_iteration_refuses_what_is_not_positive_definite():
    matrix = graph_matrix(2, 40, 200)
    with pytest.raises(np.linalg.LinAlgError):
        divided_by(np.diag(matrix) - 100.0)
    with pytest.raises(np.linalg.LinAlgError):
        conjugate_gradients(matrix, np.full(40, -2.0), lambda x: x, np.ones(40))
    with pytest.raises(np.linalg.LinAlgError):
        log_determinant(matrix, np.full(40, -2.0), np.diag(matrix) + 100.0)


@pytest.mark.parametrize(("edges", "off"), [(3_000, 0.15), (12_000, 0.06)])
def test_diagonal_of_the_inverse_and_determinant_are_estimated(edges, off):
    matrix, precision = graph_matrix(3, 400, edges), np.full(400, 1.3)
    whole = matrix + np.diag(precision)
    estimate = inverse_diagonal(matrix, precision, np.diag(whole))
    exact = np.diag(np.linalg.inv(whole))
    assert np.abs(np.log(estimate / exact)).max() < off
    assert abs(np.log(estimate / exact).mean()) < 0.02
    assert log_determinant(matrix, precision, np.diag(whole)) == pytest.approx(np.linalg.slogdet(whole)[1], abs=3.0)
    # What matters is how the determinant changes with the prior.
    change = log_determinant(matrix, 2 * precision, np.diag(whole) + precision) - log_determinant(
        matrix, precision, np.diag(whole)
    )
    expected = np.linalg.slogdet(whole + np.diag(precision))[1] - np.linalg.slogdet(whole)[1]
    assert change == pytest.approx(expected, abs=0.3)


def test_names_of_projects_do_not_choose_the_signs():
    matrix, precision = graph_matrix(5, 60, 300), np.full(60, 0.5)
    order = np.random.default_rng(5).permutation(60)
    plain = inverse_diagonal(matrix, precision, np.diag(matrix) + 0.5)
    moved = inverse_diagonal(matrix[np.ix_(order, order)], precision, np.diag(matrix)[order] + 0.5)
    assert np.allclose(moved, plain[order], rtol=1e-9)


# --- likelihood in closed form ----------------------------------------------------------------------------------------


def test_closed_forms_are_those_of_the_distribution():
    from scipy.special import stdtr

    u = np.concatenate([np.linspace(-60, 60, 4001), [-1e5, 1e5]])
    assert np.allclose(below(u), stdtr(4.0, u), rtol=1e-12, atol=0)
    residual, scale = np.linspace(-9, 9, 181), np.linspace(0.2, 3, 181)
    assert np.allclose(student_curvature(residual, scale), student_slopes(residual, scale).curvature, rtol=1e-13)


@pytest.mark.parametrize("block", [4_000_000, 1])
@pytest.mark.parametrize("seed", range(3))
def test_jurors_are_as_well_known_as_the_whole_inverse_says(seed, block, monkeypatch):
    for module in (_rows, _eliminate):
        monkeypatch.setattr(module, "BLOCK", block)
    evidence, seen, gradient, weight, ranked = at_random(60 + seed)
    equations = normal_equations(evidence, seen, gradient, weight, ranked)
    n, own, precision = evidence.size, np.array([9.0, 4.0]), np.full(evidence.size + 1, 0.7)
    found = Eliminated(equations, evidence.layout, evidence.share, own, n + 1)
    inverse = np.linalg.inv(whole_system(evidence, equations, own, precision))
    exact = np.diag(inverse)[n + 1 : -1].reshape(2, -1).T
    assert np.allclose(found.jurors_given(found.covariance(precision)), exact, rtol=1e-8)
    # Shared unknowns known exactly leave what is left of a juror's own block under the constraint.
    sure = found.jurors_given(np.zeros(n + 1))
    assert np.all(sure <= found.juror_variance + 1e-12)
    assert np.all(sure <= exact + 1e-12)
