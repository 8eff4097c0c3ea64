"""`daccord import gitcoin` on small files made up for these tests: what is read, refused, and left behind."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.formats import load_round, write_round
from daccord.formats.gitcoin import GitcoinSpec, import_gitcoin
from daccord.judging import Donor
from daccord.money import Currency
from daccord.round import QuadraticRules

DONATIONS = """\
address,grant_id,amount_in_usdt,token
0xAB12,7,1.5,SAI
0xab12,7,2,SAI
0xcd34,7,3,SAI
0xcd34,12,0.1234567,SAI
0xEF56,12,10,SAI
"""

RESULTS = """\
title,total_contributions,total_crowdfund_amount,total_match_amount
Bridge,3,6.5,40
Well,2,10.12,60
Late comer,,,5
"""


def write(folder: Path, donations: str = DONATIONS, results: str = RESULTS) -> tuple[Path, Path]:
    (folder / "gifts.csv").write_text(donations, encoding="utf-8")
    (folder / "results.csv").write_text(results, encoding="utf-8")
    return folder / "gifts.csv", folder / "results.csv"


def test_a_round_of_donations(tmp_path: Path) -> None:
    gifts, results = write(tmp_path)
    found = import_gitcoin(gifts, GitcoinSpec(results=results))
    assert [(p.id, p.title) for p in found.portfolio] == [("grant-7", "Bridge"), ("grant-12", "Well")]
    assert found.budget.amount == 105 * 10**6
    assert sorted(gift.amount for gift in found.inputs.contributions) == [
        123_457,
        1_500_000,
        2_000_000,
        3_000_000,
        10**7,
    ]
    donors = {gift.donor for gift in found.inputs.contributions}
    assert donors == {"donor-1", "donor-2", "donor-3"}
    assert any("1 of 5 amounts" in notice for notice in found.notices)
    assert not any("0x" in notice.lower() for notice in found.notices)


def test_the_order_of_rows_does_not_show(tmp_path: Path) -> None:
    gifts, _ = write(tmp_path)
    first = import_gitcoin(gifts, GitcoinSpec(pot=Fraction(10)))
    head, *rows = DONATIONS.splitlines()
    write(tmp_path, "\n".join([head, *rows[::-1]]) + "\n")
    second = import_gitcoin(gifts, GitcoinSpec(pot=Fraction(10)))
    assert sorted(map(str, first.inputs.contributions)) == sorted(map(str, second.inputs.contributions))
    assert first.portfolio == second.portfolio


def test_results_that_fit_two_grants_are_not_guessed(tmp_path: Path) -> None:
    gifts, results = write(
        tmp_path,
        "address,grant_id,amount\na,1,5\nb,2,5\nc,3,7\n",
        "title,total_contributions,total_crowdfund_amount,total_match_amount\nTwin,1,5,1\nOther,1,7,1\n",
    )
    found = import_gitcoin(gifts, GitcoinSpec(results=results))
    assert [p.title for p in found.portfolio] == ["Grant 1", "Grant 2", "Other"]
    assert any("1 of 3 grants" in notice for notice in found.notices)


@pytest.mark.parametrize(
    ("donations", "words"),
    [
        ("address,grant_id,amount\n0xSECRET,1,-5\n", "'-5' is no amount"),
        ("address,grant_id,amount\n0xSECRET,1,nan\n", "no amount"),
        ("address,grant_id,amount\n0xSECRET,,5\n", "is empty"),
        ("address,grant_id,amount\n0xSECRET,1,0.0000001\n", "less than the smallest unit"),
        ("address,grant_id,amount\n", "holds no donation"),
        ("grant_id,amount\n1,5\n", "no column of donors"),
        ("address,grant_id\n0xSECRET,5\n", "no column of amounts"),
    ],
)
def test_bad_donations_are_refused_without_the_address(tmp_path: Path, donations: str, words: str) -> None:
    gifts, _ = write(tmp_path, donations)
    with pytest.raises(InputError) as caught:
        import_gitcoin(gifts, GitcoinSpec(pot=Fraction(10)))
    assert words in str(caught.value)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(("row", "words"), [("A,1.5,5,1", "no whole number"), ("A,1,5,", "is no amount")])
def test_bad_results_are_refused(tmp_path: Path, row: str, words: str) -> None:
    gifts, results = write(
        tmp_path, results=f"title,total_contributions,total_crowdfund_amount,total_match_amount\n{row}\n"
    )
    with pytest.raises(InputError, match=words):
        import_gitcoin(gifts, GitcoinSpec(results=results))


def test_the_pot_must_be_known(tmp_path: Path) -> None:
    gifts, _ = write(tmp_path)
    with pytest.raises(InputError, match="how large the pot is"):
        import_gitcoin(gifts, GitcoinSpec(currency=Currency("USD", 2)))


def test_on_the_command_line(tmp_path: Path) -> None:
    gifts, results = write(tmp_path)
    options = ["--results", str(results), "--bound", "2.5", "--identity-cost", "5", "--json"]
    run = CliRunner().invoke(cli, ["import", "gitcoin", str(gifts), "--out", str(tmp_path / "r"), *options])
    assert run.exit_code == 0, run.output
    said = json.loads(run.stdout)
    assert (said["projects"], said["donors"], said["contributions"]) == (2, 3, 5)
    again = load_round(tmp_path / "r")
    assert again.rules.money.quadratic.bound == 2_500_000
    assert again.rules.money.quadratic.identity_cost == 5_000_000
    assert again.rules.verdicts.pays == "not_held"
    decided = CliRunner().invoke(cli, ["decide", str(tmp_path / "r")])
    assert decided.exit_code == 0, decided.output
    assert "Bridge" in decided.stdout
    full = CliRunner().invoke(cli, ["import", "gitcoin", str(gifts), "--budget", "9", "--out", str(tmp_path / "r")])
    assert full.exit_code != 0
    wrong = CliRunner().invoke(cli, ["import", "gitcoin", str(gifts), "--budget", "x", "--out", str(tmp_path / "s")])
    assert wrong.exit_code == 2


def test_trust_and_groups_are_written_and_read_back(tmp_path: Path) -> None:
    gifts, _ = write(tmp_path)
    found = import_gitcoin(gifts, GitcoinSpec(pot=Fraction(10), money=QuadraticRules("cluster", cap=0.5)))
    donors = (Donor("donor-1", Fraction(1, 4), ("river", "choir")), Donor("donor-2", Fraction(0)), Donor("donor-3"))
    write_round(replace(found, inputs=replace(found.inputs, donors=donors)), tmp_path / "r")
    again = load_round(tmp_path / "r")
    assert again.inputs.donors == donors
    assert again.rules.money.quadratic == QuadraticRules("cluster", cap=0.5)
