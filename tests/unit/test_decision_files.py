"""`decision.json` and `awards.csv`: what is written is read back, checks by hand, and nothing else is let in."""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.allocation import LABELS, Allocation, Award, Reason, Verdict, allocate
from daccord.errors import ExternalError, InputError
from daccord.formats import load_round
from daccord.formats.decisions import (
    COLUMNS,
    awards_csv,
    decision_document,
    decision_schema,
    read_decision,
    scores_of,
    write_decision,
)
from daccord.fusion import CriterionBeliefs, CriterionScore, ProjectScore, Scores, VoiceSkill
from daccord.judging import Panel
from daccord.money import Currency
from daccord.pipeline import SCHEMA, AwardInterval, Decision, decide, effective_parameters
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, Criterion, Goal, Round

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "dacc"


@pytest.fixture(scope="module")
def decision() -> Decision:
    return decide(load_round(EXAMPLE))


@pytest.fixture(scope="module")
def document(decision: Decision) -> dict[str, Any]:
    return decision_document(decision)


@pytest.fixture(scope="module")
def folder(decision: Decision, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example round with its decision in out/."""
    target = tmp_path_factory.mktemp("round") / "dacc"
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns("out"))
    write_decision(decision, target / "out")
    return target


# --- what is written --------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_back(folder: Path, document: dict[str, Any]) -> None:
    back = read_decision(folder / "out" / "decision.json")
    assert back == document
    assert json.dumps(back) == json.dumps(document), "keys are read in the order they were written in"


def test_two_runs_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = write_decision(decide(load_round(folder)), tmp_path / "new" / "folder")
    assert [path.name for path in again] == ["decision.json", "awards.csv"]
    for path in again:
        assert path.read_bytes() == (folder / "out" / path.name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == ["awards.csv", "decision.json"]


def test_an_earlier_run_is_replaced(decision: Decision, tmp_path: Path) -> None:
    (tmp_path / "decision.json").write_text("old", encoding="utf-8")
    write_decision(decision, tmp_path)
    assert read_decision(tmp_path / "decision.json")["schema"] == SCHEMA


def test_bytes_are_plain(folder: Path) -> None:
    for name in ("decision.json", "awards.csv"):
        data = (folder / "out" / name).read_bytes()
        data.decode("utf-8")
        assert b"\r" not in data
        assert data.endswith(b"\n")
        assert not data.endswith(b"\n\n")
        assert not re.search(rb"\b(NaN|Infinity)\b", data)


def test_a_folder_that_cannot_be_made_is_an_outside_failure(decision: Decision, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(ExternalError, match="cannot be written"):
        write_decision(decision, tmp_path / "file")


def test_document_says_what_the_decision_says(decision: Decision, document: dict[str, Any]) -> None:
    round_ = decision.round
    assert document["simulated"] is True
    assert document["round"] == round_.name
    assert document["inputs"] == round_.digests
    assert document["method"] == {"fusion": "hierarchical", "money": "differential"}
    assert document["warnings"] == list(decision.warnings)
    for project, award, verdict, interval in zip(
        document["projects"],
        decision.allocation.awards,
        decision.allocation.verdicts,
        decision.intervals,
        strict=True,
    ):
        assert project["id"] == award.project
        assert project["award"] == {
            "amount": award.amount,
            "limited_by": award.limited_by,
            "entries": award.entries,
            "weight": str(award.weight),
        }
        assert project["verdict"]["label"] == verdict.label
        assert project["verdict"]["probability"] == verdict.probability
        assert [reason["code"] for reason in project["verdict"]["reasons"]] == [r.code for r in verdict.reasons]
        assert project["verdict"]["waits_for"] == list(verdict.waits_for)
        assert project["interval"] == vars(interval)
    assert any(project["verdict"]["safeguards"] for project in document["projects"])
    assert any(project["verdict"]["reopens_after_days"] for project in document["projects"])


def test_parameters_show_what_the_round_set(decision: Decision, document: dict[str, Any]) -> None:
    parameters = document["parameters"]
    assert parameters["effective"] == effective_parameters(decision.round)
    changed = {name for name, value in parameters["effective"].items() if parameters["defaults"].get(name, ()) != value}
    assert {"rules.money.team_cap", "rules.money.minimum"} <= changed
    assert "rules.money.caution" not in changed
    assert parameters["overridden"] == {}
    assert set(parameters["learned"]) == set(decision.parameters) - set(parameters["effective"])
    for name, value in parameters["learned"].items():
        assert value == pytest.approx(decision.parameters[name], rel=1e-5)


def test_what_moved_money_is_whole(document: dict[str, Any]) -> None:
    """Floats stand only where a parameter or a diagnostic is one."""
    moved = {key: document[key] for key in ("budget", "projects", "unallocated", "seed")}

    def floats(value: object) -> list[float]:
        if isinstance(value, dict):
            return [found for item in value.values() for found in floats(item)]
        if isinstance(value, list):
            return [found for item in value for found in floats(item)]
        return [value] if isinstance(value, float) else []

    assert floats(moved) == []


def test_scores_in_the_file_give_the_same_verdicts_and_money(folder: Path, decision: Decision) -> None:
    scores = scores_of(read_decision(folder / "out" / "decision.json"))
    assert scores == decision.scores
    round_ = decision.round
    again, decided = allocate(round_.portfolio, scores, round_.rules, round_.budget), decision.allocation
    assert (again.awards, again.unallocated) == (decided.awards, decided.unallocated)
    for one, other in zip(again.verdicts, decided.verdicts, strict=True):
        # Reasons about roles and the money that a hold costs are added afterwards, and change nothing else.
        assert other.reasons[: len(one.reasons)] == one.reasons
        added = {"reasons": other.reasons, "cost_of_delay": other.cost_of_delay, "delay": other.delay}
        assert replace(one, **added) == other


def test_other_scores_in_the_file_give_other_money(folder: Path, decision: Decision) -> None:
    """The check above can fail: it reads the file and not the decision."""
    document = read_decision(folder / "out" / "decision.json")
    first = max(document["projects"], key=lambda project: project["award"]["amount"])
    first["scores"]["benefit"]["mean"] -= 1_000_000
    round_ = decision.round
    again = allocate(round_.portfolio, scores_of(document), round_.rules, round_.budget)
    assert again.award_of[first["id"]].amount < first["award"]["amount"]


def test_the_page_checks_by_hand(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "spec" / "decision.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    monkeypatch.chdir(folder)
    for block in blocks:
        exec(compile(block, "decision.md", "exec"), {})
    path = folder / "out" / "decision.json"
    text = path.read_text(encoding="utf-8")
    altered = json.loads(text)
    altered["projects"][0]["award"]["amount"] += 1
    path.write_text(json.dumps(altered), encoding="utf-8")
    try:
        for block in blocks:
            with pytest.raises(AssertionError):
                exec(compile(block, "decision.md", "exec"), {})
    finally:
        path.write_text(text, encoding="utf-8", newline="\n")


def test_a_what_if_says_so(decision: Decision) -> None:
    document = decision_document(decision, overridden={"rules.money.rule": "proportional"})
    assert document["parameters"]["overridden"] == {"rules.money.rule": "proportional"}
    assert document["warnings"][0] == ("what-if: rules.money.rule is differential here; round.toml states proportional")
    assert {row["what_if"] for row in csv.DictReader(io.StringIO(awards_csv(document)))} == {"yes"}


# --- the table --------------------------------------------------------------------------------------------------------


def test_table_and_document_agree(folder: Path, document: dict[str, Any]) -> None:
    with (folder / "out" / "awards.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    budget = document["budget"]
    assert tuple(rows[0]) == COLUMNS
    assert [row["project"] for row in rows] == [project["id"] for project in document["projects"]]
    assert sum(int(row["award_minor_units"]) for row in rows) + document["unallocated"] == budget["amount"]
    for row, project in zip(rows, document["projects"], strict=True):
        assert Fraction(row["award"]) * 100 == int(row["award_minor_units"]) == project["award"]["amount"]
        assert Fraction(row["award_low"]) * 100 == int(row["award_low_minor_units"]) == project["interval"]["low"]
        assert Fraction(row["award_high"]) * 100 == int(row["award_high_minor_units"]) == project["interval"]["high"]
        assert abs(
            Fraction(row["share_percent"]) / 100 - Fraction(int(row["award_minor_units"]), budget["amount"])
        ) <= (Fraction(1, 2_000_000))
        assert row["verdict"] in LABELS
        assert (row["probability"] == "") == (row["verdict"] == "unrated")
        assert row["simulated"] == "yes"
        assert row["what_if"] == "no"
        counted = [score for name, score in project["scores"].items() if name != "harm"]
        assert int(row["judgments"]) == sum(score["judgments"] for score in counted)
        assert int(row["jurors"]) == max(score["jurors"] for score in counted)


def beliefs(**changes: Any) -> CriterionBeliefs:
    import numpy as np

    none = np.zeros(0, dtype=np.int64)
    return CriterionBeliefs("benefit", "hierarchical", (), none, none, **changes)


def small(
    projects: tuple[Project, ...],
    amounts: tuple[int, ...],
    *,
    pot: int,
    currency: Currency,
    scores: Scores | None = None,
    **changes: Any,
) -> Decision:
    """A decision without a fit, to put unusual values into."""
    round_ = Round(
        name="small",
        goal=Goal("a goal", "people"),
        budget=Budget(pot, currency),
        criteria=(Criterion("benefit", "How much?"),),
        portfolio=Portfolio(projects),
        panel=Panel(()),
        judgments={},
    )
    verdicts = tuple(
        Verdict(p.id, "accelerate", 1_000_000, "that it is", (Reason("benefit_above_bar", "It is."),)) for p in projects
    )
    awards = tuple(Award(p.id, amount, amount) for p, amount in zip(projects, amounts, strict=True))
    base = Decision(
        round=round_,
        scores=scores or Scores(tuple(ProjectScore(p.id, {}, 0, 0, 0) for p in projects)),
        allocation=Allocation(verdicts, awards, pot - sum(amounts)),
        intervals=tuple(AwardInterval(0, amount, 1, len(projects)) for amount in amounts),
        beliefs={"benefit": beliefs()},
        method={"fusion": "hierarchical", "money": "differential"},
        parameters=effective_parameters(round_),
    )
    return replace(base, **changes)


@given(
    digits=st.integers(0, 18),
    amounts=st.lists(st.integers(0, 10**24), min_size=1, max_size=5),
    rest=st.integers(0, 10**20),
)
def test_amounts_of_any_size_survive(digits: int, amounts: list[int], rest: int) -> None:
    projects = tuple(Project(f"p{i}", f"P {i}") for i in range(len(amounts)))
    pot = sum(amounts) + rest
    document = decision_document(small(projects, tuple(amounts), pot=pot, currency=Currency("ETH", digits)))
    again = json.loads(json.dumps(document))
    assert [project["award"]["amount"] for project in again["projects"]] == amounts
    assert again["unallocated"] == rest
    rows = list(csv.DictReader(io.StringIO(awards_csv(again))))
    assert [int(row["award_minor_units"]) for row in rows] == amounts
    assert [Fraction(row["award"]) * 10**digits for row in rows] == amounts
    assert all(len(row["award"].partition(".")[2]) == digits for row in rows)


def test_no_spreadsheet_takes_a_title_for_a_formula() -> None:
    bad = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")
    projects = tuple(Project(f"p{i}", title, team=title) for i, title in enumerate(bad))
    document = decision_document(small(projects, (0,) * len(bad), pot=5, currency=Currency("USD", 2)))
    assert [project["title"] for project in document["projects"]] == list(bad)
    for row in csv.DictReader(io.StringIO(awards_csv(document), newline="")):
        assert row["title"].startswith("'")
        assert row["team"].startswith("'")
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())


def test_titles_with_commas_quotes_and_other_scripts_survive(tmp_path: Path) -> None:
    titles = ('a "quoted", title', "Бюджет", "預算 🌱", "two\nlines")
    projects = tuple(Project(f"p{i}", title) for i, title in enumerate(titles))
    decision = small(projects, (1, 2, 3, 4), pot=10, currency=Currency("USD", 2))
    json_path, csv_path = write_decision(decision, tmp_path)
    assert [project["title"] for project in read_decision(json_path)["projects"]] == list(titles)
    with csv_path.open(encoding="utf-8", newline="") as file:
        assert [row["title"] for row in csv.DictReader(file)] == list(titles)


def test_what_is_not_finite_is_null_and_never_nan(tmp_path: Path) -> None:
    voice = VoiceSkill("family", ("model",), 0.12345678, 1 / 3, float("nan"))
    decision = small(
        (Project("p", "P"),),
        (1,),
        pot=1,
        currency=Currency("USD", 0),
        beliefs={"benefit": beliefs(voices=(voice,))},
        diagnostics={"benefit.coverage": float("nan"), "benefit.density": float("-inf"), "benefit.n": 2.0},
    )
    back = read_decision(write_decision(decision, tmp_path)[0])
    assert back["diagnostics"] == {"benefit.coverage": None, "benefit.density": None, "benefit.n": 2.0}
    assert back["voices"]["benefit"] == [
        {"voice": "family", "models": ["model"], "coefficient": 0.123457, "share": 0.333333, "gain": None}
    ]


# --- what is refused --------------------------------------------------------------------------------------------------

Change = Callable[[dict[str, Any]], object]


def award_of(document: dict[str, Any]) -> dict[str, Any]:
    return document["projects"][3]["award"]


REFUSED: dict[str, tuple[Change, str | None, str]] = {
    "unknown key": (lambda d: d.update(extra=1), "extra", "no such key"),
    "unknown key inside": (lambda d: award_of(d).update(bonus=1), "projects[3].award.bonus", "no such key"),
    "missing key": (lambda d: d.pop("unallocated"), "unallocated", "missing"),
    "missing key inside": (lambda d: award_of(d).pop("amount"), "projects[3].award.amount", "missing"),
    "money as a float": (lambda d: award_of(d).update(amount=5.0), "projects[3].award.amount", "5.0 is not allowed"),
    "money as text": (lambda d: award_of(d).update(amount="5"), "projects[3].award.amount", "'5' is not allowed"),
    "money as a boolean": (lambda d: award_of(d).update(amount=True), "projects[3].award.amount", "True is not"),
    "negative money": (lambda d: award_of(d).update(amount=-1), "projects[3].award.amount", "-1 is not allowed"),
    "weight as a number": (lambda d: award_of(d).update(weight=7), "projects[3].award.weight", "7 is not allowed"),
    "probability above one": (
        lambda d: d["projects"][0]["verdict"].update(probability=1_000_001),
        "projects[0].verdict.probability",
        "1000001 is not allowed",
    ),
    "unknown verdict": (
        lambda d: d["projects"][0]["verdict"].update(label="maybe"),
        "projects[0].verdict.label",
        "'maybe' is not allowed",
    ),
    "other schema": (lambda d: d.update(schema="daccord/decision/2"), "schema", "not a schema this version reads"),
    "short digest": (
        lambda d: d["inputs"].update({"round.toml": "abc"}),
        "inputs.round.toml",
        "'abc' is not allowed",
    ),
    "parameter of another kind": (
        lambda d: d["parameters"]["effective"].update({"rules.money.caution": []}),
        "parameters.effective.rules.money.caution",
        "[] is not allowed",
    ),
    "project twice": (lambda d: d["projects"].append(d["projects"][0]), None, "stands twice"),
    "a list": (lambda d: d.update(projects={}), "projects", "{} is not allowed"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_reading_refuses(name: str, document: dict[str, Any], tmp_path: Path) -> None:
    change, column, message = REFUSED[name]
    altered = copy.deepcopy(document)
    change(altered)
    path = tmp_path / "decision.json"
    path.write_text(json.dumps(altered), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_decision(path)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    assert problem.column == column
    assert message in problem.message
    assert problem.remedy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ('{"a": 1,\n "a": 2}', "given twice"),
        ('{"seed": NaN}', "NaN is no JSON number"),
        ('{"seed": -Infinity}', "-Infinity is no JSON number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"seed": ' + "9" * 10_000 + "}", "digits"),
    ],
)
def test_reading_refuses_what_is_no_json(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_decision(path)


def test_reading_says_in_which_row_json_breaks(document: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    path.write_text(json.dumps(document, indent=2).replace('"seed": ', '"seed" ', 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_decision(path)
    row = caught.value.problems[0].row
    assert row is not None
    assert '"seed"' in path.read_text(encoding="utf-8").splitlines()[row - 1]


def test_reading_refuses_what_is_no_text_or_no_file(tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    with pytest.raises(InputError, match="no such file"):
        read_decision(path)
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(InputError, match="not UTF-8"):
        read_decision(path)
    with pytest.raises(ExternalError):
        read_decision(tmp_path)


@pytest.mark.parametrize("text", ["[]", "null", "3", '"decision"'])
def test_reading_refuses_what_is_no_object(text: str, tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="not allowed here"):
        read_decision(path)


def test_a_file_of_another_kind_is_not_listed_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    path.write_text(json.dumps({f"key{i}": i for i in range(1000)}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_decision(path)
    assert len(caught.value.problems) == 100


# --- the schema and its page ------------------------------------------------------------------------------------------


def test_published_schema_is_current() -> None:
    published = (ROOT / "docs" / "spec" / "decision.schema.json").read_text(encoding="utf-8")
    assert published == json.dumps(decision_schema(), indent=2, ensure_ascii=False) + "\n", (
        "docs/spec/decision.schema.json is out of date: write json.dumps(decision_schema(), indent=2) to it"
    )


def test_schema_takes_the_decision_and_refuses_others(document: dict[str, Any]) -> None:
    schema = decision_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert list(validator.iter_errors(document)) == []
    assert schema["properties"]["schema"]["const"] == SCHEMA
    let_pass = []
    for name, (change, _, _) in REFUSED.items():
        altered = copy.deepcopy(document)
        change(altered)
        if not list(validator.iter_errors(altered)):
            let_pass.append(name)
    # JSON Schema counts 5.0 as an integer and cannot compare entries of a list by one of their keys.
    assert let_pass == ["money as a float", "project twice"]


def test_every_key_is_explained() -> None:
    page = (ROOT / "docs" / "spec" / "decision.md").read_text(encoding="utf-8")
    schema = decision_schema()
    keys = {key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", {})}
    assert len(keys) > 50
    assert sorted(key for key in keys | set(COLUMNS) if f"`{key}`" not in page) == []


def test_digests_are_those_of_the_files(folder: Path) -> None:
    document = read_decision(folder / "out" / "decision.json")
    assert {"round.toml", "projects.csv", "judges.csv", "comparisons.csv"} <= set(document["inputs"])
    for name, digest in document["inputs"].items():
        data = (folder / name).read_bytes()
        assert (hashlib.sha256(data).hexdigest() == digest) == (name not in {"ratings.csv", "roles.csv"})
    # Of a table with answers on harm it is the digest of the rest: who knows the rest could try all answers otherwise.
    lines = (folder / "ratings.csv").read_bytes().splitlines(keepends=True)
    public = b"".join(line for line in lines if b",harm," not in line)
    assert hashlib.sha256(public).hexdigest() == document["inputs"]["ratings.csv"]


def test_scores_survive_whatever_they_are() -> None:
    scores = Scores(
        (
            ProjectScore("p", {"benefit": CriterionScore(-5, 0, None, {"é": 0}, 3, 2)}, 1, 0, 1_000_000_000),
            ProjectScore("q", {}, 0, 0, 0),
        )
    )
    projects = (Project("p", "P"), Project("q", "Q"))
    decision = small(projects, (1, 1), pot=2, currency=Currency("USD", 0), scores=scores)
    assert scores_of(json.loads(json.dumps(decision_document(decision)))) == scores
