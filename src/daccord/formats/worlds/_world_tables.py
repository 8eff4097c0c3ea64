"""Reading what a world consists of: technologies, risks, roles, common factors and values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from daccord.formats._toml import Path
from daccord.formats.worlds._fields import TABLES
from daccord.formats.worlds._tables import Table, attempt, unknown_name
from daccord.futures.world import Quantity, Risk, Role, Technology, Welfare, World

__all__ = ["place_in_world", "read_described"]

T = TypeVar("T")

_HOMES: Final = {name: TABLES[name] for name in ("time", "correlation", "values")}


def place_in_world(world: World) -> Callable[[str], Path]:
    """Where the file says what `check` names: ids of technologies and risks, and roles by name."""
    roles = {role.name: i for i, role in enumerate(world.roles)}
    tables: dict[str, Path] = {"weights": ("evaluators",), "requires": ("roles",)}

    def place(column: str) -> Path:
        kind, _, identifier = column.partition(":")
        if column in roles:
            return ("roles", roles[column])
        for names, table in ((world.ids, "technologies"), (world.risk_ids, "risks")):
            if identifier in names and kind in TABLES[table]:
                return (table, identifier, kind)
        for home, keys in _HOMES.items():
            if column in keys:
                return (home, column)
        return tables.get(column, tuple(column.replace("welfare.", "values.", 1).split(".")))

    return place


def read_described(top: Table, evaluators: Mapping[str, Table], unit: str) -> World:
    """The world of a file, whatever could be read of it.

    Args:
        top: The file.
        evaluators: Name → table.
        unit: Of money.
    """
    reading = top.reading

    def part(name: str) -> Table:
        return reading.table((name,), top.data.get(name, {}), name)

    def entries(name: str, kind: Callable[..., T]) -> tuple[T, ...]:
        found = []
        for identifier, item in reading.named((name,), top.get(name)).items():
            table = reading.table((name, identifier), item, name)
            made = attempt(reading, table.path, partial(kind, identifier, **_required(table)))
            if made is not None:
                found.append(made)
        return tuple(found)

    technologies, risks = entries("technologies", Technology), entries("risks", Risk)
    if not technologies and isinstance(top.data.get("technologies"), Mapping):
        reading.add(("technologies",), "there is none", "add [technologies.name] with an arrival")
    roles = [
        role
        for i, item in enumerate(reading.listed(("roles",), top.get("roles")))
        if (role := _role(reading.table(("roles", i), item, "roles"))) is not None
    ]
    weights = tuple(table.get("weight") for table in evaluators.values())
    for evaluator, weight in zip(evaluators, weights, strict=True):
        if weight < 0:
            reading.add(("evaluators", evaluator, "weight"), f"{weight} is no weight", "use a number of at least 0")
    if weights and not any(weights):
        reading.add(("evaluators",), "all weights are 0", "give somebody a weight, or leave weights out")
    if any(weight < 0 for weight in weights):
        weights = ()  # to go on reading
    return World(
        technologies,
        risks,
        tuple(roles),
        tuple(evaluators),
        weights if len(set(weights)) > 1 else (),
        welfare=Welfare(**part("values").rest()),
        unit=unit,
        **part("time").rest(),
        **part("correlation").rest(),
    )


def _required(table: Table) -> dict[str, Any]:
    """Fields of an entry; a required one that is missing or wrong was reported and is filled in, to go on reading."""
    found = table.rest()
    for key, what in table.keys.items():
        if what.required and key not in found:
            found[key] = Quantity(1.0, 1.0, "fixed") if what.kind in {"log", "share"} else ""
    return found


def _role(table: Table) -> Role | None:
    reading, kind = table.reading, table.get("kind")
    kinds = ("source", "defends", "makes_safe", "substitutes", "requires")
    if kind is None or table.get("technology") is None or table.get("target") is None:
        return None
    if kind not in kinds:
        reading.add((*table.path, "kind"), *unknown_name(kind, kinds, "kind"))
        return None
    useless = {"requires": ("strength", "lead"), "makes_safe": ("delay",), "substitutes": ("delay",)}
    for key in useless.get(kind, ("lead", "delay")):
        if key in table.data:
            reading.add((*table.path, key), f"{key} means nothing for {kind}", "remove it")
    strength = table.get("strength", shape="log" if kind == "source" else "share")
    return Role(
        kind,
        table.get("technology"),
        table.get("target"),
        strength,
        **table.rest("kind", "technology", "target", "strength"),
    )
