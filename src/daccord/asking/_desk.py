"""One question after another to one juror on one criterion, each as if those before it were answered.

1. **Coverage.** As long as a project lacks the evidence that the round's rules demand, and this juror can give it, only
   questions are asked that do something about it: about two such projects before one, and about those that came up
   least in this session; which of them, chance decides.
2. **Load.** Projects that have been asked about more than `LOAD` times as often as the average project are left alone,
   as long as there are other questions.
3. **Effect.** Of what is left, questions whose effect (`_look_ahead`) is at least `NEAR` of the best one's are equally
   good, and chance decides between them (`_candidates`).

Chance and the limit on load are also what keeps a good design good: the look-ahead is myopic, and many jurors are asked
at the same time without knowing of each other's questions. If those that lack most, or the best question, always came
first, all of them would be asked about the same few projects.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.asking._answerer import Answerer, answerer_of
from daccord.asking._candidates import Candidates
from daccord.asking._history import History
from daccord.asking._look_ahead import LookAhead
from daccord.asking._prospect import Prospect
from daccord.asking._stop import demand
from daccord.asking._types import Basis, Form, Question, Why
from daccord.asking._words import sentence
from daccord.round import HARMS, Criterion, Round

__all__ = ["LOAD", "NEAR", "Desk"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LOAD: Final = 3.0
"""How many times as often as the average project a project may be asked about."""

NEAR: Final = 0.8
"""Share of the largest effect from which on questions are equally good."""

_DIGITS: Final = 6
"""Decimals to which effects are compared with the largest one, so that no machine's last bit decides."""

_CLOSE: Final = (0.1, 0.9)
"""Probabilities of being above a bar between which a project is close to it."""

_TINY: Final = 1e-9
"""Standard deviation, as a share of the pot, below which an award is certain."""

_UNSURE: Final = 0.75
"""Quantile of the awards' standard deviations from which on an award is among the least certain."""


class Desk:
    """Chooses questions, and keeps account of evidence, load and what is learned.

    Args:
        prospect: The round.
        juror: Id.
        criterion: What is asked.
        form: Comparisons or ratings.
        history: Of this juror on this criterion.
        candidates: Questions there are.

    Attributes:
        filled: Questions so far that give evidence which the rules demand.
        basis: What the effects are of.
    """

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
        self._session = np.zeros(len(self._asked), dtype=np.int64)
        self._open = np.ones(len(candidates), dtype=np.bool_)
        self._least = max(prospect.round.rules.evidence.min_judgments, int(LOAD))
        self.filled = 0
        self.basis: Basis = "coverage"
        self._look: tuple[LookAhead, Answerer] | None = None
        if (beliefs := prospect.beliefs.get(criterion.id)) is not None:
            self.basis, targets = _targets(prospect, criterion.id)
            ratios = _share_of_ratios(prospect.round, criterion.id)
            who = answerer_of(beliefs, criterion, juror, history, ratios, rating=form == "rating")
            self._look = LookAhead(beliefs, prospect.log_values[criterion.id], targets, candidates.at), who

    def next(self) -> Question | None:
        """The next question; None if there is none left."""
        c, able = self._candidates, self._open.copy()
        if not able.any():
            return None
        # Evidence this juror can still give: an answer more, or one of a person who was not heard on the project yet.
        people = np.where(self._heard, 0, self._people)
        short = (self._answers > 0) | (people > 0)
        fills = c.ends(short)
        able &= fills == fills[able].max()
        limit = max(self._least, LOAD * float(self._asked.mean()))
        calm = able & ~c.touch(self._asked + 1 > limit)
        which = np.flatnonzero(calm if calm.any() else able)
        if fills[which[0]] > 0:
            often = c.ends(self._session)[which]
            which = which[often == often.min()]
            which = which[[int(np.argmin(c.priority[which]))]]
        effects = None
        if self._look is not None:
            look, who = self._look
            effects = look.effects(c.a[which], c.b[which], who, NEAR)
            if effects.max() > 0:
                good = np.round(effects / effects.max(), _DIGITS) >= NEAR
                which, effects = which[good], effects[good]
        chosen = int(np.argmin(c.priority[which]))
        return self._ask(int(which[chosen]), None if effects is None else float(effects[chosen]), short)

    def _ask(self, which: int, effect: float | None, short: BoolArray) -> Question:
        """Note a question as asked and answered."""
        c = self._candidates
        a, b = int(c.a[which]), int(c.b[which])
        projects = c.at[[a, b]] if b >= 0 else c.at[[a]]
        error = 0.0 if self._look is None else self._look[0].error
        reasons = self._reasons(projects, short)
        ids = [self._prospect.round.portfolio.ids[i] for i in projects]
        if c.priority[which] & np.uint64(1):
            ids.reverse()
        bar = "limit" if self._criterion.id in HARMS else "bar"
        self._open[which] = False
        self.filled += int(short[projects].any())
        self._asked[projects] += 1
        self._session[projects] += 1
        self._answers[projects] = np.maximum(self._answers[projects] - 1, 0)
        self._people[projects] = np.maximum(self._people[projects] - ~self._heard[projects], 0)
        self._heard[projects] = True
        if self._look is not None:
            self._look[0].learn(a, b, self._look[1])
        return Question(
            left=ids[0],
            right=ids[1] if len(ids) == 2 else None,
            effect=effect,
            basis=self.basis,
            why=tuple(why for why, _ in reasons),
            text=sentence(effect, error, self.basis, reasons, len(ids), bar),
        )

    def _reasons(self, projects: IntArray, short: BoolArray) -> list[tuple[Why, int]]:
        """What speaks for a question, and of how many of its projects it is true."""
        if lacking := int(short[projects].sum()):
            return [("coverage", lacking)]
        found: list[tuple[Why, int]] = []
        view, name = self._prospect, self._criterion.id
        if name in view.heeded and view.known is not None:
            spread = view.known.std(axis=0)[:-1]
            if unsure := int((spread[projects] >= max(np.quantile(spread, _UNSURE), _TINY)).sum()):
                found.append(("money", unsure))
        above = view.beliefs[name].above if name in view.beliefs else None
        if above is not None:
            near = (above[projects] > _CLOSE[0]) & (above[projects] < _CLOSE[1])
            if close := int(near.sum()):
                found.append(("bar", close))
        return found or [("contrast", len(projects))]


def _targets(prospect: Prospect, criterion: str) -> tuple[Basis, FloatArray]:
    """What the error is of: awards; where they cannot move, shares of the benefit or the criterion's own values."""
    if prospect.known is not None and criterion in prospect.heeded and prospect.known.std(axis=0).any():
        return "awards", prospect.known
    values = prospect.log_values[criterion]
    if criterion != "benefit":
        return "values", np.asarray(values - values.mean(axis=1, keepdims=True))
    worth = np.exp(values - values.max(axis=1, keepdims=True))
    return "shares", np.asarray(worth / worth.sum(axis=1, keepdims=True))


def _share_of_ratios(round_: Round, criterion: str) -> float:
    """Share of ratios among people's comparisons; 1 if there are none."""
    people = np.array([judge.is_person for judge in round_.panel], dtype=np.bool_)
    comparisons = round_.judgments[criterion].comparisons
    own = comparisons.take(people[comparisons.judge])
    return float(own.has_ratio.mean()) if len(own) else 1.0
