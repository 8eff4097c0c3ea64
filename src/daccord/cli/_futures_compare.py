"""`daccord futures compare`: constitutions over classes of scenarios, on as many processes as there are."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.cli._futures_words import MODEL, banner, wrap

if TYPE_CHECKING:
    from daccord.ensemble import Ensemble, Executor
    from daccord.formats.worlds import WorldFile
    from daccord.futures.study import Comparison

__all__ = ["Playing", "compare", "ensemble_options", "play_study", "with_sizes"]

_SENTENCES: Final = 6


@dataclass(frozen=True)
class Playing:
    """How a study is played, as the command line says it.

    Attributes:
        where: Executor.
        workers: How many; None for one a processor.
        address: Of a Ray cluster.
        scenarios: In each class; None for the file's.
        worlds: In each scenario; None for the file's.
        no_gaps: Whether gaps are left out.
        folder: Where pieces are kept.
    """

    where: str
    workers: int | None
    address: str | None
    scenarios: int | None
    worlds: int | None
    no_gaps: bool
    folder: Path | None


def ensemble_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options of all commands that play an ensemble; the command gets them together, as `playing`."""

    @wraps(function)
    def command(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the command takes
        own = {item.name: options.pop(item.name) for item in fields(Playing)}
        return function(*arguments, playing=Playing(**own), **options)

    for option in reversed(
        (
            click.option(
                "--executor",
                "where",
                type=click.Choice(["pool", "serial", "ray"]),
                default="pool",
                show_default=True,
                help="Processes of this machine, this process alone, or a Ray cluster.",
            ),
            click.option("--workers", type=click.IntRange(1), help="How many  [default: one a processor]"),
            click.option("--address", help="Of a Ray cluster that is there already  [default: one is started here]"),
            click.option("--scenarios", type=click.IntRange(1), help="In each class  [default: the file's]"),
            click.option("--worlds", type=click.IntRange(1), help="In each scenario  [default: the file's]"),
            click.option("--no-gaps", is_flag=True, help="Do not split what each constitution loses to the planner."),
            click.option(
                "--folder",
                type=click.Path(path_type=Path, file_okay=False),
                help="Keep every piece there, so that a run that is stopped goes on where it was.",
            ),
        )
    ):
        command = option(command)
    return command


def _executor(playing: Playing) -> Executor:
    """The executor that was asked for."""
    from daccord import ensemble  # noqa: PLC0415 - numpy loads only when a study is played
    from daccord.errors import InputError  # noqa: PLC0415

    where, workers, address = playing.where, playing.workers, playing.address
    if address is not None and where != "ray":
        raise InputError.single("--address", f"is of no use to {where}", remedy="add --executor ray")
    if where == "serial":
        return ensemble.SerialExecutor()
    if where == "ray":
        return ensemble.RayExecutor(workers=workers, address=address)
    return ensemble.PoolExecutor(workers=workers or os.cpu_count())


def play_study(file: WorldFile, playing: Playing, tell: Callable[[str], None]) -> tuple[Ensemble, Comparison]:
    """Play the study of a file and make its tables.

    Raises:
        RefusedError: It was stopped before its end.
    """
    from daccord.ensemble import run_study  # noqa: PLC0415 - as above
    from daccord.errors import RefusedError  # noqa: PLC0415
    from daccord.futures.study import compare as tables  # noqa: PLC0415

    found = run_study(
        file.study,
        _executor(playing),
        folder=playing.folder,
        digest=file.digest,
        splits=not playing.no_gaps,
        tell=lambda done, total, what: tell(f"{what} ({done} of {total})"),
    )
    if found.missing:
        total = found.missing + len(found.pieces) + len(found.splits)
        goes_on = "the same command goes on" if playing.folder else "with --folder DIR it could go on"
        raise RefusedError(f"stopped with about {found.missing} of {total} tasks to do; {goes_on}")
    tell("making the tables")
    return found, tables(file.study, found.pieces, found.splits)


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@ensemble_options
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also write the document there as JSON.")
@json_option
def compare(
    *,
    path: Path,
    playing: Playing,
    out: Path | None,
    as_json: bool,
) -> None:
    """Compare who decides, in the world of FILE, over its classes of scenarios.

    Every constitution meets the same worlds, the same errors and the same chances. No order of constitutions stands
    without its boundary: the tables say where each is better. The same file and seed give the same bytes on every
    executor; ctrl-c stops after the pieces that are under way, and the same command with --folder goes on.
    """
    from daccord.cli._futures_files import write_document  # noqa: PLC0415 - as above
    from daccord.formats.futures import comparison_document  # noqa: PLC0415
    from daccord.formats.worlds import load_world  # noqa: PLC0415

    with progress(f"reading {path}") as tell:
        file = with_sizes(load_world(path), playing)
        found, comparison = play_study(file, playing, tell)
    document = comparison_document(file, comparison, ensemble=found.digest)
    if out is not None:
        write_document(out, document)
    if as_json:
        write_json(document)
    else:
        _print(file, comparison)


def with_sizes(file: WorldFile, playing: Playing) -> WorldFile:
    """The file with another number of scenarios or worlds."""
    study = file.study
    return replace(
        file,
        study=replace(study, scenarios=playing.scenarios or study.scenarios, worlds=playing.worlds or study.worlds),
    )


def _print(file: WorldFile, found: Comparison) -> None:
    from daccord.cli._table import Column, print_table  # noqa: PLC0415 - numpy loads only when there is a table

    click.echo(f"{file.title}\n{banner(file)}\n")
    click.echo(f"{found.scenarios} scenarios, {found.worlds:,} worlds lived through under each constitution.\n")
    titles = {item.name: item.title or item.name for item in file.study.classes}
    click.echo("Regret: years of life lost against the best constitution of each scenario, mean (largest)\n")
    cells = {(row.group, row.constitution): row for row in found.rows}
    rows = []
    for c, name in enumerate(found.constitutions):
        here = [cells[group, name] for group in found.groups]
        rows.append(
            (name, *(f"{row.regret:.2f} ({row.most_regret:.1f})" for row in here), f"{found.regret[c]:.1f}",
             f"{found.satisfied[c]:.0%}" if file.study.goals else "–")
        )  # fmt: skip
    head = [Column("constitution"), *(Column(wrap(titles[group]), right=True) for group in found.groups)]
    print_table([*head, Column("largest", right=True), Column("goals\nheld", right=True)], rows)
    click.echo("\nMeans over all classes\n")
    shown = ("welfare", "catastrophe", "cvar", "delay", "lock-in", "largest share", "agency")
    means = []
    for name in found.constitutions:
        own = [row.measures for row in found.rows if row.constitution == name]
        means.append((name, *(f"{sum(row[key] for row in own) / len(own):.3g}" for key in shown)))
    print_table([Column("constitution"), *(Column(wrap(key), right=True) for key in shown)], means)
    if found.boundaries:
        click.echo("\nWhere each is better:")
        for item in found.boundaries[:_SENTENCES]:
            click.echo(f"  {item.sentence}")
    for line in found.reversals[:_SENTENCES]:
        click.echo(f"  {line}")
    overall = next(item for item in found.rankings if not item.group)
    weights = ", ".join(
        f"{name} {weight:.0%}" for name, weight in zip(overall.measures, overall.weights, strict=True) if weight
    )
    click.echo(f"\nBy your weights ({weights}): {' > '.join(found.constitutions[c] for c in overall.order)}")
    for switch in overall.switches[:_SENTENCES]:
        click.echo(
            f"  with {switch.measure} at {switch.weight:.0%} of all weight, {switch.after} takes first place"
            f" from {switch.before}"
        )
    click.echo(f"\n{MODEL}")
