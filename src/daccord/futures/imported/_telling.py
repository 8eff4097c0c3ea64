"""What is told about an import: where the world's own numbers are from, how the round was read, what is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from daccord.futures.imported._reading import Reading
from daccord.judging import ARRIVES
from daccord.round import HARMS

__all__ = ["attribute", "tell"]

_USED: Final = frozenset({"benefit", "defence", "defence_if_adversary", *HARMS})


def attribute(reading: Reading) -> None:
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


def tell(reading: Reading) -> None:
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
    notes["catastrophe"] = (
        "reports call an event of any named risk a catastrophe; the share of all later welfare that it takes, its "
        "severity, is an assumption"
    )
    notes["harm"] = "the level of harm and a raised risk are two questions of the round; both are in the world"
    left.extend(_unheard(reading))
    for score in reading.decision.scores:
        if any(score.criteria[name].level == "too_few" for name in HARMS if name in score.criteria):
            notes[f"harm of {score.project}"] = "too few people answered; in the world it has no transition risk"
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


def _unheard(reading: Reading) -> Iterator[str]:
    """What too few people answered, as far as that is published; and arrivals for single horizons."""
    for score in reading.decision.graph.edges:
        if score.edge.kind == "raises" and score.efficacy is None and score.declared:
            yield f"{score.edge.project} raises > {score.edge.target}: too few people were heard on how much"
    for edge, said in reading.hearing.said.items():
        if edge.kind == ARRIVES and (edge.horizon or len(said.lead) < reading.least):
            yield f"when {edge.target} arrives: " + (
                "asked for one horizon" if edge.horizon else "too few people said so"
            )
