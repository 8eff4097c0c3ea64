"""Whether a maximum-likelihood solution exists: everybody must have beaten everybody, directly or through others.

If the projects fall into two parts such that nothing in the second ever beat or tied with anything in the first, the
likelihood grows for ever as the parts move away from each other, and no finite values maximise it (L. R. Ford,
American Mathematical Monthly 64 (1957) 28–33). In terms of the graph with an edge from each winner to the loser, and
edges both ways for a tie: it must be strongly connected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from daccord.fusion.pairwise._counts import PairCounts

__all__ = ["Links", "linked"]

_BLOCK = 1 << 13


@dataclass(frozen=True)
class Links:
    """How the projects hang together.

    Attributes:
        strong: Groups inside which everybody beat everybody, directly or through others; 1 means that a
            maximum-likelihood solution exists.
        groups: Groups that no comparison links; a project nobody compared is a group of its own.
        alone: Projects nobody compared.
    """

    strong: int
    groups: int
    alone: int


def _all_reached(counts: PairCounts, *, backwards: bool) -> bool:
    """Whether one pass over the pairs, block by block, is enough to get from project 0 to all others.

    Args:
        counts: The pairs.
        backwards: Go from loser to winner instead.
    """
    reached = np.zeros(counts.size, dtype=np.bool_)
    reached[:1] = True
    there, back = (counts.wins_b, counts.wins_a) if backwards else (counts.wins_a, counts.wins_b)
    for start in range(0, len(counts.a), _BLOCK):
        block = slice(start, start + _BLOCK)
        a, b, tied = counts.a[block], counts.b[block], counts.ties[block] > 0
        reached[b[reached[a] & (tied | (there[block] > 0))]] = True
        reached[a[reached[b] & (tied | (back[block] > 0))]] = True
        if reached.all():
            return True
    return bool(reached.all())


def linked(counts: PairCounts) -> Links:
    """How the projects hang together.

    Most graphs with many comparisons are settled by a glance at the first pairs; the others by counting components.
    """
    if _all_reached(counts, backwards=False) and _all_reached(counts, backwards=True):
        return Links(min(counts.size, 1), min(counts.size, 1), int(counts.size == 1))
    beaten, lost = counts.wins_a + counts.ties > 0, counts.wins_b + counts.ties > 0
    a, b = counts.a, counts.b
    rows, columns = np.concatenate([a[beaten], b[lost]]), np.concatenate([b[beaten], a[lost]])
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(counts.size, counts.size)).tocsr()
    strong, _ = connected_components(graph, directed=True, connection="strong")
    groups, _ = connected_components(graph, directed=False)
    return Links(int(strong), int(groups), int(np.count_nonzero(counts.compared == 0)))
