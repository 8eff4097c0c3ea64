"""One measurement of the paired-comparison engine in its own process: python _fusion_ours.py TASK FOLDER PROJECTS.

Prints one JSON object as `_fusion_peers.py` does. Before the clock starts the same call has run on a few comparisons of
the same types, so that machine code is loaded; `warm_seconds` is what that took.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from _common import one_thread

one_thread()

import numpy as np  # noqa: E402 - after the number of threads
from _fusion_data import read  # noqa: E402
from _fusion_peers import peak, timed, worth  # noqa: E402

from daccord.fusion import bradley_terry, bradley_terry_chunks  # noqa: E402
from daccord.fusion.pairwise import PairCounts  # noqa: E402
from daccord.fusion.pairwise._bootstrap import full_bootstrap, one_step_bootstrap  # noqa: E402
from daccord.fusion.pairwise._fit import fit_pairs  # noqa: E402
from daccord.fusion.pairwise._plain import pulls  # noqa: E402

ROWS = 1_000_000
"""Rows of a chunk when a file is streamed."""


def warm(*columns: np.ndarray) -> None:
    """Load, or for the first time compile, all machine code for columns of these types: a, b, outcome and voter."""
    size, rows = 50, np.arange(40_000) % 2_000
    a, b, outcome, voter = (column[rows] for column in columns)
    a, b = a % 25, 25 + b % 25
    for own in (np.arange(len(rows), dtype=voter.dtype) * 10, voter % 50):  # numbers so high that voters are dealt
        bradley_terry(a, b, outcome, size, own, prior_sd=1.0, compiled=True)


def scores(folder: Path, projects: int, *, voters: bool, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    """From arrays in memory."""
    a, b, outcome, voter = read(folder, "a", "b", "outcome", "voter")
    begin = time.perf_counter()
    warm(a, b, outcome, voter)
    loaded = time.perf_counter() - begin
    found, seconds = timed(lambda: bradley_terry(a, b, outcome, projects, voter if voters else None, **options))
    (truth,) = read(folder, "truth")
    standard = (found.scores - truth) / found.standard_errors
    return {
        "seconds": seconds,
        "cpu_seconds": seconds.cpu,
        "warm_seconds": loaded,
        "peak_mib": peak(),
        **worth(found.scores, truth),
        "method": found.method,
        "warnings": found.warnings,
        "residual": found.residual,
        "iterations": found.iterations,
        "approximation": found.approximation,
        "standardised_error": float(np.sqrt(np.mean(standard**2))),
        "median_error": float(np.median(found.standard_errors)),
    }


def parquet(folder: Path, projects: int, *, voters: bool) -> dict[str, Any]:
    """From a Parquet file, a chunk at a time; twice if voters are told apart."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    file = folder / "comparisons.parquet"
    names = ["a", "b", "outcome", *(["voter"] if voters else [])]

    def chunks() -> Iterator[tuple[np.ndarray, ...]]:
        for batch in pq.ParquetFile(file).iter_batches(batch_size=ROWS, columns=names):
            yield tuple(batch.column(name).to_numpy() for name in names)

    warm(*(np.array(np.load(folder / f"{name}.npy", mmap_mode="r")[:2_000]) for name in ("a", "b", "outcome", "voter")))
    first = next(chunks())
    bradley_terry_chunks(lambda: [tuple(column[:2_000] for column in first)], projects, prior_sd=1.0, compiled=True)
    found, seconds = timed(lambda: bradley_terry_chunks(chunks, projects, compiled=True))
    (truth,) = read(folder, "truth")
    result = {"seconds": seconds, "cpu_seconds": seconds.cpu, "peak_mib": peak(), **worth(found.scores, truth)}
    return {**result, "approximation": found.approximation, "median_error": float(np.median(found.standard_errors))}


def certified(folder: Path, projects: int, *, some: int = 24) -> dict[str, Any]:
    """Standard errors of a few projects solved exactly, one by one, beside the approximate ones of all."""
    a, b, outcome, voter = read(folder, "a", "b", "outcome", "voter")
    found = bradley_terry(a, b, outcome, projects, voter, compiled=True)
    fit = fit_pairs(PairCounts.of(a, b, outcome, projects, compiled=True), compiled=True)
    chosen = np.random.Generator(np.random.Philox(1)).choice(projects, some, replace=False)
    unit = np.zeros((projects, some))
    unit[chosen, np.arange(some)] = 1.0
    rows = fit.curvature.solve(unit, fit.near, tolerance=1e-10)
    pull, _ = pulls(a, b, outcome, fit.theta, fit.tie)
    factor = found.voters / (found.voters - 1.0)
    off = []
    for k, project in enumerate(chosen):
        influence = np.bincount(voter, pull * (rows[a, k] - rows[b, k]))
        off.append(found.standard_errors[project] / np.sqrt(factor * float(influence @ influence)) - 1.0)
    model = found.model_errors[chosen] / np.sqrt(rows[chosen, np.arange(some)]) - 1.0
    return {
        "projects_checked": some,
        "reported": found.approximation,
        "sandwich_rms": float(np.sqrt(np.mean(np.square(off)))),
        "sandwich_worst": float(np.max(np.abs(off))),
        "model_rms": float(np.sqrt(np.mean(model**2))),
        "model_worst": float(np.max(np.abs(model))),
    }


def bootstraps(folder: Path, projects: int, *, resamples: int) -> dict[str, Any]:
    """Bootstraps over voters beside the sandwich: standard errors and what they cost in fits."""
    a, b, outcome, voter = read(folder, "a", "b", "outcome", "voter")
    warm(a, b, outcome, voter)
    found, with_errors = timed(lambda: bradley_terry(a, b, outcome, projects, voter, compiled=True))
    counts = PairCounts.of(a, b, outcome, projects, compiled=True)
    fit, _ = timed(lambda: fit_pairs(counts, compiled=True))
    _, one_fit = timed(lambda: bradley_terry(a, b, outcome, projects, compiled=True))
    steps, one_step = timed(lambda: one_step_bootstrap(fit, a, b, outcome, voter, resamples=resamples))
    again, full = timed(lambda: full_bootstrap(fit, a, b, outcome, voter, resamples=resamples, compiled=True))
    full_ratio = again.std(axis=0, ddof=1) / found.standard_errors
    step_ratio = steps.std(axis=0, ddof=1) / found.standard_errors
    return {
        "resamples": resamples,
        "fit_seconds": one_fit,
        "sandwich_seconds": with_errors,
        "one_step_seconds": one_step,
        "full_seconds": full,
        "full_over_sandwich": float(np.median(full_ratio)),
        "one_step_over_sandwich": float(np.median(step_ratio)),
        "luck": 1.0 / np.sqrt(2.0 * resamples),
        "model_over_sandwich": float(np.median(found.model_errors / found.standard_errors)),
    }


def main() -> None:
    task, folder, projects = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    tasks = {
        "scores": lambda: scores(folder, projects, voters=False, compiled=True),
        "voters": lambda: scores(folder, projects, voters=True, compiled=True),
        "plain-numpy": lambda: scores(folder, projects, voters=True, compiled=False),
        "small": lambda: scores(folder, projects, voters=True),
        "small-prior": lambda: scores(folder, projects, voters=True, prior_sd=1.5),
        "parquet": lambda: parquet(folder, projects, voters=False),
        "parquet-voters": lambda: parquet(folder, projects, voters=True),
        "certified": lambda: certified(folder, projects),
        "bootstraps": lambda: bootstraps(folder, projects, resamples=int(sys.argv[4])),
    }
    print(json.dumps(tasks[task]()))


if __name__ == "__main__":
    main()
