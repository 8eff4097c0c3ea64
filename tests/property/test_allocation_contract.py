"""The contract of defence priority: better defence never loses money, more harm never gains it.

Where the contract holds exactly and where it cannot is written in `docs/methods/differential.md`; each exact statement
is tested here to the last unit.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property.allocation_cases import EURO, amounts, changed, rounds

from daccord.allocation import allocate, decide_verdicts
from daccord.fusion import MICRO, CriterionScore, ProjectScore, Scores
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, MoneyRules, Rules

WORSE_TO_BETTER = ["hold", "unrated", "unclear", "with_safeguards", "accelerate"]

EXACT = {
    "asks": {},
    "teams": {"team_cap": True},
    "harm budget": {"harm_budget": True},
    "teams and harm budget": {"team_cap": True, "harm_budget": True},
    "minimum": {"minimum": True},
    "floors": {"floors": True, "max_size": 4},
    "floors and teams": {"floors": True, "team_cap": True, "max_size": 4},
}


def _raised(data, scores, i, criterion, field, most):
    now = getattr(scores.projects[i].criteria[criterion], field)
    step = data.draw(st.one_of(st.sampled_from([1, 1000, most]), st.integers(0, most)))
    return changed(scores, i, criterion, **{field: min(now + step, most)})


@pytest.mark.parametrize("bounds", EXACT.values(), ids=EXACT.keys())
@given(data=st.data())
def test_better_defence_never_loses_money(bounds, data):
    portfolio, scores, rules, budget = data.draw(rounds(**bounds))
    i = data.draw(st.integers(0, len(portfolio) - 1))
    better = _raised(data, scores, i, "defence", "above", MICRO)
    before = amounts(allocate(portfolio, scores, rules, budget))
    assert amounts(allocate(portfolio, better, rules, budget))[i] >= before[i]


@pytest.mark.parametrize("bounds", EXACT.values(), ids=EXACT.keys())
@given(data=st.data())
def test_higher_value_never_loses_money(bounds, data):
    portfolio, scores, rules, budget = data.draw(rounds(**bounds))
    i = data.draw(st.integers(0, len(portfolio) - 1))
    better = _raised(data, scores, i, "benefit", "mean", 10 * MICRO)
    before = amounts(allocate(portfolio, scores, rules, budget))
    assert amounts(allocate(portfolio, better, rules, budget))[i] >= before[i]


EVERYTHING = {
    **EXACT,
    "minimum, teams and harm budget": {"minimum": True, "team_cap": True, "harm_budget": True},
    "all bounds": {"minimum": True, "team_cap": True, "harm_budget": True, "floors": True, "max_size": 4},
}


@pytest.mark.parametrize("bounds", EVERYTHING.values(), ids=EVERYTHING.keys())
@given(data=st.data())
def test_more_harm_never_gains_money(bounds, data):
    portfolio, scores, rules, budget = data.draw(rounds(**bounds, funded=data.draw(st.booleans())))
    i = data.draw(st.integers(0, len(portfolio) - 1))
    worse = _raised(data, scores, i, "harm", "above", MICRO)
    before = amounts(allocate(portfolio, scores, rules, budget))
    assert amounts(allocate(portfolio, worse, rules, budget))[i] <= before[i]


@given(data=st.data())
def test_better_defence_takes_from_others_only(data):
    portfolio, scores, rules, budget = data.draw(rounds(team_cap=True))
    i = data.draw(st.integers(0, len(portfolio) - 1))
    better = _raised(data, scores, i, "defence", "above", MICRO)
    before = amounts(allocate(portfolio, scores, rules, budget))
    after = amounts(allocate(portfolio, better, rules, budget))
    assert all(b <= a for j, (a, b) in enumerate(zip(before, after, strict=True)) if j != i)


@given(data=st.data())
def test_more_harm_never_improves_a_verdict(data):
    portfolio, scores, rules, _ = data.draw(rounds(funded=False))
    i = data.draw(st.integers(0, len(portfolio) - 1))
    worse = _raised(data, scores, i, "harm", "above", MICRO)
    before, after = (decide_verdicts(portfolio, s, rules)[i].label for s in (scores, worse))
    assert WORSE_TO_BETTER.index(after) <= WORSE_TO_BETTER.index(before)


@given(data=st.data())
def test_better_defence_never_changes_a_verdict(data):
    portfolio, scores, rules, _ = data.draw(rounds(funded=False))
    i = data.draw(st.integers(0, len(portfolio) - 1))
    better = _raised(data, scores, i, "defence", "above", MICRO)
    assert decide_verdicts(portfolio, better, rules)[i].label == decide_verdicts(portfolio, scores, rules)[i].label


@given(data=st.data(), rule=st.sampled_from(["differential", "proportional"]))
def test_one_more_answer_that_changes_no_score_never_loses_money(data, rule):
    """An abstention raises no count of answers; a count raises only how much the evidence lets a project have."""
    portfolio, scores, rules, budget = data.draw(rounds(funded=False, rule=rule, team_cap=True))
    i = data.draw(st.integers(0, len(portfolio) - 1))
    more = changed(scores, i, "benefit", judgments=scores.projects[i].criteria["benefit"].judgments + 1)
    before = amounts(allocate(portfolio, scores, rules, budget))
    assert amounts(allocate(portfolio, more, rules, budget))[i] >= before[i]
    free = replace(rules, money=replace(rules.money, evidence_cap=len(portfolio)))  # from here on it limits nothing
    assert allocate(portfolio, more, free, budget).awards == allocate(portfolio, scores, free, budget).awards


@given(data=st.data())
def test_a_larger_share_never_loses_money_in_proportion(data):
    portfolio, scores, rules, budget = data.draw(rounds(rule="proportional"))
    i = data.draw(st.integers(0, len(portfolio) - 1))
    score = scores.projects[i]
    more = data.draw(st.sampled_from([1, 1000, 10**6, 10**9]))
    better = scores.with_project(replace(score, share=score.share + more, share_low=score.share_low + more))
    before = amounts(allocate(portfolio, scores, rules, budget))
    assert amounts(allocate(portfolio, better, rules, budget))[i] >= before[i]


def test_the_known_limit_of_the_contract_is_real_and_warned_of():
    """A minimum beside a harm budget: a better defence of `c` drops `a`, whose money uses the harm budget up.

    The page of the method says so; if this case no longer loses, the page can promise more.
    """
    rows = {  # ask, mean, defence, harm
        "a": (None, 388_573, 230_203, 77_272),
        "b": (6_052, -374_735, 196_230, 286_497),
        "c": (None, 459_754, 373_794, 479_319),
        "d": (3_433, 244_236, 534_692, 334_303),
        "e": (2_474, 1_081_273, 521_384, 51_442),
        "f": (None, -1_027_457, 783_159, 5_164),
    }

    def score(name, mean, defence, harm):
        criteria = {
            "benefit": CriterionScore(mean, 0, 900_000, judgments=9, jurors=9),
            "defence": CriterionScore(0, 0, defence, judgments=9, jurors=9),
            "harm": CriterionScore(0, 0, harm, judgments=9, jurors=9),
        }
        return ProjectScore(name, criteria, 0, 0, 0)

    portfolio = Portfolio(tuple(Project(name, name, ask=row[0]) for name, row in rows.items()))
    scores = Scores(tuple(score(name, *row[1:]) for name, row in rows.items()))
    rules = Rules(money=MoneyRules(saturation=3, harm_budget=0.2, minimum=1_800))
    before = allocate(portfolio, scores, rules, Budget(10_000, EURO))
    after = allocate(portfolio, changed(scores, 2, "defence", above=413_794), rules, Budget(10_000, EURO))
    assert before.award_of["c"].amount == 1_919
    assert after.award_of["c"].amount == 0
    for allocation in (before, after):
        assert any("in rare cases a better score then loses money" in warning for warning in allocation.warnings)
