"""Charts of who judged: coverage by people, skill of models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from daccord.pipeline import Decision
from daccord.report._figures import COLOURS, INK, NARROW, WIDE, Figure, Size, Table, altair, draw, label_room
from daccord.report._graph import Coverage, circle, coverage
from daccord.report._rows import Row
from daccord.report._words import clip, count, join, percent, sentence
from daccord.round import HARMS

__all__ = ["coverage_figure", "skill_figure"]


def _connected(cover: Coverage, titles: Sequence[str]) -> str:
    """How people's answers on one criterion connect the projects, naming the parts that stand alone."""
    said = []
    parts = [part for part in cover.components if len(part) > 1 or part[0] not in cover.silent]
    if len(parts) > 1:
        rest = "; ".join(clip(join(titles[i] for i in part), 160) for part in parts[1:6])
        said.append(
            f"answers fall into {count(len(parts), 'part')} that nothing connects, so people do not say how the parts"
            f" compare; beside the largest, with {count(len(parts[0]), 'project')}, stand {rest}"
            f"{' and more' if len(parts) > 6 else ''}"
        )
    elif parts:
        said.append(f"chains of answers connect every project{' that anybody judged' if cover.silent else ''}")
    if cover.silent:
        names = join([titles[i] for i in cover.silent[:5]] + (["others"] if len(cover.silent) > 5 else []))
        said.append(f"nobody judged {count(len(cover.silent), 'project')}: {names}")
    return "; ".join(said)


def _coverage_words(covers: Sequence[Coverage], titles: Sequence[str]) -> str:
    """What people's answers cover on each criterion; criteria of which the same can be said are named together."""
    gave = []
    for cover in covers:
        kinds = [count(n, noun) for n, noun in ((cover.comparisons, "comparison"), (cover.ratings, "rating")) if n]
        people = count(cover.jurors, "person", "people")
        gave.append(f"{join(kinds) or 'no answer'}{f' by {people}' if kinds else ''} on {cover.criterion}")
    text = f"People gave {join(gave)}. "
    alike: dict[str, list[str]] = {}
    for cover in covers:
        alike.setdefault(_connected(cover, titles), []).append(cover.criterion)
    for words, criteria in alike.items():
        text += sentence(f"on {join(criteria)}, {words}") + " "
    return text


def coverage_figure(decision: Decision, rows: Sequence[Row]) -> Figure:
    """Who was compared with whom by people, on the criterion with most comparisons (benefit if equal)."""
    round_ = decision.round
    covers = [coverage(round_, criterion.id) for criterion in round_.criteria if criterion.id not in HARMS]
    drawn = max(covers, key=lambda cover: (cover.comparisons, cover.criterion == "benefit"))
    titles = [project.title or project.id for project in round_.portfolio]
    text = _coverage_words(covers, titles).strip()
    pairs = sorted(drawn.edges.items(), key=lambda item: (-item[1], item[0]))
    table = Table(
        f"Pairs of projects that people compared on {drawn.criterion}",
        ("One project", "The other", "Comparisons"),
        tuple((titles[a], titles[b], str(number)) for (a, b), number in pairs),
        (1,),
    )
    title = "Who was compared with whom by people"
    if not drawn.edges:
        text += " There are no comparisons to draw; ratings connect the projects that one person rated."
        return Figure("chart-coverage", title, text, {}, table)
    place = {row.id: row.place for row in rows}
    ids = round_.portfolio.ids
    leave_out = drawn.silent if len(ids) > 30 else ()
    spots = circle(drawn, leave_out)
    at = {i: (x, y) for i, x, y in spots}
    text = f"A line joins two projects that people compared; the thicker, the more often. {text}"

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        named, few = size is WIDE, len(spots) <= 30
        # The circle's radius leaves room for the labels: beside it, or all around when they point outwards.
        wide = 700 if named else 310
        radius = (wide / 2 - 170) if named else wide / 2 - 24
        high = 2 * radius + 60 if few or not named else wide
        across, along = wide / 2 / radius, high / 2 / radius
        x = alt.X("x:Q", scale=alt.Scale(domain=[-across, across], nice=False), axis=None)
        y = alt.Y("y:Q", scale=alt.Scale(domain=[-along, along], nice=False), axis=None)
        lines = [
            {"x": at[a][0], "y": at[a][1], "x2": at[b][0], "y2": at[b][1], "n": n} for (a, b), n in drawn.edges.items()
        ]
        most = max(drawn.edges.values())
        dense = len(drawn.edges) > 150
        thickest = (2 if dense else 6) if named else (1.2 if dense else 4)
        width = alt.StrokeWidth("n:Q", scale=alt.Scale(domain=[0, most], range=[0, thickest]), legend=None)
        web = (
            alt.Chart(alt.InlineData(values=lines))
            .mark_rule(stroke="#3f5871", opacity=0.45 if dense else 0.6, strokeCap="round")
            .encode(x=x, y=y, x2="x2:Q", y2="y2:Q", strokeWidth=width)
        )
        font = 11 if few else (10 if len(spots) <= 60 else 9) if named else 9 if len(spots) <= 60 else 7
        nodes = [{"x": px, "y": py} for _, px, py in spots]
        dots = (
            alt.Chart(alt.InlineData(values=nodes))
            .mark_circle(color=COLOURS["accelerate"], opacity=1, size=80 if few else 30)
            .encode(x=x, y=y)
        )
        layers = [web, dots]
        out = 1 + 10 / radius
        # Labels stand upright beside few projects; beside many they point outwards like spokes.
        for right in (True, False):
            some = []
            for k, (i, px, py) in enumerate(spots):
                if (px >= -1e-9) != right:
                    continue
                turn = 360 * k / len(spots) - (90 if right else 270)
                label = clip(titles[i], 26) if named else str(place[ids[i]])
                some.append({"x": px * out, "y": py * out, "label": label, "turn": 0 if few else turn})
            if some:
                layers.append(
                    alt.Chart(alt.InlineData(values=some))
                    .mark_text(align="left" if right else "right", baseline="middle", fontSize=font)
                    .encode(x=x, y=y, text="label:N", angle=alt.Angle("turn:Q", scale=None))
                )
        return alt.layer(*layers).properties(width=wide, height=high)

    if leave_out:
        text += " Projects that nobody judged are left out of the drawing; their evidence in the award table is 0."
    text += " On narrow screens a project's number is its row in the award table."
    label = f"Graph of {count(drawn.comparisons, 'comparison')} between {count(len(titles), 'project')}. {text}"
    return Figure("chart-coverage", title, text, draw("chart-coverage", label, chart, (WIDE, NARROW)), table)


def skill_figure(decision: Decision) -> Figure:
    """What each voice of models contributes to each criterion: coefficient, share of the explained prior, gain."""
    rules = decision.round.rules.models
    entries = [
        (criterion.id, voice)
        for criterion in decision.round.criteria
        if criterion.id in decision.beliefs
        for voice in decision.beliefs[criterion.id].voices
    ]
    table = Table(
        "Skill and weight of models",
        ("Voice", "Criterion", "Models", "Coefficient", "Share of the explained prior", "Gain per held-out answer"),
        tuple(
            (
                voice.voice,
                criterion,
                ", ".join(voice.models),
                f"{voice.coefficient:.2f}",
                percent(voice.share),
                f"{voice.gain:+.3f}",
            )
            for criterion, voice in entries
        ),
        (1, 2),
    )
    title = "What models contribute, and whether they earned it"
    if not entries:
        text = "No model's answers entered this decision: it rests on people alone."
        return Figure("chart-skill", title, text, {}, table)
    loud = [voice.voice for _, voice in entries if voice.share > rules.family_alarm]
    useless = [voice.voice for _, voice in entries if voice.gain <= 0]
    text = (
        "Models only shape the starting point. The gain says how much better a voice alone predicts answers of people"
        " that it could not have seen; above zero is better than no model. "
    )
    text += (
        f"Above the alarm at {percent(rules.family_alarm)} of the explained prior: {join(dict.fromkeys(loud))}. "
        if loud
        else f"No voice is above the alarm at {percent(rules.family_alarm)} of the explained prior. "
    )
    if useless:
        text += f"No better than no model: {join(dict.fromkeys(useless))}."
    many = len({criterion for criterion, _ in entries}) > 1

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        values = []
        for criterion, voice in entries:
            name = clip(voice.voice, 18 if size is WIDE else 14)
            label = f"{criterion}: {name}" if many else name
            values.append({"label": label, "coefficient": voice.coefficient, "share": voice.share, "gain": voice.gain})
        names = [str(value["label"]) for value in values]
        data = alt.InlineData(values=values)
        room = label_room(names, 12)
        plot = (size.width - room - 60) / 3 if size is WIDE else size.width - room - 20

        def panel(field: str, heading: str, first: bool, percentage: bool, cuts: Sequence[float]) -> Any:  # noqa: ANN401
            shown = first or size is NARROW
            extent = room if shown else 0
            y = alt.Y(
                "label:N",
                sort=names,
                title=None,
                axis=alt.Axis(labels=shown, grid=True, minExtent=extent, maxExtent=extent),
            )
            axis = alt.Axis(title=heading, orient="top", tickCount=3)
            if percentage:
                axis.labelExpr = "format(datum.value * 100, '~g') + ' %'"
            x = alt.X(f"{field}:Q", axis=axis, scale=alt.Scale(zero=True))
            marks = alt.Chart(data).mark_point(filled=True, size=90, opacity=1, color=COLOURS["accelerate"])
            stems = alt.Chart(data).mark_rule(strokeWidth=3, color=COLOURS["accelerate"], opacity=0.6)
            rules_ = alt.Chart(alt.InlineData(values=[{"cut": cut} for cut in cuts]))
            return alt.layer(
                rules_.mark_rule(stroke=INK, strokeDash=[5, 4]).encode(x="cut:Q"),
                stems.encode(y=y, x=x, x2=alt.datum(0)),
                marks.encode(y=y, x=x),
            ).properties(width=math.floor(plot), height=alt.Step(26))

        panels = [
            panel("gain", "held-out gain", True, False, (0.0,)),
            panel("coefficient", "coefficient", False, False, (0.0,)),
            panel("share", "share (lines: alarm, cap)", False, True, (rules.family_alarm, rules.family_cap)),
        ]
        return alt.hconcat(*panels) if size is WIDE else alt.vconcat(*panels)

    label = f"Skill of models, {count(len(entries), 'voice')}. {text}"
    return Figure("chart-skill", title, text, draw("chart-skill", label, chart, (WIDE, NARROW)), table)
