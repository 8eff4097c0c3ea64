"""A node on loopback that answers from a real EVM, and nodes that misbehave. Used by the tests of the step `chain`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import boa

CHAIN = 31_337


def answer(method: str, parameters: list[Any]) -> str:
    """What a node says, from the EVM."""
    if method == "eth_chainId":
        return hex(CHAIN)
    if method == "eth_getCode":
        address, block = parameters
        assert block == "latest"
        return "0x" + boa.env.get_code(address).hex()
    if method == "eth_getStorageAt":
        address, slot, block = parameters
        assert block == "latest"
        return "0x" + boa.env.get_storage(address, int(slot, 16)).to_bytes(32, "big").hex()
    if method == "eth_call":
        call, block = parameters
        assert block == "latest"
        with boa.env.anchor():
            done = boa.env.execute_code(call["to"], data=bytes.fromhex(call["data"][2:]), is_modifying=False)
        assert not done.is_error
        return "0x" + done.output.hex()
    raise AssertionError(f"nobody asks {method}")


class Handler(BaseHTTPRequestHandler):
    """POST a question, get an answer; the server's `change` may put another in its place."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(question["method"])  # type: ignore[attr-defined]
        document = {"jsonrpc": "2.0", "id": question["id"], "result": answer(question["method"], question["params"])}
        self.server.change(self, question, document)  # type: ignore[attr-defined]

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


Change = Callable[[Handler, dict[str, Any], dict[str, Any]], None]


def honest(handler: Handler, _question: dict[str, Any], document: dict[str, Any]) -> None:
    """As the EVM says."""
    handler.say(json.dumps(document).encode())


class Quiet(HTTPServer):
    """Whoever hangs up is nothing to write about."""

    asked: list[str]

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def node(change: Change = honest) -> Iterator[tuple[str, list[str]]]:
    """The address of a node, and what it was asked."""
    with Quiet(("127.0.0.1", 0), Handler) as server:
        server.asked, server.change = [], change  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/key-in-the-path?secret=1", server.asked
        finally:
            server.shutdown()
            thread.join()


def slowly(handler: Handler, _question: dict[str, Any], document: dict[str, Any]) -> None:
    """A byte now and then, so that no single wait is long."""
    body = json.dumps(document).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    for byte in body:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.2)


def slow_head(handler: Handler, _question: dict[str, Any], _document: dict[str, Any]) -> None:
    """Headers without end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(40):
        handler.wfile.write(b"X-%d: 1\r\n" % number)
        handler.wfile.flush()
        time.sleep(0.2)
