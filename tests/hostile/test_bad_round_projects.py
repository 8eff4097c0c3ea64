"""Defects of projects.csv and projects.toml, one a test: file, row, column, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.round_cases import BASE, added, assert_at, edited, refused, the_problem

FILE = "projects.csv"
TOML = "projects.toml"


def project(**cells: str) -> dict[str, str | bytes | None]:
    """The base with a fourth project in row 5."""
    values = {"id": "delta", "title": "Delta"} | cells
    columns = BASE[FILE].split("\n", maxsplit=1)[0].split(",")
    assert set(values) <= set(columns)
    weights = BASE["lists/bot.csv"] + f"{values['id']},0.1\n" if values["id"] == "delta" else BASE["lists/bot.csv"]
    return {**added(FILE, ",".join(values.get(column, "") for column in columns)), "lists/bot.csv": weights}


def tables(text: str) -> dict[str, str | bytes | None]:
    """The base with projects.toml in place of projects.csv, and nothing that refers to projects."""
    manifest = BASE["round.toml"].replace('projects = ["beta"]', "")
    gone = dict.fromkeys((FILE, "comparisons.csv", "ratings.csv", "lists/bot.csv", "contributions.csv"), None)
    return {**gone, "judges.csv": "id,kind\nann,person\n", "round.toml": manifest, TOML: text}


def test_no_project_at_all(tmp_path: Path) -> None:
    assert_at(refused(tmp_path, {FILE: "id,title\n"})[0], FILE, None, None, "no project")


def test_no_file_of_projects(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, {FILE: None}), FILE, None, None, "no projects.csv and no projects.toml")


def test_two_files_of_projects(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, {TOML: '[[project]]\nid = "x"\ntitle = "X"\n'})
    assert_at(problem, TOML, None, None, "keep one of the two")


def test_id_twice(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(id="alpha")), FILE, 5, "id", "row 2")


def test_ids_that_differ_in_case(tmp_path: Path) -> None:
    problem = refused(tmp_path, project(id="Alpha"))[0]
    assert_at(problem, FILE, 5, "id", "differ only in case")


def test_ids_that_differ_in_unicode_form(tmp_path: Path) -> None:
    problems = refused(tmp_path, added(FILE, "caf\u00e9,One,,,,,,,", "cafe\u0301,Two,,,,,,,"))
    assert_at(next(problem for problem in problems if problem.file == FILE), FILE, 6, "id", "encoding")


@pytest.mark.parametrize("identifier", ["", "a;b", "x" * 201, "a\u200bb", "a\x00b", "tie", "TIE", "plague", "Plague"])
def test_id_that_cannot_be_used(tmp_path: Path, identifier: str) -> None:
    problem = next(found for found in refused(tmp_path, project(id=identifier)) if found.file == FILE)
    assert_at(problem, FILE, 5, "id")


def test_no_title(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(title="  ")), FILE, 5, "title", "name for people")


def test_line_break_in_a_title(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(title='"A\nB"')), FILE, 5, "title", "line break")


def test_escape_sequence_in_a_text(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(text="\x1b[2J")), FILE, 5, "text", "control character")


def test_semicolon_in_a_team(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(team="A; B")), FILE, 5, "team", "semicolon")


@pytest.mark.parametrize("ask", ["-5", "12.345", "1e3", "lots", "0.0285C", '"1,000"', "nan", "∞"])
def test_ask_that_is_no_amount(tmp_path: Path, ask: str) -> None:
    assert_at(the_problem(tmp_path, project(ask=ask)), FILE, 5, "ask", "1250.00")


def test_ask_of_nothing(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(ask="0")), FILE, 5, "ask", "leave it empty")


def test_unknown_cell(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, project(cells="bits/cybr/survive"))
    assert_at(problem, FILE, 5, "cells", "did you mean bits/cyber/survive?")


@pytest.mark.parametrize(
    "cells",
    [
        "bits/cyber/survive; bits/info/survive",
        "bits/cyber/survive:0.7; bits/info/survive:0.2",
        "bits/cyber/survive:0.333; bits/info/survive:0.666",
    ],
)
def test_shares_that_do_not_sum_to_one(tmp_path: Path, cells: str) -> None:
    assert_at(the_problem(tmp_path, project(cells=cells)), FILE, 5, "cells", "not to 1")


@pytest.mark.parametrize("share", ["0", "-0.5", "1.5", "nan", "1/0", "1e-9", "70%", "", "9" * 50])
def test_share_that_is_none(tmp_path: Path, share: str) -> None:
    assert_at(the_problem(tmp_path, project(cells=f"bci:{share}")), FILE, 5, "cells", "share")


def test_cell_twice(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(cells="bci:0.5; bci:0.5")), FILE, 5, "cells", "named twice")


def test_defence_against_nothing(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, project(roles="defends"))
    assert_at(problem, FILE, 5, "roles", "a defence claim needs to say against what")


def test_other_role_towards_nothing(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(roles="substitutes >")), FILE, 5, "roles", "towards what")


def test_unknown_role(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(roles="defend > plague")), FILE, 5, "roles", "did you mean defends?")


def test_role_towards_an_unknown_target(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(roles="defends > plage")), FILE, 5, "roles", "did you mean 'plague'?")


def test_role_towards_itself(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(roles="raises > delta")), FILE, 5, "roles", "itself")


def test_role_twice(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, project(roles="raises > plague; raises>plague"))
    assert_at(problem, FILE, 5, "roles", "twice")


def test_a_risk_made_safe(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, project(roles="makes_safe > plague"))
    assert_at(problem, FILE, 5, "roles", "is a risk", "defends > plague")


def test_requirement_that_is_unknown(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(requires="Alpha")), FILE, 5, "requires", "only in case", "write alpha")


@pytest.mark.parametrize("requires", ["delta", "alpha; alpha"])
def test_requirement_that_makes_no_sense(tmp_path: Path, requires: str) -> None:
    assert_at(the_problem(tmp_path, project(requires=requires)), FILE, 5, "requires")


def test_requirements_in_a_circle(tmp_path: Path) -> None:
    text = "id,title,team,requires\nalpha,A,Red,beta\nbeta,B,,gamma\ngamma,C,,beta\n"
    problem = the_problem(tmp_path, {FILE: text})
    assert problem.row in {3, 4}
    assert_at(problem, FILE, problem.row, "requires", "beta requires gamma", "gamma requires beta")


def test_two_circles_are_two_problems(tmp_path: Path) -> None:
    text = "id,title,requires\nalpha,A,beta\nbeta,B,alpha\ngamma,C,delta\ndelta,D,gamma\n"
    assert len([problem for problem in refused(tmp_path, {FILE: text}) if problem.column == "requires"]) == 2


def test_unknown_maturity(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, project(maturity="Deployed")), FILE, 5, "maturity", "did you mean deployed?")


def test_a_bad_project_does_not_make_its_answers_bad(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited(FILE, "alpha,Alpha,Red,500", "alpha,Alpha,Red,much"))
    assert_at(problem, FILE, 2, "ask")


def test_toml_project_without_title(tmp_path: Path) -> None:
    text = '[[project]]\nid = "x"\ntitle = "X"\n\n[[project]]\nid = "y"\n'
    assert_at(the_problem(tmp_path, tables(text)), TOML, 5, "project.title", "missing")


def test_toml_project_with_an_unknown_key(tmp_path: Path) -> None:
    text = '[[project]]\nid = "x"\ntitle = "X"\naks = "5"\n'
    assert_at(the_problem(tmp_path, tables(text)), TOML, 4, "project.aks", "did you mean ask?")


def test_toml_project_that_asks_a_float(tmp_path: Path) -> None:
    text = '[[project]]\nid = "x"\ntitle = "X"\nask = 5.0\n'
    assert_at(the_problem(tmp_path, tables(text)), TOML, 4, "project.ask", "float")


def test_toml_rows_of_what_is_found_later(tmp_path: Path) -> None:
    text = '[[project]]\nid = "x"\ntitle = "X"\n\n[[project]]\nid = "X"\ntitle = "Y"\nroles = ["defends"]\n'
    problems = refused(tmp_path, tables(text))
    assert [(problem.row, problem.column) for problem in problems] == [(6, "id"), (8, "roles")]


def test_toml_without_projects(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, tables("project = []\n")), TOML, 1, "project", "at least one")
