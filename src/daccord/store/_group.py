"""Group commit: many hand in, one writes, and all who wait for the same fsync share it.

While one batch is being synced, the next one gathers. Nobody is told a position before the batch is on the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Final, Self

from daccord.errors import DaccordError, ExternalError
from daccord.record import LARGEST_LEAF
from daccord.store._writer import LogWriter

__all__ = ["GroupCommit"]


@dataclass(frozen=True)
class _One:
    """An entry, and who waits for its position."""

    entries: Sequence[bytes]
    future: Future[int]

    def tell(self, positions: range) -> None:
        self.future.set_result(positions.start)


@dataclass(frozen=True)
class _Many:
    """Entries that stand in a row, and who waits for their positions."""

    entries: Sequence[bytes]
    future: Future[range]

    def tell(self, positions: range) -> None:
        self.future.set_result(positions)


class GroupCommit:
    """A queue before a writer, usable from threads and from asyncio.

    Args:
        log: The writer; close it after this.
        most: Entries of a batch; more only if they were handed in together.
        waiting: Entries that may wait; one more is refused rather than kept in memory.
    """

    def __init__(self, log: LogWriter, *, most: int = 1024, waiting: int = 8_192) -> None:
        self._log = log
        self._most: Final = most
        self._room = waiting
        self._queue: list[_One | _Many] = []
        self._ready = Condition()
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
        one = _One([entry], Future())
        self._take(one)
        return one.future

    def submit_all(self, entries: Sequence[bytes]) -> Future[range]:
        """Hand in entries that are to stand in a row, e.g. those that a thread has checked; see `submit`.

        They are written in one transaction: all of them or none.

        Returns:
            Their positions, once all of them are on the disk.

        Raises:
            ValueError: One is longer than 65,535 bytes.
            ExternalError: Too many are waiting, or the queue is closed; none was taken.
        """
        many = _Many(list(entries), Future())
        self._take(many)
        return many.future

    def _take(self, item: _One | _Many) -> None:
        if any(len(entry) > LARGEST_LEAF for entry in item.entries):
            raise ValueError(f"an entry has at most {LARGEST_LEAF:,} bytes")
        with self._ready:
            if self._closed:
                raise ExternalError("the log takes no more entries: it is being closed")
            if len(item.entries) > self._room:
                raise ExternalError("the log is too busy: too many entries wait to be written; try later")
            self._room -= len(item.entries)
            self._queue.append(item)
            if len(self._queue) == 1:
                self._ready.notify()

    async def append(self, entry: bytes) -> int:
        """Hand in an entry and wait for its position, from asyncio; raises what `submit` and its future raise.

        Whoever stops waiting does not take the entry back.
        """
        return await asyncio.shield(asyncio.wrap_future(self.submit(entry)))

    def close(self) -> None:
        """Write what waits, then stop; once more does nothing."""
        with self._ready:
            self._closed = True
            self._ready.notify()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _batch(self) -> list[_One | _Many]:
        """All who wait now, at most a batch; nobody once the queue is closed and empty."""
        with self._ready:
            while not self._queue and not self._closed:
                self._ready.wait()
            count = taken = 0
            while taken < len(self._queue) and (count == 0 or count + len(self._queue[taken].entries) <= self._most):
                count += len(self._queue[taken].entries)
                taken += 1
            found, self._queue = self._queue[:taken], self._queue[taken:]
            self._room += count
            return found

    def _run(self) -> None:
        while batch := self._batch():
            batch = [item for item in batch if item.future.set_running_or_notify_cancel()]
            try:
                positions = self._log.append([entry for item in batch for entry in item.entries])
            except DaccordError as error:
                for item in batch:
                    item.future.set_exception(error)
            except Exception as error:  # noqa: BLE001 - nobody may wait for ever, whatever happened
                fault = ExternalError(f"the entries could not be written: {error}")
                fault.__cause__ = error
                for item in batch:
                    item.future.set_exception(fault)
            else:
                at = 0
                for item in batch:
                    item.tell(positions[at : at + len(item.entries)])
                    at += len(item.entries)
