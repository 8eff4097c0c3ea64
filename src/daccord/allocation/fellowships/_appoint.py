"""Who is appointed: screening, independent assessment, and as many as all their years can be paid for.

An application is *screened* by what can be checked: a place with an index, the mentor's written confirmation, both
statements. It is *assessed* by at least `quorum` independent reviewers. Enough of them must say that nobody else would
pay for it (additionality), and that it is about what the programme is for (and not ordinary work under its name). Who
passes is taken in the order of the median score, between equals by the smaller SHA-256 of the id, as long as the cost
of *all* years fits into what is free beside the contingency; who does not fit waits, and a cheaper one behind may fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeVar

from daccord.allocation.fellowships._terms import Applicant, Assessment, Files, Terms

Number = TypeVar("Number", int, Fraction)

__all__ = ["Appointment", "appoint", "independent", "lower_median"]


@dataclass(frozen=True)
class Appointment:
    """What is decided about an application.

    Attributes:
        applicant: Id.
        outcome: `appointed`; `waiting_list` if only the money is missing; `waiting` if reviewers are; `refused`.
        reasons: For people, at least one.
        score: Median of the independent reviewers' scores, 0 to 100; None if there are too few.
        cost: Minor units of all years; 0 if it cannot be said.
        set_aside: Answers of reviewers with a declared tie, which do not count.
    """

    applicant: str
    outcome: Literal["appointed", "waiting_list", "waiting", "refused"]
    reasons: tuple[str, ...]
    score: int | None = None
    cost: int = 0
    set_aside: int = 0


def lower_median(values: Sequence[Number]) -> Number:
    """The middle value, of an even number the lower one."""
    return sorted(values)[(len(values) - 1) // 2]


def independent(files: Files, applicant: Applicant, reviewers: Sequence[str]) -> list[bool]:
    """Whether each of these reviewers has no declared tie to the applicant."""
    return [files.reviewer_of[reviewer].independent_of(applicant) for reviewer in reviewers]


def _screen(terms: Terms, applicant: Applicant) -> list[str]:
    """What an application lacks that can be checked without judging it."""
    lacks = []
    if applicant.place not in terms.places:
        lacks.append(f"The place {applicant.place or '(none)'} has no cost index.")
    if not applicant.mentor or applicant.mentor_confirmed is None:
        lacks.append("No mentor has confirmed in writing.")
    elif applicant.mentor_confirmed > terms.start:
        lacks.append("The mentor's confirmation came after the start.")
    if not applicant.additionality.strip():
        lacks.append("It does not say why nobody else would pay for it.")
    if not applicant.relevance.strip():
        lacks.append("It does not say why it is about what the programme is for.")
    return lacks


def _judged(terms: Terms, said: Sequence[Assessment]) -> list[str]:
    """Questions on which too few independent reviewers said yes."""
    found = []
    for question, least, yes in (
        ("that nobody else would pay for it", terms.additional, sum(one.additional for one in said)),
        ("that it is about what the programme is for", terms.on_topic, sum(one.on_topic for one in said)),
    ):
        if Fraction(yes, len(said)) < least:
            found.append(f"{yes} of {len(said)} independent reviewers say {question}; {least} of them is needed.")
    return found


def appoint(files: Files, free: int) -> tuple[Appointment, ...]:
    """Decide about all applications, in the order of the files.

    Args:
        files: The programme.
        free: Minor units that appointments may use, after awards that were decided before.

    Returns:
        One appointment an application that is no award.
    """
    terms = files.terms
    found: dict[str, Appointment] = {}
    passed: list[tuple[int, str, int, int]] = []
    for applicant in (one for one in files.applicants if not one.is_award):
        about = [one for one in files.assessments if one.applicant == applicant.id]
        counts = independent(files, applicant, [one.reviewer for one in about])
        said = [one for one, counted in zip(about, counts, strict=True) if counted]
        aside = len(about) - len(said)
        if lacks := _screen(terms, applicant):
            found[applicant.id] = Appointment(applicant.id, "refused", tuple(lacks), set_aside=aside)
            continue
        cost = terms.years * (terms.stipend_at(applicant.place) + terms.research_fund)
        if len(said) < terms.quorum:
            text = f"{len(said)} independent reviewers have assessed it; {terms.quorum} are needed."
            found[applicant.id] = Appointment(applicant.id, "waiting", (text,), None, cost, aside)
            continue
        score = lower_median([one.score for one in said])
        if against := _judged(terms, said):
            found[applicant.id] = Appointment(applicant.id, "refused", tuple(against), score, cost, aside)
            continue
        passed.append((score, applicant.id, cost, aside))
    left = free - terms.contingency
    money = terms.budget.currency.format
    for score, identifier, cost, aside in sorted(passed, key=lambda one: (-one[0], _tie(one[1]))):
        if cost <= left:
            left -= cost
            text = f"Median score {score}; {money(cost)} for {terms.years} years are reserved."
            found[identifier] = Appointment(identifier, "appointed", (text,), score, cost, aside)
        else:
            text = f"Median score {score}; {money(cost)} are needed, and {money(max(left, 0))} can be given."
            found[identifier] = Appointment(identifier, "waiting_list", (text,), score, cost, aside)
    return tuple(found[one.id] for one in files.applicants if not one.is_award)


def _tie(identifier: str) -> bytes:
    return hashlib.sha256(identifier.encode()).digest()
