"""Whom a verifier trusts: which logs, which witnesses, and how many of them make a quorum.

    log <key> [url]
    witness <name> <key> [url]
    group <name> <number, all or any> <member> …
    quorum <name or none>

Source: C2SP tlog-policy (draft of 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from daccord.errors import IntegrityError
from daccord.record.log._checkpoint import Checkpoint, open_checkpoint
from daccord.record.log._cosignature import cosigned_at
from daccord.record.log._note import COSIGNATURE, ED25519, Note, NoteKey

__all__ = ["Policy", "Witnessed", "parse_policy"]

NONE: Final = "none"
_MOST: Final = 1_000


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint that a policy accepts.

    Attributes:
        checkpoint: The tree head.
        note: As signed.
        times: Witness → when it cosigned, seconds since 1970.
    """

    checkpoint: Checkpoint
    note: Note
    times: Mapping[str, int]


@dataclass(frozen=True)
class Policy:
    """A trust policy.

    Attributes:
        logs: Keys of the logs that are accepted; a log's origin is its key's name.
        witnesses: Name in the policy → key.
        groups: Name → how many of which members; members are witnesses or groups named before.
        quorum: Name of a witness or group, or `none`.
    """

    logs: tuple[NoteKey, ...]
    witnesses: Mapping[str, NoteKey] = field(default_factory=dict)
    groups: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = NONE

    def _holds(self, name: str, seen: Mapping[str, int]) -> bool:
        if name in self.groups:
            least, members = self.groups[name]
            return sum(self._holds(member, seen) for member in members) >= least
        return name in seen

    def quorum_time(self, times: Mapping[str, int]) -> int | None:
        """Earliest time by which a quorum had cosigned, from the times of its witnesses; None if none had.

        With `quorum none` there is no witness, and no time that counts.
        """
        for time in sorted(set(times.values())):
            if self._holds(self.quorum, {name: one for name, one in times.items() if one <= time}):
                return time
        return None

    def accept(self, data: bytes) -> Witnessed:
        """Check a checkpoint: signed by a log that is known under its origin, and cosigned by a quorum.

        Raises:
            IntegrityError: It is not; the message says what is missing.
        """
        checkpoint, note = open_checkpoint(data)
        known = [key for key in self.logs if key.name == checkpoint.origin]
        if not known:
            raise IntegrityError(f"the log {checkpoint.origin!r} is not one that the policy names")
        signed = {key.id: note.check(key) for key in known}  # all of them: a bad one refuses the note
        if not any(signed.values()):
            raise IntegrityError(f"the checkpoint of size {checkpoint.size} is not signed by its log")
        seen = {name: time for name, key in self.witnesses.items() if (time := cosigned_at(note, key)) is not None}
        if self.quorum != NONE and not self._holds(self.quorum, seen):
            raise IntegrityError(
                f"the checkpoint of size {checkpoint.size} has {len(seen)} cosignatures of known witnesses, "
                f"and these are no quorum ({self.quorum})"
            )
        return Witnessed(checkpoint, note, seen)


class _Reader:
    """A policy while it is read."""

    def __init__(self) -> None:
        self.logs: list[NoteKey] = []
        self.witnesses: dict[str, NoteKey] = {}
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.used: set[str] = set()
        self.quorum: str | None = None

    def name(self, name: str) -> str:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise IntegrityError(f"the name {name!r} is taken")
        return name

    def known(self, name: str) -> str:
        if name not in self.witnesses and name not in self.groups:
            raise IntegrityError(f"nothing before this line is called {name!r}")
        return name

    def log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise IntegrityError("write: log, its key, and perhaps its address")
        key = NoteKey.parse(words[0])
        if key.kind != ED25519:
            raise IntegrityError("the log's key is one for cosignatures")
        if any(key.public == other.public for other in self.logs):
            raise IntegrityError("the key stands there already")
        self.logs.append(key)

    def witness(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise IntegrityError("write: witness, a name, its key, and perhaps its address")
        key = NoteKey.parse(words[1])
        if key.kind != COSIGNATURE:
            raise IntegrityError("the witness's key is not one for cosignatures")
        if any(key.public == other.public for other in self.witnesses.values()):
            raise IntegrityError("the key stands there already: a witness counts once")
        self.witnesses[self.name(words[0])] = key

    def group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise IntegrityError("write: group, a name, how many, and its members")
        members = tuple(self.known(name) for name in words[2:])
        if len(set(members)) != len(members) or self.used.intersection(members):
            raise IntegrityError("a member stands in one group, and there once")
        least = {"all": len(members), "any": 1}.get(words[1])
        if least is None:
            plain = words[1].isascii() and words[1].isdigit() and not words[1].startswith("0") and len(words[1]) < 5
            if not plain or int(words[1]) > len(members):
                raise IntegrityError(f"{words[1]!r} is not all, any, or a number from 1 to {len(members)}")
            least = int(words[1])
        self.groups[self.name(words[0])] = (least, members)
        self.used.update(members)

    def quorum_line(self, words: list[str]) -> None:
        if len(words) != 1 or self.quorum is not None:
            raise IntegrityError("there is one line quorum, with one name")
        self.quorum = words[0] if words[0] == NONE else self.known(words[0])


def parse_policy(data: bytes) -> Policy:
    """Read a policy file.

    Raises:
        IntegrityError: It is none; the message names the line.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise IntegrityError("the policy is no UTF-8") from None
    lines = text.split("\n")
    if len(lines) > _MOST:
        raise IntegrityError(f"the policy has more than {_MOST:,} lines")
    reader = _Reader()
    read = {"log": reader.log, "witness": reader.witness, "group": reader.group, "quorum": reader.quorum_line}
    for number, line in enumerate(lines, start=1):
        if any((character < " " and character != "\t") or character == "\x7f" for character in line):
            raise IntegrityError(f"policy, line {number}: it has a control character")
        words = [word for word in line.replace("\t", " ").split(" ") if word]
        if not words or words[0].startswith("#"):
            continue
        if words[0] not in read:
            raise IntegrityError(f"policy, line {number}: {words[0]!r} is not log, witness, group or quorum")
        try:
            read[words[0]](words[1:])
        except IntegrityError as error:
            raise IntegrityError(f"policy, line {number}: {error}") from None
    if reader.quorum is None:
        raise IntegrityError("the policy has no line quorum; write `quorum none` if no witness is needed")
    return Policy(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)
