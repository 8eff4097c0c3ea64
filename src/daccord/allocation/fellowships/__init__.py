"""Fellowships and other awards over several years: appointment, tranches, yearly review, clawback, one ledger."""

from daccord.allocation.fellowships._appoint import Appointment
from daccord.allocation.fellowships._ledger import Ledger, Line
from daccord.allocation.fellowships._programme import run
from daccord.allocation.fellowships._standing import Claim, Decided, Programme, Standing
from daccord.allocation.fellowships._terms import (
    ANSWERS,
    EVENTS,
    Answer,
    Applicant,
    Assessment,
    Clause,
    Event,
    Evidence,
    Files,
    Review,
    Reviewer,
    Terms,
)

__all__ = [
    "ANSWERS",
    "EVENTS",
    "Answer",
    "Applicant",
    "Appointment",
    "Assessment",
    "Claim",
    "Clause",
    "Decided",
    "Event",
    "Evidence",
    "Files",
    "Ledger",
    "Line",
    "Programme",
    "Review",
    "Reviewer",
    "Standing",
    "Terms",
    "run",
]
