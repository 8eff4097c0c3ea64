"""The explorer in a real browser, served by the real server on this machine."""

from __future__ import annotations

import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = (
    "from tests.unit.test_web_explore import FILE\n"
    "from daccord.web.explore import serve\n"
    "serve(FILE, port=0, worlds=96, tell=lambda url: print(url, flush=True))\n"
)

pytest.importorskip("litestar", reason="the extra web is not installed")


@pytest.fixture(scope="module")
def address():
    """Of a server that runs as long as the tests do, and ends cleanly when interrupted."""
    with subprocess.Popen([sys.executable, "-c", SERVER], cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert select.select([server.stdout], [], [], 60)[0], "the server did not start"
            yield server.stdout.readline().strip()
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(20) == 0


@pytest.fixture
def open_page(browser, address):
    """Opens the explorer at a width and collects what it asks for and complains about."""
    contexts = []

    def opened(query="", width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.complaints = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address + query)
        return page

    yield opened
    for context in contexts:
        context.close()


def done(page):
    page.locator("#status", has_text="Done in").wait_for()


def cells(page):
    """Constitution → its welfare."""
    rows = page.locator(".seats tbody tr")
    return {
        re.sub(r"\s*first$", "", row.locator("th").inner_text(), flags=re.IGNORECASE): row.locator("td")
        .nth(1)
        .inner_text()
        for row in rows.all()
    }


def test_no_request_leaves_this_machine_and_nothing_is_complained_about(open_page, address):
    page = open_page()
    page.locator("#settings summary", has_text="Who decides").click()
    page.fill("[name=leak]", "0.1")
    done(page)
    assert all(url.startswith((address, "data:")) for url in page.requests)
    assert page.complaints == []


def test_moving_gamma_changes_numbers_and_a_link_restores_them(open_page, address):
    page = open_page()
    before = cells(page)
    assert set(before) == {"nobody", "pause", "consortium", "market"}
    page.fill("[name=gamma]", "1")
    done(page)
    after = cells(page)
    assert all(after[name] != before[name] for name in before)
    assert "Curvature γ: 2 → 1" in page.locator(".settings-changed").inner_text()
    assert "gamma=1&" in page.url
    assert page.url == page.locator("#link").evaluate("link => link.href")
    again = open_page(page.url.removeprefix(address))
    assert again.input_value("[name=gamma]") == "1"
    assert cells(again) == after


def test_it_works_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    before = cells(page)
    assert page.locator("input[type=range]").count() == 0
    page.fill("[name=gamma]", "1")
    page.fill("[name='slow.ai']", "0.5")
    page.get_by_role("button", name="Run again").click()
    assert page.input_value("[name=gamma]") == "1"
    assert cells(page) != before
    assert "Against the last run, with the file’s own values" in page.locator(".settings-changed").inner_text()
    page.fill("[name='money.alignment']", "15")
    page.fill("[name='money.biodefence']", "15")
    page.get_by_role("button", name="Run again").click()
    assert (
        "The parts come to 30 million a year, more than the budget of 20" in page.locator("#money-fault").inner_text()
    )
    assert page.input_value("[name=gamma]") == "1"
    page.get_by_role("link", name="Reset").click()
    assert cells(page) == before


def test_a_refused_setting_is_marked_and_old_results_are_labelled(open_page):
    page = open_page()
    before = cells(page)
    page.fill("[name=gamma]", "99")
    page.locator("[name=gamma][aria-invalid=true]").wait_for()
    described = page.locator("[name=gamma]").get_attribute("aria-describedby").split()[1]
    assert page.locator(f"#{described}").inner_text() == "99 is outside 0 to 5."
    assert page.locator("#results.stale").count() == 1
    assert cells(page) == before
    page.fill("[name=gamma]", "1.5")
    done(page)
    assert page.locator("[aria-invalid]").count() == 0
    assert page.locator("#results.stale").count() == 0


def test_money_is_summed_as_it_is_moved(open_page):
    page = open_page()
    page.fill("[name='money.alignment']", "12.5")
    page.fill("[name='money.biodefence']", "9")
    assert page.inner_text("#total") == "21.5"
    page.locator("#money-fault", has_text="Lower them by 1.5").wait_for()
    assert page.locator("#total.over").count() == 1


def test_the_keyboard_is_enough(open_page):
    page = open_page()
    page.locator("[name=gamma]").focus()
    page.keyboard.press("ArrowUp")
    assert page.input_value("[name=gamma]") == "2.1"
    done(page)
    assert page.evaluate("document.activeElement.name") == "gamma"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "rho"  # sliders are not in the way
    summary = page.locator("#settings summary", has_text="Your weights")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("[name='weight.welfare']").is_visible()


def test_sliders_move_numbers(open_page):
    page = open_page()
    slider = page.locator("[name=gamma] + input[type=range]")
    slider.evaluate("one => { one.value = '3.04'; one.dispatchEvent(new Event('input', { bubbles: true })); }")
    assert page.input_value("[name=gamma]") == "3"
    done(page)
    assert "gamma=3&" in page.url


def test_only_the_last_of_quick_changes_is_shown(open_page):
    page = open_page()
    for value in ("1", "1.2", "1.4", "1.6"):
        page.fill("[name=gamma]", value)
        page.get_by_role("button", name="Run again").click()
    done(page)
    assert "gamma=1.6&" in page.url


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_nothing_runs_over_the_side(open_page, width):
    page = open_page("?gamma=1&leak=0.1", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for summary in page.locator("summary").all():
        if not summary.evaluate("one => one.parentElement.open"):
            summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_headings_go_down_step_by_step_and_drawings_have_words(open_page):
    page = open_page()
    assert page.get_attribute("html", "lang") == "en"
    levels = page.eval_on_selector_all("h1,h2,h3", "all => all.map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert page.locator("svg:not([aria-hidden=true])").count() == 0
    for figure in page.locator(".powers figure").all():
        assert "people can still take" in figure.locator("p").inner_text()
