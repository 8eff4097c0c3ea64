"""Which answers about roles count, and for what.

* An answer of a judge with a declared tie to the project, to its team or to the target is set aside.
* People's answers about `raises` are votes on harm. They are heard in closed batches, without a lone voice and without
  names, as every vote on harm is (`daccord.fusion.harm`), so that nobody's own can be told from what is published.
* An answer for a horizon counts there in place of the same judge's answer for any time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from daccord.fusion.harm import Told, batches
from daccord.fusion.roles._interval import NOTICED, FloatArray, knots
from daccord.judging import ARRIVES, MOST_ADDED, MOST_YEARS, RoleAnswer
from daccord.portfolio import Edge, declared_edges
from daccord.round import Round

__all__ = ["Answers", "Hearing", "hear"]


@dataclass
class Answers:
    """What was said about one edge, judge id → knots; of people and, apart, of models.

    Attributes:
        efficacy: People's shares removed or added.
        lead: People's years.
        model_efficacy: Models' shares.
        model_lead: Models' years.
        skipped: People who were asked and could not tell.
    """

    efficacy: dict[str, FloatArray] = field(default_factory=dict)
    lead: dict[str, FloatArray] = field(default_factory=dict)
    model_efficacy: dict[str, FloatArray] = field(default_factory=dict)
    model_lead: dict[str, FloatArray] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)

    def over(self, other: Answers) -> Answers:
        """These answers, and the other ones of those who did not give one here."""
        mine, theirs = vars(self), vars(other)
        return Answers(**{name: theirs[name] | mine[name] for name in mine})


@dataclass(frozen=True)
class Hearing:
    """All answers that count.

    Attributes:
        edges: Edges that are declared or were spoken about, sorted; at the horizon at which each was.
        said: Edge, or arrival (an edge of kind `ARRIVES` without a project) → its answers.
        aside: Answers set aside because of a declared tie; how many votes on harm were is not told.
    """

    edges: tuple[Edge, ...]
    said: Mapping[Edge, Answers]
    aside: int

    @cached_property
    def _of(self) -> Mapping[str, list[Edge]]:
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.project].append(edge)
        return dict(found)

    def at(self, project: str, kind: str, target: str, horizon: int) -> Answers:
        """What was said for a horizon, and for any time by those who said nothing for this one."""
        always = self.said.get(Edge(project, kind, target), Answers())
        return self.said.get(Edge(project, kind, target, horizon), Answers()).over(always) if horizon else always

    def horizons(self, project: str) -> tuple[int, ...]:
        """Horizons named in the project's roles or in answers about them, rising; (0,) if there is none."""
        named = {edge.horizon for edge in self._of.get(project, ()) if edge.horizon}
        return tuple(sorted(named)) or (0,)

    def pairs(self, project: str, horizon: int) -> Iterator[tuple[str, str]]:
        """Kind and target of the project's edges that hold at a horizon, in order."""
        held = [edge for edge in self._of.get(project, ()) if edge.horizon in {0, horizon}]
        yield from dict.fromkeys((edge.kind, edge.target) for edge in held)


def _tied(round_: Round) -> dict[str, frozenset[str]]:
    """Judge id → ids of projects and technologies that he or she has a declared tie to."""
    out: dict[str, frozenset[str]] = {}
    for judge in round_.panel:
        if judge.conflicts:
            items = round_.portfolio.known.values()
            out[judge.id] = frozenset(
                item.id for item in items if item.id in judge.conflicts or (item.team and item.team in judge.conflicts)
            )
    return out


def _in_batches(votes: list[RoleAnswer], least: int) -> Iterator[RoleAnswer]:
    """Those votes on harm that are heard; all of them if nothing is to be kept secret."""
    if least <= 1:
        yield from votes
        return
    told = [
        Told(vote.given, vote.judge, ("role", vote.project, vote.target, str(vote.horizon)), _side(vote))
        for vote in votes
    ]
    for i in sorted(i for batch in batches(told, least) for i in batch.heard):
        yield votes[i]


def _side(vote: RoleAnswer) -> bool | None:
    """Whether a vote says that a risk is raised; None if it only says when."""
    return None if vote.efficacy is None else sum(vote.efficacy) / 2 >= NOTICED


def hear(round_: Round, community: str = "") -> Hearing:
    """Sort the round's answers about roles by edge.

    Args:
        round_: The round.
        community: Hear only its members, in batches of their own; empty for all people, and models.
    """
    tied = _tied(round_)
    clear = [a for a in round_.roles if not tied.get(a.judge, frozenset()) & {a.project, a.target}]
    aside = sum(a.kind != "raises" for a in round_.roles) - sum(a.kind != "raises" for a in clear)
    people = {judge.id for judge in round_.panel if judge.is_person and community in {"", judge.community}}
    if community:
        clear = [a for a in clear if a.judge in people]
    harm = [a for a in clear if a.kind == "raises" and a.judge in people]
    votes = [a for a in harm if not a.skipped]  # who was asked about harm and could not tell stays secret as well
    open_ones = [a for a in clear if a.kind != "raises" or a.judge not in people]
    said: dict[Edge, Answers] = defaultdict(Answers)
    for answer in _sorted([*open_ones, *_in_batches(_sorted(votes), round_.rules.harm.min_group)]):
        entry = said[Edge(answer.project, answer.kind, answer.target, answer.horizon)]
        person = answer.judge in people
        if answer.skipped:
            if person:
                entry.skipped.add(answer.judge)
            continue
        if answer.efficacy is not None:
            top = MOST_ADDED if answer.kind == "raises" else 1.0
            (entry.efficacy if person else entry.model_efficacy)[answer.judge] = knots(answer.efficacy, top)
        if answer.lead is not None:
            (entry.lead if person else entry.model_lead)[answer.judge] = knots(answer.lead, MOST_YEARS)
    edges = {edge for edge in said if edge.kind != ARRIVES} | set(declared_edges(round_.portfolio))
    return Hearing(tuple(sorted(edges)), dict(said), aside)


def _sorted(answers: Iterable[RoleAnswer]) -> list[RoleAnswer]:
    """Answers in an order that no file decides."""
    return sorted(answers, key=lambda a: (a.project, a.kind, a.target, a.horizon, a.judge))
