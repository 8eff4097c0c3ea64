"""The batch for a Safe, executed: Safe 1.4.1's own contracts in an EVM, signed by owners, and every balance compared.

The Safe's compiled contracts come from its publisher's npm package, which is fetched once into the environment of these
tests, compared with a pinned digest, and is no part of daccord. Where it cannot be had the tests are skipped, and fail
if `CI` is set. That the bytes are those deployed on public chains is itself a test: their addresses follow from them.

What signers do is done here with other libraries than daccord: they take `safe-batch.json`, build the transaction, let
a wallet's library hash and sign it as typed data. Accounts are derived from small integers; keys are small integers.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

boa = pytest.importorskip("boa", reason="no EVM here: `make test-contracts` runs these tests in .venv-contracts")

from eth_abi import decode, encode  # noqa: E402 - after the skip
from eth_account import Account  # noqa: E402
from eth_account.messages import encode_typed_data  # noqa: E402
from eth_utils import keccak, to_checksum_address  # noqa: E402

from daccord.settlement import (  # noqa: E402
    MULTISEND_CALL_ONLY,
    Payout,
    PayoutTree,
    SafePayment,
    address_text,
    check_safe,
)

pytestmark = pytest.mark.filterwarnings("default")  # the compiler's libraries warn about one another

PACKAGE = "@safe-global/safe-contracts@1.4.1"
SHA256 = "8803f7cf26e2c58300b8136342faa7b8bce59436e300f52115fa25b095e0bf79"
FACTORY = bytes.fromhex("914d7fec6aac8cd542e72bca78b30650d45643d7")
"""Safe's factory of contracts at fixed addresses."""
SINGLETON = "0x41675C099F32341bf84BFc5382aF534df5C7461a"
"""Safe 1.4.1 on public chains."""

TOKENS = Path(__file__).parent / "tokens"
NOBODY = "0x" + "00" * 20
OWNERS = [Account.from_key(number.to_bytes(32, "big")) for number in (11, 12, 13)]
KINDS = {
    "to": "address", "value": "uint256", "data": "bytes", "operation": "uint8", "safeTxGas": "uint256",
    "baseGas": "uint256", "gasPrice": "uint256", "gasToken": "address", "refundReceiver": "address", "nonce": "uint256",
}  # fmt: skip


def call_data(name: str, types: list[str], values: list[Any]) -> bytes:
    return keccak(f"{name}({','.join(types)})".encode())[:4] + encode(types, values)


# --- Safe's contracts -------------------------------------------------------------------------------------------------


def missing(why: str) -> NoReturn:
    (pytest.fail if os.environ.get("CI") else pytest.skip)(why)


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Compiled contracts of the package, by name."""
    kept = Path(sys.prefix) / "safe-contracts.tgz"
    if not kept.is_file() or hashlib.sha256(kept.read_bytes()).hexdigest() != SHA256:
        npm = shutil.which("npm")
        if npm is None:
            missing("no npm here, from which Safe's contracts come")
        folder = tmp_path_factory.mktemp("npm")
        done = subprocess.run(
            [npm, "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, timeout=120, check=False
        )
        found = list(folder.glob("*.tgz"))
        if done.returncode or len(found) != 1:
            missing("npm does not give Safe's contracts")
        assert hashlib.sha256(found[0].read_bytes()).hexdigest() == SHA256
        shutil.copy(found[0], kept)
    contracts = {}
    with tarfile.open(kept) as package:
        for member in package:
            name = Path(member.name).stem
            if "/artifacts/contracts/" in member.name and name in {"Safe", "SafeProxy", "MultiSendCallOnly"}:
                stream = package.extractfile(member)
                assert stream is not None
                contracts[name] = json.load(stream)
    return contracts


def at_factory(artifact: dict[str, Any]) -> str:
    """Address at which the factory makes a contract (CREATE2 without salt)."""
    code = bytes.fromhex(artifact["bytecode"][2:])
    return to_checksum_address(keccak(b"\xff" + FACTORY + bytes(32) + keccak(code))[12:])


def deploy(artifact: dict[str, Any], *arguments: tuple[str, Any]) -> str:
    types, values = [kind for kind, _ in arguments], [value for _, value in arguments]
    code = bytes.fromhex(artifact["bytecode"][2:]) + encode(types, values)
    return str(boa.env.deploy_code(bytecode=code)[0])


class RevertedError(Exception):
    """A call failed, with the reason that it gave."""


def run(to: str, data: bytes) -> bytes:
    done = boa.env.execute_code(to, data=data)
    if done.is_error:
        reason = done.output
        raise RevertedError(
            decode(["string"], reason[4:])[0] if reason[:4] == bytes.fromhex("08c379a0") else reason.hex()
        )
    return bytes(done.output)


# --- a Safe, and its signers ------------------------------------------------------------------------------------------


def payouts(count: int) -> PayoutTree:
    """Awards 7, 14, … in units of a token with 18 digits, to invented accounts."""
    amounts = [7 * 10**18 * (i + 1) + i for i in range(count)]
    list_ = [Payout(i, f"project-{i}", (0x10001 + i).to_bytes(20, "big"), amounts[i], amounts[i]) for i in range(count)]
    return PayoutTree(list_, sum(amounts))


def transaction_of(document: dict[str, Any], multisend: str) -> tuple[str, bytes, int]:
    """What a transaction builder makes of a batch file: account, data, operation."""
    calls = []
    for one in document["transactions"]:
        method = one["contractMethod"]
        kinds = [entry["type"] for entry in method["inputs"]]
        texts = [one["contractInputsValues"][entry["name"]] for entry in method["inputs"]]
        values = [int(text) if kind == "uint256" else text for kind, text in zip(kinds, texts, strict=True)]
        calls.append((one["to"], int(one["value"]), call_data(method["name"], kinds, values)))
    if len(calls) == 1:
        return calls[0][0], calls[0][2], 0
    packed = b"".join(
        b"\0" + bytes.fromhex(to[2:]) + encode(["uint256", "uint256"], [value, len(data)]) + data
        for to, value, data in calls
    )
    return multisend, call_data("multiSend", ["bytes"], [packed]), 1


class Scene:
    """A Safe of two in three owners that holds the pool, and the batch for it."""

    def __init__(self, artifacts: dict[str, dict[str, Any]], tree: PayoutTree, funding: int | None = None) -> None:
        self.tree = tree
        self.multisend = to_checksum_address(MULTISEND_CALL_ONLY)
        boa.env.set_code(self.multisend, bytes.fromhex(artifacts["MultiSendCallOnly"]["deployedBytecode"][2:]))
        self.safe = deploy(artifacts["SafeProxy"], ("address", deploy(artifacts["Safe"])))
        kinds = ["address[]", "uint256", "address", "bytes", "address", "address", "uint256", "address"]
        owners = [owner.address for owner in OWNERS]
        run(self.safe, call_data("setup", kinds, [owners, 2, NOBODY, b"", NOBODY, NOBODY, 0, NOBODY]))
        self.token = boa.load_partial(str(TOKENS / "Plain.vy")).deploy()
        self.token.mint(self.safe, tree.pool if funding is None else funding)
        self.chain = int(boa.env.evm.patch.chain_id)
        self.payment = self.at(0)

    def at(self, nonce: int, chain: int | None = None) -> SafePayment:
        token, safe = (bytes.fromhex(one[2:]) for one in (str(self.token.address), self.safe))
        payment = SafePayment(self.tree, token, safe, self.chain if chain is None else chain, nonce)
        check_safe(payment)
        return payment

    def file(self) -> dict[str, Any]:
        """The batch as signers get it."""
        document: dict[str, Any] = json.loads(json.dumps(self.payment.batch("Awards", "Simulated", 0)))
        return document

    def signed(
        self, to: str, data: bytes, operation: int, *, by: list[Any], nonce: int = 0, chain: int | None = None
    ) -> bytes:
        """Signatures of owners over the typed data that their wallets show, in the order that a Safe wants."""
        message = {
            "to": to, "value": 0, "data": data, "operation": operation, "safeTxGas": 0, "baseGas": 0, "gasPrice": 0,
            "gasToken": NOBODY, "refundReceiver": NOBODY, "nonce": nonce,
        }  # fmt: skip
        signable = encode_typed_data(
            {"chainId": self.chain if chain is None else chain, "verifyingContract": self.safe},
            {"SafeTx": [{"name": name, "type": kind} for name, kind in KINDS.items()]},
            message,
        )
        ordered = sorted(by, key=lambda owner: int(owner.address, 16))
        return b"".join(bytes(owner.sign_message(signable).signature) for owner in ordered)

    def execute(self, to: str, data: bytes, operation: int, signatures: bytes) -> None:
        kinds = [*list(KINDS.values())[:-1], "bytes"]
        run(
            self.safe,
            call_data("execTransaction", kinds, [to, 0, data, operation, 0, 0, 0, NOBODY, NOBODY, signatures]),
        )

    def balances(self) -> list[int]:
        return [int(self.token.balanceOf(address_text(one.account))) for one in self.tree.payouts]

    def left(self) -> int:
        return int(self.token.balanceOf(self.safe))


@pytest.fixture(autouse=True)
def fresh_chain() -> Iterator[None]:
    with boa.env.anchor():
        yield


@pytest.fixture
def scene(artifacts: dict[str, dict[str, Any]]) -> Scene:
    return Scene(artifacts, payouts(5))


def refused(why: str = "") -> Any:
    return pytest.raises(RevertedError, match=why)


# --- what must work ---------------------------------------------------------------------------------------------------


def test_the_package_holds_what_runs_on_public_chains(artifacts: dict[str, dict[str, Any]]) -> None:
    assert at_factory(artifacts["Safe"]) == SINGLETON
    assert at_factory(artifacts["MultiSendCallOnly"]) == to_checksum_address(MULTISEND_CALL_ONLY)


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_a_signed_batch_pays_every_award_to_the_unit(artifacts: dict[str, dict[str, Any]], count: int) -> None:
    scene = Scene(artifacts, payouts(count), funding=payouts(count).pool + 123)
    built = transaction_of(scene.file(), scene.multisend)
    to, data, operation = scene.payment.transaction()
    assert built == (to_checksum_address(to), data, operation)  # daccord's bytes are a builder's
    scene.execute(*built, scene.signed(*built, by=OWNERS[:2]))
    assert scene.balances() == [one.amount for one in scene.tree.payouts]
    assert scene.left() == 123


def test_the_hash_that_daccord_prints_is_the_contracts(scene: Scene) -> None:
    to, data, operation = scene.payment.transaction()
    for nonce in (0, 1, 12):
        values = [to_checksum_address(to), 0, data, operation, 0, 0, 0, NOBODY, NOBODY, nonce]
        said = run(scene.safe, call_data("getTransactionHash", list(KINDS.values()), values))
        assert said == scene.at(nonce).hash()
    assert scene.at(0).hash() != scene.at(0, chain=scene.chain + 1).hash()


def test_signing_that_hash_is_signing_the_batch(scene: Scene) -> None:
    """A signer who signs what `daccord settle` printed, and nothing else."""
    to, data, operation = scene.payment.transaction()
    ordered = sorted(OWNERS[1:], key=lambda owner: int(owner.address, 16))
    signatures = b"".join(bytes(owner.unsafe_sign_hash(scene.payment.hash()).signature) for owner in ordered)
    scene.execute(to_checksum_address(to), data, operation, signatures)
    assert scene.balances() == [one.amount for one in scene.tree.payouts]


# --- what must not ----------------------------------------------------------------------------------------------------


def changed(document: dict[str, Any], attack: str) -> dict[str, Any]:
    calls = document["transactions"]
    first = calls[0]["contractInputsValues"]
    if attack == "an amount":
        first["value"] = str(int(first["value"]) + 1)
    elif attack == "a recipient":
        first["to"] = to_checksum_address((0x7E1F).to_bytes(20, "big"))
    elif attack == "one left out":
        calls.pop()
    elif attack == "one twice":
        calls.append(calls[0])
    elif attack == "another order":
        calls.reverse()
    elif attack == "another token":
        calls[0]["to"] = to_checksum_address((0x70CE).to_bytes(20, "big"))
    elif attack == "approve instead of transfer":
        calls[0]["contractMethod"]["name"] = "approve"
    return document


ATTACKS = (
    "an amount", "a recipient", "one left out", "one twice", "another order", "another token",
    "approve instead of transfer",
)  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_changed_batch_has_another_hash_and_the_signatures_do_not_fit(scene: Scene, attack: str) -> None:
    right = transaction_of(scene.file(), scene.multisend)
    wrong = transaction_of(changed(scene.file(), attack), scene.multisend)
    assert wrong != right
    signatures = scene.signed(*right, by=OWNERS[:2])
    with refused("GS026"):  # a signature by nobody who is an owner
        scene.execute(*wrong, signatures)
    assert scene.balances() == [0] * 5
    scene.execute(*right, signatures)  # the signed one still goes through


def test_signatures_for_something_else_do_not_fit(scene: Scene) -> None:
    right = transaction_of(scene.file(), scene.multisend)
    to, data, _ = right
    for signatures, why in (
        (scene.signed(*right, by=OWNERS[:1]), "GS020"),  # too few
        (scene.signed(*right, by=[OWNERS[0], OWNERS[0]]), "GS026"),  # one owner twice
        (scene.signed(*right, by=[OWNERS[0], Account.from_key((99).to_bytes(32, "big"))]), "GS026"),  # a stranger
        (scene.signed(*right, by=OWNERS[:2], nonce=1), "GS026"),
        (scene.signed(*right, by=OWNERS[:2], chain=scene.chain + 1), "GS026"),
        (scene.signed(to, data, 0, by=OWNERS[:2]), "GS026"),  # a call instead of running it as the Safe's own code
    ):
        with refused(why):
            scene.execute(*right, signatures)
    assert scene.balances() == [0] * 5


def test_a_batch_is_paid_once(scene: Scene) -> None:
    right = transaction_of(scene.file(), scene.multisend)
    signatures = scene.signed(*right, by=OWNERS[:2])
    scene.token.mint(scene.safe, scene.tree.pool)
    scene.execute(*right, signatures)
    with refused("GS026"):
        scene.execute(*right, signatures)
    assert scene.balances() == [one.amount for one in scene.tree.payouts]
    assert scene.left() == scene.tree.pool


def test_a_safe_that_holds_too_little_pays_nobody(artifacts: dict[str, dict[str, Any]]) -> None:
    scene = Scene(artifacts, payouts(5), funding=payouts(5).pool - 1)
    right = transaction_of(scene.file(), scene.multisend)
    with refused("GS013"):  # the whole transaction fails
        scene.execute(*right, scene.signed(*right, by=OWNERS[:2]))
    assert scene.balances() == [0] * 5
    assert scene.left() == scene.tree.pool - 1


def test_vectors_of_wallets_are_what_this_library_makes() -> None:
    script = Path(__file__).parents[1] / "vectors" / "make_wallets.py"
    assert subprocess.run([sys.executable, str(script), "--check"], check=False).returncode == 0
