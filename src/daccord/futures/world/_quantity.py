"""Elicited numbers: what one evaluator believes about one quantity.

An evaluator states a 90 % interval (low, high): the 5 % and the 95 % quantile. The shape says how the rest follows from
a standard normal score z, with ζ = 1.6449 the normal's 95 % quantile:

    log          x = exp(m + s z)            m = (ln low + ln high)/2      s = (ln high − ln low)/2ζ     x > 0
    share        x = 1/(1 + exp(−m − s z))   m, s as above, of ln x/(1−x)                                0 < x < 1
    normal       x = m + s z                 m = (low + high)/2            s = (high − low)/2ζ
    uniform      x = low + (high − low) Φ(z)                               low and high are the ends
    exponential  x = −mean · ln Φ(−z)                                      waiting time; low = high = mean
    fixed        x = low = high

Everything is a function of one normal score, so that a common factor can correlate quantities (a Gaussian copula)
without touching the interval that anybody stated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_ndtr, ndtr

from daccord.errors import InputError

__all__ = ["Belief", "Quantity", "Shape", "exponential", "fixed", "interval", "share"]

FloatArray = npt.NDArray[np.float64]

Shape = Literal["log", "share", "normal", "uniform", "exponential", "fixed"]

ZETA: Final = 1.6448536269514722
"""95 % quantile of the standard normal."""


@dataclass(frozen=True)
class Quantity:
    """One evaluator's belief about one number.

    Attributes:
        low: 5 % quantile; the lower end if uniform, the mean if exponential, the number itself if fixed.
        high: 95 % quantile; the upper end if uniform, otherwise as `low`.
        shape: How the distribution follows from the two.

    Raises:
        InputError: The interval is empty, not finite, or outside the domain of its shape.
    """

    low: float
    high: float
    shape: Shape = "log"

    def __post_init__(self) -> None:
        low, high = self.low, self.high
        said = f"[{low}, {high}] as {self.shape}"
        if self.shape not in get_args(Shape):
            raise InputError.single("world", f"unknown shape {self.shape!r}", remedy=f"use one of {get_args(Shape)}")
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise InputError.single("world", f"{said} is no interval", remedy="give finite low ≤ high")
        if self.shape in {"log", "exponential"} and low <= 0:
            raise InputError.single("world", f"{said} needs positive ends", remedy="use shape normal or fixed")
        if self.shape == "share" and not 0 < low <= high < 1:
            raise InputError.single("world", f"{said} must lie inside (0, 1)", remedy="use shape fixed for 0 or 1")
        if self.shape in {"exponential", "fixed"} and low != high:
            raise InputError.single("world", f"{said} takes one number", remedy="give it as low and as high")

    def at(self, z: FloatArray) -> FloatArray:
        """The quantity at standard normal scores `z`, any shape; increasing in `z`."""
        low, high = self.low, self.high
        if low == high and self.shape != "exponential":
            return np.full(z.shape, low)
        if self.shape == "exponential":
            return np.asarray(-low * log_ndtr(-z))
        if self.shape == "uniform":
            return np.asarray(low + (high - low) * ndtr(z))
        if self.shape == "normal":
            return np.asarray((low + high) / 2 + (high - low) / (2 * ZETA) * z)
        if self.shape == "share":
            low, high = math.log(low / (1 - low)), math.log(high / (1 - high))
            return np.asarray(expit((low + high) / 2 + (high - low) / (2 * ZETA) * z))
        low, high = math.log(low), math.log(high)
        return np.asarray(np.exp((low + high) / 2 + (high - low) / (2 * ZETA) * z))

    @property
    def ends(self) -> tuple[float, float]:
        """Smallest and largest value that the quantity can take; infinite where there is no end."""
        if self.shape == "exponential" or (self.shape == "log" and self.low < self.high):
            return 0.0, math.inf
        if self.low == self.high or self.shape == "uniform":
            return self.low, self.high
        return (0.0, 1.0) if self.shape == "share" else (-math.inf, math.inf)


Belief: TypeAlias = Quantity | Mapping[str, Quantity]
"""What is known of a number: one quantity that all agree on, or evaluator → quantity, kept apart as a mixture."""


def interval(low: float, high: float) -> Quantity:
    """A positive number with the 90 % interval (low, high), log-normal."""
    return Quantity(low, high, "log")


def share(low: float, high: float) -> Quantity:
    """A probability or share with the 90 % interval (low, high), logit-normal."""
    return Quantity(low, high, "share")


def fixed(value: float) -> Quantity:
    """A number about which there is no doubt."""
    return Quantity(value, value, "fixed")


def exponential(mean: float) -> Quantity:
    """A waiting time without memory, with the given mean in years."""
    return Quantity(mean, mean, "exponential")
