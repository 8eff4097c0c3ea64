"""`qr-median` on the Deep Funding trial 2025: what one person, and what several hostile ones, can do to it.

The figures are daccord's own, quoted in docs/methods/qr-median.md; those of least squares are published with the trial.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import spearmanr

from daccord.fusion._task import FusionTask
from daccord.fusion.peers._least_squares import LEAST_SQUARES
from daccord.fusion.peers._qr_median import RESILIENCE, fit_qr_median
from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.round import Criterion


@pytest.fixture(scope="module")
def answers(trial: Path) -> FusionTask:
    with (trial / "human" / "pairs_593.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, strict=True))
    projects = sorted({row[side] for row in rows for side in ("repo_a", "repo_b")})
    people = sorted({row["juror"] for row in rows})
    chosen = np.array([{"1": 1, "2": -1}[row["choice"]] for row in rows])
    ratio = np.array([float(row["multiplier"]) for row in rows])
    comparisons = Comparisons(
        np.array([people.index(row["juror"]) for row in rows]),
        np.array([projects.index(row["repo_a"]) for row in rows]),
        np.array([projects.index(row["repo_b"]) for row in rows]),
        np.where(ratio > 1, chosen, 0),
        chosen * np.log(ratio),
    )
    panel = Panel(tuple(Judge(f"j{i:02}", "person") for i in range(len(people))))
    return FusionTask(Criterion("benefit", "?"), tuple(projects), panel, Judgments(comparisons, Ratings.empty()))


def test_no_person_moves_a_weight_by_much(answers):
    full = fit_qr_median(answers).value
    weights, values = [], []
    for juror in range(len(answers.panel)):
        left = fit_qr_median(answers.only(np.arange(len(answers.panel)) != juror)).value
        values.append(np.abs(left - full).max())
        weights.append(np.abs(softmax(left) - softmax(full)).max())
    # Least squares: 0.141, published.
    assert max(weights) == pytest.approx(0.0113, abs=5e-4)
    assert max(values) == pytest.approx(0.237, abs=5e-3)
    assert max(values) < RESILIENCE


def test_a_fifth_of_hostile_people_does_less_harm_than_under_least_squares(answers):
    table = answers.comparisons
    plain = {"qr": fit_qr_median(answers).value, "ls": LEAST_SQUARES.fit(answers).mean}
    kept: dict[str, list[float]] = {"qr": [], "ls": []}
    for seed in range(4):
        hostile = np.isin(table.judge, np.random.default_rng(seed).choice(37, 7, replace=False))
        told = np.where(hostile, -np.sign(table.log_ratio) * np.log(999.0), table.log_ratio)
        turned = Comparisons(table.judge, table.a, table.b, np.sign(told).astype(np.int64), told)
        task = FusionTask(answers.criterion, answers.projects, answers.panel, Judgments(turned, Ratings.empty()))
        kept["qr"].append(spearmanr(fit_qr_median(task).value, plain["qr"]).statistic)
        kept["ls"].append(spearmanr(LEAST_SQUARES.fit(task).mean, plain["ls"]).statistic)
    assert np.mean(kept["qr"]) > 0.7
    assert np.mean(kept["qr"]) > np.mean(kept["ls"]) + 0.1
