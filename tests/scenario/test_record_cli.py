"""`daccord record`, as its users run it: an operator who rehearses, and a stranger who has only the record."""

from __future__ import annotations

import json
import shutil
import threading
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import daccord
from daccord.cli.main import cli
from daccord.errors import ExternalError, InputError
from daccord.formats.decisions import read_decision

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(arguments: Sequence[str | Path]) -> Result:
    return CliRunner().invoke(cli, ["record", *map(str, arguments)], catch_exceptions=False)


def verify(*arguments: str | Path) -> tuple[int, dict[str, object]]:
    result = run(["verify", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def states(found: dict[str, object]) -> dict[str, str]:
    steps = found["steps"]
    assert isinstance(steps, list)
    return {step["step"]: step["state"] for step in steps}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("record") / "out"
    assert run(["rehearse", EXAMPLES / "s-process", "--out", out]).exit_code == 0
    return out


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("record") / "whole"
    recipients = EXAMPLES / "settlement" / "recipients.csv"
    result = run(["rehearse", EXAMPLES / "dacc", "--out", out, "--sealed", "--recipients", recipients, "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["simulated_keys"] is True
    return out


def test_a_stranger_recomputes_the_round_that_the_folder_decides(whole: Path, tmp_path: Path) -> None:
    code, found = verify(whole / "record.zip")
    assert code == 0
    assert states(found) == {
        "tree": "ok", "history": "not checked", "keys": "ok", "entries": "ok", "openings": "ok", "decision": "ok",
        "payout": "ok", "chain": "not checked",
    }  # fmt: skip
    decided = CliRunner().invoke(cli, ["decide", str(EXAMPLES / "dacc"), "--out", str(tmp_path)])
    assert decided.exit_code == 0
    document = read_decision(tmp_path / "decision.json")
    assert found["awards"] == {project["id"]: project["award"]["amount"] for project in document["projects"]}
    assert sum(document["projects"][i]["award"]["amount"] > 0 for i in range(36)) > 10


def test_the_harm_that_jurors_see_stands_nowhere_in_the_record(whole: Path) -> None:
    with zipfile.ZipFile(whole / "record.zip") as archive:
        bundles = [archive.read(name) for name in archive.namelist() if name.startswith("tile/entries")]
    payloads = b"".join(_payloads(bundles))
    assert b'"criterion":"benefit"' in payloads
    assert b'"criterion":"harm' not in payloads
    assert b'"kind":"raises"' not in payloads


def _payloads(bundles: Sequence[bytes]) -> Iterator[bytes]:
    from daccord.record import from_leaf
    from daccord.record.log import unbundle

    for bundle in bundles:
        count, at = 0, 0
        while at < len(bundle):
            at += 2 + int.from_bytes(bundle[at : at + 2], "big")
            count += 1
        for leaf in unbundle(bundle, count):
            yield from_leaf(leaf).payload


def test_a_record_is_verified_from_a_folder_a_file_and_an_address(small: Path) -> None:
    handler = partial(_Quiet, directory=str(small))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/log"
        found = [verify(place) for place in (small / "log", small / "record.zip", small / "log.sqlite", address)]
        server.shutdown()
    assert found[0][0] == 0
    assert all(one == found[0] for one in found)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_the_api_says_the_same(small: Path) -> None:
    assert daccord.verify_record(small / "log").value() == verify(small / "log")[1]


def test_the_same_folder_and_seed_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    assert run(["rehearse", EXAMPLES / "s-process", "--out", tmp_path / "again"]).exit_code == 0
    assert (tmp_path / "again" / "record.zip").read_bytes() == (small / "record.zip").read_bytes()


def test_a_flipped_byte_is_located(small: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    shutil.copytree(small / "log", log)
    (bundle,) = (log / "tile" / "entries").rglob("000.p/*")
    data = bytearray(bundle.read_bytes())
    at, place = 0, 0
    while place < 9:
        at += 2 + int.from_bytes(data[at : at + 2], "big")
        place += 1
    data[at + 40] ^= 1
    bundle.write_bytes(data)
    result = run(["verify", log])
    assert result.exit_code == 1
    assert "FAILED" in result.stdout
    assert "step tree, at entry 9" in result.stdout


def test_what_is_pinned_has_to_fit(small: Path, tmp_path: Path) -> None:
    fingerprint = next(
        note for note in daccord.verify_record(small / "log").notes if "no root metadata was pinned" in note
    ).split()[-1]
    assert verify(small / "log", "--root", fingerprint)[0] == 0
    code, found = verify(small / "log", "--root", "0" * 64)
    assert (code, states(found)["keys"]) == (1, "failed")
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        run(["verify", small / "log", "--root", "abc"])
    code, found = verify(small / "log", "--seen", small / "log" / "checkpoint")
    assert (code, states(found)["history"]) == (0, "ok")
    (tmp_path / "policy").write_text("quorum none\n")
    code, found = verify(small / "log", "--policy", tmp_path / "policy")
    assert (code, states(found)["tree"]) == (1, "failed")
    (tmp_path / "wheel").write_bytes(b"another engine")
    code, found = verify(small / "log", "--wheel", tmp_path / "wheel")
    assert (code, states(found)["decision"]) == (1, "failed")


@pytest.mark.parametrize("content", [None, b"", b"hello", b"PK\x03\x04 no zip"])
def test_what_is_no_record(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "record"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(daccord.DaccordError, match=r"no record|no such folder|no zip"):
        run(["verify", path])


def test_a_rehearsal_overwrites_nothing(small: Path) -> None:
    with pytest.raises(InputError, match="is there already"):
        run(["rehearse", EXAMPLES / "s-process", "--out", small])


def test_a_rehearsal_says_that_its_keys_are_made_up(tmp_path: Path) -> None:
    result = run(["rehearse", EXAMPLES / "deep", "--out", tmp_path / "out"])
    assert "REHEARSAL: all keys are made up" in result.stdout


class _Node(BaseHTTPRequestHandler):
    """A node that knows the chain and no contract."""

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        result = {"eth_chainId": "0x1", "eth_getCode": "0x"}.get(question["method"], "0x")
        body = json.dumps({"jsonrpc": "2.0", "id": question["id"], "result": result}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_contract_that_is_not_there_fails_the_step_chain(whole: Path) -> None:
    address = "0x0000000000000000000000000000000000010001"
    with ThreadingHTTPServer(("127.0.0.1", 0), _Node) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        node = f"http://127.0.0.1:{server.server_address[1]}"
        code, found = verify(whole / "log", "--contract", address, "--rpc", node)
        server.shutdown()
    assert (code, states(found)["payout"], states(found)["chain"]) == (1, "ok", "failed")
    with pytest.raises(InputError, match="named together"):
        run(["verify", whole / "log", "--contract", address])
    with pytest.raises(InputError, match="--contract"):
        run(["verify", whole / "log", "--contract", "0x12", "--rpc", node])
    with pytest.raises(ExternalError):
        run(["verify", whole / "log", "--contract", address, "--rpc", node])
