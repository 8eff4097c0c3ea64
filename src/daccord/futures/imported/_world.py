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
from daccord.futures.world import Risk, Role, World, check
from daccord.pipeline import Decision
from daccord.portfolio import Project
from daccord.round import HARMS, Round

__all__ = ["world_from_round"]

_USED = {"benefit", "defence", "defence_if_adversary", *HARMS}


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
    roles = [role for name in kept for role in edges[name] if role.target in kept or role.target not in edges]
    needed = tuple(requirements(reading, kept))
    roles += needed
    risks, threats = _risks(reading, roles)
    roles += [Role("source", name, risk) for name, risk in threats.items()]
    for role in roles[-len(threats) :] if threats else ():
        reading.origin(role.name, "by definition: what others add is stated as a share of this")
    general = {name: strength for name, item in kept.items() if (strength := general_strength(reading, item))}
    if general:
        unlisted = _free("unlisted", {risk.id for risk in risks})
        risks.append(Risk(unlisted, use.unlisted, use.floor, use.severity, listed=False, title="What nobody named"))
        for what in ("hazard", "floor", "severity"):
            reading.assume(f"{what}:{unlisted}", "unlisted" if what == "hazard" else what)
        for name, strength in general.items():
            roles.append(Role("defends", name, unlisted, strength))
            reading.origin(
                roles[-1].name,
                "judged in the round: makes defending easier, with its published probability; times an assumption "
                "(resilience)",
            )
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
    _attribute(reading)
    _tell(reading)
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
        for what in ("hazard", "floor", "severity"):
            reading.assume(f"{what}:{risk.id}", what)
        if risk.id in raised or reading.arrives(risk.id) is not None:
            threats[_free(f"threat-of-{risk.id}", set(reading.round.portfolio.known) | set(threats))] = risk.id
    return risks, threats


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free(f"{name}-", taken)


def _evaluators(reading: Reading) -> tuple[tuple[str, ...], tuple[float, ...]]:
    names = reading.groups.names
    return (names, reading.groups.weights) if len(names) > 1 else ((), ())


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


def _attribute(reading: Reading) -> None:
    """Where the numbers of the whole world are from."""
    for question, name in {
        "correlation.progress": "progress",
        "correlation.optimism": "optimism",
        "time.window": "window",
        "time.horizon": "horizon",
        "time.edge": "edge",
        "values": "welfare",
    }.items():
        reading.assume(question, name)
    reading.origin("money.budget", "the round's pot, once a year")


def _tell(reading: Reading) -> None:
    """How the round was read, and what of it was not."""
    round_, use = reading.round, reading.assumptions
    notes, left = reading.notes, reading.left_out
    notes["money"] = (
        f"the pot is there every year for {use.window:g} years; what a project asks is no upper limit in a world, and "
        "money makes it come sooner, not at all instead of never"
    )
    there = [item.id for item in round_.portfolio if item.maturity == "deployed"]
    if there:
        notes["what is there already"] = (
            f"{', '.join(there)}: a world counts when a technology comes; what money does for the reach of something "
            "that is nearly there, it does not see"
        )
    notes["lead times"] = "years until usable are taken as those without the round's money"
    notes["late defences"] = (
        "a defence that comes after its threat counts from its arrival on; in the round it counts 0"
    )
    notes["benefit"] = (
        "what people judged as benefit may hold some of the defence already; both are in the world (lift, roles)"
    )
    notes["harm"] = "the level of harm and a raised risk are two questions of the round; both are in the world"
    others = [criterion.id for criterion in round_.criteria if criterion.id not in _USED]
    if others:
        left.append(f"answers on {', '.join(others)}: a world has no place for them")
    if any(criterion.id == "defence" for criterion in round_.criteria):
        left.append("answers on defence, of projects with a judged role: the role says how much, and against what")
    if any(not judge.is_person for judge in round_.panel):
        left.append("what models say of roles: in the round it is shown apart and moves nothing")
    if reading.hearing.aside:
        left.append(f"{reading.hearing.aside} answers on roles: the judge has a declared tie")
    slow = [name for name in reading.raised if reading.leads(name)]
    if slow:
        left.append(f"lead times of raising roles of {', '.join(slow)}: a technology arrives once, by its other roles")
    inputs = {name: bool(getattr(round_.inputs, name)) for name in ("contributions", "values", "metrics", "outcomes")}
    inputs["ballots"] = len(round_.inputs.ballots) > 0
    read_by_money = [name for name, there in inputs.items() if there]
    if read_by_money:
        left.append(f"{', '.join(read_by_money)}: they move money in the round and say nothing of what a project does")
