"""Write sealed.json: sealed answers that other implementations can check themselves against.

    .venv/bin/python tests/vectors/make_sealed.py

Written from docs/spec/sealed-rounds.md without daccord's own code: GF(2^8), HKDF, X25519 and HPKE are spelt out below
as their specifications do, slowly; ChaCha20-Poly1305 is pycryptodome's. All keys and ids are hashes of short texts, the
answers are invented. `--check` compares instead of writing.
"""

from __future__ import annotations

import hmac
import json
import sys
from base64 import b64encode
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

from Crypto.Cipher import ChaCha20_Poly1305

FILE = Path(__file__).with_name("sealed.json")
ORIGIN, ROUND, MANIFEST = "log.example/fictional", "fictional-2027", sha256(b"manifest").hexdigest()


def times(a: int, b: int) -> int:
    """Product in GF(2^8)."""
    product = 0
    for bit in range(8):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(14, 7, -1):
        if product >> bit & 1:
            product ^= 0x11B << bit - 8
    return product


def value_at(x: int, secret: bytes, coefficients: list[bytes]) -> bytes:
    """Shamir's polynomials, one a byte, at x."""
    out = bytearray(secret)
    power = 1
    for coefficient in coefficients:
        power = times(power, x)
        for k, a in enumerate(coefficient):
            out[k] ^= times(a, power)
    return bytes(out)


def expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand of RFC 5869 with SHA-256."""
    out, block, number = b"", b"", 0
    while len(out) < length:
        number += 1
        block = hmac.new(key, block + info + bytes([number]), "sha256").digest()
        out += block
    return out[:length]


def x25519(scalar: bytes, point: bytes) -> bytes:
    """RFC 7748, section 5."""
    p = 2**255 - 19
    k = int.from_bytes(scalar, "little") & ~7 & (1 << 254) - 1 | 1 << 254
    u = int.from_bytes(point, "little") & (1 << 255) - 1
    x2, z2, x3, z3 = 1, 0, u, 1
    for bit in reversed(range(255)):
        odd = k >> bit & 1
        if odd:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a % p, c * b % p, a * a % p, b * b % p
        e = aa - bb
        x3, z3 = pow(da + cb, 2, p), u * pow(da - cb, 2, p) % p
        x2, z2 = aa * bb % p, e * (aa + 121665 * e) % p
        if odd:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


def public(secret: bytes) -> bytes:
    """X25519 key of a secret."""
    return x25519(secret, (9).to_bytes(32, "little"))


def aead(key: bytes, nonce: bytes, message: bytes, data: bytes) -> bytes:
    """ChaCha20-Poly1305, tag behind."""
    cipher = ChaCha20_Poly1305.new(key=key, nonce=nonce)
    cipher.update(data)
    return b"".join(cipher.encrypt_and_digest(message))


def hpke_seal(recipient: bytes, ephemeral: bytes, info: bytes, message: bytes) -> bytes:
    """RFC 9180, base mode, no associated data, sequence number 0; the encapsulated key first."""
    kem, suite, version = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03", b"HPKE-v1"

    def extract(name: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
        return hmac.new(salt or bytes(32), version + name + label + secret, "sha256").digest()

    def labelled(name: bytes, key: bytes, label: bytes, context: bytes, length: int) -> bytes:
        return expand(key, length.to_bytes(2, "big") + version + name + label + context, length)

    enc = public(ephemeral)
    secret = extract(kem, b"", b"eae_prk", x25519(ephemeral, recipient))
    shared = labelled(kem, secret, b"shared_secret", enc + recipient, 32)
    context = b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    schedule = extract(suite, shared, b"secret", b"")
    key, nonce = labelled(suite, schedule, b"key", context, 32), labelled(suite, schedule, b"base_nonce", context, 12)
    return enc + aead(key, nonce, message, b"")


def canonical(value: Any) -> bytes:
    """Canonical JSON of values whose keys are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def trustees(count: int) -> list[dict[str, str]]:
    """Invented trustees, in the order of their key ids."""
    secrets = [sha256(b"X25519 secret of trustee %d" % n).digest() for n in range(count)]
    ids = [sha256(b"id of trustee %d" % n).hexdigest() for n in range(count)]
    return [
        {"id": name, "secret": secret.hex(), "public": public(secret).hex()}
        for name, secret in sorted(zip(ids, secrets, strict=True))
    ]


def pad(opening: bytes) -> bytes:
    """To a multiple of 256 bytes."""
    opening += b"\x80"
    return opening + bytes(-len(opening) % 256)


def share_hash(committed: bytes, index: int, share: bytes) -> str:
    """What a commit says of a share."""
    return sha256(b"daccord/share/1\x00" + committed + bytes([index]) + share).hexdigest()


def encrypt(key: bytes, padded: bytes, committed: bytes) -> str:
    """The ciphertext, base64."""
    return b64encode(aead(key, bytes(12), padded, b"daccord/ciphertext/1\x00" + committed)).decode()


def seal(case: dict[str, Any], opening: bytes) -> dict[str, Any]:
    """All that follows from an opening."""
    threshold, people = case["threshold"], case["trustees"]
    count = len(people)
    salt = bytes.fromhex(json.loads(opening)["salt"])
    committed = sha256(b"daccord/commit/1\x00" + opening).digest()

    def derive(label: bytes, size: int, number: int) -> list[bytes]:
        stream = expand(salt, b"daccord/escrow/1\x00" + label + b"\x00" + committed, size * number)
        return [stream[i * size : (i + 1) * size] for i in range(number)]

    (key,) = derive(b"key", 32, 1)
    coefficients = derive(b"coefficients", 32, threshold - 1)
    blinds, ephemerals = derive(b"blinds", 16, count), derive(b"ephemeral", 32, count)
    shares, plain, infos = [], [], []
    for index, person in enumerate(people, 1):
        share = value_at(index, key, coefficients) + blinds[index - 1]
        place = case["context"] | {"commitment": committed.hex(), "index": index, "trustee": person["id"]}
        info = b"daccord/sealed-share/1\x00" + canonical(place)
        sealed = hpke_seal(bytes.fromhex(person["public"]), ephemerals[index - 1], info, share)
        plain.append(share.hex())
        infos.append(info.hex())
        shares.append(
            {
                "trustee": person["id"],
                "index": index,
                "hash": share_hash(committed, index, share),
                "sealed": b64encode(sealed).decode(),
            }
        )
    return {
        "opening": opening.decode(),
        "key": key.hex(),
        "coefficients": [one.hex() for one in coefficients],
        "ephemeral": [one.hex() for one in ephemerals],
        "info": infos[0],
        "plain": plain,
        "sealed": {
            "commitment": committed.hex(),
            "ciphertext": encrypt(key, pad(opening), committed),
            "shares": shares,
        },
    }


def case(name: str, threshold: int, count: int, seq: int, answer: dict[str, Any]) -> dict[str, Any]:
    """One commit."""
    said = {"juror": "ada", "manifest": MANIFEST, "origin": ORIGIN, "round": ROUND, "seq": seq}
    made = {"name": name, "threshold": threshold, "trustees": trustees(count), "context": said}
    opening = canonical(said | answer | {"salt": sha256(b"salt %d" % seq).hexdigest()})
    return made | seal(made, opening)


RATING = {"table": "ratings", "subject": {"criterion": "benefit", "project": "alder"}, "rows": [{"value": "4"}]}


def filled(size: int) -> dict[str, Any]:
    """An answer whose opening has so many bytes."""
    rows: list[dict[str, str]] = [{"value": ""}]
    answer = RATING | {"rows": rows}
    short = len(case("", 1, 1, 0, answer)["opening"].encode())
    rows[0]["value"] = "9" * (size - short)
    return answer


def cases() -> list[dict[str, Any]]:
    """Commits that open."""
    return [
        case("three of five", 3, 5, 1, RATING),
        case("one of one", 1, 1, 2, RATING),
        case(
            "all of seven, and text that is not ASCII",
            7,
            7,
            3,
            RATING | {"subject": {"criterion": "é", "project": "\U0001f333\u2028"}},
        ),
        case("withdrawn", 2, 3, 4, RATING | {"rows": []}),
        case("one byte below a block", 2, 3, 5, filled(511)),
        case("exactly two blocks", 2, 3, 6, filled(512)),
        case("eleven of twenty", 11, 20, 7, RATING),
    ]


def refused(good: dict[str, Any], others: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Commits and shares that do not open. Everything they lack is that of the case `three of five`.

    `fails` is the step: `shape` of the sealed parts, `share` (a published share has another hash), `few`, `open` (the
    shares give no sound opening) or `reveal` (the opening that is revealed is not that of a sound commit).
    """
    found: list[dict[str, Any]] = []
    plain = {str(i): share for i, share in enumerate(good["plain"], 1)}
    some = {i: plain[i] for i in "124"}
    committed = bytes.fromhex(good["sealed"]["commitment"])

    def add(name: str, fails: str, sealed: dict[str, Any] | None = None, **more: Any) -> None:
        found.append({"name": name, "fails": fails, "sealed": sealed or good["sealed"], **({"shares": some} | more)})

    def changed(**parts: Any) -> dict[str, Any]:
        return deepcopy(good["sealed"]) | parts

    def with_share(number: int, **parts: Any) -> dict[str, Any]:
        sealed = deepcopy(good["sealed"])
        sealed["shares"][number] |= parts
        return sealed

    listed = good["sealed"]["shares"]
    add("an index of 0", "shape", with_share(0, index=0))
    add("an index twice", "shape", with_share(1, index=1))
    add("a trustee twice", "shape", with_share(1, trustee=listed[0]["trustee"]))
    add(
        "trustees out of order",
        "shape",
        changed(shares=[listed[1] | {"index": 1}, listed[0] | {"index": 2}, *listed[2:]]),
    )
    add("a share with a key too many", "shape", with_share(0, note="x"))
    add("a hash in capitals", "shape", with_share(0, hash=listed[0]["hash"].upper()))
    add("a sealed share cut short", "shape", with_share(0, sealed=listed[0]["sealed"][:-4]))
    add("a ciphertext cut short", "shape", changed(ciphertext=good["sealed"]["ciphertext"][:-4]))
    add("no shares", "shape", changed(shares=[]))
    flipped = f"{int(plain['1'][:2], 16) ^ 1:02x}{plain['1'][2:]}"
    add("a wrong partial decryption", "share", shares=some | {"1": flipped})
    add("a share under another index", "share", shares={"1": plain["1"], "2": plain["2"], "3": plain["4"]})
    add("a share without its blind", "share", shares=some | {"1": plain["1"][:64]})
    add("an index of no trustee", "share", shares=some | {"6": plain["1"]})
    add("one share too few", "few", shares={"1": plain["1"], "2": plain["2"]})

    other = others["one of one"]["sealed"]["ciphertext"]
    add("the ciphertext of another commit", "open", changed(ciphertext=other))
    raw = bytearray(
        aead(
            bytes.fromhex(good["key"]),
            bytes(12),
            pad(good["opening"].encode()),
            b"daccord/ciphertext/1\x00" + committed,
        )
    )
    raw[7] ^= 1
    add("a ciphertext with one bit changed", "open", changed(ciphertext=b64encode(raw).decode()))
    key = bytes.fromhex(good["key"])
    longer = good["opening"].encode() + b"\x80" + bytes(511 - len(good["opening"].encode()) % 256)
    longer += bytes(-len(longer) % 256)
    add("a block of padding too many", "open", changed(ciphertext=encrypt(key, longer, committed)))
    add(
        "padding that is not zero",
        "open",
        changed(ciphertext=encrypt(key, pad(good["opening"].encode())[:-1] + b"\x01", committed)),
    )
    add("nothing but zeros", "open", changed(ciphertext=encrypt(key, bytes(512), committed)))

    bad = bytes.fromhex(plain["4"][:-2] + f"{int(plain['4'][-2:], 16) ^ 1:02x}")
    add(
        "one share that does not fit the others, not among those used",
        "open",
        with_share(3, hash=share_hash(committed, 4, bad)),
        shares={i: plain[i] for i in "123"},
    )
    off = bytes([bytes.fromhex(plain["4"])[0] ^ 1]) + bytes.fromhex(plain["4"])[1:]
    add(
        "one share that does not fit the others, among those used",
        "open",
        with_share(3, hash=share_hash(committed, 4, off)),
        shares=some | {"4": off.hex()},
    )
    add("nonsense sealed for one trustee, opened by the others", "open", with_share(2, sealed=listed[1]["sealed"]))
    add(
        "nonsense sealed for one trustee, and revealed",
        "reveal",
        with_share(2, sealed=listed[1]["sealed"]),
        opening=good["opening"],
    )
    add("another ciphertext, and revealed", "reveal", changed(ciphertext=other), opening=good["opening"])
    add("a trustee too few, and revealed", "reveal", changed(shares=listed[:4]), opening=good["opening"])
    add("a reveal of another opening", "reveal", opening=others["one of one"]["opening"])

    # What somebody else seals who copied the opening, or seals an opening that names another juror.
    theirs = {"threshold": 3, "trustees": good["trustees"], "context": good["context"] | {"juror": "bo"}}
    made = seal(theirs, good["opening"].encode())
    copied = {str(i): share for i, share in enumerate(made["plain"], 1)}
    add("an opening that names another juror", "open", made["sealed"], shares=copied, context=theirs["context"])
    add("the same, revealed", "reveal", made["sealed"], context=theirs["context"], opening=good["opening"])
    odd = json.dumps(json.loads(good["opening"]), sort_keys=True, ensure_ascii=False).encode()  # with blanks
    made = seal(good, odd)
    loose = {str(i): share for i, share in enumerate(made["plain"], 1)}
    add("an opening that is not canonical JSON", "open", made["sealed"], shares=loose)
    return found


def build() -> dict[str, Any]:
    """All vectors."""
    made = cases()
    return {
        "about": "Invented commits; see docs/spec/sealed-rounds.md. Secrets stand here because they are nobody's.",
        "cases": made,
        "refused": refused(made[0], {one["name"]: one for one in made}),
    }


def main() -> None:
    """Write the file, or compare with it."""
    text = json.dumps(build(), indent=1, ensure_ascii=True) + "\n"
    if "--check" in sys.argv:
        if FILE.read_text(encoding="utf-8") != text:
            sys.exit("sealed.json differs from what this script writes")
    else:
        FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
