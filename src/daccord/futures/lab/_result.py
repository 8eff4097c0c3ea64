"""What a constitution came to, and its means by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.futures.lab._measures import Hold
from daccord.futures.planner import tail_mean

__all__ = ["Result"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Result:
    """What a constitution came to, in a model; n worlds, G frontier technologies, Y years.

    Attributes:
        title: Of the constitution.
        welfare: W, years of life now, at the reader's prices; shape (n,), as the next five.
        catastrophe: Probability of a catastrophe.
        locked: Whether there was a lock-in of either kind.
        half: First year in which somebody held more than half the say, infinite if never.
        dictated: Tenth year of that running, infinite if never.
        blocked: Tenth year running in which one alone could keep the rule from being changed, infinite if never.
        launched: Year of permission, infinite if never; shape (G, n).
        broken: Whether a hold was broken; shape (G, n).
        safety: Of the launch; shape (G, n).
        delay: Mean years by which technologies came later than with no money, slowing and holding; shape (n,).
        bad: Share of launches with V < −0.05, so that waiting was clearly better (error of the first kind).
        missed: Share of technologies and worlds held in some year with V ≥ 0 (error of the second kind).
        deadlock: Share of good motions, first put in the first year with V ≥ 0, that the institution failed.
        largest: Mean largest share of say; shape (Y,), as the next two.
        hhi: Mean sum of squared shares of say.
        agency: Mean share of decisions people can still take.
        marks: Years 0, 10, 20 … and the last.
        nakamoto: Mean coefficient at each mark: the least of `fewest`.
        fewest: The same over compute, say, money and judgement each.
        deciders: Mean effective number of deciders at each mark, in up to 16 worlds.
        holds: Who holds the decision at the end, in up to 16 worlds.
        steered: Share of decisions that people can still take at the end, by world.
    """

    title: str
    welfare: FloatArray
    catastrophe: FloatArray
    locked: BoolArray
    half: FloatArray
    dictated: FloatArray
    blocked: FloatArray
    launched: FloatArray
    broken: BoolArray
    safety: FloatArray
    delay: FloatArray
    bad: float
    missed: float
    deadlock: float
    largest: FloatArray
    hhi: FloatArray
    agency: FloatArray
    marks: tuple[int, ...]
    nakamoto: FloatArray
    fewest: Mapping[str, FloatArray]
    deciders: FloatArray
    holds: tuple[Hold, ...]
    steered: FloatArray

    @property
    def tail(self) -> float:
        """CVaR: mean probability of a catastrophe in the worst 5 % of worlds."""
        return tail_mean(self.catastrophe)[0]

    @property
    def years_to_half(self) -> float:
        """Median year in which somebody first holds more than half the say; infinite if mostly nobody ever does."""
        return float(np.sort(self.half)[len(self.half) // 2])

    @property
    def balanced_agency(self) -> float:
        """Share of decisions that people can still take at the end, in worlds where nobody ever held half the say.

        Of all worlds if there are none such.
        """
        stable = np.isinf(self.half)
        return float(self.steered[stable if stable.any() else slice(None)].mean())

    def summary(self) -> dict[str, float]:
        """Means over worlds, by name."""
        return {
            "welfare": float(self.welfare.mean()),
            "catastrophe": float(self.catastrophe.mean()),
            "cvar": self.tail,
            "delay": float(self.delay.mean()),
            "bad launches": self.bad,
            "good launches missed": self.missed,
            "deadlock": self.deadlock,
            "lock-in": float(self.locked.mean()),
            "rule blocked": float(np.isfinite(self.blocked).mean()),
            "never half": float(np.isinf(self.half).mean()),
            "years to half": float(np.minimum(self.half, len(self.largest)).mean()),
            "largest share": float(self.largest[-1]),
            "hhi": float(self.hhi[-1]),
            "nakamoto": float(self.nakamoto[-1]),
            "deciders": float(np.mean([held.deciders for held in self.holds])),
            "cost to pass": float(np.mean([held.to_pass for held in self.holds])),
            "cost to block": float(np.mean([held.to_block for held in self.holds])),
            "pivotal bribes": float(np.mean([held.pivotal for held in self.holds])),
            "agency": float(self.agency[-1]),
            "balanced agency": self.balanced_agency,
        }
