"""`Election`: whole projects, what they cost, and who wants them; nothing else counts.

Voters with the same ballot are one `Group`: the rules treat them alike to the last unit, so they are computed once.
Groups are in the order of their ballots, so neither the order of voters nor that of rows can change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Self

from daccord.allocation._exact import tie_key
from daccord.judging import Ballots

__all__ = ["Election", "Group"]


@dataclass(frozen=True)
class Group:
    """Voters who cast the same ballot.

    Attributes:
        ballot: Project (position) and points, in the order of the projects; points in units of 10^-digits.
        voters: Positions of the voters, ascending.
    """

    ballot: tuple[tuple[int, int], ...]
    voters: tuple[int, ...]


@dataclass(frozen=True)
class Election:
    """What an election is decided from.

    Attributes:
        ids: Projects, distinct.
        costs: What each costs, minor units, positive, shape (n,).
        budget: The pot, minor units, not negative.
        voters: Pseudonyms; who cast an empty ballot is one of them.
        groups: Every voter is in exactly one.
        digits: Decimal digits of the points.

    Raises:
        ValueError: Something of this does not hold.
    """

    ids: tuple[str, ...]
    costs: tuple[int, ...]
    budget: int
    voters: tuple[str, ...]
    groups: tuple[Group, ...]
    digits: int = 0

    def __post_init__(self) -> None:
        if len(set(self.ids)) != len(self.ids) or len(self.costs) != len(self.ids):
            raise ValueError("election: ids are distinct, and each has a cost")
        if self.budget < 0 or any(cost <= 0 for cost in self.costs):
            raise ValueError("election: costs are above zero, and the pot is not below it")
        if sorted(i for group in self.groups for i in group.voters) != list(range(len(self.voters))):
            raise ValueError("election: every voter is in one group")
        for group in self.groups:
            named = [project for project, _ in group.ballot]
            if named != sorted(set(named)) or any(not 0 <= project < len(self.ids) for project in named):
                raise ValueError("election: a ballot names projects in order, each once")
            if any(points <= 0 for _, points in group.ballot):
                raise ValueError("election: points are above zero")

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(
        cls,
        ids: Sequence[str],
        costs: Sequence[int],
        budget: int,
        ballots: Ballots,
        places: Sequence[int] | None = None,
    ) -> Self:
        """An election among some projects of a portfolio; points for others do not count, their voters still do.

        Args:
            ids: Projects that can be bought, shape (n,).
            costs: Minor units, shape (n,).
            budget: The pot, minor units.
            ballots: Of the whole round.
            places: Positions of the projects as `ballots.project` counts them, shape (n,); None for 0, 1, 2 …
        """
        at = {place: i for i, place in enumerate(range(len(ids)) if places is None else places)}
        rows: list[list[tuple[int, int]]] = [[] for _ in ballots.voters]
        columns = (ballots.voter.tolist(), ballots.project.tolist(), ballots.points.tolist())
        for voter, project, points in zip(*columns, strict=True):
            if project in at:
                rows[voter].append((at[project], points))
        members: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for voter, row in enumerate(rows):
            members.setdefault(tuple(sorted(row)), []).append(voter)
        groups = tuple(Group(ballot, tuple(members[ballot])) for ballot in sorted(members))
        return cls(tuple(ids), tuple(costs), budget, ballots.voters, groups, ballots.digits)

    @cached_property
    def supporters(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each project, groups (positions) that gave it points, and how many points each of their voters gave."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.ids]
        for g, group in enumerate(self.groups):
            for project, points in group.ballot:
                found[project].append((g, points))
        return tuple(tuple(entries) for entries in found)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Voters in each group."""
        return tuple(len(group.voters) for group in self.groups)

    @cached_property
    def votes(self) -> tuple[int, ...]:
        """Voters who gave a project points, shape (n,)."""
        return tuple(sum(self.sizes[g] for g, _ in entries) for entries in self.supporters)

    @cached_property
    def scores(self) -> tuple[int, ...]:
        """Sum of all points for a project, in units of 10^-digits, shape (n,)."""
        return tuple(sum(self.sizes[g] * points for g, points in entries) for entries in self.supporters)

    @cached_property
    def share(self) -> Fraction:
        """Each voter's equal share of the pot, minor units; 0 if nobody voted."""
        return Fraction(self.budget, len(self.voters)) if self.voters else Fraction(0)

    @cached_property
    def ties(self) -> tuple[int, ...]:
        """What decides between equals, smaller first, shape (n,).

        The cheaper project goes first; of equally dear ones the one with the higher score; of these the one with the
        smaller SHA-256 of its id, which stands for the drawing of lots and which nobody can choose.
        """
        order = sorted(range(len(self)), key=lambda i: (self.costs[i], -self.scores[i], tie_key(self.ids[i])))
        place = [0] * len(self)
        for position, i in enumerate(order):
            place[i] = position
        return tuple(place)

    def worth(self, utility: str) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each project, groups and what its purchase is worth to each of their voters, a positive integer.

        Args:
            utility: `cost`, the points times the project's cost, or `points`, the points alone.
        """
        if utility == "points":
            return self.supporters
        return tuple(
            tuple((g, points * cost) for g, points in entries)
            for cost, entries in zip(self.costs, self.supporters, strict=True)
        )
