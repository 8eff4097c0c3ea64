"""Crowds: many lists from one source, each so much changed that no two of them look alike.

Thirty copies of a list with twice its own error added share a fifth of what is left of them when the truth is taken
out: no pair stands out from chance, but the largest eigenvalue of all their residual correlations does. For m lists
over n projects whose residuals are independent it stays below the edge

    ((√(n−1) + √m)² + 2.02 · (√(n−1) + √m)(1/√(n−1) + 1/√m)^{1/3}) / n

with probability 0.99 (Tracy and Widom's law with Johnstone's centring). Where it is above, the lists that load on it
are one crowd and count as one.

That needs loadings that no crowd can have bent, so they come from people's answers. Who is one voice is then settled
by people, too: of the clusters found from lists alone and those found here, the ones under which *one voice, one vote*
foresees people better, and the new ones only if the odds are twenty to one. Only reward shares are computed so; voices
of the prior must not depend on the answers that they are scored on.

Source: I. M. Johnstone, Annals of Statistics 29 (2001) 295–327.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.models._answers import Answers
from daccord.fusion.models._copies import alike_groups, near_copies, regroup
from daccord.fusion.models._factor import (
    Groups,
    anchored_loadings,
    group_voices,
    list_loadings,
    residual_correlation,
)
from daccord.fusion.models._noise import noise_floor
from daccord.fusion.models._skill import coalition_values, deal, fold_sums

__all__ = ["BETTER", "crowds", "reward_groups", "top_edge"]

FloatArray = npt.NDArray[np.float64]

BETTER: Final = float(np.log(20.0))
"""Log density by which people must speak for other clusters than those found from the lists alone."""

_LOADS: Final = 0.3
"""Least loading of a member on what a crowd shares."""
_SURE: Final = 2.5
"""… and in standard errors, 1/√n."""
_QUANTILE: Final = 2.02
_ROUNDS: Final = 6
_FEWEST: Final = 4
_FEWEST_PROJECTS: Final = 20
_FEWEST_REPEATED: Final = 10


def top_edge(projects: int, groups: int) -> float:
    """What the largest eigenvalue of so many independent residuals exceeds with probability 0.01."""
    rows, columns = np.sqrt(projects - 1), np.sqrt(groups)
    width = (rows + columns) * (1 / rows + 1 / columns) ** (1 / 3)
    return float(((rows + columns) ** 2 + _QUANTILE * width) / projects)


def crowds(lists: FloatArray, groups: Groups, loading: FloatArray) -> Groups:
    """Merge crowds until no eigenvalue of the groups' residual correlations stands out.

    Args:
        lists: Standardised lists, shape (n_projects, n_lists).
        groups: Clusters found so far.
        loading: Of each list on what all share, shape (n_lists,).
    """
    size = len(lists)
    while len(groups) >= _FEWEST:
        mean = np.stack([lists[:, list(group)].mean(axis=1) for group in groups], axis=1)
        own = np.array([loading[list(group)].mean() for group in groups]) / np.maximum(mean.std(axis=0), 1e-12)
        residual = residual_correlation(group_voices(lists, groups), np.clip(own, 0.0, 0.98))
        values, vectors = np.linalg.eigh(residual)
        if values[-1] <= top_edge(size, len(groups)):
            break
        vector = vectors[:, -1] * np.sqrt(values[-1])
        loads = vector if (vector**3).sum() >= 0 else -vector
        member = loads > max(_LOADS, _SURE / np.sqrt(size))
        if member.sum() < 2:
            break
        joined = tuple(sorted(i for group, is_in in zip(groups, member, strict=True) if is_in for i in group))
        groups = tuple(sorted([joined, *(g for g, is_in in zip(groups, member, strict=True) if not is_in)]))
    return groups


def _anchored_groups(lists: FloatArray, loading: FloatArray) -> Groups:
    """Clusters given loadings to begin with; then loadings and clusters in turn until both agree."""
    first = near_copies(lists)
    found: list[Groups] = []
    anchored: FloatArray | None = loading
    for _ in range(_ROUNDS):
        if anchored is None:
            break
        groups = crowds(lists, regroup(lists, first, anchored), anchored)
        if groups in found:
            break
        found.append(groups)
        anchored = list_loadings(lists, groups)
    return found[-1]


def _one_vote_each(lists: FloatArray, groups: Groups, answers: Answers) -> float:
    """Held-out log density of people's answers under the plain mean of all voices."""
    told = answers.contrast(group_voices(lists, groups).mean(axis=1)[:, None])
    return float(coalition_values(fold_sums(answers, told, deal(answers)), np.ones((1, 1), dtype=np.bool_))[0])


def reward_groups(lists: FloatArray, answers: Answers) -> Groups:
    """Clusters of lists that are rewarded as one.

    Args:
        lists: Standardised lists, shape (n_projects, n_lists).
        answers: Answers of people that none of the lists has seen.

    Returns:
        Positions of the lists of each cluster, rising, in the order of their first list.
    """
    plain = alike_groups(lists)
    floor = noise_floor(answers)
    enough = floor.degrees >= _FEWEST_REPEATED and len(np.unique(deal(answers))) > 1
    if not enough or len(near_copies(lists)) < _FEWEST or len(lists) < _FEWEST_PROJECTS:
        return plain
    noise = min(floor.variance / max(float(np.mean(answers.y**2)), 1e-12), 0.95)
    anchored = _anchored_groups(lists, anchored_loadings(lists, answers, noise))
    lead = _one_vote_each(lists, anchored, answers) - _one_vote_each(lists, plain, answers)
    return anchored if lead > BETTER else plain
