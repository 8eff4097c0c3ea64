"""What proposing returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from daccord.round import Criterion

__all__ = ["FORMS", "Agenda", "Basis", "Form", "Question", "Stop", "Why"]

Form = Literal["comparison", "rating"]
Basis = Literal["awards", "shares", "values", "coverage"]
Why = Literal["coverage", "bar", "money", "contrast"]

FORMS: Final[tuple[Form, ...]] = ("comparison", "rating")


@dataclass(frozen=True)
class Question:
    """One question to a juror.

    Attributes:
        left: Id of the project shown first.
        right: Id of the project shown second; None where one project is to be rated.
        effect: Expected reduction of the error, in the unit of `basis`; None where nothing is known to compute it from.
        basis: What the error is of: `awards`, shares of the pot; `shares`, the projects' shares of the round's benefit,
            where no money can move yet; `values`, natural-log units, where no money hangs on the criterion; `coverage`
            where nobody has answered yet.
        why: What speaks for it, one or two of `coverage`, evidence the rules demand; `bar`, close to a bar or limit;
            `money`, unsure awards; `contrast`, an unsure difference.
        text: Effect and reason in one sentence in which the two projects can be exchanged, so that it hints at nothing.
    """

    left: str
    right: str | None
    effect: float | None
    basis: Basis
    why: tuple[Why, ...]
    text: str


@dataclass(frozen=True)
class Agenda:
    """What to ask one juror next.

    Attributes:
        juror: Id.
        criterion: What it is about, with the question word for word.
        form: `comparison` or `rating`.
        questions: In order; fewer than wanted if this juror has none left.
        answered: This juror's answers so far, criterion id → number.
        considered: Criterion id → sum of the effects of as many questions on it, shares of the pot; only criteria on
            which money or verdicts depend.
        key: Start of the random part, from the round's seed, the juror, the criterion and the answers so far.
    """

    juror: str
    criterion: Criterion
    form: Form
    questions: tuple[Question, ...]
    answered: Mapping[str, int]
    considered: Mapping[str, float]
    key: int


@dataclass(frozen=True)
class Stop:
    """What a round loses by stopping now.

    Attributes:
        expected: Share of the pot expected to lie elsewhere if the truth were known, in [0, 1]; None if nobody has
            judged benefit, or the money rule does not follow from values.
        at_90: Its 90 % quantile.
        limit: Share of the pot that the stop rule allows at 90 %.
        truths: Draws behind the figures.
        lacking: Ids of projects that lack the evidence that the round's rules demand.
    """

    expected: float | None
    at_90: float | None
    limit: float
    truths: int
    lacking: tuple[str, ...]

    @property
    def may_stop(self) -> bool:
        """Whether no more than `limit` would move at 90 %, and every project has the evidence that rules demand."""
        return self.at_90 is not None and self.at_90 <= self.limit and not self.lacking
