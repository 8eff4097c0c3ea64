"""The calibration page in a real browser: no request leaves the file, it fits a telephone, and drawings have names."""

from __future__ import annotations

import pytest
from tests.scenario.test_report_browser import open_page  # noqa: F401 - a fixture

from daccord.fusion import calibration_of, simulate_jury
from daccord.report import build_calibration


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    reports = {
        told: calibration_of(simulate_jury(1, told, jurors=15, answers=220, projects=12).task, "least-squares")
        for told in ("normal", "gross")
    }
    path = tmp_path_factory.mktemp("calibration") / "calibration.html"
    questions = dict.fromkeys(reports, "Which of the two does more good, and how many times as much?")
    page = build_calibration("A simulated round", reports, questions=questions, skipped={}, simulated=True)
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_runs_over_the_side_and_nothing_is_asked_for(open_page, file, width):  # noqa: F811
    page = open_page(file, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in page.requests if not url.startswith("data:")] == [file.as_uri()]
    assert page.complaints == []
    wide, narrow = page.locator(".wide > svg").first, page.locator(".narrow > svg").first
    assert narrow.is_visible() == (width < 700)
    assert wide.is_visible() != narrow.is_visible()


def test_banner_headings_and_drawings(open_page, file):  # noqa: F811
    page = open_page(file)
    assert page.locator(".simulated").is_visible()
    assert page.locator("h1").count() == 1
    assert page.get_by_role("img").count() == 4
    levels = page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(h => Number(h.tagName[1]))")
    assert all(levels[k + 1] <= levels[k] + 1 for k in range(len(levels) - 1))
    page.locator("summary").first.click()
    assert page.locator("details[open] table").is_visible()
