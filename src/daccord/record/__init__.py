"""The record: signed envelopes in an append-only log that any stranger can check and recompute."""

from daccord.record._canonical import Json, decode, encode
from daccord.record._envelope import LARGEST_LEAF, Envelope, Signature, from_leaf, pae, seal

__all__ = ["LARGEST_LEAF", "Envelope", "Json", "Signature", "decode", "encode", "from_leaf", "pae", "seal"]
