"""A pool of processes, each with a pipe of its own: so a dead worker's task is known, and no other is touched.

Processes are spawned, not forked: nothing of this one's threads, locks or files gets into them. They leave ctrl-c to
this process, use one thread each, and end by themselves when this process does.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from daccord.ensemble._executor import (
    RETRIES,
    SINGLE,
    Executor,
    Failure,
    Task,
    attempt,
    lost,
    never,
    usable_processors,
)
from daccord.errors import ExternalError

__all__ = ["PoolExecutor", "environment"]

_SPAWN: Final = get_context("spawn")
_PATIENCE: Final = 5.0
"""Seconds that a worker without work gets to end by itself."""


class PoolExecutor(Executor):
    """Processes of this machine.

    Args:
        workers: How many; None for one a processor that this process may use.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or usable_processors()
        self._crew: list[_Worker] = []
        self._runs = 0

    def close(self) -> None:
        """End the workers."""
        for worker in self._crew:
            worker.pipe.close()
        while self._crew:
            worker = self._crew.pop()
            worker.end(0.0 if worker.task is not None else _PATIENCE)

    def run(
        self, tasks: Iterable[Task], shared: object = None, stop: Callable[[], bool] = never
    ) -> Iterator[tuple[str, Any]]:
        """Run tasks on free workers; one run of a pool at a time."""
        self._runs += 1
        run = _Run(self, self._runs, pickle.dumps(shared), iter(tasks), stop)
        try:
            while run.hand_out():
                yield from run.collect()
        finally:
            for worker in [worker for worker in self._crew if worker.task is not None]:
                self.drop(worker)  # the run was left: nobody wants what it is at
            if not self._entered:
                self.close()
        run.settle()

    def recruit(self, count: int) -> None:
        """Have up to `count` workers that are free or starting, within the pool's number."""
        free = sum(worker.task is None for worker in self._crew)
        for _ in range(min(count - free, self.workers - len(self._crew))):
            self._crew.append(_Worker())

    def crew(self) -> tuple[_Worker, ...]:
        """The workers there are, oldest first."""
        return tuple(self._crew)

    def drop(self, worker: _Worker) -> int | None:
        """Take a worker out; its exit code."""
        self._crew.remove(worker)
        worker.pipe.close()
        return worker.end(0.0 if worker.task is not None else _PATIENCE)


class _Worker:
    """A process and this end of its pipe."""

    def __init__(self) -> None:
        self.pipe, other = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_work, args=(other,), name="daccord-worker", daemon=True)
        with environment(SINGLE), _without_interrupts():
            self.process.start()
        other.close()
        self.ready = False
        self.knows = 0  # run whose shared object it has
        self.task: Task | None = None

    def end(self, patience: float) -> int | None:
        self.process.join(patience)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        code = self.process.exitcode
        self.process.close()
        return code


class _Run:
    """One run of a pool."""

    def __init__(
        self, pool: PoolExecutor, number: int, shared: bytes, source: Iterator[Task], stop: Callable[[], bool]
    ) -> None:
        self.pool, self.number, self.shared, self.source, self.stop = pool, number, shared, source, stop
        self.waiting: deque[Task] = deque()
        self.deaths: Counter[str] = Counter()
        self.lost: list[str] = []
        self.why = ""
        self.failure: Exception | None = None

    def hand_out(self) -> bool:
        """Give waiting tasks to free workers; whether anything is under way."""
        if self.failure is None and not self.stop():
            self.waiting.extend(islice(self.source, max(0, self.pool.workers - len(self.waiting))))
            self.pool.recruit(len(self.waiting))
            for worker in self.pool.crew():
                if worker.ready and worker.task is None and self.waiting:
                    self._give(worker, self.waiting.popleft())
            return bool(self.waiting) or self._busy()
        return self._busy()

    def _busy(self) -> bool:
        return any(worker.task is not None for worker in self.pool.crew())

    def _give(self, worker: _Worker, task: Task) -> None:
        new = None if worker.knows == self.number else self.shared
        packed = pickle.dumps((task.function, task.arguments))
        try:
            worker.pipe.send((packed, new))
        except OSError:  # it died while it had nothing to do
            self.pool.drop(worker)
            self.waiting.appendleft(task)
        else:
            worker.task, worker.knows = task, self.number

    def collect(self) -> list[tuple[str, Any]]:
        """Wait for workers, and give them more before results are handed on."""
        asked = {worker.pipe: worker for worker in self.pool.crew() if worker.task is not None or not worker.ready}
        found = []
        for pipe in wait(list(asked)) if asked else []:
            worker = asked[pipe]  # type: ignore[index]  # what is waited for are our pipes
            try:
                result = worker.pipe.recv()
            except (EOFError, OSError):
                self._died(worker)
                continue
            task, worker.task = worker.task, None
            if not worker.ready:
                worker.ready = True
            elif task is not None and isinstance(result, Failure):
                self.failure = self.failure or result.error(task.key)
            elif task is not None:
                found.append((task.key, result))
        if found:
            self.hand_out()
        return found

    def _died(self, worker: _Worker) -> None:
        task = worker.task
        code = self.pool.drop(worker)
        told = f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        if task is None:
            self.failure = self.failure or ExternalError(
                f"a worker could not start ({told}): a script that plays ensembles needs "
                'its work below `if __name__ == "__main__":`, because workers load the script too'
            )
            return
        self.deaths[task.key] += 1
        self.why = told
        if self.deaths[task.key] > RETRIES:
            self.lost.append(task.key)
        else:
            self.waiting.append(task)

    def settle(self) -> None:
        """Raise what went wrong."""
        if self.failure is not None:
            raise self.failure
        if self.lost:
            raise lost(self.lost, self.why)


def _work(pipe: Connection) -> None:
    """A worker's life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    shared = None
    ready = False
    while True:
        try:
            if not ready:
                pipe.send(None)
                ready = True
            packed, new = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            shared = shared if new is None else pickle.loads(new)  # noqa: S301 - from the process that started this one
            function, arguments = pickle.loads(packed)  # noqa: S301 - as above
        except Exception as error:  # noqa: BLE001 - told where the run was asked for
            result: object = Failure.of(error)
        else:
            result = attempt(function, shared, arguments)
        try:
            pipe.send(result)
        except OSError:
            return
        except Exception as error:  # noqa: BLE001 - a result that cannot be pickled
            pipe.send(Failure.of(error))


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables that processes started inside inherit."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes started inside do not hear ctrl-c, which a terminal sends to all; here it is heard a moment later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # its own start would let ctrl-c through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
