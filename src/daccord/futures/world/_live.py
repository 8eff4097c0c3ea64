"""From worlds and a schedule to outcomes: the front of the kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from daccord.errors import ExternalError, InputError
from daccord.futures.world._arrival import Arrivals, Schedule, arrivals
from daccord.futures.world._check import check_welfare
from daccord.futures.world._describe import Welfare
from daccord.futures.world._draw import Draws
from daccord.futures.world._kernel import Lived, Values
from daccord.futures.world._sweep import sweep as plain_sweep

__all__ = ["Engine", "Outcome", "live", "live_at", "values_of"]

FloatArray = npt.NDArray[np.float64]

Engine = Literal["auto", "numpy", "numba"]
"""What sweeps: numba from `_COMPILE_FROM` worlds on if it is installed, or what is named. They agree to about 1e-12."""

_COMPILE_FROM: Final = 512
"""Worlds from which on compiled code is worth the half second that importing numba takes."""


@dataclass(frozen=True)
class Outcome:
    """What worlds were worth under a schedule.

    Attributes:
        arrivals: When technologies arrived.
        lived: Worth and slopes by arrival time.
    """

    arrivals: Arrivals
    lived: Lived

    @property
    def welfare(self) -> FloatArray:
        """W: years of life now, per person, by world."""
        return self.lived.welfare

    @property
    def benefit(self) -> FloatArray:
        """What W would be without any hazard, by world."""
        return self.lived.benefit

    @property
    def catastrophe(self) -> FloatArray:
        """Probability of a catastrophe before the horizon, by world."""
        return np.asarray(-np.expm1(-self.lived.hazard_sum))

    @property
    def survival(self) -> FloatArray:
        """1 less that."""
        return np.asarray(np.exp(-self.lived.hazard_sum))

    @property
    def slope(self) -> FloatArray:
        """dW/dT_k: what one year later is worth, by world and technology. Needs the gradient."""
        return self.lived.benefit_slope + self.lived.risk_slope

    @property
    def catastrophe_slope(self) -> FloatArray:
        """dP(catastrophe)/dT_k, by world and technology. Needs the gradient."""
        return self.survival[:, None] * self.lived.hazard_slope

    @property
    def money(self) -> FloatArray:
        """dW/dx: worth of one more unit of money a year; by world, period and technology. Needs the gradient."""
        return self.arrivals.to_money(self.slope)

    @property
    def slowing(self) -> FloatArray:
        """dW/ds: worth of slowing; by world, period and technology. Needs the gradient."""
        return self.arrivals.to_slowing(self.slope)


def live(
    draws: Draws,
    schedule: Schedule,
    welfare: Welfare | Values | None = None,
    *,
    gradient: bool = True,
    engine: Engine = "auto",
) -> Outcome:
    """Live through worlds under a schedule.

    Args:
        draws: The worlds.
        schedule: What is spent and slowed when.
        welfare: How lives are valued: the same for all worlds, or by world; None takes the description's.
        gradient: Whether slopes are wanted; without them it takes less time.
        engine: What sweeps.

    Returns:
        Finite numbers by world.

    Raises:
        InputError: The schedule or the values do not fit, or welfare is infinite under them.
        ExternalError: numba was named and is not installed.
    """
    came = arrivals(draws, schedule)
    return Outcome(came, live_at(draws, came.time, welfare, gradient=gradient, engine=engine))


def live_at(
    draws: Draws,
    time: FloatArray,
    welfare: Welfare | Values | None = None,
    *,
    gradient: bool = True,
    engine: Engine = "auto",
) -> Lived:
    """Live through worlds in which arrival times are given: "what if this came first".

    Args:
        draws: The worlds; their own times are not looked at.
        time: Years until arrival, infinite if never; shape (n, K).
        welfare: As for `live`, and so on.
        gradient: As for `live`.
        engine: As for `live`.

    Raises:
        InputError: The values do not fit, or welfare is infinite under them.
        ExternalError: numba was named and is not installed.
    """
    values = welfare if isinstance(welfare, Values) else values_of(welfare or draws.world.welfare, draws.size)
    with np.errstate(over="ignore", invalid="ignore"):
        lived = _sweep(engine, draws.size)(draws, time, values, gradient=gradient)
    if not np.isfinite(lived.welfare).all():
        raise InputError.single(
            "world",
            "welfare is not finite: people or consumption grow too fast for the discounting",
            column="welfare",
            remedy="raise rho or gamma, or shorten the horizon",
        )
    return lived


def _sweep(engine: Engine, size: int) -> Callable[..., Lived]:
    if engine == "numpy" or (engine == "auto" and (size < _COMPILE_FROM or find_spec("numba") is None)):
        return plain_sweep
    try:
        from daccord.futures.world._compiled import sweep  # noqa: PLC0415 - importing numba takes half a second
    except ImportError:
        raise ExternalError("engine numba: numba is not installed; install daccord[fast] or use numpy") from None
    return sweep


def values_of(welfare: Welfare, size: int) -> Values:
    """The same values for every one of `size` worlds.

    Raises:
        InputError: A value is outside its domain.
    """
    check_welfare(welfare)
    rate = welfare.rho - (0.0 if welfare.person_affecting else welfare.births)
    every = (welfare.gamma, welfare.life, rate, welfare.growth, welfare.mortality, welfare.future)
    return Values(*(np.full(size, float(value)) for value in every))
