"""Numbers as a careful person would write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.money import Currency
from daccord.report._words import (
    clip,
    count,
    join,
    money,
    percent,
    percent_range,
    probability,
    sentence,
    share_digits,
    times,
    times_interval,
    unique_labels,
)

USD = Currency("USD", 2)


@pytest.mark.parametrize(
    ("millionths", "against", "text"),
    [
        (830_000, None, "83 %"),
        (829_999, None, "82 %"),
        (0, None, "under 1 %"),
        (9_999, None, "under 1 %"),
        (10_000, None, "1 %"),
        (995_000, None, "over 99 %"),
        (1_000_000, None, "over 99 %"),
        (504_000, 0.5, "50.4 %"),
        (499_600, 0.5, "49 %"),
        (500_000, 0.5, "50 %"),
        (500_001, 0.5, "50.0001 %"),
        (125_000, 0.125, "12.5 %"),
        (720_000, 0.5, "72 %"),
    ],
)
def test_probability(millionths, against, text):
    assert probability(millionths, against) == text


@given(st.integers(10_000, 990_000), st.integers(1, 99))
def test_a_probability_never_reads_on_the_wrong_side_of_its_cut_off(millionths, cut):
    shown = float(probability(millionths, cut / 100).removesuffix(" %"))
    assert (shown < cut) == (millionths < cut * 10_000)
    assert (shown == cut) == (millionths == cut * 10_000)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.06, 0.13, "6 to 13 %"),
        (0.0612, 0.0698, "6.1 to 7.0 %"),
        (0.001, 0.0015, "0.10 to 0.15 %"),
        (0.0, 0.0, "0 %"),
        (0.068, 0.068, "7 %"),
    ],
)
def test_percent_range_has_the_digits_its_width_supports(low, high, text):
    assert percent_range(low, high) == text


@given(st.floats(0, 1), st.floats(0, 1))
def test_digits_never_resolve_less_than_the_interval_is_wide(a, b):
    low, high = sorted((a, b))
    digits = share_digits(low, high)
    assert 0 <= digits <= 3
    if high > low and digits < 3:
        assert 10.0**-digits <= max(1.0, 100 * (high - low)) * (1 + 1e-9)


def test_percent_says_under_instead_of_a_false_zero():
    assert percent(0.0004) == "under 1 %"
    assert percent(0.0004, 1) == "under 0.1 %"
    assert percent(0) == "0 %"
    assert percent(0.12) == "12 %"


def test_times_with_an_interval():
    assert times(832_909, 570_000) == "2.3 times"  # ln 2.3
    assert times_interval(832_909, 570_000) == "1.1 to 4.8"
    assert times(832_909, 2_000_000) == "2 times"  # the interval spans more than a factor of ten
    assert times_interval(0, 0) == "1.0"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 USD"),
        (1_250_000, "12,500 USD"),
        (1_234_567, "12,346 USD"),
        (123, "1.23 USD"),
        (99_950, "999.5 USD"),
        (99_999, "1,000.0 USD"),
    ],
)
def test_money_in_running_text(amount, text):
    assert money(amount, USD) == text


def test_tiny_amounts_of_a_fine_currency_keep_their_meaning():
    eth = Currency("ETH", 18)
    assert money(1_234_567_890_123_456_789, eth) == "1.235 ETH"
    assert money(1, eth) == "0.000000000000000001 ETH"


@given(st.integers(1, 10**24), st.integers(0, 18))
def test_money_in_words_is_right_to_a_thousandth(amount, digits):
    currency = Currency("X", digits)
    shown = float(money(amount, currency).removesuffix(" X").replace(",", "")) * 10**digits
    assert shown == pytest.approx(amount, rel=1e-3, abs=0.51)


def test_lists_counts_and_sentences():
    assert join([]) == ""
    assert join(["a"]) == "a"
    assert join(["a", "b"], "or") == "a or b"
    assert join(["a", "b", "c"]) == "a, b and c"
    assert count(1, "project") == "one project"
    assert count(0, "answer") == "no answers"
    assert count(12, "person", "people") == "12 people"
    assert sentence("it holds") == "It holds."
    assert sentence("Does it?") == "Does it?"
    assert sentence(" ") == ""


@given(st.lists(st.text(min_size=1, max_size=60), max_size=30), st.integers(12, 40))
def test_labels_are_short_and_all_different(titles, limit):
    labels = unique_labels(titles, limit)
    assert len(set(labels)) == len(titles)
    assert all(len(label) <= limit + 1 for label in labels)


def test_clip_ends_after_a_word():
    assert clip("Machine-checked proofs for libraries", 30) == "Machine-checked proofs for…"
    assert clip("short", 30) == "short"
