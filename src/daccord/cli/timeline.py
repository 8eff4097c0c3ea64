"""`daccord timeline`: when gates open, money is released and holds expire."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daccord.cli._common import json_option, progress, write_json

if TYPE_CHECKING:
    from daccord.allocation import Release, Timeline
    from daccord.pipeline import Decision

__all__ = ["timeline"]

_WIDTH = 100

_WORDS = {"matures": "matures", "opens": "gate opens", "released": "released", "due": "due", "expires": "hold expires"}


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--events",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file: project, maturity, and day (or date), perhaps day_low and day_high. Without it nothing matures.",
)
@click.option("--on", metavar="DATE", help="Day of the decision, such as 2026-12-01, from which days count.")
@json_option
def timeline(folder: Path, events: Path | None, on: str | None, *, as_json: bool) -> None:
    """Simulate the round in DIR: what matures when, which gates open, which money is released, which holds expire.

    Money that waits for a gate is never released before it; what is released and what still waits are the awards, to
    the last unit. Days count from the award.
    """
    from daccord.allocation import timeline as simulate  # noqa: PLC0415 - numpy loads only when a round is decided
    from daccord.formats import load_round  # noqa: PLC0415 - as above
    from daccord.formats.events import read_events  # noqa: PLC0415 - as above
    from daccord.formats.holds import on_day  # noqa: PLC0415 - as above
    from daccord.pipeline import decide  # noqa: PLC0415 - as above

    with progress("deciding the round"):
        round_ = load_round(folder)
        if on is not None:
            round_ = on_day(round_, on)
        dated = () if events is None else read_events(events, round_)
        decision = decide(round_)
        course = simulate(round_.portfolio, decision.allocation, round_.rules, dated)
    if as_json:
        write_json(
            {
                "schema": "daccord/timeline/1",
                "round": round_.name,
                "simulated": round_.simulated,
                "decided_on": round_.rules.decided_on,
                "events": [asdict(event) for event in dated],
                **asdict(course),
            }
        )
        return
    _print(decision, course)


def _print(decision: Decision, course: Timeline) -> None:
    from daccord.cli._table import SIMULATED  # noqa: PLC0415 - as above

    round_ = decision.round
    money = round_.budget.currency.format
    start = round_.rules.decided_on
    if round_.simulated:
        click.echo(SIMULATED)
    click.echo(f"{round_.name}: a simulation from {start or 'day 0, the day of the award'} on\n")

    def when(day: int | None) -> str:
        if day is None:
            return "never"
        return (date.fromisoformat(start) + timedelta(days=day)).isoformat() if start else str(day)

    shown = [entry for entry in course.entries if not (entry.day == 0 and entry.kind == "released")]
    at_once = sum(entry.amount for entry in course.entries if entry.day == 0 and entry.kind == "released")
    rows = [(when(0), "released", f"all that waits for nothing, {money(at_once)}")] if at_once else []
    for entry in shown:
        amount = f"{money(entry.amount)} " if entry.amount else ""
        rows.append((when(entry.day), _WORDS[entry.kind], f"{amount}{entry.text}"))
    for day, what, text in rows:
        head = f"{day:<10}  {what:<12}  "
        click.echo(textwrap.fill(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head)))
    for release in course.releases:
        click.echo()
        _print_release(decision, release, when(release.day), when(release.early), when(release.late))
    click.echo()
    click.echo(f"released     {money(course.released)}")
    click.echo(f"waiting      {money(course.waiting)}")


def _print_release(decision: Decision, release: Release, day: str, early: str, late: str) -> None:
    round_ = decision.round
    money = round_.budget.currency.format
    for name in release.substitutes:
        click.echo(f"{round_.portfolio[name].title} can take its place and waits for nothing:")
    title = round_.portfolio[release.project].title
    if release.day is None:
        click.echo(f"{title}: {money(release.amount)} waits until {' and '.join(release.closed)}")
    else:
        spread = "" if early == late else f", and between {early} and {late} as events come early or late"
        click.echo(f"{title}: {money(release.amount)} is released on {day}{spread}")
