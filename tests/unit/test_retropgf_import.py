"""Files of a Retro Funding round: what is read, what is refused, and what is said. All ballots here are invented."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.formats import load_round
from daccord.formats.retropgf import MARK, RetroSpec, import_retropgf
from daccord.money import Currency
from daccord.round import Budget

BALLOT_HEADER = "Address,Badgeholder,Status,Os multiplier,Ballot content,Signature,Payload"
METRICS = """project_name,application_id,is_oss,users,fees
Alpha,0xa1,true,30,1.5
Beta,0xb2,false,10,0
Gamma,0xc3,false,0,4.5
"""
SPEC = RetroSpec(budget=Budget(100_000, Currency("OP", 1)), cap=1.0, minimum=0)


def cell(value: object) -> str:
    return '"' + json.dumps(value).replace('"', '""') + '"'


def ballot(address: str, weights: object, multiplier: object = 1, **other: object) -> str:
    """A row; `stored`, `stored_multiplier`, `status`, `holder`, `payload`, `os_only` say what is different."""
    payload = {"allocations": weights, "os_only": other.get("os_only", False), "os_multiplier": multiplier}
    return ",".join(
        (
            address,
            str(other.get("holder", "true")),
            str(other.get("status", "SUBMITTED")),
            str(other.get("stored_multiplier", multiplier)),
            cell(other.get("stored", weights)),
            "0xsigned",
            str(other["payload"]) if "payload" in other else cell(payload),
        )
    )


USERS = [{"users": 100}]
BOTH = [{"users": 60.5}, {"fees": 39.5}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def fill(folder: Path, *rows: str, metrics: str = METRICS) -> Path:
    (folder / "ballots.csv").write_text("\n".join((BALLOT_HEADER, *rows, "")), encoding="utf-8-sig")
    (folder / "metrics.csv").write_text(metrics, encoding="utf-8")
    return folder


def test_what_was_signed_becomes_the_round(folder):
    round_ = import_retropgf(fill(folder, ballot("0x1", BOTH, 1.8), ballot("0x2", USERS)), SPEC)
    weights = {(row.voter, row.metric): row.weight for row in round_.inputs.metric_weights}
    assert weights == {
        ("voter-1", "users"): Fraction("60.5"),
        ("voter-1", "fees"): Fraction("39.5"),
        ("voter-1", MARK): Fraction("1.8"),
        ("voter-2", "users"): 100,
        ("voter-2", MARK): 1,
    }
    assert [row.project for row in round_.inputs.metrics if row.metric == MARK] == ["0xa1"]
    assert round_.portfolio["0xc3"].title == "Gamma"
    assert not any("differ" in notice for notice in round_.notices)


@pytest.mark.parametrize(
    "other", [{"stored": USERS}, {"stored_multiplier": 3}, {"stored_multiplier": ""}, {"stored": "{"}]
)
def test_what_is_stored_beside_it_is_compared_and_named(folder, other):
    round_ = import_retropgf(fill(folder, ballot("0x1", USERS), ballot("0x2", BOTH, 2, **other)), SPEC)
    text = next(notice for notice in round_.notices if "differ" in notice)
    assert "in 1 of 2 ballots" in text
    assert "rows 3)" in text
    assert "0x2" not in text
    assert "would get" in text


def test_the_same_weights_in_another_order_are_no_difference(folder):
    round_ = import_retropgf(fill(folder, ballot("0x1", BOTH, stored=BOTH[::-1])), SPEC)
    assert not any("differ" in notice for notice in round_.notices)


def test_rows_that_are_not_submitted_or_not_of_badge_holders_are_set_aside(folder):
    rows = (ballot("0x1", USERS), ballot("0x2", USERS, status="DRAFT"), ballot("0x3", USERS, holder="false"))
    round_ = import_retropgf(fill(folder, *rows), SPEC)
    assert {row.voter for row in round_.inputs.metric_weights} == {"voter-1"}
    assert any("2 rows set aside" in notice for notice in round_.notices)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ballot("0x9", USERS, payload="not json"), "not JSON"),
        (ballot("0x9", USERS, payload=""), "not JSON"),
        (ballot("0x9", USERS, payload="[]"), "no allocations"),
        (ballot("0x9", USERS, payload='"' + "[" * 100_000 + '"'), "not JSON"),
        (ballot("0x9", USERS, payload='"{""allocations"": [{""users"": NaN}], ""os_multiplier"": 1}"'), "not a number"),
        (ballot("0x9", [{"fame": 100}]), "'fame' is no metric"),
        (ballot("0x9", [{"users": 50}, {"users": 50}]), "weighed twice"),
        (ballot("0x9", [{"users": -1}]), "below zero"),
        (ballot("0x9", [{"users": "100"}]), "no number"),
        (ballot("0x9", [{"users": 50, "fees": 50}]), "not one metric"),
        (ballot("0x9", {"users": 100}), "no list"),
        (ballot("0x9", USERS, 0), "multiplier"),
        (ballot("0x9", USERS, True), "multiplier"),
        (ballot("0x9", USERS, os_only=True), "open-source projects only"),
        (ballot("0X1", USERS), "has a ballot already"),
    ],
)
def test_a_payload_that_is_no_ballot_is_refused_with_its_row(folder, row, message):
    with pytest.raises(InputError, match=message) as caught:
        import_retropgf(fill(folder, ballot("0x1", USERS), row), SPEC)
    assert [problem.row for problem in caught.value.problems] == [3]
    assert "0x9" not in str(caught.value)


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (METRICS.replace("30", "30C"), "30C"),
        (METRICS.replace("0xb2", "0xa1"), "stands there twice"),
        (METRICS.replace("true", "yes"), "not true or false"),
        (METRICS.replace("4.5", "-4.5"), "below zero"),
        (METRICS.replace("4.5", "nan"), "nan"),
    ],
)
def test_metrics_are_read_strictly(folder, metrics, message):
    with pytest.raises(InputError, match=message):
        import_retropgf(fill(folder, ballot("0x1", USERS), metrics=metrics), SPEC)


def test_a_folder_without_the_files_says_which_columns_they_have(folder):
    with pytest.raises(InputError, match="has no file of ballots") as caught:
        import_retropgf(folder)
    assert "Ballot content" in str(caught.value)
    with pytest.raises(InputError, match="is no folder"):
        import_retropgf(folder / "nowhere")


def test_two_exports_in_one_folder_are_refused(folder):
    fill(folder, ballot("0x1", USERS))
    (folder / "again.csv").write_bytes((folder / "ballots.csv").read_bytes())
    with pytest.raises(InputError, match=r"and so does again\.csv"):
        import_retropgf(folder)


def test_published_amounts_are_compared(folder):
    fill(folder, ballot("0x1", USERS))
    (folder / "paid.csv").write_text("Project_id,rf4_allocation\n0xa1,7500.0\n0xb2,2499.5\n0xc3,0\n")
    notices = import_retropgf(folder, SPEC).notices
    assert "pay 2 of 3 projects, 2 are published as paid" in notices[-1]
    assert notices[-1].endswith("by more than 0.5 OP")
    (folder / "paid.csv").write_text("Project_id,rf4_allocation\n0xa1,7500.0\n")
    assert "for 1 of 3 projects" in import_retropgf(folder, SPEC).notices[-1]


def test_the_command_writes_a_round_and_tells_the_notices(folder, tmp_path):
    fill(folder, ballot("0x1", USERS, stored=BOTH))
    options = ["--out", str(tmp_path / "round"), "--budget", "10000", "--digits", "1", "--cap", "1", "--minimum", "0"]
    result = CliRunner().invoke(cli, ["import", "retropgf", str(folder), *options, "--json"])
    assert result.exit_code == 0
    assert "differ from the signed payload (rows 2)" in result.stderr
    document = json.loads(result.stdout)
    assert (document["projects"], document["voters"], document["metrics"]) == (3, 1, 3)
    round_ = load_round(tmp_path / "round")
    assert round_.rules.money.rule == "metric-median"
    assert list(round_.notices) == document["notices"]
    again = CliRunner().invoke(cli, ["import", "retropgf", str(folder), *options])
    assert again.exit_code != 0
