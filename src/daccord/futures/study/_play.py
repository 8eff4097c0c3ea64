"""Playing: what a class shares, one scenario, one governance gap.

*Ground.* The planner's money and the typical stakes belong to a class and a way of valuing lives, not to a scenario:
they are found in the middle of the class, on worlds of their own number, so that the same launch weighs the same in all
its scenarios, and so that scenarios can be played apart.

*Worlds.* Scenario j of every class plays worlds j · m to (j + 1) · m of the study's seed, with m worlds in a scenario.
Within a scenario all constitutions and the planner meet the same worlds, the same errors and the same chances; within
a class no world comes twice; between classes the jth scenarios share theirs, so that what differs is the class.

*Planner.* Each scenario's own: `lab.perfect` with the class's money. It is a yardstick, not the best plan for that
scenario's factors.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from daccord.errors import InputError
from daccord.futures.lab import FRICTIONS, Stage, perfect, prepare, run
from daccord.futures.study._check import check_study
from daccord.futures.study._factors import ways_of
from daccord.futures.study._piece import Ground, Piece, Scenario, Split
from daccord.futures.study._scenarios import middle
from daccord.futures.study._settings import Setting, setting
from daccord.futures.study._study import MEASURES, Study

__all__ = ["grounds", "lay_out", "play", "split"]

_WORLDS: Final = 256
"""Worlds on which typical stakes are measured."""


def grounds(study: Study) -> tuple[tuple[str, int], ...]:
    """Pairs of a class and a position in the study's ways of valuing lives: `lay_out` once for each.

    Args:
        study: The study.

    Raises:
        InputError: The study is refused by `check_study`.
    """
    check_study(study)
    return tuple((group.name, values) for group in study.classes for values in range(len(ways_of(study))))


def lay_out(study: Study, group: str, values: int) -> Ground:
    """Find what scenarios of one class and one way of valuing lives share.

    Args:
        study: The study.
        group: Name of the class.
        values: Position in the study's ways of valuing lives.

    Raises:
        InputError: There is no such class or way, or the world is refused.
    """
    half = setting(study, middle(study, group, values), values)
    stage = prepare(
        half.world,
        _WORLDS,
        study.seed,
        budget=study.budget,
        care=study.care,
        welfare=half.welfare,
        fundable=study.fundable,
    )
    return Ground(group, values, stage.planned, stage.scale)


def play(study: Study, ground: Ground, scenario: Scenario) -> Piece:
    """Play one scenario: every constitution, and the planner, in the same worlds.

    Args:
        study: The study.
        ground: Of the scenario's class and values.
        scenario: One of `scenarios(study)`, or another with the same factors.

    Raises:
        InputError: The ground is another's, or a factor is refused.
    """
    if (ground.group, ground.values) != (scenario.group, scenario.values):
        told = f"scenario {scenario.index} is of {scenario.group!r}, values {scenario.values}"
        raise InputError.single("study", f"{told}; the ground is of {ground.group!r}, values {ground.values}")
    now = setting(study, scenario.factors, scenario.values)
    place = scenario.index % study.scenarios
    stage = _stage(study, ground, now, study.worlds, place * study.worlds)
    found = [run(stage, constitution, now.conditions) for constitution in now.constitutions.values()]
    summaries = [result.summary() for result in found]
    return Piece(
        scenario,
        float(perfect(stage, now.conditions).welfare.mean()),
        np.array([[summary[name] for name in MEASURES] for summary in summaries], np.float64),
        *(
            np.array([getattr(result, name) for result in found], np.float64)
            for name in ("welfare", "catastrophe", "largest", "hhi", "agency")
        ),
    )


def split(study: Study, ground: Ground, constitution: str, worlds: int) -> Split:
    """Split what a constitution loses to the planner in the middle of a class, switching one friction off at a time.

    Args:
        study: The study.
        ground: Of the class and the way of valuing lives.
        constitution: Its name in the study.
        worlds: In which; at least 2.

    Returns:
        Gains with standard errors of differences between the same worlds.

    Raises:
        InputError: There is no such constitution, or there are too few worlds.
    """
    if constitution not in study.constitutions:
        names = ", ".join(study.constitutions)
        raise InputError.single("study", f"no constitution {constitution!r}", remedy=f"use one of {names}")
    if worlds < 2:
        raise InputError.single("study", f"{worlds} worlds have no standard error", remedy="use at least 2")
    half = setting(study, middle(study, ground.group, ground.values), ground.values)
    stage, whole = _stage(study, ground, half, worlds, 0), half.constitutions[constitution]
    base = run(stage, whole, half.conditions).welfare
    gains = {friction: run(stage, *whole.without(friction, half.conditions)).welfare - base for friction in FRICTIONS}
    return Split(
        ground.group,
        constitution,
        float(perfect(stage, half.conditions).welfare.mean()),
        float(base.mean()),
        {friction: float(gain.mean()) for friction, gain in gains.items()},
        {friction: float(gain.std(ddof=1) / np.sqrt(worlds)) for friction, gain in gains.items()},
    )


def _stage(study: Study, ground: Ground, now: Setting, worlds: int, start: int) -> Stage:
    return prepare(
        now.world,
        worlds,
        study.seed,
        planned=ground.planned,
        scale=ground.scale,
        care=study.care,
        welfare=now.welfare,
        start=start,
    )
