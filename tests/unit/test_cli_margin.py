"""`daccord margin`, as its user would run it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.formats import load_round, write_round

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "dacc"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("margin") / "round"
    round_ = load_round(EXAMPLE)
    # Money flows whatever the verdicts of the example are: they are not what is tested here.
    verdicts = replace(round_.rules.verdicts, pays="not_held")
    write_round(replace(round_, rules=replace(round_.rules, verdicts=verdicts)), target)
    assert run(["decide", str(target), "--money", "proportional", "--out", str(target / "before")]).exit_code == 0
    return target


def run(arguments: Sequence[str]) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def test_what_it_tells_adds_up(folder: Path) -> None:
    result = run(["margin", str(folder), "--step", "500", "--previous", str(folder / "before/decision.json"), "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["simulated"], found["money"], found["overridden"]) == (True, "differential", {})
    assert [change["step"] for change in found["budget_changes"]] == [50_000, -50_000]
    for change in found["budget_changes"]:
        assert sum(change["awards"].values()) + change["unallocated"] == change["step"]
    assert all(price["expected"] >= 0 for price in found["price_of_ignorance"])
    assert found["certificate"]["faults"] == []
    assert 0 <= found["movement"]["churn"] <= 1
    assert found["movement"]["steepness_after"] >= 1


def test_the_table_says_that_the_round_is_simulated_and_a_what_if_a_what_if(folder: Path) -> None:
    result = run(["margin", str(folder), "--money", "proportional", "--previous", str(folder / "before/decision.json")])
    assert result.exit_code == 0
    text = result.stdout
    assert "SIMULATED ROUND" in text
    assert "WHAT-IF: rules.money.rule is proportional; the round states differential" in text
    assert "Certificate" not in text  # that is of differential
    assert "churn 0 %" in text


def test_a_step_that_is_no_amount_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="--step"):
        run(["margin", str(folder), "--step", "-5"])


def test_a_step_beyond_the_pot_is_only_taken_upwards(folder: Path) -> None:
    found = json.loads(run(["margin", str(folder), "--step", "5000000", "--prices", "0", "--json"]).stdout)
    assert [change["step"] for change in found["budget_changes"]] == [500_000_000]
    assert found["price_of_ignorance"] == []
