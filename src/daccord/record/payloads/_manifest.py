"""The manifest of a round: everything that is fixed before anybody judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from daccord.errors import IntegrityError
from daccord.record.keys import PublicKey
from daccord.record.log import Policy, parse_policy
from daccord.record.payloads._kinds import Payload
from daccord.record.payloads._tables import TABLES

__all__ = ["Engine", "FileName", "Manifest", "Model", "Sealing", "parse_manifest"]


@dataclass(frozen=True)
class FileName:
    """A file by its contents: SHA-256, hexadecimal, and its bytes' number."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Engine:
    """What decides: name and version, SHA-256 of its sources and, if it came as one, of its wheel."""

    name: str
    version: str
    source: str
    wheel: str | None


@dataclass(frozen=True)
class Model:
    """A declared model: its key, what it is, and SHA-256 of the prompt it gets."""

    key: PublicKey
    model: str
    prompt: str


@dataclass(frozen=True)
class Sealing:
    """Trustees by the ids of their signing keys → X25519 keys, and how many open together."""

    threshold: int
    trustees: Mapping[str, bytes]


@dataclass(frozen=True)
class Manifest:
    """A manifest.

    Attributes:
        hash: Entry hash.
        origin: Of the log.
        round: Id of the round.
        engine: What decides.
        files: Name in the round folder → file.
        unsigned: Names of files with answers that nobody signed.
        rules: Dotted name → value as JSON text.
        models: Id → model.
        issuers: Id → key.
        bindings: Issuers who must vouch for a juror.
        open: Whether bindings may bring people who are not listed.
        sealing: Trustees; None if nothing is sealed.
        sealed: Whether judgments are committed to and revealed.
        secret: Criteria whose answers are never revealed.
        judging: Deadline, seconds since 1970.
        reveal: Deadline for reveals; None if nothing is revealed.
        grace: Seconds that a quorum of witnesses may be later.
        policy: Witnesses and their quorum; it names no log.
    """

    hash: str
    origin: str
    round: str
    engine: Engine
    files: Mapping[str, FileName]
    unsigned: frozenset[str]
    rules: Mapping[str, str]
    models: Mapping[str, Model]
    issuers: Mapping[str, PublicKey]
    bindings: int
    open: bool
    sealing: Sealing | None
    sealed: bool
    secret: frozenset[str]
    judging: int
    reveal: int | None
    grace: int
    policy: Policy

    def deadline(self, phase: str) -> int | None:
        """Latest time of a phase's end with the grace, seconds since 1970; None if there is no such phase."""
        end = self.judging if phase == "judging" else self.reveal
        return None if end is None else end + self.grace


def _key(text: str, whose: str) -> PublicKey:
    try:
        return PublicKey.from_hex(text)
    except ValueError as error:
        raise IntegrityError(f"the manifest's key of {whose}: {error}") from None


def _check_files(files: Mapping[str, Any], unsigned: frozenset[str]) -> None:
    signed = {f"{name}.csv" for name in TABLES} | {"contributions.csv"}
    if wrong := sorted((signed & files.keys()) - unsigned):
        raise IntegrityError(f"the manifest has {wrong[0]}, whose rows are signed by those who answer")
    if wrong := sorted(unsigned - files.keys()):
        raise IntegrityError(f"the manifest calls {wrong[0]} unsigned and does not have it")
    if wrong := sorted(unsigned - signed):
        raise IntegrityError(f"the manifest calls {wrong[0]} unsigned, which nobody would sign")
    for name in files:
        if name.startswith("lists/"):
            raise IntegrityError(f"the manifest has {name}; a model's list is signed by the model's key")
    for name in ("round.toml", "judges.csv"):
        if name not in files:
            raise IntegrityError(f"the manifest lacks {name}")


def _opens(key: bytes) -> bool:
    """Whether something can be sealed to an X25519 key."""
    try:
        X25519PrivateKey.from_private_bytes(bytes(31) + b"\x01").exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError:
        return False
    return True


def _sealing(value: Mapping[str, Any] | None) -> Sealing | None:
    if value is None:
        return None
    trustees = {name: bytes.fromhex(key) for name, key in value["trustees"].items()}
    for name, key in trustees.items():
        if not _opens(key):
            raise IntegrityError(f"the manifest's X25519 key of the trustee {name} is of small order")
    if not value["threshold"] <= len(trustees) <= 255:
        raise IntegrityError("the manifest's threshold of trustees lies from 1 to their number, at most 255")
    return Sealing(value["threshold"], trustees)


def parse_manifest(payload: Payload, entry: str) -> Manifest:
    """Read a manifest; who signed it is not checked here.

    Args:
        payload: Of the kind `manifest`.
        entry: Entry hash.

    Raises:
        IntegrityError: Its parts do not fit together.
    """
    unsigned = frozenset(payload["unsigned"])
    _check_files(payload["files"], unsigned)
    if any(line.split()[:1] == ["log"] for line in payload["witnesses"].split("\n")):
        raise IntegrityError("the manifest's policy names a log; the log's keys are those of the operators")
    policy = parse_policy(payload["witnesses"].encode("utf-8", "surrogatepass"))
    sealing, deadlines = _sealing(payload["sealed"]), payload["deadlines"]
    sealed = payload["ballots"] == "sealed"
    if (sealed or payload["secret"]) and sealing is None:
        raise IntegrityError("the manifest seals answers and names no trustees")
    if sealed != (deadlines["reveal"] is not None):
        raise IntegrityError("the manifest has a deadline for reveals exactly where ballots are sealed")
    if sealed and deadlines["reveal"] <= deadlines["judging"]:
        raise IntegrityError("the manifest's deadline for reveals is not behind that for judging")
    if payload["bindings"] > len(payload["issuers"]):
        raise IntegrityError("the manifest asks for more bindings than it has issuers")
    return Manifest(
        hash=entry,
        origin=payload["origin"],
        round=payload.round,
        engine=Engine(**payload["engine"]),
        files={name: FileName(**file) for name, file in payload["files"].items()},
        unsigned=unsigned,
        rules=payload["rules"],
        models={
            name: Model(_key(model["key"], name), model["model"], model["prompt"])
            for name, model in payload["models"].items()
        },
        issuers={name: _key(key, name) for name, key in payload["issuers"].items()},
        bindings=payload["bindings"],
        open=payload["enrolment"] == "open",
        sealing=sealing,
        sealed=sealed,
        secret=frozenset(payload["secret"]),
        judging=deadlines["judging"],
        reveal=deadlines["reveal"],
        grace=deadlines["grace"],
        policy=policy,
    )
