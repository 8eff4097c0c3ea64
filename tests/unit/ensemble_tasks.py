"""Toy tasks for tests of executors; at the top of a light module, so that workers find them soon."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from daccord.ensemble import Task
from daccord.errors import ConvergenceError, InputError


def square(shared: int, number: int) -> int:
    return shared + number * number


def squares(count: int) -> list[Task]:
    return [Task(f"square {n}", square, (n,)) for n in range(count)]


def settings(_shared: object) -> tuple[int, str | None, str | None]:
    """The process, and how many threads its libraries are told to use."""
    return os.getpid(), os.environ.get("OPENBLAS_NUM_THREADS"), os.environ.get("NUMBA_NUM_THREADS")


def nap(_shared: object, seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def touch(_shared: object, path: str) -> None:
    Path(path).touch()


def wait_for(_shared: object, path: str) -> bool:
    """Until somebody touches it, or half a minute."""
    for _ in range(3000):
        if Path(path).exists():
            return True
        time.sleep(0.01)
    return False


def refuse(_shared: object) -> None:
    raise InputError.single("study", "this is refused", remedy="ask something else")


def unsettled(_shared: object) -> None:
    raise ConvergenceError("a toy", 7, 0.5)


def divide(_shared: object) -> float:
    return 1 / 0


def locked(_shared: object) -> object:
    """A result that cannot be pickled."""
    return threading.Lock()


def die(_shared: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(_shared: object, mark: str) -> str:
    """Kill the worker, unless somebody else was killed here before."""
    try:
        Path(mark).touch(exist_ok=False)
    except FileExistsError:
        return "alive"
    os.kill(os.getpid(), signal.SIGKILL)
    return "dead"
