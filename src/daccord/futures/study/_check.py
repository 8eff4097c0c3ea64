"""Refusing studies that make no sense: every fault found is listed, with its place and a remedy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from daccord.errors import InputError, Problem
from daccord.futures.lab import Consortium
from daccord.futures.study._factors import SHAPES, Factor, factors_of, ways_of, whole_ends
from daccord.futures.study._settings import scaled
from daccord.futures.study._study import MEASURES, Goal, ScenarioClass, Study
from daccord.futures.world import Quantity, check, check_welfare

__all__ = ["OVER", "check_study"]

OVER: Final = "welfare over no steering"
"""A goal's measure beside `MEASURES`."""
_BASE: Final = "no steering"
_TAKEN: Final = ("world", "values")


def check_study(study: Study) -> None:
    """Refuse a study that cannot be played.

    Args:
        study: The study.

    Raises:
        InputError: The world or a way of valuing lives is refused; fewer than two constitutions, or a parameter outside
            its domain; classes without a name of their own; factors that do not exist, or ranges that leave a domain;
            goals or weights for what is not measured; no scenarios, worlds or money to speak of.
    """
    problems = [*_sizes(study), *_constitutions(study), *_worlds(study), *_reader(study)]
    known = factors_of(study)
    names = [group.name for group in study.classes]
    if not names:
        problems.append(_problem("classes", "there are none", "give at least one, if only to keep all as stated"))
    problems += [
        _problem("classes", f"the name {name!r} is used twice or empty", "give each a name of its own")
        for name in sorted({name for name in names if names.count(name) > 1 or not name})
    ]
    for group in study.classes:
        problems += _class(study, group, known)
    if problems:
        raise InputError(problems)


def _problem(where: str, message: str, remedy: str) -> Problem:
    return Problem("study", None, where, message, remedy)


def _sizes(study: Study) -> Iterator[Problem]:
    for name in ("scenarios", "worlds"):
        if getattr(study, name) < 1:
            yield _problem(name, f"{getattr(study, name)} is too few", "use at least 1")
    if 1 <= study.scenarios < len(study.values):
        told = f"{study.scenarios} scenarios leave some of {len(study.values)} ways of valuing lives out"
        yield _problem("scenarios", told, f"use at least {len(study.values)}")
    if not (math.isfinite(study.budget) and study.budget >= 0):
        yield _problem("budget", f"{study.budget} is no budget", "use money a year, at least 0")
    if not 0 <= study.care <= 1:
        yield _problem("care", f"{study.care} is no share", "use a number from 0 to 1")


def _constitutions(study: Study) -> Iterator[Problem]:
    if len(study.constitutions) < 2:
        yield _problem("constitutions", f"{len(study.constitutions)} cannot be compared", "give at least two")
    for name in study.constitutions:
        if not name or name in _TAKEN:
            yield _problem("constitutions", f"{name!r} cannot be a constitution's name", "use another")


def _worlds(study: Study) -> Iterator[Problem]:
    yield from _raised("", check, study.world)
    for way in study.values:
        yield from _raised("values", check_welfare, way)


def _reader(study: Study) -> Iterator[Problem]:
    """What the reader cares about."""
    for goal in study.goals:
        yield from _goal(study, goal)
    for name, weight in study.weights.items():
        if name not in MEASURES:
            yield _problem("weights", f"{name!r} is not measured", _nearest(name, MEASURES))
        if not (math.isfinite(weight) and weight >= 0):
            yield _problem("weights", f"{weight} for {name!r} is no weight", "use a finite number of at least 0")
    if not any(weight > 0 for weight in study.weights.values()):
        yield _problem("weights", "all are zero", "give some measure a weight")


def _goal(study: Study, goal: Goal) -> Iterator[Problem]:
    if goal.measure not in {*MEASURES, OVER}:
        yield _problem("goals", f"{goal.measure!r} is not measured", _nearest(goal.measure, [*MEASURES, OVER]))
    if goal.measure == OVER and _BASE not in study.constitutions:
        yield _problem("goals", f"{OVER!r} needs a constitution {_BASE!r}", "add it, or set a goal for welfare")
    limits = [limit for limit in (goal.at_least, goal.at_most) if limit is not None]
    if not limits or not all(map(math.isfinite, limits)) or limits != sorted(limits):
        told = f"{goal.measure!r} from {goal.at_least} to {goal.at_most} is no goal"
        yield _problem("goals", told, "give a finite at_least or at_most, or both in order")


def _class(study: Study, group: ScenarioClass, known: Mapping[str, Factor]) -> Iterator[Problem]:
    where = f"classes.{group.name}"
    sound: dict[str, Quantity] = {}
    for name, limits in group.ranges.items():
        if name not in known:
            yield _unknown(study, where, name, known)
            continue
        found = list(_range(f"{where}.{name}", known[name], limits))
        yield from found
        if not found:
            sound[name] = limits
    for name, limits in sound.items():
        ends = (limits.low, limits.high) if known[name].kind == "real" else whole_ends(limits)
        for end in sorted(set(ends)):
            yield from _raised(f"{where}.{name}", _try, study, known[name], end)
    places, founders = _ends(study, sound, "actors"), _ends(study, sound, "founders")
    if {"actors", "founders"} & sound.keys() and founders[1] > places[0]:
        told = f"up to {founders[1]} founders and as few as {places[0]} actors"
        yield _problem(where, told, "let there never be more founders than actors")
    for name, constitution in study.constitutions.items():
        votes = constitution.weights if isinstance(constitution, Consortium) else None
        if votes is not None and places != (len(votes), len(votes)):
            told = f"{name!r} has weights for {len(votes)} places, and there are {' to '.join(map(str, places))}"
            yield _problem(where, told, "give as many weights as there are actors, or none")


def _range(where: str, factor: Factor, limits: Quantity) -> Iterator[Problem]:
    if limits.shape not in SHAPES:
        yield _problem(where, f"a range cannot be {limits.shape}", f"use one of {', '.join(SHAPES)}")
    elif factor.kind != "real" and whole_ends(limits)[0] > whole_ends(limits)[1]:
        what = "it is yes (1) or no (0)" if factor.kind == "switch" else "whole numbers count"
        yield _problem(where, f"nothing lies between {limits.low} and {limits.high}", what)
    elif factor.kind == "switch" and not 0 <= limits.low <= limits.high <= 1:
        yield _problem(where, f"{limits.low} to {limits.high} goes beyond yes (1) and no (0)", "use 0 to 1, or one")


def _try(study: Study, factor: Factor, end: float) -> None:
    """Build what the factor belongs to, which refuses what it cannot be."""
    value: Any = bool(end) if factor.kind == "switch" else end
    if factor.owner == "world":
        scaled(study.world, {factor.name: end})
    elif factor.owner == "values":
        check_welfare(replace(ways_of(study)[0], **{factor.field: value}))
    elif factor.owner:
        replace(study.constitutions[factor.owner], **{factor.field: value})
    else:
        changes: dict[str, Any] = {factor.field: value}
        if factor.field == "actors":  # whether founders and actors go together is asked elsewhere
            changes["founders"] = None
        if factor.field == "founders":
            changes["actors"] = max(1, value)
        replace(study.conditions, **changes)


def _ends(study: Study, sound: Mapping[str, Quantity], name: str) -> tuple[int, int]:
    """Fewest and most of a whole number in a class; of founders who fill all places, as few as there are."""
    if name in sound:
        return whole_ends(sound[name])
    own = getattr(study.conditions, name)
    return (1, 1) if own is None else (own, own)


def _unknown(study: Study, where: str, name: str, known: Mapping[str, Factor]) -> Problem:
    owner, _, field = name.rpartition(".")
    owners = [*study.constitutions, *_TAKEN]
    if owner and owner not in owners:
        return _problem(where, f"{name!r}: no constitution {owner!r}", _nearest(owner, owners))
    same = [other for other, factor in known.items() if factor.field == field]
    nearest = " or ".join(map(repr, same[:3]))
    return _problem(where, f"no factor {name!r}", f"use {nearest}" if same else _nearest(name, known))


def _nearest(name: str, known: Mapping[str, Any] | list[str]) -> str:
    found = get_close_matches(name, list(known), 1, 0.5)
    return f"use {found[0]!r}" if found else f"use one of {', '.join(known)}"


def _raised(where: str, attempt: Callable[..., object], *given: object) -> Iterator[Problem]:
    """What an attempt is refused for; in the words of its own place if `where` is empty."""
    try:
        attempt(*given)
    except InputError as error:
        for problem in error.problems:
            told = problem.message if where.endswith(problem.column or "") else f"{problem.column}: {problem.message}"
            yield _problem(where, told, problem.remedy) if where else problem
