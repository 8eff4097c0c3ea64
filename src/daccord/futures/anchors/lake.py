"""The shallow lake: pollution that pays now and may tip the lake for ever.

Model. Pollution X moves each year by natural removal, recycling from the sediment, what a town emits and what flows in:

    X_{t+1} = (1 − b) X_t + X_t^q/(1 + X_t^q) + a_t + ε_t,   X_0 = 0

The lake tips above X_crit, the smallest positive root of x^q/(1 + x^q) = b x. Emissions are worth Σ α a_t δ^t.

Source: S. R. Carpenter, D. Ludwig, W. A. Brock, "Management of eutrophication for lakes subject to potentially
irreversible change", Ecological Applications 9 (1999), in the form of the EMA workbench and Rhodium examples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

__all__ = ["Lake", "LakeOutcome"]


@dataclass(frozen=True)
class LakeOutcome:
    """What a plan of emissions brings.

    Attributes:
        pollution: X_0 … X_{T−1}, shape (T,).
        most: Largest X, over the T years.
        utility: Discounted worth of the emissions.
        reliability: Share of the T years with X below the tipping point.
    """

    pollution: NDArray[np.float64]
    most: float
    utility: float
    reliability: float


@dataclass(frozen=True)
class Lake:
    """Parameters.

    Attributes:
        removal: b, from 0 to 1.
        recycling: q > 1, steepness of the return from the sediment.
        discount: δ, worth of a year later.
        worth: α of one unit emitted.
    """

    removal: float = 0.42
    recycling: float = 2.0
    discount: float = 0.98
    worth: float = 0.4

    @property
    def tipping_point(self) -> float:
        """X_crit.

        Raises:
            ValueError: The lake always returns by itself, because removal beats recycling everywhere.
        """
        # x^{q−1}/(1+x^q) rises to its top at x^q = q − 1; the tipping point is where it first meets b.
        top = (self.recycling - 1) ** (1 / self.recycling)

        def excess(level: float) -> float:
            return float(level ** (self.recycling - 1) / (1 + level**self.recycling)) - self.removal

        if excess(top) <= 0:
            raise ValueError(f"removal of {self.removal} a year beats recycling everywhere: there is no tipping point")
        return float(brentq(excess, 1e-9, top, xtol=1e-14))

    def run(self, emissions: ArrayLike, inflows: ArrayLike) -> LakeOutcome:
        """Run T years from a clean lake.

        Args:
            emissions: a_t, shape (T,).
            inflows: ε_t, shape (T,); the last years' do not matter beyond T.
        """
        emitted, flowed = np.asarray(emissions, dtype=float), np.asarray(inflows, dtype=float)
        if emitted.ndim != 1 or emitted.shape != flowed.shape or not emitted.size:
            raise ValueError("emissions and inflows are two lists of the same length, one number a year")
        pollution = np.zeros(emitted.size)
        for year in range(1, emitted.size):
            before = pollution[year - 1]
            recycled = before**self.recycling / (1 + before**self.recycling)
            pollution[year] = (1 - self.removal) * before + recycled + emitted[year - 1] + flowed[year - 1]
        utility = float(self.worth * (emitted * self.discount ** np.arange(emitted.size)).sum())
        below = float((pollution < self.tipping_point).mean())
        return LakeOutcome(pollution, float(pollution.max()), utility, below)
