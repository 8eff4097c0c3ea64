"""Sobol's indices: which question moves the answer; exact for Ishigami's function, estimated for any other.

With Y = f(X), inputs X independent,

    S_i = Var E[Y | X_i] / Var Y            (alone)
    T_i = E Var[Y | X_{~i}] / Var Y          (with all interactions)

Estimated from two samples A and B and A with column i from B: Saltelli's 2010 estimator for S, Jansen's for T. That is
N(k + 2) runs for k inputs.

Ishigami's function is f = sin x₁ + a sin² x₂ + b x₃⁴ sin x₁ with x uniform on [−π, π]; with π⁴ = Π its variance parts
are V₁ = (1 + bΠ/5)²/2, V₂ = a²/8, V₁₃ = b²Π²(1/18 − 1/50), all others zero.

Sources: T. Ishigami, T. Homma (1990); A. Saltelli and others, Computer Physics Communications 181 (2010); M. J. W.
Jansen, Computer Physics Communications 117 (1999).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sobol", "ishigami", "ishigami_indices", "sobol_indices"]


@dataclass(frozen=True)
class Sobol:
    """Indices by input: alone, and with all interactions. Estimates may fall slightly outside 0 to 1."""

    alone: tuple[float, ...]
    total: tuple[float, ...]


def ishigami(inputs: NDArray[np.float64], a: float = 7.0, b: float = 0.1) -> NDArray[np.float64]:
    """f of inputs of shape (draws, 3) in [−π, π]."""
    first, second, third = inputs.T
    return np.asarray(np.sin(first) + a * np.sin(second) ** 2 + b * third**4 * np.sin(first))


def ishigami_indices(a: float = 7.0, b: float = 0.1) -> Sobol:
    """The exact indices."""
    fourth = math.pi**4
    first = (1 + b * fourth / 5) ** 2 / 2
    second = a**2 / 8
    joint = b**2 * fourth**2 * (1 / 18 - 1 / 50)
    whole = first + second + joint
    return Sobol((first / whole, second / whole, 0.0), ((first + joint) / whole, second / whole, joint / whole))


def sobol_indices(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]], inputs: int, *, doublings: int, seed: int
) -> Sobol:
    """Estimate the indices of a function of independent uniform inputs.

    Args:
        function: Values, shape (draws,), for inputs of shape (draws, inputs) in [0, 1).
        inputs: k of at least 1.
        doublings: log₂ of the base sample N; N(k + 2) evaluations in all.
        seed: Of the scramble of the Sobol sequence.

    Raises:
        ValueError: The function is constant on the sample.
    """
    from scipy.stats import qmc  # noqa: PLC0415 - half a second that workers of an ensemble need not spend

    points = qmc.Sobol(2 * inputs, rng=np.random.Generator(np.random.Philox(seed))).random_base2(doublings)
    one, two = points[:, :inputs], points[:, inputs:]
    values, others = function(one), function(two)
    variance = float(np.var(np.concatenate([values, others])))
    if variance == 0:
        raise ValueError("the function is constant on the sample: no input has an effect to divide")
    alone, total = [], []
    for column in range(inputs):
        mixed = one.copy()
        mixed[:, column] = two[:, column]
        swapped = function(mixed)
        alone.append(float((others * (swapped - values)).mean()) / variance)
        total.append(float(((values - swapped) ** 2).mean()) / 2 / variance)
    return Sobol(tuple(alone), tuple(total))
