"""What a round does not judge and a world needs: stated numbers with a name, to be changed by whoever imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from daccord.errors import InputError, Problem
from daccord.futures.world import Quantity, Welfare, fixed, interval, share
from daccord.portfolio import MATURITIES
from daccord.round import Round

__all__ = ["MEANING", "Apart", "Assumptions"]

Apart = Literal["community", "person", "together"]

MEANING: Final[Mapping[str, str]] = {
    "window": "years in which there is a pot like this every year",
    "own": "money that each project has without the round, times what it asks",
    "outside": "money that goes to what asks for nothing, times the pot; nobody here moves it",
    "elasticity": "gain in speed per gain in money, the same belief for every project",
    "crowding": "share of added money that others then withdraw",
    "arrival": "years until it is usable, by maturity",
    "never": "probability of never being usable, by maturity; money does not change it",
    "leak": "share of slowing that does not take",
    "lift": "gain in consumption if all projects come, natural log; the round judges only how it is shared",
    "hazard": "events a year of a named risk once it is there, the same belief for every risk",
    "floor": "share of a hazard that no defence reaches",
    "severity": "share of all later welfare that an event takes",
    "transition": "probability that an arrival takes all later welfare, if it surely is above the limit on harm",
    "decline": "yearly fall of that probability by itself",
    "ahead": "years that a partner must be there first to count fully at an arrival",
    "unlisted": "events a year of a threat that nobody named",
    "resilience": "share of it removed by a project that surely makes defending easier, without a role",
    "progress": "correlation of arrival times",
    "optimism": "correlation of efficacies",
    "horizon": "years that are looked at",
    "edge": "last years in which transition risks fade",
    "welfare": "how lives are valued",
}
"""Field → what it says, for people; fields that are beliefs are read as 90 % intervals."""


@dataclass(frozen=True)
class Assumptions:
    """What nobody judged.

    The defaults are round numbers of no authority. They let benefit and defence matter about alike in a round that
    judges both, so that what was judged decides, and not the scale.

    Attributes:
        apart: What is kept apart as evaluators: `community`, `person` (names of judges stand in the world then) or
            `together`. Votes on harm never are.
        window: See `MEANING`, as all that follows.
        own: Positive.
        outside: Positive.
        elasticity: At least 0.
        crowding: In [0, 1].
        arrival: Maturity, or "" where none is stated → years.
        never: The same → probability.
        leak: In [0, 1].
        lift: Natural log, at least 0.
        hazard: Per year.
        floor: In [0, 1].
        severity: In [0, 1].
        transition: In [0, 1].
        decline: Per year.
        ahead: Years, positive.
        unlisted: Per year.
        resilience: In [0, 1].
        progress: In [−1, 1].
        optimism: In [−1, 1].
        horizon: Years.
        edge: Years.
        welfare: Values.
        hazards: Risk id → hazard of this risk.
        severities: Risk id → severity of this risk.
        elasticities: Project or technology id → elasticity of this one.
        spendings: Project or technology id → whole units of currency a year that it has without the round.
        origins: Question, as in a world's sources (`hazard:flood`) → where the number is from, if it is not a default.
    """

    apart: Apart = "community"
    window: float = 5.0
    own: float = 1.0
    outside: float = 100.0
    elasticity: Quantity = share(0.2, 0.6)  # noqa: RUF009 - frozen
    crowding: float = 0.0
    arrival: Mapping[str, Quantity] = field(
        default_factory=lambda: {
            "": interval(0.5, 8),
            "idea": interval(3, 15),
            "prototype": interval(1, 6),
            "deployed": interval(0.1, 1),
        }
    )
    never: Mapping[str, Quantity] = field(
        default_factory=lambda: {
            "": share(0.05, 0.4),
            "idea": share(0.2, 0.6),
            "prototype": share(0.05, 0.3),
            "deployed": fixed(0),
        }
    )
    leak: Quantity = share(0.1, 0.5)  # noqa: RUF009 - frozen
    lift: float = 0.05
    hazard: Quantity = interval(0.0001, 0.001)  # noqa: RUF009 - frozen
    floor: Quantity = share(0.05, 0.3)  # noqa: RUF009 - frozen
    severity: Quantity = share(0.02, 0.2)  # noqa: RUF009 - frozen
    transition: Quantity = share(0.00002, 0.0004)  # noqa: RUF009 - frozen
    decline: Quantity = interval(0.02, 0.1)  # noqa: RUF009 - frozen
    ahead: Quantity = interval(0.1, 1)  # noqa: RUF009 - frozen
    unlisted: Quantity = interval(0.0001, 0.001)  # noqa: RUF009 - frozen
    resilience: Quantity = share(0.005, 0.05)  # noqa: RUF009 - frozen
    progress: float = 0.3
    optimism: float = 0.3
    horizon: float = 50.0
    edge: float = 2.0
    welfare: Welfare = field(default_factory=Welfare)
    hazards: Mapping[str, Quantity] = field(default_factory=dict)
    severities: Mapping[str, Quantity] = field(default_factory=dict)
    elasticities: Mapping[str, Quantity] = field(default_factory=dict)
    spendings: Mapping[str, float] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    def check(self, round_: Round) -> None:
        """Refuse what cannot be applied to a round; numbers outside their domain are found in the world.

        Raises:
            InputError: Ids that the round does not know, maturities without an assumption, a factor that is not
                positive.
        """
        risks = {risk.id for risk in round_.portfolio.risks}
        named = {
            "hazards": (self.hazards, risks),
            "severities": (self.severities, risks),
            "elasticities": (self.elasticities, set(round_.portfolio.known)),
            "spendings": (self.spendings, set(round_.portfolio.known)),
        }
        problems = [
            _problem(name, f"the round knows no {one!r}", "use an id of the round")
            for name, (table, known) in named.items()
            for one in sorted(set(table) - known)
        ]
        problems += [
            _problem(name, f"nothing is said of {one or 'projects without a maturity'}", "add it")
            for name in ("arrival", "never")
            for one in ("", *MATURITIES)
            if one not in getattr(self, name)
        ]
        problems += [
            _problem(name, f"{getattr(self, name)} is not above 0", "use a positive number")
            for name in ("own", "outside")
            if not getattr(self, name) > 0
        ]
        if problems:
            raise InputError(problems)


def _problem(where: str, message: str, remedy: str) -> Problem:
    return Problem("assumptions", None, where, message, remedy)
