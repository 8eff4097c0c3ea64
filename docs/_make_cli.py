"""Write docs/cli.md from the commands themselves; with `--check`, only say whether it is current.

A command's help text is its documentation; this page is the same text laid out for reading.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from daccord.cli.main import cli

PAGE = Path(__file__).with_name("cli.md")

INTRODUCTION = """\
<!-- Made by docs/_make_cli.py from the commands' own help; `make docs` writes it anew. -->

# Command line

`daccord` prints its result on standard output and its progress and complaints on standard error, so results can be
piped. With `--json` a command prints one JSON document instead of text.

| exit code | meaning |
|---|---|
| 0 | done, or the answer is yes |
| 1 | the answer is no: what was asked is refused, or a check found a difference |
| 2 | your input is wrong: each problem names file, row, column and what to do |
| 3 | something outside failed: network, disk, a package that is not installed |
"""


def commands(group: click.Group, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """Every command below a group, in the order the group lists them, groups before their members."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            raise LookupError(f"{context.command_path} lists {name!r} but does not have it")
        if command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        yield command, inner
        if isinstance(command, click.Group):
            yield from commands(command, inner)


def help_of(command: click.Command) -> str:
    r"""The help text as paragraphs; blocks that click is told to leave alone (`\b`) become literal blocks."""
    text = inspect.cleandoc(command.help or "").partition("\f")[0].strip()
    paragraphs = []
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("\b\n"):
            paragraphs.append("```text\n" + paragraph.removeprefix("\b\n") + "\n```")
        else:
            paragraphs.append(paragraph)
    return "\n\n".join(paragraphs)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "\\<")


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def parameters(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    """(how it is written, what it means) of all options shown, and of arguments that say more than the help text."""
    rows = []
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            record = parameter.get_help_record(context)
            if record is not None:
                rows.append(record)
        elif getattr(parameter, "help", None):
            rows.append((parameter.make_metavar(context), parameter.help))
    return rows


def render() -> str:
    """The whole page."""
    root = click.Context(cli, info_name="daccord")
    parts = [INTRODUCTION]
    for command, context in commands(cli, root):
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        parts.append(f"## `{context.command_path}`\n\n```text\n{usage}\n```\n\n{help_of(command)}\n")
        rows = parameters(command, context)
        if rows:
            table = "\n".join(f"| {_code(written)} | {_cell(meaning)} |" for written, meaning in rows)
            parts.append(f"| argument or option | meaning |\n|---|---|\n{table}\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page, or with `--check` compare it; 1 if it is out of date."""
    text = render()
    if sys.argv[1:] == ["--check"]:
        current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        sys.stdout.write(f"{PAGE.name} is {'current' if current else 'out of date: run make docs'}\n")
        return 0 if current else 1
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
