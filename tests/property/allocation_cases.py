"""Random rounds for the tests of allocation: every field that moves a verdict or an amount is drawn."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from daccord.allocation import FUNDABLE, Allocation
from daccord.fusion import MICRO, NANO, CriterionScore, ProjectScore, Scores
from daccord.money import Currency
from daccord.portfolio import CELLS, Portfolio, Project
from daccord.round import Budget, MoneyRules, Rules

__all__ = ["CELL_IDS", "EURO", "amounts", "changed", "check_books", "criterion_scores", "probabilities", "rounds"]

EURO = Currency("EUR", 2)
CELL_IDS = [cell.id for cell in CELLS[:4]]

probabilities = st.one_of(st.integers(0, MICRO), st.sampled_from([0, 199_999, 200_000, 499_999, 500_000, MICRO]))


@st.composite
def criterion_scores(draw, *, above=probabilities):
    return CriterionScore(
        mean=draw(st.integers(-4 * MICRO, 4 * MICRO)),
        sd=draw(st.integers(0, 2 * MICRO)),
        above=draw(above),
        judgments=draw(st.integers(3, 40)),
        jurors=draw(st.integers(2, 20)),
    )


@st.composite
def project_cases(draw, i, pot, *, funded):
    shares = draw(st.lists(st.integers(0, 4), min_size=len(CELL_IDS), max_size=len(CELL_IDS)))
    cells = {cell: Fraction(s, sum(shares)) for cell, s in zip(CELL_IDS, shares, strict=True) if s}
    ask = draw(st.one_of(st.none(), st.integers(0, pot), st.integers(0, max(1, pot // 4))))
    project = Project(f"p{i}", f"Project {i}", team=draw(st.sampled_from(["", "a", "b", "c"])), ask=ask, cells=cells)
    benefit = draw(criterion_scores(above=st.integers(MICRO // 2, MICRO) if funded else probabilities))
    criteria = {
        "benefit": benefit,
        "harm": draw(criterion_scores(above=st.integers(0, MICRO // 2 - 1) if funded else probabilities)),
        "defence": draw(criterion_scores()),
    }
    if draw(st.booleans()):
        criteria["diffusion"] = draw(criterion_scores())
    share = draw(st.integers(0, NANO))
    score = ProjectScore(project.id, criteria, share, share // 2, min(NANO, 2 * share))
    return project, score


money_rules = st.builds(
    MoneyRules,
    rule=st.just("differential"),
    caution=st.sampled_from([0, 0.5, 1.28]),
    defence_priority=st.sampled_from([0.0, 1.0, 2.5]),
    diffusion_priority=st.sampled_from([0.0, 0.5]),
    saturation=st.sampled_from([0.1, 1.0, 3.0]),
)


@st.composite
def rounds(
    draw,
    *,
    funded=True,
    max_size=8,
    team_cap=False,
    harm_budget=False,
    floors=False,
    minimum=False,
    rule="differential",
):
    """A portfolio, its scores, rules and a pot; `funded` makes every verdict one that lets money flow."""
    pot = draw(st.one_of(st.integers(0, 60), st.integers(100, 10**6), st.integers(10**8, 10**13)))
    size = draw(st.integers(1, max_size))
    cases = [draw(project_cases(i, pot, funded=funded)) for i in range(size)]
    money = replace(draw(money_rules), rule=rule, basis=draw(st.sampled_from(["expected", "low"])))
    if team_cap:
        money = replace(money, team_cap=draw(st.sampled_from([0.1, 0.25, 1 / 3, 0.6])))
    if harm_budget:
        money = replace(money, harm_budget=draw(st.sampled_from([0.0, 0.05, 0.2, 0.4])))
    if floors:
        chosen = draw(st.lists(st.sampled_from(CELL_IDS), min_size=1, max_size=3, unique=True))
        money = replace(money, floors={cell: draw(st.sampled_from([0.05, 0.2, 0.4])) for cell in chosen})
    if minimum:
        money = replace(money, minimum=draw(st.integers(0, max(1, pot // 3))))
    portfolio = Portfolio(tuple(project for project, _ in cases))
    scores = Scores(tuple(score for _, score in cases))
    return portfolio, scores, Rules(money=money), Budget(pot, EURO)


def changed(scores: Scores, i: int, criterion: str, **values: int) -> Scores:
    """Scores in which one number of one project is another."""
    return scores.with_project(scores.projects[i].with_criterion(criterion, **values))


def amounts(allocation: Allocation) -> list[int]:
    return [award.amount for award in allocation.awards]


def check_books(portfolio: Portfolio, rules: Rules, budget: Budget, allocation: Allocation) -> None:
    """What holds for every rule and every round."""
    paid = amounts(allocation)
    assert sum(paid) + allocation.unallocated == budget.amount
    assert allocation.unallocated >= 0
    for project, verdict, award in zip(portfolio, allocation.verdicts, allocation.awards, strict=True):
        assert project.id == verdict.project == award.project
        assert award.amount >= 0
        assert project.ask is None or award.amount <= project.ask
        assert award.amount == 0 or award.amount >= rules.money.minimum
        if verdict.label not in FUNDABLE:
            assert (award.amount, award.limited_by) == (0, "verdict")
    if rules.money.team_cap is not None:
        for team in {project.team for project in portfolio} - {""}:
            together = sum(x for x, project in zip(paid, portfolio, strict=True) if project.team == team)
            assert together <= Fraction(str(rules.money.team_cap)) * budget.amount
