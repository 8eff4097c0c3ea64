"""Single values: what is read, and that what is written is read back exactly."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.formats._instants import (
    FIRST_INSTANT,
    LAST_INSTANT,
    instant_text,
    microseconds,
    plain_instants,
)
from daccord.formats._values import (
    MAX_RATIO,
    Fault,
    amount_text,
    number_text,
    parse_amount,
    parse_number,
    parse_ratio,
    parse_share,
    parse_time,
    ratio_text,
    share_text,
)
from daccord.money import Currency


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2.0), ("0.25", 0.25), ("1e-3", 0.001), ("+3", 3.0), ("-.5", -0.5), ("5.", 5.0), ("1E+2", 100.0)],
)
def test_numbers(text: str, value: float) -> None:
    assert parse_number(text) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_exactly(value: float) -> None:
    assert parse_number(number_text(value)) == value


@given(st.text(max_size=12))
def test_any_other_text_is_refused_with_a_remedy(text: str) -> None:
    try:
        value = parse_number(text)
    except Fault as fault:
        refused = (fault.message, fault.remedy)
    else:
        refused = None
        assert math.isfinite(value)
    assert refused is None or all(refused)


@given(st.floats(1.0, MAX_RATIO))
def test_ratios_are_written_so_that_the_logarithm_is_exact(ratio: float) -> None:
    log_ratio = math.log(ratio)
    assert parse_ratio(ratio_text(log_ratio)) == log_ratio


@pytest.mark.parametrize(("ratio", "text"), [(3.0, "3"), (1.5, "1.5"), (22.2, "22.2"), (1.0, "1"), (1000.0, "1000")])
def test_ratios_are_written_as_people_write_them(ratio: float, text: str) -> None:
    assert ratio_text(math.log(ratio)) == text


@given(st.floats(0, math.log(MAX_RATIO)))
def test_any_logarithm_is_met_as_nearly_as_a_float_can(log_ratio: float) -> None:
    assert parse_ratio(ratio_text(log_ratio)) == pytest.approx(log_ratio, rel=3e-16, abs=2.3e-16)


@given(st.integers(0, 10**30), st.sampled_from([0, 2, 6, 18]))
def test_amounts_are_written_exactly(amount: int, digits: int) -> None:
    currency = Currency("XYZ", digits)
    text = amount_text(amount, currency)
    assert "," not in text
    assert parse_amount(text, currency) == amount


@given(st.fractions(min_value=0, max_value=1, max_denominator=10**9).filter(lambda share: share > 0))
def test_shares_are_written_exactly(share: Fraction) -> None:
    assert parse_share(share_text(share)) == share


def test_shares_are_written_as_decimals_where_there_is_one() -> None:
    assert [share_text(Fraction(text)) for text in ("0.7", "1/4", "1", "1/3")] == ["0.7", "0.25", "1", "1/3"]


def test_a_time_without_an_offset_is_utc() -> None:
    assert parse_time("2026-11-01T12:00:00") == parse_time("2026-11-01T13:00:00+01:00") == parse_time("20261101T12Z")


@given(st.integers(FIRST_INSTANT, LAST_INSTANT))
def test_times_are_written_exactly(instant: int) -> None:
    assert microseconds(parse_time(instant_text(instant))) == instant


def test_the_largest_ratio_can_be_written_and_nothing_above_it() -> None:
    assert parse_ratio(ratio_text(math.log(MAX_RATIO))) == math.log(MAX_RATIO)
    for text in ("1.0000001e12", "1e300"):
        with pytest.raises(Fault, match="too large to be meant"):
            parse_ratio(text)
    with pytest.raises(Fault, match="too large"):
        ratio_text(math.nextafter(math.log(MAX_RATIO), math.inf))


SHAPES = ("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}", "{:04d}-{:02d}-{:02d} {:02d}:{:02d}:{:02d}")
MOST = (9999, 13, 32, 24, 60, 60)
PARTS = st.tuples(*(st.integers(0, most) for most in MOST))
ENDS = st.sampled_from(["Z", "", ".5Z", ".123456Z", "+01:00", ".Z", "z"])


@given(st.lists(st.tuples(st.sampled_from(SHAPES), PARTS), min_size=1, max_size=3), st.lists(ENDS, min_size=1))
def test_many_times_at_once_are_read_like_one_by_one(times: list[tuple[str, tuple[int, ...]]], ends: list[str]) -> None:
    texts = [shape.format(*parts) + ends[k % len(ends)] for k, (shape, parts) in enumerate(times)]
    found = plain_instants(texts)
    if found is not None:
        assert found.tolist() == [microseconds(parse_time(text)) for text in texts]


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=5), st.integers(0, 6))
def test_plain_times_are_all_read_at_once(times: list[datetime], digits: int) -> None:
    wholes = [time.replace(microsecond=0, tzinfo=None).isoformat() for time in times]
    parts = [f".{time.microsecond:06d}"[: digits + 1] if digits else "" for time in times]
    texts = [f"{whole}{part}Z" for whole, part in zip(wholes, parts, strict=True)]
    found = plain_instants(texts)
    assert found is not None
    assert found.tolist() == [microseconds(parse_time(text)) for text in texts]
