"""What judges say of roles: how much a technology does about a risk, and when; and when a risk is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from daccord.judging._judgments import LONG_AGO

__all__ = ["ARRIVES", "MOST_ADDED", "MOST_YEARS", "Interval", "RoleAnswer"]

Interval = tuple[float, float]
"""Low and high end of an 80 % interval, low ≤ high."""

ARRIVES: Final = "arrives"
"""Kind of an answer about a risk or technology itself: when it is there."""

MOST_ADDED: Final = 99.0
"""Most that a technology can add to a risk: it makes the risk a hundred times as large."""

MOST_YEARS: Final = 1000.0
"""Longest time an answer may name; it stands for never."""


@dataclass(frozen=True)
class RoleAnswer:
    """One judge about one edge of the technology graph, or about the arrival of a risk.

    Attributes:
        judge: Id; a person or a model.
        project: Id of the project or technology that has the role; empty for `ARRIVES`.
        kind: One of `daccord.portfolio.ROLE_KINDS`, or `ARRIVES`.
        target: Id of the risk or technology that it acts on, or that arrives.
        horizon: Whole years from now for which the answer is given; 0 for any time.
        efficacy: Share of the target's risk that the technology removes once it is in use, in [0, 1]; of `raises` the
            share it adds, in [0, `MOST_ADDED`]. None if not told.
        lead: Years from now until it is usable (of `ARRIVES`: until the risk is there), in [0, `MOST_YEARS`]. None if
            not told.
        skipped: True if the judge was asked and could not tell; then both are None. It is coverage, never a vote.
        given: Microseconds since 1970 (UTC) at which it was given, `LONG_AGO` if that is not known.
    """

    judge: str
    project: str
    kind: str
    target: str
    horizon: int = 0
    efficacy: Interval | None = None
    lead: Interval | None = None
    skipped: bool = False
    given: int = LONG_AGO

    def __post_init__(self) -> None:
        most = MOST_ADDED if self.kind == "raises" else 1.0
        for name, interval, top in (("efficacy", self.efficacy, most), ("lead", self.lead, MOST_YEARS)):
            if interval is not None and not 0.0 <= interval[0] <= interval[1] <= top:
                raise ValueError(f"{name} {interval} is no interval within 0 and {top:g}")
        told = self.efficacy is not None or self.lead is not None
        if told == self.skipped:
            raise ValueError("an answer tells efficacy or lead time, or it is skipped")
        if self.kind == ARRIVES and (self.project or self.efficacy is not None):
            raise ValueError(f"`{ARRIVES}` is about a risk alone: it has a lead time, and no project or efficacy")
        if self.horizon < 0:
            raise ValueError(f"the horizon is {self.horizon} years")
