"""Files of a programme folder: the shape of programme.toml and the columns of its tables."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from daccord.allocation.fellowships import ANSWERS, EVENTS
from daccord.formats._columns import Column, Sheet
from daccord.formats._toml_types import Amount, Day, Part, Probability, Words

__all__ = ["APPLICANTS", "ASSESSMENTS", "EVENTS_SHEET", "EVIDENCE", "FORMAT", "REVIEWERS", "REVIEWS", "ProgrammeFile"]

FORMAT: Final = "daccord/programme/1"

_ID: Final = {"type": "string", "minLength": 1, "pattern": r"^[^;]+$"}
_DAY: Final = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


class MoneyPart(Part):
    """All money of the programme."""

    amount: Amount = Field(description="In whole units, above zero, in quotes.")
    currency: Words = Field(description="Name as people write it behind an amount, e.g. USD.")
    digits: int = Field(ge=0, le=18, description="Decimal digits of the smallest unit, 2 for cents.")
    contingency: Amount = Field("0", description="Kept free for moves and adjustments; appointments do not touch it.")


class AwardPart(Part):
    """What a fellow gets in a year."""

    years: int = Field(3, ge=1, le=10, description="Years of a fellowship, a tranche each.")
    stipend: Amount = Field(description="A year's living where the cost index is 1, in whole units.")
    research_fund: Amount = Field("0", description="A year's research money, in whole units, the same everywhere.")
    index_source: Words = Field(description="Where the cost indices come from.")
    places: dict[str, str] = Field(description='Place → cost index, exactly, e.g. "1.15" or "4/5".')


class ReviewPart(Part):
    """How applications and years are judged."""

    quorum: int = Field(3, ge=2, description="Independent reviewers that every decision needs.")
    additional: Probability = Field(0.5, description="Least share who say that nobody else would pay for it.")
    on_topic: Probability = Field(0.5, description="Least share who say that it is about what the programme is for.")
    largest_adjustment: Probability = Field(0.5, description="By what share a review may change the next fund.")
    grace_days: int = Field(60, ge=0, le=366, description="Days after a tranche is due until which reports may come.")


class ClausePart(Part):
    """A clawback clause."""

    id: str = Field(description="Short name.")
    text: Words = Field(description="The event, as the grant agreement says it.")
    share: float = Field(gt=0, le=1, description="Share of what was paid for the year that is to be paid back.")


class ProgrammeFile(Part):
    """The file programme.toml."""

    format: Literal["daccord/programme/1"] = Field(description="Version of the format.")
    name: Words = Field(description="Name of the programme for people.")
    set_by: Words = Field(description="The people who answer for it.")
    start: Day = Field(description="Day on which the first tranche is due.")
    simulated: bool = Field(False, description="True if people or answers are invented.")
    money: MoneyPart
    award: AwardPart
    review: ReviewPart = Field(default_factory=lambda: ReviewPart.model_validate({}))
    clauses: list[ClausePart] = Field([])


APPLICANTS: Final = Sheet(
    "applicants.csv",
    "Somebody who asks for a fellowship; or a project with `amounts`, which a round has awarded money over years.",
    (
        Column("id", "Unique pseudonym.", required=True, shape=_ID),
        Column("place", "A place of [award.places]; empty for an award."),
        Column("mentor", "Who will mentor; empty for an award."),
        Column("mentor_confirmed", "Day of the mentor's written confirmation; empty if there is none."),
        Column("ties", "Laboratories, organisations and people the applicant is tied to, separated by semicolons."),
        Column("additionality", "Why nobody else would pay for this.", verbatim=True),
        Column("relevance", "Why this is about what the programme is for.", verbatim=True),
        Column("amounts", "For an award: amount of each year in whole units, separated by semicolons."),
    ),
)

REVIEWERS: Final = Sheet(
    "reviewers.csv",
    "Somebody who reviews.",
    (
        Column("id", "Unique pseudonym.", required=True, shape=_ID),
        Column("ties", "Laboratories, organisations and people the reviewer is tied to, separated by semicolons."),
    ),
)

ASSESSMENTS: Final = Sheet(
    "assessments.csv",
    "What a reviewer says of an application.",
    (
        Column("reviewer", "Id of a reviewer.", required=True, shape=_ID),
        Column("applicant", "Id of an applicant.", required=True, shape=_ID),
        Column("score", "Merit, a whole number from 0 to 100.", required=True),
        Column("additional", "`yes` if nobody else would pay for it, else `no`.", required=True),
        Column("on_topic", "`yes` if it is about what the programme is for, else `no`.", required=True),
    ),
)

EVIDENCE: Final = Sheet(
    "evidence.csv",
    "A fellow's report on a year.",
    (
        Column("fellow", "Id of an applicant.", required=True, shape=_ID),
        Column("year", "1 for the first.", required=True),
        Column("date", "When it came.", required=True, shape=_DAY),
        Column("report", "Where the report is public, or what was done.", required=True, verbatim=True),
        Column("spent", "Research money spent in the year, in whole units.", required=True),
    ),
)

REVIEWS: Final = Sheet(
    "reviews.csv",
    "A reviewer's answer to a year's evidence; of several answers to one year the last counts.",
    (
        Column("reviewer", "Id of a reviewer.", required=True, shape=_ID),
        Column("fellow", "Id of an applicant.", required=True, shape=_ID),
        Column("year", "Whose evidence was read, 1 for the first.", required=True),
        Column("date", "When.", required=True, shape=_DAY),
        Column("answer", "One of " + ", ".join(ANSWERS) + ".", required=True),
        Column("factor", "For adjust: what the next research fund should be multiplied by."),
    ),
)

EVENTS_SHEET: Final = Sheet(
    "events.csv",
    "Something that happened.",
    (
        Column("fellow", "Id of an applicant.", required=True, shape=_ID),
        Column("date", "When.", required=True, shape=_DAY),
        Column("kind", "One of " + ", ".join(EVENTS) + ".", required=True),
        Column("detail", "The new place of a move, or the id of the clause of a breach."),
        Column("year", "Of a breach: whose tranche."),
        Column("amount", "Of money returned, in whole units."),
    ),
)
