"""The futures lab's own mathematics against packages of the field, on the same inputs.

    python benchmarks/futures_peers.py [--json]

* EGTtools: where a race of always safe, always unsafe and conditionally safe teams spends its time (Han et al. 2020),
  on a grid of detection and disaster; nobody meets itself, as in EGTtools.
* SALib: Sobol indices of Ishigami's and Sobol's G function, whose exact values are known, with as many evaluations.

Peers are looked for in `.venv-bench` if `make bench` made one; what is not installed is skipped and said. Times are of
one run, on whatever else the machine had to do.
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
from _futures_peers_one import FUNCTIONS, G_WEIGHTS  # noqa: E402

from daccord.futures.anchors.race import Race, stationary  # noqa: E402
from daccord.futures.planner import sobol  # noqa: E402

PEERS = ROOT / ".venv-bench" / "bin" / "python"
POPULATION, STRENGTH = 100, 0.1
SIZE, SEEDS = 4096, range(5)


def ask(question: dict[str, Any]) -> dict[str, Any]:
    """A peer's answer."""
    python = str(PEERS) if PEERS.exists() else sys.executable
    command = [python, str(ROOT / "benchmarks" / "_futures_peers_one.py")]
    done = subprocess.run(command, input=json.dumps(question), check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def race() -> dict[str, Any]:
    """Ours and EGTtools on a grid of races."""
    races = [
        Race(rounds=rounds, detection=float(found), disaster=float(lost), prize=prize)
        for rounds, prize in ((100.0, 1e4), (1e4, 1e3))
        for found in np.linspace(0, 1, 11)
        for lost in np.linspace(0, 1, 11)
    ]
    tables = [item.payoffs() for item in races]
    begin = time.perf_counter()
    ours = [stationary(t, population=POPULATION, strength=STRENGTH, self_interaction=False) for t in tables]
    seconds = time.perf_counter() - begin
    peer = ask({"kind": "race", "payoffs": [t.tolist() for t in tables], "population": POPULATION,
                "strength": STRENGTH})  # fmt: skip
    if "skipped" in peer:
        return peer
    theirs = np.array(peer["shares"])
    usable = np.isfinite(theirs).all(axis=1)
    apart = np.abs(theirs - np.array(ours)).max(axis=1)
    return {
        "races": len(races),
        "answered": int(usable.sum()),
        "differ": float(np.max(apart[usable])),
        "within_1e-6": int((apart[usable] < 1e-6).sum()),
        "ratio": peer["seconds"] / seconds,
    }


def exact(name: str) -> tuple[list[float], list[float]]:
    """First and total indices in closed form."""
    if name == "ishigami":
        a, b = 7.0, 0.1
        parts = [(1 + b * np.pi**4 / 5) ** 2 / 2, a**2 / 8, 0.0]
        both = b**2 * np.pi**8 * 8 / 225
        whole = sum(parts) + both
        return [p / whole for p in parts], [(parts[0] + both) / whole, parts[1] / whole, both / whole]
    parts_g = 1 / 3 / (1 + G_WEIGHTS) ** 2
    whole_g = np.prod(1 + parts_g) - 1
    rest = np.prod(1 + parts_g) / (1 + parts_g)
    return list(parts_g / whole_g), list(parts_g * rest / whole_g)


def indices(name: str, inputs: int) -> dict[str, Any]:
    """Largest error of ours and of SALib, over seeds."""
    first, total = exact(name)
    errors: dict[str, list[float]] = {"ours": [], "theirs": []}
    spent = {"ours": 0.0, "theirs": 0.0}
    for seed in SEEDS:
        begin = time.perf_counter()
        mine = sobol(FUNCTIONS[name], {str(i): [i] for i in range(inputs)}, inputs, size=SIZE, seed=seed)
        spent["ours"] += time.perf_counter() - begin
        peer = ask({"kind": "sobol", "function": name, "inputs": inputs, "size": SIZE, "seed": seed})
        if "skipped" in peer:
            return peer
        spent["theirs"] += peer["seconds"]
        for who, f, t in (
            ("ours", [item.first for item in mine], [item.total for item in mine]),
            ("theirs", peer["first"], peer["total"]),
        ):
            errors[who].append(float(max(np.abs(np.array(f) - first).max(), np.abs(np.array(t) - total).max())))
    return {
        "largest_error": {who: max(found) for who, found in errors.items()},
        "ratio": spent["theirs"] / spent["ours"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    progress("races")
    found: dict[str, Any] = {"machine": machine(), "race": race()}
    for name, inputs in (("ishigami", 3), ("g", 8)):
        progress(f"indices of {name}")
        found[name] = indices(name, inputs)
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    print(machine_line(found["machine"]))
    rows = [["EGTtools: races", _race_words(found["race"])]]
    rows += [[f"SALib: {name}", _index_words(found[name])] for name in ("ishigami", "g")]
    print_table(["peer", "what"], rows)


def _race_words(found: dict[str, Any]) -> str:
    if "skipped" in found:
        return f"skipped: {found['skipped']}"
    return (
        f"{found['answered']} of {found['races']} answered, {found['within_1e-6']} equal to 1e-6, largest difference "
        f"{found['differ']:.1e}; its time over ours {found['ratio']:.1f}"
    )


def _index_words(found: dict[str, Any]) -> str:
    if "skipped" in found:
        return f"skipped: {found['skipped']}"
    errors = found["largest_error"]
    return (
        f"largest error ours {errors['ours']:.3f}, its {errors['theirs']:.3f}; its time over ours {found['ratio']:.1f}"
    )


if __name__ == "__main__":
    main()
