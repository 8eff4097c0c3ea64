"""What to ask a juror next.

Questions are chosen one after another, each as if those before it were answered:

1. **Coverage.** As long as a project lacks the evidence that the round's rules demand, and this juror can give it, only
   questions are asked that do the most about it: two such projects before one, and those that lack most first.
2. **Load.** Projects that have been asked about more than `LOAD` times as often as the average project are left alone,
   as long as there are other questions.
3. **Effect.** Of what is left, questions whose effect (`_look_ahead`) is at least `NEAR` of the best one's are equally
   good, and chance decides between them (`_candidates`).

Choosing by effect looks at recorded answers alone, and the fit conditions on all of them, so it biases nothing: which
question was asked tells no more about the projects than the answers that led to it.

Where a juror is not asked about one criterion by name, the criterion is the one whose coverage needs this juror most,
else the one whose questions have the largest effect together.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.asking._answerer import Answerer, answerer_of
from daccord.asking._candidates import Candidates, candidates_of
from daccord.asking._history import History, history_of
from daccord.asking._look_ahead import LookAhead
from daccord.asking._prospect import Prospect
from daccord.asking._stop import demand
from daccord.asking._types import Agenda, Basis, Form, Question, Why
from daccord.asking._words import sentence
from daccord.errors import InputError, RefusedError
from daccord.fusion import fusion_rule
from daccord.judging import Judge
from daccord.round import Criterion, Round

__all__ = ["LOAD", "NEAR", "form_of", "propose"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LOAD: Final = 3.0
"""How many times as often as the average project a project may be asked about."""

NEAR: Final = 0.8
"""Share of the largest effect from which on questions are equally good."""

_DIGITS: Final = 6
"""Decimals to which effects are compared with the largest one, so that no machine's last bit decides."""

_OPEN: Final = (0.1, 0.9)
"""Probabilities of being above a bar between which a project is close to it."""


def _juror(round_: Round, identifier: str) -> Judge:
    """The person with this id."""
    people = [judge.id for judge in round_.panel if judge.is_person]
    if identifier not in round_.panel.index:
        near = get_close_matches(identifier, people, 1, 0.0)
        remedy = f"the nearest juror is {near[0]!r}" if near else "add a person to judges.csv: the round has none"
        raise InputError.single("judges.csv", f"no judge has the id {identifier!r}", column="id", remedy=remedy)
    judge = round_.panel[identifier]
    if not judge.is_person:
        raise RefusedError(f"{identifier} is a model, and models are not asked: only people's answers are evidence")
    return judge


def form_of(round_: Round, criterion: Criterion) -> Form:
    """How a criterion is asked: as people have been asked so far, or else as its bar needs it.

    Ratings, if people have rated and never compared, or nobody has answered and the bar is a point on the rating scale;
    unless the fusion rule does not read ratings.
    """
    said = round_.judgments[criterion.id]
    people = np.array([judge.is_person for judge in round_.panel], dtype=np.bool_)
    compared = people[said.comparisons.judge].any() or people[said.rankings.judge].any()
    on_scale = criterion.threshold is not None and criterion.threshold.kind == "rating"
    rates = people[said.ratings.judge].any() or on_scale
    reads = "ratings" in fusion_rule(round_.rules.fusion).reads
    return "rating" if criterion.scale is not None and rates and reads and not compared else "comparison"


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
    judge = _juror(round_, juror)
    histories = {asked.id: history_of(round_, asked.id, judge) for asked in round_.criteria}
    if criterion is not None and criterion not in histories:
        raise InputError.single(
            "round.toml",
            f"the round does not ask {criterion!r}",
            column="criteria",
            remedy=f"use one of {', '.join(histories)}",
        )
    plans = [
        _Plan.of(prospect, juror, asked, form or form_of(round_, asked), histories[asked.id], count)
        for asked in round_.criteria
        if criterion in {None, asked.id} and not (form == "rating" and criterion is None and asked.scale is None)
    ]
    plans = [plan for plan in plans if plan.questions]
    if not plans:
        raise RefusedError(
            f"{juror} has no question left"
            + (f" on {criterion}" if criterion else "")
            + ": all were answered or left open before, or are about projects with a declared tie or a hard constraint"
        )
    best = max(plans, key=lambda plan: (plan.filled, plan.basis == "awards", plan.total))
    return Agenda(
        juror=juror,
        criterion=best.criterion,
        form=best.form,
        questions=best.questions,
        answered={name: history.answered for name, history in histories.items()},
        considered={plan.criterion.id: plan.total for plan in plans if plan.basis == "awards"},
        key=best.key,
    )


def _targets(prospect: Prospect, criterion: str) -> tuple[Basis, FloatArray]:
    """What the error is of: awards; where they cannot move, shares of the benefit or the criterion's own values."""
    if prospect.known is not None and criterion in prospect.heeded and prospect.known.std(axis=0).any():
        return "awards", prospect.known
    values = prospect.log_values[criterion]
    if criterion != "benefit":
        return "values", np.asarray(values - values.mean(axis=1, keepdims=True))
    worth = np.exp(values - values.max(axis=1, keepdims=True))
    return "shares", np.asarray(worth / worth.sum(axis=1, keepdims=True))


@dataclass(frozen=True, eq=False)
class _Plan:
    """Questions on one criterion, with what they are good for.

    Attributes:
        filled: How much of the evidence that rules demand they would give.
        total: Sum of their effects.
    """

    criterion: Criterion
    form: Form
    basis: Basis
    questions: tuple[Question, ...]
    filled: int
    total: float
    key: int

    @classmethod
    def of(
        cls, prospect: Prospect, juror: str, criterion: Criterion, form: Form, history: History, count: int
    ) -> _Plan:
        if form == "rating" and criterion.scale is None:
            raise InputError.single(
                "round.toml",
                f"{criterion.id} has no rating scale",
                column=f"criteria.{criterion.id}.rating",
                remedy="ask for comparisons",
            )
        lacks = demand(prospect, criterion.id)
        candidates = candidates_of(prospect, juror, criterion.id, form, history, (lacks[0] > 0) | (lacks[1] > 0))
        desk = _Desk(prospect, juror, criterion, form, history, candidates)
        questions = []
        while len(questions) < count and (question := desk.next()) is not None:
            questions.append(question)
        total = sum(question.effect or 0.0 for question in questions)
        return cls(criterion, form, desk.basis, tuple(questions), desk.filled, total, candidates.key)


class _Desk:
    """Chooses one question after another on one criterion, keeping account of evidence, load and what is learned."""

    def __init__(
        self,
        prospect: Prospect,
        juror: str,
        criterion: Criterion,
        form: Form,
        history: History,
        candidates: Candidates,
    ) -> None:
        self._prospect, self._criterion, self._candidates = prospect, criterion, candidates
        self._answers, self._people = demand(prospect, criterion.id)
        self._asked, self._heard = history.asked.copy(), history.heard.copy()
        self._open = np.ones(len(candidates), dtype=np.bool_)
        self._least = max(prospect.round.rules.evidence.min_judgments, int(LOAD))
        self.filled = 0
        self.basis: Basis = "coverage"
        self._look: LookAhead | None = None
        if (beliefs := prospect.beliefs.get(criterion.id)) is not None:
            self.basis, targets = _targets(prospect, criterion.id)
            self._look = LookAhead(beliefs, prospect.log_values[criterion.id], targets, candidates.at)
            ratios = _share_of_ratios(prospect.round, criterion.id)
            self._answerer: Answerer = answerer_of(
                beliefs, criterion, juror, history, ratios, rating=form == "rating"
            )

    def next(self) -> Question | None:
        """The next question; None if there is none left."""
        c, able = self._candidates, self._open.copy()
        if not able.any():
            return None
        # Evidence this juror can still give: an answer more, or one of a person who was not heard on the project yet.
        lacks = np.where(self._heard, 0, self._people)
        short = (self._answers > 0) | (lacks > 0)
        fills = c.ends(short)
        most = int(fills[able].max())
        able &= fills == most
        if most:
            amount = c.ends(np.maximum(self._answers, lacks))
            able &= amount == amount[able].max()
        calm = able & ~c.worst(self._asked + 1 > max(self._least, LOAD * float(self._asked.mean())))
        able = calm if calm.any() else able
        which = np.flatnonzero(able)
        effects = self._effects(which)
        if effects is not None and effects.max() > 0:
            good = np.round(effects / effects.max(), _DIGITS) >= NEAR
            which, effects = which[good], effects[good]
        chosen = int(np.argmin(c.priority[which]))
        effect = None if effects is None else float(effects[chosen])
        return self._take(int(which[chosen]), effect, short)

    def _effects(self, which: IntArray) -> FloatArray | None:
        if self._look is None:
            return None
        return self._look.effects(self._candidates.a[which], self._candidates.b[which], self._answerer, NEAR)

    def _take(self, which: int, effect: float | None, short: BoolArray) -> Question:
        """Note a question as asked and answered."""
        c = self._candidates
        a, b = int(c.a[which]), int(c.b[which])
        projects = c.at[[a, b]] if b >= 0 else c.at[[a]]
        error = 0.0 if self._look is None else self._look.error
        why, count = self._why(projects, short)
        ids = [self._prospect.round.portfolio.ids[i] for i in projects]
        if c.priority[which] & np.uint64(1):
            ids.reverse()
        bar = "limit" if self._criterion.id == "harm" else "bar"
        question = Question(
            left=ids[0],
            right=ids[1] if len(ids) == 2 else None,
            effect=effect,
            basis=self.basis,
            why=why,
            text=sentence(effect, error, self.basis, why, count, len(ids), bar),
        )
        self._open[which] = False
        self.filled += int(short[projects].sum())
        self._asked[projects] += 1
        self._answers[projects] = np.maximum(self._answers[projects] - 1, 0)
        self._people[projects] = np.maximum(self._people[projects] - ~self._heard[projects], 0)
        self._heard[projects] = True
        if self._look is not None:
            self._look.learn(a, b, self._answerer)
        return question

    def _why(self, projects: IntArray, short: BoolArray) -> tuple[Why, int]:
        """What speaks for a question, and of how many of its projects it is true."""
        if lacking := int(short[projects].sum()):
            return "coverage", lacking
        beliefs = self._prospect.beliefs.get(self._criterion.id)
        if beliefs is not None and beliefs.above is not None:
            above = beliefs.above[projects]
            if close := int(((above > _OPEN[0]) & (above < _OPEN[1])).sum()):
                return "bar", close
        if self.basis == "awards" and self._prospect.known is not None:
            spread = self._prospect.known.std(axis=0)[:-1]
            if unsure := int((spread[projects] >= np.quantile(spread, 0.75)).sum()):
                return "money", unsure
        return "contrast", len(projects)


def _share_of_ratios(round_: Round, criterion: str) -> float:
    """Share of ratios among people's comparisons; 1 if there are none."""
    people = np.array([judge.is_person for judge in round_.panel], dtype=np.bool_)
    comparisons = round_.judgments[criterion].comparisons
    own = comparisons.take(people[comparisons.judge])
    return float(own.has_ratio.mean()) if len(own) else 1.0
