"""Random logs of invented rounds, careful and careless, for two verifiers to disagree on.

Every entry is first made as it should be and then, sometimes, spoilt: signed by somebody else, changed in one place,
cut, or said again. A log is a function of its seed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from random import Random
from typing import Any, TypeAlias

from daccord.errors import IntegrityError
from daccord.record import encode, seal
from daccord.record.keys import LocalSigner
from daccord.record.log import (
    COSIGNATURE,
    Checkpoint,
    NoteKey,
    cosign,
    entry_hash,
    sign_note,
)
from daccord.record.payloads import media_type
from daccord.record.root import Role, Root, make_root
from daccord.record.sealed import Context, open_share, parse_sealed, public_key, seal_opening
from daccord.record.state import Replay, TreeHistory

__all__ = ["ROUND", "RandomLog", "random_log"]

Made: TypeAlias = tuple[dict[str, Any], dict[str, LocalSigner], str]
"""A payload, who signs it, and its kind."""

ORIGIN, ROUND = "log.example/invented", "invented-1"
END, REVEAL, GRACE = 1_000, 2_000, 50
JUDGES = "id,kind,community\nada,person,south\nbob,person,\nmodel-a,model,\n"
ODD = [None, True, -1, 0, 3, 2**53, "", "x", "a\nb", "ﬁ", "0" * 64, "A" * 64, [], ["b", "a"], {}, {"a": "b"}, "🜚"]


def key(name: str) -> LocalSigner:
    """Somebody's key."""
    return LocalSigner(sha256(f"invented {name}".encode()).digest())


def secret(name: str) -> bytes:
    """A trustee's secret for openings."""
    return sha256(f"invented opening {name}".encode()).digest()


STEWARDS, OPERATORS = [key(f"steward {i}") for i in range(3)], [key(f"operator {i}") for i in range(2)]
TRUSTEES, ISSUERS = [key(f"trustee {i}") for i in range(3)], {name: key(name) for name in ("issuer-a", "issuer-b")}
WITNESSES = {f"witness.example/{i}": key(f"witness {i}") for i in range(3)}
MODEL, PROMPT = key("model-a"), sha256(b"the prompt").hexdigest()
OPENERS = dict(sorted((one.public.id, secret(one.public.id)) for one in TRUSTEES))


class RandomLog:
    """A log that grows at random."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.leaves: list[bytes] = []
        self.history = TreeHistory()
        self.manifest_hash = "0" * 64
        self.numbers: dict[str, int] = {}
        self.keys: dict[str, LocalSigner] = {}
        self.commits: dict[str, dict[str, Any]] = {}
        self.results: list[str] = []
        self.spoil = self.random.choice([0.0, 0.04, 0.15])
        self.careful = Replay(ROUND) if self.spoil == 0 else None
        self.version = 1
        self.clock = END - 900
        self._begin()

    def append(self, leaf: bytes) -> str:
        """Add an entry, unless a careful operator refuses it."""
        name = entry_hash(leaf)
        if self.careful is not None:
            try:
                self.careful.offer(leaf)
            except IntegrityError:
                return name.hex()
        self.leaves.append(leaf)
        self.history.append(name)
        return name.hex()

    def root(self, version: int) -> Root:
        """Root metadata."""
        roles = {"root": STEWARDS, "steward": STEWARDS, "operator": OPERATORS[: 1 + (version > 1)], "trustee": TRUSTEES}
        keys = {one.public.id: one.public for one in [*STEWARDS, *OPERATORS, *TRUSTEES]}
        return Root(
            version,
            ORIGIN,
            keys,
            {
                name: Role(frozenset(one.public.id for one in members), min(2, len(members)))
                for name, members in roles.items()
            },
        )

    def made(self, kind: str, value: dict[str, Any], *signers: LocalSigner) -> bytes:
        """A leaf, spoilt at times."""
        head: dict[str, Any] = {"origin": ORIGIN, "round": ROUND, "manifest": self.manifest_hash}
        if kind in ("piece", "manifest", "promise"):
            del head["manifest"]
        value = {**head, **value}
        by = {one.public.id: one for one in signers}
        if self.random.random() < self.spoil:
            value, by, kind = self.spoilt(value, by, kind)
        try:
            return seal(media_type(kind), value, by.values()).leaf()
        except ValueError:
            return seal(media_type(kind), {**head}, signers).leaf()

    def spoilt(self, value: dict[str, Any], by: dict[str, LocalSigner], kind: str) -> Any:
        """One thing is wrong."""
        chance = self.random
        stranger = chance.choice([key("stranger"), STEWARDS[0], OPERATORS[0], MODEL, TRUSTEES[1], ISSUERS["issuer-a"]])
        name = chance.choice(sorted(value))
        odd = chance.choice([*ODD, *(item for item in value.values()), chance.choice(sorted(self.numbers) or ["ada"])])
        ways: list[Callable[[], Made]] = [
            lambda: (value, {**by, stranger.public.id: stranger}, kind),
            lambda: (value, {stranger.public.id: stranger}, kind),
            lambda: (value, dict(list(by.items())[1:]) or by, kind),
            lambda: ({**value, name: odd}, by, kind),
            lambda: ({one: item for one, item in value.items() if one != name}, by, kind),
            lambda: ({**value, "more": 1}, by, kind),
            lambda: ({**value, "round": chance.choice(["other", "invented-2"])}, by, kind),
            lambda: (value, by, chance.choice(["root", "promise", "judgment", "share", "unknown"])),
        ]
        return chance.choice(ways)()

    def say(self, kind: str, value: dict[str, Any], *signers: LocalSigner) -> str:
        """Make and add an entry."""
        leaf = self.made(kind, value, *signers)
        if self.random.random() < self.spoil / 8:
            at = self.random.randrange(len(leaf))
            leaf = leaf[:at] + bytes([leaf[at] ^ (1 << self.random.randrange(8))]) + leaf[at + 1 :]
        return self.append(leaf)

    def file(self, text: str) -> dict[str, Any]:
        """A file in two pieces."""
        of, half = sha256(text.encode()).hexdigest(), len(text) // 2
        for index, part in enumerate([text[:half], text[half:]]):
            self.say("piece", {"of": of, "index": index, "text": part}, OPERATORS[0])
        return {"sha256": of, "size": len(text.encode())}

    def _begin(self) -> None:
        chance = self.random
        spoil, self.spoil = self.spoil, 0.0 if chance.random() < 0.9 else self.spoil
        self.append(make_root(self.root(1), STEWARDS[:2]).leaf())
        files = {name: self.file(text) for name, text in {"round.toml": "# invented\n", "judges.csv": JUDGES}.items()}
        unsigned = chance.choice([[], [], [], ["ballots.csv"], ["contributions.csv", "ratings.csv"]])
        files |= {name: self.file(f"an invented {name}\n") for name in unsigned}
        if chance.random() < 0.3:
            files["entries.csv"] = self.file('by,kind,reason,project,amount\n"the, board",fixed,why,alder,3\n')
        self.sealed, self.secret = chance.random() < 0.5, chance.choice([[], [], ["harm"]])
        witnesses = "".join(
            f"witness w{i} {NoteKey(name, one.public, COSIGNATURE).text}\n"
            for i, (name, one) in enumerate(WITNESSES.items())
        )
        quorum = chance.choice(["quorum none\n", "group all 2 w0 w1 w2\nquorum all\n", "quorum w1\n"])
        self.unproven = quorum == "quorum none\n"
        sealing = {"threshold": 2, "trustees": {name: public_key(one).hex() for name, one in OPENERS.items()}}
        said: dict[str, Any] = {
            "engine": {"name": "daccord", "version": "0", "source": "0" * 64, "wheel": None},
            "files": files,
            "unsigned": unsigned,
            "rules": {"rules.money.rule": '"differential"'},
            "models": {"model-a": {"key": MODEL.public.hex, "model": "invented", "prompt": PROMPT}},
            "issuers": {name: one.public.hex for name, one in ISSUERS.items()},
            "bindings": chance.choice([1, 1, 2]),
            "enrolment": chance.choice(["listed", "open", "open"]),
            "sealed": sealing if self.sealed or self.secret else None,
            "ballots": "sealed" if self.sealed else "open",
            "secret": self.secret,
            "deadlines": {"judging": END, "reveal": REVEAL if self.sealed else None, "grace": GRACE},
            "witnesses": witnesses + quorum,
        }
        self.manifest_hash = self.say("manifest", said, *STEWARDS[1:])
        if chance.random() < 0.3:
            self.say("manifest", {**said, "round": "invented-2"}, *STEWARDS[1:])
        self.spoil = spoil

    # --- what people do -----------------------------------------------------------------------------------------------

    def anybody(self) -> str:
        """An id, most often of somebody who is bound."""
        return self.random.choice([*self.keys, *self.keys, "ada", "bob", "cyd", "dan", "eve"])

    def number(self, who: str) -> int:
        """The next number of somebody, most often."""
        self.numbers[who] = self.numbers.get(who, -1) + self.random.choice([1, 1, 1, 1, 1, 1, 2, 0])
        return max(0, self.numbers[who])

    def key_of(self, who: str) -> LocalSigner:
        """Key of somebody."""
        return self.keys.get(who, key(f"juror {who}"))

    def bind(self) -> None:
        """An issuer binds somebody."""
        chance = self.random
        who, issuer = chance.choice(["ada", "bob", "cyd", "dan", "eve"]), chance.choice(sorted(ISSUERS))
        person = {"community": chance.choice(["", "south"]), "conflicts": ""} if who in ("cyd", "dan") else None
        if chance.random() < 0.05:
            person = None if person else {"community": "", "conflicts": "x"}
        mine = self.key_of(who if chance.random() < 0.95 else self.anybody())
        self.keys.setdefault(who, mine)
        nullifier = sha256(f"{who if chance.random() < 0.95 else 'ada'}".encode()).hexdigest()
        said = {"issuer": issuer, "juror": who, "key": mine.public.hex, "nullifier": nullifier}
        self.say("binding", {**said, "statement": "0" * 64, "person": person}, ISSUERS[issuer], mine)

    def rekey(self) -> None:
        """Somebody replaces a key."""
        who = self.anybody()
        new = key(f"juror {who} {self.random.randrange(3)}")
        old = self.key_of(who)
        if old.public.id != new.public.id:
            self.say("rekey", {"juror": who, "key": new.public.hex}, old, new)
            self.keys[who] = new

    def said(self, who: str) -> dict[str, Any]:
        """An answer of somebody."""
        chance = self.random
        projects = chance.sample(["alder", "birch", 'c"e,dar'], 2)
        criterion = chance.choice(["benefit", "benefit", "harm"])
        table, subject, rows = chance.choice(
            [
                (
                    "comparisons",
                    {"criterion": criterion, "a": min(projects), "b": max(projects)},
                    [{"winner": projects[0]}],
                ),
                (
                    "ratings",
                    {"criterion": criterion, "project": projects[0]},
                    [{"value": "3", "low": chance.choice(["", "2"])}],
                ),
                (
                    "rankings",
                    {"criterion": "benefit", "ranking": ""},
                    [{"project": one, "place": str(i)} for i, one in enumerate(projects)],
                ),
                (
                    "roles",
                    {
                        "project": projects[0],
                        "kind": chance.choice(["defends", "raises"]),
                        "target": "t",
                        "horizon": "",
                    },
                    [{"skip": "skip"}],
                ),
                ("values", {"project": projects[0]}, [{"amount": "0", "value": "9"}, {"amount": "5", "value": "0"}]),
                ("ballots", {}, [{"project": one, "points": ""} for one in projects]),
                ("metric-weights", {"metric": "users"}, [{"weight": "7"}]),
            ]
        )
        if chance.random() < 0.15:
            rows = []
        if chance.random() < self.spoil:
            rows = chance.choice(
                [rows * 2, [{"odd": "x"}], [{"time": "a\nb"}], [dict.fromkeys(("time", "revealed"), "1")]]
            )
        return {"juror": who, "seq": self.number(who), "table": table, "subject": subject, "rows": rows}

    def judge(self) -> None:
        """Somebody answers, under a seal where it is asked for."""
        chance = self.random
        who = self.anybody()
        said = self.said(who)
        hidden = bool(self.secret) and (
            said["subject"].get("criterion") in self.secret or said["subject"].get("kind") == "raises"
        )
        if not (self.sealed or hidden) or chance.random() < 0.03:
            self.say("judgment", said, self.key_of(who))
            return
        salt = chance.randbytes(32).hex()
        opening = {**said, "salt": salt, "origin": ORIGIN, "round": ROUND, "manifest": self.manifest_hash}
        context = Context(ORIGIN, ROUND, self.manifest_hash, who, said["seq"])
        trustees = {name: public_key(one) for name, one in OPENERS.items()}
        try:
            sealed = seal_opening(encode(opening), context, trustees, 2)
        except (ValueError, ArithmeticError, Exception):  # noqa: BLE001 - a spoilt manifest has no such place
            return
        parts = sealed.value()
        if chance.random() < 0.1:  # not sound: the ciphertext of something else
            other = seal_opening(encode({**opening, "salt": chance.randbytes(32).hex()}), context, trustees, 2).value()
            parts = {**parts, "ciphertext": other["ciphertext"]}
        secret_one = hidden if chance.random() < 0.95 else not hidden
        name = self.say("commit", {"juror": who, "seq": said["seq"], "secret": secret_one, **parts}, self.key_of(who))
        self.commits[name] = {"said": {**said, "salt": salt}, "parts": parts, "context": context, "secret": secret_one}

    def reveal(self) -> None:
        """A juror opens a commit."""
        if not self.commits:
            return
        name = self.random.choice(sorted(self.commits))
        said = self.commits[name]["said"]
        self.say("reveal", {**said, "commit": name}, self.key_of(said["juror"]))

    def share(self) -> None:
        """A trustee gives shares of some commits."""
        trustee = self.random.choice(TRUSTEES)
        some = sorted(self.random.sample(sorted(self.commits), min(3, len(self.commits))))
        found = []
        for name in some:
            commit = self.commits[name]
            if commit["secret"] and self.random.random() < 0.9:
                continue
            try:
                sealed = parse_sealed(commit["parts"])
                share = open_share(sealed, trustee.public.id, OPENERS[trustee.public.id], commit["context"])
            except Exception:  # noqa: BLE001 - not sound: there is nothing to give
                continue
            index = [*OPENERS].index(trustee.public.id) + 1
            found.append({"commit": name, "index": index, "share": share.hex()})
        if found:
            self.say("share", {"shares": found}, trustee)

    def list(self) -> None:
        """A model answers by a file."""
        table = self.random.choice(["lists", "lists", "ratings", "comparisons"])
        texts = {
            "lists": "project,weight\nalder,0.4\n",
            "ratings": '\ufeffproject,juror,value,criterion\r\nalder,model-a,2,benefit\r\n"c""e,dar",model-a,1,benefit',
            "comparisons": "juror,criterion,a,b,winner\nmodel-a,benefit,alder,birch,tie\n",
        }
        text = texts[table]
        if self.random.random() < self.spoil:
            text = self.random.choice(
                [text + "odd\n", text.replace("model-a", "ada"), text.replace("juror", "who"), "", 'a"b\n']
            )
        said = {"model": "model-a", "seq": self.number("model-a"), "prompt": PROMPT, "table": table, **self.file(text)}
        self.say("list", said, MODEL)

    def give(self) -> None:
        """Somebody gives."""
        who = self.random.choice(["eve", "eve", "fay", self.anybody()])
        said = {"donor": who, "seq": self.number(who), "project": "alder", "amount": "20.00"}
        self.say("contribution", said, self.key_of(who), OPERATORS[0])

    def note(self, size: int) -> str:
        """A checkpoint with cosignatures."""
        chance = self.random
        root = self.history.root(size) if chance.random() > self.spoil / 2 else bytes(32)
        text = Checkpoint(ORIGIN, size, root).text
        log = OPERATORS[0] if chance.random() > self.spoil / 2 else key("stranger")
        signed = sign_note(text, [(ORIGIN, log)])
        lines = []
        for name, one in WITNESSES.items():
            if chance.random() < 0.85:
                line = cosign(text, name, one, self.clock + chance.randrange(60))
                if chance.random() < self.spoil / 4:
                    line = type(line)(line.name, line.key, line.data[:-1] + bytes([line.data[-1] ^ 1]))
                lines.append(line)
        return signed.with_signatures(lines).encode().decode()

    def close(self) -> None:
        """Somebody proves how large the log was."""
        size = max(1, len(self.leaves) - self.random.choice([0, 0, 1, 5]))
        phase = "reveal" if self.sealed and self.clock > END + GRACE and self.random.random() < 0.7 else "judging"
        by = OPERATORS[0] if self.random.random() < 0.8 else self.key_of(self.anybody())
        self.say("close", {"phase": phase, "checkpoint": self.note(size)}, by)

    def intervene(self) -> None:
        """Stewards correct."""
        chance = self.random
        said: dict[str, Any] = {"entries": None, "issuer": None, "row": None, "reason": "invented"}
        action = chance.choice(["void", "void", "void", "remove-issuer", "entry"])
        if action == "void":
            some = chance.sample(self.leaves, min(len(self.leaves), chance.choice([1, 1, 2])))
            said["entries"] = sorted({entry_hash(leaf).hex() for leaf in some})
        elif action == "entry":
            row = {"kind": "fixed", "project": "alder", "amount": "5", "reason": "so, it is", "by": "the board"}
            said["row"] = row
        elif chance.random() < 0.3:
            said["issuer"] = chance.choice([*ISSUERS, "nobody"])
        else:
            return
        self.say("intervention", {"action": action, **said}, *chance.sample(STEWARDS, chance.choice([2, 2, 2, 3, 1])))

    def complain(self) -> None:
        """What was promised comes in by a complaint."""
        who = self.anybody()
        said = self.said(who)
        leaf = self.made("judgment", said, self.key_of(who))
        if self.random.random() < 0.3:
            leaf = self.random.choice(self.leaves)
        # Received late only where no later close can prove that the complaint was there in time.
        received = END if self.clock < END + GRACE or self.unproven else self.random.choice([END, END + GRACE + 1])
        about = entry_hash(leaf).hex() if self.random.random() > self.spoil else "0" * 64
        head: dict[str, Any] = {"origin": ORIGIN, "round": ROUND, "leaf": about}
        head |= {"received": received, "due": received + 999}
        by = OPERATORS[0] if self.random.random() > self.spoil else key("stranger")
        promise = seal(media_type("promise"), head, [by]).leaf()
        value = {"promise": b64encode(promise).decode(), "leaf": b64encode(leaf).decode()}
        self.say("complaint", value, OPERATORS[0] if self.random.random() < 0.5 else self.key_of(who))
        if self.random.random() < 0.3:
            self.append(leaf)

    def attest(self) -> None:
        """Trustees say what they opened."""
        some = sorted(name for name, one in self.commits.items() if one["secret"] and self.random.random() < 0.9)
        self.say("attestation", {"commits": some, "secret": "0" * 64}, *TRUSTEES[:2])

    def result(self) -> None:
        """The operator says what the round comes to."""
        size = max(1, len(self.leaves) - self.random.choice([0, 1, 7]))
        root = self.history.root(size).hex()
        void = (
            [entry_hash(leaf).hex() for leaf in self.random.sample(self.leaves, 1)]
            if self.random.random() < 0.3
            else []
        )
        file = self.file("{}\n")
        said = {"tree": {"root": root, "size": size}, "files": "0" * 64, "decision": file, "payout": None}
        self.results.append(self.say("result", {**said, "counted": 1, "void": void}, OPERATORS[0]))

    def approve(self) -> None:
        """Stewards approve a result."""
        if self.results:
            name = self.random.choice(self.results)
            self.say("approval", {"result": name}, *self.random.sample(STEWARDS, self.random.choice([1, 1, 2])))

    def revoke(self) -> None:
        """A key ends itself."""
        who = self.random.choice(
            [key(f"juror {self.anybody()}"), self.key_of(self.anybody()), ISSUERS["issuer-b"], MODEL]
        )
        if self.random.random() < 0.3:
            self.say("revocation", {"key": who.public.id, "reason": "lost"}, who)

    def rotate(self) -> None:
        """The next root metadata."""
        if self.random.random() < 0.3:
            self.version += 1
            signers = STEWARDS[:2] if self.random.random() < 0.9 else STEWARDS[:1]
            self.append(make_root(self.root(self.version), signers).leaf())

    def again(self) -> None:
        """Something that stands there already."""
        self.append(self.random.choice(self.leaves))

    def other(self) -> None:
        """Something of another round, or of none."""
        value = {"origin": ORIGIN, "round": self.random.choice(["invented-2", ROUND]), "manifest": "0" * 64}
        by = self.key_of(self.anybody())
        self.append(seal(media_type("judgment"), {**value, **self.said("ada")}, [by]).leaf())

    def grow(self, steps: int) -> None:
        """Let things happen."""
        often: list[tuple[Callable[[], None], int, int]] = [  # what, how often before the end of judging, and behind it
            (self.bind, 8, 1), (self.judge, 20, 2), (self.list, 2, 1), (self.give, 3, 1), (self.rekey, 1, 1),
            (self.close, 2, 6), (self.reveal, 1, 10), (self.share, 1, 12), (self.intervene, 2, 3),
            (self.complain, 1, 2), (self.attest, 0, 2), (self.result, 0, 2), (self.approve, 0, 5),
            (self.revoke, 1, 1), (self.rotate, 1, 1), (self.again, 1, 1), (self.other, 1, 1),
        ]  # fmt: skip
        for _ in range(6):
            self.bind()
        for step in range(steps):
            late = step > steps // 2
            self.clock = END - 60 + self.random.randrange(100) if not late else END + 40 + 30 * (step - steps // 2)
            chosen = self.random.choices([what for what, _, _ in often], [(b if late else a) for _, a, b in often])
            chosen[0]()


def random_log(seed: int, steps: int = 70) -> list[bytes]:
    """Leaves of a random log."""
    log = RandomLog(seed)
    log.grow(steps)
    return log.leaves
