"""Numbers with their standard errors, and differences between runs.

In the same worlds (same seed, same number) differences are paired: what is uncertain about the worlds cancels. The tail
mean has the influence function

    ψ_i = q + (x_i − q)⁺ / (1 − α) − tail        q the α quantile of x

and its standard error is that of the mean of ψ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.futures.planner import ALPHA, tail_mean

__all__ = ["Estimate", "difference", "mean", "per_cent", "plain", "spread", "tail", "told"]

FloatArray = npt.NDArray[np.float64]

_THIN = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Estimate:
    """A mean over worlds.

    Attributes:
        value: The estimate.
        error: Its standard error over worlds.
        parts: By world, with this mean; what pairs are made of.
    """

    value: float
    error: float
    parts: FloatArray


def mean(values: FloatArray) -> Estimate:
    """Mean over worlds; `values` of shape (n,)."""
    count = len(values)
    error = float(values.std(ddof=1) / math.sqrt(count)) if count > 1 else 0.0
    return Estimate(float(values.mean()), error, values)


def tail(values: FloatArray) -> Estimate:
    """Mean of the worst 5 %, as `tail_mean` counts them; `values` of shape (n,)."""
    found, worst = tail_mean(values)
    line = float(values[worst].min())
    parts = line + np.maximum(values - line, 0.0) / (1 - ALPHA)
    parts = parts - parts.mean() + found
    return Estimate(found, mean(parts).error, parts)


def difference(new: Estimate, old: Estimate, *, paired: bool) -> Estimate:
    """New less old.

    Args:
        new: One run's.
        old: Another's.
        paired: Whether both lived through the same worlds.
    """
    if paired:
        return mean(new.parts - old.parts)
    return Estimate(new.value - old.value, math.hypot(new.error, old.error), np.zeros(0))


def plain(value: float, digits: int = 3, *, sign: bool = False, most: int = 9) -> str:
    """A number with some significant digits, at most so many decimals, and the true minus sign."""
    if math.isinf(value):
        return "never" if value > 0 else f"{_MINUS}∞"
    if not value or abs(value) < 1e-12:
        return "0"
    places = min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), most)
    return _signed(f"{value:{'+' if sign else ''},.{places}f}")


def told(found: Estimate, *, sign: bool = False, factor: float = 1.0, unit: str = "", most: int = 9) -> str:
    """An estimate with its standard error, both to the error's second digit and at most so many decimals."""
    value, error = found.value * factor, found.error * factor
    if error < 1e-12:
        return plain(value, sign=sign) + unit
    places = min(max(1 - math.floor(math.log10(error)), 0), most)
    text = _signed(f"{value:{'+' if sign else ''},.{places}f}")
    return f"{text}{_THIN}±{_THIN}{error:,.{places}f}{unit}"


def per_cent(value: float, digits: int = 2) -> str:
    """A share in per cent."""
    return plain(100 * value, max(digits, 2 if abs(value) < 0.1 else 3)) + f"{_THIN}%"


def spread(values: FloatArray) -> tuple[float, float]:
    """5 % and 95 % quantiles; infinite where things never come."""
    low, high = np.quantile(values, [0.05, 0.95], method="inverted_cdf")
    return float(low), float(high)


def _signed(text: str) -> str:
    found = text.replace("-", _MINUS)
    return found.lstrip(f"+{_MINUS}") if not found.strip(f"+{_MINUS}0.,") else found
