"""The means-testing table of V. Buterin, Review of Optimism retro funding round 1 (16 November 2021).

Ten people do equally good work; three of them succeed on their own; there are five rewards. Published probabilities of
both, success only, reward only, neither: with means testing 0, 30, 50, 20 %; without 15, 15, 35, 35 %. The text wants
only a little of it and gives no rule in between: that everybody is paid towards one price of worth is daccord's own.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from daccord.allocation import RETROACTIVE, MoneyTask
from daccord.judging import Outcome
from daccord.money import Currency
from daccord.portfolio import Project
from daccord.round import Budget, MoneyInputs, MoneyRules, RetroactiveRules

REWARD = 70_000
"""Minor units of one reward, which is also what success on one's own earns; divisible by seven."""

SUCCESSFUL = 3
PEOPLE = 10
REWARDS = 5


def table(means_test: float) -> list[Fraction]:
    """Probabilities of both, success only, reward only, neither; a part of a reward is a chance of it."""
    projects = tuple(Project(f"p{i}", f"P{i}", ask=REWARD) for i in range(PEOPLE))
    outcomes = tuple(
        Outcome(project.id, Fraction(1), earned=REWARD if i < SUCCESSFUL else 0) for i, project in enumerate(projects)
    )
    rules = MoneyRules(rule="retroactive", retroactive=RetroactiveRules(share=1, means_test=means_test))
    task = MoneyTask(
        projects,
        (),
        rules,
        Budget(REWARDS * REWARD, Currency("USD", 2)),
        MoneyInputs(outcomes=outcomes),
        (*range(PEOPLE),),
    )
    assert RETROACTIVE.lacks(task) == ""
    chances = [Fraction(amount, REWARD) for amount in RETROACTIVE.solve(task).amounts]
    lucky, others = sum(chances[:SUCCESSFUL]), sum(chances[SUCCESSFUL:])
    cells = [lucky, SUCCESSFUL - lucky, others, PEOPLE - SUCCESSFUL - others]
    return [100 * cell / PEOPLE for cell in cells]


@pytest.mark.parametrize(
    ("means_test", "published"),
    [pytest.param(1, [0, 30, 50, 20], id="world A"), pytest.param(0, [15, 15, 35, 35], id="world B")],
)
def test_the_published_table(means_test, published):
    assert table(means_test) == published


def test_mild_means_testing_lies_between():
    """A quarter: 9.75, 20.25, 40.25, 29.75 %; nothing of this is published."""
    assert table(0.25) == [Fraction(39, 4), Fraction(81, 4), Fraction(161, 4), Fraction(119, 4)]
    nothing = [table(step / 10)[3] for step in range(11)]
    assert nothing == sorted(nothing, reverse=True)
