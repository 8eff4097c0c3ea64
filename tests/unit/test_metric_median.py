"""`metric-median` by hand: small electorates whose medians anybody can check. All ballots are invented."""

from __future__ import annotations

from fractions import Fraction

import pytest

from daccord.allocation import METRIC_MEDIAN, MoneyResult, MoneyTask
from daccord.judging import Ballots, MetricWeight
from daccord.money import Currency
from daccord.portfolio import MetricValue, Project
from daccord.round import Budget, MedianRules, MoneyInputs, MoneyRules

EURO = Currency("EUR", 2)


def task(inputs: MoneyInputs, *, pot: int = 1_000, size: int = 3, minimum: int = 0, ask=None, **rules) -> MoneyTask:
    projects = tuple(Project(name, name, ask=ask if name == "a" else None) for name in "abcdefgh"[:size])
    money = MoneyRules(rule="metric-median", minimum=minimum, metric_median=MedianRules(**rules))
    return MoneyTask(projects, (), money, Budget(pot, EURO), inputs, tuple(range(size)))


def amounts(*rows: dict[int, int], kind: str = "amount", digits: int = 0) -> MoneyInputs:
    """One dictionary a voter: position of a project → amount."""
    cells = [(voter, project, amount) for voter, row in enumerate(rows) for project, amount in row.items()]
    columns = list(zip(*cells, strict=True))
    return MoneyInputs(ballots=Ballots(tuple(f"v{i}" for i in range(len(rows))), *columns, digits, kind))


def weights(*rows: dict[str, int], **metrics: list[int]) -> MoneyInputs:
    """One dictionary a voter: metric → weight; the values of each metric, project by project."""
    values = [
        MetricValue("abcdefgh"[i], name, Fraction(value))
        for name, own in metrics.items()
        for i, value in enumerate(own)
    ]
    voted = [MetricWeight(f"v{i}", name, Fraction(w)) for i, row in enumerate(rows) for name, w in row.items()]
    return MoneyInputs(metrics=tuple(values), metric_weights=tuple(voted))


def solve(inputs: MoneyInputs, **rules) -> MoneyResult:
    one = task(inputs, **rules)
    assert METRIC_MEDIAN.lacks(one) == ""
    return METRIC_MEDIAN.solve(one)


def test_medians_of_those_who_voted_with_quorum_floor_and_the_rest_rescaled():
    """In the manner of Retro Funding 3: medians 20, 15 and 50; c has no quorum; 20 : 15 of 700."""
    ballots = amounts({0: 10, 1: 15}, {0: 20, 2: 50}, {0: 90, 1: 15})
    result = solve(ballots, pot=700, quorum=2)
    assert result.amounts == [400, 300, 0]
    assert result.limited_by == ["", "", "quorum"]
    assert "1 of 3 projects" in result.warnings[0]
    assert solve(ballots, pot=700, quorum=2, minimum=301).amounts == [700, 0, 0]


def test_a_cap_goes_to_the_others_and_what_nobody_can_take_stays():
    ballots = amounts({0: 80, 1: 10, 2: 10})
    assert solve(ballots, cap=0.5).amounts == [500, 250, 250]
    assert solve(ballots, cap=0.5).limited_by == ["cap", "", ""]
    assert solve(ballots, cap=0.3).amounts == [300, 300, 300]
    assert solve(ballots, ask=100).amounts == [100, 450, 450]
    assert solve(ballots, ask=100).limited_by == ["ask", "", ""]


def test_an_even_number_of_voters_takes_the_middle_of_the_two():
    assert solve(amounts({0: 10, 1: 60}, {0: 20, 1: 60}), pot=750, size=2).amounts == [150, 600]


def test_points_may_have_decimals():
    assert solve(amounts({0: 15, 1: 45}, digits=1), pot=400, size=2).amounts == [100, 300]


def test_weights_for_metrics_share_out_each_metric():
    """Users 3 : 1 : 0 and fees 1 : 1 : 2; half each gives 50 %, 25 % and 25 %."""
    both = weights({"users": 1, "fees": 1}, users=[3, 1, 0], fees=[1, 1, 2])
    assert solve(both).amounts == [500, 250, 250]
    three = weights({"users": 7}, {"fees": 5}, {"users": 1, "fees": 1}, users=[3, 1, 0], fees=[1, 1, 2])
    assert solve(three).amounts == [500, 250, 250]


def test_a_mark_multiplies_before_each_metric_is_shared_out():
    """c is open: times 2 its fees are 4 of 6; without the mark 2 of 4."""
    inputs = weights({"fees": 1, "open": 2}, fees=[1, 1, 2], open=[0, 0, 1])
    assert solve(inputs, pot=600, multiplier="open").amounts == [100, 100, 400]
    assert solve(weights({"fees": 1}, fees=[1, 1, 2]), pot=600, multiplier="open").amounts == [150, 150, 300]


def test_the_cap_holds_on_every_ballot_before_the_median():
    """Without it on the ballot the medians were 900, 50, 50; with it each ballot gives 500, 250, 250."""
    assert solve(weights({"m": 1}, m=[18, 1, 1]), cap=0.5).weights == [10**15, 5 * 10**14, 5 * 10**14]


def test_one_extreme_ballot_moves_a_median_no_further_than_its_neighbour():
    calm = [{0: 100 + i, 1: 100} for i in range(9)]
    before = solve(amounts(*calm), pot=10_000, size=2).amounts
    after = solve(amounts(*calm, {0: 10**12, 1: 100}), pot=10_000, size=2).amounts
    assert abs(after[0] - before[0]) <= 13  # from 104 : 100 to 104.5 : 100


def test_nothing_is_paid_where_no_median_is_above_zero():
    result = solve(weights({"m": 1}, {"m": 1}, m=[0, 0, 0], open=[0, 0, 0]))
    assert result.amounts == [0, 0, 0]
    assert "No project has a median" in result.warnings[0]


@pytest.mark.parametrize(
    ("inputs", "rules", "message"),
    [
        (MoneyInputs(), {}, "nobody has voted"),
        (amounts({0: 1}, kind="approval"), {}, "need amounts"),
        (weights({"fame": 1}, m=[1, 1, 1]), {}, "`fame`, which no project has"),
        (weights({"m": 1}, m=[1, 1, 1], open=[2, 0, 0]), {"multiplier": "open"}, "neither 0 nor 1"),
        (weights({"m": 1, "open": 0}, m=[1, 1, 1], open=[1, 0, 0]), {"multiplier": "open"}, "by zero"),
        (
            MoneyInputs(ballots=amounts({0: 1}).ballots, metric_weights=weights({"m": 1}).metric_weights),
            {},
            "both ballots and weights",
        ),
    ],
)
def test_what_a_round_lacks_is_said_in_words(inputs, rules, message):
    assert message in METRIC_MEDIAN.lacks(task(inputs, **rules))


def test_the_story_of_a_project_says_who_voted_and_what_one_ballot_did():
    ballots = amounts({0: 10, 1: 15}, {0: 20, 2: 50}, {0: 90, 1: 15})
    one = task(ballots, pot=700, quorum=2)
    assert METRIC_MEDIAN.story(one)(0) == (
        "3 of 3 voters give it something, and the median of those who speak of it is 0.20 EUR.",
        "Without the ballot that moves it most it would get 7.00 EUR.",
    )
    assert METRIC_MEDIAN.story(one)(2) == ("1 of 3 voters give it something; it needs 2.",)
