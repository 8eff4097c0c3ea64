"""`daccord settle`: from a decision to the files that pay it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daccord.cli._common import json_option, progress, read_file, write_json

if TYPE_CHECKING:
    from daccord.settlement import Deployment, PayoutTree, SafePayment, Settlement

__all__ = ["settle"]

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("decision", metavar="DECISION", type=click.Path(path_type=Path))
@click.option(
    "--recipients", required=True, metavar="FILE", type=click.Path(path_type=Path),
    help="CSV with the columns project and address, and if wanted amount, which is then compared.",
)  # fmt: skip
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder for the files.")
@click.option(
    "--token-digits", required=True, metavar="N", type=click.IntRange(0, 36), help="Decimal digits of the token."
)
@click.option("--pool", metavar="AMOUNT", help="What lies ready; refuse if the awards are not exactly this.")
@click.option("--allow-shared-address", is_flag=True, help="Several projects may name one address.")
@click.option("--token", metavar="ADDRESS", help="The token, for a contract or a Safe.")
@click.option("--delay", metavar="DAYS", type=click.IntRange(1, 3650), help="Contract: days in which to object.")
@click.option("--deadline", metavar="DATE", type=_DAY, help="Contract: day, at 0:00 UTC, on which claims close.")
@click.option("--sweep-to", metavar="ADDRESS", help="Contract: who gets what was not claimed.")
@click.option("--on", metavar="DATE", type=_DAY, help="Contract: day of its deployment.  [default: today]")
@click.option("--safe", metavar="ADDRESS", help="Safe: the account that pays.")
@click.option("--chain", metavar="ID", type=click.IntRange(1, 2**63), help="Safe: number of the chain, 1 for Ethereum.")
@click.option("--nonce", metavar="N", type=click.IntRange(0, 2**63), help="Safe: number of its next transaction.")
@click.option("--multisend", metavar="ADDRESS", help="Safe: MultiSendCallOnly.  [default: that of Safe 1.4.1]")
@json_option
def settle(
    *, decision: Path, recipients: Path, out: Path, token_digits: int, pool: str | None, allow_shared_address: bool,
    as_json: bool, **terms: Any,  # noqa: ANN401 - the options above, by name
) -> None:  # fmt: skip
    """Write the files that pay the awards of DECISION, a decision.json.

    Always: bank.csv (for a bank: exact decimals, ids, no addresses), payouts.json (the payout tree, as OpenZeppelin's
    library reads it) and claims.json (each recipient's proof). With --token, --delay, --deadline and --sweep-to also
    distributor.json, the arguments of the contract; with --token, --safe, --chain and --nonce also safe-batch.json for
    Safe's transaction builder, and the hash that its signers must see.

    Nothing is sent anywhere. Addresses stand in files only, never in what is printed. Needs the extra ethereum.
    """
    from daccord.formats.decisions import read_decision  # noqa: PLC0415 - loads only when a decision is settled
    from daccord.settlement import Settlement, awards_of, pay, read_recipients, write_settlement  # noqa: PLC0415

    file = str(decision)
    with progress(f"reading {decision}"):
        document = read_decision(decision)
        result_hash = hashlib.sha256(read_file(decision)).digest()
        awards = awards_of(document, file=file, pool=pool)
        accounts = read_recipients(
            read_file(recipients),
            awards.amounts,
            awards.currency,
            file=str(recipients),
            allow_shared=allow_shared_address,
        )
        payouts = pay(awards, accounts, token_digits, file=file)
        settlement = Settlement(
            round=document["round"],
            simulated=document["simulated"],
            decided=_milliseconds(document["decided_on"]),
            currency=awards.currency,
            token_digits=token_digits,
            result_hash=result_hash,
            payouts=payouts,
            deployment=_deployment(terms, payouts, result_hash),
            safe=_safe(terms, payouts),
        )
        written = write_settlement(settlement, out)
    if as_json:
        write_json(settlement.summary())
    else:
        _print(settlement, written)


def _milliseconds(day: str) -> int:
    return int(dt.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) * 1000 if day else 0


def _complete(terms: Mapping[str, Any], names: tuple[str, ...], deciding: tuple[str, ...], what: str) -> bool:
    """Whether all options of a way to pay are given; some of them is an error."""
    from daccord.errors import InputError, Problem  # noqa: PLC0415 - as above

    if all(terms[name] is None for name in deciding):
        return False
    missing = [f"--{name.replace('_', '-')}" for name in names if terms[name] is None]
    if missing:
        raise InputError([Problem(option, None, None, f"{what} needs it too", "state it") for option in missing])
    return True


def _address(terms: Mapping[str, Any], name: str) -> bytes:
    from daccord.errors import InputError  # noqa: PLC0415 - as above
    from daccord.settlement import parse_address  # noqa: PLC0415

    try:
        return parse_address(terms[name])
    except ValueError as error:
        raise InputError.single(f"--{name.replace('_', '-')}", str(error), remedy="copy it, checksum and all") from None


def _deployment(terms: Mapping[str, Any], payouts: PayoutTree, result_hash: bytes) -> Deployment | None:
    from daccord.settlement import Deployment, check_deployment  # noqa: PLC0415 - as above

    own = ("delay", "deadline", "sweep_to")
    if not _complete(terms, ("token", *own), (*own, "on"), "a contract"):
        return None
    deployment = Deployment(
        token=_address(terms, "token"),
        payout_root=payouts.tree.root,
        result_hash=result_hash,
        pool=payouts.pool,
        delay=terms["delay"] * 86_400,
        deadline=int(terms["deadline"].replace(tzinfo=dt.UTC).timestamp()),
        sweep_to=_address(terms, "sweep_to"),
        funding=payouts.pool,
    )
    day = terms["on"].replace(tzinfo=dt.UTC) if terms["on"] else dt.datetime.now(tz=dt.UTC)
    check_deployment(deployment, payouts, result_hash, now=int(day.timestamp()))
    return deployment


def _safe(terms: Mapping[str, Any], payouts: PayoutTree) -> SafePayment | None:
    from daccord.settlement import MULTISEND_CALL_ONLY, SafePayment, check_safe  # noqa: PLC0415 - as above

    own = ("safe", "chain", "nonce")
    if not _complete(terms, ("token", *own), (*own, "multisend"), "a Safe"):
        return None
    multisend = MULTISEND_CALL_ONLY if terms["multisend"] is None else _address(terms, "multisend")
    token, safe = _address(terms, "token"), _address(terms, "safe")
    payment = SafePayment(payouts, token, safe, terms["chain"], terms["nonce"], multisend)
    check_safe(payment)
    return payment


def _print(settlement: Settlement, written: tuple[Path, ...]) -> None:
    summary = settlement.summary()
    currency = settlement.currency
    if settlement.simulated:
        click.echo("SIMULATED: the round is invented; do not pay it")
    click.echo(f"payments     {summary['payments']} for {currency.format(summary['awards'])}")
    click.echo(f"pool         {summary['pool']} units of a token with {settlement.token_digits} digits")
    click.echo(f"result hash  {summary['result_hash']}")
    click.echo(f"payout root  {summary['payout_root']}")
    if summary["safe"]:
        click.echo(
            f"SafeTx hash  {summary['safe']['hash']} (chain {summary['safe']['chain']}, "
            f"nonce {summary['safe']['nonce']}); signers compare it with what their wallet shows"
        )
    click.echo(f"written      {', '.join(str(path) for path in written)}")
