"""rankings.csv: what is read, and what is refused with a place and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.round_cases import assert_at, build, refused, the_problem

from daccord.formats import load_round
from daccord.judging import Rankings

RANKED = "rankings.csv"
HEAD = "juror,criterion,ranking,project,place,time\n"


def ranked(tmp_path: Path, *rows: str) -> Rankings:
    """The rankings of benefit in these rows."""
    found = load_round(build(tmp_path, {RANKED: HEAD + "\n".join(rows) + "\n"}))
    return found.judgments["benefit"].rankings


def problem_at(tmp_path: Path, rows: list[str], row: int, column: str, *words: str) -> None:
    """These rows have one problem, in this place."""
    assert_at(the_problem(tmp_path, {RANKED: HEAD + "\n".join(rows) + "\n"}), RANKED, row, column, *words)


def test_places_stand_in_their_order_and_the_rest_below(tmp_path: Path) -> None:
    found = ranked(tmp_path, "ann,benefit,,beta,,", "ann,benefit,,gamma,1,", "ann,benefit,,alpha,2,")
    assert (found.judge.tolist(), found.start.tolist(), found.placed.tolist()) == ([0], [0, 3], [2])
    assert found.project.tolist() == [2, 0, 1]


def test_rows_of_several_rankings_may_be_mixed(tmp_path: Path) -> None:
    rows = ("ann,benefit,1,beta,1,", "ben,benefit,,alpha,1,", "ann,benefit,2,gamma,1,", "ann,benefit,1,alpha,2,")
    found = ranked(tmp_path, *rows, "ben,benefit,,beta,2,", "ann,benefit,2,alpha,,")
    assert found.judge.tolist() == [0, 1, 0]
    assert [found.project[found.start[k] : found.start[k + 1]].tolist() for k in range(3)] == [[1, 0], [0, 1], [2, 0]]
    assert found.placed.tolist() == [2, 2, 1]


def test_a_spreadsheet_needs_four_columns(tmp_path: Path) -> None:
    text = "juror,criterion,project,place\nann,harm,alpha,1\nann,harm,beta,2\n"
    found = load_round(build(tmp_path, {RANKED: text}))
    assert len(found.judgments["harm"].rankings) == 1
    assert len(found.judgments["benefit"].rankings) == 0


def test_the_last_of_two_rankings_of_the_same_projects_counts(tmp_path: Path) -> None:
    first = [f"ann,benefit,a,{project},{place},2026-11-01" for project, place in (("alpha", 1), ("beta", 2))]
    last = [f"ann,benefit,b,{project},{place},2026-11-02" for project, place in (("alpha", 2), ("beta", 1))]
    found = load_round(build(tmp_path, {RANKED: HEAD + "\n".join([*last, *first]) + "\n"}))
    assert found.judgments["benefit"].rankings.project.tolist() == [1, 0]
    said = "the same judge answered with a ranking of the same projects again later (row 4)"
    assert found.notices == (f"rankings.csv: 1 answer was set aside because {said}",)


def test_the_latest_row_says_when_a_ranking_was_given(tmp_path: Path) -> None:
    first = ["ann,benefit,a,alpha,1,2026-11-01", "ann,benefit,a,beta,2,2026-11-09"]
    last = ["ann,benefit,b,alpha,2,2026-11-05", "ann,benefit,b,beta,1,"]
    assert ranked(tmp_path, *first, *last).project.tolist() == [0, 1]


def test_rankings_of_other_projects_are_other_answers(tmp_path: Path) -> None:
    rows = ("ann,benefit,a,alpha,1,", "ann,benefit,a,beta,2,", "ann,benefit,b,alpha,1,", "ann,benefit,b,gamma,2,")
    assert len(ranked(tmp_path, *rows)) == 2


def test_two_rankings_of_the_same_projects_without_a_last_word(tmp_path: Path) -> None:
    rows = ["ann,benefit,a,alpha,1,", "ann,benefit,a,beta,2,", "ann,benefit,b,beta,1,", "ann,benefit,b,alpha,,"]
    problem_at(tmp_path, rows, 4, "time", "in row 2", "different time")


def test_models_do_not_rank(tmp_path: Path) -> None:
    rows = ["bot,benefit,,alpha,1,", "bot,benefit,,beta,2,", "ann,benefit,,alpha,1,", "ann,benefit,,beta,2,"]
    problem_at(tmp_path, rows, 2, "juror", "rankings are of people", "lists/bot.csv")


@pytest.mark.parametrize(
    ("place", "word"),
    [("0", "1 for the best"), ("-1", "no place"), ("1.0", "no place"), ("first", "no place"), ("01", "no place")],
)
def test_what_is_no_place(tmp_path: Path, place: str, word: str) -> None:
    problem_at(tmp_path, [f"ann,benefit,,alpha,{place},", "ann,benefit,,beta,1,"], 2, "place", word)


def test_a_place_twice(tmp_path: Path) -> None:
    problem_at(
        tmp_path, ["ann,benefit,,alpha,1,", "ann,benefit,,beta,1,"], 3, "place", "taken already, in row 2", "ties"
    )


def test_a_gap(tmp_path: Path) -> None:
    rows = ["ann,benefit,,gamma,4,", "ann,benefit,,alpha,1,", "ann,benefit,,beta,2,"]
    problem_at(tmp_path, rows, 2, "place", "begins in row 2 has no place 3", "without a gap")


def test_a_project_twice(tmp_path: Path) -> None:
    rows = ["ann,benefit,,alpha,1,", "ann,benefit,,beta,2,", "ann,benefit,,alpha,3,"]
    problem_at(tmp_path, rows, 4, "project", "already, in row 2", "name the rankings")


def test_one_project_only(tmp_path: Path) -> None:
    problem_at(tmp_path, ["ann,benefit,,alpha,1,"], 2, "project", "one project only")


def test_no_place_at_all(tmp_path: Path) -> None:
    problem_at(tmp_path, ["ann,benefit,,alpha,,", "ann,benefit,,beta,,"], 2, "place", "no project of the ranking")


def test_a_wrong_row_is_reported_and_not_the_gap_it_leaves(tmp_path: Path) -> None:
    rows = ["ann,benefit,,alpha,1,", "ann,benefit,,bta,2,", "ann,benefit,,gamma,3,"]
    problem_at(tmp_path, rows, 3, "project", "did you mean 'beta'?")


def test_a_name_that_nobody_can_see(tmp_path: Path) -> None:
    rows = ["ann,benefit,\x07,alpha,1,", "ann,benefit,1,alpha,1,", "ann,benefit,1,beta,2,"]
    problem_at(tmp_path, rows, 2, "ranking", "control character")


def test_unknown_names_and_times(tmp_path: Path) -> None:
    problems = refused(tmp_path, {RANKED: HEAD + "anne,benefits,,alpha,1,soon\n"})
    assert [(problem.row, problem.column) for problem in problems] == [(2, "criterion"), (2, "juror"), (2, "time")]
