"""Turns: few runs at once, newer questions of a reader before older ones, and no queue without end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

__all__ = ["BusyError", "Desk", "SupersededError", "Turn"]


class SupersededError(Exception):
    """The same reader has asked something newer."""


class BusyError(Exception):
    """Too many are waiting."""


class Turn:
    """One question's way through the desk.

    Attributes:
        done: Steps done.
        of: Steps in all; 0 until it begins.
    """

    def __init__(self) -> None:
        self.done = 0
        self.of = 0
        self._over = False

    @property
    def superseded(self) -> bool:
        """Whether the same reader has asked something newer."""
        return self._over

    def supersede(self) -> None:
        """A newer question has come."""
        self._over = True

    def step(self) -> None:
        """One step further.

        Raises:
            SupersededError: There is no use in going on.
        """
        if self._over:
            raise SupersededError
        self.done += 1


class Desk:
    """Gives turns.

    Args:
        slots: Runs at the same time.
        waiting: Most that may wait.
    """

    def __init__(self, slots: int = 1, waiting: int = 8) -> None:
        self._free = slots
        self._most = waiting
        self._waiting = 0
        self._latest: dict[str, Turn] = {}
        self._change = Condition()

    @contextmanager
    def turn(self, reader: str | None = None) -> Iterator[Turn]:
        """Wait for a turn and hold it.

        Args:
            reader: Whose question; an older one of the same reader, waiting or running, is given up.

        Raises:
            BusyError: Too many are waiting.
            SupersededError: A newer question came while this one waited.
        """
        mine = Turn()
        with self._change:
            if reader is not None:
                if reader in self._latest:
                    self._latest[reader].supersede()
                self._latest[reader] = mine
                self._change.notify_all()
            try:
                self._wait(mine)
            except BaseException:
                self._forget(reader, mine)
                raise
            self._free -= 1
        try:
            yield mine
        finally:
            with self._change:
                self._free += 1
                self._forget(reader, mine)
                self._change.notify_all()

    def _wait(self, mine: Turn) -> None:
        if self._free:
            return
        if self._waiting >= self._most:
            raise BusyError
        self._waiting += 1
        try:
            self._change.wait_for(lambda: mine.superseded or self._free > 0)
        finally:
            self._waiting -= 1
        if mine.superseded:
            raise SupersededError

    def _forget(self, reader: str | None, mine: Turn) -> None:
        if reader is not None and self._latest.get(reader) is mine:
            del self._latest[reader]

    def progress(self, reader: str) -> tuple[int, int]:
        """Steps done and steps in all of a reader's latest question; (0, 0) if it waits or there is none."""
        turn = self._latest.get(reader)
        return (turn.done, turn.of) if turn is not None else (0, 0)
