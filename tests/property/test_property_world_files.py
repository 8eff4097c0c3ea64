"""Any world, with any study, is written as a file that reads back to the same, with the same digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.formats.worlds import CONSTITUTIONS, TABLES, WorldFile, missing_sources, read_world, world_toml
from daccord.futures.anchors.compute_price import Labs
from daccord.futures.lab import Conditions
from daccord.futures.study import MEASURES, Goal, ScenarioClass, Study
from daccord.futures.world import Belief, Quantity, Risk, Role, Technology, Welfare, World, exponential, fixed

Draw = Callable[[st.SearchStrategy[Any]], Any]

NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6).filter(
    lambda name: name not in {"low", "high", "shape", "mean", "world", "values"}
)
TEXTS = st.text(st.characters(exclude_categories=("C",), include_characters="\n\t\r"), max_size=30)
SHARES = st.floats(0.001, 0.999)
POSITIVE = st.floats(1e-6, 1e6)


def _pair(draw: Draw, ends: st.SearchStrategy[float]) -> tuple[float, float]:
    low, high = sorted((draw(ends), draw(ends)))
    return low, high


@st.composite
def quantities(draw: Draw, within: str) -> Quantity:
    """A quantity that is a share, is positive, or may be anything."""
    if within == "share":
        shape = draw(st.sampled_from(["share", "fixed", "uniform"]))
        return fixed(draw(st.floats(0, 1))) if shape == "fixed" else Quantity(*_pair(draw, SHARES), shape)
    shape = draw(st.sampled_from(["log", "exponential", "fixed", "uniform"] + ["normal"] * (within == "any")))
    if shape in {"fixed", "exponential"}:
        return (fixed if shape == "fixed" else exponential)(draw(POSITIVE))
    return Quantity(*_pair(draw, st.floats(-1e3, 1e3) if shape == "normal" else POSITIVE), shape)


def _belief(draw: Draw, evaluators: tuple[str, ...], within: str) -> Belief:
    if evaluators and draw(st.booleans()):
        return {name: draw(quantities(within)) for name in evaluators}
    return draw(quantities(within))


def _fill(draw: Draw, table: str, evaluators: tuple[str, ...]) -> dict[str, Any]:
    """Some keys of a technology or a risk."""
    found: dict[str, Any] = {}
    for name, key in TABLES[table].items():
        if not key.required and draw(st.booleans()):
            continue
        if key.kind in {"log", "share"}:
            within = key.kind if key.kind == "share" else "any" if name in {"lift", "growth"} else "positive"
            found[name] = _belief(draw, evaluators, within)
        elif key.kind == "number":
            found[name] = draw(SHARES)
        else:
            found[name] = draw(st.booleans() if key.kind == "flag" else TEXTS)
    return found


@st.composite
def worlds(draw: Draw) -> World:
    evaluators = tuple(draw(st.lists(NAMES, max_size=3, unique=True)))
    weights = tuple(draw(POSITIVE) for _ in evaluators)
    ids = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    risks = [name for name in draw(st.lists(NAMES, max_size=2, unique=True)) if name not in ids]
    technologies = [Technology(name, **_fill(draw, "technologies", evaluators)) for name in ids]
    roles: list[Role] = []
    for i, name in enumerate(ids):
        for target in ids[:i]:
            kind = draw(st.sampled_from(["makes_safe", "substitutes", "requires"]))
            if kind == "requires":
                roles.append(Role(kind, name, target, delay=_belief(draw, evaluators, "positive")))
            else:
                strength, lead = _belief(draw, evaluators, "share"), _belief(draw, evaluators, "positive")
                roles.append(Role(kind, name, target, strength, lead))
        for target in risks:
            kind = draw(st.sampled_from(["source", "defends"]))
            within = "positive" if kind == "source" else "share"
            roles.append(Role(kind, name, target, _belief(draw, evaluators, within)))
    return World(
        tuple(technologies),
        tuple(Risk(name, **_fill(draw, "risks", evaluators) | {"listed": True}) for name in risks),
        tuple(roles),
        evaluators,
        weights if len(set(weights)) > 1 else (),
        progress=draw(st.floats(-1, 1)),
        horizon=draw(st.floats(10, 1000)),
        welfare=draw(welfares()),
        unit=draw(TEXTS),
    )


@st.composite
def welfares(draw: Draw) -> Welfare:
    return Welfare(gamma=draw(st.floats(0, 5)), life=draw(POSITIVE), person_affecting=draw(st.booleans()))


@st.composite
def files(draw: Draw) -> WorldFile:
    world = draw(worlds())
    names = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    limits = st.builds(lambda ends, shape: Quantity(*sorted(ends), shape), st.tuples(SHARES, SHARES),
                       st.sampled_from(["uniform", "log", "share"]))  # fmt: skip
    study = Study(
        world,
        draw(POSITIVE),
        {name: draw(st.sampled_from(list(CONSTITUTIONS.values())))(planned=draw(st.booleans())) for name in names},
        Conditions(
            actors=draw(st.integers(1, 50)),
            leak=draw(SHARES),
            bias=draw(st.floats(-1, 1)),
            machine=draw(st.sampled_from(["", *world.ids])),
            labs=draw(st.none() | st.builds(Labs, SHARES, SHARES, count=st.integers(2, 9))),
        ),
        tuple(
            ScenarioClass(
                name, draw(st.dictionaries(st.sampled_from(["leak", "noise", "capture"]), limits)), draw(TEXTS)
            )
            for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
        ),
        tuple(draw(st.lists(welfares(), max_size=2))),
        tuple(Goal(draw(st.sampled_from(list(MEASURES))), at_most=draw(POSITIVE)) for _ in range(2)),
        draw(st.dictionaries(st.sampled_from(list(MEASURES)), POSITIVE, min_size=1)),
        care=draw(SHARES),
        scenarios=draw(st.integers(2, 1000)),
        worlds=draw(st.integers(1, 1000)),
        seed=draw(st.integers(0, 2**53 - 1)),
        fundable=draw(st.none() | st.just(world.ids[:1])),
    )
    said = TEXTS.filter(lambda text: bool(text.strip()))
    told = st.dictionaries(NAMES, said, max_size=3)
    titles = {name: draw(TEXTS.filter(bool)) for name in world.evaluators if draw(st.booleans())}
    return WorldFile(draw(TEXTS), draw(TEXTS), draw(st.booleans()), study, draw(told), draw(told), titles)


@settings(max_examples=70, deadline=None)
@given(files())
def test_what_is_written_reads_back(file: WorldFile) -> None:
    again = read_world(world_toml(file).encode())
    assert again == file
    assert list(again.study.constitutions) == list(file.study.constitutions)
    assert again.digest == file.digest
    assert missing_sources(again) == missing_sources(file)


@settings(max_examples=40, deadline=None)
@given(files(), st.data())
def test_every_number_of_a_technology_counts(file: WorldFile, data: st.DataObject) -> None:
    first = file.world.technologies[0]
    name = data.draw(st.sampled_from([item.name for item in fields(first) if item.name != "id"]))
    before = getattr(first, name)
    after: object = fixed(0.123456) if isinstance(before, Quantity | dict) else 0.123456
    if isinstance(before, bool | str):
        after = not before if isinstance(before, bool) else before + "x"
    moved = replace(file.world, technologies=(replace(first, **{name: after}), *file.world.technologies[1:]))
    assert replace(file, study=replace(file.study, world=moved)).digest != file.digest


def test_numbers_of_numpy_are_written_as_numbers() -> None:
    world = World((Technology("a", Quantity(np.float64(1.5), np.float64(2.5)), spending=np.float64(3.25)),))
    study = Study(world, np.float64(7.5), {name: kind() for name, kind in list(CONSTITUTIONS.items())[:2]})
    file = WorldFile("t", "", True, study)
    assert read_world(world_toml(file).encode()) == file


def test_a_whole_number_in_code_is_no_evaluators_answer() -> None:
    world = World((Technology("a", fixed(1.0), spending=3),))
    study = Study(world, 1.0, {name: kind() for name, kind in list(CONSTITUTIONS.items())[:2]})
    assert "spending:a" in missing_sources(WorldFile("t", "", True, study))
