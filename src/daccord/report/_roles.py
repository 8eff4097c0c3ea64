"""The technology graph as tables: what people judged each role to do and when, and what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from daccord.allocation import probability_text
from daccord.pipeline import Decision
from daccord.report._figures import Table
from daccord.report._words import join

__all__ = ["RoleSection", "roles"]

_KINDS: Final = {
    "defends": "defends against",
    "makes_safe": "makes safe",
    "substitutes": "can take the place of",
    "raises": "raises",
}
_FLAGS: Final = {
    "dual_use": "dual use: it lowers one risk and raises another",
    "disputed": "disputed: people do not agree on its effect",
    "late": "late: it comes after what it should stop",
    "unjudged": "not judged",
}
_YEAR: Final = 365.25


@dataclass(frozen=True)
class RoleSection:
    """What the page says of roles.

    Attributes:
        text: In words.
        edges: One row a role and horizon.
        flags: One row a project with a flag.
    """

    text: str
    edges: Table
    flags: Table


def _spread(values: tuple[int, ...] | None, unit: float, digits: int) -> str:
    if values is None:
        return "too few"
    low, middle, high = values[0], values[2], values[-1]
    return f"{middle / unit:.{digits}f} ({low / unit:.{digits}f}–{high / unit:.{digits}f})"


def roles(decision: Decision) -> RoleSection | None:
    """The judged roles; None if nobody judged any."""
    graph, titles = decision.graph, decision.round.portfolio.titles
    judged = [score for score in graph.edges if score.efficacy is not None]
    if not judged:
        return None
    rows = tuple(
        (
            titles[score.edge.project],
            f"{_KINDS[score.edge.kind]} {titles[score.edge.target]}" + ("" if score.declared else " (not declared)"),
            f"in {score.edge.horizon} years" if score.edge.horizon else "any time",
            _spread(score.efficacy, 10_000, 0),
            _spread(score.lead, _YEAR, 1),
            "–" if score.in_time is None else probability_text(score.in_time),
            str(score.jurors) if score.edge.kind != "raises" else f"{score.jurors} or more",
        )
        for score in judged
    )
    flagged = [net for net in graph.nets if net.flags and net.flags != ("unjudged",)]
    flags = tuple(
        (titles[net.project], join([_FLAGS.get(flag, flag) for flag in net.flags if flag != "unjudged"]))
        for net in flagged
    )
    text = (
        f"People judged {len(judged)} roles: what share of a risk each takes away, or adds to it, and when it is "
        "usable. A defence counts when it is there before what it defends against. What adds to a risk is told by "
        "secret votes, so its figures are in coarse steps."
    )
    head = (
        "Project",
        "Role",
        "Asked for",
        "share of the risk, % (80 %)",
        "years until usable (80 %)",
        "in time",
        "people",
    )
    return RoleSection(
        text,
        Table("Roles, as people judged them", head, rows, (1, 2)),
        Table("In doubt", ("Project", "Flags"), flags, (1,)),
    )
