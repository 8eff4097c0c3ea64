"""What a programme of multi-year awards is: its terms, who applies, who reviews, and what is said year by year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal

from daccord.round import Budget

__all__ = [
    "ANSWERS",
    "EVENTS",
    "Answer",
    "Applicant",
    "Assessment",
    "Clause",
    "Event",
    "Evidence",
    "Files",
    "Review",
    "Reviewer",
    "Terms",
]

Answer = Literal["renew", "adjust", "stop"]
ANSWERS: Final[tuple[Answer, ...]] = ("renew", "adjust", "stop")

EVENTS: Final = ("move", "breach", "returned", "left")
"""`move` to another place, a `breach` of a clause, money `returned`, or the fellow `left`."""


@dataclass(frozen=True)
class Clause:
    """A clawback clause: which event, and what is then to be paid back.

    Attributes:
        id: Short name.
        text: The event, for a grant agreement.
        share: Share of what was paid for the year in question, in (0, 1].
    """

    id: str
    text: str
    share: Fraction


@dataclass(frozen=True)
class Terms:
    """The programme's rules, fixed before anybody applies.

    Attributes:
        name: For people.
        set_by: The people who answer for it.
        budget: All of its money, minor units.
        start: Day on which the first tranche is due; later ones are due on the same day of the years after.
        years: Tranches, one a year, 1 to 10.
        stipend: A year's living, minor units, at a place whose index is 1.
        research_fund: A year's research money, minor units, the same everywhere.
        places: Place → cost of living as a multiple of the place whose index is 1; above 0.
        index_source: Where the indices come from.
        contingency: Minor units kept free for moves and adjustments, which appointments do not touch.
        quorum: Independent reviewers that an appointment or a yearly review needs, at least 2.
        additional: Least share of reviewers who say that nobody else would pay for it, in [0, 1].
        on_topic: Least share of reviewers who say that it is about what the programme is for, in [0, 1].
        largest_adjustment: By what share a review may change the next research fund, in [0, 1].
        grace_days: Days after a tranche is due until which evidence may come.
        clauses: Clawback clauses.
        simulated: True if people or answers are invented.
    """

    name: str
    set_by: str
    budget: Budget
    start: date
    years: int = 3
    stipend: int = 0
    research_fund: int = 0
    places: Mapping[str, Fraction] = field(default_factory=dict)
    index_source: str = ""
    contingency: int = 0
    quorum: int = 3
    additional: Fraction = Fraction(1, 2)
    on_topic: Fraction = Fraction(1, 2)
    largest_adjustment: Fraction = Fraction(1, 2)
    grace_days: int = 60
    clauses: tuple[Clause, ...] = ()
    simulated: bool = False

    def due(self, year: int) -> date:
        """Day on which a year's tranche is due; the first year is 1. The 29th of February becomes the 28th."""
        target = self.start.year + year - 1
        try:
            return self.start.replace(year=target)
        except ValueError:
            return self.start.replace(year=target, day=28)

    def stipend_at(self, place: str) -> int:
        """A year's stipend at a place, minor units, rounded down."""
        index = self.places[place]
        return self.stipend * index.numerator // index.denominator


@dataclass(frozen=True)
class Applicant:
    """Somebody who asks for a fellowship, or a project that was awarded money over several years.

    Attributes:
        id: Pseudonym.
        place: Where the fellow will live; a key of `Terms.places`. Empty for an award.
        mentor: Who will mentor. Empty for an award.
        mentor_confirmed: Day of the mentor's written confirmation; None if there is none.
        ties: Laboratories, organisations and people the applicant is tied to; who shares one does not review.
        additionality: Why nobody else would pay for this.
        relevance: Why this is about what the programme is for, and not ordinary work under its name.
        amounts: For an award: minor units of each year, already decided by a round. Empty for a fellowship.
    """

    id: str
    place: str = ""
    mentor: str = ""
    mentor_confirmed: date | None = None
    ties: tuple[str, ...] = ()
    additionality: str = ""
    relevance: str = ""
    amounts: tuple[int, ...] = ()

    @property
    def is_award(self) -> bool:
        """Whether a round has decided the amounts already."""
        return bool(self.amounts)


@dataclass(frozen=True)
class Reviewer:
    """Who reviews, and what he or she is tied to."""

    id: str
    ties: tuple[str, ...] = ()

    def independent_of(self, applicant: Applicant) -> bool:
        """Whether no declared tie joins them, the mentor included."""
        own = {self.id, *self.ties}
        return own.isdisjoint({applicant.id, applicant.mentor, *applicant.ties} - {""})


@dataclass(frozen=True)
class Assessment:
    """What a reviewer says of an application.

    Attributes:
        reviewer: Id.
        applicant: Id.
        score: Merit, 0 to 100.
        additional: Whether nobody else would pay for it.
        on_topic: Whether it is about what the programme is for.
    """

    reviewer: str
    applicant: str
    score: int
    additional: bool
    on_topic: bool


@dataclass(frozen=True)
class Evidence:
    """What was done in a year: a public report, and how much of the research fund was spent, minor units."""

    fellow: str
    year: int
    date: date
    report: str
    spent: int


@dataclass(frozen=True)
class Review:
    """A reviewer's answer to a year's evidence.

    Attributes:
        reviewer: Id.
        fellow: Id.
        year: Whose evidence was read, 1 for the first.
        date: When.
        answer: Renew, adjust or stop.
        factor: For `adjust`: what the next research fund should be multiplied by.
    """

    reviewer: str
    fellow: str
    year: int
    date: date
    answer: Answer
    factor: Fraction | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        fellow: Id.
        date: When.
        kind: One of `EVENTS`.
        detail: The new place of a move, or the clause of a breach.
        year: For a breach: whose tranche.
        amount: For money returned: minor units.
    """

    fellow: str
    date: date
    kind: str
    detail: str = ""
    year: int = 0
    amount: int = 0


@dataclass(frozen=True)
class Files:
    """All that a programme is run from."""

    terms: Terms
    applicants: tuple[Applicant, ...]
    reviewers: tuple[Reviewer, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reviews: tuple[Review, ...] = ()
    events: tuple[Event, ...] = ()

    @cached_property
    def reviewer_of(self) -> Mapping[str, Reviewer]:
        """Reviewer id → reviewer."""
        return {reviewer.id: reviewer for reviewer in self.reviewers}
