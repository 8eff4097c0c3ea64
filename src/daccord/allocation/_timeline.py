"""When gates open, when which money is released, and when holds expire: a simulation of dated events.

Model. Day 0 is the day of the award. A project's maturity is what the portfolio says until an event raises it; it never
falls back (what has been shown has been shown). A gate opens on the first day on which one of its partners is as far as
it asks, and stays open. Of each award the part

    waits = ceil(gated · award)   if a gate of the project is closed on day 0, and 0 otherwise

is released on the day on which the last of its gates opens, and the rest on day 0. What waits behind a gate that no
event opens is not released within the simulation. So, to the minor unit and on every day: released + waiting = awards;
and no unit that waits is ever released before its gate. Several things on one day go in this order: what matures, what
opens, what is released, what falls due, what expires.

Lead times that are judged as quantiles give an event three days instead of one: with 80 % probability it comes between
the first and the last. Run with all early days and with all late ones, the simulation gives the earliest and the latest
day of each release, because opening is monotone in the days of the events. That is a range and no joint interval.

`reference_released` is the same question asked naively, one day at a time, for tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from daccord.allocation._exact import as_written
from daccord.allocation._types import Allocation
from daccord.allocation.verdicts import gate_text, is_open, partners, title_of
from daccord.portfolio import MATURITIES, Gate, Portfolio, Project
from daccord.round import Rules

__all__ = ["Entry", "Maturing", "Release", "Timeline", "reference_released", "timeline", "waiting_part"]

Kind = Literal["matures", "opens", "released", "due", "expires"]

_ORDER: Final[Mapping[str, int]] = {"matures": 0, "opens": 1, "released": 2, "due": 3, "expires": 4}


@dataclass(frozen=True)
class Maturing:
    """That a project reaches a maturity.

    Attributes:
        project: Id of a project or a technology.
        maturity: One of `MATURITIES`.
        day: Days after the award, at least 0.
        low: Day before which it comes with 10 % probability; the day itself if its lead time is no distribution.
        high: Day after which it comes with 10 % probability.

    Raises:
        ValueError: There is no such maturity, a day is negative, or the days are not in order.
    """

    project: str
    maturity: str
    day: int
    low: int | None = None
    high: int | None = None

    def __post_init__(self) -> None:
        if self.maturity not in MATURITIES:
            raise ValueError(f"{self.maturity!r} is no maturity; there are {', '.join(MATURITIES)}")
        if not 0 <= self.early <= self.day <= self.late:
            raise ValueError(f"days {self.early}, {self.day}, {self.late} of {self.project!r} are not in order")

    @property
    def early(self) -> int:
        """The early day."""
        return self.day if self.low is None else self.low

    @property
    def late(self) -> int:
        """The late day."""
        return self.day if self.high is None else self.high


@dataclass(frozen=True)
class Entry:
    """Something that happens.

    Attributes:
        day: Days after the award.
        kind: `matures`, `opens` (a gate), `released` (money), `due` (a condition), `expires` (a hold).
        project: Id of the project that it is about.
        amount: Minor units that are released; 0 otherwise.
        text: For people.
    """

    day: int
    kind: Kind
    project: str
    amount: int
    text: str


@dataclass(frozen=True)
class Release:
    """When the gated money of one project comes.

    Attributes:
        project: Id.
        amount: What waits on day 0, minor units.
        day: Day of its release; None if a gate stays closed.
        early: With every event on its early day.
        late: With every event on its late day.
        closed: What the gates that stay closed wait for.
        substitutes: Comparable projects that wait for nothing; to be shown first.
    """

    project: str
    amount: int
    day: int | None
    early: int | None
    late: int | None
    closed: tuple[str, ...]
    substitutes: tuple[str, ...]


@dataclass(frozen=True)
class Timeline:
    """A simulated course of a round.

    Attributes:
        entries: By day, then in the order of the module's text, then by project.
        releases: One for each project whose money waits on day 0, in the portfolio's order.
        released: Minor units released within the simulation.
        waiting: Minor units behind gates that no event opens; with `released` it is the sum of the awards.
    """

    entries: tuple[Entry, ...]
    releases: tuple[Release, ...]
    released: int
    waiting: int


def waiting_part(amount: int, rules: Rules) -> int:
    """The part of an award that waits while a gate is closed, minor units, rounded up."""
    share = as_written(rules.verdicts.gated)
    return -(-amount * share.numerator // share.denominator)


def timeline(portfolio: Portfolio, allocation: Allocation, rules: Rules, events: Iterable[Maturing]) -> Timeline:
    """Simulate a decided round.

    Args:
        portfolio: What was judged.
        allocation: Verdicts and awards as decided.
        rules: As decided by.
        events: What matures when: projects, or technologies of the portfolio.

    Raises:
        ValueError: An event names neither a project nor a technology of the portfolio.
    """
    known = tuple(events)
    for event in known:
        if event.project not in portfolio.known:
            raise ValueError(f"the event names {event.project!r}, which the round does not know")
    usual, early, late = (
        _States.of(portfolio, ((event.project, event.maturity, day) for event, day in zip(known, days, strict=True)))
        for days in ([e.day for e in known], [e.early for e in known], [e.late for e in known])
    )
    entries = [
        Entry(
            event.day,
            "matures",
            event.project,
            0,
            f"{title_of(portfolio, event.project)} is {_state(event.maturity)}",
        )
        for event in known
        if _rank(event.maturity) > _rank(portfolio.known[event.project].maturity)
    ]
    releases = []
    total = waiting = 0
    for project, verdict, award in zip(portfolio, allocation.verdicts, allocation.awards, strict=True):
        gates = [closed.gate for closed in verdict.gates]
        days = [usual.opens(project, gate) for gate in gates]
        entries += [
            Entry(day, "opens", project.id, 0, f"a gate of {project.title} opens: {gate_text(portfolio, gate)}")
            for gate, day in zip(gates, days, strict=True)
            if day is not None
        ]
        waits = waiting_part(award.amount, rules) if gates else 0
        total += award.amount
        if award.amount > waits:
            entries.append(Entry(0, "released", project.id, award.amount - waits, f"to {project.title}"))
        if gates:
            last = _last(days)
            closed = tuple(gate_text(portfolio, gate) for gate, day in zip(gates, days, strict=True) if day is None)
            soonest, latest = (_last([states.opens(project, gate) for gate in gates]) for states in (early, late))
            releases.append(Release(project.id, waits, last, soonest, latest, closed, verdict.substitutes))
            if last is None:
                waiting += waits
            elif waits:
                entries.append(
                    Entry(last, "released", project.id, waits, f"to {project.title}, whose last gate has opened")
                )
        if award.amount:
            entries += [
                Entry(guard.due_days, "due", project.id, 0, f"{project.title}: {guard.condition}")
                for guard in verdict.safeguards
            ]
        if verdict.reopens_after_days is not None:
            entries.append(
                Entry(
                    verdict.reopens_after_days,
                    "expires",
                    project.id,
                    0,
                    f"the hold on {project.title} expires, and it is open again",
                )
            )
    place = {name: i for i, name in enumerate(portfolio.known)}
    order = sorted(entries, key=lambda entry: (entry.day, _ORDER[entry.kind], place[entry.project]))
    return Timeline(tuple(order), tuple(releases), total - waiting, waiting)


@dataclass(frozen=True)
class _States:
    """The first day on which each project has at least each maturity; day 0 for what it has already."""

    portfolio: Portfolio
    first: Mapping[tuple[str, int], int]

    @classmethod
    def of(cls, portfolio: Portfolio, events: Iterable[tuple[str, str, int]]) -> _States:
        first: dict[tuple[str, int], int] = {}

        def reach(project: str, rank: int, day: int) -> None:
            for lower in range(rank + 1):
                first[project, lower] = min(day, first.get((project, lower), day))

        for item in portfolio.known.values():
            reach(item.id, _rank(item.maturity), 0)
        for name, maturity, day in events:
            reach(name, _rank(maturity), day)
        return cls(portfolio, first)

    def opens(self, project: Project, gate: Gate) -> int | None:
        """The day on which a gate opens; None if it stays closed."""
        need = _rank(gate.maturity)
        days = (self.first.get((partner, need)) for partner in partners(self.portfolio, project, gate))
        return min((day for day in days if day is not None), default=None)


def _rank(maturity: str | None) -> int:
    return -1 if maturity is None else MATURITIES.index(maturity)


def _state(maturity: str) -> str:
    return "deployed" if maturity == "deployed" else f"{'an' if maturity == 'idea' else 'a'} {maturity}"


def _last(days: Sequence[int | None]) -> int | None:
    """The day of the last; None if one never comes."""
    known = [day for day in days if day is not None]
    return max(known, default=0) if len(known) == len(days) else None


def reference_released(
    portfolio: Portfolio, allocation: Allocation, rules: Rules, events: Sequence[Maturing], day: int
) -> Mapping[str, int]:
    """What each project has been paid by the end of a day, by walking through the days one after another."""
    maturity = {item.id: item.maturity for item in portfolio.known.values() if item.maturity is not None}
    open_gates: set[tuple[str, Gate]] = set()
    paid: dict[str, int] = {}
    for today in range(day + 1):
        for event in events:
            if event.day == today and _rank(event.maturity) > _rank(maturity.get(event.project)):
                maturity[event.project] = event.maturity
        for project, verdict, award in zip(portfolio, allocation.verdicts, allocation.awards, strict=True):
            gates = [closed.gate for closed in verdict.gates]
            open_gates |= {(project.id, gate) for gate in gates if is_open(portfolio, project, gate, maturity)}
            shut = any((project.id, gate) not in open_gates for gate in gates)
            waits = waiting_part(award.amount, rules) if gates else 0
            paid[project.id] = award.amount - waits if shut else award.amount
    return paid
