"""Sealed answers: the published values of HPKE, vectors made without daccord's code, and everybody who cheats."""

from __future__ import annotations

import importlib.util
import json
from base64 import b64encode
from copy import deepcopy
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from daccord.errors import IntegrityError
from daccord.record import encode
from daccord.record.sealed import (
    Context,
    Sealed,
    _hpke,
    check_sealed,
    check_share,
    check_trustees,
    commitment,
    decode_opening,
    encode_opening,
    open_share,
    parse_sealed,
    public_key,
    recover,
    seal_opening,
)
from daccord.record.sealed._shamir import _times, combine, split

ROOT = Path(__file__).resolve().parents[2]
SMALL_ORDER = (bytes(32), (1).to_bytes(32, "little"), (2**255 - 20).to_bytes(32, "little"))


def _script() -> Any:
    spec = importlib.util.spec_from_file_location("make_sealed", ROOT / "tests/vectors/make_sealed.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKE = _script()
VECTORS = json.loads(MAKE.FILE.read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in VECTORS["cases"]}
GOOD = CASES["three of five"]
CONTEXT = Context(**GOOD["context"])
OPENING = GOOD["opening"].encode()
SEALED = parse_sealed(GOOD["sealed"])
PLAIN = {index: bytes.fromhex(share) for index, share in enumerate(GOOD["plain"], 1)}


def keys(case: dict[str, Any], part: str = "public") -> dict[str, bytes]:
    return {one["id"]: bytes.fromhex(one[part]) for one in case["trustees"]}


TRUSTEES, SECRETS = keys(GOOD), keys(GOOD, "secret")


def opened(sealed: Sealed, shares: dict[int, bytes], threshold: int = 3, context: Context = CONTEXT) -> bytes | None:
    """The opening, or None where the answer is that there is none."""
    try:
        return recover(sealed, shares, context, TRUSTEES, threshold)
    except IntegrityError:
        return None


# --- published values -------------------------------------------------------------------------------------------------


def test_hpke_gives_the_values_of_rfc_9180_appendix_a_2_1():
    info, recipient = (
        b"Ode on a Grecian Urn",
        bytes.fromhex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"),
    )
    secret = bytes.fromhex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
    ephemeral = bytes.fromhex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600")
    enc = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"
    assert public_key(secret) == recipient
    assert public_key(ephemeral).hex() == enc
    shared = _hpke._shared(X25519PrivateKey.from_private_bytes(ephemeral), recipient, bytes.fromhex(enc), recipient)
    assert shared.hex() == "0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7"
    key, nonce = _hpke._schedule(shared, info)
    assert key.hex() == "ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91"
    assert nonce.hex() == "5c4d98150661b848853b547f"
    message, data = b"Beauty is truth, truth beauty", b"Count-0"
    sealed = _hpke.seal(recipient, ephemeral, info, message, data)
    cipher = "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"
    assert sealed.hex() == enc + cipher
    assert _hpke.open_sealed(secret, info, sealed, data) == message


def test_hpke_of_another_library_reads_ours_and_ours_reads_it():
    hpke = pytest.importorskip("cryptography.hazmat.primitives.hpke")
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
    secret, info = sha256(b"secret").digest(), b"info"
    ours = _hpke.seal(public_key(secret), sha256(b"ephemeral").digest(), info, b"message")
    assert suite.decrypt(ours, X25519PrivateKey.from_private_bytes(secret), info) == b"message"
    theirs = suite.encrypt(b"message", X25519PublicKey.from_public_bytes(public_key(secret)), info)
    assert _hpke.open_sealed(secret, info, theirs) == b"message"


@given(st.binary(max_size=90) | st.sampled_from(SMALL_ORDER).map(lambda point: point + bytes(64)))
def test_bytes_that_nobody_sealed_do_not_open(data):
    assert _hpke.open_sealed(sha256(b"secret").digest(), b"info", data) is None


@pytest.mark.parametrize("key", SMALL_ORDER)
def test_nothing_is_sealed_to_a_key_of_small_order(key):
    with pytest.raises(ValueError, match=r"."):
        _hpke.seal(key, sha256(b"ephemeral").digest(), b"", b"message")
    with pytest.raises(IntegrityError, match="cannot be made anew"):
        check_sealed(SEALED, OPENING, CONTEXT, TRUSTEES | {min(TRUSTEES): key}, 3)


def test_products_are_those_of_fips_197():
    assert _times(0x57, 0x83) == 0xC1
    assert _times(0x57, 0x13) == 0xFE


# --- Shamir's sharing -------------------------------------------------------------------------------------------------

SHARING = st.integers(1, 6).flatmap(
    lambda t: st.tuples(
        st.binary(min_size=4, max_size=4),
        st.lists(st.binary(min_size=4, max_size=4), min_size=t - 1, max_size=t - 1),
        st.integers(t, 9),
    )
)


@given(SHARING, st.randoms(use_true_random=False))
def test_any_t_shares_give_the_secret_and_shares_are_values_of_the_polynomials(sharing, random):
    secret, coefficients, count = sharing
    shares = dict(enumerate(split(secret, coefficients, count), 1))
    assert shares == {x: MAKE.value_at(x, secret, coefficients) for x in shares}
    chosen = random.sample(sorted(shares), len(coefficients) + 1)
    assert combine({x: shares[x] for x in chosen}) == secret


@given(SHARING.filter(lambda sharing: sharing[1]), st.binary(min_size=4, max_size=4), st.randoms(use_true_random=False))
def test_t_minus_one_shares_are_consistent_with_every_secret(sharing, other, random):
    """For any other secret there is a polynomial through the same t − 1 shares, and one only."""
    secret, coefficients, count = sharing
    shares = dict(enumerate(split(secret, coefficients, count), 1))
    known = {x: shares[x] for x in random.sample(sorted(shares), len(coefficients))}
    last = next(x for x in shares if x not in known)
    # The value at `last` that makes the secret another: moved by the difference, over the weight of `last`.
    unit = combine({**dict.fromkeys(known, b"\0"), last: b"\1"})[0]
    inverse = next(x for x in range(256) if _times(unit, x) == 1)
    moved = bytes(y ^ _times(inverse, a ^ b) for y, a, b in zip(shares[last], secret, other, strict=True))
    assert combine({**known, last: moved}) == other
    assert (moved == shares[last]) == (other == secret)


def test_one_of_two_shares_says_nothing_of_the_secret():
    """All secrets and coefficients of a byte: each value of a share comes as often with each secret."""
    every = bytes(range(256))
    for secret in (0, 1, 77, 255):
        shares = split(bytes([secret]) * 256, [every], 2)
        assert [sorted(share) for share in shares] == [list(range(256))] * 2


def test_255_shares_of_255():
    coefficients = [sha256(b"%d" % n).digest() for n in range(254)]
    shares = dict(enumerate(split(b"k" * 32, coefficients, 255), 1))
    assert combine(shares) == b"k" * 32
    del shares[200]
    assert combine(shares) != b"k" * 32


def test_impossible_sharings_are_refused():
    for arguments in ((b"k", [b"a"], 1), (b"k", [], 256), (b"k", [b"ab"], 3)):
        with pytest.raises(ValueError, match=r"."):
            split(*arguments)
    for shares in ({}, {0: b"k"}, {256: b"k"}, {1: b"k", 2: b"kk"}):
        with pytest.raises(ValueError, match=r"."):
            combine(shares)


# --- vectors ----------------------------------------------------------------------------------------------------------


def test_vectors_are_what_the_script_writes():
    assert json.dumps(MAKE.build(), indent=1) + "\n" == MAKE.FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_commits_of_the_vectors(name):
    case = CASES[name]
    context, trustees, threshold = Context(**case["context"]), keys(case), case["threshold"]
    sealed = seal_opening(case["opening"].encode(), context, trustees, threshold)
    assert sealed.value() == case["sealed"]
    assert parse_sealed(case["sealed"]) == sealed
    shares = {
        index: open_share(sealed, trustee, secret, context)
        for index, (trustee, secret) in enumerate(keys(case, "secret").items(), 1)
    }
    assert [share.hex() for share in shares.values()] == case["plain"]
    last = dict(list(shares.items())[-threshold:])
    for some in (shares, last):
        assert recover(sealed, some, context, trustees, threshold).decode() == case["opening"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_hostile_commits_of_the_vectors_fail_where_they_say(case):
    context = Context(**case.get("context", GOOD["context"]))
    step = "shape"
    with pytest.raises(IntegrityError):  # noqa: PT012 - the step at which it is raised is what is asked
        sealed = parse_sealed(case["sealed"])
        if "opening" in case:
            step = "reveal"
            check_sealed(sealed, case["opening"].encode(), context, TRUSTEES, 3)
        step = "share"
        shares = {int(index): bytes.fromhex(share) for index, share in case["shares"].items()}
        for index, share in shares.items():
            check_share(sealed, index, share)
        step = "few" if len(shares) < 3 else "open"
        recover(sealed, shares, context, TRUSTEES, 3)
    assert step == case["fails"]


def test_the_page_shows_the_first_vector():
    page = (ROOT / "docs/spec/sealed-rounds.md").read_text(encoding="utf-8").partition("## An example")[2]
    shown = page.replace("`<br>`", "").replace("\n", "")
    wanted = [GOOD["opening"], GOOD["sealed"]["commitment"], GOOD["key"], *GOOD["coefficients"], GOOD["ephemeral"][0]]
    wanted += [GOOD["trustees"][0]["public"], GOOD["trustees"][0]["secret"]]
    wanted += [bytes.fromhex(GOOD["info"]).partition(b"\0")[2].decode()]
    wanted += [SEALED.ciphertext[:16].hex(), SEALED.ciphertext[-16:].hex()]
    wanted += [SEALED.shares[0].sealed[:32].hex(), SEALED.shares[0].sealed[32:].hex()]
    wanted += [
        f"| {one.index} | `{one.trustee}` | `{plain}` | `{one.hash}` |"
        for one, plain in zip(SEALED.shares, GOOD["plain"], strict=True)
    ]
    assert [one for one in wanted if one not in shown] == []


# --- who cheats -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(6))
def test_whoever_answers_t_open_and_fewer_do_not(count):
    for indexes in combinations(PLAIN, count):
        found = opened(SEALED, {index: PLAIN[index] for index in indexes})
        assert found == (OPENING if count >= 3 else None)


def sealing(shares: dict[int, bytes], ciphertext: bytes = SEALED.ciphertext) -> Sealed:
    """A commit of a juror who names any shares he likes, with their right hashes."""
    value = deepcopy(GOOD["sealed"])
    value["ciphertext"] = b64encode(ciphertext).decode()
    for one in value["shares"]:
        one["hash"] = MAKE.share_hash(bytes.fromhex(SEALED.commitment), one["index"], shares[one["index"]])
    return parse_sealed(value)


def _two_keys() -> dict[int, bytes]:
    """Shares of the right key for some trustees, of another one for the rest."""
    other = split(b"o" * 32, [sha256(b"a").digest(), sha256(b"b").digest()], 5)
    return PLAIN | {index: other[index - 1] + bytes(16) for index in (3, 4, 5)}


INCONSISTENT = {
    "one of five is off": PLAIN | {5: bytes(48)},
    "one blind is off": PLAIN | {2: PLAIN[2][:32] + bytes(16)},
    "two keys": _two_keys(),
    "a polynomial of a higher degree": {
        index + 1: value + PLAIN[index + 1][32:]
        for index, value in enumerate(
            split(
                bytes.fromhex(GOOD["key"]),
                [*(bytes.fromhex(one) for one in GOOD["coefficients"]), b"c" * 32],
                5,
            )
        )
    },
    "other coefficients of the right key": {
        index + 1: value + PLAIN[index + 1][32:]
        for index, value in enumerate(split(bytes.fromhex(GOOD["key"]), [b"a" * 32, b"b" * 32], 5))
    },
}


@pytest.mark.parametrize("name", INCONSISTENT)
def test_inconsistent_shares_never_open_whoever_answers(name):
    shares = INCONSISTENT[name]
    sealed = sealing(shares)
    for count in (3, 4, 5):
        for indexes in combinations(shares, count):
            chosen = {index: shares[index] for index in indexes}
            for index, share in chosen.items():
                check_share(sealed, index, share)  # nobody sees it before
            assert opened(sealed, chosen) is None
    with pytest.raises(IntegrityError, match="not sound"):
        check_sealed(sealed, OPENING, CONTEXT, TRUSTEES, 3)


def test_a_short_share_is_refused_even_if_the_juror_named_its_hash():
    sealed = sealing(PLAIN | {1: PLAIN[1][:40]})
    with pytest.raises(IntegrityError, match="share 1 is not"):
        check_share(sealed, 1, PLAIN[1][:40])


def test_a_juror_who_seals_nonsense_and_reveals_does_not_count():
    value = deepcopy(GOOD["sealed"])
    for one in value["shares"]:
        one["sealed"] = b64encode(bytes(96)).decode()
    sealed = parse_sealed(value)
    with pytest.raises(IntegrityError, match=r"juror 'ada' sealed for the trustee .* does not open"):
        open_share(sealed, min(SECRETS), SECRETS[min(SECRETS)], CONTEXT)
    assert commitment(OPENING) == sealed.commitment
    with pytest.raises(IntegrityError, match="its share 1 is not that of its opening"):
        check_sealed(sealed, OPENING, CONTEXT, TRUSTEES, 3)


@pytest.mark.parametrize(
    "other",
    [
        {"juror": "bo"},
        {"seq": 2},
        {"round": "another"},
        {"origin": "log.example/another"},
        {"manifest": "0" * 64},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_copied_commit_opens_in_no_other_place(other):
    """Another juror, round or log takes over commitment, ciphertext and shares as they are."""
    elsewhere = Context(**(GOOD["context"] | other))
    for trustee, secret in SECRETS.items():
        with pytest.raises(IntegrityError, match="does not open"):
            open_share(SEALED, trustee, secret, elsewhere)
    for check in (
        lambda: check_sealed(SEALED, OPENING, elsewhere, TRUSTEES, 3),
        lambda: recover(SEALED, PLAIN, elsewhere, TRUSTEES, 3),
        lambda: seal_opening(OPENING, elsewhere, TRUSTEES, 3),
    ):
        with pytest.raises(IntegrityError, match=f"the opening says {next(iter(other))}"):
            check()


def test_a_wrong_partial_decryption_is_refused_by_everybody():
    for index, share in PLAIN.items():
        check_share(SEALED, index, share)
        for wrong in (
            share[:-1],
            share + b"\0",
            bytes([share[0] ^ 1]) + share[1:],
            share[:-1] + bytes([share[-1] ^ 1]),
        ):
            with pytest.raises(IntegrityError, match=f"share {index} is not"):
                check_share(SEALED, index, wrong)
            with pytest.raises(IntegrityError, match=f"share {index} is not"):
                recover(SEALED, PLAIN | {index: wrong}, CONTEXT, TRUSTEES, 3)
    for index in (-1, 0, 6, 256):
        with pytest.raises(IntegrityError, match="has no share"):
            check_share(SEALED, index, PLAIN[1])


def test_a_share_opens_for_its_trustee_only():
    first, second = sorted(SECRETS)[:2]
    with pytest.raises(IntegrityError, match="does not open"):
        open_share(SEALED, first, SECRETS[second], CONTEXT)
    with pytest.raises(IntegrityError, match="sealed no share for the trustee"):
        open_share(SEALED, "0" * 64, SECRETS[first], CONTEXT)
    with pytest.raises(IntegrityError, match="has another hash"):
        open_share(sealing(PLAIN | {1: bytes(48)}), first, SECRETS[first], CONTEXT)


def test_the_trustees_are_those_of_the_manifest():
    check_trustees(SEALED, TRUSTEES)
    with pytest.raises(IntegrityError, match="has a share for"):
        check_trustees(SEALED, dict(list(TRUSTEES.items())[1:]))
    with pytest.raises(IntegrityError, match="no share for the trustee 0000"):
        check_trustees(SEALED, TRUSTEES | {"0" * 64: bytes(32)})


@pytest.mark.parametrize("threshold", [0, 2, 4, 6])
def test_another_threshold_than_the_manifests_opens_nothing(threshold):
    assert opened(SEALED, PLAIN, threshold) is None
    with pytest.raises(IntegrityError, match=r"."):
        check_sealed(SEALED, OPENING, CONTEXT, TRUSTEES, threshold)


@pytest.mark.parametrize("threshold", [0, 6])
def test_nobody_seals_for_more_trustees_than_there_are(threshold):
    with pytest.raises(ValueError, match="from 1 to all of them open"):
        seal_opening(OPENING, CONTEXT, TRUSTEES, threshold)


# --- any bytes --------------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(st.data())
def test_a_changed_commit_is_refused_or_does_not_open(data):
    """One character of the payload's JSON changed, taken out or doubled: malleated and truncated commits."""
    text = json.dumps(GOOD["sealed"])
    place = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.sampled_from(["", text[place] * 2, *'019afA=+/"{}[],:']))
    try:
        value = json.loads(text[:place] + new + text[place + 1 :])
    except ValueError:
        return
    if value == GOOD["sealed"]:
        return
    with pytest.raises(IntegrityError):
        check_sealed(parse_sealed(value), OPENING, CONTEXT, TRUSTEES, 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 300) | st.sampled_from(["", "AAAA", "0" * 64, SEALED.commitment]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["index", "hash"]), inner),
    max_leaves=5,
)


@given(st.sampled_from(["commitment", "ciphertext", "shares"]), JSON, st.booleans())
def test_any_value_in_a_commit_is_refused(part, value, inside):
    hostile = deepcopy(GOOD["sealed"])
    if inside:
        hostile["shares"][1] = value
    else:
        hostile[part] = value
    if hostile != GOOD["sealed"]:
        with pytest.raises(IntegrityError):
            check_sealed(parse_sealed(hostile), OPENING, CONTEXT, TRUSTEES, 3)


NOT_CANONICAL = CASES["exactly two blocks"]["sealed"]["ciphertext"]  # ends with two `=`, so with four bits to spare
SHAPES = {
    "no hash": ({"commitment": "x" * 64}, {}),
    "no ciphertext but a tag": ({"ciphertext": b64encode(bytes(16)).decode()}, {}),
    "spare bits": ({"ciphertext": NOT_CANONICAL[:-3] + chr(ord(NOT_CANONICAL[-3]) + 1) + "=="}, {}),
    "a blank in base64": ({"ciphertext": GOOD["sealed"]["ciphertext"] + " "}, {}),
    "no ASCII": ({"ciphertext": GOOD["sealed"]["ciphertext"][:-1] + "é"}, {}),
    "a list for a text": ({"ciphertext": [], "commitment": SEALED.commitment}, {}),
    "a trustee that is no hash": ({}, {"trustee": "0"}),
    "an index that is true": ({}, {"index": True}),
    "an index with a fraction": ({}, {"index": 1.0}),
}


@pytest.mark.parametrize("name", SHAPES)
def test_parts_of_another_shape_are_refused(name):
    parts, of_share = SHAPES[name]
    hostile = deepcopy(GOOD["sealed"]) | parts
    hostile["shares"][0] |= of_share
    with pytest.raises(IntegrityError):
        parse_sealed(hostile)


def test_parts_too_many_or_too_few_are_refused():
    for value in (GOOD["sealed"] | {"note": ""}, {"commitment": SEALED.commitment}, {}):
        with pytest.raises(IntegrityError, match="the sealed parts of a commit are"):
            parse_sealed(value)


BAD_OPENINGS = {
    "a key too many": {"note": ""},
    "a number for a text": {"table": 1},
    "a salt in capitals": {"salt": "A" * 64},
    "a short salt": {"salt": "a" * 62},
    "a manifest that is no hash": {"manifest": "manifest"},
    "a seq that is true": {"seq": True},
    "a negative seq": {"seq": -1},
    "a subject that is a list": {"subject": []},
    "a subject with a number": {"subject": {"project": 1}},
    "rows that are an object": {"rows": {}},
    "a row that is a text": {"rows": [""]},
    "a cell that is null": {"rows": [{"value": None}]},
}


@pytest.mark.parametrize("name", BAD_OPENINGS)
def test_openings_of_another_shape_are_refused(name):
    value = json.loads(OPENING) | BAD_OPENINGS[name]
    with pytest.raises(ValueError, match="the opening has"):
        encode_opening(value)
    with pytest.raises(IntegrityError, match="the opening has"):
        decode_opening(encode(value))


def test_an_opening_that_lacks_a_key_is_refused():
    for key in json.loads(OPENING):
        value = {name: one for name, one in json.loads(OPENING).items() if name != key}
        with pytest.raises(IntegrityError, match="has not exactly the keys"):
            decode_opening(encode(value))
    for data in (b"", b"[]", b"null", b"\xff", OPENING[:-1], b" " + OPENING):
        with pytest.raises(IntegrityError):
            decode_opening(data)


# --- what sizes and repeated salts tell -------------------------------------------------------------------------------


def test_sizes_tell_no_more_than_the_class():
    sizes = {}
    for length in range(700):
        value = json.loads(OPENING) | {"rows": [{"value": "9" * length}]}
        opening = encode_opening(value)
        sealed = seal_opening(opening, CONTEXT, {min(TRUSTEES): TRUSTEES[min(TRUSTEES)]}, 1)
        sizes.setdefault(len(sealed.ciphertext), set()).add(len(opening))
    assert {size: (min(found), max(found)) for size, found in sizes.items()} == {
        528: (len(OPENING) - 1, 511),
        784: (512, 767),
        1040: (768, 1023),
        1296: (1024, len(OPENING) + 698),
    }


def test_one_salt_for_two_answers_still_gives_two_keys():
    other = encode_opening(json.loads(OPENING) | {"rows": [{"value": "5"}]})
    again = seal_opening(other, CONTEXT, TRUSTEES, 3)
    shares = {i: open_share(again, one, secret, CONTEXT) for i, (one, secret) in enumerate(sorted(SECRETS.items()), 1)}
    assert combine({i: share[:32] for i, share in shares.items() if i < 4}) != bytes.fromhex(GOOD["key"])
    assert not {share[32:] for share in shares.values()} & {share[32:] for share in PLAIN.values()}
    assert not {one.sealed[:32] for one in again.shares} & {one.sealed[:32] for one in SEALED.shares}
