"""`Round`: the frozen bundle of a round's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from daccord.judging import Judgments, Panel, RoleAnswer
from daccord.portfolio import Portfolio
from daccord.round._inputs import MoneyInputs
from daccord.round._questions import Budget, Criterion, Goal
from daccord.round._rules import Rules

__all__ = ["Round"]


@dataclass(frozen=True)
class Round:
    """Everything a decision is made from.

    Attributes:
        name: For people.
        goal: Set by people.
        budget: The pot.
        criteria: Questions asked, in order; `benefit` is always among them.
        portfolio: What is judged.
        panel: Who judges.
        judgments: Criterion id → what was said; every criterion has an entry.
        rules: How it is decided.
        inputs: What money rules read beside scores: donations, ballots, dependencies …
        seed: Start of all random draws; logged.
        simulated: True if judgments or projects are invented; said wherever people see the round.
        digests: File name → SHA-256 of its bytes, as read.
        notices: What reading changed or set aside, in words for people.
        roles: What judges said of the edges of the technology graph, and of when risks arrive.
    """

    name: str
    goal: Goal
    budget: Budget
    criteria: tuple[Criterion, ...]
    portfolio: Portfolio
    panel: Panel
    judgments: Mapping[str, Judgments]
    rules: Rules = field(default_factory=Rules)
    inputs: MoneyInputs = field(default_factory=MoneyInputs)
    seed: int = 0
    simulated: bool = False
    digests: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    roles: tuple[RoleAnswer, ...] = ()

    def criterion(self, identifier: str) -> Criterion | None:
        """The criterion with this id, or None if the round does not ask it."""
        return next((criterion for criterion in self.criteria if criterion.id == identifier), None)
