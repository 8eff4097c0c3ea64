"""The judged technology graph as it is published: integers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from daccord.portfolio import Edge

__all__ = ["ArrivalScore", "EdgeScore", "GraphScores", "ModelsSay", "NetScore", "ShiftScore", "Spread"]

Spread = tuple[int, int, int, int, int]
"""Quantiles at 10, 25, 50, 75 and 90 %, not falling."""


@dataclass(frozen=True)
class ModelsSay:
    """What models say, pooled with every family counting once. Shown apart; nothing follows from it.

    Attributes:
        families: How many spoke.
        efficacy: Millionths; None if none told.
        lead: Days; None if none told.
    """

    families: int
    efficacy: Spread | None
    lead: Spread | None


@dataclass(frozen=True)
class EdgeScore:
    """One role at one horizon, from people's answers.

    Attributes:
        edge: Who, what, towards what, when; horizon 0 is any time.
        declared: Whether the project declares it; a role may also be named by jurors alone.
        jurors: People who told its efficacy; of `raises` 0 unless enough were heard, and then the least number that
            is ever heard.
        skipped: People who were asked and could not tell; of `raises` not published, and 0.
        efficacy: Share of the risk removed, or for `raises` added, millionths; None if too few people told.
        lead: Days until it is usable; None if too few people told.
        in_time: Probability in millionths that it is usable before its target is there, and by the horizon; None if
            that was not judged. Of `raises`: that it is usable by the horizon.
        expected: Mean share removed or added, counting nothing where it is not in time, millionths; None if unrated.
        models: What models say; None if they said nothing.
    """

    edge: Edge
    declared: bool
    jurors: int
    skipped: int
    efficacy: Spread | None
    lead: Spread | None
    in_time: int | None
    expected: int | None
    models: ModelsSay | None = None


@dataclass(frozen=True)
class ArrivalScore:
    """When a risk or technology is there, from people's answers: days, or None if too few told."""

    target: str
    jurors: int
    days: Spread | None


@dataclass(frozen=True)
class ShiftScore:
    """What a project does to one risk or technology, all its roles together and only those in time.

    Attributes:
        project: Id.
        target: Id.
        horizon: Whole years from now; 0 for any time.
        shift: Share of the target's risk that is removed, millionths; below zero where it is added.
        lowers: Probability that at least a hundredth is removed, millionths.
        raises: Probability that at least a hundredth is added, millionths.
        communities_disagree: True if by its own members one community finds it more probable than not that the
            project lowers the risk, and another that it raises it.
        disputed: True if both signs are noticeably probable or communities disagree. Then it is neither.
    """

    project: str
    target: str
    horizon: int
    shift: Spread
    lowers: int
    raises: int
    communities_disagree: bool
    disputed: bool


@dataclass(frozen=True)
class NetScore:
    """What a project does to all its targets together.

    Attributes:
        project: Id.
        jurors: People whose answers it rests on.
        lowers: Probability in millionths that it lowers risks more than it raises them, at the horizon where that is
            least probable.
        raises: Probability in millionths of the contrary, at the horizon where that is most probable.
        flags: `dual_use`: it more probably than not lowers one risk and raises another, or the same at another
            horizon. `disputed`: some shift is. `late`: a declared defence more probably than not comes after its
            threat. `unjudged`: too few people spoke about a declared defence.
    """

    project: str
    jurors: int
    lowers: int
    raises: int
    flags: tuple[str, ...]


@dataclass(frozen=True)
class GraphScores:
    """The whole graph, in the order of ids."""

    edges: tuple[EdgeScore, ...] = ()
    arrivals: tuple[ArrivalScore, ...] = ()
    shifts: tuple[ShiftScore, ...] = ()
    nets: tuple[NetScore, ...] = ()
    warnings: tuple[str, ...] = ()

    @cached_property
    def net_of(self) -> Mapping[str, NetScore]:
        """Project id → its net effect; only of projects with a rated role."""
        return {net.project: net for net in self.nets}

    def shifts_of(self, project: str) -> tuple[ShiftScore, ...]:
        """The shifts of one project."""
        return tuple(shift for shift in self.shifts if shift.project == project)

    def edges_of(self, project: str) -> tuple[EdgeScore, ...]:
        """The edges of one project."""
        return tuple(score for score in self.edges if score.edge.project == project)
