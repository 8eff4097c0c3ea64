"""WHO judges and WHAT they said: people and models; comparisons, ratings, lists, contributions."""

from daccord.judging._judges import EXPOSURES, Judge, Panel
from daccord.judging._judgments import Comparisons, Contribution, Judgments, ModelList, Ratings

__all__ = [
    "EXPOSURES",
    "Comparisons",
    "Contribution",
    "Judge",
    "Judgments",
    "ModelList",
    "Panel",
    "Ratings",
]
