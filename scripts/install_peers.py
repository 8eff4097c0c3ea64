"""Install the packages that benchmarks compare with into an environment of their own.

    python scripts/install_peers.py FOLDER

They are the dependency group `peers` of `pyproject.toml`. They get no versions from `constraints.txt`, because one of
them insists on another numpy than the tests use. What cannot be installed is left out, with the reason, and the
benchmark skips it.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def peers() -> list[str]:
    """The requirements of the group."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        return [str(entry) for entry in tomllib.load(stream)["dependency-groups"]["peers"]]


def install(python: Path, *requirements: str) -> str:
    """Install requirements together; the last line of what went wrong, empty if nothing did."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return "" if not done.returncode else (done.stderr.strip().splitlines() or ["pip failed"])[-1]


def main() -> None:
    """Make the environment and fill it: all together if that works, else one by one."""
    folder = Path(sys.argv[1])
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python, wanted = folder / "bin" / "python", peers()
    if not install(python, *wanted):
        return
    for requirement in wanted:
        if reason := install(python, requirement):
            print(f"skipped: {requirement} could not be installed: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
