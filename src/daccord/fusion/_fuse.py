"""Fuse every criterion of a round that people answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from daccord.errors import NoPeopleError, Problem
from daccord.fusion._beliefs import Component, CriterionBeliefs
from daccord.fusion._rules import fusion_rule
from daccord.fusion._task import FusionTask
from daccord.judging import Comparisons, Judgments, Panel, Ratings
from daccord.round import Criterion, Round

__all__ = ["fuse", "fuse_criterion", "task_of"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def _ties(round_: Round) -> BoolArray:
    """True where a judge declared a tie to a project or its team, shape (n_judges, n_projects)."""
    tied = np.zeros((len(round_.panel), len(round_.portfolio)), dtype=np.bool_)
    for j, judge in enumerate(round_.panel):
        for p, project in enumerate(round_.portfolio):
            tied[j, p] = project.id in judge.conflicts or bool(project.team and project.team in judge.conflicts)
    return tied


def _without_conflicts(judgments: Judgments, tied: BoolArray) -> tuple[Judgments, int]:
    """The judgments without answers about projects a judge is tied to, and how many were set aside."""
    comparisons, ratings = judgments.comparisons, judgments.ratings
    clear = ~(tied[comparisons.judge, comparisons.a] | tied[comparisons.judge, comparisons.b])
    fair = ~tied[ratings.judge, ratings.project]
    kept = replace(judgments, comparisons=comparisons.take(clear), ratings=ratings.take(fair))
    return kept, int((~clear).sum() + (~fair).sum())


def _canonical(judgments: Judgments, project_at: IntArray, judge_at: IntArray) -> Judgments:
    """The same judgments with positions by id and rows in an order that no file decides."""
    c, r = judgments.comparisons, judgments.ratings
    one, other = project_at[c.a], project_at[c.b]
    swap = one > other
    a, b = np.where(swap, other, one), np.where(swap, one, other)
    outcome, ratio = np.where(swap, -c.outcome, c.outcome), np.where(swap, -c.log_ratio, c.log_ratio)
    judge = judge_at[c.judge]
    order = np.lexsort((ratio, outcome, b, a, judge))
    comparisons = Comparisons(judge[order], a[order], b[order], outcome[order], ratio[order])
    rater, project = judge_at[r.judge], project_at[r.project]
    order = np.lexsort((r.high, r.low, r.value, project, rater))
    ratings = Ratings(rater[order], project[order], r.value[order], r.low[order], r.high[order])
    return replace(
        judgments,
        comparisons=comparisons,
        ratings=ratings,
        lists=tuple(sorted(judgments.lists, key=lambda entry: entry.model)),
    )


def _restore(beliefs: CriterionBeliefs, at: IntArray) -> CriterionBeliefs:
    """Put projects back into the portfolio's order; `at[i]` is where the portfolio's i-th project stands."""

    def back(component: Component) -> Component:
        return replace(
            component,
            mean=component.mean[at],
            covariance=component.covariance[np.ix_(at, at)],
            margin=None if component.margin is None else component.margin[at],
            margin_sd=None if component.margin_sd is None else component.margin_sd[at],
        )

    return replace(
        beliefs,
        components=tuple(back(component) for component in beliefs.components),
        judgments=beliefs.judgments[at],
        jurors=beliefs.jurors[at],
        communities={name: values[at] for name, values in beliefs.communities.items()},
    )


def task_of(round_: Round, criterion: Criterion) -> tuple[FusionTask, IntArray, int]:
    """What a fusion rule gets to see, in an order no file decides.

    Returns:
        The task; where each project of the portfolio stands in it, shape (n_projects,); and the number of answers set
        aside because the judge has a declared tie.
    """
    ids = np.array(round_.portfolio.ids)
    judges = np.array([judge.id for judge in round_.panel])
    project_order, judge_order = np.argsort(ids), np.argsort(judges)
    project_at, judge_at = np.argsort(project_order), np.argsort(judge_order)
    judgments, aside = _without_conflicts(round_.judgments[criterion.id], _ties(round_))
    task = FusionTask(
        criterion=criterion,
        projects=tuple(str(identifier) for identifier in ids[project_order]),
        panel=Panel(tuple(round_.panel.judges[int(i)] for i in judge_order)),
        judgments=_canonical(judgments, project_at, judge_at),
        models=round_.rules.models,
        registered=tuple(judge.id for judge in round_.panel),
    )
    return task, project_at, aside


def fuse_criterion(round_: Round, criterion: Criterion, rule: str | None = None) -> CriterionBeliefs:
    """Beliefs on one criterion.

    Answers about projects a judge has a declared tie to are set aside first. Projects and judges are put in the order
    of their ids and rows in an order of their content, so that no order of a file can change a result.

    Args:
        round_: The round.
        criterion: One of its criteria.
        rule: Name of a fusion rule; the round's own if None.

    Raises:
        InputError: There is no such rule, or it can't use these answers.
        NoPeopleError: Only models answered.
    """
    task, project_at, aside = task_of(round_, criterion)
    beliefs = _restore(fusion_rule(rule or round_.rules.fusion).fit(task), project_at)
    if aside:
        text = f"{criterion.id}: {aside} answers were set aside because the judge has a declared tie to a project"
        beliefs = replace(beliefs, warnings=(*beliefs.warnings, text))
    return beliefs


def fuse(round_: Round, rule: str | None = None) -> Mapping[str, CriterionBeliefs]:
    """Beliefs on every criterion that people answered, in the round's order.

    Args:
        round_: The round.
        rule: Name of a fusion rule; the round's own if None.

    Raises:
        NoPeopleError: No person answered on benefit: models never decide alone.
        InputError: The rule can't use these answers.
    """
    people = np.array([judge.is_person for judge in round_.panel], dtype=np.bool_)
    found: dict[str, CriterionBeliefs] = {}
    for criterion in round_.criteria:
        judgments = round_.judgments[criterion.id]
        asked = people[judgments.comparisons.judge].any() or people[judgments.ratings.judge].any()
        if asked:
            found[criterion.id] = fuse_criterion(round_, criterion, rule)
        elif criterion.id == "benefit":
            raise NoPeopleError(
                [
                    Problem(
                        "comparisons.csv",
                        None,
                        None,
                        "no person has judged the benefit of any project",
                        "models never decide alone: collect comparisons or ratings from people",
                    )
                ]
            )
    return found
