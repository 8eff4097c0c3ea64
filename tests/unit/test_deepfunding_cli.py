"""`daccord import deepfunding` and `daccord fetch` as commands: exit codes, what goes to stdout, what to stderr."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from daccord.cli import importing
from daccord.formats import load_round
from daccord.formats.deepfunding import PRESETS

ROWS = "repo_a,repo_b,winner,multiplier\na,b,a,3\nb,c,c,5\n"


def daccord(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as people do, in a process of its own."""
    command = [sys.executable, "-W", "error", "-c", "from daccord.cli.main import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


@pytest.fixture
def human(tmp_path: Path) -> Path:
    path = tmp_path / "human.csv"
    path.write_text(ROWS)
    return path


def test_import_makes_a_round(human: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs.csv"
    runs.write_text("juror_id,item_a,item_b,winner\ndev,a,b,b\n")
    weights = tmp_path / "w.csv"
    weights.write_text("repo,weight\na,2\nb,2\nc,6\n")
    done = daccord(
        "import", "deepfunding", "--out", "round", "--human", "human.csv", "--ai", "arb=runs.csv",
        "--list", "elo=w.csv", "--family", "arb=arbitron", "--family", "elo=arbitron", "--seen", "elo",
        "--budget", "1000.5", "--currency", "EUR", "--digits", "3", "--bar", "0.5", "--name", "Test",
        "--goal", "To test", "--goal-set-by", "Testers", "--question", "Which?", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["projects"] == 3
    assert document["people"] == 1
    assert document["comparisons_by_people"] == 2
    assert document["models"] == 2
    assert document["comparisons_by_models"] == 1
    assert set(document["inputs"]) == {"human.csv", "runs.csv", "w.csv"}
    for notice in document["notices"]:
        assert f"warning: {notice}\n" in done.stderr
    round_ = load_round(tmp_path / "round")
    assert round_.name == "Test"
    assert (round_.goal.statement, round_.goal.set_by) == ("To test", "Testers")
    assert (round_.budget.amount, round_.budget.currency.code, round_.budget.currency.digits) == (1_000_500, "EUR", 3)
    (criterion,) = round_.criteria
    assert criterion.question == "Which?"
    assert criterion.threshold is not None
    assert (criterion.threshold.kind, criterion.threshold.value) == ("relative", 0.5)
    assert [(judge.id, judge.family, judge.exposure) for judge in round_.panel if not judge.is_person] == [
        ("arb-dev", "arbitron", "blind"),
        ("elo", "arbitron", "seen"),
    ]


def test_presets_of_the_command_are_those_of_the_importer() -> None:
    assert tuple(PRESETS) == importing.PRESETS


def test_import_says_what_it_made(human: Path, tmp_path: Path) -> None:
    done = daccord("import", "deepfunding", "--out", tmp_path / "round", "--human", human)
    assert done.returncode == 0
    assert "3 projects, pot 350,000.00 USD" in done.stdout
    assert "1 people with 2 comparisons" in done.stdout
    assert "warning: " not in done.stdout
    assert "influence of one juror cannot be computed" in done.stderr


def test_bad_input_leaves_with_2_and_writes_nothing(human: Path, tmp_path: Path) -> None:
    weights = tmp_path / "w.csv"
    weights.write_text("repo,weight\na,0.2\nb,0.02853076603930131C\nc,0\n")
    done = daccord("import", "deepfunding", "--out", tmp_path / "round", "--human", human, "--list", weights)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "w.csv, row 3, column weight: '0.02853076603930131C'" in done.stderr
    assert "w.csv, row 4, column weight" in done.stderr
    assert "2 problems" in done.stderr
    assert not (tmp_path / "round").exists()


def test_folder_that_holds_something_is_left_alone(human: Path, tmp_path: Path) -> None:
    done = daccord("import", "deepfunding", "--out", tmp_path, "--human", human)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["human.csv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "gg24"], "--from and --preset belong together"),
        (["--from", "."], "--from and --preset belong together"),
        (["--from", ".", "--preset", "trial"], "run: daccord fetch deepfunding-trial"),
        (["--human", "human.csv", "--bar", "0"], "must be above zero"),
        (["--human", "human.csv", "--bar", "nan"], "must be above zero"),
        (["--human", "human.csv", "--budget", "1.234"], "has 3 decimals"),
        (["--human", "human.csv", "--currency", "EUR"], "belong to --budget"),
        (["--human", "human.csv", "--name", " "], "must not be empty"),
        (["--human", "human.csv", "--family", "x"], "is not NAME=FAMILY"),
        (["--human", "human.csv", "--list", "=w.csv"], "is neither FILE nor NAME=FILE"),
        (["--human", "human.csv", "--list", "x="], "is neither FILE nor NAME=FILE"),
        (["--human", "none.csv"], "none.csv: cannot be read"),
        ([], "names no projects"),
    ],
)
def test_unusable_options_leave_with_2(arguments: list[str], message: str, human: Path, tmp_path: Path) -> None:
    done = daccord("import", "deepfunding", "--out", "round", *arguments, cwd=human.parent)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert not (tmp_path / "round").exists()


def test_file_with_an_equals_sign_is_a_file(human: Path, tmp_path: Path) -> None:
    for folder, name in ((tmp_path, "t=1.csv"), (tmp_path / "t=2", "w.csv")):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("repo,weight\na,1\n")
    done = daccord(
        "import", "deepfunding", "--out", "round", "--human", human, "--list", "t=1.csv", "--list", "./t=2/w.csv",
        "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [judge.id for judge in load_round(tmp_path / "round").panel if not judge.is_person] == ["t=1", "w"]


def test_fetch_from_a_folder_then_import(trial: Path, tmp_path: Path) -> None:
    done = daccord("fetch", "deepfunding-trial", "--out", tmp_path / "data", "--mirror", trial, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {file["status"] for file in document["files"]} == {"fetched"}
    assert all(file["licence"] for file in document["files"])
    again = daccord("fetch", "deepfunding-trial", "--out", tmp_path / "data", "--mirror", trial)
    assert again.returncode == 0
    assert again.stdout.count("present") == len(document["files"])
    made = daccord(
        "import", "deepfunding", "--from", tmp_path / "data", "--preset", "trial", "--out", tmp_path / "round"
    )
    assert made.returncode == 0, made.stderr
    assert "37 people with 587 comparisons" in made.stdout
    assert "final_seer_weights was left out: ai/final_seer_weights.csv, row 21" in made.stderr


def test_fetch_refuses_other_bytes_with_1_and_no_mirror_with_3(tmp_path: Path) -> None:
    (tmp_path / "mirror/human").mkdir(parents=True)
    (tmp_path / "mirror/human/train_627_with_reasoning.csv").write_text("not it")
    wrong = daccord("fetch", "deepfunding-trial", "--out", tmp_path / "out", "--mirror", tmp_path / "mirror")
    assert wrong.returncode == 1
    assert "the file was not kept" in wrong.stderr
    gone = daccord("fetch", "deepfunding-trial", "--out", tmp_path / "out", "--mirror", tmp_path / "nowhere")
    assert gone.returncode == 3
    assert "the mirror has no such file" in gone.stderr
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
