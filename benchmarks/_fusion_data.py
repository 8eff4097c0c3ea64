"""Simulated comparisons for `fusion.py`, told from Bradley and Terry's model, and the files they are kept in."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

CHUNK = 1_000_000


def write(
    folder: Path, projects: int, comparisons: int, voters: int, *, lean: float = 0.0, parquet: bool = False
) -> None:
    """Write simulated comparisons as one file a column.

    Args:
        folder: Where; made if it is not there.
        projects: Number of projects; their true log-values are standard normal.
        comparisons: How many, of projects and by voters drawn at random.
        voters: How many people there are.
        lean: Standard deviation of each voter's own log-values around the true ones.
        parquet: Write `comparisons.parquet` as well.
    """
    rng = np.random.Generator(np.random.Philox([projects, comparisons, voters]))
    folder.mkdir(parents=True, exist_ok=True)
    theta = rng.normal(0.0, 1.0, projects)
    own = rng.normal(0.0, lean, (voters, projects)) if lean else None
    columns = {name: np.empty(comparisons, dtype=np.int32) for name in ("a", "b", "voter")}
    columns["outcome"] = np.empty(comparisons, dtype=np.int8)
    for start in range(0, comparisons, CHUNK):
        size = min(CHUNK, comparisons - start)
        a = rng.integers(0, projects, size)
        b = (a + rng.integers(1, projects, size)) % projects
        voter = rng.integers(0, voters, size)
        difference = theta[a] - theta[b]
        if own is not None:
            difference += own[voter, a] - own[voter, b]
        outcome = np.where(rng.random(size) < 1.0 / (1.0 + np.exp(-difference)), 1, -1)
        part = slice(start, start + size)
        for name, values in (("a", a), ("b", b), ("voter", voter), ("outcome", outcome)):
            columns[name][part] = values
    for name, values in columns.items():
        np.save(folder / f"{name}.npy", values)
    np.save(folder / "truth.npy", theta - theta.mean())
    if parquet:
        import polars as pl  # noqa: PLC0415 - only one of the files needs it

        pl.DataFrame(columns).write_parquet(folder / "comparisons.parquet")


def read(folder: Path, *names: str) -> tuple[np.ndarray, ...]:
    """Columns that `write` wrote, in memory."""
    return tuple(np.load(folder / f"{name}.npy") for name in names)


if __name__ == "__main__":
    where, *numbers, spread, with_parquet = sys.argv[1:]
    write(Path(where), *map(int, numbers), lean=float(spread), parquet=with_parquet == "parquet")
