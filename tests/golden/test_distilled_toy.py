"""The published toy of distilled human judgement: five answers, five lists, and the combination that won.

V. Buterin, "AI as the engine, humans as the steering wheel" (28 February 2025) prints the costs of five lists and of
the best combination; github.com/deepfunding/scoring, example.py, holds four of the lists as text. The five answers are
published as a picture only. They are recovered here from the figures: with factors that a person would say, just one
choice of five pairs and five factors gives the printed costs of all four lists to the last digit (up to exchanging
projects which all four lists rate alike). Of the fifth list only its ratios within these pairs matter, and the
printed cost, weight and optimum leave one set of ratios of small numbers, up to which pair has which. So the
cost function, the weights and who gets none are checked against print; what the answers were about is inferred.
"""

from __future__ import annotations

import numpy as np
import pytest

from daccord.fusion.peers._distilled_fit import fit_distilled
from daccord.fusion.peers._ratio_answers import RatioAnswers

ANSWERS = [(12, 15, 1.5), (14, 15, 3.0), (17, 8, 4.0), (3, 10, 5.0), (4, 6, 5.0)]
"""(worth more, worth less, how many times), positions in the lists."""

LISTS = {
    "gpt": (25, 20, 15, 10, 3, 3, 3, 3, 2, 2, 3, 2, 2, 3, 1, 2, 1, 1, 3, 1),
    "claude": (20, 18, 12, 8, 3, 3, 2, 2, 2, 2, 4, 2, 2, 3, 5, 5, 1, 2, 3, 1),
    "human": (17, 10, 10, 10, 5, 5, 5, 5, 3, 3, 1, 2, 2, 5, 2, 2, 1, 1, 3, 1),
    "egalitarian": (5,) * 20,
}
FIFTH = {12: 10.0, 15: 3.0, 14: 5.0, 17: 1.0, 8: 1.0, 3: 5.0, 10: 2.0, 4: 2.0, 6: 1.0}
"""The fifth list where an answer touches it; the rest of it has no bearing on any figure."""

COSTS = {"gpt": 10.4536, "claude": 7.1649, "human": 10.6169, "egalitarian": 8.4737, "fifth": 4.2250}
OPTIMUM, WEIGHTS = 4.0307, {"claude": 0.199, "fifth": 0.801}
PRINTED = 5.1e-5
"""Half a unit of the last digit that is printed."""


def answers() -> RatioAnswers:
    more, less, times = zip(*ANSWERS, strict=True)
    return RatioAnswers(20, np.array(more), np.array(less), np.log(times))


def lists() -> dict[str, np.ndarray]:
    fifth = np.array([FIFTH.get(place, 1.0) for place in range(20)])
    return {name: np.log(np.array(values, dtype=float)) for name, values in LISTS.items()} | {"fifth": np.log(fifth)}


@pytest.mark.parametrize("name", list(COSTS))
def test_cost_of_each_list_is_the_printed_one(name):
    alone = fit_distilled(answers(), lists()[name][:, None])
    assert alone.cost == pytest.approx(COSTS[name], abs=PRINTED)


def test_the_best_combination_is_the_printed_one():
    named = lists()
    fit = fit_distilled(answers(), np.column_stack(list(named.values())))
    assert fit.cost == pytest.approx(OPTIMUM, abs=PRINTED)
    for name, weight in zip(named, fit.weights, strict=True):
        assert weight == pytest.approx(WEIGHTS.get(name, 0.0), abs=5.1e-4)


def test_credit_is_a_geometric_mean():
    """The winners' logs are averaged: 0.199 · claude + 0.801 · fifth, up to a constant."""
    named = lists()
    fit = fit_distilled(answers(), np.column_stack(list(named.values())))
    mixed = fit.weights[1] * named["claude"] + fit.weights[4] * named["fifth"]
    assert np.ptp(fit.theta - mixed) < 1e-9
