"""`metric-median` beside two slow readings of the same rule: fractions throughout, and Optimism's walk in steps."""

from __future__ import annotations

from fractions import Fraction
from statistics import median

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.median_cases import MARK, amount_tasks, metric_tasks

from daccord.allocation import METRIC_MEDIAN, MoneyTask
from daccord.allocation._draws import FloatArray
from daccord.allocation._proportional import quotas, round_quotas
from daccord.allocation.medians._ballots import FINE, divided, stated
from daccord.allocation.medians._fill import fill
from daccord.allocation.medians._resamples import _medians
from daccord.money import Currency
from daccord.portfolio import Project
from daccord.round import Budget, MoneyRules


def share_out(scores: list[Fraction], bounds: list[int], pot: int) -> list[Fraction]:
    """Proportional shares; whoever is above the bound is set to it, and the others share what is left."""
    full: set[int] = set()
    while True:
        rest = sum(scores[i] for i in range(len(scores)) if i not in full)
        left = pot - sum(bounds[i] for i in full)
        out = [
            Fraction(bounds[i]) if i in full else scores[i] * left / rest if rest else Fraction(0)
            for i in range(len(scores))
        ]
        above = {i for i, amount in enumerate(out) if i not in full and amount > bounds[i]}
        if not above:
            return out
        full |= above


def ballots_of(task: MoneyTask) -> list[dict[int, Fraction]]:
    """Each voter's amounts as fractions of minor units."""
    cap = task.rules.metric_median.cap
    top = task.budget.amount if cap is None else int(Fraction(str(cap)) * task.budget.amount)
    value = {(row.metric, row.project): row.value for row in task.inputs.metrics}
    out = []
    for voter in dict.fromkeys(row.voter for row in task.inputs.metric_weights):
        own = {row.metric: row.weight for row in task.inputs.metric_weights if row.voter == voter}
        times = own.pop(MARK, Fraction(1))
        scores = [Fraction(0)] * len(task)
        for metric, weight in own.items():
            column = [
                value.get((metric, name), Fraction(0)) * (times if value.get((MARK, name)) else 1) for name in task.ids
            ]
            if sum(column):
                scores = [s + weight * c / sum(column) for s, c in zip(scores, column, strict=True)]
        if any(scores):
            out.append(dict(enumerate(share_out(scores, [top] * len(task), task.budget.amount))))
    if len(task.inputs.ballots):
        by_voter: dict[int, dict[int, Fraction]] = {}
        ballots = task.inputs.ballots
        for voter, project, points in zip(ballots.voter, ballots.project, ballots.points, strict=True):
            by_voter.setdefault(int(voter), {})[int(project)] = Fraction(int(points))
        out = list(by_voter.values())
    return out


def reference(task: MoneyTask) -> list[Fraction]:
    """Exact quotas without team caps."""
    rules = task.rules.metric_median
    pot = task.budget.amount
    top = pot if rules.cap is None else int(Fraction(str(rules.cap)) * pot)
    bounds = [min(top, pot if project.ask is None else project.ask) for project in task.projects]
    said = ballots_of(task)
    medians = []
    for i in range(len(task)):
        column = [ballot[i] for ballot in said if i in ballot]
        medians.append(median(column) if sum(amount > 0 for amount in column) >= rules.quorum else Fraction(0))
    out = share_out([m if b else Fraction(0) for m, b in zip(medians, bounds, strict=True)], bounds, pot)
    kept = [m if b and a >= task.rules.minimum else Fraction(0) for m, b, a in zip(medians, bounds, out, strict=True)]
    return share_out(kept, bounds, pot)


def close(task: MoneyTask) -> None:
    quotas = reference(task)
    amounts = METRIC_MEDIAN.solve(task).amounts
    assert all(abs(amount - quota) < 1 + Fraction(1, 10**6) for amount, quota in zip(amounts, quotas, strict=True))


def without_teams(task: MoneyTask) -> MoneyTask:
    return MoneyTask(
        task.projects,
        (),
        type(task.rules)(rule="metric-median", minimum=task.rules.minimum, metric_median=task.rules.metric_median),
        task.budget,
        task.inputs,
        task.places,
    )


def clear_cut(task: MoneyTask) -> bool:
    """No quota within a rounding of the smallest grant, where the two readings may part."""
    bare = MoneyTask(
        task.projects,
        (),
        type(task.rules)(rule="metric-median", metric_median=task.rules.metric_median),
        task.budget,
        task.inputs,
        task.places,
    )
    return all(abs(quota - task.rules.minimum) > Fraction(1, 10**3) for quota in reference(bare))


@given(metric_tasks())
def test_weights_for_metrics_give_what_fractions_give(task):
    task = without_teams(task)
    if clear_cut(task):
        close(task)


@given(amount_tasks())
def test_ballots_of_amounts_give_what_fractions_give(task):
    task = without_teams(task)
    if clear_cut(task):
        close(task)


@given(metric_tasks())
def test_a_ballot_is_its_exact_amounts_rounded_down(task):
    exact = ballots_of(task)
    said = stated(task).amounts
    assert len(said) == len(exact)
    for ours, theirs in zip(said, exact, strict=True):
        assert [ours[i] for i in range(len(task))] == [theirs[i] * FINE // 1 for i in range(len(task))]


def in_steps(scores: FloatArray, pot: float, cap: float) -> FloatArray:
    """As Optimism's calculator does it: from the largest score down, each takes its share of the rest, or the cap."""
    out = np.zeros(len(scores))
    rest = scores.sum()
    for i in np.argsort(-scores, kind="stable"):
        out[i] = min(scores[i] / rest * pot, cap) if rest > 0 else 0.0
        pot -= out[i]
        rest -= scores[i]
    return out


def test_filling_at_once_is_the_walk_in_steps():
    rng = np.random.default_rng(4)
    for _ in range(200):
        scores = rng.lognormal(0, 2, size=rng.integers(1, 30))
        integers = [int(1e12 * score) for score in scores]
        cap = int(rng.choice([10_000, 50_000, 400_000, 1_000_000]))
        ours = np.array(divided(integers, 1_000_000, cap)) / FINE
        np.testing.assert_allclose(ours, in_steps(scores, 1e6, cap), rtol=1e-6, atol=1e-3)


@settings(max_examples=30)
@given(amount_tasks())
def test_medians_in_floating_point_are_the_exact_ones(task):
    said = stated(task)
    table = np.full((len(said.voters), len(task)), np.nan)
    for row, ballot in enumerate(said.amounts):
        for project, amount in ballot.items():
            table[row, project] = amount / FINE
    if not len(table):
        return
    quorum = task.rules.metric_median.quorum
    exact = METRIC_MEDIAN.solve(task).weights
    np.testing.assert_allclose(_medians(table, quorum), [weight / FINE / 2 for weight in exact], rtol=1e-12)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 500)), min_size=1, max_size=7), st.integers(0, 2_000))
def test_the_division_in_integers_is_that_of_the_rule_proportional(rows, pot):
    weights, bounds = ([row[k] for row in rows] for k in range(2))
    exact, _, level = quotas(weights, bounds, pot, ())
    filled = fill(weights, bounds, pot)
    projects = tuple(Project(f"p{i}", "P") for i in range(len(rows)))
    task = MoneyTask(projects, (), MoneyRules(), Budget(pot, Currency("EUR", 2)))
    assert filled.level == level
    assert filled.rounded(task.ties) == round_quotas(task, exact)
    for minimum in (0, 1, 40):
        assert filled.below(minimum) == [w > 0 and q < minimum for w, q in zip(weights, exact, strict=True)]
