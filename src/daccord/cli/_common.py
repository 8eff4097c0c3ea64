"""What commands share: the errors' exit codes, progress on stderr, JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

__all__ = ["json_option", "progress", "read_file", "refuse_secret", "stderr", "write_json"]

F = TypeVar("F", bound=Callable[..., Any])

stderr = Console(stderr=True, highlight=False)


def json_option(function: F) -> F:
    """Add `--json`: print one JSON document on stdout instead of text for people."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")(function)


def write_json(document: object) -> None:
    """Print a document as JSON; NaN and infinity are refused, never written."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def refuse_secret(criterion: str) -> None:
    """Refuse to show anything of a criterion whose answers are secret, but for what `daccord decide` publishes.

    Raises:
        RefusedError: It is harm.
    """
    from daccord.errors import RefusedError  # noqa: PLC0415 - the rounds' room loads numpy
    from daccord.round import HARMS  # noqa: PLC0415

    if criterion in HARMS:
        raise RefusedError(
            f"answers on {criterion} are secret: this command singles people out or leaves them out, and what it shows "
            "would tell single answers; `daccord decide` publishes levels"
        )


def read_file(path: Path) -> bytes:
    """Bytes of a file that a person named.

    Raises:
        InputError: There is no such file.
        ExternalError: It cannot be read.
    """
    from daccord.errors import ExternalError, InputError  # noqa: PLC0415

    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError.single(str(path), "there is no such file", remedy="check the path") from None
    except OSError as error:
        raise ExternalError(f"{path} cannot be read: {error.strerror or error}") from error


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
