"""Counting comparisons: chunks, what is refused, and that nothing is copied or coerced without need."""

from __future__ import annotations

import numpy as np
import pytest

from daccord.errors import ExternalError, InputError
from daccord.fusion.pairwise import PairCounter, PairCounts, _backend, _counts
from daccord.fusion.pairwise._counts import checked, checked_voters
from daccord.fusion.pairwise._graph import Links, linked

A, B, OUTCOME = np.array([0, 2, 1, 3, 0]), np.array([1, 0, 0, 1, 1]), np.array([1, -1, 0, 1, 1])


@pytest.mark.parametrize("filled", [0.1, 10.0])
def test_counts_of_five_comparisons(filled: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_counts, "_FILLED", filled)
    counts = PairCounts.of(A, B, OUTCOME, 5)
    assert [list(column) for column in (counts.a, counts.b)] == [[0, 0, 1], [1, 2, 3]]
    assert [list(column) for column in (counts.wins_a, counts.wins_b, counts.ties)] == [[2, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert len(counts) == 5
    assert list(counts.compared) == [4, 4, 1, 1, 0]
    assert list(counts.net) == [3, -3, -1, 1, 0]
    assert counts.tied == 1
    assert counts.opponents == 1.5


@pytest.mark.parametrize("filled", [0.0, 1.0, 10.0])
def test_chunks_add_up_to_the_whole(filled: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_counts, "_FILLED", filled)  # a table at once, after some chunks, or never
    rng = np.random.default_rng(1)
    a = rng.integers(0, 12, 500)
    b, outcome = (a + rng.integers(1, 12, 500)) % 12, rng.integers(-1, 2, 500)
    whole = PairCounts.of(a, b, outcome, 12)
    counter = PairCounter(12)
    assert len(counter.counts()) == 0
    for start, stop in ((0, 7), (7, 7), (7, 300), (300, 310), (310, 500)):
        counter.add(a[start:stop], b[start:stop], outcome[start:stop])
        assert len(counter.counts()) == stop  # asking in between changes nothing
    for name in ("a", "b", "wins_a", "wins_b", "ties"):
        assert np.array_equal(getattr(counter.counts(), name), getattr(whole, name))


def test_without_outcome_the_first_won() -> None:
    counts = PairCounts.of(np.array([1, 0]), np.array([0, 1]), None, 2)
    assert (counts.wins_a[0], counts.wins_b[0], counts.ties[0]) == (1, 1, 0)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint32, ">i4"])
def test_all_integers_count_alike(dtype: object) -> None:
    counts = PairCounts.of(A.astype(dtype), B.astype(dtype), np.array([1, -1, 0, 1, 1], dtype=np.int8), 5)
    assert list(counts.net) == [3, -3, -1, 1, 0]


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_common_integers_are_not_copied(dtype: type) -> None:
    a, b, outcome = A.astype(dtype), B.astype(dtype), OUTCOME.astype(np.int8)
    for given, used in zip((a, b, outcome), checked(a, b, outcome, 5), strict=True):
        assert np.shares_memory(given, used)
        assert given.dtype == used.dtype


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a": [0, 1, 5]}, "comparison 2, counted from 0: a = 5 is no project → positions go from 0 to 4"),
        ({"a": [0, -1, 2]}, "comparison 1, counted from 0: a = -1 is no project"),
        ({"b": [1, 2, 9]}, "column b: comparison 2, counted from 0: b = 9 is no project"),
        ({"b": [1, 1, 3]}, "comparison 1, counted from 0: project 1 is compared with itself"),
        ({"outcome": [1, 0, 2]}, "column outcome: comparison 2, counted from 0: outcome = 2 → +1 if the first won"),
        ({"a": [0.0, 1.0, 2.0]}, "column a: a holds float64 and not integers → give positions"),
        ({"outcome": [1.0, 0.0, np.nan]}, "outcome holds float64 and not integers"),
        ({"outcome": [True, False, True]}, "outcome holds bool and not integers"),
        ({"a": ["0", "1", "2"]}, "a holds <U1 and not integers"),
        ({"b": [1, 2]}, "b has shape (2,) → give an array of (3,)"),
        ({"outcome": [[1, 0, 1]]}, "outcome has shape (1, 3) → give an array of (3,)"),
        ({"a": 3}, "a has shape () → give an array of (n,)"),
    ],
)
@pytest.mark.parametrize("compiled", [False, None])
def test_what_is_no_comparison_is_named(change: dict[str, object], message: str, compiled: bool | None) -> None:
    columns: dict[str, object] = {"a": [0, 1, 2], "b": [1, 2, 3], "outcome": [1, 0, -1], **change}
    counter = PairCounter(5, compiled=compiled)
    with pytest.raises(InputError) as caught:
        counter.add(*(np.array(values) for values in columns.values()))
    assert message in caught.value.diagnostics()
    assert len(counter.counts()) == 0


def test_voters_are_numbered_from_zero() -> None:
    assert list(checked_voters(np.array([3, 0]), 2)) == [3, 0]
    for wrong in (-4, 2**31):
        with pytest.raises(InputError, match=rf"comparison 1, counted from 0: voter = {wrong} is no number from 0 on"):
            checked_voters(np.array([0, wrong]), 2)
    with pytest.raises(InputError, match="voter has shape"):
        checked_voters(np.array([0]), 2)
    with pytest.raises(InputError, match="voter holds float64"):
        checked_voters(np.array([0.0, 1.0]), 2)


@pytest.mark.parametrize("size", [-1, 2.0, True, 2**31, None])
def test_a_number_of_projects_is_a_whole_number(size: object) -> None:
    with pytest.raises(InputError, match="the number of projects is"):
        PairCounter(size)


def test_without_numba_plain_code_runs_and_compiled_code_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "daccord.fusion.pairwise._compiled", None)
    monkeypatch.delattr("daccord.fusion.pairwise._compiled", raising=False)
    assert _backend.kernels(10**9) is _backend._plain
    with pytest.raises(ExternalError, match=r"numba → pip install 'daccord\[fast\]'"):
        _backend.kernels(0, compiled=True)


@pytest.mark.parametrize(
    ("games", "size", "expected"),
    [
        ("", 0, Links(0, 0, 0)),
        ("", 1, Links(1, 1, 1)),
        ("", 3, Links(3, 3, 3)),
        ("0>1", 2, Links(2, 1, 0)),
        ("0=1", 2, Links(1, 1, 0)),
        ("0>1 1>2 2>0", 3, Links(1, 1, 0)),
        ("0>1 1>0 2>3 3>2", 4, Links(2, 2, 0)),
        ("0>1 1>0 1>2 2>3 3>2", 4, Links(2, 1, 0)),
        ("2>1 1>0 0>2 0>3", 5, Links(3, 2, 1)),
    ],
)
def test_links(games: str, size: int, expected: Links) -> None:
    rows = [(int(game[0]), int(game[2]), 1 if game[1] == ">" else 0) for game in games.split()]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    assert linked(PairCounts.of(table[:, 0], table[:, 1], table[:, 2], size)) == expected
