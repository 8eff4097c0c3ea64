"""The methods whose weights were published for the Deep Funding trial 2025, so that they can be fitted anew.

`published/all_methods.csv` of davidgasquez/deepfunding-trial-data-analysis holds the weights of seven methods. How each
of them computes was found by matching its 45 weights; fitted to all answers, each comes out as published (`check` says
how closely). Fitted to some jurors only, they can be asked about the others.

With θ the log-value, w the weight softmax(θ), "a is r times b" told by ticking a side and a multiplier:

* `least-squares`: Σ (θ_a − θ_b − ln r)²
* `huber-log`: Huber's loss of the same, δ = 1.345 · median|ln r| / Φ⁻¹(3/4)
* `bradley-terry`: Σ ln(1 + e^−(θ_won − θ_lost)) + λ‖θ‖²/2, λ = 1e-6, the ticked side having won, also at "one time"
* `bradley-terry-regularized`: the same with λ = 0.01
* `bradley-terry-intensity`: the same, each answer weighted by its multiplier over their mean, λ = 0.005
* `elo`: step 16 log-odds, in the order of the file; w the softmax of the standardised ratings
* `pagerank`: the losing side passes as many votes as the multiplier says, damping 0.85
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

METHODS = (
    "least-squares",
    "huber-log",
    "bradley-terry",
    "bradley-terry-regularized",
    "bradley-terry-intensity",
    "elo",
    "pagerank",
)

_RIDGE = {"bradley-terry": 1e-6, "bradley-terry-regularized": 0.01, "bradley-terry-intensity": 0.005}
_STEPS = 100


@dataclass(frozen=True, eq=False)
class Rows:
    """The trial's answers in the file's order; arrays of shape (n_answers,).

    Attributes:
        projects: Names, sorted.
        juror: Who answered.
        a: Position of the first project.
        b: Position of the second.
        ticked: +1 if the first was ticked, −1 if the second, also where both are worth the same.
        times: The multiplier, at least 1.
        last: True for the last answer of this juror about this pair, which is the one that counts.
    """

    projects: tuple[str, ...]
    juror: npt.NDArray[Any]
    a: npt.NDArray[np.int64]
    b: npt.NDArray[np.int64]
    ticked: npt.NDArray[np.int64]
    times: FloatArray
    last: npt.NDArray[np.bool_]

    def take(self, which: npt.NDArray[Any]) -> Rows:
        parts = (self.juror, self.a, self.b, self.ticked, self.times, self.last)
        return Rows(self.projects, *(part[which] for part in parts))

    @property
    def log_ratio(self) -> FloatArray:
        import numpy as np  # noqa: PLC0415 - `_common` explains

        return self.ticked * np.log(self.times)


def _rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def published_weights(folder: Path) -> dict[str, dict[str, float]]:
    """Method → project → weight, as published."""
    found: dict[str, dict[str, float]] = {}
    for row in _rows_of(folder / "published" / "all_methods.csv"):
        found.setdefault(row["method"], {})[row["repo"]] = float(row["weight"])
    return found


def read_rows(folder: Path) -> Rows:
    """The 593 answers."""
    import numpy as np  # noqa: PLC0415 - `_common` explains

    told = _rows_of(folder / "human" / "pairs_593.csv")
    projects = tuple(sorted({row[side] for row in told for side in ("repo_a", "repo_b")}))
    at = {project: i for i, project in enumerate(projects)}
    newest = {(row["juror"], frozenset((row["repo_a"], row["repo_b"]))): k for k, row in enumerate(told)}
    return Rows(
        projects,
        np.array([row["juror"] for row in told]),
        np.array([at[row["repo_a"]] for row in told]),
        np.array([at[row["repo_b"]] for row in told]),
        np.array([{"1": 1, "2": -1}[row["choice"]] for row in told]),
        np.array([float(row["multiplier"]) for row in told]),
        np.isin(np.arange(len(told)), list(newest.values())),
    )


def log_weights(method: str, rows: Rows) -> FloatArray:
    """Log-weights of a published method, fitted to these answers."""
    return _FITS[method](method, rows)


def _ratios(method: str, rows: Rows) -> FloatArray:
    from daccord.fusion.peers._huber import fit_huber  # noqa: PLC0415 - as above
    from daccord.fusion.peers._least_squares import fit_least_squares  # noqa: PLC0415
    from daccord.fusion.peers._ratio_answers import RatioAnswers  # noqa: PLC0415

    answers = RatioAnswers(len(rows.projects), rows.a, rows.b, rows.log_ratio)
    return fit_least_squares(answers).theta if method == "least-squares" else fit_huber(answers).theta


def _bradley_terry(method: str, rows: Rows) -> FloatArray:
    """Newton's method on the penalised likelihood, halving a step that does not go down."""
    import numpy as np  # noqa: PLC0415 - as above

    size, ridge = len(rows.projects), _RIDGE[method]
    won, lost = np.where(rows.ticked > 0, rows.a, rows.b), np.where(rows.ticked > 0, rows.b, rows.a)
    weight = rows.times / rows.times.mean() if method.endswith("intensity") else np.ones(len(won))

    def loss(theta: FloatArray) -> float:
        return float(weight @ np.logaddexp(0.0, theta[lost] - theta[won]) + ridge * (theta @ theta) / 2)

    theta = np.zeros(size)
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(theta[won] - theta[lost]))
        pull, bend = weight * chance, weight * chance * (1.0 - chance)
        gradient = np.bincount(lost, pull, size) - np.bincount(won, pull, size) + ridge * theta
        hessian = ridge * np.eye(size)
        for one, other, sign in ((won, won, 1.0), (lost, lost, 1.0), (won, lost, -1.0), (lost, won, -1.0)):
            np.add.at(hessian, (one, other), sign * bend)
        step, by = np.linalg.solve(hessian, gradient), 1.0
        while by > 1e-9 and loss(theta - by * step) > loss(theta):
            by /= 2
        theta = theta - by * step
        if np.abs(gradient).max() < 1e-10:
            break
    return np.asarray(theta)


def _elo(_: str, rows: Rows) -> FloatArray:
    import numpy as np  # noqa: PLC0415 - as above

    from daccord.fusion.peers._elo import elo_ratings  # noqa: PLC0415

    order = np.arange(len(rows.a))[None, :]
    score = (rows.ticked + 1) / 2
    ratings = elo_ratings(len(rows.projects), rows.a, rows.b, score, order, k=16.0, scale=float(np.log(10.0)))[0]
    return np.asarray((ratings - ratings.mean()) / ratings.std())


def _pagerank(_: str, rows: Rows) -> FloatArray:
    import numpy as np  # noqa: PLC0415 - as above

    from daccord.fusion.peers._pagerank import page_rank  # noqa: PLC0415
    from daccord.fusion.peers._win_matrix import WinMatrix  # noqa: PLC0415
    from daccord.judging import Comparisons  # noqa: PLC0415

    games = Comparisons(np.zeros(len(rows.a), int), rows.a, rows.b, rows.ticked, rows.log_ratio)
    return np.log(page_rank(WinMatrix.of(games, len(rows.projects), rows.times))[0])


_FITS: dict[str, Callable[[str, Rows], FloatArray]] = {
    "least-squares": _ratios,
    "huber-log": _ratios,
    "bradley-terry": _bradley_terry,
    "bradley-terry-regularized": _bradley_terry,
    "bradley-terry-intensity": _bradley_terry,
    "elo": _elo,
    "pagerank": _pagerank,
}


def check(folder: Path) -> dict[str, float]:
    """Method → largest difference between the published weights and ours, both fitted to all answers."""
    import numpy as np  # noqa: PLC0415 - as above

    rows, found = read_rows(folder), {}
    for method, weights in published_weights(folder).items():
        theta = log_weights(method, rows)
        ours = np.exp(theta - theta.max())
        theirs = np.array([weights[project] for project in rows.projects])
        found[method] = float(np.abs(ours / ours.sum() - theirs).max())
    return found
