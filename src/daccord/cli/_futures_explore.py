"""`daccord futures explore`: a page on this machine that runs small ensembles again."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["explore"]


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="0 takes a free one.")
@click.option("--worlds", type=click.IntRange(16, 4096), default=512, show_default=True, help="In each run.")
@click.option("--open/--no-open", "browser", default=False, help="Open the page in a browser.")
def explore(*, path: Path, port: int, worlds: int, browser: bool) -> None:
    """Serve a page on which the world of FILE can be changed and run again.

    Only this machine can reach it. Money, values, conditions and weights are set on the page; a link holds them. Ctrl-c
    ends it.
    """
    from daccord.formats.worlds import load_world  # noqa: PLC0415 - what computes loads only when it is used
    from daccord.web.explore import serve  # noqa: PLC0415

    file = load_world(path)
    serve(file, port=port, worlds=worlds, open_browser=browser, tell=click.echo)
