"""What must not change what `median`, `qr-median` and `bridging` say: order, sides, names, silence; and the mirror."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.fusion_cases import BENEFIT, make_round, renamed, reordered, swapped, with_judge, with_judgments

from daccord.fusion import fuse_criterion
from daccord.judging import Comparisons, Judge, Judgments, Ratings
from daccord.round import Round

RULES = pytest.mark.parametrize("rule", ["median", "qr-median", "bridging"])
SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=6)
CLOSE = {"median": 1e-12, "qr-median": 1e-8, "bridging": 1e-5}
"""Other names mean another order of sums; what is found by iteration agrees to the precision it is found with."""


def case(seed: int) -> Round:
    """Comparisons only, ratings only, or both."""
    kinds = ((40, 0), (0, 40), (36, 24))[seed % 3]
    return make_round(seed, projects=6, jurors=7, comparisons=kinds[0], ratings=kinds[1])


def by_project(round_: Round, rule: str) -> dict[str, tuple[float, ...]]:
    beliefs = fuse_criterion(round_, BENEFIT, rule)
    component = beliefs.components[0]
    assert component.margin is not None
    columns = (component.mean, component.variance, component.margin, *sorted_views(beliefs))
    return dict(zip(round_.portfolio.ids, zip(*columns, strict=True), strict=True))


def sorted_views(beliefs) -> list[np.ndarray]:
    return [np.nan_to_num(beliefs.community_views[name].mean) for name in sorted(beliefs.community_views)]


def apart(one: dict, other: dict) -> float:
    return max(float(np.abs(np.subtract(one[key], other[key])).max()) for key in one)


@RULES
@FEW
@given(seed=SEEDS)
def test_no_order_and_no_side_changes_a_bit(rule, seed):
    round_ = case(seed)
    assert by_project(swapped(reordered(round_, seed), seed), rule) == by_project(round_, rule)


@RULES
@FEW
@given(seed=SEEDS)
def test_names_do_not_matter(rule, seed):
    round_ = case(seed)
    rng = np.random.default_rng(seed)
    projects = {i: f"q{k}" for i, k in zip(round_.portfolio.ids, rng.permutation(6), strict=True)}
    judges = {judge.id: f"u{k}" for judge, k in zip(round_.panel, rng.permutation(7), strict=True)}
    there = by_project(renamed(round_, projects, judges), rule)
    here = {projects[key]: value for key, value in by_project(round_, rule).items()}
    assert apart(here, there) < CLOSE[rule]


@RULES
@FEW
@given(seed=SEEDS)
def test_a_juror_who_abstains_changes_nothing(rule, seed):
    round_ = case(seed)
    assert by_project(with_judge(round_, Judge("a-silent", "person", "south")), rule) == by_project(round_, rule)


def mirrored(said: Judgments) -> Judgments:
    c, r = said.comparisons, said.ratings
    return replace(
        said,
        comparisons=Comparisons(c.judge, c.a, c.b, -c.outcome, -c.log_ratio),
        ratings=Ratings(r.judge, r.project, 10 - r.value, 10 - r.high, 10 - r.low),
    )


@RULES
@FEW
@given(seed=SEEDS)
def test_the_opposite_of_all_answers_gives_the_opposite_values(rule, seed):
    round_ = case(seed)
    here = fuse_criterion(round_, BENEFIT, rule)
    there = fuse_criterion(with_judgments(round_, mirrored), BENEFIT, rule)
    assert there.mean == pytest.approx(-here.mean, abs=10 * CLOSE[rule])
    assert there.variance == pytest.approx(here.variance, abs=10 * CLOSE[rule])


@RULES
@pytest.mark.parametrize("seed", range(3))
def test_better_answers_of_everybody_about_one_project_do_not_lower_it(rule, seed):
    round_ = make_round(seed, projects=6, jurors=7, comparisons=0, ratings=40)

    def lifted(said: Judgments) -> Judgments:
        r = said.ratings
        higher = np.where(r.project == 2, np.minimum(r.value + 1.5, 10), r.value)
        none = np.full(len(r), np.nan)
        return replace(said, ratings=Ratings(r.judge, r.project, higher, none, none))

    plain = with_judgments(round_, lambda said: replace(said, ratings=bare(said.ratings)))
    before = fuse_criterion(plain, BENEFIT, rule).mean
    after = fuse_criterion(with_judgments(round_, lifted), BENEFIT, rule).mean
    assert after[2] - after.mean() >= before[2] - before.mean() - 1e-9


def bare(r: Ratings) -> Ratings:
    none = np.full(len(r), np.nan)
    return Ratings(r.judge, r.project, r.value, none, none)
