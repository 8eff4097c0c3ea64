"""Whose signatures an entry must have, at its place in the log."""

from __future__ import annotations

from collections.abc import Mapping

from daccord.errors import IntegrityError
from daccord.record._envelope import Envelope
from daccord.record.keys import PublicKey
from daccord.record.log import ED25519, NoteKey, Policy
from daccord.record.root import Root, follow, parse_root

__all__ = ["KeyRing", "check_signers"]


def check_signers(
    envelope: Envelope, keys: Mapping[str, PublicKey], least: int, most: int, whose: str
) -> frozenset[str]:
    """Ids of those who signed an envelope.

    Args:
        envelope: What is signed.
        keys: Id → key; nobody else may sign.
        least: Of them it takes.
        most: Of them it has at most.
        whose: The keys, for people.

    Raises:
        IntegrityError: A signature is by somebody else or not valid, or there are too few or too many.
    """
    if strange := next((one.key for one in envelope.signatures if one.key not in keys), None):
        raise IntegrityError(f"it is signed by the key {strange}, which is not one of {whose}")
    found = envelope.signed_by(keys)
    if not least <= len(found) <= most:
        asked = str(least) if least == most else f"at least {least}" if most >= len(keys) else f"{least} to {most}"
        raise IntegrityError(f"it has {len(found)} signatures of {whose}, and needs {asked}")
    return found


class KeyRing:
    """Keys of roles as the root metadata in the log has them, version by version; and keys that were revoked."""

    def __init__(self) -> None:
        self.root: Root | None = None
        self.first: str = ""
        self.revoked: dict[str, int] = {}
        self._operators: dict[str, PublicKey] = {}

    def add(self, envelope: Envelope, leaf_hash: str) -> None:
        """Take the next version of the root metadata.

        Args:
            envelope: Of the kind `root`.
            leaf_hash: SHA-256 of its leaf, for pinning.

        Raises:
            IntegrityError: It does not follow from the versions before.
        """
        if self.root is None:
            new = parse_root(envelope)
            if new.version != 1:
                raise IntegrityError(f"the first root metadata is version {new.version}, not 1")
            if not new.signed(envelope, "root"):
                raise IntegrityError("root metadata: version 1 is not signed by its own threshold of root keys")
            self.first = leaf_hash
        else:
            new = follow(self.root, envelope)
        try:
            NoteKey(new.origin, next(iter(new.keys.values())))
        except ValueError as error:
            raise IntegrityError(f"root metadata: the origin: {error}") from None
        check_signers(envelope, self._root_keys(new), 1, len(envelope.signatures), "the root keys")
        self.root = new
        self._operators |= self.of("operator")

    def _root_keys(self, new: Root) -> dict[str, PublicKey]:
        versions = [new] if self.root is None else [self.root, new]
        return {key: one.keys[key] for one in versions for key in one.roles["root"].keys}

    def of(self, role: str) -> dict[str, PublicKey]:
        """Id → key of a role now."""
        if self.root is None or role not in self.root.roles:
            return {}
        return {key: self.root.keys[key] for key in self.root.roles[role].keys}

    def threshold(self, role: str) -> int:
        """Keys that a role takes; more than there are if there is no such role."""
        return self.root.roles[role].threshold if self.root is not None and role in self.root.roles else 1

    def check(
        self, envelope: Envelope, role: str, *, least: int | None = None, most: int | None = None
    ) -> frozenset[str]:
        """Ids of those of a role who signed: as many as its threshold, if not told otherwise; see `check_signers`."""
        keys = self.of(role)
        low = self.threshold(role) if least is None else least
        return check_signers(envelope, keys, low, max(len(keys), low) if most is None else most, f"the role {role}")

    @property
    def operators(self) -> Mapping[str, PublicKey]:
        """Id → key of everybody who ever was an operator: what they promised then binds them."""
        return self._operators

    def log_policy(self, policy: Policy) -> Policy:
        """A policy with the log's keys of now, which are those of the operators."""
        origin = "" if self.root is None else self.root.origin
        logs = tuple(NoteKey(origin, key, ED25519) for _, key in sorted(self.of("operator").items()))
        return Policy(logs, policy.witnesses, policy.groups, policy.quorum)
