"""Who spends whose money by which curves: funders, or jurors to whom funders delegate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Final

from daccord.allocation._exact import tie_key
from daccord.allocation._rules import MoneyTask
from daccord.allocation.s_process._curves import NOTHING, Curve, curve_of, weighted_sum
from daccord.allocation.s_process._fill import Spender
from daccord.judging import Funder, MarginalValue
from daccord.money import apportion

__all__ = ["POT", "Purse", "funders_of", "juror_curves", "juror_scales", "purses", "without"]

_DIGITS: Final = 30

POT: Final = "the pot"
"""The one funder of a round that names none."""


@dataclass(frozen=True)
class Purse:
    """Money with curves by which it is spent.

    Attributes:
        funder: Whose money.
        juror: Who spends it alone; empty if all jurors whom the funder trusts speak together.
        money: Minor units.
        voices: Position in the task → juror → weight of the juror's curve there, positive.
        curves: Worth of each project's units to this spender, shape (n,); only ratios matter.
    """

    funder: str
    juror: str
    money: int
    voices: tuple[Mapping[str, Fraction], ...]
    curves: tuple[Curve, ...]

    @property
    def tie(self) -> int:
        """Who begins: the smaller goes first."""
        return tie_key(f"{self.funder}\n{self.juror}")


def juror_curves(task: MoneyTask) -> dict[str, dict[int, Curve]]:
    """Juror → position in the task → curve. Who spoke only of projects that may not be funded has no curve."""
    points: dict[str, dict[int, list[MarginalValue]]] = {}
    for point in task.inputs.values:
        own = points.setdefault(point.juror, {})
        if (i := task.index.get(point.project)) is not None:
            own.setdefault(i, []).append(point)
    return {juror: {i: curve_of(curve) for i, curve in sorted(points[juror].items())} for juror in sorted(points)}


def juror_scales(task: MoneyTask, curves: Mapping[str, Mapping[int, Curve]]) -> dict[str, Fraction]:
    """Juror → factor that puts its curves on the common scale; no factor for who sees no value anywhere.

    On the scale `equal`, the pot divided as the juror alone would divide it is worth 1 to every juror, in 30 digits.
    """
    if task.rules.s_process.scale == "stated":
        return {juror: Fraction(1) for juror, own in curves.items() if any(curve.pieces for curve in own.values())}
    scales = {}
    nothing = [0] * len(task)
    for juror, own in curves.items():
        spender = Spender([own.get(i, NOTHING) for i in range(len(task))], task.ties)
        best = spender.fill(task.budget.amount, nothing, task.bounds, range(len(task)))
        worths = sorted(rounded(own[i].worth(0, units)) for i, units in best.items())  # sorted: no order of a file
        if worths:
            scales[juror] = rounded(1 / sum(worths, Fraction(0)))
    return scales


def rounded(value: Fraction) -> Fraction:
    """A positive number in 30 significant digits, rounded down: short enough to compute with, the same everywhere."""
    shift = _DIGITS - len(str(value.numerator)) + len(str(value.denominator))
    tens = Fraction(10) ** shift
    return Fraction(value.numerator * tens.numerator // (value.denominator * tens.denominator)) / tens


def funders_of(task: MoneyTask) -> tuple[Funder, ...]:
    """The round's funders, or the pot as one that trusts all jurors alike.

    If funders have more than is to be divided (fixed grants were taken out before), each pays in proportion.
    """
    funders, pot = task.inputs.funders, task.budget.amount
    if not funders:
        return (Funder(POT, pot),)
    parts = apportion([funder.amount for funder in funders], pot, [funder.id for funder in funders])
    return tuple(replace(funder, amount=part) for funder, part in zip(funders, parts, strict=True))


def _trusted(funder: Funder, present: Sequence[str]) -> dict[str, Fraction]:
    """Weights of the jurors who are there, which sum to 1; empty if none of those trusted is."""
    if not funder.trust:
        return {juror: Fraction(1, len(present)) for juror in present}
    known = {juror: funder.trust[juror] for juror in present if funder.trust.get(juror)}
    total = sum(known.values(), Fraction(0))
    return {juror: weight / total for juror, weight in known.items()}


def purses(task: MoneyTask) -> tuple[Purse, ...]:
    """All money of the round with the curves it is spent by, in the order of the first turn."""
    curves = juror_curves(task)
    scales = juror_scales(task, curves)
    rules = task.rules.s_process
    found: list[Purse] = []
    for funder in funders_of(task):
        trust = _trusted(funder, tuple(curves))
        if rules.pooling == "delegates" and trust:
            parts = apportion(_integers(list(trust.values())), funder.amount, list(trust))
            for juror, money in zip(trust, parts, strict=True):
                own = curves[juror]
                voices = tuple({juror: Fraction(1)} if i in own else {} for i in range(len(task)))
                found.append(
                    Purse(funder.id, juror, money, voices, tuple(own.get(i, NOTHING) for i in range(len(task))))
                )
            continue
        voices = tuple(
            _voices(trust, scales, {juror for juror in trust if i in curves[juror]}, silent=rules.silence == "zero")
            for i in range(len(task))
        )
        pooled = tuple(
            weighted_sum([(weight, curves[juror][i]) for juror, weight in heard.items()])
            for i, heard in enumerate(voices)
        )
        found.append(Purse(funder.id, "", funder.amount, voices, pooled))
    return tuple(sorted(found, key=lambda purse: purse.tie))


def _voices(
    trust: Mapping[str, Fraction], scales: Mapping[str, Fraction], spoke: set[str], *, silent: bool
) -> dict[str, Fraction]:
    """Weights of the jurors who spoke of one project; `silent` if those who did not count as seeing no value."""
    whole = Fraction(1) if silent else sum((trust[juror] for juror in spoke), Fraction(0))
    return {juror: trust[juror] / whole * scales[juror] for juror in trust if juror in spoke and juror in scales}


def _integers(weights: Sequence[Fraction]) -> list[int]:
    whole = lcm(*(weight.denominator for weight in weights))
    return [int(weight * whole) for weight in weights]


def without(task: MoneyTask, juror: str) -> MoneyTask:
    """The round as it would be had this juror said nothing; the others take over its weight in proportion."""
    values = tuple(point for point in task.inputs.values if point.juror != juror)
    return replace(task, inputs=replace(task.inputs, values=values))
