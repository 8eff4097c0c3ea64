"""Strict reading and faithful writing of single values: numbers, amounts, shares, times.

A value that needs guessing is refused with a sentence that says what to write instead.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Final

from daccord.formats._problems import shown
from daccord.money import Currency

__all__ = [
    "MAX_MINOR_UNITS",
    "MAX_RATIO",
    "NUMBER_PATTERN",
    "Fault",
    "amount_text",
    "number_text",
    "parse_amount",
    "parse_date",
    "parse_exact",
    "parse_number",
    "parse_ratio",
    "parse_share",
    "parse_time",
    "ratio_text",
    "share_text",
]

NUMBER_PATTERN: Final = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
"""Plain decimal or exponent notation."""

MAX_MINOR_UNITS: Final = 10**36
"""Amounts stay below this: more than all money in the smallest unit of any currency."""

MAX_RATIO: Final = 1e12
"""Largest ratio that an answer may state: far above what anybody can mean, far below what breaks arithmetic."""

_NUMBER = re.compile(NUMBER_PATTERN)
_FRACTION = re.compile(r"[0-9]{1,400}/[1-9][0-9]{0,399}")
_SHARE = re.compile(r"(?:[0-9]{1,4}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})|[0-9]{1,20}/[1-9][0-9]{0,19}")
_PREFIX = re.compile(NUMBER_PATTERN + r"(?P<rest>.+)", re.DOTALL)


class Fault(ValueError):  # noqa: N818 - it names a thing that values have, and is caught where it is raised
    """A value that is refused.

    Args:
        message: What is wrong, quoting the value.
        remedy: What to do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def parse_number(text: str) -> float:
    """Read a finite number in plain decimal or exponent notation.

    Raises:
        Fault: It is anything else: empty, `nan`, `1,5`, `1_000`, `0.0285C`, or too large for a float.
    """
    if _NUMBER.fullmatch(text) is None:
        raise Fault(f"{shown(text)} is not a number", _number_remedy(text))
    value = float(text)
    if not math.isfinite(value):
        raise Fault(f"{shown(text)} is too large", "write a number below 1e308")
    return value


def _number_remedy(text: str) -> str:
    if not text:
        return "write a number"
    if text.lower().lstrip("+-") in {"nan", "inf", "infinity", "na", "n/a", "null", "none"}:
        return "write a finite number, or remove the row if there is no answer"
    if "," in text:
        return "write a decimal point, and no separators between thousands"
    if "_" in text:
        return "remove the underscores"
    if (match := _PREFIX.fullmatch(text)) is not None:
        return f"remove {shown(match['rest'])} if {text[: match.start('rest')]} is meant"
    return "write a number such as 2 or 0.25 or 1e-3"


def parse_exact(text: str) -> Fraction:
    """Read a non-negative number exactly as it is written: a decimal such as `0.7` or `1e-3`, or a fraction `1/3`.

    Raises:
        Fault: It is neither, is negative, or too large or too small for a float.
    """
    if _FRACTION.fullmatch(text) is not None:
        return Fraction(text)
    rough = parse_number(text)
    if rough < 0:
        raise Fault(f"{text} is below zero", "write a number that is not negative")
    if rough == 0 and re.search(r"[1-9]", re.split("[eE]", text)[0]):
        raise Fault(f"{shown(text)} is too small", "write 0, or a number above 1e-300")
    return Fraction(text) if rough else Fraction(0)


def number_text(value: float) -> str:
    """The shortest text that `parse_number` reads as exactly this finite number."""
    text = f"{value:.15g}"
    return text if float(text) == value else repr(value)


def parse_ratio(text: str) -> float:
    """Read how many times the winner is more than the other, as a natural logarithm.

    Returns:
        ln(ratio), at least 0.

    Raises:
        Fault: It is no number, below 1, or above `MAX_RATIO`.
    """
    value = parse_number(text)
    if value < 0:
        raise Fault(
            f"the ratio {text} is below zero",
            "write how many times the winner is more than the other, at least 1; who won stands in `winner`",
        )
    if value == 0:
        raise Fault("the ratio is zero", "write at least 1, or leave it empty if only the order is known")
    if value < 1:
        raise Fault(
            f"the ratio {text} is below 1: the winner would be less than the other",
            f"name the other one as winner and write {1 / value:.4g}"
            if math.isfinite(1 / value)
            else "write at least 1",
        )
    if value > MAX_RATIO:
        raise Fault(
            f"the ratio {shown(text)} is too large to be meant",
            f"write at most {MAX_RATIO:g}, or leave it empty if only the order is known",
        )
    return math.log(value)


def ratio_text(log_ratio: float) -> str:
    """A ratio whose natural logarithm is this one, exactly where a float can say it.

    Args:
        log_ratio: At least 0, natural log.

    Raises:
        Fault: The ratio is above `MAX_RATIO`.
    """
    if log_ratio > math.log(MAX_RATIO):
        raise Fault(f"a ratio of e^{log_ratio:.6g} is too large", f"ratios are at most {MAX_RATIO:g}")
    ratio = math.exp(log_ratio)
    for digits in (12, 15, 16, 17):
        text = f"{ratio:.{digits}g}"
        if math.log(float(text)) == log_ratio:
            return text
    # The logarithm of the nearest float may be one step off; a neighbour's is often right.
    near = (math.nextafter(ratio, 0.0), math.nextafter(ratio, math.inf), ratio)
    return repr(min(MAX_RATIO, max(1.0, min(near, key=lambda x: abs(math.log(x) - log_ratio)))))


def parse_amount(text: str, currency: Currency) -> int:
    """Read an amount in whole units as minor units (see `Currency.parse`).

    Raises:
        Fault: It is no amount of this currency, or absurdly large.
    """
    example = f"1250.{'0' * currency.digits}" if currency.digits else "1250"
    if len(text) > 60:
        raise Fault(f"{shown(text)} is too large", "write an amount that exists")
    try:
        amount = currency.parse(text)
    except ValueError as error:
        raise Fault(str(error), f"write an amount in {currency.code} such as {example}") from None
    if amount >= MAX_MINOR_UNITS:
        raise Fault(f"{shown(text)} is too large", "write an amount that exists")
    return amount


def amount_text(amount: int, currency: Currency) -> str:
    """Write minor units in whole units, as `parse_amount` reads them."""
    return currency.format(amount, code=False).replace(",", "")


def parse_share(text: str) -> Fraction:
    """Read a share in (0, 1] exactly: a decimal such as `0.7`, or a fraction such as `1/3`.

    Raises:
        Fault: It is neither.
    """
    if _SHARE.fullmatch(text) is None:
        raise Fault(f"{shown(text)} is no share", "write a decimal such as 0.7, or a fraction such as 1/3")
    share = Fraction(text)
    if not 0 < share <= 1:
        raise Fault(f"the share {text} is not above 0 and at most 1", "write shares that add up to 1")
    return share


def share_text(share: Fraction) -> str:
    """Write a share exactly, as a decimal where one exists with at most 20 places, else as a fraction."""
    for places in range(21):
        scaled = share * 10**places
        if scaled.denominator == 1:
            whole, part = divmod(int(scaled), 10**places)
            return f"{whole}.{part:0{places}d}" if places else str(whole)
    return f"{share.numerator}/{share.denominator}"


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time; one without an offset is taken as UTC.

    Raises:
        Fault: It is none.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Fault(f"{shown(text)} is no time", "write ISO 8601, such as 2026-11-01T14:30:00Z, or nothing") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def parse_date(text: str) -> str:
    """Check a date such as `2026-11-01`.

    Raises:
        Fault: It is none.
    """
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise Fault(f"{shown(text)} is no date", 'write a date such as "2026-11-01"')
