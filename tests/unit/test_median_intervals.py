"""`median`: the middle answer, its interval from order statistics, the quorum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from daccord.fusion import fusion_rule
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._median import fit_median, median_interval
from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.round import Criterion, RatingScale

UNIT = 10 / 6


def task(*rows: tuple[int, int, float], size: int = 3) -> FusionTask:
    none = np.full(len(rows), np.nan)
    columns = (np.array([row[k] for row in rows]) for k in range(3))
    return FusionTask(
        Criterion("benefit", "?", RatingScale(0, 10)),
        tuple(f"p{i}" for i in range(size)),
        Panel(tuple(Judge(f"j{i}", "person") for i in range(60))),
        Judgments(Comparisons.empty(), Ratings(*columns, none, none)),
    )


def test_the_middle_answer_odd_even_and_tied():
    rows = [(0, 0, 2.0), (1, 0, 9.0), (2, 0, 4.0)]  # odd: the middle one
    rows += [(0, 1, 2.0), (1, 1, 9.0), (2, 1, 4.0), (3, 1, 5.0)]  # even: between the middle two
    rows += [(0, 2, 7.0), (1, 2, 7.0), (2, 2, 7.0), (3, 2, 1.0)]  # ties need no rule
    found = fit_median(task(*rows))
    assert found.value * UNIT + 5 == pytest.approx([4.0, 4.5, 7.0])


def test_one_vote_a_person_however_often_he_rates():
    rows = [(0, 0, 2.0), (1, 0, 4.0), *[(2, 0, 9.0)] * 50, (2, 0, 9.0)]
    assert fit_median(task(*rows)).value[0] * UNIT + 5 == pytest.approx(4.0)
    # Of one person's different ratings the mean counts.
    assert fit_median(task((0, 0, 2.0), (0, 0, 6.0), (1, 0, 4.0))).value[0] * UNIT + 5 == pytest.approx(4.0)


def test_the_quorum():
    rows = [(0, 0, 2.0), (1, 0, 4.0), (2, 0, 9.0), (0, 1, 9.0), (1, 1, 9.0), (0, 2, 9.0)]
    for quorum, known in ((1, [True] * 3), (2, [True, True, False]), (3, [True, False, False])):
        found = fit_median(task(*rows), quorum)
        assert found.known.tolist() == known
        assert found.parameters["quorum"] == quorum
    with pytest.raises(ValueError, match="quorum"):
        fit_median(task(*rows), 0)
    beliefs = fusion_rule("median").fit(task(*rows))
    assert beliefs.diagnostics["below_quorum"] == 1
    assert beliefs.variance[2] > max(beliefs.variance[:2])


def test_interval_by_hand():
    values = np.array([5.0, 1.0, 3.0, 2.0, 4.0])
    # n = 5: the extremes hold the median with 1 − 2/32, the second and fourth with 1 − 2·6/32.
    assert median_interval(values, 0.9374)[:2] == pytest.approx((1.0, 5.0), abs=2e-3)
    assert median_interval(values, 0.6251)[:2] == pytest.approx((2.0, 4.0), abs=2e-3)
    assert median_interval(values, 0.99) == (1.0, 5.0, 0.9375)
    assert median_interval(values[:1]) == (5.0, 5.0, 0.0)
    assert median_interval(values[:2]) == (1.0, 5.0, 0.5)


@pytest.mark.parametrize("size", [4, 5, 8, 15, 40])
def test_interval_holds_the_median_as_often_as_it_says(size):
    rng = np.random.default_rng(size)
    draws = 3_000
    for sample in (rng.normal(size=(draws, size)), rng.standard_t(2, (draws, size))):
        inside = [low <= 0 <= high for low, high, _ in map(median_interval, sample)]
        # Three standard errors of a share of 0.8, and what interpolation may miss.
        assert np.mean(inside) == pytest.approx(0.8, abs=0.022 + 0.01)


def test_interpolation_lies_between_neighbouring_order_statistics():
    values = np.arange(11.0)
    for coverage in (0.6, 0.7, 0.8, 0.9, 0.95):
        low, high, reached = median_interval(values, coverage)
        outer = int(max(k for k in range(1, 6) if 1 - 2 * binom.cdf(k - 1, 11, 0.5) > coverage))
        assert outer - 1 <= low <= outer
        assert low + high == pytest.approx(10.0)
        assert reached == coverage


def test_equal_answers_of_a_few_are_not_taken_for_certainty():
    spread = [(j, 2, value) for j, value in enumerate((1.0, 3.0, 5.0, 7.0, 9.0))]
    two = fit_median(task((0, 0, 5.0), (1, 0, 5.0), *spread))
    many = fit_median(task(*[(j, 0, 5.0) for j in range(50)], *spread))
    one = fit_median(task((0, 0, 5.0), *spread), 1)
    assert two.parameters["spread"] > 1
    assert np.sqrt(two.variance[0]) > 0.5
    assert one.variance[0] > two.variance[0] > many.variance[0] > 0
