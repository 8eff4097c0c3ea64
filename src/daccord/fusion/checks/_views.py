"""Views of people and projects: who agrees with the others, and what was asked, answered and left open.

**Agreement** of a juror is measured on a fit to other people's answers alone (`_foreseen`): of the pairs of projects
that he or she put in an order (by a comparison, by neighbours in a ranking, or by two different ratings), the share in
the order that the others' answers foresee. Half is what a coin would reach. No juror reaches one: people differ, and
close projects can go either way, so a juror is to be held against the others, not against one.

**Coverage** counts questions, never votes: a question left open says nothing about a project but that it was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._fuse import asked_criterion, silent, task_of
from daccord.fusion._rules import fusion_rule
from daccord.fusion._task import FusionTask
from daccord.fusion.checks._foreseen import FOLDS, Foreseen, foresee
from daccord.fusion.checks._held_answers import ORDER, RATING
from daccord.fusion.peers._bridging_support import BridgingSupport, bridging_support
from daccord.fusion.peers._opinion_groups import with_opinion_groups
from daccord.judging import Panel
from daccord.round import Round

__all__ = [
    "CriterionViews",
    "ForeseenAnswer",
    "JurorAgreement",
    "ProjectCoverage",
    "agreement_of",
    "coverage_of",
    "criterion_views",
    "with_found_communities",
]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class JurorAgreement:
    """How far one person agrees with the others.

    Attributes:
        juror: Id, a pseudonym of the round.
        pairs: Pairs of projects that the person put in an order and the others' answers tell apart.
        agreed: Share of them in the foreseen order, in [0, 1]; None without any pair.
    """

    juror: str
    pairs: int
    agreed: float | None


@dataclass(frozen=True)
class ProjectCoverage:
    """Questions to people about one project.

    Attributes:
        project: Id.
        answered: Questions answered; a comparison counts for both projects, a ranking for each of its own.
        open: Questions left open ("cannot tell").
        jurors: Different people who answered.
    """

    project: str
    answered: int
    open: int
    jurors: int

    @property
    def asked(self) -> int:
        """Questions that were answered or left open; questions nobody recorded are not known."""
        return self.answered + self.open


@dataclass(frozen=True)
class ForeseenAnswer:
    """One answer of a person, and what the others' answers expect of it.

    Attributes:
        juror: Id.
        a: Id of the first project, or of the rated one.
        b: Id of the second; empty for a rating.
        told: ln ratio (natural log); +1, 0 or −1 for an order; a rating on its own scale.
        foreseen: Expected ln ratio; for a rating, expected rating.
        graded: Whether `told` has a size; an order has none.
    """

    juror: str
    a: str
    b: str
    told: float
    foreseen: float
    graded: bool


@dataclass(frozen=True, eq=False)
class CriterionViews:
    """How jurors and communities see the projects on one criterion.

    Attributes:
        beliefs: What the rule believes, projects in the order of `projects`; per-juror and per-community views with it.
        projects: Ids.
        agreement: One for each person who answered; empty if nothing could be held out.
        answers: Every answer beside what the others foresee; empty likewise.
        unheld: Why nothing, or no whole juror, could be held out; empty if jurors were.
        coverage: One for each project.
        support: What the least supportive community says of each project that two or more spoke about.
        told: Juror → number of answers, those about projects with a declared tie left out; 0 for people who said
            nothing.
    """

    beliefs: CriterionBeliefs
    projects: tuple[str, ...]
    agreement: tuple[JurorAgreement, ...]
    answers: tuple[ForeseenAnswer, ...]
    unheld: str
    coverage: tuple[ProjectCoverage, ...]
    support: BridgingSupport
    told: Mapping[str, int]


def _agreement(task: FusionTask, seen: Foreseen) -> tuple[JurorAgreement, ...]:
    """Agreement of every person who answered, in the panel's order."""
    answers, centre = seen.answers, seen.centre
    found = []
    for judge in np.unique(answers.judge):
        own = np.flatnonzero(answers.judge == judge)
        compared = own[(answers.kind[own] != RATING) & (answers.outcome[own] != 0)]
        agrees = np.sign(centre[compared]) * answers.outcome[compared]
        rated = own[answers.kind[own] == RATING]
        one, other = np.triu_indices(len(rated), k=1)
        told = np.sign(answers.y[rated][one] - answers.y[rated][other])
        agrees = np.concatenate([agrees, told * np.sign(centre[rated][one] - centre[rated][other])])
        agrees = agrees[agrees != 0]
        share = float(np.mean(agrees > 0)) if len(agrees) else None
        found.append(JurorAgreement(task.panel.judges[int(judge)].id, len(agrees), share))
    return tuple(found)


def agreement_of(
    task: FusionTask,
    rule: str = "hierarchical",
    *,
    folds: int = FOLDS,
    seed: int = 0,
    tell: Callable[[str], None] = silent,
) -> tuple[JurorAgreement, ...]:
    """Agreement of every person who answered with what the others' answers foresee, in the panel's order.

    Args:
        task: What was said.
        rule: Name of the fusion rule that foresees.
        folds: Number of folds; one fit each.
        seed: Of the deal into folds.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: There is no such rule, it cannot use these answers, or they are too few to hold any out.
        NoPeopleError: Nobody answered.
    """
    return _agreement(task, foresee(task, rule, folds=folds, seed=seed, tell=tell))


def coverage_of(task: FusionTask) -> tuple[ProjectCoverage, ...]:
    """What people were asked about each project, in the task's order."""
    answered, jurors = task.evidence_count
    skips = task.skips
    asked = np.concatenate([skips.a, skips.b[skips.b >= 0]])
    left = np.bincount(asked, minlength=len(task.projects))
    return tuple(
        ProjectCoverage(project, int(answered[i]), int(left[i]), int(jurors[i]))
        for i, project in enumerate(task.projects)
    )


def _told(task: FusionTask) -> dict[str, int]:
    tables = (task.comparisons.judge, task.ratings.judge, task.rankings.judge)
    counts = np.bincount(np.concatenate(tables), minlength=len(task.panel))
    return {judge.id: int(counts[i]) for i, judge in enumerate(task.panel) if judge.is_person}


def _beside(task: FusionTask, seen: Foreseen) -> tuple[ForeseenAnswer, ...]:
    answers = seen.answers
    return tuple(
        ForeseenAnswer(
            juror=task.panel.judges[int(answers.judge[k])].id,
            a=task.projects[int(answers.a[k])],
            b=task.projects[int(answers.b[k])] if answers.b[k] >= 0 else "",
            told=float(answers.y[k]),
            foreseen=float(seen.centre[k]),
            graded=bool(answers.kind[k] != ORDER),
        )
        for k in range(len(answers))
    )


def with_found_communities(round_: Round, criterion: str = "benefit") -> Round:
    """The round with groups of opinion as communities, where none are declared and the groups found are clear.

    For looking only: verdicts depend on communities that people declared, never on groups that were found.

    Args:
        round_: The round.
        criterion: The question whose answers the groups are found in; a round that does not ask it stays as it is.
    """
    asked = round_.criterion(criterion)
    if asked is None or round_.panel.communities:
        return round_
    task, _, _ = task_of(round_, asked)
    found = {judge.id: judge.community for judge in with_opinion_groups(task).panel}
    judges = tuple(replace(judge, community=found[judge.id]) for judge in round_.panel)
    return replace(round_, panel=Panel(judges))


def criterion_views(
    round_: Round, criterion: str = "benefit", rule: str | None = None, *, tell: Callable[[str], None] = silent
) -> CriterionViews:
    """How jurors and communities of a round see the projects on one criterion.

    Args:
        round_: The round.
        criterion: One of its criteria.
        rule: Name of a fusion rule; the round's own if None.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: The round does not ask this criterion, there is no such rule, or it cannot use these answers.
        NoPeopleError: Nobody answered.
    """
    asked = asked_criterion(round_, criterion)
    task, _, _ = task_of(round_, asked)
    name = rule or round_.rules.fusion
    tell(f"fitting {name} to everybody's answers")
    beliefs = fusion_rule(name).fit(task)
    agreement: tuple[JurorAgreement, ...] = ()
    beside: tuple[ForeseenAnswer, ...] = ()
    unheld = ""
    try:
        seen = foresee(task, name, seed=round_.seed, tell=tell)
        agreement, beside = _agreement(task, seen), _beside(task, seen)
        if not seen.by_juror:
            unheld = "too few jurors are told apart to hold out whole jurors; pairs of projects were held out instead"
    except InputError as error:
        unheld = str(error)
    return CriterionViews(
        beliefs=beliefs,
        projects=task.projects,
        agreement=agreement,
        answers=beside,
        unheld=unheld,
        coverage=coverage_of(task),
        support=bridging_support(beliefs),
        told=_told(task),
    )
