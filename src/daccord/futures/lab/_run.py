"""Running a constitution: year by year, and then the worlds are lived through as they came out.

Each year, for each frontier technology, in the worlds where it is mature and not launched: everybody judges, the
institution decides, others comply or do not; then compute moves. A permission in year t lets a technology come at its
own time within that year. What came out is a schedule and a safety for each launch, and the same kernel that values
plans values it. What one frontier technology does to another's stake is not looked at by those who decide.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
from daccord.futures.lab._conditions import Conditions
from daccord.futures.lab._constitution import Constitution, Moment, Proposal, Scene
from daccord.futures.lab._growth import grow, improve
from daccord.futures.lab._measures import deciders, holds, nakamoto
from daccord.futures.lab._prices import priced
from daccord.futures.lab._result import Result
from daccord.futures.lab._stage import Stage
from daccord.futures.world import Schedule, arrivals, live, nothing

__all__ = ["run"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_LOCKED: int = 10
"""Years of more than half the say that count as lock-in."""
_SLIGHT: float = 0.05
"""Share of a typical stake below which a loss by launching early is no error."""
_MARKS: int = 10
"""Years between Nakamoto coefficients."""
_SAMPLE: int = 16
"""Worlds in which power indices and prices are counted."""


def run(stage: Stage, constitution: Constitution, conditions: Conditions | None = None) -> Result:
    """Run a constitution on a stage.

    Args:
        stage: Worlds, money, true stakes.
        constitution: Who decides.
        conditions: The scenario; defaults if None.

    Raises:
        InputError: The conditions name a machine that is no frontier technology.
    """
    use = conditions or Conditions()
    scene = _open(stage, use)
    proposal = scene.proposal = constitution.propose(scene)
    schedule = _schedule(stage, proposal)
    mature = arrivals(stage.draws, schedule).time[:, list(stage.held)].T
    log = _Log(stage)
    pull = scene.units**use.returns * (scene.units > 0)
    machines = _machines(stage, use)
    for year in range(stage.years):
        scene.year = year
        for g in range(len(stage.held)):
            _decide(scene, constitution, proposal, g, mature[g], log)
        if year:
            improve(scene, log.come(machines, mature, year), pull)
            scene.agency = constitution.steered(scene)
        log.measure(scene, constitution)
        grow(scene, constitution, pull)
    return _result(stage, constitution, schedule, scene, log)


def _machines(stage: Stage, use: Conditions) -> list[int]:
    """Which of the frontier technologies decisions pass to."""
    ids = [stage.draws.world.ids[k] for k in stage.held]
    if use.machine:
        if use.machine not in ids:
            raise InputError.single(
                "conditions",
                f"{use.machine!r} is no frontier technology",
                column="machine",
                remedy=f"leave it empty or use one of: {', '.join(ids) or '(there are none)'}",
            )
        return [ids.index(use.machine)]
    risky = [bool(stage.draws.transition[:, k].any()) for k in stage.held]
    return [g for g, risk in enumerate(risky) if risk or not any(risky)]


def _open(stage: Stage, use: Conditions) -> Scene:
    units = np.zeros((use.actors, stage.size))
    units[: use.first] = 1.0
    pace = -np.log1p(-min(use.capture, 1 - 1e-12))
    with np.errstate(over="ignore", divide="ignore"):  # a rate of nearly 0 never comes
        captured = stage.wait("capture") / pace
    return Scene(stage, use, units, 0, np.ones(stage.size), captured)


def _schedule(stage: Stage, proposal: Proposal) -> Schedule:
    """Yearly periods as far as slowing goes, then the rest of the window."""
    window, slowing = stage.draws.world.window, proposal.slowing
    if slowing is None:
        return Schedule(np.array([window]), proposal.spending[None, :])
    length = slowing.shape[1]
    ends = [float(year) for year in range(1, length + 1)]
    if window not in ends:
        ends = sorted([*ends, window])
    spending = np.stack([proposal.spending * (end <= window) for end in ends])
    periods = [min(int(np.ceil(end)) - 1, length) for end in ends]
    padded = np.concatenate([slowing, np.zeros_like(slowing[:, :1])], axis=1)
    return Schedule(np.array(ends), spending, padded[:, periods])


class _Log:
    """What happened so far."""

    def __init__(self, stage: Stage) -> None:
        shape, years = (len(stage.held), stage.size), stage.years
        self.launched = np.full(shape, np.inf)
        self.broken = np.zeros(shape, bool)
        self.bad = np.zeros(shape, bool)
        self.missed = np.zeros(shape, bool)
        self.safety = np.ones(shape)
        self.asked = np.zeros(shape, bool)
        self.failed = np.zeros(shape, bool)
        self.largest, self.hhi = np.zeros(years), np.zeros(years)
        self.agency = np.zeros((years, stage.size))
        self.marks: list[int] = []
        self.fewest: dict[str, list[npt.NDArray[np.intp]]] = {}
        self.games: list[tuple[FloatArray, float]] = []
        self.half = np.full(stage.size, np.inf)
        self.alone, self.blocking = _Streak(stage.size), _Streak(stage.size)

    def come(self, which: list[int], mature: FloatArray, year: int) -> BoolArray:
        """Whether any of some frontier technologies has come before this year; shape (n,)."""
        return np.asarray((np.maximum(self.launched[which], mature[which]) < year).any(axis=0))

    def measure(self, scene: Scene, constitution: Constitution) -> None:
        """Power this year."""
        say, year = constitution.say(scene), scene.year
        top = say.max(axis=0)
        self.largest[year] = top.mean()
        self.hhi[year] = np.einsum("in,in->", say, say) / say.shape[1]
        self.agency[year] = scene.agency
        self.half[(top > 0.5) & np.isinf(self.half)] = year
        self.alone.add(top > 0.5, year)
        votes, quota = constitution.votes(scene)
        if quota:
            self.blocking.add(votes.max(axis=0) > 1 - quota + 1e-9, year)
        if year % _MARKS == 0 or year == len(self.largest) - 1:
            self._mark(scene, constitution, say, votes, quota)

    def _mark(self, scene: Scene, constitution: Constitution, say: FloatArray, votes: FloatArray, quota: float) -> None:
        self.marks.append(scene.year)
        self.games.append((votes[:, :_SAMPLE].T, quota))
        kinds = {
            "compute": scene.shares, "say": say, "money": constitution.purse(scene),
            "judgement": constitution.judges(scene),
        }  # fmt: skip
        for kind, shares in kinds.items():
            self.fewest.setdefault(kind, []).append(nakamoto(shares))


class _Streak:
    """Something that lasts: its tenth year running."""

    def __init__(self, size: int) -> None:
        self.length = np.zeros(size, int)
        self.since = np.full(size, np.inf)

    def add(self, now: BoolArray, year: int) -> None:
        self.length = np.where(now, self.length + 1, 0)
        self.since[(self.length == _LOCKED) & np.isinf(self.since)] = year


def _decide(
    scene: Scene, constitution: Constitution, proposal: Proposal, g: int, mature: FloatArray, log: _Log
) -> None:
    year, stage = scene.year, scene.stage
    rows = np.flatnonzero((mature < year + 1) & np.isinf(log.launched[g]))
    if not len(rows):
        return
    held = np.zeros(len(rows), bool) if proposal.holding is None else proposal.holding[rows, year]
    since = np.maximum(0.0, year - np.floor(mature[rows]))
    truth, gain, danger = (table[g, rows, year] for table in (stage.truth, stage.gain, stage.danger))
    now = Moment(scene, g, rows, since, truth, gain, danger, held)
    beliefs = constitution.judge(now)
    allowed, safety = constitution.decide(now, beliefs)
    broken = constitution.comply(now, beliefs) & ~allowed
    good = now.truth >= 0
    first = good & ~log.asked[g, rows]
    log.asked[g, rows] |= good
    log.failed[g, rows] |= first & ~allowed
    go = allowed | broken
    gone = rows[go]
    log.launched[g, gone] = year
    log.broken[g, gone] = broken[go]
    log.safety[g, gone] = np.where(broken, constitution.hurried(now), safety)[go]
    log.bad[g, gone] = now.truth[go] < -_SLIGHT
    log.missed[g, rows[~go]] |= good[~go]


def _share(part: BoolArray, of: BoolArray) -> float:
    return float(part.sum() / max(1, of.sum()))


def _result(stage: Stage, constitution: Constitution, schedule: Schedule, scene: Scene, log: _Log) -> Result:
    until = np.zeros((stage.size, len(stage.planned)))
    safety = np.ones_like(until)
    until[:, list(stage.held)] = log.launched.T
    safety[:, list(stage.held)] = log.safety.T
    final = Schedule(schedule.ends, schedule.spending, schedule.slowing, until)
    worlds = stage.launched(safety)
    outcome = live(worlds, final, stage.welfare, gradient=False)
    horizon = stage.draws.world.horizon
    came = np.minimum(outcome.arrivals.time, horizon)
    before = np.minimum(arrivals(stage.draws, nothing(stage.draws.world)).time, horizon)
    gone = np.isfinite(log.launched)
    use = scene.conditions
    welfare = outcome.welfare
    if use.dictator or use.loss:
        years = np.arange(stage.years)[:, None]
        factor = (1 - use.dictator * (years >= log.alone.since)) * (1 - use.loss * (1 - log.agency))
        welfare = priced(worlds, outcome.arrivals.time, stage.welfare, welfare, factor)
    return Result(
        title=constitution.title,
        welfare=welfare,
        catastrophe=outcome.catastrophe,
        locked=np.isfinite(log.alone.since) | np.isfinite(log.blocking.since),
        half=log.half,
        dictated=log.alone.since,
        blocked=log.blocking.since,
        launched=log.launched,
        broken=log.broken,
        safety=log.safety,
        delay=(came - before).mean(axis=1),
        bad=_share(log.bad, gone),
        missed=_share(log.missed, gone | log.asked),
        deadlock=_share(log.failed, log.asked),
        largest=log.largest,
        hhi=log.hhi,
        agency=log.agency.mean(axis=1),
        steered=log.agency[-1],
        **_power(constitution, scene, log),
    )


def _power(constitution: Constitution, scene: Scene, log: _Log) -> dict[str, Any]:
    """What is measured at the marks, and who holds the decision at the end."""
    quota = log.games[-1][1]
    games = np.concatenate([votes for votes, _ in log.games])
    number = deciders(games, quota).reshape(len(log.games), -1)
    votes, quota = constitution.votes(scene)
    sample = slice(0, _SAMPLE)
    kinds = {kind: np.array(found) for kind, found in log.fewest.items()}
    return {
        "marks": tuple(log.marks),
        "nakamoto": np.min(list(kinds.values()), axis=0).mean(axis=1),
        "fewest": {kind: found.mean(axis=1) for kind, found in kinds.items()},
        "deciders": number.mean(axis=1),
        "holds": holds(votes[:, sample].T, scene.units[:, sample].T, quota),
    }
