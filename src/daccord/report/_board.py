"""The verdict board: probability of benefit above the bar against the published level of harm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from daccord.allocation import LABELS
from daccord.fusion import MICRO, CriterionScore
from daccord.pipeline import Decision
from daccord.report._charts import PERCENT_AXIS, legend_of, verdict_scales
from daccord.report._explain import bar_words, harm_words
from daccord.report._figures import INK, NARROW, PAPER, WIDE, Figure, Size, Table, altair, draw
from daccord.report._rows import Row
from daccord.report._words import clip, count, join, percent, probability, unique_labels

__all__ = ["board_figure"]


def _place_labels(values: list[dict[str, Any]], width: float, height: float, spare: float) -> list[dict[str, Any]]:
    """Put a label beside each point where it hides no other point or label; drop it where no place is left.

    Eight places are tried around the point, larger awards first, and shorter labels if the long one finds no room. A
    line is 13 pixels high, a letter 6.6 wide. To the right, labels may stand out over the frame by `spare` pixels.
    """
    boxes = [(v["px"] - 7, v["py"] - 7, v["px"] + 7, v["py"] + 7) for v in values]
    placed: list[dict[str, Any]] = []
    places = (
        (10, 0, "left"), (-10, 0, "right"), (0, -15, "center"), (0, 15, "center"),
        (8, -13, "left"), (8, 13, "left"), (-8, -13, "right"), (-8, 13, "right"),
    )  # fmt: skip
    for number, v in enumerate(values):
        tries = [(label, place) for label in (v["label"], v["short"], v["number"]) for place in places]
        for label, (dx, dy, align) in tries:
            wide = 6.6 * len(label)
            x, y = v["px"] + dx, v["py"] + dy
            left = x if align == "left" else x - wide if align == "right" else x - wide / 2
            box = (left, y - 7, left + wide, y + 7)
            free = all(
                box[2] < b[0] or box[0] > b[2] or box[3] < b[1] or box[1] > b[3]
                for k, b in enumerate(boxes)
                if k != number
            )
            if free and left >= 0 and box[2] <= width + spare and 0 <= y <= height:
                boxes.append(box)
                placed.append({"label": label, "x": x / width, "y": 1 - y / height, "align": align})
                break
    return placed


def board_figure(decision: Decision, rows: Sequence[Row]) -> Figure:
    """The verdict board: probability that benefit is above the bar against probability that harm is above the limit."""
    round_ = decision.round
    rules = round_.rules.verdicts
    title = "The verdict board"
    known: list[tuple[Row, int, CriterionScore | None]] = []
    for row in rows:
        criteria = decision.scores[row.id].criteria
        benefit, harm = criteria.get("benefit"), criteria.get("harm")
        if benefit is not None and benefit.above is not None:
            known.append((row, benefit.above, harm))
    both = all(harm is not None for _, _, harm in known)
    table = Table(
        "Probabilities behind the verdicts",
        ("Project", "Benefit above the bar", "Harm above the limit", "Verdict"),
        tuple(
            (
                row.title,
                probability(b, rules.accelerate),
                "not asked" if h is None else harm_words(h),
                LABELS[row.label],
            )
            for row, b, h in known
        ),
        (3,),
    )
    if not known:
        text = (
            "No probability of benefit being above a bar is known: either no bar is set, or the fusion rule cannot "
            "place it."
        )
        return Figure("chart-board", title, text, {}, table)
    tally = join(f"{n} {LABELS[label]}" for label in LABELS if (n := sum(row.label == label for row, _, _ in known)))
    asked_benefit, asked_harm = round_.criterion("benefit"), round_.criterion("harm")
    bar = bar_words(asked_benefit) if asked_benefit else ""
    text = (
        f"Further right: surer that benefit is above the bar of {bar}; the upright line stands at"
        f" {percent(rules.accelerate)}."
    )
    if both and asked_harm is not None:
        text += (
            f" Further up: a higher level of the probability that harm is above the limit of {bar_words(asked_harm)};"
            f" the level lines stand at {percent(rules.safeguards)} (safeguards) and {percent(rules.hold)} (hold)."
            " Only levels are published, so every project stands in the middle of its own; without a level it is not"
            " drawn."
        )
    text += f" Verdicts: {tally}. Where a name finds no room, a project's number is its row in the award table."

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        side, spare = (500, 150) if size is WIDE else (size.width - 80, 14)
        height = (340 if size is WIDE else 300) if both else 40 + 6 * len(known)
        short = [str(row.place) for row, _, _ in known]
        if size is WIDE and len(known) <= 30:
            short = unique_labels([row.title for row, _, _ in known], 28)
        values = []
        for k, ((row, b, h), label) in enumerate(zip(known, short, strict=True)):
            y = 1 - (k + 0.5) / len(known)
            if both and h is not None:
                if h.above is None or h.at_most is None or h.level == "too_few":
                    continue
                y = (h.above + h.at_most) / 2 / MICRO
            values.append(
                {
                    "x": b / MICRO,
                    "y": y,
                    "label": label,
                    "short": clip(label, 16),
                    "number": str(row.place),
                    "verdict": LABELS[row.label],
                    "px": b / MICRO * side,
                    "py": (1 - y) * height,
                }
            )
        x = alt.X(
            "x:Q",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(
                labelExpr=PERCENT_AXIS,
                title="probability that benefit is above the bar",
                tickCount=5 if size is WIDE else 2,
            ),
        )
        y_axis = alt.Axis(labelExpr=PERCENT_AXIS, title="probability that harm is above the limit", tickCount=5)
        y = alt.Y("y:Q", scale=alt.Scale(domain=[0, 1]), axis=y_axis if both else None)
        scales = verdict_scales(alt)
        data = alt.InlineData(values=values)
        lines = [
            alt.Chart(alt.InlineData(values=[{"x": rules.accelerate}]))
            .mark_rule(stroke=INK, strokeDash=[5, 4])
            .encode(x=x)
        ]
        if both:
            lines.append(
                alt.Chart(alt.InlineData(values=[{"y": rules.safeguards}, {"y": rules.hold}]))
                .mark_rule(stroke=INK, strokeDash=[5, 4])
                .encode(y=y)
            )
        layers = [*lines, alt.Chart(data).mark_point(filled=True, size=90, opacity=1).encode(x=x, y=y, **scales)]
        labelled = _place_labels(values, side, height, spare)
        for align in ("left", "right", "center"):
            some = [value for value in labelled if value["align"] == align]
            if some:
                named = alt.Chart(alt.InlineData(values=some)).encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text="label:N")
                layers += [
                    named.mark_text(align=align, fontSize=11, stroke=PAPER, strokeWidth=3, strokeJoin="round"),
                    named.mark_text(align=align, fontSize=11),
                ]
        return alt.layer(*layers).properties(width=side, height=height)

    label = f"Verdict board, {count(len(known), 'project')}. {text}"
    return Figure(
        "chart-board",
        title,
        text,
        draw("chart-board", label, chart, (WIDE, NARROW)),
        table,
        legend_of([row for row, _, _ in known]),
    )
