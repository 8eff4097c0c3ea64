"""A programme over the years: all of each award is reserved at once, and goes out a tranche a year.

Money is in one ledger (`_ledger`): given to the programme, free, reserved for a fellow's year, paid. What a fellow will
cost in all years is reserved on appointment, so that no later decision can spend it. A year's tranche is paid on its
day once the year before is evidenced and independent reviewers let it go on; a review that says stop, or no evidence in
time, releases what is reserved for the years that come and touches nothing that was paid. Only a breach of a clause,
and research money left at the end, are claimed back. Claims are written down as claims; money is back when it is back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Final

from daccord.allocation.fellowships._agenda import Step, agenda, evidence_of
from daccord.allocation.fellowships._appoint import Appointment, appoint
from daccord.allocation.fellowships._ledger import DONORS, FREE, Ledger, paid, reserved
from daccord.allocation.fellowships._standing import Claim, Decided, Programme, Standing
from daccord.allocation.fellowships._terms import Applicant, Files
from daccord.errors import InputError

__all__ = ["run"]


class _Books:
    """The books while they are being kept."""

    def __init__(self, files: Files, until: date) -> None:
        self.files, self.terms, self.until = files, files.terms, until
        self.ledger = Ledger()
        self.notices: list[str] = []
        self.standings: dict[str, Standing] = {}
        self.money: Callable[[int], str] = self.terms.budget.currency.format

    def open(self) -> tuple[Appointment, ...]:
        """Take in the budget, appoint, and reserve all years."""
        start, terms = self.terms.start, self.terms
        self.ledger.move(start, "fund", DONORS, FREE, terms.budget.amount, f"Budget of {terms.name}.")
        for award in (one for one in self.files.applicants if one.is_award):
            if sum(award.amounts) > self.ledger[FREE]:
                text = f"the awards need more than the budget of {self.money(terms.budget.amount)}"
                raise InputError.single("applicants.csv", text, remedy="raise the budget, or take awards out")
            self._reserve(award, list(award.amounts), 0)
        appointments = appoint(self.files, self.ledger[FREE])
        for appointment, fellow in zip(
            appointments, (one for one in self.files.applicants if not one.is_award), strict=True
        ):
            if appointment.outcome == "appointed":
                self._reserve(fellow, [terms.research_fund] * terms.years, terms.stipend_at(fellow.place))
        return appointments

    def _reserve(self, fellow: Applicant, funds: list[int], stipend: int) -> None:
        for year, fund in enumerate(funds, start=1):
            self.ledger.move(
                self.terms.start,
                "reserve",
                FREE,
                reserved(fellow.id, year),
                fund + stipend,
                f"Year {year} of {len(funds)}.",
            )
        self.standings[fellow.id] = Standing(fellow, fellow.place, funds)

    def take(self, step: Step) -> None:
        """Do what happens next."""
        standing = self.standings[step.fellow]
        if step.kind == "event":
            _EVENTS[step.event.kind if step.event else ""](self, standing, step)
        elif standing.state != "active":
            return
        elif step.kind == "pay":
            account = reserved(step.fellow, step.year)
            text = f"Tranche of year {step.year}."
            self.ledger.move(step.date, "pay", account, paid(step.fellow, step.year), self.ledger[account], text)
            standing.paid_years = step.year
        elif step.kind == "no_evidence":
            text = f"No report on year {step.year - 1} came in time."
            standing.decided.append(Decided(step.year, step.date, "stop", text))
            self._stop(standing, step.date, "stopped", text)
        elif step.kind == "end":
            standing.state = "completed"
            self._claim_unspent(standing, step.date)
        elif step.outcome is not None and step.outcome.answer is not None:
            answer = step.outcome.answer
            standing.decided.append(Decided(step.year, step.date, answer, step.outcome.reason))
            if answer == "stop":
                self._stop(standing, step.date, "stopped", step.outcome.reason)
            elif answer == "adjust":
                self._adjust(standing, step, step.outcome.factor)

    def _stop(self, standing: Standing, on: date, state: str, reason: str) -> None:
        """Release what is reserved for years to come; what was paid stays paid."""
        standing.state = state
        for year in range(standing.paid_years + 1, len(standing.funds) + 1):
            account = reserved(standing.fellow.id, year)
            self.ledger.move(on, "release", account, FREE, self.ledger[account], reason)

    def _change(self, standing: Standing, on: date, kind: str, year: int, by: int, reason: str) -> int:
        """Raise or lower what is reserved for a year; a raise goes only as far as there is free money."""
        account = reserved(standing.fellow.id, year)
        if by < 0:
            self.ledger.move(on, kind, account, FREE, -by, reason)
            return by
        given = min(by, self.ledger[FREE])
        self.ledger.move(on, kind, FREE, account, given, reason)
        if given < by:
            self.notices.append(
                f"{standing.fellow.id}, year {year}: {self.money(by)} more was due and {self.money(given)} was free."
            )
        return given

    def _adjust(self, standing: Standing, step: Step, factor: Fraction) -> None:
        fund = standing.funds[step.year - 1]
        wanted = fund * factor.numerator // factor.denominator
        by = self._change(standing, step.date, "adjust", step.year, wanted - fund, "Adjusted by the yearly review.")
        standing.funds[step.year - 1] = fund + by

    def move(self, standing: Standing, step: Step) -> None:
        new = step.event.detail if step.event else ""
        if new not in self.terms.places:
            raise InputError.single("events.csv", f"{new!r} has no cost index", remedy="add it to [places]")
        by = self.terms.stipend_at(new) - self.terms.stipend_at(standing.place)
        if standing.state == "active":
            for year in range(standing.paid_years + 1, len(standing.funds) + 1):
                self._change(standing, step.date, "move", year, by, f"Moved from {standing.place} to {new}.")
        standing.place = new

    def breach(self, standing: Standing, step: Step) -> None:
        event = step.event
        clause = next((one for one in self.terms.clauses if event and one.id == event.detail), None)
        if event is None or clause is None:
            raise InputError.single("events.csv", "the breach names no clause of the terms", remedy="write its id")
        had = self.ledger[paid(standing.fellow.id, event.year)]
        amount = had * clause.share.numerator // clause.share.denominator
        if amount:
            standing.claims.append(Claim(step.date, clause.id, f"{clause.text} (year {event.year})", amount))
        if standing.state == "active":
            self._stop(standing, step.date, "stopped", f"Breach of {clause.id}.")

    def returned(self, standing: Standing, step: Step) -> None:
        left = step.event.amount if step.event else 0
        if left > self.ledger.total("paid", standing.fellow.id):
            raise InputError.single("events.csv", "more is returned than was paid", remedy="correct the amount")
        rest = left
        for claim in standing.claims:
            part = min(claim.open, rest)
            claim.returned += part
            rest -= part
        for year in range(standing.paid_years, 0, -1):
            account = paid(standing.fellow.id, year)
            part = min(left, self.ledger[account])
            self.ledger.move(step.date, "returned", account, FREE, part, "Money returned.")
            left -= part

    def left(self, standing: Standing, step: Step) -> None:
        if standing.state == "active":
            self._stop(standing, step.date, "left", "The fellow left.")
            self._claim_unspent(standing, step.date)

    def _claim_unspent(self, standing: Standing, on: date) -> None:
        """Research money that reports do not account for."""
        reports = (
            evidence_of(self.files, standing.fellow.id, year, self.until) for year in range(1, standing.paid_years + 1)
        )
        spent = sum(report.spent for report in reports if report is not None)
        unspent = sum(standing.funds[: standing.paid_years]) - spent
        if unspent > 0:
            standing.claims.append(Claim(on, "unspent", "Research money that was not spent.", unspent))

    def look_ahead(self) -> None:
        """Say what each active fellow's next tranche waits for."""
        for standing in self.standings.values():
            if standing.state != "active" or standing.paid_years >= len(standing.funds):
                continue
            year = standing.paid_years + 1
            standing.next_due = self.terms.due(year)
            if year == 1 or self.until < standing.next_due:
                continue
            if evidence_of(self.files, standing.fellow.id, year - 1, self.until) is None:
                standing.waits_for = f"the report on year {year - 1}"
            else:
                standing.waits_for = f"independent reviews of year {year - 1}"


_EVENTS: Final[dict[str, Callable[[_Books, Standing, Step], None]]] = {
    "move": _Books.move,
    "breach": _Books.breach,
    "returned": _Books.returned,
    "left": _Books.left,
}


def run(files: Files, until: date) -> Programme:
    """The programme as it stands at the end of a day.

    Args:
        files: Terms, applications, reviews, evidence and events, of any day.
        until: Last day that counts; nothing dated later is looked at.

    Raises:
        InputError: The awards need more than the budget, or an event does not fit.
    """
    books = _Books(files, until)
    if until < files.terms.start:
        return Programme(until, (), {}, books.ledger, ("The programme has not begun.",))
    appointments = books.open()
    fellows = [standing.fellow for standing in books.standings.values()]
    for step in agenda(files, fellows, until):
        books.take(step)
    books.look_ahead()
    return Programme(until, appointments, books.standings, books.ledger, tuple(books.notices))
