"""Write record.json, a whole log of two rounds and what follows; and record-faulty.json, entries that break a rule.

    .venv/bin/python tests/vectors/make_record.py

Written from docs/spec/record.md without daccord's own code: canonical JSON, envelopes, the tree, notes and cosignatures
are spelt out beside in their simplest form (`record_bytes.py`), Ed25519 is `cryptography`'s, and the replayed files
stand there as text that was written by hand (`record_rounds.py`). People, projects, answers and keys are invented.
`--check` compares instead of writing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from record_bytes import both, canonical, checkpoint, envelope, hashed, key, key_id, media_type, pae, policy, root_of
from record_faulty import Faulty, break_rules
from record_rounds import OPEN, PAIR, REPLAYED, REVEAL, SEALED, Log, answer, open_round, root_value, sealed_round

FILE, FAULTY = (Path(__file__).with_name(name) for name in ("record.json", "record-faulty.json"))

CANONICAL = [
    "null", "true", "0", "-1", "9007199254740991", '""', "[]", "{}", '{"a":1,"b":[true,null]}',
    '{"A":0,"a":0,"aa":0,"b":0}', '"\\b\\t\\n\\f\\r\\u0000\\u001f\\"\\\\/"', '"\u007f\u0080\u2028\u2029\u20ac"',
    '{"\U0001f333":1,"\ufb33":2}', "[" * 32 + "]" * 32,
]  # fmt: skip
"""Bytes that are taken, as text. The keys of the last object but one are in the order of their UTF-16 units."""

NOT_CANONICAL = [
    "", " 1", "1 ", "1\n", "01", "-0", "1.0", "1e2", "9007199254740992", "-9007199254740992", "NaN", "Infinity", "[1,]",
    "[1, 2]", '{"a": 1}', '{"b":1,"a":2}', '{"a":1,"a":1}', '"\\u0061"', '"\\/"', '"\\u0008"', '"\\u001F"', '"\\ud800"',
    '"\t"', "'a'", "\ufeff1", '{"\ufb33":2,"\U0001f333":1}', "[" * 33 + "]" * 33, "[1][2]", "undefined",
]  # fmt: skip
"""Bytes that are refused, as text."""


def build() -> tuple[dict[str, Any], dict[str, Any]]:
    """All vectors."""
    log = Log()
    log.add("root", envelope("root", root_value(1), "root 1", "root 2"), "root")
    log.add("root", envelope("root", root_value(2), "root 1", "root 2"), "root 2")
    open_round(log)
    made = sealed_round(log)
    bad = Faulty(log)
    break_rules(bad, made)
    names = ["operator", "juror ada", "trustee 1"]
    answer_payload = canonical(log.value("judgment", OPEN, answer("ada", 0, "comparisons", PAIR, {"winner": "alder"})))
    record = {
        "about": "Two invented rounds in one log; see docs/spec/record.md. Keys are hashes of names and nobody's.",
        "canonical": {"taken": CANONICAL, "refused": NOT_CANONICAL},
        "keys": [{"name": name, "public": key(name).hex(), "id": key_id(name)} for name in names],
        "not_keys": ["00" * 32, "01" + "00" * 31, "02" + "00" * 31, "ff" * 32, "EE" * 32],
        "pae": {
            "type": media_type("judgment"),
            "payload": answer_payload.decode(),
            "bytes": pae("judgment", answer_payload).decode(),
        },
        "log": [
            {"kind": kind, "leaf": leaf.decode(), "hash": hashed(b"\x00", leaf)}
            for kind, leaf in zip(log.kinds, log.leaves, strict=True)
        ],
        "roots": [root_of(log.leaves[:size]).hex() for size in range(len(log.leaves) + 1)],
        "checkpoint": checkpoint(log.leaves, both(REVEAL + 1)),
        "policy": policy(),
        "pinned": hashed(log.leaves[0]),
        "rounds": {
            OPEN: {
                "ends": {"judging": log.marks["close"], "reveal": None},
                "counted": 10,
                "late": [log.marks["late"]],
                "unopened": [],
                "secret": [],
                "files": REPLAYED[OPEN],
                "files_hash": hashed(canonical({n: hashed(t.encode()) for n, t in REPLAYED[OPEN].items()})),
            },
            SEALED: {
                "ends": {"judging": log.marks["close sealed"], "reveal": log.marks["attestation"] - 1},
                "counted": 2,
                "late": [],
                "unopened": [log.marks["commit cy"], log.marks["commit unsound"]],
                "secret": [log.marks["commit harm"]],
                "files": REPLAYED[SEALED],
                "files_hash": hashed(canonical({n: hashed(t.encode()) for n, t in REPLAYED[SEALED].items()})),
            },
        },
    }
    faulty = {
        "about": "Each leaf is a fault, in the step that is named, behind the first `at` entries of record.json's log.",
        "faulty": bad.found,
    }
    return record, faulty


def main() -> None:
    """Write the files, or compare with them."""
    for file, value in zip((FILE, FAULTY), build(), strict=True):
        text = json.dumps(value, indent=1, ensure_ascii=True) + "\n"
        if "--check" in sys.argv:
            if file.read_text(encoding="utf-8") != text:
                sys.exit(f"{file.name} differs from what this script writes")
        else:
            file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
