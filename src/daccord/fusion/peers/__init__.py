"""Rules that other projects use, as named rules, so that a round can be seen under each of them."""

from daccord.fusion.peers._distilled import DISTILLED, DISTILLED_ARITHMETIC
from daccord.fusion.peers._elo import ELO
from daccord.fusion.peers._huber import HUBER
from daccord.fusion.peers._least_squares import LEAST_SQUARES
from daccord.fusion.peers._pagerank import PAGERANK
from daccord.fusion.peers._rank_centrality import RANK_CENTRALITY

__all__ = ["DISTILLED", "DISTILLED_ARITHMETIC", "ELO", "HUBER", "LEAST_SQUARES", "PAGERANK", "RANK_CENTRALITY"]
