"""Charts of the comparison: regret, a boundary, power over time."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from daccord.futures.study import Boundary, Comparison, Study
from daccord.report._figures import COLOURS, NARROW, WIDE, Figure, Size, Table, altair, draw
from daccord.report.futures._marks import DASHES, LINES, beside, colours, legend
from daccord.report.futures._questions import factor_words
from daccord.report.futures._rank_charts import gaps_figure, ranks_figure
from daccord.report.futures._words import number, share, titles_of

__all__ = ["comparison_figures"]

FloatArray = npt.NDArray[np.float64]

_DEALT: Final = 6
"""Different numbers from which on a factor is worth an axis."""
_BLUE: Final = COLOURS["accelerate"]
_ORANGE: Final = COLOURS["hold"]


def comparison_figures(study: Study, found: Comparison) -> tuple[Figure, ...]:
    """All charts of the comparison."""
    figures = [_regret(study, found), *_scatter(found), *_over_time(study, found)]
    if found.splits:
        figures.append(gaps_figure(found))
    figures.append(ranks_figure(found))
    return tuple(figures)


def _regret(study: Study, found: Comparison) -> Figure:
    titles = titles_of(study)
    title = "What each constitution loses against the best of each scenario"
    text = (
        "A model. The mark is the mean regret of a class in years of life per person, the line reaches to its "
        "largest. "
        "Short lines near zero are good everywhere; a long line is good only where it is right."
    )
    table = Table(
        "Regret by class: mean (largest), years of life (a model)",
        ("Constitution", *(titles[group] for group in found.groups)),
        tuple(
            (
                name,
                *(
                    f"{number(row.regret)} ({number(row.most_regret, 1)})"
                    for row in found.rows
                    if row.constitution == name
                ),
            )
            for name in found.constitutions
        ),
    )

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        short, room = beside(found.constitutions, size)
        values = [
            {"name": short[row.constitution], "group": titles[row.group], "mean": row.regret, "most": row.most_regret}
            for row in found.rows
        ]
        data = alt.InlineData(values=values)
        groups = [titles[group] for group in found.groups]
        side = alt.YOffset("group:N", sort=groups)
        color = alt.Color("group:N", scale=alt.Scale(domain=groups, range=list(LINES[: len(groups)])),
                          legend=legend(alt, 1 if size is NARROW else 3))  # fmt: skip
        y = alt.Y("name:N", sort=list(short.values()), title=None,
                  axis=alt.Axis(grid=True, labelFontSize=12, minExtent=room, maxExtent=room))  # fmt: skip
        x = alt.X("mean:Q", axis=alt.Axis(title="years of life per person", orient="top", tickCount=5))
        base = alt.Chart(data)
        line = base.mark_rule(strokeWidth=2).encode(y=y, yOffset=side, x=x, x2="most:Q", color=color)
        mark = base.mark_point(filled=True, size=60, opacity=1).encode(y=y, yOffset=side, x=x, color=color)
        step = alt.Step(max(9, math.ceil(20 / len(groups))), **{"for": "offset"})
        return (line + mark).properties(width=size.width - room - 30, height=step)

    return Figure("chart-regret", title, text, draw("chart-regret", f"{title}. {text}", chart, (WIDE, NARROW)), table)


def _clearest(found: Comparison) -> Boundary | None:
    """The boundary with the largest difference inside and outside that two factors can show."""
    with_boxes = [item for item in found.boundaries if item.boxes and item.boxes[0].limits]
    return max(with_boxes, key=lambda item: item.boxes[0].density - item.share, default=None)


def _varies(values: FloatArray) -> bool:
    """Whether most scenarios deal different numbers to a factor, so that it is worth an axis."""
    _, counts = np.unique(values, return_counts=True)
    return len(counts) > _DEALT and bool(2 * counts.max() <= len(values))


def _scatter(found: Comparison) -> tuple[Figure, ...]:
    item = _clearest(found)
    if item is None or not len(found.dealt):
        return ()
    limits = item.boxes[0].limits[:2]
    names = [limit.factor for limit in limits]
    if len(names) == 1:
        a, b = (found.constitutions.index(name) for name in (item.better, item.than))
        gain = found.welfare[:, a] - found.welfare[:, b]
        strange = set(found.constitutions) - {item.better, item.than}
        others = [
            k
            for k, name in enumerate(found.factors)
            if name != names[0] and name.split(".")[0] not in strange and _varies(found.dealt[:, k])
        ]
        if others:
            names.append(
                found.factors[max(others, key=lambda k: abs(float(np.corrcoef(found.dealt[:, k], gain)[0, 1])))]
            )
    if len(names) < 2:
        return ()
    place = [found.factors.index(name) for name in names]
    a, b = (found.constitutions.index(name) for name in (item.better, item.than))
    gain = found.welfare[:, a] - found.welfare[:, b]
    title = f"Where {item.better} has more welfare than {item.than}"
    told = item.sentence[0].upper() + item.sentence[1:]
    text = f"A model; each mark is a scenario. {told}. The limits are drawn as lines."
    label = {True: f"{item.better} has more", False: f"{item.than} has more"}
    table = Table(
        "Scenarios (a model)",
        ("Scenario", *names, f"{item.better} less {item.than}"),
        tuple(
            (str(i + 1), *(number(float(found.dealt[i, k]), 3) for k in place), number(float(gain[i])))
            for i in range(len(gain))
        ),
    )

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        values = [
            {
                "x": float(found.dealt[i, place[0]]),
                "y": float(found.dealt[i, place[1]]),
                "name": label[bool(gain[i] > 0)],
            }
            for i in range(len(gain))
        ]
        color = alt.Color("name:N", scale=alt.Scale(domain=list(label.values()), range=[_BLUE, _ORANGE]),
                          legend=legend(alt, 1))  # fmt: skip
        shape = alt.Shape(
            "name:N", scale=alt.Scale(domain=list(label.values()), range=["circle", "square"]), legend=None
        )
        x = alt.X("x:Q", title=factor_words(names[0]), scale=alt.Scale(zero=False))
        y = alt.Y("y:Q", title=factor_words(names[1]), scale=alt.Scale(zero=False))
        layers = (
            alt.Chart(alt.InlineData(values=values))
            .mark_point(filled=True, size=55, opacity=0.85)
            .encode(x=x, y=y, color=color, shape=shape)
        )
        for limit in limits:
            for end in (limit.low, limit.high):
                if np.isfinite(end):
                    axis = {"x": alt.datum(end)} if limit.factor == names[0] else {"y": alt.datum(end)}
                    layers = layers + alt.Chart().mark_rule(strokeDash=[5, 3], color="#1c2430").encode(**axis)
        return layers.properties(width=min(480, size.width - 70), height=300)

    figure = Figure(
        "chart-boundary", title, text, draw("chart-boundary", f"{title}. {text}", chart, (WIDE, NARROW)), table
    )
    return (figure,)


def _over_time(study: Study, found: Comparison) -> tuple[Figure, ...]:
    texts = {
        "agency": ("People's say over time", "the mean share of decisions that people can still take"),
        "largest": ("The largest share of say over time", "the mean largest share of say that one actor has"),
    }
    return tuple(_lines(study, found, key, title, what) for key, (title, what) in texts.items())


def _lines(study: Study, found: Comparison, key: str, title: str, what: str) -> Figure:
    titles, data = titles_of(study), getattr(found, key)
    years = data.shape[2]
    marks = sorted({*range(0, years, 20), years - 1})
    text = f"A model: {what}, class by class, years from now. Say, people's say and welfare are kept apart on purpose."
    table = Table(
        f"{title} (a model)",
        ("Class and constitution", *(f"year {year}" for year in marks)),
        tuple(
            (f"{titles[group]}: {name}", *(share(float(data[s, c, year])) for year in marks))
            for s, group in enumerate(found.groups)
            for c, name in enumerate(found.constitutions)
        ),
    )

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        groups = [titles[group] for group in found.groups]
        values = [
            {"group": groups[s], "name": name, "year": year, "value": round(float(data[s, c, year]), 4)}
            for s in range(len(groups))
            for c, name in enumerate(found.constitutions)
            for year in range(0, years, 2)
        ]
        columns = min(3, len(groups)) if size is WIDE else 1
        legend = alt.Legend(
            title=None,
            labelFontSize=12,
            orient="top",
            columns=2 if size is NARROW else 4,
            symbolSize=300,
            labelLimit=120 if size is NARROW else 200,
            columnPadding=32,
        )
        dash = alt.StrokeDash("name:N", scale=alt.Scale(domain=list(found.constitutions), range=list(
            DASHES[: len(found.constitutions)])), legend=legend)  # fmt: skip
        axis = alt.Axis(labelExpr="format(datum.value * 100, '~g') + ' %'", title=None, tickCount=5)
        return (
            alt.Chart(alt.InlineData(values=values))
            .mark_line(strokeWidth=2)
            .encode(
                x=alt.X("year:Q", axis=alt.Axis(title="years from now", tickCount=4)),
                y=alt.Y("value:Q", axis=axis, scale=alt.Scale(domain=[0, 1])),
                color=colours(alt, found.constitutions, legend),
                strokeDash=dash,
                facet=alt.Facet(
                    "group:N",
                    sort=groups,
                    columns=columns,
                    header=alt.Header(title=None, labelFontSize=12, labelLimit=240),
                ),
            )
            .properties(width=240 if columns == 1 else (size.width - 150) // columns, height=130)
            .resolve_axis(x="independent")
        )

    return Figure(f"chart-{key}", title, text, draw(f"chart-{key}", f"{title}. {text}", chart, (WIDE, NARROW)), table)
