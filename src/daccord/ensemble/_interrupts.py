"""Ctrl-c as a request: the first one is kept, the second one ends the program as ever."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interrupts"]


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Within, ctrl-c is only noted; what is given says whether it came.

    Elsewhere than in the main thread, or where the program has a handler of its own, nothing is changed.
    """
    came = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        came.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield came.is_set
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
