"""Who was compared with whom by people: the coverage graph, its connected parts, and a layout.

Two projects are *linked* on a criterion if one person compared them or rated both; they are *connected* if a chain of
links joins them. Where no chain does, people's answers say nothing about how two projects stand to each other, and
only the prior does. Only comparisons are drawn; answers under a conflict of interest are set aside, as in the decision.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from daccord.round import Round

__all__ = ["Coverage", "circle", "coverage"]


@dataclass(frozen=True)
class Coverage:
    """What people's answers on one criterion cover.

    Attributes:
        criterion: Criterion id.
        comparisons: Comparisons by people.
        ratings: Ratings by people.
        jurors: Different people who answered.
        edges: Pair of positions in the portfolio, smaller first → comparisons of the two.
        components: Positions, connected through comparisons or through people who rated both; largest part first,
            each part in the portfolio's order. Projects without any answer are parts of one.
        silent: Positions of projects about which nobody answered.
    """

    criterion: str
    comparisons: int
    ratings: int
    jurors: int
    edges: Mapping[tuple[int, int], int]
    components: tuple[tuple[int, ...], ...]
    silent: tuple[int, ...]


def _conflicted(round_: Round) -> frozenset[tuple[int, int]]:
    """Pairs of judge and project whose answers are set aside."""
    teams: dict[str, list[int]] = {}
    for i, project in enumerate(round_.portfolio):
        teams.setdefault(project.id, []).append(i)
        if project.team:
            teams.setdefault(project.team, []).append(i)
    return frozenset(
        (j, i) for j, judge in enumerate(round_.panel) for tie in judge.conflicts for i in teams.get(tie, ())
    )


def coverage(round_: Round, criterion: str) -> Coverage:
    """What people's answers on a criterion cover.

    Args:
        round_: The round.
        criterion: Id of one of its criteria.
    """
    size = len(round_.portfolio)
    person = [judge.is_person for judge in round_.panel]
    aside = _conflicted(round_)
    said = round_.judgments[criterion]
    edges: Counter[tuple[int, int]] = Counter()
    jurors: set[int] = set()
    parent = list(range(size))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    touched: set[int] = set()
    table = said.comparisons
    for j, a, b in zip(table.judge.tolist(), table.a.tolist(), table.b.tolist(), strict=True):
        if person[j] and (j, a) not in aside and (j, b) not in aside:
            edges[min(a, b), max(a, b)] += 1
            jurors.add(j)
            touched.update((a, b))
            parent[root(a)] = root(b)
    first: dict[int, int] = {}
    ratings = 0
    for j, i in zip(said.ratings.judge.tolist(), said.ratings.project.tolist(), strict=True):
        if person[j] and (j, i) not in aside:
            ratings += 1
            jurors.add(j)
            touched.add(i)
            parent[root(i)] = root(first.setdefault(j, i))
    parts: dict[int, list[int]] = {}
    for i in range(size):
        parts.setdefault(root(i), []).append(i)
    ordered = sorted(parts.values(), key=lambda part: (-len(part), part[0]))
    return Coverage(
        criterion=criterion,
        comparisons=sum(edges.values()),
        ratings=ratings,
        jurors=len(jurors),
        edges=dict(sorted(edges.items())),
        components=tuple(tuple(part) for part in ordered),
        silent=tuple(i for i in range(size) if i not in touched),
    )


def circle(cover: Coverage, leave_out: Collection[int] = ()) -> list[tuple[int, float, float]]:
    """Places on the unit circle: connected parts side by side, often-compared projects near each other.

    Within a part the next place goes to the project with most comparisons with those placed lately (their weight
    halves with every step back), so that thick lines stay short. Ties go to the portfolio's order.

    Args:
        cover: What people's answers cover.
        leave_out: Positions that get no place.

    Returns:
        Position in the portfolio, x, y; in clockwise order from the top.
    """
    size = sum(len(part) for part in cover.components)
    weight = np.zeros((size, size))
    for (a, b), number in cover.edges.items():
        weight[a, b] = weight[b, a] = number
    order: list[int] = []
    for part in cover.components:
        left = set(part).difference(leave_out)
        pull = np.zeros(size)
        while left:
            nearest = min(left, key=lambda i: (-pull[i], -weight[i].sum(), i))
            left.remove(nearest)
            order.append(nearest)
            pull = pull / 2 + weight[nearest]
    step = 2 * math.pi / max(1, len(order))
    return [(i, math.sin(k * step), math.cos(k * step)) for k, i in enumerate(order)]
