"""Refusing worlds that make no sense: every fault found is listed, with its place and a remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from daccord.errors import InputError, Problem
from daccord.futures.world._describe import Role, Welfare, World
from daccord.futures.world._quantity import Belief, Quantity

__all__ = ["check", "check_welfare", "parents"]

_POSITIVE: Final = (0.0, math.inf)
_SHARE: Final = (0.0, 1.0)
_ANY: Final = (-math.inf, math.inf)

_TECHNOLOGY: Final = {
    "arrival": _POSITIVE,
    "never": _SHARE,
    "elasticity": _POSITIVE,
    "leak": _SHARE,
    "lift": _ANY,
    "growth": _ANY,
    "longevity": (-math.inf, 1.0),
    "transition": _SHARE,
    "decline": _POSITIVE,
}
_RISK: Final = {"hazard": _POSITIVE, "floor": _SHARE, "severity": _SHARE}


def check(world: World) -> None:
    """Refuse a world that cannot be lived through.

    Raises:
        InputError: Ids that repeat or are unknown, numbers outside their domain, evaluators that are not listed,
            prerequisites in a circle, an unlisted threat with a source or a special defence.
    """
    problems = list(_problems(world))
    if problems:
        raise InputError(problems)


def check_welfare(welfare: Welfare) -> None:
    """Refuse values outside their domain.

    Raises:
        InputError: As said.
    """
    problems = list(_welfare(welfare))
    if problems:
        raise InputError(problems)


def parents(world: World) -> list[int]:
    """Technologies in an order in which prerequisites come first, as positions; shorter if there is a circle."""
    place = {name: k for k, name in enumerate(world.ids)}
    needs = [
        (place[role.technology], place[role.target])
        for role in world.roles_of("requires")
        if role.technology in place and role.target in place
    ]
    order: list[int] = []
    while True:
        ready = [
            k for k in range(len(place)) if k not in order and all(on in order for child, on in needs if child == k)
        ]
        if not ready:
            return order
        order += ready


def _problem(where: str, message: str, remedy: str) -> Problem:
    return Problem("world", None, where, message, remedy)


def _belief(world: World, where: str, belief: Belief, domain: tuple[float, float]) -> Iterator[Problem]:
    table: Mapping[str, Quantity] = {"": belief} if isinstance(belief, Quantity) else belief
    if not table:
        yield _problem(where, "nobody answered", "give a quantity or leave the default")
    for name, quantity in table.items():
        if name and name not in world.evaluators:
            yield _problem(where, f"evaluator {name!r} is not listed", "add the name to evaluators")
        low, high = quantity.ends
        if low < domain[0] or high > domain[1]:
            told = f"{quantity.shape} [{quantity.low}, {quantity.high}]"
            yield _problem(where, f"{told} leaves {domain[0]} to {domain[1]}", "use another interval or shape")


def _role(world: World, role: Role) -> Iterator[Problem]:
    technologies = {technology.id: technology for technology in world.technologies}
    risks = {risk.id: risk for risk in world.risks}
    hits_risk = role.kind in {"source", "defends"}
    if role.technology not in technologies:
        yield _problem(role.name, f"no technology {role.technology!r}", "name one of the world")
    if role.target not in (risks if hits_risk else technologies):
        what = "risk" if hits_risk else "technology"
        yield _problem(role.name, f"no {what} {role.target!r}", f"{role.kind} points to a {what} of the world")
    elif hits_risk and not risks[role.target].listed:
        if role.kind == "source":
            yield _problem(role.name, "an unlisted threat has no known source", "mark the risk as listed")
        elif role.technology in technologies and not technologies[role.technology].general:
            yield _problem(role.name, "only general resilience helps against what nobody listed", "mark it as general")
    if role.technology == role.target:
        yield _problem(role.name, "a technology plays no role for itself", "remove the role")
    yield from _belief(world, role.name, role.strength, _POSITIVE if role.kind == "source" else _SHARE)
    yield from _belief(world, role.name, role.delay, _POSITIVE)
    yield from _belief(world, role.name, role.lead, _POSITIVE)
    leads = [role.lead] if isinstance(role.lead, Quantity) else list(role.lead.values())
    if role.kind in {"makes_safe", "substitutes"} and any(
        lead.low <= 0 and lead.shape in {"fixed", "uniform", "normal"} for lead in leads
    ):
        yield _problem(role.name, "a lead time of 0 makes welfare jump", "use a small positive number of years")


def _welfare(welfare: Welfare) -> Iterator[Problem]:
    for name in ("gamma", "life", "rho", "growth", "mortality", "births", "future"):
        value = getattr(welfare, name)
        if not math.isfinite(value) or (name not in {"rho", "growth"} and value < 0):
            yield _problem(f"welfare.{name}", f"{value} is no value for it", "use a finite number, at least 0")
    if welfare.life == 0:
        yield _problem("welfare.life", "a life worth nothing leaves nothing to compare", "use a positive number")


def _problems(world: World) -> Iterator[Problem]:
    if not world.technologies:
        yield _problem("technologies", "there are none", "give at least one")
    for what, ids in (("technology", world.ids), ("risk", world.risk_ids), ("evaluator", world.evaluators)):
        for name in sorted({name for name in ids if ids.count(name) > 1 or not name}):
            yield _problem(what, f"id {name!r} is used twice or empty", "give every one a name of its own")
    for technology in world.technologies:
        for name, domain in _TECHNOLOGY.items():
            yield from _belief(world, f"{name}:{technology.id}", getattr(technology, name), domain)
        if not (technology.spending > 0 and math.isfinite(technology.spending)):
            yield _problem(f"spending:{technology.id}", f"{technology.spending} must be positive", "give money a year")
        if not 0 <= technology.crowding <= 1:
            yield _problem(f"crowding:{technology.id}", f"{technology.crowding} is no share", "use 0 to 1")
        if technology.factor is not None and not -1 <= technology.factor <= 1:
            yield _problem(f"factor:{technology.id}", f"{technology.factor} is no correlation", "use −1 to 1")
    for risk in world.risks:
        for name, domain in _RISK.items():
            yield from _belief(world, f"{name}:{risk.id}", getattr(risk, name), domain)
    names = [role.name for role in world.roles]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _problem(name, "the role is given twice", "keep one")
    for role in world.roles:
        yield from _role(world, role)
    if len(parents(world)) < len(world.technologies):
        yield _problem("requires", "prerequisites form a circle", "remove one of them")
    if world.weights and (
        len(world.weights) != len(world.evaluators) or min(world.weights) < 0 or sum(world.weights) <= 0
    ):
        yield _problem("weights", "one weight, at least 0, for each evaluator", "leave them out for equal weights")
    for name in ("progress", "optimism"):
        if not -1 <= getattr(world, name) <= 1:
            yield _problem(name, f"{getattr(world, name)} is no correlation", "use −1 to 1")
    if not 0 < world.window <= world.horizon < math.inf:
        yield _problem("window", "0 < window ≤ horizon is asked", "change one of them")
    if not 0 < world.edge <= world.horizon:
        yield _problem("edge", "0 < edge ≤ horizon is asked", "use a few years")
    yield from _welfare(world.welfare)
