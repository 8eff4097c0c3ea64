"""What moves a project's money most: every published log-value moved by its own standard deviation, each a rerun.

Model. A criterion's log-value θ is believed to be mean ± sd. Moved by one sd, its mean becomes mean ± sd, its margin
over the bar moves by as many standard deviations, so that P(above the bar) = Φ(z) becomes Φ(z ± 1), and the project's
share s of the round's benefit becomes f·s / (1 + (f − 1)·s) with f = exp(± sd), at the others' expense. Verdicts and
money are then decided again. Tried are the project's own benefit, defence and diffusion of power, and the benefit of
those who get most beside it. Harm is published as levels, so no step of it could be said; it is left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

from daccord.allocation._allocate import allocate
from daccord.allocation._types import Allocation, Label
from daccord.allocation.verdicts import title_of
from daccord.fusion import MICRO, NANO, ProjectScore, Scores
from daccord.portfolio import Portfolio
from daccord.round import HARMS, Budget, MoneyInputs, Rules

__all__ = ["RIVALS", "Move", "moved", "movers"]

RIVALS: Final = 8
"""Other projects whose benefit is moved: those with the largest awards."""

_NORMAL: Final = NormalDist()
_NAMES: Final = {
    "benefit": "benefit",
    "defence": "defence",
    "defence_if_adversary": "defence in an adversary's hands",
    "diffusion": "diffusion of power",
}


@dataclass(frozen=True)
class Move:
    """One published quantity, moved by one standard deviation.

    Attributes:
        of: Id of the project whose quantity it is.
        criterion: Which one.
        steps: Standard deviations, 1 or -1.
        amount_after: Award of the project in question after the rerun, minor units.
        label_after: Its verdict after the rerun.
        difference: `amount_after` less the award as decided, minor units.
        condition: The change, as the rest of a sentence that begins with "if".
    """

    of: str
    criterion: str
    steps: int
    amount_after: int
    label_after: Label
    difference: int
    condition: str


def moved(scores: Scores, project: str, criterion: str, steps: int) -> Scores:
    """All scores after one project's log-value on a criterion has moved by so many of its standard deviations.

    Args:
        scores: As published.
        project: Whose value.
        criterion: Which one, of those with a published log-value.
        steps: Standard deviations.
    """
    score = scores[project]
    old = score.criteria[criterion]
    above = old.above
    if above is not None and old.sd:
        place = min(max(above, 1), MICRO - 1) / MICRO
        further = round(_NORMAL.cdf(_NORMAL.inv_cdf(place) + steps) * MICRO)
        above = max(above, further) if steps > 0 else min(above, further)
    grown = score.with_criterion(criterion, mean=old.mean + steps * old.sd, above=above)
    if criterion != "benefit":
        return scores.with_project(grown)
    factor = math.exp(steps * old.sd / MICRO)

    def own(share: int) -> int:
        return min(NANO, round(factor * share * NANO / (NANO + (factor - 1) * share)))

    def other(share: int) -> int:
        return min(NANO, round(share * NANO / (NANO + (factor - 1) * score.share)))

    def shares(one: ProjectScore, change: object) -> ProjectScore:
        f = own if change else other
        return replace(one, share=f(one.share), share_low=f(one.share_low), share_high=f(one.share_high))

    return Scores(tuple(shares(grown, True) if one.project == project else shares(one, False) for one in scores))


def movers(
    portfolio: Portfolio,
    scores: Scores,
    rules: Rules,
    budget: Budget,
    allocation: Allocation,
    project: str,
    inputs: MoneyInputs | None = None,
) -> tuple[Move, ...]:
    """What moves one project's award, the largest difference first; every entry is a rerun.

    Args:
        portfolio: What was judged.
        scores: As published.
        rules: As decided by.
        budget: The pot.
        allocation: As decided.
        project: Id of the project whose award is looked at.
        inputs: What the money rule reads beside scores.

    Returns:
        Both directions of each quantity that has a standard deviation; ties keep own quantities before others'.
    """
    before = allocation.award_of[project].amount
    rivals = sorted(
        (award for award in allocation.awards if award.project != project and award.amount),
        key=lambda award: (-award.amount, award.project),
    )[:RIVALS]
    tried = [(project, criterion) for criterion in _NAMES] + [(award.project, "benefit") for award in rivals]
    out = []
    for of, criterion in tried:
        known = scores[of].criteria.get(criterion)
        if known is None or not known.sd or criterion in HARMS:
            continue
        for steps in (1, -1):
            after = allocate(portfolio, moved(scores, of, criterion, steps), rules, budget, inputs)
            amount = after.award_of[project].amount
            whose = "its" if of == project else f"the {_NAMES[criterion]} of {title_of(portfolio, of)}"
            what = f"{whose} {_NAMES[criterion]}" if of == project else whose
            side = "higher" if steps > 0 else "lower"
            out.append(
                Move(
                    of,
                    criterion,
                    steps,
                    amount,
                    after.verdict_of[project].label,
                    amount - before,
                    f"{what} were one standard deviation {side}",
                )
            )
    return tuple(sorted(out, key=lambda move: -abs(move.difference)))
