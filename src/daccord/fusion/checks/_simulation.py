"""Simulated juries: answers told from known values, each in the way one of the rules takes for granted.

The values are θ_i ~ N(0, 1), natural log. Juror j answers questions drawn at random, as many as everybody else (one
more or less). With δ = θ_a − θ_b, what he or she tells is, by model:

    normal     ln r = δ + N(0, σ²)                                       least squares' own
    gross      the same, and one answer in ten with five times the σ     Huber's own
    student    ln r = s_j δ + ν_j σ t₄, s_j and ν_j log-normal           hierarchical fusion's own, ratios alone
    orders     P(a wins) = 1/(1 + e^−δ)                                  Bradley and Terry's own
    ratings    5 + 1.2 (θ_i + Laplace), within 0 to 10                   medians' own
    opinions   ln r = δ + u_ja − u_jb + N(0, σ²/4), u Laplace            qr-median's own: all have values of their own
    tastes     ln r = δ + f_j (g_a − g_b) + N(0, σ²), f_j = ±1           bridging's own: two camps with opposite tastes
    mixed      two in five comparisons told by their order only, and two ratings for three comparisons, as `student`

Everything here is invented. Nothing simulated may be shown to people without saying so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.round import Criterion, RatingScale

__all__ = ["TOLD", "SimulatedJury", "simulate_jury"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TOLD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "normal": "ratios with normal errors",
        "gross": "ratios with normal errors, one in ten of them gross",
        "student": "ratios with heavy-tailed errors, jurors who stretch and err differently",
        "orders": "orders by the logistic model",
        "ratings": "ratings with double exponential errors",
        "opinions": "ratios by people who each have values of their own",
        "tastes": "ratios by two camps with opposite tastes",
        "mixed": "ratios, orders, ties and ratings, jurors who stretch and err differently",
    }
)
"""Model → what is told, for people."""

NOISE: Final = 0.6
"""σ of a ratio, natural log: an answer is good to a factor of 1.8."""
_STRETCH_SD, _NOISE_SD, _OFFSET_SD = 0.25, 0.35, 0.35
_GROSS_SHARE, _GROSS_FACTOR = 0.1, 5.0
_RATING_NOISE, _OPINION = 0.6, 0.5
_MIDDLE, _UNIT = 5.0, 1.2
_TIED = 0.1


@dataclass(frozen=True, eq=False)
class SimulatedJury:
    """A simulated criterion.

    Attributes:
        values: Log-values the answers were told from, less their mean, natural log, shape (n_projects,).
        task: The answers, as a fusion rule gets to see them.
        told: Key of `TOLD`.
    """

    values: FloatArray
    task: FusionTask
    told: str


def _pairs(rng: np.random.Generator, projects: int, answers: int) -> tuple[IntArray, IntArray]:
    a = rng.integers(0, projects, answers)
    return a, (a + rng.integers(1, projects, answers)) % projects


def _comparisons(judge: IntArray, a: IntArray, b: IntArray, log_ratio: FloatArray, tied: float = 0.0) -> Comparisons:
    outcome = np.where(np.abs(log_ratio) < tied, 0, np.sign(log_ratio)).astype(np.int64)
    return Comparisons(judge, a, b, outcome, np.where(outcome == 0, 0.0, log_ratio))


def _orders(table: Comparisons, which: npt.NDArray[np.bool_]) -> Comparisons:
    """The same answers, some of them without how many times."""
    ratio = np.where(which, np.nan, table.log_ratio)
    return Comparisons(table.judge, table.a, table.b, table.outcome, ratio)


def _ratings(judge: IntArray, project: IntArray, seen: FloatArray) -> Ratings:
    none = np.full(len(judge), np.nan)
    return Ratings(judge, project, np.clip(_MIDDLE + _UNIT * seen, 0.0, 10.0), none, none)


def simulate_jury(
    seed: int, told: str, *, projects: int = 30, jurors: int = 20, answers: int = 200, spread: float = 1.0
) -> SimulatedJury:
    """A jury whose answers are told from known values.

    Args:
        seed: Of everything random.
        told: Key of `TOLD`.
        projects: Number of projects, at least 2.
        jurors: Number of jurors, at least 1, in two communities.
        answers: Number of comparisons, or of ratings under `ratings`; `mixed` has two thirds as many ratings beside.
        spread: Standard deviation of the values, natural log.

    Raises:
        ValueError: There is no such model.
    """
    if told not in TOLD:
        raise ValueError(f"no model is called {told!r}: choose one of {', '.join(TOLD)}")
    rng = np.random.default_rng([seed, 18])
    values = rng.normal(0.0, spread, projects)
    stretch = np.exp(rng.normal(0.0, _STRETCH_SD, jurors))
    noise = np.exp(rng.normal(0.0, _NOISE_SD, jurors))
    judge = np.arange(answers) % jurors
    a, b = _pairs(rng, projects, answers)
    difference = values[a] - values[b]
    comparisons, ratings = Comparisons.empty(), Ratings.empty()
    if told == "normal":
        comparisons = _comparisons(judge, a, b, difference + rng.normal(0.0, NOISE, answers))
    elif told == "gross":
        sigma = NOISE * np.where(rng.random(answers) < _GROSS_SHARE, _GROSS_FACTOR, 1.0)
        comparisons = _comparisons(judge, a, b, difference + sigma * rng.normal(0.0, 1.0, answers))
    elif told == "orders":
        wins = np.where(rng.random(answers) < 1.0 / (1.0 + np.exp(-difference)), 1, -1)
        comparisons = Comparisons(judge, a, b, wins, np.full(answers, np.nan))
    elif told == "ratings":
        ratings = _ratings(judge, a, values[a] + rng.laplace(0.0, _RATING_NOISE, answers))
    elif told == "opinions":
        own = rng.laplace(0.0, _OPINION, (jurors, projects))
        said = difference + own[judge, a] - own[judge, b] + rng.normal(0.0, NOISE / 2, answers)
        comparisons = _comparisons(judge, a, b, said)
    elif told == "tastes":
        taste = rng.normal(0.0, 1.0, projects)
        camp = np.where(np.arange(jurors) % 2 == 0, 1.0, -1.0)[judge]
        said = difference + camp * (taste[a] - taste[b]) + rng.normal(0.0, NOISE, answers)
        comparisons = _comparisons(judge, a, b, said)
    else:
        error = noise[judge] * NOISE * rng.standard_t(4, answers)
        comparisons = _comparisons(judge, a, b, stretch[judge] * difference + error, _TIED)
        if told == "mixed":
            comparisons = _orders(comparisons, rng.random(answers) < 0.4)
            rater, project = np.arange(2 * answers // 3) % jurors, rng.integers(0, projects, 2 * answers // 3)
            offset = rng.normal(0.0, _OFFSET_SD, jurors)
            error = noise[rater] * NOISE * rng.standard_t(4, len(rater))
            ratings = _ratings(rater, project, stretch[rater] * values[project] + offset[rater] + error)
    panel = Panel(tuple(Judge(f"j{i:04d}", "person", community="ab"[i % 2]) for i in range(jurors)))
    task = FusionTask(
        criterion=Criterion("benefit", "simulated", RatingScale(0.0, 10.0)),
        projects=tuple(f"p{i:04d}" for i in range(projects)),
        panel=panel,
        judgments=Judgments(comparisons, ratings),
    )
    return SimulatedJury(values - values.mean(), task, told)
