"""A small study for tests of ensembles."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from daccord.ensemble import Ensemble, PoolExecutor, SerialExecutor, run_study
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
    # a shell that started the tests in the background may have told them to ignore ctrl-c
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
