"""What verdicts say to people, from published integers alone.

Of harm only levels are said ("at least 50 %", "below 20 %"), never a number between two thresholds: that is all that is
published, and a person's answer on harm must not be inferable from what a verdict says.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from daccord.allocation._types import ClosedGate, Reason
from daccord.allocation.verdicts._words import Bars, answers, listed, people, probability_text, threshold_text, title_of
from daccord.fusion import MICRO, CriterionScore, ProjectScore
from daccord.portfolio import Portfolio
from daccord.round import HARMS, Constraint, Rules

__all__ = [
    "axis_reasons",
    "benefit_reason",
    "community_reason",
    "constraint_reason",
    "disputed_reason",
    "gate_reason",
    "harm_name",
    "harm_reason",
    "stand_in_reason",
    "thin_reason",
]

_AXES: Final = {
    "defence": (
        "Judged apart from its benefit, it does not clearly strengthen defence more than attack",
        "its defence is above the bar",
    ),
    "defence_if_adversary": (
        "With an adversary holding it, it does not clearly strengthen defence more than attack",
        "its defence is then above the bar",
    ),
    "diffusion": (
        "Judged apart from its benefit, it does not clearly spread power",
        "its diffusion of power is above the bar",
    ),
}


def constraint_reason(constraint: Constraint) -> Reason:
    """That a hard constraint forbids it."""
    return Reason(
        "hard_constraint",
        f"It breaks the hard constraint {constraint.id}, version {constraint.version}: {constraint.text} "
        "No score lifts a hard constraint.",
    )


def harm_name(criterion: str) -> str:
    """What a criterion of harm is called in a sentence."""
    return "harm in an adversary's hands" if criterion == "harm_if_adversary" else "harm"


def thin_reason(criterion: str, score: CriterionScore | None, rules: Rules) -> Reason:
    """That people said too little about it."""
    judgments, jurors = (0, 0) if score is None else (score.judgments, score.jurors)
    evidence = rules.evidence
    name, least = criterion, evidence.min_jurors
    if criterion in HARMS:
        name = harm_name(criterion)
    if getattr(score, "level", "") == "too_few":
        # How many answered is not said of harm: who could see it change would learn who had just answered.
        least = max(least, rules.harm.min_group)
        said = f"Too few people's answers about its {name} could be heard"
    elif judgments == 0:
        said = f"Nobody has answered about its {name}"
    else:
        said = f"People gave {answers(judgments)} about its {name}, from {people(jurors)}"
    needed = f"{answers(max(1, evidence.min_judgments, least))} from {people(max(1, least))}"
    return Reason("thin_evidence", f"{said}; it is rated from {needed} on.")


def benefit_reason(benefit: CriterionScore, bars: Bars) -> Reason:
    """How probable it is that the benefit is above the bar."""
    if benefit.above is None:
        return Reason(
            "no_bar",
            f"People gave {answers(benefit.judgments)}, but no probability that its benefit is above a bar is known: "
            "either the round sets no bar, or its fusion rule cannot place it.",
        )
    text = (
        f"People gave {answers(benefit.judgments)}; the probability that its benefit is above the bar is "
        f"{probability_text(benefit.above, bars.accelerate)}"
    )
    if benefit.above >= bars.accelerate:
        return Reason("benefit_above_bar", f"{text}.")
    return Reason("benefit_below_bar", f"{text}, and {threshold_text(bars.accelerate)} is needed.")


def harm_reason(harm: CriterionScore | None, bars: Bars, name: str = "harm") -> Reason:
    """Between which thresholds the probability lies that its harm is above the limit."""
    if harm is None:
        return _level_reason("unasked", bars, name)
    if harm.above is None:
        return _level_reason("unknown", bars, name)
    if harm.above >= bars.hold:
        return _level_reason("hold", bars, name)
    return _level_reason("safeguards" if harm.above >= bars.safeguards else "below", bars, name)


@lru_cache(maxsize=256)
def _level_reason(level: str, bars: Bars, name: str) -> Reason:
    """The same for all projects of a level: that nothing finer is said shows in that nothing finer is known here."""
    if level == "unasked":
        return Reason("harm_not_judged", "Its harm was not judged in this round and counts as none.")
    if level == "unknown":
        return Reason(
            "no_harm_limit",
            f"Its {name} was judged, but no probability that it is above a limit is known: either the round sets no "
            "limit, or its fusion rule cannot place it.",
        )
    text = f"By people's answers, the probability that its {name} is above the limit is"
    hold, safeguards = threshold_text(bars.hold), threshold_text(bars.safeguards)
    if level == "hold":
        return Reason("harm_above_limit", f"{text} at least {hold}, and from there on it is held.")
    if level == "safeguards":
        return Reason(
            "harm_needs_safeguards", f"{text} at least {safeguards} and below {hold}, and that needs safeguards."
        )
    return Reason("harm_below_limit", f"{text} below {threshold_text(min(bars.safeguards, bars.hold))}.")


def community_reason(community: str, sure: int, name: str = "harm") -> Reason:
    """That one community is sure of the harm and none of the contrary."""
    return Reason(
        "community_sure",
        f"By the answers of the community “{community}” alone, the probability that its {name} is above the limit is "
        f"at least {threshold_text(sure)}, and no community is sure of the contrary.",
    )


def disputed_reason(dissent: Iterable[str], bars: Bars, name: str = "harm") -> Reason:
    """That the harm would hold it, but communities do not agree."""
    who = listed(f"“{community}”" for community in dissent)
    return Reason(
        "hold_disputed",
        f"By all answers together the probability that its {name} is above the limit is at least "
        f"{threshold_text(bars.hold)}, but by the answers of {who} alone it is at most "
        f"{threshold_text(MICRO - bars.community_sure)}. A hold needs agreement across communities, so it is not held; "
        "it is not cleared either, and no money flows.",
    )


def gate_reason(gates: Iterable[ClosedGate]) -> Reason:
    """That its money waits, and for what."""
    return Reason("gate_closed", f"Its money waits until {listed(closed.text for closed in gates)}.")


def stand_in_reason(portfolio: Portfolio, names: Iterable[str]) -> Reason:
    """That something comparable does not wait; said first."""
    titles = [title_of(portfolio, name) for name in names]
    can = "can take its place in this round and waits" if len(titles) == 1 else "can take its place and wait"
    return Reason("substitute_first", f"Look first at {listed(titles)}, which {can} for nothing.")


def axis_reasons(score: ProjectScore) -> list[Reason]:
    """What is to be said about defence and about diffusion of power, each for itself; never blended with benefit."""
    out = []
    for criterion, (finding, event) in _AXES.items():
        known = score.criteria.get(criterion)
        if known is not None and known.above is not None and 2 * known.above < MICRO:
            out.append(
                Reason(
                    f"{criterion}_below_bar",
                    f"{finding}: the probability that {event} is {probability_text(known.above, MICRO // 2)}.",
                )
            )
    return out
