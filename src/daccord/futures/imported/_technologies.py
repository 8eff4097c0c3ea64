"""Projects, technologies and threats of a round as technologies of a world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from daccord.fusion import MICRO, NANO
from daccord.futures.imported._beliefs import LEAST_YEARS, FloatArray, Told, from_published, rounded
from daccord.futures.imported._reading import Reading
from daccord.futures.world import Belief, Quantity, Technology, fixed
from daccord.portfolio import Project, Risk
from daccord.round import HARMS

__all__ = ["technology", "threat"]

_LEAST_DAYS = 91.0
"""What a published lead time of 0, in whole years, is read as."""

_YEAR = 365.25

_FAR = 1.5
"""Lead times of one project that differ by more than this factor are mentioned when they become one arrival."""


def technology(reading: Reading, item: Project, *, general: bool) -> Technology:
    """A project, or what asks for nothing, as a technology.

    Args:
        reading: The round.
        item: The project.
        general: Whether it helps against what nobody listed.
    """
    use, name = reading.assumptions, item.id
    elasticity = use.elasticities.get(name, use.elasticity)
    reading.assume(f"elasticity:{name}", "elasticity", own=name in use.elasticities)
    reading.assume(f"leak:{name}", "leak")
    transition = _transition(reading, name)
    if transition != fixed(0):
        reading.assume(f"decline:{name}", "decline")
    return Technology(
        name,
        _arrival(reading, item),
        never=reading.maturity(item, "never"),
        spending=_spending(reading, item),
        elasticity=elasticity,
        leak=use.leak,
        lift=_lift(reading, name),
        transition=transition,
        decline=fixed(0) if transition == fixed(0) else use.decline,
        crowding=use.crowding,
        general=general,
        title=item.title,
    )


def threat(reading: Reading, risk: Risk, name: str) -> Technology:
    """The arrival of a risk as a technology that nobody here funds.

    Args:
        reading: The round.
        risk: The risk.
        name: Id of the technology.
    """
    told = reading.arrives(risk.id)
    arrival: Belief = fixed(LEAST_YEARS)
    if told is None:
        reading.origin(f"arrival:{name}", "assumption: a risk that nobody said is still to come is there already")
    else:
        arrival, who = reading.groups.belief(told, "log")
        reading.judged(f"arrival:{name}", who)
    reading.assume(f"spending:{name}", "outside")
    reading.origin(f"leak:{name}", "assumption: nobody in the round can slow a threat down")
    return Technology(
        name,
        arrival,
        spending=reading.assumptions.outside * reading.money(reading.round.budget.amount),
        leak=fixed(1),
        title=f"Threat: {risk.title}",
        given=True,
    )


def _arrival(reading: Reading, item: Project) -> Belief:
    question = f"arrival:{item.id}"
    told = reading.arrives(item.id)
    if told is not None:
        belief, who = reading.groups.belief(told, "log")
        reading.judged(question, who)
        return belief
    by_role = reading.leads(item.id)
    if by_role:
        _mention(reading, item.id, by_role)
        together: dict[str, list[FloatArray]] = {}
        for one in by_role.values():
            for judge, answers in one.items():
                together.setdefault(judge, []).extend(answers)
        belief, who = reading.groups.belief(together, "log")
        reading.judged(question, f"{who} (lead time)")
        return belief
    published = [score.lead for score in reading.raised.get(item.id, ()) if score.lead is not None]
    if published:
        low, high = min(lead[0] for lead in published), max(lead[-1] for lead in published)
        reading.origin(question, "judged in the round; of votes on harm, published in whole years")
        return from_published(low / _YEAR, high / _YEAR, _LEAST_DAYS / _YEAR)
    return reading.maturity(item, "arrival")


def _mention(reading: Reading, name: str, by_role: Mapping[tuple[str, str], Told]) -> None:
    """Say where lead times of several roles become one arrival."""
    middles = {
        f"{kind} > {target}": median((knots[1] + knots[2]) / 2 for own in told.values() for knots in own)
        for (kind, target), told in by_role.items()
    }
    if len(middles) > 1 and max(middles.values()) > _FAR * max(min(middles.values()), LEAST_YEARS):
        said = ", ".join(f"{role}: {years:.1f}" for role, years in middles.items())
        reading.left_out.append(
            f"{name}: lead times that differ by role (middle years {said}); a technology arrives once, so they are "
            "pooled"
        )


def _spending(reading: Reading, item: Project) -> float:
    use, round_, question = reading.assumptions, reading.round, f"spending:{item.id}"
    if item.id in use.spendings:
        reading.assume(question, "own", own=True)
        return use.spendings[item.id]
    if item.id not in round_.portfolio.index:
        reading.assume(question, "outside")
        return use.outside * reading.money(round_.budget.amount)
    if item.ask is not None and item.ask > 0:
        reading.assume(question, "own", f" = {use.own:g}, of what it asks")
        return use.own * reading.money(item.ask)
    reading.assume(question, "own", f" = {use.own:g}, of the middle of what projects ask, as it names no amount")
    return use.own * reading.money(1) * _middle([project.ask for project in round_.portfolio], round_.budget.amount)


def _middle(asks: Sequence[int | None], pot: int) -> float:
    """Median of the asks; an equal part of the pot if nobody names an amount."""
    named = [ask for ask in asks if ask]
    return float(median(named)) if named else pot / len(asks)


def _lift(reading: Reading, name: str) -> Quantity:
    """Benefit: what the round judges is how it is shared; how much it is together is assumed."""
    if name not in reading.round.portfolio.index:
        return fixed(0)
    score = reading.decision.scores[name]
    benefit = score.criteria.get("benefit")
    if benefit is None or benefit.jurors < reading.least or score.share <= 0 or reading.assumptions.lift <= 0:
        return fixed(0)  # where too few people answered, the share is the prior's and nobody's judgment
    total = reading.assumptions.lift
    low, high = (total * max(end, 1) / NANO for end in (score.share_low, score.share_high))
    reading.origin(
        f"lift:{name}",
        f"judged in the round by {benefit.jurors} people: its share of the benefit; assumption: {total:g} for all "
        "projects together (lift)",
    )
    return from_published(low, high, total / NANO)


def _transition(reading: Reading, name: str) -> Quantity:
    """Harm: the published level, times an assumption; nothing where the level asks for no safeguards.

    Of harm in our hands and in an adversary's the worse counts, as in the round.
    """
    if name not in reading.round.portfolio.index:
        return fixed(0)
    criteria = reading.decision.scores[name].criteria
    harms = [criteria[criterion] for criterion in HARMS if criterion in criteria]
    levels = [(harm.above, harm.at_most) for harm in harms if harm.above and harm.at_most is not None]
    if not levels:
        return fixed(0)
    most = reading.assumptions.transition
    low, high = (level / MICRO for level in max(levels))
    reading.origin(
        f"transition:{name}",
        f"judged in the round: above the limit on harm with {low:.0%} to {high:.0%}, a published level; "
        f"times an assumption (transition)",
    )
    return Quantity(rounded(most.low * low), rounded(most.high * high), most.shape)
