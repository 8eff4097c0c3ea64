"""Verdicts from published scores.

In this order, and the first that applies decides:

1. a hard constraint names the project, or a risk it raises: *hold*, whatever the scores;
2. too few answers of people about benefit, or about harm where the round asks for it: *unrated*;
3. P(harm above the limit) ≥ `hold`, or a community is sure of it and none of the contrary: *hold*;
4. P(benefit above the bar) ≥ `accelerate`, and P(harm) ≥ `safeguards` or a closed gate: *with safeguards*;
5. P(benefit above the bar) ≥ `accelerate`: *accelerate*;
6. *unclear*.

Harm enters by thresholds only, from above, so raising it never improves a verdict; defence and diffusion do not enter
at all, they only add reasons. Where harm is not asked it counts as none, and the reasons say so. Where no probability
that benefit is above a bar is known (none is set, or the fusion rule cannot place it: `huber` and `least-squares` know
no rating scale), or harm is asked and likewise for its limit, nobody can be cleared, and rated projects are *unclear*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from daccord.allocation._types import Label, Reason, Verdict
from daccord.allocation.verdicts._reasons import (
    Bars,
    axis_reasons,
    benefit_reason,
    community_reason,
    constraint_reason,
    cost_of_delay,
    default_safeguards,
    gate_reason,
    harm_reason,
    thin_reason,
)
from daccord.fusion import MICRO, CriterionScore, ProjectScore, Scores
from daccord.portfolio import Portfolio, Project
from daccord.round import EvidenceRules, Rules, Safeguard

__all__ = ["FUNDABLE", "broken_constraints", "closed_gates", "decide_verdicts"]

FUNDABLE: frozenset[Label] = frozenset({"accelerate", "with_safeguards"})
"""Verdicts that let money flow."""


def decide_verdicts(portfolio: Portfolio, scores: Scores, rules: Rules) -> tuple[Verdict, ...]:
    """One verdict a project, in the portfolio's order; exact, from the published integers alone.

    Args:
        portfolio: Projects with their roles, requirements and maturity.
        scores: Published scores of exactly these projects, in the same order.
        rules: Constraints, thresholds, evidence rules, safeguards.

    Raises:
        ValueError: Scores and portfolio do not name the same projects in the same order.
    """
    named = tuple(score.project for score in scores)
    if named != portfolio.ids:
        raise ValueError("the scores do not name the portfolio's projects in the portfolio's order")
    harm_asked = any("harm" in score.criteria for score in scores)
    bars = Bars.of(rules)
    return tuple(
        _Case(portfolio, project, score, rules, bars, harm_asked).verdict()
        for project, score in zip(portfolio, scores, strict=True)
    )


def broken_constraints(project: Project, rules: Rules) -> tuple[Reason, ...]:
    """A reason for each hard constraint that the project breaks."""
    raised = {role.target for role in project.roles if role.kind == "raises"}
    return tuple(
        constraint_reason(constraint)
        for constraint in rules.constraints
        if project.id in constraint.projects or raised.intersection(constraint.raises)
    )


def closed_gates(portfolio: Portfolio, project: Project) -> tuple[str, ...]:
    """Ids of required projects that are not deployed (or that the round does not know)."""
    return tuple(
        identifier
        for identifier in project.requires
        if identifier not in portfolio.index or portfolio[identifier].maturity != "deployed"
    )


def _is_thin(score: CriterionScore | None, evidence: EvidenceRules) -> bool:
    return score is None or score.judgments < evidence.min_judgments or score.jurors < evidence.min_jurors


def _sure_community(communities: Mapping[str, int], sure: int) -> tuple[str, int] | None:
    """The community surest of the harm, if it is sure enough and none is sure of the contrary."""
    if not communities or any(p <= MICRO - sure for p in communities.values()):
        return None
    name, probability = min(communities.items(), key=lambda item: (-item[1], item[0]))
    return (name, probability) if probability >= sure else None


@dataclass(frozen=True)
class _Case:
    portfolio: Portfolio
    project: Project
    score: ProjectScore
    rules: Rules
    bars: Bars
    harm_asked: bool

    def verdict(self) -> Verdict:
        if forbidden := broken_constraints(self.project, self.rules):
            return self.hold(MICRO, "that it breaks a hard constraint, which is a rule and not an estimate", forbidden)
        benefit = self.score.criteria.get("benefit")
        harm = self.score.criteria.get("harm")
        evidence = self.rules.evidence
        thin = [thin_reason("benefit", benefit, evidence)] if _is_thin(benefit, evidence) else []
        if self.harm_asked and _is_thin(harm, evidence):
            thin.append(thin_reason("harm", harm, evidence))
        if thin or benefit is None:
            return Verdict(self.project.id, "unrated", None, "", tuple(thin))
        return self.rated(benefit, harm)

    def rated(self, benefit: CriterionScore, harm: CriterionScore | None) -> Verdict:
        bars = self.bars
        harm_says = harm_reason(harm, bars)
        benefit_says = benefit_reason(benefit, bars)
        risk = 0 if harm is None or harm.above is None else harm.above
        sure = None if harm is None else _sure_community(harm.communities, bars.community_sure)
        if risk >= bars.hold and harm is not None and harm.above is not None:
            reasons = [harm_says, *([community_reason(*sure)] if sure else []), benefit_says]
            return self.hold(risk, "that its harm is above the limit", reasons)
        if sure:
            event = f"that its harm is above the limit, by the answers of the community “{sure[0]}” alone"
            return self.hold(sure[1], event, [community_reason(*sure), harm_says, benefit_says])
        gates = closed_gates(self.portfolio, self.project)
        gate_says = [gate_reason(self.portfolio, gates)] if gates else []
        if benefit.above is None or (harm is not None and harm.above is None):
            first = [benefit_says, harm_says] if benefit.above is None else [harm_says, benefit_says]
            return self.make("unclear", None, "", [*first, *gate_says])
        if benefit.above < bars.accelerate:
            chance = MICRO - benefit.above
            return self.make("unclear", chance, "that its benefit is not above the bar", [benefit_says, harm_says])
        if risk >= bars.safeguards or gates:
            first = [harm_says, *gate_says] if risk >= bars.safeguards else [*gate_says, harm_says]
            return self.make(
                "with_safeguards", benefit.above, "that its benefit is above the bar", [*first, benefit_says], gates
            )
        if harm is None:
            event = "that its benefit is above the bar; its harm was not judged"
        else:
            event = "that its benefit is above the bar and its harm is not above the limit"
        chance = benefit.above * (MICRO - risk) // MICRO
        return self.make("accelerate", chance, event, [benefit_says, harm_says])

    def hold(self, probability: int, event: str, reasons: tuple[Reason, ...] | list[Reason]) -> Verdict:
        days = self.rules.hold_days
        return Verdict(
            self.project.id,
            "hold",
            probability,
            event,
            (*reasons, *axis_reasons(self.score)),
            reopens_after_days=days,
            cost_of_delay=cost_of_delay(self.score, days),
        )

    def make(
        self, label: Label, probability: int | None, event: str, reasons: list[Reason], gates: tuple[str, ...] = ()
    ) -> Verdict:
        conditions: tuple[Safeguard, ...] = ()
        if label == "with_safeguards":
            conditions = self.rules.safeguards or default_safeguards(self.portfolio, self.project, gates)
        return Verdict(
            self.project.id,
            label,
            probability,
            event,
            (*reasons, *axis_reasons(self.score)),
            safeguards=conditions,
            waits_for=gates,
        )
