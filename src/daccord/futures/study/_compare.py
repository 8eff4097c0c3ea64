"""What a study's pieces come to. The order in which pieces were played, or are given, changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from daccord.errors import InputError, Problem
from daccord.futures.study._boundaries import boundaries
from daccord.futures.study._check import check_study
from daccord.futures.study._comparison import Comparison
from daccord.futures.study._factors import varying
from daccord.futures.study._piece import Piece, Split
from daccord.futures.study._study import MEASURES, Study
from daccord.futures.study._tables import Cases, over_time, reversals, rows, satisfied
from daccord.futures.study._weights import rank

__all__ = ["compare"]


def compare(study: Study, pieces: Iterable[Piece], splits: Iterable[Split] = ()) -> Comparison:
    """Make tables, boundaries and rankings of pieces.

    Args:
        study: The study.
        pieces: Played scenarios, in any order; some may be missing, and are counted.
        splits: Governance gaps, in any order.

    Raises:
        InputError: The study is refused; there are no pieces; a piece is there twice, or is not of this study (class,
            factors, constitutions, worlds and years as in the others), or holds what is not a finite number; a split is
            of no class or constitution here.
    """
    check_study(study)
    given, gaps = sorted(pieces, key=lambda piece: piece.scenario.index), tuple(splits)
    problems = [*_faults(study, given), *_strangers(study, gaps)]
    if problems:
        raise InputError(problems)
    cases = _cases(study, given)
    held = satisfied(cases)
    table = rows(cases)
    means = {
        group: np.array([[row.measures[name] for name in MEASURES] for row in table if row.group == group])
        for group in cases.groups
    }
    whole = np.mean(list(means.values()), axis=0)
    order = {name: k for k, name in enumerate((*(group.name for group in study.classes), *study.constitutions))}
    return Comparison(
        constitutions=cases.names,
        groups=cases.groups,
        scenarios=len(given),
        worlds=sum(piece.welfare.shape[1] for piece in given),
        rows=table,
        regret=cases.regret.max(axis=0),
        satisfied=np.zeros(len(cases.names)) if held is None else held.mean(axis=0),
        boundaries=boundaries(cases),
        rankings=tuple(
            rank(group, values, study.weights, cases.names, study.seed)
            for group, values in (*means.items(), ("", whole))
        ),
        splits=tuple(sorted(gaps, key=lambda gap: (order[gap.group], order[gap.constitution]))),
        largest=over_time(cases, "largest"),
        hhi=over_time(cases, "hhi"),
        agency=over_time(cases, "agency"),
        factors=cases.factors,
        reversals=reversals(cases),
        missing=study.scenarios * len(study.classes) - len(given),
        kinds=tuple(cases.groups.index(piece.scenario.group) for piece in given),
        dealt=cases.values,
        welfare=cases.welfare,
    )


def _cases(study: Study, given: Sequence[Piece]) -> Cases:
    factors = tuple(factor.name for factor in varying(study))
    measures = np.stack([piece.measures for piece in given])
    values = np.array([[piece.scenario.factors[name] for name in factors] for piece in given], np.float64)
    there = {piece.scenario.group for piece in given}
    return Cases(
        study,
        tuple(given),
        tuple(study.constitutions),
        tuple(group.name for group in study.classes if group.name in there),
        factors,
        measures,
        measures[:, :, list(MEASURES).index("welfare")],
        values.reshape(len(given), len(factors)),
    )


def _faults(study: Study, given: Sequence[Piece]) -> Iterator[Problem]:
    if not given:
        yield Problem("study", None, "pieces", "there are none", "play at least one scenario")
        return
    groups = [group.name for group in study.classes]
    names = {factor.name for factor in varying(study)}
    count, years = len(study.constitutions), given[0].largest.shape[-1]
    before: int | None = None
    for piece in given:
        here = piece.scenario
        if here.index == before:
            yield _fault(here.index, "is there twice", "give each scenario once")
        before = here.index
        if not 0 <= here.index < study.scenarios * len(groups):
            yield _fault(here.index, "is beyond the study's scenarios")
        if here.group not in groups:
            yield _fault(here.index, f"is of a class {here.group!r}, which the study has not")
        if here.factors.keys() != names:
            yield _fault(here.index, f"sets {', '.join(sorted(here.factors)) or 'nothing'}")
        if piece.measures.shape != (count, len(MEASURES)):
            yield _fault(here.index, f"has measures of shape {piece.measures.shape}")
        for name in ("welfare", "catastrophe"):
            shape = getattr(piece, name).shape
            if len(shape) != 2 or shape[0] != count or not shape[1]:
                yield _fault(here.index, f"has {name} of shape {shape}")
        for name in ("largest", "hhi", "agency"):
            if getattr(piece, name).shape != (count, years):
                yield _fault(here.index, f"has {name} of shape {getattr(piece, name).shape}")
        for name in ("planner", "measures", "welfare", "catastrophe", "largest", "hhi", "agency"):
            if not np.isfinite(getattr(piece, name)).all():
                yield _fault(here.index, f"has {name} that is not a finite number")


def _fault(index: int, message: str, remedy: str = "play the scenarios of this study anew") -> Problem:
    return Problem("study", index, "pieces", f"scenario {index} {message}", remedy)


def _strangers(study: Study, gaps: Sequence[Split]) -> Iterator[Problem]:
    groups = {group.name for group in study.classes}
    for gap in gaps:
        if gap.group not in groups or gap.constitution not in study.constitutions:
            yield Problem(
                "study", None, "splits", f"{gap.constitution!r} in {gap.group!r} is not of this study", "split it anew"
            )
