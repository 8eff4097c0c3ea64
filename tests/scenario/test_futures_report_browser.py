"""The page of the futures lab in a real browser: the panel of weights, no requests, a telephone's width, no script."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.unit.futures_page_cases import NASTY, made_up, small_plan

from daccord.report import build_futures_report
from daccord.report.futures._questions import measure_words


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file, comparison = made_up()
    path = tmp_path_factory.mktemp("futures") / "page.html"
    path.write_text(build_futures_report(file, small_plan(), comparison, seed=1), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(browser, address):
    contexts = []

    def open_it(width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()


def order(page):
    return [item.split("\n")[0] for item in page.locator("#weights-panel ol li").all_inner_texts()]


def test_moving_a_weight_reorders_and_says_where_it_turns(opened, address) -> None:
    page = opened()
    _, comparison = made_up()
    names = comparison.constitutions
    overall = next(item for item in comparison.rankings if not item.group)
    assert order(page) == [names[c] for c in overall.order]
    assert page.locator("#weights-panel [role=status]").inner_text().startswith(f"First: {names[overall.order[0]]}.")
    for m, measure in enumerate(overall.measures):
        sliders = page.locator("#weights-panel input[type=range]")
        for k in range(len(overall.measures)):
            sliders.nth(k).fill("100" if k == m else "0")
        best = min(range(len(names)), key=lambda c: (-overall.unit[c, m], names[c]))
        assert order(page)[0] == names[best], measure
    page.get_by_role("button", name="The file's weights").click()
    assert order(page) == [names[c] for c in overall.order]
    page.locator("#weights-panel select").select_option(index=0)
    first = comparison.rankings[0]
    assert order(page) == [names[c] for c in first.order]
    assert page.asked == [address]
    assert page.complaints == []


def test_the_turning_points_are_those_of_the_table(opened) -> None:
    page = opened()
    _, comparison = made_up()
    overall = next(item for item in comparison.rankings if not item.group)
    told = page.locator("#weights-panel [role=status]").inner_text()
    own = dict(zip(overall.measures, overall.weights, strict=True))
    for measure in overall.measures:
        turns = [item for item in overall.switches if item.measure == measure]
        above = [item for item in turns if item.weight > own[measure]][:1]
        below = [item for item in turns if item.weight < own[measure]][-1:]
        for item, name in [*((i, i.after) for i in above), *((i, i.before) for i in below)]:
            assert f"{measure_words(measure)} at {round(100 * item.weight)}\N{NO-BREAK SPACE}%: {name}" in told


def test_a_moved_weight_leaves_the_others_in_proportion_and_its_strip_says_who_is_first(opened) -> None:
    page = opened()
    _, comparison = made_up()
    overall = next(item for item in comparison.rankings if not item.group)
    sliders = page.locator("#weights-panel input[type=range]")
    told = page.locator("#weights-panel output")
    own = overall.weights
    for share in (0.1, 0.5, 0.9):
        sliders.first.fill(str(round(100 * share)))
        rest = [round(100 * (1 - share) * float(w) / float(own[1:].sum())) for w in own[1:]]
        assert told.all_inner_texts() == [f"{v}\N{NO-BREAK SPACE}%" for v in (round(100 * share), *rest)]
    for m in range(len(overall.measures)):
        parts = page.locator(".strip").nth(m).locator("span")
        assert parts.count() >= 1
        titles = [parts.nth(k).get_attribute("title") for k in range(parts.count())]
        for value in (2, 98):
            sliders.nth(m).fill(str(value))
            end = titles[0] if value == 2 else titles[-1]
            low, high = (int(number) for number in re.findall(r"(\d+)\s%", end))
            if low < value < high:
                assert end.startswith(f"{order(page)[0]} first from"), end
        page.get_by_role("button", name="The file's weights").click()


def test_without_script_all_is_said(opened) -> None:
    page = opened(java_script_enabled=False)
    assert not page.locator("#weights-panel").is_visible()
    assert page.locator("#weights table").is_visible() or "No single weight" in page.locator("#weights").inner_text()
    assert page.locator("table.heat").is_visible()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits(opened, width) -> None:
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_is_enough(opened) -> None:
    page = opened()
    slider = page.locator("#weights-panel input[type=range]").first
    slider.focus()
    before = slider.input_value()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() != before
    assert slider.get_attribute("aria-label").startswith("Weight of")


def test_no_table_runs_over_the_edge_of_paper(opened) -> None:
    page = opened(720)
    page.emulate_media(media="print")
    over = "all => all.filter(t => t.getBoundingClientRect().right > innerWidth + 1).map(t => t.caption.innerText)"
    assert page.eval_on_selector_all("table", over) == []


def test_long_hostile_titles_fit_a_telephone(browser, tmp_path) -> None:
    file, comparison = made_up()
    classes = tuple(replace(group, title=NASTY) for group in file.study.classes)
    path = tmp_path / "nasty.html"
    study = replace(file.study, classes=classes)
    path.write_text(build_futures_report(replace(file, study=study, title=NASTY), None, comparison), encoding="utf-8")
    page = browser.new_page(viewport={"width": 400, "height": 900})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.locator("h1").inner_text() == NASTY
    page.close()
