"""From files to money: nothing that should not matter moves an award, and the books balance to the last unit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.property.fusion_cases import make_round, noisy_list, published, reordered, swapped, truth, with_list

from daccord.judging import Judge, Panel
from daccord.pipeline import Decision, decide
from daccord.round import EvidenceRules, MoneyRules, Rules

FAMILIES = {"m1": "A", "m2": "B"}


@cache
def simulated(seed: int):
    values = truth(seed, 8)
    lists = {name: noisy_list(seed + i, values, (0.3, np.inf)[i]) for i, name in enumerate(FAMILIES)}
    return make_round(seed, projects=8, lists=lists, families=FAMILIES, harm=True, comparisons=48)


@cache
def decided(seed: int) -> Decision:
    return decide(simulated(seed))


def money(decision: Decision) -> dict[str, tuple]:
    """Verdict, reasons and award of each project."""
    verdicts, awards = decision.allocation.verdict_of, decision.allocation.award_of
    return {identifier: (verdicts[identifier], awards[identifier]) for identifier in decision.round.portfolio.ids}


@pytest.mark.parametrize("seed", [1, 2])
def test_no_order_of_files_and_no_side_moves_a_unit(seed):
    other = decide(swapped(reordered(simulated(seed), seed), seed))
    assert published(other.scores) == published(decided(seed).scores)
    assert money(other) == money(decided(seed))
    assert other.allocation.unallocated == decided(seed).allocation.unallocated
    assert other.interval_of == decided(seed).interval_of


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_round_gives_the_same_bits(seed):
    again = decide(replace(simulated(seed)))
    assert published(again.scores) == published(decided(seed).scores)
    assert again.intervals == decided(seed).intervals


@pytest.mark.parametrize(
    ("rule", "pot"),
    [("differential", 1_000_003), ("proportional", 1_000_003), ("differential", 7), ("proportional", 0)],
)
def test_awards_and_what_is_left_are_the_pot(rule, pot):
    round_ = simulated(1)
    rules = Rules(money=MoneyRules(rule=rule))
    found = decide(replace(round_, rules=rules, budget=replace(round_.budget, amount=pot))).allocation
    assert sum(award.amount for award in found.awards) + found.unallocated == pot
    assert all(award.amount >= 0 for award in found.awards)
    if pot > 100:
        assert sum(award.amount for award in found.awards) > 0


def test_a_copied_list_and_a_silent_juror_move_no_money():
    round_ = simulated(1)
    copied = with_list(round_, "z-copy", noisy_list(1, truth(1, 8), 0.3), family="C")
    grown = replace(copied, panel=Panel((*copied.panel, Judge("z-silent", "person"))))
    assert money(decide(grown)) == money(decided(1))


def test_shares_add_up_to_the_whole():
    scores = decided(1).scores
    # Each of n shares is rounded to the nearest billionth.
    assert abs(sum(score.share for score in scores) - 10**9) <= len(scores) / 2


def test_models_cannot_lift_a_project_over_the_evidence_threshold():
    """Evidence counts people only, however many models compared or listed."""
    round_ = replace(simulated(2), rules=Rules(evidence=EvidenceRules(min_judgments=10_000, min_jurors=2)))
    found = decide(round_)
    assert {verdict.label for verdict in found.allocation.verdicts} == {"unrated"}
    assert found.allocation.unallocated == round_.budget.amount
