"""Records that earlier versions wrote are verified by this one, for good."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.compat.make_record import open_round, said_of

import daccord
from daccord.audit import Verification, verify_record

HERE = Path(__file__).parent
KEPT = sorted(path.parent for path in HERE.glob("*/*/checkpoint"))
FOR_EVER = ("tree", "keys", "entries", "openings")


def expected(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder.parent / "expected.json").read_text(encoding="utf-8"))[folder.name]
    return found


@pytest.fixture(scope="module")
def verified() -> dict[Path, Verification]:
    return {folder: verify_record(folder) for folder in KEPT}


def test_this_version_has_its_records() -> None:
    assert {path.name for path in KEPT if path.parent.name == daccord.__version__} == {"open", "sealed"}


@pytest.mark.parametrize("folder", KEPT, ids=lambda path: f"{path.parent.name} {path.name}")
class TestKept:
    def test_bytes_entries_and_openings_hold_for_ever(self, folder: Path, verified: dict[Path, Verification]) -> None:
        steps = {step.name: step for step in verified[folder].steps}
        assert {name: steps[name].state for name in FOR_EVER} == dict.fromkeys(FOR_EVER, "ok")

    def test_what_counts_stays_what_counted(self, folder: Path, verified: dict[Path, Verification]) -> None:
        assert said_of(verified[folder]) == {name: one for name, one in expected(folder).items() if name != "awards"}

    def test_the_version_that_wrote_it_comes_to_its_decision(
        self, folder: Path, verified: dict[Path, Verification]
    ) -> None:
        found = verified[folder]
        if folder.parent.name == daccord.__version__:
            assert found.failed is None
            assert dict(found.awards) == expected(folder)["awards"]
        else:
            assert found.failed is None or found.failed.name in ("decision", "payout")
            assert any(f"daccord {folder.parent.name} " in note for note in found.notes)


def test_the_script_still_writes_a_record_that_holds(tmp_path: Path) -> None:
    play, note = open_round()
    play.stage.write(tmp_path / "log.sqlite", tmp_path / "log", note)
    assert verify_record(tmp_path / "log").failed is None
