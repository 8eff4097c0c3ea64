"""Defects of files as files: encoding, CSV out of shape, names; and what is reported together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.hostile.round_cases import BASE, added, assert_at, build, edited, refused, the_problem

from daccord.errors import InputError
from daccord.formats import check_round, load_round

FILE = "comparisons.csv"


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_round(tmp_path / "nowhere")


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is no folder"):
        load_round(tmp_path / "file")


def test_empty_folder_names_all_three_files(tmp_path: Path) -> None:
    found, problems = check_round(tmp_path)
    assert found is None
    assert [problem.file for problem in problems] == ["round.toml", "projects.csv", "judges.csv"]
    assert all(problem.remedy for problem in problems)


@pytest.mark.parametrize("content", ["", "\n", "  \n\n", "\ufeff"])
@pytest.mark.parametrize("file", BASE)
def test_empty_file(tmp_path: Path, file: str, content: str) -> None:
    assert_at(refused(tmp_path, {file: content})[0], file, None, None, "empty")


@pytest.mark.parametrize("file", BASE)
def test_invalid_utf8_names_the_row(tmp_path: Path, file: str) -> None:
    problem = refused(tmp_path, {file: BASE[file].encode() + b"caf\xe9,x\n"})[0]
    assert_at(problem, file, BASE[file].count("\n") + 1, None, "0xe9", "UTF-8")


def test_utf16(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, {FILE: BASE[FILE].encode("utf-16")}), FILE, 1, None, "UTF-16", "save it as UTF-8")


def test_misspelled_column(tmp_path: Path) -> None:
    assert_at(
        the_problem(tmp_path, edited(FILE, "ratio,time", "ration,time")), FILE, 1, "ration", "did you mean ratio?"
    )


def test_column_in_another_case(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, edited(FILE, "ratio,time", "Ratio,time")), FILE, 1, "Ratio", "did you mean ratio?")


def test_unknown_column(tmp_path: Path) -> None:
    text = "project,weight,zzz\nalpha,0.5,\nbeta,0.3,\ngamma,0.2,\n"
    assert_at(the_problem(tmp_path, {"lists/bot.csv": text}), "lists/bot.csv", 1, "zzz", "project, weight, criterion")


def test_column_without_a_name(tmp_path: Path) -> None:
    assert_at(refused(tmp_path, edited(FILE, "ratio,time", "ratio,time,"))[0], FILE, 1, None, "trailing comma")


def test_column_twice(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, edited(FILE, "ratio,time", "ratio,ratio")), FILE, 1, "ratio", "twice")


@pytest.mark.parametrize("column", ["juror", "criterion", "a", "b", "winner"])
def test_missing_column(tmp_path: Path, column: str) -> None:
    header, rest = BASE[FILE].split("\n", maxsplit=1)
    kept = ",".join(name for name in header.split(",") if name != column)
    problem = the_problem(tmp_path, {FILE: f"{kept}\n{rest}"})
    assert_at(problem, FILE, 1, column, "missing", "first line")


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separator(tmp_path: Path, mark: str) -> None:
    problem = the_problem(tmp_path, {FILE: BASE[FILE].replace(",", mark)})
    assert_at(problem, FILE, 1, None, "separate columns by commas")


def test_row_with_too_many_cells(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, added(FILE, "ann,benefit,alpha,gamma,alpha,1,5,"))
    assert_at(problem, FILE, 5, None, "8 cells", "double quotes")


def test_row_with_too_few_cells(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, added(FILE, "ann,benefit,alpha,gamma,alpha"))
    assert_at(problem, FILE, 5, None, "5 cells", "the header has 7")


def test_quote_that_is_never_closed(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, added(FILE, 'ann,benefit,alpha,gamma,"alpha,,', "ben,benefit,alpha,gamma,alpha,,"))
    assert_at(problem, FILE, 5, None, "never closed")


def test_quote_in_the_middle(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, added(FILE, 'ann,benefit,alpha,gamma,"al"pha,,'))
    assert_at(problem, FILE, 5, None, "not valid CSV", "twice")


def test_cell_without_end(tmp_path: Path) -> None:
    problem = refused(tmp_path, edited("projects.csv", "First", "x" * 200_000))[0]
    assert_at(problem, "projects.csv", 2, None, "131,072 characters")


def test_rows_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    projects = 'id,title,text\nalpha,A,"one\ntwo\r\nthree"\n\nbeta,B,\ngamma,,\n'
    judges = BASE["judges.csv"].replace("Red; beta", "")
    assert_at(the_problem(tmp_path, {"projects.csv": projects, "judges.csv": judges}), "projects.csv", 7, "title")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("comparison.csv", "comparisons.csv"),
        ("Ratings.csv", "ratings.csv"),
        ("ratings.CSV", "ratings.csv"),
        ("contribution.csv", "contributions.csv"),
        ("list/bot.csv", "lists"),
    ],
)
def test_misspelled_optional_file_is_not_passed_over(tmp_path: Path, wrong: str, right: str) -> None:
    original = right if right in BASE else "lists/bot.csv"
    problem = the_problem(tmp_path, {original: None, wrong: BASE[original]})
    assert_at(problem, wrong.split("/", maxsplit=1)[0], None, None, f"looks like `{right}`", "rename")


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    problem = refused(tmp_path, {FILE: None, f"{FILE}/x": "y"})[0]
    assert_at(problem, FILE, None, None)


def test_file_in_place_of_the_lists(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, {"lists/bot.csv": None, "lists": "x"})
    assert_at(problem, "lists", None, None, "make it a folder")


def test_a_broken_manifest_does_not_blame_the_other_files(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, {"round.toml": "="}), "round.toml", 1, None)


@pytest.mark.parametrize("file", ["projects.csv", "judges.csv"])
def test_a_broken_file_does_not_blame_those_that_refer_to_it(tmp_path: Path, file: str) -> None:
    assert {problem.file for problem in refused(tmp_path, {file: "id;title"})} == {file}


def test_a_row_that_cannot_be_read_does_not_blame_those_that_refer_to_it(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, edited("projects.csv", "beta,Beta,Blue,", "beta,Beta"))
    assert_at(problem, "projects.csv", 3, None, "cells")


def test_problems_of_all_files_come_together_in_order(tmp_path: Path) -> None:
    changes = {
        **edited("round.toml", "digits = 2", "digits = 20"),
        **added("projects.csv", "alpha,Again,,,,,,,"),
        **added("judges.csv", "cid,robot,,,,"),
        **added(FILE, "cid,benefit,alpha,beta,alpha,0.5,"),
        **added("ratings.csv", "cid,benefit,alpha,99,,,"),
        **edited("lists/bot.csv", "gamma,0.2", "gamma,0"),
        **added("contributions.csv", ",alpha,1,"),
    }
    files = [problem.file for problem in refused(tmp_path, changes)]
    assert files == [
        "round.toml",
        "projects.csv",
        "judges.csv",
        "comparisons.csv",
        "ratings.csv",
        "contributions.csv",
        "lists/bot.csv",
    ]


def test_many_problems_are_kept_and_the_first_are_printed(tmp_path: Path) -> None:
    rows = ["ann,benefit,alpha,beta,alpha,0.0285C,"] * 500
    with pytest.raises(InputError) as caught:
        load_round(build(tmp_path, added(FILE, *rows)))
    assert len(caught.value.problems) == 500
    lines = caught.value.diagnostics().split("\n")
    assert len(lines) == 202
    assert lines[-2:] == ["… and 300 more", "500 problems"]


def test_ten_thousand_unknown_ids_do_not_take_minutes(tmp_path: Path) -> None:
    judges = "id,kind\n" + "".join(f"juror-{i},person\n" for i in range(3000))
    rows = [f"nobody-{i},benefit,alpha,beta,alpha,," for i in range(10_000)]
    problems = refused(tmp_path, {"judges.csv": judges, "lists/bot.csv": None, **added(FILE, *rows)})
    assert sum(problem.column == "juror" and problem.file == FILE for problem in problems) == 10_003


def test_the_program_prints_problems_on_stderr_and_leaves_with_2(tmp_path: Path) -> None:
    build(tmp_path, edited("lists/bot.csv", "gamma,0.2", "gamma,0.0285C"))
    program = Path(sys.executable).with_name("daccord")
    done = subprocess.run([program, "check", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "lists/bot.csv, row 4, column weight: '0.0285C' is not a number → remove 'C'" in done.stderr
