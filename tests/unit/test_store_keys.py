"""Keys in files and in ssh-agent."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from daccord.errors import ExternalError, InputError
from daccord.record.keys import LocalSigner, verify
from daccord.store import AgentSigner, LogWriter, agent_keys, create_key, read_key


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    made = create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path).public == made.public
    assert verify(made.public, b"message", read_key(path).sign(b"message"))
    before = path.read_bytes()
    with pytest.raises(InputError, match="the file exists"):
        create_key(path)
    assert path.read_bytes() == before
    assert create_key(tmp_path / "other.pem").public != made.public


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    create_key(path)
    for mode in (0o640, 0o604, 0o620, 0o601):
        path.chmod(mode)
        with pytest.raises(InputError, match=f"mode {mode:04o}.*chmod 600"):
            read_key(path)
    path.chmod(0o400)
    read_key(path)


def test_a_key_is_a_plain_file(tmp_path: Path) -> None:
    create_key(tmp_path / "log.pem")
    (tmp_path / "link").symlink_to(tmp_path / "log.pem")
    for path in (tmp_path / "link", tmp_path / "missing"):
        with pytest.raises(ExternalError, match="could not be read"):
            read_key(path)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(InputError, match="no plain file"):
        read_key(tmp_path / "pipe")
    (tmp_path / "nowhere").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError):
        create_key(tmp_path / "nowhere")
    assert not (tmp_path / "elsewhere").exists()
    with pytest.raises(ExternalError):
        create_key(tmp_path / "missing" / "key")


OTHERS = {
    "nothing": b"",
    "no PEM": b"seed",
    "another kind": generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "a passphrase": Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_files_that_hold_no_key(tmp_path: Path, case: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(OTHERS[case])
    path.chmod(0o600)
    with pytest.raises(InputError, match="no Ed25519 key"):
        read_key(path)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A real agent with one key; its address and the key's file."""
    programs = [shutil.which(name) for name in ("ssh-agent", "ssh-add", "ssh-keygen")]
    if None in programs:
        pytest.skip("no ssh-agent: install the OpenSSH client to test with a real one")
    address, key = str(tmp_path / "agent"), tmp_path / "id"
    subprocess.run([programs[2], "-q", "-t", "ed25519", "-N", "", "-C", "log key", "-f", str(key)], check=True)
    running = subprocess.Popen([programs[0], "-D", "-a", address], stdout=subprocess.PIPE)
    running.stdout.readline()
    environment = os.environ | {"SSH_AUTH_SOCK": address}
    subprocess.run([programs[1], "-q", str(key)], check=True, env=environment, capture_output=True)
    yield address, key
    running.terminate()
    running.communicate()


def test_an_agent_signs_and_keeps_the_key(
    agent: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, key = agent
    ((public, comment),) = agent_keys(address)
    assert comment == "log key"
    signer = AgentSigner(public, address)
    assert verify(public, b"message", signer.sign(b"message"))
    with LogWriter(tmp_path / "log.sqlite", "log.example/1") as log:
        log.append([b"entry"])
        assert log.sign_checkpoint([signer])
    monkeypatch.setenv("SSH_AUTH_SOCK", address)
    again = AgentSigner(public)
    with pytest.raises(InputError, match="does not hold the key"):
        AgentSigner(LocalSigner(bytes(32)).public)
    subprocess.run(["ssh-add", "-q", "-d", str(key)], check=True, capture_output=True)
    with pytest.raises(ExternalError, match="refused"):
        again.sign(b"message")


def test_an_agent_holds_keys_of_other_kinds(agent: tuple[str, Path], tmp_path: Path) -> None:
    address, _ = agent
    other = tmp_path / "ec"
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(other)], check=True)
    environment = os.environ | {"SSH_AUTH_SOCK": address}
    subprocess.run(["ssh-add", "-q", str(other)], check=True, env=environment, capture_output=True)
    assert len(agent_keys(address)) == 1


def test_no_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(InputError, match="no ssh-agent is named"):
        agent_keys()
    with pytest.raises(ExternalError, match="does not answer"):
        agent_keys(str(tmp_path / "nobody"))


def field(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


PUBLIC = LocalSigner(bytes(32)).public
BLOB = field(field(b"ssh-ed25519") + field(PUBLIC.data))
BAD_AGENTS = {
    "hangs up": b"",
    "sends half a length": b"\x00\x00",
    "sends nothing": field(b""),
    "sends too much": b"\xff\xff\xff\xff",
    "refuses": field(b"\x05"),
    "counts wrongly": field(b"\x0c" + (9).to_bytes(4, "big") + BLOB + field(b"")),
    "cuts a key": field(b"\x0c" + (1).to_bytes(4, "big") + b"\x00\x00\x01\x00abc"),
}


def pretend(path: Path, answers: list[bytes]) -> Thread:
    """An agent that says what it was told to."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def serve() -> None:
        with listening:
            for one in answers:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(one)

    thread = Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize("case", BAD_AGENTS)
def test_an_agent_that(case: str, tmp_path: Path) -> None:
    thread = pretend(tmp_path / "agent", [BAD_AGENTS[case]])
    with pytest.raises(ExternalError, match="ssh-agent"):
        agent_keys(str(tmp_path / "agent"))
    thread.join()


def test_an_agents_bad_signature_is_not_used(tmp_path: Path) -> None:
    listed = field(b"\x0c" + (1).to_bytes(4, "big") + BLOB + field(b""))
    signed = field(b"\x0e" + field(field(b"ssh-ed25519") + field(bytes(64))))
    thread = pretend(tmp_path / "agent", [listed, signed])
    signer = AgentSigner(PUBLIC, str(tmp_path / "agent"))
    with pytest.raises(ExternalError, match="not valid"):
        signer.sign(b"message")
    thread.join()
