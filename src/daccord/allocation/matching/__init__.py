"""Matching of donations: plain, pairwise-bounded and cluster match, in integers."""

from daccord.allocation.matching._bound import HIGHEST, Bound, Matched, Survey, find_bound, survey
from daccord.allocation.matching._cluster import CLUSTER_ONE, cluster_sums
from daccord.allocation.matching._gifts import Gifts, Scale
from daccord.allocation.matching._pairs import fast_pair_sums
from daccord.allocation.matching._plain import cosine_sums, plain_sums
from daccord.allocation.matching._precision import error_bound, scale_for
from daccord.allocation.matching._reference import pair_sums
from daccord.allocation.matching._rule import QUADRATIC

__all__ = [
    "CLUSTER_ONE",
    "HIGHEST",
    "QUADRATIC",
    "Bound",
    "Gifts",
    "Matched",
    "Scale",
    "Survey",
    "cluster_sums",
    "cosine_sums",
    "error_bound",
    "fast_pair_sums",
    "find_bound",
    "pair_sums",
    "plain_sums",
    "scale_for",
    "survey",
]
