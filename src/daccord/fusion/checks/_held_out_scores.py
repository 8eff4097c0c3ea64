"""Every way of judging, scored on people it has not heard: rules, people without models, and each list alone.

People's ratio comparisons are dealt into folds by juror (by what was compared where jurors are not told apart), several
times over. Each method is fitted to the other folds and predicts the held-out ln ratios by a Student-t with 4 degrees
of freedom, whose scale is the method's uncertainty about the difference plus noise of its own:

* `hierarchical` predicts with the noise it learned, and knows that a new juror stretches in an unknown way;
* other rules get the noise that fits their own predictions inside the training folds best;
* a list predicts `ln w_a − ln w_b` as it stands, and a second time stretched by the factor that fits the training folds
  best, each with the noise that fits best. That is more than lists can do in a round, where nobody knows the factor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from daccord.errors import DaccordError, InputError
from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._fuse import task_of
from daccord.fusion._metrics import soft_target, student_t_log_density
from daccord.fusion._rules import FUSION_RULES, FusionRule
from daccord.fusion._task import FusionTask
from daccord.fusion.hierarchical._heldout import TAIL
from daccord.fusion.hierarchical._likelihood import DOF
from daccord.fusion.models._voices import model_vectors
from daccord.judging import Rankings, Ratings
from daccord.round import Round

__all__ = ["HeldOutReport", "MethodScore", "held_out_scores", "score_methods"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_SCALES: Final = np.exp(np.linspace(np.log(0.05), np.log(8.0), 120))


@dataclass(frozen=True)
class MethodScore:
    """How one method foresaw held-out people.

    Attributes:
        name: Rule or model.
        kind: `rule`, `people only`, `list`, `list, stretched`, `comparisons, stretched` or `no opinion`; with
            `, had seen the answers` behind it where that was declared.
        log_density: Mean log predictive density of a held-out ln ratio, natural log; higher is better.
        spread: Standard deviation of that mean over repeats.
        coverage: Share of answers inside the 80 % predictive interval.
        squared_error: Mean squared error of ln ratio; lower is better.
        linear_error: Mean |r/(1+r) − predicted share| within the pair; lower is better.
    """

    name: str
    kind: str
    log_density: float
    spread: float
    coverage: float
    squared_error: float
    linear_error: float


@dataclass(frozen=True)
class HeldOutReport:
    """Scores of all methods on the same held-out answers, best first.

    Attributes:
        criterion: Criterion id.
        grouped_by: `juror` or `pair`: what was never split between fitting and scoring.
        answers: Ratio comparisons of people, each held out once a repeat.
        repeats: Number of deals.
        methods: Scores, highest log density first.
        skipped: Rule → why it could not be scored.
    """

    criterion: str
    grouped_by: str
    answers: int
    repeats: int
    methods: tuple[MethodScore, ...]
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class _Prediction:
    """A mixture of Student-t predictions: weights (m,), centres and scales (m, n_answers)."""

    weight: FloatArray
    centre: FloatArray
    scale: FloatArray

    def log_density(self, y: FloatArray) -> FloatArray:
        density = np.exp(student_t_log_density(y - self.centre, self.scale, DOF))
        return np.asarray(np.log(np.maximum(self.weight @ density, 1e-300)))

    def inside(self, y: FloatArray) -> FloatArray:
        below = self.weight @ stdtr(DOF, (y - self.centre) / self.scale)
        return np.asarray((below > TAIL) & (below < 1 - TAIL), dtype=float)

    def mean(self) -> FloatArray:
        return np.asarray(self.weight @ self.centre)


def _contrast(beliefs: CriterionBeliefs, a: IntArray, b: IntArray) -> tuple[FloatArray, FloatArray]:
    """Centre and variance of θ_a − θ_b under each component, both of shape (n_components, n_answers)."""
    centre, variance = [], []
    for component in beliefs.components:
        centre.append(component.mean[a] - component.mean[b])
        variance.append(component.contrast_variance(a, b))
    return np.array(centre), np.array(variance)


def _best_noise(centre: FloatArray, variance: FloatArray, y: FloatArray) -> float:
    """Noise scale under which the answers are likeliest."""
    scale = np.sqrt(_SCALES[:, None] ** 2 + variance[None, :])
    return float(_SCALES[np.argmax(student_t_log_density((y - centre)[None, :], scale, DOF).sum(axis=1))])


class _Scorer:
    """One criterion's ratio comparisons and the methods that predict them."""

    def __init__(self, task: FusionTask, seed: int) -> None:
        comparisons = task.comparisons.take(task.comparisons.has_ratio)
        judgments = replace(task.judgments, ratings=Ratings.empty(), rankings=Rankings.empty())
        self.task = replace(task, judgments=judgments)
        self.ratio = np.flatnonzero(task.is_person[judgments.comparisons.judge] & judgments.comparisons.has_ratio)
        self.a, self.b, self.y = comparisons.a, comparisons.b, comparisons.log_ratio
        self.seed = seed
        count = np.bincount(comparisons.judge)
        self.by_juror = bool((count > 0).sum() >= 5 and count.max() <= len(comparisons) / 2)
        low, high = np.minimum(self.a, self.b), np.maximum(self.a, self.b)
        self.group = comparisons.judge if self.by_juror else low * len(task.projects) + high
        self.vectors = model_vectors(task)

    def folds(self, repeat: int, folds: int) -> IntArray:
        """Fold of each ratio comparison; whole groups, dealt at random from the seed."""
        groups, member = np.unique(self.group, return_inverse=True)
        key = np.random.Philox(key=self.seed, counter=repeat).random_raw(len(groups))
        order = np.argsort(key)
        fold = np.empty(len(groups), dtype=np.int64)
        fold[order] = np.arange(len(groups)) % folds
        return np.asarray(fold[member])

    def without(self, held: IntArray, *, models: bool = True) -> FusionTask:
        """The task without some of people's ratio comparisons (positions among them), and perhaps without models."""
        table = self.task.judgments.comparisons
        keep = np.ones(len(table), dtype=np.bool_)
        keep[self.ratio[held]] = False
        if not models:
            keep &= self.task.is_person[table.judge]
        lists = self.task.judgments.lists if models else ()
        return replace(self.task, judgments=replace(self.task.judgments, comparisons=table.take(keep), lists=lists))

    def rule(self, rule: FusionRule, held: IntArray, *, models: bool = True) -> _Prediction:
        """Fit a rule without the held answers and predict them."""
        beliefs = rule.fit(self.without(held, models=models))
        centre, variance = _contrast(beliefs, self.a[held], self.b[held])
        weight = np.array([component.weight for component in beliefs.components])
        own = [component.parameters.get("noise_ratio") for component in beliefs.components]
        if any(noise is None for noise in own):
            noise = np.full(len(own), self._inner_noise(rule, held))
        else:
            noise = np.array(own, dtype=float)
        spread = noise[:, None] ** 2 + variance
        if self.by_juror:
            stretch = np.array([component.parameters.get("stretch_sd", 0.0) for component in beliefs.components])
            spread = spread + (stretch[:, None] * centre) ** 2
        return _Prediction(weight, centre, np.sqrt(spread))

    def _inner_noise(self, rule: FusionRule, held: IntArray) -> float:
        """Noise that fits a rule's predictions best on answers held out inside the training folds."""
        rest = np.setdiff1d(np.arange(len(self.y)), held)
        fold = self.folds(997, 5)
        centres, variances, found = [], [], []
        for k in range(5):
            inner = rest[fold[rest] == k]
            if not len(inner) or len(inner) == len(rest):
                continue
            beliefs = rule.fit(self.without(np.concatenate([held, inner])))
            centre, variance = _contrast(beliefs, self.a[inner], self.b[inner])
            centres.append(centre[0])
            variances.append(variance[0])
            found.append(self.y[inner])
        return _best_noise(np.concatenate(centres), np.concatenate(variances), np.concatenate(found))

    def vector(self, values: FloatArray, held: IntArray, *, stretched: bool) -> _Prediction:
        """Predict by a fixed vector of log-values, with noise (and perhaps stretch) fitted to the other answers."""
        rest = np.setdiff1d(np.arange(len(self.y)), held)
        difference, y = values[self.a] - values[self.b], self.y
        stretch, none = 1.0, np.zeros(len(rest))
        if stretched and np.any(difference[rest] != 0):
            for _ in range(50):
                noise = _best_noise(stretch * difference[rest], none, y[rest])
                u = ((y[rest] - stretch * difference[rest]) / noise) ** 2
                pull = difference[rest] / (DOF + u)
                found = float((pull @ y[rest]) / (pull @ difference[rest]))
                if abs(found - stretch) < 1e-6 * (1 + abs(stretch)):
                    break
                stretch = found
        noise = _best_noise(stretch * difference[rest], none, y[rest])
        centre = (stretch * difference[held])[None, :]
        return _Prediction(np.ones(1), centre, np.full_like(centre, noise))

    def methods(self, rules: tuple[str, ...]) -> dict[tuple[str, str], Callable[[IntArray], _Prediction]]:
        """(name, kind) → how it predicts held answers."""
        found: dict[tuple[str, str], Callable[[IntArray], _Prediction]] = {}
        for name in rules:
            found[name, "rule"] = lambda held, name=name: self.rule(FUSION_RULES[name], held)  # type: ignore[misc]
        if self.vectors and "hierarchical" in rules:
            people = FUSION_RULES["hierarchical"]
            found["people only", "people only"] = lambda held: self.rule(people, held, models=False)
        zero = np.zeros(len(self.task.projects))
        found["equal split", "no opinion"] = lambda held: self.vector(zero, held, stretched=False)
        listed = {entry.model for entry in self.task.judgments.lists}
        for model, values in self.vectors.items():
            seen = ", had seen the answers" if self.task.panel[model].exposure == "seen" else ""
            kind = "list" if model in listed else "comparisons"
            for stretched in (False, True) if model in listed else (True,):
                label = kind + (", stretched" if stretched else "") + seen
                found[model, label] = lambda held, values=values, stretched=stretched: self.vector(  # type: ignore[misc]
                    values, held, stretched=stretched
                )
        return found


def _silent(_: str) -> None:
    pass


def score_methods(
    task: FusionTask,
    *,
    repeats: int = 3,
    folds: int = 5,
    seed: int = 0,
    rules: tuple[str, ...] | None = None,
    tell: Callable[[str], None] = _silent,
) -> HeldOutReport:
    """Score every method on held-out ratio comparisons of one criterion.

    Args:
        task: Judgments of the criterion.
        repeats: Number of deals into folds.
        folds: Number of folds.
        seed: Of the deals.
        rules: Fusion rules to score; all registered ones if None.
        tell: Called with a few words before each slow step.

    Raises:
        InputError: Too few ratio comparisons by people to hold any out.
    """
    scorer = _Scorer(task, seed)
    if len(np.unique(scorer.group)) < folds:
        raise InputError.single(
            "comparisons.csv",
            f"{len(scorer.y)} ratio comparisons by people on {task.criterion.id} are too few to hold some out",
            remedy=f"collect answers of at least {folds} people or pairs",
        )
    methods = scorer.methods(tuple(sorted(FUSION_RULES)) if rules is None else rules)
    scores: list[MethodScore] = []
    skipped: list[tuple[str, str]] = []
    for (name, kind), predict in methods.items():
        tell(f"holding out people from {name}")
        totals = np.zeros((repeats, 4))
        try:
            for repeat in range(repeats):
                fold = scorer.folds(repeat, folds)
                for k in range(folds):
                    held = np.flatnonzero(fold == k)
                    found, y = predict(held), scorer.y[held]
                    share = np.abs(soft_target(y) - soft_target(found.mean()))
                    parts = (found.log_density(y), found.inside(y), (y - found.mean()) ** 2, share)
                    totals[repeat] += [float(part.sum()) for part in parts]
        except DaccordError as error:
            skipped.append((name, str(error)))
            continue
        means = totals / len(scorer.y)
        density, inside, squared, linear = means.mean(axis=0)
        spread = float(means[:, 0].std(ddof=1)) if repeats > 1 else 0.0
        scores.append(MethodScore(name, kind, float(density), spread, float(inside), float(squared), float(linear)))
    return HeldOutReport(
        criterion=task.criterion.id,
        grouped_by="juror" if scorer.by_juror else "pair",
        answers=len(scorer.y),
        repeats=repeats,
        methods=tuple(sorted(scores, key=lambda score: -score.log_density)),
        skipped=tuple(skipped),
    )


def held_out_scores(
    round_: Round,
    criterion: str = "benefit",
    *,
    repeats: int = 3,
    folds: int = 5,
    tell: Callable[[str], None] = _silent,
) -> HeldOutReport:
    """Score every method on held-out people of a round; see `score_methods`.

    Raises:
        InputError: The round does not ask this criterion, or too few people gave ratios.
    """
    asked = round_.criterion(criterion)
    if asked is None:
        raise InputError.single(
            "round.toml",
            f"the round does not ask for {criterion!r}",
            remedy=f"choose one of {', '.join(entry.id for entry in round_.criteria)}",
        )
    task, _, _ = task_of(round_, asked)
    return score_methods(task, repeats=repeats, folds=folds, seed=round_.seed, tell=tell)
