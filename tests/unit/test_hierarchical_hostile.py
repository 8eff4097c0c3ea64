"""Answers that no sane round holds: each gives a defined result, finite everywhere, with a warning where one is due."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.hierarchical_cases import SCALE, TYPICAL, asked

from daccord.fusion import CriterionBeliefs, fusion_rule
from daccord.judging import Comparisons, Judgments, ModelList, Rankings, Ratings
from daccord.round import RatingScale, Threshold

PAIRS = list(combinations(range(6), 2))
NAN = math.nan
FAR = 300 * math.log(10)
"""ln 10^300."""


def fit(
    comparisons: list[tuple[int, int, int, int, float]] | None = None,
    *,
    ratings: list[tuple[int, int, float]] | None = None,
    rankings: list[tuple[int, int, list[int]]] | None = None,
    lists: dict[str, list[float]] | None = None,
    scale: RatingScale | None = SCALE,
    threshold: Threshold | None = TYPICAL,
) -> CriterionBeliefs:
    """Fuse answers of five people about six projects: (juror, a, b, outcome, ln ratio), (juror, project, rating), and
    (juror, places, projects)."""
    table, rated, ranked = comparisons or [], ratings or [], rankings or []
    columns = [np.array(column) for column in zip(*table, strict=True)] if table else [np.empty(0, dtype=int)] * 5
    value = [np.array(column) for column in zip(*rated, strict=True)] if rated else [np.empty(0, dtype=int)] * 3
    none = np.full(len(rated), np.nan)
    judgments = Judgments(
        Comparisons(*columns[:4], columns[4].astype(float)),
        Ratings(value[0], value[1], value[2].astype(float), none, none),
        tuple(
            ModelList(name, {f"p{i:02}": w for i, w in enumerate(weights)}) for name, weights in (lists or {}).items()
        ),
        Rankings(
            np.array([judge for judge, _, _ in ranked], dtype=int),
            np.cumsum([0, *(len(places) for _, _, places in ranked)]),
            np.array([placed for _, placed, _ in ranked], dtype=int),
            np.array([p for _, _, places in ranked for p in places], dtype=int),
        ),
    )
    task = asked(judgments, 6, 5, models=tuple(lists or {}), scale=scale, threshold=threshold)
    beliefs = fusion_rule("hierarchical").fit(task)
    assert_finite(beliefs)
    return beliefs


def assert_finite(beliefs: CriterionBeliefs) -> None:
    """No NaN and no infinity anywhere but where a community said nothing."""
    for values in (beliefs.mean, beliefs.covariance, *beliefs.centred):
        assert np.isfinite(values).all()
    assert beliefs.above is None or np.isfinite(beliefs.above).all()
    assert (np.linalg.eigvalsh(beliefs.covariance) > 0).all()
    for view in beliefs.juror_views:
        assert np.isfinite([view.stretch, view.stretch_sd, view.offset, view.offset_sd, view.noise]).all()
    for community in beliefs.community_views.values():
        assert np.array_equal(np.isnan(community.mean), np.isnan(community.sd))
    assert np.isfinite(list(beliefs.parameters.values())).all()
    assert np.isfinite(list(beliefs.diagnostics.values())).all()
    assert beliefs.diagnostics["optimality_residual"] < 1e-4


def everyone(outcome: int, ratio: float) -> list[tuple[int, int, int, int, float]]:
    return [(j, a, b, outcome, ratio) for j in range(5) for a, b in PAIRS]


def said(beliefs: CriterionBeliefs) -> str:
    return " / ".join(beliefs.warnings)


def test_parts_that_no_answer_links_are_placed_by_the_prior_and_it_is_said():
    beliefs = fit([(j, a, b, 1, 0.5) for j in range(5) for a, b in ((0, 1), (1, 2), (3, 4), (4, 5))])
    assert "no answer links p03, p04, p05 to the other projects" in said(beliefs)
    within, across = np.zeros(6), np.zeros(6)
    within[[0, 2]], across[[0, 3]] = (1, -1), (1, -1)
    assert across @ beliefs.covariance @ across > 3 * within @ beliefs.covariance @ within


@pytest.mark.parametrize("link", ["comparison", "ratings", "ranking"])
def test_one_answer_of_any_kind_links_the_parts(link):
    parted = [(j, a, b, 1, 0.5) for j in range(5) for a, b in ((0, 1), (1, 2), (3, 4), (4, 5))]
    beliefs = fit(
        [*parted, (0, 2, 3, 1, 0.2)] if link == "comparison" else parted,
        ratings=[(0, 0, 6.0), (0, 3, 4.0)] if link == "ratings" else None,
        rankings=[(0, 1, [2, 3])] if link == "ranking" else None,
    )
    assert "no answer links" not in said(beliefs)


def test_a_juror_with_one_comparison_is_heard_a_little():
    [*others, last] = fit([*everyone(1, 0.5)[:-15], (4, 0, 1, -1, -2.0)]).juror_views
    assert last.answers == 1
    assert last.stretch_sd > max(view.stretch_sd for view in others)


def test_a_single_answer_and_a_single_ranking():
    assert fit([(0, 0, 1, 1, 1.0)]).mean[0] > 0
    mean = fit(rankings=[(0, 6, [3, 1, 0, 2, 4, 5])]).mean
    assert list(np.argsort(-mean)) == [3, 1, 0, 2, 4, 5]


@pytest.mark.parametrize("ratio", [NAN, 0.0])
def test_ties_alone_leave_all_projects_alike(ratio):
    beliefs = fit(everyone(0, ratio))
    assert np.allclose(beliefs.mean, 0, atol=1e-9)


@pytest.mark.parametrize("ratio", [NAN, 1.0, 9.0])
def test_cycles_leave_the_three_alike_and_unsure(ratio):
    sign = [1, 1, -1]
    cycle = [
        (j, a, b, s, s * ratio) for j in range(5) for (a, b), s in zip(((0, 1), (1, 2), (0, 2)), sign, strict=True)
    ]
    beliefs = fit(cycle)
    assert np.allclose(beliefs.mean[:3], 0, atol=1e-6)
    if ratio == 9.0:
        assert "people's ratios are off by a factor of about" in said(beliefs)


def test_a_project_nobody_judged_keeps_its_prior():
    beliefs = fit([answer for answer in everyone(1, 0.5) if 5 not in answer[1:3]])
    assert beliefs.jurors[5] == 0
    assert beliefs.mean[5] == pytest.approx(0, abs=1e-9)
    assert beliefs.variance[5] > 3 * beliefs.variance[:5].max()


def test_one_ratio_of_ten_to_the_three_hundred_does_not_pull():
    plain, wild = fit(everyone(1, 0.5)), fit([*everyone(1, 0.5), (0, 0, 5, -1, -FAR)])
    assert np.allclose(plain.mean, wild.mean, atol=0.05)
    assert "ratios beyond a billion to one: 1" in said(wild)


@pytest.mark.parametrize("others", [False, True])
def test_ratios_of_ten_to_the_three_hundred_alone_say_next_to_nothing(others):
    signs = np.random.default_rng(0).choice([-1, 1], len(PAIRS))
    beliefs = fit(
        [(j, a, b, int(s), FAR * s) for j in range(5) for (a, b), s in zip(PAIRS, signs, strict=True)],
        ratings=[(j, p, 10.0 if p < 3 else 0.0) for j in range(5) for p in range(6)] if others else None,
        rankings=[(j, 6, list(range(6))) for j in range(5)] if others else None,
    )
    assert np.abs(beliefs.mean).max() < 1.0
    assert "look for mistyped ratios" in said(beliefs)


@pytest.mark.parametrize("ends", [(10.0,) * 6, (10.0, 10.0, 10.0, 0.0, 0.0, 0.0)])
def test_ratings_at_the_ends_alone(ends):
    beliefs = fit(ratings=[(j, p, ends[p]) for j in range(5) for p in range(6)], threshold=Threshold("rating", 5))
    assert np.allclose(beliefs.mean, beliefs.mean[[1, 2, 0, 4, 5, 3]], atol=1e-6)
    assert beliefs.above is not None
    assert np.array_equal(beliefs.above > 0.5, np.array(ends) > 5)


def test_ratings_without_a_declared_scale_may_be_of_any_size():
    beliefs = fit(ratings=[(j, p, 1e300 * (p - 2)) for j in range(5) for p in range(6)], scale=None)
    assert (np.diff(beliefs.mean) > 0).all()


@pytest.mark.parametrize(
    "rankings",
    [
        [(j, 1, [0, 1, 2, 3, 4, 5]) for j in range(5)],
        [(j, 6, [0, 1, 2, 3, 4, 5]) for j in range(5)] * 4,
        [(j, 6, [0, 1, 2, 3, 4, 5][:: (-1) ** j]) for j in range(4)],
        [(j, 6, [(j + i) % 6 for i in range(6)]) for j in range(5)],
        [(0, 2, [0, 1]), (1, 1, [2, 3])],
    ],
    ids=["first only", "all agree", "opposed", "cyclic", "parted pairs"],
)
def test_rankings_of_every_shape(rankings):
    fit(rankings=rankings)


@pytest.mark.parametrize("weights", [[1.0] * 6, [1e-300, 1.0, 1.0, 1.0, 1e300, 1.0]])
def test_lists_that_say_nothing_or_far_too_much(weights):
    beliefs = fit(everyone(1, 0.5), lists={"m": weights})
    assert sum(voice.coefficient for voice in beliefs.voices) == pytest.approx(0, abs=0.2)
    assert "m says the same of every project" in said(beliefs) or beliefs.voices


@st.composite
def malformed(draw):
    """Answers without any sense: sizes from nothing to 10^±300, the same pair both ways, rankings of any shape."""
    juror, project = st.integers(0, 4), st.integers(0, 5)
    size = st.sampled_from([0.0, 1e-12, 0.1, 1.0, 40.0, FAR]) | st.floats(0.01, 5)
    comparisons = []
    for j, a, b, ratio, sign, graded in draw(
        st.lists(st.tuples(juror, project, project, size, st.sampled_from([-1, 1]), st.booleans()), max_size=14)
    ):
        if a != b:
            outcome = 0 if ratio == 0 else sign
            comparisons.append((j, a, b, outcome, sign * ratio if graded else NAN))
    ratings = draw(st.lists(st.tuples(juror, project, st.sampled_from([0.0, 5.0, 9.9, 10.0])), max_size=8))
    rankings = []
    for j, places in draw(st.lists(st.tuples(juror, st.lists(project, min_size=2, unique=True)), max_size=4)):
        rankings.append((j, draw(st.integers(1, len(places))), places))
    return comparisons, ratings, rankings


@settings(max_examples=8, deadline=None)
@given(malformed())
def test_whatever_is_answered_the_result_is_finite(answers):
    comparisons, ratings, rankings = answers
    if comparisons or ratings or rankings:
        fit(comparisons, ratings=ratings, rankings=rankings)
