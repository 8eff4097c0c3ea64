"""Views of people and projects: who agrees with the others, and what was asked, answered and left open.

**Agreement** of a juror is measured on a fit to other people's answers alone (`_foreseen`): of the pairs of projects that
he or she put in an order (by a comparison, by neighbours in a ranking, or by two different ratings), the share in the
order that the others' answers foresee. Half is what a coin would reach. No juror reaches one: people differ, and close
projects can go either way, so a juror is to be held against the others, not against one.

**Coverage** counts questions, never votes: a question left open says nothing about a project but that it was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.fusion.checks._foreseen import FOLDS, Foreseen, foresee
from daccord.fusion.checks._held_answers import RATING

__all__ = ["JurorAgreement", "ProjectCoverage", "agreement_of", "agreement_with", "coverage_of"]

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


def agreement_with(task: FusionTask, seen: Foreseen) -> tuple[JurorAgreement, ...]:
    """Agreement of every person who answered, in the panel's order.

    Args:
        task: What was said.
        seen: What the others' answers foresee of it.
    """
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


def _silent(_: str) -> None:
    pass


def agreement_of(
    task: FusionTask,
    rule: str = "hierarchical",
    *,
    folds: int = FOLDS,
    seed: int = 0,
    tell: Callable[[str], None] = _silent,
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
    return agreement_with(task, foresee(task, rule, folds=folds, seed=seed, tell=tell))


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
