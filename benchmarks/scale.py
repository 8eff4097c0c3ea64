"""How time and memory of `hierarchical` grow with the round, on simulated answers.

    python benchmarks/scale.py [--rounds 1000x100x30 …] [--lists 20] [--mixed] [--plot FILE.svg] [--json]

Each round is COMPARISONSxJURORSxPROJECTS. Each fit runs in a process of its own and is timed without imports. All
answers are simulated: ratio comparisons about log-values of standard deviation 1.2, each juror with a stretch of
standard deviation 0.3 in ln, Student-t noise with 4 degrees of freedom and scale 1, and models whose lists mix the
true log-values with noise. With --mixed, three in ten comparisons tell only the order and as many ratings are added
as a third of the comparisons, some with intervals. Linear algebra uses one thread unless OPENBLAS_NUM_THREADS says
otherwise. --plot draws processor time over comparisons (with the extra daccord[report]). The last table says by what
power of the number of comparisons processor time grows, between rounds with as many projects. The figures say nothing
about real people.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import resource
import sys
import time
from pathlib import Path
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress, run

SEED = 20
ROUNDS = (
    "1000x10x100",
    "10000x100x100",
    "100000x1000x100",
    "10000x100x1000",
    "100000x1000x1000",
    "1000000x10000x1000",
    "300000x3000x10000",
)
"""From a small round to the largest that people have asked for, and one with too many projects for all their pairs."""


def simulated_task(comparisons: int, jurors: int, projects: int, lists: int, *, mixed: bool = False) -> Any:  # noqa: ANN401 - imported late
    """A simulated `FusionTask`."""
    import numpy as np  # noqa: PLC0415 - `_common` explains

    from daccord.fusion import FusionTask  # noqa: PLC0415
    from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Ratings  # noqa: PLC0415
    from daccord.round import Criterion, RatingScale, Threshold  # noqa: PLC0415

    rng = np.random.Generator(np.random.Philox(SEED))
    value = rng.normal(0.0, 1.2, projects)
    stretch = np.exp(rng.normal(0.0, 0.3, jurors))
    juror = np.arange(comparisons) % jurors
    a = rng.integers(0, projects, comparisons)
    b = (a + rng.integers(1, projects, comparisons)) % projects
    ratio = stretch[juror] * (value[a] - value[b]) + rng.standard_t(4, comparisons)
    outcome = np.sign(ratio).astype(np.int64)
    ids = tuple(f"project-{i:05}" for i in range(projects))
    models = [f"model-{k:02}" for k in range(lists)]
    weights = [np.exp(0.5 * value + rng.normal(0.0, 0.6, projects)).tolist() for _ in models]
    people = (Judge(f"juror-{i:05}", "person") for i in range(jurors))
    ratings = Ratings.empty()
    if mixed:
        outcome = np.where(np.abs(ratio) < 0.2, 0, outcome)
        ratio = np.where(rng.random(comparisons) < 0.3, np.nan, np.where(outcome == 0, 0.0, ratio))
        count = comparisons // 3
        rater, rated = np.arange(count) % jurors, rng.integers(0, projects, count)
        seen = 5 + 1.2 * stretch[rater] * value[rated] + rng.standard_t(4, count)
        half = np.where(rng.random(count) < 0.3, rng.uniform(0.5, 2.0, count), np.nan)
        told = np.clip(seen, 0, 10)
        ratings = Ratings(rater, rated, told, told - half, told + half)
    return FusionTask(
        criterion=Criterion(
            "benefit", "Which is worth more (simulated)?", RatingScale(0, 10), Threshold("relative", 0.25)
        ),
        projects=ids,
        panel=Panel((*people, *(Judge(model, "model", family=model) for model in models))),
        judgments=Judgments(
            Comparisons(juror, a, b, outcome, ratio),
            ratings,
            tuple(ModelList(model, dict(zip(ids, w, strict=True))) for model, w in zip(models, weights, strict=True)),
        ),
    )


def one_fit(shape: tuple[int, int, int], lists: int, *, mixed: bool) -> dict[str, float | int]:
    """Fit one simulated round in this process; seconds, and MiB before and at the peak."""
    from daccord.fusion import fusion_rule  # noqa: PLC0415

    task = simulated_task(*shape, lists, mixed=mixed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    beliefs = fusion_rule("hierarchical").fit(task)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        **dict(zip(("comparisons", "jurors", "projects"), shape, strict=True)),
        "lists": lists,
        "ratings": len(task.ratings),
        "wall": round(wall, 3),
        "cpu": round(cpu, 3),
        "before_mib": round(before / 1024, 1),
        "peak_mib": round(peak / 1024, 1),
        "grid_points": int(beliefs.diagnostics["grid_points"]),
    }


def growth(cells: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Power of the number of comparisons by which processor time grows, from each round to the next as wide."""
    found: list[tuple[str, ...]] = []
    for projects in sorted({cell["projects"] for cell in cells}):
        own = sorted((cell for cell in cells if cell["projects"] == projects), key=lambda cell: cell["comparisons"])
        for low, high in itertools.pairwise(own):
            power = math.log(high["cpu"] / low["cpu"]) / math.log(high["comparisons"] / low["comparisons"])
            found.append((f"{projects:,}", f"{low['comparisons']:,}", f"{high['comparisons']:,}", f"{power:.2f}"))
    return found


def plot(cells: list[dict[str, Any]], file: Path) -> None:
    """Draw processor time over comparisons, one line a number of projects, both scales logarithmic, as an SVG."""
    import altair as alt  # noqa: PLC0415 - in an extra

    rows = [
        {"projects": f"{cell['projects']:,}", "comparisons": cell["comparisons"], "seconds": cell["cpu"]}
        for cell in cells
    ]
    chart = alt.Chart(
        alt.Data(values=rows), title="hierarchical, processor time of one fit (simulated answers)"
    ).encode(
        x=alt.X("comparisons:Q", scale=alt.Scale(type="log"), title="comparisons"),
        y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds"),
        color=alt.Color("projects:N", title="projects", sort=[row["projects"] for row in rows]),
    )
    chart = (chart.mark_line() + chart.mark_point(filled=True, size=60)).properties(width=480, height=320)
    chart.save(str(file), format="svg")


def parsed(text: str) -> tuple[int, int, int]:
    """Comparisons, jurors and projects of a round written `1000x100x30`.

    Raises:
        argparse.ArgumentTypeError: It is not written so.
    """
    parts = text.split("x")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not COMPARISONSxJURORSxPROJECTS")
    comparisons, jurors, projects = (int(part) for part in parts)
    if comparisons < jurors or jurors < 5 or projects < 2:
        raise argparse.ArgumentTypeError(f"{text!r}: at least 5 jurors with a comparison each, and 2 projects")
    return comparisons, jurors, projects


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=parsed, nargs="+", default=[parsed(text) for text in ROUNDS])
    parser.add_argument("--lists", type=int, default=20, help="models with a list of all projects, each a family")
    parser.add_argument("--mixed", action="store_true", help="orders, ties and ratings too")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the growth there")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)  # what the child processes are told
    options = parser.parse_args()
    one_thread()
    if options.one:
        print(json.dumps(one_fit(options.rounds[0], options.lists, mixed=options.mixed)))
        return
    before = machine()
    cells = []
    for shape in options.rounds:
        text = "x".join(str(part) for part in shape)
        progress(f"{shape[0]:,} comparisons by {shape[1]:,} jurors on {shape[2]:,} projects")
        told = ["--one", "--rounds", text, "--lists", str(options.lists), *(["--mixed"] if options.mixed else [])]
        cells.append(json.loads(run(sys.executable, str(Path(__file__).resolve()), *told).stdout))
    if options.plot is not None:
        plot(cells, options.plot)
        progress(f"drawn: {options.plot}")
    if options.json:
        print(json.dumps({"benchmark": "scale", "simulated": True, "machine": before, "cells": cells}, indent=2))
        return
    print("hierarchical on simulated answers, one fit in a process of its own\n")
    sizes = ("comparisons", "ratings", "jurors", "projects", "lists")
    rows = [
        (
            *(f"{cell[key]:,}" for key in sizes),
            f"{cell['wall']:.2f}",
            f"{cell['cpu']:.2f}",
            f"{cell['before_mib']:.0f}",
            f"{cell['peak_mib']:.0f}",
        )
        for cell in cells
    ]
    print_table((*sizes, "seconds", "cpu seconds", "MiB before", "MiB peak"), rows, left=0)
    if powers := growth(cells):
        print("\nprocessor time grows with this power of the number of comparisons\n")
        print_table(("projects", "from", "to", "power"), powers, left=0)
    print(f"\nsimulated: no person answered. {machine_line(before)} before the first fit")


if __name__ == "__main__":
    main()
