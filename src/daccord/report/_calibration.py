"""The calibration page: do intervals and win probabilities hold what they say, one section a criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from daccord.fusion import CalibrationReport, FavouriteBin, IntervalLevel, Losses
from daccord.report._build import environment
from daccord.report._figures import COLOURS, INK, NARROW, WIDE, Figure, Size, Table, altair, draw
from daccord.report._words import count, join

__all__ = ["build_calibration", "calibration_words"]

_BLUE: Final = COLOURS["accelerate"]
_ORANGE: Final = COLOURS["hold"]
_ERRORS: Final = 2.0
"""Standard errors that a bar shows to either side, and within which a figure counts as right."""
_WIDENED: Final = 1.005
"""Widening from which on it is worth a mark of its own."""
_PERCENT: Final = "format(datum.value * 100, '~g') + ' %'"


@dataclass(frozen=True)
class Section:
    """One criterion on the page."""

    criterion: str
    question: str
    words: tuple[str, ...]
    figures: tuple[Figure, ...]
    losses: Table | None


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"


def _either_side(fraction: float) -> str:
    return f"± {100 * _ERRORS * fraction:.1f}"


def _verdict(level: IntervalLevel) -> str:
    """Whether intervals of one nominal probability are honest, in words."""
    gap = level.held - level.nominal
    if abs(gap) <= _ERRORS * level.error:
        return "which agrees with what they say, within two standard errors"
    return "so they are too narrow" if gap < 0 else "so they are wider than they need to be"


def calibration_words(report: CalibrationReport) -> tuple[str, ...]:
    """What a calibration report says, in a few sentences for people."""
    if report.grouped_by == "juror":
        unit, whole = count(report.groups, "juror"), "whole jurors together"
    else:
        unit = count(report.groups, "pair of projects", "pairs of projects")
        whole = "whole pairs together, because jurors are not told apart"
    first = f"Answers of {unit} were each foreseen by {report.rule} from other answers alone, in "
    words = [first + f"{count(report.folds, 'part')}, {whole}."]
    level = report.usual
    if level is not None:
        kinds = join(f"{_percent(entry.held)} of {entry.answers:,} {entry.kind}" for entry in report.kinds)
        split = f" ({kinds})" if len(report.kinds) > 1 else ""
        words.append(
            f"80 % intervals held {_percent(level.held)} ({_either_side(level.error)} points) of {report.graded:,} "
            f"held-out answers{split}, {_verdict(level)}."
        )
        if report.widening > _WIDENED:
            words.append(
                f"That is after {report.rule} had widened all standard deviations by {report.widening:.2f}; before, "
                f"they held {_percent(level.held_before)}."
            )
    if report.losses is not None:
        words.append(
            f"Of {report.decided:,} answers that put one of two ahead, the chance that was given to the favourite is "
            f"off by {100 * report.losses.calibration_error:.1f} points on average over the bins below; Brier score "
            f"{report.losses.brier:.3f} (a coin: 0.250), log loss {report.losses.log_loss:.3f} (a coin: 0.693)."
        )
    return tuple(words)


def _diagonal(alt: Any, low: float) -> Any:  # noqa: ANN401
    """From (low, low) to (1, 1)."""
    ends = alt.InlineData(values=[{"x": low, "y": low}, {"x": 1.0, "y": 1.0}])
    return alt.Chart(ends).mark_line(stroke=INK, strokeDash=[5, 4], strokeWidth=1).encode(x="x:Q", y="y:Q")


def _square(size: Size, layers: Sequence[Any], alt: Any) -> Any:  # noqa: ANN401
    side = 400 if size is WIDE else size.width - 60
    return alt.layer(*layers).properties(width=side, height=side)


def intervals_figure(report: CalibrationReport) -> Figure:
    """Nominal probability of an interval against the share of held-out answers it held."""
    identifier = f"chart-intervals-{report.criterion}"
    widened = report.widening > _WIDENED
    title = "Do intervals hold what they say?"
    table = Table(
        f"Intervals of {report.rule} on {report.criterion}: held-out ratios and ratings",
        ("Nominal", "Held", "Two standard errors", "Held before widening"),
        tuple(
            (
                f"{100 * level.nominal:.0f} %",
                _percent(level.held),
                _either_side(level.error),
                _percent(level.held_before),
            )
            for level in report.levels
        ),
    )
    if not report.levels:
        text = "No held-out answer is a ratio or a rating that this rule reads, so there is no interval to check."
        return Figure(identifier, title, text, {}, table)
    worst = max(report.levels, key=lambda level: abs(level.held - level.nominal))
    text = (
        "On the dashed line an interval holds exactly its nominal share; below it intervals are too narrow. Bars reach "
        f"two standard errors to either side, with {'jurors' if report.grouped_by == 'juror' else 'pairs'} as the "
        f"unit. The largest gap is at {100 * worst.nominal:.0f} %, where {_percent(worst.held)} were held."
    )
    if widened:
        text += f" Hollow marks: before all standard deviations were widened by {report.widening:.2f}."

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        values = [
            {
                "nominal": level.nominal,
                "held": level.held,
                "low": max(level.held - _ERRORS * level.error, 0.0),
                "high": min(level.held + _ERRORS * level.error, 1.0),
                "before": level.held_before,
            }
            for level in report.levels
        ]
        base = alt.Chart(alt.InlineData(values=values))
        scale = alt.Scale(domain=[0, 1], nice=False)
        ticks = 5 if size is WIDE else 3
        x = alt.X("nominal:Q", scale=scale, axis=alt.Axis(title="nominal", labelExpr=_PERCENT, tickCount=ticks))
        y = alt.Y("held:Q", scale=scale, axis=alt.Axis(title="share held", labelExpr=_PERCENT, tickCount=ticks))
        layers = [_diagonal(alt, 0.0), base.mark_line(stroke=_BLUE, strokeWidth=1.5).encode(x=x, y=y)]
        layers.append(base.mark_rule(stroke=_BLUE, strokeWidth=3, opacity=0.5).encode(x=x, y="low:Q", y2="high:Q"))
        if widened:
            hollow = base.mark_point(filled=False, size=70, stroke=_ORANGE, strokeWidth=1.5, opacity=1)
            layers.append(hollow.encode(x=x, y="before:Q"))
        layers.append(base.mark_point(filled=True, size=70, color=_BLUE, opacity=1).encode(x=x, y=y))
        return _square(size, layers, alt)

    label = f"Reliability of intervals on {report.criterion}. {text}"
    return Figure(identifier, title, text, draw(identifier, label, chart, (WIDE, NARROW)), table)


def favourites_figure(report: CalibrationReport) -> Figure:
    """Foreseen chance of the favourite against how often it was put ahead."""
    identifier = f"chart-favourites-{report.criterion}"
    title = "Are favourites ahead as often as foreseen?"
    table = Table(
        f"Favourites of {report.rule} on {report.criterion}: held-out answers that put one of two ahead",
        ("Chance", "Answers", "Mean chance", "Ahead", "Two standard errors"),
        tuple(
            (
                f"{100 * one.low:.0f} to {100 * one.high:.0f} %",
                f"{one.answers:,}",
                _percent(one.foreseen),
                _percent(one.ahead),
                _either_side(one.error),
            )
            for one in report.bins
        ),
    )
    if not report.bins:
        text = "No held-out answer puts one of two projects ahead, so there is no favourite to check."
        return Figure(identifier, title, text, {}, table)
    text = (
        "Answers are sorted by the chance that was given to the favourite. On the dashed line favourites are put ahead "
        "as often as foreseen; below it the rule is too sure. The larger a mark, the more answers. "
        + _surest(report.bins[-1])
    )

    def chart(size: Size) -> Any:  # noqa: ANN401
        alt = altair()
        values = [
            {
                "foreseen": one.foreseen,
                "ahead": one.ahead,
                "low": max(one.ahead - _ERRORS * one.error, 0.0),
                "high": min(one.ahead + _ERRORS * one.error, 1.0),
                "answers": one.answers,
            }
            for one in report.bins
        ]
        base = alt.Chart(alt.InlineData(values=values))
        floor = min(0.4, *(0.1 * int(10 * value["low"]) for value in values))
        ticks = 5 if size is WIDE else 3
        across, up = alt.Scale(domain=[0.5, 1], nice=False), alt.Scale(domain=[floor, 1], nice=False, zero=False)
        x = alt.X(
            "foreseen:Q",
            scale=across,
            axis=alt.Axis(title="chance of the favourite", labelExpr=_PERCENT, tickCount=ticks),
        )
        y = alt.Y("ahead:Q", scale=up, axis=alt.Axis(title="put ahead", labelExpr=_PERCENT, tickCount=6))
        bars = base.mark_rule(stroke=_BLUE, strokeWidth=3, opacity=0.5).encode(
            x=x, y=alt.Y("low:Q", scale=up, title="put ahead"), y2="high:Q"
        )
        area = alt.Size("answers:Q", scale=alt.Scale(domain=[0, report.decided], range=[40, 500]), legend=None)
        marks = base.mark_point(filled=True, color=_BLUE, opacity=1).encode(x=x, y=y, size=area)
        return _square(size, [_diagonal(alt, 0.5), bars, marks], alt)

    label = f"Reliability of win probabilities on {report.criterion}. {text}"
    return Figure(identifier, title, text, draw(identifier, label, chart, (WIDE, NARROW)), table)


def _surest(one: FavouriteBin) -> str:
    return (
        f"Where the favourite's chance was {100 * one.low:.0f} to {100 * one.high:.0f} %, it was put ahead in "
        f"{_percent(one.ahead)} of {count(one.answers, 'answer')}; {_percent(one.foreseen)} were foreseen."
    )


def _losses(report: CalibrationReport) -> Table | None:
    if report.losses is None or report.losses_before is None:
        return None

    def cells(name: str, losses: Losses) -> tuple[str, ...]:
        return (name, f"{losses.brier:.4f}", f"{losses.log_loss:.4f}", f"{100 * losses.calibration_error:.1f}")

    widened = report.widening > _WIDENED
    rows = [cells("after widening" if widened else "as foreseen", report.losses)]
    if widened:
        rows.append(cells("before widening", report.losses_before))
    rows.append(("a coin", "0.2500", "0.6931", "–"))
    head = ("Win probabilities", "Brier score", "Log loss", "Calibration error, points")
    return Table("Lower is better", head, tuple(rows))


def build_calibration(
    name: str,
    reports: Mapping[str, CalibrationReport],
    *,
    questions: Mapping[str, str],
    skipped: Mapping[str, str],
    simulated: bool,
) -> str:
    """The calibration of a round as one self-contained HTML page without scripts.

    Args:
        name: Of the round.
        reports: Criterion id → report, in the order of the page.
        questions: Criterion id → what judges were asked.
        skipped: Criterion id → why nothing could be checked.
        simulated: Whether the round is invented; then the page says so first of all.
    """
    sections = tuple(
        Section(
            criterion=criterion,
            question=questions.get(criterion, ""),
            words=calibration_words(report),
            figures=(intervals_figure(report), favourites_figure(report)),
            losses=_losses(report),
        )
        for criterion, report in reports.items()
    )
    style = (resources.files("daccord.report") / "templates" / "report.css").read_text(encoding="utf-8")
    template = environment("").get_template("calibration.html")
    return template.render(
        name=name,
        rules=join(dict.fromkeys(report.rule for report in reports.values())),
        simulated=simulated,
        style=style,
        sections=sections,
        skipped=sorted(skipped.items()),
    )
