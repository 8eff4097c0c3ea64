"""Harm heard through closed batches and without names: the fit from which the published levels are read.

The rule that fuses harm is the round's own. What it hears differs: only answers of closed batches (`_batches`), and
every answer as that of somebody of its own. Without names the fit is a function of the answers alone, not of who gave
which; so two people of a batch who took different sides could change places and nothing would change anywhere. What is
lost is what a rule learns of a person: on harm nobody's habit of rating high or low is corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from daccord.fusion._beliefs import Component, CriterionBeliefs
from daccord.fusion._task import FusionTask
from daccord.fusion.harm._batches import Batch, Told, batches, told_of
from daccord.judging import Comparisons, Judge, Judgments, Panel, Rankings, Ratings, Skips
from daccord.round import HarmRules

__all__ = ["fuse_harm", "nameless"]

IntArray = npt.NDArray[np.int64]


def fuse_harm(task: FusionTask, fit: Callable[[FusionTask], CriterionBeliefs], rules: HarmRules) -> CriterionBeliefs:
    """Beliefs about harm from closed batches alone.

    Args:
        task: Judgments on harm.
        fit: Of the fusion rule.
        rules: How many people are heard together, and of whom groups are made.

    Returns:
        The posterior; `judgments` and `jurors` count who took part in closed batches, so that they do not depend on
        what was said. Warnings of the fit are left out. Never to be published: `publish` makes levels of it.

    Raises:
        InputError: The rule cannot use these answers.
        ConvergenceError: A fit did not settle.
    """
    by_community = rules.groups == "communities"
    told = told_of(task, once=rules.published == "once", by_community=by_community)
    closed = batches(told, rules.min_group)
    if not closed:
        return _nothing_heard(task)
    judgments, jurors = _took_part(task, told, closed)
    heard = np.array(sorted(i for batch in closed for i in batch.heard), dtype=np.int64)
    found = fit(nameless(task, told, heard))
    return replace(
        found,
        judgments=judgments,
        jurors=jurors,
        communities=found.communities if by_community else {},
        community_views={},
        juror_views=(),
        warnings=(),
    )


def nameless(task: FusionTask, told: Sequence[Told], heard: IntArray) -> FusionTask:
    """The task with some of people's answers, each as that of a person of its own.

    Args:
        task: Judgments on harm.
        told: Of it, for the groups within which people stay; see `told_of`.
        heard: Positions of the answers, in the order of `told`.
    """
    c, r, k = task.comparisons, task.ratings, task.rankings
    ends = np.cumsum([len(c), len(r)])
    places = np.split(heard, np.searchsorted(heard, ends))
    own = [positions - start for positions, start in zip(places, (0, *ends), strict=True)]
    comparisons, ratings, rankings = c.take(own[0]), r.take(own[1]), k.take(own[2])
    content: list[tuple[object, ...]] = [
        *_rows("comparison", comparisons.a, comparisons.b, comparisons.outcome, np.nan_to_num(comparisons.log_ratio)),
        *_rows("rating", ratings.project, ratings.value, np.nan_to_num(ratings.low), np.nan_to_num(ratings.high)),
        *(
            ("ranking", *rankings.project[start:end].tolist(), -1, placed)
            for start, end, placed in zip(
                rankings.start[:-1].tolist(), rankings.start[1:].tolist(), rankings.placed.tolist(), strict=True
            )
        ),
    ]
    groups = [told[i].group for i in np.concatenate(places).tolist()]
    order = sorted(range(len(content)), key=lambda i: (groups[i], content[i]))
    width = len(str(len(order)))
    people = tuple(Judge(f"answer-{n:0{width}}", "person", groups[i]) for n, i in enumerate(order))
    models = tuple(judge for judge in task.panel if not judge.is_person)
    panel = Panel((*people, *models))
    seat = np.empty(len(order), dtype=np.int64)
    seat[order] = np.arange(len(order))
    seats = np.split(seat, np.cumsum([len(comparisons), len(ratings)]))
    by_models = task.model_comparisons
    moved = np.array([panel.index[task.panel.judges[j].id] for j in by_models.judge.tolist()], dtype=np.int64)
    return replace(
        task,
        panel=panel,
        judgments=Judgments(
            _joined(_in_order(comparisons, seats[0]), replace(by_models, judge=moved, revealed=None, given=None)),
            _ratings(ratings, seats[1]),
            task.judgments.lists,
            _rankings(rankings, seats[2]),
            Skips.empty(),
        ),
    )


def _rows(kind: str, *columns: npt.NDArray[np.generic]) -> list[tuple[object, ...]]:
    return [(kind, *row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _in_order(table: Comparisons, seat: IntArray) -> Comparisons:
    """Comparisons by their nameless people, without times: they would tell who is who."""
    at = np.argsort(seat)
    return Comparisons(seat[at], table.a[at], table.b[at], table.outcome[at], table.log_ratio[at])


def _joined(one: Comparisons, other: Comparisons) -> Comparisons:
    columns = ("judge", "a", "b", "outcome", "log_ratio")
    return Comparisons(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in columns))


def _ratings(table: Ratings, seat: IntArray) -> Ratings:
    at = np.argsort(seat)
    return Ratings(seat[at], table.project[at], table.value[at], table.low[at], table.high[at])


def _rankings(table: Rankings, seat: IntArray) -> Rankings:
    at = np.argsort(seat)
    chosen = table.take(at)
    return Rankings(seat[at], chosen.start, chosen.placed, chosen.project)


def _took_part(task: FusionTask, told: Sequence[Told], closed: Sequence[Batch]) -> tuple[IntArray, IntArray]:
    """Answers in closed batches about each project, and different people who gave them; each shape (n_projects,)."""
    place = {identifier: i for i, identifier in enumerate(task.projects)}
    answers = np.zeros(len(place), dtype=np.int64)
    people: list[set[str]] = [set() for _ in place]
    for batch in closed:
        for answer in (told[i] for i in batch.answers):
            for identifier in answer.question[1:]:
                answers[place[identifier]] += 1
                people[place[identifier]].add(answer.who)
    return answers, np.array([len(one) for one in people], dtype=np.int64)


def _nothing_heard(task: FusionTask) -> CriterionBeliefs:
    """Beliefs where no batch is closed yet: nothing is known of any project."""
    size = len(task.projects)
    none = np.zeros(size, dtype=np.int64)
    margin = None if task.criterion.threshold is None else np.zeros(size)
    component = Component(1.0, np.zeros(size), np.ones(size), margin, None if margin is None else np.ones(size))
    return CriterionBeliefs(task.criterion.id, "", (component,), none, none)
