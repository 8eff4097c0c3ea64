"""Merkle trees over 32-byte leaves in the layout of OpenZeppelin's library, so that its readers take ours.

A complete binary tree of n leaves is one list of 2n − 1 nodes: node 0 is the root, the children of node i are nodes
2i + 1 and 2i + 2, and the leaves, in ascending order of their bytes, fill the end of the list backwards. A parent is
the Keccak-256 of its two children, the smaller first; so a proof is a list of siblings and needs no sides.

Sorting pairs means that a parent can be read as 64 bytes of data. A *leaf* must therefore never be the hash of 64
bytes: leaves of payouts are hashes of hashes (`daccord.settlement.payout_leaf`), which no parent is.

Source: OpenZeppelin merkle-tree 1.0, formats `standard-v1` and `simple-v1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from daccord.ethereum import keccak256

__all__ = ["MerkleTree", "parent", "proves"]


def parent(one: bytes, other: bytes) -> bytes:
    """Hash of two nodes, whichever is given first."""
    return keccak256(one + other if one < other else other + one)


def proves(root: bytes, leaf: bytes, proof: Iterable[bytes]) -> bool:
    """Whether siblings lead from a leaf to a root, as the contract decides it.

    Args:
        root: 32 bytes.
        leaf: 32 bytes.
        proof: Siblings from the leaf's upwards, 32 bytes each.

    Returns:
        False too if any of them has another length.

    Raises:
        ExternalError: The extra `ethereum` is not installed.
    """
    node = leaf
    for sibling in proof:
        if len(sibling) != 32:
            return False
        node = parent(node, sibling)
    return len(leaf) == 32 and node == root


@dataclass(frozen=True)
class MerkleTree:
    """A tree, whole.

    Attributes:
        nodes: 2n − 1 nodes of 32 bytes, the root first.
        positions: Node of each leaf, in the order in which the leaves were given; shape (n,).
    """

    nodes: tuple[bytes, ...]
    positions: tuple[int, ...]

    @classmethod
    def of(cls, leaves: Sequence[bytes], *, sort: bool = True) -> MerkleTree:
        """Build the tree.

        Args:
            leaves: At least one, 32 bytes each.
            sort: Put the leaves in ascending order first, as payout trees do.

        Raises:
            ValueError: There is no leaf, or one has another length.
            ExternalError: The extra `ethereum` is not installed.
        """
        if not leaves:
            raise ValueError("a tree needs at least one leaf")
        if any(len(leaf) != 32 for leaf in leaves):
            raise ValueError("a leaf has 32 bytes")
        count = len(leaves)
        order = sorted(range(count), key=leaves.__getitem__) if sort else range(count)
        nodes = [b""] * (2 * count - 1)
        positions = [0] * count
        for place, leaf in enumerate(order):
            positions[leaf] = len(nodes) - 1 - place
            nodes[positions[leaf]] = leaves[leaf]
        for i in range(count - 2, -1, -1):
            nodes[i] = parent(nodes[2 * i + 1], nodes[2 * i + 2])
        return cls(tuple(nodes), tuple(positions))

    @cached_property
    def root(self) -> bytes:
        """32 bytes that stand for all leaves."""
        return self.nodes[0]

    def proof(self, leaf: int) -> tuple[bytes, ...]:
        """Siblings from a leaf upwards.

        Args:
            leaf: Which, counted in the order in which the leaves were given.
        """
        node, siblings = self.positions[leaf], []
        while node:
            siblings.append(self.nodes[node + 1 if node % 2 else node - 1])
            node = (node - 1) // 2
        return tuple(siblings)
