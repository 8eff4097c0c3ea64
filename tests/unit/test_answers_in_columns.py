"""Rankings, open questions and times of revealing: what they may hold, and what fusing makes of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.property.fusion_cases import BENEFIT, make_round, reordered

from daccord.fusion import FusionTask
from daccord.fusion._fuse import task_of
from daccord.judging import NEVER, Comparisons, Judge, Judgments, Panel, Rankings, Ratings, Skips

THREE = Rankings(judge=[0, 1, 1], start=[0, 3, 5, 9], placed=[3, 1, 2], project=[0, 1, 2, 3, 1, 4, 0, 2, 3])


def entries(rankings: Rankings) -> list[tuple[int, int, list[int]]]:
    """(judge, placed, projects) of each ranking."""
    return [
        (int(judge), int(placed), rankings.project[low:high].tolist())
        for judge, placed, low, high in zip(
            rankings.judge, rankings.placed, rankings.start[:-1], rankings.start[1:], strict=True
        )
    ]


def test_rankings_are_taken_with_their_places():
    assert entries(THREE) == [(0, 3, [0, 1, 2]), (1, 1, [3, 1]), (1, 2, [4, 0, 2, 3])]
    assert entries(THREE.take(np.array([True, False, True]))) == [(0, 3, [0, 1, 2]), (1, 2, [4, 0, 2, 3])]
    assert entries(THREE.take(np.array([2, 0]))) == [(1, 2, [4, 0, 2, 3]), (0, 3, [0, 1, 2])]
    assert len(THREE.take(np.zeros(3, dtype=bool))) == 0
    assert len(Rankings.empty()) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": [0, 3, 5]}, "do not fit together"),
        ({"start": [0, 3, 5, 8]}, "start covers them all"),
        ({"start": [0, 1, 5, 9]}, "at least two projects"),
        ({"placed": [0, 1, 2]}, "placed lies between 1"),
        ({"placed": [4, 1, 2]}, "placed lies between 1"),
        ({"project": [0, 1, 0, 3, 1, 4, 0, 2, 3]}, "twice in one ranking"),
    ],
)
def test_a_ranking_out_of_shape_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(THREE, **change)


def test_columns_cannot_be_written_to():
    for array in (THREE.project, Skips([0], [1], [-1]).a, Comparisons([0], [0], [1], [1], [0.5], [NEVER]).revealed):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


def test_times_of_revealing_go_with_their_answers():
    table = Comparisons([0, 1, 2], [0, 1, 2], [1, 2, 0], [1, 1, -1], [0.1, 0.2, -0.3], [10, NEVER, 30])
    assert table.take(np.array([2, 1])).revealed.tolist() == [30, NEVER]
    assert table.take(np.array([False, True, False])).revealed.tolist() == [NEVER]
    rated = Ratings([0, 1], [0, 1], [1.0, 2.0], [np.nan, np.nan], [np.nan, np.nan], [5, 6])
    assert rated.take(np.array([1])).revealed.tolist() == [6]
    with pytest.raises(ValueError, match="revealed has shape"):
        Comparisons([0], [0], [1], [1], [0.1], [1, 2])


def told(**more) -> Judgments:
    """Judgments of one person about five projects, and what else is given."""
    comparisons = Comparisons([0, 0], [0, 2], [1, 3], [1, -1], [0.7, np.nan])
    return Judgments(comparisons=comparisons, ratings=Ratings.empty(), **more)


def as_task(judgments: Judgments, *judges: Judge) -> FusionTask:
    return FusionTask(BENEFIT, tuple(f"p{i}" for i in range(5)), Panel(judges), judgments)


PEOPLE = (Judge("j0", "person"), Judge("j1", "person"))


def test_a_ranking_counts_once_for_each_of_its_projects_and_a_skip_for_none():
    task = as_task(told(rankings=THREE, skips=Skips([0, 1], [4, 0], [-1, 1])), *PEOPLE)
    answers, jurors = task.evidence_count
    assert answers.tolist() == [3, 3, 3, 3, 1]
    assert jurors.tolist() == [2, 2, 2, 2, 1]
    assert task.answering.tolist() == [0, 1]
    assert len(task.skips) == 2


def test_models_rankings_and_skips_are_no_evidence():
    task = as_task(told(rankings=THREE, skips=Skips([0, 1], [4, 0], [-1, 1])), PEOPLE[0], Judge("m", "model"))
    assert entries(task.rankings) == [(0, 3, [0, 1, 2])]
    assert len(task.skips) == 1
    assert task.answering.tolist() == [0]


def test_only_some_judges_keep_all_their_answers():
    task = as_task(told(rankings=THREE, skips=Skips([0, 1], [4, 0], [-1, 1])), *PEOPLE)
    second = task.only(np.array([False, True]))
    assert len(second.comparisons) == 0
    assert entries(second.rankings) == entries(THREE)[1:]
    assert second.skips.a.tolist() == [0]
    assert second.panel is task.panel


def round_with(rankings: Rankings, skips: Skips | None = None, conflicts: tuple[str, ...] = ()):
    """A simulated round in which the first juror may have ties."""
    round_ = make_round(1, projects=5, jurors=2, comparisons=8, ratings=0)
    judges = tuple(replace(j, conflicts=conflicts) if i == 0 else j for i, j in enumerate(round_.panel))
    told_ = replace(round_.judgments["benefit"], rankings=rankings, skips=skips or Skips.empty())
    return replace(round_, panel=Panel(judges), judgments={**round_.judgments, "benefit": told_})


def test_a_project_the_judge_is_tied_to_leaves_the_ranking_and_the_rest_stands():
    ranked = Rankings([0, 0, 1, 0], [0, 4, 6, 8, 11], [2, 1, 2, 1], [2, 0, 3, 1, 2, 0, 2, 0, 2, 1, 3])
    round_ = round_with(ranked, conflicts=("p2",))
    task, place, aside = task_of(round_, round_.criterion("benefit"))
    back = np.argsort(place)
    found = [(judge, placed, [int(back[i]) for i in own]) for judge, placed, own in entries(task.rankings)]
    # Of the first only p0 is still placed; the second holds one project and says nothing; the last has no place left.
    assert found == [(0, 1, [0, 1, 3]), (1, 2, [2, 0])]
    tied = task_of(round_with(Rankings.empty(), conflicts=("p2",)), round_.criterion("benefit"))[2]
    assert aside - tied == 3


def test_no_file_order_decides_rankings_or_skips():
    round_ = round_with(THREE, Skips([1, 0], [4, 3], [0, -1]))
    other = reordered(round_, 5)
    one, two = (task_of(case, case.criterion("benefit"))[0] for case in (round_, other))
    assert entries(one.rankings) == entries(two.rankings)
    assert [one.skips.judge.tolist(), one.skips.a.tolist(), one.skips.b.tolist()] == [
        two.skips.judge.tolist(),
        two.skips.a.tolist(),
        two.skips.b.tolist(),
    ]
