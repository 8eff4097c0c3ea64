"""Defects of lists/<model>.csv, one a test: file, row, column, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.round_cases import BASE, assert_at, edited, refused, the_problem

FILE = "lists/bot.csv"


def listed(tmp_path: Path, row: str, new: str, line: int | None, column: str, *words: str) -> None:
    """The list is refused when one row is written differently."""
    assert_at(the_problem(tmp_path, edited(FILE, row, new)), FILE, line, column, *words)


def test_weight_with_a_letter(tmp_path: Path) -> None:
    listed(tmp_path, "gamma,0.2", "gamma,0.0285C", 4, "weight", "'0.0285C' is not a number", "remove 'C' if 0.0285")


@pytest.mark.parametrize("weight", ["nan", "inf", "-inf", "", "abc", "1.2.3", '"0,2"', "1_0", "1e999", "٠.٢"])
def test_weight_that_is_no_finite_number(tmp_path: Path, weight: str) -> None:
    listed(tmp_path, "gamma,0.2", f"gamma,{weight}", 4, "weight")


@pytest.mark.parametrize("weight", ["0", "0.0", "0e5", "1e-999", "-0"])
def test_weight_of_zero(tmp_path: Path, weight: str) -> None:
    listed(tmp_path, "gamma,0.2", f"gamma,{weight}", 4, "weight", "zero", "[lists] floor")


def test_weight_below_zero(tmp_path: Path) -> None:
    listed(tmp_path, "gamma,0.2", "gamma,-0.2", 4, "weight", "below zero")


def test_project_is_missing(tmp_path: Path) -> None:
    listed(tmp_path, "gamma,0.2\n", "", None, "project", "1 of 3 projects", "'gamma'", "floor", "partial")


def test_project_twice(tmp_path: Path) -> None:
    listed(tmp_path, "gamma,0.2\n", "gamma,0.2\nalpha,0.1\n", 5, "project", "in row 2")


def test_unknown_project(tmp_path: Path) -> None:
    listed(tmp_path, "gamma,0.2\n", "gamma,0.2\ndelta,0.1\n", 5, "project", "projects.csv")


def test_unknown_criterion(tmp_path: Path) -> None:
    text = "project,weight,criterion\nalpha,1,harn\nbeta,1,harm\ngamma,1,harm\n"
    problems = refused(tmp_path, {FILE: text})
    assert_at(problems[0], FILE, None, "project", "1 of 3 projects")
    assert_at(problems[1], FILE, 2, "criterion", "did you mean 'harm'?")


def test_list_of_nobody(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, {"lists/bott.csv": BASE[FILE]})
    assert_at(problem, "lists/bott.csv", None, "file name", "did you mean 'bot'?", "judges.csv")


def test_list_in_another_case(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, {FILE: None, "lists/Bot.csv": BASE[FILE]})
    assert_at(problem, "lists/Bot.csv", None, "file name", "only in case", "write bot")


def test_list_of_a_person(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, {"lists/ann.csv": BASE[FILE]})
    assert_at(problem, "lists/ann.csv", None, "file name", "is a person")


def test_two_lists_of_one_model(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, {"lists/b%6Ft.csv": BASE[FILE]})
    assert problem.column == "file name"
    assert "two lists" in problem.message


def test_list_that_is_no_csv(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, {"lists/bot.txt": BASE[FILE]})
    assert_at(problem, "lists/bot.txt", None, None, ".csv at the end")


def test_list_without_rows(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, {FILE: "project,weight\n"}), FILE, None, None, "no row")


def test_list_of_zeros_with_a_floor(tmp_path: Path) -> None:
    manifest = edited("round.toml", "[communities]", "[lists]\nfloor = 0.01\n[communities]")
    zeros = "project,weight\nalpha,0\nbeta,0\ngamma,\n"
    assert_at(the_problem(tmp_path, {**manifest, FILE: zeros}), FILE, None, "weight", "above zero")


def test_weights_too_far_apart(tmp_path: Path) -> None:
    text = "project,weight\nalpha,1e308\nbeta,1e308\ngamma,1e-300\n"
    assert_at(the_problem(tmp_path, {FILE: text}), FILE, None, "weight", "differ by more")
