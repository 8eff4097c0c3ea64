"""What the rule says about each juror and each community, on simulated answers whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.hierarchical_cases import UNIT, simulate

from daccord.fusion import CriterionBeliefs, fusion_rule
from daccord.fusion.hierarchical._evidence import RATINGS_SPAN


def fit(told) -> CriterionBeliefs:
    return fusion_rule("hierarchical").fit(told.task)


@pytest.fixture(scope="module")
def known() -> list[tuple]:
    """Rounds in which each of ten jurors says enough to be known."""
    rounds = [
        simulate(
            seed, projects=12, ratios=240, orders=60, ratings=200, intervals=0.0, spread=0.5, offsets=1.0, careless=2.5
        )
        for seed in range(3)
    ]
    return [(told, fit(told)) for told in rounds]


def test_every_juror_who_answered_is_there_in_the_order_of_the_panel():
    told = simulate(1, ratios=30, jurors=6)
    silent = told.task.only(np.array([True, False, True, True, False, True]))
    views = fusion_rule("hierarchical").fit(silent).juror_views
    assert [view.juror for view in views] == ["j00", "j02", "j03", "j05"]
    assert [view.answers for view in views] == [5, 5, 5, 5]


def test_a_ranking_is_one_answer_of_its_juror():
    views = fit(simulate(2, ratios=20, rankings=3, jurors=5)).juror_views
    assert [view.answers for view in views] == [4 + 3] * 5


def test_stretch_is_recovered(known):
    """Within its own standard deviations, relative to the typical juror."""
    off, sure = [], []
    for told, beliefs in known:
        log_stretch = np.log([view.stretch for view in beliefs.juror_views])
        sd = np.array([view.stretch_sd for view in beliefs.juror_views])
        true = told.stretch - told.stretch.mean()
        assert np.corrcoef(log_stretch, true)[0, 1] > 0.8  # who says little clearly is hardly heard, and stays near 0
        off.append((log_stretch - true) / sd)
        sure.append(sd)
    assert np.sqrt(np.mean(np.square(off))) == pytest.approx(1.0, abs=0.35)
    assert np.mean(sure) < 0.25


def test_offset_is_recovered(known):
    off = []
    for told, beliefs in known:
        offset = np.array([view.offset for view in beliefs.juror_views]) * 10 / RATINGS_SPAN
        sd = np.array([view.offset_sd for view in beliefs.juror_views]) * 10 / RATINGS_SPAN
        true = told.offset - told.offset.mean()
        assert np.corrcoef(offset, true)[0, 1] > 0.75
        off.append((offset - offset.mean() - true) / sd)
    # Jurors who are hardly heard have wide intervals, so the standardised errors are below one.
    assert 0.5 < np.sqrt(np.mean(np.square(off))) < 1.35


def test_careless_jurors_are_told_by_their_noise(known):
    careless, careful = [], []
    for told, beliefs in known:
        noise = np.array([view.noise for view in beliefs.juror_views])
        careless += noise[told.noise > 1].tolist()
        careful += noise[told.noise == 1].tolist()
    assert min(careless) > max(careful)
    # Careless jurors scatter 2.5 times as much; a factor is drawn a little towards the typical juror's.
    assert 1.7 < np.mean(careless) / np.mean(careful) < 2.8


def test_without_ratings_there_is_no_offset():
    for view in fit(simulate(3, ratios=60)).juror_views:
        assert (view.offset, view.offset_sd) == (0.0, 0.0)


def test_a_lone_juror_is_the_typical_one():
    [view] = fit(simulate(4, jurors=1, ratios=30)).juror_views
    assert view.stretch == pytest.approx(1.0, abs=1e-12)
    assert view.stretch_sd == pytest.approx(0.0, abs=1e-6)


def test_rating_points_a_natural_log_unit_are_recovered(known):
    found = [beliefs.parameters["rating_units_per_nat"] for _, beliefs in known]
    assert np.mean(found) == pytest.approx(UNIT, rel=0.1)


def test_communities_are_seen_apart_relative_to_what_they_spoke_about():
    """Two communities that want the opposite: their own log-values agree with their own truth and not the other's."""
    north = simulate(5, projects=10, jurors=12, ratios=240, rankings=2)
    south = simulate(6, projects=10, jurors=12, ratios=240, rankings=2)
    odd = np.arange(12) % 2 == 0
    task, other = north.task.only(odd), south.task.only(~odd)
    judgments = task.judgments
    merged = type(judgments)(
        _joined(judgments.comparisons, other.judgments.comparisons),
        judgments.ratings,
        (),
        task.rankings,
        judgments.skips,
    )
    beliefs = fusion_rule("hierarchical").fit(type(task)(task.criterion, task.projects, task.panel, merged))
    assert set(beliefs.community_views) == {"north", "south"}
    views = beliefs.community_views
    assert (views["north"].jurors, views["south"].jurors) == (6, 6)
    assert (views["north"].answers, views["south"].answers) == (120 + 12, 120)
    for name, own in (("north", north), ("south", south)):
        view = views[name]
        assert view.mean.mean() == pytest.approx(0, abs=1e-9)
        assert np.corrcoef(view.mean, own.values)[0, 1] > 0.9
        z = (view.mean - own.values) / view.sd
        assert np.sqrt(np.mean(z**2)) < 1.6


def _joined(one, other):
    columns = ("judge", "a", "b", "outcome", "log_ratio")
    return type(one)(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in columns))


def test_projects_a_community_did_not_speak_about_have_no_figure():
    told = simulate(7, projects=12, jurors=8, ratios=80)
    table = told.task.judgments.comparisons
    south = table.judge % 2 == 1
    keep = ~south | ((table.a < 6) & (table.b < 6))
    judgments = type(told.task.judgments)(table.take(keep), told.task.judgments.ratings)
    beliefs = fusion_rule("hierarchical").fit(
        type(told.task)(told.task.criterion, told.task.projects, told.task.panel, judgments)
    )
    view = beliefs.community_views["south"]
    assert np.isnan(view.mean[6:]).all()
    assert np.isnan(view.sd[6:]).all()
    assert view.mean[:6].mean() == pytest.approx(0, abs=1e-9)
    assert np.isnan(beliefs.communities["south"][6:]).all()
    assert np.corrcoef(view.mean[:6], told.values[:6])[0, 1] > 0.9
