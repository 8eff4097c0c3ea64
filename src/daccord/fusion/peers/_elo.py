"""Rule `elo`: chess ratings, averaged over orders of the games.

Every project starts with the same rating. Comparisons are games, one after the other; with e the expected score,

    e = 1 / (1 + 10^((R_b − R_a) / 400)),   R_a ← R_a + K·(s − e),   R_b ← R_b − K·(s − e),

s = 1, ½ or 0 for a win, a tie or a loss of a. The result depends on the order of the games. daccord decides nothing by
the order of a file, so the ratings are averaged over seeded random orders of the games, and how far a rating moves from
one order to another is among the parameters. Values are log-odds: θ = R·ln(10)/400.

With K = 16, no scale of 400 (e is the logistic function of the plain difference) and the file's own order, weights that
are the softmax of the standardised ratings are the ones published as `elo` for the Deep Funding trial, to 4e-13.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import FusionRule, register
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._win_matrix import baseline_beliefs, games_of, score_of

__all__ = ["ELO", "SCALE", "STEP", "elo_ratings", "game_orders"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEP: Final = 32.0
"""K: rating points that a win of a player who could not win is worth."""

SCALE: Final = 400.0
"""Rating points that make a win ten times as likely as a loss."""

ORDERS: Final = 200
"""Orders of the games to average over; fewer where there are more than 10,000 games."""

_STEPS: Final = 2_000_000
_FEWEST: Final = 8
_KEY: Final = 1960
"""Seed of the orders: the year in which the United States Chess Federation adopted the system."""


def game_orders(games: int) -> IntArray:
    """Random orders of the games, the same for ever.

    Args:
        games: Number of games, at least 1.

    Returns:
        Each row holds the positions 0 … games − 1 once, shape (n_orders, games).
    """
    count = int(np.clip(_STEPS // games, _FEWEST, ORDERS))
    bits = np.random.Philox(key=_KEY).random_raw(count * games).reshape(count, games)
    return np.argsort(bits, axis=1, kind="stable")


def elo_ratings(
    size: int,
    a: IntArray,
    b: IntArray,
    score: FloatArray,
    orders: IntArray,
    *,
    k: float = STEP,
    scale: float = SCALE,
) -> FloatArray:
    """Ratings after all games, relative to where everybody starts; all orders are played at once.

    Args:
        size: Number of players.
        a: Position of the first player of each game, shape (n_games,).
        b: Position of the second, shape (n_games,).
        score: Of the first player, in [0, 1], shape (n_games,).
        orders: In which order the games are played, shape (n_orders, n_games).
        k: Step, rating points.
        scale: Rating points for odds of ten to one.

    Returns:
        Rating points, shape (n_orders, size).

    Source: A. E. Elo, The Rating of Chessplayers, Past and Present (1978).
    """
    ratings = np.zeros((len(orders), size))
    row = np.arange(len(orders))
    for game in orders.T:
        one, other = a[game], b[game]
        expected = expit((ratings[row, one] - ratings[row, other]) * (np.log(10.0) / scale))
        step = k * (score[game] - expected)
        ratings[row, one] += step
        ratings[row, other] -= step
    return ratings


def _fit(task: FusionTask) -> CriterionBeliefs:
    games = games_of(task, "elo")
    orders = game_orders(len(games))
    ratings = elo_ratings(len(task.projects), games.a, games.b, score_of(games), orders)
    values = ratings * (np.log(10.0) / SCALE)
    return baseline_beliefs(
        task,
        "elo",
        games,
        values.mean(axis=0),
        parameters={"k": STEP, "scale": SCALE, "order_sd": float(np.sqrt(values.var(axis=0).mean()))},
        diagnostics={"orders": float(len(orders))},
    )


ELO = register(
    FusionRule(
        name="elo",
        title="Elo ratings (baseline)",
        model=(
            "Comparisons are games that move two projects' ratings by a step times how surprising the outcome was. "
            "Ratings are averaged over seeded orders of the games and read as log-odds. How many times more a project "
            "is worth is not read, only which is worth more."
        ),
        assumptions=(
            "answers come one after the other and later ones count for more; here no order is meant, so it is averaged",
            "the difference of two ratings is the log-odds of a win",
            "all answers are equally exact and independent of each other, also those of one juror",
        ),
        failure_modes=(
            "it stops where the games stop, not at an optimum: with few answers a project, values are shrunk",
            (
                "a large step makes the result a matter of the last few games: `order_sd` says how far a value moves "
                "from one order to another"
            ),
            "orders are dealt by the place of an answer among all answers, so renaming projects moves values a little",
            "ratios, ratings, rankings and models are set aside; intervals are nominal",
        ),
        source=(
            "A. E. Elo, The Rating of Chessplayers, Past and Present (1978); the weights published as `elo` for the "
            "2025 Deep Funding trial are reproduced with their own step and order"
        ),
        fit=_fit,
        reads=("ratios", "orders", "ties"),
        sure="",
    )
)
"""Chess ratings as a named rule."""
