"""The examples of the pages on `metric-median` and `retroactive` run and say what the code says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from daccord.round import MedianRules, RetroactiveRules

METHODS = Path(__file__).resolve().parents[2] / "docs" / "methods"


@pytest.mark.parametrize(("page", "parameters"), [("metric-median", MedianRules), ("retroactive", RetroactiveRules)])
def test_the_page_runs_and_names_every_parameter(page, parameters):
    path = METHODS / f"{page}.md"
    failed, tried = doctest.testfile(str(path), module_relative=False)
    assert tried > 5
    assert not failed
    text = path.read_text(encoding="utf-8").replace("\\_", "_")
    missing = [name for name in parameters.__dataclass_fields__ if f"`{name}`" not in text and name not in text]
    assert not missing
