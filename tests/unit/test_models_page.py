"""The page on models: its table of parameters holds the code's own values."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "models.md"
ROWS = re.findall(r"^\| `(_\w+)\.(\w+)` \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("module", "name", "value"), ROWS, ids=lambda part: part.strip())
def test_parameters_are_those_of_the_code(module: str, name: str, value: str) -> None:
    found = getattr(importlib.import_module(f"daccord.fusion.models.{module}"), name)
    assert float(value) == pytest.approx(found, rel=1e-6)


def test_the_table_is_read() -> None:
    assert len(ROWS) >= 15
