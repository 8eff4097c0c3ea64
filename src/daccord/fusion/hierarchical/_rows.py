"""One row a juror: stored densely where they are few, sparsely where many jurors meet many projects."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from daccord.fusion.hierarchical._layout import Layout

__all__ = ["BLOCK", "Rows", "is_long", "juror_rows", "take_square"]

FloatArray = npt.NDArray[np.float64]

Rows = FloatArray | sparse.csr_array
"""A matrix with one row a juror."""

BLOCK: Final = 4_000_000
"""Numbers in one dense block of rows."""
_BLAS: Final = 200
"""How many times faster a dense product passes an entry than a sparse one, measured."""


def juror_rows(values: FloatArray, layout: Layout, jurors: int, columns: int, size: int) -> Rows:
    """Values by slot of the layout as one row a juror, of which the first `size` columns are kept."""
    if jurors * columns <= BLOCK:
        rows = np.zeros((jurors, columns))
        rows[layout.slot_juror, layout.slot_column] = values
        return rows[:, :size]
    found = sparse.csr_array((values, layout.slot_column, layout.slot_start), shape=(jurors, columns))
    return found[:, :size]


def is_long(rows: Rows) -> bool:
    """Whether rowsᵀ rows takes a while: rows are many, and each meets a good part of the columns."""
    if isinstance(rows, np.ndarray):
        return False
    touched = np.diff(rows.indptr).astype(float)
    return bool(_BLAS * float(touched @ touched) >= rows.shape[0] * float(rows.shape[1]) ** 2)


def take_square(full: FloatArray, rows: Rows) -> None:
    """Take rowsᵀ rows off a matrix: entry by entry if rows are short, else by dense blocks, which pass faster."""
    if isinstance(rows, np.ndarray):
        full -= rows.T @ rows
        return
    if not is_long(rows):
        product = (rows.T @ rows).tocoo()
        full[product.row, product.col] -= product.data
        return
    step = max(1, BLOCK // len(full))
    for start in range(0, rows.shape[0], step):
        block = rows[start : start + step].toarray()
        full -= block.T @ block
