"""The page on what to ask next: its example runs, and its table holds the code's own values."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "what-to-ask-next.md"
ROW = re.compile(r"^\| `(_\w+)\.(\w+)` \| ([^|]+) \|", re.MULTILINE)


def test_the_example_of_the_page_runs() -> None:
    [example] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    said: list[str] = []
    test = doctest.DocTestParser().get_doctest(example, {}, "page", PAGE.name, 0)
    failed, tried = doctest.DocTestRunner().run(test, out=said.append)
    assert tried >= 10
    assert failed == 0, "".join(said)


def test_parameters_are_those_of_the_code() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert len(rows) >= 8
    for module, name, value in rows:
        code = getattr(importlib.import_module(f"daccord.asking.{module}"), name)
        assert float(value) == pytest.approx(code), f"{module}.{name}"
