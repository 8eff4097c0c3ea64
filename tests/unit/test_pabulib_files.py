"""Pabulib files: reading them strictly, making rounds of them, and writing them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from daccord.cli.main import cli
from daccord.errors import InputError
from daccord.formats import load_round
from daccord.formats.pabulib import PabulibFile, export_pabulib, import_pabulib, pabulib_bytes, parse_pabulib
from daccord.round import ElectionRules

FILE = """\
META
key;value
description;"A village; simulated"
country;Nowhere
unit;Village
instance;2026
num_projects;4
num_votes;6
budget;90
vote_type;approval
rule;equalshares/add1
experimental;1
currency;EUR
PROJECTS
project_id;cost;votes;name;selected
pond;45;4;"The ""old"" pond; dug again";1
path;30;3;Path;0
shed;24;2;Shed;1
bench;20;1;Bench;0
VOTES
voter_id;vote;age
1;pond,path;30
2;pond,path;31
3;pond,path;32
4;pond;33
5;shed;34
6;shed,bench;35
"""
"""The village of test_elections.py, simulated."""


def parse(text: str = FILE) -> PabulibFile:
    return parse_pabulib(text.encode(), "village.pb")


def changed(*pairs: tuple[str, str]) -> PabulibFile:
    text = FILE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return parse(text)


def test_a_file_becomes_a_round() -> None:
    found = import_pabulib(parse())
    round_ = found.round
    assert found.official == ("pond", "shed")
    assert round_.name == "Village 2026"
    assert round_.simulated
    assert (round_.budget.amount, round_.budget.currency.code, round_.budget.currency.digits) == (90, "EUR", 0)
    assert round_.portfolio["pond"].title == 'The "old" pond; dug again'
    assert round_.portfolio["pond"].ask == 45
    assert len(round_.panel) == 0
    assert round_.rules.verdicts.pays == "not_held"
    assert round_.rules.money.rule == "equal-shares"
    assert round_.rules.money.election == ElectionRules(completion="add1")
    assert round_.inputs.ballots.voters == ("1", "2", "3", "4", "5", "6")
    assert "village.pb: officially selected were pond, shed" in round_.notices
    assert any("not taken over: age" in text for text in round_.notices)
    assert any("country Nowhere; instance 2026" in text for text in round_.notices)


@pytest.mark.parametrize(
    ("rule", "money", "election"),
    [
        ("greedy", "greedy", ElectionRules()),
        ("greedy-no-skip", "greedy", ElectionRules(skips=False)),
        ("equalshares", "equal-shares", ElectionRules(completion="none")),
        ("equalshares-comparison", "equal-shares", ElectionRules(completion="none", comparison=True)),
        ("equalshares/add1-comparison", "equal-shares", ElectionRules(completion="add1", comparison=True)),
    ],
)
def test_rules_by_their_pabulib_names(rule: str, money: str, election: ElectionRules) -> None:
    found = import_pabulib(changed(("equalshares/add1", rule))).round.rules.money
    assert (found.rule, found.election) == (money, election)
    assert export_pabulib(import_pabulib(changed(("equalshares/add1", rule))).round).meta["rule"] == rule


def test_a_rule_that_is_not_known_is_said() -> None:
    found = import_pabulib(changed(("equalshares/add1", "greedy-custom")))
    assert found.round.rules.money.rule == "greedy"
    assert any("'greedy-custom', which is not computed here" in text for text in found.round.notices)


def test_decimals_commas_thresholds_and_withdrawn_projects() -> None:
    file = changed(
        ("budget;90", "budget;90,50\nmin_project_score_threshold;2"),
        ("path;30;", "path;30.25;"),
        ("bench;20;", "bench;999999999;"),
    )
    round_ = import_pabulib(file).round
    assert (round_.budget.amount, round_.budget.currency.digits) == (9050, 2)
    assert round_.portfolio["path"].ask == 3025
    assert "bench" not in round_.portfolio.ids
    assert len(round_.inputs.ballots.voters) == 6
    assert round_.rules.money.election.threshold == 2
    assert any("1 amounts have a comma" in text for text in round_.notices)
    assert any("were withdrawn" in text for text in round_.notices)


def test_what_a_file_says_twice_and_differently_is_told() -> None:
    file = changed(
        ("num_votes;6", "num_votes;7\nmax_length;1"),
        ("pond;45;4;", "pond;45;5;"),
        ("5;shed;34", "5;shed,shed;34"),
        ("4;pond;33", "4;;33"),
        ("path;30;3;Path;0", "path;30;3;Path;2"),
    )
    notices = " | ".join(import_pabulib(file).round.notices)
    assert "META says num_votes 7, and there are 6 ballots" in notices
    assert "1 projects have other votes in PROJECTS than the ballots add up to: pond 5 against 3" in notices
    assert "1 times a ballot names a project again" in notices
    assert "1 ballots choose nothing" in notices
    assert "4 ballots break max_length 1" in notices
    assert "marked as selected with 2, which counts as not" in notices


def test_points_of_cumulative_votes() -> None:
    text = FILE.replace("approval", "cumulative").replace("voter_id;vote;age", "voter_id;vote;points")
    for row, points in (("1;pond,path;30", "2,1.5"), ("2;pond,path;31", "1,0"), ("3;pond,path;32", "1,1")):
        text = text.replace(row, row.rsplit(";", 1)[0] + ";" + points)
    text = text.replace("4;pond;33", "4;pond;1").replace("5;shed;34", "5;shed;1").replace(";35", ";1,1")
    ballots = import_pabulib(parse(text)).round.inputs.ballots
    assert (ballots.kind, ballots.digits) == ("points", 1)
    assert ballots.points.tolist() == [20, 15, 10, 10, 10, 10, 10, 10, 10]
    ordinal = import_pabulib(parse(text.replace("cumulative", "ordinal"))).round.inputs.ballots
    assert ordinal.points.tolist() == ballots.points.tolist()
    exported = export_pabulib(import_pabulib(parse(text)).round, ("pond",))
    assert exported.meta["vote_type"] == "scoring"
    again = import_pabulib(parse_pabulib(pabulib_bytes(exported), "again.pb"))
    assert again.official == ("pond",)
    assert again.round.inputs.ballots.points.tolist() == ballots.points.tolist()
    assert not any("other score" in text or "other votes" in text for text in again.round.notices)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("META\n", "", "row 1: stands before META"),
        ("VOTES\n", "", "has no section VOTES"),
        ("project_id;cost", "project_id;price", "row 15, column cost: PROJECTS has no column cost"),
        ("path;30;3;Path;0", "path;30;3;Path", "row 17: the row has 4 cells, PROJECTS has 5 columns"),
        ("path;30;3;Path;0", 'path;30;3;"Path"s;0', "row 17: is not readable from here on"),
        ("unit;Village", "budget;80", "row 9, column budget: META says 'budget' already (row 5)"),
        ("budget;90", "budget;lots", "row 9, column budget: 'lots' is no amount above zero"),
        ("path;30;", "path;0;", "row 17, column cost: '0' is no amount above zero"),
        ("path;30;", "path;-30;", "row 17, column cost: '-30' is no amount above zero"),
        ("path;30;", "pond;30;", "row 17, column project_id: the project 'pond' is there already (row 16)"),
        ("4;pond;33", "4;bond;33", "row 25, column vote: no project has the id 'bond' → did you mean 'pond'?"),
        ("4;pond;33", "3;pond;33", "row 25, column voter_id: '3' has voted already"),
        ("4;pond;33", ";pond;33", "row 25, column voter_id: the ballot has no voter"),
        ("approval", "ordinal", "row 10, column vote_type: ordinal votes say an order"),
        ("approval", "cumulative", "row 10, column vote_type: cumulative votes need points"),
        ("approval", "shouting", "row 10, column vote_type: 'shouting' is no type of votes"),
        ("currency;EUR", "min_project_score_threshold;few", "row 13, column min_project_score_threshold: 'few' is not"),
        ("VOTES\n", "META\n", "row 20: a second section META"),
    ],
)
def test_every_fault_has_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        import_pabulib(changed((old, new)))
    assert f"village.pb, {said}".replace(", has no section", ": has no section") in caught.value.diagnostics()


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ("1", "the ballot names 2 projects and has 1 points"),
        ("1,-1", "'-1' is no number of points → votes against a project are not known here"),
        ("1,x", "'x' is no number of points"),
        ("1,0.1234567", "'0.1234567' cannot be counted exactly"),
    ],
)
def test_points_that_cannot_be_counted(points: str, said: str) -> None:
    head, _, _ = (
        FILE.replace("approval", "scoring").replace("voter_id;vote;age", "voter_id;vote;points").partition("1;pond")
    )
    with pytest.raises(InputError) as caught:
        import_pabulib(parse(f"{head}1;pond,path;{points}\n"))
    assert said in caught.value.diagnostics()
    with pytest.raises(InputError, match="default_score"):
        import_pabulib(parse(head.replace("currency", "default_score;1\ncurrency") + "1;pond;1\n"))


def test_other_encodings_are_refused_with_the_row() -> None:
    with pytest.raises(InputError, match="row 3: is not UTF-8"):
        parse_pabulib("META\nkey;value\nunit;Świecie\n".encode("cp1250"), "old.pb")
    assert parse_pabulib(b"\xef\xbb\xbf" + FILE.encode(), "bom.pb").meta["unit"] == "Village"
    assert parse(FILE.replace("\n", "\r\n")).votes.rows == parse().votes.rows


def test_writing_gives_the_file_back() -> None:
    assert pabulib_bytes(parse()).decode() == FILE
    exported = export_pabulib(import_pabulib(parse()).round, ("pond", "shed"))
    assert exported.votes.rows == tuple(row[:2] for row in parse().votes.rows)
    again = import_pabulib(parse_pabulib(pabulib_bytes(exported), "again.pb"))
    assert again.official == ("pond", "shed")
    assert again.round.rules.money == import_pabulib(parse()).round.rules.money


def test_a_round_without_votes_or_costs_is_no_pabulib_file() -> None:
    round_ = import_pabulib(parse()).round
    bare = replace(round_, inputs=type(round_.inputs)())
    with pytest.raises(InputError, match="holds no votes"):
        export_pabulib(bare)


def test_import_and_decide_from_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "village.pb"
    path.write_text(FILE)
    target = tmp_path / "round"
    run = CliRunner().invoke(cli, ["import", "pabulib", str(path), "--out", str(target), "--json"])
    assert run.exit_code == 0, run.output
    said = json.loads(run.stdout)
    assert (said["winners"], said["official"], said["differ"]) == (["pond", "shed"], ["pond", "shed"], [])
    decided = CliRunner().invoke(cli, ["decide", str(target), "--json"])
    assert decided.exit_code == 0, decided.output
    for command in (["check", str(target)], ["report", str(target)], ["explain", str(target), "path"]):
        assert CliRunner().invoke(cli, command).exit_code == 0
    page = (target / "out" / "report.html").read_text()
    assert "3 votes: its supporters have just over 29" in page
    assert load_round(target).rules.money.election.completion == "add1"


def test_the_terminal_says_whether_the_official_set_is_met(tmp_path: Path) -> None:
    path = tmp_path / "village.pb"
    path.write_text(FILE)
    run = CliRunner().invoke(cli, ["import", "pabulib", str(path), "--out", str(tmp_path / "one")])
    assert "exactly as officially selected" in run.stdout
    path.write_text(FILE.replace("path;30;3;Path;0", "path;30;3;Path;1"))
    run = CliRunner().invoke(cli, ["import", "pabulib", str(path), "--out", str(tmp_path / "two")])
    assert "not as officially selected: path" in run.stdout
    again = CliRunner().invoke(cli, ["import", "pabulib", str(path), "--out", str(tmp_path / "two")])
    assert again.exit_code != 0


@given(st.data())
def test_a_damaged_file_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    text = FILE
    junk = st.sampled_from(["", ";", '"', "\n", ",", "-1", "\x00", "é", "9" * 40])
    for _ in range(data.draw(st.integers(1, 4))):
        at, gone = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(junk) + text[at + gone :]
    try:
        found = import_pabulib(parse(text))
    except InputError:
        return
    ballots = found.round.inputs.ballots
    assert len(ballots) == 0 or ballots.project.max() < len(found.round.portfolio)
