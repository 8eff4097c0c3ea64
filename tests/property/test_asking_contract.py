"""What holds of proposed questions for all rounds: no order of a file matters, and answers never add uncertainty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.asking_cases import round_of

from daccord.asking import propose, prospect
from daccord.asking._answerer import Answerer
from daccord.asking._look_ahead import LookAhead
from daccord.errors import RefusedError
from daccord.fusion import Component, CriterionBeliefs
from daccord.judging import Comparisons, Judge, Judgments, Panel, Ratings
from daccord.portfolio import Portfolio, Project
from daccord.round import MoneyRules, Rules

seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, size: int) -> CriterionBeliefs:
    """Beliefs of a mixture of two Gaussians with dependence between projects, and a bar."""
    rng = np.random.default_rng([seed, 1])
    components = []
    for weight in (0.7, 0.3):
        root = rng.normal(0, 0.4, (size, size))
        margin = rng.normal(0.5, 1, size)
        components.append(
            Component(weight, rng.normal(0, 1, size), root @ root.T + 0.05 * np.eye(size), margin, np.ones(size))
        )
    counts = rng.integers(0, 8, size), rng.integers(0, 4, size)
    return CriterionBeliefs("benefit", "stated", tuple(components), *counts)


def compared(seed: int, size: int, judges: int, answers: int) -> Judgments:
    rng = np.random.default_rng([seed, 2])
    a = rng.integers(0, size, answers)
    b = (a + rng.integers(1, size, answers)) % size
    log_ratio = rng.normal(0, 1, answers)
    outcome = np.sign(log_ratio).astype(np.int64)
    return Judgments(Comparisons(rng.integers(0, judges, answers), a, b, outcome, log_ratio), Ratings.empty())


@settings(max_examples=25)
@given(seeds, st.integers(2, 9), st.integers(0, 12), st.sampled_from(["proportional", "differential"]))
def test_no_order_of_a_file_matters(seed: int, size: int, answers: int, rule: str) -> None:
    rng = np.random.default_rng([seed, 3])
    judges = [Judge(f"j{i}", "person", conflicts=("p1",) if i == 1 else ()) for i in range(3)]
    projects = [Project(f"p{i}", f"Project {i}", team=f"t{i % 2}") for i in range(size)]
    rules = Rules(money=MoneyRules(rule=rule))
    one = round_of(projects, {"benefit": compared(seed, size, 3, answers)}, judges=judges, rules=rules, seed=seed)
    belief = drawn(seed, size)

    at, seats = rng.permutation(size), rng.permutation(3)  # the new i-th project is the old at[i]-th
    where, seat = np.argsort(at), np.argsort(seats)
    c = one.judgments["benefit"].comparisons
    rows = rng.permutation(len(c))
    moved = Comparisons(seat[c.judge], where[c.a], where[c.b], c.outcome, c.log_ratio).take(rows)
    other = replace(
        one,
        portfolio=Portfolio(tuple(projects[i] for i in at)),
        panel=Panel(tuple(judges[i] for i in seats)),
        judgments={"benefit": Judgments(moved, Ratings.empty())},
    )
    components = tuple(
        replace(
            part,
            mean=part.mean[at],
            covariance=part.covariance[np.ix_(at, at)],
            margin=None if part.margin is None else part.margin[at],
        )
        for part in belief.components
    )
    shuffled = replace(belief, components=components, judgments=belief.judgments[at], jurors=belief.jurors[at])
    for juror in ("j0", "j1"):
        asked = []
        for round_, beliefs in ((one, belief), (other, shuffled)):
            try:
                agenda = propose(prospect(round_, {"benefit": beliefs}, 100), juror, count=4)
                asked.append([(q.left, q.right, q.why) for q in agenda.questions])
            except RefusedError:
                asked.append([])
        assert asked[0] == asked[1]


answerers = st.builds(
    Answerer,
    stretch=st.floats(0.2, 3),
    stretch_sd=st.floats(0, 1),
    noise=st.floats(0.01, 4),
    offset=st.floats(0, 1),
    ratios=st.floats(0, 1),
)


def look(seed: int, size: int) -> tuple[LookAhead, np.ndarray, np.ndarray]:
    view = prospect(round_of(size, seed=seed), {"benefit": drawn(seed, size)}, 150)
    assert view.known is not None
    a, b = (side.astype(np.int64) for side in np.triu_indices(size, 1))
    return LookAhead(view.beliefs["benefit"], view.log_values["benefit"], view.known, np.arange(size)), a, b


@given(seeds, st.integers(2, 8), answerers)
def test_effects_are_the_same_from_either_side_and_never_more_than_the_error(
    seed: int, size: int, who: Answerer
) -> None:
    ahead, a, b = look(seed, size)
    effects = ahead.effects(a, b, who)
    assert np.allclose(effects, ahead.effects(b, a, who), rtol=1e-9, atol=1e-15)
    assert np.all(effects <= ahead.error + 1e-12)
    assert np.all(np.isfinite(effects))


@given(seeds, st.integers(2, 8), answerers, st.lists(st.integers(0, 1000), min_size=1, max_size=6))
def test_answers_never_add_uncertainty(seed: int, size: int, who: Answerer, asked: list[int]) -> None:
    ahead, a, b = look(seed, size)
    for pick in asked:
        error, before = ahead.error, ahead.contrast(a, b)[1]
        which = pick % len(a)
        ahead.learn(int(a[which]), int(b[which]), who)
        after = ahead.contrast(a, b)[1]
        assert ahead.error <= error + 1e-12
        assert np.all(after <= before + 1e-9)
        assert after[which] < before[which]


@given(seeds, st.integers(2, 8), answerers)
def test_who_is_more_exact_learns_more(seed: int, size: int, who: Answerer) -> None:
    ahead, a, b = look(seed, size)
    exact = ahead.gain(a, b, replace(who, noise=who.noise / 2, ratios=1.0))
    assert np.all(exact >= ahead.gain(a, b, replace(who, ratios=1.0)))
    assert np.all(exact > 0)
    assert np.all(exact * ahead.contrast(a, b)[1] <= 1 + 1e-12)
