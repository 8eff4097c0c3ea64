"""WHO judges and WHAT they said: people and models; comparisons, ratings, rankings, lists, contributions."""

from daccord.judging._judges import EXPOSURES, Judge, Panel
from daccord.judging._judgments import NEVER, Comparisons, Contribution, Judgments, ModelList, Rankings, Ratings, Skips

__all__ = [
    "EXPOSURES",
    "NEVER",
    "Comparisons",
    "Contribution",
    "Judge",
    "Judgments",
    "ModelList",
    "Panel",
    "Rankings",
    "Ratings",
    "Skips",
]
