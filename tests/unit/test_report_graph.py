"""What people's answers cover."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.report_cases import build_round

from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.portfolio import Portfolio, Project
from daccord.report._graph import circle, coverage


def _round(pairs, ratings=(), conflicts=()):
    """Six projects; pairs are (judge, a, b), ratings (judge, project); judge 3 is a model."""
    judges = [Judge(f"p{j}", "person", conflicts=conflicts if j == 0 else ()) for j in range(3)]
    judges.append(Judge("m", "model"))
    columns = [np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True)] if pairs else [[], [], []]
    ones = np.ones(len(pairs), dtype=np.int64)
    comparisons = Comparisons(*columns, ones, np.full(len(pairs), np.nan))
    who, what = zip(*ratings, strict=True) if ratings else ((), ())
    nothing = np.full(len(ratings), np.nan)
    rated = Ratings(
        np.array(who, dtype=np.int64), np.array(what, dtype=np.int64), np.ones(len(ratings)), nothing, nothing
    )
    small = build_round()
    return replace(
        small,
        portfolio=Portfolio(tuple(Project(f"x{i}", f"X{i}", team="T" if i == 5 else "") for i in range(6))),
        panel=Panel(tuple(judges)),
        criteria=small.criteria[:1],
        judgments={"benefit": Judgments(comparisons, rated)},
    )


def test_edges_are_counted_without_regard_to_side_and_models_do_not_count():
    cover = coverage(_round([(0, 0, 1), (1, 1, 0), (3, 2, 3)]), "benefit")
    assert dict(cover.edges) == {(0, 1): 2}
    assert (cover.comparisons, cover.ratings, cover.jurors) == (2, 0, 2)
    assert cover.silent == (2, 3, 4, 5)
    assert cover.components[0] == (0, 1)


def test_ratings_connect_what_one_person_rated():
    cover = coverage(_round([(0, 0, 1)], [(1, 1), (1, 2), (2, 4)]), "benefit")
    assert cover.components[0] == (0, 1, 2)
    assert (4,) in cover.components
    assert cover.silent == (3, 5)


@pytest.mark.parametrize("tie", ["x5", "T"])
def test_answers_under_a_conflict_are_set_aside(tie):
    cover = coverage(_round([(0, 0, 5), (1, 0, 1)], [(0, 5)], conflicts=(tie,)), "benefit")
    assert dict(cover.edges) == {(0, 1): 1}
    assert cover.ratings == 0
    assert 5 in cover.silent


def test_circle_has_every_project_once_and_parts_side_by_side():
    cover = coverage(_round([(0, 0, 4), (0, 4, 2), (1, 1, 3), (1, 1, 3)]), "benefit")
    order = [i for i, _, _ in circle(cover)]
    assert sorted(order) == list(range(6))
    assert set(order[:3]) == {0, 2, 4}
    assert set(order[3:5]) == {1, 3}
    assert all(x * x + y * y == pytest.approx(1) for _, x, y in circle(cover))


def test_projects_left_out_get_no_place_and_the_others_share_the_circle():
    cover = coverage(_round([(0, 0, 1), (0, 1, 2)]), "benefit")
    spots = circle(cover, cover.silent)
    assert sorted(i for i, _, _ in spots) == [0, 1, 2]
    assert spots[1][1:] == pytest.approx((math.sqrt(3) / 2, -0.5))
