"""The futures lab's market against the same model written as agents in Mesa: same chances, same worlds, one run.

    python benchmarks/futures_mesa.py [--worlds 100] [--many 10000] [--json]

Twenty actors, eighty years, two frontier technologies; simulated, nothing in it is a forecast. Both are given the same
stakes, errors and chances and must launch in the same years and end with the same compute. Ours is timed with all that
a run does, valuation and power indices included; Mesa with its worlds alone. Mesa is looked for in `.venv-bench`; if it
is not there it is skipped and said.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _common import ROOT, machine, machine_line, one_thread, print_table, progress

one_thread()

import numpy as np  # noqa: E402 - threads are counted when numpy is imported

from daccord.futures.lab import Conditions, Market, Result, Scene, Stage, prepare, run  # noqa: E402
from daccord.futures.world import (  # noqa: E402
    Risk,
    Role,
    Schedule,
    Technology,
    World,
    arrivals,
    interval,
    share,
)

PEERS = ROOT / ".venv-bench" / "bin" / "python"
USE = Conditions(improvement=0.0)
WORLD = World(
    (
        Technology("first", interval(5, 25), growth=interval(0.005, 0.03), transition=share(0.02, 0.3)),
        Technology("second", interval(5, 40), lift=interval(0.05, 0.3)),
        Technology("safety", interval(5, 40)),
    ),
    (Risk("misuse", interval(0.0005, 0.01), floor=share(0.1, 0.4)),),
    (
        Role("source", "second", "misuse"),
        Role("makes_safe", "safety", "first", share(0.3, 0.8), lead=interval(1, 5)),
        Role("defends", "safety", "misuse", share(0.2, 0.6)),
    ),
    horizon=80.0,
)


def given(stage: Stage) -> dict[str, Any]:
    """What Mesa is given."""
    count, years = len(stage.held), stage.years
    scene = Scene(stage, USE, np.ones((USE.actors, stage.size)))
    errors = [[scene.errors(f"{about}:{g}", USE.correlation) for about in ("benefit", "risk")] for g in range(count)]
    urn = [[stage.uniform(f"urn:{year}:{unit}") for unit in range(USE.pace)] for year in range(years)]
    schedule = Schedule(np.array([WORLD.window]), stage.spread[None, :])
    names = ("actors", "noise", "learning", "rush", "returns", "diffusion", "pace")
    return {
        **{name: getattr(USE, name) for name in names},
        "mature": arrivals(stage.draws, schedule).time[:, list(stage.held)].T,
        **{name: getattr(stage, name) for name in ("truth", "gain", "danger")},
        "errors": np.array(errors).transpose(0, 2, 1, 3),
        "urn": np.array(urn),
    }


def ours(worlds: int) -> tuple[float, Stage, Result]:
    """Least time of three runs."""
    stage = prepare(WORLD, worlds, 1, planned=np.zeros(3))
    taken = []
    for _ in range(3):
        begin = time.process_time()
        found = run(stage, Market(), USE)
        taken.append(time.process_time() - begin)
    return min(taken), stage, found


def theirs(stage: Stage) -> tuple[dict[str, Any], dict[str, Any]]:
    """What Mesa says of itself, and what it found."""
    python = str(PEERS) if PEERS.exists() else sys.executable
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(before, **given(stage))
        command = [python, str(ROOT / "benchmarks" / "_futures_mesa_one.py"), str(before), str(after)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        said = dict(json.loads(done.stdout))
        if "skipped" in said:
            return said, {}
        with np.load(after) as file:
            return said, {name: file[name] for name in file.files}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=100, help="worlds that both run")
    parser.add_argument("--many", type=int, default=10_000, help="worlds that only ours runs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    progress(f"ours, {options.worlds} worlds")
    few, stage, found = ours(options.worlds)
    progress(f"Mesa, {options.worlds} worlds")
    said, peer = theirs(stage)
    progress(f"ours, {options.many} worlds")
    many, _, _ = ours(options.many)
    rows = {"ours_few": few, "ours_many": many, "few": options.worlds, "many": options.many, "mesa": said}
    if peer:
        per_world = said["seconds"] / options.worlds
        rows |= {
            "launches_differ": int((found.launched != peer["launched"].T).sum()),
            "hhi_apart": float(np.abs(peer["hhi"].mean(axis=0) - found.hhi).max()),
            "ratio_few": said["seconds"] / few,
            "ratio_many": per_world * options.many / many,
        }
    if options.json:
        print(json.dumps({"machine": machine(), **rows}, indent=2))
        return
    print(machine_line(machine()))
    print_table(
        ["what", "worlds", "seconds"],
        [
            ["daccord", str(options.worlds), f"{few:.3f}"],
            ["daccord", str(options.many), f"{many:.3f}"],
            [f"Mesa {said.get('version', said.get('skipped'))}", str(options.worlds), f"{said.get('seconds', 0):.3f}"],
        ],
    )
    if peer:
        print(
            f"launches that differ: {rows['launches_differ']}; concentration apart by {rows['hhi_apart']:.1e} at most"
        )
        print(
            f"Mesa: {rows['ratio_few']:.0f} times our time for as many, {rows['ratio_many']:.0f} times a world of many"
        )


if __name__ == "__main__":
    main()
