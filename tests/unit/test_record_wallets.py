"""Signatures of wallets: published values, our own vectors made with another library, and attacks by name.

All jurors are simulated; keys are small integers or those of published examples.
"""

from __future__ import annotations

import contextlib
import json
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import ExternalError, IntegrityError
from daccord.record import decode, encode
from daccord.record.wallets import (
    TypedData,
    Wallet,
    WalletBallot,
    ballot_digest,
    check_wallet,
    parse_ballot,
    personal_digest,
    recover_wallet,
    typed_judgment,
)
from daccord.settlement import keccak256

coincurve = pytest.importorskip("coincurve")

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "wallets.json").read_text("utf-8"))
BALLOTS = {one["name"]: one for one in VECTORS["ballots"]}
PLAIN = BALLOTS["plain"]


def payload(name: str = "plain", **changed: Any) -> bytes:
    value: Any = decode(b64decode(BALLOTS[name]["payload"]))
    return encode({**value, **changed})


def ballot(name: str = "plain", scheme: str = "typed") -> WalletBallot:
    one = BALLOTS[name]
    return WalletBallot(payload(name), scheme, Wallet.from_text(one["wallet"]), bytes.fromhex(one[scheme]["signature"]))


def sign(digest: bytes, number: int) -> tuple[bytes, Wallet]:
    key = coincurve.PrivateKey.from_int(number)
    signature = key.sign_recoverable(digest, hasher=None)
    return signature[:64] + bytes([signature[64] + 27]), Wallet.of_key(key.public_key.format(compressed=False)[1:])


# --- published --------------------------------------------------------------------------------------------------------


def mail() -> TypedData:
    """The example of EIP-712."""
    person = (("name", "string"), ("wallet", "address"))
    return TypedData(
        {
            "EIP712Domain": (
                ("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"),
            ),
            "Person": person,
            "Mail": (("from", "Person"), ("to", "Person"), ("contents", "string")),
        },
        "Mail",
        {"name": "Ether Mail", "version": "1", "chainId": 1, "verifyingContract": "0x" + "Cc" * 20},
        {
            "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
            "to": {"name": "Bob", "wallet": "0x" + "bB" * 20},
            "contents": "Hello, Bob!",
        },
    )  # fmt: skip


def test_mail_of_eip_712() -> None:
    data = mail()
    assert data.type_text("Mail") == "Mail(Person from,Person to,string contents)Person(string name,address wallet)"
    assert data.separator().hex() == "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"
    assert data.digest().hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
    signature = bytes.fromhex(
        "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
        "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c"
    )
    check_wallet(data.digest(), signature, Wallet.from_text("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"))


def test_personal_sign_of_the_web3_documentation() -> None:
    digest = personal_digest(b"Some data")
    assert digest.hex() == "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655"
    signature = bytes.fromhex(
        "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd"
        "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c"
    )
    assert recover_wallet(digest, signature).text == "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"


@pytest.mark.parametrize(
    "text",
    [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_addresses_of_eip_55(text: str) -> None:
    assert Wallet.from_text(text).text == text
    with pytest.raises(IntegrityError, match=r"checksum|hexadecimal") as caught:
        Wallet.from_text("0x" + text[2:].swapcase())
    assert text[2:12].lower() not in str(caught.value).lower()
    assert text[2:] not in repr(Wallet.from_text(text))


# --- our own vectors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BALLOTS)
@pytest.mark.parametrize("scheme", ["typed", "personal"])
def test_ballots_of_another_library(name: str, scheme: str) -> None:
    one = ballot(name, scheme)
    assert ballot_digest(one.payload, scheme).hex() == BALLOTS[name][scheme]["digest"]
    assert typed_judgment(one.payload).separator().hex() == BALLOTS[name]["domain"]
    said = one.check()
    assert encode(dict(said.value)) == one.payload
    assert parse_ballot(one.document()) == one


def test_what_a_wallet_shows() -> None:
    document = typed_judgment(payload()).document()
    assert document["domain"] == {"name": "daccord", "version": "1", "salt": "0x" + "01" * 32}
    assert document["primaryType"] == "Judgment"
    message = document["message"]
    assert isinstance(message, dict)
    assert message["rows"] == '[{"ratio":"3","winner":"beta"}]'
    assert message["subject"] == '{"a":"alpha","b":"beta","criterion":"benefit"}'
    assert list(message) == ["origin", "round", "manifest", "juror", "seq", "table", "subject", "rows"]


def test_the_specification_has_these_values() -> None:
    page = (Path(__file__).parents[2] / "docs" / "spec" / "wallet-ballots.md").read_text("utf-8")
    said = page.replace("`<br>`", "")
    values = [PLAIN["wallet"], PLAIN["domain"], *(PLAIN[s][k] for s in ("typed", "personal") for k in PLAIN[s])]
    assert all(value in said for value in values)
    assert b64decode(PLAIN["payload"]).decode() in page
    for name in ("EIP712Domain", "Judgment"):
        text = typed_judgment(payload()).type_text(name)
        assert f"\n{text}\n" in page
        assert keccak256(text.encode()).hex() in page


# --- attacks ----------------------------------------------------------------------------------------------------------

REASONS = {
    "high-s twin": "high one of two",
    "v from 0": "v = 1, not 27 or 28",
    "v of a transaction (EIP-155)": "v = 38, not 27 or 28",
    "short form (EIP-2098)": "short form",
    "contract (EIP-1271)": "contract's signature",
    "contract not made yet (ERC-6492)": "contract's signature",
    "nothing": "has 0 bytes",
    "one byte more": "has 66 bytes",
    "r zero": "an r beyond",
    "s zero": "an s beyond",
    "r above the order": "an r beyond",
    "all ones": "an r beyond",
}


def test_every_refused_vector_has_a_reason() -> None:
    assert VECTORS["refused"].keys() == REASONS.keys()


@pytest.mark.parametrize("attack", REASONS)
def test_a_signature_in_another_form_is_refused(attack: str) -> None:
    digest = bytes.fromhex(PLAIN["typed"]["digest"])
    with pytest.raises(IntegrityError, match=REASONS[attack]):
        recover_wallet(digest, bytes.fromhex(VECTORS["refused"][attack]))


def test_the_twin_would_recover_to_the_same_wallet() -> None:
    """Why the high s is refused: the mathematics takes it, and so do many libraries."""
    twin = bytes.fromhex(VECTORS["refused"]["high-s twin"])
    digest = bytes.fromhex(PLAIN["typed"]["digest"])
    key = coincurve.PublicKey.from_signature_and_message(twin[:64] + bytes([twin[64] - 27]), digest, hasher=None)
    assert Wallet.of_key(key.format(compressed=False)[1:]).text == PLAIN["wallet"]


def test_an_r_that_is_no_point_belongs_to_no_key() -> None:
    with pytest.raises(IntegrityError, match="no key"):
        recover_wallet(bytes(31) + b"\1", (5).to_bytes(32) + (1).to_bytes(32) + b"\x1b")  # 5^3 + 7 is no square


CHANGES: dict[str, dict[str, Any]] = {
    "another log": {"origin": "example.org/other"},
    "another round": {"round": "other-round"},
    "another manifest": {"manifest": "ff" * 32},
    "another juror": {"juror": "juror-9"},
    "another number": {"seq": 2},
    "another table": {"table": "ratings"},
    "another subject": {"subject": {"a": "alpha", "b": "gamma", "criterion": "benefit"}},
    "another answer": {"rows": [{"ratio": "3", "winner": "alpha"}]},
    "withdrawn": {"rows": []},
}


@pytest.mark.parametrize("scheme", ["typed", "personal"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_signature_holds_for_no_other_judgment(scheme: str, change: str) -> None:
    one = ballot(scheme=scheme)
    changed = WalletBallot(payload(**CHANGES[change]), scheme, one.wallet, one.signature)
    with pytest.raises(IntegrityError, match="another wallet's, or of another text") as caught:
        changed.check()
    assert one.wallet.text not in str(caught.value)


def test_a_signature_of_one_kind_is_none_of_the_other() -> None:
    one = ballot()
    with pytest.raises(IntegrityError, match="another wallet's"):
        WalletBallot(one.payload, "personal", one.wallet, one.signature).check()


def test_the_domain_alone_tells_manifests_apart() -> None:
    one = typed_judgment(payload())
    other = TypedData(one.types, one.primary, {**one.domain, "salt": "0x" + "ff" * 32}, one.message)
    assert other.digest() != one.digest()


def test_another_wallets_signature_is_refused() -> None:
    one = ballot()
    signature, stranger = sign(ballot_digest(one.payload, "typed"), 12345)
    assert stranger != one.wallet
    with pytest.raises(IntegrityError, match="another wallet's"):
        WalletBallot(one.payload, "typed", one.wallet, signature).check()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{}", "lacks"),
        (payload().replace(b'"seq":1', b'"seq":1.0'), "not canonical"),
        (payload().replace(b'"seq":1', b'"seq": 1'), "not canonical"),
        (payload() + b"\n", "not canonical"),
        (encode({**decode(payload()), "salt": "00" * 32}), "beyond its keys"),  # type: ignore[dict-item]
        (payload(seq=-1), "below 0"),
        (payload(manifest="FF" * 32), "lower case"),
    ],
)
def test_only_canonical_judgments_are_signed(data: bytes, message: str) -> None:
    for scheme in ("typed", "personal"):
        with pytest.raises(IntegrityError, match=message):
            ballot_digest(data, scheme)


def test_documents_that_are_none_are_refused() -> None:
    good: Any = decode(ballot().document())
    wrong: dict[str, dict[str, Any]] = {
        "keys": {"more": "1"},
        "texts only": {"wallet": 1},
        "scheme": {"scheme": "eth_sign"},
        "hexadecimal": {"signature": good["signature"].upper()},
        "no base64": {"payload": "***"},
        "canonical base64": {"payload": "e31="},
        "not canonical JSON": {"payload": "AAAA"},
        "checksum": {"wallet": good["wallet"].lower()},
        "zero address": {"wallet": "0x" + "0" * 40},
        "40 hexadecimal": {"wallet": "name.eth"},
    }
    for message, change in wrong.items():
        with pytest.raises(IntegrityError, match=message):
            parse_ballot(encode({**good, **change}))


@given(st.integers(1, 2**128), st.binary(max_size=200), st.integers(0, 519))
def test_whoever_signs_is_recovered_and_a_changed_bit_is_not(number: int, message: bytes, bit: int) -> None:
    digest = personal_digest(message)
    signature, wallet = sign(digest, number)
    check_wallet(digest, signature, wallet)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(IntegrityError):
        check_wallet(digest, bytes(changed), wallet)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), st.sampled_from([27, 28, 0, 255]))
def test_any_bytes_give_a_wallet_or_an_integrity_error(digest: bytes, body: bytes, v: int) -> None:
    with contextlib.suppress(IntegrityError):
        assert len(recover_wallet(digest, body + bytes([v])).data) == 20


@given(st.binary(max_size=300))
def test_any_document_is_read_or_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        parse_ballot(data)


@pytest.mark.parametrize("library", ["coincurve", "Crypto.Hash.keccak"])
def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    one = WalletBallot(payload(), "typed", Wallet(bytes([1] * 20)), bytes.fromhex(PLAIN["typed"]["signature"]))
    with pytest.raises(ExternalError, match=r"daccord\[ethereum\]"):
        one.check()


def test_typed_data_refuses_values_that_do_not_fit() -> None:
    data = mail()
    for change in (
        {"contents": 1}, {"contents": None}, {"from": {"name": "Cow"}}, {"more": ""},
        {"to": {"name": "Bob", "wallet": "0xbb"}}, {"to": {"name": "Bob", "wallet": "bb" * 20}},
    ):  # fmt: skip
        with pytest.raises(ValueError):
            TypedData(data.types, data.primary, data.domain, {**data.message, **change}).digest()
    for number in (-1, 2**256, True):
        with pytest.raises(ValueError):
            TypedData(data.types, data.primary, {**data.domain, "chainId": number}, data.message).digest()
