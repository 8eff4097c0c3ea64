"""Toy tasks and a small study for tests of ensembles; they are at the top of a module so that workers find them."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from daccord.ensemble import Ensemble, PoolExecutor, SerialExecutor, Task, run_study
from daccord.errors import ConvergenceError, InputError
from daccord.futures.lab import Constitution, Market
from daccord.futures.study import ScenarioClass, Study
from daccord.futures.world import Quantity, Risk, Role, Technology, Welfare, World, fixed, interval, share

STUDY = Study(
    World(
        (
            Technology("machine", interval(3, 15), spending=50.0, lift=fixed(0.8), transition=share(0.05, 0.6)),
            Technology("alignment", interval(4, 20), spending=5.0, elasticity=fixed(0.5)),
        ),
        (Risk("plague", interval(0.0005, 0.005)),),
        (Role("makes_safe", "alignment", "machine", share(0.2, 0.9)),),
        horizon=20.0,
    ),
    10.0,
    {"no steering": Constitution(), "market": Market()},
    classes=(
        ScenarioClass("leaky", {"leak": Quantity(0.05, 0.2, "uniform")}),
        ScenarioClass("fast", {"world.arrival": Quantity(0.3, 0.9, "uniform")}),
    ),
    values=(Welfare(), Welfare(gamma=1.0)),
    scenarios=4,
    worlds=6,
)  # fmt: skip
"""4 grounds, 8 scenarios, 4 gaps."""
ALL = 16


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


def played(folder: Path | None = None, study: Study = STUDY, stop_after: int = 10**6, **options: bool) -> Ensemble:
    """The study in this process, stopped after so many results."""
    count = 0

    def tell(_done: int, _total: int, _what: str) -> None:
        nonlocal count
        count += 1

    return run_study(study, SerialExecutor(), folder=folder, tell=tell, cancel=lambda: count >= stop_after, **options)


def main() -> None:
    """Play the study on a pool in a folder, and say so after every piece; for a process that is going to be stopped."""

    def tell(done: int, total: int, _what: str) -> None:
        sys.stdout.write(f"{done} {total}\n")
        sys.stdout.flush()

    found = run_study(STUDY, PoolExecutor(int(sys.argv[2])), folder=Path(sys.argv[1]), tell=tell)
    sys.stdout.write(f"missing {found.missing}\n")


if __name__ == "__main__":
    main()
