"""Bridging support: what the least supportive community thinks of a project, shown beside the mean of any rule.

A project that everybody likes a little has more of it than one that some love and others reject. It is read off what
each community's own answers say (`CriterionBeliefs.community_views`), so it costs no further fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._beliefs import CriterionBeliefs

__all__ = ["BridgingSupport", "bridging_support"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_HALF: Final = 1.2815515655446004
"""Standard normal quantile of 90 %: half the width of an 80 % interval."""


@dataclass(frozen=True, eq=False)
class BridgingSupport:
    """The least supportive community of each project; arrays of shape (n_projects,).

    Attributes:
        support: Its estimate, natural log, relative to the typical project that it spoke about; NaN where fewer than
            two communities spoke about the project, because then nothing is bridged.
        low: Lower end of its 80 % interval; NaN likewise.
        high: Upper end; NaN likewise.
        community: Name of the community; empty likewise. Of several with the same estimate the least sure one.
        heard: Communities that spoke about the project.
    """

    support: FloatArray
    low: FloatArray
    high: FloatArray
    community: tuple[str, ...]
    heard: IntArray


def bridging_support(beliefs: CriterionBeliefs) -> BridgingSupport:
    """The least supportive community's view of every project.

    Communities are the declared ones. Where none are, fuse `with_opinion_groups(task)` instead of the task: communities
    are then the groups found in the answers, if these are clear.

    Args:
        beliefs: Of any rule that tells communities apart.

    Returns:
        Support; nothing but NaN if the rule has no views of communities.
    """
    names, size = sorted(beliefs.community_views), len(beliefs.mean)
    if not names:
        none = np.full(size, np.nan)
        return BridgingSupport(none, none, none, ("",) * size, np.zeros(size, dtype=np.int64))
    mean = np.array([beliefs.community_views[name].mean for name in names])
    sd = np.array([beliefs.community_views[name].sd for name in names])
    spoke = np.isfinite(mean)
    heard = spoke.sum(axis=0)
    order = np.lexsort((np.where(spoke, -sd, 0.0), np.where(spoke, mean, np.inf)), axis=0)[0]
    at = np.arange(size)
    bridged = heard >= 2
    support = np.where(bridged, mean[order, at], np.nan)
    half = _HALF * sd[order, at]
    return BridgingSupport(
        support=support,
        low=support - half,
        high=support + half,
        community=tuple(names[order[i]] if bridged[i] else "" for i in range(size)),
        heard=heard,
    )
