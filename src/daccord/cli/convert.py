"""`daccord convert`: answers from CSV to Parquet or Arrow, and back."""

from __future__ import annotations

from pathlib import Path

import click

from daccord.cli._common import json_option, progress, write_json

__all__ = ["convert"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "ending",
    type=click.Choice(["parquet", "arrow", "csv"]),
    required=True,
    help="Format of the tables of answers.",
)
@click.option(
    "--out", metavar="DIR2", type=click.Path(path_type=Path), help="Write the whole round here; without it, into DIR."
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@json_option
def convert(folder: Path, ending: str, out: Path | None, *, force: bool, as_json: bool) -> None:
    """Rewrite the answers of the round in DIR in another format.

    Comparisons, ratings, rankings and lists are converted; everything else stays as it is. The result is read back
    before anything is written, and has to be the same answers. No file is replaced without --force.
    """
    from daccord.formats import convert_round  # noqa: PLC0415 numpy loads only when a round is read

    with progress(f"reading {folder}") as tell:
        done = convert_round(folder, ending, out, force=force, tell=tell)
    if as_json:
        write_json({"folder": str(done.folder), "written": list(done.written), "removed": list(done.removed)})
        return
    for name in done.written:
        click.echo(str(done.folder / name))
    for name in done.removed:
        click.echo(f"removed {done.folder / name}", err=True)
    if not done.written:
        click.echo(f"nothing to do: all answers in {done.folder} are in {ending} already", err=True)
