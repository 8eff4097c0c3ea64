"""From answers to beliefs: 90 % intervals of the pool, kept apart by community or person.

Model. An answer, and a pool of answers, is the mixture of `fusion.roles`: an 80 % interval that is taken to hold with
probability 0.7. Of it a world gets the 5 % and the 95 % quantile, with a log-normal or logit-normal between. A group
(community, person) is an evaluator of its own where enough of its members answered; for any other question everybody's
pool stands in its place, as it does in the round. So both ends rise, or stay, if an answer rises.

What is published in quantiles only (votes on harm, shares of benefit) becomes the log-normal through its 10 % and 90 %
quantiles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from daccord.fusion.roles import Pool
from daccord.futures.imported._assumptions import Apart
from daccord.futures.world import Belief, Quantity
from daccord.round import Round

__all__ = ["LEAST_SHARE", "LEAST_YEARS", "FloatArray", "Groups", "Told", "from_published", "groups_of", "rounded"]

FloatArray = npt.NDArray[np.float64]

Told = Mapping[str, Sequence[FloatArray]]
"""Judge id → knots of his or her answers to a question, each of shape (4,)."""

LEAST_SHARE: Final = 0.001
"""Shares nearer to 0 or 1 are read as this far from it: a tenth of what the round counts as none."""

LEAST_YEARS: Final = 0.02
"""Shorter times, a week, are read as this."""

_ENDS: Final = np.array([0.05, 0.95])
_WIDER: Final = 1.6448536269514722 / 1.2815515655446004
"""From the 10 and 90 % quantiles of a normal to its 5 and 95 % quantiles."""


@dataclass(frozen=True)
class Groups:
    """Whose beliefs are kept apart.

    Attributes:
        of: Judge id → name of the group; judges without one count in the pool of all only.
        names: Of the groups, sorted; none if all are together.
        least: Answers that a group needs to be heard by itself on a question.
    """

    of: Mapping[str, str]
    names: tuple[str, ...]
    least: int

    @property
    def weights(self) -> tuple[float, ...]:
        """People in each group."""
        return tuple(float(sum(group == name for group in self.of.values())) for name in self.names)

    def belief(self, told: Told, shape: Literal["share", "log"]) -> tuple[Belief, str]:
        """What a question's answers say, and who is kept apart in it, for people.

        Args:
            told: At least one answer.
            shape: Of shares or of years.
        """
        everybody = _quantity(told, shape)
        own = {}
        for name in self.names:
            mine = {judge: answers for judge, answers in told.items() if self.of.get(judge) == name}
            if len(mine) >= self.least:
                own[name] = _quantity(mine, shape)
        people = f"{len(told)} {'people' if len(told) > 1 else 'person'}"
        if set(own.values()) <= {everybody}:
            return everybody, people
        rest = [name for name in self.names if name not in own]
        said = f"{people}; kept apart: {', '.join(own)}"
        if rest:
            said += f"; for {', '.join(rest)} all of them"
        return {name: own.get(name, everybody) for name in self.names}, said


def groups_of(round_: Round, apart: Apart, least: int) -> Groups:
    """The groups of a round's people.

    Args:
        round_: The round.
        apart: What is kept apart.
        least: People that a community needs on a question.
    """
    people = sorted(judge.id for judge in round_.panel if judge.is_person)
    if apart == "person":
        return Groups({name: name for name in people}, tuple(people), 1)
    if apart == "together":
        return Groups({}, (), least)
    of = {judge.id: judge.community for judge in round_.panel if judge.is_person and judge.community}
    return Groups(of, round_.panel.communities if len(round_.panel.communities) > 1 else (), least)


def _quantity(told: Told, shape: Literal["share", "log"]) -> Quantity:
    """The pool of some people's answers; each person counts once, whatever the number of his or her answers."""
    answers = [(knots, 1.0 / len(own)) for own in told.values() for knots in own]
    answers.sort(key=lambda pair: (pair[0].tolist(), pair[1]))  # the last bit of a sum must not depend on names
    pool = Pool.of([knots for knots, _ in answers], [weight for _, weight in answers])
    low, high = (float(x) for x in pool.quantile(_ENDS))
    if shape == "share":
        low, high = (min(max(x, LEAST_SHARE), 1 - LEAST_SHARE) for x in (low, high))
    else:
        low, high = max(low, LEAST_YEARS), max(high, LEAST_YEARS)
    return Quantity(rounded(low), rounded(high), shape)


def from_published(low: float, high: float, least: float) -> Quantity:
    """The log-normal with these 10 % and 90 % quantiles.

    Args:
        low: 10 % quantile.
        high: 90 % quantile, not below it.
        least: What smaller ends are read as; positive.
    """
    a, b = math.log(max(low, least)), math.log(max(high, least))
    middle, half = (a + b) / 2, _WIDER * (b - a) / 2
    return Quantity(rounded(math.exp(middle - half)), rounded(math.exp(middle + half)), "log")


def rounded(value: float) -> float:
    """Four digits: more than anybody judged, and a file that people can read."""
    return float(f"{value:.4g}")
