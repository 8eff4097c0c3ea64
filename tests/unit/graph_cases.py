"""Small rounds for the tests of the technology graph; everything in them is invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from daccord.fusion import CriterionScore, ProjectScore, Scores
from daccord.judging import Judge, Panel, RoleAnswer
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project, Risk
from daccord.round import Budget, Criterion, Goal, Round, Rules

__all__ = ["EURO", "answers", "panel", "risks", "round_of", "scored"]

EURO = Currency("EUR", 2)


def panel(size: int = 12, models: Iterable[str] = (), *, tied: Mapping[int, tuple[str, ...]] | None = None) -> Panel:
    """People j00, j01 … by turns of the communities north and south; then models."""
    ties = tied or {}
    people = [
        Judge(f"j{i:02}", "person", community=("north", "south")[i % 2], conflicts=ties.get(i, ())) for i in range(size)
    ]
    return Panel((*people, *(Judge(name, "model") for name in models)))


def answers(edge, efficacy=None, lead=None, *, who=range(12), horizon=0):
    """The same answer of several people about `project kind target`."""
    project, kind, target = edge
    return [RoleAnswer(f"j{i:02}", project, kind, target, horizon, efficacy, lead) for i in who]


def risks(*names: str) -> tuple[Risk, ...]:
    return tuple(Risk(name, name.capitalize()) for name in names)


def round_of(
    projects: Iterable[Project],
    said: Iterable[RoleAnswer],
    threats: Iterable[Risk] = (),
    *,
    judges: Panel | None = None,
    technologies: Iterable[Project] = (),
    rules: Rules | None = None,
    seed: int = 0,
) -> Round:
    """A round in which only roles were judged."""
    return Round(
        name="Graph (simulated)",
        goal=Goal("Be safe.", "The council"),
        budget=Budget(100_000, EURO),
        criteria=(Criterion("benefit", "More?"),),
        portfolio=Portfolio(tuple(projects), tuple(threats), tuple(technologies)),
        panel=judges or panel(),
        judgments={},
        rules=rules or Rules(),
        roles=tuple(said),
        seed=seed,
        simulated=True,
    )


def scored(portfolio: Portfolio, **of: Mapping[str, int]) -> Scores:
    """Scores by project id (`_` for `-`): probabilities in millionths by criterion; benefit 0.9 unless given."""
    out = []
    for project in portfolio:
        given = {"benefit": 900_000, **of.get(project.id.replace("-", "_"), {})}
        criteria = {name: CriterionScore(0, 0, above, {}, 12, 6) for name, above in given.items()}
        out.append(ProjectScore(project.id, criteria, 100_000_000, 50_000_000, 200_000_000))
    return Scores(tuple(out))
