"""Scores where data are few, one-sided, unlinked or extreme: a result that says what it is, or a clear error."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

import daccord.fusion.pairwise._scores as module
from daccord.errors import ConvergenceError, InputError
from daccord.fusion.pairwise import PairwiseScores, _fit, bradley_terry, bradley_terry_chunks
from daccord.fusion.pairwise._scores import FALLBACK_SD


def scored(games: str, size: int, **options: object) -> PairwiseScores:
    """Scores of games such as `0>1 1=2`."""
    rows = [(int(game[0]), int(game[2]), 1 if game[1] == ">" else 0) for game in games.split()]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    found = bradley_terry(table[:, 0], table[:, 1], table[:, 2], size, **options)
    for values in (found.scores, found.standard_errors, found.model_errors):
        assert values.shape == (size,)
        assert np.isfinite(values).all()
    assert abs(found.scores.sum()) < 1e-9
    return found


def test_the_example_in_the_docstring() -> None:
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted >= 3


def test_two_projects_by_hand() -> None:
    """Three wins to one: log-odds ln 3, and a difference of variance 1/(4·¾·¼), half on each side of the average."""
    found = scored("0>1 0>1 0>1 1>0", 2)
    assert found.scores == pytest.approx([np.log(3) / 2, -np.log(3) / 2])
    assert found.model_errors == pytest.approx([np.sqrt(4 / 3) / 2] * 2)
    assert found.standard_errors is found.model_errors or np.array_equal(found.standard_errors, found.model_errors)
    assert (found.prior_sd, found.voters, found.warnings, found.approximation) == (None, 0, (), 0.0)
    assert found.method == ("Bradley–Terry, maximum likelihood; standard errors: curvature of the likelihood, exact")
    low, high = found.interval(0.95)
    assert high - low == pytest.approx(2 * 1.959964 * found.standard_errors)
    win, lose, tie = found.chances(np.array([0, 1]), np.array([1, 0]))
    assert win == pytest.approx([0.75, 0.25])
    assert lose == pytest.approx([0.25, 0.75])
    assert tie == pytest.approx([0, 0])


def test_ties_by_hand() -> None:
    """Davidson's model on two projects fits the shares of wins, losses and ties exactly."""
    games = "0>1 0>1 0>1 0>1 1>0 0=1 0=1"
    found = scored(games, 2)
    win, lose, tie = found.chances(np.array([0]), np.array([1]))
    assert (win[0], lose[0], tie[0]) == pytest.approx((4 / 7, 1 / 7, 2 / 7))
    assert found.tie_parameter == pytest.approx(1.0)  # 2/7 over the geometric mean of 4/7 and 1/7
    half = scored(games, 2, ties="half")
    assert half.tie_parameter == 0.0
    assert half.scores[0] == pytest.approx(np.log(5 / 2) / 2)


@pytest.mark.parametrize(
    ("games", "size", "reason"),
    [
        ("", 0, ""),
        ("", 1, ""),
        ("", 3, "3 of 3 projects were never compared"),
        ("0>1", 2, "no project ever lost to"),
        ("0>1", 3, "1 of 3 projects were never compared"),
        ("0>1 1>0 2>3 3>2", 4, "2 groups that no comparison links"),
        ("0>1 1>0 1>2 2>3 3>2", 4, "2 groups of which one never lost to"),
        ("0>1 1>2 2>3", 4, "no project ever lost to"),
    ],
)
def test_where_there_is_no_solution_a_prior_is_used_and_named(games: str, size: int, reason: str) -> None:
    found = scored(games, size)
    if not reason:
        assert (found.prior_sd, found.warnings) == (None, ())
        assert list(found.scores) == [0.0] * size
        assert list(found.standard_errors) == [0.0] * size
        return
    assert found.prior_sd == FALLBACK_SD
    assert reason in found.warnings[0]
    assert f"a prior of sd {FALLBACK_SD:g}" in found.warnings[0]
    assert f"normal prior of sd {FALLBACK_SD:g}" in found.method
    stated = scored(games, size, prior_sd=FALLBACK_SD)
    assert stated.warnings == ()
    assert np.array_equal(stated.scores, found.scores)


def test_a_project_nobody_compared_is_typical_and_as_unsure_as_the_prior() -> None:
    found = scored("0>1 1>0 0>1", 3)
    assert found.scores[2] == pytest.approx(0.0, abs=1e-9)
    assert found.standard_errors[2] == pytest.approx(FALLBACK_SD * np.sqrt(2 / 3), rel=1e-6)
    assert found.standard_errors[2] > found.standard_errors[:2].max()


def test_cycle_without_a_winner() -> None:
    found = scored("0>1 1>2 2>0", 3)
    assert found.scores == pytest.approx(0.0, abs=1e-9)
    assert found.warnings == ()
    assert found.residual <= _fit.TOLERANCE


def test_all_ties() -> None:
    found = scored("0=1 1=2 2=0 0=1", 3)
    assert found.scores == pytest.approx(0.0, abs=1e-9)
    assert found.tie_parameter == pytest.approx(16.0)  # ν/(2 + ν) = 4/(4 + ½)
    assert found.warnings == ("all comparisons are ties: how likely a tie is can't be told, and scores say little",)
    half = scored("0=1 1=2 2=0 0=1", 3, ties="half")
    assert half.warnings == ()
    assert half.standard_errors.max() < found.standard_errors.min()


def test_voters_of_one_comparison_count_like_comparisons() -> None:
    rng = np.random.default_rng(3)
    a = rng.integers(0, 6, 3_000)
    b = (a + rng.integers(1, 6, 3_000)) % 6
    outcome = np.where(rng.random(3_000) < 1 / (1 + np.exp((b - a) / 3)), 1, -1)
    found = bradley_terry(a, b, outcome, 6, np.arange(3_000))
    assert found.voters == 3_000
    assert found.standard_errors == pytest.approx(found.model_errors, rel=0.06)


def test_copies_of_every_answer_by_the_same_voter_add_no_certainty() -> None:
    rng = np.random.default_rng(4)
    a = rng.integers(0, 8, 900)
    b, outcome, voter = (a + rng.integers(1, 8, 900)) % 8, rng.choice([-1, 0, 1], 900), rng.integers(0, 60, 900)
    once = bradley_terry(a, b, outcome, 8, voter)
    thrice = bradley_terry(*(np.tile(column, 3) for column in (a, b, outcome)), 8, np.tile(voter, 3))
    assert thrice.scores == pytest.approx(once.scores, abs=1e-9)
    assert thrice.standard_errors == pytest.approx(once.standard_errors, rel=1e-9)
    assert thrice.model_errors == pytest.approx(once.model_errors / np.sqrt(3), rel=1e-9)


def test_one_voter_and_few_voters_are_said() -> None:
    games = "0>1 1>0 0>1 1>2 2>1 2>0 0>2"
    one = scored(games, 3, voter=np.full(7, 41))
    assert one.voters == 1
    assert one.warnings == ("one voter gave all answers: standard errors are those of the model",)
    assert np.array_equal(one.standard_errors, one.model_errors)
    few = scored(games, 3, voter=np.array([0, 1, 2, 0, 7, 2, 1]))
    assert few.voters == 4
    assert "only 4 voters" in few.warnings[0]
    assert "sandwich over voters" in few.method


def test_a_long_chain_of_sure_wins_neither_overflows_nor_fails() -> None:
    """Each of 60 projects beat the next 10¹² times and lost once: scores span more than 1,600."""
    size, sure = 60, 10**12
    counts = np.arange(size - 1)
    table = module.PairCounts(
        size,
        counts.astype(np.int32),
        (counts + 1).astype(np.int32),
        np.full(size - 1, sure),
        np.ones(size - 1, dtype=np.int64),
        np.zeros(size - 1, dtype=np.int64),
    )
    fit = _fit.fit_pairs(table)
    assert np.diff(fit.theta) == pytest.approx(-np.log(sure), rel=1e-5)  # doubles can tell no more
    assert np.ptp(fit.theta) > 1_600


def test_a_path_of_many_projects() -> None:
    """Nothing but neighbours compared: the hardest graph for conjugate gradients, and more projects than is dense."""
    size = 4_000
    a = np.tile(np.arange(size - 1), 3)
    outcome = np.repeat([1, -1, 1], size - 1)
    found = bradley_terry(a, a + 1, outcome, size)
    assert np.diff(found.scores) == pytest.approx(-np.log(2), rel=1e-5)
    assert found.warnings == ()
    # The ends are known least; the variance of a path's end is known exactly: Σ k²/(3·2/9·n²) over its edges.
    steps = np.arange(1, size)
    assert found.model_errors[0] == pytest.approx(np.sqrt(np.sum(steps**2.0) * 1.5) / size, rel=0.1)


def test_what_does_not_settle_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_fit, "_STEPS", 1)
    with pytest.raises(ConvergenceError, match="fit of the paired-comparison model did not converge: residual"):
        scored("0>1 0>1 0>1 1>0 1>2 2>0", 3)


def test_options_that_are_none() -> None:
    with pytest.raises(ValueError, match="ties are 'davidson' or 'half', not 'skip'"):
        scored("0>1", 2, ties="skip")
    for sd in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="standard deviation of a prior is finite and above zero"):
            scored("0>1", 2, prior_sd=sd)
    with pytest.raises(ValueError, match="a level lies between 0 and 1"):
        scored("0>1", 2).interval(95)


# --- chunks -----------------------------------------------------------------------------------------------------------


def test_chunks_give_what_arrays_give() -> None:
    rng = np.random.default_rng(5)
    a = rng.integers(0, 15, 2_000)
    b, outcome, voter = (a + rng.integers(1, 15, 2_000)) % 15, rng.choice([-1, 0, 1], 2_000), rng.integers(0, 90, 2_000)
    asked = []

    def chunks():
        asked.append(True)
        for start in range(0, 2_000, 300):
            part = slice(start, start + 300)
            yield a[part], b[part], outcome[part], voter[part]

    whole, parts = bradley_terry(a, b, outcome, 15, voter), bradley_terry_chunks(chunks, 15)
    assert len(asked) == 2
    assert parts.scores == pytest.approx(whole.scores, abs=1e-12)
    assert parts.standard_errors == pytest.approx(whole.standard_errors, rel=1e-9)
    assert parts.voters == whole.voters == 90
    no_voters = bradley_terry_chunks(lambda: [(a, b, outcome)], 15)
    assert np.array_equal(no_voters.standard_errors, whole.model_errors)
    assert bradley_terry_chunks(list, 15).comparisons == 0


def test_many_voters_in_chunks_are_approximated_and_the_error_is_reported() -> None:
    rng = np.random.default_rng(6)
    size, many, voters = 40, 60_000, 30_000
    a = rng.integers(0, size, many)
    b, outcome, voter = (
        (a + rng.integers(1, size, many)) % size,
        rng.choice([-1, 1], many),
        rng.integers(0, voters, many),
    )
    exact = bradley_terry(a, b, outcome, size, voter)
    assert exact.approximation == 0.0
    module_voters = bradley_terry_chunks(lambda: [(a, b, outcome, voter + 10**6)], size)
    assert module_voters.voters == exact.voters
    assert 0.008 < module_voters.approximation < 0.02
    assert module_voters.standard_errors == pytest.approx(exact.standard_errors, rel=0.05)


def test_chunks_name_voters_all_or_none() -> None:
    one, other = np.array([0]), np.array([1])
    with pytest.raises(InputError, match="only some chunks name voters"):
        bradley_terry_chunks(lambda: [(one, other, one), (one, other, one, one)], 2)
    with pytest.raises(InputError, match="b = 1 is no project"):
        bradley_terry_chunks(lambda: [(one, other, one)], 1)
