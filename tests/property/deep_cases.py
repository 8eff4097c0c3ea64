"""Random graphs for `deep`, and credit by solving the whole linear system in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from daccord.allocation import MoneyTask
from daccord.allocation.deep import CreditGraph
from daccord.fusion import CriterionScore, ProjectScore
from daccord.judging import Contribution
from daccord.money import Currency
from daccord.portfolio import Dependency, Project
from daccord.round import Budget, DeepRules, MoneyInputs, MoneyRules

__all__ = ["graphs", "in_fractions", "rows_of", "task_of", "tasks"]

EURO = Currency("EUR", 2)


def rows_of(table: dict[str, dict[str, str]]) -> tuple[Dependency, ...]:
    """Edges from project → on → share as text."""
    return tuple(Dependency(one, other, Fraction(share)) for one, row in table.items() for other, share in row.items())


def task_of(
    projects: Sequence[Project], edges: Sequence[Dependency], gifts: dict[str, int], pot: int, **rules: object
) -> MoneyTask:
    """A task whose credit begins where donors gave, unless the parameters say otherwise."""
    own = {name: rules.pop(name) for name in ("base", "seeds") if name in rules}
    good = {"benefit": CriterionScore(0, 0, 800_000, judgments=9, jurors=4)}
    return MoneyTask(
        tuple(projects),
        tuple(ProjectScore(project.id, good, 10**9 // len(projects), 0, 0) for project in projects),
        MoneyRules(rule="deep", deep=DeepRules(**{"base": "gifts", **own}), **rules),
        Budget(pot, EURO),
        MoneyInputs(
            contributions=tuple(Contribution(f"donor {name}", name, amount) for name, amount in gifts.items()),
            dependencies=tuple(edges),
        ),
        tuple(range(len(projects))),
    )


@st.composite
def graphs(draw, *, size=6, circles=True, outside=True):
    """Edges among p0 … p5 and, perhaps, to projects that may not be funded; every project keeps something."""
    names = [f"p{i}" for i in range(draw(st.integers(1, size)))]
    edges = []
    for i, name in enumerate(names):
        others = [other for j, other in enumerate(names) if (j != i if circles else j > i)]
        others += ["held-a", "held-b"] if outside else []
        chosen = draw(st.lists(st.sampled_from(others), unique=True, max_size=4)) if others else []
        if not chosen and draw(st.booleans()):
            continue
        weights = [draw(st.integers(1, 9)) for _ in range(len(chosen) + 1)]
        keeps = draw(st.sampled_from([True, True, False])) or not chosen or circles
        total = sum(weights) if keeps else sum(weights[1:])
        if keeps:
            edges.append(Dependency(name, name, Fraction(weights[0], total)))
        edges += [Dependency(name, on, Fraction(w, total)) for on, w in zip(chosen, weights[1:], strict=True)]
    return names, edges


@st.composite
def tasks(draw, *, limits=True, **shape):
    names, edges = draw(graphs(**shape))
    pot = draw(st.sampled_from([0, 1, 7, 100, 999_983, 10**12]))
    projects = [
        Project(
            name,
            name,
            team=draw(st.sampled_from(["", "a"])) if limits else "",
            ask=draw(st.sampled_from([None, None, pot // 5])) if limits else None,
        )
        for name in names
    ]
    gifts = {name: draw(st.integers(1, 50)) for name in names if draw(st.booleans())} or {names[0]: 1}
    return task_of(
        projects,
        edges,
        gifts,
        pot,
        team_cap=draw(st.sampled_from([None, 0.3])) if limits else None,
        minimum=draw(st.sampled_from([0, pot // 10])) if limits else 0,
    )


def in_fractions(graph: CreditGraph, start: Sequence[int]) -> list[Fraction]:
    """The reference: g = b + Wᵀ g, solved by elimination in fractions over all nodes."""
    n = len(graph)
    rows = [[Fraction(int(i == j)) for j in range(n)] + [Fraction(start[i])] for i in range(n)]
    for i, edges in enumerate(graph.to):
        for j, share in edges:
            rows[j][i] -= share
    for k in range(n):
        pivot = next(r for r in range(k, n) if rows[r][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for r in range(n):
            if r != k and rows[r][k]:
                factor = rows[r][k]
                rows[r] = [one - factor * other for one, other in zip(rows[r], rows[k], strict=True)]
    return [row[n] for row in rows]
