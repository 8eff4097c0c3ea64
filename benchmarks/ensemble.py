"""How ensembles of a study scale with workers of a pool and of a Ray cluster, and what a task costs beside its work.

    python benchmarks/ensemble.py [--scenarios 16] [--worlds 512] [--repeats 3] [--quick] [--json]

The world is a made-up example that ships with daccord; nothing in it is a forecast. Scenarios are played on one and on
two workers in turn, in one run, after all workers have loaded what they need; each figure is the best of the repeats.
Two workers can be at most twice as fast as one where two processors are free: the load average is printed. A task's own
cost is that of thousands of tasks that add two numbers. Without Ray its rows are skipped and it is said.
"""

from __future__ import annotations

import argparse
import json
import operator
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources, util
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress

one_thread()

from daccord.ensemble import Executor, PoolExecutor, RayExecutor, SerialExecutor, Task  # noqa: E402 - after threads
from daccord.formats.worlds import load_world  # noqa: E402
from daccord.futures.study import Study, lay_out, play, scenarios  # noqa: E402

WORKERS = (1, 2)


def example(count: int, worlds: int) -> Study:
    """The example `dacc` with one class of `count` scenarios."""
    with resources.as_file(resources.files("daccord.formats.worlds") / "examples" / "dacc.toml") as path:
        study = load_world(path).study
    return replace(study, classes=study.classes[:1], values=(), scenarios=count, worlds=worlds)


def tasks_of(study: Study) -> list[Task]:
    """Its scenarios."""
    ground = lay_out(study, study.classes[0].name, 0)
    return [Task(f"scenario {s.index}", play, (ground, s)) for s in scenarios(study)]


def seconds(executor: Executor, tasks: Sequence[Task], shared: object) -> float:
    """Time from the first task to the last result."""
    begin = time.perf_counter()
    count = sum(1 for _ in executor.run(tasks, shared))
    took = time.perf_counter() - begin
    if count != len(tasks):
        raise SystemExit(f"{count} results of {len(tasks)} tasks")
    return took


def warm(executor: Executor, tasks: Sequence[Task], study: Study) -> float:
    """Seconds until every worker has played a scenario."""
    begin = time.perf_counter()
    list(executor.run(tasks[: 2 * executor.workers], study))
    return time.perf_counter() - begin


def measured(executors: Sequence[Executor], tasks: Sequence[Task], study: Study, repeats: int, few: int) -> list[Any]:
    """Executors in turn, so that what else the machine does meets all alike; warmed up, and closed afterwards."""
    found = []
    for executor in executors:
        executor.__enter__()
        found.append({"start": warm(executor, tasks, study), "work": [], "empty": []})
    empty = [Task(str(n), operator.add, (n,)) for n in range(few)]
    for repeat in range(repeats):
        progress(f"repeat {repeat + 1} of {repeats}: {', '.join(_name(e) for e in executors)}")
        for executor, row in zip(executors, found, strict=True):
            row["work"].append(seconds(executor, tasks, study))
            row["empty"].append(seconds(executor, empty, 1))
    for executor in executors:
        executor.__exit__(None, None, None)
    return [
        {
            "executor": _name(executor), "workers": executor.workers, "start_s": row["start"],
            "scenarios_s": min(row["work"]), "scenarios_a_second": len(tasks) / min(row["work"]),
            "task_ms": 1000 * min(row["empty"]) / few,
        }
        for executor, row in zip(executors, found, strict=True)
    ]  # fmt: skip


def _name(executor: Executor) -> str:
    return f"{type(executor).__name__.removesuffix('Executor').lower()} {executor.workers}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", type=int, default=16)
    parser.add_argument("--worlds", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="8 scenarios of 128 worlds, one repeat")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    count, worlds, repeats = (8, 128, 1) if given.quick else (given.scenarios, given.worlds, given.repeats)
    start = machine()
    study = example(count, worlds)
    tasks = tasks_of(study)
    rows = measured([SerialExecutor(), *map(PoolExecutor, WORKERS)], tasks, study, repeats, 2000)
    has_ray = util.find_spec("ray") is not None
    if has_ray:
        for workers in WORKERS:  # one cluster a process at a time
            rows += measured([RayExecutor(workers)], tasks, study, repeats, 500)
    for row in rows:
        kind = row["executor"].split()[0]
        one = next(other for other in rows if other["executor"] == f"{kind} 1")
        row["speedup"] = row["scenarios_a_second"] / one["scenarios_a_second"]
    found = {"machine": start, "load_at_end": machine()["load"], "scenarios": count, "worlds": worlds, "rows": rows}
    if given.json:
        print(json.dumps(found | {"skipped": [] if has_ray else ["ray"]}, indent=2))
        return
    print(f"{machine_line(start)} at the start, load {found['load_at_end']} at the end")
    print(f"{count} scenarios of {worlds} worlds, {len(study.constitutions)} constitutions; a made-up world\n")
    print_table(
        ["executor", "start s", "scenarios/s", "against 1 worker", "ms a scenario", "ms an empty task"],
        [
            (row["executor"], f"{row['start_s']:.1f}", f"{row['scenarios_a_second']:.2f}", f"{row['speedup']:.2f}×",
             f"{1000 * row['workers'] / row['scenarios_a_second']:.0f}", f"{row['task_ms']:.2f}")
            for row in rows
        ],
    )  # fmt: skip
    if not has_ray:
        print("\nray: skipped, it is not installed (pip install 'daccord[ray]')")


if __name__ == "__main__":
    main()
