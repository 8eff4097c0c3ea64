"""Routes: the page, the planner's split, the settings as a world file, and how far a run has got."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from litestar import Litestar, Request, Response, Router, get
from litestar.datastructures import ResponseHeader, State
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.types import Message, Scope

from daccord.errors import InputError
from daccord.formats.worlds import WorldFile, world_toml
from daccord.web.explore._desk import BusyError, Desk, SupersededError, Turn
from daccord.web.explore._export import file_of
from daccord.web.explore._form import Reading, Settings
from daccord.web.explore._page import POLICY, page_of, plain_page
from daccord.web.explore._run import Explorer, Run

__all__ = ["LOOPBACK", "app_of", "router_of"]

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
"""Names under which this machine is reached from itself."""

HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
_READER: Final = "x-daccord-reader"
"""Header with a name that a page's script makes up, so that its newer question replaces its older one."""

AnyRequest = Request[Any, Any, State]


def router_of(explorer: Explorer, path: str = "/") -> Router:
    """The routes of one file, to be mounted anywhere.

    Args:
        explorer: The file and its runs.
        path: Where.
    """
    base = "" if path == "/" else path.rstrip("/")
    paths = {"page": base or "/", **{name: f"{base}/{end}" for name, end in _ENDS.items()}}
    desk = Desk()

    def read(request: AnyRequest) -> Reading:
        return explorer.form.read(request.scope["query_string"].decode("latin-1"))

    def refuse(reading: Reading) -> Response[str]:
        return _html(page_of(explorer, reading, paths=paths), 400)

    def attempt(
        request: AnyRequest, reading: Reading, work: Callable[[Turn, Settings], Response[Any]]
    ) -> Response[Any]:
        """Do work that takes time, in turn; what can go wrong becomes a page."""
        assert reading.settings is not None
        reader = request.headers.get(_READER)
        try:
            with desk.turn(reader[:64] if reader else None) as turn:
                return work(turn, reading.settings)
        except SupersededError:
            return _html(plain_page("Superseded", "A newer question of yours is being answered."), 409)
        except BusyError:
            trouble = "Too many runs are waiting. Nothing was run; try again in a few seconds."
            page = _html(page_of(explorer, reading, trouble=trouble, paths=paths), 503)
            page.headers["retry-after"] = "3"
            return page
        except InputError as error:
            trouble = "; ".join(f"{problem.message} ({problem.remedy})" for problem in error.problems)
            return _html(page_of(explorer, reading, trouble=f"These settings do not go together: {trouble}.",
                                 paths=paths), 400)  # fmt: skip

    @get("/", sync_to_thread=True, name="explore:page")
    def page(request: AnyRequest) -> Response[Any]:
        reading = read(request)
        if reading.settings is None:
            return refuse(reading)

        def work(turn: Turn, settings: Settings) -> Response[Any]:
            wanted = {settings, explorer.form.own, *([reading.before] if reading.before else [])}
            turn.of = explorer.steps * len(wanted)
            runs: dict[Settings, Run] = {}
            for one in (settings, explorer.form.own, reading.before):
                if one is not None and one not in runs:
                    runs[one] = explorer.run(one, turn)
            before = runs[reading.before] if reading.before else None
            return _html(
                page_of(explorer, reading, run=runs[settings], before=before, own=runs[explorer.form.own], paths=paths)
            )

        return attempt(request, reading, work)

    @get("/best", sync_to_thread=True, name="explore:best")
    def best(request: AnyRequest) -> Response[Any]:
        reading = read(request)
        if reading.settings is None:
            return refuse(reading)

        def work(turn: Turn, settings: Settings) -> Response[Any]:
            turn.step()
            link = explorer.form.link(explorer.best(settings), before=reading.before or settings)
            return Redirect(f"{paths['page']}?{link}", status_code=303)

        return attempt(request, reading, work)

    @get("/world.toml", sync_to_thread=True, name="explore:file")
    def world_file(request: AnyRequest) -> Response[Any]:
        reading = read(request)
        if reading.settings is None:
            return refuse(reading)

        def work(turn: Turn, settings: Settings) -> Response[Any]:
            turn.step()
            text = world_toml(file_of(explorer, settings))
            name = {"content-disposition": 'attachment; filename="world.toml"'}
            return Response(text, media_type="application/toml; charset=utf-8", headers=name)

        return attempt(request, reading, work)

    @get("/progress", sync_to_thread=False, name="explore:progress")
    def progress(request: AnyRequest) -> dict[str, int]:
        done, of = desk.progress(request.headers.get(_READER, "")[:64])
        return {"done": done, "of": of}

    headers = [ResponseHeader(name=name, value=value) for name, value in HEADERS.items()]
    return Router(
        path, route_handlers=[page, best, world_file, progress], include_in_schema=False, response_headers=headers
    )


_ENDS: Final = {"best": "best", "file": "world.toml", "progress": "progress"}


def app_of(file: WorldFile, worlds: int, seed: int | None, hosts: Iterable[str]) -> Litestar:
    """The application.

    Args:
        file: The world file.
        worlds: Most worlds of a run.
        seed: Where randomness starts; the study's if None.
        hosts: Names, beside this machine's own, under which it may be asked.
    """
    allowed = {name.lower() for name in (*LOOPBACK, *hosts)}

    def known(request: AnyRequest) -> Response[str] | None:
        host = request.headers.get("host", "").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name in allowed:
            return None
        return _html(plain_page("Not here", "This page is served under another name."), 421)

    return Litestar(
        [router_of(Explorer(file, worlds, seed))],
        before_request=known,
        before_send=[_protect],
        exception_handlers={HTTPException: _trouble},
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _trouble(_: AnyRequest, error: HTTPException) -> Response[str]:
    text = {404: "There is no such page here.", 405: "This page can only be looked at."}
    return _html(plain_page("Not found", text.get(error.status_code, "This cannot be answered.")), error.status_code)


def _html(text: str, status: int = 200) -> Response[str]:
    return Response(text, status_code=status, media_type="text/html")


async def _protect(message: Message, _: Scope) -> None:
    """Security headers on every answer, errors included."""
    if message["type"] == "http.response.start":
        given = {name.lower() for name, _ in message["headers"]}
        own = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in given]
        message["headers"] = [*message["headers"], *own]
