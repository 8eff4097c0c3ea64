"""Defects of comparisons.csv and ratings.csv, one a test: file, row, column, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.round_cases import added, assert_at, refused, the_problem

COMPARED = "comparisons.csv"
RATED = "ratings.csv"


def compared(tmp_path: Path, row: str, column: str, *words: str) -> None:
    """A comparison in row 5 is refused for this column."""
    assert_at(the_problem(tmp_path, added(COMPARED, row)), COMPARED, 5, column, *words)


def rated(tmp_path: Path, row: str, column: str, *words: str) -> None:
    """A rating in row 4 is refused for this column."""
    assert_at(the_problem(tmp_path, added(RATED, row)), RATED, 4, column, *words)


def test_unknown_juror(tmp_path: Path) -> None:
    compared(tmp_path, "anne,benefit,alpha,gamma,alpha,,", "juror", "did you mean 'ann'?", "judges.csv")


def test_juror_in_another_case(tmp_path: Path) -> None:
    compared(tmp_path, "Ann,benefit,alpha,gamma,alpha,,", "juror", "differs from it only in case", "write ann")


def test_no_juror(tmp_path: Path) -> None:
    compared(tmp_path, ",benefit,alpha,gamma,alpha,,", "juror", "no judge is named")


def test_unknown_criterion(tmp_path: Path) -> None:
    compared(tmp_path, "ann,benfit,alpha,gamma,alpha,,", "criterion", "did you mean 'benefit'?")


def test_criterion_that_is_not_asked(tmp_path: Path) -> None:
    compared(tmp_path, "ann,need,alpha,gamma,alpha,,", "criterion", "round.toml")


def test_unknown_project(tmp_path: Path) -> None:
    compared(tmp_path, "ann,benefit,alpha,gama,alpha,,", "b", "did you mean 'gamma'?")


def test_project_in_another_case(tmp_path: Path) -> None:
    compared(tmp_path, "ann,benefit,ALPHA,gamma,gamma,,", "a", "write alpha")


def test_project_compared_with_itself(tmp_path: Path) -> None:
    compared(tmp_path, "ann,benefit,alpha,alpha,alpha,,", "b", "itself", "two different")


def test_no_projects(tmp_path: Path) -> None:
    problems = refused(tmp_path, added(COMPARED, "ann,benefit,,,tie,,"))
    assert [(problem.row, problem.column) for problem in problems] == [(5, "a"), (5, "b")]


def test_winner_is_a_third(tmp_path: Path) -> None:
    compared(tmp_path, "ann,benefit,alpha,gamma,beta,,", "winner", "neither", "write alpha or gamma")


def test_no_winner(tmp_path: Path) -> None:
    compared(tmp_path, "ann,benefit,alpha,gamma,,,", "winner", "tie")


@pytest.mark.parametrize(("winner", "right"), [("Alpha", "alpha"), ("Tie", "tie")])
def test_winner_in_another_case(tmp_path: Path, winner: str, right: str) -> None:
    compared(tmp_path, f"ann,benefit,alpha,gamma,{winner},,", "winner", f"write {right}")


@pytest.mark.parametrize(
    ("ratio", "word"),
    [
        ("0.5", "name the other one as winner and write 2"),
        ("0", "zero"),
        ("0.0", "zero"),
        ("-2", "below zero"),
        ("nan", "finite"),
        ("NaN", "finite"),
        ("inf", "finite"),
        ("-inf", "finite"),
        ("1e999", "too large"),
        ("1e-320", "at least 1"),
        ("0.0285C", "remove 'C'"),
        ("3x", "remove 'x'"),
        ('"1,5"', "decimal point"),
        ("1_000", "underscores"),
        ("2 3", "remove"),
        ("0x10", "not a number"),
        ("٣", "not a number"),
        ("two", "such as 2"),
        ("1" * 5000 + "e99999", "too large"),
    ],
)
def test_ratio(tmp_path: Path, ratio: str, word: str) -> None:
    compared(tmp_path, f"ann,benefit,alpha,gamma,alpha,{ratio},", "ratio", word)


def test_ratio_of_a_tie(tmp_path: Path) -> None:
    compared(tmp_path, "ann,benefit,alpha,gamma,tie,2,", "ratio", "leave the ratio empty")


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01", "01.11.2026", "1762000000", "2026-11-01T25:00:00Z"])
def test_time(tmp_path: Path, time: str) -> None:
    compared(tmp_path, f"ann,benefit,alpha,gamma,alpha,,{time}", "time", "ISO 8601")


@pytest.mark.parametrize("row", ["ann,benefit,alpha,beta,beta,,", "ann,benefit,beta,alpha,beta,,2026-12-01"])
def test_the_same_pair_twice_without_a_last_word(tmp_path: Path, row: str) -> None:
    changes = {
        COMPARED: f"juror,criterion,a,b,winner,ratio,time\nann,benefit,alpha,beta,alpha,2,\n{row}\n",
    }
    assert_at(the_problem(tmp_path, changes), COMPARED, 3, "time", "in row 2", "different time")


def test_the_same_pair_twice_at_the_same_time(tmp_path: Path) -> None:
    compared(tmp_path, "ann,benefit,beta,alpha,beta,,2026-11-01T11:00:00+01:00", "time", "in row 2")


def test_unknown_juror_and_project_of_a_rating(tmp_path: Path) -> None:
    problems = refused(tmp_path, added(RATED, "bo,benefit,alpa,5,,,"))
    assert [(problem.row, problem.column) for problem in problems] == [(4, "juror"), (4, "project")]


def test_rating_on_a_criterion_without_scale(tmp_path: Path) -> None:
    rated(tmp_path, "ann,harm,alpha,5,,,", "criterion", "no rating scale", "[criteria.harm]")


def test_rating_on_an_unknown_criterion(tmp_path: Path) -> None:
    rated(tmp_path, "ann,benefits,alpha,5,,,", "criterion", "did you mean 'benefit'?")


@pytest.mark.parametrize("value", ["11", "-0.1", "1e3"])
def test_rating_off_the_scale(tmp_path: Path, value: str) -> None:
    rated(tmp_path, f"ann,benefit,beta,{value},,,", "value", "0 to 10")


@pytest.mark.parametrize("value", ["", "good", "nan", "inf", "7/10", "5C"])
def test_rating_that_is_no_number(tmp_path: Path, value: str) -> None:
    rated(tmp_path, f"ann,benefit,beta,{value},,,", "value", "not a number")


def test_half_an_interval(tmp_path: Path) -> None:
    rated(tmp_path, "ann,benefit,beta,5,4,,", "high", "both ends")


def test_the_other_half_of_an_interval(tmp_path: Path) -> None:
    rated(tmp_path, "ann,benefit,beta,5,,6,", "low", "both ends")


def test_interval_above_its_value(tmp_path: Path) -> None:
    rated(tmp_path, "ann,benefit,beta,5,6,7,", "low", "low ≤ value ≤ high")


def test_interval_below_its_value(tmp_path: Path) -> None:
    rated(tmp_path, "ann,benefit,beta,5,3,4,", "high", "low ≤ value ≤ high")


def test_interval_off_the_scale(tmp_path: Path) -> None:
    rated(tmp_path, "ann,benefit,beta,5,3,40,", "high", "0 to 10")


def test_interval_that_is_no_number(tmp_path: Path) -> None:
    rated(tmp_path, "ann,benefit,beta,5,low,6,", "low", "not a number")


def test_the_same_project_rated_twice(tmp_path: Path) -> None:
    rated(tmp_path, "ann,benefit,alpha,5,,,", "time", "in row 2")


def test_the_same_project_rated_twice_by_a_model(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, added(RATED, "bot,benefit,alpha,5,,,", "bot,benefit,alpha,6,,,"))
    assert_at(problem, RATED, 5, "time", "in row 4")


def test_repeats_of_a_model_are_checked_one_by_one(tmp_path: Path) -> None:
    rows = ("bot,harm,alpha,gamma,alpha,,", "bot,harm,gamma,alpha,gamma,0.5,", "bot,harm,gamma,alpha,gamma,,soon")
    problems = refused(tmp_path, added(COMPARED, *rows))
    assert [(problem.row, problem.column) for problem in problems] == [(6, "ratio"), (7, "time")]


def test_every_row_is_checked(tmp_path: Path) -> None:
    rows = [f"ann,benefit,alpha,gamma,alpha,{ratio}," for ratio in ("x", "0", "-1")]
    problems = refused(tmp_path, added(COMPARED, *rows))
    assert [(problem.row, problem.column) for problem in problems] == [(5, "ratio"), (6, "ratio"), (7, "ratio")]
