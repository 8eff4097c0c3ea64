"""The page in a real browser: no request leaves the file, it fits a telephone, and the keyboard is enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.report_cases import big_decision, build_decision

from daccord.report import build_report


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    other = build_decision(rule="proportional")
    path.write_text(build_report(build_decision(), {"hierarchical / proportional": other}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "large.html"
    path.write_text(build_report(big_decision(98)), encoding="utf-8")
    return path


@pytest.fixture
def open_page(browser):
    """Opens a file at a width and collects what it asks for and complains about."""
    contexts = []

    def opened(path, width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.complaints = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


def test_no_request_leaves_the_file_and_nothing_is_complained_about(open_page, file):
    page = open_page(file)
    page.wait_for_timeout(200)
    assert {url.split(":")[0] for url in page.requests} <= {"file", "data"}
    assert [url for url in page.requests if url.startswith("file")] == [file.as_uri()]
    assert page.complaints == []


def test_language_headings_and_one_banner(open_page, file):
    page = open_page(file)
    assert page.get_attribute("html", "lang") == "en"
    assert page.locator("h1").count() == 1
    assert page.locator(".simulated").count() == 1
    assert page.locator(".simulated").is_visible()
    levels = page.eval_on_selector_all("h1,h2,h3,h4,h5,h6", "all => all.map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(levels[k + 1] <= levels[k] + 1 for k in range(len(levels) - 1))


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("which", ["file", "large"])
def test_nothing_runs_over_the_side(open_page, request, which, width):
    page = open_page(request.getfixturevalue(which), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide, narrow = page.locator(".wide > svg").first, page.locator(".narrow > svg").first
    assert wide.is_visible() != narrow.is_visible()
    assert narrow.is_visible() == (width < 700)
    # Letters of charts are not scaled below four fifths of the size they were drawn for.
    scales = page.eval_on_selector_all(
        "svg",
        "all => all.filter(s => s.checkVisibility())"
        ".map(s => s.getBoundingClientRect().width / s.viewBox.baseVal.width)",
    )
    assert scales
    assert min(scales) > 0.8


def test_every_drawing_has_a_name_in_the_accessibility_tree(open_page, file):
    page = open_page(file)
    drawings = page.get_by_role("img")
    assert drawings.count() == 6
    assert page.locator("main").aria_snapshot().count('img "') == 6


def test_the_table_sorts_with_the_keyboard_alone(open_page, file):
    page = open_page(file)
    shares = "[...document.querySelectorAll('.awards tbody tr')].map(r => Number(r.cells[3].dataset.sort))"
    before = page.evaluate(shares)
    assert before == sorted(before, reverse=True)
    head = page.locator(".awards thead th").nth(3)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert page.evaluate(shares) == sorted(before, reverse=True)
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "ascending"
    assert page.evaluate(shares) == sorted(before)
    page.locator(".awards thead th").nth(1).locator("button").press("Enter")
    assert head.get_attribute("aria-sort") is None
    names = page.eval_on_selector_all(".awards tbody th a", "all => all.map(a => a.textContent)")
    assert [name.lower() for name in names] == sorted(name.lower() for name in names)


def test_focus_is_seen_and_targets_are_large_enough(open_page, file):
    page = open_page(file)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the summary"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    heights = page.eval_on_selector_all(
        "thead button, nav a, summary",
        "all => all.filter(b => b.checkVisibility()).map(b => b.getBoundingClientRect().height)",
    )
    assert min(heights) >= 24


def test_it_works_without_javascript(open_page, file):
    page = open_page(file, java_script_enabled=False)
    assert page.locator(".awards tbody tr").count() == 12
    assert page.locator(".awards thead button").count() == 0
    page.locator("details > summary").first.click()
    assert page.locator("details").first.get_attribute("open") is not None
    page.locator(".awards tbody a").first.click()
    assert page.url.endswith("#project-1")
    assert page.complaints == []


def test_it_prints_with_every_table_open_and_nothing_cut_off(open_page, file, tmp_path):
    page = open_page(file, 680)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("[...document.querySelectorAll('details')].every(d => d.open)")
    assert page.locator(".wide > svg").first.is_visible()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")


def test_the_csv_link_is_a_file_in_the_page(open_page, file):
    page = open_page(file)
    with page.expect_download() as waiting:
        page.locator("a[download]").click()
    assert waiting.value.suggested_filename == "awards-simulated.csv"
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert len(text.splitlines()) == 14
