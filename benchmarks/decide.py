"""How long `daccord decide` takes from a cold start, and how much of that is importing.

    python benchmarks/decide.py [--repeats 5] [--json]

Each run is a process of its own, as a person would start it: on the published GG24 round (98 projects, some 42,800
comparisons by models) and on the example round, whose answers are simulated. Three things are measured:

* the whole command;
* its imports: a process that imports what the command had imported by its end, and does nothing else, so the start of
  Python itself is in it;
* which packages the imports went to, from Python's own `-X importtime`.

Seconds of processor time count user and system over all threads; they depend less than seconds on the clock on what
else the machine is doing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _common import ROOT, SKIPPED, Run, machine, machine_line, print_table, progress, real_round, run

LIMIT, IMPORT_LIMIT = 5.0, 1.0  # seconds
LABELS = {"whole command": "whole", "imports alone": "imports", "Python alone": "python_alone"}
DACCORD = "from daccord.cli.main import main; main()"  # what the console script does
IMPORT = """
import importlib, os, sys
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does: threads cost time to start
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:  # made by an extension module while it is imported, so not importable by its name
        if name.startswith("daccord"):
            raise
"""


@dataclass(frozen=True)
class Times:
    """Seconds of several runs of one thing."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]
    peak: float

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Times:
        """The times of some runs; the largest of their memories."""
        return cls(tuple(r.wall for r in runs), tuple(r.cpu for r in runs), max(r.peak for r in runs))

    @property
    def document(self) -> dict[str, float]:
        """Best and median in seconds, and the peak memory in MiB."""
        return {
            "wall_best": round(min(self.wall), 3),
            "wall_median": round(statistics.median(self.wall), 3),
            "cpu_best": round(min(self.cpu), 3),
            "cpu_median": round(statistics.median(self.cpu), 3),
            "peak_mib": round(self.peak, 1),
        }


def command(*arguments: str, options: Sequence[str] = ()) -> tuple[str, ...]:
    return (sys.executable, *options, "-c", DACCORD, *arguments)


def imported(stderr: str) -> list[tuple[str, int]]:
    """Module and its own microseconds, in order, from what `-X importtime` says."""
    found = []
    for line in stderr.splitlines():
        if not line.startswith("import time:"):
            continue
        own, _, name = line.removeprefix("import time:").split("|")
        if own.strip().isdigit():
            found.append((name.strip(), int(own)))
    return found


def by_package(modules: Sequence[tuple[str, int]]) -> dict[str, float]:
    """Top-level package → seconds, largest first; Python's own modules are one package."""
    total: Counter[str] = Counter()
    for name, own in modules:
        package = name.partition(".")[0]
        total["(Python's own)" if package.lstrip("_") in STANDARD or package in STANDARD else package] += own
    return {package: micro / 1e6 for package, micro in total.most_common()}


STANDARD = {name.lstrip("_") for name in sys.stdlib_module_names} | {"frozen_importlib_external", "zipimport"}


def measure(name: str, folder: Path, out: Path, repeats: int) -> dict[str, Any]:
    """Times of one round; files are written to `out`."""
    decide = ("decide", str(folder), "--out", str(out), "--json")
    progress(f"{name}: importing")
    traced = run(*command(*decide, options=("-X", "importtime")))
    modules = imported(traced.stderr)
    # Interleaved, so that a busy minute of the machine falls on both.
    whole, imports, empty = [], [], []
    for i in range(repeats):
        progress(f"{name}: run {i + 1} of {repeats}")
        whole.append(run(*command(*decide)))
        imports.append(run(sys.executable, "-c", IMPORT, *(module for module, _ in modules)))
        empty.append(run(sys.executable, "-c", "pass"))
    document = json.loads(whole[0].stdout)
    times, importing = Times.of(whole), Times.of(imports)
    return {
        "name": name,
        "simulated": document["simulated"],
        "projects": len(document["projects"]),
        "whole": times.document,
        "imports": importing.document,
        "python_alone": Times.of(empty).document,
        "import_share": round(statistics.median(importing.cpu) / statistics.median(times.cpu), 3),
        "under_limit": statistics.median(times.wall) < LIMIT,
        "imports_under_limit": statistics.median(importing.cpu) < IMPORT_LIMIT,
        "packages": {package: round(seconds, 4) for package, seconds in by_package(modules).items()},
        "slowest_modules": {module: round(own / 1e6, 4) for module, own in sorted(modules, key=lambda m: -m[1])[:8]},
    }


def gg24(folder: Path, into: Path) -> Path:
    """The GG24 contest as a round folder."""
    progress("importing the GG24 round")
    run(*command("import", "deepfunding", "--preset", "gg24", "--from", str(folder), "--out", str(into)))
    return into


def print_round(found: dict[str, Any]) -> None:
    note = " (simulated)" if found["simulated"] else ""
    print(f"\ndaccord decide, {found['name']}{note}: {found['projects']} projects")
    rows = []
    for label, key in LABELS.items():
        t = found[key]
        seconds = (f"{t[k]:.2f}" for k in ("wall_best", "wall_median", "cpu_best", "cpu_median"))
        rows.append((label, *seconds, f"{t['peak_mib']:.0f}"))
    print_table(("seconds", "clock, best", "clock, median", "cpu, best", "cpu, median", "peak MiB"), rows)
    print(f"imports take {found['import_share']:.0%} of the processor time; by package, traced:")
    packages = [(name, seconds) for name, seconds in found["packages"].items() if seconds >= 0.005]
    print("  " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in packages))
    print(
        "  slowest modules: " + ", ".join(f"{name} {s * 1000:.0f} ms" for name, s in found["slowest_modules"].items())
    )
    whole, imports = found["whole"]["wall_median"], found["imports"]["cpu_median"]
    print(f"under {LIMIT:g} s on the clock: {'yes' if found['under_limit'] else 'no'} (median {whole:.2f} s)")
    print(
        f"imports under {IMPORT_LIMIT:g} s of processor time: "
        f"{'yes' if found['imports_under_limit'] else 'no'} (median {imports:.2f} s)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="cold runs of each thing  [default: 5]")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    if options.repeats < 1:
        parser.error("--repeats must be at least 1")
    before = machine()
    rounds = []
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        source = real_round("gg24")
        if source is None:
            progress(f"gg24: {SKIPPED}")
        else:
            rounds.append(measure("GG24", gg24(source, base / "gg24"), base / "out-gg24", options.repeats))
        rounds.append(measure("examples/dacc", ROOT / "examples" / "dacc", base / "out-dacc", options.repeats))
    if options.json:
        skipped = {} if source else {"skipped": {"gg24": SKIPPED}}
        document = {"benchmark": "decide", "machine": before, "repeats": options.repeats, "rounds": rounds, **skipped}
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for found in rounds:
        print_round(found)
    print(f"\n{machine_line(before)} before the first run, {options.repeats} runs each")


if __name__ == "__main__":
    main()
