"""The verifier in JavaScript accepts exactly what this one accepts: bytes, signatures, keys, payloads, whole logs.

The two share no code. Cases go to one process of node in a batch. Beside mutated bytes there are random logs of
invented rounds, made by careful operators and careless ones, on which both have to find the same faults, the same
answers that count, and the same files.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from tests.differential.node_logs import ORIGIN, ROUND, RandomLog, key, random_log

from daccord.audit import Readable, Rehearsal, verify_record
from daccord.cli.main import cli
from daccord.errors import IntegrityError
from daccord.formats._folder import read_files
from daccord.record import decode, encode, from_leaf, seal
from daccord.record.keys import PublicKey, verify
from daccord.record.log import COSIGNATURE, NoteKey, open_checkpoint, parse_policy
from daccord.record.payloads import kind_of, parse_payload
from daccord.record.root import Root, follow, make_root, parse_root
from daccord.record.state import Replay, conclude
from daccord.store import LogWriter, export, open_place

FOLDER = Path(__file__).resolve().parents[2] / "verifiers" / "node"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed: the JavaScript verifier was not run")


def node(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run node, which is there, on files of the verifier."""
    words = [str(NODE), *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


def asked(questions: Iterable[dict[str, Any]]) -> list[Any]:
    """What the JavaScript verifier answers, a question each."""
    lines = "".join(json.dumps(one) + "\n" for one in questions)
    done = subprocess.run(
        [str(NODE), str(FOLDER / "test" / "differ.mjs")],
        input=lines,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
    assert not [one["crashed"] for one in answers if isinstance(one, dict) and "crashed" in one]
    return answers


def text_of(data: bytes) -> str:
    """Bytes in a question."""
    return b64encode(data).decode()


# --- bytes that are read ----------------------------------------------------------------------------------------------


def read_leaf(data: bytes) -> Any:
    """As the JavaScript driver tells it."""
    envelope = from_leaf(data)
    return [
        envelope.payload_type,
        envelope.payload.hex(),
        [[one.key, one.data.hex()] for one in envelope.signatures],
    ]


def read_payload(data: bytes) -> Any:
    envelope = from_leaf(data)
    return "root" if kind_of(envelope) == "root" else encode(dict(parse_payload(envelope).value)).decode()


def read_checkpoint(data: bytes) -> Any:
    head, note = open_checkpoint(data)
    signatures = [[one.name, one.key.hex(), one.data.hex()] for one in note.signatures]
    return [head.origin, str(head.size), head.root.hex(), signatures]


def read_policy(data: bytes) -> Any:
    policy = parse_policy(data)
    witnesses = [[name, one.id.hex()] for name, one in policy.witnesses.items()]
    groups = [[name, least, list(members)] for name, (least, members) in policy.groups.items()]
    return [[one.name for one in policy.logs], witnesses, groups, policy.quorum]


def read_key(data: bytes) -> Any:
    try:
        return PublicKey(data).id
    except ValueError:
        raise IntegrityError("no key") from None


READERS: dict[str, Callable[[bytes], Any]] = {
    "decode": lambda data: encode(decode(data)).decode(),
    "leaf": read_leaf,
    "payload": read_payload,
    "checkpoint": read_checkpoint,
    "policy": read_policy,
    "key": read_key,
    "signature": lambda data: verify(PublicKey(data[:32]), data[96:], data[32:96]),
}


def mutated(random: Random, data: bytes, words: list[bytes]) -> bytes:
    """The same bytes with a few changes, or none."""
    for _ in range(random.choice([0, 1, 1, 1, 2, 4])):
        at = random.randrange(len(data) + 1)
        word = random.choice(words)
        data = random.choice([
            data[:at] + bytes([random.randrange(256)]) + data[at + 1 :],
            data[:at] + word + data[at:],
            data[:at] + word + data[at + len(word) :],
            data[:at] + data[at + random.randrange(1, 4) :],
            data[: at // 2] + data[at:],
            data[:at] + data[at // 2 :],
        ])  # fmt: skip
    return data


JSON_WORDS = [
    b'"',
    b"\\",
    b"\\u0001",
    b"\\n",
    b"\\/",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"-",
    b"0",
    b"1e2",
    b"1.5",
    b" ",
    b"\n",
]
JSON_WORDS += [
    "ﬁ".encode(),
    "🜚".encode(),
    b"\xed\xa0\x80",
    b"\xff",
    b"9007199254740992",
    b"null",
    b"true",
    b'"a":1',
    b'"":',
    b"=",
    b"\x7f",
]
NOTE_WORDS = [
    b"\n",
    b"\n\n",
    "— ".encode(),
    b" ",
    b"+",
    b"=",
    b"0",
    b"-",
    b"\r",
    b"\t",
    "\u00a0".encode(),
    "\u0085".encode(),
    "ﬁ".encode(),
]
NOTE_WORDS += [
    b"9223372036854775808",
    b"\xff",
    "\ufeff".encode(),
    "\u2028".encode(),
    b"#",
    b"none",
    b"all",
    b"any",
    b"3",
    b"quorum w1\n",
]


def cases() -> dict[str, list[bytes]]:
    """Bytes to read, per reader."""
    random, log = Random(7), RandomLog(3)
    log.grow(60)
    log.clock = 900
    values: list[Any] = [
        {"": [], "a": {"b": [1, -1, 0, None, True, 'é\x7f\\"\n\x00']}, "ﬁ": {}, "🜚": 2**53 - 1},
        [[[["x"] * 3] * 2]], "text", 12, {"__proto__": 1, "1": 2, "10": 3, "2": 4},
    ]  # fmt: skip
    texts = [encode(value) for value in values] + [b"[" * n + b"]" * n for n in (31, 32, 33)]
    escaped = seal('application/vnd.daccord.\n"x".v1+json', {"a": 1}, [key("a"), key("b"), key("c")]).leaf()
    note = log.note(len(log.leaves)).encode()
    manifest = next(from_leaf(leaf).value() for leaf in log.leaves if b"manifest" in from_leaf_type(leaf))
    policy = b"# invented\n" + str(manifest["witnesses"]).encode()  # type: ignore[index,call-overload]
    policy += b"log " + NoteKey(ORIGIN, key("operator 0").public).text.encode() + b" https://log.example/\n"
    signature = key("a").public.data + key("a").sign(b"message") + b"message"
    leaves = [*log.leaves, escaped]
    return {
        "decode": [mutated(random, random.choice(texts), JSON_WORDS) for _ in range(3_000)],
        "leaf": [mutated(random, random.choice(leaves), JSON_WORDS) for _ in range(1_500)],
        "payload": [leaf for seed in range(8) for leaf in random_log(100 + seed, 40)],
        "checkpoint": [mutated(random, note, NOTE_WORDS) for _ in range(1_500)],
        "policy": [mutated(random, policy, NOTE_WORDS).replace(b"\x7f", b"") for _ in range(1_500)],
        "key": [random.randbytes(32) for _ in range(200)]
        + [mutated(random, signature[:32], [b"\0"])[:32] for _ in range(50)],
        "signature": [mutated(random, signature, [b"\0"]) for _ in range(300)],
    }


def from_leaf_type(leaf: bytes) -> bytes:
    """Type of a leaf; empty if it is none."""
    try:
        return from_leaf(leaf).payload_type.encode()
    except IntegrityError:
        return b""


@pytest.mark.parametrize("what", READERS)
def test_the_same_bytes_are_accepted_and_say_the_same(what):
    data = [one for one in CASES()[what] if what != "signature" or (len(one) >= 96 and readable_key(one[:32]))]
    answers = asked({"what": what, "data": text_of(one)} for one in data)
    taken = 0
    for one, theirs in zip(data, answers, strict=True):
        try:
            mine = READERS[what](one)
        except IntegrityError:
            mine = None
        assert theirs == mine, one
        taken += mine is not None
    assert taken > 0
    assert what == "signature" or taken < len(data)


@cache
def CASES() -> dict[str, list[bytes]]:  # noqa: N802 - a constant that is made when it is needed
    """Made once."""
    return cases()


def readable_key(data: bytes) -> bool:
    """Whether bytes are a key."""
    try:
        PublicKey(data)
    except ValueError:
        return False
    return True


# --- root metadata ----------------------------------------------------------------------------------------------------


def test_the_same_chains_of_root_metadata_are_followed():
    random, log = Random(5), RandomLog(1)
    chains = []
    for _ in range(60):
        leaves = []
        for version in range(1, 5):
            root = log.root(random.choice([version, version, version, version + 1, 1]))
            signers = random.sample(
                [key(f"steward {i}") for i in range(3)] + [key("operator 0")], random.choice([1, 2, 2, 3])
            )
            origin = random.choice([ORIGIN] * 9 + ["log.example/other"])
            leaf = make_root(Root(root.version, origin, root.keys, root.roles), signers).leaf()
            leaves.append(mutated(random, leaf, JSON_WORDS) if random.random() < 0.1 else leaf)
        chains.append(leaves)
    answers = asked({"what": "roots", "leaves": [text_of(leaf) for leaf in leaves]} for leaves in chains)
    assert answers == [versions(leaves) for leaves in chains]
    assert {max(one) for one in answers} >= {0, 1, 2}


def versions(leaves: list[bytes]) -> list[int]:
    """Version in force after each leaf; whoever signs is a root key of one of the two versions."""
    known: Root | None = None
    found = []
    for leaf in leaves:
        try:
            envelope = from_leaf(leaf)
            new = parse_root(envelope) if known is None else follow(known, envelope)
            allowed = {*new.roles["root"].keys, *(known.roles["root"].keys if known else ())}
            first = known is None and (new.version != 1 or not new.signed(envelope, "root"))
            if not first and {one.key for one in envelope.signatures} <= allowed:
                known = new
        except IntegrityError:
            pass
        found.append(0 if known is None else known.version)
    return found


# --- whole logs -------------------------------------------------------------------------------------------------------


def replayed(leaves: list[bytes]) -> dict[str, Any]:
    """What a log comes to, as the JavaScript driver tells it."""
    replay = Replay(ROUND)
    for leaf in leaves:
        replay.add(leaf)
    faults = [[one.place, one.hash, one.step, one.lifted] for one in replay.faults]
    said = {
        "root": replay.root(replay.size).hex(),
        "rounds": [*replay.rounds],
        "passedOver": replay.passed_over,
        "faults": faults,
    }
    if replay.state is None:
        return said
    outcome = conclude(replay)
    return {
        **said,
        "result": outcome.result and outcome.result.place,
        "inForce": outcome.in_force,
        "inputs": outcome.inputs,
        "ends": dict(outcome.ends),
        "eligible": sorted(outcome.eligible),
        "answers": [one.entry.place for one in outcome.answers],
        "counted": outcome.counted,
        "late": [one.place for one in outcome.late],
        "unopened": [one.place for one in outcome.unopened],
        "secret": [one.place for one in outcome.secret],
        "attestation": outcome.attestation and outcome.attestation.place,
        "files": outcome.files_hash,
        "names": sorted(outcome.public.bytes_of),
    }


def test_random_logs_come_to_the_same():
    logs = [random_log(seed) for seed in range(64)]
    answers = asked({"what": "record", "round": ROUND, "leaves": [text_of(leaf) for leaf in leaves]} for leaves in logs)
    kinds: dict[str, int] = {}
    for seed, (leaves, theirs) in enumerate(zip(logs, answers, strict=True)):
        said = [fault.pop() for fault in theirs["faults"]]
        mine = replayed(leaves)
        assert theirs == mine, (seed, said)
        for name, value in mine.items():
            kinds[name] = kinds.get(name, 0) + bool(value)
        kinds["clean"] = kinds.get("clean", 0) + (not mine["faults"])
    # The logs are such that something is at stake.
    assert (
        min(kinds[name] for name in ("answers", "late", "unopened", "inForce", "secret", "clean", "attestation")) >= 5
    ), kinds


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RandomLog]:
    """The exported folder of an open round without faults, of more than one bundle."""
    seed = next(seed for seed in range(500) if (log := RandomLog(seed)).careful is not None and not log.unproven)
    log = RandomLog(seed)
    log.grow(60)
    while len(log.leaves) < 300:
        log.judge()
        log.bind()
        log.file(f"an invented file {len(log.leaves)}\n")
    folder = tmp_path_factory.mktemp("record")
    note = log.note(len(log.leaves))
    while note.count("witness.example") < 3:
        note = log.note(len(log.leaves))
    with LogWriter(folder / "log.sqlite", ORIGIN) as writer:
        writer.append(log.leaves)
        writer.sign_checkpoint([key("operator 0")])
        writer.keep_cosignatures(note.encode(), ())
        export(writer, folder / "log")
    return folder, log


def verified(place: object, *options: object) -> tuple[int, dict[str, Any]]:
    """Exit code, and what `--json` prints."""
    done = node(FOLDER / "verify.mjs", place, "--json", *options)
    return done.returncode, json.loads(done.stdout) if done.stdout else {"error": done.stderr}


def states(found: dict[str, Any]) -> dict[str, str]:
    """Step → state."""
    return {step["step"]: step["state"] for step in found["steps"]}


def first_failure(found: dict[str, Any]) -> tuple[str, int | None] | None:
    """The step that fails, and its entry."""
    return next(((step["step"], step["entry"]) for step in found["steps"] if step["state"] == "failed"), None)


def test_a_record_is_verified(exported):
    folder, log = exported
    code, found = verified(folder / "log")
    mine = replayed(log.leaves)
    own = {name: mine[name] for name in ("counted", "late", "unopened", "files")}
    assert {name: found[name] for name in own} == own
    assert (code, found["ok"], found["round"], found["size"], found["root"]) == (
        0,
        True,
        ROUND,
        len(log.leaves),
        mine["root"],
    )
    assert states(found)["entries"] == "ok"
    said = node(FOLDER / "verify.mjs", folder / "log")
    assert said.returncode == 0
    assert "The record holds." in said.stdout


def test_pins_are_compared(exported, tmp_path):
    folder, log = exported
    first = sha256(log.leaves[0]).hexdigest()
    (seen := tmp_path / "seen").write_bytes(log.note(200).encode())
    assert verified(folder / "log", "--root", first, "--seen", seen)[0] == 0
    assert first_failure(verified(folder / "log", "--root", "0" * 64)[1]) == ("keys", 0)
    other = RandomLog(4_321)
    other.grow(10)
    seen.write_bytes(other.note(len(other.leaves)).encode())
    assert first_failure(verified(folder / "log", "--seen", seen)[1]) == ("history", None)
    (policy := tmp_path / "policy").write_text("quorum none\n")
    assert first_failure(verified(folder / "log", "--policy", policy)[1]) == ("tree", None)
    known = NoteKey(ORIGIN, key("operator 0").public).text
    stranger = NoteKey("w.example", key("stranger").public, COSIGNATURE).text
    policy.write_text(f"log {known}\nquorum none\n")
    assert verified(folder / "log", "--policy", policy)[0] == 0
    policy.write_text(f"log {known}\nwitness w {stranger}\nquorum w\n")
    assert first_failure(verified(folder / "log", "--policy", policy)[1]) == ("tree", None)
    assert first_failure(verified(folder / "log", "--round", "another")[1]) == ("entries", None)


def test_what_cannot_be_read_is_told_from_what_does_not_hold(exported, tmp_path):
    folder, _ = exported
    for words in (
        (),
        (tmp_path / "nowhere",),
        (folder / "log", "--root", "abc"),
        (folder / "log", "--more"),
    ):
        assert node(FOLDER / "verify.mjs", *words).returncode == 2, words
    assert node(FOLDER / "verify.mjs", folder / "log", "--policy", tmp_path / "nowhere").returncode == 2
    assert node(FOLDER / "verify.mjs", tmp_path).returncode == 1  # a folder without a checkpoint holds no record
    assert node(FOLDER / "verify.mjs", "http://127.0.0.1:9/").returncode == 3


def test_any_changed_file_of_a_log_is_found(exported, tmp_path):
    folder, _ = exported
    random = Random(11)
    paths = [path for path in (folder / "log").rglob("*") if path.is_file()]
    assert len(paths) == 6
    copy = shutil.copytree(folder / "log", tmp_path / "log")
    for path in paths:
        name = path.relative_to(folder / "log")
        data = bytearray(path.read_bytes())
        at = random.randrange(len(data) // 4) if name.name == "checkpoint" else random.randrange(len(data))
        data[at] ^= 1 << random.randrange(7)
        (copy / name).write_bytes(data)
        found = verified(copy)[1]
        assert (first_failure(found) or ("",))[0] == "tree", (name, at)
        (copy / name).unlink()
        code, _ = verified(copy)
        assert code == 1
        (copy / name).write_bytes(path.read_bytes())
    assert verified(copy)[0] == 0


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder; below /away it sends elsewhere, below /gzip it says that it encodes."""

    def do_GET(self) -> None:
        if self.path.startswith("/away/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/away"))
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


def test_a_record_is_read_from_an_address_and_no_redirect_is_followed(exported):
    folder, _ = exported
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *words: _Handler(*words, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        assert verified(f"{address}/log/") == verified(folder / "log")
        assert verified(f"{address}/log")[0] == 0
        assert verified(f"{address}/nothing")[0] == 1  # there is no checkpoint
        assert verified(f"{address}/away/log")[0] == 3
    finally:
        server.shutdown()
        server.server_close()


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rehearsal, dict[str, Any], Readable]:
    """A simulated round that was played up to its decision, which is not published yet."""
    folder = tmp_path_factory.mktemp("round") / "round"
    assert CliRunner().invoke(cli, ["init", str(folder)]).exit_code == 0
    files, _ = read_files(folder)
    play = Rehearsal(files)
    for act in (play.open, play.bind_all, play.judge, play.close):
        act()
    document, found = play.decide()
    return play, document, found


def published(decided: Any, folder: Path, document: Mapping[str, Any] | None = None, **changed: Any) -> Path:
    """The exported folder after a result was published, perhaps another than follows."""
    play, own, found = decided
    play = copy.deepcopy(play)
    play.publish(own if document is None else document, found, **changed)
    play.stage.write(folder / "log.sqlite", folder / "log", play.end())
    return folder / "log"


def test_a_decided_record_is_verified_by_both_alike(decided, tmp_path):
    log = published(decided, tmp_path)
    code, found = verified(log)
    mine = verify_record(open_place(str(log))).value()
    assert (code, first_failure(found), states(found)["decision"]) == (0, None, "ok")
    same = ("ok", "round", "size", "root", "ended", "counted", "late", "void", "unopened", "files")
    assert {name: found[name] for name in same} == {name: mine[name] for name in same}
    assert states(found) == states(mine)


def lies(document: dict[str, Any]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Name → a decision file that says something else, and other keys of the result."""
    first = document["projects"][0]["award"]
    name = next(name for name in document["inputs"] if name in ("projects.csv", "judges.csv"))
    score = next(iter(document["projects"][0]["scores"].values()))
    return {
        "an answer more": (document, {"counted": 99_999}),
        "other files": (document, {"files": "0" * 64}),
        "another award": (changed_at(document, first, "amount", first["amount"] + 1), {}),
        "another pot": (changed_at(document, document["budget"], "amount", document["budget"]["amount"] - 1), {}),
        "another seed": ({**document, "seed": document["seed"] + 1}, {}),
        "another input": (changed_at(document, document["inputs"], name, "0" * 64), {}),
        "a file that is not there": ({**document, "inputs": {**document["inputs"], "more.csv": "0" * 64}}, {}),
        "another rule": (with_rule(document, "rules.money.caution", 0.25), {}),
        "a rule more": (with_rule(document, "rules.money.more", 1), {}),
        "another probability": (changed_at(document, score, "above", 1), {}),
        "another graph": ({**document, "graph": {**document["graph"], "more": 1}}, {}),
        "no json": ({"schema": "daccord/decision/1"}, {}),
    }


def changed_at(document: dict[str, Any], part: dict[str, Any], key_: str, value: object) -> dict[str, Any]:
    """A copy of a document with one value of one of its parts changed."""
    before = part[key_]
    part[key_] = value
    try:
        return copy.deepcopy(document)
    finally:
        part[key_] = before


def with_rule(document: dict[str, Any], name: str, value: object) -> dict[str, Any]:
    """A copy of a document with another parameter in effect."""
    rules = {**document["parameters"]["effective"], name: value}
    return changed_at(document, document["parameters"], "effective", rules)


def test_results_that_do_not_follow_are_refused(decided, tmp_path):
    document = json.loads(json.dumps(decided[1]))
    for number, (name, (said, changed)) in enumerate(lies(document).items()):
        (folder := tmp_path / str(number)).mkdir()
        code, found = verified(published(decided, folder, said, **changed))
        assert (code, (first_failure(found) or ("",))[0]) == (1, "decision"), name


def test_a_result_that_too_few_approve_is_refused(decided, tmp_path):
    play, _, _ = decided
    before = play.cast
    try:
        play.cast = replace(before, stewards=(before.stewards[0], before.stewards[1] - 1))
        log = published(decided, tmp_path)
    finally:
        play.cast = before
    assert "not approved" in next(step["message"] for step in verified(log)[1]["steps"] if step["step"] == "decision")


# --- the verifier's own tests -----------------------------------------------------------------------------------------


def test_own_tests_of_the_javascript_verifier():
    done = node("--test", "--test-reporter=tap", *sorted((FOLDER / "test").glob("*.test.mjs")))
    assert done.returncode == 0, done.stdout[-4_000:]


def test_published_vectors_were_there():
    root = Path(os.environ.get("DACCORD_VECTORS", Path(__file__).resolve().parents[3] / "shared" / "vectors"))
    if not root.is_dir():
        pytest.skip("no published vectors: set DACCORD_VECTORS to their folder")
    done = node("--test", "--test-reporter=tap", FOLDER / "test" / "published.test.mjs")
    assert "\n# skipped 0\n" in done.stdout
