"""Lists that come from one source: copies, and clusters of lists whose errors are alike.

Two lists are *near-copies* if they correlate by `NEAR_COPY` or more: nothing but the same source explains that. Lists
that were changed more than this still share their errors. They are *alike* if they agree more than their agreement with
all others explains (residual correlation, `_factor`), by at least `ALIKE` and beyond chance: Fisher's z against the
`FALSE_ALARM` quantile, corrected for the number of pairs. Two questions make this more than a threshold:

*Who is the odd one out?* If thirty of forty lists come from one hand, what "all" share is that hand's opinion, and the
honest ten seem to be the clique. So lists are first merged into a tree by plain correlation, the merged counting once,
and the loadings are learned anew at every level. The cut is above the last merge that is alike beyond chance: among
explanations that fit, the one with the fewest voices. (`tree_cut`)

*Which lists are in?* Given loadings from the groups found, lists are grouped anew by residual correlation, and the
loadings learned anew, until both agree. (`regroup`)

Clusters are found from the lists alone, never from people's answers: who is one voice must not depend on the answers
that the voice is then scored on.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from daccord.fusion.models._factor import Groups, group_voices, list_loadings, one_factor

__all__ = ["ALIKE", "FALSE_ALARM", "NEAR_COPY", "alike_groups", "linked", "near_copies", "regroup", "tree_cut"]

FloatArray = npt.NDArray[np.float64]

NEAR_COPY: Final = 0.98
"""Correlation from which two lists are near-copies."""

ALIKE: Final = 0.25
"""Least residual correlation of lists that count as one voice."""

FALSE_ALARM: Final = 0.05
"""Chance that a round of independent lists has any two of them taken for alike."""

_FEWEST: Final = 4
"""Groups that a one-factor model needs before anything can stick out of it."""

_FEWEST_PROJECTS: Final = 20
"""Projects below which chance correlates too much; then only near-copies are told."""

_ROUNDS: Final = 8


def linked(count: int, links: list[tuple[int, int]]) -> Groups:
    """Connected groups of 0 … count − 1, each rising, in the order of their first member."""
    root = list(range(count))

    def find(item: int) -> int:
        while root[item] != item:
            item = root[item]
        return item

    for one, other in links:
        low, high = sorted((find(one), find(other)))
        root[high] = low
    heads = [find(item) for item in range(count)]
    return tuple(tuple(i for i in range(count) if heads[i] == head) for head in sorted(set(heads)))


def near_copies(lists: FloatArray) -> Groups:
    """Groups of near-copies; lists of shape (n_projects, n_lists), standardised."""
    correlation = lists.T @ lists / len(lists)
    close = np.argwhere(np.triu(correlation, 1) >= NEAR_COPY)
    return linked(lists.shape[1], [(int(i), int(j)) for i, j in close])


def _beyond_chance(excess: float, projects: int, groups: int) -> bool:
    """Whether a residual correlation, the largest of all pairs of so many groups, is more than chance."""
    pairs = groups * (groups - 1) / 2
    z = np.arctanh(np.clip(excess, -1 + 1e-12, 1 - 1e-12)) * np.sqrt(max(projects - 4, 0))
    return bool(excess >= ALIKE and z > ndtri(1 - FALSE_ALARM / pairs))


def _merged(groups: Groups, i: int, j: int) -> Groups:
    rest = [group for k, group in enumerate(groups) if k not in (i, j)]
    return tuple(sorted([*rest, tuple(sorted(groups[i] + groups[j]))]))


def tree_cut(lists: FloatArray, groups: Groups) -> Groups:
    """Merge the groups that correlate most, one pair after the other, and cut above the last that is alike.

    Args:
        lists: Standardised lists, shape (n_projects, n_lists).
        groups: Where to begin.
    """
    cut, size = groups, len(lists)
    while len(groups) >= _FEWEST:
        heard = group_voices(lists, groups)
        correlation = heard.T @ heard / size
        loading = one_factor(correlation)
        above = np.triu(correlation, 1) - 2 * np.tri(len(groups))
        i, j = divmod(int(np.argmax(above)), len(groups))
        own = np.sqrt((1 - loading[i] ** 2) * (1 - loading[j] ** 2))
        excess = float((correlation[i, j] - loading[i] * loading[j]) / own)
        alike = _beyond_chance(excess, size, len(groups))
        groups = _merged(groups, i, j)
        if alike:
            cut = groups
    return cut


def regroup(lists: FloatArray, groups: Groups, loading: FloatArray) -> Groups:
    """Merge the groups with the largest residual correlation while it is beyond chance, given the lists' loadings."""
    size = len(lists)
    # Residual covariance of the groups' sums; sums of rows and columns are those of the merged group.
    member = np.array([[float(i in group) for i in range(lists.shape[1])] for group in groups])
    shared = member @ (lists.T @ lists / size - np.outer(loading, loading)) @ member.T
    while len(groups) > 1:
        own = np.sqrt(np.maximum(np.diag(shared), 1e-9))
        above = np.triu(shared / np.outer(own, own), 1) - 2 * np.tri(len(groups))
        i, j = divmod(int(np.argmax(above)), len(groups))
        if not _beyond_chance(float(above[i, j]), size, len(groups)):
            break
        merged = _merged(groups, i, j)
        order = [k for k in range(len(groups)) if k != j]
        shared[i] += shared[j]
        shared[:, i] += shared[:, j]
        kept = [tuple(sorted(groups[i] + groups[j])) if k == i else groups[k] for k in order]
        place = sorted(range(len(kept)), key=lambda k: kept[k])
        shared, groups = shared[np.ix_(order, order)][np.ix_(place, place)], merged
    return groups


def alike_groups(lists: FloatArray) -> Groups:
    """Clusters of lists that count as one voice: near-copies, and lists that are alike beyond chance.

    With fewer than four lists that are no near-copies of each other, or fewer than twenty projects, nothing can be told
    beyond near-copies.

    Args:
        lists: Standardised lists, shape (n_projects, n_lists).

    Returns:
        Positions of the lists of each cluster, rising, in the order of their first list.
    """
    first = near_copies(lists)
    if len(first) < _FEWEST or len(lists) < _FEWEST_PROJECTS:
        return first
    groups = tree_cut(lists, first)
    tried = [groups]
    for _ in range(_ROUNDS):
        loading = list_loadings(lists, groups)
        if loading is None:
            break
        groups = regroup(lists, first, loading)
        if groups in tried:
            break
        tried.append(groups)
    return groups
