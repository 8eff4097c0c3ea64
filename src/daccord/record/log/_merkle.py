"""The Merkle tree of a log (RFC 6962): root, proofs that an entry is in it, proofs that it only grew.

    hash of an entry   SHA-256(0x00 ‖ entry)
    hash of two nodes  SHA-256(0x01 ‖ left ‖ right)
    root of nothing    SHA-256("")

The left subtree is the largest power of two below the size. The prefixes keep an entry from being read as a node.

An *inclusion proof* lists the siblings on the way from a leaf to the root; a *consistency proof* the nodes from which
both the older and the newer root follow. Size 0 is outside the consistency check: every log begins there, and its root
is known.

Source: B. Laurie, A. Langley, E. Kasper, RFC 6962 (2013), section 2; verification after RFC 9162, section 2.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from daccord.errors import IntegrityError

__all__ = [
    "EMPTY_ROOT",
    "HASH",
    "Hash",
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

Hash = bytes
HASH: Final = 32
"""Bytes of a hash."""

EMPTY_ROOT: Final = sha256(b"").digest()

Subtree = Callable[[int, int], Hash]
"""(first entry, number of entries) → root of that complete subtree; both come from the tree's own structure."""


def entry_hash(entry: bytes) -> Hash:
    """Hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """Largest power of two below a size of at least 2."""
    return 1 << (size - 1).bit_length() - 1


def peaks(size: int) -> list[tuple[int, int]]:
    """(first entry, entries) of the complete subtrees that make up a tree, largest first."""
    found, first = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((first, 1 << level))
            first += 1 << level
    return found


def root_of_peaks(hashes: Sequence[Hash]) -> Hash:
    """Root of a tree from the roots of its complete subtrees, largest first."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _range_root(first: int, size: int, subtree: Subtree) -> Hash:
    """Root of any range that the tree's structure splits into complete subtrees."""
    if size & (size - 1) == 0:
        return subtree(first, size)
    left = _split(size)
    return node_hash(_range_root(first, left, subtree), _range_root(first + left, size - left, subtree))


def tree_root(leaves: Sequence[Hash]) -> Hash:
    """Root of a tree from the hashes of its entries; the slow and readable reference."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    left = _split(len(leaves))
    return node_hash(tree_root(leaves[:left]), tree_root(leaves[left:]))


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[Hash]:
    """Siblings of an entry on the way to the root of the tree of a size, from the leaf up.

    Args:
        index: Position of the entry.
        size: Of the tree, above the index.
        subtree: Where hashes of complete subtrees come from.

    Raises:
        ValueError: There is no such entry.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no entry {index} in a tree of {size}")
    first, proof = 0, []
    while size > 1:
        left = _split(size)
        if index - first < left:
            proof.append(_range_root(first + left, size - left, subtree))
            size = left
        else:
            proof.append(_range_root(first, left, subtree))
            first, size = first + left, size - left
    return proof[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[Hash]:
    """Nodes that show that the tree of the newer size begins with the tree of the older.

    Raises:
        ValueError: The older size is 0 or above the newer.
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof leads from size {old} to size {new}")
    first, size, whole, proof = 0, new, True, []
    while old - first != size:
        left = _split(size)
        if old - first <= left:
            proof.append(_range_root(first + left, size - left, subtree))
            size = left
        else:
            proof.append(_range_root(first, left, subtree))
            first, size, whole = first + left, size - left, False
    if not whole:
        proof.append(_range_root(first, size, subtree))
    return proof[::-1]


def _hashes(proof: Sequence[Hash]) -> None:
    for i, one in enumerate(proof):
        if len(one) != HASH:
            raise IntegrityError(f"hash {i} of the proof has {len(one)} bytes, not {HASH}")


def root_from_inclusion(index: int, size: int, leaf: Hash, proof: Sequence[Hash]) -> Hash:
    """The root that an inclusion proof leads to.

    Raises:
        IntegrityError: The proof is too long or too short, or the entry cannot be in a tree of this size.
    """
    if not 0 <= index < size:
        raise IntegrityError(f"there is no entry {index} in a tree of {size}")
    if len(leaf) != HASH:
        raise IntegrityError(f"the entry's hash has {len(leaf)} bytes, not {HASH}")
    _hashes(proof)
    at, last, root, rest = index, size - 1, leaf, list(proof)
    while last:
        if not rest:
            raise IntegrityError("the inclusion proof is too short")
        if at & 1 or at == last:
            root = node_hash(rest.pop(0), root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, rest.pop(0))
        at, last = at >> 1, last >> 1
    if rest:
        raise IntegrityError("the inclusion proof is too long")
    return root


def verify_inclusion(index: int, size: int, leaf: Hash, proof: Sequence[Hash], root: Hash) -> None:
    """Check that an entry is in a tree.

    Raises:
        IntegrityError: It is not shown to be.
    """
    if root_from_inclusion(index, size, leaf, proof) != root:
        raise IntegrityError(f"the proof does not lead from entry {index} to the root of the tree of {size}")


def verify_consistency(old: int, new: int, proof: Sequence[Hash], old_root: Hash, new_root: Hash) -> None:
    """Check that a newer tree begins with an older one.

    Raises:
        IntegrityError: It is not shown to, or a root of the empty tree is not SHA-256("").
    """
    if not 0 <= old <= new:
        raise IntegrityError(f"a log never shrinks, here from {old} to {new}")
    _hashes(proof)
    for size, root in ((old, old_root), (new, new_root)):
        if len(root) != HASH or (size == 0 and root != EMPTY_ROOT):
            raise IntegrityError(f"the root of the tree of {size} cannot be {root.hex()}")
    if old in (0, new):
        if proof:
            raise IntegrityError("between these sizes the consistency proof is empty")
        if old == new and old_root != new_root:
            raise IntegrityError(f"two roots for the tree of {old}: the log shows two histories")
        return
    rest = list(proof)
    if old & (old - 1) == 0:
        rest.insert(0, old_root)
    if not rest:
        raise IntegrityError("the consistency proof is too short")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = rest.pop(0)
    while last:
        if not rest:
            raise IntegrityError("the consistency proof is too short")
        if at & 1 or at == last:
            sibling = rest.pop(0)
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, rest.pop(0))
        at, last = at >> 1, last >> 1
    if rest:
        raise IntegrityError("the consistency proof is too long")
    if older != old_root:
        raise IntegrityError(f"the proof does not lead to the root of the tree of {old}: its history was changed")
    if newer != new_root:
        raise IntegrityError(f"the proof does not lead to the root of the tree of {new}")
