"""From judged roles to what a project does to each risk: the offence–defence shift, in-time roles only.

Model, in one world (`_worlds`), at one horizon t (or at any time). The risk r is multiplied by

    M_r = Π (1 − e_i · z_i) · Π (1 + a_j · y_j) · Π (1 + a_jr y_jr (1 − e_ij z_ij)) / (1 + a_jr y_jr),

over the project's own roles that lower r (defends, makes_safe, substitutes; efficacy e), those that raise it (a), and
those that act on a technology j which itself raises r by a_jr. The shift is 1 − M_r: the share of the risk removed.

* z = 1 if the role is in time: its lead time is shorter than the time until the target is there, and not longer than
  the horizon. Where neither an arrival nor a horizon says when, order says nothing and z = 1. Where one does and the
  lead time was not judged, z = 0, except for what is deployed already (lead 0).
* The time until the target is there is what people answered under `arrives`; for a technology of which nobody said so,
  the lead time of its own raising role.
* y = 1 if the lead time is not longer than the horizon, or not known: a harm is not argued away by silence.

A role counts once enough people told its efficacy (`EvidenceRules.min_jurors`; for `raises` the harm channel's group).

Source: M_r is the multiplicative form of risk with several protections, as in state-risk models (L. Aschenbrenner and
P. Trammell, 2024; J. Sandbrink et al., 2022, for the order in time); layers count as independent given the juror.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.roles._heard import Hearing
from daccord.fusion.roles._interval import FloatArray
from daccord.fusion.roles._worlds import Quantity, Worlds
from daccord.judging import ARRIVES
from daccord.portfolio import Portfolio

__all__ = ["Effect", "Judged", "Timing", "effects", "heard_people"]

BoolArray = npt.NDArray[np.bool_]

_ALL: Final = 1.0 - 1e-6
"""Largest share that is removed: a risk is never quite gone."""


@dataclass(frozen=True)
class Judged:
    """What is known of the graph.

    Attributes:
        hearing: Answers that count.
        portfolio: Who declares what.
        least: People who must have told an efficacy or a lead time.
        least_harm: The same for `raises`, of those who are heard.
    """

    hearing: Hearing
    portfolio: Portfolio
    least: int
    least_harm: int
    _met: dict[str, Quantity] = field(default_factory=dict, repr=False, compare=False)

    def efficacy(self, project: str, kind: str, target: str, horizon: int) -> Quantity:
        """Share removed or added by a role at a horizon."""
        return self._quantity("efficacy", project, kind, target, horizon)

    def lead(self, project: str, kind: str, target: str, horizon: int) -> Quantity:
        """Years until a role is usable; known from the same number of people on."""
        return self._quantity("lead", project, kind, target, horizon)

    def _quantity(self, what: str, project: str, kind: str, target: str, horizon: int) -> Quantity:
        key = "\n".join((what, project, kind, target, str(horizon)))
        if key not in self._met:
            own = getattr(self.hearing.at(project, kind, target, horizon), what)
            secret = kind == "raises"
            self._met[key] = Quantity.of(key, own, self.least_harm if secret else self.least, secret=secret)
        return self._met[key]

    def arrival(self, target: str, horizon: int) -> Quantity:
        """Years until the target is there."""
        return self.lead("", ARRIVES, target, horizon)


@dataclass(frozen=True)
class Timing:
    """Whether a role is in time, world by world.

    Attributes:
        holds: Shape (n_people, n_draws); or one truth for all.
        judged: False if order says nothing, because neither horizon nor arrival is known, or because the lead time of
            a role for which order matters was not judged.
    """

    holds: BoolArray | bool
    judged: bool


@dataclass
class Effect:
    """What a project does to one target at one horizon.

    Attributes:
        target: Id.
        log: ln M, natural log, shape (n_people, n_draws); below zero where the risk is lowered.
        secret: True if votes on harm are in it.
        passed: True if the target is a technology whose effect on risks is counted there.
    """

    target: str
    log: FloatArray
    secret: bool = False
    passed: bool = field(default=False)


def heard_people(judged: Judged, project: str) -> tuple[tuple[str, ...], bool]:
    """Jurors who told the efficacy of a rated role of the project, sorted, and whether votes on harm were heard.

    Who voted on harm is not among them: such votes are drawn from their pool, without names.
    """
    found: set[str] = set()
    harm = False
    for horizon in judged.hearing.horizons(project):
        for kind, target in judged.hearing.pairs(project, horizon):
            quantity = judged.efficacy(project, kind, target, horizon)
            if quantity.pool is not None:
                found |= quantity.own.keys()
                harm |= kind == "raises"
    return tuple(sorted(found)), harm


def usable(judged: Judged, worlds: Worlds, edge: tuple[str, str, str], horizon: int) -> BoolArray | bool:
    """Where a raising role is there by the horizon."""
    lead = judged.lead(*edge, horizon)
    return True if not horizon or lead.pool is None else worlds.draw(lead) <= horizon


def timing(judged: Judged, worlds: Worlds, edge: tuple[str, str, str], horizon: int) -> Timing:
    """Where a lowering role is in time.

    Args:
        judged: What is known.
        worlds: Of the project that has the role.
        edge: Project, kind, target.
        horizon: Years; 0 for any time.
    """
    project, _, target = edge
    arrivals = [judged.arrival(target, horizon), *_own_lead(judged, target, horizon)]
    arrival = next((quantity for quantity in arrivals if quantity.pool is not None), None)
    lead = judged.lead(*edge, horizon)
    if arrival is None and not horizon:
        return Timing(True, judged=False)
    if lead.pool is not None:
        when = worlds.draw(lead)
    elif judged.portfolio.known[project].maturity == "deployed":
        when = np.zeros((len(worlds.people), worlds.each))
    else:
        return Timing(False, judged=False)
    holds = np.ones(when.shape, dtype=np.bool_)
    if horizon:
        holds &= when <= horizon
    if arrival is not None:
        holds &= when < worlds.draw(arrival)
    return Timing(holds, judged=True)


def _own_lead(judged: Judged, target: str, horizon: int) -> Iterator[Quantity]:
    """When a technology that raises risks is there, by its own roles."""
    if target in judged.portfolio.known:
        for kind, risk in judged.hearing.pairs(target, horizon):
            if kind == "raises":
                yield judged.lead(target, kind, risk, horizon)


def effects(judged: Judged, worlds: Worlds, project: str, horizon: int) -> dict[str, Effect]:
    """What a project does to each of its targets; targets without a rated role are left out.

    Args:
        judged: What is known.
        worlds: Of the project.
        project: Id of a project or technology.
        horizon: Years; 0 for any time.
    """
    shape = (len(worlds.people), worlds.each)
    found: dict[str, Effect] = {}

    def add(target: str, log: FloatArray, *, secret: bool) -> None:
        effect = found.setdefault(target, Effect(target, np.zeros(shape)))
        effect.log = effect.log + log
        effect.secret |= secret

    for kind, target in judged.hearing.pairs(project, horizon):
        efficacy = judged.efficacy(project, kind, target, horizon)
        if efficacy.pool is None:
            continue
        size = worlds.draw(efficacy)
        if kind == "raises":
            on = usable(judged, worlds, (project, kind, target), horizon)
            add(target, np.log1p(size * on), secret=True)
            continue
        left = 1.0 - np.minimum(size * timing(judged, worlds, (project, kind, target), horizon).holds, _ALL)
        add(target, np.log(left), secret=False)
        for risk, grows in _raised(judged, worlds, target, horizon):
            add(risk, np.log1p(grows * left) - np.log1p(grows), secret=True)
            found[target].passed = True
    return found


def _raised(judged: Judged, worlds: Worlds, technology: str, horizon: int) -> Iterator[tuple[str, FloatArray]]:
    """Risks that a technology raises, and by how much."""
    if technology not in judged.portfolio.known:
        return
    for kind, risk in judged.hearing.pairs(technology, horizon):
        added = judged.efficacy(technology, kind, risk, horizon)
        if kind == "raises" and added.pool is not None:
            yield risk, worlds.draw(added) * usable(judged, worlds, (technology, kind, risk), horizon)
