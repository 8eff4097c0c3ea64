"""Answers that money rules read as they stand: ballots, donors, values of further money, weights for metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

__all__ = ["Ballots", "Donor", "Funder", "MarginalValue", "MetricWeight", "Outcome"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ballots:
    """Points that voters gave to projects, in columns; what a ballot does not name has no points.

    Attributes:
        voters: Ids, in order; a voter may stand here without a row (an empty ballot).
        voter: Position in `voters`, shape (n,).
        project: Position in the portfolio, shape (n,). A pair of voter and project occurs once.
        points: Points in units of 10^-digits, above zero, shape (n,); 1 for an approval.
        digits: Decimal digits of points, 0 to 6.
        kind: `approval` if every point is 1; `points` for scores; `amount` if points are minor units of money the
            voter would give.
    """

    voters: tuple[str, ...]
    voter: IntArray
    project: IntArray
    points: IntArray
    digits: int = 0
    kind: Literal["approval", "points", "amount"] = "approval"

    def __post_init__(self) -> None:
        for name in ("voter", "project", "points"):
            array = np.array(getattr(self, name), dtype=np.int64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
            if array.ndim != 1 or len(array) != len(self.voter):
                raise ValueError(f"ballots: {name} has shape {array.shape}, voter has {np.shape(self.voter)}")
        if len(set(self.voters)) != len(self.voters):
            raise ValueError("ballots: a voter is named twice")
        if np.any((self.voter < 0) | (self.voter >= len(self.voters))):
            raise ValueError("ballots: a row names a voter that is not there")
        if np.any(self.points <= 0):
            raise ValueError("ballots: points are above zero")
        if len(np.unique(np.stack([self.voter, self.project]), axis=1).T) != len(self.voter):
            raise ValueError("ballots: a voter names a project twice")

    def __len__(self) -> int:
        return len(self.voter)

    @classmethod
    def empty(cls) -> Self:
        """No ballots."""
        none = np.empty(0, dtype=np.int64)
        return cls((), none, none, none)


@dataclass(frozen=True)
class Donor:
    """What is known of somebody who gives.

    Attributes:
        id: As in the contributions.
        trust: How much evidence there is that this is one person who acts alone, in [0, 1].
        groups: Ids of groups the donor belongs to, for `cluster` matching.
    """

    id: str
    trust: Fraction = Fraction(1)
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class MarginalValue:
    """One point of a juror's curve: what the next unit is worth once the project has `amount`.

    Attributes:
        juror: Id of a judge.
        project: Id.
        amount: Minor units the project has already.
        value: Worth of one further unit, at least 0; between points the curve is a straight line, after the last one it
            is zero.
    """

    juror: str
    project: str
    amount: int
    value: Fraction


@dataclass(frozen=True)
class Funder:
    """Whose money is divided, and how much this funder trusts each juror.

    Attributes:
        id: Pseudonym.
        amount: Minor units.
        trust: Juror id → non-negative weight; weights sum to 1.
    """

    id: str
    amount: int
    trust: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True)
class MetricWeight:
    """How much a voter wants a metric to count: a non-negative weight; a voter's weights are normalised.

    The one metric that the rules name as `multiplier` is different: there the weight multiplies the other metrics of
    the projects that it marks.
    """

    voter: str
    metric: str
    weight: Fraction


@dataclass(frozen=True)
class Outcome:
    """What came of a project, as one person judged it afterwards.

    Attributes:
        project: Id.
        worth: Non-negative; all who judge use one scale, and only ratios matter.
        judge: Who judged it.
        paid: Minor units that funders have paid for these results already; the same in all rows of a project.
        earned: Minor units that the project has earned with them in other ways; likewise.
    """

    project: str
    worth: Fraction
    judge: str = ""
    paid: int = 0
    earned: int = 0
