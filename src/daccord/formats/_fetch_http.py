"""One file over HTTP: resumed where it broke off, retried while that may help, and kept only if its digest is right.

A download grows in `<file>.part` and takes its name only when size and SHA-256 are those promised. What was promised is
known beforehand, so a server is never trusted: not for the length, not for the range it says it sends.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

import daccord
from daccord.errors import ExternalError, IntegrityError

__all__ = ["ATTEMPTS", "NotFoundError", "Progress", "digest_of", "download", "keep"]

ATTEMPTS: Final = 5
"""Failures in a row, without a new byte, after which we give up."""

_TIMEOUT = 30.0  # seconds without a byte
_CHUNK = 1 << 16
_LONGEST_PAUSE = 30.0  # seconds
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Progress = Callable[[int], None]
"""Called with the number of bytes of the file that are there."""


class NotFoundError(ExternalError):
    """The server, or the folder, does not have the file."""


class _BrokenOffError(Exception):
    """The transfer failed in a way that another attempt may mend.

    Args:
        reason: For people.
        pause: Seconds the server asks us to wait; None if it does not say.
    """

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep(part: Path, target: Path, sha256: str, origin: str) -> None:
    """Give a complete download its name, or delete it.

    Raises:
        IntegrityError: Its digest is not the one promised.
    """
    found = digest_of(part)
    if found != sha256:
        part.unlink()
        raise IntegrityError(f"{origin}: SHA-256 is {found}, published is {sha256}; the file was not kept")
    part.replace(target)


def download(
    url: str, target: Path, *, size: int, sha256: str, pause: Callable[[float], None], on_progress: Progress
) -> None:
    """Fetch one file; a `.part` left by an earlier run is continued.

    Args:
        url: Of scheme http or https.
        target: Where it goes; its folder exists.
        size: Bytes it must have.
        sha256: Digest it must have, hexadecimal.
        pause: Waits for some seconds.
        on_progress: Called after each chunk.

    Raises:
        IntegrityError: Size or digest differ; nothing is kept.
        NotFoundError: The server has no such file.
        ExternalError: The network fails for good, the server refuses, or the disk does; what came is kept as `.part`.
    """
    part = target.with_name(target.name + ".part")
    inherited = part.exists()
    _fill(url, part, size, pause, on_progress)
    try:
        keep(part, target, sha256, url)
    except IntegrityError:
        if not inherited:
            raise
        # The beginning came from an earlier run and may be of another file: the server deserves a fresh start.
        _fill(url, part, size, pause, on_progress)
        keep(part, target, sha256, url)


def _fill(url: str, part: Path, size: int, pause: Callable[[float], None], on_progress: Progress) -> None:
    most = failures = 0
    while True:
        try:
            _transfer(url, part, size, on_progress)
        except _BrokenOffError as error:
            got = part.stat().st_size if part.exists() else 0
            # Only bytes we never had count as progress, so that a server which starts over for ever is given up.
            failures = 1 if got > most else failures + 1
            most = max(most, got)
            if failures >= ATTEMPTS:
                text = f"{url}: {error}; gave up after {failures} attempts with {got} of {size} bytes"
                raise ExternalError(f"{text}. Run the command again to go on from there") from error
            pause(min(0.5 * 2 ** (failures - 1) if error.pause is None else error.pause, _LONGEST_PAUSE))
        else:
            return


def _transfer(url: str, part: Path, size: int, on_progress: Progress) -> None:
    """One attempt; on return the part has `size` bytes."""
    start = part.stat().st_size if part.exists() else 0
    if start > size:
        part.unlink()
        start = 0
    if start == size > 0:
        return
    with _open(url, start, part) as response:
        start = _check_answer(url, response, start, size, part)
        try:
            stream = part.open("ab" if start else "wb")
        except OSError as error:
            raise ExternalError(f"{part}: cannot be written: {error.strerror}") from error
        got = start
        with stream:
            while chunk := _read(response, got, size):
                got += len(chunk)
                if got > size:
                    break
                try:
                    stream.write(chunk)
                except OSError as error:
                    raise ExternalError(f"{part}: cannot be written: {error.strerror}") from error
                on_progress(got)
    if got > size:
        _refuse(url, part, f"is longer than the {size} bytes published")
    if got < size:
        raise _BrokenOffError(f"the connection closed after {got} of {size} bytes")


def _open(url: str, start: int, part: Path) -> http.client.HTTPResponse:
    if not url.startswith(("https://", "http://")):
        raise ExternalError(f"{url}: only http and https are supported")
    headers = {"User-Agent": f"daccord/{daccord.__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme is checked above
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310 - likewise
    except urllib.error.HTTPError as error:
        with error:
            _explain(url, error, part)
    except urllib.error.URLError as error:
        raise _BrokenOffError(f"no connection: {error.reason}") from error
    except (http.client.HTTPException, OSError) as error:
        raise _BrokenOffError(f"no answer: {error}") from error
    except ValueError as error:
        raise ExternalError(f"{url}: is not a usable address: {error}") from error
    return response


def _explain(url: str, error: urllib.error.HTTPError, part: Path) -> NoReturn:
    said = f"the server answers {error.code} {error.reason}"
    if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        part.unlink(missing_ok=True)
        raise _BrokenOffError(f"{said} to a request for the rest") from error
    if error.code in _TRANSIENT:
        wait = error.headers.get("Retry-After", "")
        raise _BrokenOffError(said, float(wait) if wait.isascii() and wait.isdigit() else None) from error
    if error.code in {404, 410}:
        raise NotFoundError(f"{url}: {said}; the publisher may have removed it, try --mirror") from error
    raise ExternalError(f"{url}: {said}") from error


def _check_answer(url: str, response: http.client.HTTPResponse, start: int, size: int, part: Path) -> int:
    """Where in the file the answer begins."""
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if match is None or int(match[1]) != start:
            part.unlink(missing_ok=True)
            raise _BrokenOffError("the server sent another part than the one asked for")
        if match[2] not in {"*", str(size)}:
            _refuse(url, part, f"has {match[2]} bytes, published are {size}")
        return start
    if response.status != http.HTTPStatus.OK:
        raise ExternalError(f"{url}: the server answers {response.status} {response.reason}")
    length = response.headers.get("Content-Length")
    if length is not None and length != str(size):
        _refuse(url, part, f"has {length} bytes, published are {size}")
    return 0


def _read(response: http.client.HTTPResponse, got: int, size: int) -> bytes:
    try:
        return response.read(_CHUNK)
    except (http.client.HTTPException, OSError) as error:
        raise _BrokenOffError(f"the connection broke after {got} of {size} bytes: {error}") from error


def _refuse(url: str, part: Path, what: str) -> NoReturn:
    part.unlink(missing_ok=True)
    raise IntegrityError(f"{url}: {what}; the file was not kept")
