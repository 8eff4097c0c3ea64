"""Reward shares: copies earn nothing, and what undetected ones can gain at most."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest

from daccord.fusion._task import FusionTask
from daccord.fusion.models._rewards import CHANCE, reward_shares
from daccord.judging import NEVER, Comparisons, Judge, Judgments, ModelList, Panel, Ratings
from daccord.round import Criterion

SIZE, HONEST = 60, 6


class World:
    """A simulated round: sixty values, six honest lists and one more, 300 answers; copies' errors for one attacker."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 41])
        self.values = rng.normal(size=SIZE)
        self.lists = self.values[:, None] + rng.normal(size=(SIZE, HONEST + 1))
        self.a = rng.integers(0, SIZE, 300)
        self.b = (self.a + rng.integers(1, SIZE, 300)) % SIZE
        self.y = self.values[self.a] - self.values[self.b] + 0.5 * rng.normal(size=300)
        self.errors = rng.normal(size=(SIZE, 30))

    def copies(self, count: int, noise: float) -> np.ndarray:
        own = self.lists[:, HONEST:]
        return np.concatenate([self.lists[:, :HONEST], own + noise * self.errors[:, :count]], axis=1)

    def task(self, lists: np.ndarray, jury: int, revealed: np.ndarray | None = None) -> FusionTask:
        projects = tuple(f"p{i:02d}" for i in range(SIZE))
        people = [Judge(f"j{i:03d}", "person") for i in range(jury)]
        models = [Judge(f"m{i:02d}", "model", committed=100) for i in range(lists.shape[1])]
        y = self.y[:jury]
        table = Comparisons(np.arange(jury), self.a[:jury], self.b[:jury], np.sign(y).astype(int), y, revealed)
        entries = tuple(
            ModelList(model.id, dict(zip(projects, np.exp(column).tolist(), strict=True)))
            for model, column in zip(models, lists.T, strict=True)
        )
        panel = Panel((*people, *models))
        return FusionTask(Criterion("benefit", "?"), projects, panel, Judgments(table, Ratings.empty(), entries))


def attackers(share: dict[str, float]) -> float:
    return sum(part for model, part in share.items() if int(model[1:]) >= HONEST)


def test_shares_sum_to_one_and_good_lists_share():
    world = World(1)
    found = reward_shares(world.task(world.lists, 300))
    assert sum(found.share.values()) == pytest.approx(1.0)
    assert min(found.share.values()) > 0.03
    assert [cluster.share for cluster in found.clusters] == sorted(found.share.values(), reverse=True)
    assert found.bar == CHANCE / 7


def test_a_better_list_earns_more():
    world = World(2)
    lists = np.stack([world.values + s * world.errors[:, i] for i, s in enumerate((0.4, 0.8, 1.6))], axis=1)
    share = reward_shares(world.task(lists, 300)).share
    assert share["m00"] > share["m01"] > share["m02"]


@pytest.mark.parametrize("jury", [20, 300])
def test_exact_copies_earn_nothing_and_cost_nobody_anything(jury):
    world = World(3)
    alone = reward_shares(world.task(world.lists, jury))
    many = np.concatenate([world.lists, np.repeat(world.lists[:, [0, 6]], 8, axis=1) * 1.7 + 3.0], axis=1)
    crowd = reward_shares(world.task(many, jury))
    assert {model: crowd.share[model] for model in alone.share} == alone.share
    assert sum(crowd.share.values()) == pytest.approx(sum(alone.share.values()))
    assert crowd.reasons["m07"] == "m07 is an exact copy of m00 and adds nothing"


def test_who_registered_first_is_the_original():
    world = World(4)
    lists = np.concatenate([world.lists, world.lists[:, :1]], axis=1)
    task = world.task(lists, 300)
    order = [judge.id for judge in task.panel]
    turned = replace(task, registered=tuple(sorted(order, key=lambda model: model != "m07")))
    before, after = reward_shares(task).share, reward_shares(turned).share
    assert after["m07"] == pytest.approx(before["m00"], abs=1e-9)
    assert after["m00"] == before["m07"] == 0.0


def test_a_near_copy_takes_next_to_nothing_from_its_original():
    """It is paid for what it adds to what was registered before it."""
    world = World(5)
    near = world.lists[:, :1] + 0.1 * world.errors[:, :1]
    alone = reward_shares(world.task(world.lists, 300)).share
    share = reward_shares(world.task(np.concatenate([world.lists, near], axis=1), 300)).share
    assert share["m00"] + share["m07"] == pytest.approx(alone["m00"], abs=0.01)
    assert share["m07"] < 0.02


def test_a_cluster_earns_what_one_list_equal_to_its_mean_would_earn():
    """So copies that are found out gain nothing over the best single list that could be made of them."""
    world = World(6)
    lists = world.copies(10, 0.5)
    found = reward_shares(world.task(lists, 60))
    assert len(found.clusters) == 7
    own = lists[:, HONEST:]
    mean = ((own - own.mean(axis=0)) / own.std(axis=0)).mean(axis=1)
    single = reward_shares(world.task(np.column_stack([lists[:, :HONEST], mean]), 60))
    assert attackers(found.share) == pytest.approx(attackers(single.share), abs=1e-6)


@pytest.mark.parametrize(("jury", "copies", "noise"), [(20, 30, 1.0), (20, 10, 1.0), (60, 30, 1.0), (20, 10, 0.3)])
def test_noisy_copies_do_not_raise_the_attackers_share(jury, copies, noise):
    """A small version of the paired experiment in benchmarks/model_skill.py, which states intervals.

    Plain convex fitting raises the share of thirty copies with noise 1.0 and twenty answers by 0.13.
    """
    lift = []
    for seed in range(12):
        world = World(100 + seed)
        with_copies = attackers(reward_shares(world.task(world.copies(copies, noise), jury)).share)
        lift.append(with_copies - attackers(reward_shares(world.task(world.lists, jury)).share))
    assert np.mean(lift) < 0.03
    assert np.mean(np.array(lift) > 0.1) < 0.2


def test_a_flood_of_random_lists_earns_next_to_nothing():
    taken = []
    for seed in range(4):
        world = World(200 + seed)
        lists = np.concatenate([world.lists[:, :HONEST], world.errors], axis=1)
        taken.append(attackers(reward_shares(world.task(lists, 60)).share))
    assert np.mean(taken) < 0.05


def test_seen_answers_do_not_count():
    """A list that repeats the answers it has seen, and is random otherwise, earns nothing."""
    world = World(7)
    shown = np.arange(300) % 2 == 0
    design = np.zeros((300, SIZE))
    design[np.arange(300), world.a] += 1
    design[np.arange(300), world.b] -= 1
    rows = design[shown]
    fitted = np.linalg.solve(rows.T @ rows + 0.3 * np.eye(SIZE), rows.T @ world.y[shown])
    noise = 3 * fitted.std() * world.errors[:, 0]
    lists = np.concatenate([world.lists[:, :HONEST], (fitted + noise)[:, None]], axis=1)
    open_ = reward_shares(world.task(lists, 300))
    closed = reward_shares(world.task(lists, 300, np.where(shown, 50, NEVER)))
    assert closed.share["m06"] <= open_.share["m06"]
    assert closed.share["m06"] == 0.0


def test_nobody_is_rewarded_where_nobody_has_shown_anything():
    world = World(8)
    random = reward_shares(world.task(world.errors[:, :4], 60))
    assert sum(random.share.values()) == 0.0
    assert not any(cluster.takes_part for cluster in random.clusters)
    none = reward_shares(world.task(world.lists, 0))
    assert set(none.share.values()) == {0.0}
    assert reward_shares(world.task(np.zeros((SIZE, 0)), 20)).share == {}


# --- the bound --------------------------------------------------------------------------------------------------------


def banzhaf_share(honest: int, copies: int, noise: float, spread: float) -> float:
    """The share of undetected copies when the value of every coalition is known.

    Lists are the truth (variance 1) plus errors of variance 1; the copies are one such list plus errors of their own;
    answers are differences with noise of variance `spread`. h honest lists and a copies tell the truth with precision
    1 + h + 1 / (1 + ν²/a), and the log density of an answer follows.
    """

    def value(h: int, a: int) -> float:
        known = h + (1 / (1 + noise**2 / a) if a else 0.0)
        return -0.5 * np.log(2 / (1 + known) + spread)

    def half(n: int) -> list[float]:
        return [comb(n, k) / 2**n for k in range(n + 1)]

    others, all_honest = half(honest - 1), half(honest)
    theirs = honest * sum(
        p * q * (value(h + 1, a) - value(h, a)) for h, p in enumerate(others) for a, q in enumerate(half(copies))
    )
    own = copies * sum(
        p * q * (value(h, a + 1) - value(h, a))
        for h, p in enumerate(all_honest)
        for a, q in enumerate(half(copies - 1))
    )
    return own / (own + theirs)


@pytest.mark.parametrize(("honest", "bound"), [(3, 0.026), (6, 0.012), (10, 0.006), (20, 0.002)])
def test_undetected_copies_gain_at_most_what_two_exact_ones_gain(honest, bound):
    """The table of docs/methods/models.md: noise of answers 0.5, one to forty copies, errors from 0 to 10."""
    single = banzhaf_share(honest, 1, 0.0, 0.25)
    lift = {
        (copies, noise): banzhaf_share(honest, copies, noise, 0.25) - single
        for copies in (2, 3, 5, 10, 20, 40)
        for noise in (0.0, 0.3, 1.0, 2.0, 4.0, 10.0)
    }
    worst = max(lift, key=lift.__getitem__)
    assert worst == (2, 0.0)
    assert 0 < lift[worst] < bound
    assert single == pytest.approx(1 / (honest + 1))
