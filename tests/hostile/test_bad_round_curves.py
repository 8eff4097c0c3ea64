"""values.csv, funders.csv and dependencies.csv that are wrong: each fault has its row, its column and a remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from daccord.formats import check_round, load_round

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "round"
    shutil.copytree(ROOT / "examples" / "s-process", target)
    text = (target / "judges.csv").read_text(encoding="utf-8")
    (target / "judges.csv").write_text(text + "robot,model,,,\n", encoding="utf-8")
    return target


VALUES = {
    "rises": ("ada,air-sensors,0,1\nada,air-sensors,5,2\n", 3, "value", "rises"),
    "no beginning": ("ada,air-sensors,1,1\nada,air-sensors,5,0\n", 2, "amount", "does not begin at 0"),
    "single point": ("ada,air-sensors,0,1\n", 2, "amount", "single point"),
    "twice": ("ada,air-sensors,0,2\nada,air-sensors,0,1\n", 3, "amount", "two values"),
    "model": ("robot,air-sensors,0,1\nrobot,air-sensors,2,0\n", 2, "juror", "is a model"),
    "negative": ("ada,air-sensors,0,-1\n", 2, "value", "below zero"),
    "stray letter": ("ada,air-sensors,0,0.5C\n", 2, "value", "not a number"),
    "tiny": ("ada,air-sensors,0,1e-999999999\n", 2, "value", "too small"),
    "nobody": ("eve,air-sensors,0,0\n", 2, "juror", "no judge has the id"),
    "nothing": ("ada,air-sensor,0,0\n", 2, "project", "did you mean"),
    "fraction of a cent": ("ada,air-sensors,0.001,0\n", 2, "amount", "decimals"),
}


@pytest.mark.parametrize("case", VALUES)
def test_bad_curve(case: str, folder: Path):
    rows, row, column, said = VALUES[case]
    (folder / "values.csv").write_text("juror,project,amount,value\n" + rows, encoding="utf-8")
    found, problems = check_round(folder)
    assert found is None
    assert any(
        (problem.file, problem.row, problem.column) == ("values.csv", row, column) and said in str(problem)
        for problem in problems
    ), problems


FUNDERS = {
    "weights": ("a,300000,ada:0.5; ben:0.4\n", 2, "trust", "sum to 9/10|sum to 0.9"),
    "twice": ("a,300000,ada:0.5; ada:0.5\n", 2, "trust", "named twice"),
    "model": ("a,300000,robot\n", 2, "trust", "is a model"),
    "same name": ("a,1,\nA,299999,\n", 3, "funder", "differ only in case"),
    "no name": (",300000,\n", 2, "funder", "has no id"),
    "money": ("a,-3,\n", 2, "amount", "not an amount"),
}


@pytest.mark.parametrize("case", FUNDERS)
def test_bad_funder(case: str, folder: Path):
    rows, row, column, said = FUNDERS[case]
    (folder / "funders.csv").write_text("funder,amount,trust\n" + rows, encoding="utf-8")
    found, problems = check_round(folder)
    assert found is None
    assert any(
        (problem.file, problem.row, problem.column) == ("funders.csv", row, column)
        and any(part in str(problem) for part in said.split("|"))
        for problem in problems
    ), problems


EDGES = {
    "short": ("far-uvc,air-sensors,0.9\n", 2, "weight", "sum to 9/10, not to 1"),
    "remedy": ("far-uvc,air-sensors,0.9\n", 2, "weight", "far-uvc,far-uvc,0.1"),
    "long": ("far-uvc,air-sensors,0.9\nfar-uvc,far-uvc,0.2\n", 3, "weight", "sum to 11/10"),
    "zero": ("far-uvc,air-sensors,0\nfar-uvc,far-uvc,1\n", 2, "weight", "is zero"),
    "twice": ("far-uvc,air-sensors,0.5\nfar-uvc,air-sensors,0.5\n", 3, None, "twice"),
    "stranger": ("far-uvc,air,1\n", 2, "on", "no project has the id"),
}


@pytest.mark.parametrize("case", EDGES)
def test_bad_dependency(case: str, folder: Path):
    rows, row, column, said = EDGES[case]
    (folder / "dependencies.csv").write_text("project,on,weight\n" + rows, encoding="utf-8")
    found, problems = check_round(folder)
    assert found is None
    assert any(
        (problem.file, problem.row, problem.column) == ("dependencies.csv", row, column) and said in str(problem)
        for problem in problems
    ), problems


def test_columns_of_deep_funding_are_read(folder: Path):
    rows = "air-sensors,far-uvc,0.3333333333333333\npatch-commons,far-uvc,1e-1\nfar-uvc,far-uvc,0.1\n"
    (folder / "dependencies.csv").write_text("repo,parent,weight\n" + rows, encoding="utf-8")
    found = load_round(folder)
    edges = {(edge.project, edge.on): edge.weight for edge in found.inputs.dependencies}
    assert sum(edges.values()) == 1
    assert edges["far-uvc", "patch-commons"] == edges["far-uvc", "far-uvc"]
    assert any("divided by their sum" in notice for notice in found.notices)
