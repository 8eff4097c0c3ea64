"""One round while its log is replayed: what each kind of entry must hold to, and what it leaves in the book.

Each method checks all of an entry before it changes anything, so an entry that is refused leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from daccord.errors import IntegrityError
from daccord.record._envelope import Envelope
from daccord.record.keys import PublicKey
from daccord.record.payloads import TABLES, Manifest
from daccord.record.sealed import KEYS, check_share, check_trustees, commitment, encode_opening, parse_sealed
from daccord.record.state._book import Answer, Book, Close, Commit, Entry, Given, ListedAnswers
from daccord.record.state._history import TreeHistory
from daccord.record.state._keys import KeyRing, check_signers
from daccord.record.state._models import model_rows
from daccord.record.state._people import Binding, People, Person
from daccord.record.state._pieces import Pieces

__all__ = ["RoundState", "check_answer", "opening_of"]


def opening_of(said: Mapping[str, Any]) -> bytes:
    """The opening of a commit that a reveal repeats."""
    return encode_opening({name: said[name] for name in KEYS})


def check_answer(manifest: Manifest, said: Mapping[str, Any], *, secret: bool = False) -> None:
    """Check an answer that stands in the clear, or that was opened.

    Args:
        manifest: Of the round.
        said: With `table`, `subject` and `rows`.
        secret: Whether it was sealed as a secret one.

    Raises:
        IntegrityError: Its table is unknown or taken over unsigned, its shape is wrong, or it is on what is secret
            and was not sealed so, or the other way about.
    """
    table = TABLES.get(said["table"]) if isinstance(said["table"], str) else None
    if table is None:
        raise IntegrityError(f"{said['table']!r} is no table of signed answers")
    if f"{table.name}.csv" in manifest.unsigned:
        raise IntegrityError(f"{table.name}.csv is taken over unsigned, so no signed answers are taken for it")
    subject = said["subject"]
    if fault := table.fault(subject, said["rows"]):
        raise IntegrityError(fault)
    hidden = subject.get("criterion") in manifest.secret or (manifest.secret and subject.get("kind") == "raises")
    if hidden and not secret:
        raise IntegrityError("answers on what is secret do not stand in the log in the clear")
    if secret and not hidden:
        raise IntegrityError("a secret commit holds an answer that is not on what is secret")


def _new_key(text: str, whose: str) -> PublicKey:
    try:
        return PublicKey.from_hex(text)
    except ValueError as error:
        raise IntegrityError(f"the key of {whose!r}: {error}") from None


class RoundState:
    """A round.

    Args:
        manifest: Of the round.
        entry: Where the manifest stands.
        keys: Keys of roles, as of the place that is read.
        pieces: Files in the log.
        history: The tree so far.
        listed: Ids of persons in judges.csv.
    """

    def __init__(
        self,
        manifest: Manifest,
        entry: Entry,
        keys: KeyRing,
        pieces: Pieces,
        history: TreeHistory,
        listed: frozenset[str],
    ) -> None:
        self.manifest, self.entry = manifest, entry
        self.pieces = pieces
        self.people = People(listed, frozenset(manifest.models), open_=manifest.open)
        self.book = Book()
        self._keys, self._history = keys, history
        self._list_seq: dict[str, int] = {}

    def _by(self, envelope: Envelope, *keys: PublicKey, whose: str) -> None:
        """All of these keys signed, nobody else, and none of them is revoked."""
        for key in keys:
            if key.id in self._keys.revoked:
                raise IntegrityError(f"the key {key.id} was revoked by entry {self._keys.revoked[key.id]}")
        known = {key.id: key for key in keys}
        check_signers(envelope, known, len(known), len(known), whose)

    def _next(self, person: Person, seq: int) -> None:
        if seq <= person.seq:
            raise IntegrityError(f"number {seq} of {person.id!r} does not follow number {person.seq}")

    def binding(self, entry: Entry) -> None:
        """An issuer binds a person to a key."""
        said = entry.payload
        issuer = self.manifest.issuers.get(said["issuer"])
        if issuer is None:
            raise IntegrityError(f"{said['issuer']!r} is no issuer of the round")
        key = _new_key(said["key"], said["juror"])
        if key == issuer:
            raise IntegrityError(f"{said['juror']!r} has the issuer's own key")
        self._by(said.envelope, issuer, key, whose="the issuer and the person who is bound")
        self.people.check_binding(said["issuer"], said["juror"], key, said["nullifier"], said["person"])
        self.people.bind(
            Binding(entry.hash, entry.place, said["issuer"]), said["juror"], key, said["nullifier"], said["person"]
        )
        self.book.bindings.append(entry)

    def rekey(self, entry: Entry) -> None:
        """A person replaces a key."""
        said = entry.payload
        person = self.people.bound(said["juror"])
        key = _new_key(said["key"], said["juror"])
        self._by(said.envelope, person.key, key, whose="the old key and the new one")
        self.people.rekey(person, key)

    def judgment(self, entry: Entry) -> None:
        """A juror answers in the open."""
        said = entry.payload
        if self.manifest.sealed:
            raise IntegrityError("the round's ballots are sealed: an answer is committed to, and revealed later")
        check_answer(self.manifest, said.value)
        person = self.people.who_answers(said["juror"], TABLES[said["table"]].who)
        self._by(said.envelope, person.key, whose="the juror")
        self._next(person, said["seq"])
        person.seq = said["seq"]
        self.book.answers.append(Answer.of(entry, said.value))

    def commit(self, entry: Entry) -> None:
        """A juror answers under a seal."""
        said = entry.payload
        sealing = self.manifest.sealing
        if sealing is None or (not said["secret"] and not self.manifest.sealed):
            raise IntegrityError("the round has no sealed ballots")
        if said["secret"] and not self.manifest.secret:
            raise IntegrityError("nothing in the round is secret")
        person = self.people.bound(said["juror"])
        sealed = parse_sealed({name: said[name] for name in ("ciphertext", "commitment", "shares")})
        check_trustees(sealed, sealing.trustees)
        self._by(said.envelope, person.key, whose="the juror")
        self._next(person, said["seq"])
        person.seq = said["seq"]
        self.book.commits[entry.hash] = Commit(entry, person.id, said["secret"], sealed)

    def _committed(self, name: str) -> Commit:
        commit = self.book.commits.get(name)
        if commit is None:
            raise IntegrityError(f"there is no commit {name} before it")
        if commit.secret:
            raise IntegrityError(f"the commit {name} is secret and is never opened in the log")
        if "judging" not in self.book.over:
            raise IntegrityError("nothing before it proves that judging is over")
        return commit

    def reveal(self, entry: Entry) -> None:
        """A juror opens a commit."""
        said = entry.payload
        commit = self._committed(said["commit"])
        person = self.people.bound(said["juror"])
        if commit.juror != person.id:
            raise IntegrityError(f"the commit is not one of {person.id!r}")
        if commitment(opening_of(said.value)) != commit.sealed.commitment:
            raise IntegrityError("what is revealed does not hash to the commitment")
        if said["seq"] != commit.entry.payload["seq"]:
            raise IntegrityError("what is revealed has another number than the commit")
        check_answer(self.manifest, said.value)
        self.people.who_answers(person.id, TABLES[said["table"]].who)
        self._by(said.envelope, person.key, whose="the juror")
        commit.revealed.append((entry, Answer.of(commit.entry, said.value)))

    def share(self, entry: Entry) -> None:
        """A trustee gives shares of openings."""
        said = entry.payload
        sealing = self.manifest.sealing
        trustees = (
            {}
            if sealing is None
            else {key: public for key, public in self._keys.of("trustee").items() if key in sealing.trustees}
        )
        (trustee,) = check_signers(said.envelope, trustees, 1, 1, "the trustees of the round")
        names = [share["commit"] for share in said["shares"]]
        if names != sorted(set(names)):
            raise IntegrityError("shares stand in the order of their commits, each once")
        given = []
        for share in said["shares"]:
            commit = self._committed(share["commit"])
            own = commit.sealed.of(trustee)
            if own is None or own.index != share["index"]:
                raise IntegrityError(f"share {share['index']} of the commit {share['commit']} is another trustee's")
            data = bytes.fromhex(share["share"])
            check_share(commit.sealed, share["index"], data)
            given.append((commit, share["index"], data))
        for commit, index, data in given:
            commit.shares.setdefault(index, []).append((entry, data))

    def list(self, entry: Entry) -> None:
        """A model answers by a file."""
        said = entry.payload
        model = self.manifest.models.get(said["model"])
        if model is None:
            raise IntegrityError(f"{said['model']!r} is no model of the manifest")
        if said["prompt"] != model.prompt:
            raise IntegrityError(f"{said['model']!r} answered another prompt than the manifest's")
        if f"{said['table']}.csv" in self.manifest.unsigned:
            raise IntegrityError(f"{said['table']}.csv is taken over unsigned")
        data = self.pieces.file(said["sha256"], said["size"], f"the answers of {said['model']!r}")
        if said["table"] in TABLES:
            model_rows(TABLES[said["table"]], said["model"], data)
        self._by(said.envelope, model.key, whose="the model")
        if said["seq"] <= self._list_seq.get(said["model"], -1):
            raise IntegrityError(f"number {said['seq']} of {said['model']!r} does not follow the one before")
        self._list_seq[said["model"]] = said["seq"]
        self.book.lists.append(ListedAnswers(entry, said["model"], said["table"], said["sha256"], said["size"]))

    def contribution(self, entry: Entry) -> None:
        """A donor gives, and an operator confirms."""
        said = entry.payload
        if "contributions.csv" in self.manifest.unsigned:
            raise IntegrityError("contributions.csv is taken over unsigned")
        donor = self.people.bound(said["donor"])
        if donor.judges:
            raise IntegrityError(f"{donor.id!r} is a juror; as a donor the person has another id")
        operators = self._keys.of("operator")
        mine = frozenset(one.key for one in said.envelope.signatures) & operators.keys()
        if len(mine) != 1:
            raise IntegrityError("a contribution is signed by the donor, and by one operator who confirms it")
        self._by(said.envelope, donor.key, *(operators[key] for key in mine), whose="the donor and the operator")
        self._next(donor, said["seq"])
        donor.seq = said["seq"]
        self.book.given.append(Given(entry, donor.id, said["project"], said["amount"]))

    def somebody(self, envelope: Envelope) -> None:
        """An entry is signed by one operator, or by one juror."""
        keys = self._keys.of("operator")
        signer = envelope.signatures[0].key
        person = self.people.whose(signer)
        if person is not None and signer not in self._keys.revoked:
            keys = {**keys, signer: person.key}
        check_signers(envelope, keys, 1, 1, "the operators and jurors")

    def close(self, entry: Entry) -> None:
        """Somebody proves how large the log was by a time."""
        said = entry.payload
        self.somebody(said.envelope)
        deadline = self.manifest.deadline(said["phase"])
        if deadline is None:
            raise IntegrityError(f"the round has no phase {said['phase']}")
        policy = self._keys.log_policy(self.manifest.policy)
        witnessed = replace(policy, quorum="none").accept(said["checkpoint"].encode("utf-8", "surrogatepass"))
        head = witnessed.checkpoint
        if head.size > entry.place:
            raise IntegrityError(f"its checkpoint of {head.size} entries is larger than the log before it")
        if self._history.root(head.size) != head.root:
            raise IntegrityError(f"its checkpoint of {head.size} entries is of another tree")
        time = policy.quorum_time(witnessed.times) if policy.quorum != "none" else None
        if policy.quorum == "none" or (time is not None and time <= deadline):
            self.book.closes.append(Close(entry, said["phase"], head.size, time))
        if policy.quorum == "none" or (time is not None and time > deadline):
            self.book.over.add(said["phase"])

    def intervention(self, entry: Entry) -> None:
        """Stewards correct."""
        said = entry.payload
        needs = {"void": "entries", "remove-issuer": "issuer", "entry": "row"}[said["action"]]
        if any((said[name] is not None) != (name == needs) for name in ("entries", "issuer", "row")):
            raise IntegrityError(f"an intervention that is {said['action']!r} has `{needs}`, and null for the others")
        if needs == "issuer" and said["issuer"] not in self.manifest.issuers:
            raise IntegrityError(f"{said['issuer']!r} is no issuer of the round")
        self._keys.check(said.envelope, "steward")
        if all(said.envelope.payload != other.payload.envelope.payload for other in self.book.interventions):
            self.book.interventions.append(entry)  # others sign the same one once more, and it stays one

    def attestation(self, entry: Entry) -> None:
        """Trustees say what follows from secret answers."""
        if not self.manifest.secret:
            raise IntegrityError("nothing in the round is secret")
        self._keys.check(entry.payload.envelope, "trustee")
        self.book.attestations.append(entry)

    def result(self, entry: Entry) -> None:
        """An operator says what the round comes to."""
        said = entry.payload
        self._keys.check(said.envelope, "operator", least=1, most=1)
        size = said["tree"]["size"]
        if size > entry.place:
            raise IntegrityError(f"its tree of {size} entries is larger than the log before it")
        if self._history.root(size).hex() != said["tree"]["root"]:
            raise IntegrityError(f"its tree of {size} entries is not the log's")
        self.pieces.file(said["decision"]["sha256"], said["decision"]["size"], "decision.json")
        self.book.results[entry.hash] = entry

    def approval(self, entry: Entry) -> None:
        """Stewards confirm a result."""
        said = entry.payload
        if said["result"] not in self.book.results:
            raise IntegrityError(f"there is no result {said['result']} before it")
        signed = self._keys.check(said.envelope, "steward", least=1)
        approved = self.book.approved.setdefault(said["result"], set())
        approved |= signed
        if len(approved & self._keys.of("steward").keys()) >= self._keys.threshold("steward"):
            self.book.in_force = [name for name in self.book.in_force if name != said["result"]] + [said["result"]]

    def revocation(self, entry: Entry) -> None:
        """A key ends itself."""
        said = entry.payload
        name = said["key"]
        known = {key.id: key for key in self.manifest.issuers.values()}
        person = self.people.whose(name)
        if person is not None:
            known[name] = person.key
        known |= {model.key.id: model.key for model in self.manifest.models.values()}
        if name not in known:
            raise IntegrityError(f"{name} is no key of an issuer, a model or a person of the round")
        self._by(said.envelope, known[name], whose="the key that is revoked")
        self._keys.revoked[name] = entry.place
