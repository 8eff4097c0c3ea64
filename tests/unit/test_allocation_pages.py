"""The worked examples on the pages about verdicts and money are what the code does."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "docs" / "methods"


@pytest.mark.parametrize(
    "page",
    [
        "verdicts.md",
        "differential.md",
        "proportional.md",
        "quadratic.md",
        "roles.md",
        "domain.md",
        "entries.md",
        "money-and-uncertainty.md",
    ],
)
def test_worked_example(page):
    failed, tried = doctest.testfile(str(PAGES / page), module_relative=False, encoding="utf-8")
    assert tried > 5
    assert failed == 0
