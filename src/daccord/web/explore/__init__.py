"""The explorer: one world file as a page on this machine, where settings are changed and a small ensemble runs again.

Needs the extra `web`. `docs/futures/explore.md` says what is on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from daccord.errors import ExternalError

if TYPE_CHECKING:
    from litestar import Litestar, Router

    from daccord.formats.worlds import WorldFile

__all__ = ["create_app", "create_router", "serve"]


def create_app(file: WorldFile, *, worlds: int = 512, seed: int | None = None, hosts: Iterable[str] = ()) -> Litestar:
    """The explorer of a world file as an ASGI application.

    Args:
        file: The world file.
        worlds: Most worlds of a run, and how many there are at first; at least 2.
        seed: Where randomness starts; the study's if None.
        hosts: Names, beside this machine's own, under which it may be asked. There is no log-in: whoever reaches it
            can use it.

    Raises:
        ExternalError: The extra `web` is not installed.
        InputError: The world is refused.
    """
    try:
        from daccord.web.explore._app import app_of  # noqa: PLC0415 - only this page needs the extra
    except ImportError as error:
        raise _missing(error) from error
    return app_of(file, worlds, seed, hosts)


def create_router(file: WorldFile, path: str = "/", *, worlds: int = 512, seed: int | None = None) -> Router:
    """The explorer's routes alone, to be mounted beside other pages.

    Whoever mounts them says under which hosts the application answers.

    Args:
        file: The world file.
        path: Where, such as `/worlds/first`.
        worlds: As for `create_app`.
        seed: As for `create_app`.

    Raises:
        ExternalError: The extra `web` is not installed.
        InputError: The world is refused.
    """
    try:
        from daccord.web.explore._app import router_of  # noqa: PLC0415 - only this page needs the extra
        from daccord.web.explore._run import Explorer  # noqa: PLC0415 - as above
    except ImportError as error:
        raise _missing(error) from error
    return router_of(Explorer(file, worlds, seed), path)


def serve(
    file: WorldFile,
    host: str = "127.0.0.1",
    port: int = 8321,
    open_browser: bool = False,
    *,
    worlds: int = 512,
    seed: int | None = None,
    hosts: Iterable[str] = (),
    tell: Callable[[str], None] | None = None,
) -> None:
    """Serve the explorer until it is interrupted.

    Args:
        file: The world file.
        host: Address to listen on. Any but this machine's own is refused unless `hosts` says under which names it may
            be asked.
        port: Port; 0 for any that is free.
        open_browser: Whether to open it in the reader's browser.
        worlds: As for `create_app`, and so on.
        seed: As for `create_app`.
        hosts: As for `create_app`.
        tell: Told the address once it can be opened.

    Raises:
        ExternalError: The extra `web` is not installed, or the port is taken.
        InputError: The world, or the host, is refused.
    """
    try:
        from daccord.web.explore._serve import in_address, is_loopback, serve_until_stopped  # noqa: PLC0415 - only this page needs the extra
    except ImportError as error:
        raise _missing(error) from error
    names = tuple(hosts)
    own = (in_address(host),) if is_loopback(host) else ()
    app = create_app(file, worlds=worlds, seed=seed, hosts=(*names, *own))
    serve_until_stopped(app, host, port, names, open_browser=open_browser, tell=tell)


def _missing(error: ImportError) -> ExternalError:
    return ExternalError(
        f"the explorer needs {error.name or 'a library'}, which is not installed: install daccord[web]"
    )
