"""Which projects people's answers link: only differences between linked projects are learned from people."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from daccord.fusion._task import FusionTask

__all__ = ["linked_parts", "parted"]

IntArray = npt.NDArray[np.int64]

_NAMED: Final = 5


def linked_parts(task: FusionTask) -> list[IntArray]:
    """Positions of the projects in each part that people's answers link, the largest part first.

    Ratings link all rated projects, for they share a scale. Projects that nobody spoke about are in no part.
    """
    compared, rated, ranked = task.comparisons, task.ratings, task.rankings
    size = len(task.projects)
    head = np.repeat(ranked.project[ranked.start[:-1]], ranked.size)
    one = np.concatenate([compared.a, ranked.project, rated.project])
    other = np.concatenate([compared.b, head, np.full(len(rated), size)])
    links = sparse.coo_array((np.ones(len(one)), (one, other)), shape=(size + 1, size + 1))
    _, label = connected_components(links, directed=False)
    touched = np.unique(np.concatenate([one, compared.b]))
    labels, at, count = np.unique(label[touched], return_inverse=True, return_counts=True)
    order = np.argsort(-count, kind="stable")
    return [touched[at == part] for part in np.arange(len(labels))[order]]


def parted(task: FusionTask, guess: str) -> str | None:
    """What to tell people if their answers leave parts unlinked; None if they do not.

    Args:
        task: What was said.
        guess: What then decides how the parts compare, such as "the prior's guess".
    """
    parts = linked_parts(task)
    if len(parts) < 2:
        return None
    small = [task.projects[i] for i in np.concatenate(parts[1:])]
    some = ", ".join(small[:_NAMED]) + (f" and {len(small) - _NAMED} more" if len(small) > _NAMED else "")
    return (
        f"no answer links {some} to the other projects, so how they compare is {guess}; ask for comparisons between "
        "the parts"
    )
