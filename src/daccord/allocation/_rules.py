"""Money rules as named objects with their model, assumptions, failure modes and source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._exact import as_written, tie_key
from daccord.fusion import ProjectScore
from daccord.portfolio import Project
from daccord.registry import Registry
from daccord.round import Budget, MoneyInputs, MoneyRules

__all__ = [
    "MONEY_RULES",
    "MoneyResult",
    "MoneyRule",
    "MoneyTask",
    "TeamCap",
    "evidence_limits",
    "money_rule",
    "register",
]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TeamCap:
    """Most that the projects of one team may get together.

    Attributes:
        team: Name.
        amount: Minor units, rounded down.
        members: Positions in the task's projects.
    """

    team: str
    amount: int
    members: tuple[int, ...]


@dataclass(frozen=True)
class MoneyTask:
    """What a money rule gets to see: the projects that may be funded, and nothing of the others.

    Attributes:
        projects: Projects with a verdict that lets money flow, in the portfolio's order.
        scores: Their published scores, in the same order.
        rules: Parameters.
        budget: The pot.
        inputs: What the rule reads beside scores; of the whole round, so a rule looks only at what names its projects.
        places: Position of each project in the portfolio, shape (n,), as `Ballots.project` counts them.
        evidence: Most that each project may get for what people said about it, minor units, shape (n,); empty where
            the rules set no such limit or the money rule reads no scores.
    """

    projects: tuple[Project, ...]
    scores: tuple[ProjectScore, ...]
    rules: MoneyRules
    budget: Budget
    inputs: MoneyInputs = field(default_factory=MoneyInputs)
    places: tuple[int, ...] = ()
    evidence: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.projects)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Project id → position in this task."""
        return {project.id: i for i, project in enumerate(self.projects)}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the projects, shape (n,)."""
        return tuple(project.id for project in self.projects)

    @cached_property
    def ties(self) -> tuple[int, ...]:
        """What decides between equals, smaller first, shape (n,)."""
        return tuple(tie_key(project.id) for project in self.projects)

    @cached_property
    def bounds(self) -> tuple[int, ...]:
        """Most that each project may get by its ask, its evidence and the pot, minor units, shape (n,)."""
        pot = self.budget.amount
        asks = tuple(pot if project.ask is None else min(project.ask, pot) for project in self.projects)
        return tuple(map(min, asks, self.evidence)) if self.evidence else asks

    def bound_name(self, i: int) -> str:
        """What sets project i's bound, as in `Award.limited_by`; empty if it is the pot."""
        if self.bounds[i] == self.projects[i].ask:
            return "ask"
        return "evidence" if self.evidence and self.bounds[i] == self.evidence[i] < self.budget.amount else ""

    @cached_property
    def team_caps(self) -> tuple[TeamCap, ...]:
        """Caps of all named teams; empty if the rules set none. Projects without a team are not capped."""
        if self.rules.team_cap is None:
            return ()
        cap = as_written(self.rules.team_cap) * self.budget.amount
        members: dict[str, list[int]] = {}
        for i, project in enumerate(self.projects):
            if project.team:
                members.setdefault(project.team, []).append(i)
        amount = cap.numerator // cap.denominator
        return tuple(TeamCap(team, amount, tuple(where)) for team, where in members.items())


def evidence_limits(scores: Sequence[ProjectScore], rules: MoneyRules, budget: Budget) -> tuple[int, ...]:
    """Most that each project may get for the answers of people about its benefit, minor units, rounded up.

    It counts answers, which no score and no harm moves, so it keeps every money rule monotone in both.
    """
    each = as_written(rules.evidence_cap) * Fraction(budget.amount, len(scores))
    benefits = (score.criteria.get("benefit") for score in scores)
    answers = [0 if benefit is None else benefit.judgments for benefit in benefits]
    numerator, denominator = each.numerator, each.denominator
    return tuple(-(-count * numerator // denominator) for count in answers)


@dataclass(frozen=True)
class MoneyResult:
    """What a money rule gives, in the order of the task's projects.

    Attributes:
        amounts: Minor units, shape (n,); they sum to at most the pot.
        weights: Integer weights on the rule's own scale, shape (n,).
        limited_by: See `Award.limited_by`, shape (n,).
        certificate: Numbers by which anyone can check the solution.
        warnings: For people.
    """

    amounts: Sequence[int]
    weights: Sequence[int]
    limited_by: Sequence[str]
    certificate: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def _lacks_scores(task: MoneyTask) -> str:
    if all("benefit" in score.criteria for score in task.scores):
        return ""
    return "a project that may be funded was not judged on benefit: judge it, or let only cleared projects be paid"


def _always(_: MoneyRules) -> bool:
    return True


@dataclass(frozen=True)
class MoneyRule:
    """A way to divide the pot.

    Attributes:
        name: What the round's rules call it.
        title: For people.
        model: What it computes, in one paragraph.
        assumptions: What must hold for it to be right.
        failure_modes: How it goes wrong, and how one would notice.
        source: Paper or project it comes from.
        solve: The exact computation; a pure function without floats.
        draws: The same rule in floating point for many draws of the projects' log-values at once, for intervals:
            (task, log-values of shape (n_draws, n)) → amounts in minor units, same shape. None if the rule does not
            follow from values.
        resamples: For a rule that follows from ballots or donations: the rule for electorates drawn anew from those
            who took part, (task, how many, seed) → amounts in minor units, shape (how many, n). A rule has `draws`,
            `resamples`, or both.
        follows_values: For a rule that has both: under these parameters, whether `draws` gives the intervals.
        lacks: What is missing for this rule in a round and what to do, in words; empty if nothing is.
        reads_scores: False for a rule that works in a round in which nobody judged.
        story: Who or what moved the money, for people who ask: a task → a function that says it of the project at a
            position, in sentences. What all projects share is computed once.
    """

    name: str
    title: str
    model: str
    assumptions: tuple[str, ...]
    failure_modes: tuple[str, ...]
    source: str
    solve: Callable[[MoneyTask], MoneyResult]
    draws: Callable[[MoneyTask, FloatArray], FloatArray] | None = None
    resamples: Callable[[MoneyTask, int, int], FloatArray] | None = None
    follows_values: Callable[[MoneyRules], bool] = _always
    lacks: Callable[[MoneyTask], str] = _lacks_scores
    reads_scores: bool = True
    story: Callable[[MoneyTask], Callable[[int], tuple[str, ...]]] | None = None

    def __post_init__(self) -> None:
        if self.draws is None and self.resamples is None:
            raise ValueError(f"the money rule {self.name} has no intervals: it needs draws or resamples")

    def draws_under(self, rules: MoneyRules) -> Callable[[MoneyTask, FloatArray], FloatArray] | None:
        """`draws` if it gives the intervals under these parameters, None if `resamples` does."""
        return self.draws if self.resamples is None or self.follows_values(rules) else None


MONEY_RULES: Final = Registry[MoneyRule]("money rule", "rules.money.rule")
"""All registered rules by name."""

register = MONEY_RULES.add
money_rule = MONEY_RULES.find
