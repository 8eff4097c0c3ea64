"""How fast worlds are lived through, a budget is planned and conclusions are taken apart, on a simulated description.

    python benchmarks/futures.py [--worlds 8192] [--repeats 7] [--quick] [--json]

The world is simulated: 24 technologies, 8 risks, about 60 roles and 3 evaluators, all from a seed; nothing in it is a
forecast. Kernel times are the least and the middle of several passes; the machine may have had other things to do, so
the load average is printed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress

one_thread()

import numpy as np  # noqa: E402 - threads are counted when numpy is imported

from daccord.futures.planner import ValueRange, conclusion, plan  # noqa: E402
from daccord.futures.world import (  # noqa: E402
    Quantity,
    Risk,
    Role,
    Technology,
    World,
    budget_plan,
    draw,
    fixed,
    inputs_of,
    interval,
    live,
    nothing,
    share,
)

EVALUATORS = ("first", "second", "third")


def simulated_world(technologies: int = 24, risks: int = 8, seed: int = 1) -> World:
    """A description from a seed: a third risky sources, a third defences, a third safety techniques and others."""
    rng = np.random.Generator(np.random.Philox(key=seed))

    def around(middle: float, ratio: float) -> dict[str, Quantity]:
        shift = np.exp(rng.normal(0, 0.3, len(EVALUATORS)))
        return {
            name: interval(middle * s / ratio, middle * s * ratio) for name, s in zip(EVALUATORS, shift, strict=True)
        }

    def some_share(middle: float) -> dict[str, Quantity]:
        odds = middle / (1 - middle) * np.exp(rng.normal(0, 0.4, len(EVALUATORS)))
        return {
            name: share(o / 2.5 / (1 + o / 2.5), o * 2.5 / (1 + o * 2.5))
            for name, o in zip(EVALUATORS, odds, strict=True)
        }

    third = technologies // 3
    techs = []
    for k in range(technologies):
        risky = k < third
        techs.append(
            Technology(
                f"t{k}",
                around(rng.uniform(5, 40), 2.5),
                never=some_share(rng.uniform(0.02, 0.2)),
                spending=float(rng.uniform(1, 20)),
                elasticity=share(0.1, 0.6),
                leak=share(0.1, 0.6),
                lift=around(rng.uniform(0.02, 0.3), 2) if risky else fixed(rng.uniform(0.0, 0.05)),
                growth=around(0.002, 2) if k % 5 == 0 else fixed(0.0),
                longevity=share(0.02, 0.2) if k % 7 == 0 else fixed(0.0),
                transition=some_share(0.03) if risky and k % 2 == 0 else fixed(0.0),
                decline=fixed(0.01),
                general=k == technologies - 1,
            )
        )
    threats = [Risk(f"r{r}", around(0.003, 3), share(0.05, 0.4), fixed(1.0) if r % 2 else share(0.05, 0.5),
                    catastrophic=bool(r % 2), listed=r < risks - 1) for r in range(risks)]  # fmt: skip
    roles = [Role("defends", f"t{technologies - 1}", f"r{risks - 1}", some_share(0.3))]
    for k in range(third):
        roles.append(Role("source", f"t{k}", f"r{k % (risks - 1)}", interval(0.5, 2)))
        roles.append(Role("makes_safe", f"t{2 * third + k % third}", f"t{k}", some_share(0.5), lead=interval(1, 5)))
    for k in range(third, 2 * third):
        targets = rng.choice(risks - 1, size=min(4, risks - 1), replace=False)
        roles += [Role("defends", f"t{k}", f"r{r}", some_share(0.3)) for r in targets]
    for k in range(2 * third, technologies - 1, 3):
        roles.append(Role("requires", f"t{k}", f"t{k - third}", delay=interval(0.5, 3)))
    return World(tuple(techs), tuple(threats), tuple(roles), EVALUATORS)


def seconds(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Least and middle time of some passes."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken), statistics.median(taken)


def kernel_rows(worlds: int, repeats: int) -> list[dict[str, Any]]:
    world = simulated_world()
    rows = []
    for size in (worlds // 4, worlds):
        drawn = draw(world, size, 1)
        even = budget_plan(world, np.full(24, 1.0))
        jobs: dict[str, Callable[[], object]] = {
            "draw": lambda size=size: draw(world, size, 1),
        }
        for engine in ("numpy", "numba"):
            live(drawn, even, engine=engine)  # compiled by now
            jobs[f"value, {engine}"] = partial(live, drawn, even, gradient=False, engine=engine)
            jobs[f"value and gradient, {engine}"] = lambda d=drawn, p=even, e=engine: live(d, p, engine=e).money
        for name, job in jobs.items():
            progress(f"{name}, {size} worlds")
            least, middle = seconds(job, repeats)
            rows.append({"what": name, "worlds": size, "least_ms": 1e3 * least, "middle_ms": 1e3 * middle})
    return rows


def long_rows() -> list[dict[str, Any]]:
    """A plan, and a conclusion taken apart input by input; once each."""
    world = simulated_world()
    start = time.perf_counter()
    progress("plan, 8 starts")
    found = plan(world, 50.0, seed=1)
    planned = time.perf_counter() - start
    progress("Sobol indices")
    inputs = len(inputs_of(world)) + len(ValueRange.NAMES)
    start = time.perf_counter()
    indices = conclusion(world, budget_plan(world, found.amounts), nothing(world), size=1024, seed=1)
    apart = time.perf_counter() - start
    shares = {index.group: index.total for index in indices[:2]}
    return [
        {"what": "plan, 8 starts", "seconds": planned, "gain": found.gain, "starts_apart": found.found.spread},
        {"what": f"Sobol indices, {inputs} inputs, 1024 rows", "seconds": apart, **shares},
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=8192)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="only the kernel")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = kernel_rows(options.worlds, options.repeats)
    long = [] if options.quick else long_rows()
    if options.json:
        print(json.dumps({"machine": machine(), "kernel": rows, "long": long}, indent=2))
        return
    print(machine_line(machine()))
    cells = [[r["what"], str(r["worlds"]), f"{r['least_ms']:.1f}", f"{r['middle_ms']:.1f}"] for r in rows]
    print_table(["what", "worlds", "least, ms", "middle, ms"], cells)
    for row in long:
        rest = ", ".join(f"{name} {value:.4g}" for name, value in row.items() if name not in {"what", "seconds"})
        print(f"{row['what']}: {row['seconds']:.1f} s ({rest})")


if __name__ == "__main__":
    main()
