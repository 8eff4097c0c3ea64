"""Projects and their roles as edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Final

from daccord.portfolio._gates import Gate

__all__ = ["MATURITIES", "ROLE_KINDS", "Portfolio", "Project", "Risk", "Role"]

ROLE_KINDS: Final = ("defends", "makes_safe", "substitutes", "raises")
"""`defends` against and `raises` point at a risk or a technology; `makes_safe` and `substitutes` at a technology."""

MATURITIES: Final = ("idea", "prototype", "deployed")


@dataclass(frozen=True, order=True)
class Risk:
    """A named threat that technologies defend against or raise."""

    id: str
    title: str


@dataclass(frozen=True, order=True)
class Role:
    """An edge from a project to what it acts on; never a label.

    Attributes:
        kind: One of `ROLE_KINDS`.
        target: Id of a project or a risk of the same round.
    """

    kind: str
    target: str


@dataclass(frozen=True)
class Project:
    """Something that asks for money and is judged.

    Attributes:
        id: Unique, compared exactly (case matters; ids that differ in case only are refused on reading).
        title: Name for people.
        team: Who does it; several projects may share a team.
        ask: Largest amount that can be used, minor units; None means any amount.
        cells: Graded membership in the domain cube, cell id → share; shares sum to 1. Empty if not classified.
        roles: Edges to projects or risks.
        requires: Ids of projects that must be deployed before money flows without a gate.
        maturity: One of `MATURITIES`, or None if not stated.
        text: What jurors read.
        gates: Further partners that its money waits for: another maturity, or any project with a role.
    """

    id: str
    title: str
    team: str = ""
    ask: int | None = None
    cells: Mapping[str, Fraction] = field(default_factory=dict)
    roles: tuple[Role, ...] = ()
    requires: tuple[str, ...] = ()
    maturity: str | None = None
    text: str = ""
    gates: tuple[Gate, ...] = ()

    @property
    def waits(self) -> tuple[Gate, ...]:
        """All that its money waits for: `requires`, each to be deployed, and `gates`."""
        return (*(Gate(identifier) for identifier in self.requires), *self.gates)


@dataclass(frozen=True)
class Portfolio:
    """All projects of a round, in the order of their file, and the risks they name."""

    projects: tuple[Project, ...]
    risks: tuple[Risk, ...] = ()

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Project id → position."""
        return {project.id: i for i, project in enumerate(self.projects)}

    @property
    def ids(self) -> tuple[str, ...]:
        """Project ids, in order."""
        return tuple(project.id for project in self.projects)

    def __len__(self) -> int:
        return len(self.projects)

    def __iter__(self) -> Iterator[Project]:
        return iter(self.projects)

    def __getitem__(self, identifier: str) -> Project:
        return self.projects[self.index[identifier]]
