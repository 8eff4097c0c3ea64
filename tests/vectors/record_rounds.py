"""Two invented rounds in one log, entry by entry, and the files that follow from them, written by hand."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from make_sealed import public as x25519_key
from make_sealed import seal as seal_answer
from record_bytes import (
    ORIGIN,
    b64,
    both,
    canonical,
    checkpoint,
    envelope,
    hashed,
    key,
    key_id,
    policy,
    root_of,
)

OPEN, SEALED = "open-2027", "sealed-2027"
JUDGING, REVEAL, GRACE = 1_800_000_000, 1_800_600_000, 3_600

ROUND_TOML = 'format = "daccord/round/1"\nname = "Vectors (simulated)"\nsimulated = true\n# ä, 木, 🌳\n'
PROJECTS_CSV = "id,title\nalder,Alder\nbirch,Birch\ncedar,Cedar\n"
JUDGES_CSV = (
    "id,kind,community,family,conflicts\nada,person,north,,\nbo,person,south,,\ncy,person,north,,\nm1,model,,one,\n"
)
MODEL_LIST = "project,weight\nalder,0.5\nbirch,0.3\ncedar,0.2\n"
MODEL_ROWS = 'juror,criterion,a,b,winner\nm1,benefit,alder,cedar,alder\nm1,benefit,birch,cedar,"birch"\n'
DECISION = '{"note": "no decision follows from vectors"}\n'
FILES = {"round.toml": ROUND_TOML, "projects.csv": PROJECTS_CSV, "judges.csv": JUDGES_CSV}


def named(text: str) -> dict[str, Any]:
    """A file as payloads name it."""
    data = text.encode()
    return {"sha256": hashed(data), "size": len(data)}


class Log:
    """A log that grows; `marks` are names of entries."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.kinds: list[str] = []
        self.marks: dict[str, int] = {}
        self.manifests: dict[str, str] = {}

    def hash(self, mark: str) -> str:
        """Entry hash."""
        return hashed(b"\x00", self.leaves[self.marks[mark]])

    def add(self, kind: str, leaf: bytes, mark: str = "") -> None:
        """Append."""
        if mark:
            self.marks[mark] = len(self.leaves)
        self.leaves.append(leaf)
        self.kinds.append(kind)

    def value(self, kind: str, round_: str, value: dict[str, Any]) -> dict[str, Any]:
        """With what every payload says."""
        head = {"origin": ORIGIN, "round": round_}
        if kind not in ("piece", "manifest", "promise"):
            head["manifest"] = self.manifests.get(round_, "00" * 32)
        return head | value

    def say(self, kind: str, round_: str, value: dict[str, Any], *signers: str, mark: str = "") -> None:
        """Sign and append."""
        self.add(kind, envelope(kind, self.value(kind, round_, value), *signers), mark)


def root_value(version: int) -> dict[str, Any]:
    """Root metadata: version 2 changes a root key and adds guardians."""
    roots = ["root 1", "root 2", "root 3"] if version == 1 else ["root 1", "root 2", "root 4"]
    roles = {
        "root": (roots, 2),
        "steward": (["steward 1", "steward 2", "steward 3"], 2),
        "operator": (["operator"], 1),
        "trustee": (["trustee 1", "trustee 2", "trustee 3"], 2),
    }
    if version > 1:
        roles["guardian"] = (["guardian 1"], 1)
    names = {name for listed, _ in roles.values() for name in listed}
    return {
        "keys": {key_id(name): key(name).hex() for name in names},
        "origin": ORIGIN,
        "roles": {
            role: {"keys": sorted(key_id(name) for name in listed), "threshold": least}
            for role, (listed, least) in roles.items()
        },
        "version": version,
    }


def trustee_keys() -> list[dict[str, str]]:
    """Trustees in the order of their key ids."""
    secrets = {name: sha256(b"opens: " + name.encode()).digest() for name in ("trustee 1", "trustee 2", "trustee 3")}
    return sorted(
        ({"id": key_id(name), "name": name, "public": x25519_key(one).hex()} for name, one in secrets.items()),
        key=lambda one: one["id"],
    )


def manifest_value(round_: str, **changed: Any) -> dict[str, Any]:
    """The manifest of a round."""
    sealed = round_ == SEALED
    trustees = {one["id"]: one["public"] for one in trustee_keys()}
    return {
        "origin": ORIGIN,
        "round": round_,
        "engine": {"name": "daccord", "version": "0.0.0", "source": hashed(b"source"), "wheel": None},
        "files": {name: named(text) for name, text in FILES.items()},
        "unsigned": [],
        "rules": {"rules.fusion": '"least-squares"', "rules.example": "0.15"},
        "models": {"m1": {"key": key("m1").hex(), "model": "m1 (simulated)", "prompt": hashed(b"prompt")}},
        "issuers": {name: key(f"issuer {name}").hex() for name in ("x", "y", "z")},
        "bindings": 1 if sealed else 2,
        "enrolment": "listed" if sealed else "open",
        "sealed": {"threshold": 2, "trustees": trustees} if sealed else None,
        "ballots": "sealed" if sealed else "open",
        "secret": ["harm"] if sealed else [],
        "deadlines": {"judging": JUDGING, "reveal": REVEAL if sealed else None, "grace": GRACE},
        "witnesses": policy(),
    } | changed


def binding_value(issuer: str, who: str, **changed: Any) -> dict[str, Any]:
    """Payload of a binding."""
    return {
        "issuer": issuer,
        "juror": who,
        "key": key(f"juror {who}").hex(),
        "nullifier": hashed(f"{issuer} {who}".encode()),
        "statement": hashed(f"{issuer} knows {who}".encode()),
        "person": None,
    } | changed


def answer(who: str, seq: int, table: str, subject: dict[str, str], *rows: dict[str, str]) -> dict[str, Any]:
    """Payload of a judgment."""
    return {"juror": who, "seq": seq, "table": table, "subject": subject, "rows": list(rows)}


RATING = {"criterion": "benefit", "project": "alder"}
PAIR = {"criterion": "benefit", "a": "alder", "b": "birch"}


def pieces(log: Log, round_: str, text: str, *, size: int = 1000) -> None:
    """A file in pieces."""
    for index, at in enumerate(range(0, len(text), size)):
        value = {"of": hashed(text.encode()), "index": index, "text": text[at : at + size]}
        log.say("piece", round_, value, "operator", mark="" if "piece" in log.marks else "piece")


def correction(action: str, **changed: Any) -> dict[str, Any]:
    """Payload of an intervention."""
    return {"action": action, "entries": None, "issuer": None, "row": None, "reason": "for the vectors"} | changed


ROW = {"kind": "note", "project": "alder", "amount": "", "reason": 'said "no", twice', "by": "the stewards"}


def open_round(log: Log) -> None:
    """Judgments in the open."""
    for text in FILES.values():
        pieces(log, OPEN, text, size=50)
    pieces(log, OPEN, MODEL_LIST)
    pieces(log, OPEN, MODEL_ROWS)
    log.say("manifest", OPEN, manifest_value(OPEN), "steward 1", "steward 2", mark="manifest")
    log.manifests[OPEN] = log.hash("manifest")
    enrolled = {"community": "north", "conflicts": "alder;birch"}
    for who, issuers in {"ada": "xy", "bo": "xy", "cy": "xz", "dora": "xy", "don": "xy"}.items():
        for issuer in issuers:
            person = {"person": enrolled} if who == "dora" else {}
            log.say(
                "binding", OPEN, binding_value(issuer, who, **person), f"issuer {issuer}", f"juror {who}",
                mark=f"binding {issuer} {who}",
            )  # fmt: skip

    def judge(value: dict[str, Any], signer: str = "", mark: str = "") -> None:
        log.say("judgment", OPEN, value, signer or f"juror {value['juror']}", mark=mark)

    judge(answer("ada", 0, "comparisons", PAIR, {"winner": "alder", "ratio": "2"}), mark="judgment")
    judge(answer("bo", 0, "ratings", RATING, {"value": "7"}))
    judge(answer("ada", 1, "comparisons", PAIR, {"winner": "alder", "ratio": "3"}))  # this one counts
    judge(answer("cy", 0, "ratings", RATING, {"value": "1"}))  # of an issuer who is removed
    new = key("juror bo, new").hex()
    log.say("rekey", OPEN, {"juror": "bo", "key": new}, "juror bo", "juror bo, new", mark="rekey")
    ranking = [{"project": "birch", "place": "1"}, {"project": "alder", "place": "2"}]
    judge(answer("bo", 1, "rankings", {"criterion": "benefit", "ranking": 'first, "draft"'}, *ranking), "juror bo, new")
    judge(answer("bo", 2, "ratings", RATING), "juror bo, new")  # withdrawn
    role = {"project": "alder", "kind": "lowers", "target": "fire", "horizon": ""}
    judge(answer("dora", 0, "roles", role, {"efficacy_low": "0.1", "efficacy_high": "0.4"}))
    judge(answer("don", 0, "ballots", {}, {"project": "cedar", "points": "3"}, {"project": "alder"}))
    judge(answer("ada", 2, "metric-weights", {"metric": "users"}, {"weight": "0.5"}))
    judge(answer("ada", 3, "values", {"project": "cedar"}, {"amount": "100", "value": "1"}))
    judge(answer("dora", 1, "ratings", RATING, {"value": "9"}), mark="to void")
    for seq, (table, text) in enumerate({"lists": MODEL_LIST, "comparisons": MODEL_ROWS}.items()):
        value = {"model": "m1", "seq": seq, "prompt": hashed(b"prompt"), "table": table} | named(text)
        log.say("list", OPEN, value, "m1", mark="list" if table == "lists" else "")
    given = {"donor": "don", "seq": 1, "project": "birch", "amount": "12.50"}
    log.say("contribution", OPEN, given, "juror don", "operator", mark="contribution")
    log.say("close", OPEN, {"phase": "judging", "checkpoint": checkpoint(log.leaves, both(JUDGING))}, "operator",
            mark="close")  # fmt: skip
    judge(answer("ada", 4, "ratings", RATING, {"value": "0"}), mark="late")
    held_back = answer("bo", 3, "ratings", RATING | {"project": "cedar"}, {"value": "5"})
    withheld = envelope("judgment", log.value("judgment", OPEN, held_back), "juror bo, new")
    promise = {"leaf": hashed(b"\x00", withheld), "received": JUDGING, "due": JUDGING + 600}
    promised = envelope("promise", log.value("promise", OPEN, promise), "operator")
    log.say("complaint", OPEN, {"promise": b64(promised), "leaf": b64(withheld)}, "juror bo, new", mark="complaint")
    stewards = ("steward 1", "steward 3")
    log.say("intervention", OPEN, correction("void", entries=[log.hash("to void")]), *stewards, mark="intervention")
    log.say("intervention", OPEN, correction("remove-issuer", issuer="z"), *stewards)
    log.say("intervention", OPEN, correction("entry", row=ROW), *stewards)
    log.say("revocation", OPEN, {"key": key_id("issuer y"), "reason": "lost"}, "issuer y", mark="revocation")
    pieces(log, OPEN, DECISION)
    result(log, OPEN, 10, "result")
    for steward in ("steward 1", "steward 2"):
        log.say("approval", OPEN, {"result": log.hash("result")}, steward, mark="approval")


def result(log: Log, round_: str, counted: int, mark: str) -> None:
    """The result of a round."""
    files = {name: hashed(text.encode()) for name, text in REPLAYED[round_].items()}
    value = {
        "tree": {"root": root_of(log.leaves).hex(), "size": len(log.leaves)},
        "files": hashed(canonical(files)),
        "decision": named(DECISION),
        "payout": None,
        "counted": counted,
        "void": [],
    }
    log.say("result", round_, value, "operator", mark=mark)


def commit_of(log: Log, value: dict[str, Any]) -> dict[str, Any]:
    """Everything that follows from an opening."""
    place = {"origin": ORIGIN, "round": SEALED, "manifest": log.manifests[SEALED]}
    salt = hashed(f"salt {value['juror']} {value['seq']}".encode())
    context = place | {"juror": value["juror"], "seq": value["seq"]}
    case = {"threshold": 2, "trustees": trustee_keys(), "context": context}
    return seal_answer(case, canonical(value | place | {"salt": salt})) | {"salt": salt}


def commit_value(value: dict[str, Any], made: dict[str, Any], *, hidden: bool = False) -> dict[str, Any]:
    """Payload of a commit."""
    return {"juror": value["juror"], "seq": value["seq"], "secret": hidden} | made["sealed"]


ADA = answer("ada", 0, "ratings", RATING, {"value": "8"})
BO = answer("bo", 0, "comparisons", PAIR, {"winner": "birch", "ratio": "1.5"})
CY = answer("cy", 0, "ratings", RATING, {"value": "2"})
HARM = answer("ada", 1, "ratings", {"criterion": "harm", "project": "alder"}, {"value": "3"})
UNSOUND = answer("bo", 1, "ratings", RATING, {"value": "4"})


def reveal_value(log: Log, mark: str, value: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """Payload of a reveal."""
    return value | {"commit": log.hash(mark), "salt": made["salt"]}


def shares(log: Log, trustee: str, of: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Payload of a trustee's shares: mark of a commit → what was made."""
    index = [one["name"] for one in trustee_keys()].index(trustee) + 1
    given = [{"commit": log.hash(mark), "index": index, "share": made["plain"][index - 1]} for mark, made in of.items()]
    return {"shares": sorted(given, key=lambda one: one["commit"])}


def sealed_round(log: Log) -> dict[str, dict[str, Any]]:
    """Sealed ballots, and secret answers."""
    log.say("manifest", SEALED, manifest_value(SEALED), "steward 2", "steward 3", mark="sealed manifest")
    log.manifests[SEALED] = log.hash("sealed manifest")
    for who in ("ada", "bo", "cy"):
        log.say("binding", SEALED, binding_value("x", who), "issuer x", f"juror {who}")
    said = {"ada": ADA, "bo": BO, "cy": CY, "harm": HARM}
    made = {name: commit_of(log, value) for name, value in said.items()}
    bad = commit_of(log, UNSOUND)
    bad["sealed"]["ciphertext"] = made["cy"]["sealed"]["ciphertext"]  # it does not follow from the opening
    made["unsound"] = bad
    for name, value in {**said, "unsound": UNSOUND}.items():
        commit = commit_value(value, made[name], hidden=name == "harm")
        log.say("commit", SEALED, commit, f"juror {value['juror']}", mark=f"commit {name}")
    for time in (JUDGING, JUDGING + GRACE + 1):
        value = {"phase": "judging", "checkpoint": checkpoint(log.leaves, both(time))}
        log.say("close", SEALED, value, "operator", mark="close sealed" if time == JUDGING else "over")
    log.say("reveal", SEALED, reveal_value(log, "commit ada", ADA, made["ada"]), "juror ada", mark="reveal")
    log.say("reveal", SEALED, reveal_value(log, "commit unsound", UNSOUND, bad), "juror bo")
    log.say("share", SEALED, shares(log, "trustee 1", {"commit bo": made["bo"], "commit cy": made["cy"]}), "trustee 1",
            mark="share")  # fmt: skip
    log.say("share", SEALED, shares(log, "trustee 3", {"commit bo": made["bo"]}), "trustee 3")
    closing = {"phase": "reveal", "checkpoint": checkpoint(log.leaves, both(REVEAL))}
    log.say("close", SEALED, closing, "juror cy")
    attested = {"commits": [log.hash("commit harm")], "secret": hashed(canonical({"graph": {}, "scores": {}}))}
    log.say("attestation", SEALED, attested, "trustee 1", "trustee 2", mark="attestation")
    result(log, SEALED, 2, "sealed result")
    log.say("approval", SEALED, {"result": log.hash("sealed result")}, "steward 1", "steward 3")
    return made


REPLAYED = {
    OPEN: {
        **FILES,
        "judges.csv": JUDGES_CSV + "dora,person,north,,alder;birch\n",
        "comparisons.csv": (
            "juror,criterion,a,b,winner,ratio\nada,benefit,alder,birch,alder,3\n"
            "m1,benefit,alder,cedar,alder,\nm1,benefit,birch,cedar,birch,\n"
        ),
        "ratings.csv": "juror,criterion,project,value\nbo,benefit,cedar,5\n",
        "rankings.csv": (
            'juror,criterion,ranking,project,place\nbo,benefit,"first, ""draft""",birch,1\n'
            'bo,benefit,"first, ""draft""",alder,2\n'
        ),
        "roles.csv": "juror,project,kind,target,horizon,efficacy_low,efficacy_high\ndora,alder,lowers,fire,,0.1,0.4\n",
        "ballots.csv": "voter,project,points\ndon,cedar,3\ndon,alder,\n",
        "metric-weights.csv": "voter,metric,weight\nada,users,0.5\n",
        "values.csv": "juror,project,amount,value\nada,cedar,100,1\n",
        "lists/m1.csv": MODEL_LIST,
        "contributions.csv": "donor,project,amount\ndon,birch,12.50\n",
        "entries.csv": 'kind,project,amount,reason,by\nnote,alder,,"said ""no"", twice",the stewards\n',
    },
    SEALED: {
        **FILES,
        "ratings.csv": "juror,criterion,project,value\nada,benefit,alder,8\n",
        "comparisons.csv": "juror,criterion,a,b,winner,ratio\nbo,benefit,alder,birch,birch,1.5\n",
    },
}
"""Files that follow, written by hand: round → name → text."""
