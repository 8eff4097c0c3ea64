"""What a source prints beside what is computed here."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

__all__ = ["Anchor", "Figure", "Provenance"]

Provenance = Literal["read", "retold", "derived"]
"""read: in the source's text. retold: in somebody else's account of it. derived: by us, from stated premises."""


@dataclass(frozen=True)
class Figure:
    """One number.

    Attributes:
        what: What it is, short.
        printed: As the source prints it: a decimal number or a fraction.
        computed: The same, computed here; a Fraction where arithmetic is exact.
        tolerance: Largest difference that still agrees; by default half a unit of the last printed place, and nothing
            for whole numbers and fractions.
        known: Why the two are known to differ; empty if they must agree.
    """

    what: str
    printed: str
    computed: float | Fraction
    tolerance: float | None = None
    known: str = ""

    @property
    def decimals(self) -> int | None:
        """Printed places behind the point; None for whole numbers and fractions."""
        return len(self.printed.partition(".")[2]) if "." in self.printed else None

    @property
    def allowed(self) -> Fraction:
        """The tolerance in force. Rounding of binary numbers is let off with 10⁻¹²."""
        if self.tolerance is not None:
            return Fraction(str(self.tolerance))
        if isinstance(self.computed, Fraction):
            return Fraction(0) if self.decimals is None else Fraction(1, 2 * 10**self.decimals)
        slack = Fraction(1, 10**12)
        return slack if self.decimals is None else Fraction(1, 2 * 10**self.decimals) + slack

    @property
    def difference(self) -> Fraction:
        """Computed less printed."""
        return Fraction(self.computed) - Fraction(self.printed)

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance."""
        return abs(self.difference) <= self.allowed


@dataclass(frozen=True)
class Anchor:
    """A published result and its figures.

    Attributes:
        key: Short name, such as J1.
        title: What it is.
        source: Where the printed figures come from.
        provenance: How this project knows them.
        figures: In the source's order; empty if nothing of it is reproduced.
        remark: What a reader must know: conventions, mismatches, what is missing.
    """

    key: str
    title: str
    source: str
    provenance: Provenance
    figures: tuple[Figure, ...]
    remark: str = ""
