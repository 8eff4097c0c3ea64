"""Votes of a Pabulib file → ballots."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

import numpy as np

from daccord.errors import Problem
from daccord.formats._pabulib_file import PabulibFile
from daccord.formats._problems import nearest, shown
from daccord.formats.inputs import MAX_DIGITS
from daccord.judging import Ballots

__all__ = ["VOTE_TYPES", "Votes", "number", "read_votes"]

VOTE_TYPES: Final = ("approval", "choose-1", "cumulative", "scoring", "ordinal")

_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")


def number(text: str) -> Decimal | None:
    """A number that is not negative, with a point or a comma before its decimals; None if it is none."""
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


@dataclass
class Votes:
    """Ballots, and what about them was set aside.

    Attributes:
        ballots: All of them, in order.
        repeated: Projects that a ballot names again; each counts once.
        zeros: Projects that were given no points.
        empty: Ballots that choose nothing.
        lengths: Projects named on each ballot.
    """

    ballots: Ballots
    repeated: int = 0
    zeros: int = 0
    empty: int = 0
    lengths: list[int] = field(default_factory=list)


def read_votes(file: PabulibFile, projects: Mapping[str, int], problems: list[Problem]) -> Votes:
    """Read the section VOTES.

    Approvals are one point each. Cumulative and scoring votes have their points in a column of that name. An ordinal
    vote says an order and no points; it is read only if the file has a column of points for it, for then its city said
    what a place is worth.

    Args:
        file: As it stands.
        projects: Id → position.
        problems: Takes every problem.
    """
    kind = file.meta.get("vote_type", "")
    scored = kind in ("cumulative", "scoring", "ordinal")
    given = file.votes.column("points") if scored else None
    empty = Votes(Ballots.empty())
    if fault := _type_fault(file, kind, given):
        line = (file.meta_lines or {}).get("vote_type")
        problems.append(Problem(file.name, line, "vote_type", *fault))
        return empty
    reading = _Reading(file.name, projects, problems)
    voters = file.votes.column("voter_id") or ()
    chosen = file.votes.column("vote") or ()
    points = given or ("",) * len(chosen)
    for line, voter, vote, marks in zip(file.votes.lines, voters, chosen, points, strict=True):
        reading.ballot(line, voter, vote, marks if given is not None else None)
    return empty if problems else reading.result("points" if scored else "approval")


def _type_fault(file: PabulibFile, kind: str, given: Sequence[str] | None) -> tuple[str, str] | None:
    if kind not in VOTE_TYPES:
        return f"{shown(kind)} is no type of votes", f"write one of {', '.join(VOTE_TYPES)}"
    if kind == "ordinal" and given is None:
        message = "ordinal votes say an order, and an election needs points"
        return message, "add a column points to VOTES that says what each place is worth"
    if kind in ("cumulative", "scoring") and given is None:
        return f"{kind} votes need points", "add a column points to VOTES"
    default = number(file.meta.get("default_score", "") or "0")
    if kind == "scoring" and default != 0:
        message = "projects that a ballot does not name have a score of their own (default_score)"
        return message, "write it into the ballots, and set default_score to 0"
    return None


class _Reading:
    def __init__(self, name: str, projects: Mapping[str, int], problems: list[Problem]) -> None:
        self.name, self.projects, self.problems = name, projects, problems
        self.voters: dict[str, int] = {}
        self.rows: list[tuple[int, int, Decimal]] = []
        self.votes = Votes(Ballots.empty())

    def fault(self, line: int, column: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.name, line, column, message, remedy))

    def ballot(self, line: int, voter: str, vote: str, points: str | None) -> None:
        """One row; `points` is None for approvals."""
        if not voter:
            self.fault(line, "voter_id", "the ballot has no voter", "write a pseudonym")
            return
        if voter in self.voters:
            self.fault(line, "voter_id", f"{shown(voter)} has voted already", "keep one of the ballots")
            return
        position = self.voters[voter] = len(self.voters)
        named = [one.strip() for one in vote.split(",")] if vote else []
        marks = ["1"] * len(named) if points is None else [one.strip() for one in points.split(",")] if points else []
        if len(named) != len(marks):
            message = f"the ballot names {len(named)} projects and has {len(marks)} points"
            self.fault(line, "points", message, "give points for each project, in the same order")
            return
        seen: set[str] = set()
        for project, mark in zip(named, marks, strict=True):
            if project in seen and points is None:
                self.votes.repeated += 1
                continue
            if project in seen:
                self.fault(line, "vote", f"{shown(project)} is named twice, with points each time", "name it once")
            seen.add(project)
            self._vote(line, position, project, mark)
        self.votes.lengths.append(len(seen))
        self.votes.empty += not seen

    def _vote(self, line: int, voter: int, project: str, mark: str) -> None:
        where = self.projects.get(project)
        if where is None:
            meant = nearest(project, self.projects)
            remedy = "add it to PROJECTS, or remove it from the ballot"
            remedy = f"did you mean {shown(meant)}? Otherwise {remedy}" if meant else remedy
            self.fault(line, "vote", f"no project has the id {shown(project)}", remedy)
            return
        value = number(mark)
        if value is None:
            remedy = "votes against a project are not known here" if mark.startswith("-") else "write 3 or 2.5"
            self.fault(line, "points", f"{shown(mark)} is no number of points", remedy)
        elif value >= 10**12 or value * 10**MAX_DIGITS % 1:
            remedy = f"write points below a trillion, with at most {MAX_DIGITS} decimals"
            self.fault(line, "points", f"{shown(mark)} cannot be counted exactly", remedy)
        elif value == 0:
            self.votes.zeros += 1
        else:
            self.rows.append((voter, where, value))

    def result(self, kind: Literal["approval", "points"]) -> Votes:
        digits = next(d for d in range(MAX_DIGITS + 1) if not any(value * 10**d % 1 for _, _, value in self.rows))
        columns = np.array([(v, p, int(x * 10**digits)) for v, p, x in self.rows], dtype=np.int64).reshape(-1, 3)
        self.votes.ballots = Ballots(tuple(self.voters), columns[:, 0], columns[:, 1], columns[:, 2], digits, kind)
        return self.votes
