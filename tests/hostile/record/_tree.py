"""Bytes of the log, heads of its tree, and who signed them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

from tests.hostile.record._records import Play, Record, honest, honest_play, hostile, shown, signed_head

from daccord.audit import Cast, Pins
from daccord.record.log import (
    COSIGNATURE,
    Checkpoint,
    Note,
    NoteKey,
    NoteSignature,
    cosign,
    entry_hash,
    node_hash,
    open_checkpoint,
    sign_note,
    tree_root,
)

BUNDLE, TILE = (next(path for path in honest().files if path.startswith(f"tile/{kind}/")) for kind in ("entries", "0"))
LEAVES = tuple(honest_play().stage.leaves)
CAST = honest_play().cast
NOTE = open_checkpoint(honest().files["checkpoint"])[1]


def flipped(data: bytes, bit: int) -> bytes:
    """With one bit turned over."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def spots(data: bytes, count: int) -> list[int]:
    """So many bits all over some bytes."""
    return [(8 * len(data) - 1) * i // (count - 1) for i in range(count)]


def entry_at(byte: int) -> int:
    """Which entry of the bundle a byte belongs to, its length included."""
    at = 0
    for place, leaf in enumerate(LEAVES):
        at += 2 + len(leaf)
        if byte < at:
            return place
    raise ValueError(byte)


def noted(note: bytes | Note, **changed: object) -> Record:
    """The honest log under another checkpoint."""
    return honest().with_({"checkpoint": note if isinstance(note, bytes) else note.encode()}, **changed)


def signed(text: str) -> Note:
    """Any text, signed by the log and all witnesses."""
    note = sign_note(text, [(CAST.origin, CAST.operator)])
    return note.with_signatures([cosign(text, name, CAST.key(f"witness {name}"), 1) for name in CAST.witnesses])


def rebuilt(leaves: list[bytes], witnesses: tuple[str, ...] = (), **changed: object) -> Record:
    """Another log, signed with the stolen key of the log."""
    return Record(shown(leaves, signed_head(CAST, leaves, witnesses=witnesses).encode()), **changed)


# --- bits and files ---------------------------------------------------------------------------------------------------


@hostile("tree")
def a_bit_of_an_entry_is_flipped() -> list[Record]:
    """A bit of an entry is flipped on the host that serves the log."""
    data, found = honest().files[BUNDLE], []
    for place, leaf in enumerate(LEAVES):
        start = sum(2 + len(one) for one in LEAVES[:place])
        bits = (8 * (start + 2), 8 * (start + 2 + len(leaf) // 2) + place % 8, 8 * (start + 1 + len(leaf)) + 7)
        found += [honest().with_({BUNDLE: flipped(data, bit)}, entry=place) for bit in bits]
    return found


@hostile("tree")
def a_bit_of_a_length_in_a_bundle_is_flipped() -> list[Record]:
    """A bit of the length before an entry is flipped."""
    data = honest().files[BUNDLE]
    starts = [sum(2 + len(one) for one in LEAVES[:place]) for place in (0, 7, len(LEAVES) - 1)]
    return [
        honest().with_({BUNDLE: flipped(data, 8 * start + bit)}, entry=entry_at(start))
        for start in starts
        for bit in (0, 5, 8, 15)
    ]


@hostile("tree")
def a_bit_of_a_tile_is_flipped() -> list[Record]:
    """A bit of a tile of hashes is flipped."""
    data = honest().files[TILE]
    return [honest().with_({TILE: flipped(data, bit)}) for bit in spots(data, 40)]


@hostile("tree")
def a_bit_of_the_checkpoint_is_flipped() -> list[Record]:
    """A bit of the checkpoint is flipped: of its text, the log's signature or a known witness's."""
    data = honest().files["checkpoint"]
    origin = data.index(b"\n")
    bits = (bit for bit in range(8 * origin + 8, 8 * len(data), 37) if not _of_a_name(data, bit // 8))
    return [noted(flipped(data, bit)) for bit in bits]


def _of_a_name(data: bytes, byte: int) -> bool:
    """Whether a byte is of a signature's name or id: with another one it is nobody's signature, see the next two."""
    start = data.index(b"\n\n") + 2
    line = data[start:].rfind(b"\n", 0, byte - start) + 1
    return byte >= start and byte - start - line < data[start + line :].index(b" ", 4) + 8


@hostile("tree")
def the_origin_of_the_checkpoint_is_changed() -> list[Record]:
    """The first line of the checkpoint is changed, or a byte order mark put before it: no key of that log is known."""
    data = honest().files["checkpoint"]
    return [noted(flipped(data, 5)), noted(b"\xef\xbb\xbf" + data)]


@hostile("keys")
def the_first_entry_is_deleted() -> Record:
    """The root metadata is deleted, and log and all witnesses sign."""
    return rebuilt(list(LEAVES[1:]), tuple(CAST.witnesses), entry=0)


@hostile("tree")
def the_name_on_the_logs_signature_is_changed() -> list[Record]:
    """The log's signature is put under another name or another key id, so that nobody known signed."""
    log, *rest = NOTE.signatures
    return [
        noted(replace(NOTE, signatures=(replace(log, name="other.example/log"), *rest))),
        noted(replace(NOTE, signatures=(replace(log, key=flipped(log.key, 3)), *rest))),
    ]


@hostile("tree")
def names_on_cosignatures_are_changed() -> Record:
    """Cosignatures are put under names that nobody knows, so that there is no quorum."""
    log, *rest = NOTE.signatures
    return noted(replace(NOTE, signatures=(log, *(replace(one, name=one.name + "x") for one in rest))))


@hostile("tree")
def a_bundle_is_missing_or_of_another_length() -> list[Record]:
    """The bundle of entries is missing, cut off, empty or goes on."""
    data = honest().files[BUNDLE]
    cut = (b"", data[:-1], data[: len(data) // 2])
    found = [honest().with_({BUNDLE: one}, entry=entry_at(len(one))) for one in cut]
    return [*found, *(honest().with_({BUNDLE: one}, anywhere=True) for one in (None, data + b"\0", data + bytes(2)))]


@hostile("tree")
def a_tile_is_missing_or_of_another_length() -> list[Record]:
    """The tile of hashes is missing, cut off, empty or goes on."""
    data = honest().files[TILE]
    return [honest().with_({TILE: one}) for one in (None, b"", data[:-1], data[:-32], data + bytes(32))]


@hostile("tree")
def there_is_no_checkpoint() -> list[Record]:
    """The checkpoint is missing or empty."""
    return [honest().with_({"checkpoint": None}), noted(b"")]


@hostile("tree")
def an_entry_is_longer_than_an_entry_can_be() -> Record:
    """An entry of 65,536 bytes: its length does not fit, and what follows is another bundle."""
    data = honest().files[BUNDLE]
    return honest().with_({BUNDLE: data + b"\x00\x00" + bytes(65_536)}, anywhere=True)


# --- heads that lie ---------------------------------------------------------------------------------------------------


@hostile("tree")
def a_larger_size_with_the_old_root() -> Record:
    """The log and its witnesses sign a larger size with the root of the smaller tree."""
    head = open_checkpoint(honest().files["checkpoint"])[0]
    return noted(signed_head(CAST, head=replace(head, size=head.size + 1)))


@hostile("tree")
def a_smaller_size_with_the_root_of_the_larger() -> Record:
    """They sign a smaller size with the root of the larger tree."""
    head = open_checkpoint(honest().files["checkpoint"])[0]
    return noted(signed_head(CAST, head=replace(head, size=head.size - 1)))


@hostile("tree")
def an_empty_tree_with_a_root() -> Record:
    """They sign size 0 with a root that the empty tree cannot have."""
    head = open_checkpoint(honest().files["checkpoint"])[0]
    return noted(signed_head(CAST, head=replace(head, size=0)))


@hostile("keys")
def an_empty_tree() -> Record:
    """They sign the empty tree, which has no keys."""
    return Record({"checkpoint": signed_head(CAST, []).encode()}, entry=0)


@hostile("tree")
def a_size_beyond_all_bounds() -> list[Record]:
    """They sign sizes of 2^40, 2^63 - 1, 2^63 and of a hundred digits."""
    root = b64encode(sha256(b"nothing").digest()).decode()
    return [noted(signed(f"{CAST.origin}\n{size}\n{root}\n")) for size in (2**40, 2**63 - 1, 2**63, "9" * 100)]


@hostile("tree")
def a_size_that_is_written_otherwise() -> list[Record]:
    """They sign the size with a leading zero, a sign, a blank, a fraction, an exponent, or in other digits."""
    origin, size, root, _ = NOTE.text.split("\n")
    ways = (f"0{size}", f"+{size}", f" {size}", f"{size} ", f"{size}.0", f"{size[0]}e1", "", "-1", "\u0665\u0664")
    return [noted(signed(f"{origin}\n{one}\n{root}\n")) for one in ways]


@hostile("tree")
def a_root_that_is_written_otherwise() -> list[Record]:
    """They sign the root without padding, with stray bits, in the alphabet for addresses, of 31 or 33 bytes."""
    origin, size, root, _ = NOTE.text.split("\n")
    data = honest_play().stage.tree.root(len(LEAVES))
    ways = [root.rstrip("="), root[:-2] + chr(ord(root[-2]) + 1) + "=", root.replace("=", "=="), "", f" {root}"]
    ways += [b64encode(data[:31]).decode(), b64encode(data + b"\0").decode(), data.hex(), f"-_{root[2:]}"]
    return [noted(signed(f"{origin}\n{size}\n{one}\n")) for one in ways]


@hostile("nothing")
def extension_lines_that_the_log_signed() -> Record:
    """The log signs further lines behind the root."""
    return noted(signed(NOTE.text + "anything\nat all 1\n"))


@hostile("tree")
def lines_that_the_log_did_not_sign() -> list[Record]:
    """Lines are added to the checkpoint behind the root, or before the origin."""
    return [noted(replace(NOTE, text=NOTE.text + "more\n")), noted(replace(NOTE, text="more\n" + NOTE.text))]


@hostile("tree")
def a_checkpoint_that_is_no_note() -> list[Record]:
    """A checkpoint with CR LF, control characters, no UTF-8, no empty line, or no signatures."""
    data = NOTE.encode()
    text, _, lines = data.partition(b"\n\n")
    ways = [data.replace(b"\n", b"\r\n"), data.replace(b"\n\n", b"\n\0\n"), data[:-1]]
    ways += [data.replace(b"\n\n", b"\n\xff\n\n"), text + b"\n" + lines, text + b"\n\n", text + b"\n", b"\n\n" + lines]
    ways += [data.replace("\u2014".encode(), b"-"), data + b"\n", data.replace(b"\n\n", b"\n\n\n")]
    return [noted(one) for one in ways]


@hostile("tree")
def ten_thousand_signatures() -> list[Record]:
    """Ten thousand signature lines, and 65: more than are looked at."""
    line = NoteSignature("flood.example", b"abcd", bytes(64)).line.encode()
    return [noted(NOTE.encode() + line * count) for count in (10_000, 64)]


@hostile("tree")
def signatures_in_another_spelling() -> list[Record]:
    """A signature in base64 without padding, with stray bits, or of no bytes."""
    data = NOTE.encode().decode()
    line = next(one for one in data.split("\n") if one.startswith("\u2014") and one.endswith("="))
    ways = [line.rstrip("="), line.replace("==", "").rstrip("=") + "===", line[: line.rindex(" ") + 1] + "AAAA"]
    ways += [line.replace(" ", "  "), line + " ", line + "\u00a0"]
    return [noted(data.replace(line, one).encode()) for one in ways]


@hostile("nothing")
def signatures_by_nobody_who_is_known() -> Record:
    """Signature lines of keys that nobody knows stand under the checkpoint."""
    strangers = [NoteSignature(f"stranger.example/{i}", bytes([i] * 4), bytes(64 + i)) for i in range(20)]
    return noted(NOTE.with_signatures(strangers))


@hostile("nothing")
def the_same_signature_lines_twice() -> Record:
    """All signature lines stand twice."""
    return noted(replace(NOTE, signatures=NOTE.signatures * 2))


@hostile("tree")
def one_witness_three_times() -> Record:
    """One witness's cosignature stands three times, to look like a quorum."""
    log, first, *_ = NOTE.signatures
    return noted(replace(NOTE, signatures=(log, first, first, first)))


@hostile("tree")
def one_witness_at_three_times() -> Record:
    """One witness cosigned at three times, to look like a quorum."""
    key = CAST.key(f"witness {CAST.witnesses[0]}")
    times = tuple(cosign(NOTE.text, CAST.witnesses[0], key, time) for time in (1, 2, 3))
    return noted(replace(NOTE, signatures=(NOTE.signatures[0], *times)))


@hostile("tree")
def a_bad_signature_before_the_good_one() -> list[Record]:
    """A signature that is not valid stands before the good one of the same key: the log's, or a witness's."""
    log, first, *rest = NOTE.signatures
    bad, worse = (replace(one, data=flipped(one.data, 100)) for one in (log, first))
    return [
        noted(replace(NOTE, signatures=(bad, log, first, *rest))),
        noted(replace(NOTE, signatures=(log, worse, first, *rest))),
    ]


@hostile("tree")
def a_key_with_the_logs_name_and_id() -> Record:
    """Somebody else's key, found so that its four bytes of key id are the log's, signs in its name."""
    log, *rest = NOTE.signatures
    other = replace(log, data=CAST.key("thief").sign(NOTE.text.encode()))
    return noted(replace(NOTE, signatures=(other, *rest)))


@hostile("tree")
def a_key_with_a_witnesss_name_and_id() -> Record:
    """Somebody else's keys, with the names and ids of witnesses, cosign."""
    made = [cosign(NOTE.text, name, CAST.key("thief"), 1) for name in CAST.witnesses]
    ids = [NoteKey(name, CAST.key(f"witness {name}").public, COSIGNATURE).id for name in CAST.witnesses]
    forged = [replace(line, key=name) for line, name in zip(made, ids, strict=True)]
    return noted(replace(NOTE, signatures=(NOTE.signatures[0], *forged)))


# --- replays ----------------------------------------------------------------------------------------------------------


@hostile("tree")
def cosignatures_of_another_log() -> Record:
    """Cosignatures by the same witnesses under a tree of the same size and root of another log are put here."""
    head = open_checkpoint(NOTE.encode())[0]
    other = signed_head(CAST, head=replace(head, origin="other.example/log"))
    return noted(replace(NOTE, signatures=(NOTE.signatures[0], *other.signatures[1:])))


@hostile("tree")
def cosignatures_of_a_smaller_tree() -> Record:
    """Cosignatures under yesterday's smaller tree are put under today's."""
    other = signed_head(CAST, LEAVES[:-5])
    return noted(replace(NOTE, signatures=(NOTE.signatures[0], *other.signatures[1:])))


@hostile("tree")
def a_cosignature_with_another_time() -> list[Record]:
    """The time of cosignatures is changed: to an hour earlier, 0, 2^63 and 2^64 - 1."""
    log, *rest = NOTE.signatures
    found = []
    for time in (1_800_000_000, 0, 2**63, 2**64 - 1):
        changed = [replace(one, data=time.to_bytes(8, "big") + one.data[8:]) for one in rest]
        found.append(noted(replace(NOTE, signatures=(log, *changed))))
    return found


@hostile("tree")
def a_cosignature_for_a_plain_signature() -> Record:
    """A witness's key signs the text as if it were a log: its line has no time and is no cosignature."""
    log, *rest = NOTE.signatures
    plain = [replace(one, data=CAST.key(f"witness {one.name}").sign(NOTE.text.encode())) for one in rest]
    return noted(replace(NOTE, signatures=(log, *plain)))


@hostile("tree")
def the_log_cosigns_for_itself() -> Record:
    """The log's own key cosigns, under its own name."""
    lines = [cosign(NOTE.text, CAST.origin, CAST.operator, time) for time in (1, 2, 3)]
    return noted(replace(NOTE, signatures=(NOTE.signatures[0], *lines)))


@hostile("tree")
def the_checkpoint_of_another_log() -> Record:
    """The checkpoint of another log, signed by that log and the same witnesses, over the same entries."""
    head = open_checkpoint(NOTE.encode())[0]
    return noted(signed_head(CAST, head=replace(head, origin="other.example/log")), pins=Pins(policy=_policy(CAST)))


@hostile("tree")
def the_checkpoint_of_another_log_without_a_pinned_policy() -> Record:
    """The same, before a verifier who pinned no policy."""
    head = open_checkpoint(NOTE.encode())[0]
    return noted(signed_head(CAST, head=replace(head, origin="other.example/log")))


def _policy(cast: Cast) -> bytes:
    return f"log {NoteKey(cast.origin, cast.operator.public).text}\n{cast.policy}".encode()


@hostile("tree")
def fewer_witnesses_than_the_pinned_policy_wants() -> Record:
    """The record's own policy is content with one witness, the verifier's is not."""
    lax = Cast(quorum=1)
    play = Play.judged(cast=lax)
    play.close()
    document, found = play.decide()
    play.publish(document, found)
    note = signed_head(lax, play.stage.leaves, witnesses=lax.witnesses[:1]).encode()
    return Record(shown(play.stage.leaves, note), Pins(policy=_policy(CAST)))


def _kind(kind: str) -> int:
    """Place of the first entry of a kind."""
    return next(i for i, leaf in enumerate(LEAVES) if f".{kind}.v1+json".encode() in leaf)


JUDGMENT = _kind("judgment")


# --- entries taken away, added, exchanged, with the stolen key of the log --------------------------------------------


def _cut(*places: int) -> list[bytes]:
    return [leaf for place, leaf in enumerate(LEAVES) if place not in places]


@hostile("tree")
def an_entry_is_deleted_without_witnesses() -> list[Record]:
    """An entry is deleted, and the whole tree signed anew with the stolen key of the log; no witness cosigns."""
    return [rebuilt(_cut(place)) for place in (JUDGMENT, len(LEAVES) - 1)]


@hostile("entries")
def a_piece_of_a_file_is_deleted() -> Record:
    """A piece of a file is deleted, so that the manifest's file is not there, and log and all witnesses sign."""
    return rebuilt(_cut(1), tuple(CAST.witnesses), entry=_kind("manifest") - 1)


@hostile("tree")
def an_entry_is_inserted_without_witnesses() -> Record:
    """An entry is inserted, and the tree signed anew with the stolen key."""
    return rebuilt([*LEAVES[:JUDGMENT], LEAVES[JUDGMENT], *LEAVES[JUDGMENT:]])


@hostile("tree")
def entries_are_exchanged_without_witnesses() -> Record:
    """Two entries change places, and the tree is signed anew with the stolen key."""
    leaves = list(LEAVES)
    leaves[JUDGMENT], leaves[JUDGMENT + 1] = leaves[JUDGMENT + 1], leaves[JUDGMENT]
    return rebuilt(leaves)


@hostile("tree")
def the_log_is_cut_off_without_witnesses() -> Record:
    """The last entries are cut off, and the tree is signed anew with the stolen key."""
    return rebuilt(list(LEAVES[:-3]))


@hostile("entries")
def a_judgment_is_deleted_with_all_witnesses() -> Record:
    """A judgment is deleted, and log and all witnesses sign: the close of judging proves another tree."""
    return rebuilt(_cut(JUDGMENT), tuple(CAST.witnesses), entry=_kind("close") - 1)


@hostile("entries")
def judgments_are_exchanged_with_all_witnesses() -> Record:
    """Two judgments of different jurors change places, and log and all witnesses sign."""
    places = [i for i, leaf in enumerate(LEAVES) if b"judgment" in leaf]
    one, other = places[2], places[3]  # the last of one juror and the first of the next, so that their numbers fit
    leaves = list(LEAVES)
    leaves[one], leaves[other] = leaves[other], leaves[one]
    return rebuilt(leaves, tuple(CAST.witnesses), entry=_kind("close"))


@hostile("history")
def the_log_is_cut_off_with_all_witnesses() -> Record:
    """The result is cut off with the help of all witnesses, before a verifier who saw the larger tree."""
    seen = (honest().files["checkpoint"],)
    return rebuilt(list(LEAVES[:-3]), tuple(CAST.witnesses), pins=Pins(seen=seen))


@hostile("history")
def yesterdays_log_goes_on() -> Record:
    """Yesterday's database is put in place and goes on otherwise, with all witnesses, before one who saw today's."""
    play = Play.judged()
    seen = signed_head(play.cast, play.stage.leaves).encode()
    other = Play.opened()
    other.script = replace(other.script, answers=other.script.answers[1:])
    other.judge()
    other.close()
    return other.decided(pins=Pins(seen=(seen,)))


@hostile("history")
def one_of_many_checkpoints_disagrees() -> Record:
    """Of several checkpoints seen before, one is of another tree of the same log."""
    heads = [signed_head(CAST, LEAVES[:size]).encode() for size in (1, 9, 30)]
    forged = signed_head(CAST, head=Checkpoint(CAST.origin, 20, tree_root([entry_hash(b"another")] * 20))).encode()
    return honest().with_(pins=Pins(seen=(*heads, forged)))


@hostile("history")
def a_checkpoint_seen_is_of_another_log() -> Record:
    """The verifier saw another log before."""
    head = open_checkpoint(NOTE.encode())[0]
    seen = signed_head(CAST, head=replace(head, origin="other.example/log")).encode()
    return honest().with_(pins=Pins(seen=(seen,)))


@hostile("nothing")
def checkpoints_seen_before_agree() -> Record:
    """Nobody is hostile: checkpoints that were seen at every size are of this log."""
    heads = [signed_head(CAST, LEAVES[:size]).encode() for size in range(len(LEAVES) + 1)]
    return honest().with_(pins=Pins(seen=tuple(heads)))


@hostile("tree")
def two_views_with_fewer_witnesses_than_a_quorum() -> list[Record]:
    """Two clients are shown different logs, and each log has some of the witnesses but no quorum."""
    one, *others = CAST.witnesses
    return [rebuilt(list(LEAVES), (one,)), rebuilt(_cut(JUDGMENT), (others[0],))]


@hostile("tree")
def an_entry_that_looks_like_a_node() -> Record:
    """The last two entries are replaced by one whose bytes are the two hashes, as if it were the node above them."""
    leaves = list(LEAVES) if len(LEAVES) % 2 == 0 else list(LEAVES[:-1])
    left, right = (entry_hash(leaf) for leaf in leaves[-2:])
    head = Checkpoint(CAST.origin, len(leaves), tree_root([entry_hash(leaf) for leaf in leaves]))
    files = shown([*leaves[:-2], left + right], signed_head(CAST, head=replace(head, size=head.size - 1)).encode())
    tile = next(path for path in files if path.startswith("tile/0/"))
    return Record({**files, tile: files[tile][:-32] + node_hash(left, right)}, entry=head.size - 2)


@hostile("tree")
def tiles_that_fit_the_root_and_entries_that_do_not() -> Record:
    """The tiles are the tree's, the entries are those of another log of the same size."""
    files = shown([*LEAVES[:-1], LEAVES[0]], b"")
    return honest().with_({BUNDLE: files[BUNDLE]}, entry=len(LEAVES) - 1)
