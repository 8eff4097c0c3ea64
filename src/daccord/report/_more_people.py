"""How many more people would change a verdict: the round decided again, with their answers in it.

A probability is what follows from answers, and few people know how to move one. So the same question is asked in
answers: k more people each compare the project with the most typical other one and find it twice (or half) as good as
it is believed to be now. The smallest k that changes the verdict is found by bisection, and every step is a decision of
the whole round from its judgments on, with the new people in the panel. Only benefit is asked for: of harm nothing
finer than levels is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from daccord.allocation import LABELS, Label
from daccord.errors import DaccordError
from daccord.fusion import MICRO
from daccord.judging import Comparisons, Judge, Panel
from daccord.pipeline import Decision, decide
from daccord.report._words import count
from daccord.round import Round

__all__ = ["MOST_PEOPLE", "MorePeople", "more_people", "with_people"]

IntArray = npt.NDArray[np.int64]

MOST_PEOPLE = 16
"""People that are added at most."""


@dataclass(frozen=True)
class MorePeople:
    """What more people would do to a verdict.

    Attributes:
        people: The fewest whose answers change it; None if not even `MOST_PEOPLE` do.
        times: How many times as good as `against` each finds it.
        against: Id of the project that they compare it with.
        label_after: The verdict then; as decided if nothing changes.
        text: In words.
    """

    people: int | None
    times: float
    against: str
    label_after: Label
    text: str


def with_people(round_: Round, project: str, against: str, times: float, people: int) -> Round:
    """The round with more people, each of whom says once how many times as good a project is as another.

    Args:
        round_: The round.
        project: Id of the project that is found better or worse.
        against: Id of the other.
        times: Ratio, above 0 and not 1.
        people: How many.
    """
    judged = round_.judgments["benefit"]
    taken = round_.panel.index
    fresh = [name for i in range(people + len(taken)) if (name := f"what-if-{i + 1}") not in taken][:people]
    panel = Panel((*round_.panel.judges, *(Judge(name, "person") for name in fresh)))
    a, b = round_.portfolio.index[project], round_.portfolio.index[against]
    new = Comparisons(
        np.arange(len(round_.panel), len(panel)),
        np.full(people, a),
        np.full(people, b),
        np.full(people, 1 if times > 1 else -1),
        np.full(people, math.log(times)),
    )
    both = _joined(judged.comparisons, new)
    judgments = {**round_.judgments, "benefit": replace(judged, comparisons=both)}
    return replace(round_, panel=panel, judgments=judgments)


def _joined(old: Comparisons, new: Comparisons) -> Comparisons:
    """The old answers and the new ones, which come last."""

    def times(known: IntArray | None) -> IntArray | None:
        if known is None:
            return None
        return np.concatenate([known, np.full(len(new), known.max() if len(known) else 0)])

    return Comparisons(
        np.concatenate([old.judge, new.judge]),
        np.concatenate([old.a, new.a]),
        np.concatenate([old.b, new.b]),
        np.concatenate([old.outcome, new.outcome]),
        np.concatenate([old.log_ratio, new.log_ratio]),
        times(old.revealed),
        times(old.given),
    )


def _typical(decision: Decision, project: str) -> str | None:
    """The other project whose benefit is nearest to the typical one; None if there is none."""
    others = [
        (abs(score.criteria["benefit"].mean), score.project)
        for score in decision.scores
        if score.project != project and "benefit" in score.criteria
    ]
    return min(others)[1] if others else None


def _ratio(decision: Decision, project: str, against: str, factor: float) -> float:
    """So many times what is believed of the two now, to two significant digits; never 1, which would be a tie."""
    means = (decision.scores[name].criteria["benefit"].mean for name in (project, against))
    value = factor * math.exp((next(means) - next(means)) / MICRO)
    rounded = float(f"{value:.2g}")
    return rounded if rounded != 1 else 1.1 if factor > 1 else 0.9


def more_people(decision: Decision, project: str, *, tell: Callable[[str], None] = lambda _: None) -> MorePeople | None:
    """The fewest more people whose answers on its benefit would change a project's verdict.

    They find it better where its benefit is below the bar or not rated, and worse where it is above.

    Args:
        decision: The decided round.
        project: Id of one of its projects.
        tell: Called before each rerun.

    Returns:
        None where the question makes no sense: nobody judged benefit, the rule does not read comparisons, or the
        project is held, which no benefit lifts.
    """
    verdict = decision.allocation.verdict_of[project]
    against = _typical(decision, project)
    judged = "benefit" in decision.scores[project].criteria
    if against is None or not judged or verdict.label == "hold":
        return None
    factor = 0.5 if verdict.label in ("accelerate", "with_safeguards") else 2.0
    times = _ratio(decision, project, against, factor)

    def label_with(people: int) -> Label:
        tell(f"deciding again with {count(people, 'more person', 'more people')}")
        again = decide(with_people(decision.round, project, against, times, people))
        return again.allocation.verdict_of[project].label

    try:
        after = label_with(MOST_PEOPLE)
    except DaccordError:
        return None
    title = decision.round.portfolio[against].title
    as_believed = f"{'twice' if factor > 1 else 'half'} as much as is believed now"
    found = f"found it {times:g} times as good as {title}, which is {as_believed}"
    if after == verdict.label:
        text = f"It would stay “{LABELS[after]}” even if {MOST_PEOPLE} more people {found}."
        return MorePeople(None, times, against, after, text)
    low, high = 0, MOST_PEOPLE
    while high - low > 1:
        middle = (low + high) // 2
        label = label_with(middle)
        if label == verdict.label:
            low = middle
        else:
            high, after = middle, label
    who = "one more person" if high == 1 else f"{high} more people"
    text = f"It would become “{LABELS[after]}” if {who} {found}."
    return MorePeople(high, times, against, after, text)
