"""What one juror did: how far every project moves when a single person's answers are left out.

For each juror j the rule is fitted again without j's answers, everything learned anew (noise, stretches, skill of
models). The influence of j on project i is

    Δθ_i = θ₋ⱼ,ᵢ − θᵢ    and    Δs_i = s₋ⱼ,ᵢ − sᵢ,    s = exp(θ) / Σ exp(θ),

values relative to the typical project, and shares of the round's total benefit. A positive Δs_i means that the
project would have a larger share had j not answered. Up to some dozens of jurors everybody is left out in turn. In
larger rounds one step from the common fit (`_one_step`) says who matters, the fit is repeated for these alone, and the
report says who was refitted and how well the step foresaw it. What a juror could have done by other answers is bounded
in `_reach`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from daccord.errors import DaccordError
from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._fuse import asked_criterion, silent, task_of
from daccord.fusion._rules import fusion_rule
from daccord.fusion._task import FusionTask
from daccord.fusion.checks._one_step import pulls_of, step_without
from daccord.fusion.checks._reach import reach, share_reach
from daccord.round import Round

__all__ = ["REFITS", "InfluenceReport", "JurorInfluence", "influence", "juror_influence"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

REFITS: Final = 60
"""Jurors up to whom everybody is left out by refitting."""


@dataclass(frozen=True)
class JurorInfluence:
    """What one juror's answers changed. Shifts are *without* less *with* the juror.

    Attributes:
        juror: Id, a pseudonym of the round.
        answers: Number of this person's answers.
        refitted: Whether the fit was repeated without this person; otherwise all figures are one-step estimates.
        share: The largest shift of a project's share of the benefit, in [−1, 1].
        share_project: Id of that project.
        shares_moved: Sum of the absolute shifts of all shares, in [0, 2]; half of it changes hands.
        log_value: The largest shift of a log-value relative to the typical project, natural log.
        log_value_project: Id of that project.
        log_values_moved: Sum of the absolute shifts of all log-values, natural log.
        share_bound: How far this person could have moved a share by any answers to the same questions (`_reach`; under
            `hierarchical` to first order); None if the rule states no bound or the fit was not repeated.
        log_value_bound: Likewise for a log-value, natural log.
    """

    juror: str
    answers: int
    refitted: bool
    share: float
    share_project: str
    shares_moved: float
    log_value: float
    log_value_project: str
    log_values_moved: float
    share_bound: float | None = None
    log_value_bound: float | None = None


@dataclass(frozen=True, eq=False)
class InfluenceReport:
    """What every juror's answers changed, largest movement of shares first.

    Attributes:
        criterion: Criterion id.
        rule: Name of the fusion rule.
        projects: Ids, in the order of the arrays.
        jurors: One for each person who answered and without whom the rule can decide.
        shares: The project's shares with everybody, shape (n_projects,), summing to 1.
        share_shifts: Shape (n_jurors, n_projects), in the order of `jurors`.
        log_value_shifts: Natural log, same shape.
        step_ratio: Median of what refitting moved (sum over shares) over what one step foresaw, among those refitted;
            None if everybody was refitted. The step knows nothing of what a juror changes in the noise, the unit and
            other jurors' stretches.
        step_worst: The largest such ratio; None likewise.
        indispensable: Juror id → why the rule cannot decide without this person.
    """

    criterion: str
    rule: str
    projects: tuple[str, ...]
    jurors: tuple[JurorInfluence, ...]
    shares: FloatArray
    share_shifts: FloatArray
    log_value_shifts: FloatArray
    step_ratio: float | None = None
    step_worst: float | None = None
    indispensable: tuple[tuple[str, str], ...] = ()

    @property
    def largest(self) -> tuple[tuple[str, float], ...]:
        """For each project, the juror whose absence shifts its share most, and the shift."""
        if not self.jurors:
            return ()
        who = np.argmax(np.abs(self.share_shifts), axis=0)
        return tuple((self.jurors[int(j)].juror, float(self.share_shifts[j, i])) for i, j in enumerate(who))


def _everybody_but(task: FusionTask, judge: int) -> BoolArray:
    keep = np.ones(len(task.panel), dtype=np.bool_)
    keep[judge] = False
    return keep


def _centred(values: FloatArray) -> FloatArray:
    return np.asarray(values - values.mean())


def juror_influence(
    task: FusionTask, rule: str = "hierarchical", *, refits: int = REFITS, tell: Callable[[str], None] = silent
) -> InfluenceReport:
    """Leave every juror of a criterion out in turn.

    Args:
        task: What was said.
        rule: Name of a fusion rule.
        refits: Most jurors to repeat the fit for; of a larger panel, those whom one step says to matter most.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: There is no such rule, or it cannot use these answers.
        NoPeopleError: Nobody answered.
        ConvergenceError: The fit with everybody did not settle.
    """
    fit = fusion_rule(rule).fit
    tell(f"fitting {rule} to everybody's answers")
    whole = fit(task)
    theta = _centred(whole.mean)
    people = task.answering
    moves = np.zeros((len(people), len(theta)))
    order: IntArray = np.arange(len(people))
    if len(people) > refits:
        tell("one step for each juror")
        pulls = pulls_of(task, whole)
        for at, judge in enumerate(people):
            moves[at] = _centred(step_without(pulls, whole, int(judge)))
        foreseen = _shares_moved(theta, moves)
        order = np.argsort(-foreseen, kind="stable")[:refits]
    limits: dict[int, FloatArray] = {}
    lost: dict[int, str] = {}
    for number, at in enumerate(order.tolist()):
        judge = int(people[at])
        tell(f"leaving out juror {number + 1} of {len(order)}")
        try:
            others = fit(task.only(_everybody_but(task, judge)))
        except DaccordError as error:
            lost[at] = str(error)
            continue
        moves[at] = _centred(others.mean) - theta
        bound = reach(task, others, judge)
        if bound is not None:
            limits[at] = bound
    ratios: FloatArray | None = None
    if len(people) > refits:
        done = np.array([at for at in order.tolist() if at not in lost], dtype=np.int64)
        ratios = _shares_moved(theta, moves)[done] / np.maximum(foreseen[done], 1e-12)
    return _report(task, whole, people, moves, {int(at) for at in order} - set(lost), limits, lost, ratios)


def _shares_moved(theta: FloatArray, moves: FloatArray) -> FloatArray:
    """Sum of the absolute shifts of all shares, one for each row of moves."""
    return np.asarray(np.abs(softmax(theta + moves, axis=1) - softmax(theta)).sum(axis=1))


def _report(
    task: FusionTask,
    whole: CriterionBeliefs,
    people: IntArray,
    moves: FloatArray,
    refitted: set[int],
    limits: dict[int, FloatArray],
    lost: dict[int, str],
    ratios: FloatArray | None,
) -> InfluenceReport:
    theta = _centred(whole.mean)
    shares = softmax(theta)
    shifts = softmax(theta + moves, axis=1) - shares
    told = task.judgments
    answers = sum(
        np.bincount(table.judge, minlength=len(task.panel)) for table in (told.comparisons, told.ratings, told.rankings)
    )
    moved = np.abs(shifts).sum(axis=1)
    ids = np.array([task.panel.judges[int(judge)].id for judge in people])
    order = [at for at in np.lexsort((ids, -moved)).tolist() if at not in lost]
    found = []
    for at in order:
        most, far = int(np.argmax(np.abs(shifts[at]))), int(np.argmax(np.abs(moves[at])))
        limit = limits.get(at)
        found.append(
            JurorInfluence(
                juror=str(ids[at]),
                answers=int(np.asarray(answers)[people[at]]),
                refitted=at in refitted,
                share=float(shifts[at, most]),
                share_project=task.projects[most],
                shares_moved=float(moved[at]),
                log_value=float(moves[at, far]),
                log_value_project=task.projects[far],
                log_values_moved=float(np.abs(moves[at]).sum()),
                share_bound=None if limit is None else float(share_reach(shares, limit).max()),
                log_value_bound=None if limit is None else float(limit.max()),
            )
        )
    return InfluenceReport(
        criterion=task.criterion.id,
        rule=whole.rule,
        projects=task.projects,
        jurors=tuple(found),
        shares=shares,
        share_shifts=shifts[order],
        log_value_shifts=moves[order],
        step_ratio=None if ratios is None or not len(ratios) else float(np.median(ratios)),
        step_worst=None if ratios is None or not len(ratios) else float(ratios.max()),
        indispensable=tuple((str(ids[at]), why) for at, why in sorted(lost.items())),
    )


def influence(
    round_: Round,
    criterion: str = "benefit",
    rule: str | None = None,
    *,
    refits: int = REFITS,
    tell: Callable[[str], None] = silent,
) -> InfluenceReport:
    """Leave every juror of a round out in turn; see `juror_influence`.

    Args:
        round_: The round.
        criterion: One of its criteria.
        rule: Name of a fusion rule; the round's own if None.
        refits: Most jurors to repeat the fit for.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: The round does not ask this criterion, there is no such rule, or it cannot use these answers.
        NoPeopleError: Nobody answered.
    """
    asked = asked_criterion(round_, criterion)
    task, _, _ = task_of(round_, asked)
    return juror_influence(task, rule or round_.rules.fusion, refits=refits, tell=tell)
