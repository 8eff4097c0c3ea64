"""Judged roles, requirements and dependencies of a round as roles of a world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from daccord.allocation.verdicts import is_open
from daccord.fusion import MICRO
from daccord.futures.imported._beliefs import LEAST_SHARE, from_published, rounded
from daccord.futures.imported._reading import Reading
from daccord.futures.world import Quantity, Role
from daccord.portfolio import Project

__all__ = ["general_strength", "lowering", "raising", "requirements"]

_STEP = 25_000 / MICRO
"""Half of the steps in which votes on harm are published: what a published 0 is read as."""


def lowering(reading: Reading, item: Project) -> Iterator[Role]:
    """What a project defends against, makes safe and takes the place of."""
    known = reading.round.portfolio.known
    for (kind, target), horizons in reading.lowering(item.id).items():
        edge = f"{item.id} {kind} > {target}"
        if not horizons:
            reading.left_out.append(f"{edge}: too few people judged how much")
            continue
        others = [str(horizon) for horizon in horizons[:-1] if reading.spoken_for(item.id, kind, target, horizon)]
        if others:
            reading.left_out.append(
                f"{edge}: its efficacy at {', '.join(others)} years; in a world a role holds from arrival on, and the "
                f"one at {horizons[-1]} years is taken"
            )
        said = reading.hearing.at(item.id, kind, target, horizons[-1]).efficacy
        strength, who = reading.groups.belief({judge: [knots] for judge, knots in said.items()}, "share")
        if target not in known:
            role = Role("defends", item.id, target, strength)
        else:
            if kind == "defends":
                reading.notes[edge] = "a defence against a technology is read as making it safe"
            replaces = kind == "substitutes"
            role = Role(
                "substitutes" if replaces else "makes_safe", item.id, target, strength, reading.assumptions.ahead
            )
            reading.assume(f"lead:{role.name}", "ahead")
        reading.judged(f"strength:{role.name}", who)
        yield role


def raising(reading: Reading, item: Project) -> Iterator[Role]:
    """What a project adds to risks, as published."""
    for score in reading.raised.get(item.id, ()):
        edge, efficacy = score.edge, score.efficacy
        if efficacy is None:
            continue
        if edge.target in reading.round.portfolio.known:
            reading.left_out.append(f"{item.id} raises > {edge.target}: a world has risks raised, not technologies")
            continue
        if edge.horizon:
            reading.notes[f"{item.id} raises > {edge.target}"] = (
                f"judged for {edge.horizon} years from now; in the world it holds from arrival on"
            )
        role = Role("source", item.id, edge.target, from_published(efficacy[0] / MICRO, efficacy[-1] / MICRO, _STEP))
        reading.origin(
            f"strength:{role.name}",
            f"judged in the round by at least {score.jurors} people; votes on harm, published in steps of 5 points",
        )
        yield role


def general_strength(reading: Reading, item: Project) -> Quantity | None:
    """Share of the unlisted threat that a project removes: where people find it defensive and nobody says against what.

    Returns:
        None where a judged role says so, or people do not find it more probable than not.
    """
    if item.id not in reading.round.portfolio.index or any(reading.lowering(item.id).values()):
        return None
    criteria = reading.decision.scores[item.id].criteria
    said = [criteria[name] for name in ("defence", "defence_if_adversary") if name in criteria]
    least = min((score.above for score in said if score.above is not None), default=0)  # the worse counts
    if 2 * least < MICRO:
        return None
    chance, most = least / MICRO, reading.assumptions.resilience
    low, high = (max(chance * end, LEAST_SHARE) for end in (most.low, most.high))
    return Quantity(rounded(low), rounded(max(low, high)), most.shape)


def requirements(reading: Reading, kept: Mapping[str, Project]) -> Iterator[Role]:
    """What cannot come before something else: closed gates, then dependencies with the most credit first.

    Args:
        reading: The round.
        kept: What is in the world.
    """
    portfolio, after = reading.round.portfolio, _Order()
    for item in kept.values():
        for gate in item.waits:
            said = f"{item.id} waits for {gate}"
            if is_open(portfolio, item, gate):
                reading.notes[said] = "the gate is open already, so that it is no requirement in the world"
            elif gate.role or gate.maturity != "deployed" or gate.of not in kept:
                reading.left_out.append(f"{said}: a world knows requirements of one technology that is there only")
            elif after.add(item.id, gate.of):
                yield _requirement(reading, item.id, gate.of, "declared in the round: a gate that is closed")
            else:
                reading.left_out.append(f"{said}: requirements in a circle cannot all hold")
    shares = [edge for edge in reading.round.inputs.dependencies if edge.project != edge.on]
    for edge in sorted(shares, key=lambda edge: (-edge.weight, edge.project, edge.on)):
        said = f"{edge.project} depends on {edge.on} ({float(edge.weight):.0%} of its credit)"
        if edge.project not in kept or edge.on not in kept:
            reading.left_out.append(f"{said}: one of them is not in the world")
        elif (edge.project, edge.on) in after:
            continue
        elif after.add(edge.project, edge.on):
            yield _requirement(reading, edge.project, edge.on, "stated in the round: a dependency")
        else:
            reading.left_out.append(f"{said}: dependencies in a circle cannot all hold; those with more credit do")
    if shares:
        reading.left_out.append(
            "shares of credit along dependencies: a world knows that something is needed, not how much"
        )


def _requirement(reading: Reading, item: str, partner: str, source: str) -> Role:
    role = Role("requires", item, partner)
    reading.origin(role.name, source)
    return role


class _Order:
    """Who comes after whom, without circles."""

    def __init__(self) -> None:
        self._needs: dict[str, set[str]] = {}

    def __contains__(self, edge: tuple[str, str]) -> bool:
        return edge[1] in self._needs.get(edge[0], ())

    def add(self, later: str, earlier: str) -> bool:
        """Add an edge; False, and nothing is added, if it closes a circle."""
        reached, todo = {earlier}, [earlier]
        while todo:
            for name in self._needs.get(todo.pop(), ()):
                if name not in reached:
                    reached.add(name)
                    todo.append(name)
        if later in reached:
            return False
        self._needs.setdefault(later, set()).add(earlier)
        return True
