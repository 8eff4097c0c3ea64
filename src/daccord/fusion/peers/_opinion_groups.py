"""Groups of people who answer alike, found from the answers: after Polis.

1. A matrix of opinions, people × projects, r > 0 for and r < 0 against; what somebody did not judge is unknown.
2. Unknown cells get the project's average, columns are centred, and the two directions along which people differ most
   are found (principal components).
3. A person's place is the sum over what he or she judged only, times √(projects / judged): who judged little would
   otherwise lie near the middle for no other reason.
4. People with at least seven opinions (all, if there are fewer projects) are divided by k-means into 2 to 5 groups, at
   most 2 + people/12; the number with the largest mean silhouette counts. Others belong to no group.

Everything is deterministic and nothing depends on an order: k-means starts from the people furthest from each other and
from slices along both components, and the division with the smallest squared distances counts. Groups are numbered by
size, equal ones by where they lie.

A crowd of one mind is divided too. Its silhouette is low: `clear` asks for more than 0.5, from where Kaufman and
Rousseeuw (1990) speak of a reasonable structure.

Differences from Polis: it first makes up to 100 small clusters and groups these, which changes nothing up to 100 people
but the start; it starts from people in the order they came; it keeps groups stable while votes come in.

Source: C. Small et al., "Polis: scaling deliberation by mapping high dimensional opinion spaces", Recerca 26 (2021);
github.com/compdemocracy/polis for the correction and the limits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.fusion.peers._bridging import opinions_of
from daccord.fusion.peers._bridging_clusters import k_means, silhouette_of
from daccord.fusion.peers._qr_median_beliefs import reading
from daccord.judging import Panel

__all__ = [
    "CLEAR",
    "OpinionGroups",
    "find_groups",
    "group_informed_consensus",
    "opinion_groups",
    "opinion_matrix",
    "with_opinion_groups",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEAST_OPINIONS: Final = 7
"""Opinions somebody must have to belong to a group, or all there are."""

MOST_GROUPS: Final = 5
PEOPLE_PER_GROUP: Final = 12
"""At most 2 + people/12 groups are tried."""

CLEAR: Final = 0.5
"""Mean silhouette above which a division counts as more than noise."""


@dataclass(frozen=True, eq=False)
class OpinionGroups:
    """Who answers alike.

    Attributes:
        group: Group of each person, 0 the largest; −1 for those with too few opinions, shape (n_people,).
        place: Where each person lies, shape (n_people, 2).
        silhouettes: Number of groups → mean silhouette; empty if nobody could be divided.
        explained: Share of the filled matrix's variance along both directions, in [0, 1].
    """

    group: IntArray
    place: FloatArray
    silhouettes: dict[int, float]
    explained: float

    @property
    def count(self) -> int:
        """Number of groups."""
        return int(self.group.max(initial=-1)) + 1

    @property
    def silhouette(self) -> float:
        """Mean silhouette of the division, in [−1, 1]; 0 if there is none."""
        return max(self.silhouettes.values(), default=0.0)

    @property
    def clear(self) -> bool:
        """Whether the division is more than what any crowd shows."""
        return self.silhouette > CLEAR


def find_groups(opinions: FloatArray) -> OpinionGroups:
    """Groups from a matrix of opinions.

    Args:
        opinions: People × projects, NaN where unknown, shape (n_people, n_projects).
    """
    people, projects = opinions.shape
    judged = np.isfinite(opinions)
    times = judged.sum(axis=0)
    middle = np.where(judged, opinions, 0.0).sum(axis=0) / np.maximum(times, 1)
    away = np.where(judged, opinions - middle, 0.0)
    total = float(np.sum(away**2))
    place, explained = np.zeros((people, 2)), 0.0
    if total > 0:
        _, strength, directions = np.linalg.svd(away, full_matrices=False)
        two = min(2, len(strength))
        reach = np.sqrt(projects / np.maximum(judged.sum(axis=1), 1))
        place[:, :two] = reach[:, None] * (away @ directions[:two].T)
        explained = float(np.sum(strength[:two] ** 2) / total)
    group = np.full(people, -1, dtype=np.int64)
    among = np.flatnonzero(judged.sum(axis=1) >= min(LEAST_OPINIONS, max(projects, 1)))
    silhouettes: dict[int, float] = {}
    best = np.zeros(len(among), dtype=np.int64)
    points = place[among]
    different = len(np.unique(np.round(points, 9), axis=0))
    for k in range(2, min(MOST_GROUPS, 2 + len(among) // PEOPLE_PER_GROUP, different) + 1):
        division = k_means(points, k)
        silhouette = silhouette_of(points, division)
        # Of equals the smaller number of groups counts.
        best = division if silhouette > max(silhouettes.values(), default=-np.inf) else best
        silhouettes[k] = silhouette
    group[among] = _numbered(points, best)
    return OpinionGroups(group, place, silhouettes, explained)


def _numbered(points: FloatArray, division: IntArray) -> IntArray:
    """Groups numbered by size, equal ones by how far they lie from the middle of all."""
    names = np.unique(division)
    middle = points.mean(axis=0) if len(points) else np.zeros(2)

    def rank(name: int) -> tuple[int, float]:
        own = points[division == name]
        return -len(own), -round(float(np.sum((own.mean(axis=0) - middle) ** 2)), 9)

    order = sorted(names.tolist(), key=rank)
    number = {name: place for place, name in enumerate(order)}
    return np.array([number[name] for name in division.tolist()], dtype=np.int64)


def group_informed_consensus(opinions: FloatArray, group: IntArray) -> FloatArray:
    """How far all groups are for a project: Π over groups of (for + 1)/(opinions + 2).

    Args:
        opinions: People × projects, NaN where unknown, shape (n_people, n_projects); above 0 is for.
        group: Group of each person, −1 for none, shape (n_people,).

    Returns:
        In (0, 1), shape (n_projects,): with two groups ¼ where nobody judged.
    """
    consensus = np.ones(opinions.shape[1])
    for name in np.unique(group[group >= 0]):
        own = opinions[group == name]
        consensus *= (np.sum(own > 0, axis=0) + 1) / (np.isfinite(own).sum(axis=0) + 2)
    return consensus


def opinion_matrix(task: FusionTask) -> tuple[IntArray, FloatArray]:
    """People's opinions as a matrix: ratings by their place on the scale, comparisons through own scores.

    Of somebody who compared and rated a project the mean counts.

    Returns:
        Positions of the people in the panel, rising, shape (n_people,); and opinions in [−½, ½], NaN where unknown,
        shape (n_people, n_projects).

    Raises:
        ConvergenceError: A person's scores did not settle.
    """
    used = reading(task, comparisons=True, ratings=True)
    people = used.answering
    sums = np.zeros((len(people), len(task.projects)))
    times = np.zeros_like(sums)
    if len(people):
        opinions, known, _ = opinions_of(used)
        compared, rated = np.unique(used.comparisons.judge), np.unique(used.ratings.judge)
        who = np.searchsorted(people, np.concatenate([compared, rated]))[opinions.rater]
        np.add.at(sums, (who, known[opinions.project]), opinions.value)
        np.add.at(times, (who, known[opinions.project]), 1.0)
    return people, np.where(times > 0, sums / np.maximum(times, 1), np.nan)


def opinion_groups(task: FusionTask) -> tuple[IntArray, OpinionGroups]:
    """Groups of the people who compared or rated.

    Returns:
        Positions of these people in the panel, rising, and their groups.

    Raises:
        ConvergenceError: A person's scores did not settle.
    """
    people, opinions = opinion_matrix(task)
    return people, find_groups(opinions)


def with_opinion_groups(task: FusionTask) -> FusionTask:
    """The task with found groups as communities, where none are declared and the groups found are clear.

    Groups are called `found 1`, `found 2`, …, the largest first, so that nobody takes them for declared ones.
    """
    if task.panel.communities:
        return task
    people, groups = opinion_groups(task)
    if not groups.clear:
        return task
    judges = list(task.panel.judges)
    for position, group in zip(people.tolist(), groups.group.tolist(), strict=True):
        if group >= 0:
            judges[position] = replace(judges[position], community=f"found {group + 1}")
    return replace(task, panel=Panel(tuple(judges)))
