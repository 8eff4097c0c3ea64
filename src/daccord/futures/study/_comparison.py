"""What a study comes to: tables over classes, the regret of each constitution, boundaries, and ranks by weights.

Nothing here is a forecast, and no order of constitutions stands without the boundary beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from daccord.futures.study._piece import Split

__all__ = ["Boundary", "Box", "Comparison", "Limit", "Ranking", "Row", "Switch"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One constitution in one class; welfare and regret in years of life now per person.

    Attributes:
        group: Name of the class.
        constitution: Its name.
        measures: Measure → mean over the class's scenarios.
        error: Measure → standard error over scenarios; 0 if there is only one, which cannot tell.
        worst: Mean welfare in the worst 5 % of worlds of the class, all its scenarios together.
        regret: Mean over scenarios of the best constitution's welfare there less this one's.
        most_regret: Largest of these.
        where: Factors of the scenario with the largest regret.
        first: Share of scenarios in which no other has more welfare; of those that tie, each has its part.
        satisfied: Share of scenarios that hold every goal; None if the study has none.
        gap: Mean of the planner's welfare less this one's.
    """

    group: str
    constitution: str
    measures: Mapping[str, float]
    error: Mapping[str, float]
    worst: float
    regret: float
    most_regret: float
    where: Mapping[str, float]
    first: float
    satisfied: float | None
    gap: float


@dataclass(frozen=True)
class Limit:
    """One side of a box.

    Attributes:
        factor: Which.
        low: From here, or −∞.
        high: To here, or ∞.
        doubt: Share of resampled scenarios in which this factor was not needed: near 0 it matters, near 1 it may be
            chance.
    """

    factor: str
    low: float
    high: float
    doubt: float


@dataclass(frozen=True)
class Box:
    """Scenarios within limits, found by the patient rule induction method.

    Attributes:
        limits: All of which hold; empty for everywhere.
        coverage: Share of the cases of interest that are inside; counted, as the next two, on all scenarios.
        density: Share of what is inside that is of interest.
        mass: Share of scenarios that are inside.
        fresh_density: Density on scenarios that took no part in finding it; NaN-free: None if there were none.
    """

    limits: tuple[Limit, ...]
    coverage: float
    density: float
    mass: float
    fresh_density: float | None


@dataclass(frozen=True)
class Boundary:
    """Where one constitution has more welfare than another.

    Attributes:
        better: Name.
        than: Name.
        share: Share of all scenarios in which it has more welfare.
        boxes: Where it does, best first; empty if nothing explains where.
        rules: A shallow tree's leaves in words, best first, each with its share among scenarios that took no part in
            growing it, such as "leak ≤ 0.03 and values.gamma > 1.5: better in 92 % of 31 scenarios"; empty if the
            tree explains nothing.
        sentence: The boundary as one sentence, such as "consortium beats market when leak ≤ 0.03 and returns ≥ 1.2:
            in 82 % of 38 scenarios inside and 41 % of 62 outside", counted on scenarios that took no part in finding
            it; says plainly if no boundary was found.
    """

    better: str
    than: str
    share: float
    boxes: tuple[Box, ...]
    rules: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Switch:
    """A weight at which the first place changes hands, all other weights kept in proportion.

    Attributes:
        measure: Whose weight moves.
        weight: Its share of all weight at the switch, in (0, 1).
        before: First below it.
        after: First above it.
    """

    measure: str
    weight: float
    before: str
    after: str


@dataclass(frozen=True)
class Ranking:
    """The order by the reader's weights, and how much it hangs on them.

    Measures are brought to 0 (worst of the constitutions) … 1 (best), over the classes together or each alone.

    Attributes:
        group: Name of the class, or "" for the mean over all classes.
        measures: Those that can be weighed, in order; M of them.
        unit: Constitution × measure on 0 … 1; shape (C, M).
        weights: The reader's, adding up to 1; shape (M,).
        scores: By constitution; shape (C,).
        order: Positions of constitutions, best first.
        switches: Where the first place changes, every measure in turn.
        acceptability: Share of all weights (even over the simplex) that put a constitution at a rank; shape (C, C).
        central: Mean of the weights that put each first; zeros if none do; shape (C, M).
    """

    group: str
    measures: tuple[str, ...]
    unit: FloatArray
    weights: FloatArray
    scores: FloatArray
    order: tuple[int, ...]
    switches: tuple[Switch, ...]
    acceptability: FloatArray
    central: FloatArray

    @property
    def idle(self) -> tuple[str, ...]:
        """Measures that are equal for all constitutions, so that their weight moves nothing."""
        return tuple(name for name, column in zip(self.measures, self.unit.T, strict=True) if (column == 1).all())


@dataclass(frozen=True)
class Comparison:
    """A study's result.

    Attributes:
        constitutions: Names, in the study's order.
        groups: Names of the classes of which something was played.
        scenarios: Number played.
        worlds: Number lived through, for each constitution.
        rows: By class and constitution.
        regret: Largest regret over all classes, by constitution: what minimax regret would minimise; shape (C,).
        satisfied: Share of all scenarios satisfied, by constitution; shape (C,); zeros if the study has no goals.
        boundaries: For pairs of constitutions of which each is better somewhere, the most balanced first.
        rankings: By class, and over all.
        splits: Governance gaps; empty if they were not asked for.
        largest: Mean largest share of say by class, constitution and year; shape (S, C, Y), as the next two.
        hhi: Mean concentration.
        agency: Mean share of decisions that people can still take.
        factors: Names of what varied.
        reversals: Pairs of constitutions whose order by welfare differs between classes or ways of valuing lives,
            in words.
        missing: Number of the study's scenarios that were not played.
        kinds: Position of each played scenario's class in `groups`; shape (N,).
        dealt: Factors of each; shape (N, F).
        welfare: Mean welfare in each, by constitution; shape (N, C).
    """

    constitutions: tuple[str, ...]
    groups: tuple[str, ...]
    scenarios: int
    worlds: int
    rows: tuple[Row, ...]
    regret: FloatArray
    satisfied: FloatArray
    boundaries: tuple[Boundary, ...]
    rankings: tuple[Ranking, ...]
    splits: tuple[Split, ...]
    largest: FloatArray
    hhi: FloatArray
    agency: FloatArray
    factors: tuple[str, ...]
    reversals: tuple[str, ...]
    missing: int = 0
    kinds: tuple[int, ...] = ()
    dealt: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    welfare: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
