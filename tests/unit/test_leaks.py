"""Leak tests: honest models are left alone, models that used the answers are found, and how far that goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from daccord.fusion._task import FusionTask
from daccord.fusion.models import _leaks
from daccord.fusion.models._answers import gather_answers
from daccord.fusion.models._leaks import DRAWS, FALSE_ALARM, LEAST, against_noise, leak_tests, with_times
from daccord.fusion.models._noise import noise_floor
from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Ratings
from daccord.round import Criterion

SIZE, ANSWERS, JURORS = 40, 240, 20


def scaled(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


class World:
    """A simulated round: 40 values, three honest lists, 240 answers by 20 people, and what a leaker makes of some."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 51])
        self.values = rng.normal(size=SIZE)
        self.honest = self.values[:, None] + np.array([0.3, 0.8, 1.5]) * rng.normal(size=(SIZE, 3))
        self.a = rng.integers(0, SIZE, ANSWERS)
        self.b = (self.a + rng.integers(1, SIZE, ANSWERS)) % SIZE
        self.judge = rng.integers(0, JURORS, ANSWERS)
        own = rng.normal(size=(JURORS, SIZE)) * 0.5  # people differ: a juror's answers err together
        told = self.values + own[self.judge]
        rows = np.arange(ANSWERS)
        self.y = told[rows, self.a] - told[rows, self.b] + 0.7 * rng.normal(size=ANSWERS)
        self.shown = rng.random(ANSWERS) < 0.5
        self.design = np.zeros((ANSWERS, SIZE))
        self.design[rows, self.a] += 1
        self.design[rows, self.b] -= 1

    def fitted(self, shown: np.ndarray) -> np.ndarray:
        rows = self.design[shown]
        return np.linalg.solve(rows.T @ rows + 0.1 * np.eye(SIZE), rows.T @ self.y[shown])

    def task(self, lists: np.ndarray, *, times: bool = True, exposure: str = "blind") -> FusionTask:
        projects = tuple(f"p{i:02d}" for i in range(SIZE))
        people = [Judge(f"j{i:02d}", "person") for i in range(JURORS)]
        models = [Judge(f"m{i}", "model", committed=100, exposure=exposure) for i in range(lists.shape[1])]
        revealed = np.where(self.shown, 100, 101) if times else None
        table = Comparisons(self.judge, self.a, self.b, np.sign(self.y).astype(int), self.y, revealed)
        entries = tuple(
            ModelList(model.id, dict(zip(projects, np.exp(column).tolist(), strict=True)))
            for model, column in zip(models, lists.T, strict=True)
        )
        panel = Panel((*people, *models))
        return FusionTask(Criterion("benefit", "?"), projects, panel, Judgments(table, Ratings.empty(), entries))


def flags(task: FusionTask, test: str) -> list[bool]:
    return [found.flagged for found in leak_tests(task).tests if found.test == test]


@pytest.mark.parametrize("test", ["times", "noise"])
def test_honest_models_are_left_alone(test):
    """Stated: one round in a hundred has a false alarm. Forty rounds of three models: at most three of them."""
    assert sum(any(flags(World(seed).task(World(seed).honest), test)) for seed in range(40)) <= 3


def test_a_list_fitted_to_what_it_had_seen_is_found_by_times():
    found = [
        flags(world.task(np.column_stack([world.honest, world.fitted(world.shown)])), "times")
        for world in map(World, range(12))
    ]
    assert sum(row[3] for row in found) >= 8
    assert sum(any(row[:3]) for row in found) <= 1


def test_a_list_fitted_to_all_answers_is_found_by_noise():
    everything = np.ones(ANSWERS, dtype=np.bool_)
    found = [
        flags(world.task(np.column_stack([world.honest, world.fitted(everything)]), times=False), "noise")
        for world in map(World, range(12))
    ]
    assert sum(row[3] for row in found) >= 11
    assert not any(any(row[:3]) for row in found)


def test_the_truth_itself_is_no_leak():
    """However good a blind list is, it does not fit the noise: p-values under the truth are near uniform."""
    p = []
    for seed in range(60):
        world = World(seed)
        report = leak_tests(world.task(world.values[:, None], times=False))
        p.append(next(test.p for test in report.tests if test.test == "noise"))
    assert np.mean(np.array(p) < 0.1) < 0.25
    assert min(p) > FALSE_ALARM / 5


def test_a_third_of_the_answers_goes_unnoticed():
    """What the tests cannot see is stated, and this keeps the statement honest."""
    noticed = 0
    for world in map(World, range(10)):
        blend = 2 * scaled(world.honest[:, 1]) + scaled(world.fitted(world.shown))
        noticed += any(flags(world.task(blend[:, None]), "times")) + any(flags(world.task(blend[:, None]), "noise"))
    assert noticed < 5


# --- the wild bootstrap -----------------------------------------------------------------------------------------------


def slow_t(lead: np.ndarray, seen: np.ndarray, group: np.ndarray) -> float:
    """Regression of the lead on seen, with a standard error clustered by group, from its textbook formula."""
    design = np.stack([np.ones(len(lead)), seen.astype(float)], axis=1)
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ lead
    missed = lead - design @ beta
    meat = sum(np.outer(part, part) for g in np.unique(group) for part in [design[group == g].T @ missed[group == g]])
    return float(beta[1] / np.sqrt((inverse @ meat @ inverse)[1, 1]))


def test_p_values_are_those_of_a_slow_bootstrap():
    rng = np.random.default_rng(1)
    group, seen = rng.integers(0, 9, 80), rng.random(80) < 0.4
    lead = rng.normal(size=80) + 0.35 * seen + 0.3 * rng.normal(size=9)[group]
    difference, p = with_times(lead, seen, group)
    assert difference == pytest.approx(lead[seen].mean() - lead[~seen].mean())
    observed, null = slow_t(lead, seen, group), lead - lead.mean()
    weights = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
    slow = [slow_t(null * weights[rng.integers(0, 6, 9)][group], seen, group) >= observed for _ in range(800)]
    assert p == pytest.approx(np.mean(slow), abs=0.04)


def test_p_values_are_uniform_where_nothing_leaks():
    rng = np.random.default_rng(2)
    p = []
    for key in range(150):
        group, seen = rng.integers(0, 20, 200), rng.random(200) < 0.5
        lead = rng.standard_t(4, size=200) + 0.5 * rng.normal(size=20)[group]
        p.append(with_times(lead, seen, group, key)[1])
    assert np.mean(np.array(p) < 0.1) == pytest.approx(0.1, abs=0.05)
    assert np.mean(p) == pytest.approx(0.5, abs=0.07)
    assert min(p) >= 1 / (DRAWS + 1)


def test_many_groups_move_together(monkeypatch):
    monkeypatch.setattr(_leaks, "MOST_GROUPS", 10)
    rng = np.random.default_rng(3)
    lead, seen = rng.normal(size=300), rng.random(300) < 0.5
    difference, p = with_times(lead + 3.0 * seen, seen, np.arange(300))
    assert difference > 2.5
    assert p < 0.01


# --- the noise floor --------------------------------------------------------------------------------------------------


def test_the_floor_is_what_least_squares_leaves():
    world = World(4)
    told = gather_answers(world.task(world.honest))
    floor = noise_floor(told)
    fit, *_ = np.linalg.lstsq(world.design, told.y, rcond=None)
    left = told.y - world.design @ fit
    assert (floor.rank, floor.degrees) == (SIZE - 1, ANSWERS - SIZE + 1)
    assert floor.variance == pytest.approx(left @ left / floor.degrees)
    ratio, _ = against_noise(floor, world.honest[:, 0])
    x, y = world.design @ world.honest[:, 0], world.design @ fit
    missed = y - x * (x @ y) / (x @ x)
    assert ratio == pytest.approx(missed @ missed / (SIZE - 2) / floor.variance)


def test_ratings_have_a_floor_too():
    rng = np.random.default_rng(5)
    judge, project = np.repeat(np.arange(8), 12), np.tile(np.arange(12), 8)
    value = rng.normal(size=12)[project] + rng.normal(size=8)[judge] + 0.5 * rng.normal(size=96)
    nothing = np.full(96, np.nan)
    people = Panel(tuple(Judge(f"j{i}", "person") for i in range(8)))
    told = Judgments(Comparisons.empty(), Ratings(judge, project, value, nothing, nothing))
    task = FusionTask(Criterion("benefit", "?"), tuple(f"p{i:02d}" for i in range(12)), people, told)
    floor = noise_floor(gather_answers(task))
    assert (floor.rank, floor.degrees) == (11, 96 - 11 - 8)


def test_answers_that_never_meet_tell_no_noise():
    world = World(6)
    few = replace(world.task(world.honest), judgments=world.task(world.honest).judgments)
    table = few.judgments.comparisons.take(np.arange(8))
    report = leak_tests(replace(few, judgments=replace(few.judgments, comparisons=table)))
    for test in report.tests:
        assert not test.flagged
        assert test.why_not
        assert np.isnan(test.p)
    empty = noise_floor(gather_answers(few).take(np.zeros(0, dtype=np.int64)))
    assert (empty.degrees, np.isnan(empty.variance)) == (0, True)


@pytest.mark.parametrize(
    ("committed", "why"),
    [(99, "nothing seen"), (100, ""), (101, "nothing unseen"), (None, "nothing seen")],
)
def test_why_times_could_not_be_tested(committed, why):
    world = World(7)
    task = world.task(world.honest)
    judges = tuple(j if j.is_person else replace(j, committed=committed) for j in task.panel)
    report = leak_tests(replace(task, panel=Panel(judges)))
    assert {test.why_not for test in report.tests if test.test == "times"} == {why}
    if not why:
        assert set(report.seen.values()) == {int(world.shown.sum())}
    assert report.answers == ANSWERS


def test_few_seen_or_unseen_answers_are_not_tested():
    world = World(8)
    world.shown = np.arange(ANSWERS) < LEAST - 1
    tests = leak_tests(world.task(world.honest)).tests
    assert {test.why_not for test in tests if test.test == "times"} == {f"only {LEAST - 1} answers seen"}
    world.shown = ~world.shown
    tests = leak_tests(world.task(world.honest)).tests
    assert {test.why_not for test in tests if test.test == "times"} == {f"only {LEAST - 1} answers unseen"}


def test_without_models_there_is_nothing_to_test():
    world = World(9)
    report = leak_tests(world.task(np.zeros((SIZE, 0))))
    assert (report.tests, report.flagged) == ((), ())
