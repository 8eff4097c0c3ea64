"""The page on `hierarchical`: its example runs, and its table holds the code's own values."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "hierarchical.md"
ROW = re.compile(r"^\| ((?:`_\w+\.\w+`(?:, )?)+) \| ([^|]+) \|", re.MULTILINE)

HOME = {"_voices": "models.", "_publish": ""}


def rows() -> list[tuple[tuple[str, ...], str]]:
    text = PAGE.read_text(encoding="utf-8")
    return [(tuple(re.findall(r"`(_\w+\.\w+)`", names)), value) for names, value in ROW.findall(text)]


def test_the_example_of_the_page_runs():
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    [example] = [doctest.DocTestParser().get_doctest(block, {}, "page", PAGE.name, 0) for block in blocks]
    said: list[str] = []
    failed, tried = doctest.DocTestRunner().run(example, out=said.append)
    assert tried >= 8
    assert failed == 0, "".join(said)


def test_the_equation_of_the_example_holds():
    """5r/(4σ² + r²) = d/2τ² at d = ln 3.5197…, the balance the page states."""
    difference = np.log(3.5197721593)
    rest = np.log(4) - difference
    assert 5 * rest / (4 * 0.25 + rest**2) == pytest.approx(difference / 2, rel=1e-9)


@pytest.mark.parametrize(("names", "value"), rows(), ids=lambda part: "+".join(part) if isinstance(part, tuple) else "")
def test_parameters_are_those_of_the_code(names, value):
    found: list[float] = []
    for name in names:
        module, constant = name.split(".")
        found += np.ravel(
            getattr(importlib.import_module(f"daccord.fusion.{HOME.get(module, 'hierarchical.')}{module}"), constant)
        ).tolist()
    written = [float(part) for part in value.split(",")]
    assert written == pytest.approx(found, rel=2e-3 if "LOG" in names[0] else 1e-12)


def test_the_table_is_read():
    assert len(rows()) >= 20
