"""How well voices foresee held-out people: alone, together, and beyond chance.

Answers are dealt into folds by juror (by pair where jurors are not told apart). A coalition S of voices foresees

    y_k = Σ_{f∈S} c_f x_kf + noise,   c ≥ 0,

c fitted to the other folds by least squares. Its value is the log density of all held-out answers with the noise of
each kind κ that suits it best,

    v(S) = − Σ_κ ½ N_κ ln( Σ_{k∈κ} (y_k − Σ_f c_f x_kf)² / N_κ )      up to a constant; v(∅) is an equal split.

A voice is *silent* on answers that one of its models has seen: there `x_kf = 0`, when c is fitted and when it is
scored. Answers are bounded (`_answers`), so squares are safe, and sums over answers are all that is needed: a thousand
coalitions cost little more than one.

**Beyond chance** (`agreement`). With few projects a list of random numbers correlates with what people want, for every
juror alike, so holding out jurors does not show it. Projects do: a list without skill could as well have its numbers on
other projects. Under that relabelling the correlation of a list with people's votes has mean 0, and
`t = r √((k − 2)/(1 − r²))` follows Student's t with k − 2 degrees of freedom, k the number of projects judged.

Source: for the relabelling test, E. J. G. Pitman, Suppl. J. R. Stat. Soc. 4 (1937) 225–232.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from daccord.fusion.models._answers import Answers

__all__ = [
    "FOLDS",
    "Alone",
    "Sums",
    "agreement",
    "alone",
    "coalition_values",
    "deal",
    "fold_sums",
    "single_values",
    "told_by",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FOLDS: Final = 5
_SWEEPS: Final = 200
_SETTLED: Final = 1e-6
_SMALL: Final = 1e-12
_RIDGE: Final = 1e-6
"""Of the diagonal: keeps coefficients of equal voices from wandering."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over answers that coalitions are scored by, one row a fold and kind of answer.

    Attributes:
        square: Σ x xᵀ, shape (n_folds, n_kinds, n_voices, n_voices).
        cross: Σ x y, shape (n_folds, n_kinds, n_voices).
        total: Σ y², shape (n_folds, n_kinds).
        count: Number of answers, shape (n_folds, n_kinds).
    """

    square: FloatArray
    cross: FloatArray
    total: FloatArray
    count: FloatArray


@dataclass(frozen=True)
class Alone:
    """What one voice is worth alone, on answers it has not seen.

    Attributes:
        gain: Log density per held-out answer above an equal split, natural log.
        error: Its standard error, with whole jurors (or pairs) as the unit; infinite with fewer than two.
        unseen: Answers it was scored on.
        seen: Answers it had seen.
        agreement: Correlation with people's votes over the projects they judged; 0 where there is nothing to tell.
        chance: Probability of so much agreement for a list without skill.
    """

    gain: float
    error: float
    unseen: int
    seen: int
    agreement: float
    chance: float


def deal(answers: Answers) -> IntArray:
    """Fold of each answer, whole jurors (or pairs) together; shape (n_answers,)."""
    return answers.groups[0] % FOLDS


def told_by(answers: Answers, vectors: FloatArray, seen: BoolArray) -> FloatArray:
    """What each voice says about the same as each answer, 0 where it had seen the answer.

    Args:
        answers: People's answers.
        vectors: Shape (n_projects, n_voices).
        seen: Shape (n_voices, n_answers).

    Returns:
        Shape (n_answers, n_voices).
    """
    return np.where(seen.T, 0.0, answers.contrast(vectors))


def fold_sums(answers: Answers, told: FloatArray, fold: IntArray) -> Sums:
    """Sums over the answers of each fold and kind."""
    kinds = np.unique(answers.kind)
    folds = np.unique(fold)
    parts = [[np.flatnonzero((fold == f) & (answers.kind == kind)) for kind in kinds] for f in folds]
    return Sums(
        square=np.array([[told[k].T @ told[k] for k in row] for row in parts]),
        cross=np.array([[told[k].T @ answers.y[k] for k in row] for row in parts]),
        total=np.array([[answers.y[k] @ answers.y[k] for k in row] for row in parts]),
        count=np.array([[float(len(k)) for k in row] for row in parts]),
    )


def _nonnegative(square: FloatArray, cross: FloatArray, member: BoolArray) -> FloatArray:
    """c ≥ 0 that minimises `½ cᵀ A c − bᵀ c`, by coordinate descent on all coalitions at once.

    Args:
        square: A, shape (n_voices, n_voices).
        cross: b, shape (n_voices,).
        member: Shape (n_voices, n_coalitions).

    Returns:
        Shape (n_voices, n_coalitions); 0 for who is not in it.
    """
    diagonal = np.diag(square) * (1 + _RIDGE) + _SMALL
    c = np.zeros(member.shape)
    slope = np.repeat(cross[:, None], member.shape[1], axis=1)
    settled = _SETTLED * (float(np.abs(cross).max(initial=0.0)) + _SMALL)
    for _ in range(_SWEEPS):
        moved = 0.0
        for f in range(len(cross)):
            wanted = np.maximum(c[f] + slope[f] / diagonal[f] - _RIDGE * c[f], 0.0)
            step = np.where(member[f], wanted - c[f], 0.0)
            largest = float(np.abs(step).max(initial=0.0))
            if largest > 0:
                c[f] += step
                slope -= square[f][:, None] * step
                moved = max(moved, largest * float(diagonal[f]))
        if moved < settled:
            break
    return c


def _log_density_of(wrong: FloatArray, count: FloatArray) -> FloatArray:
    """Log density of answers from their sums of squared errors, shape (n_kinds, …), with the noise that fits best."""
    mean = np.maximum(wrong, _SMALL) / np.maximum(count, 1.0)[:, None]
    return np.asarray(-0.5 * (count @ np.log(mean)))


def coalition_values(sums: Sums, member: BoolArray) -> FloatArray:
    """v(S) of coalitions of voices, natural log, up to a constant that is the same for all.

    Args:
        sums: Of all answers.
        member: Whether each voice is in each coalition, shape (n_coalitions, n_voices).

    Returns:
        Shape (n_coalitions,).
    """
    square, cross = sums.square.sum(axis=(0, 1)), sums.cross.sum(axis=(0, 1))
    wrong = np.zeros((sums.count.shape[1], len(member)))
    for f in range(len(sums.total)):
        c = _nonnegative(square - sums.square[f].sum(axis=0), cross - sums.cross[f].sum(axis=0), member.T)
        for kind in range(len(wrong)):
            explained = 2 * sums.cross[f, kind] @ c - (c * (sums.square[f, kind] @ c)).sum(axis=0)
            wrong[kind] += sums.total[f, kind] - explained
    return _log_density_of(wrong, sums.count.sum(axis=0))


def single_values(sums: Sums) -> FloatArray:
    """v of each voice alone less v of none, shape (n_voices,): `coalition_values` of single voices, at once."""
    own = np.diagonal(sums.square, axis1=2, axis2=3)
    square, cross = own.sum(axis=(0, 1)), sums.cross.sum(axis=(0, 1))
    wrong = np.zeros((sums.count.shape[1], len(cross)))
    for f in range(len(sums.total)):
        rest = (square - own[f].sum(axis=0)) * (1 + _RIDGE) + _SMALL
        c = np.maximum((cross - sums.cross[f].sum(axis=0)) / rest, 0.0)
        wrong += sums.total[f][:, None] - 2 * c * sums.cross[f] + c**2 * own[f]
    none = sums.total.sum(axis=0)[:, None]
    count = sums.count.sum(axis=0)
    return np.asarray(_log_density_of(wrong, count) - _log_density_of(none, count))


def agreement(answers: Answers, vector: FloatArray) -> tuple[float, float]:
    """Correlation of a list with people's votes over the projects they judged, and the probability of it by chance."""
    votes, touched = answers.votes()
    votes, values = votes[touched], vector[touched]
    degrees = len(votes) - 2
    votes, values = votes - votes.mean() if len(votes) else votes, values - values.mean() if len(values) else values
    size = float(np.sqrt((votes @ votes) * (values @ values)))
    if degrees < 1 or size <= _SMALL:
        return 0.0, 1.0
    r = float(np.clip(votes @ values / size, -1 + _SMALL, 1 - _SMALL))
    return r, float(stdtr(degrees, -r * np.sqrt(degrees / (1 - r * r))))


def alone(answers: Answers, vector: FloatArray, seen: BoolArray) -> Alone:
    """What one voice is worth alone.

    Args:
        answers: People's answers.
        vector: Its standardised vector, shape (n_projects,).
        seen: Which answers it has seen, shape (n_answers,).
    """
    rest = answers.take(~seen)
    r, chance = agreement(rest, vector)
    gain, error = 0.0, float("inf")
    fold = deal(rest) if len(rest) else np.zeros(0, dtype=np.int64)
    if len(np.unique(fold)) > 1:
        told = rest.contrast(vector[:, None])[:, 0]
        missed = np.empty(len(rest))
        for f in np.unique(fold):
            held = fold == f
            square = float(told[~held] @ told[~held])
            c = max(float(told[~held] @ rest.y[~held]) / square, 0.0) if square > _SMALL else 0.0
            missed[held] = rest.y[held] - c * told[held]
        better = _log_density(missed, rest.kind) - _log_density(rest.y, rest.kind)
        gain = float(better.mean())
        error = _error(better, rest.groups[0])
    return Alone(gain, error, len(rest), int(seen.sum()), r, chance)


def _log_density(missed: FloatArray, kind: IntArray) -> FloatArray:
    """Normal log density of each answer with the noise of its kind that fits best, up to a constant."""
    found = np.empty(len(missed))
    for which in np.unique(kind):
        own = kind == which
        variance = max(float(np.mean(missed[own] ** 2)), _SMALL)
        found[own] = -0.5 * (np.log(variance) + missed[own] ** 2 / variance)
    return found


def _error(values: FloatArray, group: IntArray) -> float:
    """Standard error of a mean with whole groups as the unit."""
    total = np.bincount(group, values - values.mean())
    size = len(total)
    return float(np.sqrt(size / (size - 1) * (total @ total))) / len(values) if size > 1 else float("inf")
