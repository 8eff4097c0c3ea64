"""Small rounds with beliefs that were not fitted but stated, so that tests of asking need no fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from daccord.fusion import Component, CriterionBeliefs
from daccord.judging import Comparisons, Judge, Judgments, Panel, Rankings, Ratings, Skips
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, Criterion, Goal, RatingScale, Round, Rules, Threshold

__all__ = ["BENEFIT", "DEFENCE", "HARM", "NEED", "believed", "comparisons", "judgments", "ratings", "round_of", "skips"]

BENEFIT = Criterion("benefit", "Which does more good?", None, Threshold("relative", 0.5))
DEFENCE = Criterion("defence", "Which defends better?", RatingScale(0, 10), Threshold("rating", 5))
HARM = Criterion("harm", "How much harm could it do?", RatingScale(0, 10), Threshold("rating", 7))
NEED = Criterion("need", "Which needs money more?", None, None)


def believed(
    criterion: str,
    mean: Sequence[float],
    sd: Sequence[float] | float = 0.5,
    *,
    above: Sequence[float] | None = None,
    judgments: int | Sequence[int] = 10,
    jurors: int | Sequence[int] = 5,
    **other,
) -> CriterionBeliefs:
    """Independent Gaussian beliefs; with `above`, the margins that have these probabilities."""
    from scipy.special import ndtri

    size = len(mean)
    spread = np.broadcast_to(np.asarray(sd, dtype=float), size)
    margin = None if above is None else np.asarray(ndtri(np.clip(above, 1e-9, 1 - 1e-9)))
    component = Component(1.0, np.asarray(mean, dtype=float), np.diag(spread**2), margin, np.ones(size))
    if margin is None:
        component = Component(1.0, np.asarray(mean, dtype=float), np.diag(spread**2))
    counts = [np.broadcast_to(np.asarray(count), size).astype(np.int64) for count in (judgments, jurors)]
    return CriterionBeliefs(criterion, "stated", (component,), counts[0], counts[1], **other)


def comparisons(rows: Sequence[tuple[int, int, int]], ratio: float = 2.0) -> Comparisons:
    """(judge, a, b): a won, `ratio` times."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    ones = np.ones(len(table), dtype=np.int64)
    return Comparisons(table[:, 0], table[:, 1], table[:, 2], ones, ones * np.log(ratio))


def ratings(rows: Sequence[tuple[int, int, float]]) -> Ratings:
    """(judge, project, value), without intervals."""
    judge, project = (np.array([row[k] for row in rows], dtype=np.int64) for k in (0, 1))
    none = np.full(len(rows), np.nan)
    return Ratings(judge, project, np.array([row[2] for row in rows], dtype=float), none, none)


def skips(rows: Sequence[tuple[int, int, int]]) -> Skips:
    """(judge, a, b), b = −1 for a question about one project."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Skips(table[:, 0], table[:, 1], table[:, 2])


def judgments(
    compared: Sequence[tuple[int, int, int]] = (),
    rated: Sequence[tuple[int, int, float]] = (),
    skipped: Sequence[tuple[int, int, int]] = (),
    rankings: Rankings | None = None,
) -> Judgments:
    """What was said on one criterion."""
    return Judgments(
        comparisons(compared), ratings(rated), (), Rankings.empty() if rankings is None else rankings, skips(skipped)
    )


def round_of(
    projects: int | Sequence[Project] = 6,
    said: Mapping[str, Judgments] | None = None,
    *,
    criteria: Sequence[Criterion] = (BENEFIT,),
    judges: Sequence[Judge] | None = None,
    rules: Rules | None = None,
    seed: int = 1,
) -> Round:
    """A simulated round of projects `p0`, `p1`, … and people `j0` to `j3`."""
    if isinstance(projects, int):
        projects = [Project(f"p{i}", f"Project {i}", team=f"t{i % 3}") for i in range(projects)]
    people = [Judge(f"j{i}", "person") for i in range(4)] if judges is None else judges
    silent = judgments()
    return Round(
        name="simulated",
        goal=Goal("simulated", "nobody"),
        budget=Budget(1_000_000, Currency("EUR", 2)),
        criteria=tuple(criteria),
        portfolio=Portfolio(tuple(projects)),
        panel=Panel(tuple(people)),
        judgments={criterion.id: (said or {}).get(criterion.id, silent) for criterion in criteria},
        rules=Rules() if rules is None else rules,
        seed=seed,
        simulated=True,
    )
