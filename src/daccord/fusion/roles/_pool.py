"""`pool_roles`: a round's answers about roles → the published graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Final

import numpy as np

from daccord.fusion._scores import MICRO
from daccord.fusion.roles._heard import Answers, hear
from daccord.fusion.roles._interval import LEVELS, NOTICED, FloatArray, Pool
from daccord.fusion.roles._scores import (
    ArrivalScore,
    EdgeScore,
    GraphScores,
    ModelsSay,
    NetScore,
    ShiftScore,
    Spread,
)
from daccord.fusion.roles._shift import Effect, Judged, effects, heard_people, timing, usable
from daccord.fusion.roles._worlds import Worlds
from daccord.judging import ARRIVES
from daccord.portfolio import Edge, declared_edges
from daccord.round import Round

__all__ = ["COARSE", "pool_roles"]

COARSE: Final = 50_000
"""Grid in millionths of everything published that votes on harm are in."""

DAYS: Final = 365.25
_COARSE_DAYS: Final = 365


def pool_roles(round_: Round) -> GraphScores:
    """Pool what people said about roles, and say what each project does to each risk.

    Args:
        round_: The round; only `roles`, the portfolio, the panel, the seed and the rules are read.

    Returns:
        Integers, in the order of ids. Nothing in them depends on models, but what stands under `EdgeScore.models`.
    """
    hearing = hear(round_)
    least = max(1, round_.rules.evidence.min_jurors)
    group = max(least, round_.rules.harm.min_group)
    judged = Judged(hearing, round_.portfolio, least, max(1, group - 1))
    apart = [
        Judged(hear(round_, name), round_.portfolio, group, max(1, group - 1)) for name in round_.panel.communities
    ]
    declared = set(declared_edges(round_.portfolio))
    edges: list[EdgeScore] = []
    shifts: list[ShiftScore] = []
    nets: list[NetScore] = []
    for project in sorted(round_.portfolio.known):
        people, harm = heard_people(judged, project)
        sight = _Sight(round_, judged, apart, project, Worlds(round_.seed, people), max(len(people), harm * group))
        edges += sight.edges(declared)
        if sight.jurors:
            shifts += sight.shifts()
            nets.append(sight.net(declared))
    arrivals = sorted({edge.target for edge in hearing.said if edge.kind == ARRIVES})
    found = [(name, hearing.at("", ARRIVES, name, 0).lead) for name in arrivals]
    warnings: tuple[str, ...] = ()
    if hearing.aside:
        warnings = (f"roles: {hearing.aside} answers were set aside because the judge has a declared tie",)
    return GraphScores(
        tuple(edges),
        tuple(ArrivalScore(name, len(own), _spread(own, DAYS, least=least)) for name, own in found),
        tuple(shifts),
        tuple(nets),
        warnings,
    )


def _rounded(value: float, unit: float, grid: int = 1) -> int:
    return round(value * unit / grid) * grid


def _spread(own: Mapping[str, FloatArray], unit: float, *, least: int, grid: int = 1) -> Spread | None:
    """Quantiles of the pool; None if fewer than `least` told."""
    return _quantiles(Pool.of(list(own.values())), unit, grid) if len(own) >= max(1, least) else None


def _quantiles(pool: Pool, unit: float, grid: int = 1) -> Spread:
    a, b, c, d, e = (_rounded(float(x), unit, grid) for x in pool.quantile(np.array(LEVELS)))
    return a, b, c, d, e


@dataclass(frozen=True)
class _Sight:
    """One project or technology as its jurors see it."""

    round: Round
    judged: Judged
    apart: Sequence[Judged]
    project: str
    worlds: Worlds
    jurors: int

    def edges(self, declared: set[Edge]) -> Iterator[EdgeScore]:
        """Its roles, horizon by horizon."""
        hearing = self.judged.hearing
        for horizon in hearing.horizons(self.project):
            for kind, target in hearing.pairs(self.project, horizon):
                edge = Edge(self.project, kind, target, horizon)
                stated = edge in declared or Edge(self.project, kind, target) in declared
                yield self.edge(edge, stated, hearing.at(self.project, kind, target, horizon))

    def edge(self, edge: Edge, declared: bool, said: Answers) -> EdgeScore:
        """One role at one horizon."""
        secret = edge.kind == "raises"
        least = self.judged.least_harm if secret else self.judged.least
        grid, days = (COARSE, _COARSE_DAYS) if secret else (1, 1)
        efficacy = _spread(said.efficacy, MICRO, least=least, grid=grid)
        jurors = len(said.efficacy)
        in_time: int | None = None
        expected: int | None = None
        if efficacy is not None:
            ends = (edge.project, edge.kind, edge.target)
            if secret:
                holds, known = usable(self.judged, self.worlds, ends, edge.horizon), bool(edge.horizon)
                jurors = max(self.round.rules.evidence.min_jurors, self.round.rules.harm.min_group)
            else:
                when = timing(self.judged, self.worlds, ends, edge.horizon)
                holds, known = when.holds, when.judged
            size = self.worlds.draw(self.judged.efficacy(*ends, edge.horizon))
            in_time = _rounded(float(np.mean(holds)), MICRO, grid) if known else None
            expected = _rounded(float(np.mean(size * holds)), MICRO, grid)
        return EdgeScore(
            edge=edge,
            declared=declared,
            jurors=0 if secret and efficacy is None else jurors,
            skipped=len(said.skipped),
            efficacy=efficacy,
            lead=_spread(said.lead, DAYS, least=least, grid=days),
            in_time=in_time,
            expected=expected,
            models=self.models(said),
        )

    def models(self, said: Answers) -> ModelsSay | None:
        """What models say of a role, every family once."""
        panel = self.round.panel
        family = {judge.id: judge.family or judge.id for judge in panel if not judge.is_person}
        spreads: list[Spread | None] = []
        for own, unit in ((said.model_efficacy, float(MICRO)), (said.model_lead, DAYS)):
            names = [family[model] for model in own]
            weights = [1.0 / names.count(name) for name in names]
            spreads.append(_quantiles(Pool.of(list(own.values()), weights), unit) if own else None)
        spoke = {family[model] for model in said.model_efficacy.keys() | said.model_lead.keys()}
        return ModelsSay(len(spoke), spreads[0], spreads[1]) if spoke else None

    @cached_property
    def effects(self) -> tuple[tuple[int, dict[str, Effect]], ...]:
        """Horizon and what is done to each target then."""
        horizons = self.judged.hearing.horizons(self.project)
        return tuple((horizon, effects(self.judged, self.worlds, self.project, horizon)) for horizon in horizons)

    @cached_property
    def signs(self) -> Mapping[tuple[int, str], set[int]]:
        """Horizon and target → signs that single communities hold for more probable than not."""
        found: dict[tuple[int, str], set[int]] = defaultdict(set)
        for own in self.apart:
            people, harm = heard_people(own, self.project)
            if not people and not harm:
                continue
            worlds = Worlds(self.round.seed, people)
            for horizon in self.judged.hearing.horizons(self.project):
                for target, effect in effects(own, worlds, self.project, horizon).items():
                    share = -np.expm1(effect.log)
                    found[horizon, target] |= {sign for sign in (1, -1) if _chance(sign * share, 1) > MICRO // 2}
        return found

    def shifts(self) -> Iterator[ShiftScore]:
        """What it does to each target."""
        noticeable = ceil(Fraction(repr(self.round.rules.roles.noticeable)) * MICRO)
        for horizon, found in self.effects:
            for target in sorted(found):
                effect = found[target]
                grid = COARSE if effect.secret else 1
                share = -np.expm1(effect.log)
                a, b, c, d, e = (_rounded(float(x), MICRO, grid) for x in np.quantile(share, LEVELS))
                lowers, raises = (_chance(sign * share, grid) for sign in (1, -1))
                split = len(self.signs.get((horizon, target), ())) > 1
                disputed = split or min(lowers, raises) >= noticeable
                yield ShiftScore(self.project, target, horizon, (a, b, c, d, e), lowers, raises, split, disputed)

    def net(self, declared: set[Edge]) -> NetScore:
        """What it does to all targets together, and what must be said about it."""
        lowers, raises = [], []
        for _, found in self.effects:
            counted = [effect for effect in found.values() if not effect.passed]
            grid = COARSE if any(effect.secret for effect in counted) else 1
            total = np.sum([effect.log for effect in counted], axis=0) if counted else np.zeros(1)
            share = -np.expm1(total)
            lowers.append(_chance(share, grid))
            raises.append(_chance(-share, grid))
        return NetScore(self.project, self.jurors, min(lowers), max(raises), self.flags(declared))

    def flags(self, declared: set[Edge]) -> tuple[str, ...]:
        """See `NetScore`."""
        shifts = list(self.shifts())
        claims = [score for score in self.edges(declared) if score.declared and score.edge.kind == "defends"]
        half = MICRO // 2
        flags = {
            "dual_use": any(s.lowers > half for s in shifts) and any(s.raises > half for s in shifts),
            "disputed": any(s.disputed for s in shifts),
            "late": any(score.in_time is not None and score.in_time < half for score in claims),
            "unjudged": any(score.efficacy is None for score in claims),
        }
        return tuple(name for name, up in flags.items() if up)


def _chance(share: FloatArray, grid: int) -> int:
    """Probability in millionths that at least `NOTICED` is removed."""
    return _rounded(float(np.mean(share >= NOTICED)), MICRO, grid)
