"""Orders by weights: what they are made of, exact switches, and shares of all weights."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.study_cases import pieces_of, study_of

from daccord.errors import InputError
from daccord.futures.study import MEASURES, compare, weigh, weighed_measures
from daccord.futures.study._weights import acceptability, even_weights, rank, switches, to_unit

FloatArray = npt.NDArray[np.float64]

ALL = list(MEASURES)
THREE = ("welfare", "catastrophe", "agency")
NAMES = ("a", "b", "c", "d")


def table(seed: int, c: int = 4, m: int = 3) -> FloatArray:
    return np.random.default_rng(seed).random((c, m))


SEEDS = st.integers(0, 2**32 - 1)
WEIGHTS = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)


# --- units and scores ------------------------------------------------------------------------------------------------


def test_measures_go_from_worst_to_best() -> None:
    values = np.array([[70.0, 0.2, 0.5], [60.0, 0.1, 0.5], [65.0, 0.3, 0.5]])
    unit = to_unit(values, THREE)
    assert unit[:, 0].tolist() == [1.0, 0.0, 0.5]
    assert unit[:, 1] == pytest.approx([0.5, 1.0, 0.0])
    assert unit[:, 2].tolist() == [1.0, 1.0, 1.0]


def test_a_measure_that_is_equal_for_all_moves_nothing() -> None:
    full = np.random.default_rng(1).random((4, len(ALL)))
    full[:, ALL.index("agency")] = 0.7
    with_ = rank("", full, {"welfare": 0.2, "catastrophe": 0.2, "agency": 0.6}, NAMES, 1)
    without = rank("", full, {"welfare": 0.5, "catastrophe": 0.5}, NAMES, 1)
    assert with_.idle == ("agency",)
    assert without.idle == ()
    assert with_.order == without.order
    assert "agency" not in {switch.measure for switch in with_.switches}


@given(SEEDS, WEIGHTS, WEIGHTS, st.floats(0, 1))
def test_scores_are_linear_in_weights(seed: int, one: list[float], two: list[float], t: float) -> None:
    values = table(seed)

    def score(weights: list[float]) -> FloatArray:
        total = sum(weights)
        return weigh(values, THREE, {n: w / total for n, w in zip(THREE, weights, strict=True)}, NAMES).scores

    mixed = [t * a / sum(one) + (1 - t) * b / sum(two) for a, b in zip(one, two, strict=True)]
    assert score(mixed) == pytest.approx(t * score(one) + (1 - t) * score(two), abs=1e-12)


@given(SEEDS, WEIGHTS, st.floats(0.1, 50))
def test_only_proportions_of_weights_count(seed: int, weights: list[float], factor: float) -> None:
    plain = weigh(table(seed), THREE, dict(zip(THREE, weights, strict=True)), NAMES)
    more = weigh(table(seed), THREE, {n: factor * w for n, w in zip(THREE, weights, strict=True)}, NAMES)
    assert plain.weights.sum() == pytest.approx(1)
    assert more.scores == pytest.approx(plain.scores, abs=1e-12)


def test_equal_scores_are_ordered_by_name() -> None:
    values = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert weigh(values, THREE, {"welfare": 1.0}, ("market", "centre", "teams")).order == (1, 0, 2)


def test_weights_of_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="all are zero"):
        weigh(table(1), THREE, {"cvar": 1.0}, NAMES)


def test_named_measures_are_weighed_and_all_if_hardly_any_is_named() -> None:
    assert weighed_measures({"agency": 0.0, "welfare": 1.0}) == ("welfare", "agency")
    assert weighed_measures({"welfare": 1.0}) == tuple(ALL)


# --- switches --------------------------------------------------------------------------------------------------------


def leader(unit: FloatArray, weights: FloatArray, m: int, t: float) -> int:
    """First place with the share t for measure m, by the definition."""
    moved = weights * (1 - t) / (1 - weights[m])
    moved[m] = t
    return int(np.argmax(unit @ moved))


@given(SEEDS, WEIGHTS, st.integers(2, 7))
@settings(max_examples=60, deadline=None)
def test_switches_are_where_the_first_place_changes(seed: int, weights: list[float], c: int) -> None:
    names = [f"c{k}" for k in range(c)]
    weighed = weigh(table(seed, c), THREE, dict(zip(THREE, weights, strict=True)), names)
    found = switches(weighed, THREE, names)
    for m, name in enumerate(THREE):
        mine = [switch for switch in found if switch.measure == name]
        ends = [0.0, *(switch.weight for switch in mine), 1.0]
        assume(min(np.diff(ends)) > 1e-6)
        assert ends == sorted(ends)
        for k, switch in enumerate(mine):
            assert names[leader(weighed.unit, weighed.weights, m, switch.weight - 1e-7)] == switch.before
            assert names[leader(weighed.unit, weighed.weights, m, switch.weight + 1e-7)] == switch.after
            assert k == 0 or mine[k - 1].after == switch.before
        for low, high in pairwise(ends):  # and nowhere else
            within = {leader(weighed.unit, weighed.weights, m, t) for t in np.linspace(low + 1e-7, high - 1e-7, 40)}
            assert len(within) == 1


def test_a_switch_known_by_hand() -> None:
    """a leads by welfare, b by agency; catastrophe is alike. At t: a scores 1 − t, b scores t."""
    values = np.array([[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]])
    weighed = weigh(values, THREE, {"welfare": 0.8, "agency": 0.2}, ("a", "b"))
    by = {switch.measure: switch for switch in switches(weighed, THREE, ("a", "b"))}
    assert by["agency"].weight == pytest.approx(0.5)
    assert (by["agency"].before, by["agency"].after) == ("a", "b")
    assert (by["welfare"].before, by["welfare"].after) == ("b", "a")
    assert "catastrophe" not in by


def test_lines_through_one_point_are_one_switch() -> None:
    values = np.array([[1.0, 0.0, 0.0], [0.5, 0.0, 0.5], [0.0, 0.0, 1.0]])
    weighed = weigh(values, THREE, {"welfare": 1.0}, ("a", "b", "c"))
    found = [switch for switch in switches(weighed, THREE, ("a", "b", "c")) if switch.measure == "agency"]
    assert [(s.before, s.after, s.weight) for s in found] == [("a", "c", pytest.approx(0.5))]


def test_a_measure_that_has_all_weight_has_no_switches() -> None:
    weighed = weigh(table(3), THREE, {"welfare": 1.0}, NAMES)
    assert "welfare" not in {switch.measure for switch in switches(weighed, THREE, NAMES)}


# --- shares of all weights -------------------------------------------------------------------------------------------


@given(SEEDS, st.integers(2, 6), st.integers(1, 5), st.booleans())
@settings(max_examples=30, deadline=None)
def test_ranks_and_constitutions_add_up(seed: int, c: int, m: int, twins: bool) -> None:
    unit = table(seed, c, m)
    if twins:
        unit[1] = unit[0]
    weights = even_weights(m, seed, 500)
    shares, central = acceptability(unit, weights)
    assert weights.sum(axis=1) == pytest.approx(np.ones(500))
    assert shares.sum(axis=0) == pytest.approx(np.ones(c))
    assert shares.sum(axis=1) == pytest.approx(np.ones(c))
    first = shares[:, 0]
    assert central.sum(axis=1) == pytest.approx((first > 0).astype(float))
    assert first @ central == pytest.approx(weights.mean(axis=0))
    if twins:
        assert shares[0] == pytest.approx(shares[1])


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_what_is_worse_in_everything_is_never_first(seed: int) -> None:
    unit = table(seed)
    unit[2] = unit[0] - 0.1
    shares, central = acceptability(unit, even_weights(3, 1, 500))
    assert shares[2, 0] == 0
    assert not central[2].any()


def test_shares_known_by_hand() -> None:
    """One best in each of three measures: a third each. Two lines that cross at a weight of 3/4: a quarter."""
    shares, central = acceptability(np.eye(3), even_weights(3, 5))
    assert shares[:, 0] == pytest.approx([1 / 3] * 3, abs=0.015)
    assert np.diag(central) == pytest.approx([11 / 18] * 3, abs=0.01)  # mean of the largest of three even parts
    two, _ = acceptability(np.array([[1.0, 0.0], [0.0, 1 / 3]]), even_weights(2, 5))
    assert two[1, 0] == pytest.approx(0.25, abs=0.015)


def test_weights_are_even_over_the_simplex() -> None:
    """Dirichlet(1, 1, 1): means of 1/3, variances of 1/18."""
    weights = even_weights(3, 11)
    assert weights.mean(axis=0) == pytest.approx([1 / 3] * 3, abs=0.01)
    assert weights.var(axis=0) == pytest.approx([1 / 18] * 3, abs=0.003)
    assert (even_weights(3, 11)[:, :1] == weights[:, :1]).all()
    assert (even_weights(3, 12) != weights).all()


def test_rankings_of_a_comparison() -> None:
    study = study_of(8, weights={"welfare": 3.0, "catastrophe": 1.0, "agency": 0.0})
    found = compare(study, pieces_of(study, lambda f, g: [60.0, 70.0, 65.0, 50.0], noise=0.1))
    assert [item.group for item in found.rankings] == ["wide", "leaky", ""]
    last = found.rankings[-1]
    assert last.measures == THREE
    assert last.weights.tolist() == [0.75, 0.25, 0.0]
    rows = {(row.group, row.constitution): row.measures for row in found.rows}
    means = np.array([[(rows["wide", c][m] + rows["leaky", c][m]) / 2 for m in THREE] for c in found.constitutions])
    assert last.unit == pytest.approx(to_unit(means, THREE))
    assert last.scores == pytest.approx(last.unit @ last.weights)
    assert last.scores[list(last.order)].tolist() == sorted(last.scores, reverse=True)
