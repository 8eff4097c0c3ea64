"""`daccord futures`, as its users run it: a funder who plans, a researcher who compares, and one who stops half way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from daccord.cli.main import cli
from daccord.errors import InputError, IntegrityError, RefusedError
from daccord.formats.worlds import examples, load_world, registrations

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["futures", *map(str, arguments)], catch_exceptions=False)


def document(*arguments: str | Path) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("worlds") / "small.toml"
    assert run("init", path).exit_code == 0
    return path


def test_init_writes_examples_and_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "world.toml"
    assert run("init", path, "--example", "dacc").exit_code == 0
    assert len(load_world(path).world.technologies) == 15
    assert "registered 2026-11-28" in run("check", path).stdout
    with pytest.raises(InputError, match="already"):
        run("init", path)
    with pytest.raises(InputError, match="no example"):
        run("init", tmp_path / "x.toml", "--example", "none")
    assert set(document("init", path, "--list")["examples"]) == set(examples())


def test_check_says_what_stands_in_a_file(small: Path) -> None:
    found = document("check", small)
    assert found["fictional"] is True
    assert found["technologies"] == ["ai", "alignment", "clean-air"]
    assert found["constitutions"] == ["market", "consortium", "federation"]
    assert found["without_source"] == []
    assert found["registered"] is None
    assert "FICTIONAL WORLD" in run("check", small).stdout


def test_a_register_is_kept_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "world.toml"
    run("init", path)
    entry = document("register", path, "--by", "us", "--date", "2026-11-01")
    assert entry["digest"] == load_world(path).digest
    assert "registered 2026-11-01 by us, unchanged since" in run("check", path).stdout
    path.write_text(path.read_text(encoding="utf-8").replace("actors = 10", "actors = 9"), encoding="utf-8")
    assert "CHANGED since it was registered" in run("check", path).stdout
    assert document("check", path)["changed"] == ["study.conditions.actors"]
    run("register", path, "--by", "us", "--note", "fewer actors")
    assert len(registrations(path)) == 2
    place = path.with_name("world.registered.json")
    place.write_text(place.read_text(encoding="utf-8").replace("2026-11-01", "2026-10-01"), encoding="utf-8")
    with pytest.raises(IntegrityError):
        run("check", path)


def test_a_plan_is_the_same_again_and_says_what_it_is(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    found = document("plan", small, "--quick", "--out", out)
    assert json.loads(out.read_text(encoding="utf-8")) == found
    assert document("plan", small, "--quick") == found
    assert found["fictional"] is True
    assert "not a forecast" in found["what"]
    assert found["digest"] == load_world(small).digest
    assert found["spent"] <= 20.0 + 1e-9
    assert found["gain"]["years_of_life"] > 3 * found["gain"]["error"] > 0
    assert {item["id"]: item["amount"] for item in found["technologies"]}["ai"] == 0  # not fundable
    for item in found["technologies"]:
        low, high = item["near_optimal"]
        assert low <= item["amount"] + 1e-9
        assert item["amount"] <= high + 1e-9
        assert item["verdict"] in {"accelerate", "with safeguards", "hold", "unclear"}
    assert found["bound"]["evpi"] >= 0
    assert {item["evaluator"] for item in found["regrets"]} == {"ada", "ben"}
    text = run("plan", small, "--quick").stdout
    assert "FICTIONAL WORLD" in text
    assert "worst 5 %" in text  # no probability of catastrophe without its tail


def test_a_plan_under_other_values_and_what_it_hangs_on(small: Path) -> None:
    found = document("plan", small, "--quick", "--all-values", "--sensitivity")
    assert list(found["by_values"]) == ["γ = 1", "γ = 1.5", "γ = 2", "γ = 3"]
    assert found["by_values"]["γ = 2"]["gain"] == found["gain"]["years_of_life"]
    groups = {item["group"]: item for item in found["hangs_on"]}
    assert {"values", "beliefs", "evaluator"} <= set(groups)
    assert groups["values"]["first"] + groups["beliefs"]["total"] == pytest.approx(1, abs=0.25)


def test_both_signs_are_shipped_as_files(tmp_path: Path) -> None:
    """Acceleration is funded in one world and not in the other; regulation and dearer compute go both ways too."""
    funded = {}
    for sign in ("helps", "harms"):
        path = tmp_path / f"acceleration-{sign}.toml"
        run("init", path, "--example", f"acceleration-{sign}")
        funded[sign] = document("plan", path, "--quick")
    assert funded["helps"]["spent"] == pytest.approx(100.0)
    assert funded["helps"]["technologies"][0]["verdict"] == "accelerate"
    assert funded["harms"]["spent"] == 0
    assert funded["harms"]["technologies"][0]["verdict"] == "hold"
    for sign in (1, -1):
        name = "helps" if sign > 0 else "harms"
        path = tmp_path / f"regulation-{name}.toml"
        run("init", path, "--example", f"regulation-{name}")
        found = document("compare", path, "--executor", "serial", "--no-gaps")
        means = {row["constitution"]: row["measures"]["welfare"]["mean"] for row in found["rows"]}
        assert sign * (means["regulation"] - means["market"]) > 0
        path = tmp_path / f"dearer-compute-{name}.toml"
        run("init", path, "--example", f"dearer-compute-{name}")
        found = document("compare", path, "--executor", "serial", "--no-gaps")
        welfare = {
            row["class"]: row["measures"]["welfare"]["mean"] for row in found["rows"] if row["constitution"] == "market"
        }
        assert sign * (welfare["dear"] - welfare["cheap"]) > 0


def test_a_comparison_is_the_same_on_one_process_and_on_several(small: Path, tmp_path: Path) -> None:
    sizes = ("--scenarios", "3", "--worlds", "32")
    alone = document("compare", small, *sizes, "--executor", "serial", "--folder", tmp_path / "pieces")
    assert document("compare", small, *sizes, "--workers", "2") == alone
    again = document("compare", small, *sizes, "--executor", "serial", "--folder", tmp_path / "pieces")
    assert again == alone
    assert alone["scenarios"] == 6
    assert alone["worlds"] == 6 * 32
    assert {row["class"] for row in alone["rows"]} == {"tight", "leaky"}
    assert all(row["regret"]["mean"] >= 0 for row in alone["rows"])
    for group in ("tight", "leaky"):
        own = [row["first"] for row in alone["rows"] if row["class"] == group]
        assert sum(own) == pytest.approx(1)
    assert len(alone["gaps"]) > 0
    assert alone["rankings"][0]["order"]
    with pytest.raises(InputError):  # pieces of another study
        run("compare", small, "--scenarios", "4", "--worlds", "32", "--folder", tmp_path / "pieces")
    with pytest.raises(InputError, match="--address"):
        run("compare", small, "--address", "localhost:1")


def test_one_who_stops_half_way_goes_on_where_it_was(small: Path, tmp_path: Path) -> None:
    command = ["compare", str(small), "--scenarios", "12", "--worlds", "32", "--no-gaps", "--workers", "1",
               "--folder", str(tmp_path / "pieces"), "--json"]  # fmt: skip
    # a shell that started the tests in the background may have told them to ignore ctrl-c
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = [sys.executable, "-c", f"{heed}; from daccord.cli.main import main; main()", "futures", *command]
    process = subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list((tmp_path / "pieces").rglob("*"))) < 8:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, errors
    assert "goes on" in errors
    kept = len(list((tmp_path / "pieces").rglob("*")))
    assert kept >= 8
    finished = document(*command[:-1])
    whole = document("compare", small, "--scenarios", "12", "--worlds", "32", "--no-gaps", "--executor", "serial")
    assert finished == whole


def test_a_round_becomes_a_world_that_can_be_planned(tmp_path: Path) -> None:
    out = tmp_path / "round.toml"
    result = run("import", EXAMPLES / "dacc", "--out", out, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    file = load_world(out)
    assert file.digest == found["digest"]
    assert file.fictional  # the round is simulated
    assert found["left_out"]
    assert found["assumptions"]
    assert document("check", out)["without_source"] == []
    with pytest.raises(InputError, match="already"):
        run("import", EXAMPLES / "dacc", "--out", out)


def test_nothing_to_report_is_refused(small: Path) -> None:
    with pytest.raises(InputError):
        run("report", small, "--no-plan", "--no-comparison")


def test_the_documented_script_runs(tmp_path: Path) -> None:
    page = (EXAMPLES.parent / "docs" / "futures" / "asking.md").read_text(encoding="utf-8")
    script = page.partition("```python\n")[2].partition("```")[0]
    assert "run_study" in script
    run("init", tmp_path / "my-world.toml")
    (tmp_path / "ask.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "ask.py"]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "'alignment'" in done.stdout
    assert len(done.stdout.splitlines()) == 1 + 2 * 3


def test_refusals_have_codes() -> None:
    assert InputError.exit_code == 2
    assert RefusedError.exit_code == 1
