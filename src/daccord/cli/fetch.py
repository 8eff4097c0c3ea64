"""`daccord fetch`: public data by commit and digest."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from daccord.cli._common import json_option, stderr, write_json
from daccord.formats.fetching import RECIPES, SourceFile
from daccord.formats.fetching import fetch as fetch_files

__all__ = ["fetch"]


@click.command()
@click.argument("name", type=click.Choice(tuple(RECIPES)))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files.")
@click.option("--mirror", help="Folder or http(s) address with the same layout, instead of the publishers' servers.")
@json_option
def fetch(name: str, out: Path, mirror: str | None, as_json: bool) -> None:
    """Fetch public data of a past round, each file checked against its published digest.

    The files are not part of daccord and keep their own licences. Run the command again to continue after a failure.
    """
    recipe = RECIPES[name]
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def show(file: SourceFile, got: int) -> None:
            if file.path not in tasks:
                tasks[file.path] = bar.add_task(file.path, total=file.size)
            bar.update(tasks[file.path], completed=got)

        results = fetch_files(recipe, out, mirror=mirror, on_progress=show)
    for result in results:
        if result.status == "left out":
            text = f"{result.file.path}: left out; the bytes of its digest are to be had from a mirror only"
            click.echo(f"warning: {text}", err=True)
    if as_json:
        files = [
            {
                "path": result.file.path,
                "status": result.status,
                "bytes": result.file.size,
                "sha256": result.file.sha256,
                "source": result.file.url,
                "licence": result.file.licence,
            }
            for result in results
        ]
        write_json({"name": recipe.name, "title": recipe.title, "folder": str(out), "files": files})
        return
    for result in results:
        click.echo(f"{result.status:8}  {result.file.size:>9,}  {result.file.path}  [{result.file.licence}]")
    click.echo(f"{recipe.title} is in {out}")
