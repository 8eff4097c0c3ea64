"""A witness over HTTP: the race of two requests, crashes between storing and answering, and requests that are none."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest

from daccord.errors import ExternalError, IntegrityError, RefusedError
from daccord.record.keys import LocalSigner, PublicKey
from daccord.record.log import (
    COSIGNATURE,
    Checkpoint,
    NoteKey,
    cosigned_at,
    open_checkpoint,
    open_note,
    parse_policy,
    sign_note,
)
from daccord.record.witness import Seen, WitnessState, growth_request
from daccord.store import (
    LARGEST_REQUEST,
    LogWriter,
    Witness,
    WitnessAt,
    WitnessFile,
    WitnessServer,
    cosign_checkpoint,
)

ORIGIN = "log.example/1"
LOG = LocalSigner(bytes(32))
WRITER = Path(__file__).with_name("durability_writer.py")
KEYS = [LocalSigner(bytes([7, i]) + bytes(30)) for i in range(3)]
NAMES = [f"witness.example/{i}" for i in range(3)]
KNOWN = {ORIGIN: (NoteKey(ORIGIN, LOG.public),)}
NOW = 1_800_000_000


def note_key(i: int) -> NoteKey:
    return NoteKey(NAMES[i], KEYS[i].public, COSIGNATURE)


def entries(count: int, first: int = 0) -> list[bytes]:
    return [b"entry %d" % i for i in range(first, first + count)]


def grow(log: LogWriter, count: int) -> bytes:
    log.append(entries(count, log.head().size))
    return log.sign_checkpoint([LOG])


def request(log: LogWriter, old: int) -> bytes:
    checkpoint = log.checkpoint()
    return growth_request(old, log.consistency(old, open_checkpoint(checkpoint)[0].size), checkpoint)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogWriter]:
    with LogWriter(tmp_path / "log.sqlite", ORIGIN) as made:
        yield made


@pytest.fixture
def open_witness(tmp_path: Path) -> Iterator[Callable[..., Witness]]:
    """Open witness number i; its file stays when it is opened again."""
    with ExitStack() as stack:

        def opened(i: int = 0, signer: LocalSigner | None = None) -> Witness:
            file = stack.enter_context(WitnessFile(tmp_path / f"witness{i}.sqlite"))
            return Witness(WitnessState(NAMES[i], KNOWN), signer or KEYS[i], file, lambda: NOW)

        yield opened


@pytest.fixture
def served(open_witness: Callable[..., Witness]) -> Iterator[list[WitnessAt]]:
    """Three witnesses on the web."""
    with ExitStack() as stack:
        servers = [stack.enter_context(WitnessServer(open_witness(i))) for i in range(3)]
        yield [WitnessAt(note_key(i), server.url) for i, server in enumerate(servers)]


def test_several_witnesses_make_a_quorum(log: LogWriter, served: list[WitnessAt]) -> None:
    with pytest.raises(RefusedError, match="nothing to cosign"):
        cosign_checkpoint(log, served)
    lines = [f"log {NoteKey(ORIGIN, LOG.public).text}", *(f"witness w{i} {note_key(i).text}" for i in range(3))]
    policy = parse_policy("\n".join([*lines, "group two 2 w0 w1 w2", "quorum two"]).encode())
    for count in (3, 300, 1):
        with pytest.raises(IntegrityError, match="no quorum"):
            policy.accept(grow(log, count))
        done = cosign_checkpoint(log, served)
        assert done.witnesses == tuple(NAMES)
        assert done.faults == {}
        assert done.checkpoint == log.checkpoint()
        assert policy.accept(done.checkpoint).times == {f"w{i}": NOW for i in range(3)}
        assert [log.witness_size(name) for name in NAMES] == [log.head().size] * 3
    again = cosign_checkpoint(log, served)  # nothing grew: cosigned once more, and kept once
    assert again.checkpoint == done.checkpoint


def test_a_witness_that_does_not_answer_holds_up_nobody(log: LogWriter, served: list[WitnessAt]) -> None:
    grow(log, 3)
    gone = WitnessAt(NoteKey("gone.example", KEYS[0].public, COSIGNATURE), "http://127.0.0.1:1/")
    impostor = WitnessAt(NoteKey("impostor.example", LOG.public, COSIGNATURE), served[2].url)
    done = cosign_checkpoint(log, [*served[:2], gone, impostor], timeout=2)
    assert done.witnesses == tuple(NAMES[:2])
    assert isinstance(done.faults["gone.example"], ExternalError)
    assert "without its own cosignature" in str(done.faults["impostor.example"])


def test_the_client_begins_anew_from_the_size_that_the_witness_knows(log: LogWriter, served: list[WitnessAt]) -> None:
    grow(log, 5)
    cosign_checkpoint(log, served[:1])
    log._connection.execute("DELETE FROM witnesses")  # the answer never arrived
    grow(log, 20)
    assert cosign_checkpoint(log, served[:1]).witnesses == (NAMES[0],)
    assert log.witness_size(NAMES[0]) == 25


def test_a_log_that_was_set_back_is_told(log: LogWriter, served: list[WitnessAt], tmp_path: Path) -> None:
    grow(log, 9)
    cosign_checkpoint(log, served[:1])
    for name, count, message in (("younger", 4, "the log was set back"), ("forged", 9, "two histories")):
        with LogWriter(tmp_path / f"{name}.sqlite", ORIGIN) as other:
            other.append([b"other"])
            grow(other, count - 1)
            done = cosign_checkpoint(other, served[:1])
            assert message in str(done.faults[NAMES[0]])
            assert done.checkpoint == other.checkpoint()
    with LogWriter(tmp_path / "branch.sqlite", ORIGIN) as branch:
        branch.append([b"other"])
        grow(branch, 20)
        assert "refused with 422" in str(cosign_checkpoint(branch, served[:1]).faults[NAMES[0]])


class Stalling:
    """A key that stalls once, between the check and the storing of a head."""

    def __init__(self) -> None:
        self.reached, self.go_on, self.first = Event(), Event(), True

    @property
    def public(self) -> PublicKey:
        return KEYS[0].public

    def sign(self, message: bytes) -> bytes:
        if self.first:
            self.first = False
            self.reached.set()
            assert self.go_on.wait(10)
        return KEYS[0].sign(message)


def test_of_two_requests_from_one_size_the_later_gets_409(log: LogWriter, open_witness: Callable[..., Witness]) -> None:
    signer = Stalling()
    witness = open_witness(0, signer)
    grow(log, 5)
    small = request(log, 0)
    grow(log, 3)
    large = request(log, 0)
    with ThreadPoolExecutor(1) as pool:
        stalled = pool.submit(witness.answer, small)
        assert signer.reached.wait(10)
        assert witness.answer(large).status == 200  # checked and stored while the other one stalls
        signer.go_on.set()
        late = stalled.result(10)
    assert (late.status, late.body) == (409, b"8\n")


def test_many_requests_at_once_are_cosigned_in_one_line(log: LogWriter, served: list[WitnessAt]) -> None:
    bodies = []
    for _ in range(12):
        grow(log, 2)
        bodies.append(request(log, 0))
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda body: post(served[0].url, body), bodies))
    assert sorted(status for status, _ in answers) == [200] + [409] * 11  # one growth from 0


def test_a_witness_stores_before_it_answers(log: LogWriter, tmp_path: Path) -> None:
    """Killed right before and right after storing: what it signed and gave is never contradicted."""
    grow(log, 5)
    first = request(log, 0)
    for number, (stored, moment) in enumerate(((0, "before"), (5, "after"))):
        path = tmp_path / f"crash{number}.sqlite"
        command = [sys.executable, WRITER, "witness", path, moment]
        made = subprocess.run(command, input=first, capture_output=True, check=False)
        assert (made.returncode, made.stderr) == (-signal.SIGKILL, b"")
        with WitnessFile(path) as file:
            assert file.seen(ORIGIN).size == stored
            witness = Witness(WitnessState(NAMES[0], KNOWN), KEYS[0], file, lambda: NOW)
            with LogWriter(tmp_path / f"fork{number}.sqlite", ORIGIN) as fork:
                fork.append([b"other"])
                grow(fork, 4)
                assert witness.answer(request(fork, 5)).status == 409  # another tree of the same size
            with WitnessServer(witness) as server:
                done = cosign_checkpoint(log, [WitnessAt(note_key(0), server.url)])  # 409 if stored, then again
            assert cosigned_at(open_note(done.checkpoint), note_key(0)) == NOW


def test_a_witness_whose_disk_fails_signs_nothing_more(log: LogWriter, tmp_path: Path) -> None:
    grow(log, 5)
    with WitnessFile(tmp_path / "w.sqlite") as file:
        witness = Witness(WitnessState(NAMES[0], KNOWN), KEYS[0], file)
        file._connection.execute("CREATE TRIGGER full BEFORE UPDATE ON seen BEGIN SELECT RAISE(ABORT, 'full'); END")
        with pytest.raises(ExternalError, match="could not be stored: full"):
            witness.answer(request(log, 0))
        file._connection.execute("DROP TRIGGER full")
        with pytest.raises(ExternalError, match="open the file again"):
            witness.answer(request(log, 0))
        with WitnessServer(witness) as server:
            status, body = post(server.url, request(log, 0))
            assert (status, body) == (500, b"no answer could be given\n")
            assert "refused with 500" in str(cosign_checkpoint(log, [WitnessAt(note_key(0), server.url)]).faults)


def test_two_processes_on_one_witness(tmp_path: Path) -> None:
    with WitnessFile(tmp_path / "w.sqlite"), pytest.raises(ExternalError, match="by another process"):
        WitnessFile(tmp_path / "w.sqlite")


def test_an_old_copy_of_a_witness_put_in_place(tmp_path: Path) -> None:
    with WitnessFile(tmp_path / "old.sqlite"):
        pass
    with WitnessFile(tmp_path / "w.sqlite") as file:
        (tmp_path / "old.sqlite").replace(tmp_path / "w.sqlite")
        with pytest.raises(ExternalError, match="another file was put in its place"):
            file.swap(ORIGIN, Seen(), Seen(1, bytes(32)))


def post(url: str, body: bytes, path: str = "add-checkpoint", **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("POST", "/" + path, body, {name.replace("_", "-"): one for name, one in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def raw(url: str, data: bytes) -> bytes:
    """What is answered to bytes that no client library would send."""
    host, port = urlsplit(url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def test_requests_that_are_none(log: LogWriter, served: list[WitnessAt], capfd: pytest.CaptureFixture[str]) -> None:
    url = served[0].url
    grow(log, 3)
    unknown = sign_note(Checkpoint("other.example", 0, Checkpoint.parse("x\n0\n" + EMPTY + "\n").root).text, []).text
    assert post(url, b"")[0] == 400
    assert post(url, b"\xff\xfe")[0] == 400
    assert post(url, growth_request(0, [], (unknown + "\n— x AAAAAAAA\n").encode()))[0] == 404
    assert post(url, request(log, 0), "elsewhere")[0] == 404
    assert post(url, bytes(LARGEST_REQUEST))[0] == 400
    head = b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n"
    for lines, status in {
        b"Content-Length: %d\r\n\r\n" % (LARGEST_REQUEST + 1): b"413",
        b"Content-Length: -1\r\n\r\n": b"411",
        b"Content-Length: 1e3\r\n\r\n": b"411",
        b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd": b"411",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": b"411",
        b"\r\n": b"411",
        b"Content-Length: 30\r\n\r\nshort": b"400",
    }.items():
        assert raw(url, head + lines).split()[1] == status, lines
    assert raw(url, b"GET /add-checkpoint HTTP/1.0\r\n\r\n").split()[1] == b"501"
    raw(url, b"\x00\x01\x02\r\n\r\n")
    assert post(url, request(log, 0))[0] == 200  # it still answers
    said = capfd.readouterr()
    assert said.out == said.err == ""  # and has written nothing of all this anywhere


EMPTY = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_a_port_that_is_taken(open_witness: Callable[..., Witness]) -> None:
    witness = open_witness()
    with WitnessServer(witness) as server:
        assert server.url.startswith("http://127.0.0.1:")
        port = urlsplit(server.url).port
        with pytest.raises(ExternalError, match="cannot listen"):
            WitnessServer(witness, port=port)
