"""The judged technology graph in `decision.json`: its shape, and a graph as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from daccord.fusion import MICRO
from daccord.fusion.roles import ArrivalScore, EdgeScore, GraphScores, ModelsSay, NetScore, ShiftScore
from daccord.portfolio import Edge

__all__ = ["GraphPart", "graph_document", "graph_of"]

Chance = Annotated[int, Field(ge=0, le=MICRO, description="Probability in millionths.")]
Spread = Annotated[list[int], Field(min_length=5, max_length=5)]
Horizon = Annotated[int, Field(ge=0, description="Whole years from now; 0 for any time.")]
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    """A JSON object; nothing is coerced and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ModelsPart(_Part):
    """What models say of a role, every family once; nothing follows from it."""

    families: Count
    efficacy: Spread | None
    lead: Spread | None


class EdgePart(_Part):
    """A role at a horizon, from people's answers."""

    project: str = Field(description="Id of the project or technology that has the role.")
    kind: Literal["defends", "makes_safe", "substitutes", "raises"]
    target: str = Field(description="Id of what it acts on.")
    horizon: Horizon
    declared: bool = Field(description="Whether the project declares it.")
    jurors: Count = Field(description="People who told its efficacy; of `raises` the least number ever heard, or 0.")
    skipped: Count = Field(description="People who could not tell; of `raises` 0.")
    efficacy: Spread | None = Field(
        description="Share removed, or added by `raises`, millionths: quantiles at 10 to 90 %; null if unrated."
    )
    lead: Spread | None = Field(description="Days until it is usable, the same quantiles; null if too few told.")
    in_time: Chance | None = Field(description="That it is usable before its target is there; null if not judged.")
    expected: int | None = Field(description="Mean share, nothing where not in time, millionths; null if unrated.")
    models: ModelsPart | None


class ArrivalPart(_Part):
    """When a risk or technology is there."""

    target: str
    jurors: Count
    days: Spread | None


class ShiftPart(_Part):
    """What a project does to one target, with all its roles that are in time."""

    project: str
    target: str
    horizon: Horizon
    shift: Spread = Field(description="Share of the risk removed, millionths; below zero where it is added.")
    lowers: Chance
    raises: Chance
    communities_disagree: bool
    disputed: bool = Field(description="True if it is given no sign.")


class NetPart(_Part):
    """What a project does to all its targets together."""

    project: str
    jurors: Count
    lowers: Chance
    raises: Chance
    flags: list[Literal["dual_use", "disputed", "late", "unjudged"]]


class GraphPart(_Part):
    """The judged technology graph; empty lists where nobody declared or judged a role."""

    edges: list[EdgePart]
    arrivals: list[ArrivalPart]
    shifts: list[ShiftPart]
    nets: list[NetPart]


def graph_document(graph: GraphScores) -> dict[str, Any]:
    """A graph as data for JSON, in the order of ids."""
    return {
        "edges": [_edge(score) for score in graph.edges],
        "arrivals": [_listed(asdict(arrival)) for arrival in graph.arrivals],
        "shifts": [_listed(asdict(shift)) for shift in graph.shifts],
        "nets": [_listed(asdict(net)) for net in graph.nets],
    }


def _edge(score: EdgeScore) -> dict[str, Any]:
    fields = asdict(score)
    models = fields.pop("models")
    return {**fields.pop("edge"), **_listed(fields), "models": models and _listed(models)}


def _listed(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def graph_of(document: Mapping[str, Any]) -> GraphScores:
    """The published graph from a document, as `graph_document` wrote it.

    Raises:
        KeyError: The document is not one of these.
    """
    graph = document["graph"]
    return GraphScores(
        edges=tuple(_edge_of(edge) for edge in graph["edges"]),
        arrivals=tuple(ArrivalScore(**_fixed(arrival)) for arrival in graph["arrivals"]),
        shifts=tuple(ShiftScore(**_fixed(shift)) for shift in graph["shifts"]),
        nets=tuple(NetScore(**_fixed(net)) for net in graph["nets"]),
    )


def _edge_of(said: Mapping[str, Any]) -> EdgeScore:
    fields = _fixed(said)
    edge = Edge(*(fields.pop(name) for name in ("project", "kind", "target", "horizon")))
    models = fields.pop("models")
    return EdgeScore(edge=edge, **fields, models=models and ModelsSay(**_fixed(models)))


def _fixed(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
