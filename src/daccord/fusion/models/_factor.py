"""What all models share, and what is left of each list when that is taken out.

Standardised lists z_1 … z_m over n projects are taken to be

    z_i = b_i θ + u_i ,   corr(z_i, z_j) = b_i b_j + s_ij ,

θ being what all of them are about, b_i how much of it list i tells (its *loading*), and s_ij what two lists share
beyond it: the same errors, hence the same source. The *residual correlation*

    e_ij = (r_ij − b_i b_j) / √((1 − b_i²)(1 − b_j²))

is 0 for lists that were made independently, however good they are, and 1 for copies. Loadings are learned from *groups*
that count once each, because a list that was sent thirty times would otherwise be what all models share.

People can say what θ is as well (`anchored_loadings`). That needs answers that were not seen, and enough of them.

Source: one-factor model after C. Spearman, Am. J. Psychol. 15 (1904) 201–293, fitted by least squares off
the diagonal (minres) after H. H. Harman and W. H. Jones, Psychometrika 31 (1966) 351–368.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.models._answers import Answers

__all__ = [
    "Groups",
    "anchored_loadings",
    "effective_number",
    "group_voices",
    "list_loadings",
    "one_factor",
    "residual_correlation",
    "standardise",
]

FloatArray = npt.NDArray[np.float64]
Groups = tuple[tuple[int, ...], ...]

_MOST_LOADING: Final = 0.995
_ROUNDS: Final = 200
_SETTLED: Final = 1e-6
_NOISE_FLOOR: Final = 1e-3


def standardise(values: FloatArray) -> FloatArray | None:
    """Mean 0 and standard deviation 1; None if all values are the same."""
    spread = float(values.std())
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return None
    return np.asarray((values - values.mean()) / spread)


def group_voices(lists: FloatArray, groups: Groups) -> FloatArray:
    """One standardised vector a group, the mean of its lists; shape (n_projects, n_groups).

    Args:
        lists: Standardised lists, shape (n_projects, n_lists).
        groups: Positions of the lists of each group.
    """
    means = np.stack([lists[:, list(group)].mean(axis=1) for group in groups], axis=1)
    return np.asarray((means - means.mean(axis=0)) / np.maximum(means.std(axis=0), 1e-12))


def one_factor(correlation: FloatArray) -> FloatArray:
    """Loadings b of the one-factor model that fits a correlation matrix best off its diagonal, shape (m,), m ≥ 3.

    Minimises `Σ_{i<j} (r_ij − b_i b_j)²`: each loading in turn is a regression on the others, all taken at once with
    half a step.
    """
    off = correlation - np.diag(np.diag(correlation))
    values, vectors = np.linalg.eigh(correlation)
    loading = vectors[:, -1] * np.sqrt(max(float(values[-1]) - 1.0, 0.0) * 0.9 + 0.1)
    loading = loading if loading.sum() >= 0 else -loading
    for _ in range(_ROUNDS):
        strength = float(loading @ loading) - loading**2
        wanted = np.clip(off @ loading / np.maximum(strength, 1e-9), -_MOST_LOADING, _MOST_LOADING)
        moved = 0.5 * (wanted - loading)
        loading = loading + moved
        if np.abs(moved).max() < _SETTLED:
            break
    return np.asarray(np.clip(loading, -_MOST_LOADING, _MOST_LOADING))


def list_loadings(lists: FloatArray, groups: Groups) -> FloatArray | None:
    """Loading of each list, learned from the groups it does not belong to; None with fewer than three groups.

    Returns:
        Shape (n_lists,), within [0, 1).
    """
    if len(groups) < 3:
        return None
    heard = group_voices(lists, groups)
    size = len(lists)
    factor = np.maximum(one_factor(heard.T @ heard / size), 0.0)
    with_groups = lists.T @ heard / size
    found = np.zeros(lists.shape[1])
    for k, group in enumerate(groups):
        others = np.arange(len(groups)) != k
        strength = float(factor[others] @ factor[others])
        if strength > 0:
            found[list(group)] = with_groups[np.ix_(list(group), others)] @ factor[others] / strength
    return np.asarray(np.clip(found, 0.0, _MOST_LOADING))


def anchored_loadings(lists: FloatArray, answers: Answers, noise: float) -> FloatArray:
    """Loading of each list on what people say: correlation with their answers, less what noise takes from it.

    Args:
        lists: Standardised lists, shape (n_projects, n_lists).
        answers: Answers that none of the lists has seen.
        noise: Share of the answers' variance that no list can foretell, in [0, 1).

    Returns:
        Shape (n_lists,), within [0, 1).
    """
    told = answers.contrast(lists)
    size = np.sqrt(np.maximum((told**2).sum(axis=0) * float(answers.y @ answers.y), 1e-300))
    return np.asarray(np.clip(answers.y @ told / size / np.sqrt(1 - noise), 0.0, _MOST_LOADING))


def residual_correlation(lists: FloatArray, loading: FloatArray) -> FloatArray:
    """What lists share beyond what all share, shape (n_lists, n_lists); 1 on the diagonal."""
    shared = lists.T @ lists / len(lists) - np.outer(loading, loading)
    own = np.sqrt(np.maximum(np.diag(shared), _NOISE_FLOOR))
    found = np.clip(shared / np.outer(own, own), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def effective_number(residual: FloatArray, projects: int) -> float:
    """How many independent lists would be as diverse: the participation ratio `m² / Σ e_ij²`.

    What chance adds to the squares, 1/(n − 2) for each pair, is taken out. Copies count as one.

    Args:
        residual: Residual correlations of m lists.
        projects: n, number of projects.

    Returns:
        Between 1 and m; 0 without lists.
    """
    count = len(residual)
    if not count:
        return 0.0
    squares = float((residual**2).sum()) - count
    chance = count * (count - 1) / max(projects - 2, 1)
    return float(count**2 / (count + max(squares - chance, 0.0)))
