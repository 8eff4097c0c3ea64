"""A rehearsal: a round folder played through as a record, with made-up keys for everybody.

It shows an operator what the record of a round will look like and lets its verification be tried; it is what tests and
examples are made from. What it signs nobody said.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from daccord.audit._cast import Cast
from daccord.audit._comparing import secret_parts
from daccord.audit._deciding import Readable, decide_record, readable
from daccord.audit._engine import engine
from daccord.audit._rules import rules_text
from daccord.audit._script import Said, Script, script_of
from daccord.audit._stage import Stage
from daccord.errors import InputError, IntegrityError
from daccord.formats import check_files
from daccord.formats.decisions import decision_document, decision_text
from daccord.record import encode
from daccord.record.sealed import Context, decode_opening, encode_opening, open_share, recover, seal_opening
from daccord.record.state import Commit, RoundState, conclude
from daccord.round import HARMS, Round

__all__ = ["Rehearsal", "Terms", "rehearse"]

_DAY: Final = 86_400


@dataclass(frozen=True)
class Terms:
    """How a rehearsal is played.

    Attributes:
        round: Id of the round.
        sealed: Whether ballots are committed to and revealed.
        judging: Deadline for judging, seconds since 1970.
        silent: Of sealed ballots: every how many-th juror does not reveal, so that trustees open; 0 for none.
        wheel: SHA-256 of the engine's wheel, hexadecimal; None to name none.
    """

    round: str = "rehearsal"
    sealed: bool = False
    judging: int = 1_800_000_000
    silent: int = 3
    wheel: str | None = None


def _silent(_: str) -> None:
    pass


class Rehearsal:
    """One play.

    Args:
        files: Of a sound round folder: name → bytes.
        cast: Who plays.
        terms: How.

    Raises:
        InputError: The folder is not sound, or cannot be a record.
    """

    def __init__(self, files: Mapping[str, bytes], cast: Cast | None = None, terms: Terms | None = None) -> None:
        self.cast = Cast() if cast is None else cast
        self.terms = Terms() if terms is None else terms
        found, problems = check_files(files)
        if found is None:
            raise InputError(problems)
        self.read: Round = found
        self.script: Script = script_of(files)
        self.stage = Stage(self.cast, self.terms.round)
        self.secret = sorted(name for name in HARMS if any(one.id == name for one in found.criteria))
        self._revealed: list[tuple[str, bytes, Said]] = []

    @property
    def sealing(self) -> dict[str, Any] | None:
        """The manifest's `sealed`."""
        if not (self.terms.sealed or self.secret):
            return None
        trustees = {name: key.hex() for name, key in self.cast.trustee_keys.items()}
        return {"threshold": self.cast.trustees[1], "trustees": trustees}

    def manifest(self, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of the payload
        """What the manifest says; the files are in the log already."""
        cast, terms = self.cast, self.terms
        made = engine()
        return {
            "engine": {"name": made.name, "version": made.version, "source": made.source, "wheel": terms.wheel},
            "files": {name: self.stage.pieces(text) for name, text in self.script.files.items()},
            "unsigned": [],
            "rules": rules_text(self.read),
            "models": {name: self._model(name) for name in self.script.models},
            "issuers": {name: key.hex for name, key in cast.issuer_keys().items()},
            "bindings": 1,
            "enrolment": "listed",
            "sealed": self.sealing,
            "ballots": "sealed" if terms.sealed else "open",
            "secret": list(self.secret),
            "deadlines": {
                "judging": terms.judging,
                "reveal": terms.judging + 7 * _DAY if terms.sealed else None,
                "grace": 3_600,
            },
            "witnesses": cast.policy,
            **changed,
        }

    def _model(self, name: str) -> dict[str, Any]:
        prompt = sha256(f"prompt of {name} (simulated)".encode()).hexdigest()
        return {"key": self.cast.key(f"model {name}").public.hex, "model": f"{name} (simulated)", "prompt": prompt}

    def open(self, **changed: Any) -> None:  # noqa: ANN401 - keys of the manifest
        """Root metadata, files and the manifest."""
        self.stage.begin()
        value = self.manifest(**changed)
        stewards = self.cast.role("steward", self.cast.stewards[1])
        self.stage.manifest = self.stage.say("manifest", value, *stewards)

    def bind(self, who: str, issuer: str, **changed: Any) -> str:  # noqa: ANN401 - keys of the payload
        """An issuer binds somebody."""
        value = {
            "issuer": issuer,
            "juror": who,
            "key": self.cast.key(f"juror {who}").public.hex,
            "nullifier": sha256(f"{issuer} in {self.terms.round}: {who}".encode()).hexdigest(),
            "statement": sha256(f"what {issuer} knows of {who} (simulated)".encode()).hexdigest(),
            "person": None,
            **changed,
        }
        return self.stage.say("binding", value, self.cast.key(f"issuer {issuer}"), self.cast.key(f"juror {who}"))

    def bind_all(self) -> None:
        """Everybody is bound by one issuer, every second one by another too."""
        issuers = self.cast.issuers
        for i, who in enumerate((*self.script.persons, *self.script.others)):
            self.bind(who, issuers[i % len(issuers)])
            if i % 2 and len(issuers) > 1:
                self.bind(who, issuers[(i + 1) % len(issuers)])

    def answer(self, said: Said) -> str:
        """Somebody answers, in the open or under a seal."""
        value: dict[str, Any] = {
            "juror": said.who,
            "seq": self.stage.number(said.who),
            "table": said.table,
            "subject": dict(said.subject),
            "rows": [dict(row) for row in said.rows],
        }
        if said.secret or self.terms.sealed:
            return self._commit(value, said)
        return self.stage.say("judgment", value, self.cast.key(f"juror {said.who}"))

    def _commit(self, value: Mapping[str, Any], said: Said) -> str:
        stage = self.stage
        salt = sha256(self.cast.secret(f"salt {said.who} {value['seq']}")).hexdigest()
        place = {"origin": self.cast.origin, "round": stage.round, "manifest": stage.manifest}
        opening = encode_opening({**value, **place, "salt": salt})
        context = Context(self.cast.origin, stage.round, stage.manifest, said.who, value["seq"])
        sealed = seal_opening(opening, context, self.cast.trustee_keys, self.cast.trustees[1])
        commit = {"juror": said.who, "seq": value["seq"], "secret": said.secret, **sealed.value()}
        entry = stage.say("commit", commit, self.cast.key(f"juror {said.who}"))
        if not said.secret:
            self._revealed.append((entry, opening, said))
        return entry

    def judge(self) -> None:
        """Everybody answers and gives."""
        for said in self.script.answers:
            self.answer(said)
        for model, table, text in self.script.lists:
            value = {
                "model": model,
                "seq": self.stage.number(f"model {model}"),
                "table": table,
                **self.stage.pieces(text),
            }
            self.stage.say("list", {**value, "prompt": self._model(model)["prompt"]}, self.cast.key(f"model {model}"))
        for donor, project, amount in self.script.given:
            value = {"donor": donor, "seq": self.stage.number(donor), "project": project, "amount": amount}
            self.stage.say("contribution", value, self.cast.key(f"juror {donor}"), self.cast.operator)

    def close(self) -> None:
        """Judging ends; where ballots are sealed they are revealed, or trustees open them."""
        self.stage.close("judging", self.terms.judging + 60)
        if self.terms.sealed:
            self.stage.close(
                "judging", self.terms.judging + 2 * 3_600
            )  # too late to end it, and proves that it is over
            self.reveal()
            self.stage.close("reveal", self.terms.judging + 7 * _DAY + 60)
            self.share()

    def _keeps_silent(self, who: str) -> bool:
        return (
            bool(self.terms.silent) and (*self.script.persons, *self.script.others).index(who) % self.terms.silent == 0
        )

    def reveal(self) -> None:
        """Jurors reveal, but for those who keep silent."""
        for entry, opening, said in self._revealed:
            if not self._keeps_silent(said.who):
                value = {
                    name: one
                    for name, one in decode_opening(opening).items()
                    if name not in ("origin", "round", "manifest")
                }
                self.stage.say("reveal", {**value, "commit": entry}, self.cast.key(f"juror {said.who}"))

    def _opened_by(self, number: int, commit: Commit) -> tuple[int, bytes] | None:
        """A trustee's index and share of a commit; None if the juror sealed something else, which never counts."""
        trustee = self.cast.key(f"trustee {number}").public.id
        try:
            share = open_share(commit.sealed, trustee, self.cast.trustee_secret(number), commit.context)
        except IntegrityError:
            return None
        own = commit.sealed.of(trustee)
        return None if own is None else (own.index, share)

    def _state(self) -> RoundState:
        if (state := self.stage.replay.state) is None:
            raise TypeError("the round is not open")
        return state

    def share(self) -> None:
        """As many trustees as it takes give their shares of what was not revealed."""
        commits = self._state().book.commits
        closed = sorted(name for name, one in commits.items() if not one.revealed and not one.secret)
        for number in range(1, self.cast.trustees[1] + 1):
            opened = [(name, self._opened_by(number, commits[name])) for name in closed]
            shares = [
                {"commit": name, "index": found[0], "share": found[1].hex()}
                for name, found in opened
                if found is not None
            ]
            for at in range(0, len(shares), 100):
                self.stage.say("share", {"shares": shares[at : at + 100]}, self.cast.key(f"trustee {number}"))

    def openings(self) -> dict[str, bytes]:
        """What the trustees open among themselves: entry hash of a secret commit → opening."""
        state, found = self._state(), {}
        sealing = state.manifest.sealing
        if sealing is None:
            return {}
        for name, commit in state.book.commits.items():
            if commit.secret:
                opened = (self._opened_by(number, commit) for number in range(1, self.cast.trustees[1] + 1))
                shares = dict(one for one in opened if one is not None)
                found[name] = recover(commit.sealed, shares, commit.context, sealing.trustees, sealing.threshold)
        return found

    def decide(self, tell: Callable[[str], None] = _silent) -> tuple[dict[str, Any], Readable]:
        """Trustees and operator decide the round; the trustees attest what follows from secret answers.

        Returns:
            The decision file's document, and the round it was decided from.
        """
        found = readable(self.stage.replay, inputs=len(self.stage.leaves), openings=self.openings())
        document = decision_document(decide_record(found, tell))
        if self.secret:
            attested = {
                "commits": sorted(entry.hash for entry in found.outcome.secret),
                "secret": sha256(encode(secret_parts(document, self.secret))).hexdigest(),
            }
            self.stage.say("attestation", attested, *self.cast.role("trustee", self.cast.trustees[1]))
        return document, found

    def result(self, document: Mapping[str, Any], found: Readable, payouts: str | None = None, **changed: Any) -> str:  # noqa: ANN401 - keys of the payload
        """The operator publishes a result; nobody approved it yet.

        Args:
            document: Of the decision file.
            found: The round it was decided from.
            payouts: Text of payouts.json, if the payouts are to be named.
            changed: Other values for keys of the result.

        Returns:
            Entry hash of the result.
        """
        stage = self.stage
        text = decision_text(document)
        decision = stage.pieces(text)
        payout = None
        if payouts is not None:
            payout = {"root": json.loads(payouts)["tree"][0].removeprefix("0x"), **stage.pieces(payouts)}
        size = len(stage.leaves)
        outcome = conclude(stage.replay, void=found.void, inputs=size)
        value = {
            "tree": {"root": stage.tree.root(size).hex(), "size": size},
            "files": outcome.files_hash,
            "decision": decision,
            "payout": payout,
            "counted": outcome.counted,
            "void": list(found.void),
            **changed,
        }
        return stage.say("result", value, self.cast.operator)

    def publish(self, document: Mapping[str, Any], found: Readable, payouts: str | None = None, **changed: Any) -> str:  # noqa: ANN401 - as above
        """A result, and the approval of as many stewards as it takes; see `result`."""
        result = self.result(document, found, payouts, **changed)
        for steward in self.cast.role("steward", self.cast.stewards[1]):
            self.stage.say("approval", {"result": result}, steward)
        return result

    def end(self) -> bytes:
        """The last checkpoint, cosigned."""
        return self.stage.checkpoint(self.terms.judging + 14 * _DAY)


def rehearse(
    files: Mapping[str, bytes],
    cast: Cast | None = None,
    terms: Terms | None = None,
    tell: Callable[[str], None] = _silent,
    *,
    payouts: Callable[[Mapping[str, Any]], str] | None = None,
) -> tuple[Stage, bytes]:
    """Play a round folder through.

    Args:
        files: Of a sound round folder: name → bytes.
        cast: Who plays.
        terms: How.
        tell: Called with a few words before each act.
        payouts: Document of the decision file → text of payouts.json, if the result is to name payouts.

    Returns:
        The log, and its last checkpoint with the witnesses' cosignatures.

    Raises:
        InputError: The folder is not sound, or cannot be a record.
    """
    play = Rehearsal(files, cast, terms)
    tell("the round is opened")
    play.open()
    play.bind_all()
    tell("everybody answers")
    play.judge()
    play.close()
    tell("the round is decided")
    document, found = play.decide(tell)
    play.publish(document, found, None if payouts is None else payouts(document))
    return play.stage, play.end()
