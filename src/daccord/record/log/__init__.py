"""The log: a Merkle tree of entries, signed tree heads, tiles, proofs, cosignatures and receipts (C2SP formats)."""

from daccord.record.log._merkle import (
    EMPTY_ROOT,
    HASH,
    consistency_proof,
    entry_hash,
    inclusion_proof,
    node_hash,
    peaks,
    root_from_inclusion,
    root_of_peaks,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "EMPTY_ROOT",
    "HASH",
    "consistency_proof",
    "entry_hash",
    "inclusion_proof",
    "node_hash",
    "peaks",
    "root_from_inclusion",
    "root_of_peaks",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]
