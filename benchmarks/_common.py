"""What the benchmarks share: where real rounds lie, child processes with a stopwatch, tables of text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {"gg24": "deepfunding-gg24-l1", "trial": "deepfunding-trial-2025"}
"""Preset of `daccord import deepfunding` → folder of its files."""

SKIPPED = "skipped: no shared data (set DACCORD_DATA to a folder that holds {names})"


def data_folder() -> Path:
    """Where real rounds lie that nobody here wrote: $DACCORD_DATA, or shared/data beside the checkout."""
    return Path(os.environ.get("DACCORD_DATA", ROOT.parent / "shared" / "data"))


def real_round(preset: str) -> Path | None:
    """Folder with the files of a published contest; None if it is not there."""
    folder = data_folder() / FOLDERS[preset]
    return folder if folder.is_dir() else None


def progress(text: str) -> None:
    """Say what is going on, on stderr."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Run:
    """What one child process took.

    Attributes:
        wall: Seconds on the clock, from start to end.
        cpu: Seconds of processor time, user and system, all threads.
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
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        stdout, stderr = child.communicate()
        wall = time.perf_counter() - begin
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{stderr}")
    own = json.loads(stderr.rsplit("\n", 2)[-2].removeprefix(_MARK)) if _MARK in stderr else {"cpu": 0.0, "peak": 0.0}
    return Run(wall, own["cpu"], own["peak"], stdout, stderr)


_MARK = "measured: "
