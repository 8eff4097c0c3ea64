"""Which numbers of a world file have neither an evaluator nor a source.

A number counts as attributed if evaluators answered it apart, or if a key of `[sources]` fits its name; `*` in a key
stands for anything. Names are those of the questions (`arrival:ai`, `strength:defends:a>b`, also for what is no belief:
`spending:ai`), and dotted ones for the rest (`correlation.progress`, `study.care`, `conditions.leak`,
`market.coordination`, `classes.leaky.leak`). Values, weights and goals are choices, not findings, and need no source;
nor does what was left at its default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from fnmatch import fnmatchcase

from daccord.formats.worlds._fields import TABLES, keys_of
from daccord.formats.worlds._file import WorldFile

__all__ = ["missing_sources", "numbers_of", "source_of"]


def numbers_of(file: WorldFile) -> Iterator[tuple[str, bool]]:
    """Names of the numbers that somebody put down, and whether evaluators answered each apart."""
    world, study = file.world, file.study
    for table, entries in (("technologies", world.technologies), ("risks", world.risks)):
        for entry in entries:
            yield from _beliefs(entry, table, entry.id)
    for role in world.roles:
        yield from _beliefs(role, "roles", role.name)
    for name, key in TABLES["correlation"].items():
        if getattr(world, name) != key.default:
            yield f"correlation.{name}", False
    if study.care != TABLES["study"]["care"].default:
        yield "study.care", False
    for name, key in TABLES["study.conditions"].items():
        if getattr(study.conditions, name) != (None if name == "labs" else key.default):
            yield f"conditions.{name}", False
    for name, constitution in study.constitutions.items():
        for field, key in keys_of(type(constitution)).items():
            if getattr(constitution, field) != key.default:
                yield f"{name}.{field}", False
    for group in study.classes:
        for name in group.ranges:
            yield f"classes.{group.name}.{name}", False


def _beliefs(entry: object, table: str, identifier: str) -> Iterator[tuple[str, bool]]:
    for item in fields(entry):  # type: ignore[arg-type]
        key, value = TABLES[table].get(item.name), getattr(entry, item.name)
        if key is None or key.kind in {"text", "flag"} or value == key.default:
            continue
        yield f"{item.name}:{identifier}", isinstance(value, Mapping)


def source_of(file: WorldFile, name: str) -> str | None:
    """Where a number is from, by the most particular key that fits; None if no key does."""
    fitting = [key for key in file.sources if key == name or fnmatchcase(name, key.replace("[", "[[]"))]
    return file.sources[max(fitting, key=lambda key: (key == name, len(key)))] if fitting else None


def missing_sources(file: WorldFile) -> tuple[str, ...]:
    """Numbers with neither an evaluator nor a source, in the order of the file."""
    return tuple(name for name, apart in numbers_of(file) if not apart and source_of(file, name) is None)
