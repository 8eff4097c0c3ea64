"""What must hold for all comparisons: finite results, no influence of order, sides, names or chunks, and fair books."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import InputError
from daccord.fusion.pairwise import PairCounts, bradley_terry, bradley_terry_chunks


@st.composite
def comparisons(draw: st.DrawFn, most: int = 30) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Number of projects, and a few comparisons: often unlinked, one-sided, tied or contradictory."""
    size = draw(st.integers(2, 7))
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, size - 1), st.integers(1, size - 1), st.sampled_from([-1, 0, 1]), st.integers(0, 5)
            ),
            max_size=most,
        )
    )
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return size, table[:, 0], (table[:, 0] + table[:, 1]) % size, table[:, 2], table[:, 3]


@given(comparisons(), st.sampled_from(["davidson", "half"]), st.sampled_from([None, 0.3, 4.0]), st.booleans())
def test_results_are_always_finite_and_balanced(data, ties: str, prior_sd: float | None, with_voters: bool) -> None:
    size, a, b, outcome, voter = data
    found = bradley_terry(a, b, outcome, size, voter if with_voters else None, ties=ties, prior_sd=prior_sd)
    for values in (found.scores, found.standard_errors, found.model_errors):
        assert np.isfinite(values).all()
    assert np.all(found.standard_errors >= 0)
    assert np.isfinite(found.tie_parameter)
    assert found.tie_parameter >= 0
    assert abs(found.scores.sum()) < 1e-7
    # Expected and actual wins minus losses agree, but for what the prior pulls.
    win, lose, even = found.chances(a, b)
    off = (outcome - (win - lose)) / 2
    pull = np.bincount(a, off, size) - np.bincount(b, off, size)
    precision = 0.0 if found.prior_sd is None else found.prior_sd**-2
    assert pull == pytest.approx(precision * found.scores, abs=1e-6)
    if ties == "davidson" and 0 < np.sum(outcome == 0) < len(outcome):
        assert even.sum() == pytest.approx(np.sum(outcome == 0), abs=1e-6)


@given(comparisons(), st.randoms(use_true_random=False))
def test_order_sides_and_names_do_not_matter(data, random) -> None:
    size, a, b, outcome, voter = data
    found = bradley_terry(a, b, outcome, size, voter)
    order = list(range(len(a)))
    random.shuffle(order)
    names, people = list(range(size)), list(range(6))
    random.shuffle(names)
    random.shuffle(people)
    swap = np.array([random.random() < 0.5 for _ in order], dtype=bool)
    to, who = np.array(names), np.array(people)
    one, other = to[a], to[b]
    first, second = np.where(swap, other, one), np.where(swap, one, other)
    again = bradley_terry(
        first[order], second[order], np.where(swap, -outcome, outcome)[order], size, who[voter][order]
    )
    assert again.scores[to] == pytest.approx(found.scores, abs=1e-7)
    assert again.standard_errors[to] == pytest.approx(found.standard_errors, rel=1e-6, abs=1e-9)
    assert again.model_errors[to] == pytest.approx(found.model_errors, rel=1e-6)
    assert (again.voters, again.prior_sd) == (found.voters, found.prior_sd)


@given(comparisons(), st.lists(st.integers(0, 30), max_size=4))
def test_chunks_do_not_matter(data, cuts: list[int]) -> None:
    size, a, b, outcome, voter = data
    ends = [0, *sorted(min(cut, len(a)) for cut in cuts), len(a)]
    pieces = [slice(start, stop) for start, stop in pairwise(ends)]
    parts = bradley_terry_chunks(lambda: [(a[p], b[p], outcome[p], voter[p]) for p in pieces], size)
    whole = bradley_terry(a, b, outcome, size, voter)
    assert np.array_equal(parts.scores, whole.scores)
    assert parts.standard_errors == pytest.approx(whole.standard_errors, rel=1e-9, abs=1e-12)


@given(comparisons())
def test_a_win_more_never_lowers_the_winner(data) -> None:
    size, a, b, outcome, _ = data
    before = bradley_terry(a, b, outcome, size, prior_sd=2.0, ties="half").scores
    more = bradley_terry(np.append(a, 0), np.append(b, 1), np.append(outcome, 1), size, prior_sd=2.0, ties="half")
    assert more.scores[0] - more.scores[1] > before[0] - before[1] - 1e-9
    assert more.scores[0] > before[0] - 1e-9


@given(
    st.lists(st.integers(-3, 6), min_size=1, max_size=6),
    st.lists(st.integers(-3, 6), min_size=1, max_size=6),
    st.lists(st.integers(-3, 3), min_size=1, max_size=6),
)
def test_malformed_comparisons_are_refused_or_counted_whole(a: list[int], b: list[int], outcome: list[int]) -> None:
    fine = len(a) == len(b) == len(outcome) and all(
        0 <= i < 4 and 0 <= j < 4 and i != j and y in (-1, 0, 1) for i, j, y in zip(a, b, outcome, strict=True)
    )
    if fine:
        assert len(PairCounts.of(np.array(a), np.array(b), np.array(outcome), 4)) == len(a)
        return
    with pytest.raises(InputError, match="→"):
        PairCounts.of(np.array(a), np.array(b), np.array(outcome), 4)
