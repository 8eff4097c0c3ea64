"""`daccord init`: a template round that explains itself."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from daccord.cli._common import json_option, write_json
from daccord.errors import ExternalError, InputError, Problem

__all__ = ["init", "template_files"]


def template_files() -> dict[str, bytes]:
    """The template round (simulated): name in the folder → bytes."""
    return dict(sorted(_below(files("daccord.formats") / "template", "")))


def _below(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        found += _below(entry, f"{name}/") if entry.is_dir() else [(name, entry.read_bytes())]
    return found


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@json_option
def init(folder: Path, *, as_json: bool) -> None:
    """Write a small simulated round into DIR, to be changed into your own.

    Every key of its round.toml is explained in a comment, and `daccord check DIR` accepts it as it is. DIR is made if
    it does not exist. Nothing is overwritten: if one of the files is there already, none is written.
    """
    template = template_files()
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError.single(str(folder), "there is a file of this name", remedy="choose another folder")
        there = [name for name in template if (folder / name).exists()]
        if there:
            remedy = "choose another folder; nothing was written"
            raise InputError([Problem(name, None, None, f"{folder / name} exists", remedy) for name in there])
        for name, data in template.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(data)
    except OSError as error:
        raise ExternalError(f"{folder} cannot be written: {error}") from error
    if as_json:
        write_json({"folder": str(folder), "files": list(template), "simulated": True})
        return
    for name in template:
        click.echo(str(folder / name))
    click.echo(f"A simulated round. Change it into yours, then: daccord check {folder}", err=True)
