"""Sealed answers: commitments, and openings in escrow with trustees. The bytes are in docs/spec/sealed-rounds.md."""

from daccord.record.sealed._escrow import check_sealed, check_share, open_share, recover, seal_opening
from daccord.record.sealed._hpke import public_key
from daccord.record.sealed._opening import KEYS, Context, commitment, decode_opening, encode_opening
from daccord.record.sealed._sealed import EscrowedShare, Sealed, check_trustees, parse_sealed

__all__ = [
    "KEYS",
    "Context",
    "EscrowedShare",
    "Sealed",
    "check_sealed",
    "check_share",
    "check_trustees",
    "commitment",
    "decode_opening",
    "encode_opening",
    "open_share",
    "parse_sealed",
    "public_key",
    "recover",
    "seal_opening",
]
