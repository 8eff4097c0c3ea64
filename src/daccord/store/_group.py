"""Group commit: many hand in, one writes, and all who wait for the same fsync share it.

While one batch is being synced, the next one gathers. Nobody is told a position before the batch is on the disk.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import Final, Self

from daccord.errors import DaccordError, ExternalError
from daccord.record import LARGEST_LEAF
from daccord.store._writer import LogWriter

__all__ = ["GroupCommit"]

_Waiting = tuple[bytes, "Future[int]"]


class GroupCommit:
    """A queue before a writer, usable from threads and from asyncio.

    Args:
        log: The writer; close it after this.
        most: Entries of a batch.
        waiting: Entries that may wait; one more is refused rather than kept in memory.
    """

    def __init__(self, log: LogWriter, *, most: int = 1024, waiting: int = 8_192) -> None:
        self._log = log
        self._most: Final = most
        self._queue: Queue[_Waiting | None] = Queue(waiting)
        self._closing = Lock()
        self._closed = False
        self._thread = Thread(target=self._run, name="daccord-log-writer", daemon=True)
        self._thread.start()

    def submit(self, entry: bytes) -> Future[int]:
        """Hand in an entry.

        Returns:
            Its position, once it is on the disk. If the disk refuses, the future raises `ExternalError`: whether the
            entry is in the log is then not known, and is to be looked up before it is handed in again.

        Raises:
            ValueError: It is longer than 65,535 bytes.
            ExternalError: Too many are waiting, or the queue is closed; the entry was not taken.
        """
        if len(entry) > LARGEST_LEAF:
            raise ValueError(f"an entry has at most {LARGEST_LEAF:,} bytes")
        future: Future[int] = Future()
        with self._closing:
            if self._closed:
                raise ExternalError("the log takes no more entries: it is being closed")
            try:
                self._queue.put_nowait((entry, future))
            except Full:
                raise ExternalError("the log is too busy: too many entries wait to be written; try later") from None
        return future

    async def append(self, entry: bytes) -> int:
        """Hand in an entry and wait for its position, from asyncio; raises what `submit` and its future raise.

        Whoever stops waiting does not take the entry back.
        """
        return await asyncio.shield(asyncio.wrap_future(self.submit(entry)))

    def close(self) -> None:
        """Write what waits, then stop; once more does nothing."""
        with self._closing:
            first, self._closed = not self._closed, True
        if first:
            self._queue.put(None)
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _batch(self) -> tuple[list[_Waiting], bool]:
        """All who wait now, at most a batch, and whether these are the last."""
        found: list[_Waiting] = []
        item = self._queue.get()
        while item is not None:
            found.append(item)
            if len(found) == self._most:
                return found, False
            try:
                item = self._queue.get_nowait()
            except Empty:
                return found, False
        return found, True

    def _run(self) -> None:
        last = False
        while not last:
            batch, last = self._batch()
            batch = [one for one in batch if one[1].set_running_or_notify_cancel()]
            try:
                positions = self._log.append([entry for entry, _ in batch])
            except DaccordError as error:
                for _, future in batch:
                    future.set_exception(error)
            except Exception as error:  # noqa: BLE001 - nobody may wait for ever, whatever happened
                fault = ExternalError(f"the entries could not be written: {error}")
                fault.__cause__ = error
                for _, future in batch:
                    future.set_exception(fault)
            else:
                for position, (_, future) in zip(positions, batch, strict=True):
                    future.set_result(position)
