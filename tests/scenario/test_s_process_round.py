"""The simulated example of `s-process`, decided as its operator would; its page's figures."""

from __future__ import annotations

import doctest
from dataclasses import replace
from pathlib import Path

import pytest

from daccord.allocation import money_rule
from daccord.errors import InputError
from daccord.formats import load_round, write_round
from daccord.pipeline import Decision, decide
from daccord.report import explain_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def decision() -> Decision:
    return decide(load_round(ROOT / "examples" / "s-process"))


def test_page():
    failed, tried = doctest.testfile(str(ROOT / "docs/methods/s-process.md"), module_relative=False, encoding="utf-8")
    assert tried > 10
    assert failed == 0


def test_the_pot_goes_where_curves_say_and_the_hold_gets_nothing(decision: Decision):
    assert decision.round.simulated
    paid = {award.project: award.amount for award in decision.allocation.awards}
    assert sum(paid.values()) + decision.allocation.unallocated == 30_000_000
    assert paid["gain-atlas"] == 0
    assert decision.allocation.verdict_of["gain-atlas"].label == "hold"
    assert paid["proven-kernel"] + paid["patch-commons"] == 12_000_000  # the team's cap
    assert paid["stockpile-map"] == 4_000_000  # its ask
    assert any("set aside" in notice for notice in decision.round.notices)
    assert sum("stay unspent" in warning for warning in decision.warnings) == 3


def test_certificate_traces_every_unit(decision: Decision):
    certificate = decision.allocation.certificate
    for award in decision.allocation.awards:
        cells = certificate.get(f"minor units of {award.project}", "")
        assert sum(int(cell.rsplit(" ", 1)[1]) for cell in cells.split("; ") if cell) == award.amount


def test_intervals_are_those_of_juries_drawn_anew(decision: Decision):
    for award in decision.allocation.awards:
        interval = decision.interval_of[award.project]
        assert 0 <= interval.low <= interval.high <= 30_000_000
    assert decision.interval_of["gain-atlas"].high == 0
    assert decision.interval_of["far-uvc"].low == 0  # without ada nobody speaks for it


def test_explanation_says_who_moved_the_money(decision: Decision):
    text = " ".join(explain_project(decision, "patch-commons").paragraphs)
    assert "harbour-fund pays" in text
    assert "on the judgment of ben" in text
    assert "Had one juror said nothing" in text
    assert "without cleo" in text


def test_round_is_written_as_it_was_read(decision: Decision, tmp_path: Path):
    write_round(decision.round, tmp_path / "copy")
    copy = load_round(tmp_path / "copy").inputs
    assert copy.values == decision.round.inputs.values
    assert copy.funders == decision.round.inputs.funders


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"floors": {"bci": 0.1}}, "no floors"),
        ({"harm_budget": 0.1}, "no harm budget"),
    ],
)
def test_rules_it_cannot_keep_are_refused(decision: Decision, change, said):
    rules = replace(decision.round.rules, money=replace(decision.round.rules.money, **change))
    with pytest.raises(InputError, match=said):
        decide(replace(decision.round, rules=rules))


def test_rounds_without_what_it_needs_are_refused(decision: Decision):
    inputs = decision.round.inputs
    with pytest.raises(InputError, match=r"add values\.csv"):
        decide(replace(decision.round, inputs=replace(inputs, values=())))
    with pytest.raises(InputError, match="sum to the pot"):
        decide(replace(decision.round, inputs=replace(inputs, funders=inputs.funders[:1])))


def test_values_above_the_ceiling_do_not_count_as_they_stand(decision: Decision):
    money = decision.round.rules.money
    rules = replace(decision.round.rules, money=replace(money, s_process=replace(money.s_process, scale="stated")))
    with pytest.raises(InputError, match=r"ben states a value of 90 for proven-kernel, and values count up to 10"):
        decide(replace(decision.round, rules=rules))


def test_rule_says_what_it_is():
    rule = money_rule("s-process")
    assert not rule.reads_scores
    assert rule.resamples is not None
    assert rule.draws is None
