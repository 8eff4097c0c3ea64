"""The normal equations of the hierarchical fit: what answers add up to.

Unknowns are u = (θ, α, λ), which all jurors share, and v = (ℓ_j, o_j), two for each juror. An answer touches two or
three columns of u and its own juror's v (a ranking the columns of its projects), so everything is a sum over answers by
pair of columns, by juror, and by juror and column (`_layout`). `_eliminate` solves the equations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from daccord.fusion.hierarchical._evidence import Evidence
from daccord.fusion.hierarchical._layout import Layout, sums
from daccord.fusion.hierarchical._seeing import Seen

__all__ = ["DENSE", "Equations", "normal_equations"]

FloatArray = npt.NDArray[np.float64]

DENSE: Final = 4_000
"""Most projects for which all pairs are kept; beyond, matrices are sparse and equations are solved by iteration."""


@dataclass(frozen=True, eq=False)
class Equations:
    """Blocks of JᵀWJ and Jᵀg of the answers alone.

    Attributes:
        uu: Shared unknowns, shape (n + 2, n + 2), symmetric; sparse beyond `DENSE` projects.
        gu: Their gradient, shape (n + 2,).
        uv: Shared unknowns against each juror's own two, by slot of the layout, shape (n_slots, 2).
        vv: Each juror's own block, shape (n_jurors, 2, 2).
        gv: Gradient in (ℓ_j, o_j), shape (n_jurors, 2).
    """

    uu: FloatArray | sparse.csr_array
    gu: FloatArray
    uv: FloatArray
    vv: FloatArray
    gv: FloatArray


def normal_equations(
    evidence: Evidence,
    seen: Seen,
    gradient: FloatArray,
    weight: FloatArray,
    ranked: tuple[tuple[FloatArray, FloatArray], ...],
    *,
    exact: bool = False,
) -> Equations:
    """Blocks of JᵀWJ and Jᵀg for u = (θ, α, λ) and v = (ℓ_j, o_j) of the answers alone.

    With `exact`, the curvature of η itself (stretch times contrast) is taken off, which gives the negative Hessian in
    (θ, α) and v if weights are the answers' curvature.

    Args:
        evidence: People's answers.
        seen: What jurors see.
        gradient: First derivative of each answer's log density in η, shape (n_rows,).
        weight: Weight of each answer, shape (n_rows,).
        ranked: The same of each block of rankings: shapes (n, length) and (n, length, length).
        exact: Whether the curvature of η is taken off.
    """
    n, layout, jurors, juror = evidence.size, evidence.layout, evidence.jurors, evidence.juror
    size, rated, slope = n + 2, layout.rated, seen.slope
    first = slope  # derivative of η in an answer's first column; in its second it is minus that, or 1 for α
    second = -slope
    second[rated] = 1.0
    by_stretch = slope * seen.delta
    weighted, pulled = weight * by_stretch, gradient * by_stretch
    off = sums(layout.pair, weight * first * second, len(layout.low))
    diagonal = sums(evidence.a, weight * first**2, size)
    diagonal += sums(layout.second, weight * second**2, size)
    gu = sums(evidence.a, gradient * first, size)
    gu += sums(layout.second, gradient * second, size)

    slots = len(layout.slot_juror)
    bend = gradient * slope if exact else 0.0
    uv = np.zeros((slots, 2))
    uv[:, 0] = sums(layout.slot_first, weighted * first - bend, slots)
    curved = weighted * second + bend
    if exact:
        curved[rated] = weighted[rated]  # α enters η on its own
    uv[:, 0] += sums(layout.slot_second, curved, slots)
    vv = np.zeros((jurors, 2, 2))
    vv[:, 0, 0] = sums(juror, weighted * by_stretch - (pulled if exact else 0.0), jurors)
    gv = np.zeros((jurors, 2))
    gv[:, 0] = sums(juror, pulled, jurors)
    edge = np.zeros(size)
    if len(rated):
        w, x, s, who, project = weight[rated], by_stretch[rated], slope[rated], juror[rated], evidence.a[rated]
        uv[:, 0] += sums(layout.slot_slope, w * x * x - (pulled[rated] if exact else 0.0), slots)
        for at, value in ((layout.slot_first[rated], s), (layout.slot_second[rated], 1.0), (layout.slot_slope, x)):
            uv[:, 1] += sums(at, w * value, slots)
        vv[:, 0, 1] = vv[:, 1, 0] = sums(who, w * x, jurors)
        vv[:, 1, 1] = sums(who, w, jurors)
        gv[:, 1] = sums(who, gradient[rated], jurors)
        edge = sums(project, w * x * s, size)
        edge[n], edge[n + 1] = (w * x).sum(), (w * x * x).sum()
        gu[n + 1] = pulled[rated].sum()
    found = Equations(_symmetric(layout, off, diagonal, edge), gu, uv, vv, gv)
    return _with_rankings(found, evidence, seen, ranked, exact=exact) if ranked else found


def _symmetric(
    layout: Layout, off: FloatArray, diagonal: FloatArray, edge: FloatArray
) -> FloatArray | sparse.csr_array:
    """The matrix with these entries off the diagonal, this diagonal, and λ's row and column in `edge`."""
    size, low, high = len(diagonal), layout.low, layout.high
    diagonal = diagonal.copy()
    diagonal[-1] += edge[-1]
    if size - 2 <= DENSE:
        uu = np.zeros((size, size))
        uu[low, high] = off
        uu[high, low] = off
        uu[-1, :-1] = uu[:-1, -1] = edge[:-1]
        uu[np.arange(size), np.arange(size)] = diagonal
        return uu
    every, last = np.arange(size), np.full(size - 1, size - 1)
    rows = np.concatenate([low, high, every, every[:-1], last])
    columns = np.concatenate([high, low, every, last, every[:-1]])
    values = np.concatenate([off, off, diagonal, edge[:-1], edge[:-1]])
    return sparse.csr_array((values, (rows, columns)), shape=(size, size))


def _with_rankings(
    found: Equations,
    evidence: Evidence,
    seen: Seen,
    ranked: tuple[tuple[FloatArray, FloatArray], ...],
    *,
    exact: bool,
) -> Equations:
    """The equations with what rankings add."""
    uu, gu, uv, vv, gv = found.uu, found.gu, found.uv, found.vv, found.gv
    for block, eta, stretch, (gradient, bend) in zip(
        evidence.ranked.blocks, seen.ranked, seen.stretched, ranked, strict=True
    ):
        # A ranking says nothing of what its projects share, so that may be taken off before anything is rounded.
        x = eta - eta.mean(axis=1, keepdims=True)
        bent, pulled = (bend @ x[:, :, None])[:, :, 0], (gradient * x).sum(axis=1)
        entry = stretch[:, None] * (bent - gradient if exact else bent)
        uv[:, 0] += sums(evidence.layout.slot_place[block.place].ravel(), entry.ravel(), len(uv))
        vv[:, 0, 0] += sums(block.juror, (x * bent).sum(axis=1) - (pulled if exact else 0.0), len(vv))
        gv[:, 0] += sums(block.juror, pulled, len(gv))
        gu += sums(block.project.ravel(), (stretch[:, None] * gradient).ravel(), len(gu))
        rows = np.broadcast_to(block.project[:, :, None], bend.shape).ravel()
        columns = np.broadcast_to(block.project[:, None, :], bend.shape).ravel()
        values = ((stretch**2)[:, None, None] * bend).ravel()
        if isinstance(uu, np.ndarray):
            np.add.at(uu, (rows, columns), values)
        else:
            uu = uu + sparse.csr_array((values, (rows, columns)), shape=uu.shape)
    return Equations(uu, gu, uv, vv, gv)
