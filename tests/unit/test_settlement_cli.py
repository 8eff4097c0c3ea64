"""`daccord settle` as a command, on the example round: files, output, exit codes, and that no address is printed."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from daccord.cli.decide import decide
from daccord.cli.main import main
from daccord.money import Currency
from daccord.settlement import MerkleTree, parse_address, payout_leaf, proves

ROOT = Path(__file__).resolve().parents[2]
RECIPIENTS = ROOT / "examples" / "settlement" / "recipients.csv"
LAUNCH = [sys.executable, "-W", "error", "-c", "from daccord.cli.main import main; main()"]
ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}(?![0-9a-fA-F])")
TOKEN, SWEEP, SAFE = (f"0x{0x20001 + n:040x}" for n in range(3))  # digits only: they are their own checksum
CONTRACT = ("--token", TOKEN, "--delay", 7, "--deadline", "2027-06-30", "--sweep-to", SWEEP, "--on", "2027-01-10")
BATCH = ("--token", TOKEN, "--safe", SAFE, "--chain", 1, "--nonce", 12)


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decision")
    decide.main([str(ROOT / "examples" / "dacc"), "--out", str(folder)], standalone_mode=False)
    return folder / "decision.json"


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def settle(*arguments: object) -> Done:
    """Run the command in this process, to save time; `test_the_command_itself` runs it as people do."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
    ):  # fmt: skip
        patch.setattr(sys, "argv", ["daccord", "settle", *map(str, arguments)])
        try:
            main()
        except SystemExit as left:
            code = left.code or 0
    assert not ADDRESS.search(out.getvalue() + err.getvalue())
    assert isinstance(code, int)
    return Done(code, out.getvalue(), err.getvalue())


def test_the_command_itself(decision: Path, tmp_path: Path) -> None:
    command = [*LAUNCH, "settle", str(decision), "--recipients", str(RECIPIENTS), "--out", str(tmp_path)]
    for digits, code in ((6, 0), (0, 2)):
        done = subprocess.run(
            [*command, "--token-digits", str(digits)], capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert done.returncode == code
        assert not ADDRESS.search(done.stdout + done.stderr)
        assert "Traceback" not in done.stderr


def test_everything_at_once(decision: Path, tmp_path: Path) -> None:
    done = settle(
        decision, "--recipients", RECIPIENTS, "--out", tmp_path, "--token-digits", 6, "--pool", "1000000.00",
        *CONTRACT, *BATCH[2:], "--json",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    assert summary == json.loads((tmp_path / "settlement.json").read_text(encoding="utf-8"))
    assert (summary["schema"], summary["simulated"]) == ("daccord/settlement/1", True)
    assert (summary["awards"], summary["pool"]) == (100_000_000, "1000000000000")
    assert summary["result_hash"] == hashlib.sha256(decision.read_bytes()).hexdigest()
    for name, digest in summary["files"].items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    assert {path.name for path in tmp_path.iterdir()} == {*summary["files"], "settlement.json"}

    document = json.loads(decision.read_text(encoding="utf-8"))
    awards = {
        project["id"]: project["award"]["amount"] for project in document["projects"] if project["award"]["amount"]
    }
    dump = json.loads((tmp_path / "payouts.json").read_text(encoding="utf-8"))
    root = bytes.fromhex(summary["payout_root"])
    leaves = [
        payout_leaf(int(i), parse_address(who), int(amount)) for i, who, amount in (v["value"] for v in dump["values"])
    ]
    assert MerkleTree.of(leaves).root == root == bytes.fromhex(dump["tree"][0][2:])
    claims = json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))["claims"]
    assert {claim["project"]: int(claim["amount"]) for claim in claims} == {k: v * 10**4 for k, v in awards.items()}
    for claim, leaf in zip(claims, leaves, strict=True):
        assert proves(root, leaf, [bytes.fromhex(node[2:]) for node in claim["proof"]])

    with (tmp_path / "bank.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["project"]: Currency("USD", 2).parse(row["amount"]) for row in rows} == awards
    assert all(row["reference"].startswith("SIMULATED ") and len(row["reference"]) <= 35 for row in rows)
    assert not ADDRESS.search((tmp_path / "bank.csv").read_text(encoding="utf-8"))
    assert not ADDRESS.search((tmp_path / "settlement.json").read_text(encoding="utf-8"))

    arguments = json.loads((tmp_path / "distributor.json").read_text(encoding="utf-8"))["arguments"]
    assert list(arguments) == ["token", "payout_root", "result_hash", "pool", "delay", "deadline", "sweep_to"]
    assert (arguments["payout_root"], arguments["pool"]) == (f"0x{root.hex()}", "1000000000000")
    batch = json.loads((tmp_path / "safe-batch.json").read_text(encoding="utf-8"))
    assert sum(int(entry["contractInputsValues"]["value"]) for entry in batch["transactions"]) == 10**12


def test_the_same_decision_gives_the_same_bytes(decision: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        done = settle(
            decision,
            "--recipients",
            RECIPIENTS,
            "--out",
            tmp_path / folder,
            "--token-digits",
            18,
            *CONTRACT,
            *BATCH[2:],
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("SIMULATED")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_refusals_and_their_exit_codes(decision: Path, tmp_path: Path) -> None:
    base = (decision, "--recipients", RECIPIENTS, "--out", tmp_path / "out", "--token-digits")
    short = tmp_path / "short.csv"
    short.write_text("".join(RECIPIENTS.read_text(encoding="utf-8").splitlines(keepends=True)[:3]), encoding="utf-8")
    cases = [
        ((*base, 0), 2, "is no whole number of the token's smallest unit"),
        ((*base, 6, "--pool", "999999.99"), 2, "the awards add up to 1,000,000.00 USD"),
        ((*base, 6, "--sweep-to", SWEEP), 2, "--deadline: a contract needs it too"),
        ((*base, 6, "--safe", SAFE), 2, "--nonce: a Safe needs it too"),
        ((*base, 6, *CONTRACT[:-1], "2027-06-29"), 1, "deadline is not after the first claim"),
        ((*base, 6, *BATCH[:3], TOKEN, *BATCH[4:]), 1, "three different contracts"),
        ((*base, 6, "--token", "0x1", *BATCH[2:]), 2, "--token: this is not 0x and 40 hexadecimal digits"),
        ((decision, "--recipients", short, *base[3:], 6), 2, "has an award and no row"),
        ((decision, "--recipients", tmp_path / "none.csv", *base[3:], 6), 2, "there is no such file"),
        ((tmp_path / "none.json", *base[1:], 6), 2, "there is no such file"),
    ]
    for arguments, code, message in cases:
        done = settle(*arguments)
        assert (done.returncode, done.stdout) == (code, ""), done.stderr
        assert message in done.stderr
    assert not (tmp_path / "out").exists()


def test_what_an_earlier_settlement_left_is_not_mixed_with_this_one(decision: Path, tmp_path: Path) -> None:
    base = (decision, "--recipients", RECIPIENTS, "--out", tmp_path, "--token-digits", 6)
    assert settle(*base, *BATCH).returncode == 0
    done = settle(*base)
    assert done.returncode == 2
    assert "safe-batch.json: an earlier settlement left this file here" in done.stderr
    assert settle(*base, *BATCH).returncode == 0


def test_a_disk_that_refuses_is_an_outside_failure(decision: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    done = settle(decision, "--recipients", RECIPIENTS, "--out", tmp_path / "file" / "out", "--token-digits", 6)
    assert done.returncode == 3
    assert "cannot be written" in done.stderr


def test_the_example_recipients_are_what_their_script_writes() -> None:
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        import make_recipients
    finally:
        sys.path.pop(0)
    assert make_recipients.text() == RECIPIENTS.read_text(encoding="utf-8")
