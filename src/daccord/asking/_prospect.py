"""What would be decided if the truth were known, for many truths drawn from what is believed.

Model. Criterion c of a round has log-values θᶜ with the posterior p(θᶜ | answers); criteria are independent. A truth is
one draw of all of them. In it

* a project is above a bar (for harm: the limit) or it is not. Its flag is 1 in those draws in which its log-value,
  relative to the typical project, is among the highest P of all its draws, P being its published probability. So flags
  have the published probabilities under every fusion rule, whatever kind of bar the criterion has;
* of harm only the published level is known, for single answers on it are secret: its flags are drawn from the middle
  of the level, independently of everything that people said, and no question about harm is chosen by its effect;
* no evidence is thin: whoever knows the truth needs no further answer;
* hard constraints, gates and what single communities are sure of stand;
* verdicts follow from the flags by the round's own rules, and money from verdicts, flags and log-values by the round's
  own money rule, without a discount for uncertainty.

The result is the money that each project would get, as a share of the pot, and what would stay unallocated. Its spread
over truths is the uncertainty of the allocation, and its distance from the decision as it stands is what a round loses
by stopping now:

    moved = ½ Σ_i |award_i − award if known_i|     (unallocated money is one of the i)

the share of the pot that would lie elsewhere (total-variation distance).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.allocation import FUNDABLE, MoneyTask, allocate, decide_verdicts, money_rule
from daccord.fusion import MICRO, CriterionBeliefs, HarmLevels, ProjectScore, Scores, draw_log_values, publish
from daccord.round import HARMS, Round

__all__ = ["TRUTHS", "Prospect", "key_of", "prospect"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

TRUTHS: Final = 600
"""Truths drawn. A quantile at 90 % is then known to within about one percentage point of probability."""

_AXES: Final = ("defence", "diffusion")
"""Criteria that change how much a project's value counts, and no verdict."""

_ENOUGH: Final = 10**9
_PROBES: Final = 16


@dataclass(frozen=True, eq=False)
class Prospect:
    """A round as it stands, and as it might turn out to be.

    Attributes:
        round: The round.
        beliefs: Criterion id → posterior, for the criteria that people have answered; never of harm.
        published: Scores as published; None if nobody has judged benefit yet.
        log_values: Criterion id → draws of the truth, natural log, shape (n_truths, n_projects).
        flags: Criterion id → True where a project is above the bar or limit, same shape; without criteria whose bar is
            not known.
        held: True for projects that a hard constraint keeps from money, whatever anybody answers, shape (n_projects,).
        heeded: Criteria that verdicts or money depend on, as far as the draws show.
        awards: Decided as things stand, shares of the pot, the last one unallocated, shape (n_projects + 1,).
        known: The same for each truth, shape (n_truths, n_projects + 1); None if nobody has judged benefit yet, or the
            money rule does not follow from values.
    """

    round: Round
    beliefs: Mapping[str, CriterionBeliefs]
    log_values: Mapping[str, FloatArray]
    flags: Mapping[str, BoolArray]
    held: BoolArray
    heeded: frozenset[str]
    awards: FloatArray
    known: FloatArray | None
    published: Scores | None = None

    @cached_property
    def moved(self) -> FloatArray | None:
        """Share of the pot that would lie elsewhere if the truth were known, shape (n_truths,), each in [0, 1]."""
        return None if self.known is None else 0.5 * np.abs(self.known - self.awards).sum(axis=1)


def key_of(*parts: object) -> int:
    """A number below 2⁶⁴ that depends on every part: the first bytes of a SHA-256."""
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:8], "big")


def prospect(round_: Round, beliefs: Mapping[str, CriterionBeliefs], truths: int = TRUTHS) -> Prospect:
    """What is decided now, and what would be if the truth were known.

    Args:
        round_: The round.
        beliefs: Criterion id → posterior of each criterion that people answered; empty if nobody has judged benefit.
        truths: Number of draws.

    Raises:
        InputError: The rules name no registered money rule, or parameters it cannot work with.
    """
    portfolio, ids = round_.portfolio, round_.portfolio.ids
    everything = beliefs
    beliefs = {name: belief for name, belief in beliefs.items() if name not in HARMS}
    nothing = np.append(np.zeros(len(ids)), 1.0)
    draws = {
        name: draw_log_values(belief, ids, key_of("truth", round_.seed, name), truths)
        for name, belief in beliefs.items()
    }
    if "benefit" not in beliefs:
        nobody = np.zeros(len(ids), dtype=np.bool_)
        return Prospect(round_, beliefs, draws, {}, nobody, frozenset(), nothing, None)
    scores = publish(everything, ids, draws["benefit"], HarmLevels.of(round_.rules))
    allocation = allocate(portfolio, scores, round_.rules, round_.budget, round_.inputs)
    pot = max(round_.budget.amount, 1)
    awards = np.array([award.amount for award in allocation.awards]) / pot
    flags = {
        name: _flags(draws[name], above) for name, belief in beliefs.items() if (above := belief.above) is not None
    }
    flags |= _harm_flags(scores, key_of("truth", round_.seed, "harm"), truths)
    held = np.array([any(r.code == "hard_constraint" for r in verdict.reasons) for verdict in allocation.verdicts])
    standing = np.append(awards, 1.0 - awards.sum())
    if money_rule(round_.rules.money.rule).draws_under(round_.rules.money) is None:
        return Prospect(round_, beliefs, draws, flags, held, frozenset(), standing, None, scores)
    axes = tuple(name for name in _AXES if name in flags and _heeds(round_, scores, draws["benefit"], name))
    known = _known(round_, scores, draws["benefit"], flags, axes) / pot
    known = np.column_stack([known, 1.0 - known.sum(axis=1)])
    decisive = {name for name in ("benefit", *HARMS, *axes) if name in flags and flags[name].std(axis=0).any()}
    return Prospect(round_, beliefs, draws, flags, held, frozenset({"benefit", *decisive}), standing, known, scores)


def _flags(log_values: FloatArray, above: FloatArray) -> BoolArray:
    """Who is above the bar in each draw: the highest of each project's relative log-values, as many as P says."""
    relative = log_values - log_values.mean(axis=1, keepdims=True)
    rank = np.argsort(np.argsort(relative, axis=0, kind="stable"), axis=0)
    return np.asarray(rank >= len(relative) - np.rint(above * len(relative)))


def _harm_flags(scores: Scores, key: int, truths: int) -> dict[str, BoolArray]:
    """Whether harm is above the limit in each draw, from the published levels alone; half of the draws without one."""
    found = {}
    for name in HARMS:
        told = [score.criteria.get(name) for score in scores]
        if any(one is None or one.above is None or one.at_most is None for one in told):
            continue
        middle = np.array([(one.above + one.at_most) / (2 * MICRO) for one in told])  # type: ignore[union-attr, operator]
        bits = np.random.Philox(key=key_of(key, name)).random_raw(truths * len(scores)).reshape(truths, len(scores))
        by_id = np.argsort(np.argsort([score.project for score in scores]))
        rank = np.argsort(np.argsort(bits[:, by_id], axis=0), axis=0)
        found[name] = np.asarray(rank >= truths - np.rint(middle * truths))
    return found


def _told(score: ProjectScore, flags: Mapping[str, bool]) -> ProjectScore:
    """The score with certainty in place of probabilities, and with evidence enough."""
    for name in score.criteria:
        changes = {"above": MICRO * flags[name], "ceiling": None, "level": ""} if name in flags else {}
        score = score.with_criterion(name, judgments=_ENOUGH, jurors=_ENOUGH, **changes)
    return score


def _fundable(round_: Round, scores: Scores, flags: Mapping[str, BoolArray], shape: tuple[int, ...]) -> BoolArray:
    """Whose verdict lets money flow, for each truth, shape (n_truths, n_projects).

    A project's verdict depends on its own flags of benefit and harm alone, so a few decisions tell all.
    """
    deciding = [name for name in ("benefit", *HARMS) if name in flags]
    out = np.zeros(shape, dtype=np.bool_)
    for case in product([False, True], repeat=len(deciding)):
        told = dict(zip(deciding, case, strict=True))
        said = Scores(tuple(_told(score, told) for score in scores))
        labels = [verdict.label in FUNDABLE for verdict in decide_verdicts(round_.portfolio, said, round_.rules)]
        here = np.broadcast_to(np.array(labels), shape).copy()
        for name, value in told.items():
            here &= flags[name] == value
        out |= here
    return out


def _money(
    round_: Round, scores: Scores, open_: IntArray, flags: Mapping[str, BoolArray], log_values: FloatArray
) -> FloatArray:
    """The money rule for truths that agree in who may be funded and in the flags, minor units.

    Args:
        round_: The round.
        scores: As published.
        open_: Positions of the projects that may be funded, shape (n_open,), at least one.
        flags: Criterion id → flag of each of them, shape (n_open,).
        log_values: Of all projects, shape (n_draws, n_projects).
    """
    told = tuple(
        _told(scores.projects[i], {name: bool(value[k]) for name, value in flags.items()}) for k, i in enumerate(open_)
    )
    projects = tuple(round_.portfolio.projects[i] for i in open_)
    draws = money_rule(round_.rules.money.rule).draws_under(round_.rules.money)
    if draws is None:
        raise AssertionError("a money rule without draws is found out before")
    task = MoneyTask(projects, told, round_.rules.money, round_.budget, round_.inputs, tuple(open_.tolist()))
    return draws(task, log_values[:, open_])


def _heeds(round_: Round, scores: Scores, log_values: FloatArray, axis: str) -> bool:
    """Whether the money rule pays for an axis: otherwise if half of the projects are above its bar than if none is."""
    everybody, probes = np.arange(len(scores)), log_values[:_PROBES]
    none = _money(round_, scores, everybody, {axis: np.zeros(len(scores), dtype=np.bool_)}, probes)
    half = _money(round_, scores, everybody, {axis: everybody % 2 == 0}, probes)
    return not np.array_equal(none, half)


def _known(
    round_: Round, scores: Scores, log_values: FloatArray, flags: Mapping[str, BoolArray], axes: tuple[str, ...]
) -> FloatArray:
    """Awards in minor units for each truth, shape (n_truths, n_projects).

    Truths that agree in who may be funded and in the axes' flags are one call of the money rule.
    """
    out = np.zeros(log_values.shape)
    fundable = _fundable(round_, scores, flags, log_values.shape)
    # Harm above the limit is a hold in every round, so whoever is funded costs nothing of the harm budget.
    settled = {name: False for name in HARMS if name in flags}
    states = np.stack([fundable, *(flags[name] & fundable for name in axes)], axis=1)
    kinds, which = np.unique(states.reshape(len(states), -1), axis=0, return_inverse=True)
    for k, kind in enumerate(kinds.reshape(len(kinds), 1 + len(axes), -1)):
        open_, rows = np.flatnonzero(kind[0]), np.flatnonzero(which.ravel() == k)
        if not len(open_):
            continue
        told = {name: np.full(len(open_), value) for name, value in settled.items()}
        told |= {name: kind[1 + axis, open_] for axis, name in enumerate(axes)}
        out[np.ix_(rows, open_)] = _money(round_, scores, open_, told, log_values[rows])
    return out
