"""How long the money rule `differential` takes, and how a general convex solver compares on the same problem.

    python benchmarks/money.py [--sizes 1000 10000 100000] [--solver 50 100 200] [--json]

Simulated rounds: log-values of standard deviation 1.2, asks between a hundredth and ten times an equal split, teams of
about three with a cap of a tenth of the pot, half of the projects with a probability of harm. First table: processor
seconds of the money alone (exact, to the cent), of verdicts with their texts, of both, and of the check of the
certificate, the best of several runs. Second table: the same problem without harm in floating point by scipy's SLSQP,
started at the feasible equal split, with exact derivatives; the ratio of times, and the largest difference between an
exact award and the solver's, in millionths of the pot. The figures say nothing about real people.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress

SEED = 28


def simulated_round(size: int, *, harm: bool = True) -> tuple[Any, Any, Any, Any]:
    """Portfolio, published scores, rules and a pot of 1,000 euros a project; all may be funded."""
    import numpy as np  # noqa: PLC0415 - `_common` explains

    from daccord.fusion import CriterionScore, ProjectScore, Scores  # noqa: PLC0415
    from daccord.money import Currency  # noqa: PLC0415
    from daccord.portfolio import Portfolio, Project  # noqa: PLC0415
    from daccord.round import Budget, MoneyRules, Rules  # noqa: PLC0415

    rng = np.random.Generator(np.random.Philox(SEED))
    mean = (rng.normal(0.0, 1.2, size) * 1e6).astype(int).tolist()
    sd = (rng.uniform(0.1, 1.0, size) * 1e6).astype(int).tolist()
    above = rng.integers(500_000, 1_000_000, (3, size)).tolist()
    risk = (rng.integers(0, 450_000, size) * (rng.random(size) < 0.5)).tolist()
    asks = (100_000 * np.exp(rng.uniform(np.log(0.01), np.log(10), size))).astype(int).tolist()

    def criterion(value: int, **changes: int) -> Any:  # noqa: ANN401 - imported late
        return CriterionScore(**{"mean": 0, "sd": 0, "above": value, "judgments": 9, "jurors": 6, **changes})

    projects, scores = [], []
    for i in range(size):
        projects.append(Project(f"p{i}", f"Project {i}", team=f"team {i % max(1, size // 3)}", ask=asks[i]))
        said = {
            "benefit": criterion(above[0][i], mean=mean[i], sd=sd[i]),
            "defence": criterion(above[1][i]),
            "diffusion": criterion(above[2][i]),
        }
        if harm:
            said["harm"] = criterion(risk[i])
        scores.append(ProjectScore(f"p{i}", said, 1, 1, 1))
    rules = Rules(money=MoneyRules(team_cap=0.1, harm_budget=0.2 if harm else None))
    return Portfolio(tuple(projects)), Scores(tuple(scores)), rules, Budget(100_000 * size, Currency("EUR", 2))


def best(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Least processor seconds of several calls, and what the last one gave."""
    times = []
    out = None
    for _ in range(repeats):
        begin = time.process_time()
        out = call()
        times.append(time.process_time() - begin)
    return min(times), out


def measure(size: int, repeats: int) -> dict[str, float | int]:
    """Times of one size."""
    from daccord.allocation import DIFFERENTIAL, allocate, decide_verdicts, money_task, paid_positions  # noqa: PLC0415
    from daccord.allocation.accounts import Plan  # noqa: PLC0415
    from daccord.allocation.margins import check_certificate  # noqa: PLC0415

    portfolio, scores, rules, budget = simulated_round(size)
    verdict_time, verdicts = best(lambda: decide_verdicts(portfolio, scores, rules), repeats)
    fundable = paid_positions(verdicts, rules)

    def money() -> Any:  # noqa: ANN401 - imported late
        # a new task each time, because it keeps what it has computed
        return DIFFERENTIAL.solve(money_task(portfolio, scores, rules, budget, None, fundable, Plan()))

    money_time, _ = best(money, repeats)
    both_time, allocation = best(lambda: allocate(portfolio, scores, rules, budget), repeats)
    given = (portfolio, scores, allocation.verdicts, rules, budget, allocation.awards, allocation.certificate)
    check_time, found = best(lambda: check_certificate(*given), repeats)
    if not found.holds:
        raise SystemExit(f"the certificate does not hold: {found.faults[:3]}")
    return {
        "projects": size,
        "paid": sum(award.amount > 0 for award in allocation.awards),
        "money": money_time,
        "verdicts": verdict_time,
        "both": both_time,
        "check": check_time,
    }


def beside_solver(size: int) -> dict[str, float | int]:
    """The same problem by SLSQP, without harm, because the harm step is not a convex programme."""
    import numpy as np  # noqa: PLC0415 - `_common` explains
    from scipy.optimize import Bounds, LinearConstraint, minimize  # noqa: PLC0415

    from daccord.allocation import DIFFERENTIAL, money_task  # noqa: PLC0415
    from daccord.allocation.accounts import Plan  # noqa: PLC0415

    portfolio, scores, rules, budget = simulated_round(size, harm=False)
    task = money_task(portfolio, scores, rules, budget, None, range(size), Plan())
    ours, result = best(
        lambda: DIFFERENTIAL.solve(money_task(portfolio, scores, rules, budget, None, range(size), Plan())), 3
    )
    pot = float(budget.amount)
    weights = np.array(result.weights, dtype=float) / max(result.weights)
    k = rules.money.saturation / size
    upper = np.array(task.bounds) / pot
    rows = [np.ones(size)]
    most = [1.0]
    for cap in task.team_caps:
        rows.append(np.isin(np.arange(size), cap.members).astype(float))
        most.append(cap.amount / pot)
    theirs, found = best(
        lambda: minimize(
            lambda x: -float(np.sum(weights * k * np.log1p(x / k))),
            np.minimum(upper, 1 / size),
            jac=lambda x: -weights * k / (k + x),
            method="SLSQP",
            bounds=Bounds(np.zeros(size), upper),
            constraints=[LinearConstraint(np.array(rows), -np.inf, most)],
            options={"maxiter": 1000, "ftol": 1e-14},
        ),
        1,
    )
    return {
        "projects": size,
        "ours": ours,
        "solver": theirs,
        "ratio": theirs / ours,
        "difference": float(np.max(np.abs(found.x - np.array(result.amounts) / pot)) * 1e6),
        "success": bool(found.success),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000], help="numbers of projects")
    parser.add_argument("--solver", type=int, nargs="*", default=[50, 100, 200], help="likewise, beside the solver")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each thing  [default: 3]")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    one_thread()
    before = machine()
    rows = []
    for size in options.sizes:
        progress(f"{size} projects")
        rows.append(measure(size, options.repeats))
    beside = []
    for size in options.solver:
        progress(f"{size} projects beside SLSQP")
        beside.append(beside_solver(size))
    if options.json:
        print(json.dumps({"benchmark": "money", "machine": before, "rounds": rows, "solver": beside}, indent=2))
        return
    print("Processor seconds, simulated rounds\n")
    names = ("money", "verdicts", "both", "check")
    print_table(
        ("projects", "paid", *names),
        [(f"{r['projects']:,}", f"{r['paid']:,}", *(f"{r[n]:.3f}" for n in names)) for r in rows],
    )
    print("\nThe same problem by scipy's SLSQP\n")
    print_table(
        ("projects", "exact, s", "SLSQP, s", "ratio", "difference, millionths of the pot", "settled"),
        [
            (
                f"{b['projects']:,}",
                f"{b['ours']:.4f}",
                f"{b['solver']:.3f}",
                f"{b['ratio']:,.0f}",
                f"{b['difference']:.2f}",
                "yes" if b["success"] else "no",
            )
            for b in beside
        ],
    )
    print(f"\n{machine_line(before)} before the first run")


if __name__ == "__main__":
    main()
