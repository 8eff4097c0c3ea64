"""`make demo`: what it prints and writes, and that it recovers the truth as README.md says."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from daccord.errors import InputError
from daccord.formats.decisions import read_decision

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
ASKED = ("benefit", "defence", "diffusion")
"""Of harm only levels are published."""
Z = 1.2815515655446004
"""90 % quantile of the standard normal."""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Run:
    out: Path
    stdout: str
    stderr: str
    document: dict[str, Any]
    recovery: dict[str, Any]

    def criterion(self, name: str) -> dict[str, Any]:
        return next(entry for entry in self.recovery["beliefs"] if entry["criterion"] == name)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("demo") / "made" / "here"
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, EXAMPLES / "demo.py", "--out", out],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    recovery = json.loads((out / "recovery.json").read_text(encoding="utf-8"))
    return Run(out, done.stdout, done.stderr, read_decision(out / "decision.json"), recovery)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo_script", EXAMPLES / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def test_it_says_simulated_first_and_shows_every_project(demo: Run) -> None:
    lines = demo.stdout.splitlines()
    assert lines[0].startswith("SIMULATED")
    assert len(demo.document["projects"]) == 36
    for project in demo.document["projects"]:
        beginning = project["title"][:14]
        line = next(line for line in lines if line.startswith(beginning))
        assert project["verdict"]["label"].replace("_", " ") in line
        award = f"{project['award']['amount'] // 100:,}.{project['award']['amount'] % 100:02d}"
        assert f" {award} " in line
    assert "Traceback" not in demo.stderr
    assert "some twenty seconds" in demo.stderr


def test_the_files_agree_and_sum_to_the_pot(demo: Run) -> None:
    pot = 100_000_000
    document, table = demo.document, rows(demo.out / "awards.csv")
    assert document["budget"]["amount"] == pot
    assert document["simulated"]
    assert sum(project["award"]["amount"] for project in document["projects"]) + document["unallocated"] == pot
    assert sum(int(row["award_minor_units"]) for row in table) + document["unallocated"] == pot
    assert [row["project"] for row in table] == [project["id"] for project in document["projects"]]
    assert {row["simulated"] for row in table} == {"yes"}
    assert document["parameters"]["overridden"] == {}
    for name in ("decision.json", "awards.csv", "report.html", "recovery.json"):
        assert str(demo.out / name) in demo.stdout


def test_the_report_is_whole_and_compares_rules(demo: Run) -> None:
    page = (demo.out / "report.html").read_text(encoding="utf-8")
    assert "<title>SIMULATED" in page
    assert page.rstrip().endswith("</html>")
    assert "hierarchical / proportional" in page
    assert all(project["title"] in page for project in demo.document["projects"])


def test_every_criterion_is_recovered(demo: Run) -> None:
    assert [entry["criterion"] for entry in demo.recovery["beliefs"]] == list(ASKED)
    for entry in demo.recovery["beliefs"]:
        assert entry["projects"] == 36
        assert entry["linear"] > 0.85, entry
        assert entry["sided"] >= 29, entry
        assert entry["held"] >= 20, entry


def test_levels_of_harm_are_right(demo: Run) -> None:
    truth = {
        row["project"]: float(row["level"]) for row in rows(EXAMPLES / "dacc-truth.csv") if row["criterion"] == "harm"
    }
    limit = next(entry["threshold"]["value"] for entry in demo.document["criteria"] if entry["id"] == "harm")
    levels = {project["id"]: project["scores"]["harm"]["level"] for project in demo.document["projects"]}
    told = {name: level for name, level in levels.items() if level != "too_few"}
    right = sum((level == "from_hold") == (truth[name] > limit) for name, level in told.items())
    assert demo.recovery["harm"] == {"projects": len(told), "sided": right}
    assert len(told) >= 30
    assert right >= 0.9 * len(told)
    assert f"{right} of the {len(told)} projects" in demo.stdout


def test_narrow_intervals_are_named(demo: Run) -> None:
    narrow = [entry["criterion"] for entry in demo.recovery["beliefs"] if entry["chance"] < 0.05]
    said = [line for line in demo.stdout.splitlines() if line.startswith("Too narrow")]
    assert len(said) == bool(narrow)
    assert all(name in said[0] for name in narrow)


def test_money_counts_projects_as_the_decision_does(demo: Run) -> None:
    money = demo.recovery["money"]
    verdicts = [project["verdict"]["label"] for project in demo.document["projects"]]
    assert money["fundable"] == verdicts.count("accelerate") + verdicts.count("with_safeguards")
    assert money["funded"] == sum(project["award"]["amount"] > 0 for project in demo.document["projects"])


def test_figures_follow_from_the_published_files_alone(demo: Run) -> None:
    truth = {(row["project"], row["criterion"]): row for row in rows(EXAMPLES / "dacc-truth.csv")}
    thresholds = {entry["id"]: entry["threshold"]["value"] for entry in demo.document["criteria"]}
    for criterion in ASKED:
        told = demo.criterion(criterion)
        scores = [(project["id"], project["scores"][criterion]) for project in demo.document["projects"]]
        inside = sided = 0
        for name, score in scores:
            true = truth[name, criterion]
            inside += abs(float(true["theta"]) * 1e6 - score["mean"]) <= Z * score["sd"]
            sided += (score["above"] > 500_000) == (float(true["level"]) > thresholds[criterion])
        assert (inside, sided) == (told["held"], told["sided"])
        believed = np.array([score["mean"] for _, score in scores])
        hidden = np.array([float(truth[name, criterion]["theta"]) for name, _ in scores])
        assert np.corrcoef(believed, hidden)[0, 1] == pytest.approx(told["linear"], abs=1e-9)
        ranks = [np.argsort(np.argsort(values)) for values in (believed, hidden)]
        assert np.corrcoef(*ranks)[0, 1] == pytest.approx(told["rank"], abs=1e-3)
        line = next(line for line in demo.stdout.splitlines() if line.startswith(f"{criterion} "))
        assert line.split() == [
            criterion,
            f"{told['rank']:.2f}",
            f"{told['linear']:.2f}",
            *f"{inside} of 36".split(),
            *f"{sided} of 36".split(),
        ]


# --- its functions ----------------------------------------------------------------------------------------------------


def test_moved_is_the_total_variation_distance(script: ModuleType) -> None:
    def moved(one: list[float], other: list[float]) -> float:
        return float(script.moved(np.array(one), np.array(other), 100))

    assert moved([60, 40], [60, 40]) == 0
    assert moved([100, 0], [0, 100]) == 1
    assert moved([60, 40], [50, 50]) == pytest.approx(0.1)
    # What one division leaves unallocated went elsewhere too.
    assert moved([60, 40], [60, 0]) == pytest.approx(0.4)


def test_held_counts_ends_in(script: ModuleType) -> None:
    truth = np.array([0.0, 1.0, 2.0, 3.0])
    assert script.held(truth, np.array([0.0, 0.5, 2.1, 2.0]), np.array([0.0, 1.0, 3.0, 2.9])) == 2


def test_a_truth_of_other_projects_is_refused(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("project,criterion,theta,level\na,benefit,0.5,6\nb,benefit,-0.5,4\n", encoding="utf-8")
    truth = script.read_truth(path, ["b", "a"])
    assert truth["benefit"].theta.tolist() == [-0.5, 0.5]
    assert truth["benefit"].level.tolist() == [4, 6]
    for projects in (["a"], ["a", "b", "c"], ["a", "c"]):
        with pytest.raises(InputError, match="are not those of the round"):
            script.read_truth(path, projects)


def test_a_folder_that_cannot_be_written_is_an_outside_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, EXAMPLES / "demo.py", "--out", tmp_path / "file"],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


# --- the pages that speak of it ---------------------------------------------------------------------------------------


def test_recovery_is_what_the_readme_says(demo: Run) -> None:
    """The README's table holds the bounds; here they are read and held."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")

    def bounds(beginning: str) -> list[float]:
        line = next(line for line in page.splitlines() if line.startswith(f"| {beginning}"))
        return [float(number) for number in re.findall(r"[0-9]+(?:[.][0-9]+)?", line.split("|")[2])]

    rank = {name: demo.criterion(name)["rank"] for name in ASKED}
    money = demo.recovery["money"]
    (benefit,) = bounds("rank correlation of believed")
    (others,) = bounds("the same for defence")
    low, high = bounds("80 % intervals that hold the truth")
    (elsewhere,) = bounds("part of the pot")
    (equal,) = bounds("the same for an equal split")
    (awards,) = bounds("awards whose 80 % interval")
    assert benefit >= 0.9
    assert rank["benefit"] >= benefit
    assert others >= 0.8
    assert min(rank[name] for name in ASKED[1:]) >= others
    # Many more than promised would mean intervals too wide to be worth stating.
    assert low >= 0.6 * 108
    assert low <= sum(entry["held"] for entry in demo.recovery["beliefs"]) <= high
    assert elsewhere <= equal / 2
    assert 100 * money["moved"] <= elsewhere
    assert 100 * money["moved_equal"] >= equal
    assert awards >= 60
    assert 100 * money["held"] >= awards * money["funded"]


def test_the_picture_is_small_and_shown() -> None:
    picture = ROOT / "docs" / "images" / "report.png"
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(data) <= 250_000
    assert "(docs/images/report.png)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_checks_of_the_verify_page_pass_and_notice_a_changed_cent(demo: Run, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    checks = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(checks) == 2
    folder = tmp_path / "dacc"
    for path in (EXAMPLES / "dacc").rglob("*"):
        if path.is_file() and "out" not in path.relative_to(EXAMPLES / "dacc").parts:
            target = folder / path.relative_to(EXAMPLES / "dacc")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    published = folder / "out" / "decision.json"
    published.parent.mkdir()

    def codes() -> list[int]:
        command = [sys.executable, "-c"]
        return [
            subprocess.run([*command, check], cwd=folder, check=False, capture_output=True).returncode
            for check in checks
        ]

    text = (demo.out / "decision.json").read_text(encoding="utf-8")
    published.write_text(text, encoding="utf-8")
    assert codes() == [0, 0]

    # A cent moved from one funded project to another: the sum still holds, the exact allocation does not.
    document = json.loads(text)
    funded = [project["award"] for project in document["projects"] if project["award"]["amount"] > 0]
    funded[0]["amount"] -= 1
    next(
        project["award"]
        for project in document["projects"]
        if project["award"]["amount"] > 0 and project["award"] is not funded[0] and not project["award"]["limited_by"]
    )["amount"] += 1
    published.write_text(json.dumps(document), encoding="utf-8")
    assert codes() == [0, 1]

    # An answer changed after the decision: the digests notice.
    published.write_text(text, encoding="utf-8")
    ratings = folder / "ratings.csv"
    changed = re.sub(r"(benefit,[^,]+),[0-9.]+", r"\1,0.5", ratings.read_text(encoding="utf-8"), count=1)
    ratings.write_text(changed, encoding="utf-8")
    assert codes()[0] == 1


def test_the_record_of_the_demo_gives_the_same_awards(demo: Run) -> None:
    assert (demo.out / "record.zip").is_file()
    assert (
        "verified from it alone (tree, keys, entries, openings, decision): the same awards to the last unit"
        in demo.stdout
    )
