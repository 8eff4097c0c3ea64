"""Questions left open, times of revealing and of committing: what is read, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.hostile.round_cases import BASE, added, assert_at, build, edited, refused, the_problem

from daccord.formats import load_round
from daccord.judging import NEVER

COMPARED, RATED, JUDGES = "comparisons.csv", "ratings.csv", "judges.csv"
HEAD = "juror,criterion,a,b,winner,ratio,time,revealed\n"
SECONDS = int(datetime(2026, 11, 5, 12, tzinfo=UTC).timestamp())


def test_a_skip_is_kept_and_is_no_comparison(tmp_path: Path) -> None:
    rows = added(COMPARED, "ann,benefit,gamma,beta,skip,,", "bot,harm,alpha,beta,skip,,")
    found = load_round(build(tmp_path, {**rows, **added(RATED, "ann,benefit,gamma,skip,,,")}))
    skips = found.judgments["benefit"].skips
    assert (skips.judge.tolist(), skips.a.tolist(), skips.b.tolist()) == ([0, 0], [2, 2], [1, -1])
    assert found.judgments["harm"].skips.judge.tolist() == [2]
    assert len(found.judgments["benefit"].comparisons) == 2
    assert len(found.judgments["benefit"].ratings) == 2


def test_a_later_answer_replaces_a_skip(tmp_path: Path) -> None:
    rows = ("ben,benefit,alpha,gamma,skip,,2026-11-02", "ben,benefit,gamma,alpha,gamma,3,2026-11-03")
    found = load_round(build(tmp_path, added(COMPARED, *rows)))
    assert len(found.judgments["benefit"].skips) == 0
    assert len(found.judgments["benefit"].comparisons) == 3
    assert "(row 5)" in found.notices[0]


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        ("ann,benefit,alpha,gamma,skip,1,", "ratio", "a skip has the ratio 1"),
        ("ann,benefit,alpha,gamma,Skip,,", "winner", "write skip"),
        ("ann,benefit,alpha,beta,skip,,", "time", "in row 2"),
    ],
)
def test_skips_that_are_refused(tmp_path: Path, row: str, column: str, word: str) -> None:
    assert_at(the_problem(tmp_path, added(COMPARED, row)), COMPARED, 5, column, word)


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        ("ann,benefit,gamma,skip,1,2,", "low", "left open"),
        ("ann,benefit,gamma,skip,,2,", "high", "left open"),
        ("ann,benefit,gamma,SKIP,,,", "value", "write skip"),
        ("ann,benefit,alpha,skip,,,", "time", "in row 2"),
    ],
)
def test_ratings_left_open_that_are_refused(tmp_path: Path, row: str, column: str, word: str) -> None:
    assert_at(the_problem(tmp_path, added(RATED, row)), RATED, 4, column, word)


def test_a_skip_needs_a_scale_to_be_on(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(RATED, "ann,harm,gamma,skip,,,")), RATED, 4, "criterion", "no rating scale")


@pytest.mark.parametrize("word", ["skip", "Tie"])
def test_words_that_no_project_may_have_as_its_id(tmp_path: Path, word: str) -> None:
    problems = refused(tmp_path, edited("projects.csv", "gamma,Gamma", f"{word},Gamma"))
    assert any(problem.column == "id" and "cannot be the id" in problem.message for problem in problems)


def test_times_of_revealing(tmp_path: Path) -> None:
    rows = "ann,benefit,alpha,beta,alpha,2,2026-11-01,2026-11-05T13:00:00.9+01:00\nben,benefit,beta,gamma,tie,,,\n"
    rated = "juror,criterion,project,value,revealed\nann,benefit,alpha,7,2026-11-05T12:00:00\n"
    found = load_round(build(tmp_path, {COMPARED: HEAD + rows, RATED: rated}))
    said = found.judgments["benefit"]
    np.testing.assert_array_equal(said.comparisons.revealed, [SECONDS, NEVER])
    np.testing.assert_array_equal(said.ratings.revealed, [SECONDS])


def test_nothing_revealed_is_none(tmp_path: Path) -> None:
    found = load_round(build(tmp_path))
    assert all(said.comparisons.revealed is None is said.ratings.revealed for said in found.judgments.values())


def test_revealed_before_it_was_given(tmp_path: Path) -> None:
    row = "ann,benefit,alpha,beta,alpha,2,2026-11-01T10:00:00Z,2026-11-01\n"
    assert_at(
        the_problem(tmp_path, {COMPARED: HEAD + row}), COMPARED, 2, "revealed", "before it was given", "date alone"
    )


def test_a_time_of_revealing_that_is_none(tmp_path: Path) -> None:
    row = "ann,benefit,alpha,beta,alpha,2,,soon\n"
    assert_at(the_problem(tmp_path, {COMPARED: HEAD + row}), COMPARED, 2, "revealed", "ISO 8601")


def judges(*rows: str) -> dict[str, str | bytes | None]:
    head, *old = BASE[JUDGES].splitlines()
    return {JUDGES: "\n".join([f"{head},committed", *(f"{row}," for row in old[:-1]), *rows]) + "\n"}


def test_when_a_model_committed(tmp_path: Path) -> None:
    found = load_round(build(tmp_path, judges("bot,model,,acme,,blind,2026-11-05T12:00:00Z")))
    assert [judge.committed for judge in found.panel] == [None, None, SECONDS]


def test_people_do_not_commit(tmp_path: Path) -> None:
    rows = ("bot,model,,acme,,blind,", "cat,person,,,,,2026-11-05")
    assert_at(the_problem(tmp_path, judges(*rows)), JUDGES, 5, "committed", "about models", "correct the kind")


def test_a_time_of_committing_that_is_none(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, judges("bot,model,,acme,,blind,later")), JUDGES, 4, "committed", "ISO 8601")
