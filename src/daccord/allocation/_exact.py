"""From published integers to integer weights, the same on every machine.

The only transcendental function on the way to an amount is the exponential. It is taken with `decimal` in a context of
our own (50 digits, round half even), whose result is correctly rounded by specification and therefore the same
everywhere; binary floating point is not used. Parameters that were read as floats (a caution of 0.5) count exactly as
they are written: one half, one tenth, not the nearest binary fraction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final

from daccord.fusion import MICRO

__all__ = ["WEIGHT_DIGITS", "as_written", "decimal_text", "integer_weights", "tie_key"]

WEIGHT_DIGITS: Final = 24
"""Decimal places of a weight: the typical project, whose value is 1, weighs 10^24."""

_LEAST_LARGEST: Final = 10**18
_FARTHEST: Final = 10_000 * MICRO
_CHUNK: Final = 1_000


def _context(digits: int) -> Context:
    return Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX, capitals=1, clamp=0)


_FIFTY: Final = _context(50)


def as_written(value: float | Fraction) -> Fraction:
    """The number as its shortest decimal form says it: 0.1 is one tenth.

    Raises:
        ValueError: It is not finite.
    """
    return value if isinstance(value, Fraction) else Fraction(str(value))


def decimal_text(value: Fraction, digits: int = 20) -> str:
    """A rational number in `digits` significant decimal digits, for certificates."""
    context = _context(digits)
    return str(context.divide(Decimal(value.numerator), Decimal(value.denominator)))


def tie_key(identifier: str) -> int:
    """What decides between equals: SHA-256 of the id as a number; the smaller goes first, as in `daccord.money`."""
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest(), "big")


def _exponentials(log_values: Iterable[int], unit: int) -> list[Decimal]:
    """Exponentials of `log_value / unit` micro-nats, each the product of two exponentials rounded to 50 digits.

    Splitting at thousandths of a natural-log unit lets 100,000 projects share a few thousand exponentials.
    """
    chunk = _CHUNK * unit
    coarse: dict[int, Decimal] = {}
    fine: dict[int, Decimal] = {}
    out = []
    for value in log_values:
        if abs(value) > _FARTHEST * unit:
            raise ValueError(f"a log-value of {value // (unit * MICRO)} is beyond what money is computed for")
        whole, rest = divmod(value, chunk)
        if whole not in coarse:
            coarse[whole] = _FIFTY.exp(_FIFTY.divide(Decimal(whole), Decimal(_CHUNK)))
        if rest not in fine:
            fine[rest] = _FIFTY.exp(_FIFTY.divide(Decimal(rest), Decimal(unit * MICRO)))
        out.append(_FIFTY.multiply(coarse[whole], fine[rest]))
    return out


def integer_weights(
    log_values: Sequence[int], unit: int, factors: Sequence[int], factor_unit: int
) -> tuple[list[int], int]:
    """Integer weights: exp(log-value) in units of 10^-24, rounded down, times the factor, rounded down, at least 1.

    The scale does not depend on the project: a weight is a non-decreasing function of the project's own log-value and
    factor and of nothing else. There are 24 decimal places; only if that leaves the largest weight of the round below
    10^18 (all log-values below about -13.8) are places added, 24 at a time, so that the largest weight always has at
    least 18 significant digits.

    Args:
        log_values: In fractions of a micro-nat, shape (n,).
        unit: How many of these fractions make a micro-nat, positive.
        factors: Non-negative multipliers in fractions of 1, shape (n,).
        factor_unit: How many of these fractions make 1, positive.

    Returns:
        Weights, shape (n,), and the number of decimal places of their scale.

    Raises:
        ValueError: A log-value is farther than 10,000 natural-log units from 0.
    """
    values = _exponentials(log_values, unit)
    digits = WEIGHT_DIGITS
    while values and int(max(values).scaleb(digits, _FIFTY)) < _LEAST_LARGEST:
        digits += WEIGHT_DIGITS
    return [
        max(1, int(value.scaleb(digits, _FIFTY)) * factor // factor_unit)
        for value, factor in zip(values, factors, strict=True)
    ], digits
