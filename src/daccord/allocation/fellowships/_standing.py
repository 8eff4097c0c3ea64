"""How a programme and its fellows stand on a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from daccord.allocation.fellowships._appoint import Appointment
from daccord.allocation.fellowships._ledger import DONORS, FREE, Ledger, Line
from daccord.allocation.fellowships._terms import Applicant

__all__ = ["Claim", "Decided", "Programme", "Standing"]


@dataclass(frozen=True)
class Decided:
    """A review that was decided: for which tranche, when, and what it says."""

    year: int
    on: date
    answer: str
    reason: str


@dataclass
class Claim:
    """Money that is to come back.

    Attributes:
        on: When it was claimed.
        clause: Id of the clause, or `unspent`.
        reason: For people.
        amount: Minor units claimed.
        returned: Of these, back.
    """

    on: date
    clause: str
    reason: str
    amount: int
    returned: int = 0

    @property
    def open(self) -> int:
        """Minor units still to come back."""
        return self.amount - self.returned


@dataclass
class Standing:
    """How a fellow stands.

    Attributes:
        fellow: The application.
        state: `active`, `completed`, `stopped` or `left`.
        place: Where he or she lives now.
        funds: Research money of each year, minor units, as adjusted.
        paid_years: Tranches that went out.
        decided: Reviews.
        claims: Money to come back.
        waits_for: What the next tranche waits for, in words; empty if for nothing but its day, or if there is none.
        next_due: Day of the next tranche; None if there is none.
    """

    fellow: Applicant
    place: str
    funds: list[int]
    state: str = "active"
    paid_years: int = 0
    decided: list[Decided] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    waits_for: str = ""
    next_due: date | None = None


@dataclass(frozen=True)
class Programme:
    """A programme as it stands on a day.

    Attributes:
        on: That day.
        appointments: One an application.
        standings: Fellow id → standing, of those appointed and of awards.
        lines: The ledger.
        ledger: Balances.
        notices: What could not be done as asked, for people.
    """

    on: date
    appointments: tuple[Appointment, ...]
    standings: dict[str, Standing]
    ledger: Ledger
    notices: tuple[str, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every movement of money, in order."""
        return tuple(self.ledger.lines)

    @property
    def balances(self) -> dict[str, int]:
        """Minor units `given`, `free`, `reserved` and `paid`; the last three sum to the first."""
        return {
            "given": -self.ledger[DONORS],
            "free": self.ledger[FREE],
            "reserved": self.ledger.total("reserved"),
            "paid": self.ledger.total("paid"),
        }
