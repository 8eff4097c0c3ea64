"""Made-up pieces of studies: numbers from a seed, with welfare as a test wants it. No world was lived through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from daccord.futures.lab import Consortium, Constitution, Federation, Market
from daccord.futures.study import MEASURES, Piece, ScenarioClass, Study, scenarios
from daccord.futures.world import Quantity, Technology, World, fixed

FloatArray = npt.NDArray[np.float64]
Wish = Callable[[Mapping[str, float], str], list[float]]

WORLD = World((Technology("machine", fixed(10.0), spending=5.0),), horizon=30.0)
FOUR: dict[str, Constitution] = {
    "no steering": Constitution(),
    "consortium": Consortium(),
    "market": Market(),
    "federation": Federation(),
}
YEARS = 5


def evenly(low: float, high: float) -> Quantity:
    return Quantity(low, high, "uniform")


WIDE = {
    "leak": evenly(0.0, 0.2),
    "returns": evenly(0.8, 1.6),
    "noise": evenly(0.0, 1.0),
    "consortium.exclusivity": evenly(0.2, 0.8),
    "federation.share": evenly(0.0, 1.0),
}


def study_of(scenarios: int = 100, **changes: Any) -> Study:
    """Four constitutions, two classes that vary five factors."""
    classes = (ScenarioClass("wide", WIDE), ScenarioClass("leaky", {**WIDE, "leak": evenly(0.1, 0.3)}))
    return Study(WORLD, 1.0, FOUR, **{"classes": classes, "scenarios": scenarios, "worlds": 6} | changes)


def pieces_of(study: Study, wish: Wish, *, noise: float = 0.0, seed: int = 1) -> list[Piece]:
    """Pieces whose mean welfare is what `wish` makes of factors and class, and noise; all else is chance."""
    count, names = len(study.constitutions), list(MEASURES)
    found = []
    for scenario in scenarios(study):
        rng = np.random.default_rng([seed, scenario.index])
        mean = np.array(wish(scenario.factors, scenario.group)) + noise * rng.normal(size=count)
        lived = rng.normal(size=(count, study.worlds))
        welfare = lived - lived.mean(axis=1, keepdims=True) + mean[:, None]
        measures = rng.random((count, len(names)))
        measures[:, names.index("welfare")] = welfare.mean(axis=1)
        years = (rng.random((count, YEARS)) for _ in range(3))
        found.append(Piece(scenario, 80.0, measures, welfare, rng.random(welfare.shape), *years))
    return found


def played(study: Study, welfare: FloatArray, scenario: int = 0) -> Piece:
    """One scenario with welfare given world by world; shape (C, n)."""
    base = pieces_of(study, lambda factors, group: [0.0] * len(study.constitutions))[scenario]
    measures = base.measures.copy()
    measures[:, list(MEASURES).index("welfare")] = welfare.mean(axis=1)
    return Piece(base.scenario, 80.0, measures, welfare, np.zeros(welfare.shape), base.largest, base.hhi, base.agency)
