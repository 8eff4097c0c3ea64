"""By which paths credit came to a project under `deep`, in sentences."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from daccord.allocation._exact import decimal_text
from daccord.allocation._rules import MoneyTask
from daccord.allocation.deep._base import base_seeds
from daccord.allocation.deep._graph import graph_of
from daccord.allocation.deep._paths import Path, largest_paths
from daccord.allocation.deep._settle import UNIT, settle

__all__ = ["story"]

_MOST: Final = 4


def story(task: MoneyTask, i: int) -> tuple[str, ...]:
    """How much credit reaches the project at a position, by which paths, and where it passes credit on to."""
    seeds, _ = base_seeds(task)
    settled, graph = settle(task, seeds), graph_of(task)
    if not settled.reached[i]:
        return ("No credit reaches it: none begins there, and no project that gets credit depends on it.",)
    money = task.budget.currency.format
    name = task.ids[i]
    node = graph.ids.index(name)
    came, kept = settled.reached[i] // UNIT, Fraction(settled.kept[i], UNIT)
    base = f"`{task.rules.deep.base}`"
    said = [
        f"By {base} {money(seeds[i])} begin with it; with what others pass on {money(came)} come to it.",
        f"It keeps {_percent(graph.own[node])} of what comes.",
    ]
    paths = largest_paths(graph, [seeds[task.index[one]] for one in graph.ids], name, _MOST)
    if paths:
        listed = "; ".join(f"{money(int(path.credit), code=False)} {_words(task, path)}" for path in paths)
        rest = kept - sum((path.credit for path in paths), Fraction(0))
        more = f"; {money(int(rest), code=False)} by all other paths" if rest >= 1 else ""
        said.append(f"What it keeps came by these paths, largest first: {listed}{more}.")
    given = sorted(graph.to[node], key=lambda edge: (-edge[1], edge[0]))
    if given or graph.lost[node]:
        parts = [f"{_percent(share)} to {graph.ids[j]}" for j, share in given[:_MOST]]
        parts += [f"{len(given) - _MOST} more"] if len(given) > _MOST else []
        parts += [f"{_percent(share)} to {one}, which may not be funded" for one, share in graph.lost[node][:_MOST]]
        said.append(f"It passes on: {', '.join(parts)}.")
    return tuple(said)


def _words(task: MoneyTask, path: Path) -> str:
    begins = task.budget.currency.format(int(path.start), code=False)
    if len(path.nodes) == 1:
        return f"from its own {begins}"
    steps = "".join(f" → {node} {_percent(share)}" for node, share in zip(path.nodes[1:], path.shares, strict=False))
    return f"from the {begins} of {path.nodes[0]}{steps}"


def _percent(share: Fraction) -> str:
    return f"{float(decimal_text(100 * share, 4)):g} %"
