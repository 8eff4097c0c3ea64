"""The page of attacks is current, and every test that it names is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.hostile.record._catalogue import ATTACKS, ELSEWHERE, Elsewhere

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_is_current() -> None:
    command = [sys.executable, str(ROOT / "docs/_make_attacks.py"), "--check"]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 0


@pytest.mark.parametrize("one", ELSEWHERE, ids=lambda one: one.test.rpartition("::")[2])
def test_tests_that_are_named_are_there(one: Elsewhere) -> None:
    file, _, name = one.test.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_there_are_attacks_enough() -> None:
    assert len(ATTACKS) + len(ELSEWHERE) > 150
