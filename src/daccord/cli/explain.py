"""`daccord explain`: why a project gets what it gets, and what would change it."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path

import click

from daccord.cli._common import json_option, progress, write_json

__all__ = ["explain"]

_WIDTH = 100


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("project")
@json_option
def explain(folder: Path, project: str, as_json: bool) -> None:
    """Say why PROJECT gets what it gets in the round in FOLDER, and what would change it.

    Every "if" is computed by running the allocation again with changed scores. PROJECT is an id, compared exactly.
    """
    from daccord.formats import load_round  # noqa: PLC0415
    from daccord.pipeline import decide  # noqa: PLC0415 numpy and the fit load only when a round is decided
    from daccord.report import explain_project  # noqa: PLC0415

    with progress("deciding the round") as update:
        decision = decide(load_round(folder))
        update("running the allocation again for each question")
        explained = explain_project(decision, project, with_story=True)
    if as_json:
        write_json({"schema": "daccord/explanation/1", **asdict(explained)})
        return

    def say(text: str, indent: str = "") -> None:
        # A number and its per cent sign stay on one line.
        kept = text.replace(" %", "\N{NO-BREAK SPACE}%")
        lines = textwrap.fill(kept, _WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))
        click.echo(lines.replace("\N{NO-BREAK SPACE}", " "))

    if explained.simulated:
        say("SIMULATED: judgments or projects of this round are invented.")
    say(f"{explained.title} ({explained.project})")
    for paragraph in (*explained.paragraphs, explained.weight, explained.closest):
        if not paragraph:
            continue
        click.echo()
        say(paragraph)
    click.echo("\nEvidence")
    for evidence in explained.evidence:
        say(evidence.text, "  - ")
    click.echo("\nMoney, computed again")
    for answer in explained.money:
        say(answer.text, "  - ")
    click.echo("\nIn one paragraph")
    say(explained.story, "  ")
