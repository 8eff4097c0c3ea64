"""Which code does the heavy passes: numpy and scipy, or the same compiled by numba.

`_plain` is the reference that can be read; `_compiled` does the same in one pass and on two threads, and needs the
extra `daccord[fast]`. Importing numba takes half a second, so it is left alone until there is work enough to pay for
it. Both modules have the functions of `Kernels`, and tests hold them to the same results.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from daccord.errors import ExternalError
from daccord.fusion.pairwise import _plain

__all__ = ["COMPILE_FROM", "Kernels", "kernels"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]
CountArray = npt.NDArray[np.int64]

COMPILE_FROM: Final = 1_000_000
"""Comparisons, or pairs, from which on compiled code repays the import of numba in a single fit."""


class Kernels(Protocol):
    """The passes over comparisons and pairs; see `_plain` for what each of them does."""

    def first_bad(self, a: IntArray, b: IntArray, outcome: IntArray, size: int) -> int:
        """Position of the first comparison that is none; −1 if all are fine."""

    def count_dense(self, a: IntArray, b: IntArray, outcome: IntArray, wins: CountArray, ties: CountArray) -> None:
        """Add comparisons to square tables of wins and ties."""

    def pairs_of(self, wins: CountArray, ties: CountArray) -> tuple[IntArray, ...]:
        """The pairs of square tables, as columns."""

    def count_sparse(self, a: IntArray, b: IntArray, outcome: IntArray, size: int) -> tuple[IntArray, ...]:
        """Wins and ties of the pairs that were compared, as columns."""

    def curve(
        self, a: IntArray, b: IntArray, total: FloatArray, theta: FloatArray, tie: float
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, float, float]:
        """First and second derivatives of the log likelihood."""

    def neighbours(self, a: IntArray, b: IntArray, weight: FloatArray, size: int) -> Callable[[FloatArray], FloatArray]:
        """The weight matrix of the graph as a function on columns."""

    def edge_noise(self, a: IntArray, b: IntArray, scale: FloatArray, seed: int, columns: int, size: int) -> FloatArray:
        """A random sign for every pair, summed up at its projects."""

    def deal_pulls(
        self,
        a: IntArray,
        b: IntArray,
        outcome: IntArray,
        voter: IntArray,
        theta: FloatArray,
        tie: float,
        table: FloatArray,
        seed: int | None,
    ) -> None:
        """Add voters' gradients to buckets."""

    def deal_voters(
        self,
        a: IntArray,
        b: IntArray,
        outcome: IntArray,
        voter: IntArray,
        theta: FloatArray,
        tie: float,
        table: FloatArray,
        seed: int,
    ) -> tuple[FloatArray, int]:
        """The same for all comparisons at once; sums of squares of the voters' gradients, and how many voters."""


def kernels(work: int, *, compiled: bool | None = None) -> Kernels:
    """The code to use for a number of comparisons or pairs.

    Args:
        work: How many there are.
        compiled: True or False to insist; None to decide by `work`, and to do without numba where it is missing.

    Raises:
        ExternalError: Compiled code was insisted on and numba is not installed.
    """
    if compiled is False or (compiled is None and work < COMPILE_FROM):
        return _plain
    try:
        from daccord.fusion.pairwise import _compiled  # noqa: PLC0415 - imports numba
    except ImportError as missing:
        if compiled:
            raise ExternalError("compiled code needs numba → pip install 'daccord[fast]'") from missing
        return _plain
    return _compiled
