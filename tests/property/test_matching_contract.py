"""What must hold for every round that matches donations."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.allocation import MoneyTask, money_rule
from daccord.allocation.matching import Gifts, Scale, fast_pair_sums, find_bound, plain_sums, scale_for
from daccord.fusion import ProjectScore
from daccord.judging import Contribution, Donor
from daccord.money import Currency
from daccord.portfolio import Project
from daccord.round import Budget, MoneyInputs, MoneyRules, QuadraticRules

AMOUNTS = st.one_of(st.integers(1, 100), st.integers(1, 10**7), st.integers(1, 10**24))
VARIANTS = st.sampled_from(["pairwise", "plain", "cluster"])


@st.composite
def tasks(draw):
    size = draw(st.integers(1, 5))
    pot = draw(st.one_of(st.integers(0, 1000), st.integers(0, 10**9)))
    projects = tuple(
        Project(f"p{i}", f"P{i}", team=draw(st.sampled_from(["", "t"])), ask=draw(st.none() | st.integers(0, pot)))
        for i in range(size)
    )
    names = [f"d{i}" for i in range(draw(st.integers(1, 6)))]
    gift = st.builds(Contribution, st.sampled_from(names), st.sampled_from([p.id for p in projects]), AMOUNTS)
    trust = st.one_of(st.just(Fraction(1)), st.fractions(0, 1, max_denominator=1000))
    groups = st.lists(st.sampled_from(["g", "h", "k"]), unique=True, max_size=2).map(tuple)
    donors = tuple(Donor(name, draw(trust), draw(groups)) for name in names if draw(st.booleans()))
    quadratic = QuadraticRules(
        draw(VARIANTS),
        draw(st.none() | st.integers(1, 10**4)),
        draw(st.none() | st.integers(0, 10**4)),
        draw(st.none() | st.sampled_from([0.1, 0.5, 1.0])),
    )
    rules = MoneyRules(
        rule="quadratic",
        quadratic=quadratic,
        team_cap=draw(st.none() | st.sampled_from([0.2, 0.7])),
        minimum=draw(st.sampled_from([0, 0, 5, max(1, pot // 4)])),
    )
    inputs = MoneyInputs(contributions=tuple(draw(st.lists(gift, min_size=1, max_size=15))), donors=donors)
    scores = tuple(ProjectScore(p.id, {}, 0, 0, 0) for p in projects)
    return MoneyTask(projects, scores, rules, Budget(pot, Currency("EUR", 2)), inputs)


@given(tasks())
@settings(max_examples=150)
def test_books_and_bounds(task):
    """Nothing negative, never more than the pot, the bounds, or what plain matching would pay."""
    found = money_rule("quadratic").solve(task)
    assert all(type(amount) is int and amount >= 0 for amount in found.amounts)
    assert sum(found.amounts) <= task.budget.amount
    assert all(amount <= bound for amount, bound in zip(found.amounts, task.bounds, strict=True))
    assert all(amount == 0 or amount >= task.rules.minimum for amount in found.amounts)
    for cap in task.team_caps:
        assert sum(found.amounts[i] for i in cap.members) <= cap.amount
    if task.rules.quadratic.cap is not None:
        assert max(found.amounts) <= Fraction(str(task.rules.quadratic.cap)) * task.budget.amount
    if task.rules.quadratic.variant != "cluster":
        rows = task.inputs.contributions
        who = sorted({gift.donor for gift in rows})
        gifts = Gifts.of(
            [who.index(gift.donor) for gift in rows],
            [task.index[gift.project] for gift in rows],
            [gift.amount for gift in rows],
            donors=len(who),
            grants=len(task),
        )
        plain, unit = plain_sums(gifts)
        assert all(amount <= match * unit + 1 for amount, match in zip(found.amounts, plain, strict=True))


@given(tasks(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(task, random):
    rows, donors = list(task.inputs.contributions), list(task.inputs.donors)
    random.shuffle(rows)
    random.shuffle(donors)
    shuffled = MoneyTask(
        task.projects,
        task.scores,
        task.rules,
        task.budget,
        MoneyInputs(contributions=tuple(rows), donors=tuple(donors)),
    )
    first, second = money_rule("quadratic").solve(task), money_rule("quadratic").solve(shuffled)
    assert first.amounts == second.amounts
    assert first.weights == second.weights


@given(
    st.lists(st.lists(st.one_of(st.just(0), AMOUNTS), min_size=2, max_size=2), min_size=2, max_size=6),
    st.lists(st.integers(1, 10**6), max_size=4),
    st.integers(1, 10**9),
)
def test_colluders_take_less_than_k_times_k_minus_1_times_the_bound(colluders, others, pool):
    """k donors who give to grants of their own, whatever others give elsewhere and whatever M comes out."""
    k = len(colluders)
    rows = [(i, p, amount) for i, row in enumerate(colluders) for p, amount in enumerate(row) if amount]
    rows += [(k + i, 2, amount) for i, amount in enumerate(others)]
    if not rows:
        return
    donor, grant, amount = zip(*rows, strict=True)
    gifts = Gifts.of(donor, grant, amount, donors=k + len(others), grants=3)
    scale = scale_for(gifts)
    found = find_bound(gifts, scale, pool)
    if found.bound is None:
        assert sum(found.sums) == 0
        return
    assert (found.sums[0] + found.sums[1]) * scale.unit < k * (k - 1) * found.bound.minor
    assert all(value >= 0 for value in found.sums)
    if found.reached:
        assert sum(found.sums) * scale.unit >= pool


@given(
    st.lists(st.integers(1, 10**9), min_size=2, max_size=8), st.lists(st.integers(0, 2**61 - 1), min_size=2, max_size=4)
)
def test_the_match_rises_with_the_bound(amounts, bounds):
    gifts = Gifts.of(range(len(amounts)), [0] * len(amounts), amounts, donors=len(amounts), grants=1)
    sums = fast_pair_sums(gifts, Scale.of(gifts.largest), sorted(bounds))
    assert sums == sorted(sums)


@given(st.integers(2, 6), st.integers(1, 10**12))
def test_plain_is_unbounded(k, amount):
    """k donors of the same amount take k - 1 times all they gave."""
    gifts = Gifts.of(range(k), [0] * k, [amount] * k, donors=k, grants=1)
    (match,), unit = plain_sums(gifts)
    assert abs(match * unit - k * (k - 1) * amount) < Fraction(1, 10**9)
