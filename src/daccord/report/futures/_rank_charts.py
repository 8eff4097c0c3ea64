"""Charts of what each constitution loses to frictions, and of ranks by weights."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from daccord.futures.study import Comparison, Ranking
from daccord.report._figures import NARROW, WIDE, Figure, Size, Table, altair, draw
from daccord.report._words import join
from daccord.report.futures._marks import LINES, beside, legend
from daccord.report.futures._questions import measure_words
from daccord.report.futures._words import number, share

__all__ = ["gaps_figure", "ranks_figure"]

_NAMED: Final = 6
"""Measures that a caption names; more are all of them."""


def gaps_figure(found: Comparison) -> Figure:
    """The governance gap of each constitution, friction by friction; there must be splits."""
    names = [name for name in found.constitutions if any(item.constitution == name for item in found.splits)]
    frictions = list(found.splits[0].parts)
    mean = {
        (name, friction): float(np.mean([item.parts[friction] for item in found.splits if item.constitution == name]))
        for name in names
        for friction in frictions
    }
    total = {
        name: float(np.mean([item.planner - item.welfare for item in found.splits if item.constitution == name]))
        for name in names
    }
    title = "What each constitution loses to the planner, and to which friction"
    text = (
        "A model. Bars are what switching one friction off alone would gain, in years of life, in the middle of "
        "each class, "
        "mean over classes; to the left where a friction does good, as when a leak breaks a hold that does harm. "
        "Frictions "
        "interact, so bars do not add up to the gap."
    )
    table = Table(
        "Governance gap in years of life, mean over classes (a model)",
        ("Constitution", "Gap", *frictions, "Rest"),
        tuple(
            (name, number(total[name]), *(number(mean[name, f]) for f in frictions),
             number(total[name] - sum(mean[name, f] for f in frictions)))
            for name in names
        ),
    )  # fmt: skip

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        short, room = beside(names, size)
        values = [{"name": short[name], "friction": f, "value": mean[name, f]} for name in names for f in frictions]
        color = alt.Color("friction:N", scale=alt.Scale(domain=frictions, range=list(LINES[: len(frictions)])),
                          legend=legend(alt, 3 if size is NARROW else 6))  # fmt: skip
        y = alt.Y(
            "name:N",
            sort=list(short.values()),
            title=None,
            axis=alt.Axis(grid=True, labelFontSize=12, minExtent=room, maxExtent=room),
        )
        side = alt.YOffset("friction:N", sort=frictions)
        x = alt.X("value:Q", axis=alt.Axis(title="years of life gained without it", orient="top", tickCount=5))
        return (
            alt.Chart(alt.InlineData(values=values))
            .mark_bar()
            .encode(y=y, yOffset=side, x=x, color=color)
            .properties(
                width=size.width - room - 30,
                height=alt.Step(max(8, math.ceil(20 / len(frictions))), **{"for": "offset"}),
            )
        )

    return Figure("chart-gaps", title, text, draw("chart-gaps", f"{title}. {text}", chart, (WIDE, NARROW)), table)


def ranks_figure(found: Comparison) -> Figure:
    """The share of all weights that puts each constitution at each rank."""
    overall: Ranking = next(item for item in found.rankings if not item.group)
    names = found.constitutions
    title = "How much the order hangs on weights"
    many = len(overall.measures) > _NAMED
    weighed = "all measures" if many else join([measure_words(name, lower=True) for name in overall.measures])
    text = (
        f"A model. With weights on {weighed} spread evenly over all there could be: the "
        "share of weights "
        "that puts each constitution at each rank, the first darkest. A constitution that no weights put first "
        "is not "
        "worth arguing about; one that few do needs those few."
    )
    order = sorted(range(len(names)), key=lambda c: (-overall.acceptability[c, 0], names[c]))
    table = Table(
        "Share of weights at each rank (a model)",
        ("Constitution", *(f"Rank {r + 1}" for r in range(len(names)))),
        tuple((names[c], *(share(float(v)) for v in overall.acceptability[c])) for c in order),
    )

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        short, room = beside(names, size)
        values = [
            {"name": short[names[c]], "rank": r + 1, "value": float(overall.acceptability[c, r])}
            for c in order
            for r in range(len(names))
        ]
        y = alt.Y("name:N", sort=[short[names[c]] for c in order], title=None,
                  axis=alt.Axis(labelFontSize=12, minExtent=room, maxExtent=room))  # fmt: skip
        axis = alt.Axis(
            labelExpr="format(datum.value * 100, '~g') + ' %'", title="share of weights", orient="top", tickCount=5
        )
        color = alt.Color(
            "rank:O",
            scale=alt.Scale(scheme="blues", reverse=True),
            legend=alt.Legend(title="rank", labelFontSize=12, titleFontSize=12, orient="top"),
        )
        return (
            alt.Chart(alt.InlineData(values=values))
            .mark_bar(height=16)
            .encode(y=y, x=alt.X("value:Q", axis=axis, stack="zero", scale=alt.Scale(domain=[0, 1])), color=color,
                    order=alt.Order("rank:Q"))
            .properties(width=size.width - room - 30, height=alt.Step(26))
        )  # fmt: skip

    return Figure("chart-ranks", title, text, draw("chart-ranks", f"{title}. {text}", chart, (WIDE, NARROW)), table)
