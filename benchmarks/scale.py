"""How time and memory of `hierarchical` grow with the round, on simulated answers.

    python benchmarks/scale.py [--comparisons 1000 10000 100000] [--projects 30 100 300] [--json]

Each fit runs in a process of its own and is timed without imports. All answers are simulated: jurors with 50 ratio
comparisons each (at least 10 jurors) about log-values of standard deviation 1.2, each juror with a stretch of standard
deviation 0.3 in ln, Student-t noise with 4 degrees of freedom and scale 1, and three model families whose lists mix the
true log-values with noise. Linear algebra uses one thread unless OPENBLAS_NUM_THREADS says otherwise. The figures are a
baseline for later work on speed; they say nothing about real people.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress, run

ANSWERS_EACH, FAMILIES, SEED = 50, 3, 20


def simulated_task(comparisons: int, projects: int) -> Any:  # noqa: ANN401 - imported late
    """A simulated `FusionTask`."""
    import numpy as np  # noqa: PLC0415 - `_common` explains

    from daccord.fusion import FusionTask  # noqa: PLC0415
    from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Ratings  # noqa: PLC0415
    from daccord.round import Criterion, Threshold  # noqa: PLC0415

    rng = np.random.Generator(np.random.Philox(SEED))
    jurors = max(10, comparisons // ANSWERS_EACH)
    value = rng.normal(0.0, 1.2, projects)
    stretch = np.exp(rng.normal(0.0, 0.3, jurors))
    juror = np.arange(comparisons) % jurors
    a = rng.integers(0, projects, comparisons)
    b = (a + rng.integers(1, projects, comparisons)) % projects
    ratio = stretch[juror] * (value[a] - value[b]) + rng.standard_t(4, comparisons)
    ids = tuple(f"project-{i:04}" for i in range(projects))
    models = [f"model-{k}" for k in range(FAMILIES)]
    weights = [np.exp(0.5 * value + rng.normal(0.0, 0.6, projects)).tolist() for _ in models]
    people = (Judge(f"juror-{i:05}", "person") for i in range(jurors))
    return FusionTask(
        criterion=Criterion("benefit", "Which is worth more (simulated)?", None, Threshold("relative", 0.25)),
        projects=ids,
        panel=Panel((*people, *(Judge(model, "model", family=model) for model in models))),
        judgments=Judgments(
            Comparisons(juror, a, b, np.sign(ratio).astype(np.int64), ratio),
            Ratings.empty(),
            tuple(ModelList(model, dict(zip(ids, w, strict=True))) for model, w in zip(models, weights, strict=True)),
        ),
    )


def one_fit(comparisons: int, projects: int) -> dict[str, float | int]:
    """Fit one simulated round in this process; seconds, and MiB before and at the peak."""
    from daccord.fusion import fusion_rule  # noqa: PLC0415

    task = simulated_task(comparisons, projects)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    beliefs = fusion_rule("hierarchical").fit(task)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "comparisons": comparisons,
        "jurors": sum(judge.is_person for judge in task.panel),
        "projects": projects,
        "wall": round(wall, 3),
        "cpu": round(cpu, 3),
        "before_mib": round(before / 1024, 1),
        "peak_mib": round(peak / 1024, 1),
        "grid_points": int(beliefs.diagnostics["grid_points"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comparisons", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--projects", type=int, nargs="+", default=[30, 100, 300])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)  # what the child processes are told
    options = parser.parse_args()
    one_thread()
    if options.one:
        print(json.dumps(one_fit(*options.one)))
        return
    if min(options.comparisons) < ANSWERS_EACH or min(options.projects) < 2:
        parser.error(f"at least {ANSWERS_EACH} comparisons and 2 projects")
    before = machine()
    cells = []
    for comparisons in options.comparisons:
        for projects in options.projects:
            progress(f"{comparisons} comparisons, {projects} projects")
            child = run(sys.executable, str(Path(__file__).resolve()), "--one", str(comparisons), str(projects))
            cells.append(json.loads(child.stdout))
    if options.json:
        document = {"benchmark": "scale", "simulated": True, "machine": before, "cells": cells}
        print(json.dumps(document, indent=2))
        return
    print("hierarchical on simulated answers, one fit in a process of its own\n")
    heads = ("comparisons", "jurors", "projects", "seconds", "cpu seconds", "MiB before", "MiB peak", "grid points")
    rows = [
        (
            *(f"{cell[key]:,}" for key in ("comparisons", "jurors", "projects")),
            f"{cell['wall']:.2f}",
            f"{cell['cpu']:.2f}",
            f"{cell['before_mib']:.0f}",
            f"{cell['peak_mib']:.0f}",
            str(cell["grid_points"]),
        )
        for cell in cells
    ]
    print_table(heads, rows, left=0)
    print(f"\nsimulated: no person answered. {machine_line(before)} before the first fit")


if __name__ == "__main__":
    main()
