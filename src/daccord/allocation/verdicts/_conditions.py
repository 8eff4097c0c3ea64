"""Conditions of *with safeguards*: which of the round's own apply, and what stands where it has none."""

from __future__ import annotations

from collections.abc import Iterable

from daccord.allocation._exact import as_written
from daccord.allocation._types import ClosedGate
from daccord.allocation.verdicts._words import title_of
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Safeguard

__all__ = ["applies", "conditions", "returned_at_most", "terms"]

_WHERE = {"paid": "what has been paid out", "unpaid": "what has not been paid out", "award": "the award"}


def applies(safeguard: Safeguard, project: Project) -> bool:
    """Whether a condition is meant for a project: for all if it names nobody, else if one of what it names fits."""
    if not (safeguard.projects or safeguard.risks or safeguard.cells or safeguard.roles):
        return True
    raised = {role.target for role in project.roles if role.kind == "raises"}
    return (
        project.id in safeguard.projects
        or not raised.isdisjoint(safeguard.risks)
        or any(project.cells.get(cell, 0) > 0 for cell in safeguard.cells)
        or any(role.kind in safeguard.roles for role in project.roles)
    )


def conditions(
    portfolio: Portfolio, project: Project, rules: Iterable[Safeguard], gates: Iterable[ClosedGate]
) -> tuple[Safeguard, ...]:
    """What a project has to meet.

    The round's own conditions that apply to it. If none does, one for each risk it raises. In both cases one for each
    closed gate, and a general one if there would be nothing.
    """
    own = [safeguard for safeguard in rules if applies(safeguard, project)]
    team = f"the team {project.team}" if project.team else f"the applicants of {project.title}"
    out = own or _against_risks(portfolio, project, team)
    out += [
        Safeguard(
            condition=f"Nothing of the gated part is paid before this is so: {closed.text}.",
            accountable=team,
            clawback="What has not been paid out when the grant ends returns to the pot.",
            due_days=365,
            verified="The stewards of the round publish that the gate is open, with what shows it.",
            event="the gate is still closed when the grant ends",
        )
        for closed in gates
    ]
    return tuple(out) or (_general(team),)


def _against_risks(portfolio: Portfolio, project: Project, team: str) -> list[Safeguard]:
    return [
        Safeguard(
            condition=(
                "Before the first payment the team publishes what it does against "
                f"“{title_of(portfolio, role.target)}”, which its work may raise, and someone outside the team "
                "confirms it before each further payment."
            ),
            accountable=team,
            clawback="If that is not confirmed, what has not been paid out returns to the pot.",
            event="somebody outside the team has not confirmed it when it is due",
        )
        for role in project.roles
        if role.kind == "raises"
    ]


def _general(team: str) -> Safeguard:
    return Safeguard(
        condition=(
            "Before the first payment the team publishes how its work could do harm and what it does against it, "
            "and someone outside the team confirms it before each further payment."
        ),
        accountable=team,
        clawback="If that is not confirmed, what has not been paid out returns to the pot.",
        event="somebody outside the team has not confirmed it when it is due",
    )


def returned_at_most(safeguard: Safeguard, award: int) -> int:
    """The largest amount that can have to be paid back, minor units, rounded down; it depends on what is paid when."""
    share = as_written(safeguard.returns)
    return award * share.numerator // share.denominator


def terms(safeguard: Safeguard, award: int, currency: Currency) -> str:
    """A condition as a paragraph of a grant agreement, with its amount.

    Args:
        safeguard: The condition.
        award: What the project gets, minor units.
        currency: Of the amount.
    """
    share = as_written(safeguard.returns) * 100
    percent = f"{share.numerator}" if share.denominator == 1 else f"{float(share):g}"
    days = "At the day of the award" if not safeguard.due_days else f"Within {safeguard.due_days} days of the award"
    most = currency.format(returned_at_most(safeguard, award))
    said = (
        _sentence(safeguard.condition),
        f"{days}; accountable: {_sentence(safeguard.accountable)}",
        f"Verified: {_sentence(safeguard.verified)}",
        f"Clawback: {_sentence(safeguard.clawback)}",
        f"If {safeguard.event.rstrip('.')}, {percent} % of {_WHERE[safeguard.of]}, at most {most}, goes to",
        _sentence(safeguard.to),
    )
    return " ".join(said)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
