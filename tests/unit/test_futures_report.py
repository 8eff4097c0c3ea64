"""The page of the futures lab: what it says, that it says it is a model, and that nothing in a file becomes markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.futures_page_cases import NASTY, QUICK, made_up, small_file, small_plan

from daccord.errors import InputError
from daccord.formats.worlds import Registration, Standing
from daccord.futures.planner import Index, plan
from daccord.report import build_futures_report
from daccord.report.futures import CARD, TEXT

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def page() -> str:
    file, comparison = made_up()
    return build_futures_report(file, small_plan(), comparison, seed=1)


def test_it_says_that_it_is_a_model_and_fictional(page: str) -> None:
    assert "A MODEL" in page
    assert "FICTIONAL" in page
    assert page.count("A model") >= 7  # every figure says so
    for caption in re.findall(r'<span class="told">(.*?)</span>', page):
        assert "a model" in caption
    real = build_futures_report(replace(small_file(), fictional=False), small_plan(), None)
    assert "FICTIONAL" not in real
    assert "A MODEL" in real


def test_no_catastrophe_without_its_tail(page: str) -> None:
    text = re.sub(r"<[^>]*>", "", page)
    for match in re.finditer(r"probability of catastrophe goes", text):
        assert "worst 5" in text[match.start() : match.start() + 250]


def test_the_same_bytes_again(page: str) -> None:
    file, comparison = made_up()
    assert build_futures_report(file, small_plan(), comparison, seed=1) == page


def test_nothing_is_asked_of_anywhere(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", page)
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_texts_of_a_file_are_no_markup() -> None:
    file, comparison = made_up()
    study = file.study
    world = replace(study.world, technologies=(replace(study.world.technologies[0], title=NASTY),))
    study = replace(study, world=world, classes=tuple(replace(group, title=NASTY) for group in study.classes))
    nasty = replace(
        file, study=study, title=NASTY, about=NASTY, sources={NASTY: NASTY}, evaluator_titles={"ada": NASTY}
    )
    comparison = replace(comparison, reversals=(NASTY,), boundaries=tuple(
        replace(item, sentence=NASTY, rules=(NASTY,)) for item in comparison.boundaries))  # fmt: skip
    found = build_futures_report(nasty, None, comparison)
    assert "<b>Ada" not in found
    assert "<script>alert" not in found
    assert found.count("<script") == 2  # the data of the panel, and its script


def test_what_the_plan_part_says() -> None:
    made = small_plan()
    page = build_futures_report(small_file(), made, None, seed=1)
    assert 'id="plan"' in page
    assert 'id="who"' not in page
    for item in made.verdicts:
        assert item.verdict in page
    for heading in ("Verdicts", "If one evaluator is right", "What slowing would be worth"):
        assert heading in page
    others = {"γ = 1": made, "γ = 2": made}
    indices = (Index("values", 0.3, 0.4, 0.02), Index("beliefs", 0.6, 0.7, 0.02))
    fuller = build_futures_report(small_file(), made, None, by_values=others, indices=indices)
    assert "Under other values" in fuller
    assert "What the conclusion hangs on" in fuller
    assert "Under other values" not in page


def test_a_plan_that_keeps_all_money() -> None:
    world = replace(small_file().world, technologies=(small_file().world.technologies[0],), risks=(), roles=())
    study = replace(small_file().study, world=world, fundable=None)
    made = plan(world, 5.0, seed=1, fundable=(), settings=QUICK)
    assert not made.amounts.any()
    page = build_futures_report(replace(small_file(), study=study), made, None)
    assert "all is better kept" in page
    assert "Nothing is funded" in page


def test_what_the_comparison_part_says(page: str) -> None:
    file, comparison = made_up()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)).replace("\N{NO-BREAK SPACE}", " ").replace("&gt;", ">")
    for name in comparison.constitutions:
        assert name in text
    boundary = next(item for item in comparison.boundaries if item.boxes)
    assert "leak" in boundary.sentence
    assert boundary.sentence in text
    assert "Where consortium has more welfare than" in text or "has more welfare than consortium" in text
    for c, name in enumerate(comparison.constitutions):
        row = re.search(rf'<th scope="row">{name}</th>.*?</tr>', page, re.DOTALL)
        assert row is not None
        assert f"{comparison.regret[c]:.2f}" in row[0]
    assert "Probability of catastrophe at most 0.6" in text
    assert len(file.study.classes) == 2


def test_the_panel_has_what_the_ranking_is_made_of(page: str) -> None:
    _, comparison = made_up()
    found = re.search(r'<script type="application/json" id="weights-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert data["constitutions"] == list(comparison.constitutions)
    for told, ranking in zip(data["rankings"], comparison.rankings, strict=True):
        scores = np.array(told["unit"]) @ np.array(told["weights"])
        np.testing.assert_allclose(scores, ranking.scores, atol=1e-6)
        assert told["group"] == ranking.group


def test_how_the_file_stands_to_its_register() -> None:
    entry = Registration("2026-11-01", "us", "", "0" * 64, "0" * 64, (), {})
    for standing, words in (
        (None, "not looked up"),
        (Standing(None), "not registered"),
        (Standing(entry), "registered 2026-11-01 by us, unchanged since"),
        (Standing(entry, ("study.conditions.leak",)), "changed since it was registered 2026-11-01"),
    ):
        assert words in build_futures_report(small_file(), small_plan(), None, standing=standing)
    assert small_file().digest in build_futures_report(small_file(), small_plan(), None)


def test_an_empty_page_is_refused() -> None:
    with pytest.raises(InputError):
        build_futures_report(small_file(), None, None)


def test_the_card_is_the_one_in_the_docs(page: str) -> None:
    docs = (ROOT / "docs" / "futures" / "model-card.md").read_text(encoding="utf-8")
    assert TEXT in docs
    assert list(CARD) == ["For", "Not for", "Made of", "What it cannot see", "How to read it"]
    text = re.sub(r"\s+", " ", page).replace("&#39;", "'").replace("\N{NO-BREAK SPACE}", " ")
    for lines in CARD.values():
        for line in lines:
            assert line in text
