"""When technologies arrive: money and slowing over time, prerequisites, and the derivatives.

Model. In a period p of the schedule technology k moves at the speed (today's is 1)

    v_kp = (1 + (1 − crowding_k) x_kp / c_k)^η_k · (1 − s_kp (1 − leak_k))

with x the money added per year, c the world's spending now, η the elasticity, s the slowing. It arrives, but for
prerequisites, when the work done is the work that its baseline time T⁰ stands for; after the schedule v is 1:

    ∫₀^T v_k dt = T⁰_k

With one period [0, Y] that is T = T⁰/v if T⁰ ≤ vY and T⁰ − (v − 1)Y otherwise. Then, parents before children,

    T_k = max(T_k, T_parent + delay, not_before_k)

Derivatives: ∂T/∂v_p = −(years of p before T)/v(at T), and v is smooth in x and s. All maps are Lipschitz, so these
pathwise derivatives have the right mean; where the maximum binds, they pass to the binding parent.

A schedule may differ by world: a controller looks at what has arrived by a year and writes the next period. What it
then lived through is again a schedule, so that controllers and plans are valued by the same code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
from daccord.futures.world._check import parents
from daccord.futures.world._describe import World
from daccord.futures.world._draw import Draws

__all__ = ["Arrivals", "Schedule", "arrivals", "budget_plan", "nothing"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Schedule:
    """What is spent and slowed when; open loop, or what a controller has written so far.

    Attributes:
        ends: Ends of the P periods, years from now, increasing; the first begins now. Shape (P,).
        spending: Money added per year, at least 0; shape (P, K), or (n, P, K) if it differs by world.
        slowing: Share by which speed is cut before leaks, in [0, 1]; shapes as `spending`. None for no slowing.
        not_before: Years before which a technology is held back though it is mature; shape (K,) or (n, K). None for no
            holding.
    """

    ends: FloatArray
    spending: FloatArray
    slowing: FloatArray | None = None
    not_before: FloatArray | None = None

    def __post_init__(self) -> None:
        periods = len(self.ends)
        fault = ""
        if not periods or self.ends[0] <= 0 or (np.diff(self.ends) <= 0).any() or not np.isfinite(self.ends).all():
            fault = "ends of periods must be finite, positive and increasing"
        elif self.spending.ndim not in {2, 3} or self.spending.shape[-2] != periods:
            fault = f"spending has shape {self.spending.shape} for {periods} periods"
        elif not np.isfinite(self.spending).all() or (self.spending < 0).any():
            fault = "added money must be finite and at least 0"
        elif self.slowing is not None and not ((self.slowing >= 0) & (self.slowing <= 1)).all():
            fault = "slowing must lie between 0 and 1"
        elif self.slowing is not None and self.slowing.shape[-2:] != self.spending.shape[-2:]:
            fault = f"slowing has shape {self.slowing.shape}, spending {self.spending.shape}"
        elif self.not_before is not None and np.isnan(self.not_before).any():
            fault = "a year before which a technology is held back is not a number"
        if fault:
            raise InputError.single("schedule", fault, remedy="use shape (periods, technologies)")

    def then(self, end: float, spending: FloatArray, slowing: FloatArray | None = None) -> Schedule:
        """The schedule with one more period: how a controller goes on.

        Args:
            end: End of the new period, years from now.
            spending: Money added per year in it; shape (K,) or (n, K).
            slowing: Slowing in it, the same shapes; None for none.
        """
        old = self.slowing
        if old is None and slowing is not None:
            old = np.zeros_like(self.spending)
        new = None if old is None else _append(old, np.zeros_like(spending) if slowing is None else slowing)
        return Schedule(np.append(self.ends, end), _append(self.spending, spending), new, self.not_before)


def _append(old: FloatArray, row: FloatArray) -> FloatArray:
    if row.ndim == 2 and old.ndim == 2:
        old = np.broadcast_to(old, (len(row), *old.shape))
    elif row.ndim == 1 and old.ndim == 3:
        row = np.broadcast_to(row, (len(old), row.shape[0]))
    return np.concatenate([old, row[..., None, :]], axis=-2)


def budget_plan(world: World, spending: FloatArray) -> Schedule:
    """The open-loop schedule that a funder means: so much a year for each technology, over the whole window.

    Args:
        world: The description.
        spending: Money added per year; shape (K,), or (n, K) if it differs by world.
    """
    return Schedule(np.array([world.window]), np.asarray(spending, float)[..., None, :])


def nothing(world: World) -> Schedule:
    """The schedule that adds nothing."""
    return budget_plan(world, np.zeros(len(world.technologies)))


@dataclass(frozen=True)
class Arrivals:
    """Times and what they hang on.

    Attributes:
        time: Years until arrival; infinite if never. Shape (n, K).
        own: Whose work, money and slowing decide the time, as a position; −1 if only `not_before` does. Shape (n, K).
        by_speed: ∂T/∂v_p of a technology's own time, years; shape (n, P, K).
        by_money: ∂v/∂x, per money a year; shape (n, P, K).
        by_slowing: ∂v/∂s; shape (n, P, K).
    """

    time: FloatArray
    own: IntArray
    by_speed: FloatArray
    by_money: FloatArray
    by_slowing: FloatArray

    def to_money(self, slope: FloatArray) -> FloatArray:
        """dW/dx from dW/dT.

        Args:
            slope: dW/dT of each technology's arrival; shape (n, K).

        Returns:
            Per money a year in each period; shape (n, P, K).
        """
        return np.asarray(self._own(slope)[:, None, :] * self.by_speed * self.by_money)

    def to_slowing(self, slope: FloatArray) -> FloatArray:
        """dW/ds from dW/dT; shapes as `to_money`."""
        return np.asarray(self._own(slope)[:, None, :] * self.by_speed * self.by_slowing)

    def _own(self, slope: FloatArray) -> FloatArray:
        """Slopes with respect to own times: a child whose parent decides its time hands its slope to the parent."""
        columns = np.arange(slope.shape[1])
        if (self.own == columns).all():
            return slope
        found = np.zeros_like(slope)
        rows = np.arange(len(slope))
        for k in columns:
            held = self.own[:, k] >= 0
            np.add.at(found, (rows[held], self.own[held, k]), slope[held, k])
        return found


def arrivals(draws: Draws, schedule: Schedule) -> Arrivals:
    """When technologies arrive under a schedule, and how money and slowing move that.

    Args:
        draws: The worlds.
        schedule: Periods, spending, slowing.

    Raises:
        InputError: The schedule is for another number of technologies or worlds.
    """
    world = draws.world
    shape = (draws.size, len(schedule.ends), len(world.technologies))
    try:
        spending = np.broadcast_to(schedule.spending, shape)
        slowing = None if schedule.slowing is None else np.broadcast_to(schedule.slowing, shape)
    except ValueError:
        raise InputError.single(
            "schedule",
            f"spending of shape {schedule.spending.shape} does not fit {shape} (worlds, periods, technologies)",
            remedy="give one column for each technology, in the order of the world",
        ) from None
    speed, by_money, by_slowing = _speeds(draws, spending, slowing)
    time, by_speed = _own_times(draws.time, schedule.ends, speed)
    own = np.broadcast_to(np.arange(shape[2]), time.shape).copy()
    place = {name: k for k, name in enumerate(world.ids)}
    needs = [(e, place[r.technology], place[r.target]) for e, r in enumerate(world.roles) if r.kind == "requires"]
    for k in parents(world) if needs or schedule.not_before is not None else ():
        for e, child, parent in needs:
            if child == k:
                ready = time[:, parent] + draws.delay[:, e]
                later = ready > time[:, k]
                time[later, k], own[later, k] = ready[later], own[later, parent]
        if schedule.not_before is not None:
            held = np.broadcast_to(schedule.not_before, time.shape)[:, k]
            later = held > time[:, k]
            time[later, k], own[later, k] = held[later], -1
    return Arrivals(time, own, by_speed, by_money, by_slowing)


def _speeds(
    draws: Draws, spending: FloatArray, slowing: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Speed, and its derivatives by money and by slowing; shape (n, P, K)."""
    technologies = draws.world.technologies
    per_money = np.array([(1 - technology.crowding) / technology.spending for technology in technologies])
    power = draws.elasticity[:, None, :]
    more = 1 + spending * per_money
    pushed = more**power
    slope = power * pushed / more * per_money
    if slowing is None:
        return pushed, slope, -pushed * (1 - draws.leak[:, None, :])
    takes = 1 - draws.leak[:, None, :]
    braked = 1 - slowing * takes
    return pushed * braked, slope * braked, -pushed * takes


def _own_times(baseline: FloatArray, ends: FloatArray, speed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Times without prerequisites, and their derivatives by the speeds; infinite times have derivative 0."""
    starts = np.concatenate([[0.0], ends[:-1]])
    done = np.zeros_like(baseline)  # work by the start of the period
    time = np.full_like(baseline, np.inf)
    final = np.ones_like(baseline)  # speed on arrival
    for p, (start, end) in enumerate(zip(starts, ends, strict=True)):
        v = speed[:, p]
        work = v * (end - start)
        here = np.isinf(time) & (baseline <= done + work) & (v > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            time = np.where(here, start + (baseline - done) / v, time)
        final = np.where(here, v, final)
        done += work
    waiting = np.isinf(time)
    time = np.where(waiting, ends[-1] + np.maximum(baseline - done, 0.0), time)
    spent = np.clip(np.where(np.isinf(time), 0.0, time)[:, None, :] - starts[:, None], 0.0, (ends - starts)[:, None])
    return time, -spent / final[:, None, :]
