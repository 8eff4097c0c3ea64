"""A witness on the web: one address, `POST <any prefix>/add-checkpoint`, and nothing else.

It listens on this machine only unless told otherwise; a web server in front of it does encryption. Bodies and addresses
are not logged: what is logged is the status of each answer.
"""

from __future__ import annotations

import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Thread
from typing import Any, Final, Self

from daccord.errors import DaccordError
from daccord.store._database import outside
from daccord.store._witness_state import Witness

__all__ = ["LARGEST_REQUEST", "WitnessServer"]

LARGEST_REQUEST: Final = 1 << 17
"""Bytes of a request's body."""

_AT_ONCE: Final = 32
_PATIENCE: Final = 10.0
_LOG = logging.getLogger("daccord.store.witness")


class _Handler(BaseHTTPRequestHandler):
    """One request a connection."""

    server: _Server
    timeout = _PATIENCE
    server_version, sys_version = "daccord-witness", ""

    def do_POST(self) -> None:
        """Answer a request to cosign."""
        status, kind, body = self._answer()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)
        _LOG.info("answered %d", status)

    def _answer(self) -> tuple[int, str, bytes]:
        plain = "text/plain; charset=utf-8"
        if not self.path.endswith("/add-checkpoint"):
            return 404, plain, b"there is nothing here\n"
        length = self.headers.get_all("Content-Length", [])
        size = length[0] if len(length) == 1 else ""
        if "Transfer-Encoding" in self.headers or not (size.isascii() and size.isdigit() and len(size) < 10):
            return 411, plain, b"the length of the body is to be said, once\n"
        if int(size) > LARGEST_REQUEST:
            return 413, plain, b"the request is too long\n"
        body = self.rfile.read(int(size))
        if len(body) != int(size):
            return 400, plain, b"the request is cut off\n"
        if not self.server.places.acquire(blocking=False):
            return 503, plain, b"too many requests at once\n"
        try:
            made = self.server.witness.answer(body)
        except DaccordError:
            _LOG.exception("no answer could be given")
            return 500, plain, b"no answer could be given\n"
        finally:
            self.server.places.release()
        return made.status, made.content_type, made.body

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - the library's signature
        """Nothing of what a stranger sent is written anywhere."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness, self.places = witness, BoundedSemaphore(_AT_ONCE)
        super().__init__(address, _Handler)

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no fault of ours."""
        _LOG.info("a connection ended early")


class WitnessServer:
    """Serve a witness, in a thread of its own.

    Args:
        witness: Who answers.
        host: Where to listen; this machine only, unless told otherwise.
        port: 0 for any that is free.

    Raises:
        ExternalError: The port is taken.
    """

    def __init__(self, witness: Witness, host: str = "127.0.0.1", port: int = 0) -> None:
        with outside(f"the witness cannot listen on {host}:{port}"):
            self._server = _Server((host, port), witness)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Address below which it answers."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/"

    def wait(self) -> None:
        """Serve until closed or interrupted."""
        self._thread.join()

    def close(self) -> None:
        """Stop; once more does nothing."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
