"""Weights published for the Deep Funding trial 2025 as `elo` and `pagerank`, recomputed.

Expected values: `published/all_methods.csv` of davidgasquez/deepfunding-trial-data-analysis. The code that made the
file was not read: the step, the scale, the order, the votes and the damping below were found by this project by
matching the 45 weights of each method, which leaves no doubt about them. `bradley-terry` and its variants are matched
in `benchmarks/held_out.py`, which fits them anew.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from daccord.fusion.peers._elo import elo_ratings
from daccord.fusion.peers._pagerank import page_rank
from daccord.fusion.peers._win_matrix import WinMatrix
from daccord.judging import Comparisons


@dataclass(frozen=True)
class Trial:
    """The trial's answers in the file's order, with the side that was ticked, also where both are worth the same."""

    size: int
    games: Comparisons
    times: np.ndarray
    published: dict[str, np.ndarray]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


@pytest.fixture(scope="module")
def data(trial: Path) -> Trial:
    weights: dict[str, dict[str, float]] = {}
    for row in rows_of(trial / "published" / "all_methods.csv"):
        weights.setdefault(row["method"], {})[row["repo"]] = float(row["weight"])
    projects = sorted(weights["elo"])
    answers = rows_of(trial / "human" / "pairs_593.csv")
    ticked = np.array([{"1": 1, "2": -1}[row["choice"]] for row in answers])
    times = np.array([float(row["multiplier"]) for row in answers])
    a, b = (np.array([projects.index(row[side]) for row in answers]) for side in ("repo_a", "repo_b"))
    games = Comparisons(np.zeros(len(a), int), a, b, ticked, ticked * np.log(times))
    published = {method: np.array([given[project] for project in projects]) for method, given in weights.items()}
    return Trial(len(projects), games, times, published)


def test_published_elo_is_the_order_of_the_file_at_a_step_of_sixteen_log_odds(data: Trial) -> None:
    games = data.games
    order = np.arange(len(games))[None, :]
    # A scale of ln 10 makes the expected score the logistic function of the plain difference.
    ratings = elo_ratings(data.size, games.a, games.b, (games.outcome + 1) / 2, order, k=16.0, scale=np.log(10.0))[0]
    standard = (ratings - ratings.mean()) / ratings.std()
    assert np.abs(softmax(standard) - data.published["elo"]).max() < 1e-11  # measured 4e-13
    # The same answers backwards: what was published is mostly the order of the file.
    backwards = elo_ratings(
        data.size, games.a, games.b, (games.outcome + 1) / 2, order[:, ::-1], k=16.0, scale=np.log(10.0)
    )[0]
    assert np.corrcoef(ratings, backwards)[0, 1] < 0.7


def test_published_pagerank_passes_as_many_votes_as_people_said_times(data: Trial) -> None:
    shares, _, _ = page_rank(WinMatrix.of(data.games, data.size, data.times))
    assert np.abs(shares - data.published["pagerank"]).max() < 1e-10  # measured 1.4e-11
    counted, _, _ = page_rank(WinMatrix.of(data.games, data.size))
    assert np.abs(counted - data.published["pagerank"]).max() > 0.05
