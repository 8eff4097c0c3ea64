"""Signed notes: text, and under it lines that say who signed it.

    text, ending in a line end
    (an empty line)
    — name base64(key id ‖ signature)

A *verifier key* is written `name+id+base64(kind ‖ key)`: the id is the first four bytes, in hexadecimal, of SHA-256 of
the name, a line end, the kind and the key. Kind 1 is Ed25519 over the text; kind 4 is a cosignature with a time
(`_cosignature`). A signature by a key that nobody asked for is ignored; one by a known key that is not valid refuses
the note.

Source: C2SP signed-note, version 1.0.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final

from daccord.errors import IntegrityError
from daccord.record._base64 import from_base64
from daccord.record.keys import PublicKey, Signer, verify

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "Note",
    "NoteKey",
    "NoteSignature",
    "from_base64",
    "open_note",
    "parse_signatures",
    "sign_note",
]

ED25519: Final = 1
COSIGNATURE: Final = 4

MOST_SIGNATURES: Final = 64
_LONGEST: Final = 1 << 16
_LINE = re.compile(r"— (?P<name>[^\s+]+) (?P<data>[A-Za-z0-9+/]+={0,2})")
_NAME = re.compile(r"[^\s+]+")
_KEY = re.compile(r"(?P<name>[^\s+]+)\+(?P<id>[0-9a-f]{8})\+(?P<data>[A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class NoteKey:
    """A key by which notes are checked.

    Attributes:
        name: Of the signer; no white space and no plus.
        public: Its key.
        kind: `ED25519` or `COSIGNATURE`.
    """

    name: str
    public: PublicKey
    kind: int = ED25519

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise ValueError(f"{self.name!r} is no name of a key: it is empty, or has white space or a plus in it")

    @cached_property
    def id(self) -> bytes:
        """Four bytes that name the key beside its name."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public.data).digest()[:4]

    @property
    def text(self) -> str:
        """As verifier keys are written."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public.data).decode()}"

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """Read a verifier key.

        Raises:
            IntegrityError: It is none, its id does not fit, or it is of a kind that is not known here.
        """
        match = _KEY.fullmatch(text)
        if match is None:
            raise IntegrityError("a verifier key is written name+id+base64")
        data = from_base64(match["data"], "the verifier key")
        if len(data) != 33 or data[0] not in (ED25519, COSIGNATURE):
            raise IntegrityError("the verifier key is not of a kind that is known here")
        try:
            key = cls(match["name"], PublicKey(data[1:]), data[0])
        except ValueError as error:
            raise IntegrityError(f"the verifier key: {error}") from None
        if key.id.hex() != match["id"]:
            raise IntegrityError("the verifier key's id does not follow from its name and key")
        return key


@dataclass(frozen=True)
class NoteSignature:
    """One line under a note: the signer's name, the id of the key, and what it signed with."""

    name: str
    key: bytes
    data: bytes

    @property
    def line(self) -> str:
        """As it is written, with its line end."""
        return f"— {self.name} {b64encode(self.key + self.data).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A signed note.

    Attributes:
        text: With its last line end.
        signatures: In the order they stand.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """The note's bytes."""
        return (self.text + "\n" + "".join(one.line for one in self.signatures)).encode()

    def of(self, key: NoteKey) -> NoteSignature | None:
        """The first signature that names a key, by name and id; it is not checked."""
        return next((one for one in self.signatures if one.name == key.name and one.key == key.id), None)

    def check(self, key: NoteKey) -> bool:
        """Whether an Ed25519 key signed the text.

        Raises:
            IntegrityError: It is said to have, and has not.
        """
        one = self.of(key)
        if one is None:
            return False
        if not verify(key.public, self.text.encode(), one.data):
            raise IntegrityError(f"the signature of {key.name} under the note is not valid")
        return True

    def with_signatures(self, more: Iterable[NoteSignature]) -> Note:
        """The note with more lines under it; those that are there already are not doubled."""
        known = {(one.name, one.key) for one in self.signatures}
        return Note(self.text, (*self.signatures, *(one for one in more if (one.name, one.key) not in known)))


def open_note(data: bytes) -> Note:
    """Take a note apart; no signature is checked yet.

    Raises:
        IntegrityError: The bytes are no note: no UTF-8, too long, control characters, no empty line before the
            signatures, a line that is none, or too many of them.
    """
    if len(data) > _LONGEST:
        raise IntegrityError(f"the note has {len(data):,} bytes, more than {_LONGEST:,}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise IntegrityError("the note is no UTF-8") from None
    if _CONTROL.search(text):
        raise IntegrityError("the note has a control character that is no line end")
    head, separator, tail = text.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise IntegrityError("the note has no signatures behind an empty line")
    return Note(head + "\n", parse_signatures(tail))


def parse_signatures(text: str) -> tuple[NoteSignature, ...]:
    """Signature lines, as under a note or as a witness answers.

    Raises:
        IntegrityError: A line is none, or there are none or too many.
    """
    lines = text.split("\n")[:-1]
    if not text.endswith("\n") or not 0 < len(lines) <= MOST_SIGNATURES:
        raise IntegrityError(f"a note has between 1 and {MOST_SIGNATURES} signature lines")
    found = []
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise IntegrityError(f"signature line {number} of the note is none")
        data = from_base64(match["data"], f"signature {number} of the note")
        if len(data) < 5:
            raise IntegrityError(f"signature {number} of the note is too short")
        found.append(NoteSignature(match["name"], data[:4], data[4:]))
    return tuple(found)


def sign_note(text: str, signers: Iterable[tuple[str, Signer]]) -> Note:
    """Sign a text with Ed25519.

    Args:
        text: Ends in a line end.
        signers: Name and key of each.

    Raises:
        ValueError: The text does not end in a line end, or has control characters.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise ValueError("the text of a note ends in a line end and has no other control characters")
    keys = [(NoteKey(name, signer.public), signer) for name, signer in signers]
    return Note(text, tuple(NoteSignature(key.name, key.id, signer.sign(text.encode())) for key, signer in keys))
