"""Reading what is compared: conditions, constitutions, ways of valuing lives, classes, goals and weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from daccord.formats._problems import shown
from daccord.formats._toml import Path
from daccord.formats.worlds._fields import CONSTITUTIONS, TABLES, keys_of
from daccord.formats.worlds._tables import Reading, Table, attempt, unknown_name
from daccord.futures.anchors.compute_price import Labs
from daccord.futures.lab import Conditions, Constitution
from daccord.futures.study import Goal, ScenarioClass, Study

__all__ = ["place_in_study", "read_study"]

_MOST: Final = {"scenarios": 100_000, "worlds": 1_000_000}
_ACTORS: Final = 1_000


def place_in_study(study: Study) -> Callable[[str], Path]:
    """Where the file says what `check_study` names: classes by their names."""

    def place(column: str) -> Path:
        if column in TABLES["money"]:
            return ("money", column)
        for i, group in enumerate(study.classes):
            head = f"classes.{group.name}"
            if group.name and column == head:
                return ("study", "classes", i)
            if group.name and column.startswith(f"{head}.") and column[len(head) + 1 :] in group.ranges:
                return ("study", "classes", i, "ranges", column[len(head) + 1 :])
        return ("study", *column.split("."))

    return place


def read_study(top: Table, base: Study) -> Study | None:
    """The study of a file; None if it could not be read in full, which was reported.

    Args:
        top: The file.
        base: What holds where the file says nothing.
    """
    reading, world = top.reading, base.world
    table = reading.table(("study",), top.data.get("study", {}), "study")
    if not table.keys:
        return None
    for name in base.fundable or ():
        if name not in world.ids:
            reading.add(("money", "fundable"), *unknown_name(name, world.ids, "technology"))
    conditions = _conditions(reading, table, world.ids)
    constitutions = {
        name: made
        for name, item in reading.named(("study", "constitutions"), table.get("constitutions")).items()
        if (made := _constitution(reading, name, item)) is not None
    }
    values = [
        replace(world.welfare, **reading.table(("study", "values", i), item, "values").rest())
        for i, item in enumerate(reading.listed(("study", "values"), table.get("values")))
    ]
    classes = [
        _class(reading.table(("study", "classes", i), item, "study.classes"))
        for i, item in enumerate(reading.listed(("study", "classes"), table.get("classes")))
    ]
    goals = [
        _goal(reading.table(("study", "goals", i), item, "study.goals"))
        for i, item in enumerate(reading.listed(("study", "goals"), table.get("goals")))
    ]
    weights = _weights(reading, table)
    sizes = {key: table.get(key) for key in ("scenarios", "worlds", "seed", "care")}
    for key, most in _MOST.items():
        if sizes[key] > most:
            reading.add(("study", key), f"{sizes[key]} is more than fits", f"use at most {most:,}")
    if conditions is None:
        return None
    if conditions.actors > _ACTORS:
        reading.add(("study", "conditions", "actors"), f"{conditions.actors} is too many", f"use at most {_ACTORS:,}")
    return replace(
        base,
        conditions=conditions,
        constitutions=constitutions or base.constitutions,
        classes=tuple(classes) or base.classes,
        values=tuple(values),
        goals=tuple(goals),
        weights=weights or base.weights,
        **sizes,
    )


def _conditions(reading: Reading, study: Table, known: tuple[str, ...]) -> Conditions | None:
    path = ("study", "conditions")
    table = reading.table(path, study.data.get("conditions", {}), "study.conditions")
    given = table.rest()
    machine = given.get("machine")
    if machine and machine not in known:
        reading.add((*path, "machine"), *unknown_name(machine, known, "technology"))
    if "labs" in table.data:
        inner = reading.table((*path, "labs"), table.data["labs"], "study.conditions.labs")
        numbers = inner.rest()
        if any(key.required and name not in numbers for name, key in TABLES["study.conditions.labs"].items()):
            return None  # reported where it was read
        try:
            given["labs"] = Labs(**numbers)
        except ValueError as error:
            reading.add(inner.path, str(error), "change the labs' parameters")
            return None
    return attempt(reading, path, lambda: Conditions(**given))


def _constitution(reading: Reading, name: str, item: object) -> Constitution | None:
    path = ("study", "constitutions", name)
    if not isinstance(item, Mapping) or not isinstance(item.get("kind"), str):
        reading.add(path, "kind is missing", f"add kind, one of {', '.join(CONSTITUTIONS)}")
        return None
    if item["kind"] not in CONSTITUTIONS:
        reading.add((*path, "kind"), *unknown_name(item["kind"], CONSTITUTIONS, "constitution"))
        return None
    kind = CONSTITUTIONS[item["kind"]]
    table = reading.table(path, {key: value for key, value in item.items() if key != "kind"}, keys_of(kind))
    return attempt(reading, path, lambda: kind(**table.rest()))


def _class(table: Table) -> ScenarioClass:
    path = (*table.path, "ranges")
    ranges = {
        name: found
        for name, value in table.reading.named(path, table.data.get("ranges")).items()
        if (found := table.quantity((*path, name), value, "range")) is not None
    }
    return ScenarioClass(table.get("name") or "", ranges, table.get("title"))


def _goal(table: Table) -> Goal:
    return Goal(table.get("measure") or "", table.get("at_least"), table.get("at_most"))


def _weights(reading: Reading, study: Table) -> dict[str, float]:
    path, found = ("study", "weights"), {}
    for name, value in reading.named(path, study.get("weights")).items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            reading.add((*path, name), f"{shown(value)} is not a finite number", "write a number, without quotes")
        else:
            found[name] = float(value)
    return found
