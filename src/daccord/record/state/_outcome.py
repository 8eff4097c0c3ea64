"""What of a round counts in the end, and the files of a round folder that follow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from daccord.errors import IntegrityError
from daccord.record._canonical import encode
from daccord.record.payloads import TABLES
from daccord.record.sealed import check_sealed, decode_opening, recover
from daccord.record.state._book import Answer, Commit, Entry, Given, ListedAnswers
from daccord.record.state._files import Files, replayed_files
from daccord.record.state._people import Person
from daccord.record.state._replay import Replay
from daccord.record.state._round import RoundState, check_answer, opening_of

__all__ = ["Outcome", "conclude"]


@dataclass(frozen=True)
class Outcome:
    """A round as its record says.

    Attributes:
        result: In force, or the last one that waits for approval; None if there is none.
        in_force: Whether stewards approved it.
        inputs: Entries that are inputs: the size of the result's tree, or of the log.
        ends: Phase → size at which it ended; None while it is not proven that it has.
        eligible: Ids of jurors and donors whose entries count.
        answers: Those that count, in the order of the log; withdrawn ones are not among them.
        lists: Of models, that count.
        given: Contributions that count.
        late: Entries that came too late.
        unopened: Commits that were not opened, or not to what they should be.
        secret: Secret commits that trustees have to attest.
        attestation: Of the trustees; None if there is none.
        files: Name in the round folder → bytes, and which entry each row comes from; for trustees with secret answers.
        public: The same without secret answers, as everybody replays them.
    """

    result: Entry | None
    in_force: bool
    inputs: int
    ends: Mapping[str, int | None]
    eligible: frozenset[str]
    answers: tuple[Answer, ...]
    lists: tuple[ListedAnswers, ...]
    given: tuple[Given, ...]
    late: tuple[Entry, ...]
    unopened: tuple[Entry, ...]
    secret: tuple[Entry, ...]
    attestation: Entry | None
    files: Files = field(repr=False)
    public: Files = field(repr=False)

    @property
    def counted(self) -> int:
        """Answers, lists and contributions that count."""
        return len(self.answers) + len(self.lists) + len(self.given)

    @property
    def files_hash(self) -> str:
        """SHA-256, hexadecimal, of the canonical JSON of public file name → SHA-256."""
        digests = {name: sha256(data).hexdigest() for name, data in self.public.bytes_of.items()}
        return sha256(encode(dict(digests))).hexdigest()


class _Counting:
    """What counts, given where the inputs end and what is left out."""

    def __init__(self, state: RoundState, inputs: int, left_out: Collection[str]) -> None:
        self.state, self.inputs = state, inputs
        self.interventions = [entry for entry in state.book.interventions if entry.place < inputs]
        self.voided = {name for entry in self.interventions for name in entry.payload["entries"] or ()}
        self.left_out = {*left_out} | self.voided
        self.ends = {phase: self.end(phase, inputs) for phase in ("judging", "reveal")}

    def there(self, entry: Entry) -> bool:
        """Whether an entry is an input that nobody voided."""
        return entry.place < self.inputs and not {entry.hash, entry.complaint} & self.left_out

    def end(self, phase: str, before: int) -> int | None:
        """Largest size proven for a phase by entries before a place; None if nothing proves that it ended."""
        manifest = self.state.manifest
        deadline = manifest.judging if phase == "judging" else manifest.reveal
        closes = [
            close
            for close in self.state.book.closes
            if close.phase == phase and close.entry.place < before and close.entry.hash not in self.left_out
        ]
        ended = any(close.time is None or (deadline is not None and close.time >= deadline) for close in closes)
        return max(close.size for close in closes) if ended else None

    def in_time(self, entry: Entry, phase: str = "judging") -> bool:
        """Whether an entry is there, and came in time."""
        return self.there(entry) and self.before_end(entry, phase)

    def before_end(self, entry: Entry, phase: str = "judging") -> bool:
        """Whether an entry came in time, be it void or not."""
        end = self.ends[phase]
        return entry.in_time or end is None or entry.place < end

    def to_attest(self, entry: Entry) -> bool:
        """Whether trustees have to attest a secret commit: also if what it holds is void, which only they can see."""
        steward_voided = bool({entry.hash, entry.complaint} & self.voided)
        return entry.place < self.inputs and not steward_voided and self.before_end(entry)

    def late(self) -> list[Entry]:
        """Entries that are there and came too late, whoever they are by."""
        book = self.state.book
        judging = [*book.bindings, *(one.entry for one in book.answers), *(one.entry for one in book.lists)]
        judging += [*(one.entry for one in book.given), *(commit.entry for commit in book.commits.values())]
        reveals = [entry for commit in book.commits.values() for entry, _ in commit.revealed]
        late = [one for one in judging if self.there(one) and not self.in_time(one)]
        late += [one for one in reveals if self.there(one) and not self.in_time(one, "reveal")]
        return sorted(late, key=lambda one: one.place)

    def eligible(self) -> dict[str, tuple[Person, str]]:
        """Id → those whom enough issuers bound in time, and the entry of the first binding that counts."""
        removed = {entry.payload["issuer"] for entry in self.interventions}
        timely = {entry.hash for entry in self.state.book.bindings if self.in_time(entry)}
        found: dict[str, tuple[Person, str]] = {}
        place = {one.entry: one.place for person in self.state.people for one in person.bindings}
        for person in self.state.people:
            counting = [one.entry for one in person.bindings if one.entry in timely and one.issuer not in removed]
            if len(counting) >= self.state.manifest.bindings:
                found[person.id] = (person, counting[0])
        return dict(sorted(found.items(), key=lambda item: place[item[1][1]]))

    def opened(self, commit: Commit) -> Answer | None:
        """The answer under a seal: as revealed in time, or else by trustees; None if it is neither, or not sound."""
        sealing, context = self.state.manifest.sealing, commit.context
        if sealing is None:
            return None
        try:
            for entry, answer in commit.revealed:
                if self.in_time(entry, "reveal"):
                    opening = opening_of(entry.payload.value)
                    check_sealed(commit.sealed, opening, context, sealing.trustees, sealing.threshold)
                    return answer
            shares = {
                index: share for index, given in commit.shares.items() for entry, share in given if self.there(entry)
            }
            opening = recover(commit.sealed, shares, context, sealing.trustees, sealing.threshold)
            return self.answer_in(opening, commit)
        except IntegrityError:
            return None

    def answer_in(self, opening: bytes, commit: Commit) -> Answer:
        """The answer of an opening that was checked against its commit.

        Raises:
            IntegrityError: It is no answer, or one that may not stand under this seal.
        """
        said = decode_opening(opening)
        check_answer(self.state.manifest, said, secret=commit.secret)
        self.state.people.who_answers(commit.juror, TABLES[str(said["table"])].who)
        return Answer.of(commit.entry, said)

    def answers(
        self, people: Collection[str], openings: Mapping[str, bytes]
    ) -> tuple[list[Answer], list[Entry], list[Entry]]:
        """What counts of what people say.

        Returns:
            Answers that count, those under a secret seal of which an opening is known among them; commits that stay
            closed; secret commits that trustees have to attest.
        """
        found = [one for one in self.state.book.answers if one.juror in people and self.in_time(one.entry)]
        unopened, secret = [], []
        for commit in self.state.book.commits.values():
            if commit.juror in people and commit.secret and self.to_attest(commit.entry):
                secret.append(commit.entry)
            if commit.juror not in people or not self.in_time(commit.entry):
                continue
            answer = self.opened_in_secret(commit, openings) if commit.secret else self.opened(commit)
            if answer is None and not commit.secret:
                unopened.append(commit.entry)
            if answer is not None:
                found.append(answer)
        last = {(one.juror, one.table, one.subject): one for one in sorted(found, key=lambda one: one.entry.place)}
        counting = sorted((one for one in last.values() if one.rows), key=lambda one: one.entry.place)
        return counting, unopened, secret

    def opened_in_secret(self, commit: Commit, openings: Mapping[str, bytes]) -> Answer | None:
        """The answer under a secret seal, for those who know its opening; None if it is not known or not sound."""
        opening, sealing = openings.get(commit.entry.hash), self.state.manifest.sealing
        if opening is None or sealing is None:
            return None
        try:
            check_sealed(commit.sealed, opening, commit.context, sealing.trustees, sealing.threshold)
            return self.answer_in(opening, commit)
        except IntegrityError:
            return None

    def lists(self) -> list[ListedAnswers]:
        """The last list of each model and table."""
        last = {(one.model, one.table): one for one in self.state.book.lists if self.in_time(one.entry)}
        return [last[key] for key in sorted(last)]


def _result(state: RoundState) -> tuple[Entry | None, bool]:
    lifted = {name for entry in state.book.interventions for name in entry.payload["entries"] or ()}
    force = [name for name in state.book.in_force if name not in lifted]
    if force:
        return state.book.results[force[-1]], True
    waiting = [entry for name, entry in state.book.results.items() if name not in lifted]
    return (waiting[-1] if waiting else None), False


def conclude(
    replay: Replay,
    *,
    void: Collection[str] | None = None,
    inputs: int | None = None,
    openings: Mapping[str, bytes] | None = None,
) -> Outcome:
    """What a round comes to.

    Args:
        replay: Of the whole log, or of as much as there is.
        void: Entry hashes of what the round folder's rules refuse; those that the result names if None.
        inputs: Entries that are inputs, for whoever makes a result; those that the result names if None.
        openings: Entry hash → opening of secret commits, for trustees.

    Raises:
        IntegrityError: There is no manifest.
    """
    state = replay.state
    if state is None:
        raise IntegrityError("the log has no manifest of the round")
    result, in_force = _result(state)
    if inputs is None:
        inputs = replay.size if result is None else int(result.payload["tree"]["size"])
    if void is None:
        void = () if result is None else result.payload["void"]
    counting = _Counting(state, inputs, void)
    people = counting.eligible()
    answers, unopened, secret = counting.answers(people, openings or {})
    hidden = {entry.hash for entry in secret}
    clear = [one for one in answers if one.entry.hash not in hidden]
    lists = counting.lists()
    given = [one for one in state.book.given if one.donor in people and counting.in_time(one.entry)]
    attested = [entry for entry in state.book.attestations if counting.there(entry)]
    public = replayed_files(state, clear, lists, given, people, counting.interventions)
    return Outcome(
        result=result,
        in_force=in_force,
        inputs=inputs,
        ends=counting.ends,
        eligible=frozenset(people),
        answers=tuple(clear),
        lists=tuple(lists),
        given=tuple(given),
        late=tuple(counting.late()),
        unopened=tuple(unopened),
        secret=tuple(secret),
        attestation=attested[-1] if attested else None,
        files=replayed_files(state, answers, lists, given, people, counting.interventions) if openings else public,
        public=public,
    )
