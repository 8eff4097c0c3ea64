"""A log in memory on which a rehearsal plays: entries, checkpoints, and witnesses who answer by the real protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from daccord.audit._cast import Cast
from daccord.errors import IntegrityError
from daccord.record import Envelope, seal
from daccord.record.keys import Signer
from daccord.record.log import (
    COSIGNATURE,
    Checkpoint,
    NoteKey,
    consistency_proof,
    entry_hash,
    open_checkpoint,
    sign_note,
)
from daccord.record.payloads import media_type
from daccord.record.root import make_root
from daccord.record.state import Replay, TreeHistory
from daccord.record.witness import Seen, WitnessState, answer, growth_request, read_answer
from daccord.store import LogWriter, export

__all__ = ["Stage"]

_PIECE: Final = 7_500
"""Characters of a piece: as many as fit a leaf whatever they are."""


class Stage:
    """A log that grows.

    Args:
        cast: Who plays.
        round_id: The round.
        strict: Whether entries that break a rule are refused, as a careful operator refuses them.

    Attributes:
        leaves: The entries.
        manifest: Entry hash of the manifest, hexadecimal; empty before it.
    """

    def __init__(self, cast: Cast, round_id: str, *, strict: bool = True) -> None:
        self.cast, self.round = cast, round_id
        self.leaves: list[bytes] = []
        self.manifest = ""
        self.replay = Replay(round_id)
        self.tree = TreeHistory()
        self.strict = strict
        self._seq: dict[str, int] = {}
        known = (NoteKey(cast.origin, cast.operator.public),)
        self._witnesses = {name: WitnessState(name, {cast.origin: known}) for name in cast.witnesses}
        self._seen = {name: Seen() for name in cast.witnesses}

    def append(self, envelope: Envelope | bytes) -> str:
        """Add an entry.

        Returns:
            Its hash, hexadecimal.

        Raises:
            IntegrityError: It breaks a rule, and the stage is strict.
        """
        leaf = envelope if isinstance(envelope, bytes) else envelope.leaf()
        if self.strict:
            self.replay.offer(leaf)
        else:
            self.replay.add(leaf)
        self.leaves.append(leaf)
        self.tree.append(entry_hash(leaf))
        return entry_hash(leaf).hex()

    def begin(self) -> None:
        """Add the first root metadata."""
        self.append(make_root(self.cast.root, self.cast.role("root", 2)))

    def make(self, kind: str, value: Mapping[str, Any], *signers: Signer) -> Envelope:
        """Seal a payload with origin, round and manifest filled in."""
        head: dict[str, Any] = {"origin": self.cast.origin, "round": self.round}
        if kind not in ("piece", "manifest", "promise"):
            head["manifest"] = self.manifest
        return seal(media_type(kind), {**head, **value}, signers)

    def say(self, kind: str, value: Mapping[str, Any], *signers: Signer) -> str:
        """Seal and add an entry."""
        return self.append(self.make(kind, value, *signers))

    def number(self, who: str) -> int:
        """The next number of somebody who answers."""
        self._seq[who] = self._seq.get(who, -1) + 1
        return self._seq[who]

    def pieces(self, text: str) -> dict[str, Any]:
        """Add a file in pieces.

        Returns:
            `sha256` and `size`, as others name it.
        """
        data = text.encode()
        of = sha256(data).hexdigest()
        for index, at in enumerate(range(0, len(text), _PIECE)):
            self.say("piece", {"of": of, "index": index, "text": text[at : at + _PIECE]}, self.cast.operator)
        return {"sha256": of, "size": len(data)}

    def checkpoint(self, time: int, witnesses: Sequence[str] | None = None) -> bytes:
        """Sign the tree, and have witnesses cosign it.

        Args:
            time: The witnesses' clocks.
            witnesses: Names of those who are asked; all if None.

        Raises:
            IntegrityError: A witness refuses.
        """
        head = Checkpoint(self.cast.origin, self.tree.size, self.tree.root(self.tree.size))
        note = sign_note(head.text, [(self.cast.origin, self.cast.operator)])
        lines = []
        for name in self.cast.witnesses if witnesses is None else witnesses:
            seen = self._seen[name]
            proof = consistency_proof(seen.size, head.size, self.tree.subtree) if 0 < seen.size < head.size else []
            signer = self.cast.key(f"witness {name}")
            made = answer(
                self._witnesses[name],
                signer,
                {self.cast.origin: seen},
                growth_request(seen.size, proof, note.encode()),
                time,
            )
            if made.after is not None:
                self._seen[name] = made.after
            key = NoteKey(name, signer.public, COSIGNATURE)
            line = read_answer(made.status, made.body, note.encode(), key)
            if isinstance(line, int):
                raise IntegrityError(f"{name} knows {line} entries")
            lines.append(line)
        return note.with_signatures(lines).encode()

    def close(self, phase: str, time: int, witnesses: Sequence[str] | None = None) -> str:
        """Prove that a phase ended."""
        note = self.checkpoint(time, witnesses).decode()
        return self.say("close", {"phase": phase, "checkpoint": note}, self.cast.operator)

    def write(self, log: Path, folder: Path, note: bytes) -> None:
        """Store the log in a file and export it.

        Args:
            log: The file; it must not be there.
            folder: Where the static files go.
            note: The last checkpoint, with its cosignatures.

        Raises:
            ExternalError: The disk refuses.
        """
        with LogWriter(log, self.cast.origin) as writer:
            for at in range(0, len(self.leaves), 4_096):
                writer.append(self.leaves[at : at + 4_096])
            writer.sign_checkpoint([self.cast.operator])
            writer.keep_cosignatures(note, ())
            export(writer, folder)
        if open_checkpoint(note)[0].size != len(self.leaves):
            raise ValueError("the checkpoint is not of the whole log")
