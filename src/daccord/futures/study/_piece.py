"""What one scenario came to: the piece that an ensemble is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Ground", "Piece", "Scenario", "Split"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scenario:
    """One setting of the factors.

    Attributes:
        index: Position in the study, from 0.
        group: Name of its class.
        values: Position in the study's values.
        factors: Factor → number, every factor that varies anywhere in the study, so that scenarios compare.
    """

    index: int
    group: str
    values: int
    factors: Mapping[str, float]


@dataclass(frozen=True)
class Ground:
    """What scenarios of one class and one way of valuing lives share, so that pieces fit together.

    Attributes:
        group: Name of the class.
        values: Position in the study's values.
        planned: The planner's money a year, at the middle of the class; shape (K,).
        scale: Typical stakes there, years of life; shape (G,).
    """

    group: str
    values: int
    planned: FloatArray
    scale: FloatArray


@dataclass(frozen=True)
class Piece:
    """Constitutions in one scenario; C constitutions in the study's order, n worlds, Y years.

    Attributes:
        scenario: Which.
        planner: Mean welfare of the planner (`lab.perfect`) in the same worlds.
        measures: Means, columns in the order of `MEASURES`; shape (C, M).
        welfare: By world; shape (C, n).
        catastrophe: By world; shape (C, n).
        largest: Mean largest share of say by year; shape (C, Y), as the next two.
        hhi: Mean concentration of say by year.
        agency: Mean share of decisions that people can still take, by year.
    """

    scenario: Scenario
    planner: float
    measures: FloatArray
    welfare: FloatArray
    catastrophe: FloatArray
    largest: FloatArray
    hhi: FloatArray
    agency: FloatArray


@dataclass(frozen=True)
class Split:
    """A governance gap in the middle of a class, split by friction; years of life.

    Attributes:
        group: Name of the class.
        constitution: Its name.
        planner: Welfare of the planner.
        welfare: Welfare of the constitution.
        parts: Friction → gain from switching it off alone.
        error: Friction → standard error of that gain over worlds.
    """

    group: str
    constitution: str
    planner: float
    welfare: float
    parts: Mapping[str, float]
    error: Mapping[str, float]
