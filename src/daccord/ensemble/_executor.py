"""What an executor is: tasks in, results out as they finish, each under its key.

A task is `function(shared, *arguments)`, with a function at the top of an importable module, so that its name is enough
to find it elsewhere. Nothing a task returns may hang on who computes it or when: then results are the same bytes on
every executor, with any number of workers.

*Ends.* If a task raises, no further one is begun, those under way are finished and handed out, and the error is raised
as it was. If a worker dies, its task is tried again elsewhere, at most `RETRIES` times; tasks that end every worker are
named in an `ExternalError` after all others are done. If `stop()` says so, no further task is begun.
"""

from __future__ import annotations

import os
import pickle
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from daccord.errors import DaccordError, ExternalError

__all__ = ["RETRIES", "Executor", "Failure", "SerialExecutor", "Task", "attempt", "lost", "never", "usable_processors"]

RETRIES: Final = 2
"""How often a task is tried again after its worker died."""

SINGLE: Final = dict.fromkeys(
    (
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS",
    ),
    "1",
)  # fmt: skip
"""Environment in which a worker's libraries use one thread: they read it when they are loaded, so it is set before."""


def never() -> bool:
    """Nobody asks to stop."""
    return False


def usable_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Task:
    """One thing to compute.

    Attributes:
        key: Unique in its run.
        function: At the top of an importable module; called with what all tasks share, then `arguments`.
        arguments: Anything that can be pickled.
    """

    key: str
    function: Callable[..., object]
    arguments: tuple[object, ...] = ()


class Executor(ABC):
    """Runs tasks. As a context, it keeps its workers until the outermost `with` ends; else call `close`."""

    workers: int = 1
    _entered: int = 0

    @abstractmethod
    def run(
        self, tasks: Iterable[Task], shared: object = None, stop: Callable[[], bool] = never
    ) -> Iterator[tuple[str, Any]]:
        """Run tasks, and give results in the order in which they finish.

        Args:
            tasks: Read as workers become free.
            shared: First argument of every task; brought to each worker once.
            stop: Asked before a task is begun; once it says so, what is under way is finished and the run ends.

        Yields:
            Key and result.

        Raises:
            DaccordError: As a task raised it.
            ExternalError: Tasks ended their workers.
        """

    def close(self) -> None:  # noqa: B027 - not every executor has workers
        """End the workers. The next run starts others."""

    def __enter__(self) -> Self:
        self._entered += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered -= 1
        if not self._entered:
            self.close()


class SerialExecutor(Executor):
    """One task after the other, in this process."""

    def run(
        self, tasks: Iterable[Task], shared: object = None, stop: Callable[[], bool] = never
    ) -> Iterator[tuple[str, Any]]:
        """Run tasks in their order."""
        for task in tasks:
            if stop():
                return
            yield task.key, task.function(shared, *task.arguments)


@dataclass(frozen=True)
class Failure:
    """An exception on its way from a worker, with the worker's traceback.

    Attributes:
        packed: Class, arguments and attributes, pickled; None if they cannot be.
        trace: As Python prints it.
    """

    packed: bytes | None
    trace: str

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Pack an exception. Python's own way calls the class with the message alone, which ours do not take."""
        trace = "".join(traceback.format_exception(error))
        try:
            packed = pickle.dumps((type(error), error.args, error.__dict__))
            pickle.loads(packed)  # noqa: S301 - made one line above
        except Exception:  # noqa: BLE001 - whatever does not pickle is told by its traceback
            return cls(None, trace)
        return cls(packed, trace)

    def error(self, key: str) -> Exception:
        """The exception, to be raised here."""
        if self.packed is None:
            return ExternalError(f"{key} failed in a worker:\n{self.trace}")
        kind, arguments, state = pickle.loads(self.packed)  # noqa: S301 - from a worker of our own
        error: Exception = kind.__new__(kind, *arguments)
        error.__dict__.update(state)
        if not isinstance(error, DaccordError):
            error.add_note(f"{key} failed in a worker:\n{self.trace}")
        return error


def attempt(function: Callable[..., object], shared: object, arguments: tuple[object, ...]) -> object:
    """Call a function; what it raises comes back as a `Failure`."""
    try:
        return function(shared, *arguments)
    except Exception as error:  # noqa: BLE001 - it is raised again where the run was asked for
        return Failure.of(error)


def lost(keys: Sequence[str], why: str) -> ExternalError:
    """The error that names tasks whose workers died each time."""
    named = ", ".join(sorted(keys)[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
    return ExternalError(
        f"{named}: the worker died each of {RETRIES + 1} times ({why}); everything else was done. "
        "Often memory is short: use fewer workers, or fewer worlds in a scenario"
    )
