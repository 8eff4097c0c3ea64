"""How fast comparisons are read from CSV and Parquet, against polars and pandas, on simulated answers.

    python benchmarks/reading.py [--rows 1000000] [--large 10000000] [--json]

Every reader runs in a process of its own and is timed without imports; the figures are compared within one run.
daccord checks every cell, tells repeated answers of a person apart, and turns ids into positions; then pairs are
counted. polars and pandas read the same columns, check nothing, and group by the two projects and the winner. *Careful*
is daccord's own reference, which reads row by row. All answers are simulated, and no person gives two answers to one
pair. A reader whose library is not installed is skipped, and the table says so.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress, run

PROJECTS, JURORS, SEED = 1000, 10_000, 20
MANIFEST = """\
format = "daccord/round/1"
name = "Benchmark (simulated)"
simulated = true
[goal]
statement = "Measure how fast comparisons are read."
set_by = "nobody: this round is simulated"
[budget]
amount = "1000"
currency = "USD"
digits = 2
[criteria.benefit]
question = "Which is worth more (simulated)?"
"""


def write_round(folder: Path, rows: int) -> None:
    """A simulated round with this many comparisons in Parquet, and in a CSV file that is set aside."""
    import numpy as np  # noqa: PLC0415 - `_common` explains
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.csv  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    folder.mkdir()
    (folder / "round.toml").write_text(MANIFEST)
    projects = [f"project-{i:04}" for i in range(PROJECTS)]
    jurors = [f"juror-{i:05}" for i in range(JURORS)]
    (folder / "projects.csv").write_text("id,title\n" + "".join(f"{one},{one}\n" for one in projects))
    (folder / "judges.csv").write_text("id,kind\n" + "".join(f"{one},person\n" for one in jurors))
    rng = np.random.Generator(np.random.Philox(SEED))
    # The k-th answer of a juror is about the k-th pair of a random order that all share, begun at a random place.
    first, second = np.triu_indices(PROJECTS, 1)
    order = rng.permutation(len(first))
    k, juror = np.divmod(np.arange(rows), JURORS)
    pair = order[(k + 7919 * juror) % len(order)]
    flip = rng.random(rows) < 0.5
    a, b = np.where(flip, second[pair], first[pair]), np.where(flip, first[pair], second[pair])
    winner = np.where(rng.random(rows) < 0.5, a, b)

    def words(codes: Any, texts: list[str]) -> Any:  # noqa: ANN401
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(texts))

    table = pa.table(
        {
            "juror": words(juror, jurors),
            "criterion": words(np.zeros(rows), ["benefit"]),
            "a": words(a, projects),
            "b": words(b, projects),
            "winner": words(winner, projects),
            "ratio": np.round(np.exp(np.abs(rng.normal(0, 1, rows))), 2),
            "time": pa.array(1_790_000_000 + np.arange(rows), pa.timestamp("s", "UTC")),
        }
    )
    pq.write_table(table, folder / "comparisons.parquet")
    text = table.set_column(6, "time", pa.compute.strftime(table["time"], format="%Y-%m-%dT%H:%M:%SZ"))
    options = pyarrow.csv.WriteOptions(quoting_style="needed", quoting_header="none")
    pyarrow.csv.write_csv(text, folder / "comparisons.csv.aside", options)


def _counted(batches: Any) -> int:  # noqa: ANN401
    """Number of different (a, b, winner), as polars and pandas count them."""
    import numpy as np  # noqa: PLC0415

    counts = np.zeros(3 * PROJECTS * PROJECTS, dtype=np.int64)
    for batch in batches:
        np.add.at(counts, ((batch.outcome + 1) * PROJECTS + batch.a) * PROJECTS + batch.b, 1)
    return int((counts > 0).sum())


def _lookup() -> Any:  # noqa: ANN401
    from daccord.formats._answers import Lookup  # noqa: PLC0415
    from daccord.formats._problems import Names  # noqa: PLC0415

    return Lookup(
        Names("project", "projects.csv", (f"project-{i:04}" for i in range(PROJECTS))),
        Names("judge", "judges.csv", (f"juror-{i:05}" for i in range(JURORS))),
        Names("criterion", "round.toml", ("benefit",)),
        {"benefit": None},
    )


def read_whole(file: Path) -> int:
    """daccord, all comparisons at once in memory."""
    from daccord.formats._comparisons import read_comparisons  # noqa: PLC0415
    from daccord.formats._problems import Report  # noqa: PLC0415

    report = Report()
    found = read_comparisons(file.read_bytes(), _lookup(), report.file(file.name.removesuffix(".aside")))
    assert not report.problems
    return _counted([found["benefit"][0]])


def read_carefully(file: Path) -> int:
    """daccord's reference, row by row."""
    from daccord.formats._answers import read_by_row  # noqa: PLC0415
    from daccord.formats._columns import COMPARISONS  # noqa: PLC0415
    from daccord.formats._comparisons import ComparisonReader, columns  # noqa: PLC0415
    from daccord.formats._problems import Report  # noqa: PLC0415
    from daccord.formats._tables import open_table  # noqa: PLC0415

    report = Report().file(file.name.removesuffix(".aside"))
    table = open_table(COMPARISONS, file.read_bytes(), report)
    assert table is not None
    return _counted([columns([read_by_row(ComparisonReader(_lookup(), report), table)])[0]])


def read_batches(file: Path) -> int:
    """daccord, the whole folder with its comparisons in batches."""
    from daccord.formats import iter_comparisons  # noqa: PLC0415

    return _counted(iter_comparisons(file.parent))


def read_polars(file: Path) -> int:
    """polars, lazily."""
    import polars as pl  # noqa: PLC0415

    scan = pl.scan_parquet(file) if file.suffix == ".parquet" else pl.scan_csv(file, try_parse_dates=True)
    found = scan.group_by("a", "b", "winner").agg(pl.len(), pl.col("ratio").sum(), pl.col("time").max()).collect()
    return len(found)


def read_pandas(file: Path) -> int:
    """pandas."""
    import pandas as pd  # noqa: PLC0415

    frame = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file, parse_dates=["time"])
    groups = frame.groupby(["a", "b", "winner"], observed=True)
    return len(groups.agg({"ratio": ["size", "sum"], "time": "max"}))


READERS: dict[str, tuple[str, Callable[[Path], int], str]] = {
    "daccord": ("daccord", read_whole, "daccord"),
    "batches": ("daccord, in batches", read_batches, "daccord"),
    "careful": ("daccord, careful", read_carefully, "daccord"),
    "polars": ("polars", read_polars, "polars"),
    "pandas": ("pandas", read_pandas, "pandas"),
}
"""Name → title, function and library."""

PLAN = (
    ("csv", ("daccord", "careful", "polars", "pandas")),
    ("parquet", ("daccord", "batches", "polars", "pandas")),
    ("large", ("daccord", "batches", "polars")),
)


def one_reading(reader: str, file: Path) -> dict[str, float]:
    """Read in this process; seconds, and the largest resident memory in MiB, libraries and mapped files included."""
    _, read, library = READERS[reader]
    __import__(library)
    if library == "daccord":
        from daccord.formats import iter_comparisons  # noqa: F401, PLC0415
        from daccord.formats._arrow import open_arrow  # noqa: F401, PLC0415
    before = resource.getrusage(resource.RUSAGE_SELF)
    begin = time.perf_counter()
    groups = read(file)
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "wall": wall,
        "cpu": cpu,
        "before": before.ru_maxrss / 1024,
        "peak": after.ru_maxrss / 1024,
        "groups": groups,
    }


def measure(folder: Path, rows: int, large: int) -> list[dict[str, Any]]:
    """All readings of the plan, each in a process of its own."""
    progress(f"writing {rows:,} and {large:,} simulated comparisons")
    for name, size in (("small", rows), ("large", large)):
        run(sys.executable, __file__, "--write", str(folder / name), str(size))  # its memory is not its children's
    files = {
        "csv": folder / "small" / "comparisons.csv.aside",
        "parquet": folder / "small" / "comparisons.parquet",
        "large": folder / "large" / "comparisons.parquet",
    }
    found = []
    for what, readers in PLAN:
        size = {"what": what.replace("large", "parquet"), "rows": large if what == "large" else rows}
        for reader in readers:
            title, _, library = READERS[reader]
            if find_spec(library) is None:
                found.append({**size, "reader": title, "skipped": f"{library} is not installed"})
                continue
            progress(f"{size['rows']:,} rows of {size['what']} with {title}")
            done = run(sys.executable, __file__, "--one", reader, str(files[what]))
            found.append({**size, "reader": title, **json.loads(done.stdout)})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("READER", "FILE"), help=argparse.SUPPRESS)
    parser.add_argument("--write", nargs=2, metavar=("FOLDER", "ROWS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    one_thread()
    if options.one:
        print(json.dumps(one_reading(options.one[0], Path(options.one[1]))))
        return
    if options.write:
        write_round(Path(options.write[0]), int(options.write[1]))
        return
    if find_spec("pyarrow") is None:
        print("skipped: pyarrow is not installed (the extra `data`)")
        return
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), options.rows, options.large)
    counted = {(one["what"], one["rows"], one["groups"]) for one in found if "groups" in one}
    assert len(counted) == len({key[:2] for key in counted}), "the readers count different groups"
    if options.json:
        print(json.dumps({"machine": machine(), "simulated": True, "readings": found}, indent=2))
        return
    print(f"Reading and grouping simulated comparisons ({machine_line(machine())})")
    print_table(("file", "rows", "reader", "s", "s of processor", "times polars", "MiB at peak"), _rows(found), left=3)


def _rows(found: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    cpu = {(one["what"], one["rows"]): one["cpu"] for one in found if one["reader"] == "polars" and "cpu" in one}
    table = []
    for one in found:
        head = (one["what"], f"{one['rows']:,}", one["reader"])
        if "skipped" in one:
            table.append((*head, one["skipped"], "", "", ""))
            continue
        base = cpu.get((one["what"], one["rows"]))
        ratio = f"{one['cpu'] / base:.2f}" if base else ""
        table.append((*head, f"{one['wall']:.2f}", f"{one['cpu']:.2f}", ratio, f"{one['peak']:.0f}"))
    return table


if __name__ == "__main__":
    main()
