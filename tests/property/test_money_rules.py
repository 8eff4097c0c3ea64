"""What every registered money rule keeps, over random portfolios; a new rule joins by being registered.

A rule that divides by ballots, donations or outcomes gets random ones. Where a rule says that the round lacks something
for it, the round is left out; each test demands that this is not the usual case.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.property.allocation_cases import CELL_IDS, EURO, amounts, changed, rounds

from daccord.allocation import FUNDABLE, MONEY_RULES, allocate
from daccord.errors import InputError
from daccord.fusion import MICRO, CriterionScore, ProjectScore, Scores
from daccord.judging import Ballots, Contribution, MarginalValue, Outcome
from daccord.portfolio import Dependency, Entry, Portfolio, Project
from daccord.round import Budget, MoneyInputs, MoneyRules, Rules

RULES = sorted(MONEY_RULES)
each_rule = pytest.mark.parametrize("name", RULES)
VOTERS = tuple(f"v{i}" for i in range(5))


def random_inputs(seed: int, portfolio: Portfolio, kind: str, pot: int) -> MoneyInputs:
    """Everything that any rule reads, for every project."""
    rng = np.random.Generator(np.random.Philox(seed))
    size = len(portfolio)
    votes = [(v, p) for v in range(len(VOTERS)) for p in range(size) if rng.random() < 0.6] or [(0, 0)]
    points = [1 if kind == "approval" else int(rng.integers(1, pot + 2)) for _ in votes]
    ballots = Ballots(VOTERS, *np.array(votes).T, np.array(points), kind=kind)  # type: ignore[arg-type, misc]
    contributions, values, outcomes, dependencies = [], [], [], []
    for project in portfolio:
        contributions += [Contribution(v, project.id, int(rng.integers(1, 999))) for v in VOTERS if rng.random() < 0.6]
        for juror in ("j1", "j2"):
            start = Fraction(int(rng.integers(1, 99)), 100)
            values.append(MarginalValue(juror, project.id, 0, start))
            values.append(MarginalValue(juror, project.id, int(rng.integers(1, pot + 2)), start / 3))
            values.append(MarginalValue(juror, project.id, 2 * pot + 4, Fraction(0)))
        outcomes.append(Outcome(project.id, Fraction(int(rng.integers(0, 50))), "j1"))
        keeps = Fraction(int(rng.integers(1, 10)), 10)
        other = portfolio.projects[int(rng.integers(0, size))].id
        if other != project.id and keeps < 1:
            dependencies.append(Dependency(project.id, project.id, keeps))
            dependencies.append(Dependency(project.id, other, 1 - keeps))
    return MoneyInputs(
        contributions=tuple(contributions),
        ballots=ballots,
        values=tuple(values),
        outcomes=tuple(outcomes),
        dependencies=tuple(dependencies),
    )


def case_of(data, name: str, **bounds):
    portfolio, scores, rules, budget = data.draw(rounds(rule=name, max_size=6, **bounds))
    kind = "approval"
    if name == "metric-median":
        kind = "amount"
    if name in {"equal-shares", "greedy"}:  # they buy whole projects
        projects = tuple(replace(p, ask=budget.amount if p.ask is None else p.ask) for p in portfolio)
        portfolio = Portfolio(projects)
    inputs = random_inputs(data.draw(st.integers(0, 2**32)), portfolio, kind, budget.amount)
    return portfolio, scores, rules, budget, inputs


def decided(case):
    try:
        return allocate(*case)
    except InputError as error:
        if "cannot divide this round" not in str(error):
            raise
        return None


@each_rule
@settings(max_examples=25)
@given(data=st.data())
def test_money_is_conserved_and_never_negative(name, data):
    case = case_of(data, name, funded=data.draw(st.booleans()))
    allocation = decided(case)
    assume(allocation is not None)
    assert sum(amounts(allocation)) + allocation.unallocated == case[3].amount == allocation.divided
    assert allocation.unallocated >= 0
    for award, verdict in zip(allocation.awards, allocation.verdicts, strict=True):
        assert award.amount >= 0
        assert award.amount == 0 or verdict.label in FUNDABLE


@each_rule
@settings(max_examples=25)
@given(data=st.data())
def test_entries_keep_the_books(name, data):
    portfolio, scores, rules, budget, inputs = case_of(data, name)
    most = budget.amount // (4 * len(portfolio))
    assume(most > 0)
    entries = []
    for project in portfolio:
        kind = data.draw(st.sampled_from(["fixed", "carry_over", "correction", "minimum", "", ""]))
        if kind:
            amount = data.draw(st.integers(1, most))
            sign = data.draw(st.sampled_from([-1, -3, 1])) if kind == "correction" else 1
            entries.append(Entry(kind, project.id, sign * amount, "why", "who"))
    allocation = decided((portfolio, scores, rules, budget, replace(inputs, entries=tuple(entries))))
    assume(allocation is not None)
    assert sum(amounts(allocation)) + allocation.unallocated == budget.amount
    assert all(amount >= 0 for amount in amounts(allocation))
    assert allocation.unallocated >= 0
    assert sum(award.entries for award in allocation.awards) == sum(p.paid for p in allocation.postings)
    held = {verdict.project for verdict in allocation.verdicts if verdict.label == "hold"}
    taken = {entry.project for entry in entries if entry.amount < 0}
    for entry, posting in zip(entries, allocation.postings, strict=True):
        assert posting.entry == entry
        if entry.amount < 0:
            assert posting.paid + posting.open == entry.amount
            assert posting.open == 0 or allocation.award_of[entry.project].amount == 0
        elif entry.kind == "minimum" and entry.project not in held | taken:
            assert allocation.award_of[entry.project].amount >= entry.amount
        elif entry.kind != "minimum" and entry.project not in held:
            assert posting.paid == entry.amount


@each_rule
@settings(max_examples=25)
@given(data=st.data())
def test_better_defence_never_loses_and_more_harm_never_gains(name, data):
    portfolio, scores, rules, budget, inputs = case_of(data, name)
    i = data.draw(st.integers(0, len(portfolio) - 1))
    before = decided((portfolio, scores, rules, budget, inputs))
    assume(before is not None)
    step = data.draw(st.integers(1, MICRO))
    for criterion, sign in (("defence", 1), ("harm", -1)):
        now = scores.projects[i].criteria[criterion].above
        other = changed(scores, i, criterion, above=min(now + step, MICRO))
        after = decided((portfolio, other, rules, budget, inputs))
        if after is None:  # a hold may leave a rule without what it reads; then nobody gains
            continue
        assert sign * (amounts(after)[i] - amounts(before)[i]) >= 0, criterion


@each_rule
@settings(max_examples=25)
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_the_order_of_the_files_does_not_matter(name, data, random):
    portfolio, scores, rules, budget, inputs = case_of(data, name, funded=data.draw(st.booleans()))
    order = list(range(len(portfolio)))
    random.shuffle(order)
    back = np.argsort(np.array(order))
    votes = inputs.ballots
    rows = list(range(len(votes)))
    random.shuffle(rows)
    ballots = Ballots(
        votes.voters, votes.voter[rows], back[votes.project[rows]], votes.points[rows], votes.digits, votes.kind
    )

    def mixed(rows):
        rows = list(rows)
        random.shuffle(rows)
        return tuple(rows)

    curves = [inputs.values[k : k + 3] for k in range(0, len(inputs.values), 3)]
    shuffled = replace(
        inputs,
        ballots=ballots,
        contributions=mixed(inputs.contributions),
        outcomes=mixed(inputs.outcomes),
        dependencies=mixed(inputs.dependencies),
        values=tuple(point for curve in mixed(curves) for point in curve),
    )
    straight = decided((portfolio, scores, rules, budget, inputs))
    assume(straight is not None)
    other = decided(
        (
            Portfolio(tuple(portfolio.projects[i] for i in order)),
            Scores(tuple(scores.projects[i] for i in order)),
            rules,
            budget,
            shuffled,
        )
    )
    assert other is not None
    assert {a.project: a for a in other.awards} == {a.project: a for a in straight.awards}


@pytest.mark.parametrize("name", [name for name in RULES if MONEY_RULES[name].reads_scores])
@settings(max_examples=25)
@given(data=st.data())
def test_equals_get_the_same_but_for_one_unit(name, data):
    """A twin with another id and the same score, ask and no team."""
    portfolio, scores, rules, budget, _ = case_of(data, name)
    i = data.draw(st.integers(0, len(portfolio) - 1))
    original = replace(portfolio.projects[i], team="")
    twins = [replace(original, id="one"), replace(original, id="two")]
    rest = [k for k in range(len(portfolio)) if k != i]
    both = Portfolio((*twins, *(portfolio.projects[k] for k in rest)))
    score = scores.projects[i]
    said = Scores((replace(score, project="one"), replace(score, project="two"), *(scores.projects[k] for k in rest)))
    inputs = random_inputs(1, Portfolio((Project("one", "One"), Project("two", "Two"))), "approval", budget.amount)
    allocation = decided((both, said, rules, budget, replace(inputs, dependencies=())))
    assume(allocation is not None)
    assert abs(allocation.award_of["one"].amount - allocation.award_of["two"].amount) <= 1


@each_rule
def test_the_random_rounds_reach_the_rule(name):
    """Otherwise the tests above would say nothing: a round of four that every rule can divide, and pays from."""
    portfolio = Portfolio(tuple(Project(f"p{i}", f"P{i}", ask=400, cells={CELL_IDS[0]: Fraction(1)}) for i in range(4)))
    good = {
        "benefit": CriterionScore(0, 300_000, 900_000, judgments=9, jurors=9),
        "harm": CriterionScore(0, 0, 0, judgments=9, jurors=9),
        "defence": CriterionScore(0, 0, 500_000, judgments=9, jurors=9),
    }
    scores = Scores(tuple(ProjectScore(p.id, good, 250_000_000, 1, 1) for p in portfolio))
    rules = Rules(money=MoneyRules(rule=name))
    kind = "amount" if name == "metric-median" else "approval"
    allocation = decided((portfolio, scores, rules, Budget(1_000, EURO), random_inputs(3, portfolio, kind, 1_000)))
    assert allocation is not None
    assert sum(amounts(allocation)) > 0
