"""How compute moves in a year: entry, an urn with returns and diffusion, self-improvement once the machine is there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from daccord.futures.lab._constitution import Constitution, Scene

__all__ = ["grow", "improve"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def improve(scene: Scene, there: BoolArray, pull: FloatArray) -> None:
    """The machine has come: returns rise."""
    before = scene.there
    if not there.any():
        return
    scene.there = there
    if scene.conditions.improvement:
        new = there if before is None else there & ~before
        pull[:, new] *= scene.units[:, new] ** scene.conditions.improvement


def grow(scene: Scene, constitution: Constitution, pull: FloatArray) -> None:
    """One year of compute: entry, then `pace` units. With pace 1 and no diffusion this is the generalised Pólya urn.

    Args:
        scene: Its units are changed.
        constitution: Whose `evolve` bends the pull.
        pull: units^returns, kept up to date; shape (N, n).
    """
    use, stage, year, units = scene.conditions, scene.stage, scene.year, scene.units
    every = np.arange(stage.size)
    if use.entry and use.first < use.actors:
        free = units == 0
        enters = free.any(axis=0) & (stage.uniform(f"entry:{year}") < use.entry)
        place = np.argmax(free, axis=0)
        units[place[enters], every[enters]] = pull[place[enters], every[enters]] = 1.0
    if not use.pace:
        return
    bent = constitution.evolve(scene, pull)
    bounds = _cumulative(bent)
    if use.diffusion:
        bounds *= (1 - use.diffusion) / bounds[-1]
        alike = _cumulative((units if use.entry else units[:, :1]) > 0)
        bounds += use.diffusion / alike[-1] * alike
    for unit in range(use.pace):
        passed = bounds[:-1] <= stage.uniform(f"urn:{year}:{unit}") * bounds[-1]
        winner = constitution.built(scene, np.add.reduce(passed, axis=0, dtype=np.intp), unit)
        if winner.min() < 0:
            some = np.flatnonzero(winner >= 0)
            winner, world, power = winner[some], every[some], _of(scene.returns, some)
        else:
            world, power = every, scene.returns
        units[winner, world] += 1
        pull[winner, world] = units[winner, world] ** power


def _of(value: float | FloatArray, rows: npt.NDArray[np.intp]) -> float | FloatArray:
    return value[rows] if isinstance(value, np.ndarray) else value


def _cumulative(table: npt.NDArray[np.float64] | BoolArray) -> FloatArray:
    """Sums along actors; adding rows is several times faster than numpy's cumulative sum along a long axis."""
    found = np.array(table, float)
    for row in range(1, len(found)):
        found[row] += found[row - 1]
    return found
