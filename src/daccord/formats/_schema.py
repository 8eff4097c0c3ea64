"""The published JSON Schema of a round folder."""

from __future__ import annotations

from typing import Any

from daccord.formats._columns import SHEETS, Sheet
from daccord.formats._toml_models import ProjectsFile, RoundFile
from daccord.formats.inputs import TABLES

__all__ = ["round_schema"]


def round_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every file of a round folder.

    Returns:
        A schema of an object with one property a file: `round.toml` and `projects.toml` as parsed, and each CSV file
        as the array of its rows, whose values are the cells' texts. Definitions are shared under `$defs`. What a
        schema cannot say (ids that must be known, shares that sum to 1) is in docs/spec/round-folder.md.
    """
    definitions: dict[str, Any] = {}
    files: dict[str, Any] = {}
    for name, model in (("round.toml", RoundFile), ("projects.toml", ProjectsFile)):
        schema = model.model_json_schema(ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {})
        files[name] = schema
    for sheet in (*SHEETS, *(table.sheet for table in TABLES)):
        if sheet.file.startswith("lists/"):
            continue
        files[sheet.file] = {"type": "array", "items": _row(sheet)}
    lists = next(sheet for sheet in SHEETS if sheet.file.startswith("lists/"))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "daccord round folder, version 1",
        "type": "object",
        "properties": files,
        "patternProperties": {r"^lists/[^/]+\.csv$": {"type": "array", "items": _row(lists)}},
        "required": ["round.toml", "judges.csv"],
        "oneOf": [{"required": ["projects.csv"]}, {"required": ["projects.toml"]}],
        "additionalProperties": True,
        "$defs": definitions,
    }


def _row(sheet: Sheet) -> dict[str, Any]:
    return {
        "title": f"Row of {sheet.file}",
        "description": sheet.about,
        "type": "object",
        "properties": {column.name: dict(column.shape) | {"description": column.about} for column in sheet.columns},
        "required": [column.name for column in sheet.columns if column.required],
        "additionalProperties": False,
    }
