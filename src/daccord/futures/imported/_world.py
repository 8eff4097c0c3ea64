"""`world_from_round`: the round's technology graph and judged efficacies become a world.

| round | world |
|---|---|
| project, technology | technology; its judged lead time, or what people said under `arrives`, is its arrival |
| ask, pot | today's spending (times `own`), money a year |
| share of the benefit | lift: that share of the assumed total |
| `defends` a risk | defends, with the judged efficacy |
| `makes_safe`, `substitutes`, `defends` a technology | makes_safe, substitutes, with the judged efficacy |
| `raises` a risk by a | source of strength a, next to a threat of strength 1: hazard · (1 + a) once both are there |
| `arrives` of a risk | arrival of that threat, a technology which nobody funds and nobody can slow down |
| gate that is closed, dependency | requires |
| level of harm, if it asks for safeguards or holds | transition risk: that probability of the assumed one |
| defensive, but nobody says against what | general resilience against the unlisted threat |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from daccord.allocation.verdicts import broken_constraints
from daccord.errors import InputError
from daccord.futures.imported._assumptions import Assumptions
from daccord.futures.imported._imported import Imported
from daccord.futures.imported._reading import Reading, read
from daccord.futures.imported._roles import general_strength, lowering, raising, requirements
from daccord.futures.imported._technologies import technology, threat
from daccord.futures.imported._telling import attribute, tell
from daccord.futures.world import Quantity, Risk, Role, World, check
from daccord.pipeline import Decision
from daccord.portfolio import Project
from daccord.round import Round

__all__ = ["world_from_round"]


def world_from_round(round_: Round, decision: Decision, assumptions: Assumptions | None = None) -> Imported:
    """Turn a decided round into a world.

    Args:
        round_: What was judged.
        decision: What came of it; of votes on harm, and of benefit, only what it publishes is read.
        assumptions: What nobody judged; round numbers if None.

    Returns:
        A world that `check` accepts, with where every number is from and what is not in it.

    Raises:
        InputError: Nobody judged benefit or a role, the decision is of another round, or an assumption makes no sense.
    """
    reading = read(round_, decision, assumptions or Assumptions())
    use = reading.assumptions
    edges = {name: (*lowering(reading, item), *raising(reading, item)) for name, item in round_.portfolio.known.items()}
    kept = _kept(reading, edges)
    if not kept:
        raise InputError.single(
            "import",
            "nobody judged a role or the benefit of any project",
            column="round",
            remedy="import a round with roles.csv, or with answers on benefit",
        )
    roles = [role for name in kept for role in edges[name]]
    roles += requirements(reading, kept)
    risks, threats = _risks(reading, roles)
    roles += _threats(reading, threats)
    general = {name: strength for name, item in kept.items() if (strength := general_strength(reading, item))}
    if general:
        risks.append(_unlisted(reading, {risk.id for risk in risks}))
        roles += _resilience(reading, general, risks[-1].id)
    titles = {risk.id: risk for risk in round_.portfolio.risks}
    world = World(
        tuple(technology(reading, item, general=name in general) for name, item in kept.items())
        + tuple(threat(reading, titles[risk], name) for name, risk in threats.items()),
        tuple(risks),
        tuple(roles),
        *_evaluators(reading),
        progress=use.progress,
        optimism=use.optimism,
        window=use.window,
        horizon=use.horizon,
        edge=use.edge,
        welfare=use.welfare,
        unit=f"{round_.budget.currency.code} a year",
    )
    check(world)
    attribute(reading)
    tell(reading)
    return Imported(
        world,
        reading.money(round_.budget.amount),
        tuple(_fundable(reading, kept)),
        threats,
        reading.sources,
        reading.notes,
        tuple(reading.left_out),
        round_.simulated,
    )


def _kept(reading: Reading, edges: Mapping[str, tuple[Role, ...]]) -> dict[str, Project]:
    """What becomes a technology: what does something that was judged, or is acted on, or is waited for."""
    portfolio, scores = reading.round.portfolio, reading.decision.scores
    acted = {role.target for own in edges.values() for role in own}
    waited = {gate.of for item in portfolio.known.values() for gate in item.waits}
    rests = {name for edge in reading.round.inputs.dependencies for name in (edge.project, edge.on)}
    found = {}
    for name, item in portfolio.known.items():
        rated = name in portfolio.index and (
            reading.decision.allocation.verdict_of[name].label != "unrated" and "benefit" in scores[name].criteria
        )
        if edges[name] or rated or name in acted | waited | rests:
            found[name] = item
        else:
            reading.left_out.append(f"{name}: too few people judged its benefit, and no role of it was judged")
    judged = any(edges.values()) or any("benefit" in score.criteria for score in scores)
    return found if judged else {}


def _risks(reading: Reading, roles: list[Role]) -> tuple[list[Risk], dict[str, str]]:
    """Risks that something acts on, and a threat for each whose arrival matters."""
    use = reading.assumptions
    acted = {role.target for role in roles}
    raised = {role.target for role in roles if role.kind == "source"}
    risks: list[Risk] = []
    threats: dict[str, str] = {}
    for risk in reading.round.portfolio.risks:
        if risk.id not in acted:
            reading.left_out.append(f"{risk.id}: nobody judged what any project does about it")
            continue
        hazard, severity = use.hazards.get(risk.id, use.hazard), use.severities.get(risk.id, use.severity)
        risks.append(Risk(risk.id, hazard, use.floor, severity, title=risk.title))
        stated = {"hazard": risk.id in use.hazards, "severity": risk.id in use.severities}
        for what in ("hazard", "floor", "severity"):
            reading.assume(f"{what}:{risk.id}", what, own=stated.get(what, False))
        if risk.id in raised or reading.arrives(risk.id) is not None:
            threats[_free(f"threat-of-{risk.id}", set(reading.round.portfolio.known) | set(threats))] = risk.id
    return risks, threats


def _threats(reading: Reading, threats: Mapping[str, str]) -> Iterator[Role]:
    """What the hazards of risks that are still to come, or are raised, begin with."""
    for name, risk in threats.items():
        role = Role("source", name, risk)
        reading.origin(f"strength:{role.name}", "by definition: what others add is stated as a share of this")
        yield role


def _unlisted(reading: Reading, taken: set[str]) -> Risk:
    """The threat that nobody named."""
    use, name = reading.assumptions, _free("unlisted", taken)
    for what in ("hazard", "floor", "severity"):
        reading.assume(f"{what}:{name}", "unlisted" if what == "hazard" else what)
    return Risk(name, use.unlisted, use.floor, use.severity, listed=False, title="What nobody named")


def _resilience(reading: Reading, general: Mapping[str, Quantity], unlisted: str) -> Iterator[Role]:
    """What general resilience does about it."""
    for name, strength in general.items():
        role = Role("defends", name, unlisted, strength)
        reading.origin(
            f"strength:{role.name}",
            "judged in the round: makes defending easier, with its published probability; times an assumption "
            "(resilience)",
        )
        yield role


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free(f"{name}-", taken)


def _evaluators(reading: Reading) -> tuple[tuple[str, ...], tuple[float, ...]]:
    names = reading.groups.names
    weights = reading.groups.weights
    return (names, weights if len(set(weights)) > 1 else ()) if len(names) > 1 else ((), ())


def _fundable(reading: Reading, kept: Mapping[str, Project]) -> Iterator[str]:
    verdicts = reading.decision.allocation.verdict_of
    paid = {award.project for award in reading.decision.allocation.awards if award.amount}
    for name, item in kept.items():
        if name not in reading.round.portfolio.index:
            continue
        if broken_constraints(item, reading.round.rules):
            reading.notes[f"{name} is not fundable"] = "it breaks a hard constraint of the round"
        elif verdicts[name].label == "unrated" and name not in paid:
            reading.notes[f"{name} is not fundable"] = "too few people judged it, and the round gives it no money"
        else:
            yield name
