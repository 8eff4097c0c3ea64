"""Amounts are read, written and divided without losing a unit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.money import Currency, apportion, largest_remainder

EURO = Currency("EUR", 2)
WEI = Currency("ETH", 18)
YEN = Currency("JPY", 0)


@pytest.mark.parametrize(
    ("currency", "text", "amount"),
    [
        (EURO, "1250.50", 125_050),
        (EURO, "1250.5", 125_050),
        (EURO, "1_250", 125_000),
        (EURO, " 0.01 ", 1),
        (EURO, "0", 0),
        (YEN, "7", 7),
        (WEI, "0.000000000000000001", 1),
        (WEI, "120000000", 120_000_000 * 10**18),
    ],
)
def test_amounts_are_read_exactly(currency, text, amount):
    assert currency.parse(text) == amount


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1,000", "1e3", "1.", ".5", "1.234", "0x10", "_1", "1_", "1__0", "NaN", "٣", "1 000", "½"]
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"amount|decimals"):
        EURO.parse(text)


def test_a_currency_without_decimals_takes_none():
    with pytest.raises(ValueError, match="1 decimals, JPY has 0"):
        YEN.parse("7.0")


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [(EURO, 123_456_789, "1,234,567.89 EUR"), (EURO, 5, "0.05 EUR"), (EURO, -5, "-0.05 EUR"), (YEN, 1000, "1,000 JPY")],
)
def test_amounts_are_written_for_people(currency, amount, text):
    assert currency.format(amount) == text
    assert currency.format(amount, code=False) == text.rpartition(" ")[0]


@given(st.integers(0, 10**30), st.sampled_from([EURO, YEN, WEI]))
def test_reading_undoes_writing(amount, currency):
    assert currency.parse(currency.format(amount, code=False).replace(",", "")) == amount


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=12), st.integers(0, 10**15))
def test_apportioning_conserves_and_stays_within_one_unit(weights, total):
    ids = [f"id{i}" for i in range(len(weights))]
    if sum(weights) == 0:
        if total:
            with pytest.raises(ValueError, match="all weights are zero"):
                apportion(weights, total, ids)
        return
    amounts = apportion(weights, total, ids)
    assert sum(amounts) == total
    for weight, amount in zip(weights, amounts, strict=True):
        quota = Fraction(weight * total, sum(weights))
        assert int(quota) <= amount <= int(quota) + (quota.denominator > 1)


@given(st.lists(st.integers(1, 50), min_size=2, max_size=8), st.integers(0, 200), st.randoms(use_true_random=False))
def test_the_order_of_a_file_favours_nobody(weights, total, random):
    ids = [f"id{i}" for i in range(len(weights))]
    order = list(range(len(weights)))
    random.shuffle(order)
    shuffled = apportion([weights[i] for i in order], total, [ids[i] for i in order])
    straight = apportion(weights, total, ids)
    assert shuffled == [straight[i] for i in order]


def test_ties_go_to_the_smaller_digest():
    """SHA-256 of "b" begins 3e23…, of "a" ca97…, of "c" 2e7d…: c first, then b."""
    assert apportion([1, 1, 1], 4, ["a", "b", "c"]) == [1, 1, 2]
    assert apportion([1, 1, 1], 5, ["a", "b", "c"]) == [1, 2, 2]


def test_impossible_divisions_are_refused():
    with pytest.raises(ValueError, match="negative"):
        largest_remainder([Fraction(-1), Fraction(2)], 1, ["a", "b"])
    with pytest.raises(ValueError, match="sum to"):
        largest_remainder([Fraction(1, 2)], 1, ["a"])
    assert apportion([0, 0], 0, ["a", "b"]) == [0, 0]
