"""The fast exact solver against slow readable ones: unit by unit, all possibilities, and a general optimiser."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, minimize
from tests.property.allocation_cases import CELL_IDS, EURO, amounts, rounds

from daccord.allocation import DIFFERENTIAL, MoneyTask, allocate, award_draws
from daccord.allocation._exact import WEIGHT_DIGITS, as_written, integer_weights
from daccord.allocation._fill import Line, fill, fill_capped, fill_viable
from daccord.allocation._floors import solve_floors
from daccord.allocation._rules import TeamCap
from daccord.fusion import CriterionScore, ProjectScore, Scores
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, MoneyRules, Rules


@st.composite
def lines(draw, *, most=12, costs=False):
    """A line of units, bounds and a budget, small enough to count the units one by one."""
    size = draw(st.integers(1, 5))
    weights = draw(st.lists(st.one_of(st.integers(1, 6), st.integers(1, 10**24)), min_size=size, max_size=size))
    ties = draw(st.permutations(range(size)))
    k = draw(st.fractions(0, 20, max_denominator=7))
    prices = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)) if costs else None
    bounds = draw(st.lists(st.integers(0, most), min_size=size, max_size=size))
    return Line(weights, ties, k, prices), bounds, draw(st.integers(0, most * 2))


@st.composite
def teams(draw, size):
    """Caps on disjoint teams."""
    team = draw(st.lists(st.integers(0, 2), min_size=size, max_size=size))
    members = {t: tuple(i for i in range(size) if team[i] == t) for t in {0, 1} & set(team)}
    return [TeamCap(str(t), draw(st.integers(0, 8)), who) for t, who in members.items()]


def unit_by_unit(line, bounds, budget, caps=()):
    """Give the next unit of the line to whoever stands first, until it does not fit: the definition, literally."""
    free = [line.cost(i) == 0 for i in range(len(bounds))]
    given_ = [bound if costless else 0 for bound, costless in zip(bounds, free, strict=True)]
    spent = 0
    while True:
        able = [i for i in range(len(bounds)) if given_[i] < bounds[i]]
        able = [i for i in able if all(sum(given_[j] for j in c.members) < c.amount for c in caps if i in c.members)]
        if not able:
            return given_
        first = min(able, key=lambda i: (line.place(i, given_[i]), line.ties[i]))
        if spent + line.cost(first) > budget:
            return given_
        given_[first] += 1
        spent += line.cost(first)


@given(lines())
def test_filling_is_the_line_unit_by_unit(case):
    line, bounds, budget = case
    assert fill(line, bounds, budget) == unit_by_unit(line, bounds, budget)


@given(lines(costs=True))
def test_filling_with_costs_is_the_line_unit_by_unit(case):
    line, bounds, budget = case
    assert fill(line, bounds, budget) == unit_by_unit(line, bounds, budget)


@given(lines(), st.data())
def test_team_caps_are_the_line_unit_by_unit(case, data):
    line, bounds, budget = case
    caps = data.draw(teams(len(bounds)))
    assert fill_capped(line, bounds, budget, caps)[0] == unit_by_unit(line, bounds, budget, caps)


@given(lines(most=5), st.data())
def test_no_other_division_is_worth_more(case, data):
    line, bounds, budget = case
    caps = data.draw(teams(len(bounds)))
    assume(line.k > 0)

    def worth(division):
        return sum(1 / line.place(i, x) for i, amount in enumerate(division) for x in range(amount))

    best = max(
        worth(division)
        for division in itertools.product(*(range(bound + 1) for bound in bounds))
        if sum(division) <= budget and all(sum(division[i] for i in cap.members) <= cap.amount for cap in caps)
    )
    assert worth(fill_capped(line, bounds, budget, caps)[0]) == best


@given(lines(), st.integers(2, 6))
def test_the_minimum_drops_the_smallest_and_divides_again(case, minimum):
    line, bounds, budget = case
    kept = set(range(len(bounds)))
    while True:
        division = unit_by_unit(line, [b if i in kept else 0 for i, b in enumerate(bounds)], budget)
        able = [i for i in kept if division[i] < minimum]
        if not able:
            break
        hopeless = [i for i in able if bounds[i] < minimum] or able
        kept.remove(min(hopeless, key=lambda i: (line.weights[i], -line.ties[i])))
    assert fill_viable(line, bounds, budget, [], minimum)[0] == division


@given(lines(), st.data())
def test_with_team_caps_everybody_kept_gets_the_minimum(case, data):
    line, bounds, budget = case
    caps = data.draw(teams(len(bounds)))
    minimum = data.draw(st.integers(2, 6))
    division, _, kept = fill_viable(line, bounds, budget, caps, minimum)
    assert all((amount >= minimum) == (i in kept) and (amount > 0) == (i in kept) for i, amount in enumerate(division))
    assert division == unit_by_unit(line, [b if i in kept else 0 for i, b in enumerate(bounds)], budget, caps)


@given(
    st.lists(st.tuples(st.integers(-20_000_000, 20_000_000), st.integers(0, 5_000_000)), min_size=1, max_size=6),
    st.sampled_from([0.0, 0.5, 0.37, 1 / 3]),
)
def test_weights_are_the_exponential_to_every_digit_kept(pairs, caution):
    exact = as_written(caution)
    logs = [exact.denominator * mean - exact.numerator * sd for mean, sd in pairs]
    weights, digits = integer_weights(logs, exact.denominator, [1] * len(logs), 1)
    context = Context(prec=120)
    for log, weight in zip(logs, weights, strict=True):
        true = context.exp(context.divide(Decimal(log), Decimal(exact.denominator * 1_000_000)))
        assert abs(weight - true.scaleb(digits, context)) <= 1 + true.scaleb(digits - 48, context)
    assert digits == WEIGHT_DIGITS or max(weights) >= 10**18


def _task(case):
    portfolio, scores, rules, budget = case
    return MoneyTask(portfolio.projects, scores.projects, rules.money, budget)


def floor_round(seed):
    """A round with floors that can be met, most of which bind: cells share projects, some asks and teams are tight."""
    rng = np.random.default_rng(seed)
    size, pot = int(rng.integers(4, 9)), int(10 ** rng.integers(6, 12))
    projects, scores = [], []
    for i in range(size):
        part = Fraction(int(rng.integers(0, 5)), 4)
        cells = {CELL_IDS[i % 3]: part, CELL_IDS[(i + 1) % 3]: 1 - part}
        ask = None if rng.random() < 0.6 else int(pot * rng.uniform(0.25, 0.6))
        projects.append(
            Project(
                f"p{i}",
                f"Project {i}",
                team=str(rng.integers(0, 4)),
                ask=ask,
                cells={c: m for c, m in cells.items() if m},
            )
        )
        mean = int(1e6 * rng.normal() * 1.5) - (1_500_000 if i % 3 == 0 else 0)
        benefit = CriterionScore(mean, 0, 900_000, judgments=9, jurors=9)
        scores.append(ProjectScore(f"p{i}", {"benefit": benefit}, 1, 1, 1))
    money = MoneyRules(
        floors={CELL_IDS[0]: 0.3, CELL_IDS[2]: 0.2},
        team_cap=0.6 if seed % 2 else None,
        saturation=[0.2, 1.0, 3.0][seed % 3],
    )
    return Portfolio(tuple(projects)), Scores(tuple(scores)), Rules(money=money), Budget(pot, EURO)


def _oracle(weights, bounds, pot, k, caps, memberships, floors):
    """A general-purpose optimiser on the same concave programme, in units of the pot; None if it gives up."""
    size = len(weights)
    scale = np.array(weights, dtype=float) / max(weights)
    small = float(k) / pot

    def loss(x):
        return -np.sum(scale * small * np.log1p(x / small))

    def slope(x):
        return -scale * small / (small + x)

    rows, low, high = [np.ones(size)], [0.0], [1.0]
    for cap in caps:
        rows.append(np.isin(np.arange(size), cap.members).astype(float))
        low.append(0.0)
        high.append(cap.amount / pot)
    for c, floor in enumerate(floors):
        rows.append(np.array([float(m[c]) for m in memberships]))
        low.append(float(floor) / pot)
        high.append(np.inf)
    upper = np.array(bounds, dtype=float) / pot
    found = minimize(
        loss,
        np.minimum(upper, 1 / (2 * size)),
        jac=slope,
        method="SLSQP",
        bounds=Bounds(np.zeros(size), upper),
        constraints=[LinearConstraint(np.array(rows), low, high)],
        options={"maxiter": 1000, "ftol": 1e-15},
    )
    slack = np.array(rows) @ found.x
    feasible = np.all(slack >= np.array(low) - 1e-9) and np.all(slack <= np.array(high) + 1e-9)
    return (found.x, -found.fun) if found.success and feasible else None


@pytest.mark.parametrize("seed", range(24))
def test_floors_agree_with_a_general_optimiser(seed):
    task = _task(floor_round(seed))
    pot = task.budget.amount
    floors = [(cell, as_written(share) * pot) for cell, share in sorted(task.rules.floors.items())]
    memberships = [[project.cells.get(cell, Fraction(0)) for cell, _ in floors] for project in task.projects]
    k = as_written(task.rules.saturation) * pot / len(task)
    result = DIFFERENTIAL.solve(task)
    needed = [floor for _, floor in floors]
    solution = solve_floors(
        result.weights, task.bounds, pot, k, caps=task.team_caps, memberships=memberships, floors=needed
    )
    exact = [Fraction(amount) for amount in solution.amounts]
    for c, floor in enumerate(needed):
        assert sum(m[c] * x for m, x in zip(memberships, exact, strict=True)) >= floor - Fraction(1, 10**8)
    assert sum(exact) <= pot + Fraction(1, 10**8)
    ours = np.array([float(x / pot) for x in exact])
    found = _oracle(result.weights, task.bounds, pot, k, task.team_caps, memberships, needed)
    assert found is not None
    reference, best = found
    scale, small = np.array(result.weights, dtype=float) / max(result.weights), float(k) / pot
    assert np.sum(scale * small * np.log1p(ours / small)) == pytest.approx(best, abs=1e-7)
    assert ours == pytest.approx(reference, abs=2e-3)
    assert all(0 <= float(x) - amount <= 1 for x, amount in zip(exact, result.amounts, strict=True))


def test_the_random_floors_bind_often_enough_to_test_anything():
    bound = [
        any(key.startswith("multiplier of floor") and float(value) > 0 for key, value in certificate.items())
        for certificate in (DIFFERENTIAL.solve(_task(floor_round(seed))).certificate for seed in range(24))
    ]
    assert sum(bound) >= 12


@given(rounds(team_cap=True, max_size=6))
def test_without_floors_both_solvers_agree(case):
    task = _task(case)
    pot = task.budget.amount
    assume(pot > 0)
    result = DIFFERENTIAL.solve(task)
    k = as_written(task.rules.saturation) * pot / len(task)
    solution = solve_floors(
        result.weights,
        task.bounds,
        pot,
        k,
        caps=task.team_caps,
        memberships=[[Fraction(1)]] * len(task),
        floors=[Fraction(0)],
    )
    assert all(abs(amount - x) <= 1 for amount, x in zip(solution.amounts, result.amounts, strict=True))


@pytest.mark.parametrize("seed", range(24))
def test_draws_with_floors_agree_with_the_exact_rule(seed):
    portfolio, scores, rules, budget = floor_round(seed)
    allocation = allocate(portfolio, scores, rules, budget)
    log_values = np.array([[score.criteria["benefit"].mean / 1e6 for score in scores]])
    drawn = award_draws(portfolio, scores, allocation.verdicts, rules, budget, log_values)
    assert np.max(np.abs(drawn[0] - amounts(allocation))) <= 1e-6 * budget.amount + 1


@pytest.mark.parametrize("share", [0.9, 0.5])
def test_a_floor_nobody_can_meet_is_met_as_far_as_asks_allow(share):
    """One project in the cell, asking for a tenth of the pot: it gets its ask, and the warning says what is missing."""
    cell = CELL_IDS[0]
    portfolio = Portfolio(
        (
            Project("in", "In", ask=10_000, cells={cell: Fraction(1)}),
            Project("out", "Out", cells={CELL_IDS[1]: Fraction(1)}),
        )
    )
    good = CriterionScore(0, 0, 900_000, judgments=9, jurors=9)
    weak = replace(good, mean=-5_000_000)
    scores = Scores((ProjectScore("in", {"benefit": weak}, 1, 1, 1), ProjectScore("out", {"benefit": good}, 1, 1, 1)))
    rules = Rules(money=MoneyRules(floors={cell: share}))
    allocation = allocate(portfolio, scores, rules, Budget(100_000, EURO))
    assert amounts(allocation) == [10_000, 90_000]
    missing = EURO.format(int(share * 100_000) - 10_000)
    assert any(f"{missing} is missing" in warning for warning in allocation.warnings)
