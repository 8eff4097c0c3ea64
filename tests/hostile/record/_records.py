"""Hostile records: a small honest round, played by `daccord.audit.Rehearsal`, in which somebody cheats.

An attack is a function that plays a round and gives the `Record` that a verifier gets to see. Its first line of
documentation is the defect in words; `@hostile` says what has to become of it. All people, models and keys are
invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import Any, Final

from daccord.audit import Cast, Pins, Rehearsal, Terms, Verification, verify_record
from daccord.audit._script import Said
from daccord.record import Envelope, Signature, pae
from daccord.record.keys import Signer
from daccord.record.log import (
    HASH,
    Checkpoint,
    Note,
    cosign,
    entry_hash,
    entry_tiles,
    hash_tiles,
    sign_note,
    tree_root,
)

__all__ = [
    "ATTACKS",
    "NAMES",
    "OUTCOMES",
    "PROJECTS",
    "Attack",
    "Play",
    "Record",
    "hostile",
    "raw",
    "round_files",
    "shown",
    "signed_head",
    "verified",
]

PROJECTS: Final = ("alder", "birch", "cedar", "dogwood", "elm")
NAMES: Final = tuple(f"j{i}" for i in range(1, 7))

OUTCOMES: Final[Mapping[str, str]] = {
    "tree": "refused in step `tree`",
    "history": "refused in step `history`",
    "keys": "refused in step `keys`",
    "entries": "refused in step `entries`",
    "openings": "refused in step `openings`",
    "decision": "refused in step `decision`",
    "payout": "refused in step `payout`",
    "nothing": "changes nothing",
    "late": "named as late, does not count",
    "void": "named as void, does not count",
    "unopened": "named as not opened, does not count",
    "counts": "what was withheld counts all the same",
}
"""What may become of a hostile record."""

_ROUND: Final = """\
format = "daccord/round/1"
name = "Hostile (simulated)"
simulated = true
seed = 7

[goal]
statement = "Be safer."
set_by = "the council (simulated)"

[budget]
amount = "10000.00"
currency = "USD"
digits = 2

[criteria.benefit]
question = "Which is better?"
rating = { low = 0, high = 10 }
HARM
[communities]
north = "North (simulated)"
south = "South (simulated)"

[families]
one = "One (simulated)"
two = "Two (simulated)"

[rules]
fusion = "least-squares"

[rules.evidence]
min_judgments = 2
min_jurors = 2

[rules.verdicts]
pays = "not_held"
"""
_HARM: Final = """
[criteria.harm]
question = "Which is worse?"
rating = { low = 0, high = 10 }
limit = { times_typical = 4.0 }
"""


def round_files(kind: str = "open", text: str = "does something") -> dict[str, bytes]:
    """A round folder of 5 projects, 6 jurors, 2 models and 2 donors; with answers on harm if `kind` is `secret`."""
    projects = "id,title,team,ask,text\n" + "".join(
        f'{name},{name.title()},Team {name},{4000 - 300 * i}.00,"{name} {text}"\n' for i, name in enumerate(PROJECTS)
    )
    judges = "id,kind,community,family\n" + "".join(
        f"{name},person,{('north', 'south')[i % 2]},\n" for i, name in enumerate(NAMES)
    )
    rows, ratings = ["juror,criterion,a,b,winner,ratio"], ["juror,criterion,project,value"]
    for i, who in enumerate(NAMES):
        for k in range(3):
            a, b = sorted((PROJECTS[(i + k) % 5], PROJECTS[(i + 2 * k + 1) % 5]))
            rows.append(f"{who},benefit,{a},{b},{a},{1.5 + 0.5 * k + 0.1 * i:.1f}")
        ratings.append(f"{who},benefit,{PROJECTS[i % 5]},{5 + i % 4}")
        if kind == "secret":
            a, b = sorted((PROJECTS[i % 5], PROJECTS[(i + 1) % 5]))
            rows.append(f"{who},harm,{a},{b},{b},{1.2 + 0.1 * i:.1f}")
    rows.append("m1,benefit,alder,elm,alder,2.0")
    weights = "project,weight\n" + "".join(f"{name},{0.3 - 0.05 * i:.2f}\n" for i, name in enumerate(PROJECTS))
    files = {
        "round.toml": _ROUND.replace("HARM", _HARM if kind == "secret" else ""),
        "projects.csv": projects,
        "judges.csv": judges + "m1,model,,one\nm2,model,,two\n",
        "comparisons.csv": "\n".join(rows) + "\n",
        "ratings.csv": "\n".join(ratings) + "\n",
        "contributions.csv": "donor,project,amount\nd1,birch,5.00\nd2,cedar,7.50\n",
        "lists/m2.csv": weights,
    }
    return {name: text_.encode() for name, text_ in files.items()}


@dataclass(frozen=True)
class Record:
    """What a verifier gets to see.

    Attributes:
        files: Of the exported log: path → bytes.
        pins: What the verifier kept or trusts beside.
        entry: Place of the entry that has to be named; None if it is no single one.
        anywhere: Whether an entry may be named or not, as no rule says where that is noticed.
        like: The record whose outcome this one has to have, if it holds; the honest one of its kind if None.
        rewritten: Whether files of the round differ from the honest one's though nothing follows from that.
        kind: Of the round.
    """

    files: Mapping[str, bytes]
    pins: Pins = field(default_factory=Pins)
    entry: int | None = None
    anywhere: bool = False
    like: Record | None = None
    rewritten: bool = False
    kind: str = "open"

    def with_(self, files: Mapping[str, bytes | None] = {}, **changed: Any) -> Record:
        """The same with some files changed, or taken away."""
        both = {**self.files, **files}
        return replace(self, files={path: data for path, data in both.items() if data is not None}, **changed)

    def read(self, path: str) -> bytes | None:
        """As a place that a log is read from."""
        return self.files.get(path)

    def hashes(self) -> list[str]:
        """Entry hashes, as the tiles have them; of a log of one tile."""
        tile = next(data for path, data in self.files.items() if path.startswith("tile/0/"))
        return [tile[at : at + HASH].hex() for at in range(0, len(tile), HASH)]


def verified(record: Record) -> Verification:
    """What the verifier says."""
    return verify_record(record, record.pins)


def shown(leaves: Sequence[bytes], note: bytes) -> dict[str, bytes]:
    """The files of an exported log."""
    return {**dict(hash_tiles([entry_hash(leaf) for leaf in leaves])), **dict(entry_tiles(leaves)), "checkpoint": note}


def signed_head(
    cast: Cast,
    leaves: Sequence[bytes] = (),
    *,
    head: Checkpoint | None = None,
    time: int = 1_800_900_000,
    witnesses: Iterable[str] | None = None,
    signers: Iterable[Signer] | None = None,
) -> Note:
    """A tree head signed by whoever stole the log's key, and cosigned by witnesses who do not care what they saw."""
    if head is None:
        head = Checkpoint(cast.origin, len(leaves), tree_root([entry_hash(leaf) for leaf in leaves]))
    note = sign_note(head.text, [(head.origin, key) for key in (signers or [cast.operator])])
    names = cast.witnesses if witnesses is None else witnesses
    return note.with_signatures([cosign(note.text, name, cast.key(f"witness {name}"), time) for name in names])


def raw(kind: str, payload: bytes, *signers: Signer) -> Envelope:
    """Any bytes as a payload, properly signed."""
    name = kind if "/" in kind else f"application/vnd.daccord.{kind}.v1+json"
    found = sorted(Signature(one.public.id, one.sign(pae(name, payload))) for one in signers)
    return Envelope(name, payload, tuple(found))


class Play(Rehearsal):
    """A round in which entries that break a rule are not refused.

    Args:
        kind: `open`, `sealed` (ballots are committed to) or `secret` (answers on harm are).
        cast: Who plays.
        text: What the projects' texts say.
        terms: Otherwise than usual.
    """

    def __init__(self, kind: str = "open", cast: Cast | None = None, text: str | None = None, **terms: Any) -> None:
        self.kind = kind
        files = round_files(kind) if text is None else round_files(kind, text)
        super().__init__(files, cast, Terms(round="hostile", **{"sealed": kind == "sealed", **terms}))
        self.stage.strict = False

    @classmethod
    def opened(cls, kind: str = "open", cast: Cast | None = None, **changed: Any) -> Play:
        """Open, with other values in its manifest if asked; everybody is bound."""
        play = cls(kind, cast)
        play.open(**changed)
        play.bind_all()
        return play

    @classmethod
    def judged(cls, kind: str = "open", cast: Cast | None = None, **changed: Any) -> Play:
        """Everybody answered."""
        play = cls.opened(kind, cast, **changed)
        play.judge()
        return play

    @property
    def place(self) -> int:
        """Of the last entry."""
        return len(self.stage.leaves) - 1

    @property
    def deadline(self) -> int:
        """For judging, with the grace."""
        return self.terms.judging + 3_600

    def juror(self, name: str) -> Signer:
        """Somebody's key."""
        return self.cast.key(f"juror {name}")

    def stewards(self, count: int | None = None) -> list[Signer]:
        """As many as it takes."""
        return list(self.cast.role("steward", self.cast.stewards[1] if count is None else count))

    def answering(self, who: str, a: str = "alder", b: str = "elm", ratio: str = "9", **changed: Any) -> dict[str, Any]:
        """A judgment's payload; its number is the next one."""
        value: dict[str, Any] = {
            "juror": who,
            "seq": self.stage.number(who),
            "table": "comparisons",
            "subject": {"criterion": "benefit", "a": a, "b": b},
            "rows": [{"winner": b, "ratio": ratio}],
        }
        return {**value, **changed}

    def judgment(self, who: str = "j1", *signers: Signer, **changed: Any) -> Envelope:
        """A judgment, signed by the juror if not told otherwise; it is not added."""
        return self.stage.make("judgment", self.answering(who, **changed), *(signers or [self.juror(who)]))

    def add(self, envelope: Envelope | bytes) -> int:
        """Add an entry; its place."""
        self.stage.append(envelope)
        return self.place

    def say(self, kind: str, value: Mapping[str, Any], *signers: Signer) -> int:
        """Seal and add an entry; its place."""
        return self.add(self.stage.make(kind, value, *signers))

    def said(self, who: str, criterion: str = "benefit", ratio: str = "9", a: str = "alder", b: str = "elm") -> Said:
        """An answer that is not sealed yet."""
        return Said(who, "comparisons", {"criterion": criterion, "a": a, "b": b}, ({"winner": b, "ratio": ratio},))

    def head(self, time: int, witnesses: Sequence[str] | None = None) -> str:
        """A checkpoint of the log as it stands; witnesses do not remember what they saw."""
        return signed_head(self.cast, self.stage.leaves, time=time, witnesses=witnesses).encode().decode()

    def intervene(self, action: str, *signers: Signer, **changed: Any) -> int:
        """An intervention."""
        value = {"action": action, "entries": None, "issuer": None, "row": None, "reason": "a test (simulated)"}
        return self.say("intervention", {**value, **changed}, *(signers or self.stewards()))

    def promise(self, leaf: bytes, received: int, *signers: Signer) -> Envelope:
        """The operator's word that an entry will be in the log."""
        value = {"leaf": entry_hash(leaf).hex(), "received": received, "due": received + 600}
        return self.stage.make("promise", value, *(signers or [self.cast.operator]))

    def shown(self, **changed: Any) -> Record:
        """The log as it stands, without a result."""
        return Record(shown(self.stage.leaves, self.end()), kind=self.kind, **changed)

    def decided(self, **changed: Any) -> Record:
        """With the result that follows, and its approval."""
        document, found = self.decide()
        self.publish(document, found)
        return self.shown(**changed)


@dataclass(frozen=True)
class Attack:
    """An attack.

    Attributes:
        name: Of its function.
        defect: In words.
        outcome: One of `OUTCOMES`.
        room: Module that it stands in.
        make: Plays it; gives one record or several.
    """

    name: str
    defect: str
    outcome: str
    room: str
    make: Callable[[], Record | list[Record]]

    def records(self) -> list[Record]:
        """What verifiers get to see."""
        made = self.make()
        return made if isinstance(made, list) else [made]


ATTACKS: Final[dict[str, Attack]] = {}
"""Name → attack, in the order of the modules."""

_Make = Callable[[], "Record | list[Record]"]


def hostile(outcome: str) -> Callable[[_Make], _Make]:
    """Enter an attack in the catalogue.

    Args:
        outcome: One of `OUTCOMES`.
    """

    def entered(make: _Make) -> _Make:
        defect = (make.__doc__ or "").strip().partition("\n\n")[0]
        name = make.__name__
        if outcome not in OUTCOMES or not defect or name in ATTACKS:
            raise ValueError(f"{name}: an attack has a known outcome, says its defect, and has a name of its own")
        text = " ".join(defect.split()).removesuffix(".")
        ATTACKS[name] = Attack(name, text, outcome, make.__module__.rpartition(".")[2], make)
        return make

    return entered


@cache
def honest(kind: str = "open") -> Record:
    """The round without anybody hostile."""
    play = Play.judged(kind)
    play.close()
    return play.decided()


@cache
def honest_play(kind: str = "open") -> Play:
    """The same, as it was played; nobody may play on."""
    play = Play.judged(kind)
    play.close()
    play.decided()
    return play


def digest(data: bytes) -> str:
    """SHA-256, hexadecimal."""
    return sha256(data).hexdigest()
