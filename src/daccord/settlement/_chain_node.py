"""A node of a chain, asked over JSON-RPC: four questions, strict answers, nothing else.

A node is somebody else's computer. Its answers are limited in size and time, whatever it sends and however slowly.
Nobody is followed elsewhere, and proxies of the environment are not used. Errors name the host only, because the rest
of such an address often is a password.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from typing import Any, Final, Self
from urllib.parse import urlsplit

from daccord.errors import ExternalError, InputError

__all__ = ["Node"]

_LARGEST: Final = 1 << 20
"""Bytes of an answer; a contract's code has at most 24,576, as twice as many digits."""

_BRACKETS: Final = 100
"""Most brackets in an answer: deeper ones than the decoder's stack can end the process."""

_BYTES: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_NUMBER: Final = re.compile(r"0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,63})")
_WORD: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_BLOCK: Final = "latest"


class Node:
    """A node.

    Args:
        url: Begins with `http://` or `https://`; without user and fragment.
        timeout: Seconds for each answer, from the question to its last byte.

    Raises:
        InputError: It is no such address.
    """

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        plain = url.isascii() and url.isprintable() and not re.search(r"[@#\\ ]", url)
        if not plain or parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
            raise InputError.single(
                "the node",
                "its address is none of the web",
                remedy="write http(s)://host/path, without user or fragment",
            )
        self._host, self._timeout = parts.hostname, timeout
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._connection: HTTPConnection = (
            HTTPSConnection(parts.hostname, port, timeout=timeout, context=ssl.create_default_context())
            if parts.scheme == "https"
            else HTTPConnection(parts.hostname, port, timeout=timeout)
        )
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def chain_id(self) -> int:
        """Which chain it is."""
        return int(self._ask("eth_chainId", [], _NUMBER), 16)

    def code(self, address: bytes) -> bytes:
        """Code that runs at an address; empty if there is none."""
        return bytes.fromhex(self._ask("eth_getCode", [f"0x{address.hex()}", _BLOCK], _BYTES)[2:])

    def storage(self, address: bytes, slot: int) -> int:
        """A word that a contract keeps."""
        return int(self._ask("eth_getStorageAt", [f"0x{address.hex()}", hex(slot), _BLOCK], _WORD), 16)

    def call(self, address: bytes, data: bytes) -> int:
        """The one word that a function answers."""
        call = {"to": f"0x{address.hex()}", "data": f"0x{data.hex()}"}
        return int(self._ask("eth_call", [call, _BLOCK], _WORD), 16)

    def _ask(self, method: str, parameters: list[Any], form: re.Pattern[str]) -> str:
        """A result of a form.

        Raises:
            ExternalError: There is none, or not in time.
        """
        self._asked += 1
        question = {"jsonrpc": "2.0", "id": self._asked, "method": method, "params": parameters}
        said = self._post(json.dumps(question).encode())
        try:
            answer = json.loads(said) if said.count(b"[") + said.count(b"{") <= _BRACKETS else None
        except ValueError:
            raise self._failed(method, "answers what is no JSON") from None
        if not isinstance(answer, dict) or answer.get("id") != self._asked:
            raise self._failed(method, "answers something else than it was asked")
        if (error := answer.get("error")) is not None:
            why = error.get("message") if isinstance(error, dict) else error
            raise self._failed(method, f"refuses: {str(why)[:200]!r}")
        result = answer.get("result")
        if not isinstance(result, str) or not form.fullmatch(result):
            raise self._failed(method, f"answers what cannot be: {str(result)[:80]!r}")
        return result

    def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "daccord"}
        connection = self._connection
        try:
            if connection.sock is None:
                connection.connect()
            with self._in_time(connection.sock):
                connection.request("POST", self._path, body, headers)
                with connection.getresponse() as answer:
                    if answer.status != 200:
                        elsewhere = ", elsewhere, where nobody is followed" if 300 <= answer.status < 400 else ""
                        raise self._failed("it", f"answers {answer.status}{elsewhere}")
                    if answer.headers.get("Content-Encoding", "identity") != "identity":
                        raise self._failed("it", "answers in an encoding that was not asked for")
                    data = answer.read(_LARGEST + 1)
                    if len(data) > _LARGEST:
                        raise self._failed("it", f"answers more than {_LARGEST:,} bytes")
                    if answer.length:
                        raise self._failed("it", "breaks off in the middle of an answer")
                    return data
        except (HTTPException, OSError, ValueError) as error:
            connection.close()
            raise self._failed("it", f"does not answer: {type(error).__name__}") from error
        except ExternalError:
            connection.close()
            raise

    @contextmanager
    def _in_time(self, sock: socket.socket) -> Iterator[None]:
        """Close a socket when the time is over: a byte now and then does not keep us."""
        over = Event()

        def end() -> None:
            over.set()
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

        timer = Timer(self._timeout, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if over.is_set():
                raise self._failed("it", f"does not answer within {self._timeout:g} seconds") from error
            raise
        else:
            if over.is_set():
                raise self._failed("it", f"does not answer within {self._timeout:g} seconds")
        finally:
            timer.cancel()

    def _failed(self, method: str, what: str) -> ExternalError:
        asked = "" if method == "it" else f", asked {method},"
        return ExternalError(f"the node at {self._host}{asked} {what}")
