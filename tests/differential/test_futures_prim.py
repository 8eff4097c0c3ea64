"""Boxes and trees against slow readings of their definitions, exhaustive search, and boundaries that were planted."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.futures.study._boundaries import claimed
from daccord.futures.study._boxes import find, inside, plainest
from daccord.futures.study._peeling import ALPHA, LEAST, MASS, gain, peel
from daccord.futures.study._tree import Leaf, grow, in_leaf

Rows = list[list[float]]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Interval = tuple[int, int]

SMALL = st.integers(0, 2**32 - 1)


def dealt(seed: int, n: int, kinds: str) -> FloatArray:
    """Cases with one factor a letter: r for any number, w for 0 to 4, s for yes or no."""
    rng = np.random.default_rng(seed)
    tops = {"w": 5, "s": 2}
    columns = [rng.integers(0, tops[kind], n) if kind in tops else rng.random(n) for kind in kinds]
    return np.column_stack(columns).astype(np.float64)


# --- slow readings ---------------------------------------------------------------------------------------------------


def slow_likely(good: int, count: int) -> float:
    return sum(part * math.log(part / count) for part in (good, count - good) if part)


def slow_worth(rows: Rows, wanted: list[bool], box: dict[int, tuple[float, float]]) -> float:
    """Worth of a box given as factor → lowest and highest value inside."""
    held = [all(a <= row[f] <= b for f, (a, b) in box.items()) for row in rows]
    m, p = sum(held), sum(h and w for h, w in zip(held, wanted, strict=True))
    n, total = len(rows), sum(wanted)
    if p * n <= total * m:
        return 0.0
    worth = slow_likely(p, m) + slow_likely(total - p, n - m) - slow_likely(total, n)
    for f, (a, b) in box.items():
        levels = {row[f] for row in rows}
        price = math.log(2 * len(rows[0]) * (len(levels) - 1))
        worth -= price * ((a > min(levels)) + (b < max(levels)))
    return worth


def slow_best(rows: Rows, wanted: list[bool]) -> float:
    """The largest worth of all boxes with limits on one factor or two."""
    sides = [
        [(a, b) for a, b in product(sorted({row[f] for row in rows}), repeat=2) if a <= b] for f in range(len(rows[0]))
    ]
    best = 0.0
    for f, g in combinations(range(len(sides)), 2):
        for one, two in product(sides[f], sides[g]):
            best = max(best, slow_worth(rows, wanted, {f: one, g: two}))
    return best


def slow_peel(rows: Rows, wanted: list[bool]) -> list[list[Interval]]:
    """Peeling as it is described, slice by slice."""
    factors = range(len(rows[0]))
    ends = [(0, int(max(row[f] for row in rows))) for f in factors]
    passed = [list(ends)]
    least = max(LEAST, math.ceil(MASS * len(rows)))
    cases = list(zip(rows, wanted, strict=True))
    while not all(w for _, w in cases):
        cut, density = max(1, int(ALPHA * len(cases))), sum(w for _, w in cases) / len(cases)
        best: tuple[float, int, Interval] | None = None
        for f in factors:
            ranked = sorted(row[f] for row, _ in cases)
            low, high = ends[f]
            for slice_ in ((int(ranked[cut - 1]) + 1, high), (low, int(ranked[-cut]) - 1)):
                kept = [w for row, w in cases if slice_[0] <= row[f] <= slice_[1]]
                if len(kept) < least:
                    continue
                more = sum(kept) / len(kept) - density
                score = more / (len(cases) - len(kept)) if more > 0 else more
                if best is None or score > best[0]:
                    best = (score, f, slice_)
        if best is None:
            break
        _, f, ends[f] = best
        cases = [(row, w) for row, w in cases if ends[f][0] <= row[f] <= ends[f][1]]
        passed.append(list(ends))
    return passed


def slow_tree(rows: Rows, wanted: list[bool], least: int, depth: int) -> tuple[list[list[int]], float]:
    """Cases of each leaf by trying every question, and what the tree gains less what it costs."""
    everyone = [list(range(len(rows)))]
    best: tuple[float, int, float] | None = None
    for f in range(len(rows[0])) if depth else ():
        for level in sorted({row[f] for row in rows})[:-1]:
            parts = [[w for row, w in zip(rows, wanted, strict=True) if (row[f] > level) == over] for over in (0, 1)]
            if min(map(len, parts)) < least:
                continue
            after = sum(2 * sum(part) * (len(part) - sum(part)) / len(part) for part in parts)
            if best is None or after < best[0] - 1e-9:
                best = (after, f, level)
    if best is None or best[0] >= 2 * sum(wanted) * (len(wanted) - sum(wanted)) / len(wanted) - 1e-9:
        return everyone, 0.0
    _, f, level = best
    worth = -slow_likely(sum(wanted), len(wanted)) - math.log(len(rows[0]) * (len({row[f] for row in rows}) - 1))
    leaves: list[list[int]] = []
    for over in (False, True):
        part = [k for k, row in enumerate(rows) if (row[f] > level) == over]
        here = [wanted[k] for k in part]
        worth += slow_likely(sum(here), len(here))
        below, more = slow_tree([rows[k] for k in part], here, least, depth - 1)
        worth += more
        leaves += [[part[k] for k in leaf] for leaf in below]
    return (leaves, worth) if worth > 1e-9 else (everyone, 0.0)


# --- fast against slow -----------------------------------------------------------------------------------------------


@given(SMALL, st.integers(12, 60), st.sampled_from(["r", "rw", "rws", "wws"]), st.floats(0.1, 0.9))
@settings(max_examples=40, deadline=None)
def test_peeling_is_what_it_is_described_as(seed: int, n: int, kinds: str, density: float) -> None:
    values = dealt(seed, n, kinds)
    wanted = np.random.default_rng(seed + 1).random(n) < density
    codes = np.stack([np.unique(column, return_inverse=True)[1] for column in values.T], axis=1)
    fast = [[(int(a), int(b)) for a, b in zip(low, high, strict=True)] for low, high in peel(codes, wanted)]
    slow = slow_peel(codes.tolist(), wanted.tolist())
    # of scores that differ only by rounding either may be taken; from there on they are different searches
    agree = [a == b for a, b in zip(fast, slow, strict=False)]
    first = agree.index(False) if False in agree else None
    assert first is None or _tied(codes, wanted, fast[first - 1], fast[first], slow[first])
    assert first is not None or len(fast) == len(slow)


def _tied(codes: npt.NDArray[np.intp], wanted: BoolArray, before: list[Interval], *after: list[Interval]) -> bool:
    def score(box: list[Interval]) -> float:
        held = np.all([(codes[:, f] >= a) & (codes[:, f] <= b) for f, (a, b) in enumerate(box)], axis=0)
        start = np.all([(codes[:, f] >= a) & (codes[:, f] <= b) for f, (a, b) in enumerate(before)], axis=0)
        more = wanted[held].mean() - wanted[start].mean()
        return float(more / (start.sum() - held.sum()) if more > 0 else more)

    return score(after[0]) == pytest.approx(score(after[1]), abs=1e-12)


@given(SMALL, st.integers(20, 40), st.sampled_from(["rw", "ws", "rws"]))
@settings(max_examples=25, deadline=None)
def test_what_a_box_is_worth_is_counted_from_the_printed_limits(seed: int, n: int, kinds: str) -> None:
    values = dealt(seed, n, kinds)
    rng = np.random.default_rng(seed + 1)
    wanted = rng.random(n) < np.where(values[:, 0] > np.median(values[:, 0]), 0.95, 0.1)
    found = find(values, wanted)
    if found is None:
        assert slow_best(values.tolist(), wanted.tolist()) < 4 or min(wanted.sum(), (~wanted).sum()) < LEAST
        return
    held = values[inside(values, found)]
    box = {int(f): (float(held[:, f].min()), float(held[:, f].max())) for f in np.flatnonzero(found.limited)}
    assert found.worth <= slow_worth(values.tolist(), wanted.tolist(), box) + 1e-9  # inner limits may be free
    m, p = len(held), int(wanted[inside(values, found)].sum())
    sides = np.isfinite(found.low).astype(int) + np.isfinite(found.high)
    price = [math.log(2 * len(kinds) * (len(np.unique(column)) - 1)) for column in values.T]
    own = float(gain(np.array(float(p)), np.array(float(m)), float(wanted.sum()), float(n))) - float(sides @ price)
    assert found.worth == pytest.approx(own, abs=1e-9)


@pytest.mark.parametrize(("n", "seed"), [(30, 345), (40, 255), (30, 1), (40, 2)])
def test_plain_limits_keep_out_what_the_search_kept_out(n: int, seed: int) -> None:
    """A case that two limits keep out must not slip in when both are written plainly: the first two are such."""
    values = np.random.default_rng([seed, n, 3]).random((n, 3)) ** 0.7
    wanted = (values > 0.45).all(axis=1)
    found = find(values, wanted)
    assert found is not None
    within = inside(values, found)
    sides = np.isfinite(found.low).sum() + np.isfinite(found.high).sum()
    good, count = np.array(float((within & wanted).sum())), np.array(float(within.sum()))
    own = float(gain(good, count, float(wanted.sum()), float(n))) - float(sides) * math.log(6 * (n - 1))
    assert found.worth == pytest.approx(own, abs=1e-9)


def test_search_comes_close_to_the_best_of_all_boxes() -> None:
    """Exhaustive over all boxes of one or two factors: seldom the same box, never far in all."""
    ratios = []
    for seed in range(30):
        values = dealt(seed, 60, "wwr") if seed % 2 else dealt(seed, 60, "www")
        values[:, -1] = np.floor(values[:, -1] * 8) / 8
        rng = np.random.default_rng(seed)
        core = (values[:, 0] <= 2) & (values[:, 1] >= 1 + seed % 3)
        wanted = rng.random(60) < np.where(core, 0.9, 0.1)
        best = slow_best(values.tolist(), wanted.tolist())
        found = find(values, wanted)
        ratios.append((found.worth if found else 0.0) / best)
    assert np.mean(ratios) > 0.97
    assert np.mean(np.array(ratios) > 0.999) > 0.8


@given(SMALL, st.integers(12, 50), st.sampled_from(["r", "rw", "rws"]), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_trees_ask_the_best_of_all_questions(seed: int, n: int, kinds: str, least: int) -> None:
    values = dealt(seed, n, kinds)
    rng = np.random.default_rng(seed + 1)
    wanted = rng.random(n) < np.where(values[:, -1] > np.median(values[:, -1]), 0.9, 0.2)
    leaves = grow(values, wanted, least)
    slow, _ = slow_tree(values.tolist(), wanted.tolist(), least, 2)
    assert [np.flatnonzero(in_leaf(values, leaf)).tolist() for leaf in leaves] == slow


# --- planted ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_planted_limits_come_back(noise: float) -> None:
    """250 cases, six factors, two limits: within 0.04 of where they were, nearly always alone."""
    off, extra = [], 0
    for seed in range(12):
        values = dealt(seed, 250, "rrrrrr")
        core = (values[:, 1] <= 0.4) & (values[:, 4] >= 0.3)
        wanted = core ^ (np.random.default_rng(100 + seed).random(250) < noise)
        found = find(values, wanted)
        assert found is not None
        off += [abs(found.high[1] - 0.4), abs(found.low[4] - 0.3)]
        extra += int(found.limited.sum()) - 2
    assert np.mean(off) < 0.02
    assert np.max(off) < (0.04 if noise == 0 else 0.08)
    assert extra <= 1


def test_nothing_is_found_where_nothing_is() -> None:
    """Forty tables of pure chance with ten factors: a box in a few of them, a claim in fewer."""
    boxes = claims = 0
    for seed in range(40):
        values = dealt(seed, 200, "rrrrrrrrws")
        wanted = np.random.default_rng(100 + seed).random(200) < 0.4
        half = np.arange(200) < 100
        found = find(values[half], wanted[half])
        boxes += found is not None
        claims += found is not None and claimed(wanted[~half], inside(values[~half], found))
    assert boxes <= 6
    assert claims <= 1


def test_a_small_box_among_much_chance() -> None:
    """Certain in an eighth of the cases, even odds elsewhere: worth is for the sharp box, not for a broad one."""
    values = dealt(3, 300, "rrrr")
    core = (values[:, 0] > 0.65) & (values[:, 2] < 0.36)
    wanted = core | (np.random.default_rng(4).random(300) < 0.5)
    found = find(values, wanted)
    assert found is not None
    assert found.limited.tolist() == [True, False, True, False]
    assert found.low[0] == pytest.approx(0.65, abs=0.05)
    assert found.high[2] == pytest.approx(0.36, abs=0.05)


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e6), st.booleans())
def test_a_plain_number_parts_its_neighbours(below: float, width: float, up: bool) -> None:
    above = below + width
    if below < above:
        found = plainest(below, above, up=up)
        assert (below < found <= above) if up else (below <= found < above)


def test_plain_numbers_are_plain() -> None:
    assert plainest(0.0283, 0.0341, up=False) == 0.03
    assert plainest(2.0, 3.0, up=False) == 2.0
    assert plainest(2.0, 3.0, up=True) == 3.0
    assert plainest(0.0, 1.0, up=True) == 1.0


def test_a_leaf_says_each_limit_once() -> None:
    values = dealt(5, 400, "rr")
    wanted = np.random.default_rng(6).random(400) < np.select(
        [values[:, 0] < 0.3, values[:, 0] < 0.6], [0.05, 0.5], 0.95
    )
    leaves: tuple[Leaf, ...] = grow(values, wanted, 20)
    assert len(leaves) >= 3
    for leaf in leaves:
        assert len({(asked.factor, asked.over) for asked in leaf}) == len(leaf)
    assert sum(in_leaf(values, leaf).astype(int) for leaf in leaves).tolist() == [1] * 400  # type: ignore[union-attr]
