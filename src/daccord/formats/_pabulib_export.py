"""From a round in which people voted to a Pabulib file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

import numpy as np

from daccord.errors import InputError, Problem
from daccord.formats._pabulib_file import PabulibFile, Section
from daccord.formats._pabulib_round import RULES
from daccord.formats._values import amount_text
from daccord.formats.inputs import points_text
from daccord.round import ElectionRules, MoneyRules, Round

__all__ = ["export_pabulib"]


def export_pabulib(round: Round, selected: Collection[str] | None = None) -> PabulibFile:  # noqa: A002 - the field's word
    """A Pabulib file of a round's projects and ballots.

    Pabulib demands some things that a round does not know; they are filled in like this: country `Worldwide`, unit
    who set the goal, instance and dates the year of the goal, or 1 and `unknown`.

    Args:
        round: Has ballots with votes or points, and an ask of each project.
        selected: Ids of the projects that were decided on; None to leave that out.

    Raises:
        InputError: The round has no ballots, ballots of amounts of money, a project without an ask, or an id with a
            comma.
    """
    ballots, currency = round.inputs.ballots, round.budget.currency
    problems = [
        Problem("projects.csv", None, "ask", f"the project {project.id!r} has no ask", "say what it costs")
        for project in round.portfolio
        if project.ask is None
    ]
    problems += [
        Problem("projects.csv", None, "id", f"the id {project.id!r} has a comma", "Pabulib separates ids by commas")
        for project in round.portfolio
        if "," in project.id
    ]
    if not ballots.voters or ballots.kind == "amount":
        problems.append(Problem("ballots.csv", None, None, "holds no votes and no points", "a Pabulib file needs them"))
    if problems:
        raise InputError(problems)
    points = ballots.kind == "points"
    year = round.goal.date[:4]
    meta = {
        "description": round.goal.statement,
        "country": "Worldwide",
        "unit": round.goal.set_by,
        "instance": year or "1",
        "num_projects": str(len(round.portfolio)),
        "num_votes": str(len(ballots.voters)),
        "budget": amount_text(round.budget.amount, currency),
        "vote_type": "scoring" if points else "approval",
        "rule": _rule(round.rules.money),
        "date_begin": year or "unknown",
        "date_end": year or "unknown",
    }
    if threshold := round.rules.money.election.threshold:
        meta["min_project_score_threshold"] = f"{threshold:g}"
    meta |= {"currency": currency.code} | ({"experimental": "1"} if round.simulated else {})
    return PabulibFile("round.pb", meta, _projects(round, selected), _votes(round))


def _rule(rules: MoneyRules) -> str:
    """What Pabulib calls the round's rule; `unknown` if it has no name for it."""
    for name, (rule, parameters) in RULES.items():
        wanted = asdict(ElectionRules(**parameters, threshold=rules.election.threshold))
        threshold_fits = bool(rules.election.threshold) == (name == "greedy-threshold") or name not in (
            "greedy",
            "greedy-threshold",
        )
        if rule == rules.rule and threshold_fits and _relevant(rule, wanted) == _relevant(rule, asdict(rules.election)):
            return name
    return "unknown"


def _relevant(rule: str, parameters: dict[str, object]) -> dict[str, object]:
    """The parameters that the rule reads."""
    read = ("skips",) if rule == "greedy" else ("completion", "comparison", "utility", "unit", "until_full")
    return {name: parameters[name] for name in read}


def _projects(round_: Round, selected: Collection[str] | None) -> Section:
    ballots, currency = round_.inputs.ballots, round_.budget.currency
    votes = np.bincount(ballots.project, minlength=len(round_.portfolio)).tolist()
    scores = [0] * len(round_.portfolio)
    for project, points in zip(ballots.project.tolist(), ballots.points.tolist(), strict=True):
        scores[project] += points
    header = ["project_id", "cost", "votes", "name"]
    rows = [
        [project.id, amount_text(project.ask or 0, currency), str(count), project.title]
        for project, count in zip(round_.portfolio, votes, strict=True)
    ]
    if ballots.kind == "points":
        header.append("score")
        for row, score in zip(rows, scores, strict=True):
            row.append(points_text(score, ballots.digits))
    if selected is not None:
        header.append("selected")
        for row in rows:
            row.append(str(int(row[0] in selected)))
    return Section(tuple(header), tuple(map(tuple, rows)))


def _votes(round_: Round) -> Section:
    ballots, ids = round_.inputs.ballots, round_.portfolio.ids
    rows: list[list[tuple[str, int]]] = [[] for _ in ballots.voters]
    for voter, project, points in zip(
        ballots.voter.tolist(), ballots.project.tolist(), ballots.points.tolist(), strict=True
    ):
        rows[voter].append((ids[project], points))
    if ballots.kind == "approval":
        return Section(
            ("voter_id", "vote"),
            tuple((voter, ",".join(name for name, _ in row)) for voter, row in zip(ballots.voters, rows, strict=True)),
        )
    found = []
    for voter, row in zip(ballots.voters, rows, strict=True):
        best = sorted(row, key=lambda entry: -entry[1])  # Pabulib wants them in decreasing order
        marks = ",".join(points_text(points, ballots.digits) for _, points in best)
        found.append((voter, ",".join(name for name, _ in best), marks))
    return Section(("voter_id", "vote", "points"), tuple(found))
