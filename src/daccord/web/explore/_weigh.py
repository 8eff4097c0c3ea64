"""The order of constitutions under the reader's weights, within one scenario: `study.weigh` with names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from daccord.futures.study import MEASURES, weigh

__all__ = ["Order", "order_of"]


@dataclass(frozen=True)
class Order:
    """An order. Every score is relative to the others that were run, so being first is no praise.

    Attributes:
        scores: Constitution → weighted mean of measures brought to 0 … 1.
        names: Best first.
        margin: Score of the first less that of the second.
    """

    scores: Mapping[str, float]
    names: tuple[str, ...]
    margin: float


def order_of(summaries: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> Order:
    """Put constitutions in order.

    Args:
        summaries: Constitution → measure → value; at least one.
        weights: Measure → weight, at least 0, some positive.
    """
    names, measures = tuple(summaries), tuple(MEASURES)
    found = weigh(np.array([[summaries[name][m] for m in measures] for name in names]), measures, weights, names)
    ranked = tuple(names[c] for c in found.order)
    scores = {name: float(score) for name, score in zip(names, found.scores, strict=True)}
    margin = scores[ranked[0]] - scores[ranked[1]] if len(ranked) > 1 else 0.0
    return Order(scores, ranked, margin)
