"""How much of a conclusion comes from values and how much from beliefs.

Model. For Y = f(U) with independent uniform inputs U, and a group g of them, two independent samples A and B of n rows,
and A with the columns of g taken from B (AB; Saltelli's estimator for the first, Jansen's for the second):

    first_g = E f_B (f_AB − f_A) / Var Y          share of the variance that g explains alone
    total_g = E (f_A − f_AB)² / 2 Var Y           share that g takes part in

For a conclusion f is the *difference* in welfare between two portfolios in one world: what all portfolios share is no
conclusion. Inputs are a world's questions, factors and evaluator, and the values γ, ρ, the future's worth and who
counts. Source: Jansen (1999), *Computer Physics Communications* 117; Saltelli et al. (2010), same journal 181.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daccord.futures.world import Schedule, Values, Welfare, World, draw_from, inputs_of, live, uniforms

__all__ = ["Index", "ValueRange", "conclusion", "sobol"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Index:
    """Sobol indices of a group of inputs.

    Attributes:
        group: Its name.
        first: Share of variance explained alone; estimates may fall slightly outside [0, 1].
        total: Share of variance it takes part in.
        error: Standard error of `total`.
    """

    group: str
    first: float
    total: float
    error: float


@dataclass(frozen=True)
class ValueRange:
    """Values over which reasonable people differ, uniform over what is given.

    Attributes:
        gamma: Curvatures, equally likely.
        rho: From, to.
        future: From, to; uniform in logarithms.
        person_affecting: Whether both answers to "who counts" are equally likely; if not, the world's holds.
    """

    gamma: tuple[float, ...] = (1.0, 1.5, 2.0, 3.0)
    rho: tuple[float, float] = (0.0, 0.02)
    future: tuple[float, float] = (20.0, 500.0)
    person_affecting: bool = True

    NAMES = ("value:gamma", "value:rho", "value:future", "value:who counts")

    def values(self, welfare: Welfare, uniform: Sequence[FloatArray]) -> Values:
        """Values by world from four uniform numbers each."""
        size = len(uniform[0])
        gamma = np.array(self.gamma)[np.minimum((uniform[0] * len(self.gamma)).astype(int), len(self.gamma) - 1)]
        rho = self.rho[0] + (self.rho[1] - self.rho[0]) * uniform[1]
        future = self.future[0] * (self.future[1] / self.future[0]) ** uniform[2]
        persons = uniform[3] < 0.5 if self.person_affecting else np.full(size, welfare.person_affecting)
        rate = rho - np.where(persons, 0.0, welfare.births)
        same = (np.full(size, value) for value in (welfare.life, welfare.growth, welfare.mortality))
        life, growth, mortality = same
        return Values(gamma, life, rate, growth, mortality, future)


def sobol(
    function: Callable[[FloatArray], FloatArray],
    groups: Mapping[str, Sequence[int]],
    inputs: int,
    *,
    size: int = 1024,
    seed: int = 0,
) -> list[Index]:
    """Sobol indices of groups of inputs.

    Args:
        function: From uniform numbers of shape (n, inputs) to outcomes of shape (n,).
        groups: Name → positions of its inputs; groups may overlap.
        inputs: How many inputs there are.
        size: n; the function is evaluated (2 + number of groups) · n times.
        seed: Where randomness starts.

    Returns:
        In the order of the groups; all 0 if the outcome never varies.
    """
    a, b = _designs(size, inputs, seed)
    f_a, f_b = function(a), function(b)
    both = np.concatenate([f_a, f_b])
    middle, variance = float(both.mean()), float(both.var())
    found = []
    for name, columns in groups.items():
        if variance <= 0:
            found.append(Index(name, 0.0, 0.0, 0.0))
            continue
        mixed = a.copy()
        mixed[:, list(columns)] = b[:, list(columns)]
        f_ab = function(mixed)
        apart = (f_a - f_ab) ** 2 / (2 * variance)
        first = float(((f_b - middle) * (f_ab - f_a)).mean()) / variance
        found.append(Index(name, first, float(apart.mean()), float(apart.std() / np.sqrt(size))))
    return found


def _designs(size: int, inputs: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """A and B from one Sobol sequence, shifted at random: far smaller errors than independent points."""
    from scipy.stats.qmc import Sobol  # noqa: PLC0415 - half a second that workers of an ensemble need not spend

    points = Sobol(2 * inputs, scramble=False).random_base2(max(0, (size - 1).bit_length()))[:size]
    shift = np.random.Generator(np.random.Philox(key=seed & (2**64 - 1))).random(2 * inputs)
    inside = np.clip((points + shift) % 1.0, 2.0**-54, 1 - 2.0**-53)  # an end may be infinite as a quantity
    return inside[:, :inputs], inside[:, inputs:]


def conclusion(
    world: World,
    first: Schedule,
    second: Schedule,
    *,
    ranges: ValueRange | None = None,
    single: bool = True,
    size: int = 1024,
    seed: int = 0,
) -> list[Index]:
    """What the difference between two plans hangs on.

    Args:
        world: The description.
        first: A plan, the same in all worlds.
        second: What it is compared with.
        ranges: Over what values differ.
        single: Whether every input gets an index of its own, after the groups `values`, `beliefs` and `evaluator`.
        size: Rows of the design.
        seed: Where randomness starts.
    """
    ranges = ranges or ValueRange()
    beliefs = inputs_of(world)
    names = (*ranges.NAMES, *beliefs)
    column = {name: i for i, name in enumerate(names)}
    groups: dict[str, Sequence[int]] = {
        "values": range(len(ranges.NAMES)), "beliefs": range(len(ranges.NAMES), len(names))
    }  # fmt: skip
    if single:
        groups |= {name: [i] for name, i in column.items()}

    def difference(uniform: FloatArray) -> FloatArray:
        rows = len(uniform)
        spare = uniforms(seed, rows)  # who answers for whom: luck of the draw, not an input

        def source(name: str) -> FloatArray:
            return np.clip(uniform[:, column[name]], 1e-12, 1 - 1e-12) if name in column else spare(name)

        draws = draw_from(world, rows, source)
        values = ranges.values(world.welfare, [uniform[:, i] for i in range(len(ranges.NAMES))])
        worth = [live(draws, plan, values, gradient=False).welfare for plan in (first, second)]
        return np.asarray(worth[0] - worth[1])

    return sobol(difference, groups, len(names), size=size, seed=seed)
