"""Rounds at the edge of what can be fused: each has a defined, visible result."""

from __future__ import annotations

import math

import numpy as np
import pytest

from daccord.fusion import CriterionBeliefs, FusionTask, fusion_rule
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Ratings
from daccord.round import Criterion, RatingScale, Threshold

ORDER_ONLY = math.nan
ALL_PAIRS = [(a, b) for a in range(5) for b in range(a + 1, 5)]

Answer = tuple[int, int, int, int, float]


def fit(
    comparisons: list[Answer] | None = None,
    *,
    ratings: list[tuple[int, int, float]] | None = None,
    lists: dict[str, list[float]] | None = None,
    projects: int = 5,
) -> CriterionBeliefs:
    """Fuse a tiny round of three jurors; comparisons are (juror, a, b, outcome, ln ratio)."""
    people = tuple(Judge(f"j{i}", "person") for i in range(3))
    models = tuple(Judge(name, "model") for name in lists or {})
    ids = tuple(f"p{i}" for i in range(projects))
    columns = list(zip(*comparisons, strict=True)) if comparisons else [[], [], [], [], []]
    rated = list(zip(*ratings, strict=True)) if ratings else [[], [], []]
    nothing = np.full(len(rated[0]), np.nan)
    judgments = Judgments(
        Comparisons(*(np.array(column) for column in columns)),
        Ratings(np.array(rated[0]), np.array(rated[1]), np.array(rated[2]), nothing, nothing),
        tuple(ModelList(name, dict(zip(ids, weights, strict=True))) for name, weights in (lists or {}).items()),
    )
    criterion = Criterion("benefit", "?", RatingScale(0, 10), Threshold("relative", 0.5))
    return fusion_rule("hierarchical").fit(FusionTask(criterion, ids, Panel(people + models), judgments))


def spread(beliefs: CriterionBeliefs) -> np.ndarray:
    return np.sqrt(beliefs.centred[1])


def test_a_single_answer_leaves_everything_wide_and_models_unheard() -> None:
    beliefs = fit([(0, 0, 1, 1, math.log(3))], lists={"m": [5, 4, 3, 2, 1]})
    mean, _ = beliefs.centred
    assert mean[0] > 0 > mean[1]
    assert spread(beliefs).min() > 0.4
    assert spread(beliefs)[2:].min() > spread(beliefs)[:2].max()
    assert beliefs.voices[0].coefficient == 0
    assert any("too few answers to hold any out" in text for text in beliefs.warnings)


def test_all_ties_put_all_projects_level() -> None:
    beliefs = fit([(j, a, b, 0, ORDER_ONLY) for j in range(3) for a, b in ALL_PAIRS])
    assert np.abs(beliefs.centred[0]).max() < 1e-6


def test_a_cycle_cancels() -> None:
    beliefs = fit([(0, 0, 1, 1, math.log(9)), (0, 1, 2, 1, math.log(9)), (0, 2, 0, 1, math.log(9))])
    assert np.abs(beliefs.centred[0]).max() < 1e-6
    assert spread(beliefs).min() > 0.3


def test_complete_separation_stays_finite_and_in_order() -> None:
    beliefs = fit([(j, a, b, 1, ORDER_ONLY) for j in range(3) for a, b in ALL_PAIRS])
    mean, _ = beliefs.centred
    assert np.all(np.diff(mean) < 0)
    assert np.abs(mean).max() < 10


def test_one_ratio_of_ten_to_the_three_hundred_moves_next_to_nothing() -> None:
    sane = [(1, 1, 2, 1, 0.5), (2, 0, 2, 1, 0.7), (0, 0, 2, 1, 0.6), (2, 3, 4, -1, -0.2), (1, 0, 3, 1, 0.4)]
    with_it = fit([*sane, (0, 0, 1, 1, 690.0)])
    assert np.all(np.isfinite(with_it.centred[0]))
    assert np.abs(with_it.centred[0]).max() < 5


def test_a_project_nobody_judged_is_visibly_wider_than_any_that_was() -> None:
    beliefs = fit([(j, a, b, 1, 0.4 * (b - a)) for j in range(3) for a, b in ALL_PAIRS if b < 4])
    assert beliefs.judgments[4] == 0
    assert spread(beliefs)[4] > 2 * spread(beliefs)[:4].max()


def test_perfect_agreement_does_not_make_certain() -> None:
    beliefs = fit(ratings=[(j, p, 5.0) for j in range(3) for p in range(5)])
    assert np.abs(beliefs.centred[0]).max() < 1e-6
    assert spread(beliefs).min() > 0.01


def test_one_juror_who_never_errs_converges() -> None:
    beliefs = fit([(0, a, b, 1, 0.3 * (b - a)) for a, b in ALL_PAIRS])
    assert beliefs.centred[0] == pytest.approx([0.6, 0.3, 0.0, -0.3, -0.6], abs=0.05)


def test_a_list_that_spans_six_hundred_orders_of_magnitude_is_standardised() -> None:
    beliefs = fit([(0, 0, 1, 1, 0.5), (1, 1, 2, 1, 0.5)], lists={"m": [1e300, 1e-300, 3, 4, 5]})
    assert np.all(np.isfinite(beliefs.covariance))


def test_a_model_that_says_the_same_of_all_is_told_so() -> None:
    beliefs = fit([(0, 0, 1, 1, 0.5), (1, 1, 2, 1, 0.5)], lists={"m": [1.0] * 5})
    assert beliefs.voices == ()
    assert any("says the same of every project" in text for text in beliefs.warnings)
