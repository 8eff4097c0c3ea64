"""People's scores on a common scale, so that nobody moves anybody's scale far: after Tournesol's Mehestan.

Voice v says θ_v about the projects it knows. It gets a multiplier s_v and a shift τ_v; its scaled score is s_v·θ_v +
τ_v.

    s_vm = QrMedian over pairs of projects known to both of |θ_me − θ_mf| / |θ_ve − θ_vf|,     s_v = QrMedian_m s_vm,
    τ_vm = QrMedian over projects known to both of s_m·θ_me − s_v·θ_ve,                        τ_v = QrMedian_m τ_vm,

m running over the *scalers*, the people who know most projects; a scaler counts itself, with s = 1 and τ = 0. Medians
over scalers have a low resilience: L/(16·max|θ_v|) around 1 for s_v, L/16 around 0 for τ_v. Pairs count only where both
voices are sure who is ahead. With too few common projects a voice keeps its own scale.

**Bound.** A person who joins adds at most one voting right to the scalers and displaces at most one, so he moves s_v by
at most 2·L/(16·max|θ_v|), that is s_v·θ_v by at most L/8, and τ_v by at most 2·L/16 + 2·L/8. Every scaled score of
everybody else moves by at most **L/2**. (Medians over pairs and projects are told scores and uncertainties of two
voices only; uncertainties stay in their voice's own units, or a scale could make others' pulls weaker.)

Differences from Mehestan: scalers are compared as they are and everybody is scaled to them in one step, instead of
scalers first and others afterwards; of many common projects, pairs half a list apart are compared instead of a random
sample of all pairs; L/16 instead of L/8, which pays for displaced scalers.

Source: Y. Allouah, R. Guerraoui, L. N. Hoang, O. Villemaud, "Robust sparse voting", AISTATS 2024 (arXiv 2202.08656).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion.peers._qr_median_quantile import Voters, qr_deviation, qr_quantile
from daccord.fusion.peers._qr_median_scores import PersonalScores

__all__ = ["MAX_SCALERS", "SCALERS_PART", "Scales", "choose_scalers", "scale"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MAX_SCALERS: Final = 20
"""People others are scaled to. More cost time in proportion."""

SCALERS_PART: Final = 16.0
"""Medians over scalers have this part of the resilience."""

PAIR_RESILIENCE: Final = 10.0
"""Resilience inside one pair of voices, which nobody else can touch: large, so that medians are nearly plain."""

_ALL_PAIRS = 16
"""Up to so many common projects every pair of them is compared."""


@dataclass(frozen=True, eq=False)
class Scales:
    """What turns a voice's scores into scaled ones, arrays of shape (n_voices,).

    Attributes:
        multiplier: s, above zero.
        shift: τ, natural-log units.
        scaler: Whether others were scaled to this voice.
    """

    multiplier: FloatArray
    shift: FloatArray
    scaler: npt.NDArray[np.bool_]

    def apply(self, scores: PersonalScores) -> PersonalScores:
        """Scores on the common scale; uncertainties stay as they are (see the top of the module)."""
        return replace(scores, value=self.multiplier[scores.voice] * scores.value + self.shift[scores.voice])


def choose_scalers(scores: PersonalScores, limit: int = MAX_SCALERS) -> npt.NDArray[np.bool_]:
    """Voices of the people who score most projects; ties go by what they say, never by name or position.

    Returns:
        True for their voices, shape (n_voices,).
    """
    people, person = np.unique(scores.judge, return_inverse=True)
    if len(people) <= limit:
        return np.ones(len(scores.judge), dtype=np.bool_)
    who = person[scores.voice]
    known = np.bincount(who, minlength=len(people))
    spread = np.bincount(who, np.abs(scores.value), len(people))
    strength = np.bincount(who, scores.value**2, len(people))
    chosen = np.lexsort((-strength, -spread, -known))[:limit]
    return np.isin(person, chosen)


def scale(scores: PersonalScores, resilience: float, limit: int = MAX_SCALERS) -> Scales:
    """Multiplier and shift of every voice.

    Args:
        scores: Everybody's own scores.
        resilience: L of the whole rule, above zero; scaling uses up half of it.
        limit: People others are scaled to.
    """
    scaler = choose_scalers(scores, limit)
    part = np.full(len(scores.judge), resilience / SCALERS_PART)
    norm = np.maximum(scores.norm(), 1e-9)
    multiplier = _over_scalers(scores, scaler, _ratios(scores, scaler, norm), part / norm, 1.0)
    # How sure a difference is comes from unmultiplied scores, which nobody else can touch.
    plain = _shifts(scores, scaler, np.ones_like(multiplier))
    shift = _over_scalers(scores, scaler, _shifts(scores, scaler, multiplier), part, 0.0, doubts=plain)
    return Scales(multiplier, shift, scaler)


@dataclass(frozen=True, eq=False)
class _Hints:
    """What pairs of projects, or single ones, say about how voice v should be scaled to voice m; flat arrays."""

    v: IntArray
    m: IntArray
    value: FloatArray
    left: FloatArray
    right: FloatArray

    @classmethod
    def joined(cls, parts: list[_Hints]) -> _Hints:
        return cls(
            *(
                np.concatenate([np.empty(0, dtype), *(getattr(part, name) for part in parts)])
                for name, dtype in (
                    ("v", np.int64),
                    ("m", np.int64),
                    ("value", float),
                    ("left", float),
                    ("right", float),
                )
            )
        )


def _ratios(scores: PersonalScores, scaler: npt.NDArray[np.bool_], norm: FloatArray) -> _Hints:
    """Ratios of score differences over pairs of projects where both voices are sure who is ahead."""
    value = scores.table(scores.value)
    low, high = scores.table(scores.value - scores.left), scores.table(scores.value + scores.right)
    found = []
    for m in np.flatnonzero(scaler):
        v, e, f = _pairs(value, norm, int(m))
        ahead = np.where(value[v, e] >= value[v, f], 1, -1)
        e, f = np.where(ahead > 0, e, f), np.where(ahead > 0, f, e)
        least, most = low[v, e] - high[v, f], high[v, e] - low[v, f]
        up, down = low[m, e] - high[m, f], low[m, f] - high[m, e]
        sure = (least > 0) & (np.maximum(up, down) > 0) & (v != m)
        v, e, f, least, most, up, down = (x[sure] for x in (v, e, f, least, most, up, down))
        ratio = np.abs(value[m, e] - value[m, f]) / (value[v, e] - value[v, f])
        reach = np.where(up > 0, high[m, e] - low[m, f], high[m, f] - low[m, e])
        found.append(_Hints(v, np.full(len(v), m), ratio, ratio - np.maximum(up, down) / most, reach / least - ratio))
    return _Hints.joined(found)


def _pairs(value: FloatArray, norm: FloatArray, m: int) -> tuple[IntArray, IntArray, IntArray]:
    """Pairs of projects that each voice shares with voice m: all if they are few, else pairs half a list apart.

    Half a list apart in the order of what both voices together say, so that pairs are far apart and neither voice's
    noise alone picks them.
    """
    order_by = value / norm[:, None] + value[m] / norm[m]
    # What is equal for both together goes by the voice alone, so that no name or position decides.
    order_by = -(order_by + 1e-9 * value / norm[:, None])
    count = np.count_nonzero(np.isfinite(order_by), axis=1)
    order = np.argsort(order_by, axis=1, kind="stable")  # NaN, where the two share nothing, last
    few = np.flatnonzero((count >= 2) & (count <= _ALL_PAIRS))
    parts = []
    for apart in range(1, min(_ALL_PAIRS, value.shape[1])):
        here = few[count[few] > apart]
        row, place = np.nonzero(np.arange(_ALL_PAIRS)[None, :] + apart < count[here, None])
        parts.append((here[row], order[here[row], place], order[here[row], place + apart]))
    many = np.flatnonzero(count > _ALL_PAIRS)
    half = count[many] // 2
    row, place = np.nonzero(np.arange(value.shape[1])[None, :] < (count[many] - half)[:, None])
    parts.append((many[row], order[many[row], place], order[many[row], place + half[row]]))
    v, e, f = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return v, e, f


def _shifts(scores: PersonalScores, scaler: npt.NDArray[np.bool_], multiplier: FloatArray) -> _Hints:
    """Differences of scores, multiplied but not shifted, over projects known to both voices."""
    value = scores.table(multiplier[scores.voice] * scores.value)
    left, right = scores.table(scores.left), scores.table(scores.right)
    found = []
    for m in np.flatnonzero(scaler):
        v, e = np.nonzero(np.isfinite(value) & np.isfinite(value[m]))
        v, e = v[v != m], e[v != m]
        # value[m] higher and value[v] lower than thought both raise the difference.
        found.append(
            _Hints(
                v,
                np.full(len(v), m),
                value[m, e] - value[v, e],
                left[m, e] + right[v, e],
                right[m, e] + left[v, e],
            )
        )
    return _Hints.joined(found)


def _over_scalers(
    scores: PersonalScores,
    scaler: npt.NDArray[np.bool_],
    hints: _Hints,
    resilience: FloatArray,
    default: float,
    doubts: _Hints | None = None,
) -> FloatArray:
    """QrMedian over scalers of the QrMedian over what each says, shape (n_voices,).

    How far what a scaler says is spread out is its uncertainty; `doubts`, of the same pairs, are what it is read off.
    """
    voices = len(scores.judge)
    couples, at = np.unique(hints.v * voices + hints.m, return_inverse=True)
    inner = Voters(len(couples), at, hints.value, hints.left, hints.right, np.ones(len(at)))
    middle = qr_quantile(inner, PAIR_RESILIENCE, default)
    spread, centre = inner, middle
    if doubts is not None:
        spread = replace(inner, value=doubts.value)
        centre = qr_quantile(spread, PAIR_RESILIENCE, default)
    unsure = qr_deviation(spread, centre, PAIR_RESILIENCE)
    own = np.flatnonzero(scaler)
    outer = Voters(
        voices,
        np.concatenate([couples // max(voices, 1), own]),
        np.concatenate([middle, np.full(len(own), default)]),
        np.concatenate([unsure, np.zeros(len(own))]),
        np.concatenate([unsure, np.zeros(len(own))]),
        np.concatenate([scores.weight[couples % max(voices, 1)], scores.weight[own]]),
    )
    return qr_quantile(outer, resilience, default)
