"""The step `chain`: a contract in a real EVM, behind a node on loopback, against the record's payouts.

Nothing of the chain is put on: good and hostile contracts are compiled and deployed. Runs in an environment of its own,
like the distributor's tests. All accounts are derived from small integers.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

boa = pytest.importorskip("boa", reason="no EVM here: `make test-contracts` runs these tests in .venv-contracts")

sys.path.insert(0, str(Path(__file__).parent))

import evm_node  # noqa: E402 - after the skip
from evm_node import CHAIN, Change, honest, node  # noqa: E402

from daccord.errors import ExternalError, InputError, IntegrityError  # noqa: E402
from daccord.settlement import (  # noqa: E402
    RUNTIME_SHA256,
    RUNTIME_SIZE,
    ChainState,
    Payout,
    PayoutTree,
    ReadPayouts,
    address_text,
    check_chain,
    keccak256,
    read_code,
)

pytestmark = pytest.mark.filterwarnings("default")  # the compiler's libraries warn about one another

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "contracts" / "Distributor.vy"
TOKENS = Path(__file__).parent / "tokens"
RESULT = hashlib.sha256(b"a decision, invented for this test").digest()
DAY = 86_400
SWEEP_TO = (0x5EE9).to_bytes(20, "big")
COUNT = 5


def account(number: int) -> bytes:
    return (0x10000 + number).to_bytes(20, "big")


def tree(first: int = 1) -> PayoutTree:
    list_ = [Payout(i, f"project-{i}", account(first + i), 1000 * (i + 1), i + 1) for i in range(COUNT)]
    return PayoutTree(list_, sum(one.amount for one in list_))


def read(of: PayoutTree) -> ReadPayouts:
    """As the record has them."""
    accounts, amounts = (tuple(getattr(one, name) for one in of.payouts) for name in ("account", "amount"))
    return ReadPayouts(of.tree.root, accounts, amounts)


COMPILED: dict[Path, Any] = {}


def compiled(path: Path) -> Any:
    if path not in COMPILED:
        COMPILED[path] = boa.load_partial(str(path))
    return COMPILED[path]


class Scene:
    """A token, a payout tree, a distributor; each argument of it can be another."""

    def __init__(self, **changed: Any) -> None:
        self.tree = tree()
        self.token = compiled(TOKENS / "Plain.vy").deploy()
        self.opened = boa.env.evm.patch.timestamp
        self.deadline = self.opened + 100 * DAY
        arguments = {
            "token": self.token.address, "payout_root": self.tree.tree.root, "result_hash": RESULT,
            "pool": self.tree.pool, "delay": 7 * DAY, "deadline": self.deadline, "sweep_to": address_text(SWEEP_TO),
        } | changed  # fmt: skip
        self.contract = compiled(SOURCE).deploy(*arguments.values())
        self.address = bytes.fromhex(self.contract.address[2:])
        self.wanted: dict[str, Any] = {
            "payouts": read(self.tree), "result_hash": RESULT, "chain": CHAIN,
            "token": bytes.fromhex(self.token.address[2:]), "deadline": self.deadline, "sweep_to": SWEEP_TO,
        }  # fmt: skip

    def check(self, change: Change = honest, **wanted: Any) -> ChainState:
        with node(change) as (url, _):
            now = boa.env.evm.patch.timestamp
            address = wanted.pop("address", self.address)
            return check_chain(url, address, now=now, **{"timeout": 5.0, **self.wanted, **wanted})

    def fund(self) -> None:
        self.token.mint(self.contract.address, self.tree.pool)
        boa.env.time_travel(seconds=7 * DAY)

    def claim(self, index: int) -> None:
        one = self.tree.payouts[index]
        self.contract.claim(index, address_text(one.account), one.amount, list(self.tree.tree.proof(index)))

    def store(self, slot: int, value: int) -> None:
        boa.env.set_storage(self.contract.address, slot, value)


@pytest.fixture(autouse=True)
def fresh_chain() -> Iterator[None]:
    with boa.env.anchor():
        yield


@pytest.fixture
def scene() -> Scene:
    return Scene()


def refused(what: str) -> Any:
    return pytest.raises(IntegrityError, match=what)


# --- what holds -------------------------------------------------------------------------------------------------------


def test_the_pinned_runtime_is_what_the_source_compiles_to() -> None:
    runtime = compiled(SOURCE).compiler_data.bytecode_runtime
    assert (len(runtime), hashlib.sha256(runtime).hexdigest()) == (RUNTIME_SIZE, RUNTIME_SHA256)


def test_the_slots_are_the_compilers(scene: Scene) -> None:
    layout = compiled(SOURCE).compiler_data.storage_layout["storage_layout"]
    slots = {name: layout[name]["slot"] for name in ("$.nonreentrant_key", "paid", "funded", "claims")}
    assert slots == {"$.nonreentrant_key": 0, "paid": 1, "funded": 2, "claims": 3}
    scene.fund()
    scene.claim(1)
    assert [boa.env.get_storage(scene.contract.address, slot) for slot in range(3)] == [3, 2000, 1]


def test_a_fresh_contract_holds(scene: Scene) -> None:
    with node() as (url, asked):
        state = check_chain(url, scene.address, now=scene.opened, **scene.wanted)
    assert (state.chain, state.held, state.paid, state.funded, state.claimed) == (CHAIN, 0, 0, False, ())
    terms = state.terms
    contract = scene.contract
    assert address_text(terms.token) == contract.TOKEN()
    assert (terms.payout_root, terms.result_hash) == (contract.PAYOUT_ROOT(), contract.RESULT_HASH())
    assert (terms.pool, terms.opens_at) == (contract.POOL(), contract.OPENS_AT())
    assert (terms.closes_at, address_text(terms.sweep_to)) == (contract.CLOSES_AT(), contract.SWEEP_TO())
    assert set(asked) == {"eth_chainId", "eth_getCode", "eth_call", "eth_getStorageAt"}
    assert f"on the chain {CHAIN}: 0 of 15000 units lie there" in str(state)


def test_it_holds_at_every_moment_of_its_life(scene: Scene) -> None:
    scene.fund()
    assert scene.check().held == 15_000
    for index in (2, 0):
        scene.claim(index)
    state = scene.check()
    assert (state.held, state.paid, state.funded, state.claimed) == (11_000, 4000, True, (0, 2))
    boa.env.time_travel(seconds=100 * DAY)
    scene.contract.sweep()
    assert scene.check().held == 0


def test_what_is_not_asked_for_is_not_compared_but_told(scene: Scene) -> None:
    nothing = dict.fromkeys(("chain", "token", "deadline", "sweep_to"))
    state = scene.check(**nothing)
    assert (state.chain, state.terms.closes_at, state.terms.sweep_to) == (CHAIN, scene.deadline, SWEEP_TO)


# --- another contract -------------------------------------------------------------------------------------------------

OTHER: dict[str, tuple[dict[str, Any], str]] = {
    "another root": ({"payout_root": tree(first=50).tree.root}, "payout root"),
    "another result": ({"result_hash": b"\x01" * 32}, "result hash"),
    "a smaller pool": ({"pool": 14_999}, "pool is 14999, and the payouts add up to 15000"),
    "another deadline": ({"deadline": 4_000_000_000}, "deadline is another"),
    "another sweep address": ({"sweep_to": address_text(account(77))}, "sweep address is another"),
}


@pytest.mark.parametrize("attack", OTHER)
def test_a_contract_bound_to_something_else_is_named(attack: str) -> None:
    changed, message = OTHER[attack]
    with refused(message) as caught:
        Scene(**changed).check()
    assert str(caught.value).count("its ") == 1  # nothing else is blamed


def test_another_token_is_named(scene: Scene) -> None:
    other = compiled(TOKENS / "Plain.vy").deploy()
    with refused("token is another"):
        scene.check(token=bytes.fromhex(other.address[2:]))


def test_everything_that_differs_is_named_at_once() -> None:
    with refused("payout root.*result hash.*deadline"):
        Scene(payout_root=b"\x05" * 32, result_hash=b"\x06" * 32, deadline=4_000_000_000).check()


def test_another_chain_is_named_before_anything_is_asked_of_it(scene: Scene) -> None:
    with node() as (url, asked):
        with refused(f"of the chain {CHAIN}, not 1$"):
            check_chain(url, scene.address, now=scene.opened, **{**scene.wanted, "chain": 1})
        assert asked == ["eth_chainId"]


def test_an_address_without_code(scene: Scene) -> None:
    with refused("no contract at the address"):
        scene.check(address=account(1))


def test_the_token_is_not_the_distributor(scene: Scene) -> None:
    with refused("not that of contracts"):
        scene.check(address=scene.wanted["token"])


IMPOSTOR = """
from ethereum.ercs import IERC20
OWNER: immutable(address)
{getters}
@deploy
def __init__(token: address, payout_root: bytes32, result_hash: bytes32, pool: uint256, delay: uint256,
             deadline: uint256, sweep_to: address):
    OWNER = msg.sender
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
    return False

@external
def rob():
    assert msg.sender == OWNER
    extcall IERC20(TOKEN).transfer(OWNER, staticcall IERC20(TOKEN).balanceOf(self))
"""


def test_other_code_that_tells_the_same(scene: Scene) -> None:
    kinds = {"TOKEN": "address", "PAYOUT_ROOT": "bytes32", "RESULT_HASH": "bytes32", "POOL": "uint256",
             "OPENS_AT": "uint256", "CLOSES_AT": "uint256", "SWEEP_TO": "address"}  # fmt: skip
    getters = "\n".join(f"{name}: public(immutable({kind}))" for name, kind in kinds.items())
    source = f"# pragma evm-version paris\n{IMPOSTOR.format(getters=getters)}"
    wanted = (scene.token.address, scene.tree.tree.root, RESULT, scene.tree.pool, 7 * DAY, scene.deadline)
    impostor = boa.loads(source, *wanted, address_text(SWEEP_TO))
    for name in kinds:
        assert getattr(impostor, name)() == getattr(scene.contract, name)()
    with refused("not that of contracts"):
        scene.check(address=bytes.fromhex(impostor.address[2:]))


def test_one_byte_of_the_code_or_one_too_many(scene: Scene) -> None:
    code = boa.env.get_code(scene.contract.address)
    for place in (0, 1000, RUNTIME_SIZE - 1):
        boa.env.set_code(scene.contract.address, code[:place] + bytes([code[place] ^ 1]) + code[place + 1 :])
        with refused("not that of contracts"):
            scene.check()
    for wrong in (code + b"\0", code[:-1], code[:RUNTIME_SIZE], code + bytes(32)):
        boa.env.set_code(scene.contract.address, wrong)
        with refused("not that of contracts"):
            scene.check()
    dirty = code[:RUNTIME_SIZE] + b"\x01" + code[RUNTIME_SIZE + 1 :]
    boa.env.set_code(scene.contract.address, dirty)
    with refused("is no address"):
        scene.check()


# --- our code, but another constructor --------------------------------------------------------------------------------


def deploy_raw(scene: Scene, writes: dict[int, int], **changed: bytes) -> bytes:
    """Our code with any words behind it, put there by a constructor that has first written what it likes."""
    words = {
        "token": scene.wanted["token"].rjust(32, b"\0"), "payout_root": scene.tree.tree.root, "result_hash": RESULT,
        "pool": scene.tree.pool.to_bytes(32, "big"), "opens_at": (scene.opened + 7 * DAY).to_bytes(32, "big"),
        "closes_at": scene.deadline.to_bytes(32, "big"), "sweep_to": SWEEP_TO.rjust(32, b"\0"),
    } | changed  # fmt: skip
    code = boa.env.get_code(scene.contract.address)[:RUNTIME_SIZE] + b"".join(words.values())
    words_of = ((value.to_bytes(32, "big"), slot.to_bytes(32, "big")) for slot, value in writes.items())
    store = b"".join(b"\x7f" + value + b"\x7f" + slot + b"\x55" for value, slot in words_of)  # PUSH32, PUSH32, SSTORE
    size = len(code).to_bytes(2, "big")
    start = len(store) + 15
    copy = b"\x61" + size + b"\x61" + start.to_bytes(2, "big") + b"\x60\x00\x39" + b"\x61" + size + b"\x60\x00\xf3"
    assert len(copy) == 15
    address, computation = boa.env.deploy_code(bytecode=store + copy + code)[0:2]
    assert computation is not None
    return bytes.fromhex(str(address)[2:])


def claims_slot(word: int) -> int:
    return int.from_bytes(keccak256((3).to_bytes(32, "big") + word.to_bytes(32, "big")), "big")


def test_the_raw_deployment_is_ours_when_it_writes_nothing(scene: Scene) -> None:
    scene.check(address=deploy_raw(scene, {}))


STORED: dict[str, tuple[dict[int, int], str]] = {
    "a lock that never opens": ({0: 2}, "locked"),
    "a recipient who was paid already": (
        {claims_slot(0): 0b100},
        "0 were paid, and its claims add up to 3000",
    ),
    "the same, with books that fit": ({claims_slot(0): 0b100, 1: 3000}, "before the pool was there"),
    "the same, and the pool as well": ({claims_slot(0): 0b100, 1: 3000, 2: 1}, "holds less than what is to be paid"),
    "payments without claims": ({1: 3000, 2: 1}, "3000 were paid, and its claims add up to 0"),
    "a pool that was there": ({2: 1}, "holds less than what is to be paid"),
}


@pytest.mark.parametrize("attack", STORED)
def test_our_code_with_a_history_of_its_own(scene: Scene, attack: str) -> None:
    writes, message = STORED[attack]
    address = deploy_raw(scene, writes)
    with refused(message):
        scene.check(address=address)


def test_why_that_matters(scene: Scene) -> None:
    """The lock: every claim is refused, and nobody sees it in what the functions tell."""
    address = deploy_raw(scene, {0: 2})
    contract = compiled(SOURCE).at(address_text(address))
    scene.token.mint(contract.address, scene.tree.pool)
    boa.env.time_travel(seconds=7 * DAY)
    one = scene.tree.payouts[0]
    with boa.reverts():
        contract.claim(0, address_text(one.account), one.amount, list(scene.tree.tree.proof(0)))
    assert not contract.is_claimed(0)


def test_terms_that_our_constructor_would_refuse(scene: Scene) -> None:
    late = (scene.deadline + 1).to_bytes(32, "big")
    for changed, message in (
        ({"opens_at": late}, "close before they open"),
        ({"sweep_to": bytes(32)}, "sweep address is another.*would be lost"),
        ({"sweep_to": scene.wanted["token"].rjust(32, b"\0")}, "would be lost"),
    ):
        with refused(message):
            scene.check(address=deploy_raw(scene, {}, **changed))


def test_what_is_left_does_not_go_to_the_contract_itself(scene: Scene) -> None:
    code = boa.env.get_code(scene.contract.address)
    boa.env.set_code(scene.contract.address, code[:-20] + scene.address)
    with refused("would be lost"):
        scene.check(sweep_to=None)


def test_a_token_that_is_to_be_paid_to_itself(scene: Scene) -> None:
    payouts = scene.wanted["payouts"]
    among = replace(payouts, accounts=(scene.wanted["token"], *payouts.accounts[1:]))
    with refused("among the recipients"):
        scene.check(payouts=among)


# --- a node that misbehaves -------------------------------------------------------------------------------------------


def says(body: bytes, status: int = 200, **headers: str) -> Change:
    return lambda handler, _question, _document: handler.say(body, status, **headers)


def result(value: Any, method: str = "") -> Change:
    def change(handler: Any, question: dict[str, Any], document: dict[str, Any]) -> None:
        said = {**document, "result": value} if question["method"] == method or not method else document
        handler.say(json.dumps(said).encode())

    return change


def cut_off(handler: Any, _question: dict[str, Any], document: dict[str, Any]) -> None:
    handler.say(json.dumps(document).encode()[:-3], Content_Length="500")
    handler.close_connection = True


BAD_NODES: dict[str, tuple[Change, str]] = {
    "no JSON": (says(b"<html>"), "no JSON"),
    "nothing": (says(b""), "no JSON"),
    "no text": (says(b"\xff\xfe\x00"), "no JSON"),
    "nested for ever": (says(b"[" * 500_000), "something else"),
    "a list": (says(b"[]"), "something else than it was asked"),
    "another question's answer": (says(b'{"jsonrpc":"2.0","id":999,"result":"0x1"}'), "something else"),
    "an error": (says(b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no\\u001b[2J"}}'), r"refuses.*x1b"),
    "an error that is no object": (says(b'{"id":1,"error":7}'), "refuses: '7'"),
    "no result": (says(b'{"jsonrpc":"2.0","id":1}'), "cannot be: 'None'"),
    "a number": (result(1), "cannot be: '1'"),
    "leading zeros": (result("0x01"), "eth_chainId, answers what cannot be"),
    "half a byte of code": (result("0x123", "eth_getCode"), "eth_getCode, answers what cannot be"),
    "a short word": (result("0x01", "eth_call"), "eth_call, answers what cannot be"),
    "an empty word": (result("0x", "eth_getStorageAt"), "eth_getStorageAt, answers what cannot be"),
    "a huge body": (says(b'"' + b"0" * (1 << 20) + b'"'), "more than 1,048,576 bytes"),
    "a status": (says(b"{}", 503), "answers 503"),
    "a redirect": (says(b"", 307, Location="http://127.0.0.1:1/"), "answers 307, elsewhere"),
    "another encoding": (says(b"{}", Content_Encoding="gzip"), "encoding"),
    "cut off": (cut_off, "breaks off|does not answer"),
    "no HTTP": (lambda handler, *_: handler.wfile.write(b"SSH-2.0\r\n") and None, "does not answer"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BAD_NODES)
def test_a_node_that_misbehaves_is_a_failure_outside(scene: Scene, fault: str) -> None:
    change, message = BAD_NODES[fault]
    with pytest.raises(ExternalError, match=message) as caught:
        scene.check(change, timeout=2.0)
    text = str(caught.value)
    assert "127.0.0.1" in text
    assert "secret" not in text
    assert "key-in-the-path" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("how", [evm_node.slowly, evm_node.slow_head])
def test_a_node_that_answers_a_byte_at_a_time_is_left_in_time(scene: Scene, how: Change) -> None:
    began = time.monotonic()
    with pytest.raises(ExternalError, match=r"within 0\.4 seconds"):
        scene.check(how, timeout=0.4)
    assert time.monotonic() - began < 5


def test_nobody_there() -> None:
    with node() as (url, _):
        pass
    wanted: dict[str, Any] = {"payouts": read(tree()), "result_hash": RESULT, "now": 0}
    with pytest.raises(ExternalError, match="does not answer"):
        check_chain(url, account(1), **wanted)
    for wrong in (
        "file:///etc/passwd",
        "127.0.0.1:8545",
        "http://",
        "http://me:password@node",
        "http://a b",
        "ftp://x",
    ):
        with pytest.raises(InputError) as caught:
            check_chain(wrong, account(1), **wanted)
        assert "password" not in str(caught.value)


def test_any_bytes_as_code_are_refused() -> None:
    for size in (0, 1, RUNTIME_SIZE, RUNTIME_SIZE + 224):
        with pytest.raises(IntegrityError):
            read_code(bytes(size))
