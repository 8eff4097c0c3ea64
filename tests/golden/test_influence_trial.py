"""The influence of jurors on the Deep Funding trial 2025, as its public analysis states it, by the public function.

Source: README of davidgasquez/deepfunding-trial-data-analysis: leaving out L1Juror38 moves the largest weight under
least squares by +0.141, and all weights by 0.364 in the sum of absolute shifts.
"""

from __future__ import annotations

import pytest
from tests.golden.test_trial_published import EIPS, data  # noqa: F401 - the fixture

from daccord.fusion import juror_influence


@pytest.fixture
def task(data):  # noqa: F811 - pytest's way to name a fixture
    return data.task()


@pytest.mark.parametrize("refits", [60, 0])
def test_the_published_figure_of_least_squares_refitted_and_in_one_step(task, refits):
    report = juror_influence(task, "least-squares", refits=refits)
    assert len(report.jurors) == 37
    strongest = report.jurors[0]
    assert strongest.juror == "L1Juror38"
    assert strongest.share == pytest.approx(0.141, abs=5e-4)
    assert strongest.share_project == EIPS
    assert strongest.shares_moved == pytest.approx(0.364, abs=5e-4)
    assert max(abs(juror.share) for juror in report.jurors) == strongest.share


def test_huber_takes_a_quarter_off_it(task):
    report = juror_influence(task, "huber")
    assert max(abs(juror.share) for juror in report.jurors) == pytest.approx(0.109, abs=5e-4)


def test_hierarchical_takes_most_of_it_off_and_no_juror_moved_more_than_the_bound(task):
    report = juror_influence(task, "hierarchical")
    assert max(abs(juror.share) for juror in report.jurors) < 0.141 / 2
    assert max(juror.shares_moved for juror in report.jurors) < 0.364 / 2
    for juror in report.jurors:
        assert juror.log_value_bound is not None
        assert abs(juror.log_value) < juror.log_value_bound
