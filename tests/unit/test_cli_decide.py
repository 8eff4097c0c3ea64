"""`daccord decide` as a command: what goes to stdout, what to stderr, what is written, and when it refuses."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from daccord.cli._table import Column, chance, decimals, per_cent, print_table
from daccord.cli.init import template_files
from daccord.errors import NoPeopleError
from daccord.formats import load_round
from daccord.formats.decisions import read_decision
from daccord.pipeline import decide as decide_round
from daccord.round import HARMS

LAUNCH = [sys.executable, "-W", "error", "-c", "from daccord.cli.main import main; main()"]


def environment(columns: int = 80, **changes: str) -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR", "TERM"}}
    return plain | {"COLUMNS": str(columns), "PYTHONUTF8": "1"} | changes


def daccord(*arguments: object, columns: int = 80) -> subprocess.CompletedProcess[str]:
    """Run the command as people do, in a process of its own."""
    return subprocess.run(
        [*LAUNCH, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=environment(columns),
    )


def on_terminal(*arguments: object, **changes: str) -> str:
    """What the command prints where stdout is a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*LAUNCH, *map(str, arguments)],
        stdout=slave,
        stderr=subprocess.DEVNULL,
        env=environment(TERM="xterm-256color", **changes),
    ) as process:
        os.close(slave)
        chunks = []
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:  # how Linux says that the other side has closed
                break
            if not chunk:
                break
            chunks.append(chunk)
        assert process.wait() == 0
    os.close(master)
    return b"".join(chunks).decode()


def template(folder: Path) -> Path:
    for name, data in template_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The template round, decided."""
    folder = template(tmp_path_factory.mktemp("template"))
    return folder, daccord("decide", folder)


def test_prints_verdicts_awards_intervals_and_totals(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = run
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("SIMULATED")
    decision = decide_round(load_round(folder))
    currency = decision.round.budget.currency
    for project in decision.round.portfolio:
        verdict, award = decision.allocation.verdict_of[project.id], decision.allocation.award_of[project.id]
        interval = decision.interval_of[project.id]
        (line,) = [line for line in lines if line.startswith(project.title[:12])]
        assert verdict.label.replace("_", " ") in line
        assert currency.format(award.amount, code=False) in line.split()
        if interval.high:
            pot = decision.round.budget.amount
            assert f"{100 * interval.low / pot:.1f}–{100 * interval.high / pot:.1f}" in line.split()
        # How many people spoke of harm is nobody's business.
        said = [score for name, score in decision.scores[project.id].criteria.items() if name not in HARMS]
        people = max(score.jurors for score in said)
        assert line.split()[-1] == f"{sum(score.judgments for score in said)}/{people}"
    awarded = sum(award.amount for award in decision.allocation.awards)
    for name, amount in (
        ("awards", awarded),
        ("unallocated", decision.allocation.unallocated),
        ("pot", decision.round.budget.amount),
    ):
        (line,) = [line for line in lines if line.startswith(name)]
        assert line.removeprefix(name).strip() == currency.format(amount)


def test_writes_both_files(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = run
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["awards.csv", "decision.json"]
    document = read_decision(folder / "out" / "decision.json")
    with (folder / "out" / "awards.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["award_minor_units"]) for row in rows] == [
        project["award"]["amount"] for project in document["projects"]
    ]
    assert str(folder / "out" / "decision.json") in done.stdout


def test_warnings_go_to_stderr(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = run
    warnings = read_decision(folder / "out" / "decision.json")["warnings"]
    assert warnings
    for warning in warnings:
        assert f"warning: {warning}" in done.stderr.splitlines()
        assert warning not in done.stdout


def test_json_is_the_file(run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    folder, _ = run
    done = daccord("decide", folder, "--json", "--out", tmp_path / "elsewhere")
    assert done.returncode == 0
    assert done.stdout == (folder / "out" / "decision.json").read_text(encoding="utf-8")
    assert done.stdout == (tmp_path / "elsewhere" / "decision.json").read_text(encoding="utf-8")


def test_notices_go_to_stderr(tmp_path: Path) -> None:
    folder = template(tmp_path)
    edit(folder / "round.toml", "simulated = true", 'simulated = true\nnotices = ["two rows were set aside"]')
    done = daccord("decide", folder)
    assert "notice: two rows were set aside" in done.stderr.splitlines()
    assert "set aside" not in done.stdout


def test_says_simulated_only_if_it_is(tmp_path: Path) -> None:
    folder = template(tmp_path)
    edit(folder / "round.toml", "simulated = true", "simulated = false")
    done = daccord("decide", folder)
    assert done.returncode == 0
    assert "SIMULATED" not in done.stdout


def test_another_rule_is_a_what_if_and_replaces_nothing(tmp_path: Path) -> None:
    folder = template(tmp_path)
    assert daccord("decide", folder).returncode == 0
    own = (folder / "out" / "decision.json").read_bytes()
    done = daccord("decide", folder, "--money", "proportional")
    assert done.returncode == 0
    assert "WHAT-IF: rules.money.rule is proportional; the round states differential" in done.stdout.splitlines()
    assert "what-if" in done.stderr
    assert (folder / "out" / "decision.json").read_bytes() == own
    document = read_decision(folder / "out" / "what-if" / "decision.json")
    assert document["method"] == {"fusion": "hierarchical", "money": "proportional"}
    assert document["parameters"]["overridden"] == {"rules.money.rule": "differential"}
    assert document["parameters"]["effective"]["rules.money.rule"] == "proportional"
    awards = [project["award"]["amount"] for project in document["projects"]]
    assert awards != [project["award"]["amount"] for project in json.loads(own)["projects"]]


def test_naming_the_rounds_own_rules_is_no_what_if(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, plain = run
    done = daccord("decide", folder, "--money", "differential", "--fusion", "hierarchical")
    assert done.stdout == plain.stdout
    assert not (folder / "out" / "what-if").exists()


@pytest.mark.parametrize("option", ["--fusion", "--money"])
def test_unknown_rule_is_bad_input(
    option: str, run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = daccord("decide", run[0], option, "wisdom", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{option}: no rule is called 'wisdom' → use one of " in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [('fusion = "hierarchical"', 'fusion = "wisdom"'), ('rule = "differential"', 'rule = "wisdom"')],
)
def test_unknown_rule_in_the_round_is_bad_input(old: str, new: str, tmp_path: Path) -> None:
    folder = template(tmp_path)
    edit(folder / "round.toml", old, new)
    done = daccord("decide", folder)
    assert done.returncode == 2
    assert "'wisdom'" in done.stderr
    assert "use one of" in done.stderr
    assert not (folder / "out").exists()


def models_only(folder: Path) -> Path:
    template(folder)
    (folder / "ratings.csv").unlink()
    path = folder / "comparisons.csv"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(row for row in rows if not row.startswith("juror-")), encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    return folder


def test_models_never_decide_alone(tmp_path: Path) -> None:
    folder = models_only(tmp_path)
    with pytest.raises(NoPeopleError):
        decide_round(load_round(folder))
    done = daccord("decide", folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "models never decide alone" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "out").exists()


def test_a_folder_that_is_no_round_is_bad_input(tmp_path: Path) -> None:
    done = daccord("decide", tmp_path / "nothing")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_disk_that_refuses_is_an_outside_failure(tmp_path: Path) -> None:
    folder = template(tmp_path)
    (folder / "out").write_text("in the way", encoding="utf-8")
    done = daccord("decide", folder)
    assert done.returncode == 3
    assert "cannot be written" in done.stderr


def test_table_fits_eighty_columns(run: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = run
    start = next(i for i, line in enumerate(done.stdout.splitlines()) if line.startswith("project"))
    table = done.stdout.splitlines()[start - 1 : start + 5]
    assert all(cell_len(line) <= 80 for line in table)
    assert any("…" in line for line in table), "no title is long enough to be cut, so this test shows nothing"


def test_terminal_gets_colour_and_no_color_is_respected(
    run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, plain = run
    colour = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")
    lit = on_terminal("decide", folder, "--out", tmp_path)
    assert colour.search(lit)
    without = on_terminal("decide", folder, "--out", tmp_path, NO_COLOR="1")
    assert not colour.search(without)
    assert "\x1b" not in plain.stdout

    def words(text: str) -> list[str]:
        text = re.sub(r"\x1b\[[0-9;]*m", "", text)
        return text.partition("written")[0].split()

    assert words(lit) == words(without) == words(plain.stdout), "colour carries nothing that words do not"


# --- the table itself -------------------------------------------------------------------------------------------------


def test_numbers_never_break_however_narrow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    amount = "1,234,567.000000000000000001"
    print_table(
        [Column("project", clip=True), Column("award", right=True), Column("more", right=True)],
        [["a very long title of a project", amount, amount], ["b", "0", "0"]],
    )
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].split()[-2:] == [amount, amount]
    assert lines[1].startswith("a very long t…")


def test_cells_mean_nothing_to_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_table([Column("[bold]head[/]"), Column("b")], [["[red]x[/red] :smile:", "預算"], ["[/]", ""]])
    out = capsys.readouterr().out
    assert "[bold]head[/]" in out
    assert "[red]x[/red] :smile:" in out
    assert "預算" in out


def test_an_empty_table_has_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([Column("a"), Column("b", right=True)], [])
    assert capsys.readouterr().out.split() == ["a", "b"]


@pytest.mark.parametrize(
    ("millionths", "text"),
    [
        (0, "<1 %"),
        (9_999, "<1 %"),
        (10_000, "1 %"),
        (499_999, "49 %"),
        (500_000, "50 %"),
        (990_000, "99 %"),
        (990_001, ">99 %"),
        (1_000_000, ">99 %"),
    ],
)
def test_probabilities_are_rounded_down_and_never_certain(millionths: int, text: str) -> None:
    assert chance(millionths) == text


def test_small_shares_get_the_decimals_they_need() -> None:
    assert decimals([]) == 1
    assert decimals([0.0, 0.5]) == 1
    assert decimals([0.0004, 0.5]) == 2
    assert decimals([1e-12]) == 4
    assert per_cent(0.0004, 2) == "0.04"
    assert per_cent(0, 4) == "0"
