"""Figures of the races the lab must nest."""

from __future__ import annotations

import numpy as np

from daccord.futures.anchors.compute_price import Labs, equilibrium
from daccord.futures.anchors.figures._figure import Anchor, Figure
from daccord.futures.anchors.precipice import Teams
from daccord.futures.anchors.race import STRATEGIES as RACERS
from daccord.futures.anchors.race import Race, stationary, transitions, zones
from daccord.futures.anchors.setbacks import STRATEGIES, SetbackRace, payoff_table

__all__ = ["anchors"]

_DSAIR = "Han, Pereira, Santos, Lenaerts, JAIR 69 (2020), 881–921"
_CASES = {
    "figure 2b": (Race(100, 0.5, 0.9), (("AU", "CS", "0.12"), ("AU", "AS", "0.18"))),
    "figure 2c": (Race(100, 0.5, 0.6), (("CS", "AU", "62.9"), ("AS", "AU", "62.4"))),
    "figure 3b": (Race(1e6, 0.1, 0.4), (("AU", "CS", "5.7"), ("AS", "AU", "3.2"))),
    "figure 3c": (Race(1e6, 0.9, 0.4), (("AU", "CS", "3.0"), ("AU", "AS", "21.7"))),
}
_SHARES = {
    "figure 2b": ("0.00", "0.50", "0.50"),
    "figure 2c": ("1.00", "0.00", "0.00"),
    "figure 3b": ("0.13", "0.17", "0.70"),
    "figure 3c": ("0.00", "0.51", "0.49"),
}


def _stationary() -> tuple[Figure, ...]:
    figures = []
    for case, texts in _SHARES.items():
        shares = stationary(_CASES[case][0].payoffs())
        for name, text in zip(("AU", "AS", "CS"), texts, strict=True):
            figures.append(Figure(f"{case}: share of {name}", text, float(shares[RACERS.index(name)])))
    return tuple(figures)


def _transitions(*, self_interaction: bool) -> tuple[Figure, ...]:
    figures = []
    for case, (race, arrows) in _CASES.items():
        values = transitions(race.payoffs(), self_interaction=self_interaction)
        for resident, mutant, text in arrows:
            value = float(values[RACERS.index(resident), RACERS.index(mutant)])
            # Two of the eight are printed too coarsely to tell the conventions apart.
            differs = not self_interaction and (case, mutant) not in {("figure 3b", "AU"), ("figure 3c", "CS")}
            known = (
                "Equation 3 as printed, without self-interaction, does not give the printed figure." if differs else ""
            )
            figures.append(Figure(f"{case}: {resident} → {mutant}, in units of 1/Z", text, value, known=known))
    return tuple(figures)


def _payoffs() -> tuple[Figure, ...]:
    printed = {
        0.1: (
            ("59.000", "5.400", "59.000", "8.600"),
            ("109.440", "61.200", "106.560", "61.200"),
            ("59.000", "16.600", "59.000", "33.793"),
            ("108.961", "61.200", "86.753", "61.200"),
        ),
        0.6: (
            ("59.000", "5.400", "59.000", "8.600"),
            ("48.640", "27.200", "47.360", "27.200"),
            ("59.000", "16.600", "59.000", "26.644"),
            ("101.765", "27.200", "61.631", "27.200"),
        ),
        0.9: (
            ("59.000", "5.400", "59.000", "8.600"),
            ("12.160", "6.800", "11.840", "6.800"),
            ("59.000", "16.600", "59.000", "22.356"),
            ("97.448", "6.800", "46.557", "6.800"),
        ),
    }
    figures = []
    for cap, rows in printed.items():
        table = payoff_table(SetbackRace(cap))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                name = f"cap {cap}: {STRATEGIES[row]} against {STRATEGIES[column]}"
                figures.append(Figure(name, text, float(table[row, column])))
    return tuple(figures)


def _prices() -> tuple[Figure, ...]:
    prices = (0.02, 0.05, 0.1, 0.2)
    printed = {
        (0.5, 0.5): ("0.2296", "0.2296", "0.2296", "0.2296"),
        (0.3, 0.7): ("0.2390", "0.2326", "0.2259", "0.2174"),
        (0.7, 0.3): ("0.2018", "0.2233", "0.2353", "0.2429"),
    }
    figures = [
        Figure(f"α = {alpha}, β = {beta}, price {price}: risk", text, equilibrium(Labs(alpha, beta), price).risk)
        for (alpha, beta), texts in printed.items()
        for price, text in zip(prices, texts, strict=True)
    ]
    # θ = 0.8 makes neutrality a matter of the product βθ, not of α = β.
    risks = [equilibrium(Labs(0.4, 0.5, erosion=0.8), float(price)).risk for price in np.geomspace(1e-4, 1.0, 9)]
    spread = max(risks) - min(risks)
    return (*figures, Figure("α = βθ = 0.4: risk at its highest less at its lowest, prices 0.0001 to 1", "0", spread))


def _precipice() -> tuple[Figure, ...]:
    rows = {
        (2, 1, 1): ("0.500", "0.667", "0.667"),
        (2, 1, 2): ("0.000", "0.333", "0.417"),
        (2, 0.5, 1): ("0.000", "0.556", "0.417"),
        (5, 1, 1): ("0.800", "0.833", "0.833"),
        (5, 1, 2): ("0.600", "0.667", "0.672"),
        (5, 1, 4): ("0.200", "0.333", "0.452"),
        (5, 0.5, 2): ("0.200", "0.444", "0.452"),
        (5, 0.5, 4): ("0.000", "0.040", "0.265"),
    }
    figures = []
    for (count, enmity, capability), texts in rows.items():
        teams = Teams(count, enmity, capability)
        risks = {
            "no information": teams.risk_without_information,
            "private": teams.risk_with_private_information,
            "public": teams.risk_with_public_information,
        }
        for (name, risk), text in zip(risks.items(), texts, strict=True):
            figures.append(Figure(f"n = {count}, e = {enmity}, μ = {capability}: {name}", text, risk))
    return tuple(figures)


def anchors() -> tuple[Anchor, ...]:
    """H1–H3, F1, C1, S1."""
    return (
        Anchor("H1", "DSAIR: shares of time in the pure states", _DSAIR, "read", _stationary()),
        Anchor(
            "H2",
            "DSAIR: transitions, everybody also meeting itself",
            _DSAIR,
            "read",
            _transitions(self_interaction=True),
            "Dividing by Z, with self-interaction, gives all eight printed values.",
        ),
        Anchor(
            "H2a",
            "DSAIR: the same with equation 3 as printed",
            _DSAIR,
            "read",
            _transitions(self_interaction=False),
            "Dividing by Z − 1, as the equation says, does not give the printed values; two of the eight are printed "
            "too coarsely to tell. The shares of H1 are the same to the printed per cent either way.",
        ),
        Anchor(
            "H3",
            "DSAIR: boundaries of the zones, s = 1.5",
            _DSAIR,
            "read",
            (
                Figure("innovation below", "0.33", zones(1.5).innovation),
                Figure("compliance above, two teams", "0.78", zones(1.5).compliance),
                Figure("compliance above, five teams", "0.94", zones(1.5, teams=5).compliance),
            ),
        ),
        Anchor(
            "F1",
            "A race with private setbacks: payoffs",
            "Fernández Domingos, Han, arXiv 2607.26034 (2026), from the tables of deployment-layer-selection",
            "retold",
            _payoffs(),
            "The tables are those of a third party's program; the paper was not read.",
        ),
        Anchor(
            "C1",
            "Compute prices and the safety tax",
            "model of Jensen, Emery-Xu, Trager, arXiv 2302.11436; numbers from an earlier derivation",
            "derived",
            _prices(),
            "θ = 1, two labs, A = B = 10, d = 1. The paper's own figures were not read.",
        ),
        Anchor(
            "S1",
            "Racing to the precipice: risk in three states of knowledge",
            "set-up of Armstrong, Bostrom, Shulman (2016); equilibria derived",
            "derived",
            _precipice(),
            "With little enmity and small μ private information is worse than public: an exception to the abstract's "
            "claim that more information means more danger. Another one: with private information and very little "
            "enmity a third team can lower the risk (e = 1/8, μ = 1: 0.407 with two teams, 0.400 with three). "
            "The paper's text was not read.",
        ),
    )
