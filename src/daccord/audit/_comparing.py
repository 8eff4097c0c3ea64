"""A decision file against what follows from the record: integers exactly, floats to what other machines reproduce."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

__all__ = ["differing_fits", "differing_parts", "secret_parts"]

_EXACT: Final = (
    "schema", "version", "round", "simulated", "goal", "budget", "criteria", "method", "decided_on", "seed", "inputs",
    "notices", "graph", "unallocated", "divided", "entries", "certificate",
)  # fmt: skip
"""Keys of a decision file that are equal in every part."""

_OF_PROJECT: Final = ("id", "title", "team", "ask", "verdict", "award", "share", "scores")
_DIGITS: Final = re.compile(r"[0-9]+")
"""In warnings, numbers come from floats and are there for people."""

_LEARNED: Final = 1e-4
_INTERVAL: Final = 1e-6

Difference = tuple[str, Any, Any]
"""(where, what the record says, what follows)."""


def _close(said: float, found: float, relative: float, least: float) -> bool:
    return abs(said - found) <= max(least, relative * max(abs(said), abs(found)))


def _differences(where: str, said: Any, found: Any, relative: float = 0.0, least: float = 0.0) -> Iterator[Difference]:  # noqa: ANN401 - JSON
    """Leaf by leaf; numbers may differ by `relative` of the larger one, or by `least`."""
    if isinstance(said, Mapping) and isinstance(found, Mapping):
        for key in sorted({*said, *found}):
            if key not in said or key not in found:
                yield f"{where}.{key}", said.get(key), found.get(key)
            else:
                yield from _differences(f"{where}.{key}", said[key], found[key], relative, least)
    elif isinstance(said, list) and isinstance(found, list) and len(said) == len(found):
        for i, (one, other) in enumerate(zip(said, found, strict=True)):
            yield from _differences(f"{where}[{i}]", one, other, relative, least)
    elif relative and all(isinstance(one, int | float) and not isinstance(one, bool) for one in (said, found)):
        if not _close(said, found, relative, least):
            yield where, said, found
    elif type(said) is not type(found) or said != found:
        yield where, said, found


def _by_id(projects: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {project["id"]: project for project in projects}


def differing_parts(said: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    """Where a decision file is not what follows from its own published integers.

    Args:
        said: The record's.
        found: Recomputed with the record's scores and graph.
    """
    for key in _EXACT:
        yield from _differences(key, said[key], found[key])
    mine, theirs = ([_DIGITS.sub("#", text) for text in one["warnings"]] for one in (said, found))
    yield from _differences("warnings", mine, theirs)
    for key in ("effective", "defaults", "overridden"):
        yield from _differences(f"parameters.{key}", said["parameters"][key], found["parameters"][key])
    yield from _differences(
        "parameters.learned", said["parameters"]["learned"], found["parameters"]["learned"], _LEARNED, 1e-6
    )
    yield from _differences("voices", said["voices"], found["voices"], _LEARNED, 2e-6)
    if [one["id"] for one in said["projects"]] != [one["id"] for one in found["projects"]]:
        yield "projects", "other ids, or in another order", "those of projects.csv"
        return
    for one, other in zip(said["projects"], found["projects"], strict=True):
        where = f"projects[{one['id']}]"
        for key in _OF_PROJECT:
            yield from _differences(f"{where}.{key}", one[key], other[key])
        yield from _differences(f"{where}.interval", one["interval"], other["interval"], _INTERVAL, 1.0)


def differing_fits(
    said: Mapping[str, Any], found: Mapping[str, Any], secret: Collection[str]
) -> tuple[list[Difference], int]:
    """Where published integers are not what one's own fit rounds to, within one unit.

    Args:
        said: The record's decision file.
        found: One's own, from the record's answers.
        secret: Criteria whose answers are not there.

    Returns:
        The differences, and how many integers differ by one unit and pass.
    """
    unit, wrong, off = 1.0, [], 0
    pairs = []
    others = _by_id(found["projects"])
    for project in said["projects"]:
        where, other = f"projects[{project['id']}]", others.get(project["id"])
        if other is None:
            continue  # another project than those of the round is told elsewhere
        pairs.append((f"{where}.share", project["share"], other["share"]))
        mine, theirs = ({k: v for k, v in one["scores"].items() if k not in secret} for one in (project, other))
        pairs.append((f"{where}.scores", mine, theirs))
    pairs += _graph_pairs(said["graph"], found["graph"], hidden=bool(secret))
    for where, one, other in pairs:
        for difference in _differences(where, one, other):
            place, mine, theirs = difference
            whole = all(isinstance(value, int) and not isinstance(value, bool) for value in (mine, theirs))
            if whole and abs(mine - theirs) <= unit and place.rpartition(".")[2] not in ("judgments", "jurors"):
                off += 1
            else:
                wrong.append(difference)
    return wrong, off


def _graph_pairs(said: Mapping[str, Any], found: Mapping[str, Any], *, hidden: bool) -> list[tuple[str, Any, Any]]:
    """Parts of the graph that follow from answers in the clear: all of it, unless answers on harm are secret.

    When what raises a risk is in use decides what is in time, so that is left to those who know it.
    """
    if not hidden:
        return [(f"graph.{key}", said[key], found[key]) for key in ("edges", "arrivals", "shifts", "nets")]
    mine, theirs = (
        [
            {name: value for name, value in edge.items() if name not in ("in_time", "expected")}
            for edge in graph["edges"]
            if edge["kind"] != "raises"
        ]
        for graph in (said, found)
    )
    return [("graph.edges", mine, theirs), ("graph.arrivals", said["arrivals"], found["arrivals"])]


def secret_parts(document: Mapping[str, Any], secret: Collection[str]) -> dict[str, Any]:
    """What of a decision file follows from secret answers, as trustees attest it."""
    scores = {
        project["id"]: {name: score for name, score in project["scores"].items() if name in secret}
        for project in document["projects"]
    }
    return {"graph": document["graph"], "scores": {name: part for name, part in scores.items() if part}}
