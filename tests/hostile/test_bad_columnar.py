"""Defects of Parquet and Arrow files, one a test."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="the extra `data` is not installed; `make test` installs it")

import pyarrow as pa
from tests.hostile.round_cases import assert_at, build, refused, the_problem
from tests.hostile.strategies import arrow_bytes, parquet_bytes

from daccord.formats import load_round
from daccord.judging import Comparisons

ENDINGS = pytest.mark.parametrize("ending", [".parquet", ".arrow"])
BYTES = {".parquet": parquet_bytes, ".arrow": arrow_bytes}

COLUMNS: dict[str, list[Any]] = {
    "juror": ["ann", "ben"],
    "criterion": ["benefit", "benefit"],
    "a": ["alpha", "beta"],
    "b": ["beta", "gamma"],
    "winner": ["alpha", "tie"],
    "ratio": [2.0, None],
    "time": [datetime(2026, 11, 1, 10, tzinfo=UTC), None],
}


def changed(ending: str = ".parquet", **columns: Any) -> dict[str, str | bytes | None]:
    """The base round with two comparisons in another format, some of its columns replaced or (None) left out."""
    table = pa.table({name: cells for name, cells in {**COLUMNS, **columns}.items() if cells is not None})
    return {"comparisons.csv": None, f"comparisons{ending}": BYTES[ending](table)}


def compared(tmp_path: Path, changes: dict[str, str | bytes | None]) -> Comparisons:
    return load_round(build(tmp_path, changes)).judgments["benefit"].comparisons


@ENDINGS
def test_a_sound_file(tmp_path: Path, ending: str) -> None:
    found = compared(tmp_path, changed(ending))
    assert (found.judge.tolist(), found.a.tolist(), found.outcome.tolist()) == ([0, 1], [0, 1], [1, 0])
    np.testing.assert_array_equal(found.log_ratio, [np.log(2), np.nan])


@pytest.mark.parametrize(
    "ratio",
    [
        pa.array([2, None], pa.int8()),
        pa.array([2.0, None], pa.float32()),
        pa.array([Decimal("2.00"), None]),
        pa.array(["2", None], pa.large_string()),
        pa.array([" 2", ""]).dictionary_encode(),
        pa.array(["2", ""], pa.string_view()),
    ],
)
def test_numbers_of_any_type(tmp_path: Path, ratio: Any) -> None:
    np.testing.assert_array_equal(compared(tmp_path, changed(".arrow", ratio=ratio)).log_ratio, [np.log(2), np.nan])


@pytest.mark.parametrize(
    "revealed",
    [
        pa.array([date(2026, 11, 5), None]),
        pa.array([date(2026, 11, 5), None], pa.date64()),
        pa.array([1793836800, None], pa.timestamp("s")),
        pa.array([1793836800_999, None], pa.timestamp("ms", "Europe/Vienna")),
        pa.array([1793836800_999_999_999, None], pa.timestamp("ns")),
        pa.array(["2026-11-05", None]),
    ],
)
@ENDINGS
def test_times_of_any_type(tmp_path: Path, revealed: Any, ending: str) -> None:
    found = compared(tmp_path, changed(ending, revealed=revealed))
    assert found.revealed is not None
    assert found.revealed[0] == 1793836800


@ENDINGS
@pytest.mark.parametrize(
    ("column", "cells", "word"),
    [
        ("juror", [1, 2], "write it as text"),
        ("winner", pa.array([b"alpha", b"tie"]), "holds binary"),
        ("ratio", [True, None], "holds bool"),
        ("ratio", [[2.0], None], "write it as numbers or text"),
        ("time", [3, 4], "write it as timestamps, dates or text"),
    ],
)
def test_a_column_of_a_wrong_type(tmp_path: Path, ending: str, column: str, cells: Any, word: str) -> None:
    assert_at(the_problem(tmp_path, changed(ending, **{column: cells})), f"comparisons{ending}", None, column, word)


def test_columns_that_are_not_there_or_should_not_be(tmp_path: Path) -> None:
    problems = refused(tmp_path, changed(winner=None, winer=["alpha", "tie"], __index_level_0__=[0, 1]))
    assert [problem.column for problem in problems] == ["__index_level_0__", "winer", "winner"]
    assert "without the data frame's index" in problems[0].remedy
    assert "did you mean winner" in problems[1].remedy


def test_a_column_twice(tmp_path: Path) -> None:
    table = pa.table([["ann"], ["ann"]], names=["juror", "juror"])
    problems = refused(tmp_path, {"comparisons.csv": None, "comparisons.arrow": arrow_bytes(table)})
    assert any("twice" in problem.message for problem in problems)


@ENDINGS
@pytest.mark.parametrize(
    ("column", "cells", "row", "word"),
    [
        ("juror", ["ann", None], 2, "no judge is named"),
        ("juror", ["anne", "ben"], 1, "did you mean 'ann'"),
        ("b", ["alpha", "gamma"], 1, "compared with itself"),
        ("ratio", [float("nan"), None], 1, "write a finite number"),
        ("ratio", [float("inf"), None], 1, "write a finite number"),
        ("ratio", [0.5, None], 1, "name the other one"),
        ("ratio", [1e300, None], 1, "at most 1e+12"),
        ("ratio", [-2, None], 1, "below zero"),
        ("time", pa.array([2**53, None], pa.timestamp("s")), 1, "no time"),
        ("time", ["yesterday", None], 1, "ISO 8601"),
    ],
)
def test_a_wrong_cell(tmp_path: Path, ending: str, column: str, cells: Any, row: int, word: str) -> None:
    assert_at(the_problem(tmp_path, changed(ending, **{column: cells})), f"comparisons{ending}", row, column, word)


@ENDINGS
@pytest.mark.parametrize("data", [b"", b"juror,criterion\n", b"PAR1" * 3, b"ARROW1\0\0" * 2])
def test_a_file_that_is_something_else(tmp_path: Path, ending: str, data: bytes) -> None:
    changes: dict[str, str | bytes | None] = {"comparisons.csv": None, f"comparisons{ending}": data}
    assert_at(the_problem(tmp_path, changes), f"comparisons{ending}", None, None, "can be read", "comparisons.csv")


def test_a_page_that_was_damaged(tmp_path: Path) -> None:
    whole = parquet_bytes(pa.table({**COLUMNS, "ratio": [2.0, 3.0], "winner": ["alpha", "gamma"]}))
    at = whole.index(np.float64(3.0).tobytes())
    damaged = whole[:at] + np.float64(4.0).tobytes() + whole[at + 8 :]
    problem = the_problem(tmp_path, {"comparisons.csv": None, "comparisons.parquet": damaged})
    assert_at(problem, "comparisons.parquet", None, None, "cannot be read", "CRC", "write or copy it again")


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    words = pa.array([b"ann", b"b\xffn"]).view(pa.string())
    problem = the_problem(tmp_path, changed(".arrow", juror=words))
    assert_at(problem, "comparisons.arrow", None, None, "UTF8", "damaged")


def test_two_files_of_one_table(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, {**changed(), "comparisons.csv": "juror,criterion,a,b,winner\n"})
    assert_at(problem, "comparisons.parquet", None, None, "comparisons.csv and in comparisons.parquet", "keep one")


def test_a_list_in_two_files(tmp_path: Path) -> None:
    table = pa.table({"project": ["alpha", "beta", "gamma"], "weight": [0.5, 0.3, 0.2]})
    problem = the_problem(tmp_path, {"lists/bot.parquet": parquet_bytes(table)})
    assert_at(problem, "lists/bot.parquet", None, "file name", "two lists")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("comparisons.feather", "comparisons.arrow"), ("ranking.pq", "rankings.parquet"), ("ratngs.csv", "ratings.csv")],
)
def test_a_name_that_looks_like_a_table(tmp_path: Path, name: str, meant: str) -> None:
    problem = the_problem(tmp_path, {"comparisons.csv": None, "ratings.csv": None, name: b"x"})
    assert_at(problem, name, None, None, f"rename it to {meant}")


def test_other_tables_in_any_format(tmp_path: Path) -> None:
    rated = pa.table({"juror": ["ann", "ben"], "criterion": ["benefit"] * 2, "project": ["alpha"] * 2, "value": [7, 3]})
    rows = {"juror": ["ann"] * 2, "criterion": ["benefit"] * 2, "project": ["alpha", "beta"]}
    ranked = pa.table({**rows, "place": pa.array([1, None], pa.int64())})
    listed = pa.table({"project": ["alpha", "beta", "gamma"], "weight": [0.5, 0.3, 0.2]})
    changes: dict[str, str | bytes | None] = {
        "ratings.csv": None,
        "lists/bot.csv": None,
        "ratings.parquet": parquet_bytes(rated),
        "rankings.arrow": arrow_bytes(ranked),
        "lists/bot.arrow": arrow_bytes(listed),
    }
    found = load_round(build(tmp_path, changes))
    said = found.judgments["benefit"]
    assert said.ratings.value.tolist() == [7, 3]
    assert said.rankings.placed.tolist() == [1]
    assert said.lists[0].weights == {"alpha": 0.5, "beta": 0.3, "gamma": 0.2}
    assert {"ratings.parquet", "rankings.arrow", "lists/bot.arrow"} <= set(found.digests)


def test_without_pyarrow_the_error_says_what_to_install(tmp_path: Path) -> None:
    folder = build(tmp_path, changed())
    code = (
        "import sys\nsys.modules['pyarrow'] = None\n"
        f"sys.argv = ['daccord', 'check', {str(folder)!r}]\n"
        "from daccord.cli.main import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 3
    assert "comparisons.parquet needs pyarrow, which is not installed: install daccord[data]" in done.stderr


def test_what_polars_and_pandas_write_is_read(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.DataFrame({**COLUMNS}).with_columns(polars.col("juror", "a").cast(polars.Categorical))
    parquet, arrow = io.BytesIO(), io.BytesIO()
    frame.write_parquet(parquet)
    frame.write_ipc(arrow)
    for number, (ending, out) in enumerate(((".parquet", parquet), (".arrow", arrow))):
        changes: dict[str, str | bytes | None] = {"comparisons.csv": None, f"comparisons{ending}": out.getvalue()}
        assert compared(tmp_path / str(number), changes).judge.tolist() == [0, 1]
