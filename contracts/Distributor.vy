# pragma version ==0.4.3
# pragma evm-version paris
# SPDX-License-Identifier: Apache-2.0
"""
@title Distributor of one round's awards
@license Apache-2.0
@notice Pays each account of one payout tree once, between two moments that are fixed when the contract is made.
        Nobody owns it, nothing in it can be changed, and it cannot be stopped: if the result is disputed, do not fund it.
@dev A leaf is keccak(keccak(abi.encode(uint256 index, address account, uint256 amount))); parents hash the smaller
     child first. docs/spec/settlement.md is the specification.
"""

from ethereum.ercs import IERC20

event Claimed:
    index: indexed(uint256)
    account: indexed(address)
    amount: uint256

event Swept:
    amount: uint256

TOKEN: public(immutable(address))
PAYOUT_ROOT: public(immutable(bytes32))
RESULT_HASH: public(immutable(bytes32))  # SHA-256 of the decision; bound here so that both are published at once
POOL: public(immutable(uint256))         # sum of all amounts of the tree
OPENS_AT: public(immutable(uint256))     # first second in which claims are paid
CLOSES_AT: public(immutable(uint256))    # first second in which they are not paid any more
SWEEP_TO: public(immutable(address))     # who gets what is left then

paid: public(uint256)                    # sum of the claims so far
funded: public(bool)                     # whether the whole pool has lain here once
claims: HashMap[uint256, uint256]        # index // 256 -> bits of the indices claimed


@deploy
def __init__(
    token: address,
    payout_root: bytes32,
    result_hash: bytes32,
    pool: uint256,
    delay: uint256,
    deadline: uint256,
    sweep_to: address,
):
    """
    @param token ERC-20 token in which is paid
    @param payout_root Root of the payout tree
    @param result_hash SHA-256 of the decision
    @param pool Sum of all amounts of the tree, in units of the token
    @param delay Seconds from now to the first claim, in which anybody can check root and result
    @param deadline Unix time from which nothing is claimed any more
    @param sweep_to Who then gets what is left
    """
    assert token.is_contract, "token"
    assert payout_root != empty(bytes32), "payout root"
    assert result_hash != empty(bytes32), "result hash"
    assert pool != 0, "pool"
    assert delay != 0, "delay"
    assert deadline > block.timestamp + delay, "deadline"
    assert sweep_to != empty(address) and sweep_to != self and sweep_to != token, "sweep to"
    TOKEN = token
    PAYOUT_ROOT = payout_root
    RESULT_HASH = result_hash
    POOL = pool
    OPENS_AT = block.timestamp + delay
    CLOSES_AT = deadline
    SWEEP_TO = sweep_to


@external
@view
def is_claimed(index: uint256) -> bool:
    """
    @param index Position of a payout
    @return Whether it was paid
    """
    return self._is_claimed(index)


@external
@nonreentrant
def claim(index: uint256, account: address, amount: uint256, proof: DynArray[bytes32, 64]):
    """
    @notice Pay an account what the tree says. Anybody may call; the money goes to the account, never to the caller.
    @param index Position of the payout
    @param account Who is paid
    @param amount Units of the token
    @param proof Siblings from the leaf upwards
    """
    assert block.timestamp >= OPENS_AT, "not open yet"
    assert block.timestamp < CLOSES_AT, "closed"
    assert not self._is_claimed(index), "claimed already"
    node: bytes32 = keccak256(keccak256(abi_encode(index, account, amount)))
    for sibling: bytes32 in proof:
        if convert(node, uint256) < convert(sibling, uint256):
            node = keccak256(concat(node, sibling))
        else:
            node = keccak256(concat(sibling, node))
    assert node == PAYOUT_ROOT, "not in the tree"
    # A tree whose amounts add up to more than the pool must not pay the quick and leave the slow with nothing …
    assert self.paid + amount <= POOL, "more than the pool"
    # … and neither must a pool that never was whole.
    if not self.funded:
        assert staticcall IERC20(TOKEN).balanceOf(self) >= POOL, "not funded"
        self.funded = True
    self.claims[index // 256] |= 1 << (index % 256)
    self.paid += amount
    self._send(account, amount)
    log Claimed(index=index, account=account, amount=amount)


@external
@nonreentrant
def sweep():
    """
    @notice Send what is left to the address fixed from the start, once claims are closed. Anybody may call.
    """
    assert block.timestamp >= CLOSES_AT, "not closed yet"
    amount: uint256 = staticcall IERC20(TOKEN).balanceOf(self)
    self._send(SWEEP_TO, amount)
    log Swept(amount=amount)


@internal
@view
def _is_claimed(index: uint256) -> bool:
    return (self.claims[index // 256] >> (index % 256)) & 1 == 1


@internal
def _send(to: address, amount: uint256):
    # Tokens that answer nothing are taken to have paid, as they revert otherwise; an answer of false undoes the claim.
    assert extcall IERC20(TOKEN).transfer(to, amount, default_return_value=True), "transfer refused"
