"""Do predictive intervals hold what they promise on held-out answers, and how wide would they have to be?"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.hierarchical._evidence import ORDER
from daccord.fusion.hierarchical._likelihood import below
from daccord.fusion.hierarchical._predict import Linear

__all__ = ["TAIL", "WIDEST", "coverage_of"]

FloatArray = npt.NDArray[np.float64]

TAIL: Final = 0.1
"""Probability outside an 80 % interval on either side."""

WIDEST: Final = 3.0
"""Largest widening of intervals; a model that needs more is wrong, not just overconfident."""


def coverage_of(weighted: list[tuple[float, Linear, FloatArray]]) -> tuple[float, float]:
    """Coverage of the mixture's 80 % predictive interval on graded answers, and the widening that makes it 80 %."""
    first = weighted[0][1]
    graded = first.kind != ORDER
    if not np.any(graded):
        return float("nan"), 1.0
    end = first.end[graded]

    def inside(widening: float) -> float:
        under = np.zeros(int(graded.sum()))
        for weight, linear, c in weighted:
            missed = (linear.y - linear.base - linear.slope @ c) / (widening * linear.scale)
            under += weight * below(missed[graded])
        # An answer at an end of its scale lies anywhere beyond, and counts by as much of that as is inside.
        low, high = np.where(end < 0, 0.0, under), np.where(end > 0, 1.0, under)
        within = np.minimum(high, 1 - TAIL) - np.maximum(low, TAIL)
        share = np.where(end != 0, np.maximum(within, 0.0) / np.maximum(high - low, 1e-12), within >= 0)
        return float(np.mean(share))

    plain = inside(1.0)
    widths = np.arange(1.0, WIDEST + 0.01, 0.01)
    widening = next((float(width) for width in widths if inside(float(width)) >= 1 - 2 * TAIL), WIDEST)
    return plain, widening
