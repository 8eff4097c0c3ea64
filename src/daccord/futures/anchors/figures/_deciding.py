"""Figures of who decides, who errs and whether a balance lasts."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from daccord.futures.anchors.deciding import committee, hierarchy, majority, polyarchy, unilateral_action
from daccord.futures.anchors.figures._figure import Anchor, Figure
from daccord.futures.anchors.returns import final_shares, linear_concentration, linear_largest_share, stable_share
from daccord.futures.power import Body, Quota, power

__all__ = ["anchors"]

_COUNTRIES: Final = (
    "Germany, United Kingdom, France, Italy, Spain, Poland, Romania, Netherlands, Greece, Czech Republic, Belgium, "
    "Hungary, Portugal, Sweden, Bulgaria, Austria, Slovakia, Denmark, Finland, Ireland, Lithuania, Latvia, Slovenia, "
    "Estonia, Cyprus, Luxembourg, Malta"
)
_VOTES: Final = (29,) * 4 + (27,) * 2 + (14, 13) + (12,) * 5 + (10,) * 3 + (7,) * 5 + (4,) * 5 + (3,)
_PEOPLE: Final = (
    *(82038, 59247, 58966, 57612, 39394, 38667, 22489, 15760, 10533, 10290, 10213, 10092, 9980, 8854, 8230, 8082, 5393),
    *(5313, 5160, 3744, 3701, 2439, 1978, 1446, 752, 429, 379),
)
"""Thousands."""

_RUNS: Final = 2_000
_COMMUNITIES: Final = 60
_SEED: Final = 20_260_101


def _small_bodies() -> tuple[Figure, ...]:
    community = Body(
        ("Germany", "France", "Italy", "Netherlands", "Belgium", "Luxembourg"), (Quota(12, (4, 4, 4, 2, 2, 1)),)
    )
    three = Body.weighted(51, 50, 49, 1)
    figures = []
    for label, body, banzhaf, shapley in (
        ("EEC 1958", community, "5/21 5/21 5/21 1/7 1/7 0", "7/30 7/30 7/30 3/20 3/20 0"),
        ("[51; 50, 49, 1]", three, "3/5 1/5 1/5", "2/3 1/6 1/6"),
    ):
        indices = power(body)
        for index, texts, values in (
            ("Banzhaf", banzhaf, indices.banzhaf),
            ("Shapley–Shubik", shapley, indices.shapley_shubik),
        ):
            for member, text, value in zip(body.members, texts.split(), values, strict=True):
                figures.append(Figure(f"{label}, member {member}: {index}", text, value))
    council = power(Body.weighted(39, *[7] * 5, *[1] * 10))
    return (
        *figures,
        Figure("UN Security Council, permanent member: Banzhaf", "106/635", council.banzhaf[0]),
        Figure("UN Security Council, other member: Banzhaf", "21/1270", council.banzhaf[-1]),
        Figure("UN Security Council, permanent member: Shapley–Shubik", "421/2145", council.shapley_shubik[0]),
        Figure("UN Security Council, other member: Shapley–Shubik", "4/2145", council.shapley_shubik[-1]),
    )


def _union() -> tuple[Figure, ...]:
    members = tuple(_COUNTRIES.split(", "))
    votes = Quota(255, _VOTES)
    majorities = (votes, Quota.of_members(14, 27), Quota.of_share(Fraction(62, 100), _PEOPLE))
    triple = power(Body(members, majorities))
    double = power(Body(members, (Quota.of_members(15, 27), Quota.of_share(Fraction(65, 100), _PEOPLE))))
    alone = power(Body(members, (votes,)))
    banzhaf = {"0.0778": members[:4], "0.0742": members[4:6], "0.0426": members[6:7], "0.0397": members[7:8]}
    shapley = {"0.0871": members[:1], "0.0870": members[1:4], "0.0799": members[4:6], "0.0082": members[-1:]}
    figures = []
    for index, printed, values in (
        ("Banzhaf", {**banzhaf, "0.0094": members[-1:]}, triple.banzhaf),
        ("Shapley–Shubik", shapley, triple.shapley_shubik),
    ):
        figures += [
            Figure(f"Nice, triple majority, {member}: {index}", text, values[members.index(member)])
            for text, group in printed.items()
            for member in group
        ]
    return (
        *figures,
        Figure("Nice, triple majority: a random motion passes", "0.0203", triple.passage),
        Figure("Nice, votes alone: fewest to pass", "13", Fraction(alone.fewest_to_pass)),
        Figure("Nice, votes alone: fewest to block", "4", Fraction(alone.fewest_to_block)),
        Figure("double majority 15 of 27 and 65 %, Germany: Banzhaf", "0.1186", double.banzhaf[0]),
        Figure("double majority, Malta: Banzhaf", "0.0158", double.banzhaf[-1]),
        Figure("double majority: a random motion passes", "0.1287", double.passage),
    )


def _errors() -> tuple[Figure, ...]:
    rows = {
        -0.5: ("0.309", "0.522", "0.842", "0.975", "1.000"),
        -1.0: ("0.159", "0.292", "0.578", "0.822", "0.9998"),
        -2.0: ("0.023", "0.045", "0.109", "0.206", "0.684"),
    }
    figures = [
        Figure(f"V = {value}, n = {people}: somebody acts", text, unilateral_action(value, people))
        for value, texts in rows.items()
        for people, text in zip((1, 2, 5, 10, 50), texts, strict=True)
    ]
    wrong = unilateral_action(-1.0, 1)
    return (*figures, Figure("V = −1, n = 5: a majority acts", "0.031", majority(wrong, 5)))


def _architectures() -> tuple[Figure, ...]:
    condorcet = zip((1, 3, 11, 51, 101), ("0.600", "0.648", "0.7535", "0.9265", "0.9791"), strict=True)
    return (
        Figure("p = 0.7: polyarchy of two", "0.91", polyarchy(0.7)),
        Figure("p = 0.7: hierarchy of two", "0.49", hierarchy(0.7)),
        Figure("p = 0.7: two of three", "0.784", committee(0.7, 2, 3)),
        *(Figure(f"p = 0.6: majority of {people} is right", text, majority(0.6, people)) for people, text in condorcet),
    )


def _urn() -> tuple[Figure, ...]:
    printed = {
        0.5: ("0.225", "0.202"),
        0.8: ("0.291", "0.223"),
        1.0: ("0.456", "0.333"),
        1.2: ("0.730", "0.622"),
        1.5: ("0.943", "0.909"),
        2.0: ("0.994", "0.988"),
    }
    figures = []
    for exponent, texts in printed.items():
        shares = final_shares(5, exponent, steps=3_000, runs=_RUNS, seed=_SEED)
        for name, text, values in zip(
            ("largest share", "sum of squared shares"),
            texts,
            (shares.max(axis=1), (shares**2).sum(axis=1)),
            strict=True,
        ):
            # Both are means of samples: the printed one of 4,000 runs, ours of 2,000.
            error = float(values.std(ddof=1)) * (1 / 4_000 + 1 / _RUNS) ** 0.5
            figures.append(Figure(f"γ = {exponent}: {name}", text, float(values.mean()), 4 * error + 0.0005))
    return (
        *figures,
        Figure("γ = 1, limit: largest share, H₅/5", "0.4567", linear_largest_share(5)),
        Figure("γ = 1, limit: sum of squared shares, 2/(n+1)", "0.3333", linear_concentration(5)),
    )


def _communities() -> tuple[Figure, ...]:
    printed = {0.75: "1.00", 0.9: "0.985", 1.0: "0.725", 1.1: "0.235", 1.25: "0.00"}
    figures = []
    for complexity, text in printed.items():
        share = stable_share(100, 0.25, complexity, communities=_COMMUNITIES, seed=_SEED)
        chance = float(text)
        # At least one community's worth of error, where the printed share is 0 or 1.
        error = max((chance * (1 - chance) / _COMMUNITIES) ** 0.5 * 4, 1 / _COMMUNITIES)
        figures.append(Figure(f"σ√(SC) = {complexity}: share of stable communities", text, share, error))
    return tuple(figures)


def anchors() -> tuple[Anchor, ...]:
    """P1, U1, G1, Y1, Y2."""
    return (
        Anchor(
            "P1",
            "Power indices of small bodies",
            "standard examples; exact fractions",
            "read",
            _small_bodies(),
            "Of these, Banzhaf's for [51; 50, 49, 1] and Luxembourg's zero were read in the literature; the other "
            "fractions come from an independent earlier enumeration.",
        ),
        Anchor(
            "P1a",
            "Power indices of the Council of 27",
            "weights and populations: University of Seville's page on Nice; indices from an earlier enumeration",
            "derived",
            _union(),
            "Counted exactly over all 2²⁷ coalitions.",
        ),
        Anchor(
            "U1",
            "The unilateralist's curse",
            "formula: Bostrom, Douglas, Sandberg (2016); normal errors, deviation 1",
            "derived",
            _errors(),
        ),
        Anchor(
            "G1",
            "Hierarchy, polyarchy, committee",
            "Sah, Stiglitz (1986); Condorcet; binomial sums",
            "derived",
            _architectures(),
        ),
        Anchor(
            "Y1",
            "Returns to what one has: five actors, 3,000 units",
            "generalised Pólya urn; means of an earlier simulation, limits by closed form",
            "derived",
            _urn(),
            "Simulated. The tolerance is four standard errors of both means together.",
        ),
        Anchor(
            "Y2",
            "May's bound: 100 species, a quarter of the ties",
            "May (1972), from memory; shares of an earlier simulation",
            "derived",
            _communities(),
            f"Simulated, {_COMMUNITIES} communities each: shows the fall through 1, not the third digit.",
        ),
    )
