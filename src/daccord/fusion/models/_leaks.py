"""Leaks: lists that fit answers they should not have known.

**With times** (`with_times`). Some answers were revealed before a model was fixed, others after. Let `d_k` be the log
density of answer k under the model's list, less the mean of the same under everybody else's and under an equal split:
what is hard to foretell is hard for all. Under honesty the mean of d is the same on seen and on unseen answers. The
difference D is studentised with whole jurors (or pairs) as the unit, and its p-value comes from the wild cluster
bootstrap with the null imposed and Webb's six weights, one-sided. It asks for at least `LEAST` answers on either side
and `LEAST_GROUPS` jurors.

**Without times** (`against_noise`). No list, however good, can foretell the part of people's answers that contradicts
other answers (`_noise`). So for a blind list the distance to the values that fit the answers best,

    q = Σ (fit_k − c x_k)² / (r − 1),   c the stretch that fits best,

is at least σ², the noise in the fit. A list for which q is *smaller* follows the noise, and that can only be known from
the answers: `F = q / σ²` in the lower tail of the F distribution with r − 1 and N − r degrees of freedom. This is exact
for normal noise and a list that is the truth itself; for worse lists it errs on the side of silence. It finds lists
that were fitted to the answers, not those that were merely nudged by them.

Both tests share `FALSE_ALARM` a criterion, divided by the number of models tested (Bonferroni), each test by itself.

Sources: A. C. Cameron, J. B. Gelbach and D. L. Miller, Rev. Econ. Stat. 90 (2008) 414–427; M. D. Webb, Canadian J.
Economics 56 (2023) 839–858, for the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import fdtr

from daccord.fusion._task import FusionTask
from daccord.fusion.models._answers import Answers, gather_answers, seen_by
from daccord.fusion.models._factor import standardise
from daccord.fusion.models._noise import NoiseFloor, noise_floor
from daccord.fusion.models._skill import deal
from daccord.fusion.models._vectors import model_vectors

__all__ = ["FALSE_ALARM", "LEAST", "LeakReport", "LeakTest", "against_noise", "leak_tests", "with_times"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FALSE_ALARM: Final = 0.01
"""Chance that a criterion with honest models has any flagged, for each of the two tests."""

LEAST: Final = 10
"""Least number of seen and of unseen answers, and of degrees of freedom of the noise."""

LEAST_GROUPS: Final = 6
"""Least number of jurors (or pairs) that the test with times needs."""

MOST_GROUPS: Final = 400
"""Groups that are told apart; with more, several move together."""

DRAWS: Final = 4999
"""Draws of the wild bootstrap; the smallest p-value is one in 5000."""

_WEBB: Final = np.sqrt(np.array([0.5, 1.0, 1.5]))
_SMALL: Final = 1e-12


@dataclass(frozen=True)
class LeakTest:
    """One test of one model.

    Attributes:
        model: Id.
        test: `times` or `noise`.
        statistic: For `times`, D: log density per answer by which seen answers are foretold better than unseen ones,
            natural log, adjusted for difficulty. For `noise`, F: 1 is the floor that no blind list can go below. NaN if
            it could not be tested.
        p: One-sided p-value; NaN likewise.
        flagged: Whether p is below the bar.
        why_not: Why it could not be tested; empty if it was.
    """

    model: str
    test: Literal["times", "noise"]
    statistic: float
    p: float
    flagged: bool
    why_not: str = ""


@dataclass(frozen=True)
class LeakReport:
    """Both tests on all models.

    Attributes:
        tests: By model, `times` before `noise`.
        seen: Model → number of answers it could have seen.
        answers: Number of answers of people.
        bar: p-value below which a model is flagged, by test.
    """

    tests: tuple[LeakTest, ...]
    seen: dict[str, int]
    answers: int
    bar: dict[str, float]

    @property
    def flagged(self) -> tuple[str, ...]:
        """Models that either test flags, in the order of the tests."""
        return tuple(dict.fromkeys(test.model for test in self.tests if test.flagged))


def _log_densities(answers: Answers, told: FloatArray) -> FloatArray:
    """Held-out log density of each answer under each list, with its own stretch and noise, and under an equal split.

    Returns:
        Shape (n_answers, n_lists + 1); the equal split is last.
    """
    fold = deal(answers)
    missed = np.repeat(answers.y[:, None], told.shape[1] + 1, axis=1)
    for f in np.unique(fold):
        held, rest = fold == f, fold != f
        square = np.maximum((told[rest] ** 2).sum(axis=0), _SMALL)
        stretch = np.maximum(answers.y[rest] @ told[rest] / square, 0.0)
        missed[held, :-1] -= told[held] * stretch
    found = np.empty_like(missed)
    for kind in np.unique(answers.kind):
        own = answers.kind == kind
        variance = np.maximum((missed[own] ** 2).mean(axis=0), _SMALL)
        found[own] = -0.5 * (np.log(variance) + missed[own] ** 2 / variance)
    return found


def with_times(lead: FloatArray, seen: BoolArray, group: IntArray, key: int = 0) -> tuple[float, float]:
    """Difference of a mean between seen and unseen answers, and its p-value.

    Args:
        lead: Log density of each answer above that under others, shape (n_answers,).
        seen: Whether the model could have seen it, shape (n_answers,).
        group: Juror (or pair) of each answer, 0, 1, …, shape (n_answers,).
        key: Seed of the bootstrap.

    Returns:
        D and the one-sided p-value of the wild cluster bootstrap.
    """
    group = group % MOST_GROUPS
    size = int(group.max()) + 1
    sides = np.stack([seen, ~seen]).astype(np.float64)
    counts = sides.sum(axis=1)
    # D = Σ w d, with weights that sum to 1 over seen and to −1 over unseen answers.
    weight = np.array([1.0, -1.0]) / counts @ sides
    null = lead - lead.mean()
    moved = np.bincount(group, weight * null, minlength=size)
    total = np.stack([np.bincount(group, null * side, minlength=size) for side in sides])
    share = np.stack([np.bincount(group, weight * side, minlength=size) for side in sides])
    rng = np.random.Generator(np.random.Philox(key=key))
    signs = rng.choice(np.concatenate([-_WEBB, _WEBB]), size=(DRAWS, size))
    signs = np.concatenate([np.ones((1, size)), signs])  # the first row is what was observed
    mean = signs @ total.T / counts
    scores = signs * moved - mean @ share  # sums over a group of w times the residual of its side's mean
    t = (signs @ moved) / np.sqrt(np.maximum((scores**2).sum(axis=1), _SMALL**2))
    return float(weight @ lead), float((1 + (t[1:] >= t[0]).sum()) / (DRAWS + 1))


def against_noise(floor: NoiseFloor, vector: FloatArray) -> tuple[float, float]:
    """How near a list is to people's answers, in units of their noise, and the p-value of being so near.

    Args:
        floor: Of the answers, with degrees of freedom.
        vector: A list, shape (n_projects,).

    Returns:
        F and the lower tail of the F distribution.
    """
    size, told = float(vector @ floor.gram @ vector), float(vector @ floor.votes)
    explained = max(told, 0.0) ** 2 / max(size, _SMALL)
    near = max(floor.fitted - explained, 0.0) / (floor.rank - 1)
    ratio = near / max(floor.variance, _SMALL)
    return ratio, float(fdtr(floor.rank - 1, floor.degrees, ratio))


def leak_tests(task: FusionTask) -> LeakReport:
    """Test every model that gave a list or comparisons for answers it should not have known.

    Models that declare to have seen the answers are tested, too, but count as nobody's yardstick.

    Args:
        task: Judgments of one criterion.
    """
    raw = model_vectors(task)
    vectors = {model: v for model in sorted(raw) if (v := standardise(raw[model])) is not None}
    answers = gather_answers(task).thinned()
    models = tuple(vectors)
    seen = seen_by(task, models, answers)
    floor = noise_floor(answers)
    mixed = [k for k in range(len(models)) if LEAST <= seen[k].sum() <= len(answers) - LEAST]
    groups = int(answers.groups[0].max()) + 1 if len(answers) else 0
    bar = {"times": FALSE_ALARM / max(len(mixed), 1), "noise": FALSE_ALARM / max(len(models), 1)}
    lists = np.stack([vectors[model] for model in models], axis=1) if models else np.zeros((len(task.projects), 0))
    told = answers.contrast(lists) if mixed else np.zeros((len(answers), 0))
    density = _log_densities(answers, told) if mixed and groups >= LEAST_GROUPS else None
    declared = np.array([task.panel[model].exposure == "seen" for model in models], dtype=np.bool_)
    tests = []
    for k, model in enumerate(models):
        why = _no_times(int(seen[k].sum()), len(answers), groups)
        if why or density is None:
            tests.append(LeakTest(model, "times", float("nan"), float("nan"), flagged=False, why_not=why))
        else:
            others = np.append(~declared & (np.arange(len(models)) != k), True)  # the equal split
            lead = density[:, k] - density[:, others].mean(axis=1)
            difference, p = with_times(lead, seen[k], answers.groups[0], k)
            tests.append(LeakTest(model, "times", difference, p, p < bar["times"]))
        if floor.degrees < LEAST or floor.rank < 2:
            why = "people repeat each other too little to tell their noise"
            tests.append(LeakTest(model, "noise", float("nan"), float("nan"), flagged=False, why_not=why))
        else:
            ratio, p = against_noise(floor, vectors[model])
            tests.append(LeakTest(model, "noise", ratio, p, p < bar["noise"]))
    counts = {model: int(row.sum()) for model, row in zip(models, seen, strict=True)}
    return LeakReport(tuple(tests), counts, len(answers), bar)


def _no_times(seen: int, answers: int, groups: int) -> str:
    """Why the test with times cannot be made; empty if it can."""
    if seen < LEAST:
        return "nothing seen" if seen == 0 else f"only {seen} answers seen"
    if answers - seen < LEAST:
        return "nothing unseen" if answers == seen else f"only {answers - seen} answers unseen"
    return "too few jurors" if groups < LEAST_GROUPS else ""
