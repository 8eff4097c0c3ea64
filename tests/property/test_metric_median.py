"""What must hold for every electorate under `metric-median`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.median_cases import MARK, amount_tasks, metric_tasks, tasks

from daccord.allocation import METRIC_MEDIAN, MoneyTask, ballot_effects
from daccord.judging import Ballots, MetricWeight
from daccord.portfolio import MetricValue


def solved(task: MoneyTask) -> dict[str, int]:
    return dict(zip(task.ids, METRIC_MEDIAN.solve(task).amounts, strict=True))


@given(tasks)
def test_the_books_balance_and_every_limit_holds(task):
    result = METRIC_MEDIAN.solve(task)
    pot, cap = task.budget.amount, task.rules.metric_median.cap
    assert sum(result.amounts) <= pot
    for i, (project, amount) in enumerate(zip(task.projects, result.amounts, strict=True)):
        assert amount == 0 or amount >= task.rules.minimum
        assert 0 <= amount <= (pot if project.ask is None else project.ask)
        assert cap is None or amount <= Fraction(str(cap)) * pot
        assert result.weights[i] or not amount
    for team in task.team_caps:
        assert sum(result.amounts[i] for i in team.members) <= team.amount
    free = [i for i, limit in enumerate(result.limited_by) if not limit and result.weights[i]]
    if free:  # somebody could take more, so nothing is left
        assert sum(result.amounts) == pot


@given(tasks, st.randoms(use_true_random=False))
def test_the_order_of_files_means_nothing(task, random):
    order = list(range(len(task)))
    random.shuffle(order)
    metrics, weights = list(task.inputs.metrics), list(task.inputs.metric_weights)
    random.shuffle(metrics)
    random.shuffle(weights)
    ballots = task.inputs.ballots
    rows = list(range(len(ballots)))
    random.shuffle(rows)
    place = {old: new for new, old in enumerate(order)}
    shuffled = replace(
        ballots,
        voter=ballots.voter[rows],
        project=np.array([place[int(project)] for project in ballots.project[rows]], dtype=np.int64),
        points=ballots.points[rows],
    )
    inputs = replace(task.inputs, metrics=tuple(metrics), metric_weights=tuple(weights), ballots=shuffled)
    assert solved(replace(task, projects=tuple(task.projects[i] for i in order), inputs=inputs)) == solved(task)


@given(metric_tasks())
def test_who_abstains_changes_nothing_with_metrics(task):
    extra = (
        MetricWeight("silent", MARK, Fraction(3)),
        MetricWeight("silent", "m0", Fraction(0)),
        MetricWeight("vain", "nothing has it", Fraction(5)),
    )
    values = (*task.inputs.metrics, *(MetricValue(name, "nothing has it", Fraction(0)) for name in task.ids))
    inputs = replace(task.inputs, metrics=values, metric_weights=(*task.inputs.metric_weights, *extra))
    assert METRIC_MEDIAN.solve(replace(task, inputs=inputs)) == METRIC_MEDIAN.solve(task)


@given(amount_tasks())
def test_who_abstains_changes_nothing_with_amounts(task):
    ballots = task.inputs.ballots
    more = Ballots((*ballots.voters, "silent"), ballots.voter, ballots.project, ballots.points, 0, "amount")
    assert METRIC_MEDIAN.solve(replace(task, inputs=replace(task.inputs, ballots=more))) == METRIC_MEDIAN.solve(task)


@given(metric_tasks(), st.integers(2, 9))
def test_only_ratios_of_a_voters_weights_and_of_a_metrics_values_matter(task, times):
    values = tuple(
        value if value.metric == MARK else replace(value, value=value.value * times) for value in task.inputs.metrics
    )
    weights = tuple(
        row if row.metric == MARK else replace(row, weight=row.weight / times) for row in task.inputs.metric_weights
    )
    assert solved(replace(task, inputs=replace(task.inputs, metrics=values, metric_weights=weights))) == solved(task)


@given(metric_tasks())
def test_twins_differ_by_a_unit_at_most(task):
    first = task.projects[0]
    twin = replace(first, id="twin")
    values = [replace(value, project="twin") for value in task.inputs.metrics if value.project == first.id]
    inputs = replace(task.inputs, metrics=(*task.inputs.metrics, *values))
    both = replace(task, projects=(*task.projects, twin), places=(*task.places, len(task)), inputs=inputs)
    amounts = solved(both)
    assert abs(amounts[first.id] - amounts["twin"]) <= 1 or task.rules.minimum > 1


@settings(max_examples=40)
@given(tasks)
def test_the_effect_of_a_ballot_is_what_leaving_it_out_does(task):
    full = METRIC_MEDIAN.solve(task).amounts
    for effect in ballot_effects(task):
        ballots = task.inputs.ballots
        kept = np.array([ballots.voters[v] != effect.voter for v in ballots.voter.tolist()], dtype=bool)
        inputs = replace(
            task.inputs,
            metric_weights=tuple(row for row in task.inputs.metric_weights if row.voter != effect.voter),
            ballots=replace(
                ballots, voter=ballots.voter[kept], project=ballots.project[kept], points=ballots.points[kept]
            ),
        )
        without = METRIC_MEDIAN.solve(replace(task, inputs=inputs)).amounts
        moved = [mine - theirs for mine, theirs in zip(full, without, strict=True)]
        assert moved[effect.project] == effect.change
        assert max(map(abs, moved)) == abs(effect.change)


@given(tasks, st.integers(0, 5))
def test_electorates_drawn_anew_keep_within_the_same_limits(task, seed):
    drawn = METRIC_MEDIAN.resamples(task, 12, seed)
    slack = 1e-6 * max(1, task.budget.amount)
    assert drawn.shape == (12, len(task))
    assert np.all(drawn >= 0)
    assert np.all(drawn.sum(axis=1) <= task.budget.amount + slack)
    assert np.all(drawn <= np.array(task.bounds) + slack)
    assert np.array_equal(drawn, METRIC_MEDIAN.resamples(task, 12, seed))


@given(amount_tasks(), st.integers(1, 5))
def test_a_higher_quorum_never_gives_more_projects_a_median(task, quorum):
    def placed(least: int) -> int:
        rules = replace(task.rules, metric_median=replace(task.rules.metric_median, quorum=least))
        return sum(weight > 0 for weight in METRIC_MEDIAN.solve(replace(task, rules=rules)).weights)

    counts = [placed(least) for least in (quorum, quorum + 1)]
    assert all(more >= fewer for more, fewer in pairwise(counts))
