"""Everybody in a rehearsal: keys that are made from one seed, so that anybody can make the same record again.

These keys are no secret. A record signed by them shows how a record works and proves nothing about who said what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from daccord.record.keys import LocalSigner, PublicKey
from daccord.record.log import COSIGNATURE, NoteKey
from daccord.record.root import Role, Root
from daccord.record.sealed import public_key

__all__ = ["Cast"]


@dataclass(frozen=True)
class Cast:
    """Who plays in a rehearsal.

    Attributes:
        seed: What all keys are made from.
        origin: Of the log.
        stewards: How many there are, and how many it takes.
        trustees: The same of trustees.
        issuers: Their ids.
        witnesses: Their names.
        quorum: How many witnesses make one.
    """

    seed: str = "rehearsal"
    origin: str = "rehearsal.example/log"
    stewards: tuple[int, int] = (3, 2)
    trustees: tuple[int, int] = (3, 2)
    issuers: Sequence[str] = ("issuer-a", "issuer-b")
    witnesses: Sequence[str] = tuple(f"witness.example/{i}" for i in range(3))
    quorum: int = 2
    _keys: dict[str, LocalSigner] = field(default_factory=dict, compare=False, repr=False)

    def secret(self, name: str) -> bytes:
        """32 bytes for whoever has a name."""
        return sha256(f"daccord rehearsal\n{self.seed}\n{name}".encode()).digest()

    def key(self, name: str) -> LocalSigner:
        """The key of whoever has a name, such as `operator`, `steward 1`, `juror j01` or `model orchid`."""
        if name not in self._keys:
            self._keys[name] = LocalSigner(self.secret(name))
        return self._keys[name]

    @cached_property
    def operator(self) -> LocalSigner:
        """Runs log and engine."""
        return self.key("operator")

    def role(self, name: str, count: int) -> list[LocalSigner]:
        """Keys of a role."""
        return [self.key(f"{name} {i + 1}") for i in range(count)]

    @cached_property
    def root(self) -> Root:
        """Version 1 of the root metadata."""
        of = {
            "root": (self.role("root", 3), 2),
            "steward": (self.role("steward", self.stewards[0]), self.stewards[1]),
            "operator": ([self.operator], 1),
            "trustee": (self.role("trustee", self.trustees[0]), self.trustees[1]),
        }
        keys = {signer.public.id: signer.public for signers, _ in of.values() for signer in signers}
        roles = {
            name: Role(frozenset(signer.public.id for signer in signers), least)
            for name, (signers, least) in of.items()
        }
        return Root(1, self.origin, keys, roles)

    @cached_property
    def trustee_keys(self) -> Mapping[str, bytes]:
        """Key id of a trustee → X25519 key."""
        return {
            self.key(f"trustee {i + 1}").public.id: public_key(self.trustee_secret(i + 1))
            for i in range(self.trustees[0])
        }

    def trustee_secret(self, number: int) -> bytes:
        """X25519 secret of a trustee, counted from 1."""
        return self.secret(f"trustee {number} opens")

    def issuer_keys(self) -> Mapping[str, PublicKey]:
        """Issuer → key."""
        return {name: self.key(f"issuer {name}").public for name in self.issuers}

    @cached_property
    def policy(self) -> str:
        """Text of the policy: witnesses and their quorum."""
        lines = [
            f"witness w{i} {NoteKey(name, self.key(f'witness {name}').public, COSIGNATURE).text}"
            for i, name in enumerate(self.witnesses)
        ]
        members = " ".join(f"w{i}" for i in range(len(self.witnesses)))
        if not self.quorum:
            return "\n".join([*lines, "quorum none", ""])
        return "\n".join([*lines, f"group enough {self.quorum} {members}", "quorum enough", ""])
