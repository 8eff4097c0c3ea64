"""The commands `daccord report` and `daccord explain` on the example round."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner
from tests.conftest import ROOT

from daccord.cli.explain import explain
from daccord.cli.report import report
from daccord.errors import ExternalError, InputError
from daccord.formats import load_round

EXAMPLE = ROOT / "examples" / "dacc"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the example, because the report is written beside it."""
    target = tmp_path_factory.mktemp("round") / "dacc"
    shutil.copytree(EXAMPLE, target)
    return target


@pytest.fixture(scope="module")
def written(folder):
    return CliRunner().invoke(report, [str(folder), "--json"], catch_exceptions=False)


def test_report_writes_the_page_and_prints_where(written, folder):
    assert written.exit_code == 0
    document = json.loads(written.stdout)
    target = folder / "out" / "report.html"
    assert document["report"] == str(target)
    assert document["simulated"] is True
    assert "hierarchical / differential" in document["rules_compared"]
    page = target.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "SIMULATED" in page
    for project in load_round(folder).portfolio:
        assert project.title.split("&")[0] in page


def test_report_does_not_change_what_it_reads(written, folder):
    assert written.exit_code == 0
    assert load_round(folder).digests == load_round(EXAMPLE).digests


def test_a_page_that_cannot_be_written_is_an_outside_failure(folder, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(ExternalError, match="cannot be written"):
        CliRunner().invoke(report, [str(folder), "--out", str(blocked / "r.html")], catch_exceptions=False)


def test_explain_says_why_in_words_and_in_json(folder):
    project = load_round(folder).portfolio.projects[0]
    words = CliRunner().invoke(explain, [str(folder), project.id], catch_exceptions=False)
    assert words.exit_code == 0
    assert words.stdout.startswith("SIMULATED")
    assert project.title in words.stdout
    assert "If its benefit were twice as high" in words.stdout
    assert max(map(len, words.stdout.splitlines())) <= 100
    document = json.loads(CliRunner().invoke(explain, [str(folder), project.id, "--json"]).stdout)
    assert document["schema"] == "daccord/explanation/1"
    assert document["project"] == project.id
    assert document["simulated"] is True
    assert {"label_after", "amount_after", "condition"} <= set(document["money"][0])


def test_an_unknown_project_is_bad_input(folder):
    project = load_round(folder).portfolio.projects[0].id
    with pytest.raises(InputError, match=f"did you mean '{project}'") as caught:
        CliRunner().invoke(explain, [str(folder), f"{project}x"], catch_exceptions=False)
    assert caught.value.exit_code == 2
