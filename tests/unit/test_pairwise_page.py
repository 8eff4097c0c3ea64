"""docs/methods/bradley-terry.md: its example runs, and its figures are those of the code."""

from __future__ import annotations

import doctest
from pathlib import Path

from daccord.fusion.pairwise import _backend, _counts, _fit, _rule, _scores, _voters

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "bradley-terry.md"


def test_the_example_runs() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert failed == 0
    assert tried > 5


def test_figures_are_those_of_the_code() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"with τ = {_rule.PRIOR_SD:g}" in text
    assert _rule.PRIOR_SD == _scores.FALLBACK_SD
    assert f"up to {_counts.DENSE:,} projects" in text
    assert f"With fewer than {_scores._FEW_VOTERS} voters" in text
    assert _fit._LAST == 1e-5
    assert "below 1e-5" in text
    assert _fit.TOLERANCE == 1e-9
    assert "to within 1e-9" in text
    assert f"{_voters._UNCONTROLLED:,.0f} buckets leave 1.1 %" in text
    assert f"from {_backend.COMPILE_FROM:,} comparisons on" in text
