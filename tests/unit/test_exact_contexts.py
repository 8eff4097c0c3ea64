"""What moves money does not depend on the caller's decimal context, nor on how large the pot is."""

from __future__ import annotations

import decimal
from fractions import Fraction

import pytest

from daccord.allocation import allocate
from daccord.allocation.stories._changes import dials
from daccord.allocation.verdicts import Decider
from daccord.fusion import CriterionScore, ProjectScore, Scores
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, MoneyRules, Rules, VerdictRules

WEI = Currency("WEI", 18)


def score(name: str, mean: int) -> ProjectScore:
    return ProjectScore(name, {"benefit": CriterionScore(mean, 0, 900_000, judgments=9, jurors=4)}, 0, 0, 0)


def awards(pot: int, lift: int = 3) -> list[int]:
    portfolio = Portfolio(
        (
            Project("a", "A", cells={"bits/cyber/survive": Fraction(1)}),
            Project("b", "B"),
            Project("c", "C"),
            Project("d", "D"),
        )
    )
    scores = Scores((score("a", 0), score("b", 700_000 + lift), score("c", 300_000), score("d", 10_000 * lift)))
    money = MoneyRules(floors={"bits/cyber/survive": 0.4}, evidence_cap=4)
    found = allocate(portfolio, scores, Rules(money=money), Budget(pot, WEI))
    assert found.unallocated >= 0
    assert sum(award.amount for award in found.awards) + found.unallocated == pot
    return [award.amount for award in found.awards]


@pytest.mark.parametrize("digits", [6, 28, 100])
def test_floors_do_not_read_the_callers_context(digits: int) -> None:
    expected = awards(10**12 + 1)
    with decimal.localcontext() as context:
        context.prec = digits
        assert awards(10**12 + 1) == expected


@pytest.mark.parametrize("lift", [1, 2, 3, 4, 17])
def test_a_pot_of_very_many_units_is_never_exceeded(lift: int) -> None:
    awards(10**31, lift)


def test_no_change_asks_for_a_probability_beyond_one() -> None:
    portfolio = Portfolio((Project("a", "A"),))
    harm = CriterionScore(0, 0, 0, {"north": 500_000}, 9, 9)
    said = ProjectScore("a", {"benefit": CriterionScore(0, 0, 900_000, judgments=9, jurors=9), "harm": harm}, 0, 0, 0)
    decider = Decider.of(portfolio, Scores((said,)), Rules(verdicts=VerdictRules(community_sure=0)))
    assert [cut for dial in dials(decider, said) for cut in dial.cuts if cut > 1_000_000] == []
