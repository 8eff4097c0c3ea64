"""`deep` in floating point, for draws of the values at once: the base's draws, passed on by one sparse solve."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from daccord.allocation._rules import MoneyTask
from daccord.allocation.deep._base import base_draws
from daccord.allocation.deep._graph import graph_of

__all__ = ["draw_deep"]

FloatArray = npt.NDArray[np.float64]


def draw_deep(task: MoneyTask, log_values: FloatArray) -> FloatArray:
    """Awards for draws of the values; shares of credit stand. See `MoneyRule.draws`."""
    graph = graph_of(task)
    place = np.array([task.index[identifier] for identifier in graph.ids])
    n = len(graph)
    edges = [(j, i, float(share)) for i, to in enumerate(graph.to) for j, share in to]
    passed = sparse.lil_matrix((n, n))
    for j, i, share in edges:
        passed[j, i] = share
    start = base_draws(task, log_values)[:, place]
    credit = start
    if edges:
        from scipy.sparse import linalg  # noqa: PLC0415 - slow to import, and only this needs it

        solve = linalg.splu(sparse.csc_matrix(sparse.identity(n) - passed))
        credit = solve.solve(np.ascontiguousarray(start.T)).T
    amounts = np.zeros_like(start)
    amounts[:, place] = np.maximum(credit, 0.0) * np.array([float(share) for share in graph.own])
    amounts = np.minimum(amounts, np.array(task.bounds, dtype=np.float64))
    for cap in task.team_caps:
        members = list(cap.members)
        total = amounts[:, members].sum(axis=1, keepdims=True)
        amounts[:, members] *= cap.amount / np.maximum(total, max(cap.amount, 1))
    return np.where(amounts < task.rules.minimum, 0.0, amounts)
