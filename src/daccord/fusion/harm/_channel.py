"""Harm heard through closed batches: the fit that nobody sees, from which the published levels are read.

The rule that fuses harm is the round's own and works as for every other criterion; only what it hears differs.

* **All together.** It hears the answers of closed batches (`_batches`).
* **Each community.** A community's answers have batches of their own, made of those that are heard already, in the
  order in which they were. What communities say is read from a second fit, in which every community's waiting answers
  are left out, so that a person who comes to a community of four does not move the community's level alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from daccord.fusion._beliefs import Component, CriterionBeliefs
from daccord.fusion._task import FusionTask
from daccord.fusion.harm._batches import WAITING, Told, batches, heard_by, told_of

__all__ = ["fuse_harm"]

BoolArray = npt.NDArray[np.bool_]


def fuse_harm(
    task: FusionTask, fit: Callable[[FusionTask], CriterionBeliefs], least: int, *, once: bool = False
) -> CriterionBeliefs:
    """Beliefs about harm from closed batches alone.

    Args:
        task: Judgments on harm.
        fit: Of the fusion rule.
        least: Different people that are heard together.
        once: Whether all answers count as given at the same time, for a round that is published once.

    Returns:
        The posterior; `judgments` and `jurors` count what is heard. Warnings of the fit are left out, for they may
        speak of single people. Never to be published: `publish` makes levels of it.

    Raises:
        InputError: The rule cannot use these answers.
        ConvergenceError: A fit did not settle.
    """
    told = [replace(answer, at=0) for answer in told_of(task)] if once else told_of(task)
    batch = np.array(batches(told, least), dtype=np.int64)
    heard = batch != WAITING
    if not heard.any():
        return _nothing_heard(task)
    found = fit(heard_by(task, heard))
    ripe = _ripe(task, told, batch, least)
    people = np.array([answer.who for answer in told])
    spoke = {task.panel.judges[who].community for who in np.unique(people[ripe])} - {""}
    view = found if not spoke or np.array_equal(ripe, heard) else fit(heard_by(task, ripe))
    communities = {name: values for name, values in view.communities.items() if name in spoke}
    return replace(found, communities=communities, community_views={}, juror_views=(), warnings=())


def _ripe(task: FusionTask, told: list[Told], batch: npt.NDArray[np.int64], least: int) -> BoolArray:
    """Which answers are heard as those of a community, shape (n_answers,); people without one are one of their own."""
    out = np.zeros(len(told), dtype=np.bool_)
    for name in ("", *task.panel.communities):
        own = [
            i
            for i, answer in enumerate(told)
            if batch[i] != WAITING and task.panel.judges[answer.who].community == name
        ]
        closed = batches([replace(told[i], at=int(batch[i])) for i in own], least)
        out[[i for i, number in zip(own, closed, strict=True) if number != WAITING]] = True
    return out


def _nothing_heard(task: FusionTask) -> CriterionBeliefs:
    """Beliefs where no batch is closed yet: nothing is known of any project."""
    size = len(task.projects)
    none = np.zeros(size, dtype=np.int64)
    margin = None if task.criterion.threshold is None else np.zeros(size)
    component = Component(1.0, np.zeros(size), np.ones(size), margin, None if margin is None else np.ones(size))
    return CriterionBeliefs(task.criterion.id, "", (component,), none, none)
