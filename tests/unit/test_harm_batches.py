"""Closed batches: which answers on harm are heard, that states differ by groups, and that sides can be exchanged."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.fusion.harm import Told, batches

answers = st.lists(
    st.builds(
        Told,
        st.integers(0, 12),
        st.sampled_from("abcdef"),
        st.sampled_from([("rating", "p"), ("rating", "q"), ("comparison", "p", "q")]),
        st.sampled_from([True, False]),
        st.sampled_from(["", "north"]),
    ),
    max_size=20,
    unique_by=lambda answer: (answer.who, answer.question),
)


def ratings(votes: str, at: int | None = None) -> list[Told]:
    """One person after another rates a project: `+` above the limit, `-` not."""
    return [Told(k if at is None else at, f"j{k}", ("rating", "p"), vote == "+") for k, vote in enumerate(votes)]


def test_a_question_is_heard_five_people_at_a_time() -> None:
    closed = batches(ratings("+-+-+-+-+-+-"), 5)
    assert [batch.answers for batch in closed] == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9)]


def test_without_times_all_are_heard_together() -> None:
    (batch,) = batches(ratings("++--++--", at=0), 5)
    assert batch.answers == batch.heard == tuple(range(8))
    assert batches(ratings("++--", at=0), 5) == ()


def test_one_person_is_no_group_however_much_he_says() -> None:
    told = [Told(at, "j", ("rating", "p"), at % 2 == 0) for at in range(20)]
    assert batches(told, 2) == ()


def test_questions_and_communities_are_groups_of_their_own() -> None:
    told = [
        *(Told(0, f"j{k}", ("rating", "p"), True) for k in range(2)),
        *(Told(0, f"j{k}", ("comparison", "p", "q"), 1) for k in range(2, 4)),
    ]
    assert batches(told, 3) == ()
    north = [Told(0, f"n{k}", ("rating", "p"), True, "north") for k in range(2)]
    south = [Told(0, f"s{k}", ("rating", "p"), True, "south") for k in range(3)]
    assert [batch.answers for batch in batches([*north, *south], 3)] == [(2, 3, 4)]


@pytest.mark.parametrize(("votes", "unheard"), [("++-++", 2), ("--+--", 2), ("++--+", None)])
def test_who_stands_alone_goes_unheard(votes: str, unheard: int | None) -> None:
    (batch,) = batches(ratings(votes), len(votes))
    assert set(batch.answers) - set(batch.heard) == (set() if unheard is None else {unheard})


@pytest.mark.parametrize("votes", ["+++++", "-----"])
def test_of_a_batch_that_agrees_one_goes_unheard_too(votes: str) -> None:
    (batch,) = batches(ratings(votes), 5)
    assert len(batch.heard) == 4


@pytest.mark.parametrize("least", [3, 4, 5])
def test_everybody_may_have_said_the_opposite(least: int) -> None:
    """For all votes and all people: other votes in which that person is on the other side, and the same is heard."""
    heard = {}
    for votes in product("+-", repeat=least):
        (batch,) = batches(ratings("".join(votes)), least)
        heard[votes] = Counter(votes[i] for i in batch.heard)
    for votes, said in heard.items():
        for person in range(least):
            assert any(other[person] != votes[person] for other, too in heard.items() if too == said)


@given(answers, st.integers(2, 4), st.integers(0, 12), st.integers(0, 12))
def test_two_states_differ_by_groups_or_not_at_all(told: list[Told], least: int, one: int, other: int) -> None:
    before, after = ([answer for answer in told if answer.at <= at] for at in sorted((one, other)))
    first, second = (
        [{state[i] for i in batch.answers} for batch in batches(state, least)] for state in (before, after)
    )
    assert all(batch in second for batch in first)  # what was heard stays heard, in the same batch
    assert all(len({answer.who for answer in batch}) >= least for batch in second)


@given(answers, st.integers(2, 4))
def test_when_a_batch_closes_does_not_depend_on_what_is_said(told: list[Told], least: int) -> None:
    turned = [Told(a.at, a.who, a.question, not a.side, a.group) for a in told]
    assert [batch.answers for batch in batches(told, least)] == [batch.answers for batch in batches(turned, least)]


def test_groups_of_two_protect_nobody_and_are_heard_whole() -> None:
    assert all(batch.answers == batch.heard for batch in batches(ratings("++-+"), 2))


@given(answers, st.integers(2, 4), st.integers(0, 2**32))
def test_no_order_of_rows_matters(told: list[Told], least: int, seed: int) -> None:
    mixed = random.Random(seed).sample(told, len(told))
    expected, found = (
        {frozenset(rows[i] for i in batch.heard) for batch in batches(rows, least)} for rows in (told, mixed)
    )
    assert expected == found
