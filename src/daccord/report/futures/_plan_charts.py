"""Charts of the plan: near-optimal ranges, arrivals, what one more unit of money is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from daccord.futures.planner import Plan
from daccord.futures.world import arrivals, budget_plan, nothing
from daccord.futures.world import draw as draw_worlds
from daccord.report._figures import COLOURS, INK, NARROW, WIDE, Figure, Size, Table, altair, label_room
from daccord.report._figures import draw as drawn
from daccord.report._words import unique_labels
from daccord.report.futures._plan_summary import shown, titles_of
from daccord.report.futures._words import amount, share, worth

__all__ = ["plan_figures"]

_BLUE: Final = COLOURS["accelerate"]
_GREEN: Final = COLOURS["with_safeguards"]
_ORANGE: Final = COLOURS["hold"]
_GREY: Final = "#8a8f98"
_WORLDS: Final = 2048
_QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


def plan_figures(plan: Plan, seed: int) -> tuple[Figure, ...]:
    """Ranges, arrivals and margins."""
    return (_ranges(plan), _arrivals(plan, seed), _margins(plan))


def _rows(plan: Plan, order: Sequence[int], size: Size) -> tuple[list[str], int]:
    """Names beside the rows: titles, or ids where there is little room."""
    items = [plan.world.technologies[k] for k in order]
    short = unique_labels([item.title or item.id if size is WIDE else item.id for item in items], size.labels)
    return short, label_room(short, 12)


def _ranges(plan: Plan) -> Figure:
    titles, unit = titles_of(plan), plan.world.unit
    kept = [k for k in shown(plan) if plan.high[k] > 1e-6 * plan.budget]
    table = Table(
        f"Best split and near-optimal ranges, {unit} (a model)",
        ("Technology", "Best split", "Least", "Most", "Verdict"),
        tuple(
            (titles[k], amount(plan.amounts[k]), amount(plan.low[k]), amount(plan.high[k]), plan.verdicts[k].verdict)
            for k in shown(plan)
        ),
        (4,),
    )
    title = "What to fund, and which splits are nearly as good"
    text = (
        "A model. The mark is the best split that was found; the bar runs from the smallest to the largest amount in "
        "splits that keep 99.5 % of the gain. Every end was reached by some split, so true ranges may be wider."
    )
    if not kept:
        return Figure("chart-ranges", title, f"{text} Nothing is funded.", {}, table)

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        labels, room = _rows(plan, kept, size)
        values = [
            {"label": label, "value": float(plan.amounts[k]), "low": float(plan.low[k]), "high": float(plan.high[k])}
            for label, k in zip(labels, kept, strict=True)
        ]
        data = alt.InlineData(values=values)
        y = alt.Y("label:N", sort=labels, title=None, axis=_side(alt, room))
        x = alt.X(
            "low:Q",
            axis=alt.Axis(title=unit, orient="top", tickCount=5 if size is WIDE else 3, format="~s"),
            scale=alt.Scale(zero=True),
        )
        bar = alt.Chart(data).mark_rule(strokeWidth=6, color="#9cc3e0", strokeCap="round").encode(y=y, x=x, x2="high:Q")
        mark = alt.Chart(data).mark_point(filled=True, size=90, color=_BLUE, opacity=1).encode(y=y, x=alt.X("value:Q"))
        return (bar + mark).properties(width=size.width - room - 30, height=alt.Step(24))

    return Figure("chart-ranges", title, text, drawn("chart-ranges", f"{title}. {text}", chart, (WIDE, NARROW)), table)


def _side(alt: Any, room: int) -> Any:  # noqa: ANN401
    return alt.Axis(grid=True, labelFontSize=12, minExtent=room, maxExtent=room, labelLimit=room)


def _arrivals(plan: Plan, seed: int) -> Figure:
    draws = draw_worlds(plan.world, _WORLDS, seed)
    when = {
        "with nothing": arrivals(draws, nothing(plan.world)).time,
        "with the plan": arrivals(draws, budget_plan(plan.world, plan.amounts)).time,
    }
    titles, order = titles_of(plan), shown(plan)
    horizon = plan.world.horizon
    found: list[dict[str, Any]] = []
    rows = []
    for k in order:
        for name, times in when.items():
            ever = np.isfinite(times[:, k])
            # of those worlds in which it ever comes; how many these are is told beside it
            low, quarter, middle, three, high = (
                np.quantile(times[ever, k], _QUANTILES) if ever.any() else np.full(5, np.inf)
            )
            never = 1 - float(ever.mean())
            told = (
                titles[k],
                name,
                *(f"{q:.1f}" if q <= horizon else f">{horizon:g}" for q in (low, quarter, middle, three, high)),
            )
            rows.append((*told, share(never)))
            if low < horizon:
                ends = {"low": low, "quarter": quarter, "middle": middle, "three": three, "high": high}
                found.append({"k": k, "plan": name, **{key: float(min(value, horizon)) for key, value in ends.items()}})
    middle_of = {name: np.median(times, axis=0) for name, times in when.items()}
    known = np.isfinite(middle_of["with nothing"])
    gains = np.where(known, middle_of["with nothing"], 0.0) - np.where(known, middle_of["with the plan"], 0.0)
    sooner = max(order, key=lambda k: float(gains[k]))
    title = "When technologies come, without and with the plan"
    text = (
        "A model. Years from now: thin lines hold 90 % of the worlds in which a technology ever comes, thick "
        "ones half, "
        "the mark is the middle; grey with no added money, blue with the plan. Lines end at the horizon."
    )
    if gains[sooner] > 0.05:
        text += f" The plan brings {titles[sooner]} forward most, by {gains[sooner]:.1f} years in the middle world."
    table = Table(
        "Arrival in years from now: by then in 5 %, 25 %, half, 75 %, 95 % of worlds in which it ever comes (a model)",
        ("Technology", "Money", "5 %", "25 %", "Middle", "75 %", "95 %", "Never"),
        tuple(rows),
        (1,),
    )

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        labels, room = _rows(plan, order, size)
        name = dict(zip(order, labels, strict=True))
        values = [{**item, "label": name[item["k"]]} for item in found]
        data = alt.InlineData(values=values)
        y = alt.Y("label:N", sort=labels, title=None, axis=_side(alt, room))
        side = alt.YOffset("plan:N", sort=list(when))
        color = alt.Color("plan:N", scale=alt.Scale(domain=list(when), range=[_GREY, _BLUE]), legend=alt.Legend(
            title=None, labelFontSize=12, columnPadding=32, orient="top"))  # fmt: skip
        axis = alt.Axis(title="years from now", orient="top", tickCount=6 if size is WIDE else 4)
        x = alt.X("low:Q", axis=axis, scale=alt.Scale(domain=[0, horizon]))
        base = alt.Chart(data)
        thin = base.mark_rule(strokeWidth=1.5).encode(y=y, yOffset=side, x=x, x2="high:Q", color=color)
        thick = base.mark_rule(strokeWidth=5).encode(y=y, yOffset=side, x=alt.X("quarter:Q"), x2="three:Q", color=color)
        mark = base.mark_point(filled=True, size=70, opacity=1, stroke="white", strokeWidth=1).encode(
            y=y, yOffset=side, x=alt.X("middle:Q"), color=color
        )
        return (thin + thick + mark).properties(width=size.width - room - 30, height=alt.Step(13, **{"for": "offset"}))

    label = f"{title}. {text}"
    return Figure("chart-arrivals", title, text, drawn("chart-arrivals", label, chart, (WIDE, NARROW)), table)


def _margins(plan: Plan) -> Figure:
    titles, order = titles_of(plan), shown(plan)
    scale, told = _unit([abs(v) for m in plan.margins for v in (m.low, m.high)])
    title = "What one more unit of money is worth"
    text = (
        f"A model. Worth of one more unit of money a year at the plan, in {told} of life per person: the bars are "
        "what comes "
        "through benefit and through risk (to the left where money does harm), the line holds 90 % of worlds. "
        "Money goes "
        "where the sum is largest until it is the same everywhere: that is the price of money, "
        f"{worth(plan.price)} years."
    )
    table = Table(
        "Worth of one more unit of money a year, years of life per person (a model)",
        ("Technology", "Mean", "Through benefit", "Through risk", "5 %", "95 %"),
        tuple(
            (titles[k], *(worth(getattr(plan.margins[k], key)) for key in ("mean", "benefit", "risk", "low", "high")))
            for k in order
        ),
    )

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        labels, room = _rows(plan, order, size)
        bars = [
            {"label": label, "part": part, "value": getattr(plan.margins[k], part) * scale}
            for label, k in zip(labels, order, strict=True)
            for part in ("benefit", "risk")
        ]
        spans = [
            {"label": label, "low": plan.margins[k].low * scale, "high": plan.margins[k].high * scale}
            for label, k in zip(labels, order, strict=True)
        ]
        y = alt.Y("label:N", sort=labels, title=None, axis=_side(alt, room))
        legend = alt.Legend(title="through", labelFontSize=12, titleFontSize=12, orient="top")
        scale_ = alt.Scale(domain=["benefit", "risk"], range=[_GREEN, _ORANGE])
        color = alt.Color("part:N", scale=scale_, legend=legend)
        x = alt.X(
            "value:Q", axis=alt.Axis(title=f"{told} of life per unit", orient="top", tickCount=5 if size is WIDE else 3)
        )
        bar = alt.Chart(alt.InlineData(values=bars)).mark_bar(height=12).encode(y=y, x=x, color=color)
        line = (
            alt.Chart(alt.InlineData(values=spans))
            .mark_rule(color=INK, strokeWidth=1.2)
            .encode(y=y, x=alt.X("low:Q"), x2="high:Q")
        )
        return (bar + line).properties(width=size.width - room - 30, height=alt.Step(22))

    label = f"{title}. {text}"
    return Figure("chart-margins", title, text, drawn("chart-margins", label, chart, (WIDE, NARROW)), table)


def _unit(values: Sequence[float]) -> tuple[float, str]:
    """A unit in which the largest value reads well, and its name."""
    top = max(values, default=1.0)
    for scale, name in ((1.0, "years"), (365.25, "days"), (365.25 * 24, "hours"), (365.25 * 86400, "seconds")):
        if top * scale >= 0.5:
            return scale, name
    return 365.25 * 86400 * 1000, "milliseconds"
