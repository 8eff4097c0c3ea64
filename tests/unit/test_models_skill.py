"""How well voices foresee held-out people: fast sums against slow fits, silence on seen answers, chance agreement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from daccord.fusion.models._answers import Answers
from daccord.fusion.models._banzhaf import EXACT, banzhaf
from daccord.fusion.models._skill import (
    agreement,
    alone,
    coalition_values,
    deal,
    fold_sums,
    single_values,
    told_by,
)
from daccord.judging import NEVER

PROJECTS = 12


def answers(seed: int, count: int = 120, jurors: int = 15, *, kinds: int = 2) -> tuple[Answers, np.ndarray]:
    """Answers about a truth, and four lists: three that resemble it and one that does not."""
    rng = np.random.default_rng([seed, 31])
    truth = rng.normal(size=PROJECTS)
    a = rng.integers(0, PROJECTS, count)
    b = (a + rng.integers(1, PROJECTS, count)) % PROJECTS
    y = np.clip(truth[a] - truth[b] + 0.7 * rng.normal(size=count), -3, 3)
    told = Answers(PROJECTS, np.arange(count) % kinds, rng.integers(0, jurors, count), a, b, y, np.full(count, NEVER))
    lists = np.stack([truth + s * rng.normal(size=PROJECTS) for s in (0.5, 1.0, 1.5, 50.0)], axis=1)
    return told, (lists - lists.mean(axis=0)) / lists.std(axis=0)


def slow_value(told: Answers, x: np.ndarray, fold: np.ndarray) -> float:
    """v(S) of one coalition as the docstring says it, with an active-set solver and no sums."""
    missed = told.y.copy()
    for f in np.unique(fold):
        held = fold == f
        c, _ = nnls(x[~held], told.y[~held]) if x.shape[1] else (np.zeros(0), 0.0)
        missed[held] -= x[held] @ c
    return -sum(
        0.5 * (own := told.kind == kind).sum() * np.log(np.mean(missed[own] ** 2)) for kind in np.unique(told.kind)
    )


@pytest.mark.parametrize("seed", range(3))
def test_values_of_coalitions_are_those_of_slow_fits(seed):
    told, lists = answers(seed)
    fold, x = deal(told), told.contrast(lists)
    member = (np.arange(16)[:, None] >> np.arange(4)) & 1 == 1
    found = coalition_values(fold_sums(told, x, fold), member)
    slow = [slow_value(told, x[:, who], fold) for who in member]
    assert found == pytest.approx(slow, abs=2e-4)
    singles = single_values(fold_sums(told, x, fold))
    assert singles == pytest.approx(found[[1, 2, 4, 8]] - found[0], abs=2e-4)


def test_a_voice_is_silent_on_what_it_has_seen():
    """Seen answers are those of somebody who says what no truth tells: they change nothing of the voice's value."""
    told, lists = answers(4)
    seen = np.zeros((1, len(told)), dtype=np.bool_)
    seen[0, :40] = True
    x = told_by(told, lists[:, :1], seen)
    assert not x[:40].any()
    assert np.array_equal(x[40:], told.contrast(lists[:, :1])[40:])
    fold = deal(told)
    rest = fold_sums(told.take(np.arange(40, 120)), x[40:], fold[40:])
    both = fold_sums(told, x, fold)
    assert np.allclose(both.square.sum(axis=0), rest.square.sum(axis=0))
    assert np.allclose(both.cross.sum(axis=0), rest.cross.sum(axis=0))


def test_alone_is_scored_on_unseen_answers_only():
    told, lists = answers(5)
    seen = np.zeros(len(told), dtype=np.bool_)
    seen[:50] = True
    whole, part = alone(told, lists[:, 0], np.zeros_like(seen)), alone(told, lists[:, 0], seen)
    assert (whole.unseen, whole.seen, part.unseen, part.seen) == (120, 0, 70, 50)
    rest = alone(told.take(~seen), lists[:, 0], np.zeros(70, dtype=np.bool_))
    assert (part.gain, part.error, part.agreement) == (rest.gain, rest.error, rest.agreement)
    flipped = Answers(told.size, told.kind, told.judge, told.a, told.b, np.where(seen, -told.y, told.y), told.revealed)
    assert alone(flipped, lists[:, 0], seen) == part  # whatever the seen answers say
    nothing = alone(told, lists[:, 0], np.ones_like(seen))
    assert (nothing.gain, nothing.unseen, nothing.agreement, nothing.chance) == (0.0, 0, 0.0, 1.0)
    assert np.isinf(nothing.error)


def test_good_lists_gain_and_random_ones_do_not():
    gains = np.array([[alone(*_case(seed, k)).gain for k in range(4)] for seed in range(8)])
    assert gains.mean(axis=0)[0] > gains.mean(axis=0)[1] > gains.mean(axis=0)[2] > 0.02
    assert abs(gains.mean(axis=0)[3]) < 0.05


def _case(seed: int, which: int) -> tuple[Answers, np.ndarray, np.ndarray]:
    told, lists = answers(seed)
    return told, lists[:, which], np.zeros(len(told), dtype=np.bool_)


def test_agreement_by_chance_is_uniform_under_relabelling():
    """The probability that is stated is the share of relabelled lists that agree as much or more."""
    told, lists = answers(6, count=200)
    r, chance = agreement(told, lists[:, 2])
    rng = np.random.default_rng(1)
    others = np.array([agreement(told, rng.permutation(lists[:, 2])) for _ in range(2000)])
    assert np.mean(others[:, 0] >= r) == pytest.approx(chance, abs=0.02)
    assert np.mean(others[:, 1] < 0.05) == pytest.approx(0.05, abs=0.02)


def test_agreement_with_nothing_to_tell():
    told, lists = answers(7)
    assert agreement(told.take(np.zeros(0, dtype=np.int64)), lists[:, 0]) == (0.0, 1.0)
    assert agreement(told.take(np.array([0])), lists[:, 0]) == (0.0, 1.0)
    assert agreement(told, np.zeros(PROJECTS)) == (0.0, 1.0)


# --- Banzhaf values ---------------------------------------------------------------------------------------------------


def slow_banzhaf(value: dict[frozenset[int], float], count: int) -> list[float]:
    players = range(count)
    return [sum(value[who | {f}] - value[who] for who in value if f not in who) / 2 ** (count - 1) for f in players]


def game(draws: list[float], count: int) -> dict[frozenset[int], float]:
    return {frozenset(i for i in range(count) if code >> i & 1): draws[code] for code in range(2**count)}


@given(st.lists(st.floats(-10, 10), min_size=16, max_size=16))
def test_banzhaf_values_are_mean_marginal_contributions(draws):
    def value(member: np.ndarray) -> np.ndarray:
        return np.array([draws[int(row @ 2 ** np.arange(4))] for row in member])

    assert banzhaf(value, 4) == pytest.approx(slow_banzhaf(game(draws, 4), 4), abs=1e-9)


@given(st.lists(st.floats(-10, 10), min_size=16, max_size=16))
def test_two_names_for_one_player_gain_nothing(draws):
    """In any game, players 2 and 3 together get what they would get as one."""
    split = banzhaf(lambda member: np.array([draws[int(row @ [1, 2, 4, 8])] for row in member]), 4)
    merged = banzhaf(lambda member: np.array([draws[int(row @ [1, 2, 12])] for row in member]), 3)
    assert split[2] + split[3] == pytest.approx(merged[2], abs=1e-9)


def test_drawn_values_are_near_the_exact_ones():
    """Above so many voices coalitions are drawn; for a game with two-fold synergies the fit is nearly exact."""
    count = EXACT + 3
    rng = np.random.default_rng(9)
    own, pair = rng.normal(size=count), 0.1 * np.triu(rng.normal(size=(count, count)), 1)
    found = banzhaf(lambda m: m @ own + ((m @ pair) * m).sum(axis=1), count)
    exact = own + 0.5 * (pair + pair.T).sum(axis=1)
    assert found == pytest.approx(exact, abs=0.05)
    assert banzhaf(lambda m: np.zeros(len(m)), 0).shape == (0,)
