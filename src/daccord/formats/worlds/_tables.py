"""Reading one table of a world file: unknown keys, missing keys and wrong values are reported, never coerced."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from daccord.errors import InputError, Problem
from daccord.formats._problems import FileReport, clean_text, nearest, shown
from daccord.formats._toml import Path, TomlText
from daccord.formats.worlds._fields import TABLES, Key, KeyKind
from daccord.futures.world import Belief, Quantity, exponential, fixed

__all__ = ["SHAPES", "Reading", "Table", "attempt", "refusals", "tell", "unknown_name"]

T = TypeVar("T")

SHAPES: Final = ("log", "share", "normal", "uniform", "fixed")
"""Shapes of an interval that is written out."""
_PARTS: Final = ("low", "high", "shape", "mean")
_WANTED: Final[Mapping[KeyKind, tuple[str, str]]] = {
    "text": ("no text", 'write text in "double quotes"'),
    "flag": ("neither true nor false", "write true or false, without quotes"),
    "number": ("not a finite number", "write a number, without quotes"),
    "whole": ("not a whole number of at least 0", "write a whole number, without quotes"),
    "names": ("no list of names", 'write a list: ["one", "other"]'),
    "numbers": ("no list of numbers", "write a list: [0.5, 0.5]"),
    "table": ("no table", "write a table: key = value pairs under a header in brackets"),
}
_BELIEF: Final = "write a number, [low, high], { low, high, shape }, { mean } or one of these for each evaluator"
_RANGE: Final = "write a number, [low, high] or { low, high, shape }"
_MOST: Final = 2**53
_ENTRIES: Final = 5_000
"""Of one table: far more than anybody can judge, and checked within a second."""


@dataclass(frozen=True)
class Reading:
    """A file while it is read.

    Attributes:
        toml: Its tables.
        report: Where faults go.
        evaluators: Names that beliefs may use.
        places: Where faults were found.
    """

    toml: TomlText
    report: FileReport
    evaluators: tuple[str, ...] = ()
    places: set[Path] = field(default_factory=set)

    def add(self, path: Path, message: str, remedy: str) -> None:
        """Report a fault at a place."""
        self.places.add(path)
        dotted = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in path)
        self.report.add(self.toml.row(path), dotted or None, message, remedy)

    def table(self, path: Path, data: object, kind: str | Mapping[str, Key]) -> Table:
        """A table; what is no table is reported and empty."""
        keys = TABLES[kind] if isinstance(kind, str) else kind
        if not isinstance(data, Mapping):
            self.add(path, f"{shown(data)} is {_WANTED['table'][0]}", _WANTED["table"][1])
            return Table(self, path, {}, {})
        for key in data:
            if key not in keys:
                meant = nearest(str(key), keys)
                remedy = f"did you mean {meant}?" if meant else f"remove it; there are {', '.join(keys)}"
                self.add((*path, key), f"{shown(key)} is no key of this table", remedy)
        for key, what in keys.items():
            if what.required and key not in data:
                self.add(path, f"{key} is missing", f"add it: {what.about}")
        return Table(self, path, data, keys)

    def named(self, path: Path, data: object) -> dict[str, Any]:
        """Entries of a table that are named by their keys; names that people cannot use are reported."""
        if data is None:
            return {}
        if not isinstance(data, Mapping):
            self.add(path, f"{shown(data)} is {_WANTED['table'][0]}", _WANTED["table"][1])
            return {}
        for key in data:
            fault = (
                clean_text(key) if key.strip() == key and key else (f"{shown(key)} is no name", "write a short name")
            )
            if fault is not None:
                self.add((*path, key), *fault)
        return dict(data) if self._few(path, len(data)) else {}

    def listed(self, path: Path, data: object) -> list[Any]:
        """Entries of an array of tables."""
        if data is None:
            return []
        if not isinstance(data, list):
            self.add(path, f"{shown(data)} is no list of tables", f"write each under [[{'.'.join(map(str, path))}]]")
            return []
        return data if self._few(path, len(data)) else []

    def _few(self, path: Path, count: int) -> bool:
        if count > _ENTRIES:
            self.add(path, f"{count:,} entries", f"keep at most {_ENTRIES:,}")
        return count <= _ENTRIES


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        reading: The file.
        path: Where it stands.
        data: What is written.
        keys: What may be written.
    """

    reading: Reading
    path: Path
    data: Mapping[str, Any]
    keys: Mapping[str, Key]

    def get(self, key: str, *, shape: KeyKind | None = None) -> Any:  # noqa: ANN401 - as the key says
        """The value of a key, or its default if it is missing or wrong.

        Args:
            key: Which.
            shape: Of a bare interval, if it is not the key's own.
        """
        what = self.keys.get(key)
        if what is None or key not in self.data:
            return None if what is None or what.required else what.default
        value, kind, path = self.data[key], shape or what.kind, (*self.path, key)
        if kind in {"log", "share"}:
            found: object = self._belief(path, value, kind)
        elif kind == "table":
            return value
        else:
            found = _plain(value, kind)
            if found is None:
                self.reading.add(path, f"{shown(value)} is {_WANTED[kind][0]}", _WANTED[kind][1])
            elif isinstance(found, str) and (fault := clean_text(found, lines=True)):
                self.reading.add(path, *fault)
        return (None if what.required else what.default) if found is None else found

    def rest(self, *done: str) -> dict[str, Any]:
        """All other plain keys and beliefs that are written, by name."""
        return {
            key: found
            for key, what in self.keys.items()
            if key not in done and key in self.data and what.kind != "table" and (found := self.get(key)) is not None
        }

    def _belief(self, path: Path, value: object, kind: KeyKind) -> Belief | None:
        names = self.reading.evaluators
        if isinstance(value, Mapping) and value and all(key in names for key in value):
            missing = [name for name in names if name not in value]
            if missing:
                self.reading.add(path, f"{', '.join(missing)} did not answer", "give an answer for every evaluator")
            answers = {name: self.quantity((*path, name), item, kind) for name, item in value.items()}
            return None if None in answers.values() else {name: q for name, q in answers.items() if q is not None}
        if isinstance(value, Mapping) and (strange := [key for key in value if key not in {*names, *_PARTS}]):
            meant = nearest(str(strange[0]), [*names, *_PARTS])
            told = f"{shown(strange[0])} is neither an evaluator nor part of an interval"
            self.reading.add((*path, strange[0]), told, f"did you mean {meant}?" if meant else _BELIEF)
            return None
        return self.quantity(path, value, kind)

    def quantity(self, path: Path, value: object, kind: KeyKind) -> Quantity | None:
        """One quantity; None after a report if it is none."""
        remedy = _RANGE if kind == "range" else _BELIEF
        plain: Any = "uniform" if kind == "range" else "share" if kind == "share" else "log"

        def make(build: Callable[[], Quantity]) -> Quantity | None:
            try:
                return build()
            except InputError as error:
                first = error.problems[0]
                self.reading.add(path, first.message, first.remedy)
                return None

        number = _number(value)
        if number is not None:
            return fixed(number)
        if isinstance(value, list):
            ends = [_number(item) for item in value]
            if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
                low, high = ends[0], ends[1]
                return make(lambda: Quantity(low, high, plain))
        if isinstance(value, Mapping) and set(value) == {"mean"} and kind != "range":
            mean = _number(value["mean"])
            if mean is not None:
                return make(lambda: exponential(mean))
        if isinstance(value, Mapping) and {"low", "high"} <= set(value) <= {"low", "high", "shape"}:
            low_, high_, shape = _number(value["low"]), _number(value["high"]), value.get("shape", plain)
            if shape not in SHAPES:
                self.reading.add((*path, "shape"), f"{shown(shape)} is no shape", f"use one of {', '.join(SHAPES)}")
                return None
            if low_ is not None and high_ is not None:
                return make(lambda: Quantity(low_, high_, shape))
        self.reading.add(path, f"{shown(value)} is no {'range' if kind == 'range' else 'belief'}", remedy)
        return None


def _number(value: object) -> float | None:
    """A finite number, or None: true and texts are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return None
    return number if math.isfinite(number) else None


def _plain(value: object, kind: KeyKind) -> object | None:
    """A value of a plain kind, or None."""
    if kind == "text":
        return value if isinstance(value, str) else None
    if kind == "flag":
        return value if isinstance(value, bool) else None
    if kind == "number":
        return _number(value)
    if kind == "whole":
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST
        return value if whole else None
    if not isinstance(value, list):
        return None
    if kind == "names":
        return tuple(value) if all(isinstance(item, str) for item in value) else None
    numbers = [_number(item) for item in value]
    return None if None in numbers else tuple(number for number in numbers if number is not None)


def unknown_name(name: str, known: Collection[str], what: str) -> tuple[str, str]:
    """Message and remedy for a name that nothing has."""
    meant = nearest(name, known)
    return f"no {what} {shown(name)}", f"did you mean {meant}?" if meant else f"use one of {', '.join(known)}"


def attempt(reading: Reading, path: Path, build: Callable[[], T]) -> T | None:
    """What `build` gives, or None after reporting what it refused."""
    try:
        return build()
    except InputError as error:
        tell(reading, error.problems, lambda column: (*path, *column.split(".")))
        return None


def refusals(build: Callable[[], object]) -> tuple[Problem, ...]:
    """What an attempt is refused for."""
    try:
        build()
    except InputError as error:
        return error.problems
    return ()


def tell(reading: Reading, problems: Iterable[Problem], place: Callable[[str], Path]) -> None:
    """Report problems where the file says what they name; a place that is wrong already is not told again."""
    told = set(reading.places)
    for problem in problems:
        where = tuple(part for part in place(problem.column or "") if part != "")
        if where not in told:
            reading.add(where, problem.message, problem.remedy)
