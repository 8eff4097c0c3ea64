"""What is shipped, and what a base install has to load."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import daccord

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "daccord"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The built wheel, path → content."""
    pytest.importorskip("hatchling", reason="the build backend is not installed; `make test` installs it")
    folder = tmp_path_factory.mktemp("wheel")
    arguments = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), str(ROOT)]
    built = subprocess.run([sys.executable, "-m", "pip", *arguments], check=False, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheel_holds_the_package_and_nothing_else(wheel: dict[str, bytes]) -> None:
    written = {
        f"daccord/{path.relative_to(SOURCE).as_posix()}"
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {name for name in wheel if ".dist-info/" not in name}
    assert shipped == written
    assert "daccord/py.typed" in shipped
    assert "daccord/cli/main.py" in shipped
    assert not any(part == "tests" or part.startswith("test_") for name in shipped for part in name.split("/"))


def test_wheel_holds_the_report_templates(wheel: dict[str, bytes]) -> None:
    templates = [name for name in wheel if name.startswith("daccord/report/templates/")]
    assert any(name.endswith((".html", ".jinja", ".j2")) for name in templates)


def test_wheel_says_what_it_is(wheel: dict[str, bytes]) -> None:
    (metadata,) = (message_from_bytes(text) for name, text in wheel.items() if name.endswith(".dist-info/METADATA"))
    assert metadata["Version"] == daccord.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    (entry,) = (text.decode() for name, text in wheel.items() if name.endswith(".dist-info/entry_points.txt"))
    assert "daccord = daccord.cli.main:main" in entry
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel)


def loaded(statement: str) -> set[str]:
    """Modules in memory after a statement, in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*sys.modules, file=sys.__stderr__)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def run_command(*arguments: str) -> str:
    """A statement that runs the command line in this interpreter and survives its exit."""
    return (
        "from daccord.cli.main import cli\n"
        f"try:\n    cli({list(arguments)!r}, prog_name='daccord')\n"
        "except SystemExit as left:\n    assert not left.code, left.code"
    )


EXTRAS = {
    "altair",
    "jinja2",
    "vl_convert",
    "pandas",
    "polars",
    "pyarrow",
    "duckdb",
    "litestar",
    "openai",
    "psycopg",
    "ray",
}


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import daccord", {"numpy", "scipy", "pydantic", "click", "rich"}),
        ("import daccord.cli.main", {"numpy", "scipy", "scipy.stats", "pydantic"}),
        (run_command("--version"), {"numpy", "scipy", "scipy.stats", "pydantic"}),
        (run_command("--help"), {"numpy", "scipy", "scipy.stats"}),
        ("from daccord import decide, load_round", set()),
    ],
    ids=["import daccord", "import daccord.cli.main", "daccord --version", "daccord --help", "library"],
)
def test_base_install_loads_no_extra_and_the_command_starts_light(statement: str, heavy: set[str]) -> None:
    modules = loaded(statement)
    assert "daccord" in modules
    assert modules & (EXTRAS | heavy) == set()
