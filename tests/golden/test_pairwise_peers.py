"""Figures that other packages publish with their own examples, reproduced by the paired-comparison engine.

evalica: `food.csv`, `simple.csv` and `food-golden.csv`, `simple-golden.csv` of github.com/dustalov/evalica, and the
output that its README shows. choix: `notebooks/intro-pairwise.ipynb`, `tests/test_opt.py` and
`tests/data/testcase-pairwise-*.json` of github.com/lucasmaystre/choix. Neither package is needed here.

Deep Funding: the methods `bradley-terry` and `bradley-terry-regularized` of `published/all_methods.csv`, see
`test_trial_published.py`; skipped without that file.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from daccord.fusion.pairwise import PairwiseScores, bradley_terry

# One letter each for Burger, Pasta, Pizza, Sushi and Tacos; > the left one won, < the right one did, = a tie.
FOOD = (
    "z>s b<p t>z s<t b>z p<s t>b z=p s<b p>t b<s t>z s=p b>t z<b p<t b<s t>p z<t s>b p<z b<s t>p z>s s<b p<t t>z b<p "
    "s>t z<b"
)
FOOD_NAMES = "bpzst"

SIMPLE = "0=1 0<2 0=2 0=4 1>0 1=2 1=2 1=3 2=4 3>0 3>1 3>2 3=4 3=4 4>0 4>3"


def games(text: str, names: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    a, signs, b = zip(*(tuple(game) for game in text.split()), strict=True)
    return (
        np.array([names.index(name) for name in a]),
        np.array([names.index(name) for name in b]),
        np.array([{">": 1, "<": -1, "=": 0}[sign] for sign in signs]),
    )


def strengths(found: PairwiseScores) -> np.ndarray:
    """Strengths with geometric mean 1, as evalica gives them."""
    assert found.prior_sd is None
    assert found.warnings == ()
    assert found.residual <= 1e-9
    return np.exp(found.scores)


def test_evalica_food_readme() -> None:
    found = strengths(bradley_terry(*games(FOOD, FOOD_NAMES), 5, ties="half"))
    printed = {
        "t": 2.509025136024378,
        "s": 1.1011561298265815,
        "b": 0.8549063627182466,
        "p": 0.7403814336665869,
        "z": 0.5718366915548537,
    }
    # evalica stops when scores move by less than 1e-6.
    for name, score in printed.items():
        assert found[FOOD_NAMES.index(name)] == pytest.approx(score, rel=2e-6)


def test_evalica_food_golden() -> None:
    found = strengths(bradley_terry(*games(FOOD, FOOD_NAMES), 5, ties="half"))
    golden = {
        "t": 0.43428982771223773,
        "s": 0.19060028489839073,
        "b": 0.14797665121689418,
        "p": 0.1281534106031957,
        "z": 0.09897982556928168,
    }
    # This file is of an older version, whose scores sum to one.
    for name, score in golden.items():
        assert (found / found.sum())[FOOD_NAMES.index(name)] == pytest.approx(score, rel=3e-6)


def test_evalica_simple_golden() -> None:
    found = strengths(bradley_terry(*games(SIMPLE, "01234"), 5, ties="half"))
    golden = [0.050799672530389396, 0.1311506914535368, 0.13168568070110523, 0.33688868041573855, 0.34947527489923]
    assert found / found.sum() == pytest.approx(golden, rel=3e-6)


@pytest.mark.parametrize(
    ("text", "names", "golden"),
    [
        (
            FOOD,
            "tsbpz",
            [2.6652107229187254, 1.0906271591531849, 0.8296600883232509, 0.7101537820870093, 0.536812511441843],
        ),
        (
            SIMPLE,
            "43210",
            [13.03674474236858, 12.805770244756038, 0.4814190342801864, 0.4802400245305803, 0.017973592758248474],
        ),
    ],
)
def test_evalica_newman_golden(text: str, names: str, golden: list[float]) -> None:
    """Its `newman` estimates Davidson's tie parameter as we do; scores are told up to a factor."""
    found = strengths(bradley_terry(*games(text, names), 5))
    ratio = np.log(found) - np.log(golden)
    assert ratio == pytest.approx(ratio.mean(), abs=5e-5)


def test_choix_introduction() -> None:
    """The notebook prints three digits of the parameters, the ranking, and one probability with two digits."""
    winners, losers = np.array([1, 0, 3, 0, 2, 4]), np.array([0, 4, 1, 2, 4, 3])
    found = bradley_terry(winners, losers, None, 5)
    assert found.prior_sd is None
    assert found.scores == pytest.approx([0.583, 0.194, 0.0, -0.194, -0.583], abs=5e-4)
    assert list(np.argsort(found.scores)) == [4, 3, 2, 1, 0]
    first, other, tie = found.chances(np.array([1]), np.array([4]))
    assert first[0] == pytest.approx(0.69, abs=5e-3)
    assert other[0] == pytest.approx(1 - first[0])
    assert tie[0] == 0.0


def test_choix_introduction_without_a_solution() -> None:
    """Its second graph has none; the notebook shows the error that `ilsr_pairwise` then ends with."""
    found = bradley_terry(np.array([3, 2, 1]), np.array([2, 1, 0]), None, 4)
    assert found.prior_sd is not None
    assert "no maximum-likelihood solution" in found.warnings[0]
    assert list(np.argsort(found.scores)) == [0, 1, 2, 3]


def test_choix_regularised_estimate() -> None:
    """`opt_pairwise` with alpha 0.5 adds 0.5·Σθ², the prior of variance 1; printed to eight digits, stopped at 1e-4."""
    won = [7, 2, 5, 4, 2, 4, 6, 5, 7, 2, 4, 0, 6, 3, 3, 3, 5, 7, 7, 6]
    lost = [3, 0, 2, 2, 1, 5, 3, 4, 0, 3, 0, 4, 5, 2, 4, 4, 2, 3, 6, 5]
    printed = [-0.51974039, -0.46280878, -0.31376862, -0.06854694, -0.3185146, -0.00346107, 0.63032783, 1.05651257]
    found = bradley_terry(np.array(won), np.array(lost), None, 8, prior_sd=1.0)
    assert found.scores == pytest.approx(printed, abs=1e-4)
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("won", "lost", "strength"),
    [([0, 1, 2], [1, 2, 0], [1.0, 1.0, 1.0]), ([0, 0, 1, 2], [1, 1, 2, 0], [1.43586088, 0.62035049, 0.94378863])],
)
def test_choix_cycles(won: list[int], lost: list[int], strength: list[float]) -> None:
    """Maximum-likelihood strengths of its test cases, which sum to three."""
    found = strengths(bradley_terry(np.array(won), np.array(lost), None, 3))
    assert 3 * found / found.sum() == pytest.approx(strength, abs=2e-8)


@pytest.mark.parametrize(
    ("method", "prior_sd", "tolerance"), [("bradley-terry-regularized", 10.0, 1e-6), ("bradley-terry", 1e3, 1e-5)]
)
def test_deep_funding_trial(trial: Path, method: str, prior_sd: float, tolerance: float) -> None:
    """Published without their settings: one is the prior of sd 10 (a ridge of 0.01), the other has hardly any."""
    with (trial / "published" / "all_methods.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream, strict=True) if row["method"] == method]
    at = {row["repo"]: k for k, row in enumerate(rows)}
    with (trial / "human" / "pairs_593.csv").open(encoding="utf-8", newline="") as stream:
        told = list(csv.DictReader(stream, strict=True))
    a, b = (np.array([at[row[side]] for row in told]) for side in ("repo_a", "repo_b"))
    outcome = np.array([{"1": 1, "2": -1}[row["choice"]] for row in told])
    found = bradley_terry(a, b, outcome, len(rows), prior_sd=prior_sd)
    weights = np.array([float(row["weight"]) for row in rows])
    assert np.abs(softmax(found.scores) - weights).max() < tolerance
    # No maximum-likelihood solution exists: values of one group run away, and a prior has to hold them.
    assert "no maximum-likelihood solution" in bradley_terry(a, b, outcome, len(rows)).warnings[0]
