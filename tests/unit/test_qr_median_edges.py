"""Odd juries under `qr-median`, `median` and `bridging`: a finite, visible result or an error that says what to do."""

from __future__ import annotations

import numpy as np
import pytest

from daccord.errors import InputError, NoPeopleError
from daccord.fusion import fusion_rule
from daccord.fusion._task import FusionTask
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Rankings, Ratings
from daccord.round import Criterion, RatingScale, Threshold

RULES = pytest.mark.parametrize("name", ["median", "qr-median", "bridging"])

TYPICAL = Threshold("relative", 1.0)


def compared(*rows: tuple[int, int, int, float | None]) -> Comparisons:
    """Rows (judge, a, b, ln ratio): None is an order, a before b; 0 a tie."""
    ratio = np.array([np.nan if told is None else told for *_, told in rows])
    outcome = [1 if told is None else int(np.sign(told)) for *_, told in rows]
    return Comparisons(*(np.array([row[k] for row in rows]) for k in range(3)), np.array(outcome), ratio)


def rated(*rows: tuple[int, int, float]) -> Ratings:
    none = np.full(len(rows), np.nan)
    judge, project, value = (np.array([row[k] for row in rows]) for k in range(3))
    return Ratings(judge, project, value, none, none)


def task(
    comparisons: Comparisons | None = None,
    ratings: Ratings | None = None,
    *,
    size: int = 4,
    people: int = 5,
    threshold: Threshold = TYPICAL,
    **others,
) -> FusionTask:
    panel = Panel(tuple(Judge(f"j{i}", "person", ("north", "south")[i % 2]) for i in range(people)))
    judgments = Judgments(
        Comparisons.empty() if comparisons is None else comparisons,
        Ratings.empty() if ratings is None else ratings,
        **others,
    )
    projects = tuple(f"p{i}" for i in range(size))
    return FusionTask(Criterion("benefit", "?", RatingScale(0, 10), threshold), projects, panel, judgments)


def fit(name: str, asked: FusionTask):
    beliefs = fusion_rule(name).fit(asked)
    assert np.all(np.isfinite(beliefs.mean))
    assert np.all(np.isfinite(beliefs.variance))
    assert np.all(beliefs.variance > 0)
    if beliefs.above is not None:
        assert np.all((beliefs.above >= 0) & (beliefs.above <= 1))
    return beliefs


@RULES
def test_a_single_comparison(name):
    asked = task(compared((0, 0, 1, None), (1, 0, 1, None)))
    beliefs = fit(name, asked)
    assert beliefs.mean[0] > beliefs.mean[1]
    # Nobody said a word about the others: they are less certain than any, and a warning names them.
    assert min(beliefs.variance[2:]) > max(beliefs.variance[:2])
    assert any("p2, p3" in warning for warning in beliefs.warnings)
    assert beliefs.judgments.tolist() == [2, 2, 0, 0]


@RULES
def test_one_juror_alone(name):
    asked = task(compared((0, 0, 1, 1.0)), rated((0, 2, 9.0)))
    if name == "median":
        with pytest.raises(InputError, match="too few people"):
            fusion_rule(name).fit(asked)
    else:
        fit(name, asked)


@RULES
def test_ties_only(name):
    beliefs = fit(name, task(compared(*[(j, a, (a + 1) % 4, 0.0) for j in range(3) for a in range(4)])))
    assert np.ptp(beliefs.mean) < 1e-9


@RULES
def test_a_contradictory_cycle(name):
    beliefs = fit(name, task(compared(*[(j, a, (a + 1) % 4, None) for j in range(3) for a in range(4)])))
    assert np.ptp(beliefs.mean) < 1e-7


@RULES
@pytest.mark.parametrize("size", [690.0, 1e4, 1e300])
def test_ratios_beyond_all_measure(name, size):
    rows = [(j, 0, 1, size) for j in range(3)] + [(j, 1, 2, -size) for j in range(3)]
    beliefs = fit(name, task(compared(*rows, (3, 2, 1, None), (4, 0, 3, 1.0))))
    assert beliefs.mean[0] > beliefs.mean[1]
    assert beliefs.mean[2] > beliefs.mean[1]


@RULES
@pytest.mark.parametrize("value", [0.0, 5.0, 10.0])
def test_the_same_rating_of_everything(name, value):
    beliefs = fit(name, task(None, rated(*[(j, p, value) for j in range(4) for p in range(4)])))
    assert np.ptp(beliefs.mean) < 1e-9


@RULES
def test_opposite_camps_leave_everything_in_the_middle(name):
    rows = [(j, p, 10.0 if (j + p) % 2 else 0.0) for j in range(4) for p in range(4)]
    beliefs = fit(name, task(None, rated(*rows)))
    assert beliefs.mean == pytest.approx(np.zeros(4), abs=1e-6)


@RULES
def test_nobody_answered_and_nobody_answered_usefully(name):
    with pytest.raises(NoPeopleError):
        fusion_rule(name).fit(task(lists=(ModelList("m", {f"p{i}": 1.0 for i in range(4)}),)))
    one = np.array([0])
    rankings = Rankings(one, np.array([0, 2]), one + 1, np.array([0, 1]))
    with pytest.raises(InputError, match="nothing that rule"):
        fusion_rule(name).fit(task(rankings=rankings))


@RULES
def test_what_is_not_used_is_said(name):
    one = np.array([0])
    rankings = Rankings(one, np.array([0, 2]), one + 1, np.array([0, 1]))
    comparisons = compared(*[(j, a, b, None) for j in range(3) for a in range(4) for b in range(4) if a < b])
    beliefs = fit(name, task(comparisons, rankings=rankings))
    assert any("rankings of people: 1 set aside" in warning for warning in beliefs.warnings)
    assert beliefs.judgments.tolist() == [9, 9, 9, 9]


@RULES
def test_a_bar_on_the_rating_scale(name):
    bar = Threshold("rating", 7.0)
    rows = [(j, p, 9.0 if p == 0 else 3.0 + 0.1 * j) for j in range(5) for p in range(3)]
    with_ratings = fit(name, task(None, rated(*rows), threshold=bar))
    only_compared = fit(name, task(compared(*[(j, 0, 1, None) for j in range(3)]), threshold=bar))
    assert only_compared.above is None
    assert any("no rating level" in warning for warning in only_compared.warnings)
    if name == "qr-median":
        assert with_ratings.above is None
    else:
        assert with_ratings.above[0] > 0.5 > with_ratings.above[1]
    if name == "median":
        # By hand: 9 is four points above the middle, the bar two; a sixth of the scale is 10/6 points.
        assert with_ratings.components[0].margin[0] == pytest.approx((9 - 7) / (10 / 6))


@RULES
def test_communities_speak_for_themselves(name):
    rows = [(j, p, {0: (8, 7), 1: (2, 8)}[p][j % 2] + 0.2 * j) for j in range(6) for p in range(2)]
    rows += [(j, 2, 4.0) for j in range(0, 6, 2)]
    beliefs = fit(name, task(None, rated(*rows), people=6, size=3))
    north, south = beliefs.community_views["north"], beliefs.community_views["south"]
    assert north.mean[0] > north.mean[1]
    assert south.mean[1] > south.mean[0]
    assert np.isnan(south.mean[2])
    assert not np.isnan(north.mean[2])
    assert beliefs.communities["north"][0] > 0.5 > beliefs.communities["north"][1]
    alone = fusion_rule(name).fit(task(None, rated(*[row for row in rows if row[0] % 2 == 0]), people=6, size=3))
    assert north.mean - np.nanmean(north.mean) == pytest.approx(alone.mean - alone.mean.mean(), abs=1e-6)


@RULES
def test_models_and_skips_are_no_evidence(name):
    comparisons = compared(*[(j, a, b, 0.3 * (a - b)) for j in range(4) for a in range(4) for b in range(4) if a != b])
    plain = fit(name, task(comparisons))
    lists = (ModelList("m", {f"p{i}": 10.0**i for i in range(4)}),)
    with_list = fit(name, task(comparisons, lists=lists))
    assert with_list.mean.tolist() == plain.mean.tolist()
    assert any("lists of models: 1 set aside" in warning for warning in with_list.warnings)
