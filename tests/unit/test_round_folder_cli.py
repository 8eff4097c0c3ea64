"""`daccord init`, `daccord check`, `daccord schema`: the real program and its exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.hostile.round_cases import added, build, edited

from daccord.cli.main import cli
from daccord.formats import load_round, round_schema
from daccord.formats._toml_models import RoundFile


def program(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the installed program."""
    command = [Path(sys.executable).with_name("daccord"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def run(*arguments: str) -> str:
    """Run a command that succeeds, in this process; its stdout."""
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_init_writes_a_round_that_check_accepts(tmp_path: Path) -> None:
    done = program("init", tmp_path / "round")
    assert done.returncode == 0, done.stderr
    assert "simulated" in done.stderr
    assert all(Path(line).is_file() for line in done.stdout.splitlines())
    done = program("check", tmp_path / "round")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("SIMULATED ROUND")
    assert re.search(r"^  projects +4$", done.stdout, re.MULTILINE)


def test_the_template_is_simulated_and_says_so_everywhere(tmp_path: Path) -> None:
    run("init", str(tmp_path))
    found = load_round(tmp_path)
    assert found.simulated
    assert "simulated" in found.name
    assert all("simulated" in project.title for project in found.portfolio)
    assert found.notices == ()


def test_the_template_explains_every_key(tmp_path: Path) -> None:
    run("init", str(tmp_path))
    text = (tmp_path / "round.toml").read_text(encoding="utf-8")
    keys: set[str] = set(RoundFile.model_fields)
    schema = round_schema()["$defs"]
    for name in schema:
        if name != "ProjectPart":
            keys |= set(schema[name]["properties"])
    assert not [key for key in keys if not re.search(rf"\b{key}\b", text)]
    uncommented = re.sub(r'^# (?=\[|[a-z_"/]+ = )', "", text, flags=re.MULTILINE)
    assert tomllib.loads(uncommented) != tomllib.loads(text)
    RoundFile.model_validate(tomllib.loads(uncommented))


def test_the_template_shows_the_defaults(tmp_path: Path) -> None:
    run("init", str(tmp_path))
    rules = tomllib.loads((tmp_path / "round.toml").read_text(encoding="utf-8"))["rules"]
    assert RoundFile.model_fields["rules"].annotation is not None
    default = type(RoundFile.model_fields["rules"].get_default(call_default_factory=True)).model_validate({})
    assert rules["harm"]["min_group"] == 3  # it has only three people who judged harm, and says so
    written = type(default).model_validate({**rules, "harm": {**rules["harm"], "min_group": 5}})
    assert written == default


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "judges.csv").write_text("mine")
    done = program("init", tmp_path)
    assert done.returncode == 2
    assert "judges.csv" in done.stderr
    assert "nothing was written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["judges.csv"]
    assert (tmp_path / "judges.csv").read_text() == "mine"


def test_init_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    assert program("init", tmp_path / "x").returncode == 2


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    assert program("init", tmp_path / "x" / "y").returncode == 3


def test_init_in_json(tmp_path: Path) -> None:
    document = json.loads(run("init", str(tmp_path), "--json"))
    assert document["simulated"] is True
    assert sorted(document["files"]) == sorted(load_round(tmp_path).digests)


def test_check_in_json(tmp_path: Path) -> None:
    document = json.loads(run("check", str(build(tmp_path)), "--json"))
    assert document["counts"] == {
        "projects": 3,
        "people": 2,
        "communities": 1,
        "models": 1,
        "families": 1,
        "contributions": 1,
    }
    counts = {"comparisons": 2, "ratings": 2, "rankings": 0, "skips": 0, "lists": 1}
    assert document["criteria"]["benefit"] == counts
    assert document["simulated"] is True
    assert document["digests"] == load_round(tmp_path).digests


def test_check_prints_notices(tmp_path: Path) -> None:
    build(tmp_path, edited("lists/bot.csv", "gamma,0.2", "gamma,0.4"))
    output = run("check", str(tmp_path))
    assert "notice: lists/bot.csv: the weights on benefit summed to 1.2 and were divided by that sum" in output


def test_check_lists_problems_in_json_on_stdout(tmp_path: Path) -> None:
    done = program("check", build(tmp_path, added("comparisons.csv", "ann,benefit,alpha,gamma,alpha,0.5,")), "--json")
    assert (done.returncode, done.stderr) == (2, "")
    assert json.loads(done.stdout) == [
        {
            "file": "comparisons.csv",
            "row": 5,
            "column": "ratio",
            "message": "the ratio 0.5 is below 1: the winner would be less than the other",
            "remedy": "name the other one as winner and write 2",
        }
    ]


@pytest.mark.parametrize(("key", "column"), [("fusion", "rules.fusion"), ("money", "rules.money.rule")])
def test_check_refuses_rules_that_nobody_registered(tmp_path: Path, key: str, column: str) -> None:
    text = '[rules]\nfusion = "guess"\n[communities]' if key == "fusion" else '[rules.money]\nrule = "x"\n[communities]'
    done = program("check", build(tmp_path, edited("round.toml", "[communities]", text)), "--json")
    assert done.returncode == 2
    assert [problem["column"] for problem in json.loads(done.stdout)] == [column]


def test_check_of_no_folder(tmp_path: Path) -> None:
    done = program("check", tmp_path / "nowhere")
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert "daccord init" in done.stderr


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_schema(flags: list[str]) -> None:
    assert json.loads(run("schema", *flags)) == round_schema()
