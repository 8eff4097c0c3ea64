"""What would change a verdict: the smallest single changes of what is published, found by search, confirmed by rerun.

Model. A verdict is a function of published integers. For each probability that it reads, the values on both sides of
every threshold are tried outwards from what is published, and the first on each side at which the verdict is another
one is narrowed down by bisection to the last millionth. Nothing is derived from the order of the rules: the search
knows of a threshold only where to look, and what it reports is what the rule itself said when it was run again, at the
value and one millionth before it.

Of harm only levels are published. The search then starts from the lower end of the level, finds the same thresholds,
and says where the probability would have to be, not where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from daccord.allocation._allocate import allocate
from daccord.allocation._types import LABELS, Allocation, Label, Verdict
from daccord.allocation.stories._changes import Dial, Inputs, dials, switches
from daccord.allocation.verdicts import decide_verdicts, single_verdict
from daccord.fusion import MICRO, Scores
from daccord.portfolio import Portfolio
from daccord.round import Budget, MoneyInputs, Rules

__all__ = ["BETTER", "Counterfactual", "confirmed", "counterfactuals", "rerun"]

BETTER: tuple[Label, ...] = ("hold", "unrated", "unclear", "with_safeguards", "accelerate")
"""Verdicts from the worst to the best for the project."""


@dataclass(frozen=True)
class Counterfactual:
    """A single change that would give a project another verdict.

    Attributes:
        project: Id.
        code: What changes: `benefit`, `harm`, `harm_if_adversary`, one of them with `:` and a community, `gate`,
            `gates`, `evidence` or `expiry`.
        condition: The change, as the rest of a sentence that begins with "if".
        label: Verdict as decided.
        label_after: Verdict after the change.
        size: How far the probability has to move at most, millionths; None where the change is no matter of degree.
        to: The probability after the change, millionths; None likewise.
        after: What verdicts follow from after the change.
    """

    project: str
    code: str
    condition: str
    label: Label
    label_after: Label
    size: int | None
    to: int | None
    after: Inputs

    @property
    def better(self) -> bool:
        """Whether the project would be better off."""
        return BETTER.index(self.label_after) > BETTER.index(self.label)

    @property
    def text(self) -> str:
        """The whole as a sentence."""
        return f"It would become “{LABELS[self.label_after]}” if {self.condition}."


def counterfactuals(portfolio: Portfolio, scores: Scores, rules: Rules, verdict: Verdict) -> tuple[Counterfactual, ...]:
    """All single changes that give one project another verdict, the smallest first; empty if there is none.

    Args:
        portfolio: What was judged.
        scores: Published scores.
        rules: As decided by.
        verdict: Of the project, as `decide_verdicts` gave it.

    Returns:
        Changes of one probability by how far it has to move, then those that are no matter of degree. At most one for
        each quantity and direction.
    """
    inputs = Inputs(portfolio, scores, rules)
    found = list(_by_degree(inputs, verdict))
    for code, condition, changed in switches(inputs, verdict):
        label = single_verdict(changed.portfolio, changed.scores, changed.rules)(changed.scores[verdict.project]).label
        if label != verdict.label:
            found.append(Counterfactual(verdict.project, code, condition, verdict.label, label, None, None, changed))
    return tuple(sorted(found, key=lambda one: (one.size is None, one.size or 0)))


def _by_degree(inputs: Inputs, verdict: Verdict) -> Iterator[Counterfactual]:
    score = inputs.scores[verdict.project]
    judge = single_verdict(inputs.portfolio, inputs.scores, inputs.rules)
    for dial in dials(inputs, inputs.portfolio[verdict.project]):

        def label_at(value: int, dial: Dial = dial) -> Label:
            return judge(dial.turned(score, value)).label

        tried = sorted({0, MICRO, *dial.cuts, *(max(0, cut - 1) for cut in dial.cuts)})
        above = [value for value in tried if value > dial.now]
        below = [value for value in reversed(tried) if value < dial.now]
        for side in (above, below):
            to = _first_change(label_at, verdict.label, dial.now, side)
            if to is None:
                continue
            changed = Inputs(inputs.portfolio, inputs.scores.with_project(dial.turned(score, to)), inputs.rules)
            yield Counterfactual(
                verdict.project,
                dial.code,
                dial.words(to),
                verdict.label,
                label_at(to),
                _size(inputs, verdict.project, dial, to),
                to,
                changed,
            )


def _first_change(label_at: Callable[[int], Label], label: Label, now: int, tried: list[int]) -> int | None:
    """The value nearest to `now` on one side at which the verdict is another; None if it is none of those tried."""
    same = now
    for value in tried:
        if label_at(value) == label:
            same = value
            continue
        while abs(value - same) > 1:
            middle = (value + same) // 2
            if label_at(middle) == label:
                same = middle
            else:
                value = middle  # noqa: PLW2901 - bisection
        return value
    return None


def _size(inputs: Inputs, project: str, dial: Dial, to: int) -> int:
    """How far the probability has to move; of harm, from the far end of its level, for no more is published."""
    ceiling = inputs.scores[project].criteria[dial.criterion].ceiling
    start = ceiling if dial.secret and not dial.community and ceiling is not None and to < dial.now else dial.now
    return abs(to - start)


def rerun(one: Counterfactual, budget: Budget, inputs: MoneyInputs | None = None) -> Allocation:
    """Verdicts and money after the change, by the same rules."""
    return allocate(one.after.portfolio, one.after.scores, one.after.rules, budget, inputs)


def confirmed(one: Counterfactual) -> bool:
    """Whether deciding the whole round again gives the verdict that the counterfactual states."""
    verdicts = decide_verdicts(one.after.portfolio, one.after.scores, one.after.rules)
    return verdicts[one.after.portfolio.index[one.project]].label == one.label_after
