"""What must hold in every election."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property.election_cases import ballots_of, election_of_rows, elections, plain_equal_shares

from daccord.allocation.elections import Election, Outcome, compare, equal_shares, greedy
from daccord.allocation.elections._raise import raised, raised_step_by_step
from daccord.allocation.elections._spend import spend
from daccord.allocation.elections._sweep import Sweep

COMPLETIONS = st.sampled_from(["none", "add1", "greedy", "add1-greedy"])
UTILITIES = st.sampled_from(["cost", "points"])


def candidates(election: Election) -> list[int]:
    return [i for i in range(len(election)) if election.votes[i] and election.costs[i] <= election.budget]


@given(elections(), UTILITIES, st.fractions(0, 40, max_denominator=12))
def test_fast_purchases_are_those_of_the_definition(election: Election, utility: str, endowment: Fraction) -> None:
    able = [i for i in range(len(election)) if election.votes[i]]
    bought, money = plain_equal_shares(election, endowment, utility, able)
    found = spend(election, endowment, utility, able)
    assert [purchase.project for purchase in found.purchases] == bought
    for group, left in zip(election.groups, found.left, strict=True):
        assert all(money[voter] == left for voter in group.voters)


@given(elections(), UTILITIES, st.integers(1, 3), st.booleans())
def test_leaving_out_steps_changes_nothing(election: Election, utility: str, unit: int, until_full: bool) -> None:
    able = candidates(election)
    if able:
        quick = raised(election, utility, able, unit, until_full=until_full)
        slow = raised_step_by_step(election, utility, able, unit, until_full=until_full)
        assert quick[1] == slow[1]
        assert quick[0] == slow[0]


@given(elections(), UTILITIES, st.fractions(0, 40, max_denominator=12))
def test_what_the_sweep_is_sure_of_is_right_up_to_where_it_says(
    election: Election, utility: str, endowment: Fraction
) -> None:
    able = [i for i in range(len(election)) if election.votes[i]]
    run = Sweep(election, utility, able).run(float(endowment))
    if run.certain:
        start = max(endowment, Fraction(float(endowment)))
        end = Fraction(min(run.until, float(endowment) + 100))
        for step in range(4):
            assert spend(election, start + (end - start) * step / 4, utility, able).winners == set(run.winners)


@given(elections(), COMPLETIONS, UTILITIES, st.booleans())
def test_money_is_conserved_and_every_cost_is_paid(
    election: Election, completion: str, utility: str, comparison: bool
) -> None:
    outcome = equal_shares(election, completion=completion, utility=utility, comparison=comparison)
    assert outcome.cost <= election.budget
    assert sorted([*outcome.winners, *(one.project for one in outcome.missed)]) == list(range(len(election)))
    for purchase in outcome.purchases:
        if purchase.payments is not None:
            paid = outcome.payments(purchase.project)
            assert sum(paid.values()) == election.costs[purchase.project]
            assert min(paid.values()) > 0
    if outcome.comparison is None or not outcome.comparison.switches:
        spent = {voter: Fraction(0) for voter in election.voters}
        for project in outcome.winners:
            for voter, amount in outcome.payments(project).items():
                spent[voter] += amount
        for group, left in zip(election.groups, outcome.left, strict=True):
            assert all(spent[election.voters[v]] + left == outcome.endowment for v in group.voters if outcome.purchases)


def _names(outcome: Outcome) -> list[str]:
    return [outcome.election.ids[purchase.project] for purchase in outcome.purchases]


@given(elections(), COMPLETIONS, UTILITIES, st.randoms(use_true_random=False))
def test_the_order_of_projects_and_voters_does_not_matter(
    election: Election, completion: str, utility: str, random: Random
) -> None:
    rows = {voter: dict(group.ballot) for group in election.groups for voter in group.voters}
    order, people = list(range(len(election))), list(rows)
    random.shuffle(order)
    random.shuffle(people)
    place = {i: position for position, i in enumerate(order)}
    other = election_of_rows(
        [election.costs[i] for i in order],
        election.budget,
        [{place[i]: points for i, points in rows[voter].items()} for voter in people],
        [election.ids[i] for i in order],
    )
    first, second = (equal_shares(one, completion=completion, utility=utility) for one in (election, other))
    assert _names(first) == _names(second)
    assert first.endowment == second.endowment
    assert _names(greedy(election)) == _names(greedy(other))


@given(elections(), st.sampled_from(["greedy", "add1-greedy"]), UTILITIES)
def test_completion_by_score_leaves_no_wanted_project_that_fits(
    election: Election, completion: str, utility: str
) -> None:
    for outcome in (equal_shares(election, completion=completion, utility=utility), greedy(election)):
        left = election.budget - outcome.cost
        assert not [
            one for one in outcome.missed if election.votes[one.project] and election.costs[one.project] <= left
        ]


@given(elections(approval=True), COMPLETIONS, UTILITIES)
def test_a_group_that_agrees_gets_its_share_up_to_one_project(
    election: Election, completion: str, utility: str
) -> None:
    """Extended justified representation up to one project, by trying every set of projects.

    In every group that wants all projects of a set and can pay for them from its equal shares, somebody gets as much
    as the set is worth, or more than that with one project of it more.
    """
    won = set(equal_shares(election, completion=completion, utility=utility).winners)

    def worth(projects: set[int]) -> int:
        return sum(election.costs[i] if utility == "cost" else 1 for i in projects)

    every = range(len(election))
    for wanted in map(set, chain.from_iterable(combinations(every, k) for k in range(1, len(election) + 1))):
        price = sum(election.costs[i] for i in wanted)
        if price > election.budget:
            continue
        unhappy = 0
        for group, size in zip(election.groups, election.sizes, strict=True):
            liked = {project for project, _ in group.ballot}
            got = liked & won
            best = max(worth(got | {i}) for i in wanted)
            unhappy += size * (wanted <= liked and worth(got) < worth(wanted) and best <= worth(wanted))
        assert unhappy * election.budget < price * len(election.voters)


@given(elections(), st.integers(0, 6), st.booleans())
def test_greedy_keeps_to_its_line(election: Election, threshold: int, skips: bool) -> None:
    outcome = greedy(election, Fraction(threshold), skips=skips)
    left, line = election.budget, []
    order = sorted(range(len(election)), key=lambda i: (-election.scores[i], election.ties[i]))
    for i in order:
        if not election.scores[i] or election.scores[i] < threshold:
            continue
        if election.costs[i] <= left:
            line.append(i)
            left -= election.costs[i]
        elif not skips:
            break
    assert [purchase.project for purchase in outcome.purchases] == line


@given(elections())
def test_the_comparison_step_takes_the_side_of_more_voters(election: Election) -> None:
    shares, other = equal_shares(election, completion="add1"), greedy(election)
    outcome = equal_shares(election, completion="add1", comparison=True)
    found = compare(election, shares.winners, other.winners)
    assert outcome.comparison == found
    assert outcome.winners == (other.winners if found.greedy > found.shares else shares.winners)


@pytest.mark.parametrize("completion", ["none", "add1", "greedy", "add1-greedy"])
def test_nobody_and_nothing(completion: str) -> None:
    assert equal_shares(election_of_rows([5], 10, []), completion=completion).winners == ()
    assert equal_shares(election_of_rows([5], 10, [{}]), completion=completion).winners == ()
    assert equal_shares(election_of_rows([5], 0, [{0: 1}]), completion=completion).missed[0].reason == "too_dear"
    assert equal_shares(Election.of([], [], 10, ballots_of([{}])), completion=completion).cost == 0
