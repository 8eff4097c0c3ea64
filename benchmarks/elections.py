"""How fast elections by equal shares are held, against pabutools, on real and simulated ballots.

    python benchmarks/elections.py [--voters 5000] [--projects 60] [--repeats 3] [--json]

Real elections are the Pabulib files in the folder of real rounds; the simulated one is written as such a file too, so
that both read the same. Every measurement is a process of its own; the clock runs for the call alone, not for imports
and reading. All compute exact fractions with the completion `add1`, by cost. pabutools ends it as soon as no other
project fits, so daccord does too (`until_full`); the row *as cities do* goes on until the pot would be overspent.
pabutools is called in its usual way and, faster, with equal ballots gathered beforehand; daccord gathers them within
the time. pabutools is looked for in `.venv-bench` if `make bench` made one, else where this runs, and skipped if it is
not there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from _common import ROOT, SKIPPED, machine, machine_line, one_thread, print_table, progress, run

PEERS = ROOT / ".venv-bench" / "bin" / "python"
SCRIPT = Path(__file__).with_name("_elections_one.py")
AIM = 20.0
METHODS = (
    ("daccord", ("daccord", "full")),
    ("daccord, as cities do", ("daccord", "overspent")),
    ("pabutools, equal ballots gathered", ("pabutools-grouped",)),
    ("pabutools", ("pabutools",)),
)
Found = dict[str, Any]


def simulate(path: Path, voters: int, projects: int) -> Path:
    """An invented election: costs spread over two orders of magnitude, three districts, some projects liked by all."""
    rng = random.Random(2025)
    costs = [int(10 ** rng.uniform(3.5, 5.5)) for _ in range(projects)]
    liking = [rng.paretovariate(1.2) for _ in range(projects)]
    district = [rng.randrange(3) for _ in range(projects)]
    lines = ["META", "key;value", "description;Benchmark (simulated)", "unit;Nowhere", "instance;1"]
    lines += [f"budget;{sum(costs) // 4}", "vote_type;approval", "rule;equalshares/add1", "experimental;1", "PROJECTS"]
    lines += ["project_id;cost", *(f"p{i};{cost}" for i, cost in enumerate(costs)), "VOTES", "voter_id;vote"]
    for voter in range(voters):
        home = rng.randrange(3)
        weights = [like * (4 if where == home else 1) for like, where in zip(liking, district, strict=True)]
        chosen = sorted(set(rng.choices(range(projects), weights, k=rng.randint(1, 8))))
        lines.append(f"v{voter};{','.join(f'p{i}' for i in chosen)}")
    path.write_text("\n".join(lines) + "\n")
    return path


def measure(arguments: tuple[str, ...], path: Path) -> Found:
    """One method on one file, once."""
    python = sys.executable if arguments[0] == "daccord" or not PEERS.exists() else str(PEERS)
    found: Found = json.loads(run(python, str(SCRIPT), arguments[0], str(path), *arguments[1:]).stdout)
    return found


def case(path: Path, repeats: int) -> dict[str, Found]:
    """All methods on one file, taking turns: the medians."""
    told: dict[str, list[Found]] = {label: [] for label, _ in METHODS}
    for turn in range(repeats):
        for label, arguments in METHODS:
            if turn and "skipped" in told[label][0]:
                continue
            progress(f"{path.stem}: {label}, {turn + 1} of {repeats}")
            told[label].append(measure(arguments, path))
    out = {}
    for label, turns in told.items():
        middle = {
            key: statistics.median(turn[key] for turn in turns)
            for key in ("seconds", "cpu_seconds")
            if "skipped" not in turns[0]
        }
        out[label] = {**turns[0], **middle}
    return out


def show(name: str, found: dict[str, Found]) -> None:
    """One case as a table, with a line that says whether the aim is reached."""
    ours = found["daccord"]
    print(f"\n{name}: {ours['projects']} projects, {ours['voters']} voters, {ours['votes']} votes")
    rows, notes = [], []
    for label, one in found.items():
        if "skipped" in one:
            notes.append(f"{label}: skipped, {one['skipped']}")
            continue
        same = one["winners"] == ours["winners"]
        ratio = one["cpu_seconds"] / ours["cpu_seconds"]
        cells = (label, f"{one['seconds']:.3f}", f"{one['cpu_seconds']:.3f}", f"{ratio:.1f}", str(len(one["winners"])))
        rows.append((*cells, "the same" if same else "other"))
    print_table(("method", "seconds", "cpu s", "× ours", "winners", "set"), rows)
    for note in notes:
        print(note)
    for label in ("pabutools, equal ballots gathered", "pabutools"):
        if "skipped" not in found[label]:
            ratio = found[label]["cpu_seconds"] / ours["cpu_seconds"]
            same = found[label]["winners"] == ours["winners"]
            verdict = "yes" if ratio >= AIM and same else "no"
            print(f"{ratio:.1f} times as fast as {label}, the same winners (aim at least {AIM:g}): {verdict}")


def main() -> None:
    """Run every case and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--voters", type=int, default=5000, help="voters of the simulated election; 0 leaves it out")
    parser.add_argument("--projects", type=int, default=60, help="its projects")
    parser.add_argument("--repeats", type=int, default=3, help="turns")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    one_thread()
    folder = Path(os.environ.get("DACCORD_DATA", ROOT.parent / "shared" / "data")) / "pabulib-small"
    found: dict[str, dict[str, Found]] = {}
    paths = [path for path in sorted(folder.glob("*.pb")) if "equalshares" in path.read_text(encoding="utf-8")]
    for path in paths:
        found[path.stem] = case(path, options.repeats)
    with tempfile.TemporaryDirectory() as place:
        if options.voters:
            path = simulate(Path(place) / "simulated.pb", options.voters, options.projects)
            found["simulated"] = case(path, 1)
    if options.json:
        print(json.dumps({"machine": machine(), "elections": found}))
        return
    print(machine_line(machine()))
    if not paths:
        print(f"real elections: {SKIPPED}")
    for name, one in found.items():
        show(name, one)


if __name__ == "__main__":
    main()
