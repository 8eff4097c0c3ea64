"""Root metadata: all keys, their roles and thresholds; a new version is signed by the old threshold and by the new.

A verifier pins version 1 out of band. From there every version must follow the one before by one, name the same log,
and be signed by enough root keys of *both* versions: who steals too few keys cannot rotate, and who is rotated out
cannot come back. A key revoked in one version is invalid from the place of that version in the log on, and not before:
revocation is never retroactive.

Source: J. Samuel, N. Mathewson, J. Cappos, R. Dingledine, Survivable key compromise in software update systems (2010),
as in The Update Framework, section 5.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from daccord.errors import IntegrityError
from daccord.record._canonical import Json
from daccord.record._envelope import Envelope, seal
from daccord.record.keys import PublicKey, Signer

__all__ = ["ROLES", "TYPE", "Role", "Root", "follow", "make_root", "next_root", "parse_root"]

TYPE: Final = "application/vnd.daccord.root.v1+json"

ROLES: Final = ("root", "steward", "operator", "trustee", "guardian")
"""`root` changes this list; `steward` opens rounds and confirms results; `operator` runs log and engine; `trustee`
opens sealed rounds; `guardian` moves money."""

_MOST_KEYS: Final = 256


@dataclass(frozen=True)
class Role:
    """Keys of a role and how many of them it takes.

    Attributes:
        keys: Ids.
        threshold: At least 1, at most the number of keys.
    """

    keys: frozenset[str]
    threshold: int


@dataclass(frozen=True)
class Root:
    """One version of the metadata.

    Attributes:
        version: 1 for the first.
        origin: Of the log it governs.
        keys: Id → key.
        roles: Name → role; `root` is always among them.
    """

    version: int
    origin: str
    keys: Mapping[str, PublicKey]
    roles: Mapping[str, Role]

    def value(self) -> dict[str, Json]:
        """As a payload."""
        return {
            "keys": {key: public.hex for key, public in self.keys.items()},
            "origin": self.origin,
            "roles": {
                name: {"keys": list[Json](sorted(role.keys)), "threshold": role.threshold}
                for name, role in self.roles.items()
            },
            "version": self.version,
        }

    def signed(self, envelope: Envelope, role: str) -> bool:
        """Whether enough keys of a role signed an envelope.

        Raises:
            IntegrityError: A signature of one of them is not valid.
        """
        asked = self.roles.get(role)
        if asked is None:
            return False
        return len(envelope.signed_by({key: self.keys[key] for key in asked.keys})) >= asked.threshold


def _keys_only(value: Json, names: frozenset[str], what: str) -> dict[str, Json]:
    if not isinstance(value, dict) or value.keys() != names:
        raise IntegrityError(f"root metadata: {what} has the keys {', '.join(sorted(names))}, and no others")
    return value


def _role(name: str, value: Json, keys: Mapping[str, PublicKey]) -> Role:
    part = _keys_only(value, frozenset({"keys", "threshold"}), f"role {name}")
    named, threshold = part["keys"], part["threshold"]
    if not isinstance(named, list) or not named or not all(isinstance(key, str) for key in named):
        raise IntegrityError(f"root metadata: role {name} names its keys by their ids, at least one")
    ids = [str(key) for key in named]
    if ids != sorted(set(ids)):
        raise IntegrityError(f"root metadata: the keys of role {name} stand in order, each once")
    if missing := [key for key in ids if key not in keys]:
        raise IntegrityError(f"root metadata: role {name} names the key {missing[0]}, which is not listed")
    if not isinstance(threshold, int) or isinstance(threshold, bool) or not 1 <= threshold <= len(ids):
        raise IntegrityError(f"root metadata: the threshold of role {name} lies from 1 to {len(ids)}")
    return Role(frozenset(ids), threshold)


def parse_root(envelope: Envelope) -> Root:
    """Read a version; who signed it is not checked yet.

    Raises:
        IntegrityError: It is none.
    """
    if envelope.payload_type != TYPE:
        raise IntegrityError(f"root metadata is of the type {TYPE}, not {envelope.payload_type!r}")
    value = _keys_only(envelope.value(), frozenset({"keys", "origin", "roles", "version"}), "it")
    listed = value["keys"]
    if not isinstance(listed, dict) or not 0 < len(listed) <= _MOST_KEYS:
        raise IntegrityError(f"root metadata lists between 1 and {_MOST_KEYS} keys")
    keys = {}
    for identifier, text in listed.items():
        try:
            keys[identifier] = PublicKey.from_hex(text if isinstance(text, str) else "")
        except ValueError as error:
            raise IntegrityError(f"root metadata, key {identifier}: {error}") from None
        if keys[identifier].id != identifier:
            raise IntegrityError(f"root metadata: the key {identifier} has another id")
    roles = value["roles"]
    if not isinstance(roles, dict) or not set(roles) <= set(ROLES) or "root" not in roles:
        raise IntegrityError(f"root metadata has the role root, and knows of {', '.join(ROLES)}")
    version, origin = value["version"], value["origin"]
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise IntegrityError("root metadata: the version is a number from 1 on")
    if not isinstance(origin, str) or not origin:
        raise IntegrityError("root metadata names the origin of its log")
    return Root(version, origin, keys, {name: _role(name, role, keys) for name, role in roles.items()})


def follow(known: Root, envelope: Envelope) -> Root:
    """The next version, if it follows from a known one.

    Raises:
        IntegrityError: It skips a version, is for another log, or is not signed by enough root keys of both versions.
    """
    new = parse_root(envelope)
    if new.version != known.version + 1:
        raise IntegrityError(f"root metadata: version {new.version} does not follow version {known.version}")
    if new.origin != known.origin:
        raise IntegrityError(f"root metadata: version {new.version} is for another log, {new.origin!r}")
    for name, root in (("old", known), ("new", new)):
        if not root.signed(envelope, "root"):
            needed = root.roles["root"].threshold
            raise IntegrityError(
                f"root metadata: version {new.version} is not signed by {needed} {name} root keys, as it must be"
            )
    return new


def make_root(root: Root, signers: Iterable[Signer]) -> Envelope:
    """Seal a version.

    Raises:
        ValueError: Nobody signs, or somebody twice.
        IntegrityError: The metadata is not what it should be.
    """
    envelope = seal(TYPE, root.value(), signers)
    parse_root(envelope)
    return envelope


def next_root(
    known: Root, keys: Mapping[str, PublicKey], roles: Mapping[str, Role], signers: Iterable[Signer]
) -> tuple[Root, Envelope]:
    """Make and seal the version after a known one.

    Raises:
        IntegrityError: Too few sign, of the old keys or of the new.
    """
    new = Root(known.version + 1, known.origin, keys, roles)
    envelope = make_root(new, signers)
    return follow(known, envelope), envelope
