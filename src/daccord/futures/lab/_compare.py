"""Constitutions side by side on one stage, and what a constitution loses to the planner, split by friction.

The planner here is the single centre with perfect signals, everybody inside and no capture: money as planned, every
frontier technology launched with full safety in the year after which no later one is better. It is a yardstick, not a
government: nobody is charged for its holding all power (`dictator`, `loss`).

    governance gap = W(planner) − W(constitution)
    part of friction f = W(constitution without f) − W(constitution)

Frictions interact, so parts do not add up to the gap; the rest says by how much. A part can be negative: a friction may
do good, as when a leak breaks a hold that should not be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from daccord.futures.lab._centre import Centre, Consortium
from daccord.futures.lab._conditions import Conditions
from daccord.futures.lab._constitution import FRICTIONS, Constitution, Friction
from daccord.futures.lab._federation import Federation
from daccord.futures.lab._market import Market
from daccord.futures.lab._pause import Pause
from daccord.futures.lab._result import Result
from daccord.futures.lab._run import run
from daccord.futures.lab._stage import Stage
from daccord.futures.lab._teams import Teams

__all__ = ["SEVEN", "Gap", "compare", "governance_gap", "perfect"]

SEVEN: tuple[Constitution, ...] = (Constitution(), Pause(), Centre(), Consortium(), Market(), Teams(), Federation())
"""The seven constitutions with default parameters."""


@dataclass(frozen=True)
class Gap:
    """A governance gap, years of life now per person.

    Attributes:
        title: Of the constitution.
        planner: W of the planner.
        welfare: W of the constitution.
        parts: Friction → gain from switching it off alone.
    """

    title: str
    planner: float
    welfare: float
    parts: Mapping[Friction, float]

    @property
    def total(self) -> float:
        """The gap."""
        return self.planner - self.welfare

    @property
    def rest(self) -> float:
        """Gap less parts: what only goes if several frictions go together, or no friction explains."""
        return self.total - sum(self.parts.values())


def perfect(stage: Stage, conditions: Conditions | None = None) -> Result:
    """The planner."""
    use = conditions or Conditions()
    ideal = replace(use, noise=0.0, bias=0.0, leak=0.0, capture=0.0, dictator=0.0, loss=0.0)
    return run(stage, Centre(trust=1.0), ideal)


def compare(
    stage: Stage, constitutions: Sequence[Constitution] = SEVEN, conditions: Conditions | None = None
) -> tuple[Result, ...]:
    """Run constitutions in the same worlds with the same chances.

    Args:
        stage: The stage.
        constitutions: Which.
        conditions: The scenario.
    """
    return tuple(run(stage, constitution, conditions) for constitution in constitutions)


def governance_gap(stage: Stage, constitution: Constitution, conditions: Conditions | None = None) -> Gap:
    """Split what a constitution loses to the planner.

    Args:
        stage: The stage.
        constitution: Which.
        conditions: The scenario.
    """
    use = conditions or Conditions()
    worth = float(run(stage, constitution, use).welfare.mean())
    parts = {
        friction: float(run(stage, *constitution.without(friction, use)).welfare.mean()) - worth
        for friction in FRICTIONS
    }
    return Gap(constitution.title, float(perfect(stage, use).welfare.mean()), worth, parts)
