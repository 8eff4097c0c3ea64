"""What happens when: reviews, payments and events of a programme as one list in the order of their days.

Nothing here moves money. Whether a tranche is paid follows from evidence and reviews alone, so it can be said before
the books are opened; what it costs then follows in `_programme`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from daccord.allocation.fellowships._review import Outcome, review_of
from daccord.allocation.fellowships._terms import Applicant, Event, Evidence, Files

__all__ = ["Step", "agenda", "evidence_of"]

Kind = Literal["event", "review", "no_evidence", "pay", "end"]
_ORDER: Final = {"event": 0, "review": 1, "no_evidence": 1, "pay": 2, "end": 3}


@dataclass(frozen=True)
class Step:
    """One thing that happens to one fellow.

    Attributes:
        date: When.
        kind: An `event`; a `review`, decided; `no_evidence` in time; `pay`, a tranche that is due and cleared; `end`,
            the evidence of the last year.
        fellow: Id.
        year: Of the tranche that is paid, adjusted or stopped; of a final report, whose it is.
        outcome: Of a review.
        event: What happened.
    """

    date: date
    kind: Kind
    fellow: str
    year: int = 0
    outcome: Outcome | None = None
    event: Event | None = None


def evidence_of(files: Files, fellow: str, year: int, until: date) -> Evidence | None:
    """The first report on a year that came until a day."""
    found = [one for one in files.evidence if (one.fellow, one.year) == (fellow, year) and one.date <= until]
    return min(found, key=lambda one: one.date, default=None)


def _decided(files: Files, fellow: Applicant, year: int, since: date, until: date) -> Outcome | None:
    """The review of a year as it stood on the first day from `since` on when its quorum was complete."""
    days = {one.date for one in files.reviews if (one.fellow, one.year) == (fellow.id, year)}
    for day in sorted({since, *(day for day in days if day > since)}):
        if day > until:
            return None
        outcome = review_of(files, fellow, year, day)
        if outcome.answer is not None:
            return Outcome(outcome.answer, day, outcome.factor, outcome.reason, outcome.set_aside)
    return None


def _tranches(files: Files, fellow: Applicant, years: int, until: date) -> Iterator[Step]:
    """Reviews and payments of one fellow, until one is missing or says stop."""
    terms = files.terms
    if terms.start <= until:
        yield Step(terms.start, "pay", fellow.id, 1)
    for year in range(2, years + 1):
        due = terms.due(year)
        last = due + timedelta(days=terms.grace_days)
        report = evidence_of(files, fellow.id, year - 1, min(last, until))
        if report is None:
            if last < until:
                yield Step(last + timedelta(days=1), "no_evidence", fellow.id, year)
            return
        outcome = _decided(files, fellow, year - 1, max(due, report.date), until)
        if outcome is None or outcome.on is None:
            return
        yield Step(outcome.on, "review", fellow.id, year, outcome)
        if outcome.answer == "stop":
            return
        yield Step(outcome.on, "pay", fellow.id, year)
    final = evidence_of(files, fellow.id, years, until)
    if final is not None:
        yield Step(max(final.date, terms.due(years)), "end", fellow.id, years)


def agenda(files: Files, fellows: list[Applicant], until: date) -> list[Step]:
    """Everything that happens until a day, in order; on one day events come first, and fellows by id."""
    known = {fellow.id for fellow in fellows}
    steps = [
        Step(max(event.date, files.terms.start), "event", event.fellow, event=event)
        for event in files.events
        if event.date <= until and event.fellow in known
    ]
    for fellow in fellows:
        steps += _tranches(files, fellow, len(fellow.amounts) or files.terms.years, until)
    return sorted(
        (step for step in steps if step.date <= until), key=lambda step: (step.date, _ORDER[step.kind], step.fellow)
    )
