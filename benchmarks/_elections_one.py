"""One measurement of an election in a process of its own: python _elections_one.py METHOD FILE [ENDING].

METHOD is `daccord` or a way to call pabutools; the latter run where pabutools is installed (see `elections.py`) and
import nothing of daccord. Prints one JSON object: `seconds` and `cpu_seconds` of the call alone (the median of several
calls if they are short), `winners`, and what else there is to say; or `skipped` with the reason.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONG = 1.0  # seconds after which a call is not repeated
CALLS = 7


def timed(call: Callable[[], Any]) -> tuple[Any, float, float]:
    """What a call returns, and the median seconds that it took, on the clock and of processor time."""
    seconds, cpu = [], []
    result = None
    while len(cpu) < CALLS and sum(seconds) < LONG * CALLS and not (seconds and seconds[0] > LONG):
        begin, used = time.perf_counter(), time.process_time()
        result = call()
        cpu.append(time.process_time() - used)
        seconds.append(time.perf_counter() - begin)
    return result, statistics.median(seconds), statistics.median(cpu)


def daccord(path: Path, ending: str) -> dict[str, Any]:
    """Ours: from ballots in columns, so that gathering equal ballots is in the time."""
    from daccord.allocation.elections import Election, equal_shares  # noqa: PLC0415
    from daccord.formats.pabulib import import_pabulib, read_pabulib  # noqa: PLC0415

    round_ = import_pabulib(read_pabulib(path)).round
    ids, ballots, pot = round_.portfolio.ids, round_.inputs.ballots, round_.budget.amount
    costs = [project.ask or 0 for project in round_.portfolio]
    unit = 10**round_.budget.currency.digits

    def hold() -> Any:  # noqa: ANN401
        election = Election.of(ids, costs, pot, ballots)
        return equal_shares(election, completion="add1", until_full=ending == "full", unit=unit)

    outcome, seconds, cpu = timed(hold)
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "winners": sorted(ids[i] for i in outcome.winners),
        "projects": len(ids),
        "voters": len(ballots.voters),
        "votes": len(ballots),
        "raised": float((outcome.endowment - outcome.election.share) / unit),
    }


def pabutools(path: Path, *, grouped: bool) -> dict[str, Any]:
    """Its method of equal shares with add1, by cost and in exact fractions, on an instance that is read already."""
    import pabutools.fractions  # noqa: PLC0415
    from pabutools.election import Cost_Sat, parse_pabulib  # noqa: PLC0415
    from pabutools.rules import method_of_equal_shares  # noqa: PLC0415

    instance, profile = parse_pabulib(str(path))
    if grouped:
        profile = profile.as_multiprofile()
    outcome, seconds, cpu = timed(
        lambda: method_of_equal_shares(instance, profile, sat_class=Cost_Sat, voter_budget_increment=1)
    )
    winners = sorted(project.name for project in outcome)
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "winners": winners,
        "fractions": pabutools.fractions.FRACTION,
    }


def main() -> None:
    """Measure and print."""
    method, path = sys.argv[1], Path(sys.argv[2])
    if method == "daccord":
        found = daccord(path, sys.argv[3])
    else:
        try:
            found = pabutools(path, grouped=method == "pabutools-grouped")
        except ImportError as error:
            found = {"skipped": str(error)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
