"""Hypothesis strategies for malformed input: cells, tables, files and whole folders."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from tests.hostile.round_cases import BASE

from daccord.formats._columns import COMPARISONS, RANKINGS, RATINGS, Sheet
from daccord.formats._instants import microseconds
from daccord.formats._table import csv_bytes
from daccord.formats._values import Fault, parse_number, parse_time

__all__ = [
    "CORRUPT_CELLS",
    "JURORS",
    "PROJECTS",
    "arrow_bytes",
    "broken_folders",
    "comparison_tables",
    "csv_of",
    "parquet_bytes",
    "ranking_tables",
    "rating_tables",
    "typed",
]

Row = tuple[str, ...]

JURORS: Final = ("ann", "ben", "bot", "bot2")
PROJECTS: Final = ("alpha", "beta", "gamma", "delta", "eps")

CORRUPT_CELLS: Final = (
    "",
    "Ann",
    "nobody",
    "ALPHA",
    "nan",
    "inf",
    "-inf",
    "-1",
    "0",
    "0.5",
    "1e300",
    "1e999",
    "1,5",
    "3x",
    "tie",
    "skip",
    "Skip",
    "yesterday",
    "2026-11-01T10:00:00Z",
    "2026-02-30",
    "9999-12-31T23:59:59Z",
    "a;b",
    'quo"te',
    "two\nlines",
    "\x00",
    "\u200b",
    "٣",
    "😀",
    "1" * 400,
    "'",
)
"""Cells that are wrong somewhere, and sometimes right elsewhere."""

TIMES: Final = (
    "",
    "",
    "2026-11-01T10:00:00Z",
    "2026-11-01T10:00:00.250000Z",
    "2026-11-02T09:30:00Z",
    "1969-12-31T23:59:58Z",
)
LATER: Final = ("", "", "", "2026-11-02T09:30:00Z", "2026-12-24T00:00:00Z", "1950-01-01T00:00:00Z")
RATIOS: Final = ("", "1", "1.5", "2", "999", "1000000000000")
ODD_RATIOS: Final = ("0.5", "0", "-2", "nan", "inf", "1e+300", "1000000000001")


def mostly(usual: st.SearchStrategy[str], odd: st.SearchStrategy[str], share: int = 12) -> st.SearchStrategy[str]:
    """The usual, and about once in `share` times the odd."""
    return st.integers(0, share - 1).flatmap(lambda n: odd if n == 0 else usual)


def _some(*cells: str) -> st.SearchStrategy[str]:
    return st.sampled_from(cells)


def _table(row: st.SearchStrategy[Row]) -> st.SearchStrategy[list[Row]]:
    return st.lists(row, max_size=25)


def _cells(*columns: tuple[st.SearchStrategy[str], st.SearchStrategy[str]], odd: bool) -> st.SearchStrategy[Row]:
    return st.tuples(*(mostly(usual, strange) if odd else usual for usual, strange in columns))


ANY: Final = _some(*CORRUPT_CELLS)
CRITERIA: Final = (_some("benefit", "benefit", "harm"), ANY)


def comparison_tables(*, odd: bool, typed: bool = False) -> st.SearchStrategy[list[Row]]:
    """Rows of comparisons; with `typed`, ratios and times are such as a column of numbers or times can hold."""
    strange = _some(*ODD_RATIOS) if typed else ANY
    when = _some(*TIMES) if typed else ANY
    pair = st.lists(_some(*PROJECTS), min_size=2, max_size=2, unique=True)

    def row(two: list[str]) -> st.SearchStrategy[Row]:
        return _cells(
            (_some(*JURORS), ANY),
            CRITERIA,
            (st.just(two[0]), ANY),
            (st.just(two[1]), ANY),
            (_some(*two, *two, "tie", "skip"), ANY),
            (_some("", *RATIOS), strange),
            (_some(*TIMES), when),
            (_some(*LATER), when),
            odd=odd,
        )

    return _table(pair.flatmap(row))


def rating_tables(*, odd: bool, typed: bool = False) -> st.SearchStrategy[list[Row]]:
    """Rows of ratings; see `comparison_tables`."""
    strange = _some("11", "-1", "nan", "1e+300") if typed else ANY
    when = _some(*TIMES) if typed else ANY
    return _table(
        _cells(
            (_some(*JURORS), ANY),
            (st.just("benefit"), ANY),
            (_some(*PROJECTS), ANY),
            (_some("3", "4.5", "5"), strange if typed else _some("skip", *CORRUPT_CELLS)),
            (_some("", "3"), strange),
            (_some("", "5"), strange),
            (_some(*TIMES), when),
            (_some(*LATER), when),
            odd=odd,
        )
    )


def ranking_tables(*, odd: bool) -> st.SearchStrategy[list[Row]]:
    """Rows of rankings."""
    return _table(
        _cells(
            (_some("ann", "ben"), ANY),
            (st.just("benefit"), ANY),
            (_some("", "1"), ANY),
            (_some(*PROJECTS), ANY),
            (_some("1", "2", "3", ""), ANY),
            (_some(*TIMES), ANY),
            odd=odd,
        )
    )


def typed(sheet: Sheet, rows: list[Row], *, dictionary: bool = False, types: bool = True) -> pa.Table:
    """The rows as an Arrow table.

    Args:
        sheet: Whose rows they are.
        rows: Cells as text.
        dictionary: Whether text is kept by dictionary.
        types: Whether columns of numbers and times get a type of their own, where all of their cells allow it.
    """
    columns: dict[str, Any] = {}
    for k, column in enumerate(sheet.columns):
        cells = [row[k] for row in rows]
        read: Callable[[str], Any] = {"number": _number, "time": _instant}.get(column.kind, str)
        try:
            values = [read(cell) if cell else None for cell in cells]
        except (Fault, OverflowError):
            values, read = [cell or None for cell in cells], str
        kind = {_number: pa.float64(), _instant: pa.timestamp("us", "UTC")}.get(read, pa.string())
        if not types:
            kind, values = pa.string(), cells
        array = pa.array(values, kind)
        columns[column.name] = array.dictionary_encode() if dictionary and kind == pa.string() else array
    return pa.table(columns)


def _number(text: str) -> float:
    return float(text) if text in {"nan", "inf", "-inf"} else parse_number(text)


def _instant(text: str) -> int:
    return microseconds(parse_time(text))


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as a Parquet file."""
    out = io.BytesIO()
    pq.write_table(table, out, write_page_checksum=True, row_group_size=7)
    return out.getvalue()


def arrow_bytes(table: pa.Table) -> bytes:
    """The table as an Arrow file of several batches."""
    out = io.BytesIO()
    with pa.ipc.new_file(out, table.schema) as file:
        file.write_table(table, max_chunksize=7)
    return out.getvalue()


# --- whole folders ---------------------------------------------------------------------------------------------------

RANKED: Final = """\
juror,criterion,ranking,project,place,time
ann,benefit,,alpha,1,
ann,benefit,,beta,2,
ann,benefit,,gamma,,
"""


def folder() -> dict[str, bytes]:
    """A sound folder with every kind of table."""
    return {name: text.encode() for name, text in {**BASE, "rankings.csv": RANKED}.items()}


def _columnar(files: dict[str, bytes], sheet: Sheet, ending: str) -> None:
    """Replace a CSV table by the same in another format."""
    lines = files.pop(sheet.file).decode().splitlines()
    names = lines[0].split(",")
    rows = []
    for line in lines[1:]:
        found = dict(zip(names, line.split(","), strict=True))
        rows.append(tuple(found.get(name, "") for name in sheet.names))
    table = typed(sheet, rows)
    files[sheet.stem + ending] = (parquet_bytes if ending == ".parquet" else arrow_bytes)(table)


@st.composite
def broken_folders(draw: st.DrawFn) -> dict[str, bytes]:
    """A folder whose files are damaged in one to three places; now and then it is still sound."""
    files = folder()
    for sheet in (COMPARISONS, RATINGS, RANKINGS):
        if (ending := draw(st.sampled_from([".csv", ".csv", ".parquet", ".arrow"]))) != ".csv":
            _columnar(files, sheet, ending)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(files)))
        damage = draw(st.sampled_from(_CSV_DAMAGES if name.endswith(".csv") else _DAMAGES))
        changed = damage(draw, files[name])
        if changed is None:
            del files[name]
            if not files:
                break
        else:
            files[name] = changed
    return files


def _cut(draw: st.DrawFn, data: bytes) -> bytes:
    return data[: draw(st.integers(0, len(data)))]


def _without_a_part(draw: st.DrawFn, data: bytes) -> bytes:
    start = draw(st.integers(0, len(data)))
    return data[:start] + data[start + draw(st.integers(1, 40)) :]


def _bytes_changed(draw: st.DrawFn, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        if changed:
            changed[draw(st.integers(0, len(changed) - 1))] = draw(st.integers(0, 255))
    return bytes(changed)


def _gone(draw: st.DrawFn, data: bytes) -> None:
    return None


def _emptied(draw: st.DrawFn, data: bytes) -> bytes:
    return draw(
        st.sampled_from([b"", b"\n", b"\xef\xbb\xbf", b" \r\n", b"\x00" * 10, b"PAR1PAR1", b"ARROW1\x00\x00ARROW1"])
    )


def _recoded(draw: st.DrawFn, data: bytes) -> bytes:
    return data.decode(errors="replace").encode(
        draw(st.sampled_from(["utf-16", "utf-16-le", "utf-8-sig", "cp500"])), "replace"
    )


def _cell_changed(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.decode(errors="surrogateescape").split("\n")
    at = draw(st.integers(0, len(lines) - 1))
    cells = lines[at].split(",")
    cells[draw(st.integers(0, len(cells) - 1))] = draw(ANY)
    lines[at] = ",".join(cells)
    return "\n".join(lines).encode(errors="surrogateescape")


def _row_twice(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.split(b"\n")
    return b"\n".join([*lines, draw(st.sampled_from(lines))])


_DAMAGES: Final = (_cut, _without_a_part, _bytes_changed, _bytes_changed, _gone, _emptied)
_CSV_DAMAGES: Final = (*_DAMAGES, _recoded, _cell_changed, _cell_changed, _cell_changed, _row_twice, _row_twice)


def csv_of(sheet: Sheet, rows: list[Row]) -> bytes:
    """The rows as a CSV file with all columns."""
    full = ("x",) * len(sheet.columns)
    lines = csv_bytes(sheet, [full, *rows]).decode().splitlines(keepends=True)
    return "".join([lines[0], *lines[2:]]).encode()
