"""`daccord story`: one paragraph a project, with what would change it."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.errors import InputError

if TYPE_CHECKING:
    from daccord.allocation.stories import Story
    from daccord.pipeline import Decision
    from daccord.report import MorePeople

__all__ = ["story"]

_WIDTH = 100


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("project", required=False)
@click.option(
    "--answers",
    is_flag=True,
    help="Also find how many more people, with which answers, would change the verdict of PROJECT; the round is "
    "decided again several times.",
)
@json_option
def story(folder: Path, project: str | None, *, answers: bool, as_json: bool) -> None:
    """Tell why each project of the round in DIR gets what it gets, in one paragraph; or only PROJECT's.

    Every number is published or computed again. "It would become …" is the smallest single change of a published
    quantity that changes the verdict, found by search and confirmed by deciding the round again with it; "would move
    its money most" is the largest effect of one quantity that moves by one standard deviation.
    """
    from daccord.formats import load_round  # noqa: PLC0415 - numpy and the fit load only when a round is decided
    from daccord.pipeline import decide  # noqa: PLC0415 - as above
    from daccord.report import more_people, tell_story  # noqa: PLC0415 - as above

    if answers and project is None:
        raise InputError.single("--answers", "it is asked for one project at a time", remedy="name a project")
    with progress("deciding the round") as update:
        decision = decide(load_round(folder))
        update("deciding again for each question")
        names = decision.round.portfolio.ids if project is None else (project,)
        stories = [tell_story(decision, name) for name in names]
        people = more_people(decision, names[0], tell=update) if answers else None
    if as_json:
        write_json(_document(decision, stories, people))
        return
    if decision.round.simulated:
        click.echo("SIMULATED: judgments or projects of this round are invented.\n")
    for i, told in enumerate(stories):
        if i:
            click.echo()
        # A number and its per cent sign stay on one line.
        kept = told.text.replace(" %", "\N{NO-BREAK SPACE}%")
        click.echo(textwrap.fill(kept, _WIDTH).replace("\N{NO-BREAK SPACE}", " "))
    if answers:
        said = "More answers on its benefit cannot change this verdict." if people is None else people.text
        click.echo("\n" + textwrap.fill(said, _WIDTH))


def _document(decision: Decision, stories: list[Story], people: MorePeople | None) -> dict[str, Any]:
    return {
        "schema": "daccord/stories/1",
        "round": decision.round.name,
        "simulated": decision.round.simulated,
        "stories": [
            {
                "project": told.project,
                "title": told.title,
                "text": told.text,
                "would_change": [
                    {
                        "code": one.code,
                        "label": one.label_after,
                        "to": one.to,
                        "size": one.size,
                        "condition": one.condition,
                        "award": amount,
                    }
                    for one, amount in zip(told.changes, told.amounts, strict=True)
                ],
                "nothing_changes": told.nothing_changes,
                "moves": [asdict(move) for move in told.moves],
            }
            for told in stories
        ],
        "more_people": None if people is None else asdict(people),
    }
