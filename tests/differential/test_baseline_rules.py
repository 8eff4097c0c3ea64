"""The baselines against slow readable references, and against what they are meant to find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.errors import ConvergenceError
from daccord.fusion.peers._elo import elo_ratings, game_orders
from daccord.fusion.peers._pagerank import page_rank
from daccord.fusion.peers._rank_centrality import rank_centrality, rates
from daccord.fusion.peers._win_matrix import WinMatrix, score_of
from daccord.judging import Comparisons


@st.composite
def games(draw) -> tuple[int, Comparisons]:
    """Any games: cycles, ties, several groups, players without any, repeated and contradictory pairs."""
    size = draw(st.integers(2, 9))
    pair = st.tuples(st.integers(0, size - 1), st.integers(1, size - 1), st.integers(-1, 1))
    said = np.array(draw(st.lists(pair, min_size=1, max_size=40)))
    a, outcome = said[:, 0], said[:, 2]
    none = np.zeros(len(said), int)
    return size, Comparisons(none, a, (a + said[:, 1]) % size, outcome, np.full(len(said), np.nan))


def slow_elo(size: int, table: Comparisons, order, k: float, scale: float) -> list[float]:
    ratings = [1500.0] * size
    for game in order:
        a, b = int(table.a[game]), int(table.b[game])
        expected = 1 / (1 + 10 ** ((ratings[b] - ratings[a]) / scale))
        score = {1: 1.0, 0: 0.5, -1: 0.0}[int(table.outcome[game])]
        ratings[a], ratings[b] = ratings[a] + k * (score - expected), ratings[b] - k * (score - expected)
    return ratings


@given(games(), st.sampled_from([4.0, 32.0, 300.0]))
def test_elo_is_a_plain_loop_over_the_games(case, k):
    size, table = case
    orders = game_orders(len(table))[:3]
    found = elo_ratings(size, table.a, table.b, score_of(table), orders, k=k, scale=400.0)
    for row, order in zip(found, orders, strict=True):
        assert row + 1500.0 == pytest.approx(slow_elo(size, table, order, k, 400.0), abs=1e-8)
    assert found.sum(axis=1) == pytest.approx(0.0, abs=1e-8)


def test_every_order_holds_every_game_once_and_is_the_same_for_ever():
    orders = game_orders(50)
    assert orders.shape == (200, 50)
    assert np.array_equal(np.sort(orders, axis=1), np.tile(np.arange(50), (200, 1)))
    assert orders[0, :6].tolist() == game_orders(50)[0, :6].tolist()
    assert len(game_orders(1_000_000)) == 8
    first = orders[:, 0]
    assert np.bincount(first, minlength=50).max() < 15  # no game is always first


def slow_page_rank(matrix: WinMatrix, damping: float) -> np.ndarray:
    """The equations of the walk, solved."""
    votes = matrix.wins.toarray()
    given_ = votes.sum(axis=0)
    moves = np.where(given_ > 0, votes / np.where(given_ > 0, given_, 1.0), 1.0 / matrix.size)
    system = np.eye(matrix.size) - damping * moves
    return np.linalg.solve(system, np.full(matrix.size, (1 - damping) / matrix.size))


@given(games(), st.sampled_from([0.0, 0.5, 0.85, 0.97]), st.integers(0, 10**6))
def test_pagerank_solves_its_equations(case, damping, seed):
    size, table = case
    weight = np.exp(np.random.default_rng(seed).normal(0, 3, len(table)))
    matrix = WinMatrix.of(table, size, weight)
    shares, change, _ = page_rank(matrix, damping)
    assert shares == pytest.approx(slow_page_rank(matrix, damping), abs=1e-11)
    assert shares.sum() == pytest.approx(1.0)
    assert change <= 1e-14


def test_pagerank_says_when_it_does_not_settle_and_refuses_a_walk_without_end():
    chain = np.array([0, 1, 2])
    table = Comparisons(np.zeros(3, int), chain, chain + 1, np.ones(3, int), np.full(3, np.nan))
    matrix = WinMatrix.of(table, 4)
    with pytest.raises(ConvergenceError, match="PageRank"):
        page_rank(matrix, max_iterations=2)
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        page_rank(matrix, 1.0)


def slow_rank_centrality(matrix: WinMatrix, alpha: float) -> np.ndarray:
    """The walk in discrete steps of the paper: moves over the largest number of neighbours, and the eigenvector."""
    wins = matrix.wins.toarray()
    games_ = wins + wins.T
    moves = np.where(games_ > 0, (wins.T + alpha) / (games_ + 2 * alpha), 0.0) / matrix.size
    moves += np.diag(1 - moves.sum(axis=1))
    values, vectors = np.linalg.eig(moves.T)
    vector = np.real(vectors[:, np.argmin(np.abs(values - 1))])
    return vector / vector.sum()


@settings(max_examples=40)
@given(games(), st.sampled_from([0.1, 0.5, 2.0]))
def test_rank_centrality_is_the_eigenvector_of_each_group(case, alpha):
    size, table = case
    matrix = WinMatrix.of(table, size)
    shares = rank_centrality(matrix, alpha)
    assert shares.sum() == pytest.approx(1.0)
    for members in matrix.members:
        own = WinMatrix(matrix.wins[members][:, members])
        expected = slow_rank_centrality(own, alpha) * len(members) / size
        assert shares[members] == pytest.approx(expected, abs=1e-9)
    alone = np.setdiff1d(np.arange(size), np.concatenate(matrix.members))
    assert shares[alone] == pytest.approx(np.full(len(alone), 1 / size))
    assert rank_centrality(matrix, alpha, dense=1) == pytest.approx(shares, rel=1e-9)


def test_rank_centrality_finds_bradley_terry_strengths():
    """With many games between every two players, α no longer matters and detailed balance is exact."""
    theta = np.array([1.2, 0.4, -0.3, -1.3])
    a, b = np.triu_indices(4, 1)
    chance = 1 / (1 + np.exp(theta[b] - theta[a]))
    both = np.concatenate([a, b]), np.concatenate([b, a])
    table = Comparisons(np.zeros(12, int), *both, np.ones(12, int), np.full(12, np.nan))
    matrix = WinMatrix.of(table, 4, 1e9 * np.concatenate([chance, 1 - chance]))
    found = np.log(rank_centrality(matrix))
    assert found - found.mean() == pytest.approx(theta - theta.mean(), abs=1e-8)
    # rates are then the chances themselves
    assert rates(matrix).toarray()[b, a] == pytest.approx(chance, abs=1e-8)


def test_rank_centrality_needs_an_alpha_above_zero():
    table = Comparisons(np.zeros(1, int), np.array([0]), np.array([1]), np.array([1]), np.array([np.nan]))
    with pytest.raises(ValueError, match="alpha"):
        rank_centrality(WinMatrix.of(table, 2), 0.0)
