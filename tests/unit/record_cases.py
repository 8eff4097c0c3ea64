"""A small record, entry by entry, for tests of what replaying makes of it; everybody and everything is invented."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any

from daccord.audit import Cast, Stage
from daccord.record import Envelope
from daccord.record.log import entry_hash
from daccord.record.sealed import Context, decode_opening, encode_opening, open_share, seal_opening
from daccord.record.state import Fault, Outcome, conclude

DEADLINE, REVEAL, GRACE = 1_800_000_000, 1_800_600_000, 3_600
ROUND = "small"
JUDGES = "id,kind,community,conflicts\nada,person,north,\nbo,person,south,\ncy,person,north,\nm1,model,,\nm2,model,,\n"
FILES = {"round.toml": "# not read here\n", "judges.csv": JUDGES}
BENEFIT = {"criterion": "benefit", "project": "alder"}
HARM = {"criterion": "harm", "project": "alder"}
CASTS = {quorum: Cast(seed="small", quorum=quorum) for quorum in (0, 2)}


class Play:
    """A log of one round that grows.

    Args:
        quorum: Witnesses of three that make one; 0 for none.
        sealed: Whether ballots are.
        secret: Criteria that are.
        files: Of the manifest.
        changed: Other values for keys of the manifest.
    """

    def __init__(
        self,
        *,
        quorum: int = 2,
        sealed: bool = False,
        secret: tuple[str, ...] = (),
        files: dict[str, str] | None = None,
        **changed: Any,
    ) -> None:
        self.cast = CASTS[quorum]
        self.stage = Stage(self.cast, ROUND, strict=False)
        self.stage.begin()
        named = {name: self.stage.pieces(text) for name, text in {**FILES, **(files or {})}.items()}
        trustees = {name: key.hex() for name, key in self.cast.trustee_keys.items()}
        manifest = {
            "engine": {"name": "daccord", "version": "0", "source": "00" * 32, "wheel": None},
            "files": named,
            "unsigned": [],
            "rules": {},
            "models": {
                name: {"key": self.cast.key(name).public.hex, "model": "simulated", "prompt": "00" * 32}
                for name in ("m1", "m2")
            },
            "issuers": {name: key.hex for name, key in self.cast.issuer_keys().items()},
            "bindings": 1,
            "enrolment": "open",
            "sealed": {"threshold": 2, "trustees": trustees} if sealed or secret else None,
            "ballots": "sealed" if sealed else "open",
            "secret": list(secret),
            "deadlines": {"judging": DEADLINE, "reveal": REVEAL if sealed else None, "grace": GRACE},
            "witnesses": self.cast.policy,
        }
        self.stage.manifest = self.stage.say("manifest", manifest | changed, *self.stewards())
        assert not self.faults

    @property
    def faults(self) -> list[Fault]:
        """All so far."""
        return self.stage.replay.faults

    @property
    def last(self) -> Fault | None:
        """The fault of the last entry; None if it has none."""
        return self.faults[-1] if self.faults and self.faults[-1].place == len(self.stage.leaves) - 1 else None

    def stewards(self, count: int = 2) -> list[Any]:
        """Their keys."""
        return self.cast.role("steward", count)

    def outcome(self, **how: Any) -> Outcome:
        """What it comes to."""
        return conclude(self.stage.replay, **how)

    def bind(self, who: str, *issuers: str, key: str = "", **changed: Any) -> str:
        """Issuers bind somebody."""
        signer, entry = self.cast.key(key or who), ""
        for issuer in issuers or ("a",):
            value = {
                "issuer": f"issuer-{issuer}",
                "juror": who,
                "key": signer.public.hex,
                "nullifier": sha256(f"{issuer} {who}".encode()).hexdigest(),
                "statement": "00" * 32,
                "person": None,
            }
            entry = self.stage.say("binding", value | changed, self.cast.key(f"issuer issuer-{issuer}"), signer)
        return entry

    def said(self, who: str, table: str, subject: dict[str, str], *rows: dict[str, str], seq: int | None) -> Any:
        """Payload of an answer."""
        number = self.stage.number(who) if seq is None else seq
        return {"juror": who, "seq": number, "table": table, "subject": subject, "rows": list(rows)}

    def judgment(
        self,
        who: str,
        table: str,
        subject: dict[str, str],
        *rows: dict[str, str],
        seq: int | None = None,
        key: str = "",
    ) -> Envelope:
        """An answer that is not handed in yet."""
        value = self.said(who, table, subject, *rows, seq=seq)
        return self.stage.make("judgment", value, self.cast.key(key or who))

    def judge(self, who: str, table: str, subject: dict[str, str], *rows: dict[str, str], **how: Any) -> str:
        """Somebody answers."""
        return self.stage.append(self.judgment(who, table, subject, *rows, **how))

    def rate(self, who: str, value: str | None, subject: dict[str, str] = BENEFIT, **how: Any) -> str:
        """Somebody rates a project, or takes it back."""
        return self.judge(who, "ratings", subject, *([] if value is None else [{"value": value}]), **how)

    def ratings(self, **how: Any) -> list[tuple[str, str]]:
        """Who rated how, of what counts."""
        return [(one.juror, row["value"]) for one in self.outcome(**how).answers for row in one.rows]

    def commit(
        self, who: str, value: str, subject: dict[str, str] = BENEFIT, *, broken: bool = False, secret: bool = False
    ) -> tuple[str, bytes]:
        """Somebody rates under a seal: entry hash and opening."""
        said = self.said(who, "ratings", subject, {"value": value}, seq=None)
        place = {"origin": self.cast.origin, "round": ROUND, "manifest": self.stage.manifest}
        opening = encode_opening({**said, **place, "salt": sha256(f"{who} {said['seq']}".encode()).hexdigest()})
        context = Context(self.cast.origin, ROUND, self.stage.manifest, who, said["seq"])
        sealed = seal_opening(opening, context, self.cast.trustee_keys, 2).value()
        if broken:
            sealed["ciphertext"] = b64encode(bytes(528)).decode()
        commit = {"juror": who, "seq": said["seq"], "secret": secret, **sealed}
        return self.stage.say("commit", commit, self.cast.key(who)), opening

    def reveal(self, who: str, commit: str, opening: bytes, **changed: Any) -> str:
        """Somebody opens a commit."""
        said = {
            name: one for name, one in decode_opening(opening).items() if name not in ("origin", "round", "manifest")
        }
        return self.stage.say("reveal", {**said, "commit": commit, **changed}, self.cast.key(who))

    def share(self, number: int, *commits: str) -> str:
        """A trustee gives shares."""
        trustee, shares = self.cast.key(f"trustee {number}"), []
        for name in sorted(commits):
            commit = self.stage.replay.state.book.commits[name]
            share = open_share(commit.sealed, trustee.public.id, self.cast.trustee_secret(number), commit.context)
            index = next(one.index for one in commit.sealed.shares if one.trustee == trustee.public.id)
            shares.append({"commit": name, "index": index, "share": share.hex()})
        return self.stage.say("share", {"shares": shares}, trustee)

    def end(self, phase: str = "judging", after: int = 60, **how: Any) -> str:
        """A phase ends so many seconds after its deadline."""
        return self.stage.close(phase, (DEADLINE if phase == "judging" else REVEAL) + after, **how)

    def over(self) -> None:
        """Judging ends, and it is proven to be over."""
        self.end()
        self.end(after=GRACE + 1)

    def correct(self, action: str, *, stewards: int = 2, **changed: Any) -> str:
        """Stewards intervene."""
        value = {"action": action, "entries": None, "issuer": None, "row": None, "reason": "simulated"}
        return self.stage.say("intervention", value | changed, *self.stewards(stewards))

    def void(self, *entries: str) -> str:
        """Stewards void entries."""
        return self.correct("void", entries=sorted(entries))

    def promise(self, envelope: Envelope, received: int) -> bytes:
        """The operator promises to take an entry in."""
        value = {"leaf": entry_hash(envelope.leaf()).hex(), "received": received, "due": received + 600}
        return self.stage.make("promise", value, self.cast.operator).leaf()

    def complain(self, who: str, envelope: Envelope, received: int) -> str:
        """Somebody brings in what was promised and withheld."""
        promise = self.promise(envelope, received)
        value = {"promise": b64encode(promise).decode(), "leaf": b64encode(envelope.leaf()).decode()}
        return self.stage.say("complaint", value, self.cast.key(who))

    def list(self, model: str, table: str, text: str, **changed: Any) -> str:
        """A model answers by a file."""
        value = {"model": model, "seq": self.stage.number(model), "table": table, "prompt": "00" * 32}
        return self.stage.say("list", value | self.stage.pieces(text) | changed, self.cast.key(model))

    def give(self, donor: str, project: str, amount: str) -> str:
        """Somebody gives."""
        value = {"donor": donor, "seq": self.stage.number(donor), "project": project, "amount": amount}
        return self.stage.say("contribution", value, self.cast.key(donor), self.cast.operator)

    def result(self, size: int | None = None, **changed: Any) -> str:
        """The operator says what it comes to."""
        stage = self.stage
        size = len(stage.leaves) if size is None else size
        tree = {"root": stage.tree.root(size).hex(), "size": size}
        decision = stage.pieces("{}\n")
        value = {"tree": tree, "files": "00" * 32, "decision": decision, "payout": None, "counted": 0, "void": []}
        return stage.say("result", value | changed, self.cast.operator)

    def approve(self, result: str, *stewards: int) -> None:
        """Stewards approve a result, in one envelope."""
        self.stage.say("approval", {"result": result}, *(self.cast.key(f"steward {n}") for n in stewards))

    def file(self, name: str, **how: Any) -> str:
        """Text of a replayed file."""
        return self.outcome(**how).public.bytes_of[name].decode()
