"""Rules that other projects use, as named rules, so that a round can be seen under each of them."""

from daccord.fusion.peers._bridging import BRIDGING
from daccord.fusion.peers._bridging_support import BridgingSupport, bridging_support
from daccord.fusion.peers._distilled import DISTILLED, DISTILLED_ARITHMETIC
from daccord.fusion.peers._elo import ELO
from daccord.fusion.peers._huber import HUBER
from daccord.fusion.peers._least_squares import LEAST_SQUARES
from daccord.fusion.peers._median import MEDIAN
from daccord.fusion.peers._opinion_groups import (
    OpinionGroups,
    group_informed_consensus,
    opinion_groups,
    opinion_matrix,
    with_opinion_groups,
)
from daccord.fusion.peers._pagerank import PAGERANK
from daccord.fusion.peers._qr_median import QR_MEDIAN
from daccord.fusion.peers._rank_centrality import RANK_CENTRALITY

__all__ = [
    "BRIDGING",
    "DISTILLED",
    "DISTILLED_ARITHMETIC",
    "ELO",
    "HUBER",
    "LEAST_SQUARES",
    "MEDIAN",
    "PAGERANK",
    "QR_MEDIAN",
    "RANK_CENTRALITY",
    "BridgingSupport",
    "OpinionGroups",
    "bridging_support",
    "group_informed_consensus",
    "opinion_groups",
    "opinion_matrix",
    "with_opinion_groups",
]
