"""Verdicts and money recomputed in JavaScript from decision files agree with Python's to the last unit.

The two share no code: `verifiers/node/decision` is written from the methods' pages. All rounds go to one process of
node, which answers with what differs. Rounds are random (the generators of the property tests), the examples, and real
ones where they are at hand; then decision files are changed in one place, and the change must be found.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.allocation_cases import EURO, rounds
from tests.property.verdict_cases import verdict_rounds

from daccord import decide, load_round
from daccord.allocation import Allocation, allocate
from daccord.allocation.stories import with_forgone
from daccord.errors import InputError
from daccord.formats._columns import PROJECTS
from daccord.formats._table import csv_bytes
from daccord.formats._writing import _projects
from daccord.formats.decisions import decision_document, scores_of
from daccord.formats.deepfunding import import_deepfunding, preset
from daccord.formats.inputs._entries import ENTRIES, ENTRIES_TABLE
from daccord.fusion import CriterionScore, ProjectScore, Scores
from daccord.judging import Panel
from daccord.pipeline import AwardInterval, Decision
from daccord.portfolio import ENTRY_KINDS, Entry, Portfolio, Project, Role
from daccord.round import Budget, Goal, MoneyInputs, Round, Rules

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "verifiers" / "node" / "decision"
NODE = shutil.which("node")

Change = Callable[[dict[str, Any]], None]

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed: the JavaScript verifier was not run")

DRIVER = """
import {{ createInterface }} from "node:readline";
import {{ parseJson, recompute }} from "{recompute}";
for await (const line of createInterface({{ input: process.stdin }})) {{
  const {{ decision, files: texts }} = JSON.parse(line);
  const files = new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
  try {{
    console.log(JSON.stringify(recompute(parseJson(decision), files)));
  }} catch (error) {{
    console.log(JSON.stringify({{ error: error.name, problems: [{{ key: "error", found: error.message }}] }}));
  }}
}}
"""


@dataclass(frozen=True)
class Case:
    """A decision file, and those files of its round that JavaScript reads."""

    decision: str
    files: Mapping[str, str]
    round: Round

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.decision)
        return document

    def changed(self, change: Change) -> Case:
        document = self.document
        change(document)
        return replace(self, decision=json.dumps(document))

    def again(self) -> Allocation:
        """What Python decides from the scores and the pot that the file states."""
        document, round_ = self.document, self.round
        budget = replace(round_.budget, amount=document["budget"]["amount"])
        return allocate(round_.portfolio, scores_of(document), round_.rules, budget, round_.inputs)


def recomputed(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """What JavaScript says of each case, from one process."""
    lines = [json.dumps({"decision": case.decision, "files": case.files}) for case in cases]
    script = DRIVER.format(recompute=(FOLDER / "recompute.mjs").as_uri())
    done = subprocess.run(
        [str(NODE), "--input-type=module", "--eval", script],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    return answers


def wrong(cases: Sequence[Case]) -> list[Any]:
    """Rules and answers of those cases of which JavaScript says that something differs, or that it cannot be read."""
    return [(case.round.rules, said) for case, said in zip(cases, recomputed(cases), strict=True) if said["problems"]]


def case_of(
    portfolio: Portfolio,
    scores: Scores,
    rules: Rules,
    budget: Budget,
    inputs: MoneyInputs | None = None,
) -> Case:
    """A decision file from scores alone, as the pipeline would write it; intervals, which need draws, are made up."""
    inputs = inputs or MoneyInputs()
    round_ = Round(
        "Random round",
        Goal("Invented.", "nobody"),
        budget,
        (),
        portfolio,
        Panel(()),
        {},
        rules,
        inputs,
        simulated=True,
    )
    files = {"projects.csv": csv_bytes(PROJECTS, _projects(portfolio, budget.currency))}
    if inputs.entries:
        files["entries.csv"] = csv_bytes(ENTRIES, ENTRIES_TABLE.rows(round_))
    round_ = replace(round_, digests={name: hashlib.sha256(data).hexdigest() for name, data in files.items()})
    allocation = allocate(portfolio, scores, rules, budget, inputs)
    allocation = with_forgone(portfolio, scores, rules, budget, allocation, inputs)
    decision = Decision(
        round_,
        scores,
        allocation,
        tuple(AwardInterval(0, 0, 1, 1) for _ in portfolio),
        {},
        {"fusion": rules.fusion, "money": rules.money.rule},
        {},
    )
    texts = {name: data.decode() for name, data in files.items()}
    return Case(json.dumps(decision_document(decision), ensure_ascii=False), texts, round_)


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """So many random values, the same in every run."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


# --- random rounds ----------------------------------------------------------------------------------------------------

EACH = 6
"""Random rounds of each kind."""

BOUNDS: Sequence[Mapping[str, Any]] = [
    {},
    {"funded": False},
    {"team_cap": True},
    {"harm_budget": True},
    {"minimum": True},
    {"minimum": True, "team_cap": True, "harm_budget": True},
    {"floors": True, "max_size": 5},
    {"minimum": True, "team_cap": True, "harm_budget": True, "floors": True, "max_size": 5},
    {"rule": "proportional"},
    {"rule": "proportional", "team_cap": True, "minimum": True, "funded": False},
]


@st.composite
def odd_parameters(draw: st.DrawFn, bounds: Mapping[str, Any]) -> tuple[Any, ...]:
    """Rounds with parameters that no binary fraction is equal to, and with an adversary as holder."""
    portfolio, scores, rules, budget = draw(rounds(**bounds))
    odd = st.sampled_from([0.1, 1 / 3, 0.7, 1e-5, 1.2345678901234567, 2])
    money = replace(
        rules.money,
        caution=draw(odd),
        defence_priority=draw(odd),
        diffusion_priority=draw(odd),
        saturation=draw(odd),
        evidence_cap=draw(odd),
    )
    millionths = st.integers(0, 1_000_000)
    names = draw(st.sampled_from([(), ("harm_if_adversary",), ("defence_if_adversary", "harm_if_adversary")]))
    projects = tuple(
        replace(
            score,
            criteria={
                **score.criteria,
                **{name: CriterionScore(0, 0, draw(millionths), {}, 9, 9) for name in names if draw(st.booleans())},
            },
        )
        for score in scores
    )
    return portfolio, Scores(projects), replace(rules, money=money), budget


@st.composite
def with_entries(draw: st.DrawFn, bounds: Mapping[str, Any]) -> tuple[Any, ...]:
    """Rounds with entries in the books; some take more than the pot, and such a round is not decided."""
    portfolio, scores, rules, budget = draw(rounds(**bounds))
    entries = []
    kinds: st.SearchStrategy[Any] = st.sampled_from(ENTRY_KINDS)
    for project in portfolio:
        for kind in draw(st.lists(kinds, unique=True)):
            sign = draw(st.sampled_from([1, -1])) if kind == "correction" else 1
            amount = draw(st.integers(1, max(1, budget.amount // (2 * len(portfolio)))))
            entries.append(Entry(kind, project.id, sign * amount, "Invented.", "nobody"))
    if draw(st.booleans()):
        entries.append(Entry("carry_over", "", 1, "Invented.", "nobody"))
    return portfolio, scores, rules, budget, MoneyInputs(entries=tuple(draw(st.permutations(entries))))


@st.composite
def odd_thresholds(draw: st.DrawFn) -> tuple[Any, ...]:
    """Rounds with everything that verdicts read, with other thresholds, and harm in an adversary's hands."""
    portfolio, scores, rules, budget = draw(verdict_rounds())
    share = st.sampled_from([0, 0.1, 1 / 3, 0.123456789, 0.5000005, 0.9, 1.0])
    verdicts = replace(
        rules.verdicts,
        accelerate=draw(share),
        safeguards=draw(share),
        hold=draw(share),
        community_sure=draw(st.sampled_from([0.1, 0.5000005, 0.9, 1.0])),
        agreement=draw(share),
    )
    few = st.integers(0, 6)
    evidence = replace(rules.evidence, min_judgments=draw(few), min_jurors=draw(few))
    rules = replace(rules, verdicts=verdicts, evidence=evidence)
    changed = []
    for score in scores:
        criteria = dict(score.criteria)
        for name in ("harm_if_adversary", "defence_if_adversary"):
            if name not in criteria and draw(st.booleans()):
                above = draw(st.one_of(st.none(), st.sampled_from([0, 333_334, 500_000, 500_001, 1_000_000])))
                said = draw(st.dictionaries(st.sampled_from(["south", "🜚 west", "ﬀ"]), st.integers(0, 1_000_000)))
                criteria[name] = CriterionScore(0, 0, above, said, draw(few), draw(few))
        changed.append(replace(score, criteria=criteria))
    return portfolio, Scores(tuple(changed)), rules, budget


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Random rounds of every kind, decided in Python."""
    found = []
    for bounds in BOUNDS:
        for strategy in (rounds(**bounds), odd_parameters(bounds), with_entries(bounds)):
            for parts in drawn(strategy, EACH):
                with suppress(InputError):  # entries take more than the pot
                    found.append(case_of(*parts))
    for parts in [*drawn(verdict_rounds(), 12 * EACH), *drawn(odd_thresholds(), 6 * EACH)]:
        with suppress(InputError):  # all that is not held is paid, and something has no score
            found.append(case_of(*parts))
    return [*found, case_of(*stand_in())]


def stand_in() -> tuple[Any, ...]:
    """Two cleared projects can take the place of one that waits; the better one is named first."""
    roles = (Role("substitutes", "a"),)
    projects = (Project("a", "A", requires=("t",)), Project("b", "B", roles=roles), Project("c", "C", roles=roles))
    technology = Project("t", "T", ask=0, maturity="idea")
    good = {"benefit": CriterionScore(0, 0, 900_000, judgments=9, jurors=9)}
    scores = tuple(ProjectScore(name, good, 10 * i, 0, 100) for i, name in enumerate("abc"))
    return Portfolio(projects, (), (technology,)), Scores(scores), Rules(), Budget(999, EURO)


def test_random_rounds_agree_to_the_last_unit(cases: list[Case]) -> None:
    assert len(cases) > 200
    assert wrong(cases) == []


def test_random_rounds_reach_everything(cases: list[Case]) -> None:
    """Without this the agreement could be one about nothing."""
    documents = [case.document for case in cases]
    projects = [project for document in documents for project in document["projects"]]
    labels = {project["verdict"]["label"] for project in projects}
    assert labels == {"accelerate", "with_safeguards", "hold", "unclear", "unrated"}
    limits = {project["award"]["limited_by"] for project in projects}
    assert limits == {"", "ask", "evidence", "team_cap", "minimum", "harm_budget", "verdict"}
    codes = {reason["code"] for project in projects for reason in project["verdict"]["reasons"]}
    assert codes >= {"hard_constraint", "earlier_hold", "gate_closed", "substitute_first", "thin_evidence"}
    assert len(codes) > 20
    multipliers = [
        text
        for document in documents
        for name, text in document["certificate"].items()
        if name.startswith("multiplier of floor ")
    ]
    assert sum(text not in ("0", "1000000000") for text in multipliers) > 20
    assert any(entry["open"] for document in documents for entry in document["entries"])
    assert any(document["divided"] != document["budget"]["amount"] for document in documents)


# --- whole rounds -----------------------------------------------------------------------------------------------------


def decided(folder: Path) -> Case:
    """A round of the examples, decided as its users would."""
    round_ = load_round(folder)
    files = {"projects.csv": (folder / "projects.csv").read_text(encoding="utf-8")}
    return Case(json.dumps(decision_document(decide(round_)), ensure_ascii=False), files, round_)


@pytest.fixture(scope="module")
def example() -> Case:
    return decided(ROOT / "examples" / "dacc")


def test_the_example_round_agrees(example: Case) -> None:
    assert wrong([example]) == []


@pytest.mark.parametrize("name", ["s-process", "deep"])
def test_other_money_rules_are_named_as_unchecked(name: str) -> None:
    (said,) = recomputed([decided(ROOT / "examples" / name)])
    assert said["problems"] == []
    assert any(one["what"].startswith("projects.award") and name in one["why"] for one in said["unchecked"])
    assert "award.amount" not in said["checked"]


def test_without_projects_the_verdicts_are_named_as_unchecked(example: Case) -> None:
    (said,) = recomputed([replace(example, files={})])
    assert said["problems"] == []
    assert any(one["what"] == "projects.verdict" for one in said["unchecked"])
    assert "award.amount" in said["checked"]


@pytest.mark.parametrize("name", ["gg24", "trial"])
def test_real_rounds_agree(name: str, request: pytest.FixtureRequest) -> None:
    """Deep Funding's answers, with bounds and entries of our own."""
    round_ = import_deepfunding(preset(name, request.getfixturevalue(name)))
    portfolio, budget = round_.portfolio, round_.budget
    scores = decide(round_).scores
    entries = (
        Entry("minimum", portfolio.ids[0], budget.amount // 50, "Invented.", "nobody"),
        Entry("fixed", portfolio.ids[1], budget.amount // 100, "Invented.", "nobody"),
    )
    money = replace(round_.rules.money, minimum=budget.amount // 200)
    found = [
        case_of(portfolio, scores, replace(round_.rules, money=replace(money, rule=rule)), budget, inputs)
        for rule in ("differential", "proportional")
        for inputs in (MoneyInputs(), MoneyInputs(entries=entries))
    ]
    assert all(sum(award.amount > 0 for award in case.again().awards) > 5 for case in found)
    assert wrong(found) == []


# --- changes ----------------------------------------------------------------------------------------------------------


def keys(said: Mapping[str, Any], project: str | None) -> set[str]:
    """What differs of a project."""
    return {problem["key"] for problem in said["problems"] if problem.get("project") == project}


def moved_unit(a: int, b: int) -> Change:
    def change(document: dict[str, Any]) -> None:
        document["projects"][a]["award"]["amount"] -= 1
        document["projects"][b]["award"]["amount"] += 1

    return change


def swapped(a: int, b: int) -> Change:
    def change(document: dict[str, Any]) -> None:
        awards = [document["projects"][i]["award"] for i in (a, b)]
        awards[0]["amount"], awards[1]["amount"] = awards[1]["amount"], awards[0]["amount"]

    return change


def test_a_moved_unit_and_swapped_awards_are_found_by_name(cases: list[Case]) -> None:
    changed, named = [], []
    for case in cases[::2]:
        awards = [project["award"]["amount"] for project in case.document["projects"]]
        ids = case.round.portfolio.ids
        richest = max(range(len(ids)), key=awards.__getitem__)
        for i in range(len(ids)):
            if i != richest and awards[i] != awards[richest]:
                for change in (moved_unit(richest, i), swapped(richest, i)):
                    changed.append(case.changed(change))
                    named.append((ids[i], ids[richest]))
                break
    assert len(changed) > 80
    for said, pair in zip(recomputed(changed), named, strict=True):
        assert all("award.amount" in keys(said, project) for project in pair), (said, pair)


def test_another_verdict_is_found_by_name(cases: list[Case]) -> None:
    changed = []
    for case in cases[::2]:

        def change(document: dict[str, Any]) -> None:
            verdict = document["projects"][-1]["verdict"]
            verdict["label"] = "unclear" if verdict["label"] == "unrated" else "unrated"

        changed.append(case.changed(change))
    for case, said in zip(changed, recomputed(changed), strict=True):
        assert "verdict.label" in keys(said, case.round.portfolio.ids[-1])


def test_a_score_changed_by_one_moves_the_same_money_as_in_python(cases: list[Case], example: Case) -> None:
    """Whose award JavaScript says is wrong is exactly who gets another one if Python decides from the changed score."""

    def lower(by: int) -> Change:
        def once(document: dict[str, Any]) -> None:
            richest = max(document["projects"], key=lambda project: project["award"]["amount"])
            if score := richest["scores"].get("benefit"):
                score["mean"] -= by

        return once

    assert agree_on_awards([example.changed(lower(1))]) == 1
    agree_on_awards([case.changed(lower(1)) for case in cases[::3]])
    assert agree_on_awards([case.changed(lower(2_000_003)) for case in cases[::2]]) > 5


def test_another_pot_moves_the_same_money_as_in_python(cases: list[Case]) -> None:
    def change(document: dict[str, Any]) -> None:
        document["budget"]["amount"] += 1

    changed = [case.changed(change) for case in cases[::4]]
    assert agree_on_awards(changed) > 15
    for said in recomputed(changed):
        assert "awards and unallocated, together" in keys(said, None) or keys(said, None) == {"rules"}


def agree_on_awards(changed: Sequence[Case]) -> int:
    """Check that both name the same awards as wrong; how many files have such an award."""
    count = 0
    for case, said in zip(changed, recomputed(changed), strict=True):
        try:
            awards = case.again().awards
        except InputError:
            assert "rules" in keys(said, None)
            continue
        stated = [project["award"]["amount"] for project in case.document["projects"]]
        other = {award.project for award, amount in zip(awards, stated, strict=True) if award.amount != amount}
        found = {problem["project"] for problem in said["problems"] if problem["key"] == "award.amount"}
        assert found == other, (case.round.rules, said["problems"])
        count += bool(other)
    return count


def put(value: Any, *path: str | int) -> Change:
    """A change of one value of the example round."""

    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        assert place[path[-1]] != value
        place[path[-1]] = value

    return change


def test_each_value_that_follows_from_others_is_compared(example: Case) -> None:
    document = example.document
    projects = document["projects"]
    place = {
        "paid": next(i for i, one in enumerate(projects) if one["award"]["amount"] and not one["verdict"]["gates"]),
        "gated": next(i for i, one in enumerate(projects) if one["verdict"]["gates"]),
        "held": next(i for i, one in enumerate(projects) if one["verdict"]["label"] == "hold"),
    }
    effective = ("parameters", "effective")
    expected: list[tuple[Change, str | None, str]] = [
        (put("another", "projects", place[who], "award", "limited_by"), projects[place[who]]["id"], "award.limited_by")
        for who in place
    ]
    for who, path, value, key in [
        ("paid", ("award", "weight"), "12", "award.weight"),
        ("paid", ("award", "entries"), 1, "award.entries"),
        ("paid", ("verdict", "probability"), 1, "verdict.probability"),
        ("paid", ("verdict", "at_least"), True, "verdict.at_least"),
        ("paid", ("verdict", "waiting"), 1, "verdict.waiting"),
        ("paid", ("verdict", "substitutes"), ["x"], "verdict.substitutes"),
        ("paid", ("ask",), 1, "ask"),
        ("paid", ("team",), "Somebody else", "team"),
        ("gated", ("verdict", "gates"), [], "verdict.gates"),
        ("gated", ("verdict", "waits_for"), [], "verdict.waits_for"),
        ("gated", ("verdict", "waiting"), 0, "verdict.waiting"),
        ("gated", ("verdict", "safeguards"), [], "verdict.safeguards.returns"),
        ("held", ("verdict", "reopens_after_days"), 1, "verdict.reopens_after_days"),
        ("held", ("verdict", "expires_on"), "2030-01-01", "verdict.expires_on"),
        ("held", ("verdict", "delay", "forgone"), 1, "verdict.delay.forgone"),
        ("held", ("verdict", "delay", "share"), 1, "verdict.delay"),
        ("held", ("verdict", "reasons", 0, "code"), "benefit_above_bar", "verdict.reasons.code"),
    ]:
        expected.append((put(value, "projects", place[who], *path), projects[place[who]]["id"], key))
    expected += [
        (put(1, "unallocated"), None, "unallocated"),
        (put(1, "divided"), None, "divided"),
        (put("1", "certificate", "k"), None, "certificate.k"),
        (put("0", "certificate", "worst_exchange"), None, "certificate.worst_exchange"),
        (put("proportional", "method", "money"), None, "method.money"),
        (put("2030-01-01", "decided_on"), None, "decided_on"),
        (put("0" * 64, "inputs", "projects.csv"), None, "inputs.projects.csv"),
        (put(0.25, *effective, "rules.money.caution"), projects[place["paid"]]["id"], "award.weight"),
        (put(0.9, *effective, "rules.money.harm_budget"), None, "certificate.harm_spent"),
        (put(99, *effective, "rules.evidence.min_jurors"), projects[place["paid"]]["id"], "verdict.label"),
    ]
    for said, (_, project, key) in zip(recomputed(example.changed(one[0]) for one in expected), expected, strict=True):
        assert key in keys(said, project), (key, said["problems"][:3])


def test_what_projects_csv_says_is_compared(example: Case) -> None:
    text = example.files["projects.csv"]
    header, first, *rest = text.splitlines(keepends=True)
    shuffled = header + "".join(rest) + first
    undone = text.replace(",prototype,", ",idea,").replace(",deployed,", ",,")
    said = recomputed(replace(example, files={"projects.csv": changed}) for changed in (shuffled, undone))
    assert "projects.id" in keys(said[0], None)
    assert "inputs.projects.csv" in keys(said[1], None)
    assert any(problem["key"] == "verdict.gates" for problem in said[1]["problems"])


def test_what_entries_csv_says_is_compared(cases: list[Case]) -> None:
    booked = [case for case in cases if "entries.csv" in case.files]
    header = "kind,project,amount,reason,by\n"
    said = recomputed(replace(case, files={**case.files, "entries.csv": header}) for case in booked)
    assert len(said) > 10
    assert all({"entries", "inputs.entries.csv"} <= keys(one, None) for one in said)
    said = recomputed(replace(case, files={"projects.csv": case.files["projects.csv"]}) for case in booked)
    assert all(not one["problems"] for one in said)
    assert all(any(skipped["what"].startswith("entries") for skipped in one["unchecked"]) for one in said)


def in_toml(case: Case) -> Case:
    """The same round with projects.toml in place of projects.csv, in all the ways of writing that TOML has for it."""
    lines = ["# Invented.", ""]
    for i, row in enumerate(csv.DictReader(io.StringIO(case.files["projects.csv"]))):
        lines.append("[[project]]  # a project")
        for key, text in row.items():
            items = [item.strip() for item in text.split(";")]
            if not text:
                lines += [f'{key} = ""'] if i % 2 else []
            elif key in ("cells", "roles", "requires") and i % 3:
                lines += [f"{key} = [", *(f"  {json.dumps(item)},  # an item" for item in items), "]"]
            elif key == "text":
                lines.append(f'{key} = """\n{text} "said" she, \\\n   and \\u00e9\\t."""')
            else:
                lines.append(f"{key} = " + (f"'{text}'" if i % 2 and "'" not in text else json.dumps(text)))
    projects = "\n".join(lines)
    tomllib.loads(projects)

    def change(document: dict[str, Any]) -> None:
        document["inputs"]["projects.toml"] = hashlib.sha256(projects.encode()).hexdigest()

    files = {name: text for name, text in case.files.items() if name != "projects.csv"}
    return replace(case.changed(change), files={**files, "projects.toml": projects})


def test_projects_toml_says_the_same(cases: list[Case], example: Case) -> None:
    assert wrong([in_toml(case) for case in [*cases[::3], *cases[-20:], example]]) == []


# --- the command ------------------------------------------------------------------------------------------------------


def check(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NODE), str(FOLDER / "check.mjs"), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command(example: Case, tmp_path: Path) -> None:
    folder = ROOT / "examples" / "dacc"
    good, bad, torn = (tmp_path / f"{name}.json" for name in ("good", "bad", "torn"))
    good.write_text(example.decision, encoding="utf-8")
    bad.write_text(example.changed(moved_unit(0, 1)).decision, encoding="utf-8")
    torn.write_text(example.decision[:-9], encoding="utf-8")
    done = check(good, folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "verdicts and money follow from scores and rules" in done.stdout
    assert "not compared: projects.interval" in done.stdout
    done = check(bad, folder, "--json")
    assert done.returncode == 1
    assert {problem["project"] for problem in json.loads(done.stdout)["problems"]} >= set(
        example.round.portfolio.ids[:2]
    )
    for words in [(torn, folder), (good, tmp_path / "nothing"), (tmp_path / "nothing", folder), (good,)]:
        done = check(*words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr.startswith("error: ")


HOSTILE = [
    "",
    "[]",
    "{}",
    "nul",
    '{"a": 1, "a": 2}',
    '{"schema": "daccord/decision/1"}',
    "[" * 100_000,
    "1" * 100_000,
    '"' + "a" * 100_000,
    '"' + "\\\\" * 100_000,
    '"\\ud800"',
    '{"schema": "daccord/decision/1"} x',
]


HOSTILE_PROJECTS = [
    ("projects.csv", ""),
    ("projects.csv", 'id,title\n"' + "a" * 100_000),
    ("projects.csv", 'id,title\n"a"b,c\n'),
    ("projects.csv", "id,title\na,b,c\n"),
    ("projects.csv", "id,title\na,b\na,c\n"),
    ("projects.csv", "id,title,roles\na,b,loves > c\n"),
    ("projects.toml", '[[project]]\nid = """' + 'a""b\\\\' * 20_000),
    ("projects.toml", "[[project]]\nid = '''" + "a''b" * 20_000),
    ("projects.toml", "[[project]]\nid = 1\nid = 2"),
    ("projects.toml", "[[project]]\ncells = ["),
    ("projects.toml", "project = [{}]"),
]


def test_what_is_no_decision_file_is_refused_with_a_reason(example: Case) -> None:
    files = [replace(example, decision=text) for text in HOSTILE]
    files += [replace(example, files={name: text}) for name, text in HOSTILE_PROJECTS]
    files += [
        example.changed(change)
        for change in (
            put([], "projects", 0, "scores"),
            put("many", "projects", 0, "award", "amount"),
            put(1.5, "budget", "amount"),
            put({"caution": 1}, "parameters", "effective", "rules.money.caution"),
            lambda document: document["parameters"]["effective"].pop("rules.money.caution"),
            lambda document: document["projects"].append(document["projects"][0]),
        )
    ]
    for case, said in zip(files, recomputed(files), strict=True):
        assert said.get("error") == "MalformedError", (case.decision[:60], said)
