"""Dealing scenarios: a Latin hypercube in every class, factor by factor.

Model. A class has n scenarios. Scenario j of a class has, for each factor that the class gives limits,

    u_j = (π_j + ε_j) / n

with π a random order of 0 … n − 1 and ε in (0, 1), so that every nth part of a factor's range is visited once. π and ε
come from the generator of `world.uniforms`, keyed by the study's seed, the class's name and the factor's name. So a
scenario is the same whatever other factors and classes there are; only another number of scenarios deals anew.

Ways of valuing lives go round in turn: scenario j has the one at j modulo their number.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
from daccord.futures.study._check import check_study
from daccord.futures.study._factors import deal, factors_of, own_value, varying, ways_of
from daccord.futures.study._piece import Scenario
from daccord.futures.study._study import ScenarioClass, Study
from daccord.futures.world import uniforms

__all__ = ["class_of", "middle", "scenarios"]

FloatArray = npt.NDArray[np.float64]


def scenarios(study: Study) -> tuple[Scenario, ...]:
    """Scenarios of a study, class by class.

    Args:
        study: The study.

    Returns:
        `study.scenarios` for each class, in order; the index counts over all classes.

    Raises:
        InputError: The study is refused by `check_study`.
    """
    check_study(study)
    known, ways = factors_of(study), len(ways_of(study))
    found: list[Scenario] = []
    for group in study.classes:
        dealt = {
            name: deal(known[name], limits, _even(study, group.name, name)) for name, limits in group.ranges.items()
        }
        for j in range(study.scenarios):
            own = {name: float(values[j]) for name, values in dealt.items()}
            found.append(Scenario(len(found), group.name, j % ways, _complete(study, own, j % ways)))
    return tuple(found)


def middle(study: Study, group: str, values: int) -> dict[str, float]:
    """Factors in the middle of a class: half way along each range.

    Args:
        study: The study.
        group: Name of the class.
        values: Position in the study's ways of valuing lives.

    Raises:
        InputError: There is no such class or way of valuing lives.
    """
    ways = len(ways_of(study))
    if not 0 <= values < ways:
        raise InputError.single("study", f"no way of valuing lives {values}", remedy=f"use 0 to {ways - 1}")
    known, half = factors_of(study), np.array([0.5])
    own = {name: float(deal(known[name], limits, half)[0]) for name, limits in class_of(study, group).ranges.items()}
    return _complete(study, own, values)


def class_of(study: Study, group: str) -> ScenarioClass:
    """A class by name.

    Raises:
        InputError: There is none.
    """
    for found in study.classes:
        if found.name == group:
            return found
    names = ", ".join(found.name for found in study.classes)
    raise InputError.single("study", f"no class {group!r}", column="classes", remedy=f"use one of {names}")


def _even(study: Study, group: str, name: str) -> FloatArray:
    count = study.scenarios
    numbers = uniforms(study.seed, count)
    order = np.argsort(np.argsort(numbers(f"study:order:{group}:{name}"), kind="stable"))
    return np.asarray((order + numbers(f"study:within:{group}:{name}")) / count)


def _complete(study: Study, dealt: Mapping[str, float], values: int) -> dict[str, float]:
    """Every factor that varies anywhere in the study."""
    found = {
        factor.name: dealt[factor.name] if factor.name in dealt else own_value(study, factor, values)
        for factor in varying(study)
    }
    if "founders" in found and "founders" not in dealt and study.conditions.founders is None:
        found["founders"] = found.get("actors", found["founders"])  # None stands for all places
    return found
