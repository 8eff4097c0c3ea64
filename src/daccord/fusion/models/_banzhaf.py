"""Banzhaf values of voices: what each adds to a random half of the others.

    β_f = 2^{−(K−1)} Σ_{S ∌ f} (v(S ∪ f) − v(S))

Among all averages of marginal contributions this one is chosen for what it does to somebody who speaks twice:

* **Two names for one player gain nothing**, whatever v is: if f is replaced by two voices f₁ and f₂, then
  `β_{f₁} + β_{f₂}` is exactly what both together would get as one player ("2-efficiency").
* **More names for the same lose.** When half of thirty copies are there already, one more adds next to nothing.
  Shapley's value pays the copy that happens to come first, and with many copies one of them nearly always does.
* **It is the least disturbed by noise in v** among these averages, up to a constant.

Up to `EXACT` voices all 2^K coalitions are valued. With more, coalitions are drawn from a fixed seed, each with its
complement, and β are the coefficients of the linear function of membership that fits v best, which is what they are
when all coalitions are used.

Sources: J. F. Banzhaf, Rutgers Law Review 19 (1965) 317–343; E. Lehrer, "An axiomatization of the Banzhaf value", Int.
J. Game Theory 17 (1988) 89–99, for two names; P. L. Hammer and R. Holzman, ZOR 36 (1992) 3–21, for the linear fit;
J. T. Wang and R. Jia, "Data Banzhaf", AISTATS 2023, for the noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["DRAWN", "EXACT", "banzhaf"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

EXACT: Final = 10
"""Most voices whose coalitions are all valued."""

DRAWN: Final = 1024
"""Coalitions that are drawn with more voices, at least; 32 for each voice if that is more."""


def banzhaf(value: Callable[[BoolArray], FloatArray], count: int) -> FloatArray:
    """Banzhaf values of `count` voices.

    Args:
        value: Values of coalitions, given as rows of membership, shape (n_coalitions, count).
        count: Number of voices.

    Returns:
        Shape (count,).
    """
    if count == 0:
        return np.zeros(0)
    if count <= EXACT:
        member = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
        return np.asarray((2.0 * member - 1.0).T @ value(member) / 2 ** (count - 1))
    half = max(DRAWN, 32 * count) // 2
    drawn = np.random.Generator(np.random.Philox(key=count)).random((half, count)) < 0.5
    member = np.concatenate([drawn, ~drawn])
    design = np.concatenate([np.ones((len(member), 1)), member - 0.5], axis=1)
    return np.asarray(np.linalg.lstsq(design, value(member), rcond=None)[0][1:])
