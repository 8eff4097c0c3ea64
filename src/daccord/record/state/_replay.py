"""Replaying a log, entry by entry: bytes in, the state of a round or a fault out.

A *fault* is a rule that an entry breaks, which a careful operator would not have let into the log. Faults are
collected, not raised, because stewards may lift them in the open; an entry at fault changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from daccord.errors import IntegrityError
from daccord.record._envelope import Envelope, from_leaf
from daccord.record.log import entry_hash, from_base64
from daccord.record.payloads import Manifest, Payload, kind_of, parse_manifest, parse_payload
from daccord.record.state._book import Entry, Fault
from daccord.record.state._history import TreeHistory
from daccord.record.state._keys import KeyRing, check_signers
from daccord.record.state._pieces import Pieces
from daccord.record.state._round import RoundState
from daccord.record.state._text import csv_rows

__all__ = ["Replay"]

_STEP: Final = {"root": "keys", "reveal": "openings", "share": "openings", "attestation": "openings"}
_FOREVER: Final = ("root", "manifest", "piece", "intervention")
"""Kinds whose faults no intervention lifts, since other entries stand on them."""

_TIMELY: Final = ("binding", "judgment", "commit", "list", "contribution", "reveal")
"""Kinds with a deadline."""


class _FatalError(IntegrityError):
    """A fault that no intervention lifts."""


class Replay:
    """The state of one round as its log says.

    Args:
        round_id: The round; the first one that the log has if None.

    Attributes:
        keys: Keys of roles.
        state: The round; None before its manifest.
        faults: In the order of the log.
        rounds: Ids of all rounds that have a manifest.
        passed_over: Entries of other rounds.
    """

    def __init__(self, round_id: str | None = None) -> None:
        self.keys = KeyRing()
        self.state: RoundState | None = None
        self.faults: list[Fault] = []
        self.rounds: list[str] = []
        self.passed_over = 0
        self._round = round_id
        self._history = TreeHistory()
        self._pieces = Pieces()
        self._place_of: dict[bytes, int] = {}

    @property
    def size(self) -> int:
        """Entries that were read."""
        return self._history.size

    def root(self, size: int) -> bytes:
        """Root of the tree of the first entries."""
        return self._history.root(size)

    def holds(self, leaf_hash: bytes) -> int | None:
        """Place of an entry by its hash; None if the log does not have it, by itself or in a complaint."""
        return self._place_of.get(leaf_hash)

    def add(self, leaf: bytes) -> Fault | None:
        """Read the next entry of the log.

        Returns:
            What is wrong with it; also added to `faults`.
        """
        hashed = entry_hash(leaf)
        fault = self._read(leaf, hashed)
        self._append(hashed)
        if fault is not None:
            self.faults.append(fault)
        return fault

    def offer(self, leaf: bytes) -> None:
        """Read an entry that asks to be the next one; afterwards it is to be written to the log.

        Raises:
            IntegrityError: A rule forbids it; nothing changed.
        """
        hashed = entry_hash(leaf)
        if (fault := self._read(leaf, hashed)) is not None:
            raise IntegrityError(fault.message)
        self._append(hashed)

    def _append(self, leaf_hash: bytes) -> None:
        self._place_of.setdefault(leaf_hash, self._history.size)
        self._history.append(leaf_hash)

    def _read(self, leaf: bytes, hashed: bytes) -> Fault | None:
        place, kind = self._history.size, ""
        try:
            envelope = self._open(leaf)
            kind = kind_of(envelope)
            self._apply(kind, envelope, place, hashed, leaf)
        except IntegrityError as error:
            forever = isinstance(error, _FatalError) or kind in _FOREVER
            return Fault(place, hashed.hex(), _STEP.get(kind, "entries"), str(error), lifted=not forever)
        return None

    @staticmethod
    def _open(leaf: bytes) -> Envelope:
        try:
            return from_leaf(leaf)
        except IntegrityError as error:
            raise _FatalError(str(error)) from None

    def _apply(self, kind: str, envelope: Envelope, place: int, hashed: bytes, leaf: bytes) -> None:
        if hashed in self._place_of:
            return  # it stands in the log already, or counts where a complaint brought it in
        if kind == "root":
            self.keys.add(envelope, sha256(leaf).hexdigest())
            return
        root = self.keys.root
        if root is None:
            raise _FatalError("the log does not begin with root metadata")
        payload = parse_payload(envelope)
        if payload["origin"] != root.origin:
            raise _FatalError(f"it is of another log, {payload['origin']!r}")
        if kind == "piece":
            self.keys.check(envelope, "operator", least=1, most=1)
            self._pieces.add(payload["of"], payload["index"], payload["text"])
            return
        entry = Entry(place, hashed.hex(), payload)
        if kind == "manifest":
            self._manifest(entry)
            return
        self._of_round(kind, entry)

    def _of_round(self, kind: str, entry: Entry) -> None:
        """An entry that belongs to a round with a manifest."""
        payload = entry.payload
        if payload.round not in self.rounds:
            raise IntegrityError(f"the round {payload.round!r} has no manifest before it")
        if self.state is None or payload.round != self.state.manifest.round:
            self.passed_over += 1
            return
        if kind == "promise":
            raise IntegrityError("a promise is handed over and stands in no log by itself")
        if payload["manifest"] != self.state.manifest.hash:
            raise IntegrityError(f"it names another manifest, {payload['manifest']}")
        if kind == "complaint":
            self._complaint(self.state, entry)
            return
        handler: Callable[[Entry], None] = getattr(self.state, kind)
        handler(entry)

    def _manifest(self, entry: Entry) -> None:
        payload = entry.payload
        if payload.round in self.rounds:
            raise IntegrityError(f"the round {payload.round!r} has a manifest already")
        self.keys.check(payload.envelope, "steward")
        if self._round is not None and payload.round != self._round:
            self.rounds.append(payload.round)
            self.passed_over += 1
            return
        manifest = parse_manifest(payload, entry.hash)
        for name, file in manifest.files.items():
            self._pieces.file(file.sha256, file.size, name)
        listed = self._judges(manifest)
        if manifest.sealing is not None and not manifest.sealing.trustees.keys() <= self.keys.of("trustee").keys():
            raise IntegrityError("the manifest names a trustee who has not that role")
        self.rounds.append(payload.round)
        self._round = payload.round
        self.state = RoundState(manifest, entry, self.keys, self._pieces, self._history, listed)

    def _judges(self, manifest: Manifest) -> frozenset[str]:
        """Ids of the persons in judges.csv, whose models are those of the manifest."""
        file = manifest.files["judges.csv"]
        rows = list(
            csv_rows(
                self._pieces.file(file.sha256, file.size, "judges.csv").decode().removeprefix("\ufeff"), "judges.csv"
            )
        )
        header = [name.strip() for name in rows[0]] if rows else []
        if "id" not in header or "kind" not in header:
            raise IntegrityError("judges.csv has no columns id and kind")
        identifier, kind = header.index("id"), header.index("kind")
        of: dict[str, set[str]] = {"person": set(), "model": set()}
        for row in rows[1:]:
            if len(row) != len(header) or row[kind].strip() not in of:
                raise IntegrityError("a row of judges.csv has not as many cells as its header, or a kind of no judge")
            of[row[kind].strip()].add(row[identifier].strip())
        if of["model"] != manifest.models.keys():
            raise IntegrityError("the manifest's models are not those of judges.csv")
        return frozenset(of["person"])

    @staticmethod
    def _of(state: RoundState, payload: Payload) -> bool:
        """Whether a payload is of this log and round."""
        return bool(payload["origin"] == state.manifest.origin and payload.round == state.manifest.round)

    def _complaint(self, state: RoundState, entry: Entry) -> None:
        """An entry that was promised and withheld comes in by a complaint."""
        state.somebody(entry.payload.envelope)
        promise = _part(entry.payload, "promise")
        check_signers(promise.envelope, self.keys.operators, 1, 1, "those who are or were operators")
        leaf = from_base64(entry.payload["leaf"], "the entry that was withheld")
        hashed = entry_hash(leaf)
        if (
            promise["leaf"] != hashed.hex()
            or promise["origin"] != state.manifest.origin
            or promise.round != state.manifest.round
        ):
            raise IntegrityError("the promise is not about this entry")
        inner = parse_payload(from_leaf(leaf))
        if inner.kind not in _TIMELY:
            raise IntegrityError(f"a {inner.kind} has no deadline and needs no complaint")
        if hashed in self._place_of:
            return
        if not self._of(state, inner):
            raise IntegrityError("the entry that was withheld is of another round")
        deadline = state.manifest.deadline("reveal" if inner.kind == "reveal" else "judging")
        in_time = deadline is not None and promise["received"] <= deadline
        self._of_round(inner.kind, Entry(entry.place, hashed.hex(), inner, in_time, entry.hash))
        self._place_of[hashed] = entry.place


def _part(payload: Payload, name: str) -> Payload:
    try:
        return parse_payload(from_leaf(from_base64(payload[name], name)), name)
    except IntegrityError as error:
        raise IntegrityError(f"its {name}: {error}") from None
