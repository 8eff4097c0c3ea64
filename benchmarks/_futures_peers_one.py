"""One question to a peer of the futures lab, on stdin as JSON; the answer, or why there is none, on stdout as JSON.

Run by `futures_peers.py` in the environment of the peers; imports nothing of daccord.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np


def race(question: dict[str, Any]) -> dict[str, Any]:
    """Fixation probabilities and stationary shares by EGTtools."""
    from egttools.analytical import PairwiseComparison  # noqa: PLC0415 - may be missing
    from egttools.games import Matrix2PlayerGameHolder  # noqa: PLC0415
    from egttools.utils import calculate_stationary_distribution  # noqa: PLC0415

    shares = []
    begin = time.perf_counter()
    for payoffs in question["payoffs"]:
        table = np.array(payoffs)
        game = Matrix2PlayerGameHolder(len(table), table)
        model = PairwiseComparison(question["population"], game)
        moves, _ = model.calculate_transition_and_fixation_matrix_sml(question["strength"])
        shares.append(list(calculate_stationary_distribution(moves.T)))
    return {"shares": shares, "seconds": time.perf_counter() - begin}


def sobol(question: dict[str, Any]) -> dict[str, Any]:
    """Sobol indices by SALib on a function that both know."""
    from SALib.analyze.sobol import analyze  # noqa: PLC0415 - may be missing
    from SALib.sample.sobol import sample  # noqa: PLC0415

    inputs = question["inputs"]
    problem = {"num_vars": inputs, "names": [str(i) for i in range(inputs)], "bounds": [[0.0, 1.0]] * inputs}
    begin = time.perf_counter()
    points = sample(problem, question["size"], calc_second_order=False, seed=question["seed"])
    found = analyze(problem, FUNCTIONS[question["function"]](points), calc_second_order=False, seed=question["seed"])
    return {"first": list(found["S1"]), "total": list(found["ST"]), "seconds": time.perf_counter() - begin}


def ishigami(points: Any) -> Any:  # noqa: ANN401 - arrays
    """Ishigami's function, a = 7, b = 0.1."""
    x = 2 * np.pi * points - np.pi
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


G_WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])


def g_function(points: Any) -> Any:  # noqa: ANN401 - arrays
    """Sobol's G function with the usual weights."""
    return np.prod((np.abs(4 * points - 2) + G_WEIGHTS) / (1 + G_WEIGHTS), axis=1)


FUNCTIONS = {"ishigami": ishigami, "g": g_function}


def main() -> None:
    """Answer."""
    question = json.load(sys.stdin)
    try:
        answer = {"race": race, "sobol": sobol}[question["kind"]](question)
    except ImportError as error:
        answer = {"skipped": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
