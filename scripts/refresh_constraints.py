"""Write constraints.txt anew: install the sets that `make` uses into a throw-away environment and note the versions.

Run it with the oldest Python the package supports, `make constraints PYTHON=/path/to/python3.11`, oldest to the last
digit: some packages refuse early patch releases of a Python that they otherwise support. Only names and versions are
written, no addresses: pip's own configuration decides where packages come from.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("report", "data", "fast", "ray", "web")
GROUPS = ("test", "check")
HEADER = """\
# Versions that daccord is tested with: names and versions only. Made by `make constraints`; do not edit by hand.
# Sets: base, extras {extras}, groups {groups}. Made with Python {python}: the oldest that should fit.
"""


def main() -> int:
    """Write the file; 0 if it worked."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    backend = project["build-system"]["requires"]
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")

        def pip(*arguments: str) -> str:
            command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
            return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout

        pip("install", "--upgrade", "pip", *backend)
        groups = [word for group in GROUPS for word in ("--group", group)]
        pip("install", "--no-build-isolation", *groups, "-e", f".[{','.join(EXTRAS)}]")
        frozen = pip("freeze", "--all", "--exclude-editable").splitlines()
    pins = [line for line in frozen if re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", line)]
    odd = sorted(set(frozen) - set(pins))
    if odd:
        print("not written, because they are no plain versions:", *odd, sep="\n  ", file=sys.stderr)
        return 1
    pins = sorted(
        (pin for pin in pins if not pin.startswith(("setuptools==", "wheel=="))),
        key=lambda pin: pin.partition("==")[0].lower(),
    )
    header = HEADER.format(extras=", ".join(EXTRAS), groups=", ".join(GROUPS), python=platform.python_version())
    (ROOT / "constraints.txt").write_text(header + "\n".join(pins) + "\n", encoding="utf-8")
    print(f"constraints.txt: {len(pins)} versions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
