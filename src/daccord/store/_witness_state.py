"""What a witness has cosigned, in one SQLite file, and the one step that checks and stores."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final, Self

from daccord.errors import ExternalError
from daccord.record.keys import Signer
from daccord.record.witness import Answer, Seen, WitnessState, answer
from daccord.store._database import WriterLock, open_writer, outside, transaction

__all__ = ["Witness", "WitnessFile"]

_KIND: Final = 0x64616C77
_VERSION: Final = 1
_SCHEMA: Final = "CREATE TABLE seen (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL) STRICT"
_TRIES: Final = 8


class WitnessFile:
    """The heads that a witness cosigned last.

    Args:
        path: The file; made if it is missing. One process at a time.

    Raises:
        ExternalError: Another process has it, or the disk or the database refuses.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock, self._broken = Lock(), False
        self._writing = WriterLock(self.path)
        try:
            self._connection, _ = open_writer(self.path, _KIND, _VERSION, _SCHEMA)
            self._writing.pin()
        except BaseException:
            self._writing.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; once more does nothing."""
        with self._lock:
            self._connection.close()
            self._writing.release()

    def seen(self, origin: str) -> Seen:
        """The head of a log that was cosigned last; the empty tree if none was."""
        with self._lock, outside(f"{self.path}: cannot be read"):
            row = self._connection.execute("SELECT size, root FROM seen WHERE origin = ?", (origin,)).fetchone()
        return Seen(*row) if row else Seen()

    def swap(self, origin: str, before: Seen, after: Seen) -> bool:
        """Store a head if the one before is still there; returns when it is on the disk.

        Returns:
            Whether it was.

        Raises:
            ExternalError: The disk refused; nothing must be signed, now or later, until the file is opened again.
        """
        with self._lock:
            if self._broken:
                raise ExternalError(f"{self.path}: a write failed before; open the file again")
            try:
                with outside(f"{self.path}: the head could not be stored"), transaction(self._connection):
                    if before == Seen():
                        self._connection.execute(
                            "INSERT INTO seen VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                            (origin, before.size, before.root),
                        )
                    swapped = self._connection.execute(
                        "UPDATE seen SET size = ?, root = ? WHERE origin = ? AND size = ? AND root = ?",
                        (after.size, after.root, origin, before.size, before.root),
                    )
                self._writing.check()
            except BaseException:
                self._broken = True
                raise
        return swapped.rowcount == 1


class Witness:
    """A witness: answers requests, and stores before it answers. Safe to call from several threads.

    Args:
        state: Who it is and which logs it knows.
        signer: Its key.
        file: What it has seen.
        clock: Seconds since 1970.
    """

    def __init__(
        self, state: WitnessState, signer: Signer, file: WitnessFile, clock: Callable[[], float] = time.time
    ) -> None:
        self._state, self._signer, self._file, self._clock = state, signer, file, clock

    def answer(self, request: bytes) -> Answer:
        """Answer a request; where the answer is a cosignature, the head is on the disk.

        Two requests from the same old size may be checked at once. Only the first finds what it was checked against
        when it stores; the other is then answered anew, and learns the new size.

        Raises:
            ExternalError: The disk or the key refused; there is no answer.
        """
        origin = _origin(request)
        for _ in range(_TRIES):
            seen = {origin: self._file.seen(origin)} if origin in self._state.logs else {}
            made = answer(self._state, self._signer, seen, request, int(self._clock()))
            if made.before is None or made.after is None:
                return made
            if self._file.swap(made.origin, made.before, made.after):
                return made
        raise ExternalError(f"the log {origin!r} asks faster than its heads can be stored")


def _origin(request: bytes) -> str:
    """Which log a request is about, as far as can be told; what is malformed is refused by the witness itself."""
    first, _, _ = request.partition(b"\n\n")[2].partition(b"\n")
    return first.decode("utf-8", "replace")
