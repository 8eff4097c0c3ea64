"""`daccord futures init | check | register | import | schema`: world files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, progress, write_json
from daccord.cli._futures_words import banner
from daccord.errors import ExternalError, InputError, Problem

if TYPE_CHECKING:
    from daccord.formats.worlds import Standing

__all__ = ["check", "import_", "init", "register", "schema", "standing_words", "write_document", "write_text"]


def write_text(path: Path, text: str, *, new: bool = False) -> None:
    """Write a text file, with its folder.

    Args:
        path: Where.
        text: What.
        new: Whether a file that is there already is an error.

    Raises:
        InputError: There is such a file.
        ExternalError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x" if new else "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise InputError.single(str(path), "there is such a file already", remedy="choose another name") from None
    except OSError as error:
        raise ExternalError(f"{path} cannot be written: {error.strerror or error}") from error


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Write a document as JSON."""
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def standing_words(standing: Standing) -> str:
    """Whether the parameters were registered, in one line."""
    if standing.registration is None:
        return "not registered: nobody can tell whether these numbers were chosen before the results were seen"
    said = f"registered {standing.registration.date} by {standing.registration.by}"
    if standing.changed:
        return f"CHANGED since it was {said}: {', '.join(standing.changed)}"
    return f"{said}, unchanged since"


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--example", metavar="NAME", default="small", show_default=True, help="Which example; see --list.")
@click.option("--list", "only_list", is_flag=True, help="List the examples and write nothing.")
@json_option
def init(*, path: Path, example: str, only_list: bool, as_json: bool) -> None:
    """Write an example world to FILE, to be changed into your own.

    Every example explains its keys in comments, and `daccord futures check FILE` accepts it as it is. If its numbers
    were registered before they were run, the register is written beside it. Nothing is overwritten.
    """
    from daccord.formats.worlds import examples, register_path  # noqa: PLC0415 - numpy loads only when a world is read

    known = examples()
    if only_list:
        if as_json:
            write_json({"examples": {name: item.title for name, item in known.items()}})
            return
        for name, item in known.items():
            click.echo(f"{name}: {item.title}")
        return
    if example not in known:
        raise InputError.single("--example", f"no example {example!r}", remedy=f"use one of {', '.join(known)}")
    files = {path: known[example].text}
    if known[example].register:
        files[register_path(path)] = known[example].register
    there = [place for place in files if place.exists()]
    if there:
        remedy = "choose another name; nothing was written"
        raise InputError([Problem(str(place), None, None, "there is such a file already", remedy) for place in there])
    for place, text in files.items():
        write_text(place, text, new=True)
    if as_json:
        write_json({"files": [str(place) for place in files], "example": example, "title": known[example].title})
        return
    for place in files:
        click.echo(str(place))
    click.echo(f"{known[example].title}. Change it into yours, then: daccord futures check {path}", err=True)


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@json_option
def check(*, path: Path, as_json: bool) -> None:
    """Check the world in FILE and say what stands in it.

    All faults are listed at once, each with its key and what to do. Numbers without an evaluator or a source are
    listed too: a world can be run with them, but not registered.
    """
    from daccord.formats.worlds import load_world, missing_sources, standing  # noqa: PLC0415 - as above
    from daccord.report.futures import amount  # noqa: PLC0415

    file = load_world(path)
    bare, stands = missing_sources(file), standing(path, file)
    world, study = file.world, file.study
    if as_json:
        write_json(
            {
                "file": str(path),
                "title": file.title,
                "fictional": file.fictional,
                "digest": file.digest,
                "technologies": list(world.ids),
                "risks": list(world.risk_ids),
                "roles": [role.name for role in world.roles],
                "evaluators": list(world.evaluators),
                "classes": [item.name for item in study.classes],
                "constitutions": list(study.constitutions),
                "without_source": list(bare),
                "registered": None if stands.registration is None else vars(stands.registration),
                "changed": list(stands.changed),
            }
        )
        return
    click.echo(f"{file.title}\n{banner(file)}\n")
    click.echo(
        f"{len(world.technologies)} technologies, {len(world.risks)} risks, {len(world.roles)} roles, "
        f"{len(world.evaluators) or 'no'} evaluators; {amount(file.budget)} {world.unit}"
    )
    click.echo(
        f"{len(study.constitutions)} constitutions in {len(study.classes)} classes of {study.scenarios} scenarios "
        f"of {study.worlds} worlds"
    )
    click.echo(f"digest {file.digest}")
    click.echo(standing_words(stands))
    if bare:
        click.echo(f"{len(bare)} numbers have neither an evaluator nor a source: {', '.join(bare)}")


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--by", metavar="NAME", required=True, help="Who registers it.")
@click.option("--note", default="", help="Why, or what changed.")
@click.option("--date", metavar="YYYY-MM-DD", help="The day  [default: today, UTC]")
@json_option
def register(*, path: Path, by: str, note: str, date: str | None, as_json: bool) -> None:
    """Register the parameters in FILE before results are looked at.

    Adds a dated entry with the digest of all numbers and sources to FILE's register beside it, chained to the entries
    before, with what changed since. A date is only a claim until the digest is published somewhere that is not yours.
    Refused while a number has neither an evaluator nor a source.
    """
    from daccord.formats.worlds import register as add  # noqa: PLC0415 - as above

    day = date or datetime.now(tz=UTC).date().isoformat()
    entry = add(path, day, by, note)
    if as_json:
        write_json(vars(entry))
        return
    click.echo(f"{entry.date} {entry.digest}")
    click.echo("Publish this digest where its date can be proved.", err=True)


@click.command("import")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where to write the world file; nothing is overwritten.",
)
@click.option("--title", help="Of the world  [default: the round's name]")
@json_option
def import_(*, folder: Path, out: Path, title: str | None, as_json: bool) -> None:
    """Turn the round in DIR into a world file: its technology graph and judged efficacies.

    What was judged is taken with its uncertainty; what nobody judged is an assumption, named as one in the file's
    sources, to be changed by you. What a world cannot hold is listed.
    """
    from daccord.formats import load_round  # noqa: PLC0415 - as above
    from daccord.formats.worlds import imported_world, world_toml  # noqa: PLC0415
    from daccord.pipeline import decide  # noqa: PLC0415

    with progress(f"reading {folder}") as tell:
        round_ = load_round(folder)
        file, left_out = imported_world(round_, decide(round_, tell=tell), title=title)
    write_text(out, world_toml(file), new=True)
    assumed = [name for name, source in file.sources.items() if source.startswith("assumption")]
    if as_json:
        write_json({"file": str(out), "digest": file.digest, "assumptions": assumed, "left_out": list(left_out)})
        return
    click.echo(str(out))
    click.echo(f"{len(file.world.technologies)} technologies, {len(file.world.risks)} risks; ", err=True, nl=False)
    click.echo(f"{len(assumed)} numbers are assumptions, see [sources] in the file", err=True)
    for line in left_out:
        click.echo(f"left out: {line}", err=True)


@click.command()
@json_option
def schema(*, as_json: bool) -> None:  # noqa: ARG001 - the document is JSON either way
    """Print the JSON Schema of a world file.

    What it cannot say is in docs/spec/world-file.md.
    """
    from daccord.formats.worlds import world_schema  # noqa: PLC0415 - as above

    write_json(world_schema())
