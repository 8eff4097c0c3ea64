"""How long `s-process` and `deep` take, and how often a higher curve costs its project money under `s-process`.

    python benchmarks/curves_and_credit.py [--rounds 400] [--json]

Everything is simulated. First table: processor seconds of the money of `s-process` with its trace, for random curves of
three pieces and 100 turns. Second: those of `deep`, for random graphs with shares of 15 digits, in some of which some
projects depend on earlier ones, so that there are circles. Third: small rounds (2 to 5 projects, 1 to 4 jurors, 100 to
10,000 units) in which one curve is raised up to some amount: how often its project gets less by more than one unit,
and the most it lost, as a share of the pot. The figures say nothing about real people.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress

SPEED = (
    (30, 6, 3, 10**9, "mean"),
    (30, 6, 3, 10**24, "mean"),
    (200, 12, 5, 10**9, "mean"),
    (200, 12, 5, 10**9, "delegates"),
)
GRAPHS = ((5_000, 3, 0.0), (5_000, 3, 0.2), (50_000, 5, 0.0))
MONOTONE = (
    (1, "stated", "mean"),
    (2, "stated", "mean"),
    (3, "stated", "mean"),
    (1, "equal", "mean"),
    (3, "equal", "mean"),
    (2, "stated", "delegates"),
)


def task_of(size: int, rules: dict[str, Any], pot: int, **inputs: tuple[Any, ...]) -> Any:  # noqa: ANN401 - imported late
    """A task with so many projects that may all be funded."""
    from daccord.allocation import MoneyTask  # noqa: PLC0415 - `_common` explains
    from daccord.fusion import ProjectScore  # noqa: PLC0415
    from daccord.money import Currency  # noqa: PLC0415
    from daccord.portfolio import Project  # noqa: PLC0415
    from daccord.round import Budget, MoneyInputs, MoneyRules  # noqa: PLC0415

    return MoneyTask(
        tuple(Project(f"p{i}", f"Project {i}") for i in range(size)),
        tuple(ProjectScore(f"p{i}", {}, 0, 0, 0) for i in range(size)),
        MoneyRules(**rules),
        Budget(pot, Currency("EUR", 2)),
        MoneyInputs(**inputs),
        tuple(range(size)),
    )


def curves(rng: random.Random, size: int, jurors: int, reach: int) -> tuple[Any, ...]:
    """Points of random curves; seven in ten pairs of juror and project have one."""
    from daccord.judging import MarginalValue  # noqa: PLC0415 - `_common` explains

    points = []
    for j in range(jurors):
        for i in range(size):
            if rng.random() < 0.7:
                amounts = sorted({rng.randint(1, reach) for _ in range(3)})
                values = sorted((rng.randint(0, 20) for _ in range(len(amounts) + 1)), reverse=True)
                points += [
                    MarginalValue(f"j{j}", f"p{i}", amount, Fraction(value, 2))
                    for amount, value in zip([0, *amounts], values, strict=True)
                ]
    return tuple(points)


def funders(rng: random.Random, count: int, jurors: int, pot: int) -> tuple[Any, ...]:
    """Funders with random parts of the pot and random trust; none if there is one alone."""
    from daccord.judging import Funder  # noqa: PLC0415 - `_common` explains

    if count == 1:
        return ()
    cuts = sorted(rng.randint(0, pot) for _ in range(count - 1))
    found = []
    for f, (low, high) in enumerate(pairwise([0, *cuts, pot])):
        weights = [rng.randint(1, 4) for _ in range(jurors)]
        trust = {f"j{j}": Fraction(weight, sum(weights)) for j, weight in enumerate(weights)}
        found.append(Funder(f"f{f}", high - low, trust))
    return tuple(found)


def round_of(rng: random.Random, size: int, jurors: int, count: int, pot: int, reach: int, **rules: Any) -> Any:  # noqa: ANN401
    """A random round of `s-process`."""
    from daccord.round import SProcessRules  # noqa: PLC0415 - `_common` explains

    values = curves(rng, size, jurors, reach)
    given = funders(rng, count, jurors, pot)
    return task_of(size, {"rule": "s-process", "s_process": SProcessRules(**rules)}, pot, values=values, funders=given)


def speed(size: int, jurors: int, count: int, pot: int, pooling: str) -> dict[str, Any]:
    """Processor seconds of one round of `s-process`."""
    from daccord.allocation import S_PROCESS  # noqa: PLC0415 - `_common` explains

    task = round_of(random.Random(1), size, jurors, count, pot, pot // 3, pooling=pooling)
    begin = time.process_time()
    result = S_PROCESS.solve(task)
    seconds = time.process_time() - begin
    paid = sum(amount > 0 for amount in result.amounts)
    return {
        "projects": size,
        "jurors": jurors,
        "funders": count,
        "pot": pot,
        "pooling": pooling,
        "paid": paid,
        "seconds": seconds,
    }


def credit(size: int, degree: int, back: float) -> dict[str, Any]:
    """Processor seconds of one round of `deep`."""
    from daccord.allocation import DEEP  # noqa: PLC0415 - `_common` explains
    from daccord.judging import Contribution  # noqa: PLC0415
    from daccord.portfolio import Dependency  # noqa: PLC0415
    from daccord.round import DeepRules  # noqa: PLC0415

    rng = random.Random(1)
    edges = []
    for i in range(size - 1):
        to = {rng.randrange(i + 1, min(size, i + 1 + max(50, size // 3))) for _ in range(degree)}
        if i and rng.random() < back:
            to.add(rng.randrange(max(0, i - 200), i))
        weights = [rng.randrange(1, 10**15) for _ in range(len(to) + 1)]
        shares = [Fraction(weight, sum(weights)) for weight in weights]
        edges.append(Dependency(f"p{i}", f"p{i}", shares[0]))
        edges += [Dependency(f"p{i}", f"p{j}", share) for j, share in zip(sorted(to), shares[1:], strict=True)]
    gifts = tuple(Contribution("x", f"p{i}", rng.randrange(1, 100)) for i in range(31))
    rules = {"rule": "deep", "deep": DeepRules(base="gifts")}
    task = task_of(size, rules, 10**9, dependencies=tuple(edges), contributions=gifts)
    begin = time.process_time()
    result = DEEP.solve(task)
    seconds = time.process_time() - begin
    if sum(result.amounts) != task.budget.amount:
        raise SystemExit("money was lost")
    return {"nodes": size, "rows": len(edges), "circles": int(result.certificate["circles"]), "seconds": seconds}


def monotone(count: int, scale: str, pooling: str, rounds: int) -> dict[str, Any]:
    """How often a higher curve costs its project money."""
    from daccord.allocation.s_process import settle  # noqa: PLC0415 - `_common` explains

    rng = random.Random(3)
    tried, lost, most = 0, 0, Fraction(0)
    for _ in range(rounds):
        pot = rng.choice([100, 300, 10_000])
        task = round_of(rng, rng.randint(2, 5), rng.randint(1, 4), count, pot, pot, scale=scale, pooling=pooling)
        if not task.inputs.values:
            continue
        tried += 1
        chosen, by, upto = rng.choice(task.inputs.values), rng.choice([1, 3, 10]), rng.randint(0, pot)
        raised = tuple(
            replace(point, value=point.value + by)
            if (point.juror, point.project) == (chosen.juror, chosen.project) and point.amount <= upto
            else point
            for point in task.inputs.values
        )
        i = task.index[chosen.project]
        better = replace(task, inputs=replace(task.inputs, values=raised))
        loss = settle(task).amounts[i] - settle(better).amounts[i]
        lost += loss > 1
        most = max(most, Fraction(loss, pot))
    return {"funders": count, "scale": scale, "pooling": pooling, "rounds": tried, "lost": lost, "most": float(most)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the three parts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=400, help="rounds in each row of the third table")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    one_thread()
    found: dict[str, Any] = {"s_process": [], "deep": [], "monotone": []}
    for case in SPEED:
        progress(f"s-process {case}")
        found["s_process"].append(speed(*case))
    for graph in GRAPHS:
        progress(f"deep {graph}")
        found["deep"].append(credit(*graph))
    for kind in MONOTONE:
        progress(f"raised curves {kind}")
        found["monotone"].append(monotone(*kind, options.rounds))
    if options.json:
        print(json.dumps({"machine": machine(), **found}, indent=2))
        return
    print(machine_line(machine()))
    for part in found.values():
        rows = [[f"{v:.3g}" if isinstance(v, float) else str(v) for v in row.values()] for row in part]
        print_table(list(part[0]), rows)


if __name__ == "__main__":
    main()
