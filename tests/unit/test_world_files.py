"""World files: what they say, what is written is read back, where numbers are from, and what is registered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from daccord.errors import InputError, IntegrityError
from daccord.formats.worlds import (
    CONSTITUTIONS,
    SEVEN_NAMES,
    TABLES,
    examples,
    keys_of,
    load_world,
    missing_sources,
    read_world,
    register,
    register_path,
    registrations,
    source_of,
    standing,
    world_schema,
    world_toml,
)
from daccord.futures.lab import Consortium, Market
from daccord.futures.world import exponential, fixed, interval, share

ROOT = Path(__file__).resolve().parents[2]
SPEC = (ROOT / "docs" / "spec" / "world-file.md").read_text(encoding="utf-8")
SMALL = examples()["small"].text

LEAST = """
format = "daccord-world-1"
title = "least"
fictional = true
[technologies.shield]
arrival = [5, 30]
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_what_the_small_world_says() -> None:
    file = read_world(SMALL.encode())
    world, study = file.world, file.study
    ai = world.technologies[0]
    assert file.fictional
    assert (world.unit, file.budget, file.fundable) == ("million USD a year", 20.0, ("alignment", "clean-air"))
    assert world.evaluators == ("ada", "ben")
    assert world.weights == ()
    assert ai.arrival == {"ada": interval(4, 20), "ben": interval(10, 60)}
    assert ai.never == share(0.01, 0.1)
    assert (ai.spending, ai.factor, ai.crowding) == (500.0, 0.7, 0.2)
    assert world.technologies[2].arrival == exponential(15.0)
    assert world.technologies[2].elasticity.shape == "uniform"  # type: ignore[union-attr]
    assert world.risks[0].severity == fixed(1.0)
    assert not world.risks[1].listed
    assert [role.name for role in world.roles][:2] == ["source:ai>takeover", "makes_safe:alignment>ai"]
    assert world.roles[0].strength == fixed(1.0)
    assert world.roles[1].strength == share(0.3, 0.8)
    assert world.roles[1].lead == interval(1, 5)
    assert list(study.constitutions) == ["market", "consortium", "federation"]
    assert isinstance(study.constitutions["consortium"], Consortium)
    assert study.constitutions["consortium"].supermajority == 0.7
    assert type(study.constitutions["market"]) is Market
    assert [way.gamma for way in study.values] == [1.0, 2.0]
    assert study.classes[1].ranges["world.arrival"] == fixed(0.7)
    assert study.classes[0].ranges["leak"].shape == "uniform"
    assert study.conditions.actors == 10
    assert study.goals[1].at_least == 0.3
    assert study.weights == {"welfare": 0.6, "catastrophe": 0.2, "agency": 0.2}


def test_a_file_without_a_study_compares_the_seven() -> None:
    file = read_world(LEAST.encode())
    assert tuple(file.study.constitutions) == SEVEN_NAMES
    assert [type(item) for item in file.study.constitutions.values()] == list(CONSTITUTIONS.values())
    assert file.fundable is None


def test_a_sources_strength_may_be_above_one() -> None:
    text = LEAST + '[risks.storm]\nhazard = 0.1\n[[roles]]\nkind = "source"\ntechnology = "shield"\ntarget = "storm"\n'
    assert read_world((text + "strength = [0.5, 3.0]").encode()).world.roles[0].strength == interval(0.5, 3.0)


@pytest.mark.parametrize("name", examples())
def test_examples_are_read_written_and_attributed(name: str) -> None:
    file = read_world(examples()[name].text.encode())
    again = read_world(world_toml(file).encode())
    assert again == file
    assert again.digest == file.digest
    assert file.fictional
    assert "made up" in file.title
    assert missing_sources(file) == ()


def test_the_registered_example_is_unchanged(tmp_path: Path) -> None:
    """After a new parameter or default, register again and say so: `daccord futures register` on the example."""
    example = examples()["dacc"]
    path = tmp_path / "dacc.toml"
    path.write_text(example.text, encoding="utf-8")
    register_path(path).write_text(example.register, encoding="utf-8")
    stands = standing(path, load_world(path))
    assert stands.registration is not None
    assert stands.changed == ()
    assert [name for name, item in examples().items() if item.register] == ["dacc"]


def test_spacing_and_comments_do_not_count_but_everything_else_does() -> None:
    base = read_world(SMALL.encode()).digest
    bare = re.sub(r" +#.*", "", SMALL)
    assert read_world(bare.replace(" = ", "=").encode()).digest == base
    for old, new in (
        ("arrival = { ada = [4, 20]", "arrival = { ada = [4, 21]"),
        ("actors = 10", "actors = 11"),
        ("welfare = 0.6", "welfare = 0.61"),
        ("invented for this example", "found somewhere"),
        ("fictional = true", "fictional = false"),
        ("gamma = 1.0", "gamma = 1.01"),
        ('kind = "market"', 'kind = "pause"'),
        ("at_most = 0.2", "at_most = 0.21"),
        ("leak = [0.0, 0.05]", "leak = [0.0, 0.06]"),
        ('fundable = ["alignment", "clean-air"]', 'fundable = ["clean-air"]'),
    ):
        assert old in SMALL
        assert read_world(SMALL.replace(old, new, 1).encode()).digest != base, new
    market, consortium = '[study.constitutions.market]\nkind = "market"\n', "[study.constitutions.consortium]"
    bare = re.sub(r" # name, and its kind.*", "", SMALL)
    moved = bare.replace(market, "").replace("[[study.values]]", f"{market}\n[[study.values]]", 1)
    assert consortium in moved
    assert read_world(moved.encode()).digest != base  # results stand in this order


def test_numbers_need_an_evaluator_or_a_source() -> None:
    bare = SMALL.replace('"*" = "assumption, invented for this example"\n', "")
    found = missing_sources(read_world(bare.encode()))
    assert "arrival:ai" not in found  # both evaluators answered
    assert "values.gamma" not in found  # a choice
    assert {"never:ai", "spending:ai", "hazard:takeover", "strength:makes_safe:alignment>ai", "conditions.actors",
            "consortium.supermajority", "classes.leaky.leak"} <= set(found)  # fmt: skip
    told = SMALL.replace("[sources]", '[sources]\n"never:*" = "all"\n"never:ai" = "one"')
    file = read_world(told.encode())
    assert source_of(file, "never:ai") == "one"
    assert source_of(file, "never:x") == "all"
    assert source_of(file, "hazard:takeover") == "assumption, invented for this example"


def test_registering_dates_chains_and_tells_changes(small: Path) -> None:
    first = register(small, "2026-11-01", "us", "before any run")
    assert first.previous == "0" * 64
    assert first.digest == load_world(small).digest
    assert standing(small, load_world(small)).changed == ()
    small.write_text(SMALL.replace("ada = [4, 20]", "ada = [5, 20]"), encoding="utf-8")
    stands = standing(small, load_world(small))
    assert stands.registration == first
    assert stands.changed == ("study.world.technologies.ai.arrival.ada",)
    second = register(small, "2026-11-02", "us", "Ada thought again")
    assert second.previous == first.own_digest
    assert [(item["key"].rpartition(".")[2], item["old"], item["new"]) for item in second.changes] == [
        ("ada", '{"high":20,"low":4,"shape":"log"}', '{"high":20,"low":5,"shape":"log"}')
    ]
    assert registrations(small) == (first, second)
    assert json.loads(json.dumps(vars(second)))["changes"] == list(second.changes)
    assert not list(small.parent.glob("*.new"))


def test_registering_is_refused(small: Path) -> None:
    register(small, "2026-11-02", "us")
    with pytest.raises(InputError, match="nothing has changed"):
        register(small, "2026-11-03", "us")
    small.write_text(SMALL.replace("actors = 10", "actors = 11"), encoding="utf-8")
    for date, by, what in (
        ("2026-11-01", "us", "before the last"),
        ("soon", "us", "no day"),
        ("20261103", "us", "no day"),
        ("2026-11-03", " ", "nobody"),
    ):
        with pytest.raises(InputError, match=what):
            register(small, date, by)
    small.write_text(SMALL.replace('"*" = "assumption, invented for this example"\n', ""), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        register(small, "2026-11-03", "us")
    assert len(caught.value.problems) == len(missing_sources(load_world(small)))
    assert len(registrations(small)) == 1


def test_a_changed_register_is_noticed(small: Path) -> None:
    register(small, "2026-11-01", "us")
    small.write_text(SMALL.replace("actors = 10", "actors = 11"), encoding="utf-8")
    register(small, "2026-11-02", "us")
    place = register_path(small)
    entries = json.loads(place.read_text(encoding="utf-8"))
    assert place.name == "small.registered.json"
    for entry, key, value in (
        (0, "date", "2026-10-01"),
        (0, "by", "them"),
        (0, "note", "x"),
        (1, "previous", "1" * 64),
    ):
        forged = json.loads(json.dumps(entries))
        forged[entry][key] = value
        place.write_text(json.dumps(forged), encoding="utf-8")
        with pytest.raises(IntegrityError, match="does not follow"):
            registrations(small)
    forged = json.loads(json.dumps(entries))
    forged[1]["meaning"]["title"] = "another"
    place.write_text(json.dumps(forged), encoding="utf-8")
    with pytest.raises(IntegrityError, match="other numbers"):
        standing(small, load_world(small))
    forged = json.loads(json.dumps(entries))
    forged[1]["date"] = "2026-10-31"
    place.write_text(json.dumps(forged), encoding="utf-8")
    with pytest.raises(IntegrityError, match="dated before"):
        registrations(small)
    strange = json.loads(json.dumps(entries))
    strange[0]["meaning"]["title"] = float("nan")
    renamed = json.loads(json.dumps(entries))
    renamed[1]["changes"][0]["older"] = "1"
    undated = json.loads(json.dumps(entries))
    undated[1]["date"] = "20261103"
    for text in ("{", "{}", '""', "[1]", '[{"date": "2026-11-01"}]', "null", "[" * 100_000, json.dumps(strange),
                 json.dumps(undated), json.dumps(renamed)):  # fmt: skip
        place.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="no register"):
            registrations(small)
    place.write_text(json.dumps(entries[1:]), encoding="utf-8")
    with pytest.raises(IntegrityError, match="entry 1"):
        registrations(small)


def test_every_key_is_documented_and_shown() -> None:
    missing = [
        f"{table}.{key}"
        for table, keys in TABLES.items()
        for key in keys
        if f"`{key}`" not in SPEC and key not in {"constitutions", "classes", "goals", "weights", "conditions", "labs"}
    ]
    assert missing == []
    assert not [key for kind in CONSTITUTIONS.values() for key in keys_of(kind) if f"`{key}`" not in SPEC]
    shown = {"study.conditions", "study.conditions.labs"}  # too many to show: the page lists them
    absent = [
        f"{table}.{key}"
        for table, keys in TABLES.items()
        if table not in shown
        for key in keys
        if not re.search(rf"^{key} = |^\[+(study\.)?{key}[.\]]", SMALL, re.MULTILINE)
    ]
    assert absent == ["technologies.given"]  # for threats of imported rounds


def test_the_documented_example_is_read() -> None:
    block = re.search(r"```toml\n(.*?)```", SPEC, re.DOTALL)
    assert block is not None
    assert read_world(block[1].encode()).world.ids == ("shield",)


def test_the_schema_accepts_every_example_and_refuses_strange_keys() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    import tomllib

    schema = world_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    for example in examples().values():
        assert not list(check.iter_errors(tomllib.loads(example.text)))
    for old, new in (("budget = 20.0", "bugdet = 20.0"), ("actors = 10", 'actors = "ten"'), ("fictional = true", "")):
        assert list(check.iter_errors(tomllib.loads(SMALL.replace(old, new, 1))))
