"""`PairCounts`: all that the model needs to know of comparisons, counted in one pass; `PairCounter` counts by and by.

The likelihood of Bradley and Terry's model, and of Davidson's with ties, depends on the comparisons only through who
won, lost and tied how often against whom. So comparisons are read once, and everything after works on pairs: 10⁷
comparisons of 1,000 projects are at most 499,500 pairs.

Many comparisons of few projects are counted in a square table, others as sorted columns of the pairs that occur.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
from daccord.fusion.pairwise._backend import kernels

__all__ = ["DENSE", "PairCounter", "PairCounts", "checked", "checked_voters"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.signedinteger]
CountArray = npt.NDArray[np.int64]

DENSE: Final = 3_000
"""Projects up to which square tables and dense linear algebra are used."""

_MOST_VOTERS: Final = 2**31

_FILLED: Final = 0.1
"""Comparisons a cell from which on a square table is worth its memory."""


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Who won, lost and tied how often against whom; arrays have one element a pair that was compared.

    Attributes:
        size: Number of projects, compared or not.
        a: Lower position of the pair, shape (n_pairs,).
        b: Higher position; pairs are sorted by `a`, then `b`, and none occurs twice.
        wins_a: How often the lower position won.
        wins_b: How often the higher position won.
        ties: How often neither did.
    """

    size: int
    a: IntArray
    b: IntArray
    wins_a: CountArray
    wins_b: CountArray
    ties: CountArray

    @classmethod
    def of(cls, a: IntArray, b: IntArray, outcome: IntArray | None, size: int, *, compiled: bool | None = None) -> Self:
        """Count comparisons that are all in memory; arguments as for `PairCounter.add`."""
        counter = PairCounter(size, compiled=compiled)
        counter.add(a, b, outcome)
        counts = counter.counts()
        return cls(size, counts.a, counts.b, counts.wins_a, counts.wins_b, counts.ties)

    def __len__(self) -> int:
        return int(self.total.sum())

    @cached_property
    def total(self) -> FloatArray:
        """Comparisons of each pair, shape (n_pairs,)."""
        return (self.wins_a + self.wins_b + self.ties).astype(np.float64)

    @cached_property
    def compared(self) -> FloatArray:
        """Comparisons of each project, shape (size,)."""
        both = np.bincount(self.a, self.total, self.size) + np.bincount(self.b, self.total, self.size)
        return np.asarray(both, dtype=np.float64)

    @cached_property
    def net(self) -> FloatArray:
        """Wins minus losses of each project, shape (size,)."""
        lead = (self.wins_a - self.wins_b).astype(np.float64)
        return np.asarray(np.bincount(self.a, lead, self.size) - np.bincount(self.b, lead, self.size))

    @cached_property
    def tied(self) -> int:
        """Number of ties."""
        return int(self.ties.sum())

    @cached_property
    def opponents(self) -> float:
        """Different opponents of a project, average over the projects that were compared; 0 if none was."""
        return 2.0 * len(self.a) / max(int(np.count_nonzero(self.compared)), 1)


class PairCounter:
    """Counts comparisons chunk by chunk, so that they need not all be in memory.

    Args:
        size: Number of projects.
        compiled: True or False to insist on compiled code or on plain numpy; None to decide by the size of a chunk.

    Raises:
        InputError: `size` is not a number of projects.
    """

    def __init__(self, size: int, *, compiled: bool | None = None) -> None:
        if not isinstance(size, int | np.integer) or isinstance(size, bool) or not 0 <= size < 2**31:
            raise InputError.single("comparisons", f"the number of projects is {size!r}", remedy="give a whole number")
        self.size = int(size)
        self._compiled = compiled
        self._tables: CountArray | None = None
        self._columns: list[tuple[IntArray, ...]] = []

    def add(self, a: IntArray, b: IntArray, outcome: IntArray | None = None) -> None:
        """Count some more comparisons.

        Args:
            a: Position of the first project, integers from 0 to `size` − 1, shape (n,).
            b: Position of the second, never the same as the first.
            outcome: +1 if the first won, −1 if the second did, 0 for a tie; None if the first always won.

        Raises:
            InputError: An element is none of these, or arrays do not fit; it is named and nothing was counted.
        """
        a, b, outcome = checked(a, b, outcome, self.size, compiled=self._compiled)
        work = kernels(len(a), compiled=self._compiled)
        if self._tables is None and self.size <= DENSE and len(a) >= _FILLED * self.size**2:
            self._tables = np.zeros((2, self.size, self.size), dtype=np.int64)
        if self._tables is not None:
            work.count_dense(a, b, outcome, *self._tables)
            return
        self._columns.append(work.count_sparse(a, b, outcome, self.size))
        if sum(len(later[0]) for later in self._columns[1:]) > len(self._columns[0][0]):
            self._columns = [_joined(self._columns, self.size)]  # each pair is moved a few times in all, not every time

    def counts(self) -> PairCounts:
        """What was counted so far."""
        columns = list(self._columns)
        if self._tables is not None:
            columns.append(kernels(self._tables.size, compiled=self._compiled).pairs_of(*self._tables))
        if not columns:
            nothing = np.empty(0, dtype=np.int64)
            columns.append(kernels(0, compiled=False).count_sparse(nothing, nothing, nothing, self.size))
        return PairCounts(self.size, *_joined(columns, self.size))


def _joined(columns: list[tuple[IntArray, ...]], size: int) -> tuple[IntArray, ...]:
    """Columns of several chunks as those of one."""
    if len(columns) == 1:
        return columns[0]
    a, b, *counts = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    key = a.astype(np.int64) * size + b
    order = np.argsort(key, kind="stable")  # the chunks are sorted runs, which this sort merges
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    if not len(first):
        return columns[0]
    return (a[order[first]], b[order[first]], *(np.add.reduceat(count[order], first) for count in counts))


def _integers(what: str, values: IntArray, length: int | None) -> IntArray:
    """A one-dimensional array of integers as it is; copied only where its layout or byte order asks for it."""
    array = np.asarray(values)
    if array.ndim != 1 or (length is not None and len(array) != length):
        expected = "(n,)" if length is None else f"({length},)"
        raise InputError.single("comparisons", f"{what} has shape {array.shape}", remedy=f"give an array of {expected}")
    if array.dtype.kind not in "iu" and len(array):
        raise InputError.single(
            "comparisons",
            f"{what} holds {array.dtype} and not integers",
            column=what,
            remedy="give positions and outcomes as integers; nothing is rounded or guessed",
        )
    if array.dtype.kind != "i" or not array.dtype.isnative:
        array = array.astype(np.int64)
    return np.ascontiguousarray(array)


def checked(
    a: IntArray, b: IntArray, outcome: IntArray | None, size: int, *, compiled: bool | None = None
) -> tuple[IntArray, IntArray, IntArray]:
    """Comparisons that are surely comparisons; arguments as for `PairCounter.add`.

    Raises:
        InputError: They are not; the first that is wrong is named.
    """
    a = _integers("a", a, None)
    b = _integers("b", b, len(a))
    outcome = np.ones(len(a), dtype=np.int8) if outcome is None else _integers("outcome", outcome, len(a))
    at = kernels(len(a), compiled=compiled).first_bad(a, b, outcome, size)
    if at < 0:
        return a, b, outcome
    where = f"comparison {at}, counted from 0"
    for name, value in (("a", a[at]), ("b", b[at])):
        if not 0 <= value < size:
            text = f"{where}: {name} = {value} is no project"
            remedy = f"positions go from 0 to {size - 1}"
            raise InputError.single("comparisons", text, column=name, remedy=remedy)
    if a[at] == b[at]:
        text = f"{where}: project {a[at]} is compared with itself"
        raise InputError.single("comparisons", text, remedy="leave it out")
    text = f"{where}: outcome = {outcome[at]}"
    remedy = "+1 if the first won, −1 if the second did, 0 for a tie"
    raise InputError.single("comparisons", text, column="outcome", remedy=remedy)


def checked_voters(voter: IntArray, length: int) -> IntArray:
    """Voters that are surely numbers from 0 to below 2³¹.

    Raises:
        InputError: They are not.
    """
    voter = _integers("voter", voter, length)
    if len(voter) and not (int(voter.min()) >= 0 and int(voter.max()) < _MOST_VOTERS):
        at = int(np.argmin(voter)) if int(voter.min()) < 0 else int(np.argmax(voter))
        text = f"comparison {at}, counted from 0: voter = {voter[at]} is no number from 0 on, and below 2³¹"
        remedy = "number the voters from 0, for example with numpy.unique(…, return_inverse=True)"
        raise InputError.single("comparisons", text, column="voter", remedy=remedy)
    return voter
