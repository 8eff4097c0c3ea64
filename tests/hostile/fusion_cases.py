"""Small rounds (simulated) that no fusion rule likes: each is what a jury may send in."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Rankings, Ratings
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, Criterion, Goal, RatingScale, Round, Threshold

__all__ = ["CASES", "JURORS", "PROJECTS"]

Answer = tuple[int, int, int, int, float]

PROJECTS = ("alpha", "beta", "gamma", "delta", "eps", "zeta")
JURORS = ("ann", "ben", "cat", "dan")


def _round(
    comparisons: list[Answer] | None = None,
    ratings: Ratings | None = None,
    rankings: Rankings | None = None,
    lists: tuple[ModelList, ...] = (),
) -> Round:
    models = tuple(Judge(entry.model, "model") for entry in lists)
    columns = [np.array(column) for column in zip(*comparisons, strict=True)] if comparisons else None
    said = Judgments(
        Comparisons(*columns) if columns else Comparisons.empty(),
        ratings or Ratings.empty(),
        lists,
        rankings or Rankings.empty(),
    )
    return Round(
        name="Bad round (simulated)",
        goal=Goal("Break it.", "nobody"),
        budget=Budget(100_000, Currency("USD", 2)),
        criteria=(Criterion("benefit", "Which is better?", RatingScale(0, 10), Threshold("relative", 0.25)),),
        portfolio=Portfolio(tuple(Project(name, name) for name in PROJECTS)),
        panel=Panel((*(Judge(name, "person") for name in JURORS), *models)),
        judgments={"benefit": said},
        simulated=True,
    )


def _said(juror: int, better: int, worse: int, ratio: float = 2.0) -> Answer:
    """The better project first in every other answer, so that sides teach nothing."""
    size = np.log(ratio)
    return (juror, better, worse, 1, size) if (better + juror) % 2 else (juror, worse, better, -1, -size)


def _everything(projects: range | tuple[int, ...] = range(6), jurors: int = 4) -> list[Answer]:
    """Every juror on every pair, the earlier project better, by a ratio that grows with the distance."""
    return [_said(j, a, b, 1.2 ** (b - a) + 0.1 * j) for j in range(jurors) for a, b in combinations(projects, 2)]


def disconnected() -> Round:
    """Two groups of projects that nobody compared with each other."""
    return _round(_everything((0, 1, 2)) + _everything((3, 4, 5)))


def one_answer_each() -> Round:
    """A juror with a single comparison beside busy ones."""
    return _round([*_everything(jurors=2), _said(2, 5, 0, 30.0)])


def a_single_answer() -> Round:
    """One comparison in all."""
    return _round([_said(0, 0, 1)])


def all_ties() -> Round:
    """Everybody says that everything is equal."""
    return _round([(j, a, b, 0, 0.0) for j in range(4) for a, b in combinations(range(6), 2)])


def ties_without_ratio() -> Round:
    """The same, with `tie` as the winner and no ratio."""
    return _round([(j, a, b, 0, np.nan) for j in range(4) for a, b in combinations(range(6), 2)])


def cycle() -> Round:
    """Each project beats the next, and the last the first."""
    return _round([_said(j, p, (p + 1) % 6, 3.0) for j in range(4) for p in range(6)])


def contradictions() -> Round:
    """Half of the people say the opposite of the other half."""
    forth = _everything(jurors=2)
    back = [(j + 2, a, b, -outcome, -size) for j, a, b, outcome, size in forth]
    return _round(forth + back)


def unjudged() -> Round:
    """A project about which nobody said anything."""
    return _round(_everything(range(5)))


def always_won() -> Round:
    """One project wins all of its comparisons, by order alone, and another loses all."""
    rows = [(j, a, b, 1, np.nan) for j in range(4) for a, b in combinations(range(6), 2)]
    return _round(rows)


def constant_list() -> Round:
    """A model that weighs all projects alike."""
    return _round(_everything(), lists=(ModelList("bot", dict.fromkeys(PROJECTS, 1 / 6)),))


def constant_list_few_answers() -> Round:
    """The same where people said little."""
    return _round(
        [_said(0, 0, 1), _said(1, 2, 3)],
        lists=(
            ModelList("bot", dict.fromkeys(PROJECTS, 1 / 6)),
            ModelList("bot2", {name: 1 / 6 + 1e-16 * k for k, name in enumerate(PROJECTS)}),
        ),
    )


def huge_ratios() -> Round:
    """Ratios at the limit of the format among usual ones."""
    return _round([*_everything(), *(_said(j, 5, 0, 1e12) for j in range(2))])


def only_huge_ratios() -> Round:
    """Nothing but ratios at the limit, half of them the other way round."""
    return _round(
        [_said(j, *((a, b) if j % 2 else (b, a)), 1e12) for j in range(4) for a, b in combinations(range(6), 2)]
    )


def beyond_the_format() -> Round:
    """A ratio of 10^300, which no folder can say but a caller can."""
    return _round([*_everything(), _said(0, 5, 0, 1e300)])


def only_ratings() -> Round:
    """Nobody compared anything."""
    seats = [(j, p) for j in range(4) for p in range(6)]
    none = np.full(len(seats), np.nan)
    value = np.array([9.0 - p - 0.3 * j for j, p in seats])
    return _round(ratings=Ratings(*(np.array(column) for column in zip(*seats, strict=True)), value, none, none))


def equal_ratings() -> Round:
    """Everybody rates everything at the end of the scale, with intervals of no width."""
    seats = [(j, p) for j in range(4) for p in range(6)]
    value = np.full(len(seats), 10.0)
    return _round(ratings=Ratings(*(np.array(column) for column in zip(*seats, strict=True)), value, value, value))


def only_rankings() -> Round:
    """Nobody compared or rated anything."""
    return _round(
        rankings=Rankings(*map(np.array, ([0, 1, 2, 3], [0, 6, 12, 18, 24], [6, 5, 2, 1], list(range(6)) * 4)))
    )


def one_ranking_of_two() -> Round:
    """One ranking of two projects."""
    return _round(rankings=Rankings(*map(np.array, ([0], [0, 2], [1], [4, 1]))))


def nobody() -> Round:
    """Only a model answered."""
    return _round(lists=(ModelList("bot", {name: (k + 1) / 21 for k, name in enumerate(PROJECTS)}),))


CASES: dict[str, Callable[[], Round]] = {
    case.__name__: case
    for case in (
        disconnected,
        one_answer_each,
        a_single_answer,
        all_ties,
        ties_without_ratio,
        cycle,
        contradictions,
        unjudged,
        always_won,
        constant_list,
        constant_list_few_answers,
        huge_ratios,
        only_huge_ratios,
        beyond_the_format,
        only_ratings,
        equal_ratings,
        only_rankings,
        one_ranking_of_two,
        nobody,
    )
}
"""Name → a round."""
