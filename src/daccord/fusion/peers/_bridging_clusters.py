"""k-means and silhouettes of points in a plane, without chance and without an order.

k-means starts from the points furthest from each other and from slices along both axes; the division with the smallest
squared distances counts.

Source: S. P. Lloyd, IEEE Trans. Inf. Theory 28 (1982) 129–137; P. J. Rousseeuw, J. Comput. Appl. Math. 20 (1987) 53–65.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["k_means", "silhouette_of", "squares_within"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def k_means(points: FloatArray, k: int) -> IntArray:
    """The division into k groups with the smallest squared distances, of those reached from several starts.

    Args:
        points: Shape (n_points, 2), at least one.
        k: Groups, at least 1 and at most as many as there are different points.

    Returns:
        Group of every point, 0 to k − 1, in no order that means anything, shape (n_points,).
    """
    found = [_lloyd(points, centres) for centres in _starting_centres(points, k)]
    return min(found, key=lambda division: round(squares_within(points, division), 9))


def _starting_centres(points: FloatArray, k: int) -> list[FloatArray]:
    """People furthest from each other, and means of equal slices along either component."""
    chosen = [int(np.argmax(np.round(np.sum((points - points.mean(axis=0)) ** 2, axis=1), 9)))]
    for _ in range(k - 1):
        chosen.append(int(np.argmax(np.round(_distances(points, points[chosen]).min(axis=1), 9))))
    starts = [points[chosen]]
    for axis in (0, 1):
        ranked = np.argsort(points[:, axis], kind="stable")
        # From both ends, because uneven slices are not the same seen from the other one.
        starts += [
            np.array([points[part].mean(axis=0) for part in np.array_split(order, k)])
            for order in (ranked, ranked[::-1])
        ]
    return starts


def _distances(points: FloatArray, centres: FloatArray) -> FloatArray:
    """Euclidean distance of every point to every centre, shape (n_points, n_centres)."""
    return np.asarray(np.sqrt(np.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=2)))


def _lloyd(points: FloatArray, centres: FloatArray) -> IntArray:
    """Everybody to the nearest centre and centres to their people's mean, until nobody moves."""
    division = np.full(len(points), -1, dtype=np.int64)
    for _ in range(1_000):
        following = np.argmin(_distances(points, centres), axis=1)
        if np.array_equal(following, division):
            break
        division = following
        # A centre that lost everybody stays where it is.
        centres = np.array(
            [points[division == g].mean(axis=0) if np.any(division == g) else centres[g] for g in range(len(centres))]
        )
    return division


def squares_within(points: FloatArray, division: IntArray) -> float:
    """Squared distances of people from their group's mean, summed."""
    groups = (points[division == g] for g in np.unique(division))
    return float(sum(np.sum((own - own.mean(axis=0)) ** 2) for own in groups))


def silhouette_of(points: FloatArray, division: IntArray) -> float:
    """Mean over people of (b − a)/max(a, b), a the mean distance to the own group, b to the nearest other one.

    Somebody who is a group by himself counts 0.
    """
    names = np.unique(division)
    if len(names) < 2:
        return 0.0
    member = (division[:, None] == names[None, :]).astype(np.float64)
    sizes = member.sum(axis=0)
    own = np.argmax(member, axis=1)
    sums = np.concatenate(
        [_distances(points[start : start + 1_000], points) @ member for start in range(0, len(points), 1_000)]
    )
    rows = np.arange(len(points))
    inside = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    outside = np.where(member > 0, np.inf, sums / sizes).min(axis=1)
    larger = np.maximum(inside, outside)
    each = np.where((sizes[own] > 1) & (larger > 0), (outside - inside) / np.where(larger > 0, larger, 1.0), 0.0)
    return float(each.mean())
