/** The tree of RFC 6962: hashes, roots of every size that a tree had, and both kinds of proofs. */

import { sha256 } from "./bytes.mjs";

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/** Hash of an entry; in hexadecimal, its entry hash. */
export const leafHash = (leaf) => sha256(LEAF, leaf);

/** Hash of two subtrees. */
export const nodeHash = (left, right) => sha256(NODE, left, right);

/** Root of the empty tree. */
export const EMPTY_ROOT = sha256();

/** A tree that grows and knows its root at every size. */
export class Tree {
  /** Per level the hashes of complete subtrees of 2^level entries. */
  #levels = [[]];

  get size() {
    return this.#levels[0].length;
  }

  /** Hash of the entry at a place. */
  leaf(place) {
    return this.#levels[0][place];
  }

  /** @param {Buffer} hash Of the next entry. */
  add(hash) {
    this.#levels[0].push(hash);
    for (let level = 0; this.#levels[level].length % 2 === 0; level += 1) {
      const [left, right] = this.#levels[level].slice(-2);
      (this.#levels[level + 1] ??= []).push(nodeHash(left, right));
    }
  }

  /** Hash of the complete subtree of 2^level entries, the number-th of its level. */
  subtree(level, number) {
    return this.#levels[level]?.[number];
  }

  /**
   * Root of the first entries.
   *
   * @param {number} size At most the tree's.
   * @returns {Buffer}
   */
  root(size = this.size) {
    let root = null;
    for (let level = 0, rest = size; rest > 0; level += 1, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const hash = this.#levels[level][rest - 1];
      root = root === null ? hash : nodeHash(hash, root);
    }
    return root ?? EMPTY_ROOT;
  }
}

/**
 * The root that a proof of inclusion leads to (RFC 9162, section 2.1.3.2).
 *
 * @param {bigint} place
 * @param {bigint} size
 * @param {Buffer} hash Of the entry.
 * @param {Buffer[]} proof
 * @returns {Buffer | null} Null if the proof cannot be one for this place and size.
 */
export function rootOfInclusion(place, size, hash, proof) {
  if (place < 0n || place >= size || hash.length !== 32) return null;
  let [node, last, root] = [place, size - 1n, hash];
  for (const other of proof) {
    if (last === 0n || other.length !== 32) return null;
    if (node & 1n || node === last) {
      root = nodeHash(other, root);
      while (!(node & 1n) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      root = nodeHash(root, other);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n ? root : null;
}

/**
 * Whether a tree grew from an earlier one, by a proof of consistency (RFC 9162, section 2.1.4.2).
 *
 * @param {bigint} size1
 * @param {bigint} size2 At least size1.
 * @param {Buffer} root1
 * @param {Buffer} root2
 * @param {Buffer[]} proof
 */
export function isConsistent(size1, size2, root1, root2, proof) {
  if (size1 < 0n || size1 > size2 || [root1, root2, ...proof].some((hash) => hash.length !== 32)) return false;
  if (size1 === size2) return proof.length === 0 && root1.equals(root2);
  if (size1 === 0n) return proof.length === 0 && root1.equals(EMPTY_ROOT);
  let [node, last] = [size1 - 1n, size2 - 1n];
  while (node & 1n) [node, last] = [node >> 1n, last >> 1n];
  const path = [...proof];
  if (node === 0n) path.unshift(root1);
  if (path.length === 0) return false;
  let [old, now] = [path[0], path[0]];
  for (const other of path.slice(1)) {
    if (last === 0n) return false;
    if (node & 1n || node === last) {
      [old, now] = [nodeHash(other, old), nodeHash(other, now)];
      while (!(node & 1n) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      now = nodeHash(now, other);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && old.equals(root1) && now.equals(root2);
}
