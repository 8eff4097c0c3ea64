"""The published schema: the file in docs is the program's, sound rounds satisfy it, and it says what the code says."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.hostile.round_cases import BASE

from daccord.cli.init import template_files
from daccord.formats import round_schema
from daccord.formats._columns import SHEETS
from daccord.formats._reading import check_files
from daccord.formats._toml_models import (
    EvidencePart,
    ModelsPart,
    MoneyPart,
    ProjectPart,
    RolesPart,
    RoundFile,
    RulesPart,
    VerdictPart,
)
from daccord.round import CRITERIA, EvidenceRules, ModelRules, MoneyRules, RoleRules, Rules, VerdictRules

ROOT = Path(__file__).resolve().parents[2]


def parsed(files: dict[str, bytes]) -> dict[str, Any]:
    """Files as the schema sees them: TOML parsed, CSV as lists of rows."""
    document: dict[str, Any] = {}
    for name, data in files.items():
        text = data.decode()
        rows = csv.DictReader(io.StringIO(text), skipinitialspace=True)
        document[name] = tomllib.loads(text) if name.endswith(".toml") else list(rows)
    return document


def test_the_schema_in_the_docs_is_the_programs() -> None:
    published = json.loads((ROOT / "docs" / "spec" / "round.schema.json").read_text(encoding="utf-8"))
    assert published == round_schema(), "run: daccord schema > docs/spec/round.schema.json"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(round_schema())


@pytest.mark.parametrize("files", [template_files(), {name: text.encode() for name, text in BASE.items()}])
def test_sound_rounds_satisfy_it(files: dict[str, bytes]) -> None:
    jsonschema.validate(parsed(files), round_schema())


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("round.toml", 'set_by = "the council"', ""),
        ("round.toml", '"1000.00"', "1000.5"),
        ("round.toml", "simulated = true", "simulatd = true"),
        ("round.toml", "[criteria.harm]", "[criteria.harms]"),
        ("judges.csv", "ben,person", "ben,human"),
        ("comparisons.csv", "alpha,2,", "alpha,0.0285C,"),
        ("lists/bot.csv", "alpha,0.5", "alpha,half"),
        ("contributions.csv", "5.00,USD", "-5.00,USD"),
    ],
)
def test_what_it_can_say_it_refuses(file: str, old: str, new: str) -> None:
    files = {name: text.encode() for name, text in BASE.items()}
    files[file] = files[file].replace(old.encode(), new.encode())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(parsed(files), round_schema())


@pytest.mark.parametrize(
    ("part", "rules", "elsewhere"),
    [
        (EvidencePart, EvidenceRules, set()),
        (VerdictPart, VerdictRules, set()),
        (MoneyPart, MoneyRules, set()),
        (ModelsPart, ModelRules, set()),
        (RolesPart, RoleRules, set()),
        (RulesPart, Rules, {"constraints", "safeguards", "earlier_holds"}),
    ],
)
def test_every_rule_can_be_written_and_has_the_engines_default(part: Any, rules: Any, elsewhere: set[str]) -> None:
    assert set(part.model_fields) == {field.name for field in fields(rules)} - elsewhere
    default, engine = part.model_validate({}), rules()
    for name in part.model_fields:
        value, expected = getattr(default, name), getattr(engine, name)
        if isinstance(value, (str, float, int, type(None))) and name != "minimum":
            assert value == expected, name


def test_the_criteria_are_the_engines() -> None:
    assert (
        tuple(round_schema()["properties"]["round.toml"]["properties"]["criteria"]["propertyNames"]["enum"]) == CRITERIA
    )


def test_projects_have_the_same_keys_in_both_files() -> None:
    assert tuple(ProjectPart.model_fields) == SHEETS[0].names


@pytest.mark.parametrize("projects", ["projects.csv", "projects.toml"])
def test_the_examples_of_the_specification_are_a_sound_round(projects: str) -> None:
    text = (ROOT / "docs" / "spec" / "round-folder.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    blocks = [(name, re.split("```(?:text|toml)?\n", section)[1]) for name, section in sections]
    files = {name.replace("<model id>", "model-a"): block.encode() for name, block in blocks}
    assert len(files) >= 10
    if projects == "projects.toml":
        del files["projects.csv"]
        files["projects.toml"] += b'[[project]]\nid = "far-uvc"\ntitle = "Lamps"\nteam = "Clear Air"\n'
    else:
        del files["projects.toml"]
    found, problems = check_files(files)
    assert problems == []
    assert found is not None
    assert found.notices == ()


def test_the_specification_names_every_file_column_and_key() -> None:
    text = (ROOT / "docs" / "spec" / "round-folder.md").read_text(encoding="utf-8")
    for sheet in SHEETS:
        section = re.search(rf"^## `{re.escape(sheet.file)}`.*?(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
        assert section is not None, sheet.file
        missing = [name for name in sheet.names if f"`{name}`" not in section[0]]
        assert not missing, f"{sheet.file}: {missing}"
    schema = round_schema()
    keys = set(RoundFile.model_fields)
    for name, definition in schema["$defs"].items():
        if name != "ProjectPart":
            keys |= set(definition["properties"])
    missing = sorted(key for key in keys if not re.search(rf"`\[*{key}(?:`|\])", text))
    assert not missing, missing
