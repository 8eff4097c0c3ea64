"""Amounts in integer minor units, and dividing them without losing one.

Money is never a float here. An amount is an `int` count of the currency's minor unit (cents, wei, satoshi …);
shares are exact rationals until `apportion` turns them into amounts that add up to the pot.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Currency", "apportion", "largest_remainder"]

_AMOUNT = re.compile(r"(?P<whole>\d+)(?:\.(?P<part>\d+))?")


@dataclass(frozen=True)
class Currency:
    """A unit of account.

    Attributes:
        code: Name as people write it after an amount, e.g. `USD` or `OP`.
        digits: Decimal digits of the minor unit, 0 to 18 (2 for cents).
    """

    code: str
    digits: int

    def parse(self, text: str) -> int:
        """Read a non-negative decimal amount of whole units, e.g. `"1250.50"`, as minor units.

        Underscores between digits are allowed; signs, exponents, thousands commas and more decimals than the
        currency has are not, because guessing at money is worse than asking.

        Raises:
            ValueError: The text is not such an amount; the message says why.
        """
        match = _AMOUNT.fullmatch(re.sub(r"(?<=\d)_(?=\d)", "", text.strip()))
        if match is None or not text.isascii():
            raise ValueError(f"{text!r} is not an amount such as 1250 or 1250.50")
        part = match["part"] or ""
        if len(part) > self.digits:
            raise ValueError(f"{text!r} has {len(part)} decimals, {self.code} has {self.digits}")
        return int(match["whole"] + part.ljust(self.digits, "0"))

    def format(self, amount: int, *, code: bool = True) -> str:
        """Write minor units for people: thousands separated, all decimals, the code behind."""
        sign = "-" if amount < 0 else ""
        whole, part = divmod(abs(amount), 10**self.digits)
        text = f"{sign}{whole:,}" + (f".{part:0{self.digits}d}" if self.digits else "")
        return f"{text} {self.code}" if code else text


def _tie_key(identifier: str) -> bytes:
    return hashlib.sha256(identifier.encode()).digest()


def largest_remainder(quotas: Sequence[Fraction], total: int, ids: Sequence[str]) -> list[int]:
    """Round exact quotas that sum to `total` down, and hand the units left over to the largest remainders.

    Equal remainders are decided by the smaller SHA-256 of the id: nobody can be favoured by the order of a file,
    and everybody can check.

    Args:
        quotas: Exact non-negative quotas in minor units, shape (n,); their sum must equal `total`.
        total: Minor units to hand out.
        ids: Distinct identifiers, shape (n,).

    Returns:
        Amounts, shape (n,); they sum to `total` and each is its quota rounded down or up.

    Raises:
        ValueError: A quota is negative, or the quotas do not sum to `total`.
    """
    if any(quota < 0 for quota in quotas):
        raise ValueError("a quota is negative")
    if sum(quotas, Fraction(0)) != total:
        raise ValueError(f"the quotas sum to {sum(quotas, Fraction(0))}, not to {total}")
    amounts = [int(quota) for quota in quotas]
    left = total - sum(amounts)
    order = sorted(range(len(quotas)), key=lambda i: (amounts[i] - quotas[i], _tie_key(ids[i])))
    for i in order[:left]:
        amounts[i] += 1
    return amounts


def apportion(weights: Sequence[int], total: int, ids: Sequence[str]) -> list[int]:
    """Split `total` minor units in proportion to integer weights, exactly.

    Args:
        weights: Non-negative integers, shape (n,).
        total: Minor units to split; non-negative.
        ids: Distinct identifiers, shape (n,), which decide ties (see `largest_remainder`).

    Returns:
        Amounts, shape (n,), summing to `total`.

    Raises:
        ValueError: A weight is negative, or all are zero while there is money to split.
    """
    whole = sum(weights)
    if total == 0:
        return [0] * len(weights)
    if whole <= 0:
        raise ValueError("nothing to split by: all weights are zero")
    return largest_remainder([Fraction(weight * total, whole) for weight in weights], total, ids)
