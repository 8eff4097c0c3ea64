"""A double-entry ledger in minor units: money moves between accounts and is never made or lost.

Accounts are tuples: `("donors",)`, `("free",)`, `("reserved", fellow, year)`, `("paid", fellow, year)`. Only `donors`
may be below zero: it is where all money comes from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

__all__ = ["DONORS", "FREE", "Account", "Ledger", "Line", "paid", "reserved"]

Account = tuple[str | int, ...]

DONORS: Final[Account] = ("donors",)
FREE: Final[Account] = ("free",)


def reserved(fellow: str, year: int) -> Account:
    """Money kept for a year's tranche, which nothing else can spend."""
    return "reserved", fellow, year


def paid(fellow: str, year: int) -> Account:
    """Money that went out for a year, less what came back."""
    return "paid", fellow, year


@dataclass(frozen=True)
class Line:
    """One movement.

    Attributes:
        date: When.
        kind: `fund`, `reserve`, `pay`, `adjust`, `move`, `release` or `returned`.
        source: Account it leaves.
        target: Account it enters.
        amount: Minor units, above zero.
        reason: For people.
    """

    date: date
    kind: str
    source: Account
    target: Account
    amount: int
    reason: str


class Ledger:
    """Lines and balances; refuses what would overdraw an account."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._balance: dict[Account, int] = defaultdict(int)

    def __getitem__(self, account: Account) -> int:
        return self._balance.get(account, 0)

    @property
    def balances(self) -> Mapping[Account, int]:
        """Account → minor units; they sum to 0, for `donors` stands for what was given."""
        return dict(self._balance)

    def total(self, kind: str, fellow: str | None = None) -> int:
        """Minor units in all accounts of a kind, of one fellow or of all."""
        return sum(
            amount
            for account, amount in self._balance.items()
            if account[0] == kind and (fellow is None or account[1] == fellow)
        )

    def move(self, on: date, kind: str, source: Account, target: Account, amount: int, reason: str) -> None:
        """Move money; nothing happens for an amount of 0.

        Raises:
            ValueError: The amount is negative, or more than the account has.
        """
        if amount < 0:
            raise ValueError(f"cannot move {amount}")
        if amount == 0:
            return
        if source != DONORS and self[source] < amount:
            raise ValueError(f"{source} holds {self[source]}, not {amount}")
        self._balance[source] -= amount
        self._balance[target] += amount
        self.lines.append(Line(on, kind, source, target, amount, reason))
