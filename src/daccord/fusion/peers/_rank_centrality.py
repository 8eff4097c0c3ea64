"""Rule `rank-centrality`: a walk whose resting place is the Bradley–Terry model.

From project i a walker moves to each project j that i was compared with, at the rate

    a_ij = (w_ji + α) / (w_ij + w_ji + 2α),   w_ji how often j was put above i, a tie counting ½ for both, α = ½,

which is about the probability that j beats i. If that probability is π_j/(π_i + π_j), the share of time that the walker
spends at i is exactly π_i (detailed balance), so θ = ln π are Bradley–Terry values. α keeps a project that lost or won
every game at a finite distance, and the walk of a connected group in one piece.

Between groups of projects that no comparison links the walk says nothing: each group is solved by itself and its
projects share the time equally on average, so a project nobody compared is a typical one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from daccord.errors import ConvergenceError
from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._win_matrix import WinMatrix, baseline_beliefs, games_of

__all__ = ["ALPHA", "RANK_CENTRALITY", "rank_centrality", "rates"]

FloatArray = npt.NDArray[np.float64]

ALPHA: Final = 0.5
"""α: games added to each side of every compared pair."""

DENSE: Final = 2_000
"""Projects in a group up to which the walk is solved as a system of equations."""

TOLERANCE: Final = 1e-12
"""Largest flow imbalance, over the flow through a project, at which an iterated walk counts as settled."""


def rates(matrix: WinMatrix, alpha: float = ALPHA) -> csr_array:
    """Rates a_ij of moving from i to j, sparse, shape (size, size), zero where i and j were not compared.

    Args:
        matrix: Wins.
        alpha: α, above 0.
    """
    wins = matrix.wins
    games = csr_array(wins + wins.T)
    ones = csr_array((np.ones_like(games.data), games.indices, games.indptr), shape=games.shape)
    above = csr_array(wins.T + alpha * ones)
    above.sort_indices()
    games.sort_indices()
    return csr_array((above.data / (games.data + 2 * alpha), games.indices, games.indptr), shape=games.shape)


def _solved(rate: FloatArray) -> FloatArray:
    """Resting place of one group's walk: balance of flows, with the last equation replaced by the sum."""
    system = rate.T - np.diag(rate.sum(axis=1))
    system[-1] = 1.0
    right = np.zeros(len(rate))
    right[-1] = 1.0
    return np.asarray(np.linalg.solve(system, right))


def _iterated(rate: csr_array, max_iterations: int = 20_000) -> FloatArray:
    """The same by iteration over the flows through the projects, half a step at a time so that nothing oscillates."""
    leaving = np.asarray(rate.sum(axis=1))
    back = csr_array(rate.T)
    flow = leaving / leaving.sum()
    imbalance = np.inf
    for _ in range(max_iterations):
        arriving = back @ (flow / leaving)
        imbalance = float(np.max(np.abs(arriving - flow) / flow))
        if imbalance <= TOLERANCE:
            return np.asarray(flow / leaving)
        flow = (flow + arriving) / 2
        flow /= flow.sum()
    raise ConvergenceError("rank centrality", max_iterations, imbalance)


def rank_centrality(matrix: WinMatrix, alpha: float = ALPHA, *, dense: int = DENSE) -> FloatArray:
    """Shares of time, above zero, summing to 1, shape (size,).

    Args:
        matrix: Wins.
        alpha: α, above 0.
        dense: Size of a group up to which equations are solved; larger ones are iterated.

    Raises:
        ValueError: α is not above 0.
        ConvergenceError: The iteration did not settle.

    Source: S. Negahban, S. Oh and D. Shah, Operations Research 65 (2017) 266–287, with the moves of a project that was
        compared with few others not slowed down (its resting place is the same).
    """
    if not alpha > 0.0:
        raise ValueError(f"alpha must be above zero, not {alpha!r}")
    rate = rates(matrix, alpha)
    shares = np.full(matrix.size, 1.0 / matrix.size)
    for members in matrix.members:
        own = csr_array(rate[members][:, members])
        rest = _solved(own.toarray()) if len(members) <= dense else _iterated(own)
        shares[members] = rest / rest.sum() * (len(members) / matrix.size)
    return shares


def _imbalance(rate: csr_array, shares: FloatArray) -> float:
    """Largest difference between what arrives at a project and what leaves it, over what leaves it."""
    leaving = shares * np.asarray(rate.sum(axis=1))
    moved = leaving > 0
    return float(np.max(np.abs(rate.T @ shares - leaving)[moved] / leaving[moved]))


def _fit(task: FusionTask) -> CriterionBeliefs:
    games = games_of(task, "rank-centrality")
    matrix = WinMatrix.of(games, len(task.projects))
    shares = rank_centrality(matrix)
    theta = np.log(shares)
    for members in matrix.members:  # typical on the log scale, as everywhere else
        theta[members] -= theta[members].mean()
    theta[np.setdiff1d(np.arange(matrix.size), np.concatenate(matrix.members))] = 0.0
    return baseline_beliefs(
        task,
        "rank-centrality",
        games,
        theta,
        parameters={"alpha": ALPHA},
        diagnostics={"optimality": _imbalance(rates(matrix), shares)},
    )


RANK_CENTRALITY = register(
    FusionRule(
        name="rank-centrality",
        title="Rank centrality (baseline)",
        model=(
            "A walker moves from a project to each one it was compared with, at the rate at which the other was put "
            "above it. Shares of time are Bradley–Terry strengths; values are their logs. How many times more a "
            "project is worth is not read, only which is worth more."
        ),
        assumptions=(
            "the difference of two values is the log-odds of being put above",
            "each compared pair counts the same, however often it was compared",
            "all answers are equally exact and independent of each other, also those of one juror",
        ),
        failure_modes=(
            "a pair compared once weighs as much as one compared a hundred times: noise where questions are unequal",
            "with one answer a pair, values are pulled together: half a game is added to both sides of each pair",
            "projects in groups that no comparison links are only known within their group; a warning says so",
            "ratios, ratings, rankings and models are set aside; intervals are nominal",
        ),
        source="S. Negahban, S. Oh and D. Shah, Operations Research 65 (2017) 266–287",
        fit=_fit,
        reads=("ratios", "orders", "ties"),
        sure="",
    )
)
"""Rank centrality as a named rule."""
