"""Two verifiers that share no code say the same of every record: which step fails, at which entry, and what counts."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from tests.hostile.record._catalogue import ATTACKS
from tests.hostile.record._records import Record, honest, verified

HARNESS: Final = Path(__file__).resolve().parents[3] / "verifiers" / "node" / "test" / "records.mjs"

BEYOND: Final = {
    "a_score_moved_by_two_units": "the fit is not computed again",
    "an_answer_called_void": "which rows the round folder refuses is not computed",
    "a_what_if_published_as_the_decision": "what-ifs move nothing and are not compared",
    "rules_that_the_manifest_states_otherwise": "round.toml is not read",
    "a_decision_that_is_no_decision": "the schema is not checked beyond what is computed",
}
"""Attacks on the fit or on words that the second verifier says it does not look at: there it may find nothing, or the
same at another entry."""

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def _line(record: Record) -> str:
    pins = record.pins
    return json.dumps(
        {
            "files": {path: b64encode(data).decode() for path, data in record.files.items()},
            "pins": {
                "round": pins.round,
                "root": pins.root,
                "policy": None if pins.policy is None else b64encode(pins.policy).decode(),
                "seen": [b64encode(one).decode() for one in pins.seen],
            },
        }
    )


@cache
def _records() -> list[tuple[str, Record]]:
    """All records that both can look at: receipts, promises and wheels are the first verifier's alone."""
    made = [(name, record) for name, attack in ATTACKS.items() for record in attack.records()]
    made += [(f"honest {kind}", honest(kind)) for kind in ("open", "sealed", "secret")]
    return [
        (name, one) for name, one in made if not (one.pins.receipts or one.pins.promises or one.pins.wheel is not None)
    ]


def _states(found: dict[str, Any]) -> tuple[str | None, int | None]:
    failed = next((step for step in found["steps"] if step["state"] == "failed"), None)
    return (None, None) if failed is None else (failed["step"], failed["entry"])


def test_both_verifiers_agree_on_every_record() -> None:
    records = _records()
    done = subprocess.run(
        ["node", str(HARNESS)],
        input="\n".join(_line(record) for _, record in records),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(records)
    wrong = []
    for (name, record), theirs in zip(records, answers, strict=True):
        ours = verified(record).value()
        mine, other = _states(ours), _states(theirs)
        loose = mine[0] == other[0] and (record.anywhere or mine == ("tree", None) or name in BEYOND)
        beyond = name in BEYOND and mine[0] == "decision" and other[0] is None
        if mine != other and not loose and not beyond:
            wrong.append(f"{name}: {mine} and {other}")
        elif mine[0] is None:
            wrong += [
                f"{name}: {key} is {ours[key]} and {theirs[key]}"
                for key in ("size", "root", "round", "counted", "late", "void", "unopened", "files", "ended")
                if ours[key] != theirs[key]
            ]
    assert not wrong, "\n".join(wrong)


def test_what_the_second_verifier_does_not_look_at_is_known() -> None:
    assert BEYOND.keys() <= ATTACKS.keys()
    assert len(_records()) > 400
