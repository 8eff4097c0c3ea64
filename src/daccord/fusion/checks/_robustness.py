"""How far rules end up from the truth, on simulated juries, clean or with bad jurors in them.

The truth is what the answers were told from. For each simulated round and rule, with θ the rule's values and t the true
ones, both less their mean, and shares exp(·)/Σ exp(·):

    error      √ mean (θ − t)²                    natural log
    in shape   the least √ mean (c·θ − t)², c ≥ 0: what is left when somebody tells the rule the right unit
    shares     ½ Σ |share − true share|           the part of a pot that would go to the wrong projects
    held       share of true values inside the rule's 80 % intervals

Rules whose unit is not the natural log (all that see orders alone) can only be judged by their shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from daccord.errors import DaccordError
from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._rules import fusion_rule
from daccord.fusion.checks._contamination import contaminate
from daccord.fusion.checks._simulation import SimulatedJury, simulate_jury

__all__ = ["Errors", "Scenario", "rule_errors"]

FloatArray = npt.NDArray[np.float64]

_HALF = 1.2815515655446004
"""Half the width of an 80 % interval of the normal distribution, in standard deviations."""


@dataclass(frozen=True)
class Scenario:
    """A way to simulate rounds.

    Attributes:
        told: Key of `TOLD`: the model that answers are told from.
        attack: Key of `ATTACKS`; None for a clean round.
        share: Of jurors who are bad, in [0, 1].
        projects: Number of projects.
        jurors: Number of jurors.
        answers: Number of comparisons (ratings under `ratings`).
    """

    told: str
    attack: str | None = None
    share: float = 0.0
    projects: int = 30
    jurors: int = 20
    answers: int = 200


@dataclass(frozen=True, eq=False)
class Errors:
    """How far one rule was off in every simulated round of a scenario, arrays of shape (n_rounds,).

    Attributes:
        error: Root mean square of log-values, natural log.
        in_shape: The same after the best change of unit.
        shares: Part of the shares that is with the wrong projects, in [0, 1].
        held: Share of true values inside 80 % intervals.
    """

    error: FloatArray
    in_shape: FloatArray
    shares: FloatArray
    held: FloatArray


def _told_by(scenario: Scenario, seed: int) -> SimulatedJury:
    jury = simulate_jury(
        seed, scenario.told, projects=scenario.projects, jurors=scenario.jurors, answers=scenario.answers
    )
    if scenario.attack is None:
        return jury
    # Whoever promotes has a reason to: a project well below the middle.
    target = int(np.argsort(jury.values)[scenario.projects // 4])
    bad = contaminate(jury.task, scenario.share, scenario.attack, seed, target=target)
    return SimulatedJury(jury.values, bad.task, jury.told)


def _off(beliefs: CriterionBeliefs, truth: FloatArray) -> tuple[float, float, float, float]:
    mean, variance = beliefs.centred
    unit = max(float(mean @ truth), 0.0) / max(float(mean @ mean), 1e-12)
    return (
        float(np.sqrt(np.mean((mean - truth) ** 2))),
        float(np.sqrt(np.mean((unit * mean - truth) ** 2))),
        float(np.abs(softmax(mean) - softmax(truth)).sum() / 2),
        float(np.mean(np.abs(mean - truth) <= _HALF * np.sqrt(variance))),
    )


def rule_errors(
    scenario: Scenario, rules: Iterable[str], seeds: Iterable[int]
) -> tuple[Mapping[str, Errors], Mapping[str, str]]:
    """Fit rules to simulated rounds and hold them against the truth.

    Args:
        scenario: How rounds are simulated.
        rules: Names of fusion rules.
        seeds: One for each round; every rule sees the same rounds.

    Returns:
        Rule → its errors; and rule → why it could not fit the rounds.

    Raises:
        InputError: There is no such rule.
    """
    names = list(rules)
    fits = {name: fusion_rule(name).fit for name in names}
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in names}
    skipped: dict[str, str] = {}
    for seed in seeds:
        jury = _told_by(scenario, seed)
        for name in names:
            if name in skipped:
                continue
            try:
                found[name].append(_off(fits[name](jury.task), jury.values))
            except DaccordError as error:
                skipped[name] = str(error)
    columns = {name: np.array(rows).T for name, rows in found.items() if name not in skipped}
    return {name: Errors(*column) for name, column in columns.items()}, MappingProxyType(skipped)
