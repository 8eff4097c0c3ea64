"""Boxes of the futures lab beside EMA workbench's PRIM, on tables with planted boxes.

    python benchmarks/boundaries.py [--json]

Tables have eight factors, one of them whole numbers and one yes or no, and a box with one, two or three limits; what is
inside is of interest, and some answers are turned by chance. Ours chooses a box by itself. EMA workbench leaves the
choice to a person, so it is given the best one that its trajectory holds by the harmonic mean of coverage and density
*on 20,000 fresh cases* — a choice that nobody could make — and, beside it, the best one by the same mean on the data.
All are judged on the fresh cases. Pure chance is tried too: how often is there a box at all?
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

from _common import ROOT, machine, machine_line, one_thread, print_table, progress

one_thread()

import numpy as np  # noqa: E402 - threads are counted when numpy is imported

from daccord.futures.study._boxes import find  # noqa: E402

PEERS = ROOT / ".venv-bench" / "bin" / "python"
FACTORS, FRESH, SEEDS = 8, 20_000, 5
SIZES, NOISES = (60, 250, 500), (0.0, 0.1, 0.2)


def dealt(rng: np.random.Generator, n: int) -> Any:  # noqa: ANN401 - an array
    """Cases: six factors that are any number, whole numbers from 0 to 4, yes or no."""
    values = rng.random((n, FACTORS))
    values[:, 6], values[:, 7] = np.floor(values[:, 6] * 5), np.floor(values[:, 7] * 2)
    return values


def core(values: Any, limits: int) -> Any:  # noqa: ANN401
    """The planted box."""
    return np.all([values[:, 0] <= 0.45, values[:, 3] >= 0.3, values[:, 6] >= 1][:limits], axis=0)


def judged(low: Any, high: Any, values: Any, wanted: Any) -> tuple[float, float, float]:  # noqa: ANN401
    """Coverage, density and their harmonic mean."""
    within = ((values >= low) & (values <= high)).all(axis=1)
    both = float((within & wanted).sum())
    if not both:
        return 0.0, 0.0, 0.0
    coverage, density = both / float(wanted.sum()), both / float(within.sum())
    return coverage, density, 2 * coverage * density / (coverage + density)


def opened(box: Any, first: Any) -> Any:  # noqa: ANN401
    """A box without the limits that are only the range of the data."""
    return np.where(np.array(box) == np.array(first), np.array([[-np.inf], [np.inf]]), np.array(box))


def ask(tables: list[dict[str, Any]]) -> dict[str, Any]:
    """The peer's answer."""
    python = str(PEERS) if PEERS.exists() else sys.executable
    command = [python, str(ROOT / "benchmarks" / "_boundaries_peer.py")]
    question = json.dumps({"tables": [{key: table[key].tolist() for key in ("values", "wanted")} for table in tables]})
    return dict(json.loads(subprocess.run(command, input=question, check=True, capture_output=True, text=True).stdout))


def measure(n: int, noise: float) -> dict[str, Any]:
    """Both on the same tables."""
    tables = []
    for seed in range(SEEDS):
        for limits in (1, 2, 3):
            rng = np.random.default_rng([seed, limits, n])
            values, fresh = dealt(rng, n), dealt(rng, FRESH)
            wanted = core(values, limits) ^ (rng.random(n) < noise)
            tables.append({"values": values, "wanted": wanted, "fresh": fresh, "limits": limits,
                           "truth": core(fresh, limits) ^ (rng.random(FRESH) < noise)})  # fmt: skip
    begin = time.perf_counter()
    boxes = [find(table["values"], table["wanted"]) for table in tables]
    seconds = time.perf_counter() - begin
    scores: dict[str, list[tuple[float, float, float]]] = {"ours": []}
    sides: dict[str, list[float]] = {"ours": []}
    everywhere = np.full(FACTORS, np.inf)
    for table, box in zip(tables, boxes, strict=True):
        low, high = (-everywhere, everywhere) if box is None else (box.low, box.high)
        scores["ours"].append(judged(low, high, table["fresh"], table["truth"]))
        sides["ours"].append(float(np.isfinite(low).sum() + np.isfinite(high).sum()) - table["limits"])
    peer = ask(tables)
    if "skipped" not in peer:
        for who, keys in (("theirs", ("values", "wanted")), ("theirs, best known", ("fresh", "truth"))):
            scores[who], sides[who] = [], []
            for table, passed in zip(tables, peer["boxes"], strict=True):
                seen = [table[key] for key in keys]
                best = max((opened(box, passed[0]) for box in passed), key=lambda box: judged(*box, *seen)[2])
                scores[who].append(judged(*best, table["fresh"], table["truth"]))
                sides[who].append(float(np.isfinite(best).sum()) - table["limits"])
    return {
        "cases": n,
        "noise": noise,
        "tables": len(tables),
        "scores": {who: np.mean(found, axis=0).tolist() for who, found in scores.items()},
        "surplus_limits": {who: float(np.mean(found)) for who, found in sides.items()},
        "seconds": {"ours": seconds, "theirs": peer.get("seconds")},
    }


def chance(n: int, tables: int = 100) -> float:
    """Share of tables of pure chance in which a box is found."""
    found = 0
    for seed in range(tables):
        rng = np.random.default_rng([seed, 99, n])
        found += find(dealt(rng, n), rng.random(n) < 0.4) is not None
    return found / tables


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = []
    for n in SIZES:
        for noise in NOISES:
            progress(f"{n} cases, {noise:.0%} turned")
            rows.append(measure(n, noise))
    found: dict[str, Any] = {"machine": machine(), "rows": rows, "boxes_in_chance": {n: chance(n) for n in SIZES}}
    if arguments.json:
        json.dump(found, sys.stdout, indent=2)
        return
    print(machine_line(found["machine"]))
    for row in rows:
        print(f"\n{row['cases']} cases, {row['noise']:.0%} turned; {row['seconds']['ours']:.2f} s, theirs "
              f"{row['seconds']['theirs'] or float('nan'):.2f} s")  # fmt: skip
        print_table(
            ("", "coverage", "density", "harmonic mean", "surplus limits"),
            [(who, *(f"{x:.3f}" for x in values), f"{row['surplus_limits'][who]:+.2f}")
             for who, values in row["scores"].items()],
        )  # fmt: skip
    print("\nBoxes in pure chance:", ", ".join(f"{share:.0%} of {n}" for n, share in found["boxes_in_chance"].items()))


if __name__ == "__main__":
    main()
