"""The distributor contract in an EVM: a hundred claims, and what attackers and odd tokens try.

Runs in an environment of its own (`make test` and `make test-contracts` make it), because the compiler insists on older
packages than the rest of daccord is tested with; elsewhere it is skipped. All accounts are derived from small integers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

boa = pytest.importorskip("boa", reason="no EVM here: `make test-contracts` runs these tests in .venv-contracts")

from daccord.errors import IntegrityError  # noqa: E402 - after the skip
from daccord.settlement import (  # noqa: E402
    Deployment,
    MerkleTree,
    Payout,
    PayoutTree,
    address_text,
    check_deployment,
    keccak256,
    payout_leaf,
)

pytestmark = pytest.mark.filterwarnings("default")  # the compiler's libraries warn about one another

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
TOKENS = Path(__file__).parent / "tokens"
RESULT = hashlib.sha256(b"a decision, invented for this test").digest()
DAY = 86_400
DELAY = 7 * DAY
SWEEP_TO = (0x5EE9).to_bytes(20, "big")
COUNT = 100


def account(number: int) -> bytes:
    return (0x10000 + number).to_bytes(20, "big")


def payouts(count: int = COUNT, first: int = 1) -> PayoutTree:
    """Amounts 1000·1, 1000·2, … to accounts counted from `first`."""
    list_ = [Payout(i, f"project-{i}", account(first + i), 1000 * (i + 1), i + 1) for i in range(count)]
    return PayoutTree(list_, sum(one.amount for one in list_))


class Round:
    """A token, a distributor, and the tree it pays from."""

    def __init__(self, tree: PayoutTree, token: Any, *, funding: int | None = None, pool: int | None = None) -> None:
        self.tree, self.token = tree, token
        self.opened = boa.env.evm.patch.timestamp
        self.deadline = self.opened + 100 * DAY
        self.deployment = Deployment(
            bytes.fromhex(token.address[2:]),
            tree.tree.root,
            RESULT,
            tree.pool,
            DELAY,
            self.deadline,
            SWEEP_TO,
            tree.pool,
        )
        self.contract = deploy(self.deployment, pool=pool)
        token.mint(self.contract.address, tree.pool if funding is None else funding)

    def claim(self, which: int, /, **changed: Any) -> None:
        """Claim a payout as the tree has it, but for what is changed."""
        one = self.tree.payouts[which]
        values = {"index": which, "account": one.account, "amount": one.amount, "proof": self.tree.tree.proof(which)}
        values |= changed
        self.contract.claim(values["index"], address_text(values["account"]), values["amount"], list(values["proof"]))

    def balance(self, of: bytes) -> int:
        return int(self.token.balanceOf(address_text(of)))

    def left(self) -> int:
        return int(self.token.balanceOf(self.contract.address))


SOURCES: dict[str, Any] = {}


def compiled(path: Path) -> Any:
    if path.name not in SOURCES:
        SOURCES[path.name] = boa.load_partial(str(path))
    return SOURCES[path.name]


def deploy(terms: Deployment, **changed: Any) -> Any:
    """The contract made with the arguments of a deployment, in its order, but for what is changed."""
    arguments = {
        "token": address_text(terms.token), "payout_root": terms.payout_root, "result_hash": terms.result_hash,
        "pool": terms.pool, "delay": terms.delay, "deadline": terms.deadline, "sweep_to": address_text(terms.sweep_to),
    }  # fmt: skip
    arguments |= {name: value for name, value in changed.items() if value is not None}
    return compiled(CONTRACTS / "Distributor.vy").deploy(*arguments.values())


def token(name: str = "Plain") -> Any:
    return compiled(TOKENS / f"{name}.vy").deploy()


@pytest.fixture(autouse=True)
def fresh_chain() -> Iterator[None]:
    """Each test has a chain of its own."""
    with boa.env.anchor():
        yield


@pytest.fixture
def small() -> Round:
    """Five payouts, claims open."""
    found = Round(payouts(5), token())
    boa.env.time_travel(seconds=DELAY)
    return found


def refused(why: str) -> Any:
    return boa.reverts(why)


# --- what must work ---------------------------------------------------------------------------------------------------


def test_a_hundred_claims_pay_everybody_exactly_once() -> None:
    found = Round(payouts(), token())
    boa.env.time_travel(seconds=DELAY)
    for one in sorted(found.tree.payouts, key=lambda one: hashlib.sha256(one.account).digest()):
        assert not found.contract.is_claimed(one.index)
        found.claim(one.index)
        assert found.contract.is_claimed(one.index)
        assert found.contract.paid() <= found.tree.pool
    assert [found.balance(one.account) for one in found.tree.payouts] == [one.amount for one in found.tree.payouts]
    assert found.left() == 0
    assert found.contract.paid() == found.tree.pool
    for one in found.tree.payouts:
        with refused("claimed already"):
            found.claim(one.index)


def test_what_the_contract_is_bound_to_can_be_read_back_and_checked(small: Round) -> None:
    contract = small.contract
    back = Deployment(
        token=bytes.fromhex(contract.TOKEN()[2:]),
        payout_root=contract.PAYOUT_ROOT(),
        result_hash=contract.RESULT_HASH(),
        pool=contract.POOL(),
        delay=contract.OPENS_AT() - small.opened,
        deadline=contract.CLOSES_AT(),
        sweep_to=bytes.fromhex(contract.SWEEP_TO()[2:]),
        funding=small.left(),
    )
    assert back == small.deployment
    check_deployment(back, small.tree, RESULT, now=small.opened)
    other = payouts(4)
    with pytest.raises(IntegrityError, match="payout_root"):
        check_deployment(back, other, RESULT, now=small.opened)


def test_nobody_owns_it_and_nothing_stops_it(small: Round) -> None:
    functions = {entry["name"] for entry in small.contract.abi if entry["type"] == "function"}
    views = {"TOKEN", "PAYOUT_ROOT", "RESULT_HASH", "POOL", "OPENS_AT", "CLOSES_AT", "SWEEP_TO", "paid", "funded"}
    assert functions == views | {"is_claimed", "claim", "sweep"}


def test_whoever_calls_the_account_is_paid(small: Round) -> None:
    thief = boa.env.generate_address("thief")
    with boa.env.prank(thief):
        small.claim(2)
    assert small.balance(account(3)) == 3000
    assert small.token.balanceOf(thief) == 0


def test_one_payout_alone_needs_no_proof() -> None:
    found = Round(payouts(1), token())
    boa.env.time_travel(seconds=DELAY)
    found.claim(0, proof=())
    assert found.balance(account(1)) == 1000


def test_projects_that_share_an_address_are_each_paid() -> None:
    twice = [Payout(i, f"p{i}", account(7), 500, 5) for i in range(3)]  # same account, same amount: index tells apart
    found = Round(PayoutTree(twice, 1500), token())
    boa.env.time_travel(seconds=DELAY)
    found.claim(0)
    with refused("claimed already"):
        found.claim(0)
    with refused("not in the tree"):
        found.claim(0, index=5)
    found.claim(1)
    found.claim(2)
    assert (found.balance(account(7)), found.left()) == (1500, 0)


def test_bits_of_claims_do_not_touch_their_neighbours() -> None:
    found = Round(payouts(258), token())
    boa.env.time_travel(seconds=DELAY)
    for index in (255, 256, 0):
        found.claim(index)
    claimed = [index for index in range(258) if found.contract.is_claimed(index)]
    assert claimed == [0, 255, 256]


# --- attacks ----------------------------------------------------------------------------------------------------------


def test_wrong_claims_are_refused_and_change_nothing(small: Round) -> None:
    other = payouts(5, first=50).tree
    proof = small.tree.tree.proof(1)
    attacks: dict[str, dict[str, Any]] = {
        "amount more": {"amount": 2001},
        "amount less": {"amount": 1999},
        "amount nothing": {"amount": 0},
        "amount that overflows": {"amount": 2**256 - 1},
        "another account": {"account": account(99)},
        "another recipient's account": {"account": account(3)},
        "another index": {"index": 3},
        "an index beyond": {"index": 256 + 1},
        "no proof": {"proof": ()},
        "a shorter proof": {"proof": proof[:-1]},
        "a longer proof": {"proof": (*proof, bytes(32))},
        "a proof upside down": {"proof": proof[::-1]},
        "a changed proof": {"proof": (bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:])},
        "another payout's proof": {"proof": small.tree.tree.proof(4)},
        "another round's proof": {"proof": other.proof(1)},
        "another round's payout": {"account": account(51), "proof": other.proof(1)},
    }
    for attack, changed in attacks.items():
        with refused("not in the tree"):
            small.claim(1, **changed)
        assert small.left() == small.tree.pool, attack
    assert small.contract.paid() == 0
    assert not any(small.contract.is_claimed(index) for index in range(300))
    small.claim(1)  # nothing above has spoilt the true claim


def test_an_inner_node_is_no_leaf(small: Round) -> None:
    """The second-preimage attack on trees of plain hashes: 64 bytes, two children, read as a leaf's content."""
    tree = small.tree.tree
    left, right = sorted(tree.nodes[1:3])
    assert keccak256(left + right) == tree.root  # so a leaf that is the hash of 64 bytes would be payable with no proof
    with refused("not in the tree"):
        small.claim(0, index=int.from_bytes(left), account=right[12:], amount=1, proof=())
    for node in range(len(tree.nodes) - len(small.tree.payouts)):
        one, other = sorted(tree.nodes[2 * node + 1 : 2 * node + 3])
        with refused("not in the tree"):
            small.claim(0, index=int.from_bytes(one), account=other[12:], amount=int.from_bytes(other), proof=())
    # and raw data of the wrong length do not even get so far
    selector = keccak256(b"claim(uint256,address,uint256,bytes32[])")[:4]
    done = boa.env.execute_code(small.contract.address, data=selector + left + right)
    assert done.is_error


def test_claims_wait_for_the_delay_to_the_second() -> None:
    found = Round(payouts(2), token())
    with refused("not open yet"):
        found.claim(0)
    boa.env.time_travel(seconds=DELAY - 1)
    with refused("not open yet"):
        found.claim(0)
    boa.env.time_travel(seconds=1)
    found.claim(0)


def test_claims_close_and_sweep_opens_at_the_same_second() -> None:
    found = Round(payouts(2), token())
    boa.env.time_travel(seconds=100 * DAY - 1)
    found.claim(0)
    with refused("not closed yet"):
        found.contract.sweep()
    boa.env.time_travel(seconds=1)
    with refused("closed"):
        found.claim(1)
    with boa.env.prank(boa.env.generate_address("anybody")):
        found.contract.sweep()
    assert (found.balance(SWEEP_TO), found.left()) == (2000, 0)
    found.contract.sweep()  # again: there is nothing left, and nothing happens
    assert found.balance(SWEEP_TO) == 2000


def test_nothing_is_paid_until_the_whole_pool_lies_ready() -> None:
    found = Round(payouts(3), token(), funding=5999)
    boa.env.time_travel(seconds=DELAY)
    with refused("not funded"):
        found.claim(0)
    found.token.mint(found.contract.address, 1)
    for index in range(3):
        found.claim(index)
    assert found.left() == 0


def test_a_tree_above_its_pool_never_pays_more_than_the_pool() -> None:
    """A deployer who states a smaller pool than the tree's, and funds more: `check_deployment` refuses it, and …"""
    found = Round(payouts(3), token(), pool=5999)
    boa.env.time_travel(seconds=DELAY)
    found.claim(0)
    found.claim(1)
    with refused("more than the pool"):
        found.claim(2)
    assert found.contract.paid() == 3000


BAD_TERMS: dict[str, dict[str, Any]] = {
    "token": {"token": address_text(account(1))},  # nobody has put code there
    "payout root": {"payout_root": bytes(32)},
    "result hash": {"result_hash": bytes(32)},
    "pool": {"pool": 0},
    "delay": {"delay": 0},
    "deadline": {"deadline": 1},
    "sweep to": {"sweep_to": address_text(bytes(20))},
}


@pytest.mark.parametrize("why", BAD_TERMS)
def test_it_is_not_made_with_bad_terms(small: Round, why: str) -> None:
    with refused(why):
        deploy(small.deployment, **BAD_TERMS[why])


def test_it_is_not_made_to_sweep_to_its_token(small: Round) -> None:
    with refused("sweep to"):
        deploy(small.deployment, sweep_to=small.token.address)


def test_it_is_not_made_when_claims_would_close_before_they_open(small: Round) -> None:
    now = boa.env.evm.patch.timestamp
    with refused("deadline"):
        deploy(small.deployment, deadline=now + DELAY)
    deploy(small.deployment, deadline=now + DELAY + 1)


# --- odd tokens -------------------------------------------------------------------------------------------------------


def open_round(name: str) -> Round:
    found = Round(payouts(3), token(name))
    boa.env.time_travel(seconds=DELAY)
    return found


def test_a_token_that_answers_nothing_is_paid() -> None:
    found = open_round("Silent")
    found.claim(1)
    assert (found.balance(account(2)), found.left()) == (2000, 4000)
    boa.env.time_travel(seconds=100 * DAY)
    found.contract.sweep()
    assert found.balance(SWEEP_TO) == 4000


def test_an_answer_of_false_undoes_the_claim() -> None:
    found = open_round("Refusing")
    found.token.refuse(True)
    with refused("transfer refused"):
        found.claim(1)
    assert (found.contract.is_claimed(1), found.contract.paid(), found.left()) == (False, 0, 6000)
    found.token.refuse(False)
    found.claim(1)
    assert found.balance(account(2)) == 2000


@pytest.mark.parametrize("again", ["claim", "other", "sweep"])
def test_a_token_that_calls_back_gets_nothing_twice(again: str) -> None:
    found = open_round("Reentering")
    one = found.tree.payouts[0 if again == "claim" else 1]
    data = found.contract.sweep.prepare_calldata() if again == "sweep" else claim_data(found, one)
    found.token.aim(found.contract.address, data)
    found.claim(0)
    assert found.token.tried()
    assert not found.token.succeeded()
    assert (found.balance(account(1)), found.left(), found.contract.paid()) == (1000, 5000, 1000)
    found.token.aim(address_text(bytes(20)), b"")
    found.claim(1)
    assert found.left() == 3000


def claim_data(found: Round, one: Payout) -> bytes:
    proof = list(found.tree.tree.proof(one.index))
    prepare: Callable[..., bytes] = found.contract.claim.prepare_calldata
    return prepare(one.index, address_text(one.account), one.amount, proof)


def test_a_token_with_a_fee_must_be_funded_until_the_pool_is_whole_and_recipients_bear_its_fee() -> None:
    """Documented in docs/spec/settlement.md: such tokens work, but recipients get less than the decision says."""
    found = Round(payouts(3), token("Charging"), funding=0)
    boa.env.time_travel(seconds=DELAY)
    payer = boa.env.eoa
    found.token.mint(payer, 10_000)
    found.token.transfer(found.contract.address, 6000)  # 1 % stays with the token
    assert found.left() == 5940
    with refused("not funded"):
        found.claim(0)
    found.token.transfer(found.contract.address, 61)
    assert found.left() >= 6000
    for index in range(3):
        found.claim(index)
    assert [found.balance(account(1 + index)) for index in range(3)] == [990, 1980, 2970]
    assert found.contract.paid() == 6000


def test_a_leaf_hashed_once_would_not_do() -> None:
    """The contract's leaf is the library's: hashed twice, 96 bytes."""
    found = Round(payouts(2), token())
    boa.env.time_travel(seconds=DELAY)
    leaves = [payout_leaf(one.index, one.account, one.amount) for one in found.tree.payouts]
    packed = [
        one.index.to_bytes(32, "big") + one.account.rjust(32, b"\0") + one.amount.to_bytes(32, "big")
        for one in found.tree.payouts
    ]
    assert leaves == [keccak256(keccak256(data)) for data in packed]
    once = MerkleTree.of([keccak256(data) for data in packed])
    naive = deploy(found.deployment, payout_root=once.root)
    found.token.mint(naive.address, found.tree.pool)
    boa.env.time_travel(seconds=DELAY)
    with refused("not in the tree"):
        naive.claim(0, address_text(account(1)), 1000, list(once.proof(0)))


# --- any order of anything --------------------------------------------------------------------------------------------

ACTIONS = st.one_of(  # claims three times, so that they are most of what happens
    st.tuples(st.just("claim"), st.integers(0, 5)),
    st.tuples(st.just("claim"), st.integers(0, 5)),
    st.tuples(st.just("claim"), st.integers(0, 5)),
    st.tuples(st.just("wrong amount"), st.integers(0, 5)),
    st.tuples(st.just("wrong proof"), st.integers(0, 5)),
    st.tuples(st.just("fund"), st.integers(1, 25_000)),
    st.tuples(st.just("wait"), st.integers(1, 12 * DAY)),
    st.tuples(st.just("sweep"), st.just(0)),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from([0, DELAY, 95 * DAY]), st.lists(ACTIONS, min_size=12, max_size=40))
def test_any_order_of_actions_keeps_the_books(start: int, actions: list[tuple[str, int]]) -> None:
    """A model of a few lines says what each action does; money is conserved, and claims never exceed the pool."""
    with boa.env.anchor():
        found = Round(payouts(6), token(), funding=0)
        claimed, swept, sent, funded, paid = set[int](), 0, 0, False, 0
        for what, number in [*([("fund", 21_000), ("wait", start)] if start else []), *actions]:
            clock = boa.env.evm.patch.timestamp
            is_open = found.opened + DELAY <= clock < found.deadline
            left = sent - paid - swept
            if what == "fund":
                found.token.mint(found.contract.address, number)
                sent += number
            elif what == "wait":
                boa.env.time_travel(seconds=number)
            elif what == "sweep":
                if clock >= found.deadline:
                    found.contract.sweep()
                    swept += left
                else:
                    with refused("not closed yet"):
                        found.contract.sweep()
            elif what == "claim" and is_open and number not in claimed and (funded or left >= found.tree.pool):
                found.claim(number)
                claimed.add(number)
                funded, paid = True, paid + found.tree.payouts[number].amount
            else:
                wrong = {"wrong amount": {"amount": 999}, "wrong proof": {"proof": (RESULT,)}}.get(what, {})
                with boa.reverts():
                    found.claim(number, **wrong)
            assert found.left() == sent - paid - swept >= 0
            assert found.contract.paid() == paid <= found.tree.pool
            assert found.balance(SWEEP_TO) == swept
            assert found.contract.funded() == funded
            for one in found.tree.payouts:
                assert found.balance(one.account) == (one.amount if one.index in claimed else 0)
                assert found.contract.is_claimed(one.index) == (one.index in claimed)
