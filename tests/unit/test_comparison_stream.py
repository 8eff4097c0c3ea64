"""Comparisons in batches are those that `load_round` reads, whatever the sizes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyarrow", reason="the extra `data` is not installed; `make test` installs it")

from tests.hostile.round_cases import build, edited
from tests.hostile.strategies import arrow_bytes, csv_of, parquet_bytes, typed

from daccord.errors import InputError
from daccord.formats import iter_comparisons, load_round, open_comparisons
from daccord.formats._columns import COMPARISONS
from daccord.judging import Comparisons

WRITE: dict[str, Callable[[list[tuple[str, ...]]], bytes]] = {
    ".csv": lambda rows: csv_of(COMPARISONS, rows),
    ".parquet": lambda rows: parquet_bytes(typed(COMPARISONS, rows)),
    ".arrow": lambda rows: arrow_bytes(typed(COMPARISONS, rows)),
}
COLUMNS = ("judge", "a", "b", "outcome", "log_ratio")


def folder(path: Path, ending: str, rows: list[tuple[str, ...]]) -> Path:
    return build(path, {"comparisons.csv": None, f"comparisons{ending}": WRITE[ending](rows)})


def joined(batches: list[Comparisons]) -> list[np.ndarray]:
    return [np.concatenate([np.empty(0), *(getattr(batch, name) for batch in batches)]) for name in COLUMNS]


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[str, ...]]:
    """Sound comparisons, some given again later, some left open, on both criteria."""
    rows = []
    for k in range(draw(st.integers(0, 40))):
        a, b = draw(st.permutations(["alpha", "beta", "gamma"]))[:2]
        winner = draw(st.sampled_from([a, b, "tie", "skip"]))
        ratio = draw(st.sampled_from(["", "2", "3.5"])) if winner in {a, b} else ""
        juror, criterion = draw(st.sampled_from(["ann", "ben", "bot"])), draw(st.sampled_from(["benefit", "harm"]))
        rows.append((juror, criterion, a, b, winner, ratio, f"2026-11-01T10:00:{k:02d}Z", ""))
    return rows


@given(tables(), st.sampled_from(list(WRITE)), st.integers(3, 50), st.integers(6, 30))
def test_batches_are_what_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], ending: str, batch: int, keys: int
) -> None:
    path = folder(tmp_path_factory.mktemp("round"), ending, rows)
    whole = load_round(path)
    stream = open_comparisons(path, batch_rows=batch, keys_at_once=keys)
    assert stream.size == len(rows)
    assert stream.round.digests == whole.digests
    assert stream.round.notices == whole.notices
    assert stream.round.portfolio == whole.portfolio
    for criterion, said in whole.judgments.items():
        batches = list(stream.batches(criterion))
        assert all(0 < len(part) <= batch for part in batches)
        for found, name in zip(joined(batches), COLUMNS, strict=True):
            np.testing.assert_array_equal(found, getattr(said.comparisons, name))


ROWS = [
    ("ann", "benefit", "alpha", "beta", "alpha", "2", "", ""),
    ("ben", "benefit", "beta", "gamma", "tie", "", "", ""),
]


@pytest.mark.parametrize("ending", WRITE)
def test_they_are_checked_before_the_first_is_given(tmp_path: Path, ending: str) -> None:
    wrong = [*ROWS, ("ann", "benefit", "alpha", "gamma", "beta", "", "", ""), *ROWS]
    with pytest.raises(InputError) as caught:
        iter_comparisons(folder(tmp_path, ending, wrong), batch_rows=1)
    assert [problem.column for problem in caught.value.problems] == ["winner"]  # and repeats when that is mended
    with pytest.raises(InputError, match="answered this pair before"):
        open_comparisons(folder(tmp_path, ending, [*ROWS, *ROWS]), batch_rows=1)


def test_the_rest_of_the_round_is_checked_too(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="simulatd"):
        open_comparisons(build(tmp_path, edited("round.toml", "simulated = true", "simulatd = true")))


def test_a_folder_without_comparisons(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no comparisons"):
        open_comparisons(build(tmp_path, {"comparisons.csv": None}))


def test_two_files_of_comparisons(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="keep one"):
        open_comparisons(build(tmp_path, {"comparisons.parquet": WRITE[".parquet"](ROWS)}))


def test_a_file_of_another_encoding(tmp_path: Path) -> None:
    text = csv_of(COMPARISONS, ROWS * 3000).decode().encode()
    path = build(tmp_path, {"comparisons.csv": text + b"ann,benefit,\xff,beta,tie,,,\n"})
    with pytest.raises(InputError) as caught:
        open_comparisons(path)
    (problem,) = caught.value.problems
    assert (problem.row, problem.message) == (6002, "the byte 0xff is not valid UTF-8")


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    path = folder(tmp_path, ".parquet", ROWS)
    list(iter_comparisons(path, batch_rows=1, tell=lambda done, size: told.append((done, size))))
    assert told == [(1, 2), (2, 2), (1, 2), (2, 2)]


def test_a_file_that_changes_in_between_is_refused(tmp_path: Path) -> None:
    stream = open_comparisons(folder(tmp_path, ".csv", ROWS))
    (tmp_path / "comparisons.csv").write_bytes(csv_of(COMPARISONS, [("zoe", *row[1:]) for row in ROWS]))
    with pytest.raises(InputError, match="zoe"):
        list(stream.batches())
