"""Increasing returns: does a balance of powers last?

Model (generalised Pólya urn). n actors begin with one unit each; the next unit goes to i with probability
x_i^γ / Σ_j x_j^γ. Below γ = 1 shares become equal, at γ = 1 they become a uniform draw from the simplex, with

    E[largest share] → H_n/n,   E[Σ share²] → 2/(n+1),

and above γ = 1 one actor ends with everything.

*May's bound.* A community of S species that interact with probability C and strength σ, each checking itself at rate 1,
is stable in the limit of large S if σ√(SC) < 1: more members and more ties make a random balance fragile.

Sources: W. B. Arthur (1989, 1994); T. Gottfried, S. Grosskinsky, arXiv 2303.01210; R. M. May, "Will a large complex
system be stable?", Nature 238 (1972), statement from memory.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["final_shares", "linear_concentration", "linear_largest_share", "stable_share"]


def final_shares(actors: int, exponent: float, *, steps: int, runs: int, seed: int) -> NDArray[np.float64]:
    """Shares after `steps` units, shape (runs, actors); from Philox with `seed`.

    Raises:
        ValueError: No actors, steps or runs, or an exponent below 0.
    """
    if min(actors, steps, runs) < 1 or not 0 <= exponent < math.inf:
        raise ValueError("needs at least one actor, step and run, and a finite exponent of at least 0")
    random = np.random.Generator(np.random.Philox(seed))
    units = np.ones((actors, runs))
    pull = np.ones((actors, runs))
    every = np.arange(runs)
    for _ in range(steps):
        bounds = np.cumsum(pull, axis=0)
        winner = (bounds[:-1] <= random.random(runs) * bounds[-1]).sum(axis=0)
        units[winner, every] += 1
        pull[winner, every] = units[winner, every] ** exponent
    return np.ascontiguousarray((units / units.sum(axis=0)).T)


def linear_concentration(actors: int, steps: int | None = None) -> float:
    """E[Σ share²] at γ = 1: exact after `steps` units, or 2/(n+1) in the limit.

    After m steps the counts are uniform over the compositions of m + n into n positive parts, whose second moment gives
    Σ E[x²] = N(2N − n + 1)/(n + 1) with N = m + n.
    """
    if steps is None:
        return 2 / (actors + 1)
    total = steps + actors
    return (2 * total - actors + 1) / ((actors + 1) * total)


def linear_largest_share(actors: int) -> float:
    """E[largest share] at γ = 1 in the limit: H_n/n."""
    return sum(1 / k for k in range(1, actors + 1)) / actors


def stable_share(species: int, connectance: float, complexity: float, *, communities: int, seed: int) -> float:
    """Share of random communities whose equilibrium is stable, at `complexity` = σ√(SC).

    Interactions are normal with deviation σ, present with probability C, and each species has −1 on the diagonal.
    """
    random = np.random.Generator(np.random.Philox(seed))
    strength = complexity / math.sqrt(species * connectance)
    stable = 0
    for _ in range(communities):
        present = random.random((species, species)) < connectance
        matrix = np.where(present, random.normal(0.0, strength, (species, species)), 0.0)
        np.fill_diagonal(matrix, -1.0)
        stable += bool(np.linalg.eigvals(matrix).real.max() < 0)
    return stable / communities
