"""Elections small enough to be held by hand, and the money rules that hold them in a round."""

from __future__ import annotations

import doctest
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.property.election_cases import ballots_of, election_of_rows

from daccord.allocation import EQUAL_SHARES, GREEDY, MoneyTask, allocate, award_draws, money_rule
from daccord.allocation.elections import Election, Group, equal_shares, greedy, hold_equal_shares
from daccord.allocation.elections._raise import raised, raised_step_by_step
from daccord.allocation.elections._sweep import Run, Sweep
from daccord.errors import InputError
from daccord.fusion import publish
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, Constraint, ElectionRules, MoneyInputs, MoneyRules, Rules, VerdictRules

EURO = Currency("EUR", 0)
POND, PATH, SHED, BENCH = range(4)
COSTS = [45, 30, 24, 20]
ROWS = [
    {POND: 1, PATH: 1},
    {POND: 1, PATH: 1},
    {POND: 1, PATH: 1},
    {POND: 1},
    {SHED: 1},
    {SHED: 1, BENCH: 1},
]
"""Six voters with 15 each of a pot of 90: four for the pond, three of them for the path; two for the shed."""


def village() -> Election:
    return election_of_rows(COSTS, 90, ROWS, ["pond", "path", "shed", "bench"])


def test_equal_shares_by_hand() -> None:
    outcome = equal_shares(village(), completion="none")
    assert [purchase.project for purchase in outcome.purchases] == [POND, SHED]
    assert outcome.purchases[0].price == Fraction(1, 4)
    assert set(outcome.payments(POND).values()) == {Fraction(45, 4)}
    assert outcome.payments(SHED) == {"voter-4": 12, "voter-5": 12}
    assert outcome.payments(BENCH) == {}
    path, bench = outcome.missed
    assert (path.reason, path.money) == ("short", 3 * (15 - Fraction(45, 4)))
    assert (bench.reason, bench.money) == ("short", 3)


def test_who_has_less_pays_all_that_is_left() -> None:
    late = election_of_rows([30, 36], 80, [{0: 1}, {0: 1}, {0: 1, 1: 1}, {1: 1}])
    found = equal_shares(late, completion="none")
    assert found.payments(0) == {"voter-0": 10, "voter-1": 10, "voter-2": 10}
    assert found.missed[0].money == 30
    richer = equal_shares(replace(late, budget=104), completion="none")
    assert richer.payments(1) == {"voter-2": 16, "voter-3": 20}
    assert richer.purchases[1].exhausted == 1
    assert richer.purchases[1].price == Fraction(20, 36)


def test_add1_stops_before_the_pot_would_be_overspent() -> None:
    # From 22 each the path is bought too, which would make 99 of 90.
    outcome = equal_shares(village(), completion="add1")
    assert outcome.winners == (POND, SHED)
    assert outcome.endowment == 21
    richer = replace(village(), budget=99)
    assert equal_shares(richer, completion="add1").winners == (POND, PATH, SHED)
    assert equal_shares(replace(village(), budget=120), completion="add1").winners == (POND, PATH, SHED, BENCH)


def test_add1_starts_at_the_whole_units_of_the_share() -> None:
    assert equal_shares(replace(village(), budget=93), completion="add1").endowment == 21  # and not 21.5
    assert equal_shares(village(), completion="add1", unit=4).endowment == 20


@pytest.mark.parametrize("far", [0.5, 3.0, 30.0])
def test_a_sweep_that_errs_is_found_out(monkeypatch: pytest.MonkeyPatch, far: float) -> None:
    class Rash(Sweep):
        """Says of every outcome that it stands for longer than it does."""

        def run(self, endowment: float) -> Run:
            found = super().run(endowment)
            return replace(found, until=found.until + far)

    election = replace(village(), budget=99)
    able = range(4)
    right = raised_step_by_step(election, "cost", able, 1, until_full=False)
    monkeypatch.setattr("daccord.allocation.elections._raise.Sweep", Rash)
    assert raised(election, "cost", able, 1, until_full=False) == right


def test_add1_until_full_goes_no_further_than_it_must() -> None:
    election = replace(village(), budget=88)  # 88 - 69 leaves 19: nothing else fits from the start
    assert equal_shares(election, completion="add1", until_full=True).endowment == Fraction(88, 6)
    assert equal_shares(election, completion="add1").endowment == 21


def test_completion_by_score_takes_what_fits() -> None:
    outcome = equal_shares(village(), completion="add1-greedy")
    assert [purchase.project for purchase in outcome.purchases] == [POND, SHED, BENCH]
    assert [purchase.stage for purchase in outcome.purchases] == ["shares", "shares", "greedy"]
    assert (outcome.missed[0].reason, outcome.missed[0].money) == ("no_room", 21)


def test_comparison_step_lets_the_majority_have_its_way() -> None:
    # Three voters get pond and path by greedy, two of the others lose shed and bench, and one does not care.
    outcome = equal_shares(village(), completion="add1-greedy", comparison=True)
    assert outcome.comparison is not None
    assert (outcome.comparison.greedy, outcome.comparison.shares) == (3, 2)
    assert outcome.winners == (POND, PATH)
    assert [(one.project, one.reason) for one in outcome.missed] == [(SHED, "less_popular"), (BENCH, "less_popular")]


def test_comparison_step_keeps_equal_shares_on_a_draw() -> None:
    alone = equal_shares(election_of_rows([10], 10, [{0: 1}, {}]), completion="none", comparison=True)
    assert alone.comparison is not None
    assert alone.comparison.switches  # one voter is better off, and nobody worse
    assert alone.winners == (0,)
    both = equal_shares(election_of_rows([10, 10], 20, [{0: 1}, {1: 1}]), completion="none", comparison=True)
    assert both.comparison is not None
    assert not both.comparison.switches
    assert all(purchase.stage == "shares" for purchase in both.purchases)


def test_points_alone_or_times_the_cost() -> None:
    election = election_of_rows([10, 2], 10, [{0: 3, 1: 1}])
    assert [p.project for p in equal_shares(election, completion="none", utility="cost").purchases] == [0]
    assert [p.project for p in equal_shares(election, completion="none", utility="points").purchases] == [1]


def test_ties_go_to_the_cheaper_then_to_the_higher_score_then_by_lot() -> None:
    election = election_of_rows([7, 6], 12, [{0: 1, 1: 1}])
    assert equal_shares(election, completion="none").winners == (1,)
    assert greedy(election).winners == (1,)
    same = election_of_rows([6, 6], 6, [{0: 1, 1: 2}])
    assert greedy(same).winners == (1,)
    lots = {Election.of([a, b], [6, 6], 6, ballots_of([{0: 1, 1: 1}])).ties for a, b in (("a", "b"), ("b", "a"))}
    assert lots == {(0, 1), (1, 0)}  # the id decides, and not the place in the file


def test_greedy_passes_over_or_stops() -> None:
    outcome = greedy(village(), skips=True)
    assert outcome.winners == (POND, PATH)
    tight = replace(village(), budget=70)
    assert greedy(tight).winners == (POND, SHED)
    stopped = greedy(tight, skips=False)
    assert stopped.winners == (POND,)
    assert [(one.project, one.reason) for one in stopped.missed] == [
        (PATH, "no_room"),
        (SHED, "stopped"),
        (BENCH, "stopped"),
    ]


def test_threshold_and_projects_nobody_wants() -> None:
    election = election_of_rows([1, 1, 1], 9, [{0: 1}, {0: 1, 1: 1}])
    outcome = greedy(election, Fraction(2))
    assert outcome.winners == (0,)
    assert [one.reason for one in outcome.missed] == ["below_threshold", "nobody"]
    shares = equal_shares(election, threshold=Fraction(2))
    assert shares.winners == (0,)
    assert [one.reason for one in shares.missed] == ["below_threshold", "nobody"]


@pytest.mark.parametrize(
    "change",
    [
        {"costs": (0, 1, 1, 1)},
        {"budget": -1},
        {"ids": ("a", "a", "b", "c")},
        {"groups": ()},
        {"groups": (Group(((0, 0),), (0, 1, 2, 3, 4, 5)),)},
        {"groups": (Group(((1, 1), (0, 1)), (0, 1, 2, 3, 4, 5)),)},
    ],
)
def test_an_election_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="election"):
        replace(village(), **change)


PORTFOLIO = Portfolio(tuple(Project(n, n.title(), ask=c) for n, c in zip(village().ids, COSTS, strict=True)))
SCORES = publish({}, PORTFOLIO.ids, None)
INPUTS = MoneyInputs(ballots=ballots_of(ROWS))


def rules(name: str, money: MoneyRules | None = None, **election: object) -> Rules:
    chosen = replace(money or MoneyRules(), rule=name, election=ElectionRules(**election))  # type: ignore[arg-type]
    return Rules(verdicts=VerdictRules(pays="not_held"), money=chosen)


def amounts(chosen: Rules) -> dict[str, int]:
    found = allocate(PORTFOLIO, SCORES, chosen, Budget(90, EURO), INPUTS)
    assert found.unallocated + sum(award.amount for award in found.awards) == 90
    return {award.project: award.amount for award in found.awards if award.amount}


def test_rules_hold_the_election_of_the_round() -> None:
    assert amounts(rules("equal-shares")) == {"pond": 45, "shed": 24, "bench": 20}
    assert amounts(rules("greedy")) == {"pond": 45, "path": 30}
    found = allocate(PORTFOLIO, SCORES, rules("equal-shares"), Budget(90, EURO), INPUTS)
    assert [award.limited_by for award in found.awards] == ["ask", "ballots", "ask", "ask"]
    assert [award.weight for award in found.awards] == [4, 3, 2, 1]
    assert found.certificate["purchase 1"].startswith("pond for 45 EUR, with 4 votes: 4 pay just over 11 EUR at most")
    assert "21 EUR of the pot were left" in found.certificate["not bought: path"]


def test_ballots_of_held_projects_do_not_count_and_their_voters_do() -> None:
    stop = Constraint("no-ponds", "1", "No ponds.", projects=("pond",))
    chosen = replace(rules("equal-shares", completion="none"), constraints=(stop,))
    # The pond is out; its four supporters keep their 15 each, and three of them pay for the path.
    assert amounts(chosen) == {"path": 30, "shed": 24}
    found = allocate(PORTFOLIO, SCORES, chosen, Budget(90, EURO), INPUTS)
    assert found.certificate["voters"] == "6"
    assert found.awards[POND].limited_by == "verdict"


@pytest.mark.parametrize("name", ["equal-shares", "greedy"])
@pytest.mark.parametrize(
    ("money", "inputs", "asks", "said"),
    [
        (MoneyRules(), MoneyInputs(), True, "add ballots.csv"),
        (MoneyRules(), INPUTS, False, "there is no ask of pond, path, shed and 1 more"),
        (MoneyRules(team_cap=0.5), INPUTS, True, "cannot keep to rules.money.team_cap"),
        (
            MoneyRules(harm_budget=0.5, floors={"bci": 0.1}),
            INPUTS,
            True,
            "rules.money.floors and rules.money.harm_budget",
        ),
    ],
)
def test_what_an_election_cannot_do_is_refused(
    name: str, money: MoneyRules, inputs: MoneyInputs, asks: bool, said: str
) -> None:
    portfolio = PORTFOLIO if asks else Portfolio(tuple(replace(project, ask=None) for project in PORTFOLIO))
    with pytest.raises(InputError, match=said):
        allocate(portfolio, SCORES, rules(name, money), Budget(90, EURO), inputs)


def test_a_small_ask_and_one_above_the_pot_are_told_apart() -> None:
    found = allocate(PORTFOLIO, SCORES, rules("equal-shares", MoneyRules(minimum=25)), Budget(40, EURO), INPUTS)
    assert [award.limited_by for award in found.awards] == ["ballots", "ask", "minimum", "minimum"]
    assert any("pond asks for more than the whole pot" in text for text in found.warnings)
    assert found.certificate["not bought: pond"] == "its cost of 45 EUR is above the whole pot"


def test_a_warning_says_when_the_majority_had_its_way() -> None:
    found = allocate(PORTFOLIO, SCORES, rules("equal-shares", comparison=True), Budget(90, EURO), INPUTS)
    assert any("3 voters are better off with it, 2 with equal shares" in text for text in found.warnings)


def test_add1_gives_a_whole_unit_of_the_currency_unless_told_otherwise() -> None:
    cents = Portfolio(tuple(replace(project, ask=100 * (project.ask or 0)) for project in PORTFOLIO))

    def endowment(**election: object) -> Fraction:
        task = MoneyTask(
            cents.projects,
            SCORES.projects,
            rules("equal-shares", completion="add1", **election).money,
            Budget(9000, Currency("EUR", 2)),
            INPUTS,
            tuple(range(4)),
        )
        return hold_equal_shares(task).endowment

    assert endowment() == 2100
    assert endowment(unit=1) == 2124  # one cent before the path is bought as well


@pytest.mark.parametrize("name", ["equal-shares", "greedy"])
def test_electorates_drawn_anew_keep_within_the_pot_and_repeat(name: str) -> None:
    chosen = rules(name)
    verdicts = allocate(PORTFOLIO, SCORES, chosen, Budget(90, EURO), INPUTS).verdicts
    again = [
        award_draws(PORTFOLIO, SCORES, verdicts, chosen, Budget(90, EURO), np.zeros((1, 4)), INPUTS, seed=seed)
        for seed in (1, 1, 2)
    ]
    assert again[0].shape == (200, 4)
    assert np.all(again[0].sum(axis=1) <= 90)
    assert set(np.unique(again[0])) <= {0.0, *map(float, COSTS)}
    assert np.array_equal(again[0], again[1])
    assert not np.array_equal(again[0], again[2])


@pytest.mark.parametrize("completion", ["none", "greedy", "add1", "add1-greedy"])
@pytest.mark.parametrize("comparison", [False, True])
def test_an_electorate_that_agrees_always_decides_alike(completion: str, comparison: bool) -> None:
    # All voters cast one ballot, so every electorate drawn from them is the same and has to decide as they did.
    inputs = MoneyInputs(ballots=ballots_of([{POND: 3, PATH: 2, SHED: 1}] * 7))
    for name in ("equal-shares", "greedy"):
        chosen = rules(name, completion=completion, comparison=comparison)
        found = allocate(PORTFOLIO, SCORES, chosen, Budget(80, EURO), inputs)
        draws = award_draws(PORTFOLIO, SCORES, found.verdicts, chosen, Budget(80, EURO), np.zeros((1, 4)), inputs)
        assert np.all(draws == [award.amount for award in found.awards])


def test_rules_are_registered_and_need_no_judges() -> None:
    assert money_rule("equal-shares") is EQUAL_SHARES
    assert money_rule("greedy") is GREEDY
    assert not EQUAL_SHARES.reads_scores
    assert not GREEDY.reads_scores


@pytest.mark.parametrize("page", ["equal-shares.md", "greedy.md"])
def test_examples_of_the_pages(page: str) -> None:
    path = Path(__file__).resolve().parents[2] / "docs" / "methods" / page
    failed, tried = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert tried > 5
    assert failed == 0
