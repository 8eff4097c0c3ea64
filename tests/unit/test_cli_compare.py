"""`daccord compare` as a command: every rule side by side, how far each is from the round's own, held-out scores."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pytest
from click.testing import CliRunner

from daccord.allocation import MONEY_RULES
from daccord.cli.init import template_files
from daccord.cli.main import cli
from daccord.errors import DaccordError, NoPeopleError
from daccord.formats import load_round
from daccord.fusion import FUSION_RULES, held_out_scores
from daccord.pipeline import compare_rules


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


def template(folder: Path, *, harm: bool = True) -> Path:
    """The template round; without questions about harm every fusion rule can decide it."""
    for name, data in template_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if not harm:
        path = folder / "round.toml"
        head, _, rest = path.read_text(encoding="utf-8").partition("[criteria.harm]\n")
        path.write_text(head + rest[rest.index("\n[") + 1 :], encoding="utf-8")
        (folder / "ratings.csv").unlink()
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template(tmp_path_factory.mktemp("compare"), harm=False)


@pytest.fixture(scope="module")
def document(folder: Path) -> dict[str, Any]:
    done = daccord("compare", folder, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_rule_is_there_with_its_awards(folder: Path, document: dict[str, Any]) -> None:
    """Every fusion rule meets the round's own money rule, and every money rule the round's own fusion rule."""
    comparison = compare_rules(load_round(folder))
    assert comparison.skipped == document["skipped"]
    able = {"hierarchical", "least-squares", "huber", "distilled", "elo", "differential", "proportional", "quadratic"}
    assert set(comparison.skipped) <= (set(FUSION_RULES) | set(MONEY_RULES)) - able
    expected = {f"{fusion} / differential" for fusion in FUSION_RULES if fusion not in comparison.skipped}
    expected |= {f"hierarchical / {money}" for money in MONEY_RULES if money not in comparison.skipped}
    assert {rule["name"] for rule in document["rules"]} == expected
    for rule in document["rules"]:
        allocation = comparison.decisions[rule["name"]].allocation
        assert rule["awards"] == {award.project: award.amount for award in allocation.awards}
        assert rule["verdicts"] == {verdict.project: verdict.label for verdict in allocation.verdicts}
        assert sum(rule["awards"].values()) + rule["unallocated"] == document["budget"]["amount"]
    assert document["simulated"] is True


def test_all_shows_every_pair_of_rules(folder: Path, document: dict[str, Any]) -> None:
    found = json.loads(daccord("compare", folder, "--all", "--json").stdout)
    fusions, moneys = set(FUSION_RULES) - set(found["skipped"]), set(MONEY_RULES) - set(found["skipped"])
    assert {rule["name"] for rule in found["rules"]} == {f"{f} / {m}" for f in fusions for m in moneys}
    awards = {rule["name"]: rule["awards"] for rule in found["rules"]}
    assert all(awards[rule["name"]] == rule["awards"] for rule in document["rules"])


def test_distance_is_what_some_lose_to_others(document: dict[str, Any]) -> None:
    own, *others = document["rules"]
    assert own["name"] == document["own"]
    assert (own["moved"], own["verdicts_differ"]) == (0, 0)
    assert any(rule["moved"] > 0 for rule in others)
    for rule in others:
        lost = sum(max(0, own["awards"][p] - amount) for p, amount in rule["awards"].items())
        assert rule["moved"] == lost + max(0, own["unallocated"] - rule["unallocated"])
        differ = sum(own["verdicts"][p] != label for p, label in rule["verdicts"].items())
        assert rule["verdicts_differ"] == differ


def test_table_shows_a_share_for_each_rule_within_a_hundred_columns(folder: Path, document: dict[str, Any]) -> None:
    done = daccord("compare", folder)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("SIMULATED")
    assert max(map(len, lines)) <= 100
    count = len(document["rules"])
    for letter, rule in zip(ascii_uppercase[:count], document["rules"], strict=True):
        (line,) = [line for line in lines if line.startswith(f"{letter}  ")]
        assert rule["name"] in line
    pot = document["budget"]["amount"]
    for project in document["projects"]:
        (line,) = [line for line in lines if line.startswith(project["title"][:9])]
        shown = [word.rstrip("*") for word in line.split()[-count:]]
        exact = [100 * rule["awards"][project["id"]] / pot for rule in document["rules"]]
        assert [float(text.replace("<1", "0.3")) for text in shown] == pytest.approx(exact, abs=0.5)


def test_money_shows_amounts_and_top_shortens(folder: Path, document: dict[str, Any]) -> None:
    done = daccord("compare", folder, "--money", "--top", "1")
    assert done.returncode == 0
    own = document["rules"][0]["awards"]
    largest = max(own, key=lambda project: own[project])
    titles = {project["id"]: project["title"] for project in document["projects"]}
    lines = done.stdout.splitlines()
    (line,) = [line for line in lines if line.startswith(titles[largest][:9])]
    amounts = [f"{rule['awards'][largest] / 100:,.2f}" for rule in document["rules"]]
    assert [word.rstrip("*") for word in line.split()[-len(amounts) :]] == amounts
    assert f"and {len(own) - 1} more" in done.stdout
    assert not any(line.startswith(title[:9]) for key, title in titles.items() if key != largest for line in lines)


def rated(tmp_path: Path, bar: str) -> Path:
    """The template round with ratings on benefit, which not every rule can use, and another bar."""
    folder = template(tmp_path, harm=False)
    path = folder / "round.toml"
    text = path.read_text(encoding="utf-8")
    old = next(line for line in text.splitlines() if line.startswith("bar = "))
    path.write_text(text.replace(old, f"rating = {{ low = 0, high = 10 }}\nbar = {bar}"), encoding="utf-8")
    (folder / "ratings.csv").write_text(
        "juror,criterion,project,value\n"
        + "".join(
            f"juror-{j},benefit,{project},{value}\n"
            for j in (1, 3, 4)
            for project, value in (("air-sensors", 9), ("far-uvc", 8), ("proof-checker", 7), ("protein-designer", 6))
        ),
        encoding="utf-8",
    )
    return folder


def test_a_rule_that_cannot_place_the_bar_is_compared_by_its_values_and_says_so(tmp_path: Path) -> None:
    folder = rated(tmp_path, "{ rating = 3 }")
    found = json.loads(daccord("compare", folder, "--json").stdout)
    assert set(found["notes"]) >= {"huber", "least-squares", "elo", "distilled"}
    assert "hierarchical" not in found["notes"]
    differ = {rule["fusion"]: rule["verdicts_differ"] for rule in found["rules"]}
    assert all(differ[rule] == 0 for rule, note in found["notes"].items() if "cannot place a bar" in note)
    awards = {rule["name"]: rule["awards"] for rule in found["rules"]}
    assert awards["huber / differential"] != awards["hierarchical / differential"]
    assert sum(awards["huber / differential"].values()) > 0
    said = " ".join(daccord("compare", folder).stdout.split())
    assert "cannot place a bar on the rating scale, so probabilities and verdicts are those of hierarchical" in said
    assert said.count("cannot place a bar") < len(found["notes"])  # the same note is said once


def test_another_verdict_is_marked(tmp_path: Path) -> None:
    # Every rule can place this bar, but ratings are no evidence to some, so they leave more unrated.
    folder = rated(tmp_path, "{ times_typical = 0.25 }")
    path = folder / "round.toml"
    text = path.read_text(encoding="utf-8")
    old = next(line for line in text.splitlines() if line.startswith("min_judgments"))
    path.write_text(text.replace(old, "min_judgments = 6"), encoding="utf-8")
    found = json.loads(daccord("compare", folder, "--json").stdout)
    differ = {rule["fusion"]: rule["verdicts_differ"] for rule in found["rules"]}
    assert differ["hierarchical"] == 0
    assert differ["huber"] > 0
    assert "* the verdict differs from the one under hierarchical / differential" in daccord("compare", folder).stdout


def test_harm_is_read_by_the_rounds_own_rule_whatever_it_is_compared_with(tmp_path: Path) -> None:
    """Read in two ways, levels of harm would tell more than a round publishes."""
    folder = template(tmp_path)
    found = json.loads(daccord("compare", folder, "--json").stdout)
    assert "huber" not in found["skipped"]
    assert "harm" not in found["notes"].get("huber", "")
    comparison = compare_rules(load_round(folder))
    own, other = comparison.decisions["hierarchical / differential"], comparison.decisions["huber / differential"]
    for project in own.round.portfolio.ids:
        assert other.scores[project].criteria["harm"] == own.scores[project].criteria["harm"]
    assert other.beliefs["benefit"].rule == "huber"
    assert "harm" not in own.beliefs
    assert "harm" not in other.beliefs


def ratings_alone(tmp_path: Path) -> Path:
    """A round in which nobody compared anything."""
    folder = rated(tmp_path, "{ rating = 3 }")
    (folder / "comparisons.csv").unlink()
    return folder


def test_rules_that_cannot_decide_are_named_with_the_reason(tmp_path: Path) -> None:
    folder = ratings_alone(tmp_path)
    found = json.loads(daccord("compare", folder, "--json").stdout)
    assert {"huber", "least-squares", "elo", "pagerank", "rank-centrality", "distilled"} <= set(found["skipped"])
    assert "hierarchical" in {rule["fusion"] for rule in found["rules"]}
    done = daccord("compare", folder)
    assert done.returncode == 0
    said = " ".join(done.stdout.split())
    for rule, why in found["skipped"].items():
        assert f"{rule} cannot decide this round: {' '.join(why.split())}" in said


def test_without_the_rounds_own_rules_there_is_no_distance(tmp_path: Path) -> None:
    folder = ratings_alone(tmp_path)
    path = folder / "round.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"hierarchical"', '"huber"'), encoding="utf-8")
    found = json.loads(daccord("compare", folder, "--json").stdout)
    assert found["own"] == "huber / differential"
    assert {rule["moved"] for rule in found["rules"]} == {None}
    done = daccord("compare", folder)
    assert done.returncode == 0
    assert "the round's own rules, huber / differential, cannot decide it" in " ".join(done.stdout.split())


def test_models_never_decide_alone(tmp_path: Path) -> None:
    folder = template(tmp_path, harm=False)
    (folder / "comparisons.csv").unlink()
    with pytest.raises(NoPeopleError, match="no person has judged the benefit"):
        compare_rules(load_round(folder))
    done = daccord("compare", folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "models never decide alone" in done.stderr
    assert "no rule can decide" not in done.stderr


def test_unknown_rule_in_the_round_is_bad_input(tmp_path: Path) -> None:
    folder = template(tmp_path)
    path = folder / "round.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"differential"', '"wisdom"'), encoding="utf-8")
    done = daccord("compare", folder)
    assert done.returncode == 2
    assert "'wisdom'" in done.stderr
    assert "use one of" in done.stderr


def test_held_out_scores_are_shown_with_their_direction(folder: Path) -> None:
    done = daccord("compare", folder, "--held-out", "--repeats", "1", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)["held_out"]
    report = held_out_scores(load_round(folder), "benefit", repeats=1)
    assert (shown["criterion"], shown["repeats"], shown["answers"]) == ("benefit", 1, report.answers)
    assert shown["questions"] == report.questions
    assert [method["name"] for method in shown["methods"]] == [method.name for method in report.methods]
    numbers = ("log_density", "coverage", "squared_error", "linear_error", "log_loss", "brier", "lead", "lead_error")
    for method, expected in zip(shown["methods"], report.methods, strict=True):
        for key in numbers:
            assert method[key] == pytest.approx(getattr(expected, key), rel=1e-5, abs=1e-12)
    assert (shown["findings"], shown["warnings"]) == (list(report.findings), list(report.warnings))

    text = daccord("compare", folder, "--held-out", "--repeats", "1").stdout.partition("How each method foresees")[2]
    assert max(map(len, text.splitlines())) <= 100
    head = " ".join(text.partition("hierarchical  ")[0].split())
    assert f"{report.answers} ratios" in head
    assert (head.count("higher"), head.count("lower"), head.count("better")) == (1, 4, 5)
    best = report.methods[0]
    (line,) = [line for line in text.splitlines() if line.startswith(best.name[:9]) and f" {best.kind} " in line]
    for shown_number in (f"{best.log_density:+.3f}", f"{best.log_loss:.4f}", f"{best.brier:.4f}"):
        assert shown_number in line
    said = " ".join(text.split())
    for finding in (*report.findings, *(f"warning: {warning}" for warning in report.warnings)):
        assert finding in said
