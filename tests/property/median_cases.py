"""Random electorates for the tests of `metric-median`: weights for metrics, and ballots of amounts."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from daccord.allocation import MoneyTask
from daccord.judging import Ballots, MetricWeight
from daccord.money import Currency
from daccord.portfolio import MetricValue, Project
from daccord.round import Budget, MedianRules, MoneyInputs, MoneyRules

__all__ = ["MARK", "amount_tasks", "metric_tasks", "tasks"]

MARK = "open"
EURO = Currency("EUR", 2)
numbers = st.one_of(
    st.integers(0, 12).map(Fraction),
    st.fractions(0, 5, max_denominator=60),
    st.just(Fraction("0.00063875465290929277")),
)


@st.composite
def _projects(draw, pot):
    size = draw(st.integers(1, 6))
    asks = st.one_of(st.none(), st.integers(0, pot), st.integers(0, max(1, pot // 3)))
    teams = st.sampled_from(["", "", "a", "b"])
    return tuple(Project(f"p{i}", f"Project {i}", team=draw(teams), ask=draw(asks)) for i in range(size))


@st.composite
def _rules(draw, pot, *, multiplier=""):
    return MoneyRules(
        rule="metric-median",
        team_cap=draw(st.sampled_from([None, None, 0.5, 0.2])),
        minimum=draw(st.sampled_from([0, 0, 1, pot // 10, pot // 3])),
        metric_median=MedianRules(
            quorum=draw(st.sampled_from([1, 1, 2, 3])),
            cap=draw(st.sampled_from([None, 0.05, 0.3, 1.0])),
            multiplier=multiplier,
        ),
    )


def _task(projects, rules, pot, inputs):
    return MoneyTask(projects, (), rules, Budget(pot, EURO), inputs, tuple(range(len(projects))))


@st.composite
def metric_tasks(draw):
    """Voters weigh metrics; some projects have the mark."""
    pot = draw(st.sampled_from([0, 1, 97, 10_000, 10**9]))
    projects = draw(_projects(pot))
    metrics = [f"m{k}" for k in range(draw(st.integers(1, 3)))]
    values = [MetricValue(project.id, metric, draw(numbers)) for project in projects for metric in metrics]
    values += [MetricValue(project.id, MARK, Fraction(1)) for project in projects if draw(st.booleans())]
    weights = []
    for voter in range(draw(st.integers(1, 6))):
        chosen = draw(st.lists(st.sampled_from(metrics), unique=True, max_size=3))
        weights += [MetricWeight(f"v{voter}", metric, draw(numbers)) for metric in chosen]
        if draw(st.booleans()):
            weights.append(MetricWeight(f"v{voter}", MARK, Fraction(draw(st.sampled_from(["1", "1.5", "3"])))))
    inputs = MoneyInputs(metrics=tuple(values), metric_weights=tuple(weights))
    return _task(projects, draw(_rules(pot, multiplier=MARK)), pot, inputs)


@st.composite
def amount_tasks(draw):
    """Voters name amounts for the projects they looked at."""
    pot = draw(st.sampled_from([0, 1, 97, 10_000, 10**9]))
    projects = draw(_projects(pot))
    size = draw(st.integers(1, 6))
    rows = [
        (voter, project, draw(st.integers(1, 10_000)))
        for voter in range(size)
        for project in range(len(projects))
        if draw(st.booleans())
    ]
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    ballots = Ballots(tuple(f"v{i}" for i in range(size)), *columns, kind="amount")
    return _task(projects, draw(_rules(pot)), pot, MoneyInputs(ballots=ballots))


tasks = st.one_of(metric_tasks(), amount_tasks())
