"""Optimism Retro Funding 4, June 2024: 108 ballots with signatures of wallets.

That 107 of 108 signatures hold, and that the other one recovers to another address, was found by this project; nobody
published it. What was signed is the payload's text, byte for byte, by personal_sign. No address stands here.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from daccord.cli.main import cli
from daccord.formats.retropgf import import_retropgf
from daccord.record.wallets import Wallet, personal_digest, recover_wallet

pytest.importorskip("coincurve")

ODD = 69
"""Row of the ballot whose signature does not hold; the header is row 1."""


@pytest.fixture(scope="module")
def rf4(shared_data: Path) -> Path:
    folder = shared_data / "optimism-rf4"
    if not folder.is_dir():
        pytest.skip("no shared data: optimism-rf4 is not there")
    return folder


@pytest.fixture(scope="module")
def rows(rf4: Path) -> list[dict[str, str]]:
    with (rf4 / "voting_data_export_final_signed.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def stated(row: dict[str, str]) -> Wallet:
    return Wallet(bytes.fromhex(row["Address"][2:]))


def recovered(row: dict[str, str], text: str) -> Wallet:
    return recover_wallet(personal_digest(text.encode()), bytes.fromhex(row["Signature"][2:]))


def test_107_of_108_payloads_are_signed_by_their_voter(rows):
    assert len(rows) == 108
    odd = [i for i, row in enumerate(rows, start=2) if recovered(row, row["Payload"]) != stated(row)]
    assert odd == [ODD]  # its signature is well-formed, and recovers to somebody else


def test_the_odd_one_is_nobodys_ballot_in_this_round(rf4, rows):
    """Not a mix-up of rows: no other payload fits the signature, and who signed is no badge holder."""
    row = rows[ODD - 2]
    assert all(recovered(row, other["Payload"]) != stated(row) for other in rows)
    with (rf4 / "RPGF4_badgeholders.csv").open(encoding="utf-8-sig", newline="") as stream:
        holders = {line["Badgeholder"].strip().lower() for line in csv.DictReader(stream)}
    assert stated(row).text.lower() in holders
    assert recovered(row, row["Payload"]).text.lower() not in holders


def test_what_is_stored_beside_the_payload_is_signed_by_nobody(rows):
    """The four ballots whose stored columns differ: only the payload is what the voter signed."""
    for number in (22, 45, 71, 74):
        row = rows[number - 2]
        said = json.loads(row["Payload"])
        multiplier = json.loads(row["Os multiplier"])
        stored = {**said, "allocations": json.loads(row["Ballot content"]), "os_multiplier": multiplier}
        text = json.dumps(stored, separators=(",", ":"))
        assert text != row["Payload"]
        assert recovered(row, text) != stated(row)
        assert recovered(row, row["Payload"]) == stated(row)


def test_the_import_says_so_by_row_and_without_an_address(rf4, rows, tmp_path):
    round_ = import_retropgf(rf4)
    text = next(notice for notice in round_.notices if "wallet" in notice)
    assert "107 of 108 ballots are signed by the wallet that they name" in text
    assert f"(rows {ODD}: the wallet's signature is another wallet's, or of another text)" in text
    result = CliRunner().invoke(cli, ["import", "retropgf", str(rf4), "--out", str(tmp_path / "round")])
    assert result.exit_code == 0
    assert text in result.stderr
    said = result.output.lower()
    assert not any(row["Address"].lower()[2:] in said for row in rows)
    written = "".join(path.read_text("utf-8") for path in (tmp_path / "round").rglob("*") if path.is_file()).lower()
    assert not any(row["Address"].lower()[2:] in written for row in rows)
