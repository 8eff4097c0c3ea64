"""`daccord check`: is a round folder sound, and what is in it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.errors import InputError, Problem

if TYPE_CHECKING:
    from daccord.round import Round

__all__ = ["check"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def check(ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """Check the round in DIR and say what is in it.

    Every problem is listed with file, row, column and what to do about it, and the exit code is 2. With --json the
    problems are a JSON list on stdout; a sound round is one JSON object.
    """
    from daccord.formats import load_round  # noqa: PLC0415 numpy and pydantic load only when a round is read

    try:
        with progress(f"reading {folder}") as tell:
            found = load_round(folder, tell)
            _check_rule_names(found)
    except InputError as error:
        if not as_json:
            raise
        write_json([vars(problem) for problem in error.problems])
        ctx.exit(error.exit_code)
    summary = _summary(found)
    if as_json:
        write_json(summary)
    else:
        _print(found, summary)


def _check_rule_names(found: Round) -> None:
    """Refuse rules that nobody registered; reading lets them pass, because a caller may register one later."""
    from daccord.allocation import money_rule  # noqa: PLC0415
    from daccord.fusion import fusion_rule  # noqa: PLC0415

    problems: list[Problem] = []
    for rule, name in ((fusion_rule, found.rules.fusion), (money_rule, found.rules.money.rule)):
        try:
            rule(name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)


def _summary(found: Round) -> dict[str, Any]:
    from daccord.round import HARMS  # noqa: PLC0415 - as above

    people = [judge for judge in found.panel if judge.is_person]
    models = [judge for judge in found.panel if not judge.is_person]
    return {
        "name": found.name,
        "simulated": found.simulated,
        "budget": found.budget.currency.format(found.budget.amount),
        "counts": {
            "projects": len(found.portfolio),
            "people": len(people),
            "communities": len(found.panel.communities),
            "models": len(models),
            "families": len({judge.family or judge.id for judge in models}),
            "contributions": len(found.inputs.contributions),
            **_graph_counts(found),
        },
        "criteria": {
            # How many answers there are on harm is secret; lists are of models.
            name: {"lists": len(said.lists)}
            if name in HARMS
            else {
                "comparisons": len(said.comparisons),
                "ratings": len(said.ratings),
                "rankings": len(said.rankings),
                "skips": len(said.skips),
                "lists": len(said.lists),
            }
            for name, said in found.judgments.items()
        },
        "notices": list(found.notices),
        "digests": dict(found.digests),
    }


def _graph_counts(found: Round) -> dict[str, int]:
    """Technologies and answers about roles, where there are any; how many are on what raises a risk is secret."""
    told = sum(1 for answer in found.roles if answer.kind != "raises")
    counts = {"technologies": len(found.portfolio.technologies), "roles": told}
    return {name: count for name, count in counts.items() if count}


def _print(found: Round, summary: dict[str, Any]) -> None:
    if found.simulated:
        click.echo("SIMULATED ROUND: projects or judgments are invented")
    click.echo(f"{found.name}: sound")
    click.echo(f"  goal           {found.goal.statement} (set by {found.goal.set_by})")
    click.echo(f"  budget         {summary['budget']}")
    for name, count in summary["counts"].items():
        click.echo(f"  {name:<14} {count:,}")
    for name, counts in summary["criteria"].items():
        if "ratings" not in counts:
            click.echo(f"  {name:<14} answers are secret")
            continue
        answers = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
        click.echo(f"  {name:<14} {answers or 'no answers'}")
    click.echo(f"  files          {', '.join(found.digests)}")
    for notice in found.notices:
        click.echo(f"notice: {notice}")
