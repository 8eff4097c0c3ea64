"""The published toy of the bridging score: good > good but polarising > neutral > bad.

V. Buterin, "What do I think about Community Notes?" (16 August 2023), describes a polarised society with two tribes:
people give +1 to notes of their own tribe and −1 to the other's; good notes get 1 more (+2 and 0), good but extra
polarising ones three times the difference and 1 more (+4 and −2), bad ones 1 less. Averages over 100 draws were 0.300,
0.217, 0.094 and −0.152. Built from that description: 16 people, 16 notes, four of each kind, tribes alternating, each
person rating four notes and each note rated by four people, at random.

The ordering is checked, not the decimals. The published code penalises sums instead of means (0.15 and 0.05), counts
notes nobody rated as ratings of 0, and stops where steps of 0.001 no longer help.
"""

from __future__ import annotations

import numpy as np
import pytest

from daccord.fusion import bridging_support, fusion_rule
from daccord.fusion._task import FusionTask
from daccord.fusion.peers._bridging import fit_bridging
from daccord.fusion.peers._bridging_fit import Opinions, factorise
from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.round import Criterion, RatingScale

SIZE, VOTES = 16, 4
GOOD, POLARISING, NEUTRAL, BAD = range(4)
KIND = np.arange(SIZE) // (SIZE // 4)


def draw(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who rates which note and how."""
    rng = np.random.default_rng(seed)
    rounds: list[np.ndarray] = []
    while len(rounds) < VOTES:
        notes = rng.permutation(SIZE)
        if all(np.all(notes != other) for other in rounds):
            rounds.append(notes)
    person, note = np.tile(np.arange(SIZE), VOTES), np.concatenate(rounds)
    own = np.where(person % 2 == note % 2, 1.0, -1.0)
    kind = KIND[note]
    rating = np.select([kind == GOOD, kind == POLARISING, kind == NEUTRAL], [own + 1, 3 * own + 1, own], own - 1)
    return person, note, rating


def test_ordering_of_the_toy():
    averages = []
    for seed in range(24):
        person, note, rating = draw(seed)
        fit = factorise(Opinions(SIZE, SIZE, person, note, rating))
        averages.append([fit.intercept[kind == KIND].mean() for kind in range(4)])
    good, polarising, neutral, bad = np.mean(averages, axis=0)
    assert good > polarising + 0.05
    assert polarising > neutral + 0.2
    assert neutral > bad + 0.3


def toy_task(seed: int) -> FusionTask:
    person, note, rating = draw(seed)
    none = np.full(len(person), np.nan)
    panel = Panel(tuple(Judge(f"j{i:02}", "person", f"tribe {i % 2}") for i in range(SIZE)))
    ratings = Ratings(person, note, rating, none, none)
    return FusionTask(
        Criterion("benefit", "?", RatingScale(-2, 4)),
        tuple(f"p{i:02}" for i in range(SIZE)),
        panel,
        Judgments(Comparisons.empty(), ratings),
    )


def test_ordering_of_the_toy_through_the_rule_and_the_least_supportive_tribe():
    means, supports = [], []
    for seed in range(40):
        means.append(fit_bridging(toy_task(seed)).value)
        supports.append(bridging_support(fusion_rule("median").fit(toy_task(seed))).support)
    good, polarising, neutral, bad = (np.mean(np.array(means)[:, kind == KIND]) for kind in range(4))
    assert good > polarising > neutral > bad
    good, polarising, *_ = (np.nanmean(np.array(supports)[:, kind == KIND]) for kind in range(4))
    assert good > polarising + 1


@pytest.mark.parametrize("rule", ["median", "qr-median"])
def test_rules_that_do_not_bridge_do_not_tell_the_two_apart(rule):
    """What bridging adds: their gap between good and polarising is smaller than half of that between good and bad."""
    means = []
    for seed in range(8):
        mean = fusion_rule(rule).fit(toy_task(seed)).mean
        means.append([mean[kind == KIND].mean() for kind in range(4)])
    good, polarising, _, bad = np.mean(means, axis=0)
    assert abs(good - polarising) < (good - bad) / 2
