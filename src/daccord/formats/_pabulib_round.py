"""From a Pabulib file to a round, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from daccord.errors import InputError, Problem
from daccord.formats._pabulib_file import PabulibFile
from daccord.formats._pabulib_votes import Votes, number, read_votes
from daccord.formats._problems import shown
from daccord.judging import Ballots, Comparisons, Judgments, Panel, Ratings
from daccord.money import Currency
from daccord.portfolio import Portfolio, Project
from daccord.round import Budget, Criterion, ElectionRules, Goal, MoneyInputs, MoneyRules, Round, Rules, VerdictRules

__all__ = ["RULES", "PabulibRound", "import_pabulib"]

RULES: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = MappingProxyType(
    {
        "greedy": ("greedy", {}),
        "greedy-threshold": ("greedy", {}),
        "greedy-no-skip": ("greedy", {"skips": False}),
        "equalshares": ("equal-shares", {"completion": "none"}),
        "equalshares-comparison": ("equal-shares", {"completion": "none", "comparison": True}),
        "equalshares/add1": ("equal-shares", {"completion": "add1"}),
        "equalshares/add1-comparison": ("equal-shares", {"completion": "add1", "comparison": True}),
    }
)
"""What Pabulib calls a rule → our money rule, and parameters that differ from `ElectionRules`."""

QUESTION: Final = "Which of these projects should be funded? Voters answered by ballot; nobody was asked to judge."

_WITHDRAWN: Final = 999_999_999
"""Cost by which Pabulib marks a project that was withdrawn."""

_READ: Final = ("description", "unit", "budget", "vote_type", "rule", "currency", "min_project_score_threshold")
_TAKEN: Final = ("project_id", "cost", "name", "description", "selected", "votes", "score")


@dataclass(frozen=True)
class PabulibRound:
    """A round, and what its city decided.

    Attributes:
        round: The round; nobody judges in it.
        official: Ids of the projects that the file marks as selected, in order; None if it does not say.
    """

    round: Round
    official: tuple[str, ...] | None


def import_pabulib(file: PabulibFile) -> PabulibRound:
    """Make a round of a Pabulib file.

    Voters' ids are pseudonyms in these files and stay so; nothing else about voters is taken over. What is set aside or
    only kept for the record is said in the round's notices.

    Args:
        file: As read.

    Raises:
        InputError: A number, an id or a ballot is wrong; every fault has its row.
    """
    problems: list[Problem] = []
    amounts = _Amounts(file, problems)
    pot = amounts.read(file.meta.get("budget", ""), (file.meta_lines or {}).get("budget"), "budget")
    projects = _projects(file, amounts, problems)
    places = {project: position for position, (project, *_) in enumerate(projects)}
    votes = read_votes(file, places, problems)
    threshold = number(file.meta.get("min_project_score_threshold") or "0")
    if threshold is None:
        problems.append(_meta_problem(file, "min_project_score_threshold", "write a number of votes or points"))
    if problems or pot is None or threshold is None:
        raise InputError(problems)
    gone = [name for name, cost, *_ in projects if cost == _WITHDRAWN]
    kept = [entry for entry in projects if entry[1] != _WITHDRAWN]
    currency = Currency(file.meta.get("currency") or "units", amounts.digits)
    portfolio = Portfolio(
        tuple(Project(name, title, ask=amounts.minor(cost), text=text) for name, cost, title, text in kept)
    )
    rule, parameters = RULES.get(file.meta.get("rule", ""), ("greedy", {}))
    election = ElectionRules(**parameters, threshold=float(threshold))
    official = _official(file)
    notices = [*amounts.notices(), *_notices(file, votes, gone, places), *_record(file, official)]
    round_ = Round(
        name=_name(file),
        goal=Goal(file.meta.get("description") or "Spend the budget as voters wish", file.meta.get("unit") or "Voters"),
        budget=Budget(amounts.minor(pot), currency),
        criteria=(Criterion("benefit", QUESTION),),
        portfolio=portfolio,
        panel=Panel(()),
        judgments={"benefit": Judgments(Comparisons.empty(), Ratings.empty())},
        rules=Rules(verdicts=VerdictRules(pays="not_held"), money=MoneyRules(rule=rule, election=election)),
        inputs=MoneyInputs(ballots=_without(votes.ballots, places, [entry[0] for entry in kept])),
        simulated=file.meta.get("experimental", "").strip() == "1",
        digests={file.name: file.digest} if file.digest else {},
        notices=tuple(notices),
    )
    return PabulibRound(round_, official)


class _Amounts:
    """Budget and costs, exact; what the currency's smallest unit is follows from them."""

    def __init__(self, file: PabulibFile, problems: list[Problem]) -> None:
        self.file, self.problems = file, problems
        self.digits = self.commas = 0

    def read(self, text: str, line: int | None, column: str) -> Decimal | None:
        """An amount above zero; None after reporting that it is none."""
        value = number(text)
        if value is None or not value or value >= 10**30:
            message = f"{shown(text)} is no amount above zero"
            self.problems.append(Problem(self.file.name, line, column, message, "write 1250 or 1250.50"))
            return None
        self.commas += "," in text
        exponent = value.as_tuple().exponent
        self.digits = max(self.digits, -exponent if isinstance(exponent, int) else 0)
        if self.digits > 18:
            message = f"{shown(text)} has more than 18 decimals"
            self.problems.append(Problem(self.file.name, line, column, message, "round it"))
            return None
        return value

    def minor(self, value: Decimal) -> int:
        """The amount in the smallest unit that any amount of the file needs."""
        return int(value * 10**self.digits)

    def notices(self) -> list[str]:
        """What was read in another way than it is written here."""
        text = f"{self.file.name}: {self.commas} amounts have a comma before their decimals; it was read as a point"
        return [text] if self.commas else []


def _projects(file: PabulibFile, amounts: _Amounts, problems: list[Problem]) -> list[tuple[str, Decimal, str, str]]:
    """Id, cost, title and text of each project."""
    ids, costs = file.projects.column("project_id") or (), file.projects.column("cost") or ()
    blank = ("",) * len(ids)
    titles, texts = file.projects.column("name") or blank, file.projects.column("description") or blank
    found: list[tuple[str, Decimal, str, str]] = []
    seen: dict[str, int] = {}
    for line, name, cost, title, text in zip(file.projects.lines, ids, costs, titles, texts, strict=True):
        if not name or "," in name:
            message = f"{shown(name)} cannot be the id of a project" if name else "the project has no id"
            problems.append(Problem(file.name, line, "project_id", message, "use an id without a comma"))
        elif name in seen:
            message = f"the project {shown(name)} is there already (row {seen[name]})"
            problems.append(Problem(file.name, line, "project_id", message, "give it another id"))
        seen.setdefault(name, line)
        value = amounts.read(cost, line, "cost")
        if value is not None:
            found.append((name, value, re.sub(r"\s+", " ", title) or name, text))
    if not found and not problems:
        problems.append(Problem(file.name, None, "PROJECTS", "there is no project", "add one"))
    return found


def _without(ballots: Ballots, places: Mapping[str, int], kept: list[str]) -> Ballots:
    """Ballots with the positions of the projects that are kept; points for the others do not count."""
    position = np.full(len(places), -1, dtype=np.int64)
    position[[places[name] for name in kept]] = np.arange(len(kept))
    where = position[ballots.project]
    stay = where >= 0
    return Ballots(ballots.voters, ballots.voter[stay], where[stay], ballots.points[stay], ballots.digits, ballots.kind)


def _name(file: PabulibFile) -> str:
    parts = [file.meta.get(key, "") for key in ("unit", "subunit", "instance")]
    return " ".join(part for part in parts if part) or file.name


def _meta_problem(file: PabulibFile, key: str, remedy: str) -> Problem:
    line = (file.meta_lines or {}).get(key)
    return Problem(file.name, line, key, f"{shown(file.meta.get(key, ''))} is not understood", remedy)


def _official(file: PabulibFile) -> tuple[str, ...] | None:
    selected = file.projects.column("selected")
    if selected is None:
        return None
    ids = file.projects.column("project_id") or ()
    return tuple(name for name, mark in zip(ids, selected, strict=True) if mark == "1")


def _notices(file: PabulibFile, votes: Votes, gone: list[str], places: Mapping[str, int]) -> list[str]:
    """What was set aside, and where the file does not agree with itself."""
    out = []
    rule = file.meta.get("rule", "")
    if rule not in RULES:
        out.append(f"its rule is {shown(rule)}, which is not computed here; the round is decided by greedy instead")
    if gone:
        out.append(f"{len(gone)} projects were withdrawn (cost {_WITHDRAWN}) and are left out: {', '.join(gone)}")
    if votes.repeated:
        out.append(f"{votes.repeated} times a ballot names a project again; it counts once")
    if votes.zeros:
        out.append(f"{votes.zeros} times a ballot gives a project no points, which says the same as not naming it")
    if votes.empty:
        out.append(f"{votes.empty} ballots choose nothing; their voters count as voters")
    counts = (("num_votes", len(votes.ballots.voters), "ballots"), ("num_projects", len(places), "projects"))
    for key, number_found, what in counts:
        said = file.meta.get(key)
        if said and said != str(number_found):
            out.append(f"META says {key} {said}, and there are {number_found} {what}")
    out += _lengths(file, votes) + _totals(file, votes, places)
    if dropped := [name for name in file.votes.header if name not in ("voter_id", "vote", "points")]:
        out.append(f"what it says of voters besides their votes is not taken over: {', '.join(dropped)}")
    if dropped := [name for name in file.projects.header if name not in _TAKEN]:
        out.append(f"columns of projects that are not taken over: {', '.join(dropped)}")
    return [f"{file.name}: {text}" for text in out]


def _lengths(file: PabulibFile, votes: Votes) -> list[str]:
    """Ballots that are shorter or longer than META allows."""
    out = []
    for key, sign in (("min_length", -1), ("max_length", 1)):
        said = file.meta.get(key, "")
        if said.isdecimal() and (outside := sum(sign * (length - int(said)) > 0 for length in votes.lengths)):
            out.append(f"{outside} ballots break {key} {said}; they count as they stand")
    return out


def _totals(file: PabulibFile, votes: Votes, places: Mapping[str, int]) -> list[str]:
    """Projects whose column of votes, or of scores, is not what the ballots add up to."""
    ballots, out = votes.ballots, []
    tallies = {
        "votes": np.bincount(ballots.project, minlength=len(places)) * 10**ballots.digits,
        "score": np.bincount(ballots.project, ballots.points, minlength=len(places)).astype(np.int64),
    }
    for key, tally in tallies.items():
        column = file.projects.column(key)
        if column is None or (key == "score" and ballots.kind == "approval" and "votes" in file.projects.header):
            continue
        pairs = [(name, said, int(tally[at])) for (name, at), said in zip(places.items(), column, strict=True) if said]
        wrong = [(name, said, had) for name, said, had in pairs if number(said) != Decimal(had) / 10**ballots.digits]
        if wrong:
            name, said, had = wrong[0]
            text = f"{len(wrong)} projects have other {key} in PROJECTS than the ballots add up to"
            out.append(f"{text}: {name} {said} against {Decimal(had) / 10**ballots.digits:f}; the ballots count")
    return out


def _record(file: PabulibFile, official: tuple[str, ...] | None) -> list[str]:
    """What is kept for the record."""
    out = []
    if rest := [f"{key} {value}" for key, value in file.meta.items() if key not in _READ and value]:
        out.append(f"{file.name}: META also says: {'; '.join(rest)}")
    if official is not None:
        out.append(f"{file.name}: officially selected were {', '.join(official) or 'none'}")
    marks = sorted({mark for mark in file.projects.column("selected") or () if mark not in ("", "0", "1")})
    if marks:
        out.append(f"{file.name}: some projects are marked as selected with {', '.join(marks)}, which counts as not")
    return out
