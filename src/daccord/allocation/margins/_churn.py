"""How the money moves from one decision to the next: churn at the top, and how steep awards are.

Both are computed from published awards alone. *Churn* is the share of the earlier decision's largest awards that are no
longer among the largest; a community-funding programme took 40 to 50 % of the ten largest as a healthy middle between
entrenchment and noise. *Steepness* is the largest award over the median of all awards above zero.

Source: V. Buterin, "Gitcoin Grants Round 5 Retrospective" (2020), for churn and its reference band.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

__all__ = ["CHURN_BAND", "Movement", "movement", "steepness"]

CHURN_BAND: Final = (Fraction(2, 5), Fraction(1, 2))
"""Churn of the ten largest awards that is thought to be healthy."""


@dataclass(frozen=True)
class Movement:
    """From one decision to another.

    Attributes:
        top: How many of the largest awards are compared.
        left: Projects that were among the earlier decision's largest and no longer are.
        joined: Projects that are new there.
        churn: Share of the earlier largest that left; None if nobody was paid before.
        moved: Share of all money that changed hands, by shares of what was paid each time: half the sum of absolute
            differences; None unless somebody was paid both times.
        steepness_before: Largest award over the median award, of awards above zero; None if there is none.
        steepness_after: Likewise.
    """

    top: int
    left: tuple[str, ...]
    joined: tuple[str, ...]
    churn: Fraction | None
    moved: Fraction | None
    steepness_before: Fraction | None
    steepness_after: Fraction | None


def _largest(awards: Mapping[str, int], top: int) -> list[str]:
    """Ids of the largest awards above zero; between equals the smaller SHA-256 of the id goes first."""

    def rank(project: str) -> tuple[int, bytes]:
        return -awards[project], hashlib.sha256(project.encode()).digest()

    return sorted((project for project, amount in awards.items() if amount > 0), key=rank)[:top]


def steepness(awards: Mapping[str, int]) -> Fraction | None:
    """Largest award over the median of all awards above zero, at least 1; None if there is none."""
    paid = sorted(amount for amount in awards.values() if amount > 0)
    if not paid:
        return None
    middle = Fraction(paid[(len(paid) - 1) // 2] + paid[len(paid) // 2], 2)
    return paid[-1] / middle


def movement(before: Mapping[str, int], after: Mapping[str, int], top: int = 10) -> Movement:
    """Compare the awards of two decisions.

    Args:
        before: Project id → minor units, of the earlier decision. Projects may differ, and so may currencies.
        after: Likewise, of the later one.
        top: How many of the largest awards to compare, positive.

    Raises:
        ValueError: `top` is not positive.
    """
    if top < 1:
        raise ValueError(f"top is {top}, not positive")
    old, new = _largest(before, top), _largest(after, top)
    left = tuple(project for project in old if project not in new)
    joined = tuple(project for project in new if project not in old)
    totals = sum(before.values()), sum(after.values())
    moved = None
    if all(totals):
        everybody = before.keys() | after.keys()
        moved = sum(
            (abs(Fraction(before.get(p, 0), totals[0]) - Fraction(after.get(p, 0), totals[1])) for p in everybody),
            Fraction(0),
        )
        moved /= 2
    churn = Fraction(len(left), len(old)) if old else None
    return Movement(top, left, joined, churn, moved, steepness(before), steepness(after))
