"""Defects of judges.csv and contributions.csv, one a test: file, row, column, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.round_cases import added, assert_at, edited, refused, the_problem

FILE = "judges.csv"
GIFTS = "contributions.csv"


def test_no_judges_file(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, {FILE: None}), FILE, None, None, "columns id and kind")


def test_id_twice(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(FILE, "ann,person,,,,")), FILE, 5, "id", "row 2")


def test_ids_that_differ_in_case(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(FILE, "Ann,person,,,,")), FILE, 5, "id", "differ only in case")


@pytest.mark.parametrize(("kind", "word"), [("human", "person"), ("Person", "did you mean person?"), ("", "person")])
def test_kind(tmp_path: Path, kind: str, word: str) -> None:
    assert_at(the_problem(tmp_path, added(FILE, f"cid,{kind},,,,")), FILE, 5, "kind", word)


def test_a_misspelled_kind_does_not_make_a_models_answers_wrong(tmp_path: Path) -> None:
    changes = {
        **edited(FILE, "bot,model", "bot,modle"),
        **added("comparisons.csv", "bot,harm,alpha,gamma,alpha,,", "bot,harm,alpha,gamma,alpha,,"),
    }
    assert_at(the_problem(tmp_path, changes), FILE, 4, "kind", "did you mean model?")


def test_undeclared_community(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, added(FILE, "cid,person,etc,,,"))
    assert_at(problem, FILE, 5, "community", "[communities] of round.toml")


def test_community_in_another_case(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(FILE, "cid,person,ETH,,,")), FILE, 5, "community", "write eth")


def test_undeclared_family(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, added(FILE, "cid,model,,acne,,"))
    assert_at(problem, FILE, 5, "family", "did you mean 'acme'?")


def test_family_of_a_person(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(FILE, "cid,person,,acme,,")), FILE, 5, "family", "families of models")


def test_community_of_a_model(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(FILE, "cid,model,eth,,,")), FILE, 5, "community", "communities are of people")


def test_conflict_with_something_unknown(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, added(FILE, "cid,person,,,alpha; Read,"))
    assert_at(problem, FILE, 5, "conflicts", "did you mean 'Red'?")


def test_conflict_twice(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(FILE, "cid,person,,,alpha;alpha,")), FILE, 5, "conflicts", "twice")


def test_unknown_exposure(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(FILE, "cid,model,,,,sen")), FILE, 5, "exposure", "did you mean seen?")


def test_exposure_of_a_person(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(FILE, "cid,person,,,,seen")), FILE, 5, "exposure", "models")


def test_mixed_currencies(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, added(GIFTS, "eve,beta,5.00,EUR"))
    assert_at(problem, GIFTS, 3, "currency", "mixed", "'EUR'", "convert")


@pytest.mark.parametrize("amount", ["-1", "", "1.234", "5 USD", "nan", "1e2", "0.0285C"])
def test_contribution_that_is_no_amount(tmp_path: Path, amount: str) -> None:
    assert_at(the_problem(tmp_path, added(GIFTS, f"eve,beta,{amount},")), GIFTS, 3, "amount")


def test_contribution_of_nothing(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(GIFTS, "eve,beta,0.00,")), GIFTS, 3, "amount", "zero")


def test_contribution_to_an_unknown_project(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(GIFTS, "eve,betta,1,")), GIFTS, 3, "project", "did you mean 'beta'?")


def test_contribution_of_nobody(tmp_path: Path) -> None:
    assert_at(the_problem(tmp_path, added(GIFTS, ",beta,1,")), GIFTS, 3, "donor", "who gave")


def test_every_contribution_is_checked(tmp_path: Path) -> None:
    problems = refused(tmp_path, edited(GIFTS, "dora,alpha,5.00,USD", ",alpha,x,\neve,nil,0,"))
    assert [(problem.row, problem.column) for problem in problems] == [
        (2, "amount"),
        (2, "donor"),
        (3, "amount"),
        (3, "project"),
    ]
