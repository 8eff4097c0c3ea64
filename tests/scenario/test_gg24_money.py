"""Uncertainty that reaches the money, on a real round: Deep Funding GG24, level 1, with its pot of 350,000 USD.

The official settlement gave 4.3 % of the pot, 15,000 USD, to `Cyfrin/aderyn` and 3.6 %, 12,600 USD, to
`holiman/goevmlab`. The public file has two comparisons of the first, of which one has the multiplier that the contest's
own scoring sets aside, and none of the second.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest

from daccord.allocation import FUNDABLE, allocate
from daccord.allocation.margins import budget_change, check_certificate, prices_of_ignorance
from daccord.formats import load_round, write_round
from daccord.formats.deepfunding import import_deepfunding, preset
from daccord.fusion import draw_log_values
from daccord.pipeline import Decision, decide
from daccord.round import EvidenceRules

PAID = {"Cyfrin/aderyn": 1_500_000, "holiman/goevmlab": 1_260_000}  # cents, official settlement, to two digits
ANSWERS = {"Cyfrin/aderyn": 1, "holiman/goevmlab": 0}


@pytest.fixture(scope="module")
def decision(gg24: Path, tmp_path_factory: pytest.TempPathFactory) -> Decision:
    folder = tmp_path_factory.mktemp("gg24") / "round"
    write_round(import_deepfunding(preset("gg24", gg24)), folder)
    return decide(load_round(folder))


def split(decision: Decision) -> int:
    return sum(verdict.label in FUNDABLE for verdict in decision.allocation.verdicts)


@pytest.mark.parametrize("name", PAID)
def test_next_to_no_evidence_gets_nothing_by_default(decision: Decision, name: str) -> None:
    assert decision.scores[name].criteria["benefit"].judgments == ANSWERS[name]
    assert decision.allocation.verdict_of[name].label == "unrated"
    assert [reason.code for reason in decision.allocation.verdict_of[name].reasons] == ["thin_evidence"]
    assert decision.allocation.award_of[name].amount == 0
    assert decision.interval_of[name].chance_none == 1_000_000


@pytest.mark.parametrize("name", PAID)
@pytest.mark.parametrize("rule", ["differential", "proportional"])
def test_even_if_thin_evidence_were_rated_it_could_not_take_a_large_award(
    decision: Decision, name: str, rule: str
) -> None:
    """The rules are loosened to rate everything, and the item is made the best of all by far."""
    rules = replace(decision.round.rules, evidence=EvidenceRules(0, 0))
    rules = replace(rules, money=replace(rules.money, rule=rule))
    best = decision.scores[name].with_criterion("benefit", mean=6_000_000, above=1_000_000)
    best = replace(best, share=900_000_000)
    scores = decision.scores.with_project(best)
    allocation = allocate(decision.round.portfolio, scores, rules, decision.round.budget)
    award = allocation.award_of[name]
    funded = sum(verdict.label in FUNDABLE for verdict in allocation.verdicts)
    assert award.amount == (ceil(35_000_000 / funded / 2) if ANSWERS[name] else 0)
    assert award.amount < PAID[name] / 4
    assert award.limited_by in {"evidence", "verdict"}
    free = replace(rules, money=replace(rules.money, evidence_cap=1_000.0))
    if ANSWERS[name]:  # without the limit the wish would come true
        assert (
            allocate(decision.round.portfolio, scores, free, decision.round.budget).award_of[name].amount > PAID[name]
        )


def test_awards_grow_no_faster_than_evidence(decision: Decision) -> None:
    limited = [award for award in decision.allocation.awards if award.limited_by == "evidence"]
    assert {award.project for award in limited} >= {"NethermindEth/nethermind"}  # three answers
    for award in decision.allocation.awards:
        answers = decision.scores[award.project].criteria["benefit"].judgments
        assert award.amount <= ceil(answers * 35_000_000 / split(decision) / 2)
    assert decision.allocation.unallocated == 0


def test_the_certificate_holds_and_a_cent_moved_is_named(decision: Decision) -> None:
    round_, given = decision.round, decision.allocation

    def check(awards: tuple) -> list[str]:  # type: ignore[type-arg]
        return check_certificate(
            round_.portfolio, decision.scores, given.verdicts, round_.rules, round_.budget, awards, given.certificate
        ).faults

    assert check(given.awards) == []
    one, other = sorted(given.awards, key=lambda award: -award.amount)[:2]
    forged = {one.project: one.amount - 1, other.project: other.amount + 1}
    faults = check(tuple(replace(a, amount=forged.get(a.project, a.amount)) for a in given.awards))
    assert [text.split(":")[0] for text in faults] == [a.project for a in given.awards if a.project in forged]


def test_the_next_thousand_dollars_go_somewhere_and_nobody_loses(decision: Decision) -> None:
    round_ = decision.round
    given = (round_.portfolio, decision.scores, round_.rules, round_.budget, round_.inputs)
    for step in (100_000, -100_000):
        change = budget_change(*given, step, base=decision.allocation)
        assert sum(change.change.values()) + change.unallocated == step
        assert change.against == {}


def test_ignorance_costs_most_where_few_have_spoken(decision: Decision) -> None:
    round_ = decision.round
    draws = draw_log_values(decision.beliefs["benefit"], round_.portfolio.ids, round_.seed)
    prices = prices_of_ignorance(
        round_.portfolio, decision.scores, decision.allocation.verdicts, round_.rules, round_.budget, draws
    )
    assert len(prices) == split(decision)
    assert all(price.expected >= 0 for price in prices)
    answers = [decision.scores[price.project].criteria["benefit"].judgments for price in prices]
    assert sum(answers[:5]) < sum(answers) / len(answers) * 5
