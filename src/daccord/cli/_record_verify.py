"""`daccord record verify`: from the record alone to the last unit of money."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from daccord.cli._common import json_option, progress, read_file, write_json

if TYPE_CHECKING:
    from daccord.audit import Chain, Verification

__all__ = ["verify"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_MARKS: Final = {"ok": "ok", "failed": "FAILED", "skipped": "skipped", "not checked": "not checked"}


@click.command()
@click.argument("record", metavar="PATH")
@click.option("--round", "round_id", metavar="ID", help="The round, where the log has several.")
@click.option("--root", metavar="SHA256", help="Fingerprint of the first root metadata, as the stewards published it.")
@click.option("--policy", metavar="FILE", type=_FILE, help="Log keys and witnesses that you trust (C2SP policy).")
@click.option("--seen", metavar="FILE", type=_FILE, multiple=True, help="A checkpoint that you saw before.")
@click.option(
    "--receipt", metavar="ENTRY PROOF", type=(_FILE, _FILE), multiple=True,
    help="An entry that you handed in, and the receipt you got (.tlog-proof).",
)  # fmt: skip
@click.option("--promise", metavar="FILE", type=_FILE, multiple=True, help="A promise that an operator gave you.")
@click.option("--wheel", metavar="FILE", type=_FILE, help="The engine's wheel, compared with the manifest.")
@click.option("--contract", metavar="ADDRESS", help="The distributor on a chain, compared with the result.")
@click.option("--rpc", metavar="URL", help="A node of that chain; ask your own.")
@click.option("--chain", metavar="ID", type=click.IntRange(1, 2**63), help="Number of the chain that it has to be.")
@click.option("--token", metavar="ADDRESS", help="Token that the contract has to pay in.")
@json_option
def verify(
    record: str, *, round_id: str | None, root: str | None, policy: Path | None, seen: tuple[Path, ...],
    receipt: tuple[tuple[Path, Path], ...], promise: tuple[Path, ...], wheel: Path | None, contract: str | None,
    rpc: str | None, chain: int | None, token: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Verify the record at PATH: an exported folder, a zip of it, the log's own file, or a web address.

    Every step is checked from the record alone, without a server or an account. The first step that fails is named,
    with the entry where it does. Exit code 0: the record holds; 1: it does not; 2: a file that was named cannot be
    used; 3: something outside failed.

    What you pin is trusted; what you do not pin is taken from the record, and a note says what to compare it with.
    """
    from daccord.audit import Pins, verify_record  # noqa: PLC0415 - loads the engine
    from daccord.errors import InputError  # noqa: PLC0415

    if root is not None and re.fullmatch(r"[0-9a-f]{64}", root) is None:
        remedy = "copy it as the stewards published it"
        raise InputError.single("--root", "a fingerprint has 64 hexadecimal digits in lower case", remedy=remedy)
    pins = Pins(
        root=root,
        policy=None if policy is None else read_file(policy),
        seen=[read_file(path) for path in seen],
        receipts=[(read_file(entry), read_file(proof)) for entry, proof in receipt],
        promises=[read_file(path) for path in promise],
        wheel=None if wheel is None else read_file(wheel),
        round=round_id,
    )
    asked = _chain(contract, rpc, chain, token)
    with progress(f"reading {record}") as tell:
        found = verify_record(record, pins, chain=asked, tell=tell)
    if as_json:
        write_json(found.value())
    else:
        _print(found)
    if not found.ok:
        sys.exit(1)


def _chain(contract: str | None, rpc: str | None, chain: int | None, token: str | None) -> Chain | None:
    """What compares a contract with the result; None if none was named."""
    from daccord.errors import InputError  # noqa: PLC0415 - as above
    from daccord.settlement import ReadPayouts, check_chain, parse_address  # noqa: PLC0415

    if contract is None and rpc is None:
        return None
    if contract is None or rpc is None:
        missing = "--contract" if contract is None else "--rpc"
        raise InputError.single(missing, "a contract and a node are named together", remedy="state it")
    read = {}
    for option, text in (("--contract", contract), ("--token", token)):
        try:
            read[option] = None if text is None else parse_address(text)
        except ValueError as error:
            raise InputError.single(option, str(error), remedy="copy it, checksum and all") from None
    address, paid_in = read["--contract"], read["--token"]

    def compare(result_hash: bytes, payouts: ReadPayouts) -> str:
        if address is None:
            raise TypeError("a contract was named and not read")
        now = int(time.time())
        return str(
            check_chain(rpc, address, payouts=payouts, result_hash=result_hash, now=now, chain=chain, token=paid_in)
        )

    return compare


def _print(found: Verification) -> None:
    click.echo(f"record of {found.round or '(no round)'}, {found.size:,} entries, root {found.root}")
    for step in found.steps:
        click.echo(f"{step.name:9} {_MARKS[step.state]:12} {step.message}".rstrip())
    for note in found.notes:
        click.echo(f"note: {note}")
    failed = found.failed
    if failed is None:
        click.echo("The record holds.")
    else:
        place = "" if failed.entry is None else f", at entry {failed.entry}"
        click.echo(f"The record does not hold: step {failed.name}{place}.")
