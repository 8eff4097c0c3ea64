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
from daccord.allocation.stories._changes import Change, Dial, Inputs, dials, switches
from daccord.allocation.verdicts import Decider, decide_verdicts
from daccord.fusion import MICRO, ProjectScore, Scores
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
        change: What is changed.
        before: What verdicts followed from before.
    """

    project: str
    code: str
    condition: str
    label: Label
    label_after: Label
    size: int | None
    to: int | None
    change: Change
    before: Inputs

    @property
    def after(self) -> Inputs:
        """What verdicts follow from after the change."""
        return self.change.applied(self.before)

    @property
    def better(self) -> bool:
        """Whether the project would be better off."""
        return BETTER.index(self.label_after) > BETTER.index(self.label)

    @property
    def text(self) -> str:
        """The whole as a sentence."""
        return f"It would become “{LABELS[self.label_after]}” if {self.condition}."


def counterfactuals(
    portfolio: Portfolio, scores: Scores, rules: Rules, verdict: Verdict, decider: Decider | None = None
) -> tuple[Counterfactual, ...]:
    """All single changes that give one project another verdict, the smallest first; empty if there is none.

    Args:
        portfolio: What was judged.
        scores: Published scores.
        rules: As decided by.
        verdict: Of the project, as `decide_verdicts` gave it.
        decider: Of the same round, to be shared by many calls; made anew if None.

    Returns:
        Changes of one probability by how far it has to move, then those that are no matter of degree. At most one for
        each quantity and direction.
    """
    inputs = Inputs(portfolio, scores, rules)
    decider = Decider.of(portfolio, scores, rules) if decider is None else decider
    score = scores[verdict.project]
    found = list(_by_degree(inputs, decider, verdict, score))
    for code, condition, change in switches(decider, verdict, score):
        label = change.verdict(decider, score).label
        if label != verdict.label:
            one = Counterfactual(verdict.project, code, condition, verdict.label, label, None, None, change, inputs)
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.size is None, one.size or 0)))


def _by_degree(inputs: Inputs, decider: Decider, verdict: Verdict, score: ProjectScore) -> Iterator[Counterfactual]:
    for dial in dials(decider, score):

        def label_at(value: int, dial: Dial = dial) -> Label:
            return decider.verdict(dial.turned(score, value)).label

        tried = sorted({0, MICRO, *dial.cuts, *(max(0, cut - 1) for cut in dial.cuts)})
        above = [value for value in tried if value > dial.now]
        below = [value for value in reversed(tried) if value < dial.now]
        for side in (above, below):
            to = _first_change(label_at, verdict.label, dial.now, side)
            if to is None:
                continue
            yield Counterfactual(
                verdict.project,
                dial.code,
                dial.words(to),
                verdict.label,
                label_at(to),
                _size(score, dial, to),
                to,
                Change(score=dial.turned(score, to)),
                inputs,
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


def _size(score: ProjectScore, dial: Dial, to: int) -> int:
    """How far the probability has to move; of harm, from the far end of its level, for no more is published."""
    ceiling = score.criteria[dial.criterion].ceiling
    start = ceiling if dial.secret and not dial.community and ceiling is not None and to < dial.now else dial.now
    return abs(to - start)


def rerun(one: Counterfactual, budget: Budget, inputs: MoneyInputs | None = None) -> Allocation:
    """Verdicts and money after the change, by the same rules."""
    after = one.after
    return allocate(after.portfolio, after.scores, after.rules, budget, inputs)


def confirmed(one: Counterfactual) -> bool:
    """Whether deciding the whole round again gives the verdict that the counterfactual states."""
    after = one.after
    verdicts = decide_verdicts(after.portfolio, after.scores, after.rules)
    return verdicts[after.portfolio.index[one.project]].label == one.label_after
