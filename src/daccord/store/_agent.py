"""A signing key that stays in ssh-agent: this process asks for signatures and never sees the key.

Messages are a length in four bytes, a type in one, and fields; a field is a length in four bytes and its bytes.

    11  which keys?              → 12  number of keys, then of each: key, comment
    13  key, message, flags (0)  → 14  signature
                                 →  5  refused

An Ed25519 key is the fields `ssh-ed25519` and its 32 bytes; a signature the fields `ssh-ed25519` and its 64 bytes,
which are those of RFC 8032 over the message itself. Each signature is checked before it is used.

Source: the SSH agent protocol (draft-ietf-sshm-ssh-agent).
"""

from __future__ import annotations

import os
import socket
from typing import Final

from daccord.errors import ExternalError, InputError
from daccord.record.keys import PublicKey, verify
from daccord.store._database import outside

__all__ = ["AgentSigner", "agent_keys"]

_KIND: Final = b"ssh-ed25519"
_LIST, _LISTED, _SIGN, _SIGNED = 11, 12, 13, 14
_LONGEST: Final = 1 << 18
_TIMEOUT: Final = 10.0


def _field(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


class _Fields:
    """An answer while it is read."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self) -> int:
        self._at += 4
        if self._at > len(self._data):
            raise ExternalError("ssh-agent's answer is cut off")
        return int.from_bytes(self._data[self._at - 4 : self._at], "big")

    def field(self) -> bytes:
        size = self.number()
        self._at += size
        if self._at > len(self._data):
            raise ExternalError("ssh-agent's answer is cut off")
        return self._data[self._at - size : self._at]


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ExternalError("ssh-agent hung up")
        data += part
    return data


def _ask(address: str, kind: int, body: bytes, wanted: int) -> _Fields:
    """One question to the agent."""
    with outside(f"ssh-agent at {address} does not answer"), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_TIMEOUT)
        connection.connect(address)
        connection.sendall(_field(bytes([kind]) + body))
        size = int.from_bytes(_exactly(connection, 4), "big")
        if not 0 < size <= _LONGEST:
            raise ExternalError("ssh-agent's answer is empty or too long")
        answer = _exactly(connection, size)
    if answer[0] != wanted:
        raise ExternalError("ssh-agent refused: it is locked, does not hold the key, or its owner said no")
    return _Fields(answer[1:])


def _address(address: str | None) -> str:
    found = address or os.environ.get("SSH_AUTH_SOCK")
    if not found:
        raise InputError.single("SSH_AUTH_SOCK", "no ssh-agent is named", remedy="start ssh-agent and ssh-add the key")
    return found


def agent_keys(address: str | None = None) -> list[tuple[PublicKey, str]]:
    """The Ed25519 keys that an agent holds, with their comments.

    Args:
        address: Of its socket; from SSH_AUTH_SOCK if None.

    Raises:
        InputError: No agent is named.
        ExternalError: It does not answer as one.
    """
    answer = _ask(_address(address), _LIST, b"", _LISTED)
    found = []
    for _ in range(answer.number()):
        key, comment = _Fields(answer.field()), answer.field()
        if key.field() == _KIND:
            try:
                found.append((PublicKey(key.field()), comment.decode("utf-8", "replace")))
            except ValueError:
                continue  # not a key that may be registered
    return found


class AgentSigner:
    """A key in ssh-agent.

    Args:
        public: Which key.
        address: Of the agent's socket; from SSH_AUTH_SOCK if None.

    Raises:
        InputError: No agent is named, or it does not hold the key.
        ExternalError: It does not answer as one.
    """

    def __init__(self, public: PublicKey, address: str | None = None) -> None:
        self._public, self._at = public, _address(address)
        if public not in [key for key, _ in agent_keys(self._at)]:
            raise InputError.single("ssh-agent", f"it does not hold the key {public.hex}", remedy="ssh-add the key")

    @property
    def public(self) -> PublicKey:
        """The key signatures are checked with."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """64 bytes.

        Raises:
            ExternalError: The agent does not sign, or its signature is not valid.
        """
        key = _field(_KIND) + _field(self._public.data)
        body = _field(key) + _field(message) + (0).to_bytes(4, "big")
        answer = _Fields(_ask(self._at, _SIGN, body, _SIGNED).field())
        kind, signature = answer.field(), answer.field()
        if kind != _KIND or not verify(self._public, message, signature):
            raise ExternalError("ssh-agent gave a signature that is not valid")
        return signature
