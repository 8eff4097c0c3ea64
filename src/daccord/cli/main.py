"""The command group, with commands imported only when they are used.

stdout is data, stderr is progress. Exit codes: 0 ok, 1 the answer is no, 2 bad input, 3 outside failure.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Final

import click

import daccord
from daccord.errors import DaccordError

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS: Final = {
    "init": "daccord.cli.init:init",
    "check": "daccord.cli.check:check",
    "convert": "daccord.cli.convert:convert",
    "schema": "daccord.cli.schema:schema",
    "import": "daccord.cli.importing:import_",
    "fetch": "daccord.cli.fetch:fetch",
    "next": "daccord.cli.next:next_",
    "decide": "daccord.cli.decide:decide",
    "margin": "daccord.cli.margin:margin",
    "report": "daccord.cli.report:report",
    "settle": "daccord.cli.settle:settle",
    "record": "daccord.cli.record:record",
    "explain": "daccord.cli.explain:explain",
    "story": "daccord.cli.story:story",
    "timeline": "daccord.cli.timeline:timeline",
    "graph": "daccord.cli.graph:graph",
    "compare": "daccord.cli.compare:compare",
    "rules": "daccord.cli.rules:rules",
    "influence": "daccord.cli.influence:influence",
    "models": "daccord.cli.models:models",
    "calibrate": "daccord.cli.calibrate:calibrate",
    "views": "daccord.cli.views:views",
    "fellows": "daccord.cli.fellows:fellows",
    "retro": "daccord.cli.retro:retro",
    "futures": "daccord.cli.futures:futures",
}
"""Command → `module:function`."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called or described."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        """Names, in the order in which a round goes through them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """The command of this name, imported now; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a command")
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(daccord.__version__, prog_name="daccord")
def cli() -> None:
    """Decide together, in the open, which technologies to speed up and which to hold back."""


def main() -> None:
    """Run the command and turn daccord's errors into a message and an exit code."""
    # Rounds are many small matrices: threads of the linear algebra only wait for one another there (forty times slower
    # on a busy machine), and a sum's last bit may depend on their number. Whoever sets the variable is obeyed.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        cli(standalone_mode=True)
    except DaccordError as error:
        click.echo(error.diagnostics(), err=True)
        sys.exit(error.exit_code)
