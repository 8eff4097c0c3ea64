"""One measurement of a peer in a process of its own: python _fusion_peers.py TASK FOLDER PROJECTS.

It runs where the peers are installed (see `fusion.py`), imports nothing of daccord, and prints one JSON object:
`seconds` and `cpu_seconds` of the call alone, `peak_mib` of the process, and what the scores are worth; or `skipped` or
`failed` with the reason. Every peer gets the fastest call that its interface offers, with projects numbered beforehand.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _fusion_data import read


def peak() -> float:
    """Largest resident memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Clock(float):
    """Seconds on the clock, with seconds of processor time over all threads."""

    cpu = 0.0


def timed(call: Callable[[], Any]) -> tuple[Any, Clock]:
    """What a call returns and how long it took."""
    begin, cpu = time.perf_counter(), time.process_time()
    result = call()
    clock = Clock(time.perf_counter() - begin)
    clock.cpu = time.process_time() - cpu
    return result, clock


def worth(scores: np.ndarray, truth: np.ndarray) -> dict[str, float | int | None]:
    """How many scores are finite, their spread, and their error against the truth."""
    finite = np.isfinite(scores)
    fine = bool(finite.all())
    centred = scores - scores.mean() if fine else scores
    return {
        "projects": len(scores),
        "finite": int(finite.sum()),
        "spread": float(centred.std()) if fine else None,
        "rms_error": float(np.sqrt(np.mean((centred - truth) ** 2))) if fine else None,
    }


def evalica(folder: Path, projects: int) -> tuple[np.ndarray, Clock]:
    """evalica.bradley_terry on arrays, with its index prepared."""
    import evalica  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    a, b, outcome = read(folder, "a", "b", "outcome")
    winner = np.where(outcome > 0, 1, 2).astype(np.uint8)
    index = pd.RangeIndex(projects)
    found, seconds = timed(lambda: evalica.bradley_terry(a, b, winner, index=index))
    return np.log(found.scores.reindex(index).to_numpy()), seconds


def evalica_core(folder: Path, projects: int) -> tuple[np.ndarray, Clock]:
    """The compiled function under it, which is not public, on lists that are made beforehand."""
    import evalica  # noqa: PLC0415

    a, b, outcome = read(folder, "a", "b", "outcome")
    winner, weights = np.where(outcome > 0, 1, 2).astype(np.uint8), np.ones(len(a))
    xs, ys = a.tolist(), b.tolist()
    core = evalica._brzo.bradley_terry  # noqa: SLF001 - to be fair to what it can do
    (scores, _), seconds = timed(lambda: core(xs, ys, winner, weights, projects, 1.0, 0.5, 1e-6, 100))
    return np.log(scores), seconds


def _arena_rank(folder: Path, projects: int, *, warm: bool, errors: bool) -> tuple[np.ndarray, Clock]:
    """arena-rank's dataset and fit, and its sandwich errors; scores are NaN here where an error is not finite."""
    import pandas as pd  # noqa: PLC0415
    from arena_rank.models.bradley_terry import BradleyTerry  # noqa: PLC0415
    from arena_rank.utils.data_utils import PairDataset  # noqa: PLC0415

    a, b, outcome = read(folder, "a", "b", "outcome")
    frame = pd.DataFrame({"model_a": a, "model_b": b, "winner": outcome})
    results = {1: 1.0, -1: 0.0, 0: 0.5}  # a dictionary, because a function would be called for every row

    def fit() -> np.ndarray:
        dataset = PairDataset.from_pandas(frame, outcome_map=results)
        model = BradleyTerry(n_competitors=dataset.n_competitors)
        model.fit(dataset)
        found = np.asarray(model.params["ratings"])
        if errors:
            variances = np.asarray(model.compute_ratings_and_cis(dataset)["variances"])
            found = np.where(np.isfinite(variances), found, np.nan)
        scores = np.zeros(projects)  # what was never compared is unknown to it
        scores[np.array(dataset.competitors)] = found
        return scores

    if warm:
        fit()
    return timed(fit)


def arena_rank(folder: Path, projects: int) -> tuple[np.ndarray, Clock]:
    """The second call in a process, when everything is compiled."""
    return _arena_rank(folder, projects, warm=True, errors=False)


def arena_rank_once(folder: Path, projects: int) -> tuple[np.ndarray, Clock]:
    """The first call, where compiling is a small part of it."""
    return _arena_rank(folder, projects, warm=False, errors=False)


def arena_rank_errors(folder: Path, projects: int) -> tuple[np.ndarray, Clock]:
    """The first call, with errors."""
    return _arena_rank(folder, projects, warm=False, errors=True)


def choix(folder: Path, projects: int) -> tuple[np.ndarray, Clock]:
    """choix.ilsr_pairwise, its fastest maximum-likelihood method."""
    import choix  # noqa: PLC0415

    a, b, outcome = read(folder, "a", "b", "outcome")
    rows = np.stack([np.where(outcome > 0, a, b), np.where(outcome > 0, b, a)], axis=1)
    data = [tuple(row) for row in rows.tolist()]
    return timed(lambda: choix.ilsr_pairwise(projects, data))


def sklearn(folder: Path, projects: int) -> tuple[np.ndarray, Clock]:
    """Logistic regression without an intercept, hardly penalised, on a sparse design."""
    from scipy.sparse import csr_array  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    a, b, outcome = read(folder, "a", "b", "outcome")
    rows = len(a)

    def fit() -> np.ndarray:
        values, places = np.tile([1.0, -1.0], rows), np.stack([a, b], axis=1).reshape(-1)
        design = csr_array((values, places, np.arange(0, 2 * rows + 1, 2)), shape=(rows, projects))
        model = LogisticRegression(C=1e6, fit_intercept=False, tol=1e-8, max_iter=1000)
        return model.fit(design, outcome > 0).coef_[0]

    return timed(fit)


def polars(folder: Path, projects: int) -> tuple[np.ndarray, Clock]:
    """Merely reading a Parquet file and counting its comparisons by pair and outcome."""
    import polars as pl  # noqa: PLC0415

    def group() -> pl.DataFrame:
        frame = pl.read_parquet(folder / "comparisons.parquet", columns=["a", "b", "outcome"])
        return frame.group_by("a", "b", "outcome").len()

    _, seconds = timed(group)
    return np.zeros(projects), seconds


TASKS = {
    "evalica": evalica,
    "evalica-core": evalica_core,
    "arena-rank": arena_rank,
    "arena-rank-once": arena_rank_once,
    "arena-rank-errors": arena_rank_errors,
    "choix": choix,
    "sklearn": sklearn,
    "polars": polars,
}


def main() -> None:
    task, folder, projects = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    try:
        scores, seconds = TASKS[task](folder, projects)
    except ImportError as missing:
        print(json.dumps({"skipped": f"{missing.name} is not installed"}))
        return
    except Exception as failed:  # noqa: BLE001 - a peer that fails is a result
        print(json.dumps({"failed": f"{type(failed).__name__}: {failed}"[:200]}))
        return
    (truth,) = read(folder, "truth")
    print(json.dumps({"seconds": seconds, "cpu_seconds": seconds.cpu, "peak_mib": peak(), **worth(scores, truth)}))


if __name__ == "__main__":
    main()
