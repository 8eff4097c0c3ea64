"""Paired comparisons at scale: counts, Bradley–Terry and Davidson fits, standard errors over voters, a named rule."""

from daccord.fusion.pairwise._counts import PairCounter, PairCounts
from daccord.fusion.pairwise._result import PairwiseScores
from daccord.fusion.pairwise._rule import BRADLEY_TERRY
from daccord.fusion.pairwise._scores import bradley_terry, bradley_terry_chunks

__all__ = ["BRADLEY_TERRY", "PairCounter", "PairCounts", "PairwiseScores", "bradley_terry", "bradley_terry_chunks"]
