"""Signatures of ballots at the import of a Retro Funding round. All ballots are invented, keys are small integers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from daccord.formats.retropgf import RetroSpec, import_retropgf
from daccord.money import Currency
from daccord.record.wallets import Wallet, personal_digest
from daccord.round import Budget

coincurve = pytest.importorskip("coincurve")

SPEC = RetroSpec(budget=Budget(100_000, Currency("OP", 1)), cap=1.0, minimum=0)
PAYLOAD = '{"allocations":[{"users":100}],"os_only":false,"os_multiplier":1}'
HEADER = "Address,Badgeholder,Status,Os multiplier,Ballot content,Signature,Payload"


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def ballot(number: int, payload: str = PAYLOAD, signed: str | None = None, signature: str | None = None) -> str:
    key = coincurve.PrivateKey.from_int(number)
    address = Wallet.of_key(key.public_key.format(compressed=False)[1:]).text.lower()
    data = key.sign_recoverable(personal_digest((signed or payload).encode()), hasher=None)
    made = "0x" + (data[:64] + bytes([data[64] + 27])).hex()
    stored = json.dumps(json.loads(payload)["allocations"])
    return ",".join(
        (address, "true", "SUBMITTED", "1", quoted(stored), made if signature is None else signature, quoted(payload))
    )


def notice(folder: Path, *rows: str, header: str = HEADER) -> str:
    (folder / "ballots.csv").write_text("\n".join((header, *rows, "")), encoding="utf-8")
    (folder / "metrics.csv").write_text("project_name,application_id,is_oss,users\nAlpha,0xa1,true,30\n")
    notices = import_retropgf(folder, SPEC).notices
    return next(text for text in notices if "sign" in text and "differ" not in text)


def test_all_hold(tmp_path):
    text = notice(tmp_path, ballot(1), ballot(2, PAYLOAD.replace(",", ", ")))
    assert text == "ballots.csv: 2 of 2 ballots are signed by the wallet that they name"


def test_the_text_is_signed_to_the_byte(tmp_path):
    text = notice(tmp_path, ballot(1), ballot(2, PAYLOAD + " ", PAYLOAD), ballot(3), ballot(4, PAYLOAD, PAYLOAD + "\n"))
    assert "2 of 4 ballots" in text
    assert text.endswith("(rows 3, 5: the wallet's signature is another wallet's, or of another text)")


@pytest.mark.parametrize(
    ("signature", "why"),
    [
        ("0xsigned", "not 0x and hexadecimal digits"),
        ("", "not 0x and hexadecimal digits"),
        ("0x", "has 0 bytes"),
        ("0x" + "11" * 64, "short form"),
        ("0x" + "11" * 64 + "01", "v = 1"),
        ("0x" + "11" * 96, "EIP-1271"),
    ],
)
def test_odd_signatures_are_named_by_row(tmp_path, signature, why):
    text = notice(tmp_path, ballot(1), ballot(2, signature=signature))
    assert why in text
    assert "0x" not in text or "0x and" in text
    assert "rows 3:" in text


def test_an_export_without_signatures_says_so(tmp_path):
    row = ballot(1).split(",")
    rows = [",".join((*row[:5], *row[6:]))]
    assert "no signatures" in notice(tmp_path, *rows, header=HEADER.replace("Signature,", ""))


def test_without_the_extra_they_are_not_checked_and_the_remedy_is_named(tmp_path, monkeypatch):
    row = ballot(1)
    monkeypatch.setitem(sys.modules, "coincurve", None)
    text = notice(tmp_path, row)
    assert "were not checked" in text
    assert "daccord[ethereum]" in text
