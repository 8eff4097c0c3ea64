"""`daccord models` as a command: every figure is the library's, and it says no where it must."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.property.fusion_cases import make_round, noisy_list, truth, with_judgments, with_list

from daccord.formats import load_round, write_round
from daccord.fusion import fuse, leak_tests, model_report, reward_shares
from daccord.fusion._fuse import task_of
from daccord.fusion.models._standing import independent_models
from daccord.fusion.models._vectors import usable_vectors
from daccord.judging import NEVER, Judgments, Panel
from daccord.round import Override, Round

SIZE = 60
FAMILIES = {"good": "A", "fair": "B", "poor": "B", "flat": "C"}


def daccord(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command as people do, in a process of its own."""
    command = [sys.executable, "-W", "error", "-c", "from daccord.cli.main import main; main()", *map(str, arguments)]
    env = {**os.environ, "COLUMNS": "100", "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=env)


def distinct(round_: Round) -> Round:
    """The round with the first answer of a person about the same only, as a folder may hold them."""

    def once(said: Judgments) -> Judgments:
        c, r = said.comparisons, said.ratings
        pairs = np.stack([c.judge, np.minimum(c.a, c.b), np.maximum(c.a, c.b)])
        rated = np.stack([r.judge, r.project])
        first, single = (np.sort(np.unique(keys, axis=1, return_index=True)[1]) for keys in (pairs, rated))
        return replace(said, comparisons=c.take(first), ratings=r.take(single))

    return with_judgments(round_, once)


def simulated() -> Round:
    """60 projects, 12 jurors, four lists, a copy, and one that was fitted to the half of the answers it had seen."""
    values = truth(3, SIZE)
    lists = {
        name: noisy_list(20 + i, values, noise) for i, (name, noise) in enumerate({"good": 0.4, "fair": 1.0}.items())
    }
    lists |= {"poor": noisy_list(30, values, 3.0), "flat": np.zeros(SIZE)}
    round_ = distinct(
        make_round(3, projects=SIZE, jurors=12, comparisons=240, ratings=0, orders=0.0, lists=lists, families=FAMILIES)
    )
    round_ = with_list(round_, "copy", lists["good"] * 2 + 1, family="D")
    said = round_.judgments["benefit"].comparisons
    shown = np.arange(len(said)) % 2 == 0
    design = np.zeros((len(said), SIZE))
    design[np.arange(len(said)), said.a] += 1
    design[np.arange(len(said)), said.b] -= 1
    rows = design[shown]
    fitted = np.linalg.solve(rows.T @ rows + 0.1 * np.eye(SIZE), rows.T @ said.log_ratio[shown])
    round_ = with_list(round_, "peek", fitted, family="E")
    times = type(said)(said.judge, said.a, said.b, said.outcome, said.log_ratio, np.where(shown, 100, NEVER))
    told = replace(round_.judgments["benefit"], comparisons=times)
    judges = tuple(replace(j, committed=200) if j.id == "peek" else j for j in round_.panel)
    return replace(round_, judgments={"benefit": told}, panel=Panel(judges))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "round"
    write_round(simulated(), path)
    return path


@pytest.fixture(scope="module")
def document(folder: Path) -> dict[str, Any]:
    done = daccord("models", folder, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_figures_are_the_librarys(folder: Path, document: dict[str, Any]) -> None:
    round_ = load_round(folder)
    task, _, _ = task_of(round_, round_.criteria[0])
    beliefs = fuse(round_, "hierarchical")["benefit"]
    assert [voice["skill"]["voice"] for voice in document["voices"]] == [voice.voice for voice in beliefs.voices]
    assert document["voices"][0]["skill"]["coefficient"] == pytest.approx(beliefs.voices[0].coefficient, rel=1e-5)
    share = reward_shares(task).share
    assert {m["model"]: m["reward"] for m in document["models"]} == pytest.approx(share, abs=1e-5)
    leaks = leak_tests(task)
    assert [test["flagged"] for test in document["leaks"]["tests"]] == [test.flagged for test in leaks.tests]
    assert document["independent"] == pytest.approx(independent_models(usable_vectors(task)[0]), rel=1e-5)
    assert document["heard"] == 4
    assert document["simulated"] is True


def test_it_says_who_is_not_heard_and_why(document: dict[str, Any]) -> None:
    notes = {model["model"]: model["note"] for model in document["models"] if model["note"]}
    assert notes == {
        "copy": "copy is an exact copy of good and adds nothing",
        "flat": "flat says the same of every project and gets no weight",
    }
    assert {model["voice"] for model in document["models"] if not model["note"]} == {"A", "B", "E"}


def test_it_counts_seen_and_unseen_answers_and_finds_the_leak(document: dict[str, Any]) -> None:
    alone = {model["model"]: model["alone"] for model in document["models"]}
    answers = document["answers"]
    assert (alone["peek"]["seen"], alone["peek"]["unseen"]) == ((answers + 1) // 2, answers // 2)
    assert (alone["good"]["seen"], alone["good"]["unseen"]) == (0, answers)
    assert document["leaking"] == ["peek"]
    assert any(text.startswith("peek foretells the answers it had seen better") for text in document["warnings"])


def test_models_people_only_and_equal_split_are_compared(document: dict[str, Any]) -> None:
    names = {method["name"] for method in document["held_out"]["methods"]}
    assert {"hierarchical", "people only", "equal split", "good"} <= names
    told = document["held_out"]["findings"] + document["held_out"]["warnings"]
    assert any(text.startswith("hierarchical with models against people only") for text in told)
    assert any(text.startswith("hierarchical against an equal split") for text in told)


def test_check_says_no_where_a_model_leaks(folder: Path) -> None:
    done = daccord("models", folder, "--quick", "--check")
    assert done.returncode == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].startswith("SIMULATED")
    (line,) = [line for line in lines if line.startswith("peek ")]
    assert "!" in line
    assert "against people only" not in done.stdout
    assert max(len(line) for line in lines if not line.startswith("! ")) <= 110


def test_check_says_no_where_the_cap_holds_a_voice_back(tmp_path: Path) -> None:
    """And yes once a recorded override lifts it."""
    values = truth(5, SIZE)
    round_ = distinct(
        make_round(5, projects=SIZE, jurors=10, comparisons=200, ratings=0, orders=0, lists={"m": values})
    )
    report = model_report(round_, repeats=0)
    assert report.stopped == ("m",)
    assert report.voices[0].alarm
    write_round(round_, tmp_path / "held")
    assert daccord("models", tmp_path / "held", "--quick", "--check").returncode == 1
    models = replace(round_.rules.models, override=Override("the assembly", "one model is all we have"))
    lifted = replace(round_, rules=replace(round_.rules, models=models))
    write_round(lifted, tmp_path / "lifted")
    done = daccord("models", tmp_path / "lifted", "--quick", "--check")
    assert done.returncode == 0, done.stderr
    assert model_report(lifted, repeats=0).voices[0].skill.share > report.voices[0].skill.share


def test_a_round_without_models(tmp_path: Path) -> None:
    write_round(distinct(make_round(6, ratings=0)), tmp_path / "round")
    done = daccord("models", tmp_path / "round", "--check")
    assert done.returncode == 0
    assert "0 models on benefit" in done.stdout


def test_an_unknown_criterion_is_refused(folder: Path) -> None:
    done = daccord("models", folder, "--criterion", "beauty")
    assert done.returncode == 2
    assert "does not ask for 'beauty'" in done.stderr
