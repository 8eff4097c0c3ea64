"""What comes after the award, the margin, and the technology graph, on the page and as the commands tell it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from daccord.allocation import timeline
from daccord.formats import load_round
from daccord.judging import Ballots
from daccord.pipeline import Decision, decide
from daccord.report import build_report
from daccord.report._ahead import ahead, margin
from daccord.report._held import spread_words
from daccord.report._roles import roles
from daccord.round import MoneyInputs

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "dacc"


@pytest.fixture(scope="module")
def decision() -> Decision:
    return decide(load_round(EXAMPLE))


@pytest.fixture(scope="module")
def page(decision: Decision) -> str:
    return build_report(decision)


@pytest.fixture(scope="module")
def voted(decision: Decision) -> Decision:
    """The same projects in a round in which eight people vote and nobody judges."""
    round_ = decision.round
    with_asks = [i for i, project in enumerate(round_.portfolio) if project.ask]
    pairs = [(voter, project) for voter in range(8) for project in with_asks if (voter + project) % 3 == 0]
    voter, project = (np.array(column) for column in zip(*pairs, strict=True))
    ballots = Ballots(tuple(f"v{i}" for i in range(8)), voter, project, np.ones(len(pairs), dtype=np.int64))
    rules = replace(
        round_.rules,
        verdicts=replace(round_.rules.verdicts, pays="not_held"),
        money=replace(round_.rules.money, rule="equal-shares", team_cap=None, minimum=0),
    )
    silent = {
        name: type(said)(type(said.comparisons).empty(), type(said.ratings).empty())
        for name, said in round_.judgments.items()
    }
    return decide(replace(round_, rules=rules, judgments=silent, inputs=MoneyInputs(ballots=ballots)))


def test_gates_are_those_of_the_timeline(decision: Decision) -> None:
    round_ = decision.round
    course = timeline(round_.portfolio, decision.allocation, round_.rules, ())
    found = ahead(decision)
    assert len(course.releases) > 0
    assert [row[0] for row in found.gates.rows] == [round_.portfolio[one.project].title for one in course.releases]
    money = round_.budget.currency.format
    assert found.text.startswith(f"{money(course.released)} may be paid at once. {money(course.waiting)} waits")
    held = {verdict.project for verdict in decision.allocation.verdicts if verdict.label == "hold"}
    expiring = {row[2] for row in found.dates.rows if row[1] == "hold expires"}
    assert expiring == {round_.portfolio[name].title for name in held}


def test_dates_are_days_of_the_calendar_once_the_day_of_the_decision_is_known(decision: Decision) -> None:
    dated = replace(
        decision, round=replace(decision.round, rules=replace(decision.round.rules, decided_on="2026-12-01"))
    )
    assert {row[0] for row in ahead(dated).dates.rows} >= {"2027-12-01"}
    assert all(row[0].startswith("day ") for row in ahead(decision).dates.rows)


def test_a_hundredth_of_the_pot_more_goes_out_to_the_last_unit(decision: Decision) -> None:
    found = margin(decision)
    more = sum(int(re.sub(r"[^\d-]", "", row[1].replace("−", "-"))) for row in found.table.rows if row[1] != "–")
    assert more == decision.round.budget.amount // 100
    assert any("±" in row[3] for row in found.table.rows)
    assert "price of ignorance" in found.text


def test_roles_are_shown_with_their_doubts_and_no_vote_that_is_secret(decision: Decision) -> None:
    found = roles(decision)
    assert found is not None
    assert len(found.edges.rows) == sum(score.efficacy is not None for score in decision.graph.edges)
    raising = [row for row in found.edges.rows if row[1].startswith("raises")]
    assert raising
    assert all(row[-1].endswith("or more") for row in raising)
    flagged = {net.project for net in decision.graph.nets if set(net.flags) - {"unjudged"}}
    assert {row[0] for row in found.flags.rows} == {decision.round.portfolio[name].title for name in flagged}


def test_nobody_judged_roles(decision: Decision) -> None:
    assert roles(replace(decision, graph=type(decision.graph)())) is None


def test_all_of_it_is_on_the_page(page: str) -> None:
    for anchor in ("ahead", "margin", "roles"):
        assert f'<li><a href="#{anchor}">' in page
        assert f'<section id="{anchor}"' in page


def test_a_round_of_ballots_says_who_took_part_and_what_its_intervals_mean(voted: Decision) -> None:
    assert spread_words(voted) == "with people drawn anew from those who took part"
    page = build_report(voted)
    assert "This rests on the ballots of 8 people." in page
    assert "Nobody had to be cleared by a verdict" in page
    assert "if its value were known" not in re.sub(r"<[^>]+>", "", page[: page.index('id="projects"')])
    assert '<section id="roles"' in page  # roles were judged all the same
    assert "price of ignorance" not in margin(voted).text


def test_intervals_of_values(decision: Decision) -> None:
    assert spread_words(decision) == "if its value were known and the verdicts stood"
