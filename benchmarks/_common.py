"""What the benchmarks share: where real rounds lie, child processes with a stopwatch, tables of text.

This module stays free of numpy, so that the memory of a child process is its own and not that of its parent.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FOLDERS = {"gg24": "deepfunding-gg24-l1", "trial": "deepfunding-trial-2025"}
"""Preset of `daccord import deepfunding` → folder of its files."""

SKIPPED = "skipped: no shared data (set DACCORD_DATA to the folder of real rounds, see benchmarks/README.md)"


def real_round(preset: str) -> Path | None:
    """Folder with the files of a published contest; None if it is not there.

    It lies in $DACCORD_DATA, or in shared/data beside the checkout.
    """
    folder = Path(os.environ.get("DACCORD_DATA", ROOT.parent / "shared" / "data")) / FOLDERS[preset]
    return folder if folder.is_dir() else None


THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
"""Environment variables that say how many threads the linear algebra under numpy may use."""


def one_thread() -> None:
    """Let linear algebra use one thread, unless the environment says otherwise; call before numpy is imported.

    Our matrices have some hundred rows. A second thread gains nothing on them, and on a machine that has other things
    to do the threads wait for each other most of the time.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")


def progress(text: str) -> None:
    """Say on stderr what is going on."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Run:
    """What one child process took.

    Attributes:
        wall: Seconds on the clock, from before the start to the end.
        cpu: Seconds of processor time, user and system, over all threads.
        peak: Largest resident memory, MiB.
        stdout: What it printed.
        stderr: What it said.
    """

    wall: float
    cpu: float
    peak: float
    stdout: str
    stderr: str


def run(*command: str) -> Run:
    """Run a command in a process of its own and measure it.

    Raises:
        SystemExit: It failed; its own words are passed on.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        stdout, stderr = out.read().decode(), err.read().decode()
    if child.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {child.returncode}\n{stderr}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, stdout, stderr)


def machine() -> dict[str, float | int | str]:
    """Processors this process may use, the load average of the last minute, and Python's version."""
    version = ".".join(map(str, sys.version_info[:3]))
    return {"cpus": len(os.sched_getaffinity(0)), "load": round(os.getloadavg()[0], 2), "python": version}


def machine_line(found: dict[str, float | int | str]) -> str:
    """The machine in one line, for people."""
    return f"{found['cpus']} CPUs, load average {found['load']}, Python {found['python']}"


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> None:
    """Print rows of text under their heads; the first `left` columns are set flush left, the others right."""
    wide = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    for row in (heads, *rows):
        cells = [
            text.ljust(width) if i < left else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, wide, strict=True))
        ]
        print("  ".join(cells).rstrip())
