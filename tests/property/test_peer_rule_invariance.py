"""What must not change the values of `distilled` and the baselines: order of files, sides, names, models' silence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.fusion_cases import make_round, noisy_list, renamed, reordered, swapped, truth, with_judge

from daccord.fusion import fuse_criterion
from daccord.judging import Judge
from daccord.round import Round

RULES = pytest.mark.parametrize("rule", ["distilled", "distilled-arithmetic", "elo", "pagerank", "rank-centrality"])


def case(seed: int) -> Round:
    """Seven projects, six jurors, ratios and orders, two lists."""
    values = truth(seed, 7)
    return make_round(
        seed, ratings=0, lists={"m1": noisy_list(seed, values, 0.4), "m2": noisy_list(seed + 1, values, 2)}
    )


def values_of(round_: Round, rule: str) -> dict[str, float]:
    beliefs = fuse_criterion(round_, round_.criteria[0], rule)
    return dict(zip(round_.portfolio.ids, beliefs.mean.tolist(), strict=True))


@RULES
@settings(max_examples=5)
@given(seed=st.integers(0, 10**6))
def test_no_order_of_rows_projects_judges_or_sides_changes_a_bit(rule, seed):
    round_ = case(seed % 50)
    assert values_of(swapped(reordered(round_, seed), seed), rule) == values_of(round_, rule)


@RULES
@pytest.mark.parametrize("seed", range(3))
def test_names_of_projects_and_jurors_do_not_matter(rule, seed):
    """Elo's orders are dealt by the place of an answer, which hangs on names: to its sampling error, a few per cent."""
    round_ = case(seed)
    ids = list(round_.portfolio.ids)
    names = dict(zip(ids, np.random.default_rng(seed).permutation([f"q{k}" for k in range(len(ids))]), strict=True))
    people = {judge.id: f"u{9 - k}" for k, judge in enumerate(round_.panel) if judge.is_person}
    one, other = values_of(round_, rule), values_of(renamed(round_, names, people), rule)
    moved = max(abs(value - other[names[project]]) for project, value in one.items())
    assert moved < (0.05 if rule == "elo" else 1e-6)


@RULES
def test_a_judge_who_says_nothing_changes_nothing(rule):
    round_ = case(4)
    assert values_of(with_judge(round_, Judge("a-silent", "person")), rule) == values_of(round_, rule)


@pytest.mark.parametrize("rule", ["elo", "pagerank", "rank-centrality"])
def test_baselines_do_not_hear_models(rule):
    round_ = case(5)
    said = round_.judgments["benefit"]
    mute = replace(round_, judgments={"benefit": replace(said, lists=())})
    assert values_of(mute, rule) == values_of(round_, rule)


@settings(max_examples=15)
@given(st.integers(0, 50), st.floats(0.001, 1000))
def test_only_the_ratios_of_a_list_matter(seed, factor):
    round_ = case(seed)
    said = round_.judgments["benefit"]
    first, *rest = said.lists
    scaled = replace(first, weights={project: factor * weight for project, weight in first.weights.items()})
    other = replace(round_, judgments={"benefit": replace(said, lists=(scaled, *rest))})
    for rule in ("distilled", "distilled-arithmetic"):
        one, two = values_of(round_, rule), values_of(other, rule)
        assert list(two.values()) == pytest.approx(list(one.values()), abs=1e-5)
