"""Factors: everything about a study that a class of scenarios can vary, by name.

A name is a field of `lab.Conditions`, or what it belongs to and a field, as in the table of `_study`. Whole numbers and
switches stay what they are: a range from 2 to 5 deals 2, 3, 4 and 5 alike, a range from 0 to 1 of a switch deals no and
yes alike. Limits of a range are never passed. Its shape says on which scale it is dealt evenly:

    uniform   low + (high − low) u
    log       low (high / low)^u                           for what is uncertain by orders of magnitude
    share     log-odds between those of low and of high    for probabilities
    fixed     the number itself

with u in (0, 1).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Final, Literal, cast, get_type_hints

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from daccord.futures.lab import Conditions
from daccord.futures.study._study import Study
from daccord.futures.world import Quantity, Welfare

__all__ = ["SCALES", "SHAPES", "Factor", "deal", "factors_of", "own_value", "varying", "ways_of", "whole_ends"]

FloatArray = npt.NDArray[np.float64]

FactorKind = Literal["real", "whole", "switch"]

SCALES: Final = ("world.arrival", "world.hazard", "world.transition", "world.efficacy")
"""Factors of the world as a whole; 1 leaves it as it is."""
SHAPES: Final = ("uniform", "log", "share", "fixed")
"""Shapes of ranges."""


@dataclass(frozen=True)
class Factor:
    """What can be varied.

    Attributes:
        name: As classes name it.
        owner: Name of a constitution, "world", "values", or "" for the conditions.
        field: Which of its numbers.
        kind: Whether it is any number, a whole one, or a switch: 0 for no, 1 for yes.
    """

    name: str
    owner: str
    field: str
    kind: FactorKind


@cache
def _numbers(kind: Hashable) -> Mapping[str, FactorKind]:
    """Fields of a dataclass that are numbers."""
    assert isinstance(kind, type)
    hints = get_type_hints(kind)
    known: dict[object, FactorKind] = {
        bool: "switch", int: "whole", int | None: "whole", float: "real", float | None: "real"
    }  # fmt: skip
    return {item.name: known[hints[item.name]] for item in fields(kind) if hints[item.name] in known}


def factors_of(study: Study) -> dict[str, Factor]:
    """Every factor that classes of a study can name, in order: conditions, constitutions, world, values."""
    found = [Factor(field, "", field, kind) for field, kind in _numbers(Conditions).items()]
    for name, constitution in study.constitutions.items():
        # a dataclass with eq hides from the type checker that classes themselves can be hashed
        numbers = _numbers(cast("Hashable", type(constitution))).items()
        found += [Factor(f"{name}.{field}", name, field, kind) for field, kind in numbers]
    found += [Factor(name, "world", name.partition(".")[2], "real") for name in SCALES]
    found += [Factor(f"values.{field}", "values", field, kind) for field, kind in _numbers(Welfare).items()]
    return {factor.name: factor for factor in found}


def ways_of(study: Study) -> tuple[Welfare, ...]:
    """Ways of valuing lives: the study's, or the world's own."""
    return study.values or (study.world.welfare,)


def own_value(study: Study, factor: Factor, values: int) -> float:
    """What a factor is where no class says otherwise.

    Args:
        study: The study.
        factor: Which.
        values: Position in the study's ways of valuing lives.
    """
    if factor.owner == "world":
        return 1.0
    if factor.owner == "values":
        return float(getattr(ways_of(study)[values], factor.field))
    if factor.owner:
        return float(getattr(study.constitutions[factor.owner], factor.field))
    # a field that is None stands for all places: founders
    found = getattr(study.conditions, factor.field)
    return float(study.conditions.actors if found is None else found)


def varying(study: Study) -> tuple[Factor, ...]:
    """Factors that some class names, or in which the study's ways of valuing lives differ; in the order of all."""
    named = {name for group in study.classes for name in group.ranges}
    ways = ways_of(study)
    named |= {f"values.{field}" for field in _numbers(Welfare) if len({float(getattr(way, field)) for way in ways}) > 1}
    return tuple(factor for name, factor in factors_of(study).items() if name in named)


def whole_ends(limits: Quantity) -> tuple[int, int]:
    """First and last whole number within limits; the first is above the last if there is none."""
    return math.ceil(limits.low), math.floor(limits.high)


def deal(factor: Factor, limits: Quantity, u: FloatArray) -> FloatArray:
    """Numbers between limits, evenly on the scale of their shape.

    Args:
        factor: For what.
        limits: Between which, of one of `SHAPES`.
        u: In (0, 1), any shape.
    """
    low, high = limits.low, limits.high
    whole = factor.kind != "real"
    if whole:
        first, last = whole_ends(limits)
        if limits.shape in {"uniform", "fixed"}:
            return np.asarray(np.minimum(first + np.floor(u * (last - first + 1)), last))
    if low == high:
        return np.full(u.shape, low)
    if limits.shape == "log":
        found = np.exp(math.log(low) + u * (math.log(high) - math.log(low)))
    elif limits.shape == "share":
        found = expit(logit(low) + u * (logit(high) - logit(low)))
    else:
        found = low + u * (high - low)
    return np.asarray(np.clip(np.rint(found), first, last) if whole else np.clip(found, low, high))
