"""People's answers in one unit, and which of them a model could have seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from daccord.fusion._task import FusionTask
from daccord.fusion.models import _answers
from daccord.fusion.models._answers import FAR, KINDS, Answers, gather_answers, seen_by
from daccord.fusion.models._noise import gram_of
from daccord.judging import NEVER, Comparisons, Judge, Judgments, Panel, Rankings, Ratings
from daccord.round import Criterion

NAN = float("nan")
JUDGES = (
    Judge("ann", "person"),
    Judge("bob", "person"),
    Judge("early", "model", committed=100),
    Judge("late", "model", committed=200),
    Judge("open", "model"),
    Judge("exposed", "model", exposure="seen", committed=1),
)


def task() -> FusionTask:
    """Two ratios, an order, a tie; three ratings by one person and one by the other; a top-two of four."""
    comparisons = Comparisons(
        [0, 0, 1, 1],
        [0, 1, 2, 3],
        [1, 2, 3, 0],
        [1, -1, 1, 0],
        [np.log(4.0), -np.log(2.0), NAN, NAN],
        np.array([100, 101, 200, NEVER]),
    )
    ratings = Ratings(
        [0, 0, 0, 1], [0, 1, 2, 3], [2.0, 4.0, 9.0, 7.0], *[np.full(4, NAN)] * 2, np.array([50, 150, 250, 300])
    )
    rankings = Rankings([1], [0, 4], [2], [3, 1, 0, 2])
    return FusionTask(
        Criterion("benefit", "?"), ("p", "q", "r", "s"), Panel(JUDGES), Judgments(comparisons, ratings, (), rankings)
    )


def test_all_kinds_stand_in_the_tasks_order():
    told = gather_answers(task())
    assert [KINDS[kind] for kind in told.kind] == [*["ratio"] * 2, *["order"] * 2, *["rating"] * 4, *["ranking"] * 3]
    assert told.a.tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 3, 1, 1]
    assert told.b.tolist() == [1, 2, 3, 0, -1, -1, -1, -1, 1, 0, 2]
    assert told.y[2:4].tolist() == [1.0, 0.0]
    assert told.y[8:].tolist() == [1.0, 1.0, 1.0]
    ratio = 1.4826 * np.median([np.log(4.0), np.log(2.0)])
    assert told.y[:2] == pytest.approx([np.log(4.0) / ratio, -np.log(2.0) / ratio])
    rating = 1.4826 * np.median([3.0, 1.0, 4.0, 0.0])
    assert told.y[4:8] == pytest.approx(np.array([-3.0, -1.0, 4.0, 0.0]) / rating)


def test_no_answer_counts_more_than_three_typical_ones():
    table = Comparisons([0] * 5, [0] * 5, [1] * 5, [1] * 5, [1.0, 1.0, 1.0, 1.0, 300.0])
    told = gather_answers(replace(task(), judgments=Judgments(table, Ratings.empty())))
    assert told.y.tolist() == [*[pytest.approx(1 / 1.4826)] * 4, FAR]


def test_contrasts_say_of_a_list_what_the_answers_say():
    values = np.array([[1.0, 0.0], [3.0, 1.0], [-2.0, 5.0], [0.5, 2.0]])
    found = gather_answers(task()).contrast(values)
    assert found[0].tolist() == [-2.0, -1.0]
    mean = values[:3].mean(axis=0)
    assert np.allclose(found[4:7], values[:3] - mean)
    assert np.allclose(found[7], 0.0)  # one rating alone says nothing
    assert np.allclose(found[8], values[3] - values[1])


def test_the_gram_matrix_is_that_of_the_contrasts():
    told = gather_answers(task())
    design = told.contrast(np.eye(4))
    assert np.allclose(gram_of(told), design.T @ design)
    assert np.allclose(told.votes()[0], design.T @ told.y)


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        ("early", [0, 4]),
        ("late", [0, 1, 2, 4, 5]),
        ("open", []),
        ("exposed", list(range(11))),
    ],
)
def test_an_answer_is_seen_if_it_was_revealed_by_the_time_the_model_was_fixed(model, columns):
    [row] = seen_by(task(), (model,))
    assert np.flatnonzero(row).tolist() == columns


def test_without_times_nothing_is_seen():
    table = task().comparisons
    plain = Comparisons(table.judge, table.a, table.b, table.outcome, table.log_ratio)
    told = replace(task(), judgments=Judgments(plain, Ratings.empty()))
    assert not seen_by(told, ("early", "late", "open")).any()


def test_of_many_answers_some_are_taken_evenly(monkeypatch):
    monkeypatch.setattr(_answers, "MOST", 5)
    told = gather_answers(task())
    assert told.thinned().a.tolist() == told.a[[1, 3, 5, 7, 9]].tolist()
    monkeypatch.setattr(_answers, "MOST", 11)
    assert told.thinned() is told


def jury(sizes: list[int], seed: int = 0) -> Answers:
    rng = np.random.default_rng(seed)
    judge = np.repeat(np.arange(len(sizes)), sizes)
    count = len(judge)
    a = rng.integers(0, 9, count)
    b = (a + rng.integers(1, 9, count)) % 9
    y = rng.normal(size=count)
    return Answers(9, np.zeros(count, dtype=np.int64), judge, a, b, y, np.full(count, NEVER))


@pytest.mark.parametrize(("sizes", "how"), [([4] * 5, "juror"), ([4] * 4, "pair"), ([9, 2, 2, 2, 2], "pair")])
def test_what_is_held_out_together(sizes, how):
    told = jury(sizes)
    group, found = told.groups
    assert found == how
    if how == "juror":
        assert all(len(np.unique(group[told.judge == j])) == 1 for j in range(len(sizes)))
    assert set(group) == set(range(group.max() + 1))


def test_groups_do_not_depend_on_names_or_order():
    told = jury([3, 4, 5, 3, 4, 5])
    order = np.random.default_rng(1).permutation(len(told))
    other = told.take(order)
    renamed = replace(other, judge=(7 - other.judge) * 3)
    assert np.array_equal(renamed.groups[0], told.groups[0][order])
