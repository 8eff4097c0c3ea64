"""Where credit begins: the division of the pot by another money rule, or by gifts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation._rules import MONEY_RULES, MoneyTask, evidence_limits
from daccord.errors import InputError
from daccord.money import apportion

__all__ = ["GIFTS", "base_draws", "base_lacks", "base_seeds", "seeds_of"]

FloatArray = npt.NDArray[np.float64]

GIFTS: Final = "gifts"
"""The base by which credit begins where donors gave, in proportion to what they gave."""

_NESTED: Final = ("deep", "retroactive")


def seeds_of(task: MoneyTask) -> list[int]:
    """Positions among which the base divides."""
    if task.rules.deep.seeds == "all" or task.rules.deep.base == GIFTS:
        return list(range(len(task)))
    return [
        i
        for i, score in enumerate(task.scores)
        if "benefit" in score.criteria and score.criteria["benefit"].judgments > 0
    ]


def _base_task(task: MoneyTask) -> MoneyTask:
    """What the base sees: asks, team caps and the minimum are about what projects keep, so it sees none of them."""
    where = seeds_of(task)
    base = MONEY_RULES.find(task.rules.deep.base)
    rules = replace(task.rules, rule=base.name, team_cap=None, minimum=0)
    scores = tuple(task.scores[i] for i in where)
    return MoneyTask(
        tuple(replace(task.projects[i], ask=None) for i in where),
        scores,
        rules,
        task.budget,
        task.inputs,
        tuple(task.places[i] for i in where) if task.places else (),
        evidence_limits(scores, rules, task.budget) if base.reads_scores and scores else (),
    )


def _gifts(task: MoneyTask) -> list[int]:
    given = [0] * len(task)
    for gift in task.inputs.contributions:
        if (i := task.index.get(gift.project)) is not None:
            given[i] += gift.amount
    return given


def base_lacks(task: MoneyTask) -> str:
    """What is missing for the base, in words."""
    name = task.rules.deep.base
    if name == GIFTS:
        return "" if any(_gifts(task)) else "nobody gave to a project that may be funded: add contributions.csv"
    if name in _NESTED:
        return f"rules.money.deep.base is `{name}`, which has a base of its own: name another rule, or `{GIFTS}`"
    try:
        base = MONEY_RULES.find(name)
    except InputError as error:
        return f"rules.money.deep.base names no money rule: {error}"
    if not seeds_of(task):
        return (
            "nobody judged the benefit of a project that may be funded, so there is nowhere for credit to begin: judge "
            'some, or set rules.money.deep.seeds = "all"'
        )
    return base.lacks(_base_task(task))


def base_seeds(task: MoneyTask) -> tuple[list[int], tuple[str, ...]]:
    """Minor units that begin at each project, shape (n,), and the base's warnings."""
    if task.rules.deep.base == GIFTS:
        return apportion(_gifts(task), task.budget.amount, task.ids), ()
    result = MONEY_RULES.find(task.rules.deep.base).solve(_base_task(task))
    seeds = [0] * len(task)
    for i, amount in zip(seeds_of(task), result.amounts, strict=True):
        seeds[i] = amount
    return seeds, result.warnings


def base_draws(task: MoneyTask, log_values: FloatArray) -> FloatArray:
    """The same for draws of the values, shape (n_draws, n). Gifts are facts, so every draw has the same."""
    if task.rules.deep.base == GIFTS:
        return np.tile(np.array(base_seeds(task)[0], dtype=np.float64), (len(log_values), 1))
    base, where = MONEY_RULES.find(task.rules.deep.base), seeds_of(task)
    inner = _base_task(task)
    out = np.zeros((len(log_values), len(task)))
    if base.draws is not None:
        out[:, where] = base.draws(inner, log_values[:, where])
    elif base.resamples is not None:
        out[:, where] = base.resamples(inner, len(log_values), 0)
    return out
