"""A real round from import to decision: Deep Funding GG24, level 1, with 156 answers of people on 98 repositories.

And what must not matter: the order of rows in a file, and what projects are called.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from daccord.formats import load_round, write_round
from daccord.formats.decisions import read_decision, write_decision
from daccord.formats.deepfunding import import_deepfunding, preset
from daccord.fusion import ProjectScore
from daccord.pipeline import Decision, decide

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "dacc"


@pytest.fixture(scope="module")
def folder(gg24: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contest as a round folder."""
    target = tmp_path_factory.mktemp("gg24") / "round"
    write_round(import_deepfunding(preset("gg24", gg24)), target)
    return target


@pytest.fixture(scope="module")
def decision(folder: Path) -> Decision:
    return decide(load_round(folder))


@pytest.fixture(scope="module")
def document(decision: Decision, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_decision(write_decision(decision, tmp_path_factory.mktemp("out"))[0])


def awards(decision: Decision) -> dict[str, int]:
    return {award.project: award.amount for award in decision.allocation.awards}


def test_the_pot_is_handed_out_to_the_cent(decision: Decision, document: dict[str, Any]) -> None:
    # 350,000 USD: what the contest paid out.
    assert document["budget"] == {"amount": 35_000_000, "currency": "USD", "digits": 2}
    paid = sum(project["award"]["amount"] for project in document["projects"])
    assert paid + document["unallocated"] == 35_000_000
    assert sum(awards(decision).values()) == paid > 0
    assert len(document["projects"]) == 98
    assert document["simulated"] is False


def test_thin_evidence_is_unrated_and_gets_nothing(document: dict[str, Any], decision: Decision) -> None:
    minimum = decision.round.rules.evidence.min_judgments
    assert minimum == 3
    thin = [p for p in document["projects"] if p["scores"]["benefit"]["judgments"] < minimum]
    assert 0 < len(thin) < len(document["projects"])
    for project in thin:
        assert project["verdict"]["label"] == "unrated", project["id"]
        assert project["verdict"]["probability"] is None
        assert project["award"]["amount"] == 0
        assert project["interval"]["high"] == 0
        assert [reason["code"] for reason in project["verdict"]["reasons"]] == ["thin_evidence"]
    rated = [p for p in document["projects"] if p["verdict"]["label"] != "unrated"]
    assert {p["id"] for p in rated} == {p["id"] for p in document["projects"]} - {p["id"] for p in thin}


def test_two_repositories_that_were_paid_without_evidence_are_not_here(document: dict[str, Any]) -> None:
    """Both got money in the official settlement. The jury's file holds two rows on one of them and none on the other.

    One of the two rows has the multiplier 1.1, which the contest's own scoring sets aside, so one answer is left.
    """
    by_id = {project["id"]: project for project in document["projects"]}
    for name, answers in (("Cyfrin/aderyn", 1), ("holiman/goevmlab", 0)):
        assert by_id[name]["scores"]["benefit"]["judgments"] == answers
        assert by_id[name]["verdict"]["label"] == "unrated"
        assert by_id[name]["award"]["amount"] == 0


def test_copies_and_models_that_had_seen_the_answers_get_no_weight(document: dict[str, Any]) -> None:
    assert any("l1-predictions_example is an exact copy of arbitron-huber-log" in text for text in document["warnings"])
    counted = {model for voice in document["voices"]["benefit"] for model in voice["models"]}
    assert counted
    assert not counted & {"l1-predictions_example", "LLM_ensemble_v7", "Collins2003"}
    assert any("LLM_ensemble_v7" in text and "no weight" in text for text in document["warnings"])
    assert all(voice["share"] <= 0.5 + 1e-6 for voice in document["voices"]["benefit"]), "the cap on a family's share"


def test_two_runs_write_the_same_bytes(folder: Path, decision: Decision, tmp_path: Path) -> None:
    one = write_decision(decision, tmp_path / "one")
    other = write_decision(decide(load_round(folder)), tmp_path / "other")
    for first, second in zip(one, other, strict=True):
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_does_not_matter(seed: int, folder: Path, decision: Decision, tmp_path: Path) -> None:
    shuffled = tmp_path / "shuffled"
    shutil.copytree(folder, shuffled)
    for name in ("comparisons.csv", "projects.csv"):
        head, *rows = (shuffled / name).read_text(encoding="utf-8").splitlines()
        assert '"' not in "".join(rows), "a quoted cell could hold a line break"
        random.Random(seed).shuffle(rows)
        (shuffled / name).write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    again = decide(load_round(shuffled))
    assert again.round.portfolio.ids != decision.round.portfolio.ids
    assert awards(again) == awards(decision)
    assert {v.project: v for v in again.allocation.verdicts} == {v.project: v for v in decision.allocation.verdicts}
    assert again.interval_of == decision.interval_of


def renamed(folder: Path, target: Path) -> dict[str, str]:
    """A copy of the round in which every project has another id, also in another order; old id → new id."""
    ids = load_round(folder).portfolio.ids
    new = {name: "p" + hashlib.sha256(name.encode()).hexdigest()[:12] for name in ids}
    assert sorted(ids, key=lambda name: new[name]) != sorted(ids)
    word = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, ids))})(?![\w-])")
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("out"))
    for path in target.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            path.write_text(word.sub(lambda match: new[match[1]], text), encoding="utf-8")
    return new


def published(score: ProjectScore) -> list[int]:
    """The integers that decide a project's verdict and award."""
    out = []
    for criterion in score.criteria.values():
        assert criterion.above is not None
        out += [criterion.mean, criterion.sd, criterion.above, criterion.judgments, criterion.jurors]
        out += [criterion.communities[name] for name in sorted(criterion.communities)]
    return out


def test_names_do_not_matter(tmp_path: Path) -> None:
    new = renamed(EXAMPLE, tmp_path / "renamed")
    one, other = decide(load_round(EXAMPLE)), decide(load_round(tmp_path / "renamed"))
    assert set(other.round.portfolio.ids) == set(new.values())
    # Projects are added up in the order of their ids, so a sum may differ in its last bit, and on some machine a
    # published score by one millionth; then an award moves by about a millionth of the pot.
    pairs = [
        pair
        for old, name in new.items()
        for pair in zip(published(one.scores[old]), published(other.scores[name]), strict=True)
    ]
    moved = max(abs(first - second) for first, second in pairs)
    assert moved <= 1
    # From the same scores only the cents left over by rounding may go elsewhere: the id decides who gets them.
    allowed = 1 + (one.round.budget.amount // 1_000_000 if moved else 0)
    for old, name in new.items():
        gap = other.allocation.award_of[name].amount - one.allocation.award_of[old].amount
        assert abs(gap) <= allowed, old
        assert other.allocation.verdict_of[name].label == one.allocation.verdict_of[old].label, old
    total = [sum(awards(found).values()) + found.allocation.unallocated for found in (one, other)]
    assert total[0] == total[1] == one.round.budget.amount


def test_one_answer_more_does_matter(folder: Path, decision: Decision, tmp_path: Path) -> None:
    """The tests above could fail: awards follow the answers."""
    changed = tmp_path / "changed"
    shutil.copytree(folder, changed)
    low = min(decision.allocation.awards, key=lambda award: (award.amount == 0, award.amount)).project
    high = max(decision.allocation.awards, key=lambda award: award.amount).project
    with (changed / "comparisons.csv").open("a", encoding="utf-8") as file:
        head = (folder / "comparisons.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        cells = {"juror": "jury-3", "criterion": "benefit", "a": low, "b": high, "winner": low, "ratio": "10"}
        file.write(",".join(cells.get(name, "") for name in head) + "\n")
    again = awards(decide(load_round(changed)))
    assert again[low] > awards(decision)[low]
    assert again[high] < awards(decision)[high]
    assert json.dumps(again) != json.dumps(awards(decision))
