"""metrics.csv, metric-weights.csv and outcomes.csv: read strictly, written back, and scored by `daccord retro`."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from daccord.cli.init import template_files
from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.formats import load_outcomes, load_round, write_round
from daccord.judging import MetricWeight, Outcome
from daccord.portfolio import MetricValue
from daccord.round import MoneyInputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The template round; its projects and judgments are invented."""
    place = tmp_path / "round"
    for name, data in template_files().items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place


def ids(folder: Path) -> tuple[str, ...]:
    return load_round(folder).portfolio.ids


def test_all_three_tables_come_back_as_they_were_written(folder, tmp_path):
    round_ = load_round(folder)
    a, b, *_ = round_.portfolio.ids
    inputs = MoneyInputs(
        metrics=(MetricValue(a, "users", Fraction("0.00063875465290929277")), MetricValue(b, "users", Fraction(2, 3))),
        metric_weights=(MetricWeight("v1", "users", Fraction("33.335")), MetricWeight("v1", "open", Fraction(3, 2))),
        outcomes=(
            Outcome(a, Fraction(5), "x", 1250, 10),
            Outcome(a, Fraction(1, 3), "y", 1250, 10),
            Outcome(b, Fraction(0)),
        ),
    )
    write_round(replace(round_, inputs=inputs), tmp_path / "again")
    found = load_round(tmp_path / "again").inputs
    assert (found.metrics, found.metric_weights, found.outcomes) == (
        inputs.metrics,
        inputs.metric_weights,
        inputs.outcomes,
    )


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("metrics.csv", "project,metric,value\n{a},users,0.02C\n", "0.02C"),
        ("metrics.csv", "project,metric,value\n{a},users,-1\n", "below zero"),
        ("metrics.csv", "project,metric,value\n{a},,1\n", "no metric is named"),
        ("metrics.csv", "project,metric,value\nzzz,users,1\n", "no project has the id"),
        ("metrics.csv", "project,metric,value\n{a},users,1\n{a},users,1\n", r"already \(row 2\)"),
        ("metric-weights.csv", "voter,metric,weight\n,users,1\n", "no voter is named"),
        ("metric-weights.csv", "voter,metric,weight\nv,users,nan\n", "nan"),
        ("metric-weights.csv", "voter,metric,weight\nv,users,1\nv,users,2\n", r"already \(row 2\)"),
        ("outcomes.csv", "project,worth\n{a},much\n", "much"),
        ("outcomes.csv", "project,worth\nzzz,1\n", "no project has the id"),
        ("outcomes.csv", "project,worth,judge\n{a},1,x\n{a},2,x\n", r"already \(row 2\)"),
        ("outcomes.csv", "project,worth,judge,paid\n{a},1,x,5\n{a},2,y,6\n", "differs from row 2"),
        ("outcomes.csv", "project,worth,earned\n{a},1,-5\n", "not an amount"),
    ],
)
def test_faults_are_named_with_their_row(folder, file, text, message):
    first = ids(folder)[0]
    (folder / file).write_text(text.replace("{a}", first))
    with pytest.raises(InputError, match=message) as caught:
        load_round(folder)
    assert all(problem.file == file and problem.row for problem in caught.value.problems)


def test_what_was_paid_once_holds_for_all_rows_of_a_project(folder):
    first = ids(folder)[0]
    (folder / "outcomes.csv").write_text(f"project,worth,judge,paid,earned\n{first},1,x,,3\n{first},2,y,12.50,\n")
    assert [(row.paid, row.earned) for row in load_round(folder).inputs.outcomes] == [(1250, 300), (1250, 300)]


def test_outcomes_of_a_file_beside_the_round(folder, tmp_path):
    first = ids(folder)[0]
    path = tmp_path / "later.csv"
    path.write_text(f"project,worth\n{first},2\n")
    assert load_outcomes(path, load_round(folder)) == (Outcome(first, Fraction(2)),)
    path.write_text("project,worth\nzzz,2\n")
    with pytest.raises(InputError, match=r"later\.csv"):
        load_outcomes(path, load_round(folder))


def test_retro_prints_a_table_and_json_and_never_harm(folder, tmp_path):
    path = tmp_path / "later.csv"
    names = ids(folder)
    path.write_text("project,worth\n" + "".join(f"{name},{i + 1}\n" for i, name in enumerate(names)))
    run = CliRunner().invoke(cli, ["retro", str(folder), "--outcomes", str(path)])
    assert run.exit_code == 0, run.output
    assert "agreement" in run.stdout
    document = json.loads(CliRunner().invoke(cli, ["retro", str(folder), "--outcomes", str(path), "--json"]).stdout)
    assert {judge["judge"] for judge in document["judges"]} == {judge.id for judge in load_round(folder).panel}
    for judge in document["judges"]:
        assert judge["rated"] == (judge["agreement"] is not None)
    refused = CliRunner().invoke(cli, ["retro", str(folder), "--outcomes", str(path), "--criterion", "harm"])
    assert refused.exit_code != 0
    assert not refused.stdout
    assert CliRunner().invoke(cli, ["retro", str(folder)]).exit_code != 0
