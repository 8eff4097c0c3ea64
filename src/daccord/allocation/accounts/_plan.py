"""Entries sorted by what they do to a project's award, and what became of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from daccord.portfolio import Entry

__all__ = ["Plan", "Posting"]


@dataclass(frozen=True)
class Posting:
    """What became of one entry.

    Attributes:
        entry: As it was decided.
        paid: What it moved, minor units: positive to the project, negative from it.
        open: What it could not move, same sign as the entry: money withheld from a project on hold, or, negative, the
            part of a correction that the project's award could not bear, which is carried as its debt.
        note: Why something is open, or what the entry only states; empty if there is nothing to say.
    """

    entry: Entry
    paid: int
    open: int = 0
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """The entries of a round by project, minor units; projects that nothing is written for are absent.

    Attributes:
        first: Paid before the rule divides: fixed grants, credit carried over, and corrections in the project's favour.
        fixed: The fixed grants alone: they count towards the project's ask.
        least: Guaranteed together with `first`: minimum grants.
        back: What corrections ask back, positive.
        withheld: What projects on hold would get first; it stays in the pot, undivided.
    """

    first: Mapping[str, int] = field(default_factory=dict)
    fixed: Mapping[str, int] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    back: Mapping[str, int] = field(default_factory=dict)
    withheld: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry], held: Collection[str] = ()) -> Plan:
        """Sort entries.

        Args:
            entries: Of the round; one without a project states where a part of the pot comes from and moves nothing.
            held: Ids of projects on hold, which no entry pays.
        """
        first: dict[str, int] = {}
        fixed: dict[str, int] = {}
        least: dict[str, int] = {}
        back: dict[str, int] = {}
        withheld: dict[str, int] = {}
        for entry in entries:
            project = entry.project
            if not project:
                continue
            if entry.amount < 0:
                back[project] = back.get(project, 0) - entry.amount
            elif entry.kind == "minimum":
                if project not in held:
                    least[project] = max(least.get(project, 0), entry.amount)
            elif project in held:
                withheld[project] = withheld.get(project, 0) + entry.amount
            else:
                first[project] = first.get(project, 0) + entry.amount
                if entry.kind == "fixed":
                    fixed[project] = fixed.get(project, 0) + entry.amount
        return cls(first, fixed, least, back, withheld)

    @property
    def reserved(self) -> int:
        """What never reaches the rule, minor units: paid first, or withheld."""
        return sum(self.first.values()) + sum(self.withheld.values())

    def owed_first(self, project: str) -> int:
        """What a project gets before the rule divides, minor units."""
        return self.first.get(project, 0)

    def top_up(self, project: str, by_rule: int) -> int:
        """What is missing to the project's minimum grant, minor units."""
        return max(0, self.least.get(project, 0) - by_rule - self.owed_first(project))

    def collected(self, project: str, before: int) -> int:
        """What corrections take from an award of `before` minor units; never more than there is."""
        return min(self.back.get(project, 0), before)
