"""`metric-median` in floating point for electorates drawn anew, for intervals only.

As many voters as took part are drawn from them with replacement, again and again; the medians and the division follow.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from daccord.allocation._draw_levels import Groups
from daccord.allocation._draws import capped
from daccord.allocation._rules import MoneyTask
from daccord.allocation.medians._ballots import FINE, stated, top_amount

__all__ = ["resamples"]

FloatArray = npt.NDArray[np.float64]


def resamples(task: MoneyTask, electorates: int, seed: int) -> FloatArray:
    """See `MoneyRule.resamples`."""
    said = stated(task)
    size = len(task)
    out = np.zeros((electorates, size))
    if not said.voters or task.budget.amount == 0:
        return out
    table = np.full((len(said.voters), size), np.nan)
    for row, ballot in enumerate(said.amounts):
        table[row, list(ballot)] = [amount / FINE for amount in ballot.values()]
    rng = np.random.default_rng(seed)
    medians = np.zeros((electorates, size))
    for electorate in medians:
        drawn = rng.integers(len(table), size=len(table))
        electorate[:] = _medians(table[drawn], task.rules.metric_median.quorum)
    return _divide(task, medians)


def _medians(table: FloatArray, quorum: int) -> FloatArray:
    """Medians of those who speak of a project; 0 below the quorum."""
    ordered = np.sort(table, axis=0)  # NaN, which is silence, comes last
    spoke = np.sum(~np.isnan(ordered), axis=0)
    gave = np.sum(ordered > 0, axis=0)
    columns = np.arange(table.shape[1])
    low = ordered[np.maximum(spoke - 1, 0) // 2, columns]
    high = ordered[np.minimum(spoke // 2, len(table) - 1), columns]
    return np.where(gave >= quorum, (low + high) / 2, 0.0)


def _divide(task: MoneyTask, medians: FloatArray) -> FloatArray:
    pot, cap = float(task.budget.amount), float(top_amount(task))
    teams = Groups.of(task.team_caps, len(task))
    out = np.zeros_like(medians)
    rows = np.flatnonzero(np.any(medians > 0, axis=1))
    weights = medians[rows][:, teams.order]
    asks = np.minimum(np.array(task.bounds, dtype=np.float64), cap)[teams.order]

    def fill(who: npt.NDArray[np.bool_]) -> FloatArray:
        bounds = np.where(who, asks, 0.0)
        return capped(np.where(who, weights, 1.0), bounds, pot, 0.0, teams)

    alive = weights > 0
    if len(rows):
        first = fill(alive)
        small = first < task.rules.minimum - 1e-9 * pot
        out[np.ix_(rows, teams.order)] = fill(alive & ~small) if np.any(small & alive) else first
    return out
