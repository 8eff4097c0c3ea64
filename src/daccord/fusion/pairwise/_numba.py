"""What the compiled passes share: compiling, two threads, random words.

Kernels in `_compiled_counts`, `_compiled_curve` and `_compiled_voters` look odd in places for the sake of speed, each
worth a factor of two to five. They get slices, count from zero and use unsigned positions, because a position that
could be negative is checked at every access. Choices that nobody can foresee are written as arithmetic, not branches.

Work is always split in two, whatever the machine, so that sums are taken in the same order everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
from numpy import uint64 as u64

__all__ = ["compiled", "mix", "side_by_side", "sign", "too_far"]

F = TypeVar("F", bound=Callable[..., Any])

_SPLIT_FROM: Final = 20_000
"""Elements from which on a second thread gains more than it costs to start."""


def compiled(function: F) -> F:
    """The function as machine code that does not hold Python's lock; kept in a cache beside its file."""
    return cast("F", numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def side_by_side(function: Callable[[int, int], Any], middle: int, end: int, work: int | None = None) -> list[Any]:
    """What a function returns for 0 to `middle` and for `middle` to `end`, on two threads if there is much to do.

    Args:
        function: Takes start and stop.
        middle: Where to split.
        end: Where to stop.
        work: Elements behind it; `end` if None.
    """
    if (end if work is None else work) < _SPLIT_FROM:
        return [function(0, middle), function(middle, end)]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(function, (0, middle), (middle, end)))


def too_far(theta: npt.NDArray[np.float64]) -> bool:
    """Whether e^θ could leave the range of doubles: kernels work with e^(θ/2) of a project, to save exponentials."""
    return bool(np.abs(theta).max(initial=0.0) > 600.0)


@compiled
def mix(value: u64, seed: u64) -> u64:
    """As `_plain.mix`."""
    bits = value + u64(0x9E3779B97F4A7C15) * (seed + u64(1))
    bits = (bits ^ (bits >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> u64(27))) * u64(0x94D049BB133111EB)
    return bits ^ (bits >> u64(31))


@compiled
def sign(bits: u64) -> float:
    """−1 or +1 by the lowest bit."""
    return 2.0 * float(bits & u64(1)) - 1.0
