"""Beliefs as published integers: what they mean, and that draws are the same bits for ever."""

from __future__ import annotations

import numpy as np
import pytest

from daccord.fusion import DRAWS, MICRO, NANO, Component, CriterionBeliefs, draw_log_values, publish
from daccord.fusion._publish import _standard_normals

IDS = ("a", "b", "c")

GOLDEN_WORDS = [16086915834549238692, 5448529601018347655, 7749434361382612120]
"""First raw words of Philox4x64-10 with key 7, counter 0 onwards."""
GOLDEN_NORMALS = [1.1362472746449774, -0.5377773613536538, -0.20164360050307614]
"""Φ⁻¹ of (word // 2¹¹ + 1/2) / 2⁵³ for these words."""
GOLDEN_DRAW = [-0.6481987233201761, 0.39696007697398455, -0.07467950171825377]
"""First draw of `ONE` with seed 3."""


def beliefs(*components: Component, criterion: str = "benefit", **others) -> CriterionBeliefs:
    size = len(components[0].mean)
    return CriterionBeliefs(
        criterion=criterion,
        rule="by hand",
        components=components,
        judgments=np.arange(size) + 5,
        jurors=np.arange(size) + 2,
        **others,
    )


def component(weight: float, mean, covariance, **others) -> Component:
    return Component(weight, np.array(mean, dtype=float), np.array(covariance, dtype=float), **others)


ONE = component(1.0, [0.0, 0.5, -1.0], [[0.2, 0.05, 0.0], [0.05, 0.3, 0.1], [0.0, 0.1, 0.4]])


# --- draws ------------------------------------------------------------------------------------------------------------


def test_philox_is_the_published_generator():
    """Known-answer test of Philox4x64-10 with all-zero key and counter, from the Random123 distribution (kat_vectors).

    The generator counts up before its first block, so the block of counter 0 is reached from the largest counter.
    """
    largest = 2**256 - 1
    words = np.random.Philox(key=0, counter=largest).random_raw(4)
    assert [f"{word:016x}" for word in words] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]


def test_the_raw_stream_and_its_normals_are_pinned():
    words = np.random.Philox(key=7).random_raw(3)
    assert [int(word) for word in words] == GOLDEN_WORDS
    assert _standard_normals(7, 1, 3)[0] == pytest.approx(GOLDEN_NORMALS, rel=0, abs=1e-13)


def test_seeds_of_any_size_are_taken():
    assert np.array_equal(_standard_normals(2**64 + 5, 2, 2), _standard_normals(5, 2, 2))
    assert not np.array_equal(_standard_normals(-1, 2, 2), _standard_normals(5, 2, 2))


def test_the_same_seed_gives_the_same_bits_and_another_one_does_not():
    one = draw_log_values(beliefs(ONE), IDS, seed=3)
    assert np.array_equal(one, draw_log_values(beliefs(ONE), IDS, seed=3))
    assert not np.array_equal(one, draw_log_values(beliefs(ONE), IDS, seed=4))
    assert one.shape == (DRAWS, 3)
    assert one[0] == pytest.approx(GOLDEN_DRAW, rel=0, abs=1e-10)


def test_randomness_is_dealt_out_by_belief_and_not_by_place_or_name():
    order = [2, 0, 1]
    moved = component(1.0, ONE.mean[order], ONE.covariance[np.ix_(order, order)])
    one = draw_log_values(beliefs(ONE), IDS, seed=3)
    assert np.array_equal(draw_log_values(beliefs(moved), [IDS[i] for i in order], seed=3), one[:, order])
    assert np.array_equal(draw_log_values(beliefs(moved), ["x", "b", "q"], seed=3), one[:, order])


def test_between_equals_the_name_decides():
    twins = component(1.0, np.zeros(2), np.eye(2))
    one = draw_log_values(beliefs(twins), ["a", "b"], seed=3, draws=5)
    assert np.array_equal(draw_log_values(beliefs(twins), ["b", "a"], seed=3, draws=5), one[:, ::-1])


def test_draws_have_the_mean_and_covariance_of_the_mixture():
    other = component(0.3, [2.0, -1.0, 0.0], [[0.1, 0.0, 0.0], [0.0, 0.05, 0.0], [0.0, 0.0, 0.0]])
    mixture = beliefs(component(0.7, ONE.mean, ONE.covariance), other)
    draws = draw_log_values(mixture, IDS, seed=1, draws=40_000)
    # Four standard errors of a mean of 40,000 draws whose variance is at most 1.1.
    assert np.allclose(draws.mean(axis=0), mixture.mean, rtol=0, atol=4 * np.sqrt(1.1 / 40_000))
    assert np.allclose(np.cov(draws.T), mixture.covariance, rtol=0, atol=0.04)


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.123, 0.877), (1 / 3, 2 / 3)])
def test_every_grid_point_gets_draws_in_proportion_to_its_weight(weights):
    far = [component(w, [100.0 * k] * 3, np.zeros((3, 3))) for k, w in enumerate(weights)]
    draws = draw_log_values(beliefs(*far), IDS, seed=1)
    assert np.isclose(draws, 100).all(axis=1).sum() == pytest.approx(weights[1] * DRAWS, abs=1)


def test_a_certain_value_is_drawn_as_it_is():
    sure = component(1.0, [1.0, 2.0, 3.0], np.zeros((3, 3)))
    assert np.array_equal(draw_log_values(beliefs(sure), IDS, seed=1, draws=2), [[1.0, 2.0, 3.0]] * 2)


# --- integers ---------------------------------------------------------------------------------------------------------


def test_shares_of_known_values_are_the_values_themselves():
    """Values 1 : 2 : 5 without any doubt are shares of 1/8, 1/4 and 5/8, with intervals of no width."""
    sure = component(1.0, np.log([1, 2, 5]), np.zeros((3, 3)))
    known = beliefs(sure)
    scores = publish({"benefit": known}, IDS, draw_log_values(known, IDS, seed=1))
    assert [score.share for score in scores] == [125_000_000, 250_000_000, 625_000_000]
    assert all(score.share_low == score.share == score.share_high for score in scores)
    centre = np.log(10) / 3
    means = [score.criteria["benefit"].mean for score in scores]
    assert means == [round((np.log(value) - centre) * MICRO) for value in (1, 2, 5)]
    assert means[1] - means[0] == 693_147  # a factor of two, as the documentation says
    assert [score.criteria["benefit"].sd for score in scores] == [0, 0, 0]


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_shares_add_up_to_the_whole(size):
    rng = np.random.default_rng(size)
    root = rng.normal(size=(size, size)) / np.sqrt(size)
    vague = beliefs(component(1.0, rng.normal(0, 2, size), root @ root.T))
    ids = [f"p{i:02d}" for i in range(size)]
    scores = publish({"benefit": vague}, ids, draw_log_values(vague, ids, seed=2))
    assert abs(sum(score.share for score in scores) - NANO) <= size / 2
    assert all(0 <= score.share_low <= score.share_high <= NANO for score in scores)


def test_mean_and_spread_are_relative_to_the_typical_project():
    mean, variance = beliefs(ONE).centred
    scores = publish({"benefit": beliefs(ONE)}, IDS, draw_log_values(beliefs(ONE), IDS, seed=1))
    assert [score.criteria["benefit"].mean for score in scores] == [round(value * MICRO) for value in mean]
    sds = np.sqrt(variance)
    assert [score.criteria["benefit"].sd for score in scores] == [round(value * MICRO) for value in sds]
    assert abs(sum(score.criteria["benefit"].mean for score in scores)) <= 2


def test_what_all_projects_share_is_no_uncertainty_about_any():
    common = component(1.0, [0.0, 0.5, -1.0], ONE.covariance + 50.0)
    ours, theirs = (
        publish({"benefit": beliefs(part)}, IDS, draw_log_values(beliefs(part), IDS, seed=1)) for part in (ONE, common)
    )
    for one, other in zip(ours, theirs, strict=True):
        assert abs(one.criteria["benefit"].sd - other.criteria["benefit"].sd) <= 1


def test_probabilities_counts_and_communities_are_published():
    barred = component(
        1.0, [0.0, 0.0, 0.0], np.eye(3), margin=np.array([0.0, 1.0, -1.0]), margin_sd=np.array([1.0, 1.0, 1.0])
    )
    said = {"north": np.array([0.25, np.nan, 1.0])}
    defence = beliefs(barred, criterion="defence", communities=said)
    scores = publish({"benefit": beliefs(ONE), "defence": defence}, IDS, draw_log_values(beliefs(ONE), IDS, seed=1))
    # Φ(0), Φ(1), Φ(−1)
    assert [score.criteria["defence"].above for score in scores] == [500_000, 841_345, 158_655]
    communities = [dict(score.criteria["defence"].communities) for score in scores]
    assert communities == [{"north": 250_000}, {}, {"north": MICRO}]
    assert [(score.criteria["defence"].judgments, score.criteria["defence"].jurors) for score in scores] == [
        (5, 2),
        (6, 3),
        (7, 4),
    ]
    assert all(score.criteria["benefit"].above is None for score in scores)


def test_intervals_are_the_tenth_and_ninetieth_percentile():
    two = beliefs(component(1.0, [0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]))
    scores = publish({"benefit": two}, ("a", "b"), draw_log_values(two, ("a", "b"), seed=1, draws=100_000))
    # The log-odds of the first share are normal with variance 2.
    exact = 1 / (1 + np.exp(1.2815515655 * np.sqrt(2)))
    assert scores["a"].share_low / NANO == pytest.approx(exact, abs=3e-3)
    assert scores["a"].share_high / NANO == pytest.approx(1 - exact, abs=3e-3)


def test_values_too_large_for_a_float_still_have_shares():
    huge = component(1.0, [800.0, 799.0, -800.0], np.zeros((3, 3)))
    scores = publish({"benefit": beliefs(huge)}, IDS, draw_log_values(beliefs(huge), IDS, seed=1))
    assert [score.share for score in scores] == [731_058_579, 268_941_421, 0]


# --- many projects: variances only ------------------------------------------------------------------------------------


def test_variances_alone_mean_independent_projects():
    """What a diagonal covariance publishes is what the same covariance written out as a matrix publishes."""
    variances = np.array([0.2, 0.3, 0.4])
    alone = beliefs(component(1.0, [0.0, 0.5, -1.0], variances))
    whole = beliefs(component(1.0, [0.0, 0.5, -1.0], np.diag(variances)))
    assert alone.is_diagonal
    assert not whole.is_diagonal
    for one, other in zip(alone.centred, whole.centred, strict=True):
        assert one == pytest.approx(other)
    assert alone.covariance == pytest.approx(whole.covariance)
    drawn, expected = (draw_log_values(case, IDS, seed=4) for case in (alone, whole))
    assert drawn == pytest.approx(expected)
    a, b = np.array([0, 1, 2]), np.array([1, 2, 2])
    assert alone.components[0].contrast_variance(a, b) == pytest.approx([0.5, 0.7, 0.0])
    assert whole.components[0].contrast_variance(a, b) == pytest.approx([0.5, 0.7, 0.0])


def test_several_grid_points_add_what_lies_between_them():
    two = beliefs(component(0.25, [0.0, 1.0, 0.0], [0.1, 0.1, 0.1]), component(0.75, [0.0, -1.0, 0.0], [0.2, 0.2, 0.2]))
    assert two.mean == pytest.approx([0.0, -0.5, 0.0])
    assert two.variance == pytest.approx([0.175, 0.175 + 0.75, 0.175])
