"""Projects and their roles as edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Final

from daccord.portfolio._gates import Gate

__all__ = ["COMFORT", "MATURITIES", "ROLE_KINDS", "Portfolio", "Project", "Risk", "Role"]

ROLE_KINDS: Final = ("defends", "makes_safe", "substitutes", "raises")
"""`defends` against and `raises` point at a risk or a technology; `makes_safe` and `substitutes` at a technology."""

MATURITIES: Final = ("idea", "prototype", "deployed")

COMFORT: Final = ("yes", "no", "unsure")
"""Answers to "would you be comfortable open-sourcing it?", the test of claims to be purely defensive."""


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
        target: Id of a project, technology or risk of the same round.
        horizon: Whole years from now at which the role holds; 0 for any time. A technology may have one role in five
            years and the opposite one in twenty.
    """

    kind: str
    target: str
    horizon: int = 0

    def __str__(self) -> str:
        """As it is written in a round folder: `defends > leak`, or `raises > leak @ 20`."""
        return f"{self.kind} > {self.target}" + (f" @ {self.horizon}" if self.horizon else "")


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
        licence: SPDX name of the licence of what it makes; empty if not stated.
        open_sourcing: One of `COMFORT`, or empty: whether the applicants would be comfortable open-sourcing it.
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
    licence: str = ""
    open_sourcing: str = ""

    @property
    def waits(self) -> tuple[Gate, ...]:
        """All that its money waits for: `requires`, each to be deployed, and `gates`."""
        return (*(Gate(identifier) for identifier in self.requires), *self.gates)


@dataclass(frozen=True)
class Portfolio:
    """All projects of a round, in the order of their file, and what they act on.

    Attributes:
        projects: What asks for money and is judged; only these get scores, verdicts and awards.
        risks: Named threats.
        technologies: What asks for no money but stands in the graph: threats that others defend against, partners that
            others wait for, substitutes. They have roles and a maturity like projects, and no verdict.
    """

    projects: tuple[Project, ...]
    risks: tuple[Risk, ...] = ()
    technologies: tuple[Project, ...] = ()

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Project id → position."""
        return {project.id: i for i, project in enumerate(self.projects)}

    @cached_property
    def known(self) -> Mapping[str, Project]:
        """Id → project or technology."""
        return {item.id: item for item in (*self.projects, *self.technologies)}

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Id → title, of everything that an edge may begin at or point to."""
        return {risk.id: risk.title for risk in self.risks} | {item.id: item.title for item in self.known.values()}

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
