"""What to ask a juror next: the criterion, and questions on it.

Where a juror is not asked about one criterion by name, it is the one whose missing evidence (`_desk`) this juror can do
most about, else the one whose questions have the largest effect together.

Choosing by effect looks at recorded answers alone, and the fit conditions on all of them, so it biases nothing: which
question was asked tells no more about the projects than the answers that led to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from daccord.asking._candidates import candidates_of
from daccord.asking._desk import Desk
from daccord.asking._history import History, history_of
from daccord.asking._prospect import Prospect
from daccord.asking._stop import demand
from daccord.asking._types import Agenda, Basis, Form, Question
from daccord.errors import InputError, RefusedError
from daccord.fusion import fusion_rule
from daccord.judging import Judge
from daccord.round import HARMS, Criterion, Round

__all__ = ["criteria_of", "form_of", "juror_of", "propose"]


def form_of(round_: Round, criterion: Criterion) -> Form:
    """How a criterion is asked: as people have been asked so far, or else as its bar needs it.

    Ratings, if people have rated and never compared, or nobody has answered and the bar is a point on the rating scale;
    unless the fusion rule does not read ratings.
    """
    said = round_.judgments[criterion.id]
    people = np.array([judge.is_person for judge in round_.panel], dtype=np.bool_)
    if criterion.scale is None or "ratings" not in fusion_rule(round_.rules.fusion).reads:
        return "comparison"
    if people[said.comparisons.judge].any() or people[said.rankings.judge].any():
        return "comparison"
    on_scale = criterion.threshold is not None and criterion.threshold.kind == "rating"
    return "rating" if people[said.ratings.judge].any() or on_scale else "comparison"


def propose(
    prospect: Prospect, juror: str, *, count: int = 5, criterion: str | None = None, form: Form | None = None
) -> Agenda:
    """Questions to a juror.

    Args:
        prospect: The round as it stands and as it might turn out to be.
        juror: Id.
        count: Number of questions wanted, at least 1.
        criterion: Id; None to choose the one with the largest effect.
        form: Comparisons or ratings; None to go by what people have been asked so far.

    Raises:
        InputError: No judge has this id, the round has no such criterion, or the criterion has no rating scale.
        RefusedError: The judge is a model, or has no question left.
        ValueError: `count` is below 1.
    """
    if count < 1:
        raise ValueError(f"the number of questions is at least 1, not {count}")
    round_ = prospect.round
    judge = juror_of(round_, juror)
    histories = {asked.id: history_of(round_, asked.id, judge) for asked in round_.criteria}
    plans = [
        _plan(prospect, juror, asked, form or form_of(round_, asked), histories[asked.id], count)
        for asked in criteria_of(round_, criterion, form)
    ]
    plans = [plan for plan in plans if plan.questions]
    if not plans:
        raise RefusedError(
            f"{juror} has no question left{f' on {criterion}' if criterion else ''}: all were answered or left open "
            "before, or are about projects with a declared tie or under a hard constraint"
        )
    best = max(plans, key=lambda plan: (plan.filled, plan.basis == "awards", plan.total))
    return Agenda(
        juror=juror,
        criterion=best.criterion,
        form=best.form,
        questions=best.questions,
        answered={name: history.answered for name, history in histories.items() if name not in HARMS},
        considered={plan.criterion.id: plan.total for plan in plans if plan.basis == "awards"},
        key=best.key,
    )


def juror_of(round_: Round, identifier: str) -> Judge:
    """The person with this id.

    Raises:
        InputError: No judge has it; the message names the nearest juror.
        RefusedError: It is a model's.
    """
    if identifier not in round_.panel.index:
        people = [judge.id for judge in round_.panel if judge.is_person]
        near = get_close_matches(identifier, people, 1, 0.0)
        remedy = f"the nearest juror is {near[0]!r}" if near else "add a person: the round has none"
        raise InputError.single("judges.csv", f"no judge has the id {identifier!r}", column="id", remedy=remedy)
    judge = round_.panel[identifier]
    if not judge.is_person:
        raise RefusedError(f"{identifier} is a model, and models are not asked: only people's answers are evidence")
    return judge


def criteria_of(round_: Round, criterion: str | None, form: Form | None) -> list[Criterion]:
    """The criteria that may be asked about: one by its id, or all that can be asked in this form.

    Raises:
        InputError: The round has no such criterion, or none with a rating scale where ratings are wanted.
    """
    if criterion is None:
        found = [asked for asked in round_.criteria if form != "rating" or asked.scale is not None]
    else:
        found = [asked for asked in round_.criteria if asked.id == criterion]
        if not found:
            raise InputError.single(
                "round.toml",
                f"the round does not ask {criterion!r}",
                column="criteria",
                remedy=f"use one of {', '.join(asked.id for asked in round_.criteria)}",
            )
    if not found or (form == "rating" and found[0].scale is None):
        raise InputError.single(
            "round.toml",
            f"{criterion or 'no criterion'} has {'no' if criterion else 'a'} rating scale",
            column="criteria",
            remedy="ask for comparisons",
        )
    return found


@dataclass(frozen=True)
class _Plan:
    """Questions on one criterion, and what they are good for."""

    criterion: Criterion
    form: Form
    questions: tuple[Question, ...]
    basis: Basis
    filled: int
    total: float
    key: int


def _plan(prospect: Prospect, juror: str, criterion: Criterion, form: Form, history: History, count: int) -> _Plan:
    answers, people = demand(prospect, criterion.id)
    candidates = candidates_of(prospect, juror, criterion.id, form, history, (answers > 0) | (people > 0))
    desk = Desk(prospect, juror, criterion, form, history, candidates)
    questions: list[Question] = []
    while len(questions) < count and (question := desk.next()) is not None:
        questions.append(question)
    total = sum(question.effect or 0.0 for question in questions)
    return _Plan(criterion, form, tuple(questions), desk.basis, desk.filled, total, candidates.key)
