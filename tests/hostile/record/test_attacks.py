"""Every attack on a whole record: it is refused in the step and for the entry that it should be, or changes nothing.

The attacks stand in the modules beside, one function each, named by the defect; docs/spec/attacks.md lists them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
from tests.hostile.record._catalogue import ATTACKS, ELSEWHERE, ROOMS, Elsewhere
from tests.hostile.record._records import Attack, Record, honest, verified

from daccord.audit import Verification

ROOT = Path(__file__).resolve().parents[3]


def check(attack: Attack, record: Record, said: Verification) -> str:
    """What is otherwise than it should be; empty if nothing is."""
    if attack.outcome in ("tree", "history", "keys", "entries", "openings", "decision", "payout"):
        if said.failed is None:
            return "it was not noticed"
        entry = said.failed.entry if not record.anywhere else record.entry
        if (said.failed.name, entry) != (attack.outcome, record.entry):
            return f"expected {attack.outcome} and entry {record.entry}, found {said.failed}"
        return ""
    if said.failed is not None:
        return f"an honest part fails: {said.failed}"
    if {step.name: step.state for step in said.steps}["decision"] != "ok":
        return "nothing was decided"
    like = verified(record.like or honest(record.kind))
    if said.awards != like.awards:
        return f"other awards: {said.awards}, not {like.awards}"
    if not record.rewritten and said.files != like.files:
        return "other files"
    named: Mapping[str, Collection[int]] = {
        "late": said.late,
        "unopened": said.unopened,
        "void": [place for place, name in enumerate(record.hashes()) if name in said.void],
    }
    for what, places in named.items():
        if what == attack.outcome and record.entry not in places:
            return f"entry {record.entry} is not named: {places}"
        if what != attack.outcome and places and not record.rewritten:
            return f"entries {places} are called {what}"
    return ""


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str) -> None:
    attack = ATTACKS[name]
    for number, record in enumerate(attack.records()):
        assert check(attack, record, verified(record)) == "", f"record {number}"


@pytest.mark.parametrize("kind", ["open", "sealed", "secret"])
def test_the_honest_record_holds(kind: str) -> None:
    said = verified(honest(kind))
    assert said.ok
    assert sum(said.awards.values()) == 1_000_000
    assert said.late == said.void == said.unopened == ()


def test_the_page_of_attacks_is_current() -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / "_make_attacks.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("attack", ELSEWHERE, ids=lambda attack: attack.defect)
def test_every_test_that_the_catalogue_names_is_there(attack: Elsewhere) -> None:
    file, _, name = attack.test.partition("::")
    assert attack.room in ROOMS
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
