"""Fuse every criterion of a round that people answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError, NoPeopleError, Problem
from daccord.fusion._beliefs import CriterionBeliefs, reordered
from daccord.fusion._rules import fusion_rule
from daccord.fusion._task import FusionTask
from daccord.fusion.harm import fuse_harm
from daccord.judging import Comparisons, Judgments, Panel, Rankings, Ratings, Skips
from daccord.round import HARMS, Criterion, Round

__all__ = ["asked_criterion", "fuse", "fuse_criterion", "silent", "task_of"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def _ties(round_: Round) -> BoolArray:
    """True where a judge declared a tie to a project or its team, shape (n_judges, n_projects)."""
    tied = np.zeros((len(round_.panel), len(round_.portfolio)), dtype=np.bool_)
    for j, judge in enumerate(round_.panel):
        if not judge.conflicts:
            continue
        for p, project in enumerate(round_.portfolio):
            tied[j, p] = project.id in judge.conflicts or bool(project.team and project.team in judge.conflicts)
    return tied


def _without_conflicts(judgments: Judgments, tied: BoolArray) -> tuple[Judgments, int]:
    """The judgments without answers about projects a judge is tied to, and how many were set aside."""
    comparisons, ratings = judgments.comparisons, judgments.ratings
    clear = ~(tied[comparisons.judge, comparisons.a] | tied[comparisons.judge, comparisons.b])
    fair = ~tied[ratings.judge, ratings.project]
    rankings, shortened = _rankings_without(judgments.rankings, tied)
    kept = replace(judgments, comparisons=comparisons.take(clear), ratings=ratings.take(fair), rankings=rankings)
    return kept, int((~clear).sum() + (~fair).sum()) + shortened


def _rankings_without(rankings: Rankings, tied: BoolArray) -> tuple[Rankings, int]:
    """Rankings in which no judge ranks a project he or she is tied to, and how many places were taken out.

    The order of the other projects stands; a ranking of which fewer than two projects are left says nothing.
    """
    owner = np.repeat(np.arange(len(rankings)), rankings.size)
    clear = ~tied[rankings.judge[owner], rankings.project]
    if clear.all():
        return rankings, 0
    in_order = np.arange(len(rankings.project)) - rankings.start[owner] < rankings.placed[owner]
    size = np.bincount(owner[clear], minlength=len(rankings))
    placed = np.bincount(owner[clear & in_order], minlength=len(rankings))
    left = (size >= 2) & (placed >= 1)
    project = rankings.project[clear & left[owner]]
    start = np.concatenate([[0], np.cumsum(size[left])])
    given = None if rankings.given is None else rankings.given[left]
    return Rankings(rankings.judge[left], start, placed[left], project, given), int((~clear).sum())


def _canonical(judgments: Judgments, project_at: IntArray, judge_at: IntArray) -> Judgments:
    """The same judgments with positions by id and rows in an order that no file decides."""
    c, r = judgments.comparisons, judgments.ratings
    one, other = project_at[c.a], project_at[c.b]
    swap = one > other
    a, b = np.where(swap, other, one), np.where(swap, one, other)
    outcome, ratio = np.where(swap, -c.outcome, c.outcome), np.where(swap, -c.log_ratio, c.log_ratio)
    judge = judge_at[c.judge]
    shown, came = _or_zeros(c.revealed, len(c)), _or_zeros(c.given, len(c))
    order = np.lexsort((came, shown, ratio, outcome, b, a, judge))
    revealed, given = _in_order(c.revealed, order), _in_order(c.given, order)
    comparisons = Comparisons(judge[order], a[order], b[order], outcome[order], ratio[order], revealed, given)
    rater, project = judge_at[r.judge], project_at[r.project]
    shown, came = _or_zeros(r.revealed, len(r)), _or_zeros(r.given, len(r))
    order = np.lexsort((came, shown, r.high, r.low, r.value, project, rater))
    revealed, given = _in_order(r.revealed, order), _in_order(r.given, order)
    ratings = Ratings(rater[order], project[order], r.value[order], r.low[order], r.high[order], revealed, given)
    return replace(
        judgments,
        comparisons=comparisons,
        ratings=ratings,
        rankings=_canonical_rankings(judgments.rankings, project_at, judge_at),
        skips=_canonical_skips(judgments.skips, project_at, judge_at),
        lists=tuple(sorted(judgments.lists, key=lambda entry: entry.model)),
    )


def _or_zeros(times: IntArray | None, size: int) -> IntArray:
    return np.zeros(size, dtype=np.int64) if times is None else times


def _in_order(times: IntArray | None, order: IntArray) -> IntArray | None:
    return None if times is None else times[order]


def _canonical_rankings(rankings: Rankings, project_at: IntArray, judge_at: IntArray) -> Rankings:
    """Rankings by judge and content; what stands below all places is in the order of the ids, for it has no other."""
    entries = []
    for k in range(len(rankings)):
        own = project_at[rankings.project[rankings.start[k] : rankings.start[k + 1]]]
        placed = int(rankings.placed[k])
        rest = sorted(own[placed:].tolist())
        came = 0 if rankings.given is None else int(rankings.given[k])
        entries.append((int(judge_at[rankings.judge[k]]), placed, (*own[:placed].tolist(), *rest), came))
    entries.sort()
    return Rankings(
        np.array([judge for judge, _, _, _ in entries], dtype=np.int64),
        np.cumsum([0, *(len(places) for _, _, places, _ in entries)]),
        np.array([placed for _, placed, _, _ in entries], dtype=np.int64),
        np.array([place for _, _, places, _ in entries for place in places], dtype=np.int64),
        None if rankings.given is None else np.array([came for _, _, _, came in entries], dtype=np.int64),
    )


def _canonical_skips(skips: Skips, project_at: IntArray, judge_at: IntArray) -> Skips:
    """Open questions by judge and projects, the smaller position first."""
    one = project_at[skips.a]
    other = np.where(skips.b < 0, -1, project_at[skips.b])
    a = np.where((other >= 0) & (other < one), other, one)
    b = np.where((other >= 0) & (other < one), one, other)
    judge = judge_at[skips.judge]
    order = np.lexsort((b, a, judge))
    return Skips(judge[order], a[order], b[order])


def silent(_: str) -> None:
    """Tell nobody: what slow steps call where no progress is asked for."""


def asked_criterion(round_: Round, criterion: str) -> Criterion:
    """The round's criterion with this id.

    Raises:
        InputError: The round does not ask it.
    """
    found = round_.criterion(criterion)
    if found is None:
        raise InputError.single(
            "round.toml",
            f"the round does not ask for {criterion!r}",
            remedy=f"choose one of {', '.join(entry.id for entry in round_.criteria)}",
        )
    return found


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


def fuse_criterion(
    round_: Round, criterion: Criterion, rule: str | None = None, *, tell: Callable[[str], None] = silent
) -> CriterionBeliefs:
    """Beliefs on one criterion.

    Answers about projects a judge has a declared tie to are set aside first. Projects and judges are put in the order
    of their ids and rows in an order of their content, so that no order of a file can change a result. Answers on harm
    are heard in closed batches (`daccord.fusion.harm`).

    Args:
        round_: The round.
        criterion: One of its criteria.
        rule: Name of a fusion rule; the round's own if None.
        tell: Called with a few words before each slow step; never about harm.

    Raises:
        InputError: There is no such rule, or it can't use these answers.
        NoPeopleError: Only models answered.
    """
    task, project_at, aside = task_of(round_, criterion)
    if criterion.id in HARMS:
        harm = round_.rules.harm
        fit = fusion_rule(harm.fusion or rule or round_.rules.fusion).fit
        return reordered(fuse_harm(task, fit, harm), project_at)
    beliefs = reordered(fusion_rule(rule or round_.rules.fusion).fit(replace(task, tell=tell)), project_at)
    if aside:
        text = f"{criterion.id}: {aside} answers were set aside because the judge has a declared tie to a project"
        beliefs = replace(beliefs, warnings=(*beliefs.warnings, text))
    return beliefs


def fuse(
    round_: Round,
    rule: str | None = None,
    *,
    need_benefit: bool = True,
    tell: Callable[[str], None] = silent,
) -> Mapping[str, CriterionBeliefs]:
    """Beliefs on every criterion that people answered, in the round's order.

    Args:
        round_: The round.
        rule: Name of a fusion rule; the round's own if None.
        need_benefit: False to leave benefit out if no person answered on it, for rounds that pay by ballots or
            donations alone.
        tell: Called with a few words before each slow step; what it does cannot change the result.

    Raises:
        NoPeopleError: No person answered on benefit: models never decide alone.
        InputError: The rule can't use these answers.
    """
    people = np.array([judge.is_person for judge in round_.panel], dtype=np.bool_)
    found: dict[str, CriterionBeliefs] = {}
    for criterion in round_.criteria:
        judgments = round_.judgments[criterion.id]
        tables = (judgments.comparisons, judgments.ratings, judgments.rankings)
        asked = any(people[table.judge].any() for table in tables)
        if asked:
            found[criterion.id] = fuse_criterion(round_, criterion, rule, tell=tell)
        elif criterion.id == "benefit" and need_benefit:
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
