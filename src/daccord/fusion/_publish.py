"""Beliefs as published integers, and reproducible draws from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from daccord.fusion._beliefs import CriterionBeliefs, reordered
from daccord.fusion._scores import MICRO, NANO, CriterionScore, ProjectScore, Scores
from daccord.fusion.harm import HarmLevels
from daccord.round import HARMS, Rules

__all__ = ["DRAWS", "draw_log_values", "publish"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

DRAWS = 2000
"""Draws from the posterior behind every interval."""

_DIGITS = 9
_LOW, _HIGH = 0.1, 0.9


def _standard_normals(seed: int, rows: int, columns: int) -> FloatArray:
    """Standard normals, shape (rows, columns), from the counter-based generator Philox.

    The generator's raw bits are the same for ever; they are turned into normals by the inverse distribution function,
    because the library's own samplers may change between versions.
    """
    bits = np.random.Philox(key=seed & (2**64 - 1)).random_raw(rows * columns)
    return np.asarray(ndtri(((bits >> 11) + 0.5) / 2.0**53)).reshape(rows, columns)


def draw_log_values(beliefs: CriterionBeliefs, ids: Sequence[str], seed: int, draws: int = DRAWS) -> FloatArray:
    """Joint draws of log-values from a posterior.

    Args:
        beliefs: The posterior.
        ids: Project ids, shape (n_projects,). Randomness is dealt out by posterior mean and spread, and by id only
            between equals, so that neither a file's order nor a project's name matters.
        seed: The round's seed.
        draws: Number of draws.

    Returns:
        Natural log, shape (draws, n_projects). Grid points appear in proportion to their weights.
    """
    spread = np.round(beliefs.variance, _DIGITS)
    order = np.lexsort((np.array(ids), spread, np.round(beliefs.mean, _DIGITS)))
    normals = _standard_normals(seed, draws, len(order))
    ends = np.cumsum([component.weight for component in beliefs.components])
    which = np.searchsorted(ends / ends[-1], (np.arange(draws) + 0.5) / draws)
    found = np.empty_like(normals)
    for k, component in enumerate(beliefs.components):
        if component.covariance.ndim == 1:
            found[which == k] = component.mean[order] + normals[which == k] * np.sqrt(component.covariance[order])
            continue
        covariance = component.covariance[np.ix_(order, order)]
        values, vectors = np.linalg.eigh(covariance)
        root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
        found[which == k] = component.mean[order] + normals[which == k] @ root
    return np.asarray(found[:, np.argsort(order)])


def _integers(values: FloatArray, unit: int) -> list[int]:
    return [int(value) for value in np.rint(values * unit)]


def _centred(belief: CriterionBeliefs, order: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of θ minus its average over the projects.

    The average is taken in the order of the ids, because the last bit of a sum depends on the order of its terms and
    a published integer may hang on it.
    """
    mean, variance = reordered(belief, order).centred
    back = np.argsort(order)
    return mean[back], np.sqrt(variance)[back]


def _shares(log_values: FloatArray | None, order: IntArray) -> tuple[list[int], list[int], list[int]]:
    """Each project's share of all benefit: mean, 10 % and 90 % quantile, billionths."""
    if log_values is None:
        nothing = [0] * len(order)
        return nothing, nothing, nothing
    worth = np.exp(log_values - log_values.max(axis=1, keepdims=True))
    shares = worth / np.ascontiguousarray(worth[:, order]).sum(axis=1, keepdims=True)
    low, high = (_integers(np.quantile(shares, q, axis=0), NANO) for q in (_LOW, _HIGH))
    return _integers(shares.mean(axis=0), NANO), low, high


def _by_community(belief: CriterionBeliefs, i: int) -> dict[str, int]:
    """Probability of being above the threshold by the communities that spoke about one project."""
    return {
        community: int(np.rint(values[i] * MICRO))
        for community, values in belief.communities.items()
        if not np.isnan(values[i])
    }


def _harm(belief: CriterionBeliefs, i: int, levels: HarmLevels) -> CriterionScore:
    """What is published of one project's harm: no number that follows from fewer people than a level asks for."""
    above = None if belief.above is None else int(np.rint(belief.above[i] * MICRO))
    return levels.score(above, _by_community(belief, i), int(belief.judgments[i]), int(belief.jurors[i]))


def publish(
    beliefs: Mapping[str, CriterionBeliefs],
    ids: Sequence[str],
    log_values: FloatArray | None,
    levels: HarmLevels | None = None,
) -> Scores:
    """Turn beliefs into published integers.

    Args:
        beliefs: Criterion id → beliefs.
        ids: Project ids, shape (n_projects,).
        log_values: Draws of benefit, shape (n_draws, n_projects), natural log; None if nobody judged it, and then
            all shares are 0.
        levels: How coarsely harm is published; by the thresholds of the default rules if None.
    """
    order = np.argsort(np.array(ids))
    expected, low, high = _shares(log_values, order)
    criteria: list[dict[str, CriterionScore]] = [{} for _ in ids]
    coarse = HarmLevels.of(Rules()) if levels is None else levels
    for name, belief in beliefs.items():
        if name in HARMS:
            for i in range(len(ids)):
                criteria[i][name] = _harm(belief, i, coarse)
            continue
        mean, sd = _centred(belief, order)
        means, sds = _integers(mean, MICRO), _integers(sd, MICRO)
        above = None if belief.above is None else _integers(belief.above, MICRO)
        for i in range(len(ids)):
            criteria[i][name] = CriterionScore(
                mean=means[i],
                sd=sds[i],
                above=None if above is None else above[i],
                communities=_by_community(belief, i),
                judgments=int(belief.judgments[i]),
                jurors=int(belief.jurors[i]),
            )
    return Scores(
        tuple(ProjectScore(identifier, criteria[i], expected[i], low[i], high[i]) for i, identifier in enumerate(ids))
    )
