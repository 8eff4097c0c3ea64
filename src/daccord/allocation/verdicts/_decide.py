"""Verdicts from published scores.

In this order, and the first that applies decides:

1. a hard constraint names the project, or a risk it raises: *hold*, whatever the scores;
2. enough people judged harm, and P(harm above the limit) ≥ `hold`: *hold*; but *unclear* (or *unrated*), without money,
   if a community is sure of the contrary;
3. enough people judged harm, and a community is sure of it and none of the contrary: *hold*;
4. an earlier hold stands, and too few people have judged harm anew: *hold* until it expires;
5. too few answers of people about benefit, or about harm where the round asks for it: *unrated*;
6. P(benefit above the bar) < `accelerate`, or communities do not agree where they have to: *unclear*;
7. P(harm) ≥ `safeguards`, or a closed gate: *with safeguards*;
8. *accelerate*.

Harm comes before the question whether benefit is rated, so that a round that pays all that is not held does not pay
what is. It enters by thresholds only, from above, so raising it never improves a verdict; where the round also asks for
harm in an adversary's hands, the worse of the two counts. Defence and diffusion do not enter at all, they only add
reasons. Where harm is not asked it counts as none, and the reasons say so. Where no probability that benefit is above a
bar is known (none is set, or the fusion rule cannot place it: `huber` and `least-squares` know no rating scale), or
harm is asked and likewise for its limit, nobody can be cleared, and rated projects are *unclear*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from daccord.allocation._types import ClosedGate, Label, Reason, Verdict
from daccord.allocation.verdicts._agreement import agreement_reason, dissenting, sure_community
from daccord.allocation.verdicts._conditions import conditions
from daccord.allocation.verdicts._gates import closed_gates, stand_ins
from daccord.allocation.verdicts._holds import delay_of, delay_text, lifted_reason, reopened_reason, standing_reason
from daccord.allocation.verdicts._reasons import (
    axis_reasons,
    benefit_reason,
    community_reason,
    constraint_reason,
    disputed_reason,
    gate_reason,
    harm_name,
    harm_reason,
    stand_in_reason,
    thin_reason,
)
from daccord.allocation.verdicts._words import Bars, threshold_text
from daccord.fusion import MICRO, CriterionScore, ProjectScore, Scores
from daccord.portfolio import Portfolio, Project
from daccord.round import HARMS, EarlierHold, Rules, Safeguard

__all__ = ["FUNDABLE", "Decider", "broken_constraints", "decide_verdicts"]

FUNDABLE: frozenset[Label] = frozenset({"accelerate", "with_safeguards"})
"""Verdicts that let money flow."""

_BLOCKS = frozenset({"groups_disagree", "agreement_not_shown"})


def decide_verdicts(portfolio: Portfolio, scores: Scores, rules: Rules) -> tuple[Verdict, ...]:
    """One verdict a project, in the portfolio's order; exact, from the published integers alone.

    Args:
        portfolio: Projects with their roles, gates and maturity.
        scores: Published scores of exactly these projects, in the same order.
        rules: Constraints, thresholds, evidence rules, safeguards, earlier holds.

    Raises:
        ValueError: Scores and portfolio do not name the same projects in the same order, or there are earlier holds
            and the day of the decision is not stated.
    """
    named = tuple(score.project for score in scores)
    if named != portfolio.ids:
        raise ValueError("the scores do not name the portfolio's projects in the portfolio's order")
    decider = Decider.of(portfolio, scores, rules)
    found = [decider.verdict(score) for score in scores]
    instead = stand_ins(portfolio, scores, found)
    if not instead:
        return tuple(found)
    return tuple(_beside(portfolio, verdict, instead.get(verdict.project, ())) for verdict in found)


@dataclass(frozen=True)
class Decider:
    """What all verdicts of a round have in common; gives them one by one, for many what-if questions about one project.

    Attributes:
        portfolio: Of the round.
        rules: As decided by.
        bars: Thresholds in millionths.
        harms: Criteria of harm that the round asks for.
        communities: Those that have spoken about the benefit of any project.
        earlier: Project id → earlier hold.
        reached: Id → maturity, where it is another than the portfolio says.
    """

    portfolio: Portfolio
    rules: Rules
    bars: Bars
    harms: tuple[str, ...]
    communities: frozenset[str]
    earlier: Mapping[str, EarlierHold]
    reached: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, portfolio: Portfolio, scores: Scores, rules: Rules) -> Decider:
        """The decider of a round.

        Raises:
            ValueError: There are earlier holds, and the day of the decision is not stated.
        """
        if rules.earlier_holds and not rules.decided_on:
            raise ValueError("earlier holds expire by the calendar, and the rules do not state the day of the decision")
        benefits = (score.criteria.get("benefit") for score in scores)
        return cls(
            portfolio,
            rules,
            Bars.of(rules),
            tuple(name for name in HARMS if any(name in score.criteria for score in scores)),
            frozenset(name for one in benefits if one is not None and one.communities for name in one.communities),
            {hold.project: hold for hold in rules.earlier_holds},
        )

    def verdict(self, score: ProjectScore) -> Verdict:
        """The verdict of `decide_verdicts` with this score in place, but for `substitutes`.

        What can stand in for a project depends on other projects' verdicts too.
        """
        return _Case(self, self.portfolio[score.project], score).verdict()


def broken_constraints(project: Project, rules: Rules) -> tuple[Reason, ...]:
    """A reason for each hard constraint that the project breaks."""
    if not rules.constraints:
        return ()
    raised = {role.target for role in project.roles if role.kind == "raises"}
    return tuple(
        constraint_reason(constraint)
        for constraint in rules.constraints
        if project.id in constraint.projects or raised.intersection(constraint.raises)
    )


def _beside(portfolio: Portfolio, verdict: Verdict, names: tuple[str, ...]) -> Verdict:
    """The verdict with what can stand in for the project, said before everything else."""
    if not names:
        return verdict
    reasons = (stand_in_reason(portfolio, names), *verdict.reasons)
    return replace(verdict, substitutes=names, reasons=reasons)


def _worst(item: tuple[str, CriterionScore]) -> int:
    """Order of criteria of harm: the most probable first, those without a limit last."""
    return 1 if item[1].above is None else -item[1].above


class _Case:
    """One project before the decider.

    Attributes:
        benefit: Its score on benefit, if anybody answered.
        harms: The criteria of harm that enough people judged on this project, the worst first.
    """

    __slots__ = ("benefit", "harms", "project", "score", "view")

    def __init__(self, view: Decider, project: Project, score: ProjectScore) -> None:
        self.view = view
        self.project = project
        self.score = score
        self.benefit = score.criteria.get("benefit")
        found = [(name, score.criteria[name]) for name in view.harms if not self.is_thin(name)]
        self.harms = sorted(found, key=_worst) if len(found) > 1 else found

    def verdict(self) -> Verdict:
        rules = self.view.rules
        if forbidden := broken_constraints(self.project, rules):
            return self.hold(MICRO, "that it breaks a hard constraint, which is a rule and not an estimate", forbidden)
        stopped = self.held_by_harm()
        if stopped is not None and stopped.label == "hold":
            return stopped
        earlier = self.view.earlier.get(self.project.id)
        left = 0 if earlier is None else earlier.days_left(rules.decided_on)
        if earlier is not None and left and not self.harm_is_judged:
            event = "that its harm is above the limit, by the earlier decision"
            says = [standing_reason(earlier, left), *self.says]
            return self.hold(earlier.probability, event, says, days=left, at_least=True)
        verdict = self.open() if stopped is None else stopped
        if earlier is None:
            return verdict
        reason = lifted_reason(earlier) if left else reopened_reason(earlier)
        return replace(verdict, reasons=(*verdict.reasons, reason))

    @property
    def harm_is_judged(self) -> bool:
        """Whether harm is asked for and enough people have answered."""
        return bool(self.view.harms) and len(self.harms) == len(self.view.harms)

    @property
    def harm(self) -> CriterionScore | None:
        """The worst of the harms that enough people judged."""
        return self.harms[0][1] if self.harms else None

    @property
    def harm_called(self) -> str:
        return harm_name(self.harms[0][0]) if self.harms else "harm"

    @property
    def says(self) -> list[Reason]:
        """What is believed of harm and benefit, as far as it is."""
        bars = self.view.bars
        out = [] if self.view.harms and not self.harms else [harm_reason(self.harm, bars, self.harm_called)]
        return out if self.benefit is None or self.is_thin("benefit") else [*out, benefit_reason(self.benefit, bars)]

    def is_thin(self, criterion: str) -> bool:
        score, evidence = self.score.criteria.get(criterion), self.view.rules.evidence
        return (
            score is None
            or score.judgments < max(1, evidence.min_judgments)
            or score.jurors < max(1, evidence.min_jurors)
        )

    def thin(self) -> tuple[Reason, ...]:
        """A reason for each criterion on which too few people answered."""
        rules, asked = self.view.rules, ("benefit", *self.view.harms)
        return tuple(thin_reason(name, self.score.criteria.get(name), rules) for name in asked if self.is_thin(name))

    def held_by_harm(self) -> Verdict | None:
        """The hold that people's answers on harm ask for, or else their dispute; None if they ask for neither."""
        bars = self.view.bars
        disputed: list[Reason] = []
        for name, harm in self.harms:
            called = harm_name(name)
            sure = sure_community(harm.communities, bars.community_sure)
            also = [community_reason(sure, bars.community_sure, called)] if sure else []
            if harm.above is not None and harm.above >= bars.hold:
                if dissent := dissenting(harm.communities, bars.community_sure):
                    disputed.append(disputed_reason(dissent, bars, called))
                    continue
                first = harm_reason(harm, bars, called)
                rest = [reason for reason in self.says if reason.code != first.code]
                event = f"that its {called} is above the limit"
                return self.hold(bars.hold, event, [first, *also, *rest], at_least=True)
            if sure:
                event = f"that its {called} is above the limit, by the answers of the community “{sure}” alone"
                return self.hold(bars.community_sure, event, [*also, *self.says], at_least=True)
        if not disputed:
            return None
        thin = self.thin()
        if thin:  # more harm must not make a project that is not rated look better than that
            return Verdict(self.project.id, "unrated", None, "", (*disputed, *thin))
        return self.make("unclear", None, "", disputed)

    def open(self) -> Verdict:
        """The verdict on a project that nothing holds."""
        thin = self.thin()
        if thin or self.benefit is None:
            return Verdict(self.project.id, "unrated", None, "", thin)
        return self.rated(self.benefit)

    def rated(self, benefit: CriterionScore) -> Verdict:
        bars, harm = self.view.bars, self.harm
        harm_says = harm_reason(harm, bars, self.harm_called)
        benefit_says = benefit_reason(benefit, bars)
        gates = closed_gates(self.view.portfolio, self.project, self.view.reached) if self.project.waits else ()
        gate_says = [gate_reason(gates)] if gates else []
        agreed = agreement_reason(self.project, benefit, self.view.communities, bars)
        agreed_says = [agreed] if agreed else []
        no_limit = [harm_reason(one, bars, harm_name(name)) for name, one in self.harms if one.above is None]
        if benefit.above is None or no_limit:
            no_bar = [benefit_says] if benefit.above is None else []
            rest = [reason for reason in (benefit_says, harm_says) if reason not in (*no_bar, *no_limit)]
            return self.make("unclear", None, "", [*no_bar, *no_limit, *rest, *gate_says])
        if benefit.above < bars.accelerate:
            chance = MICRO - benefit.above
            event = "that its benefit is not above the bar"
            return self.make("unclear", chance, event, [benefit_says, harm_says, *agreed_says])
        if agreed is not None and agreed.code in _BLOCKS:
            return self.make("unclear", None, "", [agreed, benefit_says, harm_says])
        risky = harm is not None and harm.above is not None and harm.above >= bars.safeguards
        event = "that its benefit is above the bar"
        if risky or gates:
            first = [harm_says, *gate_says] if risky else [*gate_says, harm_says]
            says = [*first, benefit_says, *agreed_says]
            return self.make("with_safeguards", benefit.above, event, says, gates)
        if harm is None:
            event += "; its harm was not judged"
        else:
            event += f", with less than {threshold_text(min(bars.safeguards, bars.hold))} for harm above the limit"
        return self.make("accelerate", benefit.above, event, [benefit_says, harm_says, *agreed_says])

    def hold(
        self,
        probability: int,
        event: str,
        reasons: Sequence[Reason],
        *,
        days: int | None = None,
        at_least: bool = False,
    ) -> Verdict:
        days = self.view.rules.hold_days if days is None else days
        delay = delay_of(self.score)
        return Verdict(
            self.project.id,
            "hold",
            probability,
            event,
            (*reasons, *axis_reasons(self.score)),
            reopens_after_days=days,
            cost_of_delay=delay_text(delay, days),
            at_least=at_least,
            delay=delay,
        )

    def make(
        self,
        label: Label,
        probability: int | None,
        event: str,
        reasons: Sequence[Reason],
        gates: tuple[ClosedGate, ...] = (),
    ) -> Verdict:
        guards: tuple[Safeguard, ...] = ()
        if label == "with_safeguards":
            guards = conditions(self.view.portfolio, self.project, self.view.rules.safeguards, gates)
        return Verdict(
            self.project.id,
            label,
            probability,
            event,
            (*reasons, *axis_reasons(self.score)),
            safeguards=guards,
            waits_for=tuple(dict.fromkeys(one for closed in gates for one in closed.partners)),
            gates=gates,
        )
