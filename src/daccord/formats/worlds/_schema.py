"""The JSON Schema of a world file, from the same declaration as the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from daccord.formats.worlds._fields import CONSTITUTIONS, FORMAT, TABLES, Key, keys_of
from daccord.formats.worlds._tables import SHAPES
from daccord.futures.world import Quantity

__all__ = ["world_schema"]

_NUMBER: Final[dict[str, Any]] = {"type": "number"}
_PAIR: Final[dict[str, Any]] = {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}
_WRITTEN: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"low": _NUMBER, "high": _NUMBER, "shape": {"enum": list(SHAPES)}},
    "required": ["low", "high"],
    "additionalProperties": False,
}
_MEAN: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"mean": _NUMBER},
    "required": ["mean"],
    "additionalProperties": False,
}
_QUANTITY: Final[dict[str, Any]] = {"anyOf": [_NUMBER, _PAIR, _WRITTEN, _MEAN]}
_PLAIN: Final[Mapping[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "flag": {"type": "boolean"},
    "number": _NUMBER,
    "whole": {"type": "integer", "minimum": 0},
    "names": {"type": "array", "items": {"type": "string"}},
    "numbers": {"type": "array", "items": _NUMBER},
    "log": {"$ref": "#/$defs/belief"},
    "share": {"$ref": "#/$defs/belief"},
    "range": {"type": "object", "additionalProperties": {"$ref": "#/$defs/range"}},
    "table": {"type": "object"},
}


def world_schema() -> dict[str, Any]:
    """The JSON Schema, draft 2020-12, of a world file read as JSON.

    It says less than the reader: which evaluators there are, ids that point to each other and domains of numbers are
    not in it.
    """
    top = _table(TABLES[""])
    inside = top["properties"]
    for name in ("money", "time", "correlation", "values"):
        inside[name] |= _table(TABLES[name])
    for name in ("evaluators", "technologies", "risks"):
        inside[name] |= {"additionalProperties": _table(TABLES[name])}
    inside["roles"] = _many(inside["roles"], TABLES["roles"])
    for name in ("sources", "notes"):
        inside[name] |= {"additionalProperties": {"type": "string"}}
    inside["format"]["const"] = FORMAT
    study = _table(TABLES["study"])
    parts = study["properties"]
    parts["conditions"] |= _table(TABLES["study.conditions"])
    parts["conditions"]["properties"]["labs"] |= _table(TABLES["study.conditions.labs"])
    parts["constitutions"] |= {"additionalProperties": {"anyOf": [_constitution(name) for name in CONSTITUTIONS]}}
    parts["values"] = _many(parts["values"], TABLES["values"])
    parts["classes"] = _many(parts["classes"], TABLES["study.classes"])
    parts["goals"] = _many(parts["goals"], TABLES["study.goals"])
    parts["weights"] |= {"additionalProperties": {"type": "number", "minimum": 0}}
    inside["study"] |= study
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"World file, {FORMAT}",
        **top,
        "$defs": {
            "quantity": _QUANTITY,
            "belief": {
                "anyOf": [
                    {"$ref": "#/$defs/quantity"},
                    {"type": "object", "additionalProperties": {"$ref": "#/$defs/quantity"}, "minProperties": 1},
                ]
            },
            "range": {"anyOf": [_NUMBER, _PAIR, _WRITTEN]},
        },
    }


def _key(key: Key) -> dict[str, Any]:
    found = dict(_PLAIN[key.kind])
    found["description"] = key.about
    default = key.default.low if isinstance(key.default, Quantity) else key.default
    if isinstance(default, bool | int | float | str) and default != "":
        found["default"] = default
    return found


def _table(keys: Mapping[str, Key]) -> dict[str, Any]:
    needed = [name for name, key in keys.items() if key.required]
    return {
        "type": "object",
        "properties": {name: _key(key) for name, key in keys.items()},
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }


def _many(field: dict[str, Any], keys: Mapping[str, Key]) -> dict[str, Any]:
    return {"type": "array", "items": _table(keys), "description": field["description"]}


def _constitution(name: str) -> dict[str, Any]:
    found = _table(keys_of(CONSTITUTIONS[name]))
    found["properties"] = {"kind": {"const": name}, **found["properties"]}
    return {**found, "required": ["kind"]}
