"""Make `docs/images/report.png`, the picture of the demo's report that README.md shows.

The report is opened in headless chromium. The banner, the round's name and the chart of awards with their intervals
are kept; everything else on the page is hidden, because the whole page is some fifty screens long.

Usage: `make demo`, then `.venv/bin/python scripts/picture.py [REPORT [PICTURE]]`. It needs what the tests need: the
package playwright, and chromium on PATH or named by DACCORD_CHROMIUM.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "out" / "demo" / "report.html"
PICTURE = ROOT / "docs" / "images" / "report.png"
WIDTH = 1100
SCALE = 1.3
"""Device pixels a CSS pixel: sharp on dense screens, and still a small file."""

LIMIT = 250_000
"""Bytes; a larger picture does not belong into a repository."""

HIDE = (
    "nav, header p, footer, details",
    "main > section:not(#pictures), #pictures > h2, #pictures > figure:not(#chart-awards)",
)
MARGIN = 24
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def take(report: Path, picture: Path, browser: str) -> None:
    """Write the picture of a report.

    Args:
        report: From `daccord report` or the demo.
        picture: PNG file to write.
        browser: Path of chromium.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=ARGUMENTS)
        page = chromium.new_page(viewport={"width": WIDTH, "height": 800}, device_scale_factor=SCALE)
        page.goto(report.resolve().as_uri())
        # Styles set one by one: the page's own content policy forbids a further style sheet.
        page.evaluate(
            "hide => document.querySelectorAll(hide).forEach(e => { e.style.display = 'none' })", ", ".join(HIDE)
        )
        bottom = page.evaluate("document.querySelector('#chart-awards').getBoundingClientRect().bottom + scrollY")
        page.screenshot(
            path=picture, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": int(bottom) + MARGIN}
        )
        chromium.close()


def main() -> None:
    """Read the two paths, take the picture, refuse one that is too large."""
    paths = [Path(argument) for argument in sys.argv[1:]]
    report, picture = (*paths, *(REPORT, PICTURE)[len(paths) :])
    browser = os.environ.get("DACCORD_CHROMIUM") or shutil.which("chromium")
    if browser is None:
        sys.exit("no chromium on PATH: install it, or set DACCORD_CHROMIUM to the browser's path")
    if not report.is_file():
        sys.exit(f"{report} does not exist: run `make demo` first")
    picture.parent.mkdir(parents=True, exist_ok=True)
    take(report, picture, browser)
    size = picture.stat().st_size
    if size > LIMIT:
        sys.exit(f"{picture} has {size:,} bytes, more than {LIMIT:,}: lower SCALE or WIDTH")
    print(f"{picture}: {size:,} bytes")


if __name__ == "__main__":
    main()
