"""The paths by which most credit comes to a node."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from daccord.allocation.deep._graph import CreditGraph

__all__ = ["Path", "largest_paths"]


@dataclass(frozen=True)
class Path:
    """One way from where credit begins to who keeps it.

    Attributes:
        nodes: Ids from the beginning to the recipient; a single one if it keeps what begins there.
        start: Credit that begins at the first node.
        shares: What is passed on at each step, and at last what the recipient keeps.
        credit: What comes this way: `start` times all shares, exactly.
    """

    nodes: tuple[str, ...]
    start: Fraction
    shares: tuple[Fraction, ...]
    credit: Fraction


def largest_paths(graph: CreditGraph, start: Sequence[int], recipient: str, count: int) -> list[Path]:
    """The paths that bring a node most, largest first; one that goes round a circle twice is another path.

    Paths are built backwards from the recipient. The best that can still be put in front of a half-built path is known
    beforehand, so the first path that is complete is the largest.

    Args:
        graph: The graph.
        start: Credit that begins at each node, shape (n,).
        recipient: Id.
        count: Most paths.

    Returns:
        Paths with credit above zero.
    """
    goal = graph.ids.index(recipient)
    before: list[list[tuple[int, Fraction]]] = [[] for _ in graph.ids]
    for i, edges in enumerate(graph.to):
        for j, share in edges:
            before[j].append((i, share))
    best = _best(graph, start)
    found: list[Path] = []
    # (minus what the path can at most bring, number, node, share from there on, path so far, complete?)
    heap: list[tuple[Fraction, int, int, Fraction, tuple[int, ...], bool]] = []
    number = 0

    def push(node: int, share: Fraction, path: tuple[int, ...], *, complete: bool) -> None:
        nonlocal number
        most = (Fraction(start[node]) if complete else best[node]) * share
        if most:
            number += 1
            heapq.heappush(heap, (-most, number, node, share, path, complete))

    push(goal, graph.own[goal], (goal,), complete=False)
    while heap and len(found) < count:
        most, _, node, share, path, complete = heapq.heappop(heap)
        if complete:
            found.append(_path(graph, start, path, -most))
            continue
        push(node, share, path, complete=True)
        for other, part in before[node]:
            push(other, share * part, (other, *path), complete=False)
    return found


def _best(graph: CreditGraph, start: Sequence[int]) -> list[Fraction]:
    """The most that any single path brings to each node before it keeps or passes on."""
    best = [Fraction(value) for value in start]
    heap = [(-value, i) for i, value in enumerate(best) if value]
    heapq.heapify(heap)
    while heap:
        value, i = heapq.heappop(heap)
        if -value < best[i]:
            continue
        for j, share in graph.to[i]:
            if (more := -value * share) > best[j]:
                best[j] = more
                heapq.heappush(heap, (-more, j))
    return best


def _path(graph: CreditGraph, start: Sequence[int], nodes: tuple[int, ...], credit: Fraction) -> Path:
    shares = [dict(graph.to[i])[j] for i, j in pairwise(nodes)]
    return Path(
        tuple(graph.ids[i] for i in nodes),
        Fraction(start[nodes[0]]),
        (*shares, graph.own[nodes[-1]]),
        credit,
    )
