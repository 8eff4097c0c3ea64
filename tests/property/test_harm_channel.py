"""Votes on harm can stop money, never gain any, and never take more than everything: through published levels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.allocation import allocate
from daccord.fusion import CriterionScore, HarmLevels, ProjectScore, Scores
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, MoneyRules, Rules, VerdictRules

chances = st.lists(st.integers(0, 1_000_000), min_size=3, max_size=6)


def awards(harm: list[int], rules: Rules) -> list[int]:
    """Awards of equally good projects of which the harm is published as the rules say, with the probabilities given."""
    levels = HarmLevels.of(rules)
    portfolio = Portfolio(tuple(Project(f"p{i}", f"P{i}", ask=400_000) for i in range(len(harm))))
    scores = Scores(
        tuple(
            ProjectScore(
                f"p{i}",
                {
                    "benefit": CriterionScore(100_000 * i, 200_000, 900_000, judgments=20, jurors=9),
                    "harm": levels.score(above, {}, 12, 9),
                },
                10**9 // len(harm),
                10**8,
                2 * 10**8,
            )
            for i, above in enumerate(harm)
        )
    )
    allocation = allocate(portfolio, scores, rules, Budget(1_000_000, Currency("USD", 2)))
    assert sum(award.amount for award in allocation.awards) + allocation.unallocated == 1_000_000
    spent = sum(a.amount * above for a, above in zip(allocation.awards, harm, strict=True))
    if rules.money.harm_budget is not None:
        assert spent <= rules.money.harm_budget * 1_000_000 * 1_000_000  # the true harm, which nobody sees
    return [award.amount for award in allocation.awards]


@pytest.mark.parametrize("rule", ["differential", "proportional"])
@given(chances, st.data(), st.sampled_from([None, 0.0, 0.05, 0.3]), st.sampled_from([(0.2, 0.5), (0.01, 0.9)]))
@settings(max_examples=40, deadline=None)
def test_more_harm_never_gains_and_never_costs_more_than_everything(
    rule: str, harm: list[int], data: st.DataObject, budget: float | None, cuts: tuple[float, float]
) -> None:
    money = MoneyRules(rule=rule, harm_budget=budget if rule == "differential" else None)
    rules = Rules(money=money, verdicts=VerdictRules(safeguards=cuts[0], hold=cuts[1]))
    i = data.draw(st.integers(0, len(harm) - 1))
    worse = [*harm[:i], data.draw(st.integers(harm[i], 1_000_000)), *harm[i + 1 :]]
    before, after = awards(harm, rules), awards(worse, rules)
    assert 0 <= after[i] <= before[i]
    assert min(before + after) >= 0
