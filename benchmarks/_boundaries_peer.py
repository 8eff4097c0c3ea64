"""Boxes by EMA workbench's PRIM, for tables on stdin as JSON; what it passed on the way, on stdout as JSON.

Run by `boundaries.py` in the environment of the peers; imports nothing of daccord.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np


def boxes(question: dict[str, Any]) -> dict[str, Any]:
    """Limits of every box on the peeling and pasting trajectory, with default settings."""
    import pandas as pd  # noqa: PLC0415 - may be missing
    from ema_workbench.analysis import prim  # noqa: PLC0415

    found = []
    seconds = 0.0
    for table in question["tables"]:
        values, wanted = pd.DataFrame(table["values"]), np.array(table["wanted"])
        values.columns = [f"x{k}" for k in values.columns]
        begin = time.perf_counter()
        box = prim.Prim(values, wanted, threshold=0.1, mass_min=0.05).find_box()
        seconds += time.perf_counter() - begin
        found.append([[list(map(float, row)) for row in lims.to_numpy()] for lims in box.box_lims])
    return {"boxes": found, "seconds": seconds}


def main() -> None:
    """Answer."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    try:
        answer = boxes(question)
    except ImportError as error:
        answer = {"skipped": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
