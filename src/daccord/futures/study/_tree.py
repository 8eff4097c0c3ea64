"""A shallow tree of yes-or-no questions: the same boundary said another way, as a check on boxes.

Model. A leaf with n cases, of which p are of interest, has the impurity 2 p (n − p) / n (Gini's, times n). A leaf is
split by the question "factor ≤ c?" that leaves the least impurity in its two parts, each of at least `least` cases; of
equals by the first factor, then the lowest c. The root is split, and then its two parts: at most four leaves.

*Pruning*, from the leaves up: a question costs ln(F (L_f − 1)) nats, one of F factors at one of the places between its
L_f values, and gains the log-likelihood that its two parts have over the whole (see `_peeling`). If a question and all
that hang on it gain less than they cost, they go. This stands in for CART's cross-validation, for which cases are few.

Source: L. Breiman, J. H. Friedman, R. A. Olshen & C. J. Stone, Classification and Regression Trees (1984), chapter 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.study._boxes import plainest
from daccord.futures.study._peeling import likely

__all__ = ["DEPTH", "Leaf", "Question", "grow", "impurity", "in_leaf", "price", "smallest"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

DEPTH: Final = 2
_CLOSE: Final = 1e-9


@dataclass(frozen=True)
class Question:
    """One answer on the way to a leaf.

    Attributes:
        factor: Position of the factor.
        at: c.
        over: Whether the factor is above c; else at most c.
    """

    factor: int
    at: float
    over: bool


Leaf = tuple[Question, ...]
"""Answers that lead there, none twice: a later limit of the same kind on the same factor replaces the earlier."""


def smallest(cases: int) -> int:
    """Fewest cases in a leaf: 5, or 5 % of all."""
    return max(5, -(-cases // 20))


def in_leaf(values: FloatArray, leaf: Leaf) -> BoolArray:
    """Which cases are in a leaf; `values` of shape (n, F)."""
    held = np.ones(len(values), np.bool_)
    for asked in leaf:
        held &= (values[:, asked.factor] > asked.at) == asked.over
    return held


def impurity(good: FloatArray, count: FloatArray) -> FloatArray:
    """Of leaves with `count` cases each, at least 1, of which `good` are of interest."""
    return np.asarray(2 * good * (count - good) / count)


def grow(values: FloatArray, wanted: BoolArray, least: int, depth: int = DEPTH) -> tuple[Leaf, ...]:
    """Grow a tree.

    Args:
        values: Factors of each case; shape (n, F).
        wanted: Which cases are of interest; shape (n,).
        least: Fewest cases in a leaf, at least 1.
        depth: Most questions on the way to a leaf.

    Returns:
        Leaves, "at most" before "above"; one leaf without questions if nothing separates.
    """
    return _grow(values, wanted, least, depth)[0]


def _grow(values: FloatArray, wanted: BoolArray, least: int, depth: int) -> tuple[tuple[Leaf, ...], float]:
    """Leaves, and what they gain less what they cost."""
    asked = _split(values, wanted, least) if depth else None
    if asked is None:
        return ((),), 0.0
    over = values[:, asked.factor] > asked.at
    worth = _likely(wanted[over]) + _likely(wanted[~over]) - _likely(wanted) - price(values, asked.factor)
    leaves: list[Leaf] = []
    for answer, part in ((asked, ~over), (replace(asked, over=True), over)):
        below, more = _grow(values[part], wanted[part], least, depth - 1)
        worth += more
        for leaf in below:
            known = any((later.factor, later.over) == (answer.factor, answer.over) for later in leaf)
            leaves.append(leaf if known else (answer, *leaf))
    return (tuple(leaves), worth) if worth > _CLOSE else (((),), 0.0)


def price(values: FloatArray, factor: int) -> float:
    """What a question about a factor costs, in nats, among these cases."""
    return float(np.log(values.shape[1] * max(1, len(np.unique(values[:, factor])) - 1)))


def _likely(wanted: BoolArray) -> float:
    return float(likely(np.array(float(wanted.sum())), np.array(float(len(wanted)))))


def _split(values: FloatArray, wanted: BoolArray, least: int) -> Question | None:
    """The best question, or None."""
    count, total = len(values), float(wanted.sum())
    if count < 2 * least or not values.shape[1] or total in {0.0, float(count)}:
        return None
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    good = np.cumsum(wanted[order], axis=0)[:-1].astype(np.float64)
    left = np.arange(1.0, count)[:, None]
    after = impurity(good, left) + impurity(total - good, count - left)
    may = (ordered[:-1] < ordered[1:]) & (left >= least) & (count - left >= least)
    after = np.where(may, after, np.inf)
    lowest = float(after.min())
    if not lowest < float(impurity(np.array(total), np.array(float(count)))) - _CLOSE:
        return None
    factor, place = divmod(int(np.argmax((after <= lowest + _CLOSE).T)), count - 1)
    return Question(factor, plainest(ordered[place, factor], ordered[place + 1, factor], up=False), False)
