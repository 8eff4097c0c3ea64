"""The s-process for juries drawn anew from the jurors who took part, in floating point and coarse steps, for intervals.

In every jury a juror counts as often as it was drawn. Money moves in steps of a fixed part of the pot, each paid by the
purse that is farthest behind its share, to where that purse sees most worth in the middle of the step. All juries are
played at once: arrays have shape (juries, purses, projects).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._rules import MoneyTask
from daccord.allocation.s_process._spenders import Purse, juror_curves, juror_scales, purses

__all__ = ["STEPS", "resample"]

FloatArray = npt.NDArray[np.float64]

STEPS: Final = 400
"""Steps in which the pot is handed out; an interval is as fine as this."""


def resample(task: MoneyTask, count: int, seed: int) -> FloatArray:
    """Awards by juries drawn anew.

    Args:
        task: The round.
        count: How many juries.
        seed: Of the drawing.

    Returns:
        Amounts in minor units, shape (count, n).
    """
    jurors = list(juror_curves(task))
    rng = np.random.default_rng(seed)
    chance = np.full(len(jurors), 1 / len(jurors)) if jurors else np.empty(0)
    drawn = rng.multinomial(len(jurors), chance, size=count).astype(np.float64)
    return play_steps(task, jurors, drawn)


def play_steps(task: MoneyTask, jurors: list[str], drawn: FloatArray) -> FloatArray:
    """Awards for juries in which juror j counts `drawn[:, j]` times, shape (juries, jurors)."""
    found = purses(task)
    size, n, pot = len(drawn), len(task), task.budget.amount
    step = pot / STEPS
    amounts = np.zeros((size, n))
    if not pot or not any(purse.money for purse in found):
        return amounts
    worth, weights = _tables(found, jurors, task, step)
    heard = np.ones((size, len(found), n))
    if task.rules.s_process.silence == "abstains":
        scales = juror_scales(task, juror_curves(task))
        trust = weights / np.array([float(scales.get(juror, 1)) for juror in jurors])
        heard = np.maximum(np.einsum("apj,rj->rap", trust, drawn), 1e-300)
    money = _money(found, jurors, drawn)
    bounds = np.array(task.bounds, dtype=np.float64)
    had = np.zeros((size, n), dtype=np.int64)
    spent = np.zeros_like(money)
    now = np.einsum("apj,rj->rap", weights * worth[None, :, 0, :], drawn) / heard
    rows = np.arange(size)
    teams = [(list(cap.members), cap.amount) for cap in task.team_caps]
    for t in range(STEPS):
        a = np.argmax(money * ((t + 1) / STEPS) - spent, axis=1)
        spent[rows, a] += step
        open_ = amounts + step / 2 <= bounds
        for members, cap in teams:
            open_[:, members] &= (amounts[:, members].sum(axis=1) + step / 2 <= cap)[:, None]
        seen = np.where(open_, now[rows, a], 0.0)
        p = np.argmax(seen, axis=1)
        pays = seen[rows, p] > 0
        amounts[rows, p] += np.where(pays, step, 0.0)
        had[rows, p] += pays
        next_ = worth[p, np.minimum(had[rows, p], STEPS)] * drawn
        now[rows, :, p] = np.einsum("arj,rj->ra", weights[:, p, :], next_) / heard[rows, :, p]
    return np.minimum(amounts, bounds)


def _tables(found: tuple[Purse, ...], jurors: list[str], task: MoneyTask, step: float) -> tuple[FloatArray, FloatArray]:
    """Worth in the middle of each step, shape (projects, steps + 1, jurors), and weights (purses, projects, jurors)."""
    curves = juror_curves(task)
    seat = {juror: j for j, juror in enumerate(jurors)}
    middle = (np.arange(STEPS + 1) + 0.5) * step
    worth = np.zeros((len(task), STEPS + 1, len(jurors)))
    for juror, own in curves.items():
        for i, curve in own.items():
            for piece in curve.pieces:
                inside = (piece.start <= middle) & (middle < piece.stop)
                worth[i, inside, seat[juror]] = float(piece.top) - float(piece.fall) * (middle[inside] - piece.start)
    weights = np.zeros((len(found), len(task), len(jurors)))
    for a, purse in enumerate(found):
        for i, voices in enumerate(purse.voices):
            for juror, weight in voices.items():
                weights[a, i, seat[juror]] = float(weight)
    return worth, weights


def _money(found: tuple[Purse, ...], jurors: list[str], drawn: FloatArray) -> FloatArray:
    """Money of each purse in each jury, shape (juries, purses): who delegates divides among the jurors drawn."""
    out = np.tile(np.array([float(purse.money) for purse in found]), (len(drawn), 1))
    seat = {juror: j for j, juror in enumerate(jurors)}
    for funder in {purse.funder for purse in found if purse.juror}:
        own = [a for a, purse in enumerate(found) if purse.funder == funder]
        whole = sum(found[a].money for a in own)
        part = out[:, own] * drawn[:, [seat[found[a].juror] for a in own]]
        total = part.sum(axis=1, keepdims=True)
        out[:, own] = np.divide(part * whole, total, out=np.zeros_like(part), where=total > 0)
    return out
