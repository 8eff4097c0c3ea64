"""What must hold for all rounds under `retroactive`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from daccord.allocation import RETROACTIVE, MoneyTask
from daccord.allocation.retroactive._levelling import level_up
from daccord.allocation.retroactive._worth import results
from daccord.fusion import NANO, CriterionScore, ProjectScore
from daccord.judging import Ballots, Outcome
from daccord.money import Currency
from daccord.portfolio import Project
from daccord.round import Budget, MoneyInputs, MoneyRules, RetroactiveRules

EURO = Currency("EUR", 2)
worths = st.one_of(st.integers(0, 9).map(Fraction), st.fractions(0, 4, max_denominator=30))


@st.composite
def tasks(draw):
    pot = draw(st.sampled_from([0, 1, 101, 10_000, 10**9]))
    size = draw(st.integers(1, 6))
    money = st.one_of(st.just(0), st.integers(0, pot), st.integers(0, 3 * pot))
    projects = tuple(
        Project(
            f"p{i}",
            f"P{i}",
            team=draw(st.sampled_from(["", "", "a", "b"])),
            ask=draw(st.one_of(st.none(), st.integers(0, max(1, pot)))),
        )
        for i in range(size)
    )
    outcomes = []
    for project in projects:
        paid, earned = draw(money), draw(money)
        judges = draw(st.integers(0, 3))
        outcomes += [Outcome(project.id, draw(worths), f"j{judge}", paid, earned) for judge in range(judges)]
    scores = tuple(
        ProjectScore(project.id, {"benefit": CriterionScore(0, 0, None, 5, 3)}, draw(st.integers(0, NANO)), 0, NANO)
        for project in projects
    )
    rules = MoneyRules(
        rule="retroactive",
        team_cap=draw(st.sampled_from([None, None, 0.4])),
        minimum=draw(st.sampled_from([0, 0, pot // 8])),
        retroactive=RetroactiveRules(
            share=draw(st.sampled_from([0.0, 0.3, 0.5, 1.0])),
            base=draw(st.sampled_from(["proportional", "differential"])),
            means_test=draw(st.sampled_from([0.0, 0.25, 1.0])),
            judges=draw(st.sampled_from([1, 1, 2])),
        ),
    )
    return MoneyTask(projects, scores, rules, Budget(pot, EURO), MoneyInputs(outcomes=tuple(outcomes)), (*range(size),))


def only_results(task: MoneyTask) -> MoneyTask:
    return replace(task, rules=replace(task.rules, retroactive=replace(task.rules.retroactive, share=1)))


@given(tasks())
def test_the_books_balance_and_every_limit_holds(task):
    amounts = RETROACTIVE.solve(task).amounts
    assert sum(amounts) <= task.budget.amount
    for project, amount in zip(task.projects, amounts, strict=True):
        assert 0 <= amount <= (task.budget.amount if project.ask is None else project.ask)
    for team in task.team_caps:
        assert sum(amounts[i] for i in team.members) <= team.amount


@given(tasks())
def test_nobody_is_paid_twice_and_one_price_holds_for_all(task):
    """Who is paid for results has in all not more than the price of its worth; who is below it has a limit."""
    task = only_results(task)
    result = RETROACTIVE.solve(task)
    found = results(task)
    prices = [
        (amount + credit) / worth
        for amount, worth, credit in zip(result.amounts, found.worth, found.credit, strict=True)
        if worth
    ]
    if not prices:
        assert sum(result.amounts) == 0
        return
    slack = [1 / worth for worth in found.worth if worth]
    paid = [amount for amount, worth in zip(result.amounts, found.worth, strict=True) if worth]
    limits = [limit for limit, worth in zip(result.limited_by, found.worth, strict=True) if worth]
    reached = [price - room for price, room, amount in zip(prices, slack, paid, strict=True) if amount]
    for price, room, limit in zip(prices, slack, limits, strict=True):
        if limit in {"", "paid"} and reached:
            assert price + room >= max(reached)


@given(tasks(), st.randoms(use_true_random=False))
def test_the_order_of_files_means_nothing(task, random):
    order = list(range(len(task)))
    outcomes = list(task.inputs.outcomes)
    random.shuffle(order)
    random.shuffle(outcomes)
    shuffled = replace(
        task,
        projects=tuple(task.projects[i] for i in order),
        scores=tuple(task.scores[i] for i in order),
        inputs=MoneyInputs(outcomes=tuple(outcomes)),
    )

    def by_name(one: MoneyTask) -> dict[str, int]:
        return dict(zip(one.ids, RETROACTIVE.solve(one).amounts, strict=True))

    assert by_name(shuffled) == by_name(task)


@given(tasks(), st.integers(0, 5), st.integers(1, 10**9))
def test_who_was_paid_more_already_gets_no_more(task, which, more):
    task = only_results(task)
    assume(task.inputs.outcomes)
    name = task.inputs.outcomes[which % len(task.inputs.outcomes)].project
    richer = tuple(replace(row, paid=row.paid + more) if row.project == name else row for row in task.inputs.outcomes)
    i = task.index[name]
    before = RETROACTIVE.solve(task).amounts[i]
    after = RETROACTIVE.solve(replace(task, inputs=MoneyInputs(outcomes=richer))).amounts[i]
    assert after <= before + 1


@given(tasks())
def test_a_judge_who_says_nothing_of_a_project_does_not_count_for_it(task):
    """Outcomes hold what was said; nobody's silence is a zero."""
    found = results(task)
    for i, name in enumerate(task.ids):
        said = sorted(row.worth for row in task.inputs.outcomes if row.project == name)
        enough = len(said) >= task.rules.retroactive.judges and said
        assert found.judges[i] == len(said)
        assert found.worth[i] == ((said[(len(said) - 1) // 2] + said[len(said) // 2]) / 2 if enough else 0)


@given(tasks())
def test_draws_keep_to_the_pot(task):
    drawn = RETROACTIVE.draws(task, np.zeros((3, len(task))))
    assert np.all(drawn >= 0)
    assert np.all(drawn.sum(axis=1) <= task.budget.amount * (1 + 1e-9) + 1e-6)


def test_intervals_follow_from_what_the_base_rule_follows_from():
    def follows(base: str, share: float = 0.5) -> bool:
        rules = MoneyRules(retroactive=RetroactiveRules(share=share, base=base))
        return RETROACTIVE.follows_values(rules)

    assert follows("differential")
    assert not follows("metric-median")
    assert not follows("differential", share=1)


def test_a_base_by_ballots_has_electorates_drawn_anew_and_no_ballot_counts_twice():
    projects = (Project("a", "A", ask=700), Project("b", "B"))
    ballots = Ballots(("x", "y", "z"), [0, 1, 1, 2], [0, 0, 1, 1], [100, 300, 300, 900], kind="amount")
    inputs = MoneyInputs(ballots=ballots, outcomes=(Outcome("a", Fraction(1)), Outcome("b", Fraction(1), paid=400)))
    rules = MoneyRules(rule="retroactive", retroactive=RetroactiveRules(share=0.5, base="metric-median"))
    task = MoneyTask(projects, (), rules, Budget(2_000, EURO), inputs, (0, 1))
    assert RETROACTIVE.lacks(task) == ""
    # 1,000 for results: a and b are levelled at 700, where a has reached its ask; b had 400. The medians 200 and 600
    # divide the other 1,000, of which a can take no more.
    assert RETROACTIVE.solve(task).amounts == [700, 1_300]
    assert RETROACTIVE.story(task)(1) == (
        "What came of it was judged by one person and is worth 1, the median; at this round's price that is 7.00 EUR.",
        "4.00 EUR of this counts as paid already.",
        "For its results it gets 3.00 EUR.",
    )
    drawn = RETROACTIVE.resamples(task, 50, 1)
    assert np.all(drawn[:, 0] == 700)
    assert np.array_equal(drawn, RETROACTIVE.resamples(task, 50, 1))


@given(
    st.lists(st.tuples(worths, st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=7), st.integers(0, 2000)
)
def test_the_walk_through_events_finds_what_bisection_finds(rows, total):
    worth, credit, bounds = zip(*rows, strict=True)
    found = level_up(worth, [Fraction(c) for c in credit], bounds, total).quotas
    w = np.array([float(value) for value in worth])
    low, high = 0.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2
        sum_ = np.where(w > 0, np.clip(middle * w - credit, 0, bounds), 0).sum()
        low, high = (middle, high) if sum_ <= total else (low, middle)
    slow = np.where(w > 0, np.clip(low * w - credit, 0, bounds), 0)
    np.testing.assert_allclose([float(quota) for quota in found], slow, atol=1e-6)
    assert sum(found) == min(total, sum(b for b, value in zip(bounds, worth, strict=True) if value))
