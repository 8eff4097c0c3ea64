"""Reading a world file: every fault in one error, each with its row, its dotted key and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path as FilePath
from typing import Any, Final, TypeVar

from daccord.errors import ExternalError, InputError, Problem
from daccord.formats._problems import Report, RoundFolderError, shown
from daccord.formats._toml import Path, read_toml
from daccord.formats.worlds._fields import CONSTITUTIONS, FORMAT, TABLES, keys_of
from daccord.formats.worlds._file import WorldFile, default_study
from daccord.formats.worlds._tables import Reading, Table, unknown_name
from daccord.futures.anchors.compute_price import Labs
from daccord.futures.lab import Conditions, Constitution
from daccord.futures.study import Goal, ScenarioClass, Study, check_study
from daccord.futures.world import Quantity, Risk, Role, Technology, Welfare, World, check

__all__ = ["load_world", "read_world"]

T = TypeVar("T")

_LARGEST: Final = 1_000_000
_HOMES: Final = {name: TABLES[name] for name in ("time", "correlation", "values")}
_MOST: Final = {"scenarios": 100_000, "worlds": 1_000_000}
_ACTORS: Final = 1_000
_TAKEN: Final = ("low", "high", "shape", "mean")


def load_world(path: str | FilePath) -> WorldFile:
    """Read a world file.

    Args:
        path: Where it lies.

    Raises:
        InputError: Something is wrong; all faults are listed.
        ExternalError: The disk refuses.
    """
    place = FilePath(path)
    try:
        with place.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise InputError.single(str(path), "there is no such file", remedy="check the path") from None
    except IsADirectoryError:
        raise InputError.single(str(path), "is a folder", remedy="name the world file in it") from None
    except OSError as error:
        raise ExternalError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > _LARGEST:
        raise InputError.single(place.name, f"more than {_LARGEST:,} bytes", remedy="a world file is a text by hand")
    return read_world(data, place.name)


def read_world(data: bytes, name: str = "world.toml") -> WorldFile:
    """Read the bytes of a world file.

    Args:
        data: The file.
        name: What messages call it.

    Raises:
        InputError: Something is wrong; all faults are listed.
    """
    report = Report()
    toml = read_toml(data, report.file(name))
    if toml is None:
        raise RoundFolderError(report.problems)
    reading = Reading(toml, report.file(name))
    top = reading.table((), toml.data, "")
    if top.data.get("format", FORMAT) != FORMAT:
        told = f"{shown(top.data['format'])} is not a format this version reads"
        reading.add(("format",), told, f'write format = "{FORMAT}", or update daccord')
    evaluators = {
        name: reading.table(("evaluators", name), item, "evaluators")
        for name, item in reading.named(("evaluators",), top.get("evaluators")).items()
    }
    for evaluator in evaluators:
        if evaluator in _TAKEN:
            reading.add(("evaluators", evaluator), f"{evaluator} is a word of beliefs", "use another name")
    reading = replace(reading, evaluators=tuple(evaluators))
    top = replace(top, reading=reading)
    title, about, fictional = (top.get(key) for key in ("title", "about", "fictional"))
    money = reading.table(("money",), top.data.get("money", {}), "money")
    budget, fundable = money.get("budget"), money.get("fundable")
    world = _world(top, evaluators, money.get("unit"))
    before = reading.report.count
    study = _study(top, default_study(world, budget, fundable=fundable))
    whole = reading.report.count == before  # of a study that could not be read in full, the rest says little
    texts = {
        key: {
            name: item
            for name, item in reading.named((key,), top.get(key)).items()
            if _is_text(reading, (key, name), item)
        }
        for key in ("sources", "notes")
    }
    if world.technologies:
        refused = _refused(partial(check, world))
        _tell(reading, refused, _place_in_world(world))
        if study is not None and whole:
            own = [problem for problem in _refused(partial(check_study, study)) if problem not in refused]
            _tell(reading, own, _place_in_study(study))
    if report.problems or study is None:
        raise RoundFolderError(report.problems)
    who = {name: said for name, table in evaluators.items() if (said := table.get("title"))}
    return WorldFile(title, about, fictional, study, texts["sources"], texts["notes"], who)


def _is_text(reading: Reading, path: Path, value: object) -> bool:
    if not (isinstance(value, str) and value.strip()):
        reading.add(path, f"{shown(value)} is no text", 'say it in "double quotes"')
        return False
    return True


def _try(reading: Reading, path: Path, build: Callable[[], T]) -> T | None:
    """What `build` gives, or None after reporting what it refused."""
    try:
        return build()
    except InputError as error:
        _tell(reading, error.problems, lambda column: (*path, *column.split(".")))
        return None


def _refused(attempt: Callable[[], object]) -> tuple[Problem, ...]:
    """What an attempt is refused for."""
    try:
        attempt()
    except InputError as error:
        return error.problems
    return ()


def _tell(reading: Reading, problems: Iterable[Problem], place: Callable[[str], Path]) -> None:
    """Report problems where the file says what they name; a place that is wrong already is not told again."""
    told = set(reading.places)
    for problem in problems:
        where = tuple(part for part in place(problem.column or "") if part != "")
        if where not in told:
            reading.add(where, problem.message, problem.remedy)


def _place_in_world(world: World) -> Callable[[str], Path]:
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


def _place_in_study(study: Study) -> Callable[[str], Path]:
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


def _world(top: Table, evaluators: Mapping[str, Table], unit: str) -> World:
    reading = top.reading

    def part(name: str) -> Table:
        return reading.table((name,), top.data.get(name, {}), name)

    def entries(name: str, kind: Callable[..., T]) -> tuple[T, ...]:
        found = []
        for identifier, item in reading.named((name,), top.get(name)).items():
            table = reading.table((name, identifier), item, name)
            made = _try(reading, table.path, partial(kind, identifier, **_required(table)))
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


def _study(top: Table, base: Study) -> Study | None:
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
    return _try(reading, path, lambda: Conditions(**given))


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
    return _try(reading, path, lambda: kind(**table.rest()))


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
