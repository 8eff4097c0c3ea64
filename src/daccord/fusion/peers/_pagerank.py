"""Rule `pagerank`: where a walk ends up that goes from the less to the more valuable project.

With f_ij the votes that i passes to j (for every answer "j is r times i" the number r, for an order alone 1, for a tie
½ in both directions) a walker at i goes to j with probability f_ij / Σ_k f_ik, and from a project that passes no votes
anywhere at random. With probability 1 − d the walker goes anywhere at random instead. The share of time spent at i is

    x_i = (1 − d)/n + d·Σ_j x_j f_ji / Σ_k f_jk,   d = 0.85,

and θ = ln x, because peers read x as a share of the pot. With the trial's answers that is what was published for it as
`pagerank`, to 2e-11.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import ConvergenceError
from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._win_matrix import WinMatrix, baseline_beliefs, games_of

__all__ = ["DAMPING", "PAGERANK", "page_rank"]

FloatArray = npt.NDArray[np.float64]

DAMPING: Final = 0.85
"""Probability d of following a vote."""

TOLERANCE: Final = 1e-14
"""Largest change of all shares together at which the walk counts as settled."""


def page_rank(
    matrix: WinMatrix, damping: float = DAMPING, *, max_iterations: int = 10_000
) -> tuple[FloatArray, float, int]:
    """Shares of time, by power iteration.

    Args:
        matrix: Votes: element (i, j) is what j passes to i.
        damping: d, in [0, 1).
        max_iterations: Steps before giving up; each makes the error d times smaller.

    Returns:
        Shares, above zero, summing to 1, shape (size,); the last change; and the number of steps.

    Raises:
        ValueError: d is not in [0, 1).
        ConvergenceError: The shares did not settle.

    Source: S. Brin and L. Page, Computer Networks 30 (1998) 107–117.
    """
    if not 0.0 <= damping < 1.0:
        raise ValueError(f"damping must be in [0, 1), not {damping!r}")
    votes = matrix.wins.copy()
    # Votes may be as large as a stated ratio, so each project's are counted relative to its largest.
    top = votes.max(axis=0).toarray()
    votes.data /= top[votes.indices]
    given = np.asarray(votes.sum(axis=0))
    silent = given == 0
    votes.data /= given[votes.indices]
    shares = np.full(matrix.size, 1.0 / matrix.size)
    change = np.inf
    for step in range(1, max_iterations + 1):
        anywhere = (1.0 - damping) + damping * float(shares[silent].sum())
        following = damping * (votes @ shares) + anywhere / matrix.size
        following /= following.sum()
        change = float(np.abs(following - shares).sum())
        shares = following
        if change <= TOLERANCE:
            return shares, change, step
    raise ConvergenceError("PageRank", max_iterations, change)


def _fit(task: FusionTask) -> CriterionBeliefs:
    games = games_of(task, "pagerank")
    times = np.abs(np.nan_to_num(games.log_ratio))
    # Only a project's votes relative to each other count, so the largest ratio may be the unit: no sum overflows.
    shares, change, steps = page_rank(WinMatrix.of(games, len(task.projects), np.exp(times - times.max())))
    return baseline_beliefs(
        task,
        "pagerank",
        games,
        np.log(shares),
        parameters={"damping": DAMPING},
        diagnostics={"optimality": change, "iterations": float(steps)},
    )


PAGERANK = register(
    FusionRule(
        name="pagerank",
        title="PageRank (baseline)",
        model=(
            "Every answer passes votes from the less to the more valuable project, as many as it says times. Values "
            "are the shares of time that a walk along the votes spends at each project, with random restarts."
        ),
        assumptions=(
            "being put above a valuable project is worth more than being put above another",
            "all answers are equally exact and independent of each other, also those of one juror",
        ),
        failure_modes=(
            (
                "it rewards being asked about: a project that is compared more often collects more votes, "
                "whatever its value"
            ),
            (
                "losing costs nothing but the votes passed on: a project that won once from the top and lost all other "
                "games stands high"
            ),
            "one extreme ratio outweighs all other answers about the loser: there is no bound",
            "ratings, rankings and models are set aside; intervals are nominal; shares are bounded below by 0.15/n",
        ),
        source=(
            "S. Brin and L. Page, Computer Networks 30 (1998) 107–117; the weights published as `pagerank` for the "
            "2025 Deep Funding trial are reproduced"
        ),
        fit=_fit,
        reads=("ratios", "orders", "ties"),
        sure="",
    )
)
"""PageRank as a named rule."""
