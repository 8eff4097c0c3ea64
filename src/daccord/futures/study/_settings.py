"""Applying a scenario: the world, the values, the conditions and the constitutions as its factors say.

Scaling a world moves both ends of what was stated and keeps the shape:

    arrival, hazard          x → f x
    transition, efficacy     odds x / (1 − x) → f x / (1 − x), so that a share stays one; 0 and 1 stay

Both are what the quantity itself would do, for every f, where the family is closed: log, normal, uniform, exponential
and fixed under the first, share and fixed under the second. A share under the first and a uniform under the second have
exact ends, with the same shape between them. What nobody doubted stays undoubted, evaluators stay apart, and worlds
stay the same worlds: only the numbers move.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from daccord.errors import InputError, Problem
from daccord.futures.lab import Conditions, Constitution
from daccord.futures.study._factors import SCALES, Factor, factors_of, ways_of
from daccord.futures.study._study import Study
from daccord.futures.world import Belief, Quantity, Welfare, World

__all__ = ["Setting", "scaled", "setting"]

_EFFICACIES: Final = ("defends", "makes_safe")


@dataclass(frozen=True)
class Setting:
    """One scenario, ready to be played.

    Attributes:
        world: The world, scaled.
        welfare: How lives are valued.
        conditions: The same for every constitution.
        constitutions: Name → constitution with its parameters.
    """

    world: World
    welfare: Welfare
    conditions: Conditions
    constitutions: Mapping[str, Constitution]


def setting(study: Study, factors: Mapping[str, float], values: int = 0) -> Setting:
    """What a study comes to with some factors set.

    Args:
        study: The study.
        factors: Factor → number. Whole numbers and switches must be so.
        values: Position in the study's ways of valuing lives, before `values.…` in the factors.

    Raises:
        InputError: A factor is unknown, or a number is outside its domain.
    """
    known = factors_of(study)
    changes: dict[str, dict[str, Any]] = {}
    for name, value in factors.items():
        if name not in known:
            raise InputError.single("study", f"no factor {name!r}", column="factors", remedy="use factors_of(study)")
        changes.setdefault(known[name].owner, {})[known[name].field] = _typed(known[name], value)
    constitutions = {
        name: replace(constitution, **changes[name]) if name in changes else constitution
        for name, constitution in study.constitutions.items()
    }
    scales = {f"world.{field}": value for field, value in changes.get("world", {}).items()}
    return Setting(
        scaled(study.world, scales),
        replace(ways_of(study)[values], **changes.get("values", {})),
        replace(study.conditions, **changes.get("", {})),
        constitutions,
    )


def _typed(factor: Factor, value: float) -> float | int | bool:
    if factor.kind == "real":
        return float(value)
    if value != round(value) or (factor.kind == "switch" and value not in {0, 1}):
        what = "0 or 1" if factor.kind == "switch" else "a whole number"
        raise InputError.single("study", f"{factor.name} cannot be {value}", column="factors", remedy=f"use {what}")
    return bool(value) if factor.kind == "switch" else int(value)


def scaled(world: World, factors: Mapping[str, float]) -> World:
    """A world with everything of one kind sooner or later, safer or more dangerous.

    Args:
        world: The world.
        factors: "world.arrival" and "world.hazard" multiply every technology's arrival time and every risk's hazard;
            "world.transition" and "world.efficacy" the odds of every transition risk, and of the strength of every
            role that defends or makes safe. What is left out keeps 1.

    Raises:
        InputError: A name is another, a factor is not a finite number above 0, or a scaled number leaves its domain.
    """
    problems = [
        _problem(name, f"a factor of {value}", "use a finite number above 0")
        if name in SCALES
        else _problem(name, "is no scale of a world", f"use one of {', '.join(SCALES)}")
        for name, value in factors.items()
        if name not in SCALES or not (value > 0 and math.isfinite(value))
    ]
    if problems:
        raise InputError(problems)
    technologies, risks, roles = list(world.technologies), list(world.risks), list(world.roles)

    def move(name: str, question: str, belief: Belief) -> Belief:
        factor = factors.get(name, 1.0)
        by = partial(_times if name in SCALES[:2] else _odds, factor)
        try:
            return _moved(belief, by) if factor != 1 else belief
        except InputError as error:
            said = error.problems[0].message
            problems.append(_problem(name, f"times {factor}, {question} is {said}", "use another factor or shape"))
            return belief

    for k, it in enumerate(technologies):
        arrival = move("world.arrival", f"arrival:{it.id}", it.arrival)
        technologies[k] = replace(
            it, arrival=arrival, transition=move("world.transition", f"transition:{it.id}", it.transition)
        )
    for r, risk in enumerate(risks):
        risks[r] = replace(risk, hazard=move("world.hazard", f"hazard:{risk.id}", risk.hazard))
    for i, role in enumerate(roles):
        if role.kind in _EFFICACIES:
            roles[i] = replace(role, strength=move("world.efficacy", f"strength:{role.name}", role.strength))
    if problems:
        raise InputError(problems)
    return replace(world, technologies=tuple(technologies), risks=tuple(risks), roles=tuple(roles))


def _times(factor: float, value: float) -> float:
    return factor * value


def _odds(factor: float, value: float) -> float:
    if not 0 <= value <= 1:
        raise InputError.single("world", f"{value}, which has no odds")
    return factor * value / (1 - value + factor * value)


def _moved(belief: Belief, by: Callable[[float], float]) -> Belief:
    if isinstance(belief, Quantity):
        return Quantity(by(belief.low), by(belief.high), belief.shape)
    return {name: Quantity(by(quantity.low), by(quantity.high), quantity.shape) for name, quantity in belief.items()}


def _problem(name: str, message: str, remedy: str) -> Problem:
    return Problem("world", None, name, message, remedy)
