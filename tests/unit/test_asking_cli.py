"""`daccord next` as a command: text for jurors, JSON for programs, the stop rule's exit codes, rounds of all ages."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from daccord.cli.init import template_files
from daccord.cli.main import cli
from daccord.errors import DaccordError
from daccord.formats import load_round

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "dacc"


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def daccord(*arguments: object) -> Done:
    """Run the command on a terminal of a hundred columns, errors told as `main` tells them."""
    done = CliRunner(env={"COLUMNS": "100"}).invoke(cli, list(map(str, arguments)))
    if isinstance(done.exception, DaccordError):
        return Done(done.exception.exit_code, done.stdout, done.exception.diagnostics())
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The template round, with four projects and four jurors."""
    for name, data in template_files().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


@pytest.fixture
def unanswered(folder: Path) -> Path:
    """The same before anybody has answered."""
    for name in ("comparisons.csv", "ratings.csv"):
        (folder / name).unlink()
    shutil.rmtree(folder / "lists")
    return folder


def test_a_juror_reads_questions_word_for_word() -> None:
    asked = daccord("next", EXAMPLE, "--juror", "j02")
    assert asked.returncode == 0, asked.stderr
    round_ = load_round(EXAMPLE)
    lines = asked.stdout.splitlines()
    assert lines[0] == "SIMULATED ROUND: projects or judgments are invented"
    assert lines[2].startswith("j02: ")
    assert lines[4] in {criterion.question for criterion in round_.criteria}
    assert sum(line.startswith(f"{n}.  ") for n in range(1, 6) for line in lines) == 5
    assert lines[-1] in {"Go on asking.", "The round may stop asking."}
    assert max(map(len, lines)) <= 100
    named = {project.id for project in round_.portfolio if f"({project.id})" in asked.stdout}
    tied = {p.id for p in round_.portfolio if {p.id, p.team} & set(round_.panel["j02"].conflicts)}
    assert tied
    assert not named & tied


def test_json_is_what_the_text_says(folder: Path) -> None:
    asked = daccord("next", folder, "--juror", "juror-1", "--criterion", "benefit")
    done = daccord("next", folder, "--juror", "juror-1", "--criterion", "benefit", "--json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["schema"] == "daccord/next/1"
    assert document["simulated"] is True
    assert document["question"] in asked.stdout
    assert document["draw"]["seed"] == load_round(folder).seed
    assert f"juror-1: {sum(document['answered'].values())} answers so far" in asked.stdout
    words = " ".join(asked.stdout.split())
    assert document["questions"]
    for number, question in enumerate(document["questions"], 1):
        second = f"or {question['right_title']} ({question['right']})"
        assert f"{number}. {question['left_title']} ({question['left']}) {second} – {question['text']}" in words
        assert question["effect"] > 0
    stop = document["stop"]
    assert 0 < stop["expected"] < stop["at_90"] < 1
    assert f"at most {100 * stop['at_90']:.1f} %" in words
    assert document["considered"].keys() <= document["answered"].keys()


def test_options_are_obeyed(folder: Path) -> None:
    done = daccord(
        "next", folder, "--juror", "juror-3", "--count", 2, "--criterion", "harm", "--form", "comparison", "--json"
    )
    document = json.loads(done.stdout)
    assert (document["criterion"], document["form"]) == ("harm", "comparison")
    assert [question["right"] is not None for question in document["questions"]] == [True, True]


@pytest.mark.parametrize(("percent", "code"), [("0", 0), ("100", 1)])
def test_check_says_whether_to_go_on(folder: Path, percent: str, code: int) -> None:
    done = daccord("next", folder, "--check", "--stop-at", percent)
    assert done.returncode == code, done.stderr
    last = done.stdout.splitlines()[-1]
    assert last == ("The round may stop asking." if code else "Go on asking.")
    document = json.loads(daccord("next", folder, "--check", "--stop-at", percent, "--json").stdout)
    assert document["stop"]["may_stop"] is bool(code)
    assert "questions" not in document


def test_errors_have_their_codes(folder: Path) -> None:
    unknown = daccord("next", folder, "--juror", "juror-11")
    assert unknown.returncode == 2
    assert "the nearest juror is 'juror-1'" in unknown.stderr
    model = daccord("next", folder, "--juror", "model-a")
    assert model.returncode == 1
    assert "models are not asked" in model.stderr
    nobody = daccord("next", folder)
    assert nobody.returncode == 2
    assert "--juror" in nobody.stderr
    nothing = daccord("next", folder, "--juror", "juror-1", "--criterion", "diffusion")
    assert nothing.returncode == 2
    assert daccord("next", folder / "none", "--juror", "juror-1").returncode == 2


def test_the_first_question_of_a_round(unanswered: Path) -> None:
    done = daccord("next", unanswered, "--juror", "juror-1", "--count", 1)
    assert done.returncode == 0, done.stderr
    assert "juror-1: no answer yet" in done.stdout
    assert "Nobody has answered yet, so no effect can be computed" in done.stdout
    assert "4 of 4 projects still lack answers" in done.stdout
    assert daccord("next", unanswered, "--check", "--stop-at", 100).returncode == 0
    harm = daccord("next", unanswered, "--juror", "juror-1", "--criterion", "harm")
    assert "Rate each project from 0 to 10" in harm.stdout


def test_a_juror_who_has_answered_or_skipped_everything(folder: Path) -> None:
    ids = [project.id for project in load_round(folder).portfolio]
    rows = [
        f"juror-1,{criterion},{a},{b},{'skip,' if i else f'{a},2'},"
        for criterion in ("benefit", "harm")
        for i, a in enumerate(ids)
        for b in ids[i + 1 :]
    ]
    (folder / "comparisons.csv").write_text(
        "\n".join(["juror,criterion,a,b,winner,ratio,time", *rows, ""]), encoding="utf-8"
    )
    done = daccord("next", folder, "--juror", "juror-1", "--form", "comparison")
    assert done.returncode == 1
    assert "juror-1 has no question left" in done.stderr
