"""Bad jurors: who they are, what they say, and what everybody else keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.fusion import ATTACKS, TOLD, FusionTask, contaminate, simulate_jury
from daccord.fusion.checks._contamination import EXTREME
from daccord.judging import Rankings

attacks = st.sampled_from(sorted(ATTACKS))
shares = st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 1.0])
seeds = st.integers(0, 2**40)


def mixed(seed: int, **others) -> FusionTask:
    """Ratios, orders, ties, ratings, and two rankings by each juror."""
    task = simulate_jury(seed, "mixed", projects=6, jurors=10, answers=60, **others).task
    rng = np.random.default_rng(seed)
    judge = np.repeat(np.arange(10), 2)
    places = np.concatenate([rng.permutation(6)[:4] for _ in judge])
    rankings = Rankings(judge, np.arange(0, 4 * len(judge) + 1, 4), np.where(judge % 2, 4, 2), places)
    return replace(task, judgments=replace(task.judgments, rankings=rankings))


def tables(task: FusionTask):
    told = task.judgments
    return told.comparisons, told.ratings, told.rankings


@given(seeds, attacks, shares)
def test_the_right_number_of_people_turn_bad_and_nobody_else_changes(seed, attack, share):
    task = mixed(seed % 1000)
    bad = contaminate(task, share, attack, seed)
    assert len(bad.adversaries) == round(share * 10)
    assert list(bad.adversaries) == sorted(set(bad.adversaries))
    keep = ~np.isin(np.arange(10), bad.adversaries)
    for before, after in zip(tables(task.only(keep)), tables(bad.task.only(keep)), strict=True):
        for name, value in vars(before).items():
            assert np.array_equal(value, getattr(after, name), equal_nan=value is not None and value.dtype.kind == "f")


@given(seeds, attacks, shares)
def test_everybody_keeps_his_number_of_answers_of_each_kind(seed, attack, share):
    task = mixed(seed % 1000)
    bad = contaminate(task, share, attack, seed).task
    for before, after in zip(tables(task), tables(bad), strict=True):
        assert np.array_equal(before.judge, after.judge)
    one, other = task.judgments.comparisons, bad.judgments.comparisons
    assert np.array_equal(one.has_ratio, other.has_ratio)
    low, high = task.criterion.scale.low, task.criterion.scale.high
    assert np.all((bad.judgments.ratings.value >= low) & (bad.judgments.ratings.value <= high))


@given(seeds, attacks)
def test_the_same_seed_gives_the_same_adversaries_and_answers(seed, attack):
    task = mixed(3)
    one, other = contaminate(task, 0.3, attack, seed), contaminate(task, 0.3, attack, seed)
    assert np.array_equal(one.adversaries, other.adversaries)
    assert one.target == other.target
    for mine, same in zip(tables(one.task), tables(other.task), strict=True):
        for name, value in vars(mine).items():
            assert np.array_equal(value, getattr(same, name), equal_nan=value is not None and value.dtype.kind == "f")


@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_other_seeds_choose_other_people(attack):
    task = mixed(4)
    chosen = {tuple(contaminate(task, 0.3, attack, seed).adversaries) for seed in range(8)}
    assert len(chosen) > 4


@given(seeds, st.integers(0, 5))
def test_promoters_speak_for_their_project_alone(seed, target):
    task = mixed(seed % 1000)
    bad = contaminate(task, 0.3, "promotion", seed, target=target)
    assert bad.target == target
    c, r, k = tables(bad.task)
    mine = np.isin(c.judge, bad.adversaries)
    assert np.all((c.a[mine] == target) | (c.b[mine] == target))
    assert np.array_equal(c.outcome[mine], np.where(c.a[mine] == target, 1, -1))
    assert np.all(c.a != c.b)
    own = np.abs(task.comparisons.log_ratio)
    assert np.nanmax(np.abs(c.log_ratio[mine])) <= np.nanmax(own)  # large, yet nothing unheard of
    rated = np.isin(r.judge, bad.adversaries) & (r.project == target)
    assert np.all(r.value[rated] == 10.0)
    for j in np.flatnonzero(np.isin(k.judge, bad.adversaries)):
        places = k.project[k.start[j] : k.start[j + 1]]
        if target in places:
            assert places[0] == target


@given(seeds)
def test_flipping_twice_is_no_flip(seed):
    task = mixed(seed % 1000)
    once = contaminate(task, 1.0, "flipped", seed)
    twice = contaminate(once.task, 1.0, "flipped", seed).task
    assert np.array_equal(once.task.comparisons.outcome, -task.comparisons.outcome)
    for before, after in zip(tables(task), tables(twice), strict=True):
        for name, value in vars(before).items():
            if value is not None:
                assert np.allclose(value, getattr(after, name), equal_nan=value.dtype.kind == "f")


def test_extreme_answers_keep_their_side_and_go_to_the_end():
    task = mixed(6)
    bad = contaminate(task, 1.0, "extreme", 6).task
    c, r, _ = tables(bad)
    assert np.array_equal(c.outcome, task.comparisons.outcome)
    sure = c.has_ratio & (c.outcome != 0)
    assert np.abs(c.log_ratio[sure]) == pytest.approx(EXTREME)
    assert set(r.value) <= {0.0, 10.0}


def test_random_answers_have_nothing_to_do_with_the_values():
    jury = simulate_jury(7, "student", jurors=50, answers=3000)
    c = contaminate(jury.task, 1.0, "random", 7).task.comparisons
    told = jury.values[c.a] - jury.values[c.b]
    assert abs(np.corrcoef(told, np.nan_to_num(c.log_ratio))[0, 1]) < 0.06
    assert np.corrcoef(told, np.nan_to_num(jury.task.comparisons.log_ratio))[0, 1] > 0.7


def test_what_makes_no_sense_is_refused():
    task = mixed(8)
    with pytest.raises(ValueError, match="no attack is called 'bribe'"):
        contaminate(task, 0.1, "bribe", 1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        contaminate(task, 1.2, "random", 1)
    with pytest.raises(ValueError, match="no project 6"):
        contaminate(task, 0.2, "promotion", 1, target=6)
    with pytest.raises(ValueError, match="no model is called"):
        simulate_jury(1, "dreams")


# --- simulated juries -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", sorted(TOLD))
def test_what_is_told_follows_the_values(told):
    jury = simulate_jury(9, told, jurors=30, answers=1500)
    assert jury.values.mean() == pytest.approx(0, abs=1e-12)
    c, r = jury.task.comparisons, jury.task.ratings
    if len(c):
        agrees = np.sign(jury.values[c.a] - jury.values[c.b]) == c.outcome
        assert agrees.mean() > 0.62
    if len(r):
        assert np.corrcoef(jury.values[r.project], r.value)[0, 1] > 0.5
    assert set(np.bincount(jury.task.answering)) <= {0, 1}
    assert len(jury.task.answering) == 30


def test_two_camps_pull_apart():
    c = (jury := simulate_jury(10, "tastes", projects=5, jurors=40, answers=2000)).task.comparisons
    off = np.sign(c.a - c.b) * (c.log_ratio - (jury.values[c.a] - jury.values[c.b]))
    pair = np.minimum(c.a, c.b) * 5 + np.maximum(c.a, c.b)
    camps = [[off[(pair == p) & (c.judge % 2 == camp)].mean() for p in np.unique(pair)] for camp in (0, 1)]
    assert np.corrcoef(*camps)[0, 1] < -0.9
