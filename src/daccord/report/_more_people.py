"""How many more people would change a verdict: the round decided again, with their answers in it.

A probability is what follows from answers, and few people know how to move one. So the same question is asked in
answers, of the kind that the round's people gave most: k more people each rate the project half-way between the bar and
the end of the scale; or compare it with the most typical other project and place it as far on the other side of the bar
as it is believed to be on this side. The smallest k that changes the verdict is found by bisection, and every step is a
decision of the whole round from its judgments on, with the new people in the panel. Only benefit is asked for: of harm
nothing finer than levels is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from daccord.allocation import FUNDABLE, LABELS, Label
from daccord.errors import DaccordError
from daccord.fusion import MICRO
from daccord.judging import Comparisons, Judge, Panel, Ratings
from daccord.pipeline import Decision, decide
from daccord.report._words import count
from daccord.round import Round

__all__ = ["MOST_PEOPLE", "Answer", "MorePeople", "more_people", "with_people"]

IntArray = npt.NDArray[np.int64]

MOST_PEOPLE = 16
"""People that are added at most."""


@dataclass(frozen=True)
class Answer:
    """What each of the new people says about a project's benefit.

    Attributes:
        value: A rating on the criterion's scale; or, with `against`, how many times as good as that project it is.
        against: Id of the other project of a comparison; empty for a rating.
        text: In words, behind "if so many more people".
    """

    value: float
    against: str
    text: str


@dataclass(frozen=True)
class MorePeople:
    """What more people would do to a verdict.

    Attributes:
        people: The fewest whose answers change it; None if not even `MOST_PEOPLE` do.
        answer: What each of them says.
        label_after: The verdict then; as decided if nothing changes.
        text: In words.
    """

    people: int | None
    answer: Answer
    label_after: Label
    text: str


def with_people(round_: Round, project: str, answer: Answer, people: int) -> Round:
    """The round with more people, each of whom answers once about a project's benefit.

    Args:
        round_: The round.
        project: Id of the project.
        answer: What each of them says.
        people: How many.
    """
    judged, taken = round_.judgments["benefit"], round_.panel.index
    fresh = [name for i in range(people + len(taken)) if (name := f"what-if-{i + 1}") not in taken][:people]
    panel = Panel((*round_.panel.judges, *(Judge(name, "person") for name in fresh)))
    who, what = np.arange(len(taken), len(panel)), np.full(people, round_.portfolio.index[project])
    if answer.against:
        other = np.full(people, round_.portfolio.index[answer.against])
        won = np.full(people, 1 if answer.value > 1 else -1)
        new = Comparisons(who, what, other, won, np.full(people, math.log(answer.value)))
        judged = replace(judged, comparisons=_joined(judged.comparisons, new))
    else:
        none = np.full(people, np.nan)
        added = Ratings(who, what, np.full(people, answer.value), none, none)
        judged = replace(judged, ratings=_rated(judged.ratings, added))
    return replace(round_, panel=panel, judgments={**round_.judgments, "benefit": judged})


def _times(known: IntArray | None, added: int) -> IntArray | None:
    """Times of the old answers and of the new ones, which come last."""
    if known is None:
        return None
    return np.concatenate([known, np.full(added, known.max() if len(known) else 0)])


def _joined(old: Comparisons, new: Comparisons) -> Comparisons:
    return Comparisons(
        np.concatenate([old.judge, new.judge]),
        np.concatenate([old.a, new.a]),
        np.concatenate([old.b, new.b]),
        np.concatenate([old.outcome, new.outcome]),
        np.concatenate([old.log_ratio, new.log_ratio]),
        _times(old.revealed, len(new)),
        _times(old.given, len(new)),
    )


def _rated(old: Ratings, new: Ratings) -> Ratings:
    return Ratings(
        np.concatenate([old.judge, new.judge]),
        np.concatenate([old.project, new.project]),
        np.concatenate([old.value, new.value]),
        np.concatenate([old.low, new.low]),
        np.concatenate([old.high, new.high]),
        _times(old.revealed, len(new)),
        _times(old.given, len(new)),
    )


def _typical(decision: Decision, project: str) -> str | None:
    """The other project whose benefit is nearest to the typical one; None if there is none."""
    others = [
        (abs(score.criteria["benefit"].mean), score.project)
        for score in decision.scores
        if score.project != project and "benefit" in score.criteria
    ]
    return min(others)[1] if others else None


def _answer(decision: Decision, project: str) -> Answer | None:
    """What more people would have to say; None if there is nothing they could compare it with."""
    judged = decision.round.judgments["benefit"]
    verdict = decision.allocation.verdict_of[project]
    criterion = decision.round.criterion("benefit")
    scale = None if criterion is None else criterion.scale
    side = 0 if verdict.label == "unrated" else -1 if verdict.label in FUNDABLE else 1
    if scale is not None and criterion is not None and len(judged.ratings) > len(judged.comparisons):
        bar = criterion.threshold
        middle = bar.value if bar is not None and bar.kind == "rating" else (scale.low + scale.high) / 2
        own = judged.ratings.value[judged.ratings.project == decision.round.portfolio.index[project]]
        value = (middle + (scale.high if side > 0 else scale.low)) / 2
        if not side:
            value = float(np.median(own)) if len(own) else middle
        value = float(f"{value:.3g}")
        return Answer(value, "", f"rated its benefit {value:g} on the scale from {scale.low:g} to {scale.high:g}")
    against = _typical(decision, project)
    return None if against is None else _ratio(decision, project, against, side)


def _ratio(decision: Decision, project: str, against: str, side: int) -> Answer:
    """A comparison, to two significant digits: at least a factor of two from what is believed."""
    benefit, other = (decision.scores[name].criteria["benefit"] for name in (project, against))
    step, said = 0.0, "which is what is believed now"
    if side:
        step = side * math.log(2)
        if benefit.above is not None:
            place = min(max(benefit.above, 1), MICRO - 1) / MICRO
            mirrored = -2 * NormalDist().inv_cdf(place) * benefit.sd / MICRO
            step = max(step, mirrored) if side > 0 else min(step, mirrored)
        said = f"which is {math.exp(step):.2g} times what is believed now"
    value = float(f"{math.exp((benefit.mean - other.mean) / MICRO + step):.2g}")
    value = value if value != 1 else 1.1 if side > 0 else 0.9
    return Answer(value, against, f"found it {value:g} times as good as {_title(decision, against)}, {said}")


def _title(decision: Decision, project: str) -> str:
    return decision.round.portfolio[project].title


def more_people(decision: Decision, project: str, *, tell: Callable[[str], None] = lambda _: None) -> MorePeople | None:
    """The fewest more people whose answers on its benefit would change a project's verdict.

    Args:
        decision: The decided round.
        project: Id of one of its projects.
        tell: Called before each rerun.

    Returns:
        None where the question makes no sense: nobody judged benefit, the rule does not read such answers, or the
        project is held, which no benefit lifts.
    """
    verdict = decision.allocation.verdict_of[project]
    if verdict.label == "hold" or "benefit" not in decision.scores[project].criteria:
        return None
    answer = _answer(decision, project)
    if answer is None:
        return None

    def label_with(people: int) -> Label:
        tell(f"deciding again with {count(people, 'more person', 'more people')}")
        again = decide(with_people(decision.round, project, answer, people))
        return again.allocation.verdict_of[project].label

    try:
        after = label_with(MOST_PEOPLE)
    except DaccordError:
        return None
    if after == verdict.label:
        text = f"It would stay “{LABELS[after]}” even if {MOST_PEOPLE} more people {answer.text}."
        return MorePeople(None, answer, after, text)
    low, high = 0, MOST_PEOPLE
    while high - low > 1:
        middle = (low + high) // 2
        label = label_with(middle)
        if label == verdict.label:
            low = middle
        else:
            high, after = middle, label
    who = "one more person" if high == 1 else f"{high} more people"
    return MorePeople(high, answer, after, f"It would become “{LABELS[after]}” if {who} {answer.text}.")
