"""What pydantic finds in a TOML file, in words for people, with rows and dotted columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from daccord.formats._problems import FileReport, nearest, shown
from daccord.formats._toml import Path, TomlText
from daccord.formats._toml_models import FORMAT
from daccord.formats._toml_types import Part

__all__ = ["report_errors"]

_KEY = "[key]"  # pydantic's mark that the key, not the value, is wrong

_KINDS: Final = {
    "bool": ("neither true nor false", "write true or false, without quotes"),
    "dict": ("no table", "write a table: key = value pairs under a header in single brackets"),
    "finite": ("not a finite number", "write a finite number"),
    "float": ("not a number", "write a number, without quotes"),
    "int": ("not a whole number", "write a whole number, without quotes"),
    "list": ("no list", "write a list: items in square brackets, or tables under headers in double brackets"),
    "model": ("no table", "write a table: key = value pairs under a header in single brackets"),
    "string": ("no text", 'write text in "double quotes"'),
}

_MISSING: Final[dict[Path, str]] = {
    ("goal",): "add a [goal] table with statement and set_by: people set the goal, no model votes on it",
    ("budget",): 'add a [budget] table: amount = "1000000.00", currency = "USD", digits = 2',
    ("criteria",): "add a table [criteria.benefit] with the question that judges answer",
    ("format",): f'add format = "{FORMAT}" as the first line',
}


def _inner_models(annotation: Any) -> Iterator[type[Part]]:  # noqa: ANN401 - any type expression
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in get_args(annotation):
        yield from _inner_models(argument)


def _keys_beside(model: type[Part], loc: Path) -> list[str]:
    """Keys of the table in which the last part of `loc` stands."""
    for part in loc[:-1]:
        if part in model.model_fields:
            model = next(_inner_models(model.model_fields[str(part)].annotation), model)
    return list(model.model_fields)


def _explained(error: ErrorDetails, model: type[Part]) -> tuple[str, str]:
    kind, loc, value = error["type"], error["loc"], error["input"]
    key = str(loc[-1]) if loc else ""
    context = error.get("ctx", {})
    if kind == "daccord":
        return str(context["message"]), str(context["remedy"])
    if kind == "missing":
        return f"{key} is missing", _MISSING.get(loc, "add it; people and the engine need it")
    if kind == "extra_forbidden":
        keys = _keys_beside(model, loc)
        meant = nearest(key, keys)
        remedy = f"did you mean {meant}?" if meant else f"remove it; there are {', '.join(keys)}"
        return f"{shown(key)} is no key of this table", remedy
    if key == _KEY:
        choices = str(context.get("expected", ""))
        meant = nearest(str(value), choices.replace("'", "").replace(" or ", ", ").split(", "))
        return f"there is no {shown(value)} here", f"did you mean {meant}?" if meant else f"use one of {choices}"
    if loc == ("format",):
        return f"{shown(value)} is not a format this version reads", f'write format = "{FORMAT}", or update daccord'
    if kind == "literal_error":
        return f"{shown(value)} is none of the choices", f"write {context['expected']}"
    if kind in {"too_short", "string_too_short"}:
        return f"{key} is empty", "fill it in" if kind == "string_too_short" else "add at least one"
    family = kind.split("_", maxsplit=1)[0]
    if family in _KINDS:
        what, remedy = _KINDS[family]
        return f"{shown(value)} is {what}", remedy
    bounds = error["msg"].removeprefix("Input ")
    return f"{shown(value)} is out of range: it {bounds}", "choose a value in this range"


def report_errors(error: ValidationError, model: type[Part], toml: TomlText, report: FileReport) -> set[str]:
    """Report what pydantic found, with rows and dotted columns.

    Args:
        error: From validating `model`.
        model: What was validated.
        toml: Of the file.
        report: Of the file.

    Returns:
        The first keys of all paths that were wrong.
    """
    bad = set()
    for detail in error.errors(include_url=False):
        loc: Path = detail["loc"]
        path = tuple(part for part in loc if part != _KEY)
        column = ".".join(part for part in path if isinstance(part, str)) or None
        message, remedy = _explained(detail, model)
        report.add(toml.row(path), column, message, remedy)
        if path:
            bad.add(str(path[0]))
    return bad
