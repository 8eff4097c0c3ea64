"""Quick and careful reading of answers agree, and so do CSV, Parquet and Arrow, on sound and on wrong tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyarrow", reason="the extra `data` is not installed; `make test` installs it")

from tests.hostile.strategies import (
    JURORS,
    PROJECTS,
    arrow_bytes,
    comparison_tables,
    csv_of,
    parquet_bytes,
    ranking_tables,
    rating_tables,
    typed,
)

from daccord.formats import _csv_text
from daccord.formats._answers import Lookup, read_answers, read_by_row
from daccord.formats._columns import COMPARISONS, RANKINGS, RATINGS, Sheet
from daccord.formats._comparisons import ComparisonReader, read_comparisons
from daccord.formats._problems import Names, Report
from daccord.formats._rankings import read_rankings
from daccord.formats._ratings import RatingReader, read_ratings
from daccord.formats._tables import open_table
from daccord.round import Criterion, RatingScale

LOOKUP = Lookup(
    Names("project", "projects.csv", PROJECTS),
    Names("judge", "judges.csv", JURORS),
    Names("criterion", "round.toml", ("benefit", "harm")),
    {"benefit": Criterion("benefit", "Which?", RatingScale(0, 10)), "harm": Criterion("harm", "Which?")},
    frozenset({2, 3}),
)
READERS = {"comparisons": read_comparisons, "ratings": read_ratings, "rankings": read_rankings}


def _shifted(text: str, by: int) -> str:
    """Row numbers in a message, moved."""
    rows = re.sub(r"(?<=row )\d+(, \d+)*", lambda found: re.sub(r"\d+", lambda n: str(int(n[0]) - by), found[0]), text)
    return re.sub(r"comparisons\.\w+|ratings\.\w+|rankings\.\w+", "the file", rows)


def outcome(sheet: Sheet, ending: str, data: bytes) -> tuple[object, ...]:
    """Everything that reading a table gives, without the names of files and the line of the header."""
    report = Report()
    name = sheet.stem + ending
    found = READERS[sheet.stem](data, LOOKUP, report.file(name))
    by = 1 if ending == ".csv" else 0
    problems = sorted(
        (problem.row and problem.row - by, problem.column or "", _shifted(problem.message, by), problem.remedy)
        for problem in report.problems
    )
    return _plain(found), problems, [_shifted(notice, by) for notice in report.notices]


def _plain(found: Mapping[str, object]) -> list[object]:
    """Arrays as bytes, so that NaN equals NaN and no bit may differ."""
    tables = []
    for criterion, part in sorted(found.items()):
        for table in part if isinstance(part, tuple) else (part,):
            for name, array in sorted(vars(table).items()):
                tables.append((criterion, name, None if array is None else (array.dtype.str, array.tobytes())))
    return tables


def one_line(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows without line breaks in cells, so that a row is a line."""
    return [tuple(cell.replace("\n", " ") for cell in row) for row in rows]


def all_ways(sheet: Sheet, rows: list[tuple[str, ...]]) -> None:
    """Read the rows in every format, with text and with types of its own."""
    rows = one_line(rows)
    expected = outcome(sheet, ".csv", csv_of(sheet, rows))
    for types in (False, True):
        for dictionary in (False, True):
            table = typed(sheet, rows, dictionary=dictionary, types=types)
            assert outcome(sheet, ".parquet", parquet_bytes(table)) == expected
            assert outcome(sheet, ".arrow", arrow_bytes(table)) == expected


@given(st.booleans().flatmap(lambda odd: comparison_tables(odd=odd, typed=True)))
def test_comparisons_are_the_same_in_every_format(rows: list[tuple[str, ...]]) -> None:
    all_ways(COMPARISONS, rows)


@given(st.booleans().flatmap(lambda odd: rating_tables(odd=odd, typed=True)))
def test_ratings_are_the_same_in_every_format(rows: list[tuple[str, ...]]) -> None:
    all_ways(RATINGS, rows)


@given(st.booleans().flatmap(lambda odd: ranking_tables(odd=odd)))
def test_rankings_are_the_same_in_every_format(rows: list[tuple[str, ...]]) -> None:
    rows = one_line(rows)
    expected = outcome(RANKINGS, ".csv", csv_of(RANKINGS, rows))
    assert outcome(RANKINGS, ".parquet", parquet_bytes(typed(RANKINGS, rows, types=False))) == expected


def both_ways(sheet: Sheet, reader: type[ComparisonReader | RatingReader], data: bytes, rows: int, block: int) -> None:
    """Read a CSV file quickly, in batches of some rows and blocks of some bytes, and carefully."""
    quick, careful = Report(), Report()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_csv_text, "BLOCK", block)
        table = open_table(sheet, data, quick.file(sheet.file))
        assert table is not None
        answers = list(read_answers(reader(LOOKUP, quick.file(sheet.file)), table, batch_rows=rows))
    table = open_table(sheet, data, careful.file(sheet.file))
    assert table is not None
    expected = read_by_row(reader(LOOKUP, careful.file(sheet.file)), table)
    assert sorted(map(len, answers), reverse=True)[:1] <= [rows]
    np.testing.assert_equal([answer for part in answers for answer in part.tolist()], expected.tolist())
    assert sorted(quick.problems, key=str) == sorted(careful.problems, key=str)
    assert quick.notices == careful.notices


BATCHES, BLOCKS = st.integers(1, 9), st.integers(20, 400)


@given(st.booleans().flatmap(lambda odd: comparison_tables(odd=odd)), BATCHES, BLOCKS)
def test_quick_and_careful_reading_of_comparisons_agree(rows: list[tuple[str, ...]], batch: int, block: int) -> None:
    both_ways(COMPARISONS, ComparisonReader, csv_of(COMPARISONS, rows), batch, block)


@given(st.booleans().flatmap(lambda odd: rating_tables(odd=odd)), BATCHES, BLOCKS)
def test_quick_and_careful_reading_of_ratings_agree(rows: list[tuple[str, ...]], batch: int, block: int) -> None:
    both_ways(RATINGS, RatingReader, csv_of(RATINGS, rows), batch, block)


@given(st.lists(st.text(st.sampled_from('ab ,"\r\n\x00é'), max_size=9), max_size=8))
def test_a_plain_block_has_the_cells_that_the_csv_module_reads(lines: list[str]) -> None:
    text = "".join(line + "\n" for line in lines)
    width = 1 + lines[0].count(",") if lines else 1
    cells = _csv_text.plain_cells(text.encode(), width) if lines else None
    if cells is None:
        return
    records = list(csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True))
    assert [cell.strip() for record in records for cell in record or [""]] == [cell.strip() for cell in cells]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        (b"a,b\nc,d\n", ["a", "b", "c", "d"]),
        (b"a,b\r\nc,\r\n", ["a", "b", "c", ""]),
        (b'"a",b\n"","d e"\n', ["a", "b", "", "d e"]),
        (b'"a,a",b\n', None),
        (b'"a""a",b\n', None),
        (b'"a\na",b\n', None),
        (b'x"a",b\n', None),
        (b"a,b\n\nc,d\n", None),
        (b"a,b,c\nd\n", None),
        (b"a\rb,c\n", None),
        (b"a,\xff\n", None),
    ],
)
def test_what_is_plain(text: bytes, cells: list[str] | None) -> None:
    assert _csv_text.plain_cells(text, 2) == cells
