"""The heavy passes of `_plain`, compiled by numba: one pass each, on two threads where a pass takes milliseconds.

Importing this module imports numba, which takes half a second; the very first call compiles for some seconds and leaves
the machine code in a cache beside the files.
"""

from daccord.fusion.pairwise._compiled_counts import count_dense, count_sparse, first_bad, pairs_of
from daccord.fusion.pairwise._compiled_curve import curve, edge_noise, neighbours
from daccord.fusion.pairwise._compiled_voters import deal_pulls, deal_voters

__all__ = [
    "count_dense",
    "count_sparse",
    "curve",
    "deal_pulls",
    "deal_voters",
    "edge_noise",
    "first_bad",
    "neighbours",
    "pairs_of",
]
