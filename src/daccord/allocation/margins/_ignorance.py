"""What it costs not to know a project's value, in money.

In one state of knowledge the money rule `differential` maximises `U(x; v) = Σ v_j k ln(1 + x_j/k)` with the values

    v_j = exp(m_j - caution s_j) × priorities of j.

Suppose the value of project i alone became known, say θ_i. Then v_i = exp(θ_i) × priorities, without any caution, and
what the others' posterior shares with it moves too: m_j and s_j become the mean and the standard deviation of j given
θ_i. Its limit by evidence falls away, because that is a limit for what is not known. The pot would be divided anew, as
x(θ_i) instead of the present x, and the gain is

    G_i(θ_i) = max(0, U(x(θ_i); v) - U(x; v)),    both at the values v that are then believed.

Its mean over the posterior of θ_i, divided by what the last unit of the pot is worth, is the price of ignorance: so
much judging of this project is worth at most. It cannot be negative, because the present division stays possible, and
it is 0 where nothing that could be learnt would move money. For `caution = 0` and without correlations it is the
expected value of partial perfect information. Verdicts stand, as in the intervals.

Correlations are those of the draws. Their noise moves the others a little where nothing is learnt about them, which
feigns a small price: below a ten-thousandth of the pot with thousands of draws (tested).

The same draws of the posterior serve all projects (common random numbers), so differences between prices are surer than
their Monte Carlo errors say.

Source: H. Raiffa and R. Schlaifer, "Applied Statistical Decision Theory" (1961), for the value of information;
M. Strong, J. Oakley and A. Brennan, "Estimating multiparameter partial expected value of perfect information from a
probabilistic sensitivity analysis sample" (2014), for computing it from draws.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._allocate import money_task, paid_positions
from daccord.allocation._differential import priorities
from daccord.allocation._draw_differential import draw_differential
from daccord.allocation._rules import MoneyTask
from daccord.allocation._types import Verdict
from daccord.allocation.accounts import Plan
from daccord.errors import InputError
from daccord.fusion import MICRO, Scores
from daccord.portfolio import Portfolio
from daccord.round import Budget, MoneyInputs, Rules

__all__ = ["Price", "prices_of_ignorance"]

FloatArray = npt.NDArray[np.float64]

_NOISE: Final = 4.0
"""Correlations of a sample of draws below so many standard errors count as none."""

_NOTHING: Final = 1e-9
"""Gains below this share of what the whole pot is worth are rounding."""


@dataclass(frozen=True)
class Price:
    """What knowing one project's value would be worth.

    Attributes:
        project: Id.
        expected: Minor units, at least 0.
        error: Monte Carlo standard error, minor units.
    """

    project: str
    expected: float
    error: float


def prices_of_ignorance(
    portfolio: Portfolio,
    scores: Scores,
    verdicts: Sequence[Verdict],
    rules: Rules,
    budget: Budget,
    log_values: FloatArray,
    inputs: MoneyInputs | None = None,
    *,
    divided: int | None = None,
    projects: Collection[str] | None = None,
    draws: int = 1000,
) -> tuple[Price, ...]:
    """Price of ignorance of each project that may be funded, the highest first.

    Args:
        portfolio: What was judged.
        scores: Published integers.
        verdicts: As decided; they stand.
        rules: As decided by; the money rule must be `differential`.
        budget: The pot.
        log_values: Joint draws of benefit, natural log, shape (n_draws, n_projects), at least two.
        inputs: Of the round, for its entries.
        divided: What the rule divided; None for the whole pot.
        projects: Only these; None for all.
        draws: At most so many of the draws are used, evenly spread.

    Returns:
        Prices; none if a further unit of money is worth nothing, because nobody can take it.

    Raises:
        InputError: The money rule is another one, which maximises nothing that a gain could be measured by.
        ValueError: The draws have another shape.
    """
    if rules.money.rule != "differential":
        raise InputError.single(
            "rules.money.rule",
            f"`{rules.money.rule}` maximises nothing, so what knowing more is worth has no measure",
            remedy="ask for the price of ignorance under `differential`",
        )
    if log_values.ndim != 2 or log_values.shape[1] != len(portfolio) or len(log_values) < 2:
        raise ValueError(f"log_values has shape {log_values.shape}, not (n_draws, {len(portfolio)})")
    fundable = paid_positions(verdicts, rules)
    pot = budget.amount if divided is None else divided
    if not fundable or pot == 0:
        return ()
    entries = () if inputs is None else inputs.entries
    plan = Plan.of(entries, {verdict.project for verdict in verdicts if verdict.label == "hold"})
    task = money_task(portfolio, scores, rules, Budget(pot, budget.currency), inputs, fundable, plan)
    # Relative to the round's average project, as published means are.
    relative = (log_values - np.mean(log_values, axis=1, keepdims=True))[:, fundable]
    return _Round.of(task, relative).prices(projects, draws)


@dataclass(frozen=True)
class _Round:
    """Arrays over the projects that may be funded.

    Attributes:
        task: What the rule sees.
        draws: Centred draws of log-values, shape (n_draws, n).
        mean: Published means, natural log, shape (n,).
        sd: Published standard deviations, shape (n,).
        factors: What priorities multiply values with, shape (n,).
        present: The present division, minor units, shape (n,).
        k: Saturation, minor units.
        last: Worth of the last unit of the pot.
    """

    task: MoneyTask
    draws: FloatArray
    mean: FloatArray
    sd: FloatArray
    factors: FloatArray
    present: FloatArray
    k: float
    last: float

    @classmethod
    def of(cls, task: MoneyTask, draws: FloatArray) -> _Round:
        benefits = [score.criteria["benefit"] for score in task.scores]
        mean = np.array([benefit.mean for benefit in benefits]) / MICRO
        sd = np.array([benefit.sd for benefit in benefits]) / MICRO
        numerators, whole = priorities(task)
        factors = np.array([numerator / whole for numerator in numerators])
        k = task.rules.saturation * task.budget.amount / len(task)
        believed = (mean - task.rules.caution * sd)[None, :]
        present = draw_differential(task, believed)[0]
        first = replace(task, rules=replace(task.rules, harm_budget=None))
        last = _last_worth(first, draw_differential(first, believed)[0], np.exp(believed[0]) * factors, k)
        return cls(task, draws, mean, sd, factors, present, k, last)

    def prices(self, projects: Collection[str] | None, most: int) -> tuple[Price, ...]:
        if self.last == 0:
            return ()
        chosen = [i for i, name in enumerate(self.task.ids) if projects is None or name in projects]
        rows = np.unique(np.linspace(0, len(self.draws) - 1, min(most, len(self.draws))).astype(np.int64))
        found = [self._price(i, rows) for i in chosen]
        return tuple(sorted(found, key=lambda price: (-price.expected, price.project)))

    def _price(self, i: int, rows: npt.NDArray[np.int64]) -> Price:
        """Price of ignorance of project i."""
        centred = self.draws - np.mean(self.draws, axis=0)
        together = centred.T @ centred[:, i] / len(centred)
        spread = np.sqrt(np.mean(centred**2, axis=0))
        with np.errstate(divide="ignore", invalid="ignore"):
            correlation = np.nan_to_num(together / (spread * spread[i]), nan=0.0, posinf=0.0, neginf=0.0)
        correlation[np.abs(correlation) * np.sqrt(len(centred)) < _NOISE] = 0.0
        correlation[i] = 0.0  # its own value is set below
        steps = np.divide(centred[rows, i], spread[i], out=np.zeros(len(rows)), where=spread[i] > 0)
        mean = self.mean + steps[:, None] * (correlation * self.sd)
        logs = mean - self.task.rules.caution * self.sd * np.sqrt(1.0 - np.minimum(correlation**2, 1.0))
        logs[:, i] = self.mean[i] + steps * self.sd[i]
        task = self.task
        if task.evidence:
            free = tuple(task.budget.amount if j == i else limit for j, limit in enumerate(task.evidence))
            task = replace(task, evidence=free)
        values = np.exp(logs) * self.factors
        informed = self._worth(draw_differential(task, logs), values)
        gains = np.maximum(informed - self._worth(self.present[None, :], values), 0.0) / self.last
        gains[gains < _NOTHING * task.budget.amount] = 0.0
        error = float(np.std(gains)) / np.sqrt(len(gains))
        return Price(task.ids[i], float(np.mean(gains)), float(error))

    def _worth(self, amounts: FloatArray, values: FloatArray) -> FloatArray:
        return np.asarray(np.sum(values * self.k * np.log1p(amounts / self.k), axis=1))


def _last_worth(task: MoneyTask, amounts: FloatArray, values: FloatArray, k: float) -> float:
    """The largest worth of a further unit among the projects that have room; 0 if none has."""
    slack = 1e-9 * task.budget.amount
    room = amounts < np.array(task.bounds) - slack
    for cap in task.team_caps:
        members = list(cap.members)
        if amounts[members].sum() >= cap.amount - slack:
            room[members] = False
    if amounts.sum() < task.budget.amount - slack - len(task) or not room.any():
        return 0.0
    return float(np.max((values * k / (k + amounts))[room]))
