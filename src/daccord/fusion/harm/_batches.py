"""Closed batches: which answers on harm are heard, so that no single one is ever heard alone.

Model. Answers come one after another. Those that are not heard yet wait. As soon as the waiting answers have a part in
which **every project that an answer is about is spoken of by at least k different people of that part**, the largest
such part is heard, at once and for good, and the others go on waiting. Parts of this kind are closed under union, so
the largest is unique; it is found by taking away, again and again, every answer about a project of which fewer than k
people speak. With ratings alone it says: a project's answers are heard k people at a time.

Three things follow, and secrecy rests on them:

* what is heard after t answers depends on the first t answers alone: it grows by whole batches and never shrinks;
* two states of a round therefore hear the same answers, or they differ, about every project about which they differ,
  in the answers of at least k people;
* what people said plays no part: only who spoke of what, and when.

Answers given at the same instant, and all those of which nobody noted the time, count as given together: such a round
is heard in one batch. No order of a file matters.

Source: the largest part is a k-core (S. B. Seidman, Network structure and minimum degree, 1983) of the hypergraph of
answers, with people in place of degrees.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import numpy.typing as npt

from daccord.fusion._task import FusionTask
from daccord.judging import LONG_AGO

__all__ = ["WAITING", "Told", "batches", "heard_by", "largest_part", "told_of"]

IntArray = npt.NDArray[np.int64]

WAITING = -1
"""Batch of an answer that is not heard yet."""


@dataclass(frozen=True)
class Told:
    """One answer, without what it says.

    Attributes:
        at: When it was given; only the order matters.
        who: The person.
        about: The projects that it is about.
    """

    at: int
    who: int
    about: tuple[int, ...]


def largest_part(answers: Sequence[Told], least: int) -> list[int]:
    """Positions of the answers of the largest part in which every project is spoken of by enough people, rising.

    Args:
        answers: Any answers.
        least: k, the number of different people.
    """
    speakers: dict[int, Counter[int]] = defaultdict(Counter)
    on: dict[int, list[int]] = defaultdict(list)
    for i, answer in enumerate(answers):
        for project in answer.about:
            speakers[project][answer.who] += 1
            on[project].append(i)
    inside = [True] * len(answers)
    scarce = [project for project, people in speakers.items() if len(people) < least]
    while scarce:
        for i in on[scarce.pop()]:
            if not inside[i]:
                continue
            inside[i] = False
            for project in answers[i].about:
                people = speakers[project]
                before = len(people)
                people[answers[i].who] -= 1
                if not people[answers[i].who]:
                    del people[answers[i].who]
                if len(people) < least <= before:
                    scarce.append(project)
    return [i for i, stays in enumerate(inside) if stays]


def batches(answers: Sequence[Told], least: int) -> list[int]:
    """Number of the batch in which each answer is heard, from 0 on, or `WAITING`.

    Args:
        answers: In any order.
        least: k, the number of different people.
    """
    out = [WAITING] * len(answers)
    order = sorted(range(len(answers)), key=lambda i: answers[i].at)
    waiting: list[int] = []
    people: dict[int, Counter[int]] = defaultdict(Counter)
    number = 0
    for _, group in groupby(order, key=lambda i: answers[i].at):
        new = list(group)
        waiting += new
        for i in new:
            for project in answers[i].about:
                people[project][answers[i].who] += 1
        # A part that was not there before holds one of the new answers, and enough people on all its projects.
        if not any(all(len(people[project]) >= least for project in answers[i].about) for i in new):
            continue
        part = largest_part([answers[i] for i in waiting], least)
        if not part:
            continue
        closed = {waiting[k] for k in part}
        for i in closed:
            out[i] = number
            for project in answers[i].about:
                people[project][answers[i].who] -= 1
                if not people[project][answers[i].who]:
                    del people[project][answers[i].who]
        waiting = [i for i in waiting if i not in closed]
        number += 1
    return out


def told_of(task: FusionTask) -> list[Told]:
    """People's answers without what they say: comparisons, then ratings, then rankings, each in its table's order."""
    c, r, k = task.comparisons, task.ratings, task.rankings
    places = (k.project[a:b] for a, b in zip(k.start[:-1].tolist(), k.start[1:].tolist(), strict=True))
    return [
        *_rows(c.given, c.judge, zip(c.a.tolist(), c.b.tolist(), strict=True)),
        *_rows(r.given, r.judge, ((project,) for project in r.project.tolist())),
        *_rows(k.given, k.judge, (tuple(own.tolist()) for own in places)),
    ]


def _rows(given: IntArray | None, judge: IntArray, about: Iterable[tuple[int, ...]]) -> Iterator[Told]:
    times = [LONG_AGO] * len(judge) if given is None else given.tolist()
    return (Told(*row) for row in zip(times, judge.tolist(), about, strict=True))


def heard_by(task: FusionTask, stays: npt.NDArray[np.bool_]) -> FusionTask:
    """The task with only some of people's answers; models and questions left open stay as they are.

    Args:
        task: Judgments of one criterion.
        stays: True for the answers that stay, in the order of `told_of`.
    """
    person, told = task.is_person, task.judgments
    ends = np.cumsum([len(task.comparisons), len(task.ratings)])
    kept = np.split(stays, ends)
    chosen = []
    for table, own in zip((told.comparisons, told.ratings, told.rankings), kept, strict=True):
        which = ~person[table.judge]
        which[np.flatnonzero(~which)[own]] = True
        chosen.append(which)
    judgments = replace(
        told,
        comparisons=told.comparisons.take(chosen[0]),
        ratings=told.ratings.take(chosen[1]),
        rankings=told.rankings.take(chosen[2]),
    )
    return replace(task, judgments=judgments)
