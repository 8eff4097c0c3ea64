"""Simulated tasks with every kind of answer, told from the model of `hierarchical`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from daccord.fusion import FusionTask
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Rankings, Ratings, Skips
from daccord.round import Criterion, RatingScale, Threshold

__all__ = ["SCALE", "TYPICAL", "Told", "asked", "simulate"]

NOISE, UNIT, ROOM = 0.5, 1.5, 1.4 / 0.5
"""Noise of comparisons; rating points a natural-log unit; log-odds a natural-log unit in rankings."""


SCALE = RatingScale(0, 10)
TYPICAL = Threshold("relative", 1.0)


@dataclass(frozen=True)
class Told:
    """A task and what it was told from.

    Attributes:
        task: The task.
        values: Log-values less their mean, natural log, shape (n_projects,).
        stretch: ln stretch of each juror, shape (n_jurors,).
        offset: Offset of each juror, rating points, shape (n_jurors,).
        noise: Factor on each juror's noise, shape (n_jurors,).
    """

    task: FusionTask
    values: np.ndarray
    stretch: np.ndarray
    offset: np.ndarray
    noise: np.ndarray


def asked(
    judgments: Judgments,
    projects: int,
    people: int,
    *,
    models: tuple[str, ...] = (),
    scale: RatingScale | None = SCALE,
    threshold: Threshold | None = TYPICAL,
) -> FusionTask:
    """A task of projects `p00`, …, people `j00`, … in two communities, and models."""
    jurors = (Judge(f"j{i:02}", "person", community=("north", "south")[i % 2]) for i in range(people))
    return FusionTask(
        criterion=Criterion("benefit", "Which is worth more (simulated)?", scale, threshold),
        projects=tuple(f"p{i:02}" for i in range(projects)),
        panel=Panel((*jurors, *(Judge(name, "model", family=name) for name in models))),
        judgments=judgments,
    )


def _rankings(rng: np.random.Generator, seen: np.ndarray, each: int, length: int, placed: int) -> Rankings:
    jurors, projects = seen.shape
    judge, places = np.repeat(np.arange(jurors), each), []
    for j in judge:
        shown = rng.choice(projects, length, replace=False)
        places.append(shown[np.argsort(-ROOM * seen[j, shown] - rng.gumbel(size=length))])
    start = length * np.arange(len(judge) + 1)
    return Rankings(judge, start, np.full(len(judge), placed), np.concatenate([*places, []]).astype(np.int64))


def simulate(
    seed: int,
    *,
    projects: int = 16,
    jurors: int = 10,
    ratios: int = 0,
    orders: int = 0,
    ratings: int = 0,
    intervals: float = 0.4,
    rankings: int = 0,
    length: int = 5,
    placed: int | None = None,
    lists: tuple[float, ...] = (),
    spread: float = 0.25,
    offsets: float = 0.4,
    careless: float = 1.0,
) -> Told:
    """A task told from the model.

    Args:
        seed: Of everything random.
        projects: Number of projects.
        jurors: Number of jurors.
        ratios: Comparisons with a ratio.
        orders: Comparisons without, some of them ties.
        ratings: Ratings.
        intervals: Share of ratings with an interval.
        rankings: Rankings each juror gives.
        length: Projects in a ranking.
        placed: How many of them are put in order; all if None.
        lists: Noise of each model's list, natural log.
        spread: Standard deviation of jurors' ln stretch.
        offsets: Standard deviation of jurors' offsets, rating points.
        careless: Factor on the noise of every fourth juror.
    """
    rng = np.random.default_rng([seed, 77])
    values, stretch, offset = rng.normal(0, 1, projects), rng.normal(0, spread, jurors), rng.normal(0, offsets, jurors)
    noise = np.where(np.arange(jurors) % 4 == 0, careless, 1.0)
    seen = np.exp(stretch)[:, None] * values
    count = ratios + orders
    judge, a = np.arange(count) % jurors, rng.integers(0, projects, count)
    b = (a + rng.integers(1, projects, count)) % projects
    told = seen[judge, a] - seen[judge, b] + NOISE * noise[judge] * rng.standard_t(4, count)
    is_ratio = rng.permutation(count) < ratios
    outcome = np.where(np.abs(told) < 0.1, 0, np.sign(told)).astype(np.int64)
    comparisons = Comparisons(judge, a, b, outcome, np.where(is_ratio, np.where(outcome == 0, 0.0, told), np.nan))
    rater, project = np.arange(ratings) % jurors, rng.integers(0, projects, ratings)
    off = NOISE * noise[rater] * rng.standard_t(4, ratings)
    value = np.clip(5 + UNIT * (seen[rater, project] + off) + offset[rater], 0, 10)
    half = np.where(rng.random(ratings) < intervals, rng.uniform(0.5, 1.5, ratings), np.nan)
    names = tuple(f"model-{i}" for i in range(len(lists)))
    ids = [f"p{i:02}" for i in range(projects)]
    weights = [np.exp(0.5 * values + wrong * rng.normal(size=projects)).tolist() for wrong in lists]
    judgments = Judgments(
        comparisons,
        Ratings(rater, project, value, value - half, value + half),
        tuple(ModelList(name, dict(zip(ids, told, strict=True))) for name, told in zip(names, weights, strict=True)),
        _rankings(rng, seen, rankings, length, placed or length),
        Skips.empty(),
    )
    task = asked(judgments, projects, jurors, models=names)
    return Told(task, values - values.mean(), stretch, offset, noise)
