"""Bytes of envelopes and payloads, numbers, places, and signatures that would split verifiers."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from hashlib import sha512
from typing import Any

from tests.hostile.record._records import Play, Record, hostile, raw

from daccord.audit import Pins
from daccord.record import Envelope, Signature, encode, pae
from daccord.record.keys import LocalSigner
from daccord.record.log import entry_hash
from daccord.record.payloads import media_type

ORDER = 2**252 + 27742317777372353535851937790883648493
JUDGMENT = media_type("judgment")


def payload(play: Play, who: str = "j1", **changed: Any) -> bytes:
    """The payload of a judgment that would be in order."""
    return play.judgment(who, **changed).payload


def refused(play: Play, *leaves: bytes | Envelope, **changed: Any) -> list[Record]:
    """A record for each entry, put behind the judgments."""
    kept, found = list(play.stage.leaves), []
    for leaf in leaves:
        other = Play(play.kind, play.cast)
        for one in kept:
            other.stage.append(one)
        found.append(other.shown(entry=other.add(leaf), **changed))
    return found


def edited(play: Play, *ways: tuple[str, str]) -> list[Record]:
    """Records with a judgment whose payload is written otherwise, and signed so."""
    text, key = payload(play).decode(), play.juror("j1")
    made = []
    for old, new in ways:
        assert old in text
        made.append(raw("judgment", text.replace(old, new, 1).encode("utf-8", "surrogatepass"), key).leaf())
    return refused(play, *made)


# --- payloads ---------------------------------------------------------------------------------------------------------


@hostile("entries")
def a_key_stands_twice() -> list[Record]:
    """A key of the payload stands twice, so that readers take one value or the other."""
    return edited(Play.judged(), ('"juror":"j1"', '"juror":"j1","juror":"j1"'), ('{"juror"', '{"juror":"j2","juror"'))


@hostile("entries")
def numbers_that_are_read_in_several_ways() -> list[Record]:
    """A number is written 9.0, 9e0, 1e2, -0, 09, NaN, Infinity, 2^53, 2^53 + 1, or with four hundred digits."""
    play = Play.judged()
    seq = f'"seq":{json.loads(payload(play))["seq"]}'
    play = Play.judged()
    numbers = ("9.0", "9e0", "1e2", "-0", "09", "NaN", "Infinity", str(2**53), str(2**53 + 1), "9" * 400, '"9"', "true")
    return edited(play, *((seq, f'"seq":{number}') for number in numbers))


@hostile("entries")
def a_number_below_nothing() -> Record:
    """A number of an entry is below 0."""
    play = Play.judged()
    return play.shown(entry=play.add(play.judgment(seq=-1)))


@hostile("entries")
def half_of_a_character() -> list[Record]:
    """A text holds half of a pair of surrogates, escaped or as bytes."""
    return edited(Play.judged(), ('"ratio":"9"', '"ratio":"\\ud83d"'), ('"ratio":"9"', '"ratio":"\ud83d"'))


@hostile("entries")
def bytes_that_are_no_text() -> list[Record]:
    """A payload holds bytes that are no UTF-8, an overlong form, or is UTF-16."""
    play = Play.judged()
    text, key = payload(play), play.juror("j1")
    ways = [text.replace(b"j1", b"j\xff"), text.replace(b"j1", b"j\xc0\xb1"), text.decode().encode("utf-16")]
    return refused(play, *(raw("judgment", one, key) for one in ways))


@hostile("entries")
def text_that_is_written_otherwise() -> list[Record]:
    """The same value with a blank, a line end, a byte order mark, a needless escape, or other order of keys."""
    play = Play.judged()
    text, key = payload(play), play.juror("j1")
    value = json.loads(text)
    order = json.dumps(dict(reversed(value.items())), separators=(",", ":"), ensure_ascii=False).encode()
    ways = [text + b"\n", b" " + text, text.replace(b":", b": ", 1), b"\xef\xbb\xbf" + text, order]
    ways += [text.replace(b"j1", b"j\\u0031", 1), text.replace(b"/", b"\\/", 1)]
    return refused(play, *(raw("judgment", one, key) for one in ways))


@hostile("entries")
def a_payload_that_is_nested_deeply() -> list[Record]:
    """A payload is nested 33 deep, or sixteen thousand deep."""
    play = Play.judged()
    key = play.juror("j1")
    deep = b"[" * 16_000 + b"]" * 16_000
    return refused(play, raw("judgment", b"[" * 33 + b"]" * 33, key), raw("judgment", deep, key))


@hostile("entries")
def a_payload_that_is_no_object() -> list[Record]:
    """A payload is a list, a text, null, a number, or nothing."""
    play = Play.judged()
    return refused(play, *(raw("judgment", one, play.juror("j1")) for one in (b"[]", b'""', b"null", b"7", b"", b"{}")))


@hostile("entries")
def a_key_too_many_or_too_few() -> list[Record]:
    """A payload has a key beyond its own, lacks one, or has one that differs in case."""
    play = Play.judged()
    value = play.answering("j1")
    less = {name: one for name, one in value.items() if name != "rows"}
    ways = [{**value, "weight": 2}, less, {**less, "Rows": value["rows"]}]
    return refused(play, *(play.stage.make("judgment", one, play.juror("j1")) for one in ways))


@hostile("entries")
def values_that_are_no_texts() -> list[Record]:
    """A cell is a number, true, null, a list, or has a line end in it, as if it were two rows."""
    play = Play.judged()
    cells: tuple[Any, ...] = (9, True, None, ["9"], "9\nj2,benefit,alder,elm,alder,9", "9\r")
    value = play.answering("j1")
    made = ({**value, "rows": [{"winner": "elm", "ratio": cell}]} for cell in cells)
    return refused(play, *(play.stage.make("judgment", one, play.juror("j1")) for one in made))


@hostile("entries")
def tables_and_columns_that_there_are_not() -> list[Record]:
    """An answer is to another table, has other columns, two rows where one may be, or its pair the other way about."""
    play = Play.judged()
    value, pair = play.answering("j1"), {"criterion": "benefit", "a": "elm", "b": "alder"}
    ways: list[dict[str, Any]] = [{"table": "judges"}, {"table": "projects"}, {"table": ""}, {"subject": pair}]
    ways += [{"rows": [{"winner": "elm", "award": "9"}]}, {"rows": value["rows"] * 2}, {"rows": [{"juror": "j2"}]}]
    ways += [{"subject": {**value["subject"], "juror": "j2"}}, {"subject": {**value["subject"], "b": "alder"}}]
    return refused(play, *(play.stage.make("judgment", {**value, **one}, play.juror("j1")) for one in ways))


# --- envelopes --------------------------------------------------------------------------------------------------------


def _leaf(envelope: Envelope, **changed: Any) -> bytes:
    return encode({**json.loads(envelope.leaf()), **changed})


@hostile("entries")
def an_entry_that_is_no_envelope() -> list[Record]:
    """An entry is empty, no JSON, an envelope with another key, or one that is written otherwise."""
    play = Play.judged()
    envelope = play.judgment()
    leaf = envelope.leaf()
    ways = [b"", b"entry", b"{}", leaf + b"\n", leaf.replace(b":", b": ", 1), _leaf(envelope, comment="")]
    ways += [leaf.replace(b'"payload":', b'"payload":"","payload":', 1), bytes(64)]
    return refused(play, *ways)


@hostile("entries")
def base64_in_another_spelling() -> list[Record]:
    """Payload or signature in base64 without padding, with stray bits, with a line end, or in the alphabet for URLs."""
    play = Play.judged()
    envelope = play.judgment()
    said = json.loads(envelope.leaf())
    text, sig = said["payload"], said["signatures"][0]["sig"]
    key = said["signatures"][0]["keyid"]
    stray = sig[:-3] + chr(ord(sig[-3]) + 1) + "=="
    ways = [_leaf(envelope, payload=one) for one in (text + "=", text + "\n", text[:-4], f"-{text[1:]}")]
    sigs = (sig.rstrip("="), stray, sig + "\n", "")
    ways += [_leaf(envelope, signatures=[{"keyid": key, "sig": one}]) for one in sigs]
    return refused(play, *ways)


@hostile("entries")
def an_envelope_without_signatures_or_with_strange_ones() -> list[Record]:
    """An envelope has no signature, one of 63 or 65 bytes, the same twice, 65 of them, or in another order."""
    play = Play.judged()
    envelope = play.judgment()
    said = json.loads(envelope.leaf())["signatures"]
    data, key = b64decode(said[0]["sig"]), said[0]["keyid"]
    many = [{"keyid": f"{i:064x}", "sig": said[0]["sig"]} for i in range(65)]
    two = json.loads(play.judgment("j1", play.juror("j1"), play.juror("j2")).leaf())["signatures"]
    ways = [[], [{"keyid": key, "sig": b64encode(data[:-1]).decode()}], [{"keyid": key, "sig": said[0]["sig"] + "A"}]]
    ways += [said * 2, many, two[::-1], [{"keyid": key}], [{**said[0], "alg": "none"}]]
    return refused(play, *(_leaf(envelope, signatures=one) for one in ways))


@hostile("entries")
def a_signature_by_nobody_beside_the_good_one() -> list[Record]:
    """An envelope has another signature beside the juror's: another juror's, the operator's, a stranger's."""
    play = Play.judged()
    mine = play.juror("j1")
    others = (play.juror("j2"), play.cast.operator, play.cast.key("stranger"))
    return refused(play, *(play.judgment("j1", mine, other) for other in others))


@hostile("entries")
def a_signature_that_is_not_valid() -> list[Record]:
    """A bit of a juror's signature is flipped in an envelope that the operator then puts into the log."""
    play = Play.judged()
    envelope = play.judgment()
    (one,) = envelope.signatures
    made = []
    for bit in (0, 100, 255, 256, 400, 511):
        data = bytearray(one.data)
        data[bit // 8] ^= 1 << bit % 8
        made.append(Envelope(JUDGMENT, envelope.payload, (Signature(one.key, bytes(data)),)))
    return refused(play, *made)


@hostile("entries")
def a_value_changed_under_a_signature() -> Record:
    """The operator changes a juror's value and keeps the signature."""
    play = Play.judged()
    envelope = play.judgment()
    changed = envelope.payload.replace(b'"ratio":"9"', b'"ratio":"1"')
    return play.shown(entry=play.add(Envelope(JUDGMENT, changed, envelope.signatures)))


@hostile("entries")
def somebody_else_signs_for_a_juror() -> list[Record]:
    """The operator, a steward, an issuer or another juror signs a judgment for a juror."""
    play = Play.judged()
    signers = (play.cast.operator, *play.stewards(1), play.cast.key("issuer issuer-a"), play.juror("j2"))
    return refused(play, *(play.judgment("j1", one) for one in signers))


def _scalar(key: LocalSigner, secret: bytes) -> int:
    """The secret scalar of an Ed25519 key."""
    digest = bytearray(sha512(secret).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 63 | 64
    return int.from_bytes(digest, "little")


def _by_scalar(play: Play, first: bytes) -> Envelope:
    """A signature of j1 with the nonce 0, whose R is written as one likes: S = k a."""
    message = pae(JUDGMENT, data := payload(play))
    key = play.juror("j1")
    challenge = int.from_bytes(sha512(first + key.public.data + message).digest(), "little") % ORDER
    last = challenge * _scalar(key, play.cast.secret("juror j1")) % ORDER
    return Envelope(JUDGMENT, data, (Signature(key.public.id, first + last.to_bytes(32, "little")),))


@hostile("entries")
def a_signature_whose_r_is_of_small_order() -> list[Record]:
    """A juror signs with the nonce 0, so that R is of small order: some libraries take it and others do not."""
    play = Play.judged()
    identity, not_canonical = (1).to_bytes(32, "little"), (2**255 - 18).to_bytes(32, "little")
    return refused(play, _by_scalar(play, identity), _by_scalar(play, not_canonical))


@hostile("entries")
def a_signature_with_s_beyond_the_order() -> Record:
    """S is replaced by S + L, which some libraries take for the same signature."""
    play = Play.judged()
    envelope = play.judgment()
    (one,) = envelope.signatures
    last = int.from_bytes(one.data[32:], "little") + ORDER
    forged = Signature(one.key, one.data[:32] + last.to_bytes(32, "little"))
    return play.shown(entry=play.add(Envelope(JUDGMENT, envelope.payload, (forged,))))


@hostile("entries")
def a_key_that_may_not_be_registered() -> list[Record]:
    """An issuer binds a juror to a key of small order, or to one that is no point, or not in its one form."""
    keys = (bytes(32), (1).to_bytes(32, "little"), b"\xff" * 32, (2**255 - 18).to_bytes(32, "little"), b"\x02" * 32)
    found = []
    for key in keys:
        play = Play()
        play.open()
        play.bind("j1", "issuer-a", key=key.hex())
        found.append(play.shown(entry=play.place))
    return found


# --- envelopes at another place ---------------------------------------------------------------------------------------


@hostile("nothing")
def the_same_envelope_twice() -> Record:
    """An envelope is handed in a second time, byte for byte."""
    play = Play.judged()
    judgment = next(leaf for leaf in play.stage.leaves if JUDGMENT.encode() in leaf)
    play.add(judgment)
    play.close()
    return play.decided()


@hostile("nothing")
def the_same_envelope_after_another_answer() -> Record:
    """A juror's earlier answer is played back after the later one to the same question, to bring it back in force."""
    play = Play.judged()
    first = play.judgment("j1", rows=[{"winner": "alder", "ratio": "1.5"}])
    second = play.judgment("j1", rows=[{"winner": "elm", "ratio": "3"}])
    play.add(first)
    play.add(second)
    play.close()
    like = play.decided()
    replayed = Play.judged()
    for one in (first, second, first):
        replayed.add(one.leaf())
    replayed.close()
    return replayed.decided(like=like)


@hostile("entries")
def one_number_for_two_answers() -> Record:
    """A juror gives the same number to another answer."""
    play = Play.judged()
    return play.shown(entry=play.add(play.judgment(seq=2)))


@hostile("entries")
def a_number_that_goes_back() -> Record:
    """A juror's earlier answer, which was held back, comes after a later one."""
    play = Play.judged()
    early, late = play.judgment(), play.judgment(rows=[{"winner": "alder", "ratio": "2"}])
    play.add(late)
    return play.shown(entry=play.add(early))


@hostile("entries")
def one_answer_signed_twice() -> Record:
    """The same payload comes under another signature of the same key: the same number a second time."""
    play = Play.judged()
    play.add(play.judgment())
    data = play.judgment(seq=99).payload
    play.add(raw("judgment", data, play.juror("j1")))
    return play.shown(entry=play.add(_by_any_nonce(play, data)))


def _by_any_nonce(play: Play, data: bytes) -> Envelope:
    """A valid signature that is not the one which the usual nonce gives; nonce 1, R = B."""
    base = bytes.fromhex("58" + "66" * 31)
    message, key = pae(JUDGMENT, data), play.juror("j1")
    challenge = int.from_bytes(sha512(base + key.public.data + message).digest(), "little") % ORDER
    last = (1 + challenge * _scalar(key, play.cast.secret("juror j1"))) % ORDER
    return Envelope(JUDGMENT, data, (Signature(key.public.id, base + last.to_bytes(32, "little")),))


@hostile("entries")
def an_envelope_of_another_log() -> Record:
    """An envelope that a juror signed for another log is put into this one."""
    play = Play.judged()
    return play.shown(entry=play.add(play.judgment(origin="other.example/log")))


@hostile("entries")
def an_envelope_of_a_round_that_there_is_not() -> Record:
    """An envelope names a round that has no manifest in the log."""
    play = Play.judged()
    return play.shown(entry=play.add(play.judgment(round="another")))


@hostile("entries")
def an_envelope_of_another_manifest() -> Record:
    """An envelope that was signed under another manifest of a round with the same id."""
    play = Play.judged()
    return play.shown(entry=play.add(play.judgment(manifest="00" * 32)))


@hostile("nothing")
def an_envelope_of_another_round_of_the_log() -> Record:
    """A juror's judgment of another round of the same log does nothing in this one."""
    play = Play.judged()
    play.say("manifest", {**play.manifest(), "round": "another"}, *play.stewards())
    play.add(play.judgment("j1", round="another", manifest=entry_hash(play.stage.leaves[-1]).hex()))
    play.close()
    return play.decided(pins=Pins(round="hostile"))


@hostile("entries")
def a_payload_of_another_type() -> list[Record]:
    """A judgment's payload is put under the type of another kind, signed so or with the signature of its own type."""
    play = Play.judged()
    envelope = play.judgment()
    made: list[Envelope] = []
    for kind in ("commit", "approval", "contribution", "binding"):
        made.append(raw(kind, envelope.payload, play.juror("j1")))
        made.append(Envelope(media_type(kind), envelope.payload, envelope.signatures))
    return refused(play, *made)


@hostile("openings")
def a_payload_of_the_type_of_openings() -> list[Record]:
    """A judgment's payload is put under the type of reveals, shares or attestations."""
    play = Play.judged()
    data, key = payload(play), play.juror("j1")
    return refused(play, *(raw(kind, data, key) for kind in ("reveal", "share", "attestation")))


@hostile("keys")
def a_payload_of_the_type_of_root_metadata() -> Record:
    """A judgment's payload is put under the type of root metadata."""
    play = Play.judged()
    return play.shown(entry=play.add(raw("root", payload(play), play.juror("j1"))))


@hostile("entries")
def a_type_that_there_is_not() -> list[Record]:
    """An entry is of an unknown kind, of version 2, of another maker, or its type differs in case."""
    play = Play.judged()
    data, key = payload(play), play.juror("j1")
    kinds = (JUDGMENT.replace("judgment", "vote"), JUDGMENT.replace("v1", "v2"), JUDGMENT.replace("daccord", "other"))
    kinds += (JUDGMENT.replace("judgment", "Judgment"), JUDGMENT + ";q=1", "application/json", JUDGMENT + "\n")
    return refused(play, *(raw(kind, data, key) for kind in kinds))


@hostile("entries")
def a_promise_as_an_entry() -> Record:
    """A promise stands in the log by itself."""
    play = Play.judged()
    return play.shown(entry=play.add(play.promise(b"entry", 1)))


# --- names that look alike --------------------------------------------------------------------------------------------


@hostile("entries")
def a_juror_whose_id_looks_like_anothers() -> list[Record]:
    """An id with a Cyrillic letter, a blank behind it, a combining sign, or full-width letters is nobody's."""
    play = Play.judged()
    names = ("\u04581", "j1 ", "j1\u200b", "\uff4a\uff11", "J1", "j\u0031\u0301")
    value = play.answering("j1")
    made = (play.stage.make("judgment", {**value, "juror": name}, play.juror("j1")) for name in names)
    return refused(play, *made)


@hostile("void")
def a_project_whose_id_looks_like_anothers() -> Record:
    """An answer is to a project whose id looks like another's."""
    play = Play.judged()
    at = play.add(play.judgment("j1", b="\u0435lm"))
    play.close()
    return play.decided(entry=at)
