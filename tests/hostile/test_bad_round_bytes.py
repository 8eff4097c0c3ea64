"""Arbitrary bytes in any file of a round folder raise InputError and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hostile.round_cases import BASE, build

from daccord.errors import InputError, Problem
from daccord.formats import load_round
from daccord.round import Round

PIECES = [
    *"\n,;\"'=[]{}:>#\\ \t\r\0-.+",
    *("alpha", "beta", "ann", "bot", "benefit", "harm", "tie", "id", "title", "project", "weight", "winner"),
    *("[goal]", "[[project]]", "[criteria.benefit]", "nan", "1e999", "0.0285C", "2026-11-01", '"""', "true", "1979-05"),
    *("\ufeff", "\u202e", "é", "٣", "0" * 40, "9" * 400),
]

SOUP = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda parts: "".join(parts).encode())


@st.composite
def spliced(draw: st.DrawFn, file: str) -> bytes:
    """The base's file with a stretch of it replaced by something else."""
    data = BASE[file].encode()
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 40)))
    return data[:start] + draw(st.one_of(st.binary(max_size=20), SOUP)) + data[end:]


def outcome(changes: dict[str, str | bytes | None]) -> Round | tuple[Problem, ...]:
    """What reading gives; any exception but InputError fails the test."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), changes)
        try:
            return load_round(folder)
        except InputError as error:
            return error.problems


def load_or_refuse(changes: dict[str, str | bytes | None]) -> None:
    """Reading gives a round, or problems that each say what to do."""
    found = outcome(changes)
    if not isinstance(found, Round):
        assert found
        assert all(problem.message and problem.remedy for problem in found)


@pytest.mark.parametrize("file", [*BASE, "projects.toml"])
@given(data=st.data())
def test_arbitrary_bytes(file: str, data: st.DataObject) -> None:
    content = data.draw(st.one_of(st.binary(max_size=300), SOUP))
    changes: dict[str, str | bytes | None] = {file: content}
    if file == "projects.toml":
        changes["projects.csv"] = None
    load_or_refuse(changes)


@pytest.mark.parametrize("file", BASE)
@given(data=st.data())
def test_a_sound_file_with_a_stretch_replaced(file: str, data: st.DataObject) -> None:
    load_or_refuse({file: data.draw(spliced(file))})


@given(
    name=st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=30).filter(
        lambda name: name not in {".", ".."}
    )
)
def test_any_name_of_a_list(name: str) -> None:
    load_or_refuse({f"lists/{name}.csv": BASE["lists/bot.csv"]})
