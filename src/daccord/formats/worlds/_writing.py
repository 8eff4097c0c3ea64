"""Writing a world file: what differs from the defaults, in the order of the format; read back it is equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from daccord.formats._toml import inline, key_text
from daccord.formats.worlds._fields import FORMAT, TABLES, Key, keys_of, kind_of
from daccord.formats.worlds._file import WorldFile, default_study
from daccord.futures.world import Belief, Quantity, Welfare

__all__ = ["world_toml"]


def world_toml(file: WorldFile) -> str:
    """A world file as TOML.

    Args:
        file: What to write.

    Returns:
        A text that `read_world` reads to an equal file.
    """
    return "\n".join(_lines(file)) + "\n"


def _lines(file: WorldFile) -> Iterator[str]:
    world, study = file.world, file.study
    yield f"format = {inline(FORMAT)}"
    yield f"title = {inline(file.title)}"
    if file.about:
        yield f"about = {_text(file.about)}"
    yield f"fictional = {inline(file.fictional)}"
    money: dict[str, Any] = {"unit": world.unit, "budget": study.budget}
    if study.fundable is not None:
        money["fundable"] = list(study.fundable)
    yield from _table("money", money)
    for name in ("time", "correlation"):
        yield from _table(name, {key: getattr(world, key) for key in TABLES[name]}, TABLES[name])
    yield from _table("values", vars(world.welfare), TABLES["values"])
    for name, weight in zip(world.evaluators, world.weights or (1.0,) * len(world.evaluators), strict=True):
        yield from _table(
            f"evaluators.{key_text(name)}", {"weight": weight, "title": file.evaluator_titles.get(name, "")}
        )
    for table, entries in (("technologies", world.technologies), ("risks", world.risks)):
        for entry in entries:
            yield from _table(f"{table}.{key_text(entry.id)}", _fields(entry), TABLES[table], always=True)
    for role in world.roles:
        yield from _table("roles", _fields(role), TABLES["roles"], always=True, listed=True)
    for name, texts in (("sources", file.sources), ("notes", file.notes)):
        yield from _table(name, texts)
    yield from _study(file)


def _study(file: WorldFile) -> Iterator[str]:
    study, plain = file.study, default_study(file.world, file.budget)
    sizes = {key: getattr(study, key) for key in ("scenarios", "worlds", "seed", "care")}
    yield from _table("study", sizes, TABLES["study"])
    conditions = _fields(study.conditions)
    labs = conditions.pop("labs")
    yield from _table("study.conditions", conditions, TABLES["study.conditions"])
    if labs is not None:
        yield from _table("study.conditions.labs", _fields(labs), TABLES["study.conditions.labs"], always=True)
    if (dict(study.constitutions), list(study.constitutions)) != (plain.constitutions, list(plain.constitutions)):
        for name, constitution in study.constitutions.items():
            own = {"kind": kind_of(constitution)} | _changed(_fields(constitution), keys_of(type(constitution)))
            yield from _table(f"study.constitutions.{key_text(name)}", own)
    for way in study.values:
        here = {field.name: getattr(way, field.name) for field in fields(Welfare)}
        base = {name: Key("number", "", getattr(file.world.welfare, name)) for name in here}
        yield from _table("study.values", here, base, always=True, listed=True)
    if study.classes != plain.classes:
        for group in study.classes:
            ranges = {name: _Plain(_range(limits)) for name, limits in group.ranges.items()}
            title = {"title": group.title} if group.title else {}
            yield from _table("study.classes", {"name": group.name, **title, "ranges": ranges}, listed=True)
    for goal in study.goals:
        yield from _table("study.goals", _fields(goal), TABLES["study.goals"], listed=True)
    if study.weights != plain.weights:
        yield from _table("study.weights", study.weights)


class _Plain(str):
    """A value that is TOML already."""

    __slots__ = ()


def _fields(entry: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    return {item.name: getattr(entry, item.name) for item in fields(entry) if item.name != "id"}


def _changed(values: Mapping[str, Any], keys: Mapping[str, Key] | None) -> dict[str, Any]:
    if keys is None:
        return dict(values)
    return {
        key: value
        for key, value in values.items()
        if key in keys and (keys[key].required or value != keys[key].default)
    }


def _table(
    name: str,
    values: Mapping[str, Any],
    keys: Mapping[str, Key] | None = None,
    *,
    always: bool = False,
    listed: bool = False,
) -> Iterator[str]:
    kept = _changed(values, keys)
    if not kept and not always:
        return
    yield ""
    yield f"[[{name}]]" if listed else f"[{name}]"
    for key, value in kept.items():
        kind = keys[key].kind if keys is not None and key in keys else "table"
        if kind == "log" and values.get("kind") in {"defends", "makes_safe", "substitutes"} and key == "strength":
            kind = "share"
        if kind == "share" and values.get("kind") == "source" and key == "strength":
            kind = "log"
        yield f"{key_text(key)} = {_value(value, kind)}"


def _value(value: Any, kind: str) -> str:  # noqa: ANN401 - any value of a file
    if isinstance(value, Quantity) or (isinstance(value, Mapping) and kind in {"log", "share"}):
        return _belief(value, kind)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key_text(key)} = {_value(item, '')}" for key, item in value.items())
        return "{ " + inner + " }" if inner else "{}"
    if isinstance(value, _Plain):
        return str(value)
    return _text(value) if isinstance(value, str) else _number(value)


def _text(text: str) -> str:
    """A text, over several lines if it has several."""
    if "\n" not in text:
        return inline(text)
    return '"""\n' + "\n".join(inline(line)[1:-1] for line in text.split("\n")) + '"""'


def _belief(belief: Belief, kind: str) -> str:
    if not isinstance(belief, Quantity):
        inner = ", ".join(f"{key_text(name)} = {_quantity(item, kind)}" for name, item in belief.items())
        return "{ " + inner + " }"
    return _quantity(belief, kind)


def _quantity(quantity: Quantity, kind: str) -> str:
    low, high = _number(quantity.low), _number(quantity.high)
    if quantity.shape == "fixed":
        return low
    if quantity.shape == "exponential":
        return f"{{ mean = {low} }}"
    if quantity.shape == kind:
        return f"[{low}, {high}]"
    return f"{{ low = {low}, high = {high}, shape = {inline(quantity.shape)} }}"


def _number(value: Any) -> str:  # noqa: ANN401 - a number, a flag or a list of texts or numbers
    """What is no text: numbers of numpy are written as plain ones."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item) if isinstance(item, str) else _number(item) for item in value) + "]"
    return inline(float(value)) if isinstance(value, float) else inline(value)


def _range(limits: Quantity) -> str:
    return _quantity(limits, "uniform")
