"""Groups found in the answers, agreement across them, and the support of the least supportive community."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.fusion import (
    CommunityView,
    Component,
    CriterionBeliefs,
    bridging_support,
    fusion_rule,
    group_informed_consensus,
    opinion_groups,
    opinion_matrix,
    with_opinion_groups,
)
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._bridging_clusters import k_means, silhouette_of
from daccord.fusion.peers._opinion_groups import find_groups
from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.round import Criterion, RatingScale

SIZE = 12


def camps(seed: int, people: int = 30, share: float = 0.8, *, camps: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Opinions of people in camps of unequal size, and who is in which."""
    rng = np.random.default_rng(seed)
    camp = np.minimum(np.arange(people) // (people // 2 + 3), camps - 1) if camps == 2 else np.arange(people) % camps
    taste = rng.choice([-1.0, 1.0], (camps, SIZE))
    taste[1] = -taste[0]
    opinions = np.where(rng.random((people, SIZE)) < 0.9, taste[camp], -taste[camp])
    opinions[rng.random((people, SIZE)) > share] = np.nan
    return opinions, camp


def silhouette_by_hand(points: np.ndarray, division: np.ndarray) -> float:
    each = []
    for i in range(len(points)):
        distance = np.sqrt(np.sum((points - points[i]) ** 2, axis=1))
        own = (division == division[i]) & (np.arange(len(points)) != i)
        if not own.any():
            each.append(0.0)
            continue
        a = distance[own].mean()
        b = min(distance[division == g].mean() for g in set(division.tolist()) - {division[i]})
        each.append((b - a) / max(a, b))
    return float(np.mean(each))


@pytest.mark.parametrize("seed", range(4))
def test_camps_are_found(seed):
    opinions, camp = camps(seed)
    groups = find_groups(opinions)
    inside = groups.group >= 0
    assert inside.sum() > 20
    assert groups.clear
    assert groups.count == 2
    # The larger camp is group 0.
    assert np.array_equal(groups.group[inside], camp[inside])
    assert 0 < groups.explained <= 1


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_no_order_of_people_or_projects_and_no_sign_changes_the_groups(seed):
    rng = np.random.default_rng(seed)
    opinions, _ = camps(seed, people=20)
    opinions = opinions + rng.normal(0, 0.01, opinions.shape)  # no two people say exactly the same
    people, projects = rng.permutation(20), rng.permutation(SIZE)
    here, there = find_groups(opinions), find_groups(-opinions[people][:, projects])
    assert there.silhouette == pytest.approx(here.silhouette, abs=1e-9)
    same = here.group[people][:, None] == here.group[people][None, :]
    assert np.array_equal(same, there.group[:, None] == there.group[None, :])


@pytest.mark.parametrize("k", [2, 3, 4])
def test_silhouette_and_k_means_against_slow_ones(k):
    rng = np.random.default_rng(k)
    points = np.concatenate([rng.normal(centre, 0.3, (9, 2)) for centre in ([0, 0], [3, 0], [0, 4], [5, 5])[:k]])
    division = k_means(points, k)
    assert len(np.unique(division)) == k
    assert silhouette_of(points, division) == pytest.approx(silhouette_by_hand(points, division))
    assert silhouette_of(points, np.arange(len(points)) // 2) == pytest.approx(
        silhouette_by_hand(points, np.arange(len(points)) // 2)
    )
    # Every slice of nine was drawn around one centre.
    assert all(len(np.unique(division[9 * g : 9 * g + 9])) == 1 for g in range(k))


def test_one_mind_is_not_a_clear_division_and_small_or_silent_crowds_are_none():
    rng = np.random.default_rng(0)
    assert not find_groups(rng.normal(size=(40, SIZE))).clear
    for opinions in (np.zeros((9, SIZE)), np.full((9, SIZE), np.nan), np.zeros((1, SIZE)), np.zeros((0, SIZE))):
        groups = find_groups(opinions)
        assert not groups.clear
        assert groups.silhouette == 0.0
        assert np.all(groups.group <= 0)
    few = np.full((5, SIZE), np.nan)
    few[:, :3] = 1.0
    assert np.all(find_groups(few).group == -1)


def test_consensus_by_hand():
    nan = np.nan
    opinions = np.array([[1, 1, nan], [1, -1, nan], [-1, 1, nan], [nan, 0, 1]])
    group = np.array([0, 0, 1, -1])
    found = group_informed_consensus(opinions, group)
    # Group 0: 2 of 2, 1 of 2, nobody. Group 1: 0 of 1, 1 of 1, nobody.
    assert found == pytest.approx([3 / 4 * 1 / 3, 2 / 4 * 2 / 3, 1 / 4])


def rated_task(opinions: np.ndarray, communities: list[str] | None = None) -> FusionTask:
    judge, project = np.nonzero(np.isfinite(opinions))
    none = np.full(len(judge), np.nan)
    names = communities or [""] * len(opinions)
    panel = Panel(tuple(Judge(f"j{i:02}", "person", name) for i, name in enumerate(names)))
    ratings = Ratings(judge, project, 5 + 4 * opinions[judge, project], none, none)
    projects = tuple(f"p{i:02}" for i in range(opinions.shape[1]))
    criterion = Criterion("benefit", "?", RatingScale(0, 10))
    return FusionTask(criterion, projects, panel, Judgments(Comparisons.empty(), ratings))


def test_opinions_of_a_task():
    opinions, camp = camps(1)
    task = rated_task(opinions)
    people, matrix = opinion_matrix(task)
    assert np.array_equal(people, np.arange(30))
    assert np.array_equal(np.isfinite(matrix), np.isfinite(opinions))
    assert np.nanmax(np.abs(matrix - 0.4 * opinions)) < 1e-12
    people, groups = opinion_groups(task)
    inside = groups.group >= 0
    assert np.array_equal(groups.group[inside], camp[people][inside])


def test_opinions_from_comparisons():
    table = Comparisons(
        np.array([0, 0, 1]), np.array([0, 1, 2]), np.array([1, 2, 0]), np.array([1, 1, 1]), np.array([1.0, 1.0, np.nan])
    )
    task = rated_task(np.full((3, 4), np.nan))
    people, matrix = opinion_matrix(replace(task, judgments=Judgments(table, Ratings.empty())))
    assert people.tolist() == [0, 1]
    assert matrix[0, 0] > matrix[0, 1] > matrix[0, 2]
    assert matrix[1, 2] == pytest.approx(-matrix[1, 0])
    assert np.isnan(matrix[:, 3]).all()


def test_found_groups_stand_in_for_communities_where_none_are_declared():
    opinions, camp = camps(2)
    found = with_opinion_groups(rated_task(opinions))
    assert set(found.panel.communities) == {"found 1", "found 2"}
    for judge, name in zip(found.panel, camp, strict=True):
        assert judge.community in {"", f"found {name + 1}"}
    support = bridging_support(fusion_rule("median").fit(found))
    assert set(support.community) <= {"found 1", "found 2", ""}
    declared = rated_task(opinions, ["town"] * 30)
    assert with_opinion_groups(declared) is declared
    one_mind = rated_task(np.tile(np.linspace(-1, 1, SIZE), (20, 1)))
    assert with_opinion_groups(one_mind) is one_mind
    silent = rated_task(np.full((4, SIZE), np.nan))
    assert with_opinion_groups(silent) is silent


def beliefs_with(views: dict[str, CommunityView], size: int = 3) -> CriterionBeliefs:
    component = Component(1.0, np.zeros(size), np.ones(size))
    none = np.zeros(size, dtype=np.int64)
    return CriterionBeliefs("benefit", "any", (component,), none, none, community_views=views)


def test_bridging_support_by_hand():
    nan = np.nan
    views = {
        "north": CommunityView(np.array([1.0, 0.5, nan]), np.array([0.1, 0.2, nan]), 3, 9),
        "south": CommunityView(np.array([-1.0, 0.5, 0.3]), np.array([0.3, 0.4, 0.1]), 2, 5),
    }
    found = bridging_support(beliefs_with(views))
    assert found.community == ("south", "south", "")
    assert found.heard.tolist() == [2, 2, 1]
    assert found.support[:2].tolist() == [-1.0, 0.5]
    assert np.isnan(found.support[2])
    assert found.low[0] == pytest.approx(-1.0 - 1.2815515655 * 0.3)
    assert found.high[1] == pytest.approx(0.5 + 1.2815515655 * 0.4)
    nothing = bridging_support(beliefs_with({}))
    assert np.isnan(nothing.support).all()
    assert nothing.community == ("", "", "")


def test_a_project_one_community_rejects_has_less_support_than_one_all_like_a_little():
    opinions = np.zeros((20, 3))
    opinions[:10, 0], opinions[10:, 0] = 1.0, -1.0
    opinions[:, 1] = 0.2
    task = rated_task(opinions, ["north"] * 10 + ["south"] * 10)
    for rule in ("median", "qr-median", "hierarchical"):
        beliefs = fusion_rule(rule).fit(task)
        support = bridging_support(beliefs)
        assert support.support[1] > support.support[0]
        assert np.all(support.low <= support.support)
        assert np.all(support.support <= support.high)
