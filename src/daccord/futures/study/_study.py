"""A study: one world, several constitutions, classes of scenarios, and what its reader cares about.

A *scenario* is one setting of everything that nobody knows how to give a distribution: leak, returns, noise, a
constitution's own parameters, how fast or how dangerous the world is on the whole, how lives are valued. A *class* says
between which limits its scenarios are dealt. Within a scenario, worlds are drawn from beliefs. Nothing is averaged over
classes: which class is true is not a matter of probability here (deep uncertainty).

Names of factors, in classes and in boundaries:

    leak                       a field of `lab.Conditions`
    consortium.exclusivity     a parameter of the constitution of that name
    world.arrival              every technology's arrival time, times the factor
    world.hazard               every risk's hazard, times the factor
    world.transition           every technology's transition risk, its odds times the factor
    world.efficacy             every defence's and safety's strength, its odds times the factor
    values.gamma               a field of `world.Welfare`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from daccord.futures.lab import Conditions, Constitution
from daccord.futures.world import Quantity, Welfare, World

__all__ = ["MEASURES", "Goal", "ScenarioClass", "Study"]

MEASURES: Final[Mapping[str, Literal["more", "less"]]] = {
    "welfare": "more",
    "catastrophe": "less",
    "cvar": "less",
    "delay": "less",
    "bad launches": "less",
    "good launches missed": "less",
    "deadlock": "less",
    "lock-in": "less",
    "rule blocked": "less",
    "never half": "more",
    "years to half": "more",
    "largest share": "less",
    "hhi": "less",
    "nakamoto": "more",
    "deciders": "more",
    "cost to pass": "more",
    "cost to block": "more",
    "pivotal bribes": "less",
    "agency": "more",
    "balanced agency": "more",
}
"""What a constitution is measured by, as `lab.Result.summary` names it, and which way is better."""


@dataclass(frozen=True)
class ScenarioClass:
    """Scenarios of one kind.

    Attributes:
        name: Short name, unique in the study.
        ranges: Factor → limits between which it is dealt evenly (shape `uniform`; `log` or `share` for evenly on that
            scale, between the same limits), or a fixed number. What is not named keeps the study's value.
        title: For people.
    """

    name: str
    ranges: Mapping[str, Quantity] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True)
class Goal:
    """A line that a constitution should hold in a scenario: satisficing.

    Attributes:
        measure: One of `MEASURES`, or "welfare over no steering".
        at_least: Lower limit; None for none.
        at_most: Upper limit; None for none.
    """

    measure: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Study:
    """What is compared.

    Attributes:
        world: Beliefs.
        budget: Money a year that constitutions divide.
        constitutions: Name → constitution; at least two.
        conditions: What every scenario starts from.
        classes: At least one.
        values: Ways of valuing lives, dealt to scenarios in turn; the world's own if empty.
        goals: All of which a scenario must hold to count as satisfied.
        weights: Measure → the reader's weight, at least 0, some positive.
        care: Share of transition risks that full safety at launch removes.
        scenarios: In each class.
        worlds: In each scenario.
        seed: Where randomness starts.
        fundable: Technologies that the planner can fund; all if None.
    """

    world: World
    budget: float
    constitutions: Mapping[str, Constitution]
    conditions: Conditions = field(default_factory=Conditions)
    classes: tuple[ScenarioClass, ...] = (ScenarioClass("as stated"),)
    values: tuple[Welfare, ...] = ()
    goals: tuple[Goal, ...] = ()
    weights: Mapping[str, float] = field(default_factory=lambda: {"welfare": 1.0})
    care: float = 0.5
    scenarios: int = 32
    worlds: int = 256
    seed: int = 1
    fundable: tuple[str, ...] | None = None
