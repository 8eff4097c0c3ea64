"""WHO judges and WHAT they said: people and models; comparisons, ratings, rankings, lists, contributions."""

from daccord.judging._ballots import Ballots, Donor, Funder, MarginalValue, MetricWeight, Outcome
from daccord.judging._judges import EXPOSURES, Judge, Panel
from daccord.judging._judgments import (
    LONG_AGO,
    NEVER,
    Comparisons,
    Contribution,
    Judgments,
    ModelList,
    Rankings,
    Ratings,
    Skips,
)
from daccord.judging._roles import ARRIVES, MOST_ADDED, MOST_YEARS, Interval, RoleAnswer

__all__ = [
    "ARRIVES",
    "EXPOSURES",
    "LONG_AGO",
    "MOST_ADDED",
    "MOST_YEARS",
    "NEVER",
    "Ballots",
    "Comparisons",
    "Contribution",
    "Donor",
    "Funder",
    "Interval",
    "Judge",
    "Judgments",
    "MarginalValue",
    "MetricWeight",
    "ModelList",
    "Outcome",
    "Panel",
    "Rankings",
    "Ratings",
    "RoleAnswer",
    "Skips",
]
