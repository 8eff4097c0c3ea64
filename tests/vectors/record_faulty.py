"""Entries that break a rule, each in the place of a good one."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from record_bytes import (
    ORIGIN,
    WITNESSES,
    b64,
    both,
    canonical,
    checkpoint,
    envelope,
    hashed,
    key,
    key_id,
    media_type,
    policy,
    signature_line,
)
from record_rounds import (
    ADA,
    HARM,
    JUDGING,
    MODEL_ROWS,
    OPEN,
    PAIR,
    PROJECTS_CSV,
    RATING,
    REVEAL,
    SEALED,
    Log,
    answer,
    binding_value,
    commit_value,
    correction,
    manifest_value,
    named,
    reveal_value,
    root_value,
    shares,
)

STRANGER = "a stranger"
LARGEST_ORDER = 2**252 + 27742317777372353535851937790883648493


class Faulty:
    """Entries that are faults where they stand: at the end of the log's first entries."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.found: list[dict[str, Any]] = []

    def add(self, kind: str, name: str, leaf: bytes, at: int | str, *, round_: str = OPEN, step: str = "") -> None:
        """Keep a leaf; `at` is a number of entries, or the mark of the entry in whose place it stands."""
        steps = {"root": "keys", "reveal": "openings", "share": "openings", "attestation": "openings"}
        place = self.log.marks[at] if isinstance(at, str) else at
        self.found.append(
            {
                "kind": kind,
                "name": name,
                "round": round_,
                "at": place,
                "step": step or steps.get(kind, "entries"),
                "leaf": leaf.decode("utf-8"),
            }
        )

    def say(
        self, kind: str, name: str, value: Any, *signers: str, at: int | str, round_: str = OPEN, step: str = ""
    ) -> None:
        """Sign a payload as it is."""
        self.add(kind, name, envelope(kind, value, *signers), at, round_=round_, step=step)

    def around(self, kind: str, mark: str, *signers: str, round_: str = OPEN) -> dict[str, Any]:
        """Faults that every kind may have, in the place of a good entry; gives its payload."""
        good = json.loads(self.log.leaves[self.log.marks[mark]])
        payload = good["payload"]
        value: dict[str, Any] = json.loads(b64decode(payload))
        self.say(kind, "signed by a stranger", value, STRANGER, at=mark, round_=round_)
        self.say(kind, "a key too many", value | {"note": "x"}, *signers, at=mark, round_=round_)
        if kind not in ("piece", "binding", "judgment", "close", "intervention", "result", "approval", "reveal"):
            return value  # so that the file stays small
        self.say(kind, "signed by a stranger too", value, *signers, STRANGER, at=mark, round_=round_)
        short = {name: one for name, one in value.items() if name != max(value)}
        self.say(kind, "a key is missing", short, *signers, at=mark, round_=round_)
        self.say(kind, "of another log", value | {"origin": "other.example"}, *signers, at=mark, round_=round_)
        if kind != "piece":
            other = value | {"manifest": hashed(b"another")}
            self.say(kind, "of another manifest", other, *signers, at=mark, round_=round_)
        return value


def envelopes(bad: Faulty) -> None:
    """Bytes that are no envelope, or no canonical one."""
    log, mark = bad.log, "judgment"
    good = log.leaves[log.marks[mark]]
    read = json.loads(good)
    (one,) = read["signatures"]
    stranger = {"keyid": key_id(STRANGER), "sig": one["sig"]}

    def change(name: str, **parts: Any) -> None:
        bad.add("judgment", name, canonical(read | parts), mark)

    bad.add("judgment", "an envelope with a blank in it", good.replace(b":", b": ", 1), mark)
    bad.add("judgment", "an envelope with a line end behind it", good + b"\n", mark)
    bad.add("judgment", "no object", b"[]", mark)
    change("no signature", signatures=[])
    change("a signature twice", signatures=[one, one])
    change("signatures out of order", signatures=sorted([one, stranger], key=lambda one: one["keyid"], reverse=True))
    change("a signature of 63 bytes", signatures=[one | {"sig": b64(bytes(63))}])
    change("a signature with a key too many", signatures=[one | {"cert": ""}])
    change("base64 without padding", signatures=[one | {"sig": one["sig"].rstrip("=")}])
    change("base64 for addresses", signatures=[one | {"sig": "-" + one["sig"][1:]}])
    change("a key id in capitals", signatures=[one | {"keyid": one["keyid"].upper()}])
    change("another type", payloadType="application/json")
    change("a kind that there is not", payloadType=media_type("vote"))
    change("the type of another kind", payloadType=media_type("commit"))
    signed = b64decode(one["sig"])
    s = int.from_bytes(signed[32:], "little")
    flipped = bytes([signed[0] ^ 1]) + signed[1:]
    change("a signature with one bit changed", signatures=[one | {"sig": b64(flipped)}])
    larger = (s + LARGEST_ORDER).to_bytes(32, "little")
    change("S not below the order", signatures=[one | {"sig": b64(signed[:32] + larger)}])
    small = bytes([1]) + bytes(31)
    change("R of small order", signatures=[one | {"sig": b64(small + signed[32:])}])
    value = json.loads(b64decode(read["payload"]))
    loose = json.dumps(value, sort_keys=True).encode()
    bad.say("judgment", "a payload with blanks", loose, "juror ada", at=mark)
    unsorted = json.dumps(dict(sorted(value.items(), reverse=True)), separators=(",", ":")).encode()
    bad.say("judgment", "a payload whose keys are out of order", unsorted, "juror ada", at=mark)
    twice = canonical(value).replace(b'{"juror"', b'{"juror":"ada","juror"', 1)
    bad.say("judgment", "a payload with a key twice", twice, "juror ada", at=mark)
    fraction = canonical(value).replace(b'"seq":0', b'"seq":0.0')
    bad.say("judgment", "a number with a fraction", fraction, "juror ada", at=mark)
    bad.say("judgment", "no number but a text", value | {"seq": "0"}, "juror ada", at=mark)
    bad.say("judgment", "true for a number", value | {"seq": True}, "juror ada", at=mark)
    bad.say("judgment", "a number below 0", value | {"seq": -1}, "juror ada", at=mark)


def opening(bad: Faulty) -> None:
    """Root metadata, pieces, manifests."""
    first, second = root_value(1), root_value(2)
    bad.say("root", "version 1 signed by too few", first, "root 1", at=0)
    bad.say("root", "the first is version 2", first | {"version": 2}, "root 1", "root 2", at=0)
    bad.say("root", "a stranger signs too", first, "root 1", "root 2", STRANGER, at=0)
    bad.say("root", "a version is skipped", second | {"version": 3}, "root 1", "root 2", at=1)
    bad.say("root", "version 1 again, with other keys", second | {"version": 1}, "root 1", "root 2", at=1)
    bad.say("root", "too few of the old keys", second, "root 1", "root 4", at=1)
    bad.say("root", "too few of the new keys", second, "root 1", "root 3", at=1)
    bad.say("root", "another origin", second | {"origin": "other.example"}, "root 1", "root 2", at=1)
    roles = second["roles"]
    with_role = roles | {"guest": roles["guardian"]}
    bad.say("root", "a role that there is not", second | {"roles": with_role}, "root 1", "root 2", at=1)
    high = roles | {"root": roles["root"] | {"threshold": 4}}
    bad.say("root", "a threshold above the keys", second | {"roles": high}, "root 1", "root 2", at=1)
    bad.say("piece", "no root metadata before it", {"origin": ORIGIN, "round": OPEN, "of": hashed(b""), "index": 0,
            "text": ""}, "operator", at=0)  # fmt: skip
    value = bad.around("piece", "piece", "operator")
    bad.say("piece", "another text for a piece that is there", value | {"text": "x"}, "operator", at="manifest")
    bad.say("piece", "a round's id in capitals", value | {"round": "OPEN"}, "operator", at="piece")
    value = bad.around("manifest", "manifest", "steward 1", "steward 2")
    stewards = ("steward 1", "steward 2")

    def change(name: str, **parts: Any) -> None:
        bad.say("manifest", name, value | parts, *stewards, at="manifest")

    bad.say("manifest", "signed by too few", value, "steward 1", at="manifest")
    bad.say("manifest", "a second one of the round", value | {"bindings": 1}, *stewards, at="judgment")
    change("a file whose pieces are not there", files=value["files"] | {"x.csv": named("x")})
    change("a file of another size", files=value["files"] | {"projects.csv": named(PROJECTS_CSV) | {"size": 1}})
    change("without judges.csv", files={name: one for name, one in value["files"].items() if name != "judges.csv"})
    change("a table of signed answers", files=value["files"] | {"ratings.csv": named(PROJECTS_CSV)})
    change("unsigned, and not there", unsigned=["ratings.csv"])
    change("unsigned, of which nobody would sign", unsigned=["projects.csv"])
    change("models that are not those of judges.csv", models={})
    change("more bindings than issuers", bindings=4)
    change("sealed ballots without trustees", ballots="sealed", deadlines=value["deadlines"] | {"reveal": REVEAL})
    change("a deadline for reveals without sealed ballots", deadlines=value["deadlines"] | {"reveal": REVEAL})
    change("secret criteria without trustees", secret=["harm"])
    change("a policy that names a log", witnesses=f"log {ORIGIN}+00000000+AQ==\n" + policy())
    change("an issuer's key that is no point", issuers=value["issuers"] | {"x": "ff" * 32})
    change("an issuer's key of small order", issuers=value["issuers"] | {"x": "01" + "00" * 31})
    sealed = manifest_value(SEALED)
    mark = "sealed manifest"

    def change_sealed(name: str, **parts: Any) -> None:
        bad.say("manifest", name, sealed | parts, *stewards, at=mark, round_=SEALED)

    people = sealed["sealed"]["trustees"]
    first_id = min(people)
    small = people | {first_id: "00" * 32}
    change_sealed("a trustee's key of small order", sealed={"threshold": 2, "trustees": small})
    strange = {hashed(b"x"): people[first_id]}
    change_sealed("a trustee who has not the role", sealed={"threshold": 1, "trustees": strange})
    change_sealed("more trustees needed than there are", sealed={"threshold": 4, "trustees": people})
    change_sealed("reveals end with judging", deadlines=sealed["deadlines"] | {"reveal": JUDGING})


def people(bad: Faulty) -> None:
    """Bindings, keys, what jurors, models and donors say in the open."""
    log = bad.log
    mark = "binding y ada"
    bad.around("binding", mark, "issuer y", "juror ada")

    def bind(name: str, issuer: str, who: str, at: str, *signers: str, **parts: Any) -> None:
        value = log.value("binding", OPEN, binding_value(issuer, who, **parts))
        bad.say("binding", name, value, *(signers or (f"issuer {issuer}", f"juror {who}")), at=at)

    bind("the issuer alone signs", "y", "ada", mark, "issuer y")
    bind("the juror alone signs", "y", "ada", mark, "juror ada")
    bind("an issuer that there is not", "w", "ada", mark)
    bind("the issuer's own key", "z", "eve", mark, "issuer z", key=key("issuer z").hex())
    bind("one issuer binds twice", "x", "ada", mark, nullifier=hashed(b"anew"))
    other = key("juror bo").hex()
    bind("to another key than before", "y", "ada", mark, "issuer y", "juror bo", key=other)
    bind("a nullifier of somebody else", "y", "bo", "judgment", nullifier=hashed(b"x ada"))
    bind("a key of somebody else", "x", "eve", "judgment", "issuer x", "juror ada", key=key("juror ada").hex())
    bind("a model as a person", "x", "m1", mark)
    told = {"community": "north", "conflicts": ""}
    bind("a listed juror is described", "x", "bo", mark, person=told)
    bind("described otherwise than before", "z", "dora", "judgment", person=told)
    bind("not a key", "z", "eve", mark, key="02" + "00" * 31)
    bind("a line end in a cell", "z", "eve", mark, person={"community": "no\nrth", "conflicts": ""})
    bind("an issuer's key was revoked", "y", "eve", "result")
    closed = binding_value("x", "eve", person=told)
    bad.say("binding", "enrolment is not open", log.value("binding", SEALED, closed), "issuer x", "juror eve",
            at="commit ada", round_=SEALED)  # fmt: skip
    bad.around("rekey", "rekey", "juror bo", "juror bo, new")
    anew = log.value("rekey", OPEN, {"juror": "bo", "key": key("juror bo, new").hex()})
    bad.say("rekey", "the old key does not sign", anew, "juror bo, new", at="rekey")
    taken = anew | {"key": key("juror cy").hex()}
    bad.say("rekey", "to somebody else's key", taken, "juror bo", "juror cy", at="rekey")
    unknown = anew | {"juror": "eve"}
    bad.say("rekey", "somebody whom nobody has bound", unknown, "juror eve", "juror bo, new", at="rekey")
    bad.around("judgment", "judgment", "juror ada")

    def judge(name: str, value: dict[str, Any], *signers: str, at: str = "late") -> None:
        bad.say("judgment", name, log.value("judgment", OPEN, value), *(signers or ("juror ada",)), at=at)

    judge("a number twice", answer("ada", 3, "ratings", RATING))
    judge("a smaller number", answer("ada", 1, "ratings", RATING))
    judge("somebody whom nobody has bound", answer("eve", 0, "ratings", RATING), "juror eve")
    judge("signed by another juror", answer("ada", 4, "ratings", RATING), "juror cy")
    judge("signed by a key that was replaced", answer("bo", 3, "ratings", RATING), "juror bo")
    judge("a donor judges", answer("don", 2, "ratings", RATING), "juror don")
    judge("a table that there is not", answer("ada", 4, "contributions", RATING))
    judge("a subject that lacks a key", answer("ada", 4, "ratings", {"project": "alder"}))
    judge("a subject with a key too many", answer("ada", 4, "ratings", RATING | {"x": ""}))
    judge("a row with another key", answer("ada", 4, "ratings", RATING, {"score": "1"}))
    judge("two rows where one may be", answer("ada", 4, "ratings", RATING, {"value": "1"}, {"value": "2"}))
    judge("a pair out of order", answer("ada", 4, "comparisons", PAIR | {"a": "birch", "b": "alder"}))
    judge("a pair of one project", answer("ada", 4, "comparisons", PAIR | {"b": "alder"}))
    judge("a line end in a cell", answer("ada", 4, "ratings", RATING, {"value": "1\n2"}))
    judge("too many rows", answer("ada", 4, "values", {"project": "alder"}, *[{}] * 1001))
    clear = log.value("judgment", SEALED, ADA)
    bad.say("judgment", "ballots are sealed", clear, "juror ada", at="commit ada", round_=SEALED)
    value = bad.around("list", "list", "m1")
    bad.say("list", "another prompt", value | {"prompt": hashed(b"p")}, "m1", at="list")
    bad.say("list", "a model that there is not", value | {"model": "m2"}, "m1", at="list")
    bad.say("list", "a file that is not there", value | named("x"), "m1", at="list")
    bad.say("list", "a smaller number", value | named(MODEL_ROWS) | {"table": "comparisons"}, "m1", at="close")
    bad.say("list", "a file that is no such table", value | {"table": "ratings"}, "m1", at="list")
    bad.say("list", "a table that models do not answer", value | {"table": "values"}, "m1", at="list")
    value = bad.around("contribution", "contribution", "juror don", "operator")
    bad.say("contribution", "no operator confirms", value, "juror don", at="contribution")
    bad.say("contribution", "the operator alone signs", value, "operator", at="contribution")
    bad.say("contribution", "a number twice", value | {"seq": 0}, "juror don", "operator", at="contribution")
    bad.say("contribution", "a juror gives", value | {"donor": "ada", "seq": 9}, "juror ada", "operator",
            at="contribution")  # fmt: skip
    bad.say("contribution", "an amount that is no text", value | {"amount": 5}, "juror don", "operator",
            at="contribution")  # fmt: skip


def ends(bad: Faulty) -> None:
    """What closes, corrects and concludes a round."""
    log = bad.log
    place = log.marks["close"]
    before = log.leaves[:place]

    def close(name: str, note: str, signer: str = "operator", phase: str = "judging") -> None:
        value = log.value("close", OPEN, {"phase": phase, "checkpoint": note})
        bad.say("close", name, value, signer, at="close")

    bad.around("close", "close", "operator")
    good = checkpoint(before, both(JUDGING))
    close("a phase that the round has not", good, phase="reveal")
    close("a phase that there is not", good, phase="payout")
    close("signed by no operator and no juror", good, signer="issuer x")
    close("a checkpoint of another log", checkpoint(before, both(JUDGING), origin="other.example"))
    close("a checkpoint that the log did not sign", checkpoint(before, both(JUDGING), by="steward 1"))
    close("larger than the log before it", checkpoint(log.leaves[: place + 1], both(JUDGING)))
    close("of another tree", checkpoint([*before[:-1], b"x"], both(JUDGING)))
    name, data = WITNESSES[0], key(WITNESSES[0])
    forged = signature_line(name, 4, data, (JUDGING - 9).to_bytes(8, "big") + bytes(64))
    close("a cosignature that is not valid", checkpoint(before, {WITNESSES[1]: JUDGING}) + forged)
    close("no checkpoint", "x\n")
    value = bad.around("complaint", "complaint", "juror bo, new")
    at = "complaint"
    late = log.leaves[log.marks["late"]]
    bad.say("complaint", "the promise is about another entry", value | {"leaf": b64(late)}, "operator", at=at)
    bad.say("complaint", "the promise is signed by a juror", value | {"promise": b64(envelope("promise", log.value(
        "promise", OPEN, {"leaf": hashed(b"\x00", late), "received": 0, "due": 0}), "juror ada")), "leaf": b64(late)},
        "operator", at=at)  # fmt: skip
    bad.say("complaint", "the promise is none", value | {"promise": b64(late)}, "operator", at=at)
    wrong = envelope("approval", log.value("approval", OPEN, {"result": hashed(b"x")}), "steward 1")
    promise = log.value("promise", OPEN, {"leaf": hashed(b"\x00", wrong), "received": 0, "due": 0})
    about = {"promise": b64(envelope("promise", promise, "operator")), "leaf": b64(wrong)}
    bad.say("complaint", "about an entry that has no deadline", value | about, "operator", at=at)
    bad.say("promise", "a promise that stands by itself", promise, "operator", at=at)
    stewards = ("steward 1", "steward 3")
    value = bad.around("intervention", "intervention", *stewards)
    mark = "intervention"
    bad.say("intervention", "signed by too few", value, "steward 1", at=mark)
    bad.say("intervention", "without a reason", value | {"reason": ""}, *stewards, at=mark)
    bad.say("intervention", "with a key that the action does not need", value | {"issuer": "x"}, *stewards, at=mark)
    bad.say("intervention", "without the key that the action needs", value | {"entries": None}, *stewards, at=mark)
    two = sorted([hashed(b"1"), hashed(b"2")], reverse=True)
    bad.say("intervention", "entries out of order", value | {"entries": two}, *stewards, at=mark)
    bad.say("intervention", "an action that there is not", value | {"action": "pay"}, *stewards, at=mark)
    issuer = log.value("intervention", OPEN, correction("remove-issuer", issuer="w"))
    bad.say("intervention", "an issuer that there is not", issuer, *stewards, at=mark)
    value = bad.around("revocation", "revocation", "issuer y")
    bad.say("revocation", "of another key", value | {"key": key_id("issuer x")}, "issuer y", at="revocation")
    bad.say("revocation", "of a key of nobody", value | {"key": key_id(STRANGER)}, STRANGER, at="revocation")
    bad.say("revocation", "of an operator's key", value | {"key": key_id("operator")}, "operator", at="revocation")
    value = bad.around("result", "result", "operator")
    bad.say("result", "a tree larger than the log", value | {"tree": value["tree"] | {"size": 10_000}}, "operator",
            at="result")  # fmt: skip
    bad.say("result", "a tree that is not the log's", value | {"tree": value["tree"] | {"root": hashed(b"x")}},
            "operator", at="result")  # fmt: skip
    bad.say("result", "a decision that is not there", value | {"decision": named("x")}, "operator", at="result")
    bad.say("result", "void out of order", value | {"void": two}, "operator", at="result")
    value = bad.around("approval", "approval", "steward 2")
    bad.say("approval", "of no result", value | {"result": hashed(b"x")}, "steward 1", at="approval")
    bad.say("approval", "by an operator", value, "operator", at="approval")


def seals(bad: Faulty, made: dict[str, dict[str, Any]]) -> None:
    """Commits and what opens them."""
    log = bad.log
    value = bad.around("commit", "commit ada", "juror ada", round_=SEALED)

    def commit(name: str, changed: dict[str, Any], *signers: str, at: str = "commit ada") -> None:
        bad.say("commit", name, changed, *(signers or ("juror ada",)), at=at, round_=SEALED)

    commit("a number twice", value | {"commitment": hashed(b"x")}, at="over")
    commit("a trustee too few", value | {"shares": value["shares"][:2]})
    commit("an index of 0", value | {"shares": [value["shares"][0] | {"index": 0}, *value["shares"][1:]]})
    commit("a ciphertext cut short", value | {"ciphertext": value["ciphertext"][:-4]})
    commit("signed by another juror", value, "juror bo")
    open_ = log.value("commit", OPEN, commit_value(ADA, made["ada"]) | {"seq": 9})
    bad.say("commit", "nothing is sealed in the round", open_, "juror ada", at="late")
    value = bad.around("reveal", "reveal", "juror ada", round_=SEALED)

    def reveal(name: str, changed: dict[str, Any], *signers: str, at: str = "reveal") -> None:
        bad.say("reveal", name, changed, *(signers or ("juror ada",)), at=at, round_=SEALED)

    reveal("judging is not over", value, at="over")
    reveal("another salt", value | {"salt": hashed(b"x")})
    reveal("another answer", value | {"rows": [{"value": "9"}]})
    reveal("of a commit that is not there", value | {"commit": hashed(b"x")})
    reveal("of another juror's commit", value | {"commit": log.hash("commit cy")})
    reveal("of a secret commit", log.value("reveal", SEALED, reveal_value(log, "commit harm", HARM, made["harm"])))
    reveal("by another juror", value, "juror bo")
    value = bad.around("share", "share", "trustee 1", round_=SEALED)

    def share(name: str, changed: dict[str, Any], *signers: str, at: str = "share") -> None:
        bad.say("share", name, changed, *(signers or ("trustee 1",)), at=at, round_=SEALED)

    first, *rest = value["shares"]
    share("judging is not over", value, at="over")
    flipped = f"{int(first['share'][:2], 16) ^ 1:02x}{first['share'][2:]}"
    share("a share that is wrong", value | {"shares": [first | {"share": flipped}, *rest]})
    share("a share that is too short", value | {"shares": [first | {"share": "00"}, *rest]})
    share("shares out of order", value | {"shares": [*rest, first]})
    share("a share twice", value | {"shares": [first, first]})
    share("another trustee's share", value, "trustee 2")
    share("two trustees sign", value, "trustee 1", "trustee 2")
    share("of a secret commit", log.value("share", SEALED, shares(log, "trustee 1", {"commit harm": made["harm"]})))
    share("of a commit that is not there", value | {"shares": [first | {"commit": hashed(b"x")}]})
    value = bad.around("attestation", "attestation", "trustee 1", "trustee 2", round_=SEALED)
    bad.say("attestation", "signed by too few", value, "trustee 1", at="attestation", round_=SEALED)
    both_ = sorted([hashed(b"1"), hashed(b"2")], reverse=True)
    bad.say("attestation", "commits out of order", value | {"commits": both_}, "trustee 1", "trustee 2",
            at="attestation", round_=SEALED)  # fmt: skip
    nothing = log.value("attestation", OPEN, {"commits": [], "secret": hashed(b"x")})
    bad.say("attestation", "nothing is secret in the round", nothing, "trustee 1", "trustee 2", at="result")


def break_rules(bad: Faulty, made: dict[str, dict[str, Any]]) -> None:
    """All of them."""
    for make in (envelopes, opening, people, ends):
        make(bad)
    seals(bad, made)
