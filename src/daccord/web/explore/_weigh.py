"""The order of constitutions under the reader's weights, within one scenario.

    unit_cm = how far constitution c is from the worst to the best of them by measure m, in [0, 1]
    score_c = Σ_m weight_m unit_cm / Σ_m weight_m

A measure by which all are equal tells nothing, and gives 1 to all. Being the best of these is no praise: every unit is
relative to the others that were run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from daccord.futures.study import MEASURES

__all__ = ["Order", "weigh"]


@dataclass(frozen=True)
class Order:
    """An order.

    Attributes:
        scores: Constitution → weighted unit, in [0, 1].
        names: Best first; ties in the given order.
        margin: Score of the first less that of the second.
    """

    scores: Mapping[str, float]
    names: tuple[str, ...]
    margin: float


def weigh(summaries: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> Order:
    """Put constitutions in order.

    Args:
        summaries: Constitution → measure → value.
        weights: Measure → weight, at least 0, some positive.
    """
    total = dict.fromkeys(summaries, 0.0)
    for measure, weight in weights.items():
        if not weight:
            continue
        sign = 1.0 if MEASURES[measure] == "more" else -1.0
        values = sign * np.array([summary[measure] for summary in summaries.values()])
        low, high = values.min(), values.max()
        unit = (values - low) / (high - low) if high > low else np.ones(len(values))
        for name, part in zip(summaries, unit, strict=True):
            total[name] += weight * float(part)
    whole = sum(weights.values())
    scores = {name: score / whole for name, score in total.items()}
    names = tuple(sorted(scores, key=lambda name: -scores[name]))
    margin = scores[names[0]] - scores[names[1]] if len(names) > 1 else 0.0
    return Order(scores, names, margin)
