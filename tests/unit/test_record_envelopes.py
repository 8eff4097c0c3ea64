"""Canonical bytes, the one rule for signatures, and envelopes; published vectors where they are at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import IntegrityError
from daccord.record import LARGEST_LEAF, Envelope, Signature, decode, encode, from_leaf, pae, seal
from daccord.record._envelope import _from_any_leaf
from daccord.record.keys import LocalSigner, PublicKey, verify

SPLIT = (
    "dd4c3f9ec884ac455f1d6fff909d52e91bfa28004a7aca4f3003251c6aed3261",
    "6a7564676d656e74",
    "01" + "00" * 31 + "77e6705fa42d2af49ef54115fce5f6ff6a199ae14e457b8c1f326120b6478b03",
)
"""An ordinary key and a signature with R = the identity: OpenSSL, Go and WebCrypto accept it, libsodium does not."""

ONE, TWO = LocalSigner(bytes(32)), LocalSigner(bytes(31) + b"\x01")

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8).filter(str.isprintable),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcé€😀", max_size=4), inner, max_size=4),
    max_leaves=12,
)


def vectors(name: str) -> Path:
    root = Path(__file__).resolve().parents[3] / "shared" / "vectors"
    folder = Path(os.environ.get("DACCORD_VECTORS", root)) / name
    if not folder.is_dir():
        pytest.skip("no published vectors: set DACCORD_VECTORS to their folder")
    return folder


@given(VALUES)
def test_what_is_encoded_is_decoded_and_has_one_encoding(value):
    data = encode(value)
    assert decode(data) == value
    assert encode(decode(data)) == data


@given(st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_canonical_or_refused(data):
    try:
        value = decode(data)
    except IntegrityError:
        return
    assert encode(value) == data


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b"1.0",
        b"1e2",
        b"-0",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b'"\\u0061"',
        b'"\\/"',
        b"\xef\xbb\xbf1",
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b"[1,]",
        b"",
        b"[" * 100 + b"]" * 100,
        b"[" * 100_000,
        b"01",
        b"1 ",
    ],
)
def test_other_ways_of_saying_it_are_refused(text):
    with pytest.raises(IntegrityError):
        decode(text)


@pytest.mark.parametrize("value", [1.0, 0.1, {"a": 1.5}, 2**53, {1: 2}, "\ud800", (1, 2), b"x"])
def test_what_a_payload_may_not_hold(value):
    with pytest.raises(ValueError):
        encode(value)


def test_a_body_of_a_hundred_megabytes_is_refused_before_it_is_read():
    with pytest.raises(IntegrityError, match="bytes, more than"):
        decode(b'"' + b"a" * 100_000_000 + b'"')


def test_published_canonical_files():
    folder = vectors("jcs") / "testdata"
    for path in sorted((folder / "output").iterdir()):
        canonical = path.read_bytes()
        value = json.loads(canonical)
        if any(isinstance(number, float) for number in _numbers(value)):
            with pytest.raises(IntegrityError):
                decode(canonical)  # payloads hold no fractions
            continue
        assert decode(canonical) == value
        source = (folder / "input" / path.name).read_bytes()
        assert encode(json.loads(source, parse_float=lambda text: int(float(text)))) == canonical
        if source != canonical:
            with pytest.raises(IntegrityError):
                decode(source)


def _numbers(value):
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _numbers(item)
    else:
        yield value


def accepted(key: str, message: str, signature: str) -> bool:
    try:
        public = PublicKey(bytes.fromhex(key))
    except ValueError:
        return False
    return verify(public, bytes.fromhex(message), bytes.fromhex(signature))


def test_the_signature_that_splits_verifiers_is_refused():
    assert PublicKey.from_hex(SPLIT[0])  # the key itself is an ordinary one
    assert not accepted(*SPLIT)


def test_signatures_on_which_libraries_differ_are_refused():
    cases = json.loads((vectors("ed25519-speccheck") / "cases.json").read_text())
    assert len(cases) == 12
    assert not any(accepted(case["pub_key"], case["message"], case["signature"]) for case in cases)


def test_wycheproof_ed25519():
    groups = json.loads((vectors("wycheproof") / "testvectors_v1" / "ed25519_test.json").read_text())["testGroups"]
    tried = 0
    for group in groups:
        for case in group["tests"]:
            tried += 1
            found = accepted(group["publicKey"]["pk"], case["msg"], case["sig"])
            assert found == (case["result"] == "valid"), case["tcId"]
    assert tried > 100


@given(st.binary(max_size=200), st.binary(max_size=80))
def test_verify_never_raises_and_any_bytes_are_no_signature(message, signature):
    assert not verify(ONE.public, message, signature)


@given(st.binary(max_size=100), st.integers(0, 511))
def test_one_flipped_bit_of_a_signature_is_found(message, bit):
    signature = bytearray(ONE.sign(message))
    assert verify(ONE.public, message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    assert not verify(ONE.public, message, bytes(signature))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(31),
        bytes(33),
        bytes(32),  # order 4
        b"\x01" + bytes(31),  # the identity
        (2**255 - 19 + 4).to_bytes(32, "little"),  # beyond the field
        b"\x02" + bytes(31),  # no point
    ],
)
def test_keys_that_may_not_be_registered(data):
    with pytest.raises(ValueError):
        PublicKey(data)


@pytest.mark.parametrize("text", ["", "00", ONE.public.hex.upper(), "0x" + ONE.public.hex[2:], ONE.public.hex + "0"])
def test_keys_are_written_in_one_way(text):
    with pytest.raises(ValueError):
        PublicKey.from_hex(text)


def test_what_is_signed_says_type_and_length():
    # From the DSSE protocol's own example.
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


@given(VALUES, st.text("abc/+.", min_size=1, max_size=9))
def test_envelopes_are_read_back_and_their_signers_found(value, kind):
    envelope = seal(kind, value, [TWO, ONE])
    again = from_leaf(envelope.leaf())
    assert again == envelope
    assert again.value() == value
    keys = {signer.public.id: signer.public for signer in (ONE, TWO)}
    assert again.signed_by(keys) == set(keys)
    assert again.signed_by({}) == set()


@given(st.text('ab/+ é"\\\n', max_size=6), st.text('xyz"ü', min_size=1, max_size=4), st.binary(max_size=30), st.data())
def test_the_short_cut_reads_what_the_long_way_reads(kind, key, payload, data):
    """… of envelopes as they are, of texts that need escapes, and of leaves with something changed."""
    leaf = Envelope(kind, payload, (Signature(key, bytes(64)), Signature(key + "z", bytes(64)))).leaf()
    at = data.draw(st.integers(0, len(leaf)))
    changed = (
        leaf[:at]
        + data.draw(st.sampled_from([b"", b" ", b'"', b"A", b"="]))
        + leaf[at + data.draw(st.integers(0, 2)) :]
    )

    def outcome(read, case):
        try:
            return read(case)
        except IntegrityError:
            return "refused"

    for case in (leaf, changed):
        assert outcome(from_leaf, case) == outcome(_from_any_leaf, case)
    assert from_leaf(leaf).payload_type == kind


@given(st.data())
def test_one_flipped_bit_of_a_leaf_is_found(data):
    envelope = seal("judgment", {"project": "a", "times": 3}, [ONE])
    leaf = bytearray(envelope.leaf())
    bit = data.draw(st.integers(0, 8 * len(leaf) - 1))
    leaf[bit // 8] ^= 1 << bit % 8
    keys = {ONE.public.id: ONE.public}
    try:
        found = from_leaf(bytes(leaf)).signed_by(keys)
    except IntegrityError:
        return
    assert not found  # the key id was hit, so nobody known signed


def test_a_type_cannot_be_changed():
    envelope = seal("judgment", {"a": 1}, [ONE])
    other = Envelope("contribution", envelope.payload, envelope.signatures)
    with pytest.raises(IntegrityError, match="not valid"):
        other.signed_by({ONE.public.id: ONE.public})


@pytest.mark.parametrize(
    "change",
    [
        lambda leaf: {**leaf, "extra": 1},
        lambda leaf: {key: value for key, value in leaf.items() if key != "payloadType"},
        lambda leaf: {**leaf, "payload": leaf["payload"].rstrip("=") + "\n"},
        lambda leaf: {**leaf, "payload": "e31"},
        lambda leaf: {**leaf, "payload": "e32="},  # the same bytes as e30=… but for bits that do not count
        lambda leaf: {**leaf, "payload": 7},
        lambda leaf: {**leaf, "signatures": []},
        lambda leaf: {**leaf, "signatures": leaf["signatures"] * 2},
        lambda leaf: {**leaf, "signatures": [*leaf["signatures"], "x"]},
        lambda leaf: {**leaf, "signatures": [{"keyid": "a", "sig": "AAAA"}]},
        lambda leaf: [leaf],
    ],
)
def test_envelopes_of_another_form_are_refused(change):
    leaf = json.loads(seal("judgment", {"a": 1}, [ONE]).leaf())
    with pytest.raises(IntegrityError):
        from_leaf(encode(change(leaf)))


def test_signatures_stand_in_order_each_key_once():
    envelope = seal("judgment", {"a": 1}, [ONE, TWO])
    turned = Envelope(envelope.payload_type, envelope.payload, envelope.signatures[::-1])
    with pytest.raises(IntegrityError, match="order"):
        from_leaf(turned.leaf())
    with pytest.raises(ValueError, match="of each key one"):
        seal("judgment", {"a": 1}, [ONE, ONE])
    with pytest.raises(ValueError):
        seal("judgment", {"a": 1}, [])


def test_a_leaf_has_room_for_so_much():
    with pytest.raises(ValueError, match="at most"):
        Envelope("t", b"x" * LARGEST_LEAF, (Signature("k", bytes(64)),)).leaf()
