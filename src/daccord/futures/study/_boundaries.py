"""Boundaries: for two constitutions, where one has more welfare than the other, and whether that can be said at all.

Half of the scenarios find limits, the other half tests them; what a sentence says was counted on the half that took no
part. Halves go by the scenario's place in its class, dealt by the study's seed, because the jth scenarios of all
classes share their worlds.

*Factors.* Those of the conditions, the world and the values, and the two constitutions' own. Another constitution's
parameters cannot matter, so they are not asked.

*Direction.* Boxes are looked for where the one and where the other has more welfare, and the better box stands (of
equals, the rarer case). Equal welfare counts as neither.

*Claim.* A box, or a leaf of the tree, is claimed if on fresh scenarios the share inside is above the share outside by
at least `APART`, and chance alone would give as many inside at most `CHANCE` of the time: Fisher's exact test,
one-sided. Otherwise the sentence says that no boundary was found. Each of many pairs has its own chance to be wrong.

A second box is looked for among the scenarios outside the first.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.study._boxes import Edges, find, inside, settle
from daccord.futures.study._comparison import Boundary, Box, Limit
from daccord.futures.study._factors import factors_of
from daccord.futures.study._tables import Cases, gained
from daccord.futures.study._tree import Leaf, grow, in_leaf, smallest
from daccord.futures.world import uniforms

__all__ = ["APART", "CHANCE", "FEWEST", "boundaries", "chance", "claimed"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

FEWEST: Final = 40
"""Scenarios below which no boundary is looked for."""
CHANCE: Final = 0.01
APART: Final = 0.1
_BOXES: Final = 2
_MOSTLY: Final = 2 / 3  # share inside from which a sentence says when, and not just when more often
_SAMPLES: Final = 20
_CLOSE: Final = 1e-9
_DEALT: Final = 8  # places in a class from which on halves go by place


def boundaries(cases: Cases) -> tuple[Boundary, ...]:
    """Boundaries of all pairs of which each is better somewhere, the most balanced first."""
    half = _finding(cases)
    count = int(half.sum())
    again = uniforms(cases.study.seed, _SAMPLES * count)("study:again").reshape(_SAMPLES, count)
    found = []
    for a, b in combinations(range(len(cases.names)), 2):
        apart = gained(cases.welfare[:, a], cases.welfare[:, b])
        if (apart > 0).any() and (apart < 0).any():
            found.append(_boundary(cases, (a, b), apart, half, again))
    return tuple(sorted(found, key=lambda item: (abs(item.share - 0.5), item.better, item.than)))


def _finding(cases: Cases) -> BoolArray:
    """Which scenarios find limits; the others test them."""
    each = cases.study.scenarios
    by_place = each >= _DEALT
    index = np.array([piece.scenario.index for piece in cases.pieces])
    count = each if by_place else each * len(cases.study.classes)
    order = np.argsort(np.argsort(uniforms(cases.study.seed, count)("study:halves"), kind="stable"))
    return np.asarray(order[index % count] < count / 2)


def chance(good: int, within: int, wanted: int, count: int) -> float:
    """Probability that `good` or more of `within` cases are of interest by chance, if `wanted` of `count` are."""
    ways = sum(comb(wanted, k) * comb(count - wanted, within - k) for k in range(good, min(within, wanted) + 1))
    return ways / comb(count, within)


def claimed(wanted: BoolArray, within: BoolArray) -> bool:
    """Whether cases of interest are clearly more frequent inside than outside."""
    if not within.any() or within.all():
        return False
    apart = wanted[within].mean() - wanted[~within].mean()
    odds = chance(int(wanted[within].sum()), int(within.sum()), int(wanted.sum()), len(wanted))
    return bool(apart >= APART) and odds <= CHANCE


def _boundary(
    cases: Cases, pair: tuple[int, int], apart: FloatArray, half: BoolArray, again: FloatArray
) -> Boundary:  # fmt: skip
    rarer = (apart > 0).sum() <= (apart < 0).sum()
    a, b = pair if rarer else pair[::-1]
    wanted = apart > 0 if rarer else apart < 0
    if len(apart) < FEWEST:
        told = f"{cases.names[a]} has more welfare than {cases.names[b]} in {wanted.sum()} of {len(apart)} scenarios"
        return _plain(cases, (a, b), wanted, f"{told}; boundaries need {FEWEST} scenarios or more")
    use = _asked(cases, (a, b))
    values = cases.values[:, use]
    factors = [cases.factors[f] for f in use]
    other = apart < 0 if rarer else apart > 0
    if _worth(values[half], other[half]) > _worth(values[half], wanted[half]) + _CLOSE:
        a, b, wanted = b, a, other
    boxes = _boxes(values, wanted, half, again, factors)
    leaves = _leaves(values, wanted, half)
    rules = tuple(_rule(leaf, values, wanted, half, factors) for leaf in leaves)
    better, than = cases.names[a], cases.names[b]
    if boxes:
        within, words = _within(boxes[0], factors, values), _words(boxes[0].limits)
    elif leaves:
        within, words = in_leaf(values, leaves[0]), _asked_words(leaves[0], factors)
    else:
        told = f"no boundary found between {better} and {than}: {better} has more welfare in {wanted.sum()}"
        return _plain(
            cases, (a, b), wanted, f"{told} of {len(wanted)} scenarios, and no limits on what varied say where"
        )
    fresh = ~half
    often = "" if wanted[fresh & within].mean() >= _MOSTLY else "more often "
    sentence = (
        f"{better} beats {than} {often}when {words}: in {_share(wanted[fresh & within])} scenarios inside and "
        f"{_share(wanted[fresh & ~within])} outside"
    )
    return Boundary(better, than, float(wanted.mean()), boxes, rules, sentence)


def _worth(values: FloatArray, wanted: BoolArray) -> float:
    found = find(values, wanted)
    return 0.0 if found is None else found.worth


def _plain(cases: Cases, pair: tuple[int, int], wanted: BoolArray, sentence: str) -> Boundary:
    return Boundary(cases.names[pair[0]], cases.names[pair[1]], float(wanted.mean()), (), (), sentence)


def _asked(cases: Cases, pair: tuple[int, int]) -> IntArray:
    """Positions of the factors that differ between scenarios and can matter to a pair."""
    known = factors_of(cases.study)
    owners = {"", "world", "values", *(cases.names[c] for c in pair)}
    varied = np.ptp(cases.values, axis=0) > 0 if cases.values.shape[1] else np.zeros(0, np.bool_)
    return np.flatnonzero([bool(v) and known[f].owner in owners for f, v in zip(cases.factors, varied, strict=True)])


def _boxes(
    values: FloatArray, wanted: BoolArray, half: BoolArray, again: FloatArray, factors: list[str]
) -> tuple[Box, ...]:
    """Boxes that hold on fresh scenarios, each looked for outside those before."""
    found: list[Box] = []
    left = np.ones(len(wanted), np.bool_)
    while len(found) < _BOXES:
        among = left & half
        count = int(among.sum())
        settled = settle(values[among], wanted[among], (again[:, :count] * count).astype(np.intp))
        if settled is None:
            break
        edges, doubt = settled
        within = inside(values, edges)
        if not claimed(wanted[left & ~half], within[left & ~half]):
            break
        found.append(_box(edges, wanted, within, half, factors, doubt))
        left &= ~within
    return tuple(found)


def _box(
    edges: Edges, wanted: BoolArray, within: BoolArray, half: BoolArray, factors: list[str], doubt: FloatArray
) -> Box:
    limits = tuple(
        Limit(factors[f], float(edges.low[f]), float(edges.high[f]), float(doubt[f]))
        for f in np.flatnonzero(edges.limited)
    )
    fresh = wanted[within & ~half]
    return Box(
        limits,
        float(within[wanted].mean()),
        float(wanted[within].mean()),
        float(within.mean()),
        float(fresh.mean()) if len(fresh) else None,
    )


def _within(box: Box, factors: list[str], values: FloatArray) -> BoolArray:
    held = np.ones(len(values), np.bool_)
    for limit in box.limits:
        column = values[:, factors.index(limit.factor)]
        held &= (column >= limit.low) & (column <= limit.high)
    return held


def _leaves(values: FloatArray, wanted: BoolArray, half: BoolArray) -> tuple[Leaf, ...]:
    """Leaves of the tree, best first; none if the best is not clearly better on fresh scenarios."""
    grown = grow(values[half], wanted[half], smallest(int(half.sum())))
    if len(grown) == 1:
        return ()
    shares = [float(wanted[half & in_leaf(values, leaf)].mean()) for leaf in grown]
    leaves = [grown[k] for k in sorted(range(len(grown)), key=lambda k: -shares[k])]
    fresh = ~half
    return tuple(leaves) if claimed(wanted[fresh], in_leaf(values[fresh], leaves[0])) else ()


def _rule(leaf: Leaf, values: FloatArray, wanted: BoolArray, half: BoolArray, factors: list[str]) -> str:
    counted = wanted[in_leaf(values, leaf) & ~half]
    return f"{_asked_words(leaf, factors)}: better in {_share(counted)} scenarios"


def _share(wanted: BoolArray) -> str:
    if not len(wanted):
        return "none of 0"
    return f"{wanted.mean():.0%}".replace("%", " %") + f" of {len(wanted)}"


def _asked_words(leaf: Leaf, factors: list[str]) -> str:
    return " and ".join(f"{factors[a.factor]} {'>' if a.over else '≤'} {_number(a.at)}" for a in leaf)


def _words(limits: tuple[Limit, ...]) -> str:
    return " and ".join(_limit(limit) for limit in limits)


def _limit(limit: Limit) -> str:
    low, high = np.isfinite(limit.low), np.isfinite(limit.high)
    if low and high:
        same = limit.low == limit.high
        return (
            f"{limit.factor} = {_number(limit.low)}"
            if same
            else f"{_number(limit.low)} ≤ {limit.factor} ≤ {_number(limit.high)}"
        )
    return f"{limit.factor} ≥ {_number(limit.low)}" if low else f"{limit.factor} ≤ {_number(limit.high)}"


def _number(value: float) -> str:
    """As few digits as give the number back."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
