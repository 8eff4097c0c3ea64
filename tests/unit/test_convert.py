"""`daccord convert`: the same round in another format, and nothing replaced unasked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyarrow", reason="the extra `data` is not installed; `make test` installs it")

from tests.hostile.round_cases import BASE, added, build
from tests.hostile.strategies import RANKED
from tests.unit.test_round_folder_writing import assert_same, rounds

from daccord.cli.main import cli
from daccord.errors import DaccordError
from daccord.formats import load_round
from daccord.formats._convert import convert_files
from daccord.formats._reading import check_files
from daccord.formats._writing import round_files
from daccord.pipeline import decide
from daccord.round import Round

FORMATS = st.sampled_from(["csv", "parquet", "arrow"])


def run(*arguments: str | Path) -> Result:
    """The command; errors that daccord raises on purpose come through as exceptions of the result."""
    return CliRunner().invoke(cli, ["convert", *map(str, arguments)])


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@given(rounds(), FORMATS, FORMATS)
def test_any_round_is_the_same_in_any_format(first: Round, one: str, other: str) -> None:
    files = convert_files(convert_files(round_files(first), one), other)
    again, problems = check_files(files)
    assert problems == []
    assert again is not None
    assert_same(again, first)
    back = convert_files(files, "csv")
    assert check_files(back)[1] == []
    assert {name for name in back if name.endswith(".csv")} == set(round_files(first)) - {"round.toml"}


def mixed(folder: Path) -> Path:
    """A round with every kind of answer, repeated ones, blank rows and odd spelling."""
    compared = added("comparisons.csv", ",,,,,,", "ann,benefit, beta,alpha,beta,2.50,2026-11-03T10:00:00+02:00", "")
    rated = added("ratings.csv", "ben,benefit,gamma,skip,,,", "ann,benefit,beta,4,,,")
    return build(folder, {**compared, **rated, "rankings.csv": RANKED, "README.md": "mine"})


@pytest.mark.parametrize("to", ["parquet", "arrow"])
def test_there_and_back(tmp_path: Path, to: str) -> None:
    first = load_round(mixed(tmp_path / "a"))
    assert run(tmp_path / "a", "--to", to, "--out", tmp_path / "b").exit_code == 0
    assert run(tmp_path / "b", "--to", "csv", "--out", tmp_path / "c").exit_code == 0
    assert names(tmp_path / "b") == sorted(
        name if name in {"round.toml", "judges.csv", "projects.csv", "contributions.csv"} else name[:-3] + to
        for name in [*BASE, "rankings.csv"]
    )
    for folder, row in (("b", 1), ("c", 2)):
        again = load_round(tmp_path / folder)
        assert len(again.notices) == len(first.notices) == 1
        assert again.notices[0].endswith(f"(row {row})")
        assert_same(replace(again, notices=()), replace(first, notices=()))
    text = (tmp_path / "c" / "comparisons.csv").read_text()
    assert "ann,benefit,beta,alpha,beta,2.5,2026-11-03T08:00:00Z\n" in text
    assert ",,,," not in text


def test_the_decision_is_the_same(tmp_path: Path) -> None:
    first = load_round(mixed(tmp_path / "a"))
    assert run(tmp_path / "a", "--to", "parquet", "--out", tmp_path / "b").exit_code == 0
    one, other = decide(first), decide(load_round(tmp_path / "b"))
    assert one.scores == other.scores
    assert one.allocation == other.allocation


def test_in_place_only_if_it_is_allowed(tmp_path: Path) -> None:
    before = names(mixed(tmp_path))
    refused = run(tmp_path, "--to", "parquet")
    assert isinstance(refused.exception, DaccordError)
    assert "--force" in refused.exception.diagnostics()
    assert names(tmp_path) == before
    done = run(tmp_path, "--to", "parquet", "--force", "--json")
    told = json.loads(done.stdout)
    assert told["removed"] == ["comparisons.csv", "lists/bot.csv", "rankings.csv", "ratings.csv"]
    assert sorted(told["written"]) == [name[:-3] + "parquet" for name in told["removed"]]
    assert "README.md" in names(tmp_path)
    assert load_round(tmp_path).judgments["benefit"].rankings.placed.tolist() == [2]
    again = run(tmp_path, "--to", "parquet")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "nothing to do" in again.stderr


def test_files_of_another_folder_are_not_replaced_unasked(tmp_path: Path) -> None:
    build(tmp_path / "a")
    build(tmp_path / "b")
    refused = run(tmp_path / "a", "--to", "arrow", "--out", tmp_path / "b")
    assert isinstance(refused.exception, DaccordError)
    assert names(tmp_path / "b") == sorted(BASE)
    assert run(tmp_path / "a", "--to", "arrow", "--out", tmp_path / "b", "--force").exit_code == 0
    assert "comparisons.csv" not in names(tmp_path / "b")
    load_round(tmp_path / "b")


def test_rounds_are_never_mixed(tmp_path: Path) -> None:
    build(tmp_path / "a", {"lists/bot.csv": None})
    build(tmp_path / "b")
    refused = run(tmp_path / "a", "--to", "arrow", "--out", tmp_path / "b", "--force")
    assert isinstance(refused.exception, DaccordError)
    assert "no part of this round" in refused.exception.diagnostics()
    assert names(tmp_path / "b") == sorted(BASE)


def test_a_round_that_is_not_sound_is_not_converted(tmp_path: Path) -> None:
    build(tmp_path / "a", added("comparisons.csv", "zoe,benefit,alpha,gamma,alpha,,"))
    refused = run(tmp_path / "a", "--to", "parquet", "--out", tmp_path / "b")
    assert isinstance(refused.exception, DaccordError)
    assert refused.exception.exit_code == 2
    assert not (tmp_path / "b").exists()
