"""Churn and steepness from awards alone, by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.allocation.margins import CHURN_BAND, movement, steepness

awards = st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(0, 50))


def test_by_hand() -> None:
    before = {"a": 50, "b": 30, "c": 20, "d": 0}
    after = {"a": 40, "b": 0, "c": 20, "e": 40}
    found = movement(before, after, top=2)
    assert (found.left, found.joined, found.churn) == (("b",), ("e",), Fraction(1, 2))
    assert found.moved == Fraction(40, 100)  # 10 from a, 30 from b; 40 to e
    assert (found.steepness_before, found.steepness_after) == (Fraction(50, 30), Fraction(1))
    assert CHURN_BAND[0] <= found.churn <= CHURN_BAND[1]


def test_the_median_is_of_those_who_were_paid() -> None:
    assert steepness({"a": 90, "b": 10, "c": 20, "d": 0, "e": 0}) == Fraction(90, 20)
    assert steepness({"a": 90, "b": 10, "c": 20, "d": 30}) == Fraction(90, 25)
    assert steepness({"a": 0}) is None
    assert steepness({}) is None


def test_nobody_paid_before() -> None:
    found = movement({"a": 0}, {"a": 5})
    assert (found.churn, found.moved, found.left, found.joined) == (None, None, (), ("a",))


def test_a_top_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="not positive"):
        movement({}, {}, 0)


@given(awards, awards, st.integers(1, 12))
def test_bounds_and_symmetry(before: dict[str, int], after: dict[str, int], top: int) -> None:
    found, back = movement(before, after, top), movement(after, before, top)
    assert (found.left, found.joined, found.moved) == (back.joined, back.left, back.moved)
    for share in (found.churn, found.moved):
        assert share is None or 0 <= share <= 1
    assert all(before[name] > 0 for name in found.left)
    assert movement(before, before, top).left == ()


@given(awards, st.integers(1, 9))
def test_another_currency_changes_nothing(before: dict[str, int], factor: int) -> None:
    found = movement(before, {name: factor * amount for name, amount in before.items()})
    assert found.left == found.joined == ()
    assert found.moved in {0, None}
