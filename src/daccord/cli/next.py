"""`daccord next`: what to ask a juror next, and whether the round may stop asking."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from daccord.cli._common import json_option, progress, write_json

if TYPE_CHECKING:
    from daccord.asking import Agenda, Prospect, Stop
    from daccord.round import Round

__all__ = ["next_"]

SCHEMA: Final = "daccord/next/1"
_WIDTH: Final = 100


@click.command("next")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--juror", metavar="ID", help="Whom to ask; a person in judges.csv. Needed unless --check is given.")
@click.option("--count", type=click.IntRange(1, 1000), default=5, show_default=True, help="Number of questions.")
@click.option("--criterion", metavar="ID", help="What to ask about.  [default: where an answer has the largest effect]")
@click.option(
    "--form",
    type=click.Choice(["comparison", "rating"]),
    help="Compare two projects or rate one.  [default: as people were asked so far]",
)
@click.option(
    "--stop-at",
    type=click.FloatRange(0, 100),
    default=10.0,
    show_default=True,
    metavar="PERCENT",
    help="Stop rule: how much of the pot may move at 90 %.",
)
@click.option(
    "--check", "only_check", is_flag=True, help="Only say whether to go on asking: 0 if so, 1 if it may stop."
)
@json_option
@click.pass_context
def next_(
    ctx: click.Context,
    *,
    folder: Path,
    juror: str | None,
    count: int,
    criterion: str | None,
    form: str | None,
    stop_at: float,
    only_check: bool,
    as_json: bool,
) -> None:
    """Propose what to ask a juror next in the round in DIR.

    Questions are those whose answers are expected to make the awards surest, after every project has had the evidence
    that the round's rules demand. Chance, from the round's seed, decides between questions that are nearly as good and
    who stands first; the same files give the same questions. Projects that the juror has a declared tie to are never
    asked, and no question is asked twice.

    The stop rule: the round may stop asking when at most --stop-at per cent of the pot would move at 90 % probability
    if the truth were known, and no project lacks evidence. With --check the exit code is 0 as long as there is more to
    ask and 1 when the round may stop. Models are not asked (exit code 1); an unknown id is bad input (2).
    """
    if juror is None and not only_check:
        raise click.UsageError("name a juror with --juror, or ask with --check whether to go on.")
    from daccord.asking import criteria_of, juror_of, propose, stop_rule  # noqa: PLC0415 - numpy and the fit load only when they are needed
    from daccord.formats import load_round  # noqa: PLC0415

    with progress(f"reading {folder}") as tell:
        round_ = load_round(folder)
        if juror is not None:  # told before the fit, which takes a while
            juror_of(round_, juror)
            criteria_of(round_, criterion, form)  # type: ignore[arg-type]
        tell("fusing what people said so far")
        view = _prospect(round_)
        tell("weighing questions")
        stop = stop_rule(view, stop_at / 100)
        agenda = None
        if juror is not None and not (only_check and stop.may_stop):
            agenda = propose(view, juror, count=count, criterion=criterion, form=form)  # type: ignore[arg-type]
    if as_json:
        write_json(_document(round_, stop, agenda if not only_check else None))
    else:
        if round_.simulated:
            click.echo("SIMULATED ROUND: projects or judgments are invented\n")
        if agenda is not None and not only_check:
            _print_agenda(round_, agenda)
        _print_stop(round_, stop)
    if only_check and stop.may_stop:
        ctx.exit(1)


def _prospect(round_: Round) -> Prospect:
    """The round as it stands; where nobody has answered yet, nothing is believed and questions are dealt out."""
    from daccord.asking import prospect  # noqa: PLC0415 - as above
    from daccord.errors import NoPeopleError  # noqa: PLC0415
    from daccord.fusion import fuse  # noqa: PLC0415

    try:
        beliefs = fuse(round_)
    except NoPeopleError:
        beliefs = {}
    return prospect(round_, beliefs)


def _document(round_: Round, stop: Stop, agenda: Agenda | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "round": round_.name,
        "simulated": round_.simulated,
        "stop": {**asdict(stop), "lacking": list(stop.lacking), "may_stop": stop.may_stop},
        "digests": dict(round_.digests),
    }
    if agenda is None:
        return document
    titles = {project.id: project.title for project in round_.portfolio}
    return document | {
        "juror": agenda.juror,
        "criterion": agenda.criterion.id,
        "question": agenda.criterion.question,
        "form": agenda.form,
        "answered": dict(agenda.answered),
        "considered": dict(agenda.considered),
        "draw": {"seed": round_.seed, "key": f"{agenda.key:016x}"},
        "questions": [
            {
                **asdict(question),
                "left_title": titles[question.left],
                "right_title": titles.get(question.right or ""),
            }
            for question in agenda.questions
        ],
    }


def _say(text: str, indent: str = "", first: str = "") -> None:
    # A number and its per cent sign stay on one line.
    kept = text.replace(" %", "\N{NO-BREAK SPACE}%")
    lines = textwrap.fill(kept, _WIDTH, initial_indent=first or indent, subsequent_indent=indent)
    click.echo(lines.replace("\N{NO-BREAK SPACE}", " "))


def _print_agenda(round_: Round, agenda: Agenda) -> None:
    """The questions as a juror reads them."""
    here, everywhere = agenda.answered.get(agenda.criterion.id, 0), sum(agenda.answered.values())
    answers = f"{everywhere:,} answer{'' if everywhere == 1 else 's'} so far"
    _say(
        f"{agenda.juror}: {answers}, {here:,} of them on {agenda.criterion.id}"
        if everywhere
        else f"{agenda.juror}: no answer yet"
    )
    click.echo()
    _say(agenda.criterion.question)
    scale = agenda.criterion.scale
    if agenda.form == "rating" and scale is not None:
        sure = f"{scale.interval:.0%}".replace("%", " %")
        _say(
            f"Rate each project from {scale.low:g} to {scale.high:g}; if you like, add an interval that holds the "
            f"right value with {sure} probability."
        )
    else:
        _say(
            "Which of the two, and if you can say, how many times as much? A tie is an answer; you may also leave a "
            "question open."
        )
    digits = len(str(len(agenda.questions)))
    for number, question in enumerate(agenda.questions, 1):
        click.echo()
        margin = " " * (digits + 3)
        for position, identifier in enumerate((question.left, question.right)):
            if identifier is None:
                continue
            title = round_.portfolio[identifier].title
            name = f"{title} ({identifier})" if title != identifier else title
            head = f"{number:>{digits}}.  " if position == 0 else margin
            _say(name if position == 0 else f"or {name}", margin, head)
        _say(f"{question.text}", f"{margin}  ", f"{margin}– ")
    click.echo()


def _print_stop(round_: Round, stop: Stop) -> None:
    """What stopping now would cost, and whether the rule allows it."""
    if stop.at_90 is None or stop.expected is None:
        _say(
            "Nobody can say yet how much of the pot would move: no person has judged benefit, or the money rule does "
            "not follow from values."
        )
    else:
        _say(
            f"If the truth were known, {100 * stop.expected:.1f} % of the pot would be expected to move, and with 90 % "
            f"probability at most {100 * stop.at_90:.1f} % ({stop.truths:,} draws). The stop rule allows "
            f"{100 * stop.limit:g} %."
        )
    if stop.lacking:
        count, size = len(stop.lacking), len(round_.portfolio)
        _say(
            f"{count:,} of {size:,} projects still lack{'s' if count == 1 else ''} answers that the round's rules "
            "demand."
        )
    click.echo("The round may stop asking." if stop.may_stop else "Go on asking.")
