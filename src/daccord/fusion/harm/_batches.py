"""Closed batches: which answers on harm are heard, so that nobody's is ever heard alone.

Model. A *question* is what an answer answers: how harmful one project is (a rating), which of two is more harmful (a
comparison), the order of some projects (a ranking). For every question apart, answers come one after another and wait.
As soon as k different people wait, all waiting answers are heard together, as a *batch*, for good; and one of them is
left out where the others all say the same:

* an answer takes a *side*: of a rating, whether it is above the limit (if the limit is no point on the scale, its
  value); of a comparison, who is ahead; of a ranking, its order. If all people of a batch, or all but one, take the
  same side, one person goes unheard: the one who does not take it, or, if all do, one drawn by a hash of the
  people's ids. Ids of projects have no part in it: whoever names a project does not choose who goes unheard.

Two things follow, and secrecy rests on them:

* what is heard after some answers depends on these alone: it grows by whole batches and never shrinks. Two states of a
  round hear the same, or differ in the answers of at least k people to a question;
* whatever is made of the heard answers without their names is the same for some other votes in which a given person
  takes another side (docs/methods/harm.md proves it). So nobody's side can be told, not even from everything.

When a batch closes depends on who answered what and when, never on what was said. Answers given at the same instant,
and all those of which nobody noted the time, count as given together: a round without times is heard in one batch a
question. No order of a file matters.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.judging import LONG_AGO

__all__ = ["Batch", "Told", "batches", "told_of"]

IntArray = npt.NDArray[np.int64]


_SECRET_FROM: Final = 3
"""Of two people, each knows the other's side from what both said together."""


@dataclass(frozen=True)
class Told:
    """One answer of a person.

    Attributes:
        at: When it was given; only the order matters.
        who: Id of the person.
        question: Its kind and the ids of the projects that it is about.
        side: What it says, as far as that is to be secret.
        group: Community within which batches are made; empty if they are made of all people together.
    """

    at: int
    who: str
    question: tuple[str, ...]
    side: Hashable
    group: str = ""


@dataclass(frozen=True)
class Batch:
    """Answers to one question that are heard together.

    Attributes:
        answers: Positions of all of them, rising: who took part.
        heard: Positions of those that are heard.
    """

    answers: tuple[int, ...]
    heard: tuple[int, ...]


def batches(told: Sequence[Told], least: int) -> tuple[Batch, ...]:
    """All closed batches.

    Args:
        told: Answers, in any order.
        least: k, the number of different people. Fewer than 3 keep nothing secret, and then all answers are heard.
    """
    questions: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for i, answer in enumerate(told):
        questions[answer.group, answer.question].append(i)
    closed = [batch for own in questions.values() for batch in _closed(told, own, least)]
    if least < _SECRET_FROM:
        return tuple(Batch(tuple(batch), tuple(batch)) for batch in closed)
    return tuple(_without_lone_voice(told, batch) for batch in closed)


def _closed(told: Sequence[Told], own: list[int], least: int) -> Iterator[list[int]]:
    """Positions of the answers of each batch of one question."""
    waiting: list[int] = []
    for _, together in groupby(sorted(own, key=lambda i: told[i].at), key=lambda i: told[i].at):
        waiting += together
        if len({told[i].who for i in waiting}) >= least:
            yield sorted(waiting)
            waiting = []


def _without_lone_voice(told: Sequence[Told], batch: list[int]) -> Batch:
    """The batch without the person who goes unheard, if all the others take one side."""
    sides: dict[str, set[Hashable]] = defaultdict(set)
    for i in batch:
        sides[told[i].who].add(told[i].side)
    lone = next(
        (who for side in sorted({told[i].side for i in batch}, key=repr) if (who := _lone(sides, side))),
        "",
    )
    return Batch(tuple(batch), tuple(i for i in batch if told[i].who != lone))


def _lone(sides: dict[str, set[Hashable]], side: Hashable) -> str:
    """Who goes unheard if all, or all but one, take a side; nobody (an empty text) if they do not."""
    others = [who for who, taken in sides.items() if taken != {side}]
    if len(others) > 1:
        return ""
    return others[0] if others else min(sides, key=lambda who: _lot(sides, who))


def _lot(people: Iterable[str], who: str) -> bytes:
    """A hash of a person's id together with those of everybody in the batch."""
    return hashlib.sha256("\x1f".join((who, *sorted(people))).encode()).digest()


def told_of(task: FusionTask, *, once: bool = False, by_community: bool = False) -> list[Told]:
    """People's answers: comparisons, then ratings, then rankings, each in its table's order.

    Args:
        task: Judgments on harm, of which no person answered a question twice.
        once: Whether all count as given at the same time.
        by_community: Whether batches are made within each community.
    """
    c, r, k = task.comparisons, task.ratings, task.rankings
    threshold = task.criterion.threshold
    limit = threshold.value if threshold is not None and threshold.kind == "rating" else None
    orders = [own.tolist() for own in np.split(k.project, k.start[1:-1])] if len(k) else []
    said: Iterable[tuple[IntArray | None, IntArray, Iterable[tuple[str, Sequence[int], Hashable]]]] = (
        (c.given, c.judge, (_pair(*row) for row in zip(c.a.tolist(), c.b.tolist(), c.outcome.tolist(), strict=True))),
        (
            r.given,
            r.judge,
            (
                ("rating", (project,), value if limit is None else value > limit)
                for project, value in zip(r.project.tolist(), r.value.tolist(), strict=True)
            ),
        ),
        (
            k.given,
            k.judge,
            (
                ("ranking", sorted(order), (*order[:placed], "rest"))
                for order, placed in zip(orders, k.placed.tolist(), strict=True)
            ),
        ),
    )
    out = []
    for given, judges, answers in said:
        times = [0] * len(judges) if once else [LONG_AGO] * len(judges) if given is None else given.tolist()
        for at, seat, (kind, about, side) in zip(times, judges.tolist(), answers, strict=True):
            judge = task.panel.judges[seat]
            question = (kind, *(task.projects[project] for project in about))
            out.append(Told(at, judge.id, question, side, judge.community if by_community else ""))
    return out


def _pair(a: int, b: int, outcome: int) -> tuple[str, tuple[int, int], int]:
    """A comparison with its projects in order."""
    return ("comparison", (a, b), outcome) if a < b else ("comparison", (b, a), -outcome)
