"""The parsers of a record as functions of bytes, with examples to begin from; all examples are simulated.

A parser here takes bytes and returns what it read, written again; None where there is no way to write it again. Bytes
that it refuses raise `IntegrityError`; whatever else comes out of it is a bug, and so are other bytes than went in.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from random import Random

from daccord.errors import IntegrityError
from daccord.record import decode, encode, from_leaf, seal
from daccord.record.keys import LocalSigner
from daccord.record.log import (
    COSIGNATURE,
    ED25519,
    WIDTH,
    Checkpoint,
    Note,
    NoteKey,
    Receipt,
    TileTree,
    bundle,
    consistency_proof,
    cosign,
    cosigned_at,
    entry_hash,
    entry_tiles,
    hash_tiles,
    inclusion_proof,
    open_checkpoint,
    open_note,
    open_receipt,
    parse_policy,
    parse_signatures,
    sign_note,
    tree_root,
    unbundle,
    verify_consistency,
    verify_inclusion,
)
from daccord.record.payloads import kind_of, media_type, parse_manifest, parse_payload
from daccord.record.root import Role, Root, follow, make_root, next_root, parse_root
from daccord.record.sealed import Context, check_sealed, parse_sealed, public_key, seal_opening
from daccord.record.witness import Seen, WitnessState, answer, growth_request, read_answer

__all__ = ["PARSERS", "Parser"]


@dataclass(frozen=True)
class Parser:
    """A parser and bytes that it accepts.

    Attributes:
        read: Bytes → the bytes that say what was read; None if they are not written again.
        examples: Where mutation begins.
        words: Pieces of the format, for mutation.
    """

    read: Callable[[bytes], bytes | None]
    examples: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()


SIZE = 300
NOW = 1_800_000_000
ORIGIN = "log.example/simulated"
ENTRIES = [b"simulated entry %d" % number for number in range(SIZE)]
LEAVES = [entry_hash(entry) for entry in ENTRIES]
KEYS = [LocalSigner(bytes([7, number]) + bytes(30)) for number in range(6)]
LOG, FIRST, SECOND = KEYS[:3]
LOG_KEY = NoteKey(ORIGIN, LOG.public, ED25519)
WITNESSES = [NoteKey(f"w{n}.example", key.public, COSIGNATURE) for n, key in enumerate((FIRST, SECOND))]
POLICY = f"log {LOG_KEY.text}\nwitness one {WITNESSES[0].text}\nwitness two {WITNESSES[1].text}\n".encode() + (
    b"# simulated\ngroup both all one two\ngroup any 1 both\nquorum any\n"
)
TRUST = parse_policy(POLICY)
FILES = {**dict(hash_tiles(LEAVES)), **dict(entry_tiles(ENTRIES))}


@cache
def _subtree(first: int, size: int) -> bytes:
    return tree_root(LEAVES[first : first + size])


def _root_of(size: int) -> bytes:
    return _subtree(0, size)


def _head(size: int, cosigned: bool = True, extensions: tuple[str, ...] = ()) -> bytes:
    made = sign_note(Checkpoint(ORIGIN, size, _root_of(size), extensions).text, [(ORIGIN, LOG)])
    lines = [cosign(made.text, key.name, signer, NOW) for key, signer in zip(WITNESSES, (FIRST, SECOND), strict=True)]
    return (made.with_signatures(lines) if cosigned else made).encode()


def _canonical(data: bytes) -> bytes:
    return encode(decode(data))


def _envelope(data: bytes) -> bytes:
    envelope = from_leaf(data)
    envelope.signed_by({key.public.id: key.public for key in KEYS})
    return envelope.leaf()


def _payload(data: bytes) -> bytes:
    """Payloads of all kinds but root, the manifest in full."""
    envelope = from_leaf(data)
    payload = parse_payload(envelope)
    if payload.kind == "manifest":
        parse_manifest(payload, entry_hash(data).hex())
    kind_of(envelope)
    if encode(dict(payload.value)) != envelope.payload:
        raise AssertionError("the payload is written otherwise")
    return envelope.leaf()


def _root(data: bytes) -> bytes:
    envelope = from_leaf(data)
    made = parse_root(envelope)
    with suppress(IntegrityError):
        follow(ROOT, envelope)
    if encode(dict(made.value())) != envelope.payload:
        raise AssertionError("the metadata is written otherwise")
    return envelope.leaf()


def _note(data: bytes) -> bytes:
    return open_note(data).encode()


def _key(data: bytes) -> bytes:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise IntegrityError("no text") from None
    return NoteKey.parse(text).text.encode()


def _checkpoint(data: bytes) -> bytes:
    head, note = open_checkpoint(data)
    return Note(head.text, note.signatures).encode()


def _cosignatures(data: bytes) -> bytes:
    """Lines under a checkpoint, each checked."""
    try:
        lines = parse_signatures(data.decode())
    except UnicodeDecodeError:
        raise IntegrityError("no text") from None
    for key in WITNESSES:
        with suppress(IntegrityError):
            cosigned_at(Note(TEXT, lines), key)
    return "".join(line.line for line in lines).encode()


def _accepted(data: bytes) -> bytes:
    """A checkpoint that the policy trusts: of our log there is one at each size."""
    seen = TRUST.accept(data)
    if seen.checkpoint.size not in (44, SIZE) or seen.checkpoint.root != _root_of(seen.checkpoint.size):
        raise AssertionError("another head than those that were signed")
    return seen.note.encode()


def _policy(data: bytes) -> None:
    policy = parse_policy(data)
    if not policy.logs:
        return
    with suppress(IntegrityError):
        policy.accept(HEAD)
    policy.quorum_time(dict.fromkeys(policy.witnesses, NOW))


def _receipt(data: bytes) -> bytes:
    receipt = open_receipt(data)
    try:
        receipt.check(ENTRIES[7], TRUST)
    except IntegrityError:
        pass
    else:
        if receipt.index != 7:
            raise AssertionError("the receipt of another entry was accepted")
    return receipt.encode()


def _proof(data: bytes) -> bytes:
    """`kind, two numbers of 8 bytes, hashes`: a proof that is accepted is the one that the tree gives."""
    kind, one, two = data[:1], int.from_bytes(data[1:9], "big", signed=True), int.from_bytes(data[9:17], "big")
    proof = [data[at : at + 32] for at in range(17, len(data), 32)]
    if kind == b"i":
        if two > SIZE:
            raise IntegrityError("there is no such tree")
        verify_inclusion(one, two, LEAVES[one % SIZE], proof, _root_of(two))
        made = inclusion_proof(one, two, _subtree)
    elif kind == b"c":
        roots = [_root_of(size) if 0 <= size <= SIZE else bytes(32) for size in (one, two)]
        verify_consistency(one, two, proof, roots[0], roots[1])
        made = consistency_proof(one, two, _subtree) if one else []
    else:
        raise IntegrityError("no proof of ours")
    return data[:17] + b"".join(made)


def _bundle(data: bytes) -> bytes:
    """`width, 2 bytes; entries`."""
    width = int.from_bytes(data[:2], "big")
    return data[:2] + bundle(unbundle(data[2:], width))


def _tiles(data: bytes) -> bytes:
    """`number of the file; its bytes`, all others being right: what is accepted is what is in the tree."""
    names = sorted(FILES)
    name = names[data[0] % len(names)] if data else names[0]
    tree = TileTree(SIZE, lambda path: data[1:] if path == name else FILES[path])
    if tree.root() != ROOT_HASH:
        raise IntegrityError("another root")
    found = [entry for number in range(-(-SIZE // WIDTH)) for entry in tree.entries(number)]
    if found != ENTRIES:
        raise AssertionError("other entries were accepted")
    for index in (0, 255, 256, 299):
        verify_inclusion(index, SIZE, LEAVES[index], inclusion_proof(index, SIZE, tree.subtree), ROOT_HASH)
    return data[:1] + FILES[name]


def _request(data: bytes) -> None:
    """A witness answers anything, and cosigns growth alone."""
    said = answer(WITNESS, FIRST, {ORIGIN: Seen(44, _root_of(44))}, data, NOW)
    if said.status not in (200, 400, 403, 404, 409, 422):
        raise AssertionError(f"answered with {said.status}")
    if said.status == 200:
        if said.after is None or said.after.root != _root_of(said.after.size):
            raise AssertionError("a witness cosigned what is not of the log")
    else:
        raise IntegrityError(said.body.decode())


def _answer(data: bytes) -> bytes | None:
    """`status, 2 bytes; body`."""
    try:
        said = read_answer(int.from_bytes(data[:2], "big"), data[2:], HEAD, WITNESSES[0])
    except IntegrityError as error:
        raise IntegrityError(str(error).partition(": ")[0]) from None
    return None if isinstance(said, int) else data  # other lines may stand beside the witness's own


def _sealed(data: bytes) -> None:
    value = decode(data)
    if not isinstance(value, dict):
        raise IntegrityError("no commit")
    check_sealed(parse_sealed(value), OPENING, CONTEXT, TRUSTEES, 2)


def _opening_parts() -> tuple[Context, bytes, dict[str, bytes]]:
    context = Context(origin=ORIGIN, round="simulated", manifest="ab" * 32, juror="ann", seq=3)
    opening = {
        "juror": "ann", "manifest": "ab" * 32, "origin": ORIGIN, "round": "simulated", "salt": "cd" * 32, "seq": 3,
        "table": "ratings", "subject": {"criterion": "benefit", "project": "p"}, "rows": [{"value": "4"}],
    }  # fmt: skip
    trustees = {KEYS[n].public.id: public_key(bytes([n + 1]) * 32) for n in range(3)}
    return context, encode(opening), trustees  # type: ignore[arg-type]


def _hash(number: int) -> str:
    return entry_hash(b"%d" % number).hex()


def _payloads() -> list[bytes]:
    """An envelope of every kind, of the shape that the kind has."""
    base = {"origin": ORIGIN, "round": "simulated-1"}
    answers = {"seq": 1, "table": "ratings", "subject": {"criterion": "benefit", "project": "p"}}
    file = {"sha256": _hash(1), "size": 300}
    own = {
        "piece": {"of": _hash(1), "index": 0, "text": "id,title\np,A project (simulated) – ümlaut\n"},
        "manifest": {
            "engine": {"name": "daccord", "version": "0.1.0", "source": _hash(2), "wheel": None},
            "files": {"round.toml": file, "projects.csv": file}, "unsigned": [], "rules": {"rules.fusion": '"x"'},
            "models": {"m": {"key": KEYS[5].public.hex, "model": "simulated", "prompt": _hash(3)}},
            "issuers": {"i": KEYS[4].public.hex}, "bindings": 1, "enrolment": "listed", "sealed": None,
            "ballots": "open", "secret": [], "deadlines": {"judging": NOW, "reveal": None, "grace": 600},
            "witnesses": "quorum none\n",
        },
        "binding": {
            "issuer": "i", "juror": "ann", "key": KEYS[3].public.hex, "nullifier": _hash(4), "statement": _hash(5),
            "person": {"community": "north", "conflicts": ""},
        },
        "rekey": {"juror": "ann", "key": KEYS[3].public.hex},
        "judgment": {"juror": "ann", **answers, "rows": [{"value": "4", "low": "3"}]},
        "reveal": {"juror": "ann", "commit": _hash(6), "salt": _hash(7), **answers, "rows": []},
        "share": {"shares": [{"commit": _hash(6), "index": 1, "share": "ab"}]},
        "list": {"model": "m", "seq": 2, "prompt": _hash(3), "table": "ratings", "sha256": _hash(1), "size": 9},
        "contribution": {"donor": "d", "seq": 1, "project": "p", "amount": "100"},
        "close": {"phase": "judging", "checkpoint": HEAD.decode()},
        "intervention": {"action": "void", "entries": [_hash(8)], "issuer": None, "row": None, "reason": "simulated"},
        "complaint": {"promise": b64encode(b"p").decode(), "leaf": b64encode(b"l").decode()},
        "attestation": {"commits": [_hash(6)], "secret": _hash(9)},
        "result": {
            "tree": {"root": _hash(1), "size": 9}, "files": _hash(1), "decision": file, "payout": None, "counted": 1,
            "void": [],
        },
        "approval": {"result": _hash(1)},
        "revocation": {"key": _hash(2), "reason": "lost"},
        "promise": {"leaf": _hash(1), "received": NOW, "due": NOW + 600},
    }  # fmt: skip
    without = ("piece", "manifest", "promise")
    made = []
    for kind, parts in own.items():
        value = {**base, **({} if kind in without else {"manifest": _hash(0)}), **parts}
        made.append(seal(media_type(kind), value, KEYS[: 1 + len(kind) % 2]).leaf())  # type: ignore[arg-type]
    return made


def _versions() -> tuple[Root, list[bytes]]:
    roles = {"root": Role(frozenset(key.public.id for key in KEYS[:3]), 2)}
    first = Root(1, ORIGIN, {key.public.id: key.public for key in KEYS[:4]}, roles)
    more = {**roles, "operator": Role(frozenset({KEYS[3].public.id}), 1)}
    second = next_root(first, first.keys, more, KEYS[:3])[1]
    return first, [make_root(first, KEYS[:3]).leaf(), second.leaf()]


HEAD = _head(SIZE)
TEXT = open_note(HEAD).text
ROOT_HASH = _root_of(SIZE)
ROOT, _ROOTS = _versions()
WITNESS = WitnessState(WITNESSES[0].name, {ORIGIN: (LOG_KEY,)})
CONTEXT, OPENING, TRUSTEES = _opening_parts()
_KINDS = _payloads()
_JSON = (b"null", b"true", b"-1", b"9007199254740991", b"9007199254740992", b"1.0", b"1e2", b'""', b"[]", b"{}", b",",
         b":", b'"\\u0000"', b'"\\ud800"', b'"\xf0\x9f\x98\x80"', b"[[", b"]]", b"{", b"}", b'"payload":',
         b"=", b"==", b"A")  # fmt: skip
_TEXT = (b"\n", b"\n\n", b"\r\n", b" ", b"\t", "— ".encode(), b"+", b"=", b"==", b"0", b"00", b"-1",
         b"9223372036854775807", b"9223372036854775808", b"\x00", b"\xc2\xa0", b"\xe2\x80\xa8", "٣".encode(),
         b"old 44", b"index 7", b"extra ", b"log ", b"witness ", b"group ",
         b"quorum ", b"none", b"all", b"any", b"#")  # fmt: skip


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")


def _proofs() -> list[bytes]:
    made = [b"i" + _number(at) + _number(SIZE) + b"".join(inclusion_proof(at, SIZE, _subtree)) for at in (0, 7, 299)]
    pairs = ((1, 2), (44, SIZE), (256, SIZE), (SIZE, SIZE), (0, 9))
    return made + [
        b"c" + _number(old) + _number(new) + b"".join(consistency_proof(old, new, _subtree) if old else [])
        for old, new in pairs
    ]


def _some_json() -> list[bytes]:
    chance = Random(3)
    texts = ["", "a", 'q"\\/', "ü\u2028", "\U0001f600\ue000", "\x00\x1f\x7f"]
    made = [encode({chance.choice(texts) + str(n): [n, None, True, -n, text]}) for n, text in enumerate(texts)]
    return [*made, b"[" * 32 + b"]" * 32, encode({"\U00010000": 1, "\uffff": 2}), *_ROOTS]


_INCLUSION = inclusion_proof(7, SIZE, _subtree)
_SEALED = seal_opening(OPENING, CONTEXT, TRUSTEES, 2)

PARSERS: dict[str, Parser] = {
    "canonical JSON": Parser(_canonical, tuple(_some_json()), _JSON),
    "envelopes": Parser(_envelope, tuple(_KINDS), _JSON),
    "payloads": Parser(_payload, tuple(_KINDS), _JSON),
    "root metadata": Parser(_root, tuple(_ROOTS), _JSON),
    "notes": Parser(_note, (HEAD, _head(0), b"any text\n\nmore\n\n" + HEAD.partition(b"\n\n")[2]), _TEXT),
    "verifier keys": Parser(_key, (LOG_KEY.text.encode(), WITNESSES[0].text.encode()), _TEXT),
    "checkpoints": Parser(_checkpoint, (HEAD, _head(0), _head(44, False), _head(44, True, ("more", "—"))), _TEXT),
    "cosignature lines": Parser(_cosignatures, (HEAD.partition(b"\n\n")[2],), _TEXT),
    "checkpoints by a policy": Parser(_accepted, (HEAD, _head(44)), _TEXT),
    "policies": Parser(_policy, (POLICY, b"quorum none\n"), _TEXT),
    "receipts": Parser(
        _receipt, (Receipt(7, _INCLUSION, HEAD).encode(), Receipt(7, _INCLUSION, HEAD, b"more").encode()), _TEXT
    ),
    "proofs": Parser(_proof, tuple(_proofs()), (bytes(32), b"\xff" * 8, bytes(8))),
    "bundles": Parser(_bundle, (b"\x00\x03" + bundle(ENTRIES[:3]), b"\x01\x00" + bundle(ENTRIES[:256])), (bytes(2),)),
    "tiles": Parser(_tiles, tuple(bytes([n]) + FILES[name] for n, name in enumerate(sorted(FILES))), (bytes(32),)),
    "requests to a witness": Parser(
        _request,
        (
            growth_request(44, consistency_proof(44, SIZE, _subtree), HEAD),
            growth_request(44, [], _head(44)),
            growth_request(0, [], HEAD),
        ),
        _TEXT,
    ),
    "answers of a witness": Parser(
        _answer, (b"\x00\xc8" + HEAD.splitlines(True)[-2], b"\x01\x9944\n", b"\x01\xa6no\n"), _TEXT
    ),
    "sealed answers": Parser(_sealed, (encode(_SEALED.value()),), _JSON),
}
"""Name → parser."""
