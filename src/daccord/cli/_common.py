"""What commands share: the errors' exit codes, progress on stderr, JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from rich.console import Console

__all__ = ["json_option", "progress", "stderr", "write_json"]

F = TypeVar("F", bound=Callable[..., Any])

stderr = Console(stderr=True, highlight=False)


def json_option(function: F) -> F:
    """Add `--json`: print one JSON document on stdout instead of text for people."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")(function)


def write_json(document: object) -> None:
    """Print a document as JSON; NaN and infinity are refused, never written."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


@contextmanager
def progress(message: str) -> Iterator[Callable[[str], None]]:
    """Show on stderr that something is going on; silent when stderr is not a terminal.

    Args:
        message: What is being done.

    Yields:
        A function that changes the message.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with stderr.status(message) as status:
        yield status.update
