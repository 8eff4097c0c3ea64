"""Conditions: what is the same for every constitution in a scenario, apart from the world itself.

Model, in units of a technology's typical stake. What is at stake now is the benefit B of letting a technology go now
rather than in the best later year, and the risk R that this adds (see `_stage`); V = B − R. Actors err about both, in
proportion:

    seen B = B (1 + bias + ε_B)        seen R = R (1 − bias + ε_R)
    ε = noise · (√ρ z + √(1−ρ) z_i) / √(1 + learning · years since it was mature)

with z shared by all: models that share training data err together. So V is seen with the deviation noise · √(B² + R²):
nobody errs where nothing is at stake, and who errs does so as long as the world looks the same.

Safety of a launch by those who race is s in [0, 1], and removes the share care · s of the transition risk; whoever does
not race launches with s = 1. With n effective actors of capability at most μ and enmity e nobody knows any capability:

    s = min(1, μ / (n e))        n ≥ 2, and linear to s = 1 at n = 1, where there is nobody to race

or, if `labs` are given, s is the equilibrium of buying safety and performance at `price`.

Actors' compute is counted in units. Each year `pace` units are added at once, each to actor i with probability

    (1 − diffusion) · x_i^returns / Σ x^returns + diffusion / n

Self-improvement: once the technology is there that decisions can pass to (`machine`), `returns` is larger by
`improvement`.

Two numbers are values, not beliefs, and 0 unless a reader sets them: `dictator` is the share of what life is worth that
is lost while somebody has held more than half the say for ten years or more, `loss` the share lost if people decide
nothing any more, in proportion. They change what is reported, not what anybody decides.

Sources: S. Armstrong, N. Bostrom, C. Shulman (2016), equilibria derived in `futures.anchors.precipice`; M. Jensen,
N. Emery-Xu, R. Trager, arXiv 2302.11436; W. B. Arthur (1989) for returns; N. Bostrom, T. Douglas, A. Sandberg (2016)
for one who acts alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError, Problem
from daccord.futures.anchors.compute_price import Labs, equilibrium

__all__ = ["Conditions", "race_safety"]

FloatArray = npt.NDArray[np.float64]

_SHARES: Final = ("correlation", "leak", "capture", "diffusion", "entry", "yielding", "dictator", "loss")
_RATES: Final = ("noise", "learning", "enmity", "returns", "improvement")


@dataclass(frozen=True)
class Conditions:
    """A scenario. Defaults are round numbers to start from; docs/futures/lab.md says which of them have a source.

    Attributes:
        actors: Places for actors; at least 1.
        founders: Actors there from the start; None for all places. Others may enter.
        noise: Standard deviation of one actor's errors about benefit and about risk, as shares of each.
        bias: Share by which every actor overstates benefit and understates risk; negative is timid.
        correlation: ρ between any two actors' errors.
        learning: How fast errors shrink once a technology is mature, per year.
        rush: What a launch is worth to whoever does it, beyond what all get from it; in typical stakes.
        capability: μ, in units of what full safety costs.
        enmity: e, share of one's own success that another's is worth less.
        labs: Spending model for safety; None for the race.
        price: Of compute, with `labs`: a tax raises it.
        leak: Yearly probability that a given outsider gets a first chance to break a hold.
        capture: Yearly probability that an institution is captured by its strongest member.
        returns: Exponent of returns to own compute; above 1 they increase.
        improvement: Self-improvement: what is added to `returns` once the machine is there.
        diffusion: Share of new compute that goes to all alike.
        entry: Yearly probability that an actor enters a free place.
        pace: Units added a year.
        yielding: Yearly share of decisions that pass from people to machines once these are there, if nothing holds
            them.
        machine: Id of the frontier technology that decisions pass to and that improves itself; if empty, those that
            carry a transition risk, or all if none does.
        dictator: Share of welfare lost under lock-in by somebody with more than half the say, from its tenth year on.
        loss: Share of welfare lost in proportion to the decisions that people can no longer take.
    """

    actors: int = 20
    founders: int | None = None
    noise: float = 0.5
    bias: float = 0.0
    correlation: float = 0.3
    learning: float = 0.5
    rush: float = 0.2
    capability: float = 4.0
    enmity: float = 0.5
    labs: Labs | None = None
    price: float = 0.1
    leak: float = 0.02
    capture: float = 0.01
    returns: float = 1.1
    improvement: float = 0.1
    diffusion: float = 0.05
    entry: float = 0.0
    pace: int = 5
    yielding: float = 0.03
    machine: str = ""
    dictator: float = 0.0
    loss: float = 0.0

    def __post_init__(self) -> None:
        founders = self.actors if self.founders is None else self.founders
        numbers: Mapping[str, float] = {name: getattr(self, name) for name in (*_SHARES, *_RATES, "bias", "rush")}
        faults = [
            (name, f"{value} is not a share", "use a number from 0 to 1")
            for name, value in numbers.items()
            if name in _SHARES and not 0 <= value <= 1
        ]
        faults += [
            (name, f"{value} is not possible", "use a finite number of at least 0")
            for name, value in numbers.items()
            if name not in _SHARES and not (math.isfinite(value) and (value >= 0 or name == "bias"))
        ]
        if self.actors < 1 or not 1 <= founders <= self.actors or self.pace < 0:
            faults.append(("actors", f"{founders} founders of {self.actors} actors", "use 1 ≤ founders ≤ actors"))
        if not (self.capability > 0 and self.price > 0 and math.isfinite(self.price + self.capability)):
            faults.append(("capability", "capability and price must be positive", "use finite numbers above 0"))
        if faults:
            raise InputError([Problem("conditions", None, *fault) for fault in faults])

    @property
    def first(self) -> int:
        """Actors there from the start."""
        return self.actors if self.founders is None else self.founders


@lru_cache(maxsize=256)
def _bought(labs: Labs, price: float) -> float:
    return 1 - equilibrium(labs, price).risk


def race_safety(conditions: Conditions, effective: FloatArray, *, coordination: float = 0.0) -> FloatArray:
    """Safety level s of whoever launches in a race.

    Args:
        conditions: The scenario.
        effective: Effective number of racing actors, at least 0: the inverse of the sum of squared shares.
        coordination: Share by which agreements lower enmity.
    """
    if conditions.labs is not None:
        return np.full(effective.shape, _bought(conditions.labs, conditions.price))
    enmity = conditions.enmity * (1 - coordination)
    if enmity <= 0:
        return np.ones(effective.shape)
    rivalry = np.maximum(effective, 2.0) * enmity
    level = conditions.capability / np.maximum(rivalry, conditions.capability)  # min(1, μ/ne) without dividing by 0
    alone = np.clip(2.0 - effective, 0.0, 1.0)
    return np.asarray(alone + (1 - alone) * level)
