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
from daccord.futures.study import MEASURES
from daccord.futures.world import inputs_of
from daccord.report import build_futures_report
from daccord.report.futures import CARD, TEXT
from daccord.report.futures._questions import MEASURE, question_words
from daccord.report.futures._words import years

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


def test_the_card_counts_the_reproduced_figures_as_the_report_does() -> None:
    report = (ROOT / "docs" / "futures" / "reproduction.md").read_text(encoding="utf-8")
    found = re.search(r"^(\d+) of (\d+) figures agree", report, re.MULTILINE)
    assert found is not None
    assert f"{found[1]} of {found[2]} published figures" in TEXT
    assert int(found[2]) - int(found[1]) == 7
    assert "other seven" in " ".join(TEXT.split())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("arrival:ai", "When Advanced AI would come"),
        ("hazard:takeover", "How often this would happen: AI that nobody controls"),
        ("defends:clean-air>unlisted", "How well Clean air protects from this: What nobody has listed"),
        ("lead:makes_safe:alignment>ai", "How long before Advanced AI Alignment must be there"),
        ("delay:requires:alignment>clean-air", "How long after Clean air Alignment can come"),
        ("values", "All values together"),
        ("arrival:nobody", "arrival:nobody"),
        ("defends:ai>nobody", "defends:ai>nobody"),
        ("new-kind:ai", "new-kind:ai"),
    ],
)
def test_questions_in_words(name: str, words: str) -> None:
    world = small_file().world
    assert question_words(name, world) == words


def test_every_question_and_measure_has_words() -> None:
    world = small_file().world
    for name in inputs_of(world):
        assert question_words(name, world) != name
    assert set(MEASURE) == set(MEASURES)


@pytest.mark.parametrize(
    ("value", "error", "told"),
    [
        (0.7931, 0.0671, "0.793 ± 0.067 years"),
        (12.34, 1.26, "12.3 ± 1.3 years"),
        (0.0123, 0.0011, "4.49 ± 0.40 days"),
        (-2.0, 0.5, "−2.00 ± 0.50 years"),
        (0.0, 0.0, "0.00 ± 0.00 years"),
        (250.0, 36.0, "250 ± 36 years"),
    ],
)
def test_a_figure_has_no_more_places_than_its_error(value: float, error: float, told: str) -> None:
    assert years(value, error) == told


def test_catastrophe_stands_with_its_interval_and_tail(page: str) -> None:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")
    found = re.search(
        r"goes from ([\d.]+) % to ([\d.]+) %: from ([\d.]+) % to ([\d.]+) % in nine of ten worlds under the plan, and "
        r"in the worst 5 % of worlds its mean \(CVaR\) goes from ([\d.]+) % to ([\d.]+) %",
        text,
    )
    assert found is not None
    _, mean, low, high, _, tail = map(float, found.groups())
    assert low < mean < high < tail * 1.5
    assert mean < tail


def test_captions_of_figures_say_model_and_fictional(page: str) -> None:
    captions = re.findall(r"<figcaption>\s*<h3>.*?</h3>\s*<p>(.*?)</p>", page, re.DOTALL)
    assert len(captions) >= 7
    assert all(text.startswith("A model of a fictional world. ") for text in captions)
    real = build_futures_report(replace(small_file(), fictional=False), small_plan(), None)
    captions = re.findall(r"<figcaption>\s*<h3>.*?</h3>\s*<p>(.*?)</p>", real, re.DOTALL)
    assert captions
    assert all(text.startswith("A model. ") for text in captions)


def test_scenarios_that_were_not_played_are_told() -> None:
    file, comparison = made_up()
    for missing, words in ((1, "One scenario of the study was not played"), (12, "12 scenarios of the study were not")):
        assert words in build_futures_report(file, None, replace(comparison, missing=missing))


def test_classes_of_the_same_title_stay_apart() -> None:
    file, comparison = made_up()
    study = replace(file.study, classes=tuple(replace(group, title="Same") for group in file.study.classes))
    found = build_futures_report(replace(file, study=study), None, comparison)
    for group in study.classes:
        assert f"Same ({group.name})" in found


def test_long_and_hostile_names_in_the_plan_are_text() -> None:
    file = small_file()
    world = replace(
        file.world,
        technologies=tuple(replace(item, title=NASTY * 3) for item in file.world.technologies),
        risks=tuple(replace(item, title=NASTY) for item in file.world.risks),
        unit=NASTY,
    )
    made = plan(world, file.budget, seed=1, settings=QUICK)
    found = build_futures_report(
        replace(file, study=replace(file.study, world=world)), made, None, by_values={NASTY: made}
    )
    assert "<b>Ada" not in found
    assert "<script>alert" not in found
    assert found.count("<script") == 1
