"""The technology graph: who claims to do what to which risk or technology, and what stands beside what.

Edges are claims of applicants, or of whoever described a technology. How strong an edge is, and when it holds, is
judged by people (`daccord.fusion.roles`).

Source: V. Buterin, "My techno-optimism" (2023), figure of differential mechanisms; J. Sandbrink et al., "Differential
technology development" (2022): safety, defensive and substitute technologies, and their timing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from daccord.portfolio._projects import Portfolio, Project, Role

__all__ = ["OPEN_LICENCES", "Edge", "declared_edges", "is_open", "sides", "substitutes_for", "undefended"]

OPEN_LICENCES: Final = frozenset(
    {
        "0BSD",
        "AGPL-3.0-only",
        "AGPL-3.0-or-later",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC-BY-4.0",
        "CC-BY-SA-4.0",
        "CC0-1.0",
        "CERN-OHL-P-2.0",
        "CERN-OHL-S-2.0",
        "CERN-OHL-W-2.0",
        "EPL-2.0",
        "EUPL-1.2",
        "GPL-2.0-only",
        "GPL-2.0-or-later",
        "GPL-3.0-only",
        "GPL-3.0-or-later",
        "ISC",
        "LGPL-2.1-only",
        "LGPL-2.1-or-later",
        "LGPL-3.0-only",
        "LGPL-3.0-or-later",
        "MIT",
        "MPL-2.0",
        "ODbL-1.0",
        "Solderpad-2.1",
        "Unlicense",
        "Zlib",
    }
)
"""SPDX names of licences that let everybody use, study, change and share: of code, hardware, data and text."""


@dataclass(frozen=True, order=True)
class Edge:
    """A role of a project or technology towards something.

    Attributes:
        project: Id of whoever has the role.
        kind: One of `ROLE_KINDS`.
        target: Id of a risk, project or technology.
        horizon: Whole years from now at which the role holds; 0 for any time.
    """

    project: str
    kind: str
    target: str
    horizon: int = 0

    @property
    def role(self) -> Role:
        """The edge as seen from its beginning."""
        return Role(self.kind, self.target, self.horizon)


def declared_edges(portfolio: Portfolio) -> Iterator[Edge]:
    """All edges that applicants or describers declared: projects first, then technologies, each in its own order."""
    for item in (*portfolio.projects, *portfolio.technologies):
        for role in item.roles:
            yield Edge(item.id, role.kind, role.target, role.horizon)


def sides(portfolio: Portfolio, identifier: str) -> tuple[frozenset[str], frozenset[str]]:
    """Targets that a project claims to lower (defends, makes safe, substitutes), and those it admits to raise."""
    roles = portfolio.known[identifier].roles
    lowers = frozenset(role.target for role in roles if role.kind != "raises")
    return lowers, frozenset(role.target for role in roles if role.kind == "raises")


def substitutes_for(portfolio: Portfolio, identifier: str) -> tuple[str, ...]:
    """Ids of projects and technologies that declare to be a substitute for this one, in the portfolio's order."""
    found = [
        edge.project for edge in declared_edges(portfolio) if (edge.kind, edge.target) == ("substitutes", identifier)
    ]
    return tuple(dict.fromkeys(found))


def undefended(portfolio: Portfolio) -> tuple[str, ...]:
    """Ids of risks that no project and no technology declares to defend against, in order."""
    defended = {edge.target for edge in declared_edges(portfolio) if edge.kind == "defends"}
    return tuple(risk.id for risk in portfolio.risks if risk.id not in defended)


def is_open(project: Project) -> bool | None:
    """Whether what the project makes is under an open licence; None if it names no licence."""
    return project.licence in OPEN_LICENCES if project.licence else None
