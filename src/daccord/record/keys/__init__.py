"""Ed25519 keys and the one rule by which a signature is valid."""

from daccord.record.keys._ed25519 import LocalSigner, PublicKey, Signer, verify

__all__ = ["LocalSigner", "PublicKey", "Signer", "verify"]
