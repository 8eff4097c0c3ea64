"""Reward shares depend on what is said and on who registered first, on nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from tests.property.fusion_cases import make_round, noisy_list, renamed, reordered, swapped, truth

from daccord.fusion import reward_shares
from daccord.fusion._fuse import task_of
from daccord.round import Round

SIZE = 24
MODELS = {"m1": 0.4, "m2": 0.8, "k1": 0.8, "k2": 1.5, "x": np.inf}


def case(seed: int) -> Round:
    values = truth(seed, SIZE)
    lists = {name: noisy_list(seed + i, values, noise) for i, (name, noise) in enumerate(MODELS.items())}
    return make_round(seed, projects=SIZE, jurors=9, comparisons=90, ratings=60, lists=lists)


def shares(round_: Round) -> dict[str, float]:
    return reward_shares(task_of(round_, round_.criteria[0])[0]).share


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_and_projects_and_the_sides_do_not_matter(seed: int) -> None:
    round_ = case(seed)
    base = shares(round_)
    assert sum(base.values()) == pytest.approx(1.0)
    assert shares(reordered(round_, seed, judges=False)) == pytest.approx(base, abs=1e-9)
    assert shares(swapped(round_, seed)) == pytest.approx(base, abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2])
def test_names_do_not_matter(seed: int) -> None:
    round_ = case(seed)
    judges = {judge.id: f"{(7 * i) % 23:02d}" for i, judge in enumerate(round_.panel)}
    projects = {project.id: f"q{(5 * i) % 24:02d}" for i, project in enumerate(round_.portfolio)}
    other = shares(renamed(round_, projects, judges))
    assert {judges[model]: share for model, share in shares(round_).items()} == pytest.approx(other, abs=1e-9)


def test_without_clusters_the_order_of_registration_does_not_matter() -> None:
    round_ = case(3)
    assert shares(reordered(round_, 4, rows=False, projects=False)) == pytest.approx(shares(round_), abs=1e-6)
