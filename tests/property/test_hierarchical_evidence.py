"""All kinds of evidence in one posterior: what must not matter, what must, and that together they know more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.hierarchical_cases import Told, simulate

from daccord.fusion import CriterionBeliefs, FusionTask, fusion_rule
from daccord.fusion.hierarchical._evidence import gather
from daccord.fusion.hierarchical._folds import FOLDS, deal_folds
from daccord.judging import Judge, Panel, Rankings, Ratings, Skips

KINDS = {"ratios": 40, "orders": 30, "ratings": 30, "rankings": 2}


def fit(task: FusionTask) -> CriterionBeliefs:
    return fusion_rule("hierarchical").fit(task)


def same_bits(one: CriterionBeliefs, other: CriterionBeliefs) -> bool:
    return np.array_equal(one.mean, other.mean) and np.array_equal(one.covariance, other.covariance)


# --- what must not matter ---------------------------------------------------------------------------------------------


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.tuples(st.integers(0, 10), st.integers(0, 7)), min_size=1, max_size=6))
def test_skips_never_change_a_posterior(seed, skipped):
    """Neither those of jurors who answered nor those of one who only abstained."""
    task = simulate(seed, projects=8, ratios=20, ratings=10, rankings=1).task
    plain = fit(task)
    people = task.panel.judges
    panel = Panel((*people[:10], Judge("j99", "person", community="north"), *people[10:]))
    judge, project = (np.array(column) for column in zip(*skipped, strict=True))
    skips = Skips(judge, project, np.full(len(judge), -1))
    other = fit(replace(task, panel=panel, judgments=replace(task.judgments, skips=skips)))
    assert same_bits(plain, other)
    assert [view.juror for view in plain.juror_views] == [view.juror for view in other.juror_views]
    assert np.array_equal(plain.judgments, other.judgments)


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_not_placed_stands_in_no_order(seed):
    task = simulate(seed, projects=8, ratios=20, rankings=2, placed=2).task
    ranked = task.judgments.rankings
    project = ranked.project.reshape(-1, 5).copy()
    project[:, 2:] = project[:, [4, 2, 3]]
    other = replace(ranked, project=project.ravel())
    found = fit(replace(task, judgments=replace(task.judgments, rankings=other)))
    assert np.allclose(found.mean, fit(task).mean, rtol=0, atol=1e-6)


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 10**6))
def test_placing_all_but_one_places_all(seed):
    whole = simulate(seed, projects=8, ratios=20, rankings=2).task
    ranked = whole.judgments.rankings
    short = replace(ranked, placed=ranked.placed - 1)
    assert same_bits(fit(whole), fit(replace(whole, judgments=replace(whole.judgments, rankings=short))))


@given(st.integers(0, 10**6), st.integers(0, 1))
def test_a_rankings_fold_is_its_jurors_fold(seed, repeat):
    evidence = gather(simulate(seed, projects=8, **KINDS).task)
    fold, how = deal_folds(evidence, repeat)
    assert how == "juror"
    assert len(fold) == len(evidence) == evidence.rows + len(evidence.ranked)
    for juror in range(evidence.jurors):
        assert len(set(fold[evidence.answered_by == juror])) == 1
    assert set(fold) == set(range(FOLDS))


@given(st.integers(0, 10**6))
def test_neither_order_nor_names_change_how_rankings_are_dealt(seed):
    rng = np.random.default_rng(seed)
    task = simulate(seed, projects=8, ratios=10, rankings=3, jurors=3).task
    ranked = task.judgments.rankings
    rows, moved = rng.permutation(len(ranked)), rng.permutation(8)
    shown = ranked.take(rows)
    table = task.judgments.comparisons
    comparisons = replace(table, a=moved[table.a], b=moved[table.b])
    judgments = replace(task.judgments, rankings=replace(shown, project=moved[shown.project]), comparisons=comparisons)
    (fold, how), (there, _) = deal_folds(gather(task), 0), deal_folds(gather(replace(task, judgments=judgments)), 0)
    assert how == "pair"
    assert np.array_equal(fold[: len(table)], there[: len(table)])
    assert np.array_equal(fold[len(table) :][rows], there[len(table) :])


def test_taking_answers_takes_rankings_with_them():
    evidence = gather(simulate(3, **KINDS).task)
    which = np.random.default_rng(3).random(len(evidence)) < 0.5
    part, rest = evidence.take(which), evidence.take(~which)
    assert len(part) == which.sum()
    assert part.total + rest.total == evidence.total
    assert np.array_equal(part.answered_by, evidence.answered_by[which])
    projects = np.concatenate([part.ranked.project, rest.ranked.project])
    assert np.array_equal(np.sort(projects), np.sort(evidence.ranked.project))
    for some in (part.ranked, rest.ranked):
        for block in some.blocks:
            assert np.array_equal(some.project[block.place], block.project)
            assert np.array_equal(some.juror[block.at], block.juror)


def test_readings_of_a_ranking_are_its_places_less_their_mean():
    evidence = gather(simulate(4, ratios=3, rankings=1, length=4).task)
    values = np.random.default_rng(4).normal(size=evidence.size)
    found = evidence.readings(values)[evidence.rows :].reshape(-1, 4)
    placed = values[evidence.ranked.project.reshape(-1, 4)]
    assert np.allclose(found, placed - placed.mean(axis=1, keepdims=True))
    both = evidence.readings(np.stack([values, -values], axis=1))
    assert np.allclose(both[:, 0], -both[:, 1])


# --- what must matter -------------------------------------------------------------------------------------------------


def pairs_as(told: Told, kind: str) -> FusionTask:
    """The task's orders, told as comparisons or as rankings of two."""
    table = told.task.judgments.comparisons
    clear = table.take((table.outcome != 0) & ~table.has_ratio)
    ratios = table.take(table.has_ratio)
    if kind == "orders":
        both = table.take(table.has_ratio | (table.outcome != 0))
        return replace(told.task, judgments=replace(told.task.judgments, comparisons=both))
    first, second = np.where(clear.outcome > 0, clear.a, clear.b), np.where(clear.outcome > 0, clear.b, clear.a)
    project = np.stack([first, second], axis=1).ravel()
    rankings = Rankings(clear.judge, 2 * np.arange(len(clear) + 1), np.full(len(clear), 2), project)
    return replace(told.task, judgments=replace(told.task.judgments, comparisons=ratios, rankings=rankings))


@pytest.mark.parametrize("seed", range(3))
def test_two_projects_in_order_say_what_a_comparison_says(seed):
    told = simulate(seed, projects=10, ratios=30, orders=200)
    orders, rankings = fit(pairs_as(told, "orders")), fit(pairs_as(told, "rankings"))
    assert np.polyfit(orders.mean, rankings.mean, 1)[0] == pytest.approx(1, abs=0.1)
    assert np.abs(orders.centred[0] - rankings.centred[0]).max() < 0.2
    assert np.allclose(np.log(rankings.centred[1] / orders.centred[1]), 0, atol=0.3)


def slope_and_error(told: Told, beliefs: CriterionBeliefs) -> tuple[float, float]:
    """Slope of estimates on true values, and error once that slope is taken out, natural log."""
    mean = beliefs.mean - beliefs.mean.mean()
    slope = float(np.polyfit(told.values, mean, 1)[0])
    return slope, float(np.sqrt(np.mean((mean / slope - told.values) ** 2)))


def test_rankings_are_recovered_and_short_ones_say_less():
    errors = {}
    for placed in (1, 2, 5):
        rounds = [simulate(seed, projects=12, rankings=5, placed=placed) for seed in range(3)]
        errors[placed] = np.mean([slope_and_error(told, fit(told.task))[1] for told in rounds])
    assert errors[5] < errors[2] < errors[1]
    assert errors[5] < 0.25


def test_with_ratios_rankings_are_measured_in_natural_log():
    slopes = [
        slope_and_error(told, fit(told.task))[0]
        for told in (simulate(seed, projects=12, ratios=60, rankings=5) for seed in range(4))
    ]
    assert np.mean(slopes) == pytest.approx(1, abs=0.1)


def test_all_kinds_together_know_more_than_each_alone():
    """Ratios, orders with ties, ratings with and without intervals, rankings and lists, on simulated rounds."""
    amounts = {"ratios": 40, "orders": 60, "ratings": 40, "rankings": 2}
    told_alone = {kind: [simulate(seed, projects=14, **{kind: n}) for seed in range(3)] for kind, n in amounts.items()}
    alone = {kind: np.mean([slope_and_error(t, fit(t.task))[1] for t in many]) for kind, many in told_alone.items()}
    together, slopes, inside = [], [], []
    for seed in range(4):
        told = simulate(seed, projects=14, lists=(0.4, 0.8), **amounts)
        beliefs = fit(told.task)
        slope, error = slope_and_error(told, beliefs)
        together.append(error)
        slopes.append(slope)
        mean, variance = beliefs.centred
        inside.append(np.mean(np.abs(mean - told.values) < 1.2815515655 * np.sqrt(variance)))
        assert len(beliefs.voices) == 2
        assert beliefs.diagnostics["held_out_answers"] == 40 + 60 + 40 + 2 * 10
    assert np.mean(together) < 0.8 * min(alone.values())
    assert np.mean(slopes) == pytest.approx(1, abs=0.12)
    assert 0.6 < np.mean(inside) <= 1


def test_a_list_earns_weight_by_foreseeing_rankings():
    told = simulate(8, projects=14, rankings=4, lists=(0.2, 5.0))
    good, useless = (
        next(voice for voice in fit(told.task).voices if voice.voice == name) for name in ("model-0", "model-1")
    )
    assert good.gain > useless.gain
    assert good.coefficient > useless.coefficient


def test_ratings_at_the_ends_are_read_as_there_or_beyond():
    """With heavy clipping, values at the ends lie further out than the ends themselves say, and errors shrink."""

    def clipped(told: Told) -> FusionTask:
        ratings = told.task.judgments.ratings
        value = np.clip(5 + 2.2 * (ratings.value - 5), 0, 10)
        none = np.full(len(ratings), np.nan)
        table = Ratings(ratings.judge, ratings.project, value, none, none)
        return replace(told.task, judgments=replace(told.task.judgments, ratings=table))

    off, plain = [], []
    for seed in range(4):
        told = simulate(seed, projects=14, ratios=40, ratings=160)
        task = clipped(told)
        value = task.ratings.value
        assert 0.1 < np.mean((value == 0) | (value == 10)) < 0.5
        off.append(np.mean((fit(task).centred[0] - told.values) ** 2))
        # A scale that is not declared has no ends that anybody knows of.
        undeclared = replace(task, criterion=replace(task.criterion, scale=None))
        assert not len(gather(undeclared).ends)
        assert len(gather(task).ends) == int(np.sum((value == 0) | (value == 10)))
        plain.append(np.mean((fit(undeclared).centred[0] - told.values) ** 2))
    assert np.mean(off) < 0.95 * np.mean(plain)
