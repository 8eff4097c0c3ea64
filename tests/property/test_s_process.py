"""`s-process`: the fast way is the loop over units; the trace sums; order, equals and more worth behave."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.property.s_process_cases import one_by_one, rounds

from daccord.allocation.s_process import S_PROCESS, juror_effects, settle, trace
from daccord.allocation.s_process._draws import STEPS, play_steps
from daccord.allocation.s_process._spenders import juror_curves


@given(rounds(minimum=False))
def test_awards_are_those_of_a_loop_over_single_units(task):
    assert list(settle(task).amounts) == one_by_one(task)


@given(rounds())
def test_books_close_and_limits_hold(task):
    found = settle(task)
    result = S_PROCESS.solve(task)
    assert tuple(result.amounts) == found.amounts
    assert sum(found.amounts) + sum(found.left) == task.budget.amount == sum(p.money for p in found.purses)
    for i, amount in enumerate(found.amounts):
        assert 0 <= amount <= task.bounds[i]
        assert amount == 0 or amount >= task.rules.minimum
    for cap in task.team_caps:
        assert sum(found.amounts[i] for i in cap.members) <= cap.amount


@given(rounds())
def test_every_unit_is_traced_to_a_funder_and_a_juror(task):
    found = settle(task)
    cells = trace(task, found)
    for i, project in enumerate(task.projects):
        assert sum(cell.amount for cell in cells if cell.project == project.id) == found.amounts[i]
    for funder in {purse.funder for purse in found.purses}:
        own = [a for a, purse in enumerate(found.purses) if purse.funder == funder]
        spent = sum(found.purses[a].money - found.left[a] for a in own)
        assert sum(cell.amount for cell in cells if cell.funder == funder) == spent
    curves = juror_curves(task)
    for cell in cells:
        assert cell.amount > 0
        assert curves[cell.juror][task.index[cell.project]].value(0) > 0
        trust = {funder.id: funder.trust for funder in task.inputs.funders}.get(cell.funder)
        assert not trust or trust[cell.juror] > 0


@given(rounds(), st.randoms(use_true_random=False))
def test_order_of_files_does_not_matter(task, random):
    order = random.sample(range(len(task)), len(task))
    values, funders = list(task.inputs.values), list(task.inputs.funders)
    random.shuffle(values)
    random.shuffle(funders)
    other = replace(
        task,
        projects=tuple(task.projects[i] for i in order),
        scores=tuple(task.scores[i] for i in order),
        inputs=replace(task.inputs, values=tuple(values), funders=tuple(funders)),
    )
    amounts = dict(zip(task.ids, settle(task).amounts, strict=True))
    assert dict(zip(other.ids, settle(other).amounts, strict=True)) == amounts
    assert sorted(map(str, trace(other, settle(other)))) == sorted(map(str, trace(task, settle(task))))


@given(rounds(funders=1, teams=False, minimum=False), st.data())
def test_equal_projects_differ_by_one_unit_at_most(task, data):
    i = data.draw(st.integers(0, len(task) - 1))
    twin = replace(task.projects[i], id="twin")
    copies = [replace(point, project="twin") for point in task.inputs.values if point.project == task.projects[i].id]
    both = replace(
        task,
        projects=(*task.projects, twin),
        scores=(*task.scores, task.scores[i]),
        rules=replace(task.rules, s_process=replace(task.rules.s_process, pooling="mean")),
        inputs=replace(task.inputs, values=(*task.inputs.values, *copies)),
    )
    amounts = settle(both).amounts
    assert abs(amounts[i] - amounts[-1]) <= 1


def _raised(task, project, juror, by, upto):
    """The round in which a juror sees more worth in one project, up to some amount."""
    values = []
    for point in task.inputs.values:
        mine = (point.juror, point.project) == (juror, project) and point.amount <= upto
        values.append(replace(point, value=point.value + by) if mine else point)
    return replace(task, inputs=replace(task.inputs, values=tuple(values)))


@given(rounds(funders=1, minimum=False), st.data())
def test_higher_curve_never_costs_money(task, data):
    rules = replace(task.rules.s_process, pooling="mean", scale="stated")
    task = replace(task, rules=replace(task.rules, s_process=rules))
    if not task.inputs.values:
        return
    point = data.draw(st.sampled_from(task.inputs.values))
    more = data.draw(st.sampled_from([Fraction(1, 3), Fraction(1), Fraction(20)]))
    better = _raised(task, point.project, point.juror, more, data.draw(st.integers(0, task.budget.amount)))
    i = task.index[point.project]
    assert settle(better).amounts[i] >= settle(task).amounts[i]


@given(rounds())
def test_without_a_juror_is_the_round_that_never_had_one(task):
    for juror, amounts in juror_effects(task).items():
        values = tuple(point for point in task.inputs.values if point.juror != juror)
        funders = []
        for funder in task.inputs.funders:
            present = {point.juror for point in values}
            rest = {name: weight for name, weight in funder.trust.items() if name in present}
            total = sum(rest.values())
            trust = {name: weight / total for name, weight in rest.items()} if rest else funder.trust
            funders.append(replace(funder, trust=trust))
        other = replace(task, inputs=replace(task.inputs, values=values, funders=tuple(funders)))
        assert settle(other).amounts == amounts


@given(rounds(minimum=False, teams=False, funders=1, pot=st.integers(10**5, 10**9)))
def test_steps_for_intervals_come_close_to_the_exact_awards(task):
    task = replace(task, rules=replace(task.rules, s_process=replace(task.rules.s_process, pooling="mean")))
    jurors = list(juror_curves(task))
    if not jurors:
        return
    exact = np.array(settle(task).amounts)
    coarse = play_steps(task, jurors, np.ones((1, len(jurors))))[0]
    assert np.abs(coarse - exact).max() <= 3 * task.budget.amount / STEPS
