"""Serving with uvicorn: on this machine unless said otherwise."""

from __future__ import annotations

import ipaddress
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from litestar import Litestar

from daccord.errors import ExternalError, InputError

__all__ = ["in_address", "is_loopback", "serve_until_stopped"]


def is_loopback(host: str) -> bool:
    """Whether an address reaches only this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def in_address(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


class _Server(uvicorn.Server):
    """Tells when it can be reached."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()


def serve_until_stopped(
    app: Litestar,
    host: str,
    port: int,
    names: tuple[str, ...],
    *,
    open_browser: bool,
    tell: Callable[[str], None] | None,
) -> None:
    """Serve an application until it is interrupted.

    Args:
        app: The application.
        host: Address to listen on.
        port: Port; 0 for any that is free.
        names: Under which others may ask; empty if nobody else may.
        open_browser: Whether to open the page.
        tell: Told the address.

    Raises:
        ExternalError: The port is taken, or there is no such address.
        InputError: Others could reach it, and nobody said that they may.
    """
    if not is_loopback(host) and not names:
        raise InputError.single(
            "explore",
            f"{host} can be reached from other machines, and the page has no log-in",
            column="host",
            remedy="use 127.0.0.1, or say under which names others may ask for it",
        )
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ExternalError(f"cannot listen on {host}, port {port}: {error.strerror}; use another port") from error
    with listening:
        found = listening.getsockname()[1]
        name = host if is_loopback(host) else names[0]
        url = f"http://{in_address(name)}:{found}/"

        def ready() -> None:
            if tell is not None:
                tell(url)
            if open_browser:
                webbrowser.open(url)

        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, lifespan="off", limit_concurrency=64
        )
        with suppress(KeyboardInterrupt):  # the way to end it
            _Server(config, ready).run(sockets=[listening])
