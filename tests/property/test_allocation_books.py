"""Conservation, bounds and indifference to order, over random rounds and all combinations of rules."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.property.allocation_cases import amounts, check_books, rounds

from daccord.allocation import FUNDABLE, allocate, award_draws
from daccord.fusion import Scores
from daccord.portfolio import Portfolio
from daccord.round import Constraint


@given(rounds(funded=False, team_cap=True, harm_budget=True, minimum=True))
def test_books_balance_with_every_bound(case):
    portfolio, scores, rules, budget = case
    check_books(portfolio, rules, budget, allocate(portfolio, scores, rules, budget))


@given(rounds(floors=True, team_cap=True, minimum=True, max_size=5))
def test_books_balance_with_floors(case):
    portfolio, scores, rules, budget = case
    check_books(portfolio, rules, budget, allocate(portfolio, scores, rules, budget))


@given(rounds(rule="proportional", team_cap=True, minimum=True))
def test_books_balance_in_proportion(case):
    portfolio, scores, rules, budget = case
    allocation = allocate(portfolio, scores, rules, budget)
    check_books(portfolio, rules, budget, allocation)


@given(rounds(), st.sampled_from(["differential", "proportional"]))
def test_the_whole_pot_is_used_when_asks_allow(case, rule):
    portfolio, scores, rules, budget = case
    rules = replace(rules, money=replace(rules.money, rule=rule))
    each = Fraction(budget.amount, 2 * len(portfolio))  # half an equal split for each answer
    able = [
        min(budget.amount if project.ask is None else project.ask, ceil(each * score.criteria["benefit"].judgments))
        for project, score in zip(portfolio, scores, strict=True)
        if rule == "differential" or (score.share if rules.money.basis == "expected" else score.share_low) > 0
    ]
    assert sum(amounts(allocate(portfolio, scores, rules, budget))) == min(budget.amount, sum(able))


@given(rounds(funded=False, team_cap=True, harm_budget=True, minimum=True), st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_matter(case, random):
    portfolio, scores, rules, budget = case
    order = list(range(len(portfolio)))
    random.shuffle(order)
    shuffled = allocate(
        Portfolio(tuple(portfolio.projects[i] for i in order)),
        Scores(tuple(scores.projects[i] for i in order)),
        rules,
        budget,
    )
    straight = allocate(portfolio, scores, rules, budget)
    assert shuffled.awards == tuple(straight.awards[i] for i in order)
    assert shuffled.verdicts == tuple(straight.verdicts[i] for i in order)


@given(rounds(team_cap=True))
def test_other_ids_move_at_most_one_unit(case):
    portfolio, scores, rules, budget = case
    renamed = allocate(
        Portfolio(tuple(replace(project, id=f"other-{project.id}") for project in portfolio)),
        Scores(tuple(replace(score, project=f"other-{score.project}") for score in scores)),
        rules,
        budget,
    )
    straight = allocate(portfolio, scores, rules, budget)
    assert all(abs(a - b) <= 1 for a, b in zip(amounts(renamed), amounts(straight), strict=True))


@given(rounds(funded=False))
def test_who_may_not_be_funded_changes_nothing_for_the_others(case):
    portfolio, scores, rules, budget = case
    allocation = allocate(portfolio, scores, rules, budget)
    kept = [i for i, verdict in enumerate(allocation.verdicts) if verdict.label in FUNDABLE]
    alone = allocate(
        Portfolio(tuple(portfolio.projects[i] for i in kept)),
        Scores(tuple(scores.projects[i] for i in kept)),
        rules,
        budget,
    )
    assert amounts(alone) == [allocation.awards[i].amount for i in kept]


@given(rounds(), st.data())
def test_a_hard_constraint_outweighs_any_benefit(case, data):
    portfolio, scores, rules, budget = case
    project = data.draw(st.sampled_from(portfolio.ids))
    extreme = scores.with_project(scores[project].with_criterion("benefit", mean=10**9, sd=0, above=1_000_000))
    rules = replace(rules, constraints=(Constraint("no", "1", "Not funded.", projects=(project,)),))
    allocation = allocate(portfolio, extreme, rules, budget)
    assert allocation.award_of[project].amount == 0
    assert allocation.verdict_of[project].label == "hold"


@given(rounds(harm_budget=True))
def test_the_harm_budget_holds(case):
    portfolio, scores, rules, budget = case
    paid = amounts(allocate(portfolio, scores, rules, budget))
    spent = sum(score.criteria["harm"].above * amount for score, amount in zip(scores, paid, strict=True))
    assert spent <= round(rules.money.harm_budget * 100) * 10_000 * budget.amount


@given(
    rounds(team_cap=True, harm_budget=True, max_size=6),
    st.sampled_from(["differential", "proportional"]),
    st.booleans(),
)
def test_draws_agree_with_the_exact_rule(case, rule, capped):
    portfolio, scores, rules, budget = case
    assume(budget.amount >= 10**8)
    rules = replace(rules, money=replace(rules.money, rule=rule, basis="expected"))
    if not capped:
        rules = replace(rules, money=replace(rules.money, team_cap=None))
    known = Scores(tuple(score.with_criterion("benefit", sd=0) for score in scores))
    if rule == "proportional":
        assume(all(score.share > 0 for score in known))
        log_values = np.log([[float(score.share) for score in known]])
    else:
        log_values = np.array([[score.criteria["benefit"].mean / 1e6 for score in known]])
    allocation = allocate(portfolio, known, rules, budget)
    drawn = award_draws(portfolio, known, allocation.verdicts, rules, budget, log_values)
    assert np.max(np.abs(drawn[0] - amounts(allocation))) <= 1e-6 * budget.amount
