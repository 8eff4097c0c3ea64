"""What is read while a round becomes a world: answers that count, and a book of where every number is from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from daccord.errors import InputError
from daccord.fusion.roles import EdgeScore, Hearing, hear
from daccord.futures.imported._assumptions import MEANING, Assumptions
from daccord.futures.imported._beliefs import FloatArray, Groups, Told, groups_of
from daccord.futures.world import Quantity
from daccord.judging import ARRIVES
from daccord.pipeline import Decision
from daccord.portfolio import Edge, Project
from daccord.round import Round

__all__ = ["Reading", "read"]

Pair = tuple[str, str]
"""Kind and target."""


@dataclass(frozen=True)
class Reading:
    """A round on its way to a world.

    Attributes:
        round: The round.
        decision: What the round decided; of votes on harm nothing but this is read.
        assumptions: What nobody judged.
        hearing: Answers that count, without those of judges with a tie.
        groups: Whose beliefs are kept apart.
        sources: Question → where its number is from; grows.
        notes: Subject → how the round was read; grows.
        left_out: What is not in the world; grows.
    """

    round: Round
    decision: Decision
    assumptions: Assumptions
    hearing: Hearing
    groups: Groups
    sources: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def least(self) -> int:
        """People who must have answered a question."""
        return max(1, self.round.rules.evidence.min_jurors)

    @cached_property
    def raised(self) -> Mapping[str, tuple[EdgeScore, ...]]:
        """Id → its published raising roles, of each target at the latest horizon, where enough people were heard."""
        found: dict[str, dict[str, EdgeScore]] = defaultdict(dict)
        for score in sorted(self.decision.graph.edges, key=lambda score: score.edge.horizon):
            if score.edge.kind == "raises" and score.efficacy is not None:
                found[score.edge.project][score.edge.target] = score
        return {name: tuple(table.values()) for name, table in found.items()}

    def lowering(self, project: str) -> Mapping[Pair, tuple[int, ...]]:
        """Kind and target of the roles that lower something → horizons at which enough people told how much.

        Empty where no horizon has enough answers; otherwise the latest is the last.
        """
        found: dict[Pair, list[int]] = {}
        for horizon in self.hearing.horizons(project):
            for kind, target in self.hearing.pairs(project, horizon):
                if kind != "raises":
                    rated = found.setdefault((kind, target), [])
                    if len(self.hearing.at(project, kind, target, horizon).efficacy) >= self.least:
                        rated.append(horizon)
        return {pair: tuple(horizons) for pair, horizons in found.items()}

    def spoken_for(self, project: str, kind: str, target: str, horizon: int) -> bool:
        """Whether somebody answered for just this horizon."""
        return Edge(project, kind, target, horizon) in self.hearing.said

    def leads(self, project: str) -> Mapping[Pair, Told]:
        """Kind and target of the roles that lower something → years until usable, where enough people told."""
        found: dict[Pair, dict[str, list[FloatArray]]] = {}
        for horizon in self.hearing.horizons(project):
            for kind, target in self.hearing.pairs(project, horizon):
                if kind == "raises":
                    continue
                told = found.setdefault((kind, target), {})
                for judge, knots in self.hearing.at(project, kind, target, horizon).lead.items():
                    mine = told.setdefault(judge, [])
                    if not any((knots == other).all() for other in mine):  # said for any time, heard at each horizon
                        mine.append(knots)
        return {pair: told for pair, told in found.items() if len(told) >= self.least}

    def arrives(self, target: str) -> Told | None:
        """What was said of when a risk or technology is there; None if too few people did."""
        told = self.hearing.at("", ARRIVES, target, 0).lead
        return {judge: [knots] for judge, knots in told.items()} if len(told) >= self.least else None

    def judged(self, question: str, who: str) -> None:
        """Write down that people judged the answer to a question."""
        self.origin(question, f"judged in the round by {who}")

    def assume(self, question: str, name: str, detail: str = "", *, own: bool = False) -> None:
        """Write down that the answer to a question is an assumption: one for all, or the importer's for this one."""
        stated = "stated by whoever imported the round" if own else f"{MEANING[name]} ({name}{detail})"
        self.origin(question, f"assumption: {stated}")

    def origin(self, question: str, text: str) -> None:
        """Write down where a number is from, in words; what the importer says goes first."""
        self.sources[question] = self.assumptions.origins.get(question, text)

    def maturity(self, item: Project, what: str) -> Quantity:
        """What is assumed of something by its maturity: `arrival` or `never`."""
        table: Mapping[str, Quantity] = getattr(self.assumptions, what)
        self.assume(f"{what}:{item.id}", what, f", {item.maturity or 'maturity not stated'}")
        return table[item.maturity or ""]

    def money(self, minor: int) -> float:
        """Minor units as whole ones."""
        return float(minor) / 10.0**self.round.budget.currency.digits


def read(round_: Round, decision: Decision, assumptions: Assumptions) -> Reading:
    """Begin.

    Raises:
        InputError: The decision is of another round, or an assumption cannot be applied.
    """
    assumptions.check(round_)
    if decision.round.portfolio.ids != round_.portfolio.ids or decision.round.budget != round_.budget:
        raise InputError.single(
            "import", "the decision is of another round", column="decision", remedy="decide this round"
        )
    least = max(1, round_.rules.evidence.min_jurors)
    return Reading(round_, decision, assumptions, hear(round_), groups_of(round_, assumptions.apart, least))
