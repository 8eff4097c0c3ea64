"""The yearly review: independent reviewers read a year's evidence and renew, adjust or stop what comes after it.

With at least `quorum` independent answers: *stop* if more than half say stop; *renew* if more than half say renew;
otherwise *adjust*: the next research fund is multiplied by the lower median of all answers' factors, renewing counting
as 1 and stopping as 0, and kept within 1 ± `largest_adjustment`. The stipend is somebody's living and is not adjusted.
Of a reviewer's several answers to one year the last counts. Nobody's single answer is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from daccord.allocation.fellowships._appoint import independent, lower_median
from daccord.allocation.fellowships._terms import Answer, Applicant, Files

__all__ = ["Outcome", "review_of"]

_WORTH: dict[Answer, Fraction] = {"renew": Fraction(1), "stop": Fraction(0)}


@dataclass(frozen=True)
class Outcome:
    """What a review decides.

    Attributes:
        answer: Renew, adjust or stop; None while a quorum is missing.
        on: Day on which the quorum was complete, or on which the last answer so far came; None without answers.
        factor: For `adjust`: on the next research fund.
        reason: For people, with counts.
        set_aside: Answers of reviewers with a declared tie.
    """

    answer: Answer | None
    on: date | None
    factor: Fraction
    reason: str
    set_aside: int


def review_of(files: Files, fellow: Applicant, year: int, until: date) -> Outcome:
    """The outcome of a year's review, from the answers given until a day.

    Args:
        files: The programme.
        fellow: Whose evidence was read.
        year: 1 for the first.
        until: Last day that counts.
    """
    last = {}
    about = [one for one in files.reviews if (one.fellow, one.year) == (fellow.id, year) and one.date <= until]
    for one in sorted(about, key=lambda one: one.date):
        last[one.reviewer] = one
    counts = independent(files, fellow, list(last))
    said = [one for one, counted in zip(last.values(), counts, strict=True) if counted]
    aside = len(last) - len(said)
    quorum = files.terms.quorum
    on = max((one.date for one in said), default=None)
    if len(said) < quorum:
        text = f"{len(said)} independent reviewers have read the evidence of year {year}; {quorum} are needed."
        return Outcome(None, on, Fraction(1), text, aside)
    renew, stop = (sum(one.answer == answer for one in said) for answer in ("renew", "stop"))
    text = f"Of {len(said)} independent reviewers {renew} renew, {len(said) - renew - stop} adjust and {stop} stop."
    if 2 * stop > len(said):
        return Outcome("stop", on, Fraction(0), text, aside)
    if 2 * renew > len(said):
        return Outcome("renew", on, Fraction(1), text, aside)
    worth = [one.factor if one.factor is not None else _WORTH.get(one.answer, Fraction(1)) for one in said]
    widest = files.terms.largest_adjustment
    factor = min(max(lower_median(worth), 1 - widest), 1 + widest)
    return Outcome("adjust", on, factor, f"{text} The next research fund is multiplied by {float(factor):g}.", aside)
