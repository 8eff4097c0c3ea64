"""How often the pooled 80 % interval of an efficacy holds the truth, in a simulated jury.

Model: on the logit scale the truth is N(−1.5, 1); juror j answers truth + c + e_j with a bias c ~ N(0, ρσ²) that the
whole jury shares and an error e_j ~ N(0, (1 − ρ)σ²) of one's own, σ = 0.7, and states an interval that is meant to hold
with 80 % but is `narrow` times too narrow. Compared are the pool
and the average of the jurors' stated quantiles.

Usage: `python benchmarks/roles_coverage.py [JURIES]`; seeded, two minutes for 2,000.
"""

from __future__ import annotations

import sys

import numpy as np

from daccord.fusion.roles import Pool, knots

__all__ = ["coverage"]

SEED = 20261128


def coverage(
    jurors: int, shared: float, narrow: float, juries: int, seed: int = SEED
) -> dict[str, tuple[float, float]]:
    """Share of juries whose 80 % interval holds the truth, and the mean width of the interval.

    Args:
        jurors: People a jury.
        shared: ρ, the part of the error's variance that the jury shares.
        narrow: How many times too narrow stated intervals are.
        juries: How many are simulated.
        seed: Start of the draws.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    ends = np.array([0.1, 0.9])
    held: dict[str, list[tuple[bool, float]]] = {"pool": [], "average of quantiles": []}
    for _ in range(juries):
        truth = rng.normal(-1.5, 1.0)
        told = truth + 0.7 * (np.sqrt(shared) * rng.normal() + np.sqrt(1 - shared) * rng.normal(size=jurors))
        half = 1.2816 * 0.7 / narrow
        low, high, true = (1 / (1 + np.exp(-x)) for x in (told - half, told + half, truth))
        pool = Pool.of([knots((a, b), 1.0) for a, b in zip(low, high, strict=True)])
        for name, (a, b) in (("pool", pool.quantile(ends)), ("average of quantiles", (low.mean(), high.mean()))):
            held[name].append((bool(a <= true <= b), float(b - a)))
    return {name: (float(np.mean([h for h, _ in f])), float(np.mean([w for _, w in f]))) for name, f in held.items()}


if __name__ == "__main__":
    juries = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print("jurors  shared  narrow   pool: holds  width   average of quantiles: holds  width")
    for jurors in (3, 6, 12):
        for shared in (0.0, 0.3, 0.6, 0.8):
            for narrow in (1.0, 1.5, 2.0):
                found = coverage(jurors, shared, narrow, juries)
                (a, b), (c, d) = found["pool"], found["average of quantiles"]
                print(f"{jurors:6}  {shared:6}  {narrow:6}   {a:11.3f}  {b:5.3f}   {c:27.3f}  {d:5.3f}")
