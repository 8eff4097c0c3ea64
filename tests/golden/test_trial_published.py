"""Published figures of the Deep Funding trial 2025, recomputed through the registered rules.

Expected values: README and `published/all_methods.csv` of davidgasquez/deepfunding-trial-data-analysis. Two are not
published anywhere and were found by this project: Huber's delta, and Final Seer's figures without its typo.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from daccord.fusion._metrics import accuracy, brier, coverage, log_loss, log_ratio_loss, pair_probability, soft_target
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._huber import HUBER
from daccord.fusion.peers._least_squares import LEAST_SQUARES
from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.round import Criterion

PREFIX = "https://github.com/"
EIPS = PREFIX + "ethereum/eips"
NUMBER = re.compile(r"\d+(\.\d+)?(e-?\d+)?")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def strict_number(text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise ValueError(f"not a number: {text!r}")
    return float(text)


@dataclass(frozen=True)
class Trial:
    projects: tuple[str, ...]
    jurors: tuple[str, ...]
    comparisons: Comparisons
    chosen: np.ndarray
    published: dict[str, np.ndarray]
    lists: Path

    def task(self, without: str | None = None) -> FusionTask:
        table = self.comparisons
        if without is not None:
            table = table.take(table.judge != self.jurors.index(without))
        panel = Panel(tuple(Judge(juror, "person") for juror in self.jurors))
        judgments = Judgments(table, Ratings.empty())
        return FusionTask(
            Criterion("benefit", "Which is more valuable, and how many times?"), self.projects, panel, judgments
        )

    def weights(self, rule, without: str | None = None) -> np.ndarray:
        return softmax(rule.fit(self.task(without)).mean)

    def list_texts(self, name: str) -> dict[str, str]:
        return {row["repo"]: row["weight"] for row in rows_of(self.lists / f"{name}.csv")}

    def ordered(self, by_project: dict[str, float]) -> np.ndarray:
        assert by_project.keys() == set(self.projects)
        return np.array([by_project[project] for project in self.projects])

    def losses(self, prediction: np.ndarray, difference: np.ndarray, clip: float = 0.0) -> tuple[float, float, float]:
        target = soft_target(self.comparisons.log_ratio)
        return brier(target, prediction), log_loss(target, prediction, clip=clip), accuracy(difference, self.chosen)

    def residual_variance(self, mean: np.ndarray, without: str) -> float:
        """Plain variance of an answer around the fit, from the other jurors' answers."""
        rest = self.comparisons.take(self.comparisons.judge != self.jurors.index(without))
        residuals = rest.log_ratio - (mean[rest.a] - mean[rest.b])
        return float(residuals @ residuals) / (len(rest) - len(self.projects) + 1)

    def losses_of(self, weights: np.ndarray) -> tuple[float, float, float]:
        a, b = self.comparisons.a, self.comparisons.b
        return self.losses(pair_probability(weights, a, b), weights[a] - weights[b])


@pytest.fixture(scope="module")
def data(trial: Path) -> Trial:
    published: dict[str, dict[str, float]] = {}
    for row in rows_of(trial / "published" / "all_methods.csv"):
        published.setdefault(row["method"], {})[row["repo"]] = strict_number(row["weight"])
    projects = tuple(sorted(published["least-squares"]))
    answers = rows_of(trial / "human" / "pairs_593.csv")
    jurors = tuple(sorted({row["juror"] for row in answers}))
    chosen = np.array([{"1": 1, "2": -1}[row["choice"]] for row in answers])
    multiplier = np.array([strict_number(row["multiplier"]) for row in answers])
    comparisons = Comparisons(
        judge=np.array([jurors.index(row["juror"]) for row in answers]),
        a=np.array([projects.index(row["repo_a"]) for row in answers]),
        b=np.array([projects.index(row["repo_b"]) for row in answers]),
        outcome=np.where(multiplier > 1, chosen, 0),  # "one time as valuable" is a tie, whichever side was ticked
        log_ratio=chosen * np.log(multiplier),
    )
    vectors = {method: np.array([weights[project] for project in projects]) for method, weights in published.items()}
    return Trial(projects, jurors, comparisons, chosen, vectors, trial / "ai")


def test_size_of_the_trial(data):
    pairs = {frozenset(pair) for pair in zip(data.comparisons.a.tolist(), data.comparisons.b.tolist(), strict=True)}
    assert (len(data.comparisons), len(data.jurors), len(data.projects), len(pairs)) == (593, 37, 45, 390)


def test_least_squares_weights_are_the_published_ones(data):
    assert np.abs(data.weights(LEAST_SQUARES) - data.published["least-squares"]).max() < 1e-9


def test_headline_figures_of_least_squares(data):
    weights = data.weights(LEAST_SQUARES)
    largest = np.sort(weights)[::-1]
    named = {
        PREFIX + "ethereum/eips": 0.216,
        PREFIX + "ethereum/go-ethereum": 0.128,
        PREFIX + "argotorg/solidity": 0.097,
    }
    for project, expected in named.items():
        assert weights[data.projects.index(project)] == pytest.approx(expected, abs=5e-4)
    assert largest[:5].sum() == pytest.approx(0.535, abs=5e-4)
    assert largest[:10].sum() == pytest.approx(0.713, abs=5e-4)
    assert np.median(weights) == pytest.approx(0.0093, abs=5e-5)


def test_huber_weights_are_the_published_ones_to_seven_digits(data):
    beliefs = HUBER.fit(data.task())
    weights = softmax(beliefs.mean)
    # Measured 5.4e-8; the published fit stops at a gradient of about 5e-6, which is what remains.
    assert np.abs(weights - data.published["huber-log"]).max() < 1e-7
    assert beliefs.parameters["delta"] == pytest.approx(3.20938, abs=5e-6)
    assert beliefs.parameters["share_clipped"] == pytest.approx(79 / 593)
    drift = np.abs(weights - data.published["least-squares"]).sum() / 2
    assert drift == pytest.approx(0.035, abs=5e-4)


def test_the_most_influential_juror(data):
    full = data.weights(LEAST_SQUARES)
    shifts = {juror: data.weights(LEAST_SQUARES, without=juror) - full for juror in data.jurors}
    strongest = shifts["L1Juror38"]
    assert strongest[data.projects.index(EIPS)] == pytest.approx(0.141, abs=5e-4)
    assert np.abs(strongest).sum() == pytest.approx(0.364, abs=5e-4)
    assert max(shifts, key=lambda juror: np.abs(shifts[juror]).max()) == "L1Juror38"
    assert max(shifts, key=lambda juror: np.abs(shifts[juror]).sum()) == "L1Juror38"


def test_huber_bounds_an_answer_but_not_a_juror(data):
    full = data.weights(HUBER)
    shifts = [np.abs(data.weights(HUBER, without=juror) - full).max() for juror in data.jurors]
    # The figure in the rule's failure modes.
    assert max(shifts) == pytest.approx(0.109, abs=5e-4)


@pytest.mark.parametrize(
    ("rule", "expected"), [(LEAST_SQUARES, (0.0755, 0.5918, 0.759)), (HUBER, (0.0748, 0.5893, 0.767))]
)
def test_published_losses_of_the_rules(data, rule, expected):
    found = data.losses_of(data.weights(rule))
    assert found[:2] == pytest.approx(expected[:2], abs=5e-5)
    assert found[2] == pytest.approx(expected[2], abs=5e-4)


@pytest.mark.parametrize(
    ("name", "expected"), [("composite_model", (0.0769, 0.5881, 0.769)), ("arbitron", (0.0881, 0.6250, 0.747))]
)
def test_published_losses_of_model_lists(data, name, expected):
    weights = data.ordered({repo: strict_number(text) for repo, text in data.list_texts(name).items()})
    found = data.losses_of(weights)
    # 0.624951… is published as 0.6250: rounded, as all of them.
    assert found[:2] == pytest.approx(expected[:2], abs=5e-5)
    assert found[2] == pytest.approx(expected[2], abs=5e-4)


def test_final_seer_is_refused_as_published_and_better_than_published_once_mended(data):
    texts = data.list_texts("final_seer_weights")
    with pytest.raises(ValueError, match=r"0285\d+C"):
        data.ordered({repo: strict_number(text) for repo, text in texts.items()})

    broken = [repo for repo, text in texts.items() if text.endswith("C")]
    assert len(broken) == 1
    mended = data.ordered({repo: strict_number(text.removesuffix("C")) for repo, text in texts.items()})
    found = data.losses_of(mended)
    assert found[:2] == pytest.approx((0.0865, 0.6152), abs=5e-5)
    assert found[2] == pytest.approx(0.749, abs=5e-4)

    # What the published table did: read the typo as zero. pair_probability refuses it, so divide by hand.
    zero = data.ordered({repo: 0.0 if repo in broken else strict_number(text) for repo, text in texts.items()})
    a, b = data.comparisons.a, data.comparisons.b
    with pytest.raises(ValueError, match="above zero"):
        pair_probability(zero, a, b)
    coerced = data.losses(zero[a] / (zero[a] + zero[b]), zero[a] - zero[b], clip=1e-12)
    assert coerced[:2] == pytest.approx((0.1109, 1.5480), abs=5e-5)
    assert coerced[2] == pytest.approx(0.727, abs=5e-4)
    assert data.losses(zero[a] / (zero[a] + zero[b]), zero[a] - zero[b])[1] == np.inf


def test_private_leaderboard_score_of_a_submission(data, trial):
    def key(row: dict[str, str]) -> tuple[str, ...]:
        return row["timestamp"], row["juror"], row["repo_a"], row["repo_b"]

    answers = {key(row): row for row in rows_of(trial / "human" / "train_627_with_reasoning.csv")}
    held_out = [answers[key(row)] for row in rows_of(trial / "human" / "private_leaderboard_keys.csv")]
    assert len(held_out) == 219
    weights = {repo: strict_number(text) for repo, text in data.list_texts("aswin_submission_phase5").items()}
    log_ratio = np.array(
        [{"1": 1, "2": -1}[row["choice"]] * np.log(strict_number(row["multiplier"])) for row in held_out]
    )
    difference = np.array([np.log(weights[row["repo_a"]] / weights[row["repo_b"]]) for row in held_out])
    assert log_ratio_loss(log_ratio, difference) == pytest.approx(6.7476, abs=5e-5)


@pytest.mark.parametrize("rule", [LEAST_SQUARES, HUBER])
def test_predictive_intervals_hold_on_jurors_left_out(data, rule):
    low, high, observed = [], [], []
    for juror in data.jurors:
        beliefs = rule.fit(data.task(without=juror))
        mine = data.comparisons.take(data.comparisons.judge == data.jurors.index(juror))
        mean, covariance = beliefs.mean, beliefs.covariance
        variance = covariance[mine.a, mine.a] + covariance[mine.b, mine.b] - 2 * covariance[mine.a, mine.b]
        residual_sd = np.sqrt(variance + data.residual_variance(mean, juror))
        centre = mean[mine.a] - mean[mine.b]
        low.extend(centre - 1.2815515655446004 * residual_sd)
        high.extend(centre + 1.2815515655446004 * residual_sd)
        observed.extend(mine.log_ratio)
    # METHODS asks for at least 75 % of nominal 80 % intervals; measured 79.4 % and 79.3 %.
    assert 0.77 < coverage(np.array(low), np.array(high), np.array(observed)) < 0.82
