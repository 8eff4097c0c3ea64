"""Living through worlds: welfare, catastrophe and their derivatives by every arrival time, in closed form.

Model. Between arrivals everything is constant. With D_k = 1 after technology k's arrival,

    h_r = h⁰_r · src_r · {f_r + (1 − f_r) Π_{k defends r} (1 − e_kr D_k)}                                     per year
    src_r = 1 without sources, else Σ_{j source of r} w_jr D_j Π_{k makes j safe, substitutes j} (1 − e_kj D_k)
    d = ρ + m Π_k (1 − l_k D_k) − births (births only if all count)                                        discounting
    a = d + Σ_r severity_r h_r                                                                              worth fades

and an arrival at T_j is survived with probability 1 − q_j,

    q_j = q⁰_j e^{−κ_j T_j} · Π_{k makes j safe, substitutes j} (1 − e_kj clip((T_j − T_k)/τ_kj, 0, 1))
          · clip((H − T_j)/edge, 0, 1)

Log consumption G starts at 0, grows by g = g₀ + Σ g_k D_k and jumps by the lift on arrival. A year is worth, in years
of life now,

    u(G) = 1 + φ(G)/life,   φ(G) = (1 − e^{−(γ−1)G})/(γ − 1),   φ = G if γ = 1

which is Jones' bounded utility ū + c^{1−γ}/(1−γ) over its value now. With w(t) = e^{−∫a} Π(1 − q) of the past

    W = ∫₀^H w u dt + w(H) · future · u(G(H))
    P(catastrophe) = 1 − e^{−Λ},   Λ = ∫₀^H Σ_catastrophic h_r dt − Σ_j ln(1 − q_j)

Gradient. Let V(T) be the part of W after T (as of now), M(T) the part of ∂W/∂G after T. Then

    dW/dT_k = −(w⁺u⁺ − w⁻u⁻) − Δg_k M(T_k) + Δa_k V(T_k) − Σ_j ∂q_j/∂T_k · V(T_j)/(1 − q_j)

A later arrival loses the benefit and avoids the hazard, and moves transition risks. Δ is after less before. What comes
through u, g and d is called benefit; what comes through h and q, risk.

This module holds the model's words and integrals; `_sweep` computes, `_reference` checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.futures.world._describe import World

__all__ = ["ALMOST_SURE", "Lived", "Structure", "Values", "flow", "structure", "worth"]

FloatArray = npt.NDArray[np.float64]

ALMOST_SURE: Final = 1 - 1e-12
"""Largest transition risk: with certain doom nothing after it has a derivative."""

_LOGARITHMIC: Final = 1e-9
"""Curvatures this close to 1 are 1."""


@dataclass(frozen=True)
class Structure:
    """Who acts on what, as positions; the same for all worlds.

    Attributes:
        defends: (role, technology, risk) of each defence.
        sources: (role, technology, risk) of each source.
        calms: (role, technology, target) of each role that makes a technology safe or replaces it.
        free: Whether a risk needs no source; shape (R,).
        catastrophic: Whether a risk counts as a catastrophe; shape (R,).
    """

    defends: tuple[tuple[int, int, int], ...]
    sources: tuple[tuple[int, int, int], ...]
    calms: tuple[tuple[int, int, int], ...]
    free: npt.NDArray[np.bool_]
    catastrophic: npt.NDArray[np.bool_]


def structure(world: World) -> Structure:
    """The roles of a world as positions."""
    tech = {name: k for k, name in enumerate(world.ids)}
    risk = {name: r for r, name in enumerate(world.risk_ids)}
    defends, sources, calms = [], [], []
    for e, role in enumerate(world.roles):
        if role.kind == "defends":
            defends.append((e, tech[role.technology], risk[role.target]))
        elif role.kind == "source":
            sources.append((e, tech[role.technology], risk[role.target]))
        elif role.kind != "requires":
            calms.append((e, tech[role.technology], tech[role.target]))
    sourced = {r for _, _, r in sources}
    return Structure(
        tuple(defends),
        tuple(sources),
        tuple(calms),
        np.array([r not in sourced for r in range(len(risk))], bool),
        np.array([item.catastrophic for item in world.risks], bool),
    )


@dataclass(frozen=True)
class Values:
    """Values by world, shape (n,) each: those of `Welfare` after the switch.

    Attributes:
        gamma: Curvature.
        life: Value of a year of life now.
        rate: ρ, less births if all count.
        growth: Per year.
        mortality: Per year.
        future: Years.
    """

    gamma: FloatArray
    life: FloatArray
    rate: FloatArray
    growth: FloatArray
    mortality: FloatArray
    future: FloatArray


@dataclass(frozen=True)
class Lived:
    """What worlds were worth, by world, and how that hangs on arrival times.

    Attributes:
        welfare: W, years of life now. Shape (n,).
        hazard_sum: Λ, so that P(catastrophe) = 1 − e^{−Λ}. Shape (n,).
        benefit: What W would be if no hazard and no transition risk were there. Shape (n,).
        benefit_slope: Part of dW/dT_k through u, g and d; shape (n, K). Without gradient, (n, 0), as the next.
        risk_slope: Part of dW/dT_k through h and q.
        hazard_slope: dΛ/dT_k.
    """

    welfare: FloatArray
    hazard_sum: FloatArray
    benefit: FloatArray
    benefit_slope: FloatArray
    risk_slope: FloatArray
    hazard_slope: FloatArray


def _integral(rate: FloatArray, years: FloatArray) -> FloatArray:
    """∫₀^L e^{−at} dt, for any sign of a."""
    x = rate * years
    small = np.abs(x) < 1e-8
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(small, years * (1 - 0.5 * x), -np.expm1(-x) / np.where(small, 1.0, rate))


def _first_moment(rate: FloatArray, years: FloatArray) -> FloatArray:
    """∫₀^L t e^{−at} dt."""
    x = rate * years
    small = np.abs(x) < 1e-4
    safe = np.where(small, 1.0, rate)
    exact = (-np.expm1(-x) - x * np.exp(-x)) / safe**2
    return np.where(small, years**2 * (0.5 - x / 3 + x * x / 8 - x**3 / 30), exact)


def worth(level: FloatArray, steep: FloatArray, life: FloatArray) -> tuple[FloatArray, FloatArray]:
    """u(G) and du/dG; `steep` is γ − 1."""
    flat = np.abs(steep) < _LOGARITHMIC
    if flat.all():
        return 1 + level / life, np.broadcast_to(1 / life, level.shape)
    fall = np.exp(-steep * level)
    bent = -np.expm1(-steep * level) / np.where(flat, 1.0, steep)
    return 1 + np.where(flat, level, bent) / life, fall / life


def flow(
    rate: FloatArray, level: FloatArray, growth: FloatArray, years: FloatArray, steep: FloatArray, life: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """∫ e^{−at} u dt over an interval, and ∫ e^{−at} du/dG dt."""
    flat = np.abs(steep) < _LOGARITHMIC
    plain = _integral(rate, years)
    if flat.all():
        return plain * (1 + level / life) + growth * _first_moment(rate, years) / life, plain / life
    fall = np.exp(-steep * level) * _integral(rate + steep * growth, years)
    bent = (plain - fall) / np.where(flat, 1.0, steep)
    if flat.any():
        bent = np.where(flat, plain * level + growth * _first_moment(rate, years), bent)
    return plain + bent / life, fall / life
