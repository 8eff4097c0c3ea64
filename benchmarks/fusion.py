"""Paired comparisons at scale: daccord's engine beside evalica, choix, arena-rank, scikit-learn and polars.

    python benchmarks/fusion.py [--quick] [--json] [--repeats 3] [--only SECTION ...]

All answers are simulated from Bradley and Terry's model. Every measurement is a process of its own that times the call
alone: without imports, without reading the arrays, and after compiled code has been loaded (what loading takes is
printed). Methods take turns, and medians and ratios are printed, so that a busy machine is unfair to nobody. Peers run
in `.venv-bench` if `make bench` made one, else where this runs; what is not installed is skipped and said. Linear
algebra uses one thread here, in daccord and in peers, and the engine two threads of its own.

Sections: arrays, parquet, many, sparse, bootstraps, accuracy. `--quick` has a tenth of the comparisons, or less.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from _common import ROOT, machine, machine_line, one_thread, print_table, progress, run

HERE = Path(__file__).resolve().parent
PEERS = ROOT / ".venv-bench" / "bin" / "python"
Found = dict[str, Any]


def simulate(
    folder: Path, projects: int, comparisons: int, voters: int, *, lean: float = 0.0, parquet: bool = False
) -> Path:
    """Simulated comparisons on disk, made in a process of its own."""
    where = folder / f"{projects}-{comparisons}-{voters}-{lean}"
    if not where.exists():
        numbers = (str(projects), str(comparisons), str(voters), str(lean), "parquet" if parquet else "arrays")
        run(sys.executable, str(HERE / "_fusion_data.py"), str(where), *numbers)
    return where


def measure(who: str, task: str, folder: Path, projects: int, *more: str) -> Found:
    """One measurement, in a process of its own."""
    ours = who == "daccord"
    python = sys.executable if ours or not PEERS.exists() else str(PEERS)
    script = HERE / ("_fusion_ours.py" if ours else "_fusion_peers.py")
    try:
        child = run(python, str(script), task, str(folder), str(projects), *more)
    except SystemExit as failed:
        return {"failed": str(failed).strip().splitlines()[-1][:200]}
    return dict(json.loads(child.stdout.splitlines()[-1]))


def medians(methods: Sequence[tuple[str, str, str]], folder: Path, projects: int, repeats: int) -> dict[str, Found]:
    """Median seconds and memory of some methods that take turns.

    Args:
        methods: Label, who, and task.
        folder: The comparisons.
        projects: How many there are.
        repeats: Turns.
    """
    told: dict[str, list[Found]] = {label: [] for label, _, _ in methods}
    for turn in range(repeats):
        for label, who, task in methods:
            if turn and "seconds" not in told[label][0]:
                continue  # skipped or failed the first time
            progress(f"{folder.name}: {label}, {turn + 1} of {repeats}")
            told[label].append(measure(who, task, folder, projects))
    return {label: _median(turns) for label, turns in told.items()}


def _median(turns: list[Found]) -> Found:
    if "seconds" not in turns[0]:
        return turns[0]
    keys = ("seconds", "cpu_seconds", "peak_mib")
    middle = {key: statistics.median(turn[key] for turn in turns) for key in keys}
    return {**turns[0], **middle, "all_seconds": [turn["seconds"] for turn in turns]}


def _table(found: dict[str, Found], base: str, columns: dict[str, Callable[[Found], str]] | None = None) -> None:
    """Print methods with what they took, and how many times what `base` took."""
    unit, rows, notes = found[base], [], []
    for label, one in found.items():
        if "seconds" not in one:
            notes.append(f"{label}: {'skipped, ' + one['skipped'] if 'skipped' in one else one['failed']}")
            continue
        cells = [label]
        for key, form in (("seconds", ".3f"), ("cpu_seconds", ".3f"), ("peak_mib", ".0f")):
            cells += [format(one[key], form), f"{one[key] / unit[key]:.2f}" if key in unit else "–"]
        rows.append((*cells, *(show(one) for show in (columns or {}).values())))
    heads = ("method", "seconds", "× ours", "cpu s", "× ours", "peak MiB", "× ours", *(columns or {}))
    if rows:
        print_table(heads, rows)
    for note in notes:
        print(note)


def _verdict(claim: str, figure: float | None, aim: float, *, most: bool = False) -> str:
    """A claim with its figure and whether it holds; `most` says that the figure should not be larger."""
    if figure is None:
        return f"{claim}: not measured"
    reached = figure <= aim if most else figure >= aim
    return f"{claim}: {figure:.2f} (aim {'at most' if most else 'at least'} {aim:g}): {'yes' if reached else 'no'}"


def _ratio(found: dict[str, Found], one: str, other: str, key: str = "seconds") -> float | None:
    if key not in found.get(one, {}) or key not in found.get(other, {}):
        return None
    return float(found[one][key] / found[other][key])


OURS_WITH = "daccord, errors over voters"
RMS = {"rms error": lambda one: f"{one['rms_error']:.5f}"}


def arrays(folder: Path, options: argparse.Namespace) -> Found:
    """10⁷ comparisons of 1,000 projects from arrays, for several numbers of voters."""
    projects, comparisons = (1_000, 1_000_000) if options.quick else (1_000, 10_000_000)
    result: Found = {"projects": projects, "comparisons": comparisons, "voters": {}}
    for voters in (1_000, 10_000, 100_000) if options.quick else (10_000, 100_000, 1_000_000):
        where = simulate(folder, projects, comparisons, voters, parquet=voters == 100_000)
        methods = [
            (OURS_WITH, "daccord", "voters"),
            ("daccord, errors of the model", "daccord", "scores"),
            ("evalica, no errors", "evalica", "evalica"),
            ("evalica's core on lists, no errors", "evalica", "evalica-core"),
        ]
        if voters == 100_000:
            methods += [
                ("daccord without numba", "daccord", "plain-numpy"),
                ("arena-rank, no errors", "arena-rank", "arena-rank"),
                ("scikit-learn, no errors", "sklearn", "sklearn"),
            ]
        result["voters"][voters] = medians(methods, where, projects, options.repeats)
    return result


def show_arrays(found: Found) -> None:
    for voters, methods in found["voters"].items():
        print(f"\n{found['comparisons']:,} comparisons of {found['projects']:,} projects by {int(voters):,} voters\n")
        _table(methods, OURS_WITH, RMS)
        ours = methods[OURS_WITH]
        print(
            f"\nstandard errors approximated to {ours['approximation']:.2%}; "
            f"loading machine code before the clock took {ours['warm_seconds']:.1f} s"
        )
        for key, word in (("seconds", "time"), ("cpu_seconds", "processor time")):
            print(_verdict(f"evalica's {word} over ours", _ratio(methods, "evalica, no errors", OURS_WITH, key), 5))
        print(
            _verdict(
                "our memory over evalica's",
                _ratio(methods, OURS_WITH, "evalica, no errors", "peak_mib"),
                0.5,
                most=True,
            )
        )
        if "arena-rank, no errors" in methods:
            print(_verdict("arena-rank's time over ours", _ratio(methods, "arena-rank, no errors", OURS_WITH), 40))


def parquet(folder: Path, options: argparse.Namespace) -> Found:
    """The same from a Parquet file, beside merely reading and grouping it with polars."""
    projects, comparisons = (1_000, 1_000_000) if options.quick else (1_000, 10_000_000)
    where = simulate(folder, projects, comparisons, 100_000, parquet=True)
    methods = [
        ("daccord, chunks", "daccord", "parquet"),
        ("daccord, chunks, errors over voters", "daccord", "parquet-voters"),
        ("polars: read and group", "polars", "polars"),
    ]
    found = medians(methods, where, projects, options.repeats)
    return {"projects": projects, "comparisons": comparisons, "methods": found}


def show_parquet(found: Found) -> None:
    methods = found["methods"]
    print(f"\n{found['comparisons']:,} comparisons of {found['projects']:,} projects from a Parquet file\n")
    _table(methods, "daccord, chunks")
    print()
    for label in ("daccord, chunks", "daccord, chunks, errors over voters"):
        print(
            _verdict(f"time of “{label}” over polars", _ratio(methods, label, "polars: read and group"), 2, most=True)
        )


def many(folder: Path, options: argparse.Namespace) -> Found:
    """10⁷ comparisons of 10,000 projects: scores with errors, and exact errors of a few projects."""
    projects, comparisons = (4_000, 1_000_000) if options.quick else (10_000, 10_000_000)
    where = simulate(folder, projects, comparisons, 100_000)
    methods = [
        (OURS_WITH, "daccord", "voters"),
        ("evalica, no errors", "evalica", "evalica"),
    ]
    found = medians(methods, where, projects, options.repeats)
    once = [("arena-rank, no errors, one turn", "arena-rank", "arena-rank-once")]
    found |= medians(once, where, projects, 1)
    progress(f"{where.name}: exact errors of a few projects")
    checked = measure("daccord", "certified", where, projects)
    return {"projects": projects, "comparisons": comparisons, "methods": found, "certified": checked}


def show_many(found: Found) -> None:
    methods, checked = found["methods"], found["certified"]
    print(f"\n{found['comparisons']:,} comparisons of {found['projects']:,} projects by 100,000 voters\n")
    _table(methods, OURS_WITH, RMS)
    print(f"\nconverged in {methods[OURS_WITH]['iterations']} steps, residual {methods[OURS_WITH]['residual']:.1e}")
    for label in ("evalica, no errors", "arena-rank, no errors, one turn"):
        print(_verdict(f"time of “{label}” over ours", _ratio(methods, label, OURS_WITH), 1))
    print(
        f"standard errors of {checked['projects_checked']} projects against exact solves: off by "
        f"{checked['sandwich_rms']:.2%} (over voters; {checked['reported']:.2%} reported, "
        f"{checked['sandwich_worst']:.2%} at worst) and {checked['model_rms']:.3%} (of the model)"
    )


def sparse(folder: Path, options: argparse.Namespace) -> Found:
    """Many projects with hardly any comparisons, where no maximum-likelihood solution exists."""
    projects = 2_000 if options.quick else 10_000
    result: Found = {"projects": projects, "comparisons": {}}
    for comparisons in (projects, 10 * projects):
        where = simulate(folder, projects, comparisons, 1_000)
        methods = [
            ("daccord", "daccord", "small"),
            ("evalica", "evalica", "evalica"),
            ("arena-rank", "arena-rank", "arena-rank"),
            ("choix", "choix", "choix"),
        ]
        if options.quick or comparisons == projects:
            methods.append(("arena-rank with errors", "arena-rank", "arena-rank-errors"))
        result["comparisons"][comparisons] = medians(methods, where, projects, 1)
    return result


def show_sparse(found: Found) -> None:
    def finite(one: Found) -> str:
        return f"{one['finite']:,} of {one['projects']:,}"

    def spread(one: Found) -> str:
        return "–" if one["spread"] is None else f"{one['spread']:.2f}"

    def error(one: Found) -> str:
        return "–" if one["rms_error"] is None else f"{one['rms_error']:.2f}"

    columns = {"finite": finite, "spread": spread, "rms error": error}
    for comparisons, methods in found["comparisons"].items():
        print(f"\n{int(comparisons):,} comparisons of {found['projects']:,} projects (true spread 1)\n")
        _table(methods, "daccord", columns)
        print(f"\ndaccord says: {methods['daccord']['warnings'][0]}")
        print(f"and: {methods['daccord']['method']}")


def bootstraps(folder: Path, options: argparse.Namespace) -> Found:
    """Bootstraps over voters who differ, beside the sandwich."""
    projects, comparisons, voters, resamples = (50, 50_000, 500, 400) if options.quick else (300, 500_000, 2_000, 400)
    where = simulate(folder, projects, comparisons, voters, lean=1.0)
    progress(f"{where.name}: bootstraps")
    found = measure("daccord", "bootstraps", where, projects, str(resamples))
    return {"projects": projects, "comparisons": comparisons, "voters": voters, **found}


def show_bootstraps(found: Found) -> None:
    fits = {kind: found[f"{kind}_seconds"] / found["fit_seconds"] for kind in ("sandwich", "one_step", "full")}
    print(
        f"\n{found['comparisons']:,} comparisons of {found['projects']:,} projects by {found['voters']:,} voters who "
        f"differ, {found['resamples']} resamples of voters\n"
    )
    rows = [
        ("sandwich (with the fit)", "1", f"{fits['sandwich']:.1f}"),
        ("one-step bootstrap", f"{found['one_step_over_sandwich']:.3f}", f"{fits['one_step']:.1f}"),
        ("full bootstrap", f"{found['full_over_sandwich']:.3f}", f"{fits['full']:.1f}"),
        ("the model alone", f"{found['model_over_sandwich']:.3f}", "1.0"),
    ]
    print_table(("method", "errors over the sandwich's (median)", "costs so many fits"), rows)
    off = abs(found["full_over_sandwich"] - 1.0)
    print(f"\nluck of so many resamples: ±{found['luck']:.1%} a project")
    print(_verdict("full bootstrap off the sandwich by so many percent", 100 * off, 3, most=True))


def accuracy(folder: Path, options: argparse.Namespace) -> Found:
    """Error against the truth on the peers' own model, where they have a solution."""
    result: Found = {"projects": 100, "rounds": []}
    sizes = (2_000, 20_000) if options.quick else (2_000, 20_000, 200_000)
    for comparisons in sizes:
        for draw in range(2 if options.quick else 5):
            where = simulate(folder, 100, comparisons, 50 + draw)
            methods = [
                ("daccord", "daccord", "small"),
                ("daccord, prior of sd 1.5", "daccord", "small-prior"),
                ("evalica", "evalica", "evalica"),
                ("arena-rank", "arena-rank", "arena-rank"),
                ("choix", "choix", "choix"),
                ("scikit-learn", "sklearn", "sklearn"),
            ]
            result["rounds"].append({"comparisons": comparisons, "methods": medians(methods, where, 100, 1)})
    return result


def show_accuracy(found: Found) -> None:
    print(f"\nroot mean square error against the truth, {found['projects']} projects, mean over simulated rounds\n")
    sizes = sorted({round_["comparisons"] for round_ in found["rounds"]})
    rows = []
    for label in found["rounds"][0]["methods"]:
        cells = []
        for size in sizes:
            told = [round_["methods"][label] for round_ in found["rounds"] if round_["comparisons"] == size]
            errors = [one.get("rms_error") for one in told]
            fine = [error for error in errors if error is not None]
            missing = f" ({len(errors) - len(fine)} failed)" if len(fine) < len(errors) else ""
            cells.append((f"{statistics.mean(fine):.5f}" if fine else "–") + missing)
        rows.append((label, *cells))
    print_table(("method", *(f"{size:,} comparisons" for size in sizes)), rows)


SECTIONS: dict[str, tuple[Callable[[Path, argparse.Namespace], Found], Callable[[Found], None]]] = {
    "arrays": (arrays, show_arrays),
    "parquet": (parquet, show_parquet),
    "many": (many, show_many),
    "sparse": (sparse, show_sparse),
    "bootstraps": (bootstraps, show_bootstraps),
    "accuracy": (accuracy, show_accuracy),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer comparisons, one turn")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--repeats", type=int, help="turns of each method (3; 1 with --quick)")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="some sections")
    parser.add_argument("--data", type=Path, help="keep the simulated comparisons in this folder")
    options = parser.parse_args()
    options.repeats = options.repeats or (1 if options.quick else 3)
    one_thread()
    before = machine()
    document: Found = {"benchmark": "fusion", "simulated": True, "machine": before, "sections": {}}
    with tempfile.TemporaryDirectory() as made:
        folder = options.data or Path(made)
        for name in options.only:
            document["sections"][name] = SECTIONS[name][0](folder, options)
            if not options.json:
                SECTIONS[name][1](document["sections"][name])
                sys.stdout.flush()
    if options.json:
        print(json.dumps(document, indent=2))
        return
    print(f"\nsimulated: no person answered. {machine_line(before)} before the first run")


if __name__ == "__main__":
    main()
