"""Charts of the comparison: regret, a boundary, power over time, gaps, ranks by weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from daccord.futures.study import Boundary, Comparison, Ranking, Study
from daccord.report._figures import COLOURS, NARROW, WIDE, Figure, Size, Table, altair, draw, label_room
from daccord.report._words import join, unique_labels
from daccord.report.futures._questions import factor_words, measure_words
from daccord.report.futures._words import number, share, titles_of

__all__ = ["comparison_figures"]

FloatArray = npt.NDArray[np.float64]

_LINES: Final = ("#5c6370", "#c44f00", "#0072b2", "#9a4a7f", "#00795a", "#b8860b", "#1c2430", "#56b4e9")
_DASHES: Final = ([1, 0], [6, 2], [2, 2], [8, 2, 2, 2], [4, 1], [10, 3], [1, 3], [5, 5])
_DEALT: Final = 6
"""Different numbers from which on a factor is worth an axis."""
_NAMED: Final = 6
"""Measures that a caption names; more are all of them."""
_BLUE: Final = COLOURS["accelerate"]
_ORANGE: Final = COLOURS["hold"]


def comparison_figures(study: Study, found: Comparison) -> tuple[Figure, ...]:
    """All charts of the comparison."""
    figures = [_regret(study, found), *_scatter(found), *_over_time(study, found)]
    if found.splits:
        figures.append(_gaps(found))
    figures.append(_ranks(found))
    return tuple(figures)


def _legend(alt: Any, columns: int, **more: Any) -> Any:  # noqa: ANN401
    return alt.Legend(
        title=None, labelFontSize=12, orient="top", columns=columns, labelLimit=260, columnPadding=32, **more
    )


def _beside(names: Sequence[str], size: Size) -> tuple[dict[str, str], int]:
    """Constitution → its name beside a row, and the room that these take."""
    short = unique_labels(list(names), size.labels)
    return dict(zip(names, short, strict=True)), label_room(short, 12)


def _colours(alt: Any, names: Sequence[str], legend: Any) -> Any:  # noqa: ANN401
    return alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(_LINES[: len(names)])), legend=legend)


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
        short, room = _beside(found.constitutions, size)
        values = [
            {"name": short[row.constitution], "group": titles[row.group], "mean": row.regret, "most": row.most_regret}
            for row in found.rows
        ]
        data = alt.InlineData(values=values)
        groups = [titles[group] for group in found.groups]
        side = alt.YOffset("group:N", sort=groups)
        color = alt.Color("group:N", scale=alt.Scale(domain=groups, range=list(_LINES[: len(groups)])),
                          legend=_legend(alt, 1 if size is NARROW else 3))  # fmt: skip
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
                          legend=_legend(alt, 1))  # fmt: skip
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
            _DASHES[: len(found.constitutions)])), legend=legend)  # fmt: skip
        axis = alt.Axis(labelExpr="format(datum.value * 100, '~g') + ' %'", title=None, tickCount=5)
        return (
            alt.Chart(alt.InlineData(values=values))
            .mark_line(strokeWidth=2)
            .encode(
                x=alt.X("year:Q", axis=alt.Axis(title="years from now", tickCount=4)),
                y=alt.Y("value:Q", axis=axis, scale=alt.Scale(domain=[0, 1])),
                color=_colours(alt, found.constitutions, legend),
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


def _gaps(found: Comparison) -> Figure:
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
        short, room = _beside(names, size)
        values = [{"name": short[name], "friction": f, "value": mean[name, f]} for name in names for f in frictions]
        color = alt.Color("friction:N", scale=alt.Scale(domain=frictions, range=list(_LINES[: len(frictions)])),
                          legend=_legend(alt, 3 if size is NARROW else 6))  # fmt: skip
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


def _ranks(found: Comparison) -> Figure:
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
        short, room = _beside(names, size)
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
