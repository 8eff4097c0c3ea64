"""What the page says about a run: words and numbers, ready to be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from daccord.futures.lab import Result
from daccord.futures.study import MEASURES
from daccord.web.explore._fields import Field, weight_name
from daccord.web.explore._form import Settings, written
from daccord.web.explore._numbers import Estimate, difference, mean, per_cent, plain, spread, tail, told
from daccord.web.explore._pictures import Line, bar, lines
from daccord.web.explore._run import Explorer, Run, Steer
from daccord.web.explore._weigh import Order, order_of
from daccord.web.explore._words import SHARES, meaning_of, title_of

__all__ = ["Change", "Seat", "changes", "power", "results", "settings_changed"]

_POINTS: Final = "\N{NO-BREAK SPACE}points"
_ACROSS: Final = (0.0, 10.0, 30.0)
_DAYS: Final = 365.25
"""Margins are shown in days of life per person."""


@dataclass(frozen=True)
class Seat:
    """A constitution's row.

    Attributes:
        name: Its name.
        first: Whether it comes first under the reader's weights.
        score: Weighted score, 0 to 100.
        bar: The same drawn.
        cells: Text by column.
    """

    name: str
    first: bool
    score: str
    bar: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A number now and before.

    Attributes:
        label: What.
        now: The number.
        cells: Before and difference, for each run compared with.
    """

    label: str
    now: str
    cells: tuple[tuple[str, str], ...]


def results(explorer: Explorer, run: Run) -> dict[str, object]:
    """Everything but changes.

    Args:
        explorer: The file and its form.
        run: What came out.
    """
    summaries = {name: result.summary() for name, result in run.results.items()}
    weights = {measure: run.settings.number(weight_name(measure)) for measure in MEASURES}
    order = order_of(summaries, weights)
    return {
        "worlds": int(run.settings.number("worlds")),
        "seed": int(run.settings.number("seed")),
        "money": _money(run.steer),
        "arrivals": _arrivals(explorer, run.steer),
        "margins": _margins(explorer, run.steer),
        "hazard": _hazard(explorer, run.steer),
        "order": order,
        "sentences": _sentences(run, order),
        "seats": _seats(run, order),
        "planner": told(mean(run.planner.welfare)),
        "measures": _measures(summaries, weights, order),
        "power": power(run.results, order.names),
    }


def _money(steer: Steer) -> dict[str, object]:
    gain = difference(mean(steer.outcome.welfare), mean(steer.without.welfare), paired=True)
    risks = {}
    for name, outcome in (("with", steer.outcome), ("without", steer.without)):
        low, high = spread(outcome.catastrophe)
        risks[name] = {
            "mean": per_cent(float(outcome.catastrophe.mean())),
            "tail": per_cent(tail(outcome.catastrophe).value),
            "range": f"{per_cent(low)} to {per_cent(high)}",
            "welfare": told(mean(outcome.welfare)),
        }
    risk = difference(mean(steer.outcome.catastrophe), mean(steer.without.catastrophe), paired=True)
    worse = difference(tail(steer.outcome.catastrophe), tail(steer.without.catastrophe), paired=True)
    return {
        "gain": told(gain, sign=True),
        "risk": told(risk, sign=True, factor=100, unit=_POINTS),
        "tail": told(worse, sign=True, factor=100, unit=_POINTS),
        **risks,
    }


def _sentences(run: Run, order: Order) -> list[str]:
    steer = run.steer
    gain = difference(mean(steer.outcome.welfare), mean(steer.without.welfare), paired=True)
    spent = sum(run.settings.among("money.").values())
    acted = spent > 0 or any(run.settings.among("slow.").values())
    found = []
    if not acted:
        found.append("No money is added and nothing is slowed, so there is nothing to gain or lose yet.")
    else:
        clear = abs(gain.value) > 2 * gain.error
        verb = "adds" if gain.value >= 0 else "costs"
        size = plain(abs(gain.value), 2)
        what = "this split" if spent else "this slowing"
        before, after = steer.without.catastrophe.mean(), steer.outcome.catastrophe.mean()
        found.append(
            f"In this model {what} {verb} about {size} years of life per person"
            + ("" if clear else ", which so few worlds cannot tell from nothing")
            + f"; the chance of a catastrophe goes from {per_cent(float(before))} to {per_cent(float(after))}."
        )
    first = order.names[0]
    close = " by a narrow margin" if order.margin < 0.05 else ""
    best = max(run.results, key=lambda name: float(run.results[name].welfare.mean()))
    found.append(
        f"Under your weights “{first}” comes first{close} among {len(order.names)} constitutions"
        + (", and it also has the most welfare." if best == first else f", while “{best}” has the most welfare.")
    )
    return found


def _arrivals(explorer: Explorer, steer: Steer) -> list[dict[str, str]]:
    horizon = explorer.file.world.horizon
    rows = []
    for k, technology in enumerate(explorer.file.world.technologies):
        row = {"name": technology.title or technology.id, "given": "comes by itself" if technology.given else ""}
        for name, outcome in (("with", steer.outcome), ("without", steer.without)):
            time = outcome.arrivals.time[:, k]
            low, high = spread(time)
            middle = float(np.quantile(time, 0.5, method="inverted_cdf"))
            row[name] = plain(middle, 2)
            row[f"{name}_range"] = f"{plain(low, 2)} to {plain(high, 2)}"
            row[f"{name}_bar"] = bar(low, middle, high, horizon, name)
        both = np.isfinite(steer.outcome.arrivals.time[:, k]) & np.isfinite(steer.without.arrivals.time[:, k])
        moved = steer.outcome.arrivals.time[both, k] - steer.without.arrivals.time[both, k]
        row["moved"] = plain(float(moved.mean()), 2, sign=True, most=2) if len(moved) else "–"
        row["never"] = per_cent(float(np.mean(steer.outcome.arrivals.time[:, k] > horizon)))
        rows.append(row)
    return rows


def _margins(explorer: Explorer, steer: Steer) -> list[dict[str, str]]:
    """Worth of one more unit of money a year, and of the first per cent of slowing more, where the split stands."""
    outcome = steer.outcome
    money = outcome.money.sum(axis=1)
    through_benefit = outcome.arrivals.to_money(outcome.lived.benefit_slope).sum(axis=1)
    through_risk = outcome.arrivals.to_money(outcome.lived.risk_slope).sum(axis=1)
    slowing = outcome.slowing.sum(axis=1) / 100
    rows = []
    for k, technology in enumerate(explorer.file.world.technologies):
        if technology.given:
            continue
        low, high = spread(money[:, k])
        rows.append(
            {
                "name": technology.title or technology.id,
                "worth": told(mean(money[:, k]), sign=True, factor=_DAYS, most=4),
                "range": f"{plain(low * _DAYS, 2, most=4)} to {plain(high * _DAYS, 2, most=4)}",
                "benefit": plain(float(through_benefit[:, k].mean()) * _DAYS, 2, sign=True, most=4),
                "risk": plain(float(through_risk[:, k].mean()) * _DAYS, 2, sign=True, most=4),
                "slowing": told(mean(slowing[:, k]), sign=True, factor=_DAYS, most=4),
                "fundable": "yes" if explorer.fundable[k] else "",
            }
        )
    return rows


def _hazard(explorer: Explorer, steer: Steer) -> dict[str, object]:
    world, years = explorer.file.world, steer.years
    totals = steer.hazard.sum(axis=1), steer.hazard_without.sum(axis=1)
    top = _round_up(float(max(total.max() for total in totals)))
    marks = [year for year in (*_ACROSS, years[-1]) if year <= years[-1]]
    marks = list(dict.fromkeys(marks))
    rows = []
    for r, risk in enumerate(world.risks):
        if risk.catastrophic:
            rows.append((risk.title or risk.id, [_pair(steer, years.index(year), r) for year in marks]))
    if len(rows) > 1:
        rows.append(("All together", [_pair(steer, years.index(year), None) for year in marks]))
    drawing = (
        lines(years, (Line("w", totals[1]), Line("a", totals[0])), top, last=world.horizon, per_cent=True, width=420)
        if top
        else ""
    )
    return {"drawing": drawing, "marks": [f"{year:g}" for year in marks], "rows": rows}


def _pair(steer: Steer, at: int, r: int | None) -> tuple[str, str]:
    """With and without, in per cent a year."""
    now = slice(None) if r is None else slice(r, r + 1)
    return per_cent(float(steer.hazard[at, now].sum())), per_cent(float(steer.hazard_without[at, now].sum()))


def _round_up(value: float) -> float:
    if value <= 0:
        return 0.0
    size = float(10.0 ** np.floor(np.log10(value)))
    return next(step * size for step in (1, 2, 4, 5, 8, 10) if step * size >= value * (1 - 1e-12))


def _seats(run: Run, order: Order) -> list[Seat]:
    best = max(run.results.values(), key=lambda result: float(result.welfare.mean()))
    seats = []
    for name in order.names:
        result = run.results[name]
        regret = difference(mean(best.welfare), mean(result.welfare), paired=True)
        score = order.scores[name]
        seats.append(
            Seat(
                name,
                name == order.names[0],
                f"{100 * score:.0f}",
                f'<svg viewBox="0 0 100 8" aria-hidden="true" class="score"><rect class="rail" width="100" height="8"/>'
                f'<rect class="full" width="{100 * score:.1f}" height="8"/></svg>',
                (
                    told(mean(result.welfare)),
                    "0" if result is best else told(regret),
                    per_cent(float(result.catastrophe.mean())),
                    per_cent(result.tail),
                    plain(float(result.delay.mean()), 2, sign=True, most=2),
                    per_cent(float(result.largest[-1])),
                    per_cent(float(result.agency[-1])),
                ),
            )
        )
    return seats


def _measures(
    summaries: Mapping[str, Mapping[str, float]], weights: Mapping[str, float], order: Order
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for measure, way in MEASURES.items():
        values = [summaries[name][measure] for name in order.names]
        best = max(values) if way == "more" else min(values)
        cells = [(_measured(measure, value), value == best and min(values) < max(values)) for value in values]
        rows.append(
            {
                "name": title_of(measure),
                "about": meaning_of(measure),
                "way": way,
                "weight": plain(weights[measure], 2),
                "cells": cells,
            }
        )
    return rows


def _measured(measure: str, value: float) -> str:
    return per_cent(value) if measure in SHARES else plain(value, most=3)


def power(found: Mapping[str, Result], names: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Name, drawing and words for each constitution: who has the say over time."""
    drawn = []
    for name in names:
        result = found[name]
        years = np.arange(len(result.largest), dtype=float)
        picture = lines(
            years,
            (Line("c", result.hhi), Line("b", result.agency), Line("a", result.largest)),
            1.0,
            last=float(len(years)),
            per_cent=True,
        )
        words = (
            f"Largest share of say {per_cent(float(result.largest[0]))} at first and "
            f"{per_cent(float(result.largest[-1]))} at last; people can still take "
            f"{per_cent(float(result.agency[-1]))} of decisions; locked in in {per_cent(float(result.locked.mean()))} "
            "of worlds."
        )
        drawn.append((name, picture, words))
    return drawn


def _headline(run: Run) -> list[tuple[str, Estimate, bool]]:
    """Label, estimate, and whether it is a share."""
    steer = run.steer
    found = [
        ("Welfare under this split", mean(steer.outcome.welfare), False),
        ("… over adding nothing", mean(steer.outcome.welfare - steer.without.welfare), False),
        ("Catastrophe under this split", mean(steer.outcome.catastrophe), True),
        ("… in the worst 5 % of worlds", tail(steer.outcome.catastrophe), True),
    ]
    return found + [(f"Welfare: {name}", mean(result.welfare), False) for name, result in run.results.items()]


def changes(run: Run, others: tuple[Run, ...]) -> list[Change]:
    """Numbers beside those of other runs, with differences; paired where the worlds are the same."""
    found = []
    before = [_headline(other) for other in others]
    for i, (label, estimate, share) in enumerate(_headline(run)):
        cells = []
        for other, headline in zip(others, before, strict=True):
            same = all(run.settings[name] == other.settings[name] for name in ("worlds", "seed"))
            moved = difference(estimate, headline[i][1], paired=same)
            unit = {"factor": 100.0, "unit": _POINTS} if share else {}
            still = not moved.value and (same or not moved.error)
            text = "no change" if still else told(moved, sign=True, **unit)  # type: ignore[arg-type]
            cells.append((per_cent(headline[i][1].value, 3) if share else plain(headline[i][1].value, 4), text))
        now = per_cent(estimate.value, 3) if share else plain(estimate.value, 4)
        found.append(Change(label, now, tuple(cells)))
    return found


def settings_changed(fields: tuple[Field, ...], new: Settings, old: Settings) -> list[str]:
    """Which settings differ, in words."""
    before, prefix = dict(old.values), {"money": "money for ", "slow": "slowing of ", "weight": "weight of "}
    found = []
    for field in fields:
        was, now = before[field.name], new[field.name]
        if was != now:
            label = prefix.get(field.name.partition(".")[0], "") + field.label
            found.append(f"{label}: {_said(field, was)} → {_said(field, now)}")
    return found


def _said(field: Field, value: object) -> str:
    if field.choices is not None:
        return field.choices[str(value)]
    assert isinstance(value, int | float)
    return written(value)
