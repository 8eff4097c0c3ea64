"""Reading an exported log back, from a folder or from below an address.

Nothing that comes from there is believed: the caller compares roots and signatures. What is seen to here is that only
files of a log are asked for, only below the given place, with limits on size and time, and without following anybody
elsewhere.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from daccord.errors import ExternalError, InputError, IntegrityError
from daccord.record.log import HASH, WIDTH, Checkpoint, TileTree, bundle, node_hash, tile_path, unbundle

__all__ = ["OPENER", "FolderPlace", "LogCopy", "Place", "UrlPlace", "largest_size", "read_limited"]

_NUMBER = r"(?:x[0-9]{3}/)*[0-9]{3}"
_PATH: Final = re.compile(
    rf"checkpoint|tile/(?P<kind>entries|[0-9]|[1-5][0-9]|6[0-3])/{_NUMBER}(?P<part>\.p/[0-9]{{1,3}})?"
)
_CHUNK: Final = 1 << 16
_BUNDLE: Final = WIDTH * (2 + 0xFFFF)


def largest_size(path: str) -> int:
    """Bytes that a file of a log can have."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise IntegrityError(f"{path!r} is no file of a log")
    return {"entries": _BUNDLE, None: 1 << 16}.get(match["kind"], WIDTH * HASH)


class Place(Protocol):
    """Where an exported log lies."""

    def read(self, path: str) -> bytes | None:
        """Bytes of a file of the log; None if it is not there.

        Raises:
            ExternalError: It could not be read.
            IntegrityError: It is longer than such a file can be.
        """


class FolderPlace:
    """A folder.

    Args:
        folder: Its path.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)

    def __str__(self) -> str:
        return str(self._folder)

    def read(self, path: str) -> bytes | None:
        """Bytes of a file; see `Place`."""
        largest = largest_size(path)
        try:
            if not (self._folder / path).is_file():  # a pipe or a device could keep us for ever
                return None
            with (self._folder / path).open("rb") as file:
                data = file.read(largest + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ExternalError(f"{self._folder / path}: cannot be read: {error.strerror}") from error
        if len(data) > largest:
            raise IntegrityError(f"{path}: longer than the {largest:,} bytes that such a file can have")
        return data


class _NowhereElse(HTTPRedirectHandler):
    """A log's host does not choose what else is asked for."""

    def redirect_request(self, *_: object) -> None:
        return None


OPENER: Final = build_opener(_NowhereElse)


class _Stream(Protocol):
    def read1(self, size: int, /) -> bytes: ...


def read_limited(stream: _Stream, largest: int, deadline: float, what: str) -> bytes:
    """Read an answer to its end, within a size and a time.

    Args:
        stream: The answer.
        largest: Bytes.
        deadline: As `time.monotonic` counts.
        what: Named in errors.
    """
    parts, size = [], 0
    while part := stream.read1(_CHUNK):
        size += len(part)
        if size > largest:
            raise IntegrityError(f"{what}: longer than the {largest:,} bytes that such a file can have")
        if time.monotonic() > deadline:
            raise ExternalError(f"{what}: not read to its end in time")
        parts.append(part)
    return b"".join(parts)


class UrlPlace:
    """A web address below which a log lies.

    Args:
        prefix: Begins with `http://` or `https://`; without user, query or fragment.
        timeout: Seconds for each file.

    Raises:
        InputError: It is no such address.
    """

    def __init__(self, prefix: str, *, timeout: float = 10.0) -> None:
        try:
            parts = urlsplit(prefix)
            plain = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            plain = False
        if not plain or not prefix.isascii() or not prefix.isprintable() or re.search(r"[?#@\\ ]", prefix):
            raise InputError.single(
                prefix, "no web address of a log", remedy="write http(s)://host/path, without user, query or fragment"
            )
        self._prefix, self._timeout = prefix.rstrip("/") + "/", timeout

    def __str__(self) -> str:
        return self._prefix

    def read(self, path: str) -> bytes | None:
        """Bytes of a file; see `Place`."""
        largest, what = largest_size(path), self._prefix + path
        deadline = time.monotonic() + self._timeout
        request = Request(  # noqa: S310 - the scheme was checked
            what, headers={"Accept-Encoding": "identity", "User-Agent": "daccord"}
        )
        try:
            with OPENER.open(request, timeout=self._timeout) as answer:
                if answer.headers.get("Content-Encoding", "identity") != "identity":
                    raise IntegrityError(f"{what}: comes in an encoding that was not asked for")
                data = read_limited(answer, largest, deadline, what)
                if len(data) != int(answer.headers.get("Content-Length", len(data))):
                    raise ExternalError(f"{what}: the answer is cut off")
                return data
        except HTTPError as error:
            error.close()
            if error.code in (404, 410):
                return None
            raise ExternalError(f"{what}: the host answered {error.code}") from error
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise ExternalError(f"{what}: cannot be read: {error}") from error


class LogCopy:
    """An exported log.

    Args:
        place: Where it lies.
    """

    def __init__(self, place: Place) -> None:
        self._place = place

    def checkpoint(self) -> bytes:
        """The checkpoint that is shown; not checked.

        Raises:
            IntegrityError: There is none.
        """
        data = self._place.read("checkpoint")
        if data is None:
            raise IntegrityError(f"{self._place}: there is no checkpoint")
        return data

    def fetch(self, path: str) -> bytes:
        """Bytes of a tile or bundle; the beginning of the whole one where a part is not there any more.

        Raises:
            IntegrityError: Neither is there.
        """
        data = self._place.read(path)
        whole, _, width = path.partition(".p/")
        if data is None and width:
            data = self._place.read(whole)
            if data is not None and whole.startswith("tile/entries/"):
                return bundle(unbundle(data, WIDTH)[: int(width)])
            if data is not None:
                return data[: int(width) * HASH]
        if data is None:
            raise IntegrityError(f"{self._place}: {path} is missing")
        return data

    def tree(self, head: Checkpoint) -> TileTree:
        """The tree of a checkpoint, its root compared.

        Raises:
            IntegrityError: The tiles do not give the root.
        """
        tree = TileTree(head.size, self.fetch)
        if tree.root() != head.root:
            raise IntegrityError(f"{self._place}: the tiles do not give the root of the tree of {head.size}")
        return tree

    def entries(self, head: Checkpoint) -> Iterator[bytes]:
        """All entries of the tree of a checkpoint, in order; each is checked against the tree before it is given.

        Raises:
            IntegrityError: An entry, a tile or the root is not what it should be; the message names it.
        """
        tree = self.tree(head)
        for number in range(-(-head.size // WIDTH)):
            for level in reversed(range(8)):
                if number % WIDTH**level == 0:
                    self._check_whole(tree, level, number // WIDTH**level)
            yield from tree.entries(number)

    def _check_whole(self, tree: TileTree, level: int, number: int) -> None:
        """A whole tile gives the hash that stands for it a level higher; those at the edge give the root itself."""
        size = WIDTH ** (level + 1)
        first, half = number * size, size // 2
        if first + size > tree.size:
            return
        if node_hash(tree.subtree(first, half), tree.subtree(first + half, half)) != tree.subtree(first, size):
            raise IntegrityError(f"{self._place}: {tile_path(level, number)} is not the one in the tree")
