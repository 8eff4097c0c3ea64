"""The contract on a chain against the record: its code, what it is bound to, and what it has stored.

The check is as good as the node that is asked: a node can say what it likes. Ask your own, or two that have nothing to
do with one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from daccord.errors import IntegrityError
from daccord.ethereum import ZERO_ADDRESS, keccak256
from daccord.settlement._chain_code import FUNDED_SLOT, LOCK_FREE, LOCK_SLOT, PAID_SLOT, Terms, read_code
from daccord.settlement._chain_node import Node
from daccord.settlement._payouts_file import ReadPayouts

__all__ = ["ChainState", "check_chain"]


@dataclass(frozen=True)
class ChainState:
    """A distributor as a node tells it, after all checks.

    Attributes:
        chain: Chain id.
        terms: What the contract is bound to.
        held: Units of the token that lie in the contract now.
        paid: Units claimed so far.
        funded: Whether the whole pool has lain there.
        claimed: Indices of the payouts that were claimed.
    """

    chain: int
    terms: Terms
    held: int
    paid: int
    funded: bool
    claimed: tuple[int, ...]

    def __str__(self) -> str:
        terms = self.terms
        return (
            f"the distributor of this result on the chain {self.chain}: {self.held} of {terms.pool} units lie there, "
            f"{self.paid} were paid in {len(self.claimed)} claims; claims from {_time(terms.opens_at)} to "
            f"{_time(terms.closes_at)}"
        )


def check_chain(
    rpc_url: str,
    address: bytes,
    *,
    payouts: ReadPayouts,
    result_hash: bytes,
    now: int,
    chain: int | None = None,
    token: bytes | None = None,
    deadline: int | None = None,
    sweep_to: bytes | None = None,
    timeout: float = 10.0,
) -> ChainState:
    """Compare a contract with what the record says it is to pay.

    Args:
        rpc_url: Of the node.
        address: Of the contract, 20 bytes.
        payouts: The payout tree of the record.
        result_hash: SHA-256 of the decision file, 32 bytes.
        now: Unix time; only whether claims are closed depends on it.
        chain: Chain id that it must be; any if None. So with the three below.
        token: Token that is paid in, 20 bytes.
        deadline: Unix time from which nothing is claimed.
        sweep_to: Who then gets what is left, 20 bytes.
        timeout: Seconds for each answer of the node.

    Returns:
        What the chain says; what was not compared stands there to be read.

    Raises:
        IntegrityError: Something differs; the message names all that does.
        ExternalError: The node does not answer as a node does, or the extra `ethereum` is not installed.
        InputError: `rpc_url` is no address of the web.
    """
    with Node(rpc_url, timeout=timeout) as node:
        found = node.chain_id()
        if chain is not None and found != chain:
            raise IntegrityError(f"the node is of the chain {found}, not {chain}")
        terms = read_code(node.code(address))
        expected = {"token": token, "deadline": deadline, "sweep address": sweep_to}
        _refuse(_differing(terms, address, payouts, result_hash, expected))
        state = ChainState(
            chain=found,
            terms=terms,
            held=node.call(terms.token, _data("balanceOf(address)", int.from_bytes(address))),
            paid=node.storage(address, PAID_SLOT),
            funded=node.storage(address, FUNDED_SLOT) != 0,
            claimed=tuple(
                i for i in range(len(payouts.amounts)) if node.call(address, _data("is_claimed(uint256)", i))
            ),
        )
        lock = node.storage(address, LOCK_SLOT)
    _refuse(_misstored(state, payouts, now=now, free=lock in LOCK_FREE))
    return state


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"second {seconds}"


def _data(function: str, argument: int) -> bytes:
    """Call data."""
    return keccak256(function.encode())[:4] + argument.to_bytes(32)


def _differing(
    terms: Terms, address: bytes, payouts: ReadPayouts, result_hash: bytes, expected: dict[str, bytes | int | None]
) -> dict[str, bool]:
    """What the contract is bound to, against what it should be. Nothing relies on its constructor having run."""
    found = {"token": terms.token, "deadline": terms.closes_at, "sweep address": terms.sweep_to}
    return {
        "its payout root is not that of the payouts": terms.payout_root != payouts.root,
        "its result hash is not that of the decision": terms.result_hash != result_hash,
        f"its pool is {terms.pool}, and the payouts add up to {sum(payouts.amounts)}": terms.pool
        != sum(payouts.amounts),
        **{f"its {name} is another": wanted is not None and found[name] != wanted for name, wanted in expected.items()},
        "its claims close before they open": terms.closes_at <= terms.opens_at,
        "its token is among the recipients": terms.token in payouts.accounts,
        "what is left would be lost": terms.sweep_to in (ZERO_ADDRESS, terms.token, address),
    }


def _misstored(state: ChainState, payouts: ReadPayouts, *, now: int, free: bool) -> dict[str, bool]:
    """What the contract has stored, against what its functions can have written."""
    claimed = sum(payouts.amounts[i] for i in state.claimed)
    missing = state.held + state.paid < state.terms.pool and now < state.terms.closes_at
    return {
        "it is locked, and pays nobody": not free,
        f"it says that {state.paid} were paid, and its claims add up to {claimed}": state.paid != claimed,
        "it says that it paid before the pool was there": state.paid > 0 and not state.funded,
        "it says that the pool was there, and it holds less than what is to be paid": state.funded and missing,
    }


def _refuse(faults: dict[str, bool]) -> None:
    found = [fault for fault, there in faults.items() if there]
    if found:
        raise IntegrityError(f"the contract on the chain: {'; '.join(found)} → do not fund it")
