"""The dependency graph among the projects that may be funded: what each keeps, passes on, and loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from daccord.allocation._rules import MoneyTask
from daccord.portfolio import Dependency

__all__ = ["CreditGraph", "closed_circles", "components", "credit_graph", "graph_of", "wrong_rows"]


@dataclass(frozen=True)
class CreditGraph:
    """Shares of the credit that reaches a node; those of a node sum to 1.

    Attributes:
        ids: Of the nodes, sorted, shape (n,).
        own: What a node keeps, shape (n,).
        to: Node → (node, share) of what it passes on, sorted by node.
        lost: Node → (id, share) of what goes to projects that may not be funded.
    """

    ids: tuple[str, ...]
    own: tuple[Fraction, ...]
    to: tuple[tuple[tuple[int, Fraction], ...], ...]
    lost: tuple[tuple[tuple[str, Fraction], ...], ...]

    def __len__(self) -> int:
        return len(self.ids)


def credit_graph(ids: Sequence[str], dependencies: Sequence[Dependency]) -> CreditGraph:
    """The graph among some projects; edges of others say nothing about them.

    Args:
        ids: Of the projects that may be funded.
        dependencies: Of the whole round; rows of a project sum to 1 (see `wrong_rows`).

    Returns:
        The graph; a project without a row keeps everything.
    """
    nodes = tuple(sorted(ids))
    index = {identifier: i for i, identifier in enumerate(nodes)}
    own: list[Fraction | None] = [None] * len(nodes)
    to: list[list[tuple[int, Fraction]]] = [[] for _ in nodes]
    lost: list[list[tuple[str, Fraction]]] = [[] for _ in nodes]
    for edge in dependencies:
        i = index.get(edge.project)
        if i is None:
            continue
        own[i] = own[i] or Fraction(0)
        if edge.on == edge.project:
            own[i] = edge.weight
        elif edge.on in index:
            to[i].append((index[edge.on], edge.weight))
        else:
            lost[i].append((edge.on, edge.weight))
    return CreditGraph(
        nodes,
        tuple(Fraction(1) if share is None else share for share in own),
        tuple(tuple(sorted(edges)) for edges in to),
        tuple(tuple(sorted(edges)) for edges in lost),
    )


def wrong_rows(dependencies: Sequence[Dependency]) -> list[tuple[str, Fraction]]:
    """Projects whose shares are not positive or do not sum to 1, with the sum."""
    totals: dict[str, Fraction] = {}
    bad = set()
    for edge in dependencies:
        totals[edge.project] = totals.get(edge.project, Fraction(0)) + edge.weight
        if edge.weight <= 0:
            bad.add(edge.project)
    return [(project, total) for project, total in sorted(totals.items()) if total != 1 or project in bad]


def components(graph: CreditGraph) -> list[list[int]]:
    """Strongly connected components, those that pass credit on before those that it reaches (Tarjan, 1972)."""
    found: list[list[int]] = []
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    waiting: set[int] = set()
    for root in range(len(graph)):
        if root in number:
            continue
        calls = [(root, iter(graph.to[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        waiting.add(root)
        while calls:
            node, edges = calls[-1]
            for other, _ in edges:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    waiting.add(other)
                    calls.append((other, iter(graph.to[other])))
                    break
                if other in waiting:
                    low[node] = min(low[node], number[other])
            else:
                calls.pop()
                if calls:
                    low[calls[-1][0]] = min(low[calls[-1][0]], low[node])
                if low[node] == number[node]:
                    cut = _last(stack, node)
                    members = stack[cut:]
                    del stack[cut:]
                    waiting.difference_update(members)
                    found.append(sorted(members))
    return found[::-1]


def _last(stack: Sequence[int], node: int) -> int:
    place = len(stack) - 1
    while stack[place] != node:
        place -= 1
    return place


def closed_circles(graph: CreditGraph) -> list[list[str]]:
    """Circles that credit enters and never leaves, because no member keeps any and none passes any on outside."""
    closed = []
    for members in components(graph):
        inside = set(members)
        if not any(
            graph.own[i] or graph.lost[i] or any(other not in inside for other, _ in graph.to[i]) for i in members
        ):
            closed.append([graph.ids[i] for i in members])
    return closed


def graph_of(task: MoneyTask) -> CreditGraph:
    """The graph among the projects of a task."""
    return credit_graph(task.ids, task.inputs.dependencies)
