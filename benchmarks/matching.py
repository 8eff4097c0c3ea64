"""How fast donations are matched, against the same formula with whole matrices in numpy, on simulated donations.

    python benchmarks/matching.py [--sizes 100000 1000000] [--json]

For each size n there are n/10 donors and 1,000 grants; grants, donors and amounts have long tails, so that many pairs
of donors share many grants. *daccord* finds M and the match of every grant in integers, pair by pair in blocks. *numpy*
is the formula as one would write it down: a table of roots of donors by grants, the matrix of what each two donors
share, M by bisection, and the weighted products, all in floating point. Both run in processes of their own, are timed
without imports, and must give the same matches. The matrix of the large size would take 80 GB, so numpy has no row
there. All donations are simulated.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from fractions import Fraction
from typing import Any

from _common import machine, machine_line, one_thread, print_table, progress, run

GRANTS, SEED = 1000, 7
MOST_DENSE = 20_000


def donations(rows: int) -> tuple[Any, Any, Any]:
    """Simulated donors, grants and amounts in cents."""
    import numpy as np  # noqa: PLC0415 - `_common` explains

    rng = np.random.Generator(np.random.Philox(SEED))
    donors = rows // 10
    active, known = rng.lognormal(0, 1, donors), rng.lognormal(0, 1, GRANTS)
    donor = rng.choice(donors, rows, p=active / active.sum())
    grant = rng.choice(GRANTS, rows, p=known / known.sum())
    return donor, grant, np.ceil(rng.lognormal(7, 1.5, rows)).astype(np.int64)


def pool_of(rows: int) -> int:
    """A pot of ten euros a donation, in cents."""
    return 1000 * rows


def ours(rows: int) -> dict[str, Any]:
    """daccord's match."""
    from daccord.allocation.matching import Gifts, error_bound, find_bound, scale_for  # noqa: PLC0415

    donor, grant, amount = donations(rows)
    begin, cpu = time.perf_counter(), time.process_time()
    gifts = Gifts.of(donor, grant, amount, donors=rows // 10, grants=GRANTS)
    scale = scale_for(gifts)
    found = find_bound(gifts, scale, pool_of(rows))
    wall, used = time.perf_counter() - begin, time.process_time() - cpu
    assert found.bound is not None
    return {
        "wall": wall,
        "cpu": used,
        "pairs": sum(gifts.pairs),
        "bound": float(found.bound.minor),
        "error": float(error_bound(gifts, scale, Fraction(max(found.sums), sum(found.sums)))),
        "matches": [float(value * scale.unit) for value in found.sums],
    }


def dense(rows: int, bound: float) -> dict[str, Any]:
    """The formula with whole matrices; M is found by bisection, and the match is that of daccord's M."""
    import numpy as np  # noqa: PLC0415

    donor, grant, amount = donations(rows)
    begin, cpu = time.perf_counter(), time.process_time()
    given = np.zeros((rows // 10, GRANTS))
    np.add.at(given, (donor, grant), amount)
    roots = np.sqrt(given)
    shared = roots @ roots.T
    pairs = shared[np.triu_indices(len(shared), 1)]
    pairs = pairs[pairs > 0]
    low, high = 0.0, float(pairs.max())
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if np.sum(2 * middle * pairs / (middle + pairs)) < pool_of(rows) else (low, middle)
    shared += bound
    np.divide(bound, shared, out=shared)
    np.fill_diagonal(shared, 0)
    matches = np.einsum("ip,ip->p", roots, shared @ roots)
    wall, used = time.perf_counter() - begin, time.process_time() - cpu
    return {"wall": wall, "cpu": used, "bound": high, "matches": matches.tolist()}


def child(arguments: list[str]) -> dict[str, Any]:
    """Run one side in a process of its own."""
    done = run(sys.executable, __file__, *arguments)
    return {**json.loads(done.stdout), "peak": done.peak}


def measure(rows: int) -> dict[str, Any]:
    """Both sides on one size."""
    progress(f"{rows:,} donations, daccord")
    mine = child(["--child", "ours", "--sizes", str(rows)])
    out = {"rows": rows, "ours": mine}
    if rows // 10 <= MOST_DENSE:
        progress(f"{rows:,} donations, numpy")
        theirs = child(["--child", "dense", "--sizes", str(rows), "--bound", repr(mine["bound"])])
        apart = max(abs(a - b) / b for a, b in zip(mine["matches"], theirs["matches"], strict=True) if b)
        out |= {"dense": theirs, "apart": apart}
        if apart > 1e-9 or abs(theirs["bound"] / mine["bound"] - 1) > 2e-5:
            raise SystemExit(f"the two disagree: matches by {apart}, M {mine['bound']} and {theirs['bound']}")
    return out


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000], help="donations")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=["ours", "dense"], help=argparse.SUPPRESS)
    parser.add_argument("--bound", type=float, default=1.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    one_thread()
    if options.child:
        rows = options.sizes[0]
        print(json.dumps(ours(rows) if options.child == "ours" else dense(rows, options.bound)))
        return
    found = machine()
    results = [measure(rows) for rows in options.sizes]
    for result in results:
        for side in ("ours", "dense"):
            result.get(side, {}).pop("matches", None)
    if options.json:
        print(json.dumps({"machine": found, "results": results}, indent=2))
        return
    print(f"Simulated donations to {GRANTS:,} grants; {machine_line(found)}\n")
    table = []
    for result in results:
        mine = result["ours"]
        for name, side in (("daccord", mine), ("numpy, whole matrices", result.get("dense"))):
            if side:
                times = side["cpu"] / mine["cpu"]
                table.append(
                    (
                        f"{result['rows']:,}",
                        name,
                        f"{mine['pairs']:,}",
                        f"{side['wall']:.1f} s",
                        f"{side['cpu']:.1f} s",
                        f"{times:.1f}",
                        f"{side['peak']:,.0f} MiB",
                        f"{side['bound'] / 100:.6g}",
                    )
                )
    print_table(("donations", "by", "pairs", "clock", "CPU", "times ours", "peak memory", "M"), table, left=2)
    for result in results:
        mine = result["ours"]
        print(f"\n{result['rows']:,}: rounding moves no award by more than {mine['error']:.2g} cents", end="")
        print(f"; the two agree to {result['apart']:.1g}" if "apart" in result else "")


if __name__ == "__main__":
    main()
