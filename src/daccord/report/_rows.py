"""The rows of the award table, which the charts and the summary share."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from daccord.allocation import LABELS, Label
from daccord.pipeline import Decision
from daccord.report._explain import LIMITS, outbid, ruled_out
from daccord.report._figures import SYMBOLS
from daccord.report._words import clip, percent, percent_range, probability, share_digits
from daccord.round import HARMS

__all__ = ["Row", "award_rows", "csv_link"]


@dataclass(frozen=True)
class Row:
    """One project in the award table.

    Attributes:
        place: Position in the table, from 1.
        id: Project id.
        anchor: Of its section in the page.
        title: Name for people.
        label: Verdict.
        symbol: Its sign, so that colour never speaks alone.
        chance: Probability of the verdict in words; empty for unrated and where a hard constraint decides.
        probability: The same in millionths; -1 for unrated, so that it sorts last.
        amount: Award, minor units.
        exact: Award with all digits, without the currency's code.
        share: Award as a fraction of the pot.
        share_text: With the digits its interval supports.
        low: Lower end of the 80 % interval of the share.
        high: Upper end.
        interval_text: The interval in words; empty for projects without money.
        rank: Place by award, 1 is the largest, equal awards share a place; None without money.
        rank_low: Best rank at 80 %.
        rank_high: Worst rank at 80 %.
        answers: Answers of people, all criteria but harm, whose number is secret.
        people: Most people who answered on one of these criteria.
        flags: What to know besides: limits and gates, in words.
    """

    place: int
    id: str
    anchor: str
    title: str
    label: Label
    symbol: str
    chance: str
    probability: int
    amount: int
    exact: str
    share: float
    share_text: str
    low: float
    high: float
    interval_text: str
    rank: int | None
    rank_low: int
    rank_high: int
    answers: int
    people: int
    flags: tuple[str, ...]

    @property
    def rank_text(self) -> str:
        """The rank interval in words; empty for projects without money."""
        if self.rank is None:
            return ""
        return str(self.rank_low) if self.rank_low == self.rank_high else f"{self.rank_low} to {self.rank_high}"


def _flags(decision: Decision, project: str) -> tuple[str, ...]:
    award, verdict = decision.allocation.award_of[project], decision.allocation.verdict_of[project]
    flags: list[str] = []
    if award.limited_by and (award.limited_by != "verdict" or award.amount):
        short = {
            "ask": "full ask",
            "minimum": "below the minimum",
            "team_cap": "team cap reached",
            "evidence": "few answers",
        }
        flags.append(short.get(award.limited_by, f"limited by {LIMITS.get(award.limited_by, award.limited_by)}"))
    if outbid(award, verdict):
        flags.append("worth more elsewhere")
    if ruled_out(verdict):
        flags.append("hard constraint")
    titles = decision.round.portfolio
    flags += [f"waits for {clip(titles[identifier].title, 32)}" for identifier in verdict.waits_for]
    if verdict.reopens_after_days is not None:
        flags.append(f"reopens after {verdict.reopens_after_days} days")
    return tuple(flags)


def award_rows(decision: Decision) -> tuple[Row, ...]:
    """One row a project: largest award first, then by verdict, expected benefit, and the portfolio's order."""
    round_, allocation = decision.round, decision.allocation
    pot, currency = round_.budget.amount, round_.budget.currency
    order = {label: k for k, label in enumerate(LABELS)}
    projects = sorted(
        round_.portfolio,
        key=lambda p: (
            -allocation.award_of[p.id].amount,
            order[allocation.verdict_of[p.id].label],
            -decision.scores[p.id].share,
        ),
    )
    amounts = [award.amount for award in allocation.awards]
    rows: list[Row] = []
    for place, project in enumerate(projects, start=1):
        award, verdict = allocation.award_of[project.id], allocation.verdict_of[project.id]
        interval = decision.interval_of[project.id]
        said = [score for name, score in decision.scores[project.id].criteria.items() if name not in HARMS]
        low, high = (interval.low / pot, interval.high / pot) if pot else (0.0, 0.0)
        share = award.amount / pot if pot else 0.0
        rows.append(
            Row(
                place=place,
                id=project.id,
                anchor=f"project-{place}",
                title=project.title or project.id,
                label=verdict.label,
                symbol=SYMBOLS[verdict.label],
                chance="" if verdict.probability is None or ruled_out(verdict) else probability(verdict.probability),
                probability=-1 if verdict.probability is None else verdict.probability,
                amount=award.amount,
                exact=currency.format(award.amount, code=False),
                share=share,
                share_text=percent(share, share_digits(low, high)) if award.amount else "0 %",
                low=low,
                high=high,
                interval_text=percent_range(low, high) if award.amount or interval.high else "",
                rank=1 + sum(other > award.amount for other in amounts) if award.amount else None,
                rank_low=interval.rank_low,
                rank_high=interval.rank_high,
                answers=sum(score.judgments for score in said),
                people=max((score.jurors for score in said), default=0),
                flags=_flags(decision, project.id),
            )
        )
    return tuple(rows)


def _cell(value: object) -> str:
    """A CSV cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def csv_link(decision: Decision, rows: Sequence[Row]) -> str:
    """The award table as a `data:` link to a CSV file, amounts in minor units, the unallocated rest included."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        (
            "project", "title", "verdict", "probability", "award_minor_units", "currency", "award_low", "award_high",
            "rank_low", "rank_high", "answers", "people", "flags", "simulated",
        )
    )  # fmt: skip
    code, simulated = decision.round.budget.currency.code, "yes" if decision.round.simulated else "no"
    for row in rows:
        interval = decision.interval_of[row.id]
        chance = "" if row.probability < 0 else f"{row.probability / 1_000_000:.6f}"
        cells: tuple[object, ...] = (
            row.id, row.title, LABELS[row.label], chance, row.amount, code, interval.low, interval.high,
            interval.rank_low, interval.rank_high, row.answers, row.people, "; ".join(row.flags), simulated,
        )  # fmt: skip
        writer.writerow([_cell(cell) for cell in cells])
    rest = ("", "not allocated", "", "", decision.allocation.unallocated, code, "", "", "", "", "", "", "", simulated)
    writer.writerow(rest)
    return "data:text/csv;charset=utf-8," + quote(out.getvalue())
