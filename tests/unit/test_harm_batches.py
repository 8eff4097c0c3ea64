"""Closed batches: which answers on harm are heard, and that no state differs from another by a few people's answers."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.fusion.harm import WAITING, Told, batches, largest_part


def speakers(answers: list[Told]) -> dict[int, set[int]]:
    """Project → the people who spoke about it."""
    found: dict[int, set[int]] = defaultdict(set)
    for answer in answers:
        for project in answer.about:
            found[project].add(answer.who)
    return found


def is_closed(answers: list[Told], least: int) -> bool:
    return all(len(people) >= least for people in speakers(answers).values())


ratings = st.tuples(st.integers(0, 4))
pairs = st.lists(st.integers(0, 4), min_size=2, max_size=3, unique=True).map(tuple)
answers_ = st.lists(st.builds(Told, st.integers(0, 12), st.integers(0, 5), ratings | pairs), max_size=14)


def test_a_project_is_heard_five_people_at_a_time() -> None:
    told = [Told(at, at, (0,)) for at in range(12)]
    assert batches(told, 5) == [0] * 5 + [1] * 5 + [WAITING] * 2


def test_one_person_is_no_group_however_much_he_says() -> None:
    assert batches([Told(at, 7, (0,)) for at in range(20)], 2) == [WAITING] * 20


def test_a_comparison_waits_for_both_of_its_projects() -> None:
    first = [Told(0, 0, (0, 1)), Told(1, 1, (0,)), Told(2, 2, (0,))]
    assert batches(first, 2) == [WAITING, 0, 0]
    assert batches([*first, Told(3, 3, (1,))], 2) == [WAITING, 0, 0, WAITING]
    assert batches([*first, Told(3, 3, (0, 1))], 2) == [1, 0, 0, 1]


def test_without_times_all_are_heard_together() -> None:
    told = [Told(0, who, (0,)) for who in range(7)] + [Told(0, who, (1,)) for who in range(4)]
    assert batches(told, 5) == [0] * 7 + [WAITING] * 4


@given(answers_, st.integers(1, 4))
def test_the_largest_part_is_that_of_a_search_through_all(told: list[Told], least: int) -> None:
    told = told[:8]
    closed = [
        set(some)
        for size in range(len(told) + 1)
        for some in combinations(range(len(told)), size)
        if is_closed([told[i] for i in some], least)
    ]
    largest = max(closed, key=len)
    assert set(largest_part(told, least)) == largest
    assert all(some <= largest for some in closed)


@given(answers_, st.integers(1, 4))
def test_batches_are_groups_on_every_project_and_nothing_ripe_waits(told: list[Told], least: int) -> None:
    number = batches(told, least)
    for batch in set(number) - {WAITING}:
        assert is_closed([answer for answer, own in zip(told, number, strict=True) if own == batch], least)
    assert largest_part([answer for answer, own in zip(told, number, strict=True) if own == WAITING], least) == []


@given(answers_, st.integers(1, 4), st.integers(0, 12), st.integers(0, 12))
def test_two_states_differ_by_groups_or_not_at_all(told: list[Told], least: int, one: int, other: int) -> None:
    early, late = sorted((one, other))
    before, after = ([answer for answer in told if answer.at <= at] for at in (early, late))
    heard = [
        [answer for answer, batch in zip(state, batches(state, least), strict=True) if batch != WAITING]
        for state in (before, after)
    ]
    rest = list(heard[1])
    for answer in heard[0]:
        rest.remove(answer)  # what was heard stays heard
    assert is_closed(rest, least)


@given(answers_, st.integers(1, 4), st.randoms(use_true_random=False))
def test_no_order_of_rows_matters(told: list[Told], least: int, random: object) -> None:
    order = list(range(len(told)))
    random.shuffle(order)  # type: ignore[attr-defined]
    expected = batches(told, least)
    assert batches([told[i] for i in order], least) == [expected[i] for i in order]


@pytest.mark.parametrize("size", [4000])
def test_many_answers_take_no_time_to_speak_of(size: int) -> None:
    told = [Told(at, at % 97, (at % 61, 61 + at % 53)) for at in range(size)]
    assert sum(batch != WAITING for batch in batches(told, 5)) > size * 0.9
