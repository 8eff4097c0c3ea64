"""Whatever people and models say, or leave unsaid: shares are shares, p-values are probabilities, nothing is NaN."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.fusion import FusionTask, leak_tests, reward_shares, voices
from daccord.fusion.models._answers import gather_answers, seen_by
from daccord.fusion.models._skill import alone
from daccord.fusion.models._standing import independent_models
from daccord.fusion.models._vectors import usable_vectors
from daccord.judging import NEVER, Comparisons, Judge, Judgments, ModelList, Panel, Rankings, Ratings
from daccord.round import Criterion


@st.composite
def tasks(draw: st.DrawFn) -> FusionTask:
    """Two to seven projects, a few people, a few models, some answers of every kind, some of them revealed."""
    size, people, count = draw(st.integers(2, 7)), draw(st.integers(1, 7)), draw(st.integers(0, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    projects = tuple(f"p{i}" for i in range(size))
    models = [
        Judge(
            f"m{i}", "model", committed=draw(st.sampled_from([None, 1, 2, 3])), family=draw(st.sampled_from(["", "A"]))
        )
        for i in range(count)
    ]
    panel = Panel((*(Judge(f"j{i}", "person") for i in range(people)), *models))
    n, m = draw(st.integers(0, 30)), draw(st.integers(0, 12))
    a = rng.integers(0, size, n)
    b = (a + rng.integers(1, size, n)) % size
    told = draw(st.sampled_from([0.0, 1.0, 300.0])) * rng.normal(size=n)
    ratio = np.where(rng.random(n) < 0.3, np.nan, told)
    comparisons = Comparisons(
        rng.integers(0, people, n), a, b, np.sign(told).astype(int), ratio, rng.choice([1, 2, NEVER], n)
    )
    nothing = np.full(m, np.nan)
    value = draw(st.sampled_from([0.0, 1.0])) * rng.normal(size=m)
    ratings = Ratings(rng.integers(0, people, m), rng.integers(0, size, m), value, nothing, nothing)
    rankings = Rankings([0], [0, size], [draw(st.integers(1, size))], rng.permutation(size))
    kinds = {
        "random": rng.normal(size=(size, count)),
        "same": np.zeros((size, count)),
        "wild": 600 * rng.normal(size=(size, count)),
    }
    lists = kinds[draw(st.sampled_from(sorted(kinds)))]
    entries = tuple(
        ModelList(model.id, dict(zip(projects, np.exp(np.clip(column, -700, 700)).tolist(), strict=True)))
        for model, column in zip(models, lists.T, strict=True)
    )
    said = Judgments(comparisons, ratings, entries, rankings if draw(st.booleans()) else Rankings.empty())
    return FusionTask(Criterion("benefit", "?"), projects, panel, said)


@given(tasks())
@settings(max_examples=80)
def test_rewards_are_shares(task: FusionTask) -> None:
    found = reward_shares(task)
    total = sum(found.share.values())
    assert all(0.0 <= share <= 1.0 + 1e-12 for share in found.share.values())
    assert math.isclose(total, 1.0, abs_tol=1e-9) or total == 0.0
    assert set(found.share) == {entry.model for entry in task.judgments.lists}
    assert all(0.0 <= cluster.chance <= 1.0 and math.isfinite(cluster.value) for cluster in found.clusters)


@given(tasks())
@settings(max_examples=80)
def test_leak_tests_are_tests(task: FusionTask) -> None:
    report = leak_tests(task)
    for test in report.tests:
        assert bool(test.why_not) == math.isnan(test.p)
        assert test.why_not or 0.0 <= test.p <= 1.0
        assert test.why_not or test.statistic >= 0 or test.test == "times"
    assert all(0 <= count <= report.answers for count in report.seen.values())


@given(tasks())
@settings(max_examples=80)
def test_voices_and_skill_are_finite(task: FusionTask) -> None:
    heard, _ = voices(task)
    assert all(np.isfinite(voice.vector).all() for voice in heard)
    vectors, reasons = usable_vectors(task)
    assert sorted([*vectors, *reasons]) == sorted(entry.model for entry in task.judgments.lists)
    assert 0.0 <= independent_models(vectors) <= len(vectors) + 1e-9
    answers = gather_answers(task)
    assert np.isfinite(answers.y).all()
    for (model, vector), seen in zip(vectors.items(), seen_by(task, tuple(vectors), answers), strict=True):
        told = alone(answers, vector, seen)
        assert math.isfinite(told.gain), model
        assert told.error >= 0.0
        assert told.seen + told.unseen == len(answers)
