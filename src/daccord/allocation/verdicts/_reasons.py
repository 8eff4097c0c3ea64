"""What verdicts say to people: reasons, default safeguards and the cost of delay, all from published integers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Final

from daccord.allocation._exact import as_written
from daccord.allocation._types import Reason
from daccord.fusion import MICRO, NANO, CriterionScore, ProjectScore
from daccord.portfolio import Portfolio, Project
from daccord.round import Constraint, EvidenceRules, Rules, Safeguard

__all__ = [
    "Bars",
    "axis_reasons",
    "benefit_reason",
    "community_reason",
    "constraint_reason",
    "cost_of_delay",
    "default_safeguards",
    "gate_reason",
    "harm_reason",
    "probability_text",
    "share_percent",
    "thin_reason",
]

_AXES: Final = {
    "defence": (
        "Judged apart from its benefit, it does not clearly strengthen defence more than attack",
        "its defence is above the bar",
    ),
    "diffusion": (
        "Judged apart from its benefit, it does not clearly spread power",
        "its diffusion of power is above the bar",
    ),
}


@dataclass(frozen=True)
class Bars:
    """Thresholds of the verdicts in millionths: the smallest integer that reaches each."""

    accelerate: int
    safeguards: int
    hold: int
    community_sure: int

    @classmethod
    def of(cls, rules: Rules) -> Bars:
        """The rules' thresholds, exactly as written."""
        verdicts = rules.verdicts
        asked = (verdicts.accelerate, verdicts.safeguards, verdicts.hold, verdicts.community_sure)
        return cls(*(ceil(as_written(share) * MICRO) for share in asked))


def probability_text(millionths: int, against: int | None = None) -> str:
    """A probability as `83 %`, rounded down, so that what is below a threshold also reads below it.

    The ends read `under 1 %` and `over 99 %`: no estimate is certain.

    Args:
        millionths: From 0 to 1,000,000.
        against: A threshold in millionths that it is compared with. Decimals are added until the two read
            differently; if they are equal, it reads like the threshold.
    """
    if against == millionths:
        return _threshold_text(millionths)
    digits = 0
    while against is not None and against // 10 ** (4 - digits) == millionths // 10 ** (4 - digits):
        digits += 1
    if digits == 0 and millionths < MICRO // 100:
        return "under 1 %"
    if digits == 0 and millionths > 99 * MICRO // 100:
        return "over 99 %"
    tens = 10**digits
    whole, rest = divmod(millionths * 100 * tens // MICRO, tens)
    return f"{whole}.{rest:0{digits}} %" if digits else f"{whole} %"


def _threshold_text(millionths: int) -> str:
    """A threshold in per cent with all its decimals: it is a rule and not an estimate."""
    return f"{f'{millionths // 10_000}.{millionths % 10_000:04}'.rstrip('0').rstrip('.')} %"


def share_percent(billionths: int) -> str:
    """A share in per cent with one decimal, rounded down."""
    tenths = billionths * 1000 // NANO
    return "under 0.1 %" if tenths == 0 and billionths > 0 else f"{tenths // 10}.{tenths % 10} %"


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count:,} answers"


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _title(portfolio: Portfolio, identifier: str) -> str:
    if identifier in portfolio.index:
        return portfolio[identifier].title
    return next((risk.title for risk in portfolio.risks if risk.id == identifier), identifier)


def _list(words: Iterable[str]) -> str:
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def constraint_reason(constraint: Constraint) -> Reason:
    """That a hard constraint forbids it."""
    return Reason(
        "hard_constraint",
        f"It breaks the hard constraint {constraint.id}, version {constraint.version}: {constraint.text} "
        "No score lifts a hard constraint.",
    )


def thin_reason(criterion: str, score: CriterionScore | None, evidence: EvidenceRules) -> Reason:
    """That people said too little about it."""
    judgments, jurors = (0, 0) if score is None else (score.judgments, score.jurors)
    said = (
        f"Nobody has answered about its {criterion}"
        if judgments == 0
        else f"People gave {_answers(judgments)} about its {criterion}, from {_people(jurors)}"
    )
    needed = f"{_answers(max(1, evidence.min_judgments))} from {_people(max(1, evidence.min_jurors))}"
    return Reason("thin_evidence", f"{said}; it is rated from {needed} on.")


def benefit_reason(benefit: CriterionScore, bars: Bars) -> Reason:
    """How probable it is that the benefit is above the bar."""
    if benefit.above is None:
        return Reason(
            "no_bar",
            f"People gave {_answers(benefit.judgments)}, but no probability that its benefit is above a bar is known: "
            "either the round sets no bar, or its fusion rule cannot place it.",
        )
    text = (
        f"People gave {_answers(benefit.judgments)}; the probability that its benefit is above the bar is "
        f"{probability_text(benefit.above, bars.accelerate)}"
    )
    if benefit.above >= bars.accelerate:
        return Reason("benefit_above_bar", f"{text}.")
    return Reason("benefit_below_bar", f"{text}, and {_threshold_text(bars.accelerate)} is needed.")


def harm_reason(harm: CriterionScore | None, bars: Bars) -> Reason:
    """How probable it is that the harm is above the limit."""
    if harm is None:
        return Reason("harm_not_judged", "Its harm was not judged in this round and counts as none.")
    if harm.above is None:
        return Reason(
            "no_harm_limit",
            f"People gave {_answers(harm.judgments)} about its harm, but no probability that it is above a limit is "
            "known: either the round sets no limit, or its fusion rule cannot place it.",
        )
    level = bars.hold if harm.above >= bars.hold else bars.safeguards
    text = (
        f"People gave {_answers(harm.judgments)} about its harm; the probability that it is above the limit is "
        f"{probability_text(harm.above, level)}"
    )
    if harm.above >= bars.hold:
        return Reason("harm_above_limit", f"{text}, and from {_threshold_text(level)} on it is held.")
    if harm.above >= bars.safeguards:
        return Reason("harm_needs_safeguards", f"{text}, and from {_threshold_text(level)} on it needs safeguards.")
    return Reason("harm_below_limit", f"{text}.")


def community_reason(community: str, probability: int) -> Reason:
    """That one community is sure of the harm and none of the contrary."""
    return Reason(
        "community_sure",
        f"By the answers of the community “{community}” alone, the probability that its harm is above the limit is "
        f"{probability_text(probability)}, and no community is sure of the contrary.",
    )


def gate_reason(portfolio: Portfolio, waits_for: Iterable[str]) -> Reason:
    """That projects it requires are not deployed yet."""
    names = [_title(portfolio, identifier) for identifier in waits_for]
    verb = "is" if len(names) == 1 else "are"
    return Reason(
        "gate_closed", f"It requires {_list(names)}, which {verb} not deployed yet; its money waits for that."
    )


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


def cost_of_delay(score: ProjectScore, days: int) -> str:
    """What waiting costs, from the project's share of the round's benefit."""
    if "benefit" not in score.criteria:
        return f"Its benefit has not been judged, so what {days} days of waiting cost is not known."
    return (
        f"Waiting up to {days} days puts off what is expected to be {share_percent(score.share)} of the benefit of the "
        f"whole round (80 % interval {share_percent(score.share_low)} to {share_percent(score.share_high)})."
    )


def default_safeguards(portfolio: Portfolio, project: Project, waits_for: Iterable[str]) -> tuple[Safeguard, ...]:
    """Conditions from the project's own edges, for rounds whose rules name none: one for each risk and closed gate."""
    team = f"the team {project.team}" if project.team else f"the applicants of {project.title}"
    out = [
        Safeguard(
            condition=(
                f"Before the first payment the team publishes what it does against “{_title(portfolio, role.target)}”, "
                "which its work may raise, and someone outside the team confirms it before each further payment."
            ),
            accountable=team,
            clawback="If that is not confirmed, what has not been paid out returns to the pot.",
        )
        for role in project.roles
        if role.kind == "raises"
    ]
    out += [
        Safeguard(
            condition=f"Nothing is paid before “{_title(portfolio, identifier)}” is deployed.",
            accountable=team,
            clawback="What has not been paid out when the grant ends returns to the pot.",
        )
        for identifier in waits_for
    ]
    if out:
        return tuple(out)
    return (
        Safeguard(
            condition=(
                "Before the first payment the team publishes how its work could do harm and what it does against it, "
                "and someone outside the team confirms it before each further payment."
            ),
            accountable=team,
            clawback="If that is not confirmed, what has not been paid out returns to the pot.",
        ),
    )
