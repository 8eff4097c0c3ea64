"""One person's effect is bounded: in a QrMedian by L·w, in the whole rule `qr-median` by L."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.fusion._task import FusionTask
from daccord.fusion.peers._qr_median import RESILIENCE, fit_qr_median
from daccord.fusion.peers._qr_median_quantile import Voters, qr_quantile
from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.round import Criterion, RatingScale

SIZE = 6
NUMBER = st.floats(-1e6, 1e6)
UNSURE = st.one_of(st.floats(0, 1e3), st.just(np.inf))
VOICES = st.lists(st.tuples(NUMBER, UNSURE, UNSURE, st.floats(0, 1)), max_size=8)


def voters(voices: list[tuple[float, float, float, float]]) -> Voters:
    columns = np.array(voices, dtype=np.float64).reshape(len(voices), 4).T
    return Voters(1, np.zeros(len(voices), dtype=np.int64), *columns)


@given(
    VOICES,
    st.tuples(NUMBER, UNSURE, UNSURE, st.floats(0, 1)),
    st.sampled_from([0.01, 1.0, 20.0]),
    st.sampled_from([0.2, 0.5, 0.9]),
    st.floats(-5, 5),
)
def test_whoever_joins_moves_the_median_by_at_most_his_right_times_the_resilience(
    voices, joins, resilience, quantile, default
):
    before = qr_quantile(voters(voices), resilience, default, quantile)[0]
    after = qr_quantile(voters([*voices, joins]), resilience, default, quantile)[0]
    assert abs(after - before) <= resilience * joins[3] + 1e-9 * (1 + abs(before))


@given(VOICES, st.sampled_from([0.01, 1.0, 20.0]))
def test_the_median_is_within_all_rights_of_its_default_and_within_what_was_said(voices, resilience):
    found = qr_quantile(voters(voices), resilience)[0]
    said = [0.0, *(voice[0] for voice in voices)]
    assert abs(found) <= resilience * sum(voice[3] for voice in voices) + 1e-9
    assert min(said) - 1e-9 <= found <= max(said) + 1e-9


def test_the_bound_is_reached_and_a_larger_resilience_bounds_less():
    """The direction of L: one certain voter far away moves the median by L·w, however far away he is."""
    for resilience in (0.1, 1.0, 5.0):
        alone = voters([(1e6, 0.0, 0.0, 0.7)])
        assert qr_quantile(alone, resilience)[0] == pytest.approx(0.7 * resilience, rel=1e-9)
    with pytest.raises(ValueError, match="resilience"):
        qr_quantile(voters([]), 0.0)
    with pytest.raises(ValueError, match="quantile"):
        qr_quantile(voters([]), 1.0, quantile=1.0)


def crowd(rng: np.random.Generator, people: int, answers: int, wild: float) -> tuple[Comparisons, Ratings]:
    """Answers of a few people, some of whom say anything."""
    truth = rng.normal(0, 1.5, SIZE)
    judge = rng.integers(0, people, answers)
    a = rng.integers(0, SIZE, answers)
    b = (a + rng.integers(1, SIZE, answers)) % SIZE
    told = rng.lognormal(0, 1) * (truth[a] - truth[b]) + rng.standard_t(2, answers)
    told = np.where(rng.random(answers) < wild, rng.normal(0, 200, answers), told)
    ratio = np.where(rng.random(answers) < 0.5, told, np.nan)
    rater, project = rng.integers(0, people, answers), rng.integers(0, SIZE, answers)
    value = np.clip(5 + 2 * truth[project] + rng.normal(0, 2, answers), 0, 10)
    half = np.where(rng.random(answers) < 0.5, rng.uniform(0, 3, answers), np.nan)
    return Comparisons(judge, a, b, np.sign(told).astype(np.int64), ratio), Ratings(
        rater, project, value, value - half, value + half
    )


def task_of(comparisons: Comparisons, ratings: Ratings, people: int) -> FusionTask:
    return FusionTask(
        Criterion("benefit", "?", RatingScale(0, 10)),
        tuple(f"p{i}" for i in range(SIZE)),
        Panel(tuple(Judge(f"j{i:02}", "person") for i in range(people))),
        Judgments(comparisons, ratings),
    )


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**9),
    people=st.integers(1, 9),
    answers=st.integers(1, 60),
    resilience=st.sampled_from([0.3, RESILIENCE, 8.0]),
    kind=st.sampled_from(["comparisons", "ratings", "both"]),
)
def test_one_person_moves_no_project_by_more_than_the_resilience(seed, people, answers, resilience, kind):
    rng = np.random.default_rng(seed)
    comparisons, ratings = crowd(rng, people, answers, wild=0.3)
    if kind == "comparisons":
        ratings = Ratings.empty()
    if kind == "ratings":
        comparisons = Comparisons.empty()
    everybody = task_of(comparisons, ratings, people)
    loudest = int(np.bincount(np.concatenate([comparisons.judge, ratings.judge])).argmax())
    others = everybody.only(np.arange(people) != loudest)
    here, there = (np.nan_to_num(fit_qr_median(task, resilience).value) for task in (everybody, others))
    assert np.abs(here - there).max() <= resilience + 1e-7


def test_scalers_who_are_displaced_stay_within_the_bound():
    """With more people than scalers a newcomer displaces one: the bound allows for that."""
    rng = np.random.default_rng(5)
    comparisons, ratings = crowd(rng, 60, 700, wild=0.1)
    everybody = task_of(comparisons, ratings, 61)
    busy = np.array([(k, (k + 1) % SIZE) for k in range(SIZE)])
    loud = Comparisons(np.full(SIZE, 60), busy[:, 0], busy[:, 1], np.ones(SIZE, dtype=np.int64), np.full(SIZE, 650.0))
    joined = Comparisons(
        *(
            np.concatenate([getattr(comparisons, n), getattr(loud, n)])
            for n in ("judge", "a", "b", "outcome", "log_ratio")
        )
    )
    with_newcomer = replace(everybody, judgments=Judgments(joined, ratings))
    here, there = (fit_qr_median(task).value for task in (everybody, with_newcomer))
    assert np.abs(here - there).max() <= RESILIENCE
